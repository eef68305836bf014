//! Which money comes when: announced transfers, decided amounts, and what claims lead one to expect.

use std::collections::HashMap;

use calendar::Month;
use chrono::{Datelike, NaiveDate};
use kokuho::{OfficeNumber, Yen};

use crate::Balance;
use crate::waterfall::expected;

/// How sure a deposit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// 確定: the transfer notice names day and amount.
    Announced,
    /// 決定: the amount is decided; the day is expected.
    Decided,
    /// 見込み: claimed, less what is known to have come back.
    Expected,
}

impl Certainty {
    /// Returns the word that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Announced => "確定",
            Self::Decided => "決定",
            Self::Expected => "見込み",
        }
    }

    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Decided => "decided",
            Self::Expected => "expected",
        }
    }
}

/// A deposit of one office for one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Day of the transfer; expected unless [`Certainty::Announced`].
    pub day: NaiveDate,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// How sure it is.
    pub certainty: Certainty,
    /// Amount.
    pub yen: Yen,
    /// The day has passed and no transfer notice is on hand.
    pub overdue: bool,
}

/// Returns the deposits of every month that is not yet transferred, and the announced ones from `since` on, by day.
///
/// The day of an unannounced deposit is the day of the month of the newest transfer notice on hand, of the office itself or
/// else of any office, in the month after the review; without any notice the last day of that month.
pub fn deposits(balances: &[Balance], since: NaiveDate, today: NaiveDate) -> Vec<Deposit> {
    let mut usual: HashMap<&OfficeNumber, NaiveDate> = HashMap::new();
    for balance in balances {
        if let Some(day) = balance.transfer_day {
            let newest = usual.entry(&balance.office).or_insert(day);
            *newest = (*newest).max(day);
        }
    }
    let of_any = usual.values().max().copied();
    let mut deposits: Vec<Deposit> = balances
        .iter()
        .filter_map(|balance| {
            let (certainty, yen) = match (balance.is_paid, balance.is_decided) {
                (true, _) => (Certainty::Announced, balance.paid),
                (false, true) => (Certainty::Decided, balance.payable),
                (false, false) => (Certainty::Expected, expected(balance)),
            };
            let month = balance.processing_month.next();
            let learnt = usual.get(&balance.office).copied().or(of_any).map_or(31, |day| day.day());
            let day = balance.transfer_day.unwrap_or_else(|| month.day(learnt));
            let shown = match certainty {
                Certainty::Announced => day >= since,
                Certainty::Decided | Certainty::Expected => yen != Yen::ZERO,
            };
            shown.then(|| Deposit {
                day,
                office: balance.office.clone(),
                processing_month: balance.processing_month,
                certainty,
                yen,
                overdue: certainty != Certainty::Announced && day < today,
            })
        })
        .collect();
    deposits.sort_by(|a, b| (a.day, &a.office, a.processing_month).cmp(&(b.day, &b.office, b.processing_month)));
    deposits
}
