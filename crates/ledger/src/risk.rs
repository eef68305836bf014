//! Limitation（時効）: until when a claim can still be made, and what is about to be lost.

use calendar::{ClaimWindow, Month};
use chrono::{Days, NaiveDate};
use kokuho::Yen;

use crate::{Case, CaseState};

/// Yen that will be lost unless they are claimed in time. Each figure contains the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AtRisk {
    /// Last window of these is over, though the limitation has not passed yet.
    pub too_late: Yen,
    /// The last window closes within 30 days, or is over.
    pub within_30_days: Yen,
    /// Within 60 days.
    pub within_60_days: Yen,
    /// Within 90 days.
    pub within_90_days: Yen,
}

/// Returns the 10th of the last window that begins before the limitation ends（MONEY 13）.
pub fn last_claim_day(limitation_date: NaiveDate) -> NaiveDate {
    window_of(limitation_date, 0).closes()
}

/// Returns the 10th of the last window after which a return could still be answered: the claim must be decided before the
/// limitation, hence the window before the last one（rules.md §7）.
pub fn last_safe_day(limitation_date: NaiveDate) -> NaiveDate {
    window_of(limitation_date, 1).closes()
}

fn window_of(limitation_date: NaiveDate, earlier: i32) -> ClaimWindow {
    let month =
        Month::of(limitation_date).unwrap_or_else(|_| ClaimWindow::current_or_next(limitation_date).processing_month);
    ClaimWindow { processing_month: month.plus(-earlier) }
}

/// Sums the open and held cases by the day on which their last window closes. What was claimed again is not at risk as
/// long as it is under way.
pub fn at_risk<'a>(cases: impl IntoIterator<Item = &'a Case>, today: NaiveDate) -> AtRisk {
    let within = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let edges = [within(30), within(60), within(90)];
    let mut sums = AtRisk::default();
    for case in cases.into_iter().filter(|case| matches!(case.state, CaseState::Open | CaseState::Held)) {
        let Some(limitation) = case.limitation_date.filter(|date| *date >= today) else { continue };
        let last = last_claim_day(limitation);
        if last < today {
            sums.too_late += case.yen;
        }
        for (sum, edge) in
            [&mut sums.within_30_days, &mut sums.within_60_days, &mut sums.within_90_days].into_iter().zip(edges)
        {
            if last <= edge {
                *sum += case.yen;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use calendar::{Limitation, limitation_date};

    use super::*;
    use crate::tests::world::{World, claim, returns, row};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Service 2024-04 lapses after 2026-06-30: claimed in June at the latest, in May to be safe.
    #[test]
    fn windows_before_the_published_limitation() {
        let limitation = limitation_date("2024-04".parse().unwrap(), Limitation::Benefit);
        assert_eq!((last_claim_day(limitation), last_safe_day(limitation)), (date("2026-06-10"), date("2026-05-10")));
    }

    /// Never later than the law, over three years of service months with February and the turns of years.
    #[test]
    fn the_last_day_lies_before_the_limitation() {
        let first: Month = "2023-01".parse().unwrap();
        for month in (0..36).map(|later| first.plus(later)) {
            for kind in [Limitation::Benefit, Limitation::ComprehensiveProject] {
                let limitation = limitation_date(month, kind);
                assert!(
                    last_safe_day(limitation) < last_claim_day(limitation) && last_claim_day(limitation) < limitation
                );
                assert_eq!(Month::of(last_claim_day(limitation)).unwrap(), Month::of(limitation).unwrap());
            }
        }
    }

    #[test]
    fn sums_by_the_day_of_the_last_window() {
        let today = date("2026-06-05");
        let returned = World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]))
            .case();
        let case = |state, limitation: &str, yen| Case {
            state,
            limitation_date: Some(date(limitation)),
            yen: Yen(yen),
            ..returned.clone()
        };
        let cases = [
            case(CaseState::Open, "2026-06-30", 1),
            case(CaseState::Held, "2026-07-31", 20),
            case(CaseState::Open, "2026-08-31", 300),
            case(CaseState::Open, "2026-09-30", 4000),
            case(CaseState::Reclaimed, "2026-06-30", 50_000),
            case(CaseState::Settled, "2026-06-30", 50_000),
            case(CaseState::Lapsed, "2026-05-31", 50_000),
        ];
        let sums = |today| {
            let AtRisk { too_late, within_30_days, within_60_days, within_90_days } = at_risk(&cases, today);
            [too_late.0, within_30_days.0, within_60_days.0, within_90_days.0]
        };
        // 5 days to 10 June, 35 to 10 July, 66 to 10 August, 97 to 10 September.
        assert_eq!(sums(today), [0, 1, 21, 321]);
        assert_eq!(sums(date("2026-06-11")), [1, 21, 321, 321], "the window is over, the limitation is not");
        assert_eq!(sums(date("2026-07-01")), [0, 20, 320, 4320]);
    }
}
