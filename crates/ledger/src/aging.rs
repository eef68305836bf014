//! How old the unpaid claims are, and what is about to be time-barred.

use std::collections::BTreeMap;

use calendar::Month;
use chrono::{NaiveDate, TimeDelta};
use kokuho::{OfficeNumber, Yen};

use crate::{Case, CaseState};

/// Months since the service that end each bucket; the last bucket has no end.
///
/// The first holds what is claimed again in the next window, the second what a hold may take, the third what is left in
/// the first year, and then the years of the limitation（時効）.
pub const BUCKETS: [i32; 4] = [3, 6, 12, 24];

/// Days ahead in which time-barred money is announced.
pub const HORIZONS: [i64; 3] = [30, 60, 90];

/// Claims and their yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Number of claims.
    pub count: u32,
    /// Their yen.
    pub yen: Yen,
}

impl Tally {
    /// Adds a claim.
    pub fn add(&mut self, yen: Yen) {
        self.count += 1;
        self.yen += yen;
    }

    /// Adds the claims of another tally.
    pub fn join(&mut self, other: Self) {
        self.count += other.count;
        self.yen += other.yen;
    }
}

/// The unpaid claims of one age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// Must be claimed again.
    pub open: Tally,
    /// Claimed again, not yet decided.
    pub reclaimed: Tally,
    /// Held.
    pub held: Tally,
}

impl Age {
    /// Returns all of them together.
    pub fn all(self) -> Tally {
        let mut all = self.open;
        all.join(self.reclaimed);
        all.join(self.held);
        all
    }
}

/// How old the unpaid claims are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aging {
    /// One per bucket of [`BUCKETS`], and the last for what is older.
    pub ages: [Age; BUCKETS.len() + 1],
    /// The same per office, sorted by office.
    pub offices: BTreeMap<OfficeNumber, [Age; BUCKETS.len() + 1]>,
    /// Open claims that are time-barred within so many days, each horizon including the ones before（[`HORIZONS`]）.
    pub at_risk: [Tally; HORIZONS.len()],
    /// Open claims that were already time-barred.
    pub lapsed: Tally,
}

impl Aging {
    /// Sorts unpaid cases by the months between their service and today. 給付管理票 carry no yen and are left out.
    pub fn new<'a>(cases: impl IntoIterator<Item = &'a Case>, today: NaiveDate) -> Self {
        let mut aging = Self::default();
        let Ok(this_month) = Month::of(today) else { return aging };
        for case in cases {
            // What carries no limitation carries no money.
            let Some(last) = case.limitation_date else { continue };
            match case.state {
                CaseState::Lapsed => aging.lapsed.add(case.yen),
                CaseState::Open => {
                    for (tally, days) in aging.at_risk.iter_mut().zip(HORIZONS) {
                        if last <= today + TimeDelta::days(days) {
                            tally.add(case.yen);
                        }
                    }
                }
                CaseState::Reclaimed | CaseState::Held | CaseState::Settled | CaseState::Closed => {}
            }
            if !case.state.is_unpaid() {
                continue;
            }
            let age = this_month.months_since(case.key.service_month);
            let bucket = BUCKETS.iter().position(|end| age <= *end).unwrap_or(BUCKETS.len());
            let of_office = aging.offices.entry(case.key.office.clone()).or_default();
            for ages in [&mut aging.ages, of_office] {
                let tally = match case.state {
                    CaseState::Held => &mut ages[bucket].held,
                    CaseState::Reclaimed => &mut ages[bucket].reclaimed,
                    _ => &mut ages[bucket].open,
                };
                tally.add(case.yen);
            }
        }
        aging
    }
}
