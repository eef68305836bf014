//! The return tracker and the balance: the ledger over everything on hand, told in words.

use std::collections::HashMap;

use calendar::wareki_month;
use kokuho::codes::{ReturnCode, Route, return_code};
use kokuho::{Claim, Notice};
use ledger::{Books, Case, CaseKey, CaseKind, CaseState, Decision, DecisionKind, Ledger};
use store::NewDecision;
use unicode_normalization::UnicodeNormalization;

use crate::files::office_name;
use crate::problem::{Code, Problem};
use crate::views::{BalanceView, ReturnView, StoryView};
use crate::{App, Topic, blocking, outbox};

/// Kinds of decisions as the database keeps them.
mod kind {
    pub const CLOSE: &str = "close";
    pub const REOPEN: &str = "reopen";
}

impl App {
    /// Returns everything that was returned, held, reduced or taken back; what needs action first, nearest date first.
    pub async fn returns(&self) -> Result<Vec<ReturnView>, Problem> {
        let account = self.account().await?;
        let names: HashMap<String, String> = account
            .map(|account| account.offices.into_iter().map(|office| (office.number, office.name)).collect())
            .unwrap_or_default();
        let ledger = self.ledger().await?;
        let mut cases = ledger.cases;
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
                return_view(case, name)
            })
            .collect())
    }

    /// Returns one row per office and 処理対象年月, newest month first.
    pub async fn balance(&self) -> Result<Vec<BalanceView>, Problem> {
        let mut balances = self.ledger().await?.balances;
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
            })
            .collect())
    }

    /// Closes a case for good: nothing more will be claimed for it. `reason` is kept and shown; it may not be empty. The
    /// state of the case follows from the files again after [`App::reopen_return`].
    ///
    /// # Errors
    ///
    /// [`Code::ReasonMissing`]; [`Code::UnknownReturn`] for a key that is not in the tracker or has only a 査定, which is
    /// settled anyway.
    pub async fn close_return(&self, key: &str, reason: &str) -> Result<ReturnView, Problem> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Code::ReasonMissing.into());
        }
        self.decide(key, kind::CLOSE, reason).await
    }

    /// Takes [`App::close_return`] back.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownReturn`], as there.
    pub async fn reopen_return(&self, key: &str) -> Result<ReturnView, Problem> {
        self.decide(key, kind::REOPEN, "").await
    }

    async fn decide(&self, key: &str, kind: &str, reason: &str) -> Result<ReturnView, Problem> {
        let unknown = || Problem::from(Code::UnknownReturn);
        let key: CaseKey = key.trim().parse().map_err(|_| unknown())?;
        self.case(&key).await?.ok_or_else(unknown)?;
        let by = self.account().await?.map(|account| account.login_id).unwrap_or_default();
        let decision = NewDecision { case_key: key.to_string(), kind: kind.to_owned(), reason: reason.to_owned(), by };
        let now = self.now();
        self.store(move |store| store.decide(decision, now)).await?;
        self.announce_change(Topic::Returns);
        self.announce_change(Topic::Frame);
        let case = self.case(&key).await?.ok_or_else(unknown)?;
        let account = self.account().await?;
        let name = account.and_then(|account| office_name(&account, case.key.office.as_str()));
        Ok(return_view(case, name))
    }

    /// Finds the case that a decision about `key` is about.
    async fn case(&self, key: &CaseKey) -> Result<Option<Case>, Problem> {
        let cases = self.ledger().await?.cases;
        Ok(cases.into_iter().find(|case| case.key == *key && case.kind != CaseKind::Assessed))
    }

    /// Returns the number of cases that someone must act on.
    pub(crate) async fn open_returns(&self) -> Result<u32, Problem> {
        Ok(self.ledger().await?.cases.iter().filter(|case| case.state == CaseState::Open).count() as u32)
    }

    /// Settles the books over everything on hand. Kept until the database or the day changes.
    async fn ledger(&self) -> Result<Ledger, Problem> {
        let today = self.now().date();
        let (revision, kept) = {
            let revision = self.store(store::Store::revision).await?;
            let kept = self.0.ledger.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            (revision, kept)
        };
        if let Some((of_revision, of_day, ledger)) = kept
            && of_revision == revision
            && of_day == today
        {
            return Ok(ledger);
        }
        let (claims, notices, decisions) = self
            .store(|store| {
                let claims = store.claim_blobs(|file| {
                    file.imported_at.is_some() || file.submission.as_ref().is_some_and(outbox::counts)
                })?;
                Ok((claims, store.notice_blobs()?, store.decisions()?))
            })
            .await?;
        let ledger = blocking(move || {
            let read = |bytes: &[u8]| kokuho::read(bytes).ok();
            let claims: Vec<Claim> = claims
                .iter()
                .filter_map(|blob| read(&blob.bytes))
                .filter(|file| !file.is_test())
                .flat_map(|file| kokuho::claims(&file))
                .collect();
            let notices: Vec<Notice> =
                notices.iter().filter_map(|blob| read(&blob.bytes)).flat_map(|file| kokuho::notices(&file)).collect();
            let decisions: Vec<Decision> = decisions.into_iter().filter_map(decision).collect();
            Ok(ledger::settle(&Books { claims: &claims, notices: &notices, decisions: &decisions, today }))
        })
        .await?;
        *self.0.ledger.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some((revision, today, ledger.clone()));
        Ok(ledger)
    }
}

/// Reads a decision as the database keeps it. One that this version does not know decides nothing.
fn decision(kept: store::Decision) -> Option<Decision> {
    let NewDecision { case_key, kind, reason, by: _ } = kept.decision;
    let kind = match kind.as_str() {
        kind::CLOSE => DecisionKind::Close { reason },
        kind::REOPEN => DecisionKind::Reopen,
        _ => return None,
    };
    Some(Decision { key: case_key.parse().ok()?, kind, at: kept.at })
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

fn return_view(case: Case, office_name: Option<String>) -> ReturnView {
    let known: Vec<ReturnCode> = case.codes.iter().map(|code| return_code(code)).collect();
    let (reason, action, route) = advice(&case, &known);
    ReturnView {
        key: case.key.to_string(),
        office: case.key.office.to_string(),
        insurer: case.key.insurer.to_string(),
        insured: case.key.insured.to_string(),
        service_month: case.key.service_month.to_string(),
        exchange_id: case.key.exchange_id,
        kind: case.kind.as_str().to_owned(),
        codes: case.codes,
        yen: case.yen.0,
        estimated: case.estimated,
        times_returned: case.times_returned,
        state: case.state.as_str().to_owned(),
        route: route.as_str().to_owned(),
        first_month: case.first_month.to_string(),
        next_window: case.next_window.map(|month| month.to_string()),
        limitation_date: case.limitation_date.map(|date| date.to_string()),
        office_name: office_name.unwrap_or_default(),
        // Notices carry half-width kana, which nobody writes.
        insured_kana: case.insured_kana.map(|name| name.nfkc().collect()),
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

/// Says why, what to do, and by which route. What is held is never offered for a new claim（DESIGN §4.4）.
fn advice(case: &Case, codes: &[ReturnCode]) -> (String, String, Route) {
    let reasons = || {
        let mut texts: Vec<String> = codes.iter().map(|code| code.message.to_owned()).collect();
        texts.dedup();
        if texts.is_empty() {
            "国保連の通知に理由のコードがありません。".to_owned()
        } else {
            texts.join(" ")
        }
    };
    let first = codes.first();
    match (case.kind, case.state) {
        (_, CaseState::Settled) => (reasons(), "することはありません。支払いが決まりました。".to_owned(), Route::Wait),
        (_, CaseState::Reclaimed) => {
            (reasons(), "もう一度請求しました。審査の結果を待ちます。".to_owned(), Route::Wait)
        }
        (_, CaseState::Closed) => (
            reasons(),
            format!("請求しないと決めました。{}", case.closed_reason.as_deref().unwrap_or_default()),
            Route::GiveUp,
        ),
        (_, CaseState::Lapsed) => (reasons(), "時効を過ぎたため、請求しても支払われません。".to_owned(), Route::GiveUp),
        (_, CaseState::Held) => {
            let code = return_code("保留");
            let doubt = case.why_kept_held.map(|why| format!(" {why}")).unwrap_or_default();
            (code.message.to_owned(), format!("{}{doubt}", code.action), code.route)
        }
        (CaseKind::Kago, CaseState::Open) => (
            "いったん支払いが決まった請求が、過誤として取り下げられました。".to_owned(),
            "内容を直し、次の受付期間にもう一度請求します。取り下げたままにするときは、理由を書いて終わりにします。"
                .to_owned(),
            Route::Kago,
        ),
        (CaseKind::Unmatched, CaseState::Open) => (
            reasons(),
            format!(
                "もとの請求ファイルがこのパソコンにありません。{}審査より前の請求ファイルを取り込むと、金額と経過が分かります。",
                wareki_month(case.first_month)
            ),
            first.map_or(Route::ReadAndChoose, |code| code.route),
        ),
        (CaseKind::Returned | CaseKind::Held | CaseKind::Assessed, CaseState::Open) => match first {
            Some(code) => (reasons(), code.action.to_owned(), code.route),
            None => (
                reasons(),
                "通知の内容を読み、直して請求するか、保険者や国保連に問い合わせるかを決めてください。".to_owned(),
                Route::ReadAndChoose,
            ),
        },
    }
}

const fn kind_word(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Returned => "返戻",
        CaseKind::Held => "保留",
        CaseKind::Kago => "過誤",
        CaseKind::Assessed => "査定",
        CaseKind::Unmatched => "請求が見つからない返戻",
    }
}

const fn state_word(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "未請求",
        CaseState::Reclaimed => "再請求済み",
        CaseState::Settled => "解決",
        CaseState::Held => "保留中",
        CaseState::Closed => "終了",
        CaseState::Lapsed => "時効",
    }
}
