use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::{ClaimWindow, Month, holiday, is_published};

/// When a relay operator takes applications and debits fees（features C01–C07）.
///
/// Its two days of the month move in opposite directions when they fall on a closed day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorCalendar {
    /// Day of the month until which applications are taken; moved back to the previous business day.
    pub application_day: u32,
    /// Day of the month on which the fee of the month before is debited; moved forward to the next business day.
    pub debit_day: u32,
    /// The operator's own closed days, beside weekends and national holidays.
    pub closed_days: BTreeSet<NaiveDate>,
}

impl Default for OperatorCalendar {
    fn default() -> Self {
        Self { application_day: 26, debit_day: 26, closed_days: BTreeSet::new() }
    }
}

/// A date that follows from a rule, and whether it is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDate {
    /// The date, always a business day.
    pub date: NaiveDate,
    /// The holidays that it rests on are published; otherwise it may still move.
    pub certain: bool,
}

/// What an application for a start（新規・追加）or a change（変更）leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartPlan {
    /// Last day to apply.
    pub apply_by: DueDate,
    /// First day: the 1st of the month after next.
    pub start: NaiveDate,
    /// The first window in which claims can be sent.
    pub first_window: ClaimWindow,
    /// The service month that is claimed in it as usual: the month before.
    pub first_service_month: Month,
    /// Debit of the first monthly fee and of the registration fee.
    pub first_debit: DueDate,
}

/// What an application for the end（解約）leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopPlan {
    /// Last day to apply.
    pub apply_by: DueDate,
    /// Last day of service: the end of the next month.
    pub end: NaiveDate,
    /// Debit of the last monthly fee.
    pub last_debit: DueDate,
}

/// Days that are searched for a business day before giving up.
const LONGEST_CLOSURE: u64 = 60;

impl OperatorCalendar {
    /// Returns whether the operator works on `date`: no weekend, no national holiday, no closed day of its own.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
            && holiday(date).is_none()
            && !self.closed_days.contains(&date)
    }

    /// Returns `date`, or the business day before it. `None` when there is none within 60 days.
    pub fn business_day_at_or_before(&self, date: NaiveDate) -> Option<NaiveDate> {
        (0..LONGEST_CLOSURE)
            .filter_map(|days| date.checked_sub_days(Days::new(days)))
            .find(|day| self.is_business_day(*day))
    }

    /// Returns `date`, or the business day after it. `None` when there is none within 60 days.
    pub fn business_day_at_or_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        (0..LONGEST_CLOSURE)
            .filter_map(|days| date.checked_add_days(Days::new(days)))
            .find(|day| self.is_business_day(*day))
    }

    /// Returns the last day to apply in `month`.
    pub fn application_deadline(&self, month: Month) -> Option<DueDate> {
        let day = month.day(self.application_day);
        self.business_day_at_or_before(day).map(|date| DueDate { date, certain: is_published(day) })
    }

    /// Returns the day on which the fee of `month` is debited: in the following month.
    pub fn debit(&self, month: Month) -> Option<DueDate> {
        let day = month.next().day(self.debit_day);
        self.business_day_at_or_after(day).map(|date| DueDate { date, certain: is_published(date) })
    }

    /// Returns the plan of an application made on `applied`: of the round whose deadline is not over yet.
    ///
    /// On 2026-12-26, a Saturday, the round of December is over: its deadline was the 25th.
    pub fn start_when_applied(&self, applied: NaiveDate) -> Option<StartPlan> {
        self.start_from(self.round(applied)?)
    }

    /// Returns the plan that allows the first claims to be sent in the window of `first_claim`.
    ///
    /// To claim in December (services of November), apply by 26 October.
    pub fn start_for_first_claim(&self, first_claim: Month) -> Option<StartPlan> {
        self.start_from(first_claim.plus(-2))
    }

    /// Returns the plan of an application for the end, made on `applied`.
    pub fn stop_when_applied(&self, applied: NaiveDate) -> Option<StopPlan> {
        let round = self.round(applied)?;
        let last_month = round.next();
        Some(StopPlan {
            apply_by: self.application_deadline(round)?,
            end: last_month.last_day(),
            last_debit: self.debit(last_month)?,
        })
    }

    /// The month in whose round an application of `applied` is taken. A deadline that moves back into the month before
    /// （a long closure）is passed as well.
    fn round(&self, applied: NaiveDate) -> Option<Month> {
        let month = Month::of(applied).ok()?;
        (0..3)
            .map(|later| month.plus(later))
            .find(|month| self.application_deadline(*month).is_some_and(|deadline| applied <= deadline.date))
    }

    fn start_from(&self, round: Month) -> Option<StartPlan> {
        let month = round.plus(2);
        Some(StartPlan {
            apply_by: self.application_deadline(round)?,
            start: month.first_day(),
            first_window: ClaimWindow { processing_month: month },
            first_service_month: month.plus(-1),
            first_debit: self.debit(month)?,
        })
    }
}

/// Returns the next day, `today` or later, on which a public office still takes what it takes until `day` of each month（31 for
/// the last day）: where that day is closed（weekends, national holidays, 29 December to 3 January）the open day before it.
/// `None` when there is none in sight.
pub fn next_office_day(day: u32, today: NaiveDate) -> Option<NaiveDate> {
    let this_month = Month::of(today).ok()?;
    (0..3).filter_map(|months| office_day_at_or_before(this_month.plus(months).day(day))).find(|date| *date >= today)
}

/// Returns `date`, or the day before it on which a public office is open. `None` when there is none within 60 days.
pub fn office_day_at_or_before(date: NaiveDate) -> Option<NaiveDate> {
    let closed = |date: NaiveDate| (date.month(), date.day()) >= (12, 29) || (date.month(), date.day()) <= (1, 3);
    let works = |date: &NaiveDate| OperatorCalendar::default().is_business_day(*date) && !closed(*date);
    (0..LONGEST_CLOSURE).filter_map(|days| date.checked_sub_days(Days::new(days))).find(works)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// Deadline of the month and debit in the same month.
    #[track_caller]
    fn check(text: &str, deadline: &str, debit: &str) {
        let operator = OperatorCalendar::default();
        let month = month(text);
        let found = (operator.application_deadline(month).unwrap(), operator.debit(month.plus(-1)).unwrap());
        assert_eq!((found.0.date, found.1.date), (date(deadline), date(debit)), "{text}");
        assert!(found.0.certain && found.1.certain);
    }

    #[test]
    fn the_two_26ths_move_in_opposite_directions() {
        check("2026-12", "2026-12-25", "2026-12-28");
        check("2027-06", "2027-06-25", "2027-06-28");
        check("2027-09", "2027-09-24", "2027-09-27");
        check("2027-12", "2027-12-24", "2027-12-27");
        for month in [
            "2026-11", "2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-07", "2027-08", "2027-10",
            "2027-11",
        ] {
            check(month, &format!("{month}-26"), &format!("{month}-26"));
        }
    }

    /// Every month of nine years: where the 26th is no business day, the last day to apply and the day of the debit; in all
    /// other months both are the 26th. Worked out apart from this code, from the table of holidays alone.
    #[test]
    fn both_26ths_of_2019_to_2027() {
        let moved = [
            ("2019-01", 25, 28),
            ("2019-05", 24, 27),
            ("2019-10", 25, 28),
            ("2020-01", 24, 27),
            ("2020-04", 24, 27),
            ("2020-07", 22, 27),
            ("2020-09", 25, 28),
            ("2020-12", 25, 28),
            ("2021-06", 25, 28),
            ("2021-09", 24, 27),
            ("2021-12", 24, 27),
            ("2022-02", 25, 28),
            ("2022-03", 25, 28),
            ("2022-06", 24, 27),
            ("2022-11", 25, 28),
            ("2023-02", 24, 27),
            ("2023-03", 24, 27),
            ("2023-08", 25, 28),
            ("2023-11", 24, 27),
            ("2024-05", 24, 27),
            ("2024-10", 25, 28),
            ("2025-01", 24, 27),
            ("2025-04", 25, 28),
            ("2025-07", 25, 28),
            ("2025-10", 24, 27),
            ("2026-04", 24, 27),
            ("2026-07", 24, 27),
            ("2026-09", 25, 28),
            ("2026-12", 25, 28),
            ("2027-06", 25, 28),
            ("2027-09", 24, 27),
            ("2027-12", 24, 27),
        ];
        let operator = OperatorCalendar::default();
        for count in 0..9 * 12 {
            let month = month("2019-01").plus(count);
            let text = month.to_string();
            let (apply, debit) =
                moved.iter().find(|row| row.0 == text).map_or((26, 26), |(_, apply, debit)| (*apply, *debit));
            assert_eq!(operator.application_deadline(month).unwrap().date, month.day(apply), "{text}");
            assert_eq!(operator.debit(month.plus(-1)).unwrap().date, month.day(debit), "{text}");
            // The rule of the month after next, the stop at the end of the next month.
            let plan = operator.start_when_applied(month.day(apply)).unwrap();
            assert_eq!((plan.start, plan.apply_by.date), (month.plus(2).first_day(), month.day(apply)), "{text}");
            assert_eq!(operator.start_when_applied(month.day(apply + 1)).unwrap().start, month.plus(3).first_day());
            assert_eq!(operator.stop_when_applied(month.day(apply)).unwrap().end, month.plus(1).last_day(), "{text}");
        }
    }

    #[test]
    fn to_claim_in_december_apply_by_26_october() {
        let plan = OperatorCalendar::default().start_for_first_claim(month("2026-12")).unwrap();
        assert_eq!(plan.apply_by, DueDate { date: date("2026-10-26"), certain: true });
        assert_eq!((plan.start, plan.first_service_month), (date("2026-12-01"), month("2026-11")));
        assert_eq!((plan.first_window.opens(), plan.first_debit.date), (date("2026-12-01"), date("2027-01-26")));
        let january = OperatorCalendar::default().start_for_first_claim(month("2027-01")).unwrap();
        assert_eq!(january.apply_by.date, date("2026-11-26"));
    }

    #[test]
    fn an_application_after_the_deadline_belongs_to_the_next_round() {
        let start = |applied| OperatorCalendar::default().start_when_applied(date(applied)).unwrap();
        assert_eq!(
            (start("2026-12-25").apply_by.date, start("2026-12-25").start),
            (date("2026-12-25"), date("2027-02-01"))
        );
        assert_eq!(
            (start("2026-12-26").apply_by.date, start("2026-12-26").start),
            (date("2027-01-26"), date("2027-03-01"))
        );
        assert_eq!(start("2026-10-26").start, date("2026-12-01"));
        assert_eq!(start("2026-10-27").start, date("2027-01-01"));
    }

    #[test]
    fn service_ends_with_the_next_month() {
        let stop = |applied| OperatorCalendar::default().stop_when_applied(date(applied)).unwrap();
        assert_eq!(
            (stop("2026-12-25").end, stop("2026-12-25").last_debit.date),
            (date("2027-01-31"), date("2027-02-26"))
        );
        assert_eq!(stop("2026-12-26").end, date("2027-02-28"));
    }

    #[test]
    fn closed_days_of_the_operator_count() {
        let operator = OperatorCalendar {
            closed_days: [date("2026-12-24"), date("2026-12-25"), date("2026-12-28")].into(),
            ..OperatorCalendar::default()
        };
        assert_eq!(operator.application_deadline(month("2026-12")).unwrap().date, date("2026-12-23"));
        assert_eq!(operator.debit(month("2026-11")).unwrap().date, date("2026-12-29"));
    }

    #[test]
    fn an_operator_that_never_works_gives_no_date() {
        let every_day = date("2026-01-01").iter_days().take(800).collect();
        let operator = OperatorCalendar { closed_days: every_day, ..OperatorCalendar::default() };
        assert_eq!(operator.application_deadline(month("2026-12")), None);
        assert_eq!(operator.start_when_applied(date("2026-12-01")), None);
    }

    #[test]
    fn dates_beyond_the_published_holidays_are_not_certain() {
        let operator = OperatorCalendar::default();
        assert!(!operator.application_deadline(month("2028-01")).unwrap().certain);
        let plan = operator.start_for_first_claim(month("2027-12")).unwrap();
        assert_eq!((plan.apply_by.certain, plan.first_debit.certain), (true, false));
    }

    #[test]
    fn a_public_office_takes_it_on_the_open_day_before() {
        let next = |day, today| next_office_day(day, date(today)).unwrap();
        assert_eq!(next(17, "2026-12-17"), date("2026-12-17"));
        assert_eq!(next(17, "2026-12-18"), date("2027-01-15"), "the 17th is a Sunday");
        assert_eq!(next(31, "2026-12-01"), date("2026-12-28"), "closed from the 29th");
        assert_eq!(next(31, "2026-12-29"), date("2027-01-29"));
        assert_eq!(next(3, "2026-12-20"), date("2026-12-28"), "the 3rd of January is closed, too");
        assert_eq!(next(31, "2027-02-01"), date("2027-02-26"), "28 February is a Sunday");
    }

    proptest::proptest! {
        #[test]
        fn a_public_office_is_open_on_that_day(offset in 0_u64..3650, day in 1_u32..=31) {
            let today = date("2026-01-01") + Days::new(offset);
            let next = next_office_day(day, today).unwrap();
            proptest::prop_assert!(next >= today && OperatorCalendar::default().is_business_day(next));
            // From there to the day itself nothing is open.
            let until = (0..3).map(|months| Month::of(today).unwrap().plus(months).day(day)).find(|last| *last >= next);
            for closed in next.iter_days().skip(1).take_while(|date| Some(*date) <= until) {
                let year_end = matches!((closed.month(), closed.day()), (12, 29..=31) | (1, 1..=3));
                proptest::prop_assert!(year_end || !OperatorCalendar::default().is_business_day(closed), "{}", closed);
            }
            proptest::prop_assert!(!matches!((next.month(), next.day()), (12, 29..=31) | (1, 1..=3)));
        }

        #[test]
        fn no_date_is_one_that_a_rule_forbids(
            offset in 0_u64..3650,
            application_day in 1_u32..=31,
            debit_day in 1_u32..=31,
            closed in proptest::collection::btree_set(0_u64..4000, 0..200),
        ) {
            let first = date("2026-01-01");
            let closed_days = closed.into_iter().map(|days| first + Days::new(days)).collect();
            let operator = OperatorCalendar { application_day, debit_day, closed_days };
            let applied = first + Days::new(offset);
            let start = operator.start_when_applied(applied).unwrap();
            let stop = operator.stop_when_applied(applied).unwrap();
            for due in [start.apply_by, start.first_debit, stop.apply_by, stop.last_debit] {
                proptest::prop_assert!(operator.is_business_day(due.date), "{:?}", due);
            }
            proptest::prop_assert!(applied <= start.apply_by.date && start.apply_by.date < start.start);
            proptest::prop_assert!(start.first_debit.date > start.start && stop.last_debit.date > stop.end);
            proptest::prop_assert_eq!(start.start.day(), 1);
            proptest::prop_assert_eq!(operator.start_for_first_claim(start.first_window.processing_month), Some(start));
        }
    }
}
