//! When a claim that waits for an insurer will most likely pass（features idea 23）: learnt from the claims of the same
//! insurer that came back for the same reason and passed later.

use calendar::{ClaimWindow, Month};
use chrono::NaiveDate;
use kokuho::codes::{Route, return_code};

use crate::{Case, CaseState, What};

/// In which claim a returned claim will most likely pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// 処理対象年月 from which on.
    pub earliest: Month,
    /// 処理対象年月 until which.
    pub latest: Month,
    /// Claims of the insurer that it was learnt from.
    pub cases: u32,
    /// How many of a hundred such claims lie in between, at the least.
    pub percent: u32,
}

/// With fewer claims nothing is said.
const FEWEST: usize = 5;

/// Returns the forecast for an open claim that came back for a reason that only time cures, or `None` where too few claims of
/// its insurer tell anything, or where it has waited longer than any of them.
///
/// `cases` may hold other insurers and the claim itself; neither is learnt from.
pub fn forecast(cases: &[Case], case: &Case, today: NaiveDate) -> Option<Forecast> {
    if case.state != CaseState::Open {
        return None;
    }
    let code = case.codes.iter().find(|code| return_code(code).route == Route::Wait)?;
    let since = waits(case, code).open?;
    let mut months: Vec<i32> = cases
        .iter()
        .filter(|other| other.key.insurer == case.key.insurer && other.key != case.key)
        .flat_map(|other| waits(other, code).passed)
        .collect();
    if months.len() < FEWEST {
        return None;
    }
    months.sort_unstable();
    let (low, high, percent) = interval(&months);
    let window = ClaimWindow::current_or_next(today).processing_month;
    let (earliest, latest) = (since.plus(low).max(window), since.plus(high));
    (latest >= earliest).then_some(Forecast { earliest, latest, cases: months.len() as u32, percent })
}

/// Returns the range between two of the sorted values, and how many of a hundred further ones lie in it at the least: of n
/// values in any order a further one falls below the k-th smallest with chance k / (n + 1), and as often above the k-th
/// largest.
fn interval(sorted: &[i32]) -> (i32, i32, u32) {
    let count = sorted.len();
    // As many are cut off on either side as leave eight of ten.
    let cut = ((count + 1) / 10).max(1);
    let percent = (count + 1).saturating_sub(2 * cut) * 100 / (count + 1);
    (sorted[cut - 1], sorted[count - cut], percent as u32)
}

/// How long a claim waited because of a code.
struct Waits {
    /// Months from each return to the claim that passed.
    passed: Vec<i32>,
    /// 審査年月 of the return since which it still waits.
    open: Option<Month>,
}

fn waits(case: &Case, code: &str) -> Waits {
    let mut waits = Waits { passed: Vec::new(), open: None };
    for event in &case.story {
        match &event.what {
            What::Returned { codes } if codes.iter().any(|told| told == code) => {
                waits.open.get_or_insert(event.month);
            }
            // Another reason: this one had passed by then.
            What::Returned { .. } | What::Decided | What::Released => {
                waits.passed.extend(waits.open.take().map(|since| event.month.months_since(since)));
            }
            What::TakenBack { .. } => waits.open = None,
            What::Claimed { .. } | What::ClaimedAgain { .. } | What::Held | What::Assessed { .. } => {}
        }
    }
    waits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::world::{World, claim, month, pays, returns, row};

    /// Persons who came back in June for 12PA and passed so many months later.
    fn history(months: &[i32]) -> World {
        let mut world = World::on("2026-12-05");
        for (person, wait) in months.iter().enumerate() {
            let person = (person + 1).to_string();
            let passed = month("2026-01").plus(*wait).to_string();
            world = world
                .sends(claim("2026-01", &person, "2025-12", 1000))
                .gets(returns("2026-01", &[row(&person, "2025-12", 1000, "12PA")]))
                .sends(claim(&passed, &person, "2025-12", 1000))
                .gets(pays("7521", &passed, 9405, 0));
        }
        world
            .sends(claim("2026-11", "900", "2026-10", 1000))
            .gets(returns("2026-11", &[row("900", "2026-10", 1000, "12PA")]))
    }

    fn told(months: &[i32]) -> Option<Forecast> {
        let world = history(months);
        forecast(&world.settle().cases, &world.case_of("900"), world.today)
    }

    #[test]
    fn five_claims_tell_and_four_do_not() {
        assert_eq!(told(&[1, 2, 2, 3]), None);
        let expected = Forecast { earliest: month("2026-12"), latest: month("2027-02"), cases: 5, percent: 66 };
        assert_eq!(told(&[1, 2, 2, 3, 2]), Some(expected));
    }

    #[test]
    fn a_code_that_must_be_mended_and_another_insurer_tell_nothing() {
        let mut world = history(&[1, 2, 2, 3, 2]);
        for sent in world.claims.iter_mut().filter(|sent| !sent.insured.as_str().ends_with("900")) {
            sent.insurer = kokuho::InsurerNumber::from_file("990028");
        }
        assert_eq!(forecast(&world.settle().cases, &world.case_of("900"), world.today), None);
        let world = history(&[1, 2, 2, 3, 2]);
        let case = world.case_of("1");
        assert_eq!(forecast(&world.settle().cases, &case, world.today), None, "it has passed");
    }

    proptest! {
        /// Back-test: each value is foretold from all others, and at least as many lie in the range as it promises.
        #[test]
        fn the_range_holds_what_it_promises(values in prop::collection::vec(1_i32..9, 6..60)) {
            let mut inside = 0;
            let mut promised = 0;
            for (place, value) in values.iter().enumerate() {
                let mut others: Vec<i32> = values.clone();
                others.remove(place);
                others.sort_unstable();
                let (low, high, percent) = interval(&others);
                inside += u32::from((low..=high).contains(value));
                promised = percent;
            }
            prop_assert!(inside * 100 >= promised * values.len() as u32, "{inside} of {} for {promised} %", values.len());
        }
    }
}
