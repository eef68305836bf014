//! A small reviewer that knows the truth: it takes claims, decides at random, and writes the notices of what it did.
//! From claims and notices alone the ledger must find the truth again.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use kokuho::{Claim, InsurerNumber, Notice, ReturnTarget, Yen};
use proptest::prelude::*;

use super::world::*;
use crate::{CaseKind, CaseState, Event, Style, What, roll_forward};

/// Deterministic dice（SplitMix64）.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// Where a claim really stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Paid,
    Returned,
    Held,
    TakenBack,
}

#[derive(Debug)]
struct Life {
    /// As sent last.
    claim: Claim,
    truth: Truth,
    times_returned: u32,
    /// It was returned, held or taken back at least once.
    is_case: bool,
}

/// What one row of a table tells of: `(month, insurer, service month, project)`.
type Group = (Month, InsurerNumber, Month, bool);

#[derive(Debug, Default)]
struct Reality {
    lives: BTreeMap<(String, Month), Life>,
    claims: Vec<Claim>,
    notices: Vec<Notice>,
    /// Groups of which a table released what fits several sets of held claims: nobody can tell from it which.
    ambiguous: BTreeSet<Group>,
}

/// Form, service type, rate, public payer of a person; persons of two insurers.
fn statement(person: u64, processing: Month, service: Month, units: i64) -> Claim {
    let (form, kind) = [("7131", "15"), ("71R1", "A6"), ("8124", "43"), ("7131", "11")][(person % 4) as usize];
    let rate = if form == "8124" { 100 } else { [90, 80, 70][(person / 4 % 3) as usize] };
    let claim =
        priced(&processing.to_string(), &person.to_string(), &service.to_string(), form, &[(kind, units, 1045)], rate);
    let mut claim =
        if form != "8124" && person.is_multiple_of(5) { with_public(claim, "12990016", 700) } else { claim };
    claim.insurer = InsurerNumber::from_file(if person.is_multiple_of(3) { "990028" } else { INSURER });
    claim
}

fn is_project(claim: &Claim) -> bool {
    claim.exchange_id == "71R1"
}

/// What is paid for a claim of which `units` are decided, written down independently of the crate.
fn paid_for(claim: &Claim, units: i64) -> i64 {
    let cost = units * 1045 / 100;
    let insurance = cost * i64::from(claim.rate) / 100;
    if claim.public_shares.is_empty() { insurance } else { insurance + (cost - insurance - 700).max(0) }
}

fn live(seed: u64, months: i32, persons: u64) -> Reality {
    let mut dice = Dice(seed);
    let mut reality = Reality::default();
    for offset in 0..months {
        review(&mut reality, &mut dice, month("2026-06").plus(offset), persons);
    }
    reality
}

fn review(reality: &mut Reality, dice: &mut Dice, now: Month, persons: u64) {
    let text = now.to_string();
    let mut lines = Vec::new();
    let mut cuts: Vec<(String, String, String, i64)> = Vec::new();
    let mut tables: [BTreeMap<(InsurerNumber, Month), Counts>; 2] = Default::default();
    let mut decided = [0_i64; 2];
    let mut kago = [0_i64; 2];
    let mut sent_any = [false; 2];
    let mut kago_rows: [Vec<Notice>; 2] = Default::default();

    let mut list = |claim: &Claim, remark: &str| {
        let target = if claim.exchange_id == "8124" { ReturnTarget::CarePlan } else { ReturnTarget::Statement };
        let mut line = row_for(
            target,
            &claim.services[0].service_type,
            row(claim.insured.as_str(), &claim.service_month.to_string(), claim.units, remark),
        );
        line.insurer = claim.insurer.clone();
        // One claim often gives several rows.
        lines.push(line.clone());
        if claim.units % 2 == 0 {
            lines.push(line);
        }
    };
    let mut count = |claim: &Claim, column: usize, units: i64| {
        let row =
            tables[usize::from(is_project(claim))].entry((claim.insurer.clone(), claim.service_month)).or_default();
        row[column].0 += 1;
        row[column].1 += units;
    };

    // What comes back at the end of this month is not known while this month's claims are sent.
    let returned_before: BTreeSet<_> =
        reality.lives.iter().filter(|(_, life)| life.truth == Truth::Returned).map(|(key, _)| key.clone()).collect();

    // What waits from before, and what was paid before.
    let mut waited: BTreeMap<Group, Vec<i64>> = BTreeMap::new();
    let mut released: BTreeMap<Group, Vec<i64>> = BTreeMap::new();
    for life in reality.lives.values_mut() {
        let roll = dice.roll(10);
        let group = (now, life.claim.insurer.clone(), life.claim.service_month, is_project(&life.claim));
        if life.truth == Truth::Held && !matches!(roll, 4..=5) {
            waited.entry(group.clone()).or_default().push(life.claim.units);
        }
        match (life.truth, roll) {
            (Truth::Held, 0..=3) => {
                count(&life.claim, 3, life.claim.units);
                decided[usize::from(is_project(&life.claim))] += life.claim.amount().0;
                life.truth = Truth::Paid;
                released.entry(group).or_default().push(life.claim.units);
            }
            (Truth::Held, 4..=5) => {
                count(&life.claim, 0, life.claim.units);
                list(&life.claim, "返戻");
                life.truth = Truth::Returned;
                life.times_returned += 1;
            }
            // Some federations list it again, without counting it.
            (Truth::Held, 6) => list(&life.claim, "保留"),
            (Truth::Paid, 0) => {
                let project = usize::from(is_project(&life.claim));
                let yen = life.claim.amount().0;
                let id = ["7611", "7631"][project];
                let mut notice = takes_back(
                    id,
                    &text,
                    life.claim.insured.as_str(),
                    &life.claim.service_month.to_string(),
                    &life.claim.services[0].service_type,
                    life.claim.units,
                    yen,
                );
                if let Notice::Kago(kago) = &mut notice {
                    kago.lines[0].insurer = life.claim.insurer.clone();
                }
                kago_rows[project].push(notice);
                kago[project] -= yen;
                life.truth = Truth::TakenBack;
                life.is_case = true;
            }
            _ => {}
        }
    }

    for (group, released) in released {
        if sets_like(&released, &waited[&group]) > 1 {
            reality.ambiguous.insert(group);
        }
    }

    // What is sent: new claims, and again what came back (taken back in the same month included).
    let mut sent: Vec<(String, Month, i64)> = Vec::new();
    for person in 1..=persons {
        if dice.roll(4) > 0 {
            sent.push((person.to_string(), now.plus(-1), 1000 + dice.roll(5000) as i64));
        }
    }
    let again: Vec<_> = reality
        .lives
        .iter()
        .filter(|(key, life)| returned_before.contains(key) || life.truth == Truth::TakenBack)
        .map(|(key, _)| key.clone())
        .collect();
    for (person, service) in again {
        if dice.roll(2) == 0 && !sent.iter().any(|known| (&known.0, known.1) == (&person, service)) {
            sent.push((person, service, 1000 + dice.roll(5000) as i64));
        }
    }
    for (person, service, units) in sent {
        let claim = statement(person.parse().unwrap(), now, service, units);
        let project = usize::from(is_project(&claim));
        sent_any[project] = true;
        reality.claims.push(claim.clone());
        let life = reality.lives.entry((person, service)).or_insert_with(|| Life {
            claim: claim.clone(),
            truth: Truth::Paid,
            times_returned: 0,
            is_case: false,
        });
        life.claim = claim.clone();
        life.truth = Truth::Paid;
        match dice.roll(10) {
            0..=1 => {
                count(&claim, 0, units);
                list(&claim, "12PA");
                life.truth = Truth::Returned;
                life.times_returned += 1;
                life.is_case = true;
            }
            2..=3 => {
                count(&claim, 2, units);
                list(&claim, "保留");
                life.truth = Truth::Held;
                life.is_case = true;
            }
            4 if project == 0 => {
                let less = 1 + dice.roll(900) as i64;
                count(&claim, 1, -less);
                cuts.push((
                    claim.insured.to_string(),
                    service.to_string(),
                    claim.services[0].service_type.clone(),
                    -less,
                ));
                decided[project] += paid_for(&claim, units - less);
            }
            _ => decided[project] += claim.amount().0,
        }
    }

    if !lines.is_empty() {
        reality.notices.push(returns(&text, &lines));
    }
    if !cuts.is_empty() {
        // 7311 has one row per cut; its insurer is the person's.
        let mut notice = reduces(
            &text,
            &cuts.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), Some(*d), "B")).collect::<Vec<_>>(),
        );
        if let Notice::Reductions(reductions) = &mut notice {
            for line in &mut reductions.lines {
                let life =
                    &reality.lives[&(line.insured.as_str().trim_start_matches('0').to_owned(), line.service_month)];
                line.insurer = life.claim.insurer.clone();
            }
        }
        reality.notices.push(notice);
    }
    for project in 0..2 {
        let rows: Vec<(String, String, Counts)> = tables[project]
            .iter()
            .map(|((insurer, service), counts)| (insurer.to_string(), service.to_string(), *counts))
            .collect();
        let released = rows.iter().any(|row| row.2[3] != (0, 0));
        if !rows.is_empty() {
            let rows: Vec<(&str, &str, Counts)> =
                rows.iter().map(|row| (row.0.as_str(), row.1.as_str(), row.2)).collect();
            reality.notices.push(changes(["7211", "7231"][project], &text, &rows));
        }
        if sent_any[project] || released || kago[project] != 0 {
            reality.notices.push(pays(["7521", "7551"][project], &text, decided[project], kago[project]));
        }
    }
    for notices in kago_rows {
        reality.notices.extend(notices);
    }
    reality.notices.push(transfers(&text, decided[0] + decided[1] + kago[0] + kago[1]));
}

/// Returns how many subsets of `waited` have the number and the sum of `released`.
fn sets_like(released: &[i64], waited: &[i64]) -> usize {
    let sum: i64 = released.iter().sum();
    (0_u32..1 << waited.len())
        .filter(|set| set.count_ones() as usize == released.len())
        .filter(|set| {
            waited.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, units)| units).sum::<i64>() == sum
        })
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_truth_is_found_again(seed in any::<u64>(), months in 2_i32..9, persons in 1_u64..14) {
        let reality = live(seed, months, persons);
        let world = World { claims: reality.claims.clone(), notices: reality.notices.clone(), ..World::on("2027-06-25") };
        let ledger = world.settle();
        let cases: BTreeMap<(String, Month), _> = ledger
            .cases
            .iter()
            .filter(|case| case.kind != CaseKind::Assessed)
            .map(|case| ((case.key.insured.as_str().trim_start_matches('0').to_owned(), case.key.service_month), case))
            .collect();

        for (key, life) in &reality.lives {
            let Some(case) = cases.get(key) else {
                prop_assert!(!life.is_case, "no case for {life:?}");
                continue;
            };
            prop_assert!(life.is_case, "{case:?}");
            let state = match life.truth {
                Truth::Paid => CaseState::Settled,
                Truth::Held => CaseState::Held,
                Truth::Returned | Truth::TakenBack => CaseState::Open,
            };
            let unsure = reality.ambiguous.iter().any(|group| group.1 == life.claim.insurer && group.2 == life.claim.service_month);
            prop_assert!(case.state == state || unsure, "{case:#?} {life:?}");
            prop_assert_eq!((case.yen, case.estimated, case.times_returned), (life.claim.amount(), false, life.times_returned));
        }
        for balance in &ledger.balances {
            prop_assert!(balance.missing_notices.is_empty(), "{balance:?}");
            prop_assert_eq!(balance.paid, balance.payable);
            let unsure = reality.ambiguous.iter().any(|group| group.0 <= balance.processing_month);
            prop_assert!(balance.unexplained == Yen::ZERO || unsure, "{balance:?}");
        }
        if reality.ambiguous.is_empty() {
            let outstanding: Yen = reality.lives.values().filter(|life| life.truth != Truth::Paid).map(|life| life.claim.amount()).sum();
            let unpaid: Yen = ledger.balances.iter().map(|balance| balance.unpaid).sum();
            prop_assert_eq!(unpaid, outstanding);

            // What the books carry forward is what is really outstanding, however returns are booked.
            let held: Yen =
                reality.lives.values().filter(|life| life.truth == Truth::Held).map(|life| life.claim.amount()).sum();
            let carried = |style| {
                let roll = roll_forward(&ledger.balances, &ledger.cases, &BTreeMap::new(), style, month("2027-07"));
                roll.values().next_back().map(|roll| (roll.closing, roll.closing_returned)).unwrap_or_default()
            };
            prop_assert_eq!(carried(Style::KeepReceivable), (outstanding, outstanding - held));
            prop_assert_eq!(carried(Style::ReverseSale), (held, Yen::ZERO));
        }
    }

    #[test]
    fn stories_run_forward_and_begin_with_a_claim(seed in any::<u64>()) {
        let reality = live(seed, 6, 8);
        let world = World { claims: reality.claims, notices: reality.notices, ..World::on("2027-06-25") };
        for case in world.settle().cases {
            prop_assert!(case.story.is_sorted_by_key(|event| event.month));
            let first = case.story.first();
            prop_assert!(matches!(first, Some(Event { what: What::Claimed { .. }, .. })), "{first:?}");
        }
    }
}
