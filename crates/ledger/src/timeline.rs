//! The life of one claim key, month by month.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use kokuho::codes::{Route, return_code};
use kokuho::{Claim, InsurerNumber, OfficeNumber, Yen};

use crate::attempts::{KeyRef, counts_under};
use crate::case::{CaseKey, CaseKind, KeptHeld};

/// What one month's 返戻（保留）一覧表 says of a claim: its rows together.
#[derive(Debug, Default)]
pub(crate) struct Listing<'a> {
    /// 備考 of its rows, each once.
    pub(crate) remarks: BTreeSet<&'a str>,
    /// 内容 of its rows, in their order, each once.
    pub(crate) contents: Vec<&'a str>,
    /// Units of the whole claim.
    pub(crate) units: i64,
    /// Service types of its rows.
    pub(crate) service_types: BTreeSet<&'a str>,
    /// Name in kana.
    pub(crate) kana: BTreeSet<&'a str>,
    /// It concerns a hold of an earlier month, not a claim sent in this one.
    pub(crate) continues_hold: bool,
}

impl Listing<'_> {
    /// Returns whether the claim waits. A row without 備考 says nothing; any other 備考 means that it came back.
    pub(crate) fn is_held(&self) -> bool {
        self.remarks.contains(HELD) && self.remarks.iter().all(|remark| *remark == HELD || remark.is_empty())
    }

    /// Returns whether some rows say that the claim waits and others that it came back.
    pub(crate) fn contradicts_itself(&self) -> bool {
        self.remarks.contains(HELD) && !self.is_held()
    }

    /// Returns whether the claim came back only because the same one is registered already.
    fn repeats(&self) -> bool {
        let mut remarks = self.remarks.iter().filter(|remark| !remark.is_empty()).peekable();
        remarks.peek().is_some() && remarks.all(|remark| return_code(remark).route == Route::Kago)
    }

    /// Returns the 備考 that are not blank.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.remarks.iter().filter(|remark| !remark.is_empty()).map(|remark| (*remark).to_owned()).collect()
    }
}

const HELD: &str = "保留";

/// What one month's 過誤決定通知書 says of a claim: its rows together.
#[derive(Debug, Default)]
pub(crate) struct Withdrawal<'a> {
    pub(crate) reasons: BTreeSet<&'a str>,
    pub(crate) kana: BTreeSet<&'a str>,
    pub(crate) service_types: BTreeSet<&'a str>,
    /// Negative.
    pub(crate) units: i64,
    /// Negative.
    pub(crate) yen: Yen,
}

/// What one month's 審査増減単位数通知書 says of a claim: its rows together.
#[derive(Debug, Default)]
pub(crate) struct Reduction<'a> {
    pub(crate) letters: BTreeSet<&'a str>,
    /// Change of units by service type.
    pub(crate) units: BTreeMap<&'a str, i64>,
}

/// Where the key stands while the months pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Never returned, held or taken back.
    Untouched,
    Open,
    Reclaimed,
    Held,
    Released,
}

/// A hold that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hold {
    since: Month,
    units: i64,
}

/// A release of this key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Release {
    /// Amount of the attempt that had been held; `None` when it is not on hand.
    pub(crate) yen: Option<Yen>,
    /// Month whose list held it first.
    pub(crate) since: Month,
}

/// Everything known of one claim key.
pub(crate) struct Timeline<'a, 'b> {
    pub(crate) key: KeyRef<'a>,
    /// Oldest first.
    pub(crate) attempts: &'b [&'a Claim],
    pub(crate) listings: BTreeMap<Month, Listing<'a>>,
    pub(crate) withdrawals: BTreeMap<Month, Withdrawal<'a>>,
    pub(crate) reductions: BTreeMap<Month, Reduction<'a>>,
    pub(crate) releases: BTreeMap<Month, Release>,
    pub(crate) progress: Progress,
    /// Latest event that makes or keeps a case: its month and kind.
    pub(crate) latest: Option<(Month, CaseKind)>,
    pub(crate) kept_held: Option<KeptHeld>,
    hold: Option<Hold>,
}

impl<'a, 'b> Timeline<'a, 'b> {
    pub(crate) fn new(key: KeyRef<'a>, attempts: &'b [&'a Claim]) -> Self {
        Self {
            key,
            attempts,
            listings: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            reductions: BTreeMap::new(),
            releases: BTreeMap::new(),
            progress: Progress::Untouched,
            latest: None,
            kept_held: None,
            hold: None,
        }
    }

    /// Returns the key for use outside of this office.
    pub(crate) fn case_key(&self, office: &OfficeNumber) -> CaseKey {
        CaseKey {
            office: office.clone(),
            insurer: self.key.insurer.clone(),
            insured: self.key.insured.clone(),
            service_month: self.key.service_month,
            exchange_id: self.key.form.to_owned(),
        }
    }

    /// Returns the attempt of a month.
    pub(crate) fn attempt_in(&self, month: Month) -> Option<&'a Claim> {
        self.attempts.iter().copied().find(|claim| claim.processing_month == month)
    }

    /// Returns the newest attempt made until `month`.
    pub(crate) fn attempt_until(&self, month: Month) -> Option<&'a Claim> {
        self.attempts.iter().copied().rev().find(|claim| claim.processing_month <= month)
    }

    /// Returns the newest attempt.
    pub(crate) fn newest_attempt(&self) -> Option<&'a Claim> {
        self.attempts.last().copied()
    }

    /// Returns the attempt that stands although a repetition of it came back: one that no list names while the repetition's does,
    /// or the one of the same month of which the code says that it is registered（ANN2, ANN4; henrei-errors）.
    pub(crate) fn standing_attempt(&self) -> Option<&'a Claim> {
        let taken_back = self.withdrawals.keys().next_back();
        let counts = |claim: &&Claim| taken_back.is_none_or(|month| claim.processing_month >= *month);
        let is_first = |claim: &&Claim| {
            let mut later = self.listings.range(claim.processing_month..).map(|(month, _)| *month);
            later.all(|month| month != claim.processing_month && self.attempt_in(month).is_some())
        };
        let attempts = || self.attempts.iter().copied().filter(counts);
        let is_repeated = |claim: &&Claim| self.listings.get(&claim.processing_month).is_some_and(Listing::repeats);
        attempts().rev().find(is_first).or_else(|| attempts().next_back().filter(is_repeated))
    }

    /// Returns the months in which something happens to the key, apart from releases.
    pub(crate) fn months(&self) -> BTreeSet<Month> {
        let attempts = self.attempts.iter().map(|claim| claim.processing_month);
        attempts.chain(self.listings.keys().copied()).chain(self.withdrawals.keys().copied()).collect()
    }

    /// Lives through one month; months must come in order. Taken back first, then claimed, then reviewed（MONEY 6）.
    pub(crate) fn step(&mut self, month: Month) {
        let claimed = self.attempt_in(month).is_some();
        if self.withdrawals.contains_key(&month) {
            self.progress = Progress::Open;
            self.hold = None;
            self.latest = Some((month, CaseKind::Kago));
        }
        if claimed && self.progress != Progress::Untouched {
            self.progress = Progress::Reclaimed;
        }
        let was_held = self.progress == Progress::Held;
        let Some(listing) = self.listings.get_mut(&month) else { return };
        listing.continues_hold = was_held;
        if listing.is_held() {
            if was_held {
                // Listed once more: nothing changes（MONEY 19）.
                return;
            }
            self.progress = Progress::Held;
            self.hold = Some(Hold { since: month, units: listing.units });
            self.latest = Some((month, CaseKind::Held));
        } else {
            self.progress = Progress::Open;
            self.latest = Some((month, CaseKind::Returned));
            // A return of a new attempt says nothing of an older one that still waits: the new one was a repetition.
            if !claimed {
                self.hold = None;
            }
        }
        self.kept_held = None;
    }

    /// Returns the units of a hold from before `month` that a release in `month` could end.
    ///
    /// With `also_repeated`, holds count as well whose claim was sent again meanwhile and is not held as such.
    pub(crate) fn releasable(&self, month: Month, also_repeated: bool) -> Option<i64> {
        let hold = self.hold.filter(|hold| hold.since < month)?;
        let listed = self.listings.get(&month).is_some_and(|listing| listing.continues_hold);
        let counts = self.progress == Progress::Held || also_repeated;
        (counts && !listed).then(|| {
            if hold.units > 0 { hold.units } else { self.attempt_until(hold.since).map_or(0, |claim| claim.units) }
        })
    }

    /// Returns whether a hold has not ended.
    pub(crate) fn has_hold(&self) -> bool {
        self.hold.is_some()
    }

    /// Returns the month whose list held it first.
    pub(crate) fn held_since(&self) -> Option<Month> {
        self.hold.map(|hold| hold.since)
    }

    /// Ends the hold.
    pub(crate) fn release(&mut self, month: Month) {
        let since = self.hold.take().map_or(month, |hold| hold.since);
        self.releases.insert(month, Release { yen: self.attempt_until(since).map(Claim::amount), since });
        self.progress = Progress::Released;
        self.kept_held = None;
    }

    /// Returns whether 審査決定増減表 is expected to count this claim under `number`. Without a claim on hand the number by
    /// which the notices name it is all that is known.
    pub(crate) fn counts_under(&self, number: &InsurerNumber) -> bool {
        if self.attempts.is_empty() {
            return self.key.insurer == number;
        }
        self.attempts.iter().any(|claim| counts_under(claim, number))
    }

    /// Returns whether it may count this claim under `number`: 生活保護単独 under its insurer, too.
    pub(crate) fn may_count_under(&self, number: &InsurerNumber) -> bool {
        self.key.insurer == number || self.counts_under(number)
    }

    /// Returns the number of months in which the claim was returned.
    pub(crate) fn times_returned(&self) -> u32 {
        self.listings.values().filter(|listing| !listing.is_held()).count() as u32
    }

    /// Returns the month of the event that opened the case.
    pub(crate) fn first_month(&self) -> Option<Month> {
        self.listings.keys().chain(self.withdrawals.keys()).min().copied()
    }

    /// Returns the name in kana of the newest notice that carries one.
    pub(crate) fn kana(&self) -> Option<String> {
        let listed = self.listings.iter().map(|(month, listing)| (month, &listing.kana));
        let withdrawn = self.withdrawals.iter().map(|(month, withdrawal)| (month, &withdrawal.kana));
        listed
            .chain(withdrawn)
            .flat_map(|(month, names)| names.iter().map(move |name| (month, *name)))
            .max()
            .map(|(_, name)| name.to_owned())
    }
}
