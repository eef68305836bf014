use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// A calendar month: サービス提供年月, 処理対象年月, 審査年月.
///
/// Shown and exchanged as `YYYY-MM`; in 国保連 files as `YYYYMM` ([`Month::compact`]).
/// Years 1900 to 2999, which keeps every date arithmetic within chrono's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

/// Why a text is not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month (YYYY-MM or YYYYMM, years 1900 to 2999)")]
pub struct MonthError;

impl Month {
    /// Returns the month `month` (1 to 12) of `year` (1900 to 2999).
    ///
    /// # Errors
    ///
    /// Returns [`MonthError`] outside these ranges.
    pub fn new(year: i32, month: u32) -> Result<Self, MonthError> {
        if (1900..=2999).contains(&year) && (1..=12).contains(&month) {
            Ok(Self(year as u32 * 12 + (month - 1)))
        } else {
            Err(MonthError)
        }
    }

    /// Returns the month that contains `date`, if it lies in the range of [`Month::new`].
    pub fn of(date: NaiveDate) -> Result<Self, MonthError> {
        Self::new(date.year(), date.month())
    }

    /// Returns the year, 1900 to 2999.
    pub fn year(self) -> i32 {
        (self.0 / 12) as i32
    }

    /// Returns the month of the year, 1 to 12.
    pub fn month(self) -> u32 {
        self.0 % 12 + 1
    }

    /// Returns the month `count` months later (earlier when negative), clamped to the range of [`Month::new`].
    #[must_use]
    pub fn plus(self, count: i32) -> Self {
        let first = 1900 * 12;
        let last = 2999 * 12 + 11;
        Self((i64::from(self.0) + i64::from(count)).clamp(first, last) as u32)
    }

    /// Returns the following month.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// Returns the number of months from `earlier` to `self`; negative when `self` is the earlier one.
    pub fn months_since(self, earlier: Self) -> i32 {
        self.0 as i32 - earlier.0 as i32
    }

    /// Returns the day `day` of this month, or its last day when the month is shorter.
    pub fn day(self, day: u32) -> NaiveDate {
        (1..=day.clamp(1, 31))
            .rev()
            .find_map(|d| NaiveDate::from_ymd_opt(self.year(), self.month(), d))
            .unwrap_or_default()
    }

    /// Returns the first day.
    pub fn first_day(self) -> NaiveDate {
        self.day(1)
    }

    /// Returns the last day.
    pub fn last_day(self) -> NaiveDate {
        self.day(31)
    }

    /// Returns the six digits of 国保連 files, `YYYYMM`.
    pub fn compact(self) -> String {
        format!("{:04}{:02}", self.year(), self.month())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    /// Parses `YYYYMM` or `YYYY-MM` in ASCII digits.
    fn from_str(text: &str) -> Result<Self, MonthError> {
        let digits: String = match text.len() {
            6 => text.to_owned(),
            7 if text.as_bytes().get(4) == Some(&b'-') => text.replacen('-', "", 1),
            _ => return Err(MonthError),
        };
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(MonthError);
        }
        let year = digits[..4].parse().map_err(|_| MonthError)?;
        let month = digits[4..].parse().map_err(|_| MonthError)?;
        Self::new(year, month)
    }
}

impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(i32, u32)>) {
        let actual = text.parse::<Month>().ok().map(|m| (m.year(), m.month()));
        assert_eq!(actual, expected, "text {text:?}");
    }

    #[test]
    fn parses_both_spellings() {
        check("202605", Some((2026, 5)));
        check("2026-05", Some((2026, 5)));
    }

    #[test]
    fn refuses_what_is_no_month() {
        for text in ["", "202613", "202600", "2026-5", "20265", "２０２６０５", "2026/05", "000000", "+20265"] {
            check(text, None);
        }
    }

    #[test]
    fn knows_last_days() {
        let day = |text: &str| text.parse::<Month>().unwrap().last_day().day();
        assert_eq!((day("2026-02"), day("2028-02"), day("2026-04"), day("2026-12")), (28, 29, 30, 31));
    }

    proptest::proptest! {
        #[test]
        fn plus_and_months_since_agree(start in 1950i32..2900, month in 1u32..13, count in -500i32..500) {
            let from = Month::new(start, month).unwrap();
            proptest::prop_assert_eq!(from.plus(count).months_since(from), count);
            proptest::prop_assert_eq!(from.to_string().parse::<Month>(), Ok(from));
            proptest::prop_assert_eq!(from.compact().parse::<Month>(), Ok(from));
        }
    }
}
