//! From books to cases, balances and alarms.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use calendar::{ClaimWindow, Limitation, Month, limitation_date};
use chrono::NaiveDate;
use kokuho::{Claim, ClaimRole, InsurerNumber, Notice, OfficeNumber, TransferNotice, Yen};

use crate::alarm::Alarm;
use crate::attempts::{Attempts, KeyRef, Mention};
use crate::balance::payment_due_day;
use crate::case::{Case, CaseKey, CaseKind, CaseState, Doubt, Event, KeptHeld, What};
use crate::papers::{self, Papers};
use crate::price::Prices;
use crate::release::{Fit, fit};
use crate::sent::{self, Sent, Whereabouts};
use crate::services::{self, Area, BENEFIT_MANAGEMENT};
use crate::timeline::{Progress, Reduction, Timeline};
use crate::withdrawal::is_barred;
use crate::{Balance, Books, Decision, DecisionKind, reduction};
use kokuho::codes::is_comprehensive_project;

/// Cases, balances and alarms of the same books.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Sorted by key, kind and first month.
    pub cases: Vec<Case>,
    /// Sorted by office and month.
    pub balances: Vec<Balance>,
    /// What does not fit together or is missing, sorted by office, month and kind.
    pub alarms: Vec<Alarm>,
}

/// Returns one case per claim that was ever returned, held or taken back, and one per reduction（MONEY 4–19）.
pub fn cases(books: &Books<'_>) -> Vec<Case> {
    settle(books).cases
}

/// Returns one balance per office and month with a claim or a notice（MONEY 20–24）.
pub fn balances(books: &Books<'_>) -> Vec<Balance> {
    settle(books).balances
}

/// Returns cases, balances and alarms. The 地域区分 of an office is read off its claims where an estimate needs it.
pub fn settle(books: &Books<'_>) -> Ledger {
    settle_with_areas(books, &BTreeMap::new())
}

/// Like [`settle`], with the 地域区分 of offices that set it: estimates use it for service types that no claim prices.
pub fn settle_with_areas(books: &Books<'_>, areas: &BTreeMap<OfficeNumber, Area>) -> Ledger {
    let mut decisions: HashMap<&CaseKey, &Decision> = HashMap::new();
    for decision in books.decisions {
        let latest = decisions.entry(&decision.key).or_insert(decision);
        if (decision.at, &decision.kind) > (latest.at, &latest.kind) {
            *latest = decision;
        }
    }
    let mut ledger = Ledger::default();
    for_each_office(books, areas, |office| {
        let mut cases = office.cases(&decisions);
        let balances = office.balances(&cases);
        ledger.alarms.extend(office.alarms(&cases, &balances));
        ledger.balances.extend(balances);
        ledger.cases.append(&mut cases);
    });
    ledger
}

/// Returns every claim that was sent or that a notice speaks of, sorted by key. Of a 査定 the claim that it reduced. `areas` are
/// those of [`settle_with_areas`].
pub fn sent(books: &Books<'_>, areas: &BTreeMap<OfficeNumber, Area>) -> Vec<Sent> {
    let mut sent = Vec::new();
    for_each_office(books, areas, |office| sent.extend(office.sent()));
    sent.sort_by(|a, b| a.key.cmp(&b.key));
    sent
}

/// Lets the claims of each office live through their months, in the order of the offices' numbers.
fn for_each_office(books: &Books<'_>, areas: &BTreeMap<OfficeNumber, Area>, mut look: impl FnMut(&Office<'_, '_>)) {
    // Claims and notices come file by file, so that one look-up serves a run of the same office.
    let mut offices: BTreeMap<&OfficeNumber, (Vec<&Claim>, Vec<&Notice>)> = BTreeMap::new();
    for run in books.claims.chunk_by(|a, b| a.office == b.office) {
        offices.entry(&run[0].office).or_default().0.extend(run);
    }
    for run in books.notices.chunk_by(|a, b| papers::head(a).office == papers::head(b).office) {
        offices.entry(&papers::head(&run[0]).office).or_default().1.extend(run);
    }
    for (number, (claims, notices)) in offices {
        let papers = papers::by_month(&notices);
        let attempts = Attempts::new(claims, &papers);
        let timelines = timelines(&attempts, &papers);
        let mut office = Office {
            number,
            today: books.today,
            lacking_lists: lacking_lists(&timelines, &papers),
            timelines,
            papers: &papers,
            attempts: &attempts,
            area: areas.get(number).copied(),
            prices: OnceCell::new(),
        };
        office.live();
        look(&office);
    }
}

/// Everything of one office.
pub(crate) struct Office<'a, 'b> {
    pub(crate) number: &'a OfficeNumber,
    pub(crate) today: NaiveDate,
    pub(crate) papers: &'b BTreeMap<Month, Papers<'a>>,
    pub(crate) attempts: &'b Attempts<'a>,
    /// Sorted by key.
    pub(crate) timelines: Vec<Timeline<'a, 'b>>,
    /// Months whose 返戻（保留）一覧表 is known to be missing or incomplete, with the claims counted and listed.
    pub(crate) lacking_lists: BTreeMap<Month, (i64, i64)>,
    pub(crate) area: Option<Area>,
    /// Read off the claims only where something must be estimated.
    prices: OnceCell<Prices<'a>>,
}

/// Returns the months whose 審査決定増減表 count more returned and held claims than their 返戻（保留）一覧表 list（MONEY 20）,
/// with both numbers.
fn lacking_lists(timelines: &[Timeline<'_, '_>], papers: &BTreeMap<Month, Papers<'_>>) -> BTreeMap<Month, (i64, i64)> {
    let mut listed: HashMap<Month, i64> = HashMap::new();
    for timeline in timelines.iter().filter(|timeline| timeline.key.form != BENEFIT_MANAGEMENT) {
        for month in timeline.listings.keys() {
            *listed.entry(*month).or_default() += 1;
        }
    }
    let numbers = |(month, papers): (&Month, &Papers<'_>)| {
        (*month, (papers.returned_and_held(), listed.get(month).copied().unwrap_or(0)))
    };
    papers.iter().map(numbers).filter(|(_, (counted, listed))| counted > listed).collect()
}

/// Sorts what the notices say under the claims that they mean.
fn timelines<'a, 'b>(attempts: &'b Attempts<'a>, papers: &BTreeMap<Month, Papers<'a>>) -> Vec<Timeline<'a, 'b>> {
    let mut sorter = Sorter { attempts, timelines: BTreeMap::new() };
    for (&month, papers) in papers {
        sorter.take_return_lists(month, papers);
        for line in papers.kago.iter().flat_map(|notice| &notice.lines) {
            let mention = Mention {
                insurer: &line.insurer,
                insured: &line.insured,
                service_month: line.service_month,
                target: None,
                service_type: &line.service_type,
                units: -line.units,
            };
            let withdrawal = sorter.timeline(&mention, month).withdrawals.entry(month).or_default();
            withdrawal.reasons.insert(&line.reason);
            withdrawal.service_types.insert(&line.service_type);
            withdrawal.units += line.units;
            withdrawal.yen += line.yen;
            if !line.insured_name.is_empty() {
                withdrawal.kana.insert(&line.insured_name);
            }
        }
        for line in papers.reductions.iter().flat_map(|notice| &notice.lines) {
            let mention = Mention {
                insurer: &line.insurer,
                insured: &line.insured,
                service_month: line.service_month,
                target: None,
                service_type: &line.service_type,
                units: 0,
            };
            let reduction = sorter.timeline(&mention, month).reductions.entry(month).or_default();
            if !line.reason.is_empty() {
                reduction.letters.insert(&line.reason);
            }
            *reduction.units.entry(&line.service_type).or_default() += line.units.unwrap_or(0);
        }
    }
    sorter.timelines.into_values().collect()
}

struct Sorter<'a, 'b> {
    attempts: &'b Attempts<'a>,
    timelines: BTreeMap<KeyRef<'a>, Timeline<'a, 'b>>,
}

impl<'a, 'b> Sorter<'a, 'b> {
    fn timeline(&mut self, mention: &Mention<'a>, month: Month) -> &mut Timeline<'a, 'b> {
        let key = self.attempts.resolve(mention, month);
        self.timelines.entry(key).or_insert_with(|| Timeline::new(key, self.attempts.of_key(key)))
    }

    /// Groups the rows of the 返戻（保留）一覧表: one claim gives several of them（rules.md E1）.
    fn take_return_lists(&mut self, month: Month, papers: &Papers<'a>) {
        let lines = || papers.returns.iter().flat_map(|list| &list.lines);
        // A row without a service type belongs to the rows of its claim that have one.
        let mut types: HashMap<_, &'a str> = HashMap::new();
        for line in lines().filter(|line| !line.service_type.is_empty()) {
            let first = types
                .entry((&line.insurer, &line.insured, line.service_month, line.target))
                .or_insert(&line.service_type);
            *first = (*first).min(&line.service_type);
        }
        for line in lines() {
            let service_type: &'a str = if line.service_type.is_empty() {
                types.get(&(&line.insurer, &line.insured, line.service_month, line.target)).copied().unwrap_or_default()
            } else {
                &line.service_type
            };
            let mention = Mention {
                insurer: &line.insurer,
                insured: &line.insured,
                service_month: line.service_month,
                target: line.target,
                service_type,
                units: line.units,
            };
            let listing = self.timeline(&mention, month).listings.entry(month).or_default();
            listing.remarks.insert(&line.remark);
            if !line.content.is_empty() && !listing.contents.contains(&line.content.as_str()) {
                listing.contents.push(&line.content);
            }
            listing.units = listing.units.max(line.units);
            if !service_type.is_empty() {
                listing.service_types.insert(service_type);
            }
            if !line.insured_kana.is_empty() {
                listing.kana.insert(&line.insured_kana);
            }
        }
    }
}

impl Office<'_, '_> {
    /// Lets every claim live through the months in order, and finds out which held claims each month released.
    fn live(&mut self) {
        let mut touched: BTreeMap<Month, Vec<usize>> = self.papers.keys().map(|month| (*month, Vec::new())).collect();
        for (index, timeline) in self.timelines.iter().enumerate() {
            for month in timeline.months() {
                touched.entry(month).or_default().push(index);
            }
        }
        let mut holding: BTreeSet<usize> = BTreeSet::new();
        for (month, indices) in touched {
            for index in indices {
                self.timelines[index].step(month);
                if self.timelines[index].has_hold() {
                    holding.insert(index);
                } else {
                    holding.remove(&index);
                }
            }
            let Some(papers) = self.papers.get(&month) else { continue };
            for project in [false, true] {
                for ((insurer, service_month), (count, units)) in papers.releases(project) {
                    let group: Vec<usize> = holding
                        .iter()
                        .copied()
                        .filter(|index| {
                            let timeline = &self.timelines[*index];
                            timeline.key.service_month == service_month
                                && timeline.key.form != BENEFIT_MANAGEMENT
                                && is_comprehensive_project(timeline.key.form) == project
                                && timeline.may_count_under(insurer)
                        })
                        .collect();
                    for index in self.released(&group, insurer, month, count, units) {
                        self.timelines[index].release(month);
                        holding.remove(&index);
                    }
                }
            }
        }
    }

    /// Returns which of `group` a release of `count` claims with `units` under `number` means; where that is in doubt, notes
    /// the doubt on those that stay held.
    fn released(
        &mut self,
        group: &[usize],
        number: &InsurerNumber,
        month: Month,
        count: i64,
        units: i64,
    ) -> Vec<usize> {
        let candidates = |also_under_insurer: bool, also_repeated: bool| -> Vec<(usize, i64)> {
            group
                .iter()
                .map(|index| (*index, &self.timelines[*index]))
                .filter(|(_, timeline)| also_under_insurer || timeline.counts_under(number))
                .filter_map(|(index, timeline)| Some((index, timeline.releasable(month, also_repeated)?)))
                .collect()
        };
        let held = candidates(true, false);
        let mut why = Doubt::NoneFits;
        // A held claim that was sent again by mistake still waits under its first attempt.
        for tried in [candidates(false, false), held.clone(), candidates(false, true), candidates(true, true)] {
            match fit(&tried.iter().map(|(_, units)| *units).collect::<Vec<_>>(), count, units) {
                Fit::One(members) => return members.into_iter().map(|member| tried[member].0).collect(),
                Fit::None => continue,
                Fit::Several => why = Doubt::SeveralFit,
                Fit::TooMany => why = Doubt::TooMany,
            }
            break;
        }
        for (index, _) in held {
            self.timelines[index].kept_held = Some(KeptHeld { month, count, units, why });
        }
        Vec::new()
    }

    /// Returns whether the answer to the attempts of `month` is complete and does not list the key（MONEY 7）.
    fn is_decided(&self, timeline: &Timeline<'_, '_>, month: Month) -> bool {
        self.is_answered(timeline.key, month) && !timeline.listings.contains_key(&month)
    }

    /// Returns whether the answer to what was sent on the form of `key` in `month` is complete.
    fn is_answered(&self, key: KeyRef<'_>, month: Month) -> bool {
        let project = is_comprehensive_project(key.form);
        self.papers.get(&month).is_some_and(|papers| papers.has_payment(project))
            && !self.lacking_lists.contains_key(&month)
    }

    /// Returns every claim that was sent or that a notice speaks of.
    fn sent(&self) -> Vec<Sent> {
        // What no notice speaks of has a quiet life.
        let quiet = self
            .attempts
            .all()
            .chunk_by(|a, b| KeyRef::of(a) == KeyRef::of(b))
            .map(|attempts| KeyRef::of(attempts[0]))
            .filter(|key| self.timelines.binary_search_by_key(key, |timeline| timeline.key).is_err())
            .map(|key| Timeline::new(key, self.attempts.of_key(key)));
        let quiet: Vec<Timeline<'_, '_>> = quiet.collect();
        let all = self.timelines.iter().chain(&quiet);
        all.filter_map(|timeline| {
            let (whereabouts, claim) = self.place(timeline)?;
            let is_told = !timeline.listings.is_empty() || !timeline.withdrawals.is_empty();
            let (yen, estimated) = match claim {
                Some(claim) => (Some(claim.amount()), false),
                None if is_told => (Some(self.yen_at_stake(timeline).0), true),
                None => (None, true),
            };
            Some(Sent {
                key: timeline.case_key(self.number),
                yen,
                estimated,
                insured_kana: timeline.kana(),
                attempts: sent::months(timeline.attempts),
                claimed_in: claim.map(|claim| claim.processing_month),
                limitation_date: limitation(timeline.key),
                whereabouts,
            })
        })
        .collect()
    }

    /// Returns where a claim is, and the attempt that this is about; `None` where nothing on hand tells it.
    fn place<'c>(&self, timeline: &Timeline<'c, '_>) -> Option<(Whereabouts, Option<&'c Claim>)> {
        let answer = |month: Month| {
            let answered = self.is_answered(timeline.key, month);
            if answered { Whereabouts::Decided } else { Whereabouts::UnderReview { month } }
        };
        let answer_to = |claim: &'c Claim| (answer(claim.processing_month), Some(claim));
        let newest = timeline.newest_attempt();
        // What was sent again is on its way, whatever became of the attempt before it; once that one is returned or decided,
        // a hold that has not ended counts: 過誤 is never for it.
        let on_its_way = newest.map(answer_to).filter(|(now, _)| *now != Whereabouts::Decided);
        match (timeline.progress, timeline.held_since()) {
            (Progress::Reclaimed, _) if on_its_way.is_some() => on_its_way,
            (_, Some(since)) => Some((Whereabouts::Held { since }, timeline.attempt_until(since))),
            (Progress::Open, None) => Some(timeline.standing_attempt().map_or((Whereabouts::Back, newest), answer_to)),
            (Progress::Released, None) => {
                let held = timeline.releases.values().next_back().map(|release| release.since);
                Some((Whereabouts::Decided, held.and_then(|since| timeline.attempt_until(since))))
            }
            (Progress::Untouched | Progress::Reclaimed | Progress::Held, None) => match newest {
                Some(claim) => Some(answer_to(claim)),
                // A reduction of a claim that is not on hand.
                None => timeline.reductions.keys().next_back().map(|month| (answer(*month), None)),
            },
        }
    }

    fn whereabouts(&self, timeline: &Timeline<'_, '_>) -> Whereabouts {
        self.place(timeline).map_or(Whereabouts::Back, |(whereabouts, _)| whereabouts)
    }

    fn estimate(&self, service_type: &str, service_month: Month, units: i64) -> Yen {
        self.prices.get_or_init(|| Prices::new(self.attempts.all(), self.area)).estimate(
            service_type,
            service_month,
            units,
        )
    }

    fn cases(&self, decisions: &HashMap<&CaseKey, &Decision>) -> Vec<Case> {
        let mut cases = Vec::new();
        for timeline in &self.timelines {
            let key = timeline.case_key(self.number);
            let story = self.story(timeline);
            if let (Some((month, kind)), Some(first_month)) = (timeline.latest, timeline.first_month()) {
                let closing = decisions.get(&key).and_then(|decision| match &decision.kind {
                    DecisionKind::Close { reason } => Some((reason.clone(), decision.at.date())),
                    DecisionKind::Reopen => None,
                });
                cases.push(self.case(timeline, key.clone(), (month, kind), first_month, closing, story.clone()));
            }
            for (month, reduction) in &timeline.reductions {
                let (yen, estimated) = self.yen_lost(timeline, *month, reduction);
                cases.push(Case {
                    key: key.clone(),
                    kind: CaseKind::Assessed,
                    codes: letters(reduction),
                    yen,
                    estimated,
                    times_returned: timeline.times_returned(),
                    state: CaseState::Settled,
                    whereabouts: self.whereabouts(timeline),
                    stands_on: *month,
                    returned_yen: Yen::ZERO,
                    held_yen: Yen::ZERO,
                    closed_on: None,
                    first_month: *month,
                    next_window: None,
                    limitation_date: limitation(timeline.key),
                    insured_kana: timeline.kana(),
                    contents: Vec::new(),
                    why_kept_held: None,
                    closed_reason: None,
                    attempts: sent::months(timeline.attempts),
                    story: story.clone(),
                });
            }
        }
        cases.sort_by(|a, b| (&a.key, a.kind, a.first_month).cmp(&(&b.key, b.kind, b.first_month)));
        cases
    }

    fn case(
        &self,
        timeline: &Timeline<'_, '_>,
        key: CaseKey,
        (month, latest): (Month, CaseKind),
        first_month: Month,
        closing: Option<(String, NaiveDate)>,
        story: Vec<Event>,
    ) -> Case {
        let limitation_date = limitation(timeline.key);
        let state = match timeline.progress {
            _ if closing.is_some() => CaseState::Closed,
            Progress::Held => CaseState::Held,
            Progress::Released | Progress::Untouched => CaseState::Settled,
            Progress::Reclaimed => {
                let decided =
                    timeline.newest_attempt().is_some_and(|claim| self.is_decided(timeline, claim.processing_month));
                if decided { CaseState::Settled } else { CaseState::Reclaimed }
            }
            Progress::Open if limitation_date.is_some_and(|last| last < self.today) => CaseState::Lapsed,
            Progress::Open => CaseState::Open,
        };
        let window = ClaimWindow::current_or_next(self.today);
        let in_time = !is_barred(limitation_date, self.today);
        let listing = timeline.listings.get(&month).filter(|_| latest != CaseKind::Kago);
        let codes = match (listing, timeline.withdrawals.get(&month)) {
            (Some(listing), _) => listing.codes(),
            (None, Some(withdrawal)) => withdrawal
                .reasons
                .iter()
                .filter(|reason| !reason.is_empty())
                .map(|reason| (*reason).to_owned())
                .collect(),
            (None, None) => Vec::new(),
        };
        let unmatched = timeline.attempts.is_empty() && !timeline.listings.is_empty();
        let (yen, estimated) = self.yen_at_stake(timeline);
        Case {
            key,
            kind: if unmatched { CaseKind::Unmatched } else { latest },
            codes,
            yen,
            estimated,
            times_returned: timeline.times_returned(),
            state,
            whereabouts: self.whereabouts(timeline),
            stands_on: stands_on(timeline).unwrap_or(first_month),
            returned_yen: Flows::of(timeline).outstanding.unwrap_or_default(),
            held_yen: match timeline.progress {
                Progress::Held if !estimated => yen,
                _ => Yen::ZERO,
            },
            closed_on: closing.as_ref().map(|(_, on)| *on),
            first_month,
            next_window: (state == CaseState::Open && in_time).then_some(window.processing_month),
            limitation_date,
            insured_kana: timeline.kana(),
            contents: listing
                .map(|listing| listing.contents.iter().map(|text| (*text).to_owned()).collect())
                .unwrap_or_default(),
            why_kept_held: timeline.kept_held.filter(|_| state == CaseState::Held),
            closed_reason: closing.map(|(reason, _)| reason),
            attempts: sent::months(timeline.attempts),
            story,
        }
    }

    /// Returns the amount of the newest attempt, or an estimate（MONEY 10, 18）.
    fn yen_at_stake(&self, timeline: &Timeline<'_, '_>) -> (Yen, bool) {
        if timeline.key.form == BENEFIT_MANAGEMENT {
            return (Yen::ZERO, false);
        }
        if let Some(claim) = timeline.newest_attempt() {
            return (claim.amount(), false);
        }
        let month = timeline.key.service_month;
        if let Some(listing) = timeline.listings.values().next_back() {
            let service_type = listing.service_types.first().copied().unwrap_or_default();
            return (self.estimate(service_type, month, listing.units), true);
        }
        let Some(withdrawal) = timeline.withdrawals.values().next_back() else { return (Yen::ZERO, true) };
        // The notice tells the yen that were taken back; what is claimed again may still differ.
        if withdrawal.yen < Yen::ZERO {
            return (-withdrawal.yen, true);
        }
        let service_type = withdrawal.service_types.first().copied().unwrap_or_default();
        (self.estimate(service_type, month, -withdrawal.units), true)
    }

    /// Returns what a 査定 took away (positive) and whether that is an estimate.
    fn yen_lost(&self, timeline: &Timeline<'_, '_>, month: Month, reduction: &Reduction<'_>) -> (Yen, bool) {
        let claim = timeline.attempt_until(month);
        let mut estimated = false;
        let mut lost = Yen::ZERO;
        for (service_type, change) in &reduction.units {
            let line = claim.and_then(|claim| {
                claim.services.iter().find(|line| line.service_type == *service_type).map(|line| (claim, line))
            });
            lost += match line {
                Some((claim, line)) => reduction::yen_lost(claim, line, *change),
                None if *change == 0 => Yen::ZERO,
                None => {
                    estimated = true;
                    let yen = self.estimate(service_type, timeline.key.service_month, change.abs());
                    if *change < 0 { yen } else { -yen }
                }
            };
        }
        (lost, estimated)
    }

    fn story(&self, timeline: &Timeline<'_, '_>) -> Vec<Event> {
        let mut story = Vec::new();
        let mut tell = |month: Month, what: What| story.push(Event { month, what });
        for (index, claim) in timeline.attempts.iter().enumerate() {
            let (month, yen) = (claim.processing_month, claim.amount());
            tell(month, if index == 0 { What::Claimed { yen } } else { What::ClaimedAgain { yen } });
            if self.is_decided(timeline, month) {
                tell(month, What::Decided);
            }
        }
        for (month, withdrawal) in &timeline.withdrawals {
            tell(
                *month,
                What::TakenBack {
                    reasons: withdrawal.reasons.iter().map(|reason| (*reason).to_owned()).collect(),
                    yen: withdrawal.yen,
                },
            );
        }
        for (month, listing) in &timeline.listings {
            tell(*month, if listing.is_held() { What::Held } else { What::Returned { codes: listing.codes() } });
        }
        for month in timeline.releases.keys() {
            tell(*month, What::Released);
        }
        for (month, reduction) in &timeline.reductions {
            let (yen, estimated) = self.yen_lost(timeline, *month, reduction);
            tell(*month, What::Assessed { letters: letters(reduction), yen, estimated });
        }
        story.sort_by(|a, b| (a.month, &a.what).cmp(&(b.month, &b.what)));
        story
    }

    fn balances(&self, cases: &[Case]) -> Vec<Balance> {
        let mut months: BTreeMap<Month, Sums> = self.papers.keys().map(|month| (*month, Sums::default())).collect();
        for claim in self.attempts.all() {
            let sums = months.entry(claim.processing_month).or_default();
            sums.claimed += claim.amount();
            if claim.role != ClaimRole::BenefitManagement {
                let system = usize::from(is_comprehensive_project(&claim.exchange_id));
                sums.attempts[system] += 1;
            }
        }
        for timeline in &self.timelines {
            let system = usize::from(is_comprehensive_project(timeline.key.form));
            let money = timeline.key.form != BENEFIT_MANAGEMENT;
            for (month, listing) in &timeline.listings {
                let sums = months.entry(*month).or_default();
                if money {
                    sums.new_listings[system] |= !listing.continues_hold;
                }
                if let Some(claim) = timeline.attempt_in(*month).filter(|_| money) {
                    sums.sent_back += 1;
                    *(if listing.is_held() { &mut sums.held } else { &mut sums.returned }) += claim.amount();
                }
            }
            for (month, release) in &timeline.releases {
                months.entry(*month).or_default().released += release.yen.unwrap_or_default();
            }
            for (month, flow) in Flows::of(timeline).by_month {
                let sums = months.entry(month).or_default();
                sums.held_then_returned += flow.held_then_returned;
                sums.taken_back += flow.taken_back;
                sums.claimed_again += flow.claimed_again;
            }
            for (month, reduction) in &timeline.reductions {
                // Without the claim there is nothing that the reduction could be taken from.
                if timeline.attempt_until(*month).is_some() {
                    months.entry(*month).or_default().assessed -= self.yen_lost(timeline, *month, reduction).0;
                }
            }
        }
        for case in cases.iter().filter(|case| case.state.is_unpaid() || case.state == CaseState::Lapsed) {
            let sums = months.entry(case.stands_on).or_default();
            if matches!(case.state, CaseState::Open | CaseState::Lapsed) {
                *sums.open_until.entry(case.limitation_date).or_default() += case.yen;
            } else {
                sums.waiting += case.yen;
            }
        }
        months.into_iter().map(|(month, sums)| self.balance(month, &sums)).collect()
    }

    /// Returns whether the payment details and the transfer notice of `month` must be on hand.
    pub(crate) fn payment_is_due(&self, month: Month) -> bool {
        self.today >= payment_due_day(month)
    }

    fn balance(&self, month: Month, sums: &Sums) -> Balance {
        let none = Papers::default();
        let papers = self.papers.get(&month).unwrap_or(&none);
        let transfers = papers.transfers();
        let of_transfers =
            |field: fn(&TransferNotice) -> Yen| transfers.iter().map(|notice| field(notice)).sum::<Yen>();
        let (proved_missing, due) = self.missing_notices(month, papers, sums);
        let mut balance = Balance {
            office: self.number.clone(),
            processing_month: month,
            claims: sums.attempts.iter().sum(),
            sent_back: sums.sent_back,
            claimed: sums.claimed,
            returned: sums.returned,
            held: sums.held,
            assessed: sums.assessed,
            released: sums.released,
            unexplained: Yen::ZERO,
            is_decided: false,
            decided: Yen::ZERO,
            kago: Yen::ZERO,
            payable: Yen::ZERO,
            paid: of_transfers(|notice| notice.transfer),
            transfer_day: transfers.iter().filter_map(|notice| notice.head.issued).max(),
            is_paid: !transfers.is_empty(),
            fees: of_transfers(|notice| notice.certificate_fee),
            other_payments: of_transfers(|notice| {
                notice.transfer - notice.care - notice.project - notice.certificate_fee
            }),
            unpaid: Yen::ZERO,
            open: Yen::ZERO,
            waiting: sums.waiting,
            lapsed: Yen::ZERO,
            held_then_returned: sums.held_then_returned,
            taken_back: sums.taken_back,
            claimed_again: sums.claimed_again,
            missing_notices: Vec::new(),
            unused_notices: papers.unused.iter().map(|unused| unused.exchange_id.to_owned()).collect(),
            open_until: sums.open_until.clone(),
            proved_missing,
            due,
        };
        // 国保連 answers a system of which everything came back with a detail of zeros; until that is here, the month is
        // not complete（MONEY 22）.
        let lacks_detail =
            [false, true].into_iter().any(|project| !papers.has_payment(project) && sums.decides(project, papers));
        if !papers.payments.is_empty() && !lacks_detail {
            balance.is_decided = true;
            let sum = |field: fn(&kokuho::PaymentDetail) -> Yen| {
                papers.payments.iter().map(|detail| field(detail)).sum::<Yen>()
            };
            balance.decided = sum(|detail| detail.decided);
            balance.kago = sum(|detail| detail.kago);
            balance.payable = sum(|detail| detail.payable);
            balance.unexplained =
                balance.decided - (sums.claimed - sums.returned - sums.held + sums.assessed + sums.released);
        }
        balance.date(self.today);
        balance
    }

    /// Returns the ids of the notices that the others prove to be missing, and of those that the calendar demands once
    /// payment is due（MONEY 20）.
    fn missing_notices(&self, month: Month, papers: &Papers<'_>, sums: &Sums) -> (Vec<String>, Vec<String>) {
        let mut missing = BTreeSet::new();
        let reduced = |project: bool| {
            let mut types =
                papers.reductions.iter().flat_map(|notice| &notice.lines).map(|line| line.service_type.as_str());
            types.any(|service_type| services::is_project_type(service_type) == project)
        };
        for (project, table) in [(false, "7211"), (true, "7231")] {
            if !papers.has_change_table(project) && (sums.new_listings[usize::from(project)] || reduced(project)) {
                missing.insert(table);
            }
        }
        if self.lacking_lists.contains_key(&month) {
            missing.insert("7411");
        }
        if papers.reductions.is_empty() && papers.counts_reduction() {
            missing.insert("7311");
        }
        let mut due = BTreeSet::new();
        let mut expected = !papers.payments.is_empty();
        for (project, detail) in [(false, "7521"), (true, "7551")] {
            let decides = sums.decides(project, papers);
            expected |= decides;
            if decides && !papers.has_payment(project) {
                due.insert(detail);
            }
        }
        if expected && papers.transfers.is_empty() {
            due.insert("7513");
        }
        let owned = |ids: BTreeSet<&str>| ids.into_iter().map(str::to_owned).collect();
        (owned(missing), owned(due))
    }
}

/// What a month moves between the claims under way and those that came back; only claims on hand.
#[derive(Debug, Clone, Copy, Default)]
struct Flow {
    held_then_returned: Yen,
    taken_back: Yen,
    claimed_again: Yen,
}

/// The flows of one claim.
struct Flows {
    by_month: BTreeMap<Month, Flow>,
    /// Yen with which the claim came back, when it was not claimed again.
    outstanding: Option<Yen>,
}

impl Flows {
    fn of(timeline: &Timeline<'_, '_>) -> Self {
        let mut flows = Self { by_month: BTreeMap::new(), outstanding: None };
        if timeline.key.form == BENEFIT_MANAGEMENT {
            return flows;
        }
        for month in timeline.months() {
            let mut flow = Flow::default();
            let known = timeline.attempt_until(month);
            if let Some(withdrawal) = timeline.withdrawals.get(&month)
                && known.is_some()
            {
                flow.taken_back = -withdrawal.yen;
                flows.outstanding = Some(-withdrawal.yen);
            }
            let claim = timeline.attempt_in(month);
            if claim.is_some() {
                flow.claimed_again = flows.outstanding.take().unwrap_or_default();
            }
            if let Some(listing) = timeline.listings.get(&month).filter(|listing| !listing.is_held()) {
                if let Some(claim) = claim {
                    flows.outstanding = Some(claim.amount());
                } else if let Some(claim) = known.filter(|_| listing.continues_hold) {
                    flow.held_then_returned = claim.amount();
                    flows.outstanding = Some(claim.amount());
                }
            }
            flows.by_month.insert(month, flow);
        }
        flows
    }
}

/// Returns the month on which an unpaid claim stands: of its newest attempt, else of its last notice（MONEY 24）.
fn stands_on(timeline: &Timeline<'_, '_>) -> Option<Month> {
    timeline
        .newest_attempt()
        .map(|claim| claim.processing_month)
        .or_else(|| timeline.listings.keys().next_back().copied())
        .or_else(|| timeline.withdrawals.keys().next_back().copied())
}

/// Sums of one month; pairs are 介護給付 and 総合事業.
#[derive(Default)]
struct Sums {
    claimed: Yen,
    returned: Yen,
    held: Yen,
    assessed: Yen,
    released: Yen,
    waiting: Yen,
    open_until: BTreeMap<Option<NaiveDate>, Yen>,
    held_then_returned: Yen,
    taken_back: Yen,
    claimed_again: Yen,
    /// Money claims sent.
    attempts: [u32; 2],
    /// Of these, returned or held.
    sent_back: u32,
    /// Whether the 返戻（保留）一覧表 lists something that was not held before.
    new_listings: [bool; 2],
}

impl Sums {
    /// Returns whether a payment detail of 介護給付 or 総合事業 must come.
    fn decides(&self, project: bool, papers: &Papers<'_>) -> bool {
        self.attempts[usize::from(project)] > 0 || papers.lists_release(project)
    }
}

fn letters(reduction: &Reduction<'_>) -> Vec<String> {
    reduction.letters.iter().map(|letter| (*letter).to_owned()).collect()
}

/// Returns the last day before a claim is time-barred; 給付管理票 carry no money and are not（MONEY 14）.
fn limitation(key: KeyRef<'_>) -> Option<NaiveDate> {
    let limitation = match key.form {
        BENEFIT_MANAGEMENT => return None,
        form if is_comprehensive_project(form) => Limitation::ComprehensiveProject,
        _ => Limitation::Benefit,
    };
    Some(limitation_date(key.service_month, limitation))
}
