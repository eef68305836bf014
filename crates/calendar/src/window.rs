use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::Month;

/// The days in which claims for one 処理対象年月 are taken: the 1st to the 10th, weekends and holidays included
/// (請求命令3条; features T05).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimWindow {
    /// 処理対象年月 of what is sent in this window.
    pub processing_month: Month,
}

impl ClaimWindow {
    /// Last day of the window in each month.
    pub const LAST_DAY: u32 = 10;

    /// Returns the window that is open on `today`, or the next one (from the 11th on; features T08).
    pub fn current_or_next(today: NaiveDate) -> Self {
        let month = Month::of(today)
            .unwrap_or_else(|_| Month::new(1900, 1).unwrap_or_else(|_| unreachable!("1900-01 is a month")));
        Self { processing_month: if today.day() <= Self::LAST_DAY { month } else { month.next() } }
    }

    /// Returns the first day.
    pub fn opens(self) -> NaiveDate {
        self.processing_month.first_day()
    }

    /// Returns the last day.
    pub fn closes(self) -> NaiveDate {
        self.processing_month.day(Self::LAST_DAY)
    }

    /// Returns the last moment from which both receipts still arrive inside the window: 17:00 of the last day,
    /// because what is sent later is received only the next morning (features R05).
    pub fn safe_until(self) -> NaiveDateTime {
        self.closes().and_hms_opt(17, 0, 0).unwrap_or_default()
    }

    /// Returns whether `today` lies in the window.
    pub fn is_open(self, today: NaiveDate) -> bool {
        self.opens() <= today && today <= self.closes()
    }
}

/// How long a claim may be made (時効).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limitation {
    /// 保険給付: two years.
    Benefit,
    /// 介護予防・日常生活支援総合事業: five years.
    ComprehensiveProject,
}

/// Returns the last day on which a claim for `service_month` is not time-barred.
///
/// Two or five years counted from the 1st of the third month after the service month
/// (service 2024-04 → counted from 2024-07-01 → last day 2026-06-30; rules.md §7).
pub fn limitation_date(service_month: Month, limitation: Limitation) -> NaiveDate {
    let years = match limitation {
        Limitation::Benefit => 2,
        Limitation::ComprehensiveProject => 5,
    };
    service_month.plus(3 + years * 12 - 1).last_day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn limitation_of_the_published_example() {
        let month = "2024-04".parse().unwrap();
        assert_eq!(limitation_date(month, Limitation::Benefit), date("2026-06-30"));
        assert_eq!(limitation_date(month, Limitation::ComprehensiveProject), date("2029-06-30"));
    }

    #[test]
    fn window_is_this_month_until_the_tenth_and_then_the_next() {
        let window = |text| ClaimWindow::current_or_next(date(text));
        assert_eq!(window("2026-06-10").processing_month.to_string(), "2026-06");
        assert_eq!(window("2026-06-11").processing_month.to_string(), "2026-07");
        assert_eq!(window("2026-12-31").opens(), date("2027-01-01"));
        assert!(window("2026-06-10").is_open(date("2026-06-10")));
        assert!(!window("2026-06-11").is_open(date("2026-06-11")));
    }
}
