//! Which deposit on the bank's statement is which transfer（features Q05）. Nothing is forced together: what fits by amount and
//! day is one, what comes near is told with its difference, and the rest is named on either side.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kokuho::Yen;

use crate::{Certainty, Deposit};

/// Money that came in, as the bank tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Day on the statement.
    pub day: NaiveDate,
    /// Amount; positive.
    pub yen: Yen,
    /// What stands beside it（摘要, 振込依頼人）.
    pub text: String,
    /// It names 国保連 as the one who paid.
    pub from_federation: bool,
}

/// How a deposit and a line of the statement stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// 入金なし: expected until the end of the statement, and nothing came.
    Missing,
    /// 金額が違う: came around the day from 国保連, with another amount.
    Differs,
    /// 通知なし: came from 国保連, and no deposit is expected.
    Unexpected,
    /// 日が違う: the amount fits, the day is more than a few days off.
    OtherDay,
    /// 一致.
    Matches,
}

impl Verdict {
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Unexpected => "unexpected",
            Self::OtherDay => "other_day",
            Self::Matches => "matches",
        }
    }

    /// Returns the words that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "入金が見つかりません",
            Self::Differs => "金額が違います",
            Self::Unexpected => "通知のない入金です",
            Self::OtherDay => "日が違います",
            Self::Matches => "一致",
        }
    }
}

/// Deposits and the line of the statement that belongs to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// How they stand to each other.
    pub verdict: Verdict,
    /// The deposits: none, one, or several that came in one sum.
    pub deposits: Vec<Deposit>,
    /// The line, where there is one.
    pub line: Option<BankLine>,
}

impl Matched {
    /// Returns what was expected.
    pub fn expected(&self) -> Yen {
        self.deposits.iter().map(|deposit| deposit.yen).sum()
    }

    /// Returns what came less what was expected.
    pub fn difference(&self) -> Yen {
        self.line.as_ref().map_or(Yen::ZERO, |line| line.yen) - self.expected()
    }
}

/// Days that a transfer may stand off the day of its notice: weekends, holidays and a bank that books late.
const NEAR: i64 = 7;
/// Days within which the same amount is taken for the same money.
const FAR: i64 = 31;

/// Holds `lines` of a statement against the deposits that should stand on it; what needs a look comes first.
///
/// A deposit belongs to the statement when its day lies between the first and the last day of the lines, give or take a
/// week. Lines that neither fit a deposit nor name 国保連 are other people's money and are left out.
pub fn match_bank(deposits: &[Deposit], lines: &[BankLine]) -> Vec<Matched> {
    let mut lines: Vec<&BankLine> = lines.iter().filter(|line| line.yen > Yen::ZERO).collect();
    lines.sort_by_key(|line| (line.day, line.yen, line.text.as_str(), !line.from_federation));
    let (Some(first), Some(last)) = (lines.first().map(|line| line.day), lines.last().map(|line| line.day)) else {
        return Vec::new();
    };
    let mut open: Vec<&Deposit> = deposits
        .iter()
        .filter(|deposit| deposit.yen > Yen::ZERO)
        .filter(|deposit| (first - deposit.day).num_days() <= NEAR && (deposit.day - last).num_days() <= NEAR)
        .collect();
    open.sort_by_key(|deposit| (deposit.day, &deposit.office, deposit.processing_month, deposit.yen));
    let mut found: Vec<Matched> = Vec::new();

    // The same amount, nearest day first; near ones of all deposits before far ones of any.
    for (reach, verdict) in [(NEAR, Verdict::Matches), (FAR, Verdict::OtherDay)] {
        open.retain(|deposit| {
            let fitting = lines.iter().enumerate().filter(|(_, line)| line.yen == deposit.yen);
            let place = fitting
                .map(|(place, line)| (near(line.day, deposit.day), !line.from_federation, place))
                .filter(|(days, ..)| *days <= reach)
                .min();
            let Some((_, _, place)) = place else { return true };
            let line = lines.remove(place).clone();
            found.push(Matched { verdict, deposits: vec![(*deposit).clone()], line: Some(line) });
            false
        });
        if verdict == Verdict::Matches {
            take_sums(&mut open, &mut lines, &mut found);
        }
    }
    // Money of 国保連 around the day, with another amount: the nearest amount belongs to it.
    open.retain(|deposit| {
        let around = lines.iter().enumerate().filter(|(_, line)| line.from_federation);
        let place = around
            .filter(|(_, line)| near(line.day, deposit.day) <= NEAR)
            .map(|(place, line)| ((line.yen - deposit.yen).0.abs(), place))
            .min();
        let Some((_, place)) = place else { return true };
        let line = lines.remove(place).clone();
        found.push(Matched { verdict: Verdict::Differs, deposits: vec![(*deposit).clone()], line: Some(line) });
        false
    });
    let missing = open.into_iter().filter(|deposit| deposit.day <= last);
    found.extend(missing.map(|deposit| Matched {
        verdict: Verdict::Missing,
        deposits: vec![deposit.clone()],
        line: None,
    }));
    let unexpected = lines.into_iter().filter(|line| line.from_federation);
    found.extend(unexpected.map(|line| Matched {
        verdict: Verdict::Unexpected,
        deposits: Vec::new(),
        line: Some(line.clone()),
    }));
    found.sort_by_key(|matched| {
        let day = matched.line.as_ref().map(|line| line.day).or(matched.deposits.first().map(|deposit| deposit.day));
        (matched.verdict, day, matched.deposits.first().map(|deposit| deposit.office.clone()))
    });
    found
}

/// Returns how many days lie between `a` and `b`, whichever comes first.
fn near(a: NaiveDate, b: NaiveDate) -> i64 {
    (a - b).num_days().abs()
}

/// Takes out what one line pays for all offices of a day together.
fn take_sums(open: &mut Vec<&Deposit>, lines: &mut Vec<&BankLine>, found: &mut Vec<Matched>) {
    let mut days: BTreeMap<NaiveDate, Vec<&Deposit>> = BTreeMap::new();
    for deposit in open.iter().filter(|deposit| deposit.certainty == Certainty::Announced) {
        days.entry(deposit.day).or_default().push(deposit);
    }
    for (day, deposits) in days.into_iter().filter(|(_, deposits)| deposits.len() > 1) {
        let sum: Yen = deposits.iter().map(|deposit| deposit.yen).sum();
        let fitting = lines.iter().enumerate().filter(|(_, line)| line.yen == sum && near(line.day, day) <= NEAR);
        let place = fitting.map(|(place, line)| (near(line.day, day), !line.from_federation, place)).min();
        let Some((_, _, place)) = place else { continue };
        let line = lines.remove(place).clone();
        open.retain(|deposit| !deposits.contains(deposit));
        let deposits = deposits.into_iter().cloned().collect();
        found.push(Matched { verdict: Verdict::Matches, deposits, line: Some(line) });
    }
}

#[cfg(test)]
mod tests {
    use kokuho::OfficeNumber;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn deposit(office: &str, on: &str, yen: i64) -> Deposit {
        Deposit {
            day: day(on),
            office: OfficeNumber::from_file(office),
            processing_month: "2026-06".parse().unwrap(),
            certainty: Certainty::Announced,
            yen: Yen(yen),
            overdue: false,
        }
    }

    fn line(on: &str, yen: i64, from_federation: bool) -> BankLine {
        BankLine { day: day(on), yen: Yen(yen), text: "振込".to_owned(), from_federation }
    }

    #[track_caller]
    fn check(deposits: &[Deposit], lines: &[BankLine], expected: &[(Verdict, i64)]) {
        let found = match_bank(deposits, lines);
        let told: Vec<_> = found.iter().map(|found| (found.verdict, found.difference().0)).collect();
        assert_eq!(told, expected, "{found:#?}");
    }

    const A: &str = "9970000015";
    const B: &str = "9970000023";

    #[test]
    fn amount_and_day_make_one() {
        let due = [deposit(A, "2026-07-24", 1000), deposit(B, "2026-07-24", 2000)];
        let came = [line("2026-07-27", 2000, true), line("2026-07-24", 1000, true), line("2026-07-01", 70, false)];
        check(&due, &came, &[(Verdict::Matches, 0), (Verdict::Matches, 0)]);
        check(&due[..1], &[line("2026-08-20", 1000, true)], &[(Verdict::Unexpected, 1000)]);
        check(&due[..1], &[line("2026-07-20", 1, false), line("2026-08-20", 1000, true)], &[(Verdict::OtherDay, 0)]);
    }

    #[test]
    fn one_sum_for_all_offices_is_taken_apart() {
        let due = [deposit(A, "2026-07-24", 1000), deposit(B, "2026-07-24", 2000)];
        let found = match_bank(&due, &[line("2026-07-24", 3000, true)]);
        assert_eq!((found.len(), found[0].verdict, found[0].deposits.len()), (1, Verdict::Matches, 2));
    }

    #[test]
    fn of_equal_sums_the_one_of_the_federation_is_taken() {
        let due = [deposit(A, "2026-07-24", 1000), deposit(B, "2026-07-24", 2000)];
        let came = [line("2026-07-24", 3000, false), line("2026-07-24", 3000, true)];
        let expected = [(Verdict::Matches, 0)];
        check(&due, &came, &expected);
        check(&due, &[came[1].clone(), came[0].clone()], &expected);
    }

    #[test]
    fn differences_are_named_and_other_money_is_left_alone() {
        let due = [deposit(A, "2026-07-24", 1000), deposit(B, "2026-07-24", 2000)];
        let came = [line("2026-07-24", 990, true), line("2026-07-30", 5000, false), line("2026-07-30", 7, true)];
        check(&due, &came, &[(Verdict::Differs, -10), (Verdict::Differs, -1993)]);
        check(&due[1..], &came[1..2], &[(Verdict::Missing, -2000)]);
        // What is due after the end of the statement does not lack on it.
        check(&due, &[line("2026-07-20", 5, false)], &[]);
        check(&[], &[line("2026-07-20", 5, true)], &[(Verdict::Unexpected, 5)]);
        check(&due, &[], &[]);
    }

    proptest! {
        /// Every deposit and every line is used once at most, and the order in which they come does not matter.
        #[test]
        fn nothing_is_counted_twice(
            due in prop::collection::vec((1_u32..29, 1_i64..6), 0..8),
            came in prop::collection::vec((1_u32..29, 1_i64..9, any::<bool>()), 0..8),
        ) {
            let mut due: Vec<Deposit> = due
                .iter()
                .enumerate()
                .map(|(at, (on, yen))| deposit(&format!("{at:010}"), &format!("2026-07-{on:02}"), yen * 100))
                .collect();
            let mut came: Vec<BankLine> =
                came.iter().map(|(on, yen, federation)| line(&format!("2026-07-{on:02}"), yen * 100, *federation)).collect();
            let found = match_bank(&due, &came);
            let used: usize = found.iter().map(|found| found.deposits.len()).sum();
            let lines = found.iter().filter(|found| found.line.is_some()).count();
            prop_assert!(used <= due.len() && lines <= came.len());
            let mut offices: Vec<_> = found.iter().flat_map(|found| &found.deposits).map(|due| due.office.clone()).collect();
            offices.sort();
            offices.dedup();
            prop_assert_eq!(offices.len(), used);
            let federation: i64 = came.iter().filter(|line| line.from_federation).map(|line| line.yen.0).sum();
            let told: i64 = found.iter().filter_map(|found| found.line.as_ref()).filter(|line| line.from_federation).map(|line| line.yen.0).sum();
            prop_assert_eq!(told, federation, "no money of 国保連 drops out of sight");
            due.reverse();
            came.reverse();
            prop_assert_eq!(match_bank(&due, &came), found);
        }
    }
}
