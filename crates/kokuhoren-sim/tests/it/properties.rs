//! What must hold for every scenario and every set of claims.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::{Notice, ReturnTarget};
use kokuhoren_sim::{Event, Kokuhoren, Rates, Scenario};
use proptest::prelude::*;

use crate::claim_file::{Funding, OFFICES, Person, home_care};
use crate::notice::assert_well_formed;

const FIRST_MONTH: &str = "2026-04";
const MONTHS: i32 = 4;

/// Which persons are claimed: per office, processing month (from the first) and service month (months before).
type Claims = BTreeMap<(usize, i32, i32), BTreeSet<u32>>;

fn claims() -> impl Strategy<Value = Claims> {
    let when = (0..OFFICES.len(), 0..MONTHS, 1..4);
    prop::collection::btree_map(when, prop::collection::btree_set(1_u32..9, 1..6), 1..10)
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (any::<u64>(), 0_u16..350, 0_u16..350, 0_u16..300, 0_u16..=1000).prop_map(
        |(seed, returned, held, reduced, hold_returned)| Scenario {
            seed,
            verdicts: Vec::new(),
            rates: Rates { returned, held, reduced, hold_returned },
            ..Scenario::demo()
        },
    )
}

/// The statement of a person: the same whenever it is made for the same service month.
fn person(number: u32, service: Month) -> Person {
    let funding = match number % 5 {
        0 => Funding::Shared,
        1 => Funding::Public,
        2 => Funding::Insurer(80),
        _ => Funding::Insurer(90),
    };
    let unit = 300 + i64::from(number) * 37 + i64::from(service.month());
    let services = if number.is_multiple_of(2) { vec![(unit, 8)] } else { vec![(unit, 8), (unit + 11, 3)] };
    Person { number, funding, services }
}

fn month(index: i32) -> Month {
    FIRST_MONTH.parse::<Month>().unwrap().plus(index)
}

/// Submissions in order of time: moment, office, processing month, content.
fn files(claims: &Claims) -> Vec<(NaiveDateTime, &'static str, Month, Vec<u8>)> {
    let mut files: Vec<_> = claims
        .iter()
        .map(|((office, processing, back), numbers)| {
            let (processing, service) = (month(*processing), month(processing - back));
            let persons: Vec<Person> = numbers.iter().map(|number| person(*number, service)).collect();
            let sent = processing.day(2 + *back as u32).and_hms_opt(10, 0, 0).unwrap();
            (sent, OFFICES[*office], processing, home_care(OFFICES[*office], processing, service, &persons))
        })
        .collect();
    files.sort_by_key(|(sent, ..)| *sent);
    files
}

/// Well after the last hold has ended.
fn end() -> NaiveDateTime {
    month(MONTHS + 4).last_day().and_hms_opt(23, 0, 0).unwrap()
}

/// Submits everything in time and asks only at the end.
fn run(scenario: &Scenario, claims: &Claims) -> Vec<Event> {
    let mut kokuhoren = Kokuhoren::new(scenario.clone());
    for (sent, _, _, bytes) in files(claims) {
        kokuhoren.submit(&bytes, sent);
    }
    kokuhoren.advance(end())
}

/// What the notices of an office and month say, read back.
#[derive(Debug, Default)]
struct Told {
    claimed: i64,
    difference: i64,
    returned: i64,
    held: i64,
    returned_from_hold: i64,
    assessed: i64,
    decided: Option<i64>,
    transfer: Option<i64>,
}

/// What is claimed for the person that a notice names.
fn amount(insured: &str, service: Month) -> i64 {
    person(insured.trim_start_matches('H').parse().unwrap(), service).amount()
}

/// Rule E4 by hand, for the units that 7311 takes off a service.
fn assessed(insured: &str, service: Month, service_type: &str, taken: i64) -> i64 {
    let person = person(insured.trim_start_matches('H').parse().unwrap(), service);
    let (index, price) = if service_type == "15" { (0, 1045) } else { (1, 1070) };
    let (unit, visits) = person.services[index];
    let rate = match person.funding {
        Funding::Insurer(rate) => rate,
        Funding::Shared | Funding::Public => 100,
    };
    let paid = |units: i64| units * price / 100 * rate / 100;
    paid(unit * visits + taken) - paid(unit * visits)
}

fn read_back(claims: &Claims, events: &[Event]) -> BTreeMap<(String, Month), Told> {
    let mut months: BTreeMap<(String, Month), Told> = BTreeMap::new();
    for ((office, processing, back), numbers) in claims {
        let entry = months.entry((OFFICES[*office].to_owned(), month(*processing))).or_default();
        entry.claimed += numbers.iter().map(|number| person(*number, month(processing - back)).amount()).sum::<i64>();
    }
    for event in events {
        let Event::Document { office, bytes, at, .. } = event else { continue };
        assert_well_formed(bytes);
        let file = kokuho::read(bytes).unwrap();
        assert_eq!(file.office().as_str(), office);
        let processing = file.processing_month().unwrap();
        let entry = months.entry((office.clone(), processing)).or_default();
        for notice in kokuho::notices(&file) {
            match notice {
                Notice::Returns(list) => {
                    assert_eq!(at.date(), processing.last_day());
                    let groups: BTreeSet<_> = list
                        .lines
                        .iter()
                        .map(|line| (line.insured.as_str(), line.service_month, line.remark.as_str()))
                        .collect();
                    assert!(list.lines.iter().all(|line| line.target == Some(ReturnTarget::Statement)));
                    for (insured, service, remark) in groups {
                        let yen = amount(insured, service);
                        match remark {
                            "保留" => entry.held += yen,
                            "返戻" => entry.returned_from_hold += yen,
                            _ => entry.returned += yen,
                        }
                    }
                }
                Notice::Changes(table) => entry.difference += table.claim_difference.1.unwrap().0,
                Notice::Reductions(notice) => {
                    for line in notice.lines {
                        let Some(units) = line.units else { continue };
                        entry.assessed +=
                            assessed(line.insured.as_str(), line.service_month, &line.service_type, units);
                    }
                }
                Notice::Payments(detail) => {
                    assert_eq!(detail.lines.iter().map(|line| line.benefit.0).sum::<i64>(), detail.decided.0);
                    assert_eq!((detail.kago.0, detail.payable), (0, detail.decided));
                    assert_eq!(entry.decided.replace(detail.decided.0), None, "one 7521 a month");
                }
                Notice::Transfer(transfer) => {
                    assert_eq!(transfer.transfer, transfer.care);
                    assert_eq!(entry.transfer.replace(transfer.transfer.0), None, "one 7513 a month");
                }
                Notice::Kago(_) => panic!("no 過誤 is simulated"),
            }
        }
    }
    months
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every month: claimed + 請求差 = decided = transferred (E6). Over all months: what was claimed is paid, returned or
    /// reduced, and every hold ends as a release or a return.
    #[test]
    fn notices_reconcile(scenario in scenario(), claims in claims()) {
        let months = read_back(&claims, &run(&scenario, &claims));
        let sum = |of: fn(&Told) -> i64| months.values().map(of).sum::<i64>();
        for ((office, processing), month) in &months {
            prop_assert_eq!(month.claimed + month.difference, month.decided.unwrap_or(0), "{} {}", office, processing);
            prop_assert_eq!(month.decided, month.transfer);
            prop_assert!(month.decided.is_some() || month.claimed == 0);
            let released = month.difference + month.returned + month.held - month.assessed;
            prop_assert!(released >= 0);
        }
        let released = sum(|month| month.held) - sum(|month| month.returned_from_hold);
        let expected = sum(|month| month.claimed) - sum(|month| month.returned) - sum(|month| month.held)
            + sum(|month| month.assessed) + released;
        prop_assert_eq!(sum(|month| month.decided.unwrap_or(0)), expected);
    }

    /// The clock may jump, stop, and the state may be saved and loaded in between: the events stay the same.
    #[test]
    fn neither_jumps_nor_restarts_change_what_happens(
        scenario in scenario(),
        claims in claims(),
        steps in prop::collection::vec((1_i64..400, any::<bool>()), 1..40),
    ) {
        let expected = run(&scenario, &claims);
        prop_assert!(expected.is_sorted_by_key(Event::at));

        let mut kokuhoren = Kokuhoren::new(scenario);
        let mut events = Vec::new();
        let mut files = files(&claims).into_iter().peekable();
        let mut steps = steps.into_iter().cycle();
        let mut now = month(0).first_day().and_hms_opt(0, 0, 0).unwrap();
        while now < end() {
            let (hours, restart) = steps.next().unwrap();
            now = (now + chrono::TimeDelta::hours(hours)).min(end());
            while let Some((sent, _, _, bytes)) = files.next_if(|(sent, ..)| *sent <= now) {
                events.extend(kokuhoren.advance(sent));
                kokuhoren.submit(&bytes, sent);
            }
            events.extend(kokuhoren.advance(now));
            if restart {
                kokuhoren = Kokuhoren::load(&kokuhoren.save()).unwrap();
            }
        }
        prop_assert_eq!(events, expected);
    }

    /// Decisions come from the claim, not from the order of files: the same claims sent the other way round give the same
    /// notices at the end of the month.
    #[test]
    fn the_order_of_files_does_not_matter(scenario in scenario(), claims in claims()) {
        let documents = |events: Vec<Event>| -> BTreeSet<(String, String, Vec<u8>)> {
            events
                .into_iter()
                .filter_map(|event| match event {
                    Event::Document { office, file_name, bytes, at } if at.date() == month(0).last_day() => Some((office, file_name, sorted(&bytes))),
                    _ => None,
                })
                .collect()
        };
        let mut kokuhoren = Kokuhoren::new(scenario.clone());
        let first = files(&claims).into_iter().filter(|(_, _, processing, _)| *processing == month(0));
        let mut first: Vec<_> = first.collect();
        first.reverse();
        for (_, _, _, bytes) in first {
            kokuhoren.submit(&bytes, month(0).day(5).and_hms_opt(10, 0, 0).unwrap());
        }
        prop_assert_eq!(documents(kokuhoren.advance(end())), documents(run(&scenario, &claims)));
    }
}

/// The lines of a file without their numbers, sorted.
fn sorted(bytes: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> =
        bytes.split(|byte| *byte == b'\n').map(|line| line.splitn(3, |byte| *byte == b',').last().unwrap()).collect();
    lines.sort_unstable();
    lines.concat()
}
