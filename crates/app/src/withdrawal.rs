//! By which road a claim is taken back（features idea 8）, for every claim that was sent, and the paper of that road: filled in as
//! far as this computer knows, for the office that has no form of the federation or the insurer at hand.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use calendar::{next_office_day, wareki_month};
use chrono::{NaiveDate, NaiveDateTime};
use kokuho::codes::{exchange_title, kago_reasons, kago_style};
use kokuho::{InsuredNumber, InsurerNumber, OfficeNumber, check_digit};
use ledger::{CaseKey, FederationDays, Road, Sent, Whereabouts, is_barred};
use onboarding::Prefecture;
use paper::{Document, Orientation, Table};
use unicode_normalization::UnicodeNormalization;

use crate::board::parse_month;
use crate::papers::print;
use crate::problem::{Code, Problem};
use crate::tracker::{id_of, readable};
use crate::views::{KagoDays, KagoDaysView, SavedView, SentClaimView, SentClaimsView, SentQuery, WithdrawalView};
use crate::{App, Topic, blocking, setting};

/// Most claims that are listed at once; more than a person would read.
const MOST: usize = 500;

/// What a claim costs that is taken back too late to be made anew.
const BARRED: &str = "時効のため、取り下げると請求し直せません。支払われたお金は全額を返すことになります。";

/// What insurers take until when, by 保険者番号.
pub(crate) type Insurers = BTreeMap<String, KagoDays>;

impl App {
    /// Returns claims that were sent, each with the only road by which it can be taken back. Of one office: the files of all
    /// of them are not read for it.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownMonth`] for a month that is none.
    pub async fn sent_claims(&self, query: SentQuery) -> Result<SentClaimsView, Problem> {
        let office = OfficeNumber::from_file(&query.office);
        let month = Some(query.month.as_str()).filter(|month| !month.is_empty()).map(parse_month).transpose()?;
        let typed: String = query.insured.nfkc().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let (sent, books) = (self.sent_of(&office).await?, self.books_of(&office).await?);
        let (names, insurers, today) = (self.names().await?, self.insurers().await?, self.now().date());
        blocking(move || {
            let kana = Kana::of(&sent);
            let mut found: Vec<&Sent> = sent
                .iter()
                .filter(|sent| month.is_none_or(|month| sent.attempts.contains(&month)))
                .filter(|sent| sent.key.insured.as_str().ends_with(&typed))
                .collect();
            found.sort_by(|a, b| {
                (&a.key.insured, b.key.service_month, &a.key).cmp(&(&b.key.insured, a.key.service_month, &b.key))
            });
            let total = found.len() as u32;
            let claims = found.into_iter().take(MOST).map(|sent| SentClaimView {
                key: sent.key.to_string(),
                office_name: names.of(&sent.key.office),
                office: sent.key.office.to_string(),
                insurer: sent.key.insurer.to_string(),
                insured: sent.key.insured.to_string(),
                insured_kana: kana.of_claim(sent),
                service_month: sent.key.service_month.to_string(),
                form: exchange_title(&sent.key.exchange_id).unwrap_or_default().to_owned(),
                yen: sent.yen.map(|yen| yen.0),
                estimated: sent.estimated,
                attempts: sent.attempts.iter().map(ToString::to_string).collect(),
                state_word: state_word(sent.whereabouts).to_owned(),
                item: books.cases.iter().find(|case| case.key == sent.key).map(id_of),
                withdrawal: withdrawal_view(&sent.key, sent.whereabouts, sent.limitation_date, &insurers, today),
            });
            Ok(SentClaimsView { claims: claims.collect(), total })
        })
        .await
    }

    /// Writes the paper of the only road by which the claim with this key can be taken back, to `path` or into the folder for
    /// papers.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownClaim`]; [`Code::NoWithdrawalForm`] where the road needs no paper; failures of the paper.
    pub async fn withdrawal_paper(&self, key: &str, path: Option<PathBuf>) -> Result<SavedView, Problem> {
        let key: CaseKey = key.trim().parse().map_err(|_| Code::UnknownClaim)?;
        let (sent, insurers, names) = (self.sent_of(&key.office).await?, self.insurers().await?, self.names().await?);
        let (at, practice, folder) = (self.now(), self.is_practice(), self.documents().to_owned());
        blocking(move || {
            let claim = sent.iter().find(|sent| sent.key == key).ok_or(Code::UnknownClaim)?;
            let (road, _) = ledger::withdrawal(&key.exchange_id, claim.whereabouts, federation(&key), at.date());
            let Some(form) = form_name(road) else {
                let text = withdrawal_view(&key, claim.whereabouts, claim.limitation_date, &insurers, at.date()).text;
                return Err(Problem::with(Code::NoWithdrawalForm, text));
            };
            let path = path.unwrap_or_else(|| {
                let CaseKey { office, insurer, insured, service_month, exchange_id } = &key;
                folder.join(format!("{form}_{office}_{insurer}_{insured}_{service_month}_{exchange_id}.pdf"))
            });
            // The days of the insurer are none of the 福祉事務所.
            let taken = insurers.get(key.insurer.as_str()).filter(|_| !key.insured.is_public_only());
            let about = Filled {
                claim,
                kana: Kana::of(&sent).of_claim(claim),
                taken: taken.copied().unwrap_or_default(),
                barred: is_barred(claim.limitation_date, at.date()),
            };
            print(&path, &document(&about, road, form, &names.or_number(&key.office), at, practice))
        })
        .await
    }

    /// Keeps until which day of the month an insurer takes 過誤申立, as a person found out. Nothing known forgets it.
    ///
    /// # Errors
    ///
    /// [`Code::WrongKagoDay`] for a 保険者番号 or a day that cannot be one.
    pub async fn set_kago_days(&self, insurer: &str, days: KagoDays) -> Result<(), Problem> {
        let typed: String = insurer.nfkc().collect();
        let number = InsurerNumber::from_file(&typed);
        // Padding makes six digits of fewer.
        let is_whole = typed.trim().len() >= 6 && number.as_str().len() == 6;
        let is_number = is_whole && check_digit::is_valid(number.as_str());
        let is_day = |day: Option<u32>| day.is_none_or(|day| (1..=31).contains(&day));
        let contradicts = days.takes_same_month == Some(false) && days.same_month.is_some();
        if !is_number || !is_day(days.ordinary) || !is_day(days.same_month) || contradicts {
            return Err(Code::WrongKagoDay.into());
        }
        let mut insurers = self.insurers().await?;
        insurers.remove(number.as_str());
        if days != KagoDays::default() {
            insurers.insert(number.to_string(), days);
        }
        self.keep_setting(setting::KAGO_DAYS, &insurers).await?;
        self.announce_change(Topic::Returns);
        Ok(())
    }

    /// Returns what a person found out about 過誤申立.
    pub(crate) async fn insurers(&self) -> Result<Insurers, Problem> {
        Ok(self.setting(setting::KAGO_DAYS).await?.unwrap_or_default())
    }

    async fn sent_of(&self, office: &OfficeNumber) -> Result<Vec<Sent>, Problem> {
        let alone = self.on_hand().await?.alone;
        let (inner, office, today) = (Arc::clone(&self.0), office.clone(), self.now().date());
        blocking(move || inner.sent(&office, alone, today)).await
    }
}

/// Returns what the federation of a claim publishes.
fn federation(key: &CaseKey) -> FederationDays {
    let prefecture = key.office.as_str().get(..2).and_then(Prefecture::find);
    FederationDays {
        ask_back: prefecture.and_then(Prefecture::ask_back_day),
        withdraw_held: prefecture.and_then(Prefecture::withdraw_held_day),
    }
}

const fn state_word(whereabouts: Whereabouts) -> &'static str {
    match whereabouts {
        Whereabouts::Back => "手元に戻っている",
        Whereabouts::Held { .. } => "保留中",
        Whereabouts::UnderReview { .. } => "結果待ち",
        Whereabouts::Decided => "支払いが決まった",
    }
}

/// Returns the name of the paper that a road needs. Cancelling is done in the program, and where nothing can be done no
/// paper helps.
const fn form_name(road: Road) -> Option<&'static str> {
    match road {
        Road::AskBack => Some("返戻依頼書（希望返戻）"),
        Road::WithdrawHeld => Some("保留分取下げ書"),
        Road::Kago => Some("介護給付費過誤申立書"),
        Road::Cancel | Road::WaitForHold | Road::Wait | Road::FetchNotices | Road::CorrectPlan | Road::Nothing => None,
    }
}

/// Tells the only road by which a claim can be taken back.
pub(crate) fn withdrawal_view(
    key: &CaseKey,
    whereabouts: Whereabouts,
    limitation_date: Option<NaiveDate>,
    insurers: &Insurers,
    today: NaiveDate,
) -> WithdrawalView {
    let days = federation(key);
    let (road, until) = ledger::withdrawal(&key.exchange_id, whereabouts, days, today);
    let (word, name, text) = match road {
        Road::Cancel => (
            "cancel",
            "送信の取消",
            "受付期間のうちなら、送ったファイルを取り消して、直したものを送り直せます。取消が終わってから送ってください。",
        ),
        Road::AskBack if days.ask_back.is_some() => (
            "ask_back",
            "希望返戻（返戻依頼）",
            "審査の前なので、国保連へ返戻依頼書を出すと返してもらえます。返ってくるまで、請求し直さないでください。",
        ),
        Road::AskBack => (
            "ask_back",
            "希望返戻（返戻依頼）",
            "審査の前なら、国保連に返してもらえることがあります。受けていない国保連もあるので、電話で確かめてください。",
        ),
        Road::WithdrawHeld if days.withdraw_held.is_some() => (
            "withdraw_held",
            "保留分取下げ",
            "保留中の請求がまちがっているときは、国保連へ「保留分取下げ書」を出します。過誤ではありません。この国保連が受けるのは前の月の保留だけです。取り下げが済むまで、請求し直さないでください。",
        ),
        Road::WithdrawHeld => (
            "withdraw_held",
            "保留分取下げ",
            "保留中の請求がまちがっているときは、国保連へ「保留分取下げ書」を出します。過誤ではありません。しめ切りは国保連によって違います（20日までの所が多いです）。取り下げが済むまで、請求し直さないでください。",
        ),
        Road::WaitForHold => (
            "wait_for_hold",
            "保留の結果を待つ",
            "この国保連が保留の取り下げを受けるのは、保留になった次の月のうちだけで、その日を過ぎました。返戻になったら直して請求し、支払いが決まったら過誤を申し立てます。",
        ),
        Road::Wait => (
            "wait",
            "結果を待つ",
            "審査が進んでいるため、いまは取り下げられません。返戻なら直して請求し、支払いが決まったら過誤を申し立てます。",
        ),
        Road::FetchNotices => (
            "fetch_notices",
            "通知を受け取る",
            "この請求の結果は出ているはずですが、支払いの通知か返戻（保留）一覧表がこのパソコンにそろっていないため、道を決められません。「通知」で受け取るか、ファイルを取り込んでください。",
        ),
        // Their payer is no insurer.
        Road::Kago if key.insured.is_public_only() => (
            "kago",
            "過誤の申立て",
            "支払いが決まった請求は、過誤を申し立てて取り下げます。被保険者番号がHで始まる方（生活保護単独）は、保険者ではなく福祉事務所へ申し立てます。同月過誤を受けるかどうかとしめ切りは、福祉事務所に確かめてください。給付管理票を修正する月には申し立てないでください。",
        ),
        Road::Kago => (
            "kago",
            "過誤の申立て",
            "支払いが決まった請求は、保険者へ過誤を申し立てて取り下げます。通常過誤は決定通知のあとに請求し直し、同月過誤は同じ月に請求し直します。同月過誤を受けるかどうかとしめ切り（3日から20日ごろ）は保険者によって違います。給付管理票を修正する月には申し立てないでください。",
        ),
        Road::CorrectPlan => (
            "correct_plan",
            "給付管理票の修正・取消",
            "給付管理票は取り下げません。作成区分を「修正」か「取消」にした給付管理票を、次の受付期間に送ります。「取消」にすると、その給付管理票にもとづく事業所の請求も取り下げられます。",
        ),
        Road::Nothing => (
            "none",
            "取り下げはいりません",
            "国保連に残っている請求はありません。時効でなければ、直して、次の受付期間に請求してください。",
        ),
    };
    let text =
        if road == Road::Kago && is_barred(limitation_date, today) { format!("{BARRED}{text}") } else { text.into() };
    WithdrawalView {
        road: word.to_owned(),
        name: name.to_owned(),
        text,
        until: until.map(|day| day.to_string()),
        form: form_name(road).map(str::to_owned),
        kago: (road == Road::Kago && !key.insured.is_public_only()).then(|| kago_days(&key.insurer, insurers, today)),
    }
}

fn kago_days(insurer: &InsurerNumber, insurers: &Insurers, today: NaiveDate) -> KagoDaysView {
    let days = insurers.get(insurer.as_str()).copied().unwrap_or_default();
    let next = |day: Option<u32>| Some(next_office_day(day?, today)?.to_string());
    KagoDaysView {
        insurer: insurer.to_string(),
        days,
        ordinary_next: next(days.ordinary),
        same_month_next: next(days.same_month),
    }
}

/// Names of persons in kana. A claim file carries none; what a notice said of a person once holds for all of their claims. The same
/// number under another insurer is another person（MONEY 3）.
struct Kana<'a>(HashMap<(&'a InsurerNumber, &'a InsuredNumber), &'a str>);

impl<'a> Kana<'a> {
    fn of(sent: &'a [Sent]) -> Self {
        let named = |sent: &'a Sent| Some(((&sent.key.insurer, &sent.key.insured), sent.insured_kana.as_deref()?));
        Self(sent.iter().filter_map(named).collect())
    }

    fn of_claim(&self, claim: &Sent) -> Option<String> {
        let elsewhere = || self.0.get(&(&claim.key.insurer, &claim.key.insured)).copied();
        claim.insured_kana.as_deref().or_else(elsewhere).map(readable)
    }
}

/// What is filled in.
struct Filled<'a> {
    claim: &'a Sent,
    kana: Option<String>,
    /// What the insurer takes.
    taken: KagoDays,
    /// Once taken back it cannot be claimed again.
    barred: bool,
}

fn document(
    about: &Filled<'_>,
    road: Road,
    form: &str,
    office: &str,
    issued_at: NaiveDateTime,
    practice: bool,
) -> Document {
    let (claim, key) = (about.claim, &about.claim.key);
    let to = if road == Road::Kago && key.insured.is_public_only() {
        "　　　　　　　　福祉事務所　介護扶助の担当　御中".to_owned()
    } else if road == Road::Kago {
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
    let form_title = exchange_title(&key.exchange_id).unwrap_or_default();
    let facts = vec![
        fact("被保険者番号", key.insured.to_string()),
        fact("被保険者氏名（カナ）", about.kana.clone().unwrap_or_else(|| blank.clone())),
        fact("証記載保険者番号", key.insurer.to_string()),
        fact("サービス提供年月", wareki_month(key.service_month)),
        fact("請求した月（審査年月）", claim.claimed_in.map_or_else(|| blank.clone(), wareki_month)),
        fact("様式", format!("{} {form_title}", key.exchange_id)),
        fact(
            "請求額（保険と公費の合計）",
            claim.yen.map_or_else(String::new, |yen| format!("{}{yen}円", if claim.estimated { "約" } else { "" })),
        ),
    ];
    let two = |title: &str, rows: Vec<Vec<String>>| Table {
        title: title.to_owned(),
        columns: vec!["項目".to_owned(), "内容".to_owned()],
        numeric: vec![false, false],
        rows,
        ..Table::default()
    };
    let mut tables = vec![two("取り下げる請求", facts), reasons(&key.exchange_id, road)];
    let ways = match about.taken.takes_same_month {
        Some(false) => "□ 通常過誤",
        _ => "□ 通常過誤　　□ 同月過誤",
    };
    let way = (road == Road::Kago).then(|| fact("過誤の方法", ways.to_owned()));
    tables.push(two(
        "そのあとの請求",
        way.into_iter()
            .chain([
                fact("請求し直す", "□ する（　　　年　　月審査）　　□ しない".to_owned()),
                fact("担当者と電話", "氏名　　　　　　　　　　　　電話　　　　　　　　　　　".to_owned()),
            ])
            .collect(),
    ));
    let mut legend = vec![(
        "出すまえに".to_owned(),
        "国保連や保険者に決まった用紙があるときは、その用紙に書き写してください。しめ切りは国保連・保険者によって違います。".to_owned(),
    )];
    let caution = if road != Road::Kago {
        "取り下げが済むまで、同じ請求を送らないでください。"
    } else if about.barred {
        BARRED
    } else if about.taken.takes_same_month == Some(false) {
        "請求し直すのは、過誤決定通知書が届いてからにしてください。給付管理票を修正する月には申し立てないでください。"
    } else {
        "同じ月に請求し直す（同月過誤）ときは、受けるかどうかとしめ切りを、出す先に確かめてください。給付管理票を修正する月には申し立てないでください。"
    };
    legend.push(("気をつけること".to_owned(), caution.to_owned()));
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
fn reasons(exchange_id: &str, road: Road) -> Table {
    let (title, columns, rows) = if road == Road::Kago {
        let style = kago_style(exchange_id).unwrap_or("　　");
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kokuho::Yen;

    use super::*;
    use crate::tests::{OFFICE, SAMPLES, keep, open, printed_densely, refused, running, sample, signed_in};

    const PAID: &str = "0000000303";

    /// The sample month: a claim that was paid, one that came back and one that is held.
    async fn sample_month(folder: &Path, now: &str, files: &[&str]) -> App {
        drop(signed_in(folder).await);
        let app = open(folder, running(now)).await;
        let paths: Vec<String> = files.iter().map(|name| sample(name).to_string_lossy().into_owned()).collect();
        let view = app.import(&paths).await.unwrap();
        assert!(view.refused.is_empty(), "{view:?}");
        app
    }

    async fn sent(app: &App, insured: &str, month: &str) -> Vec<SentClaimView> {
        let query = SentQuery { office: OFFICE.to_owned(), month: month.to_owned(), insured: insured.to_owned() };
        let view = app.sent_claims(query).await.unwrap();
        assert_eq!(view.total as usize, view.claims.len());
        view.claims
    }

    #[tokio::test]
    async fn every_claim_has_its_only_road() {
        let folder = tempfile::tempdir().unwrap();
        let app = sample_month(folder.path(), "2026-07-25T12:00:00", &SAMPLES).await;
        let roads = |claims: Vec<SentClaimView>| -> Vec<(String, String, bool)> {
            claims.into_iter().map(|claim| (claim.insured, claim.withdrawal.road, claim.item.is_some())).collect()
        };
        let found = roads(sent(&app, "", "2026-06").await);
        let told: Vec<_> = found.iter().map(|(insured, road, item)| (insured.as_str(), road.as_str(), *item)).collect();
        assert_eq!(
            told,
            [("0000000101", "none", true), ("0000000202", "withdraw_held", true), (PAID, "kago", false)],
            "only what came back or is held stands in the tracker"
        );
        assert_eq!(roads(sent(&app, "３０３", "").await), [(PAID.to_owned(), "kago".to_owned(), false)]);
        assert_eq!(sent(&app, "303", "2026-05").await, [], "nothing was sent in that month");
        let query = SentQuery { office: OFFICE.to_owned(), month: "6月".to_owned(), ..SentQuery::default() };
        refused(app.sent_claims(query).await, Code::UnknownMonth);
        let other = SentQuery { office: "9970000023".to_owned(), ..SentQuery::default() };
        assert_eq!(app.sent_claims(other).await.unwrap().total, 0);
    }

    /// A claim on its first flight, which no notice speaks of, goes by the day.
    #[tokio::test]
    async fn a_claim_on_its_first_flight_goes_by_the_day() {
        let folder = tempfile::tempdir().unwrap();
        drop(sample_month(folder.path(), "2026-06-05T12:00:00", &SAMPLES[..1]).await);
        for (now, road, until) in [
            ("2026-06-10T23:00:00", "cancel", Some("2026-06-10")),
            ("2026-06-11T00:00:00", "ask_back", None),
            ("2026-06-21T12:00:00", "wait", None),
            ("2026-07-20T12:00:00", "fetch_notices", None),
        ] {
            let app = open(folder.path(), running(now)).await;
            let [claim] = sent(&app, PAID, "").await.try_into().unwrap();
            assert_eq!((claim.withdrawal.road.as_str(), claim.withdrawal.until.as_deref()), (road, until), "{now}");
            let paper = app.withdrawal_paper(&claim.key, None).await;
            if road == "ask_back" {
                assert!(printed_densely(paper.unwrap().path).contains("返戻依頼書（希望返戻）"));
            } else {
                refused(paper, Code::NoWithdrawalForm);
            }
        }
    }

    #[tokio::test]
    async fn the_paper_of_the_only_road_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        let app = sample_month(folder.path(), "2026-07-25T12:00:00", &SAMPLES).await;
        let keys: Vec<String> = sent(&app, "", "").await.into_iter().map(|claim| claim.key).collect();
        // What came back lies at 国保連 no more: no paper may leave the house for it.
        refused(app.withdrawal_paper(&keys[0], None).await, Code::NoWithdrawalForm);
        let held = app.withdrawal_paper(&keys[1], None).await.unwrap();
        assert!(held.file.starts_with("保留分取下げ書"), "{held:?}");
        let paid = app.withdrawal_paper(&keys[2], None).await.unwrap();
        assert!(paid.file.starts_with("介護給付費過誤申立書"), "{paid:?}");
        let text = printed_densely(&paid.path);
        for told in [PAID, "令和8年5月", "93,234円", "保険者（番号990028）", "□通常過誤□同月過誤", OFFICE]
        {
            assert!(text.contains(told), "{told} in {text}");
        }
        app.set_kago_days("990028", KagoDays { takes_same_month: Some(false), ..KagoDays::default() }).await.unwrap();
        assert!(!printed_densely(app.withdrawal_paper(&keys[2], None).await.unwrap().path).contains("□同月過誤"));
        keep(&paid, "kago.pdf");
        for unknown in ["a/b", "9970000015/990028/0000000999/2026-05/7131"] {
            refused(app.withdrawal_paper(unknown, None).await, Code::UnknownClaim);
        }
    }

    /// 生活保護単独: the payer is no insurer.
    #[test]
    fn a_person_on_public_funds_alone_goes_to_the_welfare_office() {
        let key = |insured: &str| format!("9970000015/990028/{insured}/2026-05/7131").parse::<CaseKey>().unwrap();
        let today = "2026-07-25".parse().unwrap();
        let view = |insured| withdrawal_view(&key(insured), Whereabouts::Decided, None, &Insurers::new(), today);
        assert!(view("H000000001").text.contains("福祉事務所") && view("H000000001").kago.is_none());
        assert!(!view(PAID).text.contains("福祉事務所") && view(PAID).kago.is_some());
    }

    /// Taken back after its limitation, a claim is lost: that is said where the road is chosen.
    #[test]
    fn a_claim_that_cannot_be_made_anew_says_so() {
        let key = "9970000015/990028/0000000303/2024-04/7131".parse::<CaseKey>().unwrap();
        let last = "2026-06-30".parse().ok();
        let text = |today: &str| {
            withdrawal_view(&key, Whereabouts::Decided, last, &Insurers::new(), today.parse().unwrap()).text
        };
        assert!(!text("2026-06-10").starts_with(BARRED), "the last window is open");
        assert!(text("2026-06-11").starts_with(BARRED), "the next one opens after the limitation");
    }

    /// A reduction alone does not tell what was claimed: the office writes it in.
    #[test]
    fn an_amount_that_nothing_tells_is_left_blank() {
        let claim = |yen| Sent {
            key: "9970000015/990028/0000000303/2026-05/7131".parse().unwrap(),
            yen,
            estimated: true,
            insured_kana: None,
            attempts: Vec::new(),
            claimed_in: None,
            limitation_date: None,
            whereabouts: Whereabouts::Decided,
        };
        let amount = |yen| {
            let claim = claim(yen);
            let about = Filled { claim: &claim, kana: None, taken: KagoDays::default(), barred: false };
            let at = "2026-07-25T12:00:00".parse().unwrap();
            let made = document(&about, Road::Kago, "介護給付費過誤申立書", "さくらデイサービス", at, false);
            made.tables[0].rows.last().unwrap()[1].clone()
        };
        assert_eq!((amount(None), amount(Some(Yen(94_050)))), (String::new(), "約94,050円".to_owned()));
    }

    /// The same number under another insurer is another person.
    #[test]
    fn a_name_is_that_of_the_insurers_own_person() {
        let sent = |insurer: &str, kana: Option<&str>| Sent {
            key: format!("9970000015/{insurer}/0000000303/2026-05/7131").parse().unwrap(),
            yen: Some(Yen(1)),
            estimated: false,
            insured_kana: kana.map(str::to_owned),
            attempts: Vec::new(),
            claimed_in: None,
            limitation_date: None,
            whereabouts: Whereabouts::Decided,
        };
        let all = [sent("990028", None), sent("990010", Some("ﾃｽﾄ ｼﾞﾛｳ"))];
        let kana = Kana::of(&all);
        assert_eq!((kana.of_claim(&all[0]), kana.of_claim(&all[1])), (None, Some("テスト ジロウ".to_owned())));
    }

    #[tokio::test]
    async fn what_an_insurer_takes_is_kept_and_becomes_a_date() {
        let folder = tempfile::tempdir().unwrap();
        let app = sample_month(folder.path(), "2026-07-25T12:00:00", &SAMPLES).await;
        let kago = async || sent(&app, PAID, "").await[0].withdrawal.kago.clone().unwrap();
        assert_eq!(kago().await.days, KagoDays::default());
        let days = KagoDays { ordinary: Some(15), takes_same_month: Some(true), same_month: Some(31) };
        app.set_kago_days("００９９００２８", days).await.unwrap();
        let told = kago().await;
        assert_eq!((told.insurer.as_str(), told.days), ("990028", days));
        // 15 August 2026 is a Saturday.
        assert_eq!(
            (told.ordinary_next.as_deref(), told.same_month_next.as_deref()),
            (Some("2026-08-14"), Some("2026-07-31"))
        );

        let with = |ordinary, takes_same_month, same_month| KagoDays { ordinary, takes_same_month, same_month };
        for (insurer, days) in [
            ("990029", days),
            ("９９", days),
            ("", days),
            ("990028", with(Some(0), None, None)),
            ("990028", with(None, None, Some(32))),
            ("990028", with(None, Some(false), Some(5))),
        ] {
            refused(app.set_kago_days(insurer, days).await, Code::WrongKagoDay);
        }
        assert_eq!(kago().await.days, days, "what was refused changed nothing");
        app.set_kago_days("990028", KagoDays::default()).await.unwrap();
        assert_eq!(kago().await.days, KagoDays::default());
    }
}
