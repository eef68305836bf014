//! Months nobody has seen before, from what really happened to files and back: the files are read and settled, and what the
//! ledger tells must be what the contract demands of the same happenings, to the yen, whatever was lost and in whatever
//! order and spelling the files come.

mod contract;
mod files;
mod life;

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use chrono::NaiveDate;
use kokuho::{Claim, Notice};
use ledger::{Balance, Books, Case, Ledger, settle};
use proptest::prelude::*;

use contract::{Sums, Told};
use files::Written;
use life::{Dice, Facts};

const OFFICES: [&str; 2] = ["9970000015", "9970000023"];
const LOSABLE: [&str; 10] = ["claims", "7411", "7211", "7231", "7311", "7521", "7551", "7513", "7611", "7631"];

fn read(files: &[Written]) -> (Vec<Claim>, Vec<Notice>) {
    let (mut claims, mut notices) = (Vec::new(), Vec::new());
    for written in files {
        let file = kokuho::read(&written.bytes).unwrap_or_else(|refusal| panic!("{}: {refusal}", written.name));
        claims.extend(kokuho::claims(&file));
        notices.extend(kokuho::notices(&file));
    }
    (claims, notices)
}

fn settle_files(files: &[Written], today: NaiveDate) -> Ledger {
    let (claims, notices) = read(files);
    settle(&Books { claims: &claims, notices: &notices, decisions: &[], today })
}

fn row(case: &Case) -> String {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    format!(
        "{} {} {:?} {}{} x{} {} first {} next {} until {}",
        case.key,
        case.kind.as_str(),
        case.codes.iter().cloned().collect::<BTreeSet<String>>(),
        if case.estimated { "~" } else { "" },
        case.yen.0,
        case.times_returned,
        case.state.as_str(),
        case.first_month,
        text(case.next_window.map(|month| month.to_string())),
        text(case.limitation_date.map(|day| day.to_string())),
    )
}

fn sums(balance: &Balance) -> Sums {
    let yen = [
        balance.claimed,
        balance.returned,
        balance.held,
        balance.assessed,
        balance.released,
        balance.unexplained,
        balance.decided,
        balance.kago,
        balance.payable,
        balance.paid,
        balance.unpaid,
    ];
    Sums { yen: yen.map(|yen| yen.0), missing: balance.missing_notices.clone() }
}

/// Compares and tells what differs alone, because a world is long.
#[track_caller]
fn compare(ledger: &Ledger, months: &[(&str, Vec<Facts>)], today: NaiveDate) -> Result<(), TestCaseError> {
    let mut expected_rows = Told::new();
    let mut expected: BTreeMap<(String, Month), Sums> = BTreeMap::new();
    for (office, facts) in months {
        let (rows, sums) = contract::told(facts, today);
        expected_rows.extend(rows);
        expected.extend(sums.into_iter().map(|(month, sums)| (((*office).to_owned(), month), sums)));
    }
    let rows: Told = ledger.cases.iter().map(row).collect();
    prop_assert_eq!(ledger.cases.len(), rows.len(), "a row stands twice");
    let (lacking, surplus): (Vec<_>, Vec<_>) =
        (expected_rows.difference(&rows).collect(), rows.difference(&expected_rows).collect());
    prop_assert!(lacking.is_empty() && surplus.is_empty(), "expected {lacking:#?}\ntold {surplus:#?}");
    let told: BTreeMap<(String, Month), Sums> = ledger
        .balances
        .iter()
        .map(|balance| ((balance.office.to_string(), balance.processing_month), sums(balance)))
        .collect();
    let months: BTreeSet<_> = expected.keys().chain(told.keys()).collect();
    for month in months {
        prop_assert_eq!(told.get(month), expected.get(month), "{:?} (told, expected)", month);
    }
    Ok(())
}

fn world(dice: &mut Dice, months: i32, persons: u64) -> Vec<(&'static str, Vec<Facts>)> {
    let first: Month = "2024-03".parse().unwrap();
    OFFICES.into_iter().map(|office| (office, life::live(dice, office, first, months, persons))).collect()
}

fn write(world: &[(&'static str, Vec<Facts>)], dice: &mut Dice) -> Vec<Written> {
    world
        .iter()
        .flat_map(|(office, months)| {
            months.iter().flat_map(|facts| files::write(facts, office, dice)).collect::<Vec<_>>()
        })
        .collect()
}

/// Days at which all kinds of states and windows occur: while notices are awaited, after, and years later.
const DAYS: [&str; 6] = ["2024-07-10", "2024-08-19", "2024-08-20", "2026-06-30", "2026-07-01", "2030-01-01"];

fn day(dice: &mut Dice) -> NaiveDate {
    DAYS[dice.roll(DAYS.len() as u64) as usize].parse().unwrap()
}

proptest! {
    #[test]
    fn complete_months_are_told_to_the_yen(seed in any::<u64>(), months in 1_i32..8, persons in 1_u64..15) {
        let mut dice = Dice(seed);
        let world = world(&mut dice, months, persons);
        let files = write(&world, &mut dice);
        let today = day(&mut dice);
        compare(&settle_files(&files, today), &world, today)?;
    }

    #[test]
    fn what_was_lost_is_missed_by_name_and_explains_nothing(
        seed in any::<u64>(), months in 2_i32..8, persons in 1_u64..15, losses in 1_usize..6, forgotten in 0_usize..4,
    ) {
        let mut dice = Dice(seed);
        let mut world = world(&mut dice, months, persons);
        for (_, facts) in &mut world {
            // Claims from before the oldest file on hand come back in notices.
            for month in facts.iter_mut().take(forgotten) {
                month.lost.insert("claims");
            }
            for _ in 0..losses {
                let month = dice.roll(facts.len() as u64) as usize;
                facts[month].lost.insert(LOSABLE[dice.roll(LOSABLE.len() as u64) as usize]);
            }
        }
        let files = write(&world, &mut dice);
        let today = day(&mut dice);
        compare(&settle_files(&files, today), &world, today)?;
    }

    #[test]
    fn order_names_and_repetition_of_files_change_nothing(seed in any::<u64>(), months in 1_i32..6, persons in 1_u64..12) {
        let mut dice = Dice(seed);
        let world = world(&mut dice, months, persons);
        let mut files = write(&world, &mut dice);
        let today = day(&mut dice);
        let told = settle_files(&files, today);
        // The same happenings in another vendor's spelling, all in another order.
        files.extend(write(&world, &mut dice));
        for last in (1..files.len()).rev() {
            files.swap(last, dice.roll(last as u64 + 1) as usize);
        }
        compare(&told, &world, today)?;
        compare(&settle_files(&files, today), &world, today)?;
    }
}
