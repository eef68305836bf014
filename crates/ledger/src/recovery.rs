//! How well money that came back is got again, by definitions that anyone can recompute from the files（features, idea 22）.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{ClaimWindow, Month};
use chrono::NaiveDate;
use kokuho::{OfficeNumber, Yen};

use crate::aging::Tally;
use crate::{Balance, Case, CaseKind, CaseState, What};

/// Months that the score looks back over.
pub const MONTHS: i32 = 12;

/// The score of the last [`MONTHS`] 審査年月 that are answered, as of a day. Shares are told as their two counts, so that
/// nobody has to trust a rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// First and last 審査年月 that count.
    pub from: Month,
    /// See `from`.
    pub to: Month,
    /// Offices that claimed in these months.
    pub offices: u32,
    /// Of these: with a return that nobody answered. A return is unanswered when the window after its notice has closed and
    /// the claim was not sent again since; closing it by a decision is an answer.
    pub offices_unanswered: u32,
    /// Months of offices with a return or 過誤.
    pub months_with_returns: u32,
    /// Of these: with an unanswered one.
    pub months_unanswered: u32,
    /// Unanswered claims.
    pub unanswered: Tally,
    /// Money claims sent in months whose payment details are on hand.
    pub claims: u32,
    /// Of these: neither returned nor held（初回通過率 is this over `claims`).
    pub passed: u32,
    /// Returns that were claimed again, by the months between the notice and the new claim: 1 is the next window.
    pub months_to_reclaim: BTreeMap<i32, u32>,
    /// Claims that had come back and were decided in these months.
    pub recovered: Tally,
    /// Claims that came back in these months and were given up by a decision, or are time-barred.
    pub given_up: Tally,
}

impl Recovery {
    /// Computes the score. `balances` and `cases` must be told as of `today`. The newest month that counts is the newest
    /// whose window for answering has closed.
    pub fn new<'a>(
        balances: impl IntoIterator<Item = &'a Balance>,
        cases: impl IntoIterator<Item = &'a Case>,
        today: NaiveDate,
    ) -> Self {
        // What came back with the notice of month m is answered in the window of m + 1.
        let to = ClaimWindow::current_or_next(today).processing_month.plus(-2);
        let from = to.plus(1 - MONTHS);
        let counts = |month: Month| from <= month && month <= to;
        let mut claimed: BTreeSet<&OfficeNumber> = BTreeSet::new();
        let (mut claims, mut passed) = (0, 0);
        for balance in balances.into_iter().filter(|balance| counts(balance.processing_month)) {
            if balance.claims > 0 {
                claimed.insert(&balance.office);
            }
            if balance.is_decided {
                claims += balance.claims;
                passed += balance.claims - balance.sent_back.min(balance.claims);
            }
        }
        let mut came_back: BTreeSet<(&OfficeNumber, Month)> = BTreeSet::new();
        let mut unanswered_months: BTreeSet<(&OfficeNumber, Month)> = BTreeSet::new();
        let (mut unanswered, mut recovered, mut given_up) = (Tally::default(), Tally::default(), Tally::default());
        let mut months_to_reclaim: BTreeMap<i32, u32> = BTreeMap::new();
        for case in cases.into_iter().filter(|case| case.kind != CaseKind::Assessed && case.limitation_date.is_some()) {
            let mut back: Option<Month> = None;
            for event in &case.story {
                match &event.what {
                    What::Returned { .. } | What::TakenBack { .. } => {
                        if counts(event.month) {
                            came_back.insert((&case.key.office, event.month));
                        }
                        back = Some(event.month);
                    }
                    What::ClaimedAgain { .. } => {
                        if let Some(month) = back.filter(|month| counts(*month)) {
                            *months_to_reclaim.entry(event.month.months_since(month)).or_default() += 1;
                        }
                    }
                    What::Decided => {
                        if back.take().is_some() && counts(event.month) {
                            recovered.add(case.yen);
                        }
                    }
                    What::Claimed { .. } | What::Held | What::Released | What::Assessed { .. } => {}
                }
            }
            let Some(month) = back.filter(|month| counts(*month)) else { continue };
            match case.state {
                CaseState::Open => {
                    unanswered.add(case.yen);
                    unanswered_months.insert((&case.key.office, month));
                }
                CaseState::Lapsed => {
                    unanswered.add(case.yen);
                    unanswered_months.insert((&case.key.office, month));
                    given_up.add(case.yen);
                }
                CaseState::Closed => given_up.add(case.yen),
                CaseState::Reclaimed | CaseState::Settled | CaseState::Held => {}
            }
        }
        let offices_unanswered: BTreeSet<&OfficeNumber> = unanswered_months.iter().map(|(office, _)| *office).collect();
        claimed.extend(offices_unanswered.iter());
        Self {
            from,
            to,
            offices: claimed.len() as u32,
            offices_unanswered: offices_unanswered.len() as u32,
            months_with_returns: came_back.len() as u32,
            months_unanswered: unanswered_months.len() as u32,
            unanswered,
            claims,
            passed,
            months_to_reclaim,
            recovered,
            given_up,
        }
    }

    /// Returns the median of the months between a notice and the new claim; `None` when nothing was claimed again.
    pub fn median_months_to_reclaim(&self) -> Option<i32> {
        let count: u32 = self.months_to_reclaim.values().sum();
        let mut before = 0;
        self.months_to_reclaim.iter().find_map(|(months, of_months)| {
            before += of_months;
            (before * 2 >= count).then_some(*months)
        })
    }

    /// Returns the yen left unanswered per office that left any, rounded down; `None` when none did.
    pub fn unanswered_per_office(&self) -> Option<Yen> {
        (self.offices_unanswered > 0).then(|| Yen(self.unanswered.yen.0 / i64::from(self.offices_unanswered)))
    }
}
