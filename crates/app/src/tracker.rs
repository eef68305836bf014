//! The return tracker, the balance and the alarms: the ledger over everything on hand, told in words.

use std::collections::BTreeSet;

use calendar::wareki_month;
use kokuho::codes::{ReturnCode, Route, reduction_reason_name, return_code};
use ledger::{Alarm, AlarmKind, Case, CaseKind, CaseState};
use unicode_normalization::UnicodeNormalization;

use crate::App;
use crate::decisions::Human;
use crate::problem::Problem;
use crate::views::{BalanceView, ReturnView, StoryView};
use crate::work::AlarmView;

impl App {
    /// Returns everything that was returned, held, reduced or taken back; what needs action first, nearest date first.
    pub async fn returns(&self) -> Result<Vec<ReturnView>, Problem> {
        let names = self.office_names().await?;
        let books = self.books().await?;
        let mut cases: Vec<&Case> = books.ledger.cases.iter().collect();
        cases.sort_by(|a, b| {
            (rank(a.state), a.next_window, a.limitation_date, &a.key).cmp(&(
                rank(b.state),
                b.next_window,
                b.limitation_date,
                &b.key,
            ))
        });
        Ok(cases
            .into_iter()
            .map(|case| {
                let name = names.get(case.key.office.as_str()).cloned();
                return_view(case, books.human(case), name)
            })
            .collect())
    }

    /// Returns one row per office and 処理対象年月, newest month first.
    pub async fn balance(&self) -> Result<Vec<BalanceView>, Problem> {
        let mut balances = self.books().await?.ledger.balances.clone();
        balances.sort_by(|a, b| (b.processing_month, &a.office).cmp(&(a.processing_month, &b.office)));
        Ok(balances
            .into_iter()
            .map(|row| BalanceView {
                office: row.office.to_string(),
                processing_month: row.processing_month.to_string(),
                claimed: row.claimed.0,
                returned: row.returned.0,
                held: row.held.0,
                assessed: row.assessed.0,
                released: row.released.0,
                unexplained: row.unexplained.0,
                decided: row.decided.0,
                kago: row.kago.0,
                payable: row.payable.0,
                paid: row.paid.0,
                unpaid: row.unpaid.0,
                missing_notices: row.missing_notices,
                unused_notices: row.unused_notices,
            })
            .collect())
    }

    /// Returns what is missing or does not fit together, by office and month. Offices that the ID may not act for come first:
    /// their files may belong to another corporation.
    pub async fn alarms(&self) -> Result<Vec<AlarmView>, Problem> {
        let (account, names) = (self.account().await?, self.office_names().await?);
        let books = self.books().await?;
        let name = |office: &str| names.get(office).cloned().unwrap_or_default();
        let offices: BTreeSet<&str> = books.ledger.balances.iter().map(|balance| balance.office.as_str()).collect();
        let is_foreign = |office: &str| {
            account.as_ref().is_some_and(|account| account.offices.iter().all(|own| own.number != office))
        };
        let foreign = offices.into_iter().filter(|office| is_foreign(office)).map(foreign_office);
        // Nobody here could set the 地域区分 of another corporation's office.
        let ours =
            |alarm: &&Alarm| !(matches!(alarm.kind, AlarmKind::AreaUnset { .. }) && is_foreign(alarm.office.as_str()));
        let alarms =
            books.ledger.alarms.iter().filter(ours).map(|alarm| alarm_view(alarm, name(alarm.office.as_str())));
        Ok(foreign.chain(alarms).collect())
    }

    /// Returns the number of cases that someone must act on.
    pub(crate) async fn open_returns(&self) -> Result<u32, Problem> {
        Ok(self.books().await?.ledger.cases.iter().filter(|case| case.state == CaseState::Open).count() as u32)
    }
}

/// What someone must act on stands first.
const fn rank(state: CaseState) -> u8 {
    match state {
        CaseState::Open => 0,
        CaseState::Held => 1,
        CaseState::Reclaimed => 2,
        CaseState::Lapsed => 3,
        CaseState::Closed => 4,
        CaseState::Settled => 5,
    }
}

/// Makes the view of a case; `human` is what people decided about it.
pub(crate) fn return_view(case: &Case, human: Option<&Human>, office_name: Option<String>) -> ReturnView {
    let (reason, action) = advice(case);
    let route = route(case, human);
    ReturnView {
        key: case.key.to_string(),
        office: case.key.office.to_string(),
        insurer: case.key.insurer.to_string(),
        insured: case.key.insured.to_string(),
        service_month: case.key.service_month.to_string(),
        exchange_id: case.key.exchange_id.clone(),
        kind: case.kind.as_str().to_owned(),
        codes: case.codes.clone(),
        yen: case.yen.0,
        estimated: case.estimated,
        times_returned: case.times_returned,
        state: case.state.as_str().to_owned(),
        route: route.as_str().to_owned(),
        first_month: case.first_month.to_string(),
        next_window: case.next_window.map(|month| month.to_string()),
        limitation_date: case.limitation_date.map(|date| date.to_string()),
        office_name: office_name.unwrap_or_default(),
        insured_kana: case.insured_kana.as_deref().map(readable),
        kind_word: kind_word(case.kind).to_owned(),
        state_word: state_word(case.state).to_owned(),
        reason,
        action,
        story: case
            .story
            .iter()
            .map(|event| StoryView { month: event.month.to_string(), text: event.what.to_string() })
            .collect(),
    }
}

/// Returns the id of a case in the worklist: its key is not enough, because a 査定 shares it.
pub(crate) fn id_of(case: &Case) -> String {
    format!("{}/{}/{}", case.key, case.kind.as_str(), case.first_month)
}

/// Writes a name as people do: notices carry half-width kana.
pub(crate) fn readable(kana: &str) -> String {
    kana.nfkc().collect()
}

/// Returns what to do, as a choice. What a person chose counts while the case is open; what is held is never offered for a
/// new claim（DESIGN §4.4）.
pub(crate) fn route(case: &Case, human: Option<&Human>) -> Route {
    match (case.kind, case.state) {
        (_, CaseState::Settled | CaseState::Reclaimed) => Route::Wait,
        (_, CaseState::Closed | CaseState::Lapsed) => Route::GiveUp,
        (_, CaseState::Held) => return_code("保留").route,
        (kind, CaseState::Open) => human.and_then(|human| human.route).unwrap_or_else(|| match kind {
            CaseKind::Kago => Route::Kago,
            _ => case.codes.first().map_or(Route::ReadAndChoose, |code| return_code(code).route),
        }),
    }
}

/// Says why and what to do.
fn advice(case: &Case) -> (String, String) {
    let codes: Vec<ReturnCode> = case.codes.iter().map(|code| return_code(code)).collect();
    let reasons = || {
        let mut texts: Vec<String> = codes.iter().map(|code| code.message.to_owned()).collect();
        texts.dedup();
        if texts.is_empty() {
            "国保連の通知に理由のコードがありません。".to_owned()
        } else {
            texts.join(" ")
        }
    };
    match (case.kind, case.state) {
        (CaseKind::Assessed, _) => (
            assessed_reason(case),
            "することはありません。減らされた額で決まりました。次の請求から気をつけます。".to_owned(),
        ),
        (_, CaseState::Settled) => (reasons(), "することはありません。支払いが決まりました。".to_owned()),
        (_, CaseState::Reclaimed) => (reasons(), "もう一度請求しました。審査の結果を待ちます。".to_owned()),
        (_, CaseState::Closed) => {
            (reasons(), format!("請求しないと決めました。{}", case.closed_reason.as_deref().unwrap_or_default()))
        }
        (_, CaseState::Lapsed) => (reasons(), "時効を過ぎたため、請求しても支払われません。".to_owned()),
        (_, CaseState::Held) => {
            let code = return_code("保留");
            let doubt = case.why_kept_held.map(|why| format!(" {why}")).unwrap_or_default();
            (code.message.to_owned(), format!("{}{doubt}", code.action))
        }
        (CaseKind::Kago, CaseState::Open) => (
            "いったん支払いが決まった請求が、過誤として取り下げられました。".to_owned(),
            "内容を直し、次の受付期間にもう一度請求します。取り下げたままにするときは、理由を書いて終わりにします。"
                .to_owned(),
        ),
        (CaseKind::Unmatched, CaseState::Open) => (
            reasons(),
            format!(
                "もとの請求ファイルがこのパソコンにありません。{}審査より前の請求ファイルを取り込むと、金額と経過が分かります。",
                wareki_month(case.first_month)
            ),
        ),
        (CaseKind::Returned | CaseKind::Held, CaseState::Open) => match codes.first() {
            Some(code) => (reasons(), code.action.to_owned()),
            None => (
                reasons(),
                "通知の内容を読み、直して請求するか、保険者や国保連に問い合わせるかを決めてください。".to_owned(),
            ),
        },
    }
}

/// Says why units were cut: the letters of 7311 mean other things than the codes of 7411.
fn assessed_reason(case: &Case) -> String {
    let names: Vec<&str> = case.codes.iter().filter_map(|letter| reduction_reason_name(letter)).collect();
    if names.is_empty() {
        "審査で単位数が減らされました。".to_owned()
    } else {
        format!("審査で単位数が減らされました（{}）。", names.join("・"))
    }
}

/// Says that files of an office are here that does not belong to whoever is signed in.
fn foreign_office(office: &str) -> AlarmView {
    AlarmView {
        office: office.to_owned(),
        office_name: String::new(),
        month: None,
        kind: "other_corporation".to_owned(),
        text: format!("ログインしている法人のものではない事業所（{office}）のファイルがあります。"),
        action: "この事業所の金額は、ほかの事業所と合わせずに分けています。別の法人のファイルなら、そちらのパソコンで扱ってください。"
            .to_owned(),
        yen: None,
        key: None,
    }
}

/// Makes the view of an alarm.
pub(crate) fn alarm_view(alarm: &Alarm, office_name: String) -> AlarmView {
    AlarmView {
        office: alarm.office.to_string(),
        office_name,
        month: alarm.month.map(|month| month.to_string()),
        kind: alarm.kind.as_str().to_owned(),
        text: alarm.kind.to_string(),
        action: alarm.kind.action().to_owned(),
        yen: alarm.kind.yen().map(|yen| yen.0),
        key: alarm.kind.key().map(ToString::to_string),
    }
}

pub(crate) const fn kind_word(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Returned => "返戻",
        CaseKind::Held => "保留",
        CaseKind::Kago => "過誤",
        CaseKind::Assessed => "査定",
        CaseKind::Unmatched => "請求が見つからない返戻",
    }
}

pub(crate) const fn state_word(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "未請求",
        CaseState::Reclaimed => "再請求済み",
        CaseState::Settled => "解決",
        CaseState::Held => "保留中",
        CaseState::Closed => "終了",
        CaseState::Lapsed => "時効",
    }
}
