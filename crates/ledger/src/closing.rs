//! 締め: a month's figures as people confirmed them, what changed since, and the receivables carried from month to month.
//!
//! Two stages（features Q07）: the claims of a month are fixed first, then what was decided and transferred. Both are
//! decisions of people and are kept; a figure that the files tell otherwise afterwards is shown as a later change.

use std::collections::BTreeMap;

use calendar::Month;
use chrono::NaiveDateTime;
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
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Payment => "payment",
        }
    }

    /// Finds the stage that [`Stage::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Claims, Self::Payment].into_iter().find(|stage| stage.as_str() == text)
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

/// Returns the figures that closing `balance` at `stage` fixes.
pub fn figures(balance: &Balance, stage: Stage) -> BTreeMap<String, Yen> {
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
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReverseSale => "reverse",
            Self::KeepReceivable => "keep",
        }
    }

    /// Finds the style that [`Style::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        [Self::ReverseSale, Self::KeepReceivable].into_iter().find(|style| style.as_str() == text)
    }

    /// Returns the words that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReverseSale => "返戻で売上を取り消す",
            Self::KeepReceivable => "返戻を未収のまま残す",
        }
    }
}

/// 事業未収金 of one office carried through one month. Every month: `opening + movements = closing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roll {
    /// 前月からの繰越.
    pub opening: Yen,
    /// Claimed in this month（請求した月で計上する）.
    pub claimed: Yen,
    /// Of `claimed`: claims that had come back, with the yen with which they came back.
    pub claimed_again: Yen,
    /// Came back in this month: returned, or held before and returned now.
    pub returned: Yen,
    /// 査定, 0 or negative.
    pub assessed: Yen,
    /// 過誤, 0 or negative.
    pub kago: Yen,
    /// Of `kago`: claims on hand, positive; they can be claimed again.
    pub taken_back: Yen,
    /// 説明できない差額 of the decision.
    pub unexplained: Yen,
    /// Transferred in this month for care and 総合事業, whatever month it was claimed in.
    pub received: Yen,
    /// 手数料 taken off these transfers, 0 or negative.
    pub fees: Yen,
    /// Other payments in these transfers.
    pub other_payments: Yen,
    /// Held claims that were given up in this month, positive.
    pub held_written_off: Yen,
    /// Claims that had come back and were given up or time-barred in this month, positive; 0 by [`Style::ReverseSale`],
    /// whose books no longer hold them.
    pub returned_written_off: Yen,
    /// 次月への繰越: claims under way and, by [`Style::KeepReceivable`], those that came back.
    pub closing: Yen,
    /// Of `closing`: 返戻未収金; 0 by [`Style::ReverseSale`].
    pub closing_returned: Yen,
}

/// Rolls the receivables of one office from its first month on hand to `until`, by month.
///
/// `balances` and `cases` are those of the office alone. Nothing is known of what was under way before the first month on
/// hand: it appears as `unexplained` when it is decided.
pub fn roll_forward(balances: &[Balance], cases: &[Case], style: Style, until: Month) -> BTreeMap<Month, Roll> {
    let mut months: BTreeMap<Month, Roll> = BTreeMap::new();
    for balance in balances {
        let roll = months.entry(balance.processing_month).or_default();
        roll.claimed += balance.claimed;
        roll.claimed_again += balance.claimed_again;
        roll.returned += balance.returned + balance.held_then_returned;
        roll.assessed += balance.assessed;
        if balance.is_decided {
            roll.kago += balance.kago;
            roll.taken_back += balance.taken_back;
            roll.unexplained += balance.unexplained + (balance.payable - balance.decided - balance.kago);
        }
        if balance.is_paid {
            let month = balance.transfer_day.and_then(|day| Month::of(day).ok());
            let roll = months.entry(month.unwrap_or(balance.processing_month.next())).or_default();
            roll.received += balance.paid - balance.fees - balance.other_payments;
            roll.fees += balance.fees;
            roll.other_payments += balance.other_payments;
            // A transfer that differs from the decision leaves nothing to wait for.
            roll.unexplained += transfer_gap(balance);
        }
    }
    for case in cases {
        let month = match case.state {
            CaseState::Closed => case.closed_on.and_then(|day| Month::of(day).ok()),
            CaseState::Lapsed => case.limitation_date.and_then(|last| Month::of(last).ok()).map(Month::next),
            _ => None,
        };
        let Some(month) = month else { continue };
        let roll = months.entry(month).or_default();
        roll.held_written_off += case.held_yen;
        if style == Style::KeepReceivable {
            roll.returned_written_off += case.returned_yen;
        }
    }
    let Some(mut month) = months.keys().next().copied() else { return months };
    let (mut under_way, mut came_back) = (Yen::ZERO, Yen::ZERO);
    while month <= until {
        let roll = months.entry(month).or_default();
        roll.opening = under_way + came_back;
        under_way += roll.claimed - roll.returned + roll.assessed + roll.kago + roll.unexplained
            - roll.received
            - roll.held_written_off;
        if style == Style::KeepReceivable {
            came_back += roll.returned + roll.taken_back - roll.claimed_again - roll.returned_written_off;
        }
        roll.closing = under_way + came_back;
        roll.closing_returned = came_back;
        month = month.next();
    }
    months.retain(|month, _| *month <= until);
    months
}

impl Roll {
    /// Adds another office's month.
    pub fn join(&mut self, other: &Self) {
        self.opening += other.opening;
        self.claimed += other.claimed;
        self.claimed_again += other.claimed_again;
        self.returned += other.returned;
        self.assessed += other.assessed;
        self.kago += other.kago;
        self.taken_back += other.taken_back;
        self.unexplained += other.unexplained;
        self.received += other.received;
        self.fees += other.fees;
        self.other_payments += other.other_payments;
        self.held_written_off += other.held_written_off;
        self.returned_written_off += other.returned_written_off;
        self.closing += other.closing;
        self.closing_returned += other.closing_returned;
    }

    /// Returns what the month adds to the receivables by `style`, so that `opening + movement = closing`.
    pub fn movement(&self, style: Style) -> Yen {
        let common = self.claimed + self.assessed + self.kago + self.unexplained
            - self.received
            - self.held_written_off
            - self.returned_written_off;
        match style {
            Style::ReverseSale => common - self.returned,
            Style::KeepReceivable => common + self.taken_back - self.claimed_again,
        }
    }

    /// Returns the journal of the month by `style`: every entry has one debit, one credit and a positive amount.
    pub fn journal(&self, style: Style) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut book = |debit: Account, credit: Account, yen: Yen, text: &'static str| {
            // A negative amount is the same entry the other way round.
            match yen.0 {
                0 => {}
                1.. => entries.push(Entry { debit, credit, yen, text }),
                _ => entries.push(Entry { debit: credit, credit: debit, yen: -yen, text }),
            }
        };
        let keep = style == Style::KeepReceivable;
        if keep {
            book(Account::Receivable, Account::ReturnedReceivable, self.claimed_again, "返戻の再請求");
            book(Account::Receivable, Account::Sales, self.claimed - self.claimed_again, "請求");
            book(Account::ReturnedReceivable, Account::Receivable, self.returned, "返戻");
            book(Account::ReturnedReceivable, Account::Receivable, self.taken_back, "過誤（請求し直すもの）");
            book(Account::Sales, Account::Receivable, -self.kago - self.taken_back, "過誤");
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
        book(Account::BadDebts, Account::ReturnedReceivable, self.returned_written_off, "請求しないと決めた返戻・時効");
        entries
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
    /// 借方.
    pub debit: Account,
    /// 貸方.
    pub credit: Account,
    /// Amount of both sides; positive.
    pub yen: Yen,
    /// 摘要.
    pub text: &'static str,
}
