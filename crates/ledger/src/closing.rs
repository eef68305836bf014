//! 締め: a month's figures as people confirmed them, what changed since, and the receivables carried from month to month.
//!
//! Two stages（features Q07）: the claims of a month are fixed first, then what was decided and transferred. Both are
//! decisions of people and are kept; a figure that the files tell otherwise afterwards is shown as a later change. The books
//! of a closed month never change: what changes is posted in the first month after it that is open.

use std::collections::BTreeMap;

use calendar::{ClaimWindow, Month};
use chrono::{NaiveDate, NaiveDateTime};
use kokuho::{OfficeNumber, Yen};
use serde::{Deserialize, Serialize};

use crate::waterfall::transfer_gap;
use crate::{Balance, Case, CaseState, Figure};

/// How far a month is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 請求の締め: what was claimed is fixed.
    Claims,
    /// 入金の締め: what was decided and transferred is fixed too.
    Payment,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 2] = [Self::Claims, Self::Payment];

    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Payment => "payment",
        }
    }

    /// Finds the stage that [`Stage::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Returns the words that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claims => "請求の締め",
            Self::Payment => "入金の締め",
        }
    }

    /// Returns the figures that this stage fixes. 未収 is never fixed: it is as of today.
    pub fn figures(self) -> &'static [Figure] {
        match self {
            Self::Claims => &[Figure::Claimed],
            Self::Payment => &[
                Figure::Claimed,
                Figure::Returned,
                Figure::Held,
                Figure::Assessed,
                Figure::Released,
                Figure::Unexplained,
                Figure::Decided,
                Figure::Kago,
                Figure::Payable,
                Figure::Paid,
            ],
        }
    }
}

/// What a person decided about a month of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub month: Month,
    /// What was decided.
    pub what: ClosingKind,
    /// Who.
    pub by: String,
    /// When, in Japan time.
    pub at: NaiveDateTime,
}

/// Kind of a [`Closing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosingKind {
    /// Closed up to a stage, with the figures as they were then.
    Close {
        /// How far.
        stage: Stage,
        /// The fixed figures.
        figures: BTreeMap<String, Yen>,
    },
    /// Opened again.
    Reopen {
        /// Why.
        reason: String,
    },
}

/// A month that is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// How far.
    pub stage: Stage,
    /// Who closed it last.
    pub by: String,
    /// When.
    pub at: NaiveDateTime,
    /// The figures as they were then, by [`Figure::as_str`].
    pub figures: BTreeMap<String, Yen>,
}

/// A figure that the files tell otherwise than when the month was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterChange {
    /// Which figure.
    pub figure: Figure,
    /// What it was.
    pub then: Yen,
    /// What it is.
    pub now: Yen,
}

/// Returns the figures of a balance that closing at `stage` fixes.
pub(crate) fn figures(balance: &Balance, stage: Stage) -> BTreeMap<String, Yen> {
    stage.figures().iter().map(|figure| (figure.as_str().to_owned(), figure.of(balance))).collect()
}

/// Returns which months are closed. `closings` in the order in which they were decided: the latest about a month counts.
pub fn locks(closings: &[Closing]) -> BTreeMap<(OfficeNumber, Month), Lock> {
    let mut locks = BTreeMap::new();
    for closing in closings {
        let place = (closing.office.clone(), closing.month);
        match &closing.what {
            ClosingKind::Close { stage, figures } => {
                let lock = Lock { stage: *stage, by: closing.by.clone(), at: closing.at, figures: figures.clone() };
                locks.insert(place, lock);
            }
            ClosingKind::Reopen { .. } => {
                locks.remove(&place);
            }
        }
    }
    locks
}

impl Lock {
    /// Returns the fixed figures that are told otherwise now, in the order in which they add up.
    pub fn later_changes(&self, balance: &Balance) -> Vec<LaterChange> {
        self.stage
            .figures()
            .iter()
            .filter_map(|figure| {
                let then = *self.figures.get(figure.as_str())?;
                let now = figure.of(balance);
                (then != now).then_some(LaterChange { figure: *figure, then, now })
            })
            .collect()
    }
}

/// How returned claims are booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// 売上を取り消す: a return takes the sale back; claiming again is a new sale.
    ReverseSale,
    /// 未収のまま残す: a return moves the receivable to 返戻未収金, where it stays until it is claimed again or given up.
    KeepReceivable,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 2] = [Self::KeepReceivable, Self::ReverseSale];

    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReverseSale => "reverse",
            Self::KeepReceivable => "keep",
        }
    }

    /// Finds the style that [`Style::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.as_str() == text)
    }

    /// Returns the words that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReverseSale => "返戻で売上を取り消す",
            Self::KeepReceivable => "返戻を未収のまま残す",
        }
    }
}

/// What happened to the receivables on a day. `kago` holds both what is lost and what can be claimed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Movements {
    /// Claimed（請求した月で計上する）.
    pub claimed: Yen,
    /// Of `claimed`: claims that had come back, with the yen with which they came back.
    pub claimed_again: Yen,
    /// Came back: returned, or held before and returned now.
    pub returned: Yen,
    /// 査定, 0 or negative.
    pub assessed: Yen,
    /// 過誤, 0 or negative.
    pub kago: Yen,
    /// Of `kago`: claims on hand, positive; they can be claimed again.
    pub taken_back: Yen,
    /// 説明できない差額 of the decision.
    pub unexplained: Yen,
    /// Transferred for care and 総合事業, whatever month it was claimed in.
    pub received: Yen,
    /// 手数料 taken off these transfers, 0 or negative.
    pub fees: Yen,
    /// Other payments in these transfers.
    pub other_payments: Yen,
    /// Held claims that were given up, positive.
    pub held_written_off: Yen,
    /// Claims that had come back and were given up or time-barred, positive.
    pub returned_written_off: Yen,
}

/// A movement by its name in what a closing keeps.
type Named = (&'static str, fn(&mut Movements) -> &mut Yen);

impl Movements {
    const FIELDS: [Named; 12] = [
        ("claimed", |of| &mut of.claimed),
        ("claimed_again", |of| &mut of.claimed_again),
        ("returned", |of| &mut of.returned),
        ("assessed", |of| &mut of.assessed),
        ("kago", |of| &mut of.kago),
        ("taken_back", |of| &mut of.taken_back),
        ("unexplained", |of| &mut of.unexplained),
        ("received", |of| &mut of.received),
        ("fees", |of| &mut of.fees),
        ("other_payments", |of| &mut of.other_payments),
        ("held_written_off", |of| &mut of.held_written_off),
        ("returned_written_off", |of| &mut of.returned_written_off),
    ];

    /// Movements that the first stage fixes.
    const OF_CLAIMS: [&'static str; 2] = ["claimed", "claimed_again"];

    /// Adds other movements.
    pub fn join(&mut self, mut other: Self) {
        for (_, field) in Self::FIELDS {
            *field(self) += *field(&mut other);
        }
    }

    fn less(mut self, mut other: Self) -> Self {
        for (_, field) in Self::FIELDS {
            *field(&mut self) -= *field(&mut other);
        }
        self
    }

    /// Returns what they add to claims under way: 事業未収金 without 返戻未収金.
    fn under_way(&self) -> Yen {
        self.claimed - self.returned + self.assessed + self.kago + self.unexplained
            - self.received
            - self.held_written_off
    }

    /// Returns what they add to 返戻未収金 by a style that keeps it.
    fn came_back(&self) -> Yen {
        self.returned + self.taken_back - self.claimed_again - self.returned_written_off
    }

    /// Returns what they add to the receivables by `style`.
    pub fn net(&self, style: Style) -> Yen {
        match style {
            Style::ReverseSale => self.under_way(),
            Style::KeepReceivable => self.under_way() + self.came_back(),
        }
    }

    /// Returns their journal by `style`: every entry has one debit, one credit and a positive amount.
    fn journal(&self, style: Style, day: NaiveDate, about: Option<Month>) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut book = |debit: Account, credit: Account, yen: Yen, text: &'static str| {
            // A negative amount is the same entry the other way round.
            match yen.0 {
                0 => {}
                1.. => entries.push(Entry { day, debit, credit, yen, text, about }),
                _ => entries.push(Entry { day, debit: credit, credit: debit, yen: -yen, text, about }),
            }
        };
        if style == Style::KeepReceivable {
            book(Account::Receivable, Account::ReturnedReceivable, self.claimed_again, "返戻の再請求");
            book(Account::Receivable, Account::Sales, self.claimed - self.claimed_again, "請求");
            book(Account::ReturnedReceivable, Account::Receivable, self.returned, "返戻");
            book(Account::ReturnedReceivable, Account::Receivable, self.taken_back, "過誤（請求し直すもの）");
            book(Account::Sales, Account::Receivable, -self.kago - self.taken_back, "過誤");
            book(
                Account::BadDebts,
                Account::ReturnedReceivable,
                self.returned_written_off,
                "請求しないと決めた返戻・時効",
            );
        } else {
            book(Account::Receivable, Account::Sales, self.claimed, "請求");
            book(Account::Sales, Account::Receivable, self.returned, "返戻による売上の取消");
            book(Account::Sales, Account::Receivable, -self.kago, "過誤による売上の取消");
        }
        book(Account::Sales, Account::Receivable, -self.assessed, "査定による減額");
        book(Account::Receivable, Account::Unexplained, self.unexplained, "説明できない差額");
        book(Account::Deposits, Account::Receivable, self.received, "介護給付費等の振込");
        book(Account::Fees, Account::Deposits, -self.fees, "振込から引かれた手数料");
        book(Account::Deposits, Account::OtherIncome, self.other_payments, "介護給付費以外の振込");
        book(Account::BadDebts, Account::Receivable, self.held_written_off, "請求しないと決めた保留");
        entries
    }
}

/// The books of one month of an office: movements by the day on which they are posted, and what later changes of months
/// that were closed before add to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Booked {
    days: BTreeMap<NaiveDate, Movements>,
    /// By the closed month that changed.
    corrections: BTreeMap<Month, Movements>,
}

/// Before the movements among the figures that a closing keeps: `book:2026-06-30:returned`, and `correction:2026-05:returned`
/// for a change of an earlier month. What is 0 is not kept.
const BOOKED: &str = "book:";
const CORRECTED: &str = "correction:";

impl Booked {
    fn total(&self) -> Movements {
        sum(self.days.values())
    }

    /// Writes the movements that closing at `stage` fixes under `names` of their own.
    fn keep(&self, stage: Stage, figures: &mut BTreeMap<String, Yen>) {
        let mut put = |prefix: &str, at: &dyn std::fmt::Display, mut moved: Movements| {
            for (name, field) in Movements::FIELDS {
                let yen = *field(&mut moved);
                if yen != Yen::ZERO && (stage == Stage::Payment || Movements::OF_CLAIMS.contains(&name)) {
                    figures.insert(format!("{prefix}{at}:{name}"), yen);
                }
            }
        };
        for (day, moved) in &self.days {
            put(BOOKED, day, *moved);
        }
        if stage == Stage::Payment {
            for (month, moved) in &self.corrections {
                put(CORRECTED, month, *moved);
            }
        }
    }

    /// Reads what [`Booked::keep`] wrote. What a later version wrote and this one does not know is left out.
    fn kept(figures: &BTreeMap<String, Yen>) -> Self {
        let mut booked = Self::default();
        for (key, yen) in figures {
            let moved = if let Some((day, name)) = key.strip_prefix(BOOKED).and_then(|rest| rest.rsplit_once(':')) {
                day.parse().ok().map(|day| (booked.days.entry(day).or_default(), name))
            } else if let Some((month, name)) = key.strip_prefix(CORRECTED).and_then(|rest| rest.rsplit_once(':')) {
                month.parse().ok().map(|month| (booked.corrections.entry(month).or_default(), name))
            } else {
                None
            };
            let Some((moved, name)) = moved else { continue };
            if let Some((_, field)) = Movements::FIELDS.iter().find(|(known, _)| *known == name) {
                *field(moved) += *yen;
            }
        }
        booked
    }

    /// Takes the movements of the first stage from `kept`, and leaves the others as the files tell them.
    fn fix_claims(&mut self, kept: &Self) {
        let fields = || Movements::FIELDS.into_iter().filter(|(name, _)| Movements::OF_CLAIMS.contains(name));
        for moved in self.days.values_mut() {
            for (_, field) in fields() {
                *field(moved) = Yen::ZERO;
            }
        }
        for (day, fixed) in &kept.days {
            let (mut fixed, moved) = (*fixed, self.days.entry(*day).or_default());
            for (_, field) in fields() {
                *field(moved) = *field(&mut fixed);
            }
        }
    }
}

fn sum<'a>(all: impl Iterator<Item = &'a Movements>) -> Movements {
    let mut sum = Movements::default();
    for moved in all {
        sum.join(*moved);
    }
    sum
}

/// 事業未収金 of one office carried through one month. Every month: `opening + movements = closing`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roll {
    /// 前月からの繰越.
    pub opening: Yen,
    /// All movements of the month, those of `corrections` among them.
    pub moved: Movements,
    /// Of `moved`: later changes of months that had been closed, by the month that changed. The books of a closed month stay
    /// as they were; what changes is posted in the first month after it that is open.
    pub corrections: BTreeMap<Month, Movements>,
    /// Movements other than corrections, by the day on which they are posted.
    pub days: BTreeMap<NaiveDate, Movements>,
    /// 次月への繰越: claims under way and, by [`Style::KeepReceivable`], those that came back.
    pub closing: Yen,
    /// Of `closing`: 返戻未収金; 0 by [`Style::ReverseSale`], whose books no longer hold them.
    pub closing_returned: Yen,
    /// Last day of the month, on which corrections are posted.
    last_day: NaiveDate,
}

/// Rolls the receivables of one office from its first month on hand to `until`, by month.
///
/// `balances`, `cases` and `locks` are those of the office alone. A month that is closed keeps the movements with which it
/// was closed. Nothing is known of what was under way before the first month on hand: it appears as `unexplained` when it
/// is decided.
pub fn roll_forward(
    balances: &[Balance],
    cases: &[Case],
    locks: &BTreeMap<Month, &Lock>,
    style: Style,
    until: Month,
) -> BTreeMap<Month, Roll> {
    let mut rolls = BTreeMap::new();
    let (mut under_way, mut came_back) = (Yen::ZERO, Yen::ZERO);
    for (month, booked) in booked(balances, cases, locks, until) {
        let mut moved = booked.total();
        moved.join(sum(booked.corrections.values()));
        let opening = under_way + came_back;
        under_way += moved.under_way();
        if style == Style::KeepReceivable {
            came_back += moved.came_back();
        }
        let Booked { days, corrections } = booked;
        let (closing, closing_returned, last_day) = (under_way + came_back, came_back, month.last_day());
        rolls.insert(month, Roll { opening, moved, corrections, days, closing, closing_returned, last_day });
    }
    rolls
}

/// Returns what closing `month` at `stage` keeps: the figures of its balance, and the movements of its books.
///
/// `balances`, `cases` and `locks` are those of the office alone.
pub fn closing_figures(
    balances: &[Balance],
    cases: &[Case],
    locks: &BTreeMap<Month, &Lock>,
    month: Month,
    stage: Stage,
) -> BTreeMap<String, Yen> {
    let balance = balances.iter().find(|balance| balance.processing_month == month);
    let mut figures = balance.map(|balance| figures(balance, stage)).unwrap_or_default();
    if let Some(booked) = booked(balances, cases, locks, month).get(&month) {
        booked.keep(stage, &mut figures);
    }
    figures
}

/// Books every month up to `until`: as the files tell it, or as it was closed.
fn booked(
    balances: &[Balance],
    cases: &[Case],
    locks: &BTreeMap<Month, &Lock>,
    until: Month,
) -> BTreeMap<Month, Booked> {
    let told = as_told(balances, cases);
    let first = told.keys().chain(locks.keys()).min().copied();
    let mut booked: BTreeMap<Month, Booked> = BTreeMap::new();
    // What each closed month lacks in the books so far.
    let mut lacking: BTreeMap<Month, Movements> = BTreeMap::new();
    let mut next = first.filter(|month| *month <= until);
    while let Some(month) = next {
        let now = told.get(&month).cloned().unwrap_or_default();
        let lock = locks.get(&month);
        let mut books = Booked { days: now, corrections: BTreeMap::new() };
        let told_total = books.total();
        match lock.map(|lock| (lock.stage, Booked::kept(&lock.figures))) {
            Some((Stage::Payment, kept)) => books = kept,
            Some((Stage::Claims, kept)) => books.fix_claims(&kept),
            None => {}
        }
        if lock.is_none_or(|lock| lock.stage < Stage::Payment) {
            books.corrections = lacking.clone();
        }
        for (changed, moved) in &books.corrections {
            let rest = lacking.entry(*changed).or_default();
            *rest = rest.less(*moved);
        }
        let changed = told_total.less(books.total());
        lacking.entry(month).or_default().join(changed);
        lacking.retain(|_, moved| *moved != Movements::default());
        booked.insert(month, books);
        next = Some(month.next()).filter(|month| *month <= until);
    }
    booked
}

/// Books as the files tell them today: claims on the last day of the claim window, what the review changed on the last day
/// of its month, money on the day of its transfer, what is given up on the day of the decision.
fn as_told(balances: &[Balance], cases: &[Case]) -> BTreeMap<Month, BTreeMap<NaiveDate, Movements>> {
    let mut months: BTreeMap<Month, BTreeMap<NaiveDate, Movements>> = BTreeMap::new();
    let mut post = |day: NaiveDate, moved: Movements| {
        // A day outside of the calendar's range cannot come from a file.
        let Ok(month) = Month::of(day) else { return };
        let days = months.entry(month).or_default();
        if moved != Movements::default() {
            days.entry(day).or_default().join(moved);
        }
    };
    for balance in balances {
        let month = balance.processing_month;
        post(
            ClaimWindow { processing_month: month }.closes(),
            Movements { claimed: balance.claimed, claimed_again: balance.claimed_again, ..Movements::default() },
        );
        let mut reviewed = Movements {
            returned: balance.returned + balance.held_then_returned,
            assessed: balance.assessed,
            ..Movements::default()
        };
        if balance.is_decided {
            reviewed.kago = balance.kago;
            reviewed.taken_back = balance.taken_back;
            reviewed.unexplained = balance.unexplained + (balance.payable - balance.decided - balance.kago);
        }
        post(month.last_day(), reviewed);
        if balance.is_paid {
            post(
                balance.transfer_day.unwrap_or_else(|| month.next().last_day()),
                Movements {
                    received: balance.paid - balance.fees - balance.other_payments,
                    fees: balance.fees,
                    other_payments: balance.other_payments,
                    // A transfer that differs from the decision leaves nothing to wait for.
                    unexplained: transfer_gap(balance),
                    ..Movements::default()
                },
            );
        }
    }
    for case in cases {
        let day = match case.state {
            CaseState::Closed => case.closed_on,
            CaseState::Lapsed => case.limitation_date.and_then(|last| last.succ_opt()),
            _ => None,
        };
        if let Some(day) = day {
            post(
                day,
                Movements {
                    held_written_off: case.held_yen,
                    returned_written_off: case.returned_yen,
                    ..Movements::default()
                },
            );
        }
    }
    months
}

impl Roll {
    /// Adds another office's month.
    pub fn join(&mut self, other: &Self) {
        self.opening += other.opening;
        self.moved.join(other.moved);
        for (month, moved) in &other.corrections {
            self.corrections.entry(*month).or_default().join(*moved);
        }
        for (day, moved) in &other.days {
            self.days.entry(*day).or_default().join(*moved);
        }
        self.closing += other.closing;
        self.closing_returned += other.closing_returned;
        self.last_day = self.last_day.max(other.last_day);
    }

    /// Returns what later changes of closed months add to the receivables by `style`.
    pub fn corrected(&self, style: Style) -> Yen {
        self.corrections.values().map(|moved| moved.net(style)).sum()
    }

    /// Returns the movements of the month itself, without corrections.
    pub fn own(&self) -> Movements {
        self.moved.less(sum(self.corrections.values()))
    }

    /// Returns the journal of the month by `style`, by day: what happened in it, then what earlier closed months changed.
    pub fn journal(&self, style: Style) -> Vec<Entry> {
        let own = self.days.iter().flat_map(|(day, moved)| moved.journal(style, *day, None));
        let later =
            self.corrections.iter().flat_map(|(month, moved)| moved.journal(style, self.last_day, Some(*month)));
        own.chain(later).collect()
    }
}

/// An account of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// 事業未収金.
    Receivable,
    /// 返戻未収金, a sub-account of 事業未収金.
    ReturnedReceivable,
    /// 介護保険事業収益.
    Sales,
    /// 普通預金.
    Deposits,
    /// 支払手数料.
    Fees,
    /// 介護給付費以外の収益.
    OtherIncome,
    /// 徴収不能額.
    BadDebts,
    /// 仮受金: what is to be cleared up.
    Unexplained,
}

impl Account {
    /// Returns 勘定科目 and 補助科目. 社会福祉法人会計基準 names the accounts; other books rename them at import.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Receivable => ("事業未収金", "国保連"),
            Self::ReturnedReceivable => ("事業未収金", "返戻未収"),
            Self::Sales => ("介護保険事業収益", ""),
            Self::Deposits => ("普通預金", ""),
            Self::Fees => ("支払手数料", ""),
            Self::OtherIncome => ("その他の事業収益", ""),
            Self::BadDebts => ("徴収不能額", ""),
            Self::Unexplained => ("仮受金", "説明できない差額"),
        }
    }
}

/// One line of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// 日付: day on which it is posted.
    pub day: NaiveDate,
    /// 借方.
    pub debit: Account,
    /// 貸方.
    pub credit: Account,
    /// Amount of both sides; positive.
    pub yen: Yen,
    /// 摘要.
    pub text: &'static str,
    /// The closed month that changed, where the entry corrects one.
    pub about: Option<Month>,
}
