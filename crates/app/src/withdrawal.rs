//! The paper of the road by which a claim is taken back（features idea 8）: filled in as far as this computer knows, for the
//! office that has no form of the federation or the insurer at hand.

use std::path::{Path, PathBuf};

use calendar::wareki_month;
use chrono::NaiveDateTime;
use kokuho::Yen;
use kokuho::codes::{exchange_title, kago_reasons, kago_style};
use ledger::{Case, Road};
use paper::{Document, Orientation, Table};

use crate::papers::{of_paper, save};
use crate::problem::{Code, Problem};
use crate::tracker::readable;
use crate::views::SavedView;
use crate::worklist::{find, withdrawal_view};
use crate::{App, blocking};

impl App {
    /// Writes the paper of the only road by which the claim with this id can be taken back, to `path` or into the folder for
    /// papers.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownReturn`]; [`Code::NoWithdrawalForm`] where the road needs no paper; failures of the paper.
    pub async fn withdrawal_paper(&self, id: &str, path: Option<PathBuf>) -> Result<SavedView, Problem> {
        let books = self.books().await?;
        let names = self.names().await?;
        let (at, practice, folder) = (self.now(), self.is_practice(), self.documents().to_owned());
        let id = id.to_owned();
        blocking(move || {
            let case = find(&books, &id).ok_or(Code::UnknownReturn)?;
            let (road, _) = ledger::withdrawal(case, at.date());
            let Some(form) = form_name(road) else {
                return Err(Problem::with(Code::NoWithdrawalForm, withdrawal_view(road, None).text));
            };
            let path = path.unwrap_or_else(|| {
                let key = &case.key;
                folder.join(format!("{form}_{}_{}_{}.pdf", key.office, key.insured, key.service_month))
            });
            let document = document(case, road, form, &names.or_number(&case.key.office), at, practice);
            write(&path, &document)
        })
        .await
    }

    /// The same for the claim with this key.
    ///
    /// # Errors
    ///
    /// As [`App::withdrawal_paper`].
    pub async fn withdrawal_paper_of(&self, key: &str, path: Option<PathBuf>) -> Result<SavedView, Problem> {
        let books = self.books().await?;
        let case = key.trim().parse().ok().and_then(|key| books.case(&key)).ok_or(Code::UnknownReturn)?;
        self.withdrawal_paper(&crate::worklist::id_of(case), path).await
    }
}

fn write(path: &Path, document: &Document) -> Result<SavedView, Problem> {
    save(path, &paper::document(document).map_err(of_paper)?)
}

/// Returns the name of the paper that a road needs. Cancelling is done in the program, and where nothing can be done no
/// paper helps.
pub(crate) const fn form_name(road: Road) -> Option<&'static str> {
    match road {
        Road::AskBack => Some("返戻依頼書（希望返戻）"),
        Road::WithdrawHeld => Some("保留分取下げ書"),
        Road::Kago => Some("介護給付費過誤申立書"),
        Road::Cancel | Road::Wait | Road::Nothing => None,
    }
}

fn document(case: &Case, road: Road, form: &str, office: &str, issued_at: NaiveDateTime, practice: bool) -> Document {
    let key = &case.key;
    let to = if road == Road::Kago {
        format!("保険者（番号 {}）　介護保険の担当　御中", key.insurer)
    } else {
        "　　　　　　　　国民健康保険団体連合会　御中".to_owned()
    };
    let wish = match road {
        Road::Kago => "次の請求は、支払いが決まったあとで誤りが分かったため、取り下げをお願いします。",
        Road::WithdrawHeld => "次の請求は保留になっていますが、内容に誤りがあるため、取り下げをお願いします。",
        _ => "次の請求は、内容に誤りがあるため、審査の前にお返しくださるようお願いします。",
    };
    let blank = "　".repeat(24);
    let fact = |name: &str, value: String| vec![name.to_owned(), value];
    let months: Vec<String> = case.attempts.iter().map(|month| wareki_month(*month)).collect();
    let form_title = exchange_title(&key.exchange_id).unwrap_or_default();
    let claim = vec![
        fact("被保険者番号", key.insured.to_string()),
        fact("被保険者氏名（カナ）", case.insured_kana.as_deref().map_or_else(|| blank.clone(), readable)),
        fact("証記載保険者番号", key.insurer.to_string()),
        fact("サービス提供年月", wareki_month(key.service_month)),
        fact("請求した月（審査年月）", months.last().cloned().unwrap_or_else(|| blank.clone())),
        fact("様式", format!("{} {form_title}", key.exchange_id)),
        fact("請求額（保険と公費の合計）", format!("{}{}円", if case.estimated { "約" } else { "" }, Yen(case.yen.0))),
    ];
    let two = |title: &str, rows: Vec<Vec<String>>| Table {
        title: title.to_owned(),
        columns: vec!["項目".to_owned(), "内容".to_owned()],
        numeric: vec![false, false],
        rows,
        ..Table::default()
    };
    let mut tables = vec![two("取り下げる請求", claim), reasons(case, road)];
    tables.push(two(
        "そのあとの請求",
        vec![
            fact("請求し直す", "□ する（　　　年　　月審査）　　□ しない".to_owned()),
            fact("担当者と電話", "氏名　　　　　　　　　　　　電話　　　　　　　　　　　".to_owned()),
        ],
    ));
    let mut legend = vec![(
        "出すまえに".to_owned(),
        "国保連や保険者に決まった用紙があるときは、その用紙に書き写してください。しめ切りは国保連・保険者によって違います。".to_owned(),
    )];
    if road == Road::Kago {
        legend.push((
            "同月過誤".to_owned(),
            "同じ月に請求し直すときは、受けるかどうかとしめ切りを先に保険者へ確かめてください。給付管理票を修正する月には申し立てないでください。".to_owned(),
        ));
    } else {
        legend.push(("気をつけること".to_owned(), "取り下げが済むまで、同じ請求を送らないでください。".to_owned()));
    }
    Document {
        title: form.to_owned(),
        orientation: Orientation::Portrait,
        head: vec![
            ("提出日".to_owned(), "令和　　年　　月　　日".to_owned()),
            ("あて先".to_owned(), to),
            ("事業所".to_owned(), format!("{office}（事業所番号 {}）", key.office)),
            (String::new(), wish.to_owned()),
        ],
        tables,
        legend,
        footer: format!("{form}　個人の情報が載っています。取り扱いに気をつけてください。"),
        issued_at,
        practice,
        ..Document::default()
    }
}

/// What the office ticks: for 過誤 the code of four digits, two for the form of the claim and two for the reason.
fn reasons(case: &Case, road: Road) -> Table {
    let (title, columns, rows) = if road == Road::Kago {
        let style = kago_style(&case.key.exchange_id).unwrap_or("　　");
        let rows = kago_reasons()
            .iter()
            // Insurers and federations alone write the others.
            .filter(|(code, _)| matches!(*code, "02" | "11" | "21" | "90"))
            .map(|(code, name)| vec!["□".to_owned(), format!("{style}{code}"), (*name).to_owned()])
            .collect();
        ("申立ての理由", vec!["印", "申立事由コード", "理由"], rows)
    } else {
        let told = [
            "金額・単位数の誤り",
            "利用者・保険者の誤り",
            "サービス内容の誤り",
            "請求すべきでなかった",
            "そのほか（　　　　　　　　　　　）",
        ];
        let rows = told.iter().map(|reason| vec!["□".to_owned(), (*reason).to_owned()]).collect();
        ("取り下げの理由", vec!["印", "理由"], rows)
    };
    Table {
        title: title.to_owned(),
        numeric: vec![false; columns.len()],
        columns: columns.into_iter().map(str::to_owned).collect(),
        rows,
        ..Table::default()
    }
}
