//! The way back from the first claim month to today（idea 10）.

use std::collections::BTreeMap;

use calendar::{
    ClaimWindow, DueDate, Month, OperatorCalendar, StartPlan, is_published, parse_date, wareki_date, wareki_month,
};
use chrono::{Days, NaiveDate};

use crate::check::prefectures;
use crate::draft::{Draft, Present, Route, Task};
use crate::prefecture::Prefecture;
use crate::steps::{Actor, Facts, StepId};

/// What the operator has said about days, as far as the plan follows from it.
#[derive(Debug, Clone, Default)]
pub struct OperatorRules {
    /// Deadlines, debits and closed days.
    pub calendar: OperatorCalendar,
    /// Day of the month before the start until which a 国保連 registers an agent, by prefecture（M07）. Takes the place of
    /// what the program knows by itself.
    pub agent_days: BTreeMap<String, u32>,
}

impl OperatorRules {
    /// Returns the day of the month before the start until which the agent must be registered in a prefecture.
    pub fn agent_day(&self, prefecture: &Prefecture) -> Option<u32> {
        self.agent_days.get(prefecture.code).copied().or(prefecture.agent_day())
    }
}

/// How firmly a date stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmness {
    /// A rule: missing it costs a month.
    Rule,
    /// A good day, worked out from how long things usually take.
    Advice,
}

/// One thing of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Step that it belongs to.
    pub step: StepId,
    /// What.
    pub title: String,
    /// Why then, or what to mind.
    pub note: String,
    /// Who acts.
    pub who: Actor,
    /// The day, at the latest.
    pub date: NaiveDate,
    /// How firmly it stands.
    pub firmness: Firmness,
    /// The holidays that it rests on are published; otherwise the day is provisional.
    pub certain: bool,
}

/// What has to happen when, so that the first claims go out in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Processing month of the first claim.
    pub first_claim: Month,
    /// Dates of the operator; `None` on the way of the own claim.
    pub start: Option<StartPlan>,
    /// All dates, ascending.
    pub items: Vec<Item>,
    /// Months in between whose claims go on a disc（CD-R）: nobody transmits for the office in them（O42）.
    pub gap: Vec<Month>,
}

/// Why a month cannot be promised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The last day to apply is over.
    #[error("the application for {month} had to be made by {deadline}")]
    Over {
        /// The month.
        month: Month,
        /// Last day to apply.
        deadline: NaiveDate,
    },
    /// The present agent still acts when the month begins.
    #[error("the present agent acts until {until}")]
    Agent {
        /// Last day of the present agent.
        until: NaiveDate,
    },
    /// A 国保連 wanted the filing by a day that is over.
    #[error("{prefecture} wants the filing by {deadline}")]
    Filing {
        /// Name of the prefecture.
        prefecture: &'static str,
        /// The day.
        deadline: NaiveDate,
    },
    /// The agent must be registered by a day that is over, and the papers are not accepted.
    #[error("{prefecture} registers agents until {deadline}")]
    Registration {
        /// Name of the prefecture.
        prefecture: &'static str,
        /// The day.
        deadline: NaiveDate,
    },
    /// The month has begun without accepted papers.
    #[error("{0} has begun without accepted papers")]
    Papers(Month),
    /// The window of the month is over.
    #[error("the claim window of {0} is over")]
    Window(Month),
    /// The operator's calendar has no business day near the deadline.
    #[error("the operator's calendar knows no day to apply")]
    NoDay,
}

impl Forbidden {
    /// Says why, in Japanese.
    pub fn text(&self) -> String {
        match self {
            Self::Over { month, deadline } => format!(
                "{}から請求するには、{}までの申し込みが必要でした。",
                wareki_month(*month),
                wareki_date(*deadline)
            ),
            Self::Agent { until } => {
                format!("いまの代理人との委任が{}まで続くため、その月はまだ始められません。", wareki_date(*until))
            }
            Self::Filing { prefecture, deadline } => {
                format!("{prefecture}の国保連への届け出は{}まででした。", wareki_date(*deadline))
            }
            Self::Registration { prefecture, deadline } => format!(
                "{prefecture}の国保連への代理人の登録は{}まででしたが、委任状の受け付けがまだ終わっていません。",
                wareki_date(*deadline)
            ),
            Self::Papers(month) => {
                format!("委任状の受け付けが終わらないまま、{}になりました。", wareki_month(*month))
            }
            Self::Window(month) => format!("{}の受付期間は終わりました。", wareki_month(*month)),
            Self::NoDay => "運営者の休業日が続き、申し込める日がありません。運営者に電話してください。".to_owned(),
        }
    }
}

/// Lays the way back from `first_claim` to today.
///
/// # Errors
///
/// Returns the rule that forbids the month. No plan is ever made against one.
pub fn plan(
    first_claim: Month,
    draft: &Draft,
    facts: &Facts,
    today: NaiveDate,
    operator: &OperatorRules,
) -> Result<Plan, Forbidden> {
    if today > (ClaimWindow { processing_month: first_claim }).closes() && !facts.tested {
        return Err(Forbidden::Window(first_claim));
    }
    let mut way = Way { operator: &operator.calendar, today, items: Vec::new(), start: first_claim.first_day() };
    let start = match draft.route {
        Some(Route::Own) => {
            own(&mut way, draft, first_claim)?;
            None
        }
        _ => Some(proxy(&mut way, draft, facts, first_claim, operator)?),
    };
    let mut items = way.items;
    // Steps of one day stand in the order in which they are done.
    items.sort_by_key(|item| (item.date, item.step));
    Ok(Plan { first_claim, start, items, gap: gap(draft, first_claim) })
}

/// Returns the first month that no rule forbids, within the next two years.
pub fn earliest(draft: &Draft, facts: &Facts, today: NaiveDate, operator: &OperatorRules) -> Option<Month> {
    let now = Month::of(today).ok()?;
    (0..24).map(|later| now.plus(later)).find(|month| plan(*month, draft, facts, today, operator).is_ok())
}

struct Way<'a> {
    operator: &'a OperatorCalendar,
    today: NaiveDate,
    items: Vec<Item>,
    /// First day of the first claim month.
    start: NaiveDate,
}

impl Way<'_> {
    /// Adds a day that a rule sets.
    fn rule(&mut self, step: StepId, who: Actor, due: DueDate, title: &str, note: &str) {
        self.add(step, who, Firmness::Rule, due, title, note.to_owned());
    }

    /// Adds a good day for something, or the day on which it was `done`. When the good day is over and it is not done, it is
    /// to be done today: what follows is laid forward from there.
    fn advice(
        &mut self,
        step: StepId,
        who: Actor,
        due: DueDate,
        done: bool,
        title: &str,
        note: &str,
    ) -> Result<DueDate, Forbidden> {
        if done || due.date >= self.today {
            self.add(step, who, Firmness::Advice, due, title, note.to_owned());
            return Ok(due);
        }
        let date = self.operator.business_day_at_or_after(self.today).ok_or(Forbidden::NoDay)?;
        let moved = DueDate { date, certain: is_published(date) };
        let note = format!("めやすの日（{}）を過ぎています。{note}", wareki_date(due.date));
        self.add(step, who, Firmness::Advice, moved, title, note);
        Ok(moved)
    }

    fn add(&mut self, step: StepId, who: Actor, firmness: Firmness, due: DueDate, title: &str, note: String) {
        let DueDate { date, certain } = due;
        self.items.push(Item { step, title: title.to_owned(), note, who, date, firmness, certain });
    }

    /// A business day at or before a day so many days before the start.
    fn before(&self, days: u64) -> Result<DueDate, Forbidden> {
        self.back(self.start.checked_sub_days(Days::new(days)).ok_or(Forbidden::NoDay)?)
    }

    fn back(&self, date: NaiveDate) -> Result<DueDate, Forbidden> {
        let day = self.operator.business_day_at_or_before(date).ok_or(Forbidden::NoDay)?;
        Ok(DueDate { date: day, certain: is_published(date) })
    }

    /// So many business days before `date`.
    fn business_days_before(&self, date: NaiveDate, count: u32) -> Result<DueDate, Forbidden> {
        let mut due = self.back(date)?;
        for _ in 0..count {
            due = self.back(due.date.pred_opt().ok_or(Forbidden::NoDay)?)?;
        }
        Ok(due)
    }
}

fn proxy(
    way: &mut Way<'_>,
    draft: &Draft,
    facts: &Facts,
    first_claim: Month,
    operator: &OperatorRules,
) -> Result<StartPlan, Forbidden> {
    let today = way.today;
    let start = way.operator.start_for_first_claim(first_claim).ok_or(Forbidden::NoDay)?;
    let apply_by = start.apply_by;
    if facts.applied.unwrap_or(today) > apply_by.date {
        return Err(Forbidden::Over { month: first_claim, deadline: apply_by.date });
    }
    if !facts.accepted && today >= start.start {
        return Err(Forbidden::Papers(first_claim));
    }
    let month_before = first_claim.plus(-1);

    let letter_by = way.business_days_before(apply_by.date, 3)?;
    let filing = way.back(letter_by.date - LETTER_TAKES)?;
    let mut last_filing = None;
    for prefecture in prefectures(draft) {
        let name = prefecture.name;
        let filed = draft.filed.get(prefecture.code).and_then(|typed| parse_date(typed).ok());
        last_filing = last_filing.max(Some(call_and_filing(way, draft, prefecture, filing, filed, StepId::Filing)?));
        if let Some(day) = prefecture.filing_day() {
            let due = way.back(month_before.day(day))?;
            if filed.is_none_or(|filed| filed > due.date) && today > due.date {
                return Err(Forbidden::Filing { prefecture: name, deadline: due.date });
            }
        }
        if let Some(day) = operator.agent_day(prefecture) {
            let due = way.back(month_before.day(day))?;
            if !facts.accepted && today > due.date {
                return Err(Forbidden::Registration { prefecture: name, deadline: due.date });
            }
            way.rule(
                StepId::Post,
                Actor::Operator,
                due,
                &format!("{name}の国保連へ代理人を登録する"),
                "この日までに委任状の受け付けが終わっている必要があります。",
            );
        }
    }
    if draft.present == Some(Present::Agent) {
        let until = parse_date(&draft.released).ok();
        if let Some(until) = until.filter(|until| *until >= start.start) {
            return Err(Forbidden::Agent { until });
        }
        // Released agents leave the register after one or two months（O41）.
        let ask = way.back(first_claim.plus(-3).last_day())?;
        way.advice(
            StepId::Route,
            Actor::You,
            ask,
            until.is_some(),
            "いまの代理人に委任の解除を申し込む",
            "解除してから新しい代理請求が使えるまで、1〜2か月かかります。",
        )?;
    }
    let arrived = facts.applied.is_some()
        || (!draft.offices.is_empty() && draft.offices.iter().all(|office| !office.user_id.trim().is_empty()));
    letter(way, letter_by, apply_by.date, last_filing.filter(|_| !arrived), first_claim)?;
    way.rule(
        StepId::Apply,
        Actor::You,
        apply_by,
        "利用を申し込む",
        &format!("この日を過ぎると、請求を始められるのは{}からになります。", wareki_month(first_claim.next())),
    );
    let applied = facts.applied.unwrap_or(apply_by.date);
    let sent = facts.received || facts.accepted || draft.ticked.contains_key(&Task::Posted);
    let seal = forward(way, applied, 2)?;
    let sealed = way.advice(
        StepId::PowerOfAttorney,
        Actor::You,
        seal,
        sent || draft.ticked.contains_key(&Task::Sealed),
        "委任状を印刷して印を押す",
        "国保連への届け出と同じ印を押します。",
    )?;
    let post = if sealed == seal { forward(way, applied, 3)? } else { forward(way, sealed.date, 1)? };
    way.advice(StepId::Post, Actor::You, post, sent, "委任状を郵送する", "送る順番の一覧をいっしょに入れます。")?;
    let credentials = way.back(month_before.last_day())?;
    way.advice(
        StepId::Credentials,
        Actor::Operator,
        credentials,
        facts.issued || facts.signed_in,
        "ログインのIDと仮のパスワードが届く",
        "はじめて使う月の前の月の末に届きます。",
    )?;
    let first = DueDate { date: start.start, certain: true };
    for (step, done, title, note) in [
        (StepId::Credentials, facts.signed_in, "ログインしてパスワードを変える", "この日から使えます。"),
        (StepId::Regions, facts.regions, "事業所ごとに地域区分を決める", "はじめての請求の前に決めます。"),
        (StepId::Test, facts.tested, "テスト送信をする", "請求にならないファイルで、届くことを確かめます。"),
    ] {
        way.advice(step, Actor::You, first, done, title, note)?;
    }
    way.rule(
        StepId::Done,
        Actor::You,
        DueDate { date: start.first_window.closes(), certain: true },
        &format!("はじめての請求を送る（{}のサービス分）", wareki_month(start.first_service_month)),
        "1日から10日までです。最後の日は17時までに送ると安心です。",
    );
    way.advice(
        StepId::Done,
        Actor::Operator,
        start.first_debit,
        true,
        "はじめての利用料が引き落とされる",
        "初回登録料も、このときに一度だけ引き落とされます。",
    )?;
    Ok(start)
}

/// About a month passes between the filing and the letter with the user IDs（O39）.
const LETTER_TAKES: Days = Days::new(30);

/// Adds the letter: by when it has to be there, or, while it is awaited, when it can be expected after the last filing. How
/// long a 国保連 takes is no rule, so a late letter warns and forbids nothing.
fn letter(
    way: &mut Way<'_>,
    needed_by: DueDate,
    apply_by: NaiveDate,
    awaited_since: Option<NaiveDate>,
    first_claim: Month,
) -> Result<(), Forbidden> {
    let expected = awaited_since.map(|filed| filed + LETTER_TAKES);
    let expected =
        expected.map(|day| way.operator.business_day_at_or_after(day).ok_or(Forbidden::NoDay)).transpose()?;
    let due = match expected {
        Some(date) if date > needed_by.date => DueDate { date, certain: is_published(date) },
        _ => needed_by,
    };
    let note = if due.date > apply_by {
        format!(
            "申し込みの締切（{}）に間に合わないおそれがあります。いつ届くか、国保連に確かめてください。間に合わないときは、請求を始められるのは{}からになります。",
            wareki_date(apply_by),
            wareki_month(first_claim.next())
        )
    } else {
        "届いたらユーザーIDを写します。申し込みには、このIDが必要です。".to_owned()
    };
    let done = awaited_since.is_none();
    way.advice(StepId::UserIds, Actor::Kokuhoren, due, done, "「電子請求登録結果に関するお知らせ」が届く", &note)?;
    Ok(())
}

fn own(way: &mut Way<'_>, draft: &Draft, first_claim: Month) -> Result<(), Forbidden> {
    let today = way.today;
    // About a month from the filing to the first claim（O39）.
    let filing = way.before(30)?;
    for prefecture in prefectures(draft) {
        let filed = draft.filed.get(prefecture.code).and_then(|typed| parse_date(typed).ok());
        call_and_filing(way, draft, prefecture, filing, filed, StepId::OwnFiling)?;
        if let Some(day) = prefecture.filing_day() {
            let due = way.back(first_claim.plus(-1).day(day))?;
            if filed.is_none_or(|filed| filed > due.date) && today > due.date {
                return Err(Forbidden::Filing { prefecture: prefecture.name, deadline: due.date });
            }
        }
    }
    if today >= way.start {
        return Err(Forbidden::Window(first_claim));
    }
    for (step, task, days, title, note) in [
        (StepId::OwnComputer, Task::OwnComputer, 35, "パソコンを確かめる", ""),
        (
            StepId::OwnSignIn,
            Task::OwnSignIn,
            14,
            "電子請求受付システムにログインする",
            "お知らせにあるユーザーIDと仮パスワードを使います。",
        ),
        (
            StepId::OwnCertificate,
            Task::OwnCertificate,
            10,
            "電子証明書を申し込み、入れる",
            "申し込みから発行まで数日かかります。",
        ),
        (StepId::OwnInstaller, Task::OwnInstaller, 4, "統合インストーラを動かし、請求ソフトを設定する", ""),
    ] {
        let due = way.before(days)?;
        way.advice(step, Actor::You, due, draft.ticked.contains_key(&task), title, note)?;
    }
    let closes = DueDate { date: ClaimWindow { processing_month: first_claim }.closes(), certain: true };
    way.rule(StepId::OwnInstaller, Actor::You, closes, "はじめての請求を送る", "1日から10日までです。");
    Ok(())
}

/// Adds the call and the filing of a prefecture; returns the day of the filing.
fn call_and_filing(
    way: &mut Way<'_>,
    draft: &Draft,
    prefecture: &'static Prefecture,
    filing: DueDate,
    filed: Option<NaiveDate>,
    step: StepId,
) -> Result<NaiveDate, Forbidden> {
    let name = prefecture.name;
    let filing = filed.map_or(filing, |date| DueDate { date, certain: true });
    let done = filed.is_some() || draft.ticked.contains_key(&Task::OwnFiling);
    if prefecture.call_first {
        let call = way.business_days_before(filing.date, 3)?;
        let called = done || draft.calls.get(prefecture.code).is_some_and(|call| !call.on.trim().is_empty());
        way.advice(
            StepId::Call,
            Actor::You,
            call,
            called,
            &format!("{name}の国保連に電話する"),
            "届け出の時期と書類を、先に電話で確かめる必要があります。",
        )?;
    }
    let note = "お知らせが届くまで、およそ1か月をみておきます。";
    let due = way.advice(step, Actor::You, filing, done, &format!("{name}の国保連に届け出る"), note)?;
    Ok(due.date)
}

/// So many business days after `date`.
fn forward(way: &Way<'_>, date: NaiveDate, count: u32) -> Result<DueDate, Forbidden> {
    let mut day = date;
    for _ in 0..count {
        let next = day.succ_opt().ok_or(Forbidden::NoDay)?;
        day = way.operator.business_day_at_or_after(next).ok_or(Forbidden::NoDay)?;
    }
    Ok(DueDate { date: day, certain: is_published(day) })
}

/// Processing months between the end of the present agent's work and the first claim.
fn gap(draft: &Draft, first_claim: Month) -> Vec<Month> {
    let until = parse_date(&draft.released).ok().filter(|_| draft.present == Some(Present::Agent));
    let Some(first) = until.and_then(|until| Month::of(until).ok()).map(Month::next) else { return Vec::new() };
    (0..first_claim.months_since(first).clamp(0, 24)).map(|later| first.plus(later)).collect()
}
