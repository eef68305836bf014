//! Papers of the worklist: the list itself, the checklist of the next claim, and one call sheet per counterparty.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calendar::wareki_month;
use chrono::{NaiveDate, NaiveDateTime};
use kokuho::codes::{Route, exchange_title, return_code};
use kokuho::{Notice, OfficeNumber, Yen};
use ledger::{Case, CaseKey, CaseKind, CaseState};
use paper::{Column, Document, Orientation, Sheet, Table, Value};

use crate::books::{Settled, files_by_office, interchange};
use crate::papers::{of_paper, save};
use crate::problem::Problem;
use crate::tracker::{kind_word, readable, route, state_word};
use crate::views::SavedView;
use crate::work::{PaperForm, WorkPageView, WorkQuery, WorkRowView};
use crate::worklist::route_word;
use crate::{App, blocking};

impl App {
    /// Writes what a query finds to `path`, whose name says the form: `.pdf`, `.xlsx` or `.csv`.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownExport`] for a name that ends otherwise, [`Code::MissingGlyph`], [`Code::PaperFailed`].
    pub async fn save_worklist(&self, query: WorkQuery, path: &Path) -> Result<SavedView, Problem> {
        let page = self.all_work(query.clone()).await?;
        let facts = vec![("絞りこみ".to_owned(), describe(&query))];
        self.write(path, move |at, practice, form| match form {
            PaperForm::Pdf => list_paper(&page, facts, at, practice),
            PaperForm::Csv | PaperForm::Xlsx => table_file(list_sheet(&page.rows, &query), form),
        })
        .await
    }

    /// Writes what a query finds into the folder for papers.
    pub async fn save_worklist_in_documents(&self, query: WorkQuery, form: PaperForm) -> Result<SavedView, Problem> {
        let path = self.document_path("返戻・未収一覧", form);
        self.save_worklist(query, &path).await
    }

    /// Writes the checklist of what is put right and claimed again in the next window.
    pub async fn save_checklist(&self, office: Option<String>, path: &Path) -> Result<SavedView, Problem> {
        let page = self.all_work(WorkQuery { tab: "fix".to_owned(), office, ..WorkQuery::default() }).await?;
        self.write(path, move |at, practice, form| match form {
            PaperForm::Pdf => check_paper(&page, at, practice),
            PaperForm::Csv | PaperForm::Xlsx => table_file(check_sheet(&page.rows), form),
        })
        .await
    }

    /// Writes the checklist into the folder for papers.
    pub async fn save_checklist_in_documents(
        &self,
        office: Option<String>,
        form: PaperForm,
    ) -> Result<SavedView, Problem> {
        let path = self.document_path("今月の請求で直すもの", form);
        self.save_checklist(office, &path).await
    }

    /// Writes one PDF per counterparty that must be asked: the insurer, or the office that made the care plan. No person
    /// stands on a sheet of another one; who made a plan is unknown for some, and each of them gets a sheet alone.
    pub async fn save_call_sheets(&self, office: Option<String>, folder: &Path) -> Result<Vec<SavedView>, Problem> {
        let books = self.books().await?;
        let names = self.office_names().await?;
        let inner = Arc::clone(&self.0);
        let (at, practice, folder) = (self.now(), self.is_practice(), folder.to_owned());
        blocking(move || {
            let asked = questions(&inner.store, &books, office.as_deref())?;
            sheets(asked)
                .into_iter()
                .map(|sheet| {
                    let name = names.get(sheet.office.as_str()).map_or(sheet.office.as_str(), String::as_str);
                    let file = format!("問合せ票_{}_{}.pdf", sheet.office, sheet.counterparty.file_part());
                    let bytes = paper::document(&sheet_paper(&sheet, name, at, practice)).map_err(of_paper)?;
                    save(&folder.join(file), &bytes)
                })
                .collect()
        })
        .await
    }

    /// Writes the call sheets into a folder of the day in the folder for papers.
    pub async fn save_call_sheets_in_documents(&self, office: Option<String>) -> Result<Vec<SavedView>, Problem> {
        let folder = self.documents().join(format!("問合せ票_{}", self.now().date()));
        self.save_call_sheets(office, &folder).await
    }

    fn document_path(&self, name: &str, form: PaperForm) -> PathBuf {
        self.documents().join(format!("{name}_{}.{}", self.now().date(), form.ending()))
    }

    async fn write(
        &self,
        path: &Path,
        make: impl FnOnce(NaiveDateTime, bool, PaperForm) -> Result<Vec<u8>, Problem> + Send + 'static,
    ) -> Result<SavedView, Problem> {
        let (at, practice, path) = (self.now(), self.is_practice(), path.to_owned());
        blocking(move || save(&path, &make(at, practice, PaperForm::of(&path)?)?)).await
    }
}

/// Writes a list for a spreadsheet: as a workbook, or as CSV.
fn table_file(sheet: Sheet, form: PaperForm) -> Result<Vec<u8>, Problem> {
    match form {
        PaperForm::Xlsx => paper::workbook(&[sheet]).map_err(of_paper),
        PaperForm::Csv | PaperForm::Pdf => Ok(sheet.csv()),
    }
}

fn month_text(month: &str) -> String {
    month.parse().map_or_else(|_| month.to_owned(), wareki_month)
}

fn day_text(day: Option<&String>) -> String {
    let date = day.and_then(|day| day.parse::<NaiveDate>().ok());
    date.map(calendar::wareki_date).unwrap_or_default()
}

fn yen_text(row: &WorkRowView) -> String {
    format!("{}{}円", if row.estimated { "約" } else { "" }, Yen(row.yen))
}

fn reason_text(row: &WorkRowView) -> String {
    if row.codes.is_empty() { row.reason.clone() } else { format!("{}（{}）", row.reason, row.codes.join("・")) }
}

fn month_value(month: &str) -> Value {
    month.parse().map_or_else(|_| month.into(), Value::Month)
}

fn day_value(day: Option<&String>) -> Value {
    day.and_then(|day| day.parse().ok()).map_or(Value::Empty, Value::Date)
}

fn list_sheet(rows: &[WorkRowView], query: &WorkQuery) -> Sheet {
    let names = [
        "期日",
        "事業所番号",
        "事業所名",
        "保険者番号",
        "被保険者番号",
        "氏名カナ",
        "提供年月",
        "区分",
        "状態",
        "コード",
        "理由",
    ];
    let mut columns: Vec<Column> = names.into_iter().map(Column::text).collect();
    columns.push(Column::figure("金額"));
    columns.extend(["見積り", "次にすること", "担当", "時効"].map(Column::text));
    Sheet {
        title: "返戻・未収一覧".to_owned(),
        notes: vec![format!("絞りこみ：{}　単位は円", describe(query))],
        columns,
        rows: rows
            .iter()
            .map(|row| {
                vec![
                    day_value(row.due.as_ref()),
                    row.office.as_str().into(),
                    row.office_name.as_str().into(),
                    row.insurer.as_str().into(),
                    row.insured.as_str().into(),
                    row.insured_kana.as_deref().unwrap_or_default().into(),
                    month_value(&row.service_month),
                    row.kind_word.as_str().into(),
                    row.state_word.as_str().into(),
                    row.codes.join("・").into(),
                    row.reason.as_str().into(),
                    Value::Number(row.yen),
                    if row.estimated { "見積り".into() } else { Value::Empty },
                    row.next.as_str().into(),
                    row.owner.as_deref().unwrap_or_default().into(),
                    day_value(row.limitation_date.as_ref()),
                ]
            })
            .collect(),
        frozen: 1,
        ..Sheet::default()
    }
}

fn sums(page: &WorkPageView) -> Vec<(String, String)> {
    let mut facts = vec![
        ("件数".to_owned(), format!("{}件", Yen(page.total.into()))),
        ("金額の合計".to_owned(), format!("{}円", Yen(page.yen))),
    ];
    if page.estimated_yen != 0 {
        facts.push(("うち見積り".to_owned(), format!("{}円（請求ファイルがないもの）", Yen(page.estimated_yen))));
    }
    facts
}

fn list_paper(
    page: &WorkPageView,
    facts: Vec<(String, String)>,
    issued_at: NaiveDateTime,
    practice: bool,
) -> Result<Vec<u8>, Problem> {
    let columns = ["期日", "事業所", "利用者", "提供年月", "区分", "理由", "金額", "次にすること", "担当", "済"];
    let rows = page
        .rows
        .iter()
        .map(|row| {
            vec![
                day_text(row.due.as_ref()),
                if row.office_name.is_empty() { row.office.clone() } else { row.office_name.clone() },
                person(row),
                month_text(&row.service_month),
                if row.state == "open" {
                    row.kind_word.clone()
                } else {
                    format!("{}\n{}", row.kind_word, row.state_word)
                },
                reason_text(row),
                yen_text(row),
                row.next.clone(),
                row.owner.clone().unwrap_or_default(),
                "□".to_owned(),
            ]
        })
        .collect();
    let table = Table {
        title: "一覧".to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        numeric: columns.iter().map(|name| *name == "金額").collect(),
        rows,
        ..Table::default()
    };
    let head = sums(page).into_iter().chain(facts).collect();
    let document = Document {
        title: "返戻・未収 一覧表".to_owned(),
        orientation: Orientation::Landscape,
        head,
        tables: vec![table],
        footer: "返戻・未収 一覧表　個人の情報が載っています。取り扱いに気をつけてください。".to_owned(),
        issued_at,
        practice,
        ..Document::default()
    };
    paper::document(&document).map_err(of_paper)
}

fn person(row: &WorkRowView) -> String {
    format!("{}\n{}", row.insured_kana.as_deref().unwrap_or("（氏名の記載なし）"), row.insured)
}

fn check_sheet(rows: &[WorkRowView]) -> Sheet {
    let names = ["事業所番号", "事業所名", "被保険者番号", "氏名カナ", "提供年月", "区分", "コード", "直すところ"];
    let mut columns: Vec<Column> = names.into_iter().map(Column::text).collect();
    columns.push(Column::figure("金額"));
    columns.extend(["期日", "担当"].map(Column::text));
    Sheet {
        title: "今月の請求で直すもの".to_owned(),
        columns,
        rows: rows
            .iter()
            .map(|row| {
                vec![
                    row.office.as_str().into(),
                    row.office_name.as_str().into(),
                    row.insured.as_str().into(),
                    row.insured_kana.as_deref().unwrap_or_default().into(),
                    month_value(&row.service_month),
                    row.kind_word.as_str().into(),
                    row.codes.join("・").into(),
                    row.reason.as_str().into(),
                    Value::Number(row.yen),
                    day_value(row.due.as_ref()),
                    row.owner.as_deref().unwrap_or_default().into(),
                ]
            })
            .collect(),
        frozen: 3,
        ..Sheet::default()
    }
}

/// One table per office, because each office makes its own claim file.
fn check_paper(page: &WorkPageView, issued_at: NaiveDateTime, practice: bool) -> Result<Vec<u8>, Problem> {
    let columns = ["済", "利用者", "提供年月", "様式", "直すところ", "金額", "次にすること", "担当", "書きこみ"];
    let mut offices: BTreeMap<&str, Vec<&WorkRowView>> = BTreeMap::new();
    for row in &page.rows {
        offices.entry(&row.office).or_default().push(row);
    }
    let tables = offices
        .into_iter()
        .map(|(office, rows)| {
            let name = rows.first().map(|row| row.office_name.as_str()).unwrap_or_default();
            let sum: i64 = rows.iter().map(|row| row.yen).sum();
            Table {
                title: format!("{office} {name}　{}件 {}円", rows.len(), Yen(sum)),
                columns: columns.iter().map(|name| (*name).to_owned()).collect(),
                numeric: columns.iter().map(|name| *name == "金額").collect(),
                rows: rows
                    .into_iter()
                    .map(|row| {
                        vec![
                            "□".to_owned(),
                            person(row),
                            month_text(&row.service_month),
                            form_name(&row.key),
                            reason_text(row),
                            yen_text(row),
                            row.next.clone(),
                            row.owner.clone().unwrap_or_default(),
                            String::new(),
                        ]
                    })
                    .collect(),
                ..Table::default()
            }
        })
        .collect();
    let document = Document {
        title: "今月の請求で直すもの 確認表".to_owned(),
        orientation: Orientation::Landscape,
        head: sums(page),
        tables,
        footer: "確認表　直したら「済」に印をつけ、作り直した請求ファイルをとどけで確認してから送ります。".to_owned(),
        issued_at,
        practice,
        ..Document::default()
    };
    paper::document(&document).map_err(of_paper)
}

/// Names the form of a claim: `7131` where it has no name here.
fn form_name(key: &str) -> String {
    let form = key.rsplit('/').next().unwrap_or_default();
    exchange_title(form)
        .map_or_else(|| form.to_owned(), |title| format!("{form}\n{}", title.split('（').next().unwrap_or_default()))
}

fn describe(query: &WorkQuery) -> String {
    let tab = match query.tab.as_str() {
        "fix" => "今月の請求で直す",
        "wait" => "待つもの",
        "limitation" => "時効が近い",
        "forgotten" => "請求もれ",
        "unfinished" => "未解決",
        "all" => "すべて",
        _ => "自分と未割当",
    };
    let mut parts = vec![tab.to_owned()];
    parts.extend(query.office.as_ref().map(|office| format!("事業所{office}")));
    parts.extend(words(&query.states, |name| CaseState::find(name).map(state_word)));
    parts.extend(words(&query.kinds, |name| CaseKind::find(name).map(kind_word)));
    parts.extend(words(&query.routes, |name| Route::find(name).map(route_word)));
    parts.extend((!query.codes.is_empty()).then(|| query.codes.join("・")));
    parts.extend(
        query.owner.as_ref().map(|owner| if owner.is_empty() { "担当なし".to_owned() } else { format!("担当{owner}") }),
    );
    parts.extend(query.min_yen.map(|yen| format!("{}円から", Yen(yen))));
    parts.extend(query.max_yen.map(|yen| format!("{}円まで", Yen(yen))));
    parts.extend(query.min_age.map(|months| format!("{months}か月以上前")));
    parts.extend(query.text.as_ref().filter(|text| !text.trim().is_empty()).map(|text| format!("「{}」", text.trim())));
    parts.join("、")
}

/// Names what a filter lets through: `返戻・保留`; `None` when it lets everything through. A name of no meaning stands as it is,
/// because it lets nothing through.
fn words(names: &[String], word: impl Fn(&str) -> Option<&'static str>) -> Option<String> {
    let words: Vec<&str> = names.iter().map(|name| word(name).unwrap_or(name)).collect();
    (!words.is_empty()).then(|| words.join("・"))
}

/// Who must be asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Counterparty {
    /// The insurer（市町村）, by number and name.
    Insurer(String, String),
    /// The office that made the care plan, by number.
    CareManager(String),
    /// The office that made the care plan of one person, whom no claim on hand names. Two persons may have two care managers,
    /// so that one of them must not be told of the other.
    UnknownCareManager {
        /// 保険者番号: 被保険者番号 are unique within an insurer only.
        insurer: String,
        /// 被保険者番号.
        insured: String,
    },
}

impl Counterparty {
    /// Finds who made the care plan of a person; `planner` is empty when nothing on hand says it.
    fn care_manager(planner: &str, key: &CaseKey) -> Self {
        if planner.is_empty() {
            Self::UnknownCareManager { insurer: key.insurer.to_string(), insured: key.insured.to_string() }
        } else {
            Self::CareManager(planner.to_owned())
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Insurer(number, name) if name.is_empty() => format!("保険者 {number}"),
            Self::Insurer(number, name) => format!("{name}（保険者 {number}）介護保険の担当"),
            Self::CareManager(number) => format!("居宅介護支援事業所など（事業所番号 {number}）"),
            Self::UnknownCareManager { .. } => {
                "＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿　様（担当のケアマネジャーがファイルでは分かりません。ここに書いてください）"
                    .to_owned()
            }
        }
    }

    fn file_part(&self) -> String {
        match self {
            Self::Insurer(number, _) => format!("保険者{number}"),
            Self::CareManager(number) => format!("ケアマネ{number}"),
            Self::UnknownCareManager { insurer, insured } => format!("ケアマネ不明_{insurer}_{insured}"),
        }
    }

    fn footer(&self) -> String {
        match self {
            Self::UnknownCareManager { .. } => {
                "この用紙には、おひとりだけを載せています。あて先を書き、まちがいがないか確かめてから送ります。"
                    .to_owned()
            }
            _ => format!("{}あて　この用紙には、あて先に関係する方だけを載せています。", self.file_part()),
        }
    }
}

/// What to ask about one person and month.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    office: OfficeNumber,
    counterparty: Counterparty,
    insured: String,
    kana: String,
    service_month: String,
    why: String,
    ask: String,
}

/// Everything that one office asks one counterparty.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CallSheet {
    office: OfficeNumber,
    counterparty: Counterparty,
    questions: Vec<Question>,
}

fn sheets(questions: Vec<Question>) -> Vec<CallSheet> {
    let mut groups: BTreeMap<(OfficeNumber, Counterparty), Vec<Question>> = BTreeMap::new();
    for question in questions {
        groups.entry((question.office.clone(), question.counterparty.clone())).or_default().push(question);
    }
    groups
        .into_iter()
        .map(|((office, counterparty), questions)| CallSheet { office, counterparty, questions })
        .collect()
}

/// Finds the unpaid cases about which somebody elsewhere must be asked.
fn questions(store: &store::Store, books: &Settled, office: Option<&str>) -> Result<Vec<Question>, Problem> {
    let mut asked: BTreeMap<&OfficeNumber, Vec<(&Case, Route)>> = BTreeMap::new();
    for case in &books.ledger.cases {
        if office.is_some_and(|office| case.key.office.as_str() != office) {
            continue;
        }
        let route = route(case, books.human(case));
        let concerns = match case.state {
            // 保留 ends by what the care manager hands in.
            CaseState::Held => Some(Route::AskCareManager),
            CaseState::Open => Some(route).filter(|route| matches!(route, Route::AskCareManager | Route::AskInsurer)),
            _ => None,
        };
        if let Some(route) = concerns {
            asked.entry(&case.key.office).or_default().push((case, route));
        }
    }
    let files = files_by_office(store)?;
    let mut questions = Vec::new();
    for (office, cases) in asked {
        let Some(files) = files.get(office) else { continue };
        let wanted: BTreeSet<&CaseKey> = cases.iter().map(|(case, _)| &case.key).collect();
        let mut planners: HashMap<CaseKey, (calendar::Month, String)> = HashMap::new();
        for id in &files.claims {
            let Some(file) = interchange(store, id)? else { continue };
            for claim in kokuho::claims(&file) {
                let key = CaseKey::of_claim(&claim);
                if !wanted.contains(&key) {
                    continue;
                }
                let row = file.rows.iter().find(|row| row.line == claim.line);
                let planner = row.filter(|row| row.item(2) == "01").map(|row| row.item(PLANNER).trim().to_owned());
                let newest = planners.entry(key).or_insert((claim.processing_month, String::new()));
                if newest.0 <= claim.processing_month {
                    *newest = (claim.processing_month, planner.unwrap_or_default());
                }
            }
        }
        let mut insurers: HashMap<String, String> = HashMap::new();
        for id in &files.notices {
            let Some(file) = interchange(store, id)? else { continue };
            for notice in kokuho::notices(&file) {
                let Notice::Returns(list) = notice else { continue };
                for line in list.lines.into_iter().filter(|line| !line.insurer_name.is_empty()) {
                    insurers.insert(line.insurer.to_string(), line.insurer_name);
                }
            }
        }
        questions.extend(cases.into_iter().map(|(case, route)| {
            let number = case.key.insurer.to_string();
            let counterparty = if route == Route::AskInsurer {
                let name = insurers.get(&number).cloned().unwrap_or_default();
                Counterparty::Insurer(number, name)
            } else {
                let planner = planners.remove(&case.key).map(|(_, planner)| planner).unwrap_or_default();
                Counterparty::care_manager(&planner, &case.key)
            };
            question(case, counterparty)
        }));
    }
    Ok(questions)
}

/// 居宅サービス計画を作った事業所の番号 on record 01 of a statement.
const PLANNER: usize = 20;

fn question(case: &Case, counterparty: Counterparty) -> Question {
    let code = case.codes.first().map(|code| return_code(code));
    let ask = match (&counterparty, case.state) {
        (_, CaseState::Held) => "給付管理票は、いつ国保連へ出されますか。",
        (Counterparty::CareManager(_) | Counterparty::UnknownCareManager { .. }, _) => {
            "給付管理票の内容（計画の単位・事業所番号・種類）を確かめ、直して出していただけますか。"
        }
        (Counterparty::Insurer(..), _) => "この方の認定と資格は、台帳でどうなっていますか。いつから請求できますか。",
    };
    Question {
        office: case.key.office.clone(),
        counterparty,
        insured: case.key.insured.to_string(),
        kana: case.insured_kana.as_deref().map(readable).unwrap_or_default(),
        service_month: wareki_month(case.key.service_month),
        why: match (case.state, code) {
            (CaseState::Held, _) => "保留（給付管理票を待っています）".to_owned(),
            (_, Some(code)) => format!("返戻 {}", code.code),
            (_, None) => "返戻".to_owned(),
        },
        ask: ask.to_owned(),
    }
}

fn sheet_paper(sheet: &CallSheet, office_name: &str, issued_at: NaiveDateTime, practice: bool) -> Document {
    let columns = ["番号", "被保険者番号", "氏名カナ", "提供年月", "どうなったか", "お聞きしたいこと", "お返事"];
    let rows = sheet
        .questions
        .iter()
        .enumerate()
        .map(|(index, question)| {
            vec![
                (index + 1).to_string(),
                question.insured.clone(),
                question.kana.clone(),
                question.service_month.clone(),
                question.why.clone(),
                question.ask.clone(),
                "□ 済み\n□ まだ（　月　日ごろ）\n□ ほか".to_owned(),
            ]
        })
        .collect();
    Document {
        title: "請求についてのお問い合わせ".to_owned(),
        orientation: Orientation::Landscape,
        head: vec![
            ("あて先".to_owned(), sheet.counterparty.name()),
            ("差出人".to_owned(), format!("{office_name}（事業所番号 {}）　担当：　　　　　　電話：", sheet.office)),
            (
                "電話での言い方".to_owned(),
                format!(
                    "いつもお世話になっております。{office_name}の（名前）です。介護給付費の請求のことで、{}件お聞きしたいことがあります。いまよろしいでしょうか。",
                    sheet.questions.len()
                ),
            ),
        ],
        tables: vec![Table {
            title: format!("お聞きしたい方　{}件", sheet.questions.len()),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            numeric: vec![false; columns.len()],
            rows,
            ..Table::default()
        }],
        footer: sheet.counterparty.footer(),
        issued_at,
        practice,
        ..Document::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(office: &str, counterparty: Counterparty, insured: &str) -> Question {
        Question {
            office: OfficeNumber::from_file(office),
            counterparty,
            insured: insured.to_owned(),
            kana: String::new(),
            service_month: "令和8年5月".to_owned(),
            why: "返戻 12P0".to_owned(),
            ask: "？".to_owned(),
        }
    }

    proptest! {
        /// N questions to K counterparties make exactly K sheets, and nobody stands on another one's sheet. Whose care manager
        /// is unknown stands on a sheet alone, with all months of that person.
        #[test]
        fn one_sheet_per_counterparty(
            asked in prop::collection::vec((0_u8..3, prop::option::of(0_u8..4), any::<bool>(), 0_u8..6), 0..40),
        ) {
            let questions: Vec<Question> = asked
                .iter()
                .map(|(office, other, insurer, person)| {
                    let insured = format!("{person:010}");
                    let key = format!("997000001{office}/990010/{insured}/2026-05/7131").parse().unwrap();
                    let counterparty = match other {
                        Some(other) if *insurer => Counterparty::Insurer(format!("99001{other}"), "架空市".to_owned()),
                        Some(other) => Counterparty::care_manager(&format!("997000010{other}"), &key),
                        None => Counterparty::care_manager("", &key),
                    };
                    ask(&format!("997000001{office}"), counterparty, &insured)
                })
                .collect();
            let distinct: BTreeSet<_> = asked
                .iter()
                .map(|(office, other, insurer, person)| {
                    (office, other, other.is_some() && *insurer, other.is_none().then_some(person))
                })
                .collect();
            let sheets = sheets(questions.clone());
            prop_assert_eq!(sheets.len(), distinct.len());
            prop_assert_eq!(sheets.iter().map(|sheet| sheet.questions.len()).sum::<usize>(), questions.len());
            let files: BTreeSet<String> =
                sheets.iter().map(|sheet| format!("{}{}", sheet.office, sheet.counterparty.file_part())).collect();
            prop_assert_eq!(files.len(), sheets.len(), "no sheet is written over another one");
            for sheet in sheets {
                let paper = sheet_paper(&sheet, "さくらデイサービス", NaiveDateTime::default(), false);
                if let Counterparty::UnknownCareManager { insured: only, .. } = &sheet.counterparty {
                    prop_assert!(sheet.questions.iter().all(|question| question.insured == *only));
                    prop_assert!(paper.head[0].1.contains("書いてください"), "the clerk writes the addressee");
                    prop_assert!(!paper.footer.contains("関係する方だけ"), "nobody knows whom it concerns");
                }
                for question in sheet.questions {
                    prop_assert_eq!((&question.office, &question.counterparty), (&sheet.office, &sheet.counterparty));
                }
            }
        }
    }

    #[test]
    fn a_list_is_headed_by_everything_that_narrows_it() {
        let query = WorkQuery {
            states: vec!["held".to_owned(), "open".to_owned()],
            kinds: vec!["returned".to_owned()],
            routes: vec!["ask_insurer".to_owned()],
            codes: vec!["12PA".to_owned()],
            owner: Some("佐藤".to_owned()),
            min_yen: Some(10_000),
            ..WorkQuery::default()
        };
        assert_eq!(
            describe(&query),
            "自分と未割当、保留中・未請求、返戻、保険者に確かめる、12PA、担当佐藤、10,000円から"
        );
        assert_eq!(
            describe(&WorkQuery { states: vec!["foo".to_owned()], ..WorkQuery::default() }),
            "自分と未割当、foo"
        );
        assert_eq!(describe(&WorkQuery::default()), "自分と未割当");
    }
}
