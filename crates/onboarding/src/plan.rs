//! The way back from the first claim month to today（idea 10）.

use calendar::{
    ClaimWindow, DueDate, Month, OperatorCalendar, StartPlan, is_published, parse_date, wareki_date, wareki_month,
};
use chrono::{Days, NaiveDate};

use crate::check::prefectures;
use crate::draft::{Draft, Present, Route};
use crate::prefecture::Prefecture;
use crate::steps::{Actor, Facts, StepId};

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
    operator: &OperatorCalendar,
) -> Result<Plan, Forbidden> {
    if today > (ClaimWindow { processing_month: first_claim }).closes() && !facts.tested {
        return Err(Forbidden::Window(first_claim));
    }
    let mut way = Way { operator, items: Vec::new(), start: first_claim.first_day() };
    let start = match draft.route {
        Some(Route::Own) => {
            own(&mut way, draft, first_claim, today)?;
            None
        }
        _ => Some(proxy(&mut way, draft, facts, first_claim, today)?),
    };
    let mut items = way.items;
    // Steps of one day stand in the order in which they are done.
    items.sort_by_key(|item| (item.date, item.step));
    Ok(Plan { first_claim, start, items, gap: gap(draft, first_claim) })
}

/// Returns the first month that no rule forbids, within the next two years.
pub fn earliest(draft: &Draft, facts: &Facts, today: NaiveDate, operator: &OperatorCalendar) -> Option<Month> {
    let now = Month::of(today).ok()?;
    (0..24).map(|later| now.plus(later)).find(|month| plan(*month, draft, facts, today, operator).is_ok())
}

struct Way<'a> {
    operator: &'a OperatorCalendar,
    items: Vec<Item>,
    /// First day of the first claim month.
    start: NaiveDate,
}

impl Way<'_> {
    fn add(&mut self, step: StepId, who: Actor, firmness: Firmness, due: DueDate, title: &str, note: &str) {
        self.items.push(Item {
            step,
            title: title.to_owned(),
            note: note.to_owned(),
            who,
            date: due.date,
            firmness,
            certain: due.certain,
        });
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
    today: NaiveDate,
) -> Result<StartPlan, Forbidden> {
    use Firmness::{Advice, Rule};
    let start = way.operator.start_for_first_claim(first_claim).ok_or(Forbidden::NoDay)?;
    let apply_by = start.apply_by;
    if facts.applied.unwrap_or(today) > apply_by.date {
        return Err(Forbidden::Over { month: first_claim, deadline: apply_by.date });
    }
    if !facts.accepted && today >= start.start {
        return Err(Forbidden::Papers(first_claim));
    }
    let month_before = first_claim.plus(-1);

    // About a month passes between the filing and the letter（O39）.
    let filing = way.back(apply_by.date - Days::new(30))?;
    for prefecture in prefectures(draft) {
        let name = prefecture.name;
        let filed = draft.filed.get(prefecture.code).and_then(|typed| parse_date(typed).ok());
        call_and_filing(way, prefecture, filing, filed, StepId::Filing, today)?;
        if let Some(day) = prefecture.filing_day() {
            let due = way.back(month_before.day(day))?;
            if filed.is_none_or(|filed| filed > due.date) && today > due.date {
                return Err(Forbidden::Filing { prefecture: name, deadline: due.date });
            }
        }
        if let Some(day) = prefecture.agent_day() {
            let due = way.back(month_before.day(day))?;
            if !facts.accepted && today > due.date {
                return Err(Forbidden::Registration { prefecture: name, deadline: due.date });
            }
            way.add(
                StepId::Post,
                Actor::Operator,
                Rule,
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
        way.add(
            StepId::Route,
            Actor::You,
            Advice,
            ask,
            "いまの代理人に委任の解除を申し込む",
            "解除してから新しい代理請求が使えるまで、1〜2か月かかります。",
        );
    }
    let letter = way.business_days_before(apply_by.date, 3)?;
    way.add(
        StepId::UserIds,
        Actor::Kokuhoren,
        Advice,
        letter,
        "「電子請求登録結果に関するお知らせ」が届く",
        "届いたらユーザーIDを写します。申し込みには、このIDが必要です。",
    );
    way.add(
        StepId::Apply,
        Actor::You,
        Rule,
        apply_by,
        "利用を申し込む",
        &format!("この日を過ぎると、請求を始められるのは{}からになります。", wareki_month(first_claim.next())),
    );
    let applied = facts.applied.map_or(apply_by, |date| DueDate { date, certain: true });
    let sealed = forward(way, applied.date, 2)?;
    way.add(
        StepId::PowerOfAttorney,
        Actor::You,
        Advice,
        sealed,
        "委任状を印刷して印を押す",
        "国保連への届け出と同じ印を押します。",
    );
    let posted = forward(way, applied.date, 3)?;
    way.add(StepId::Post, Actor::You, Advice, posted, "委任状を郵送する", "送る順番の一覧をいっしょに入れます。");
    let credentials = way.back(month_before.last_day())?;
    way.add(
        StepId::Credentials,
        Actor::Operator,
        Advice,
        credentials,
        "ログインのIDと仮のパスワードが届く",
        "はじめて使う月の前の月の末に届きます。",
    );
    let first = DueDate { date: start.start, certain: true };
    for (step, title, note) in [
        (StepId::Credentials, "ログインしてパスワードを変える", "この日から使えます。"),
        (StepId::Regions, "事業所ごとに地域区分を決める", "はじめての請求の前に決めます。"),
        (StepId::Test, "テスト送信をする", "請求にならないファイルで、届くことを確かめます。"),
    ] {
        way.add(step, Actor::You, Advice, first, title, note);
    }
    way.add(
        StepId::Done,
        Actor::You,
        Rule,
        DueDate { date: start.first_window.closes(), certain: true },
        &format!("はじめての請求を送る（{}のサービス分）", wareki_month(start.first_service_month)),
        "1日から10日までです。最後の日は17時までに送ると安心です。",
    );
    way.add(
        StepId::Done,
        Actor::Operator,
        Advice,
        start.first_debit,
        "はじめての利用料が引き落とされる",
        "初回登録料も、このときに一度だけ引き落とされます。",
    );
    Ok(start)
}

fn own(way: &mut Way<'_>, draft: &Draft, first_claim: Month, today: NaiveDate) -> Result<(), Forbidden> {
    use Firmness::{Advice, Rule};
    // About a month from the filing to the first claim（O39）.
    let filing = way.before(30)?;
    for prefecture in prefectures(draft) {
        let filed = draft.filed.get(prefecture.code).and_then(|typed| parse_date(typed).ok());
        call_and_filing(way, prefecture, filing, filed, StepId::OwnFiling, today)?;
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
    let computer = way.before(35)?;
    way.add(StepId::OwnComputer, Actor::You, Advice, computer, "パソコンを確かめる", "");
    let sign_in = way.before(14)?;
    way.add(
        StepId::OwnSignIn,
        Actor::You,
        Advice,
        sign_in,
        "電子請求受付システムにログインする",
        "お知らせにあるユーザーIDと仮パスワードを使います。",
    );
    let certificate = way.before(10)?;
    way.add(
        StepId::OwnCertificate,
        Actor::You,
        Advice,
        certificate,
        "電子証明書を申し込み、入れる",
        "申し込みから発行まで数日かかります。",
    );
    let installer = way.before(4)?;
    way.add(StepId::OwnInstaller, Actor::You, Advice, installer, "統合インストーラを動かし、請求ソフトを設定する", "");
    let closes = DueDate { date: ClaimWindow { processing_month: first_claim }.closes(), certain: true };
    way.add(StepId::OwnInstaller, Actor::You, Rule, closes, "はじめての請求を送る", "1日から10日までです。");
    Ok(())
}

fn call_and_filing(
    way: &mut Way<'_>,
    prefecture: &'static Prefecture,
    filing: DueDate,
    filed: Option<NaiveDate>,
    step: StepId,
    today: NaiveDate,
) -> Result<(), Forbidden> {
    let name = prefecture.name;
    let filing = filed.map_or(filing, |date| DueDate { date, certain: true });
    if prefecture.call_first {
        let call = way.business_days_before(filing.date, 3)?;
        way.add(
            StepId::Call,
            Actor::You,
            Firmness::Advice,
            call,
            &format!("{name}の国保連に電話する"),
            "届け出の時期と書類を、先に電話で確かめる必要があります。",
        );
    }
    let late = filed.is_none() && filing.date < today;
    let note = if late {
        "めやすの日を過ぎています。いつお知らせが届くか、国保連に確かめてください。"
    } else {
        "お知らせが届くまで、およそ1か月をみておきます。"
    };
    way.add(step, Actor::You, Firmness::Advice, filing, &format!("{name}の国保連に届け出る"), note);
    Ok(())
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
