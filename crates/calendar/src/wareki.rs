use chrono::{Datelike, NaiveDate};

use crate::Month;

/// First day of each era and its name, newest first. Source: 元号を改める政令.
const ERAS: [(i32, u32, u32, &str); 5] =
    [(2019, 5, 1, "令和"), (1989, 1, 8, "平成"), (1926, 12, 25, "昭和"), (1912, 7, 30, "大正"), (1868, 1, 25, "明治")];

/// Returns a date in words, for example `令和8年6月5日`; the first year of an era is 元年.
///
/// Dates before 明治 are written with the western year.
pub fn wareki_date(date: NaiveDate) -> String {
    format!("{}{}月{}日", era_year(date), date.month(), date.day())
}

/// Returns a month in words, for example `令和8年6月`.
///
/// A month in which the era changed is named after the era of its last day, as 国保連 forms do (令和元年5月, 平成元年1月).
pub fn wareki_month(month: Month) -> String {
    format!("{}{}月", era_year(month.last_day()), month.month())
}

fn era_year(date: NaiveDate) -> String {
    for (year, month, day, name) in ERAS {
        if (date.year(), date.month(), date.day()) >= (year, month, day) {
            let n = date.year() - year + 1;
            return if n == 1 { format!("{name}元年") } else { format!("{name}{n}年") };
        }
    }
    format!("{}年", date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(year: i32, month: u32, day: u32, expected: &str) {
        assert_eq!(wareki_date(NaiveDate::from_ymd_opt(year, month, day).unwrap()), expected);
    }

    #[test]
    fn names_the_days_around_each_change() {
        check(2026, 6, 5, "令和8年6月5日");
        check(2019, 5, 1, "令和元年5月1日");
        check(2019, 4, 30, "平成31年4月30日");
        check(1989, 1, 8, "平成元年1月8日");
        check(1989, 1, 7, "昭和64年1月7日");
        check(1926, 12, 24, "大正15年12月24日");
        check(1912, 7, 29, "明治45年7月29日");
    }

    /// The published Unicode calendar data know the same eras (D8).
    #[test]
    fn agrees_with_icu_on_every_tenth_day_since_1873() {
        use icu_calendar::cal::Japanese;
        use icu_calendar::types::YearInfo;
        let mut date = NaiveDate::from_ymd_opt(1873, 1, 1).unwrap();
        let end = NaiveDate::from_ymd_opt(2060, 1, 1).unwrap();
        while date < end {
            let icu = icu_calendar::Date::try_new_iso(date.year(), date.month() as u8, date.day() as u8)
                .unwrap()
                .to_calendar(Japanese::new());
            let YearInfo::Era(era) = icu.year() else { panic!("no era") };
            let name = match era.era.as_str() {
                "reiwa" => "令和",
                "heisei" => "平成",
                "showa" => "昭和",
                "taisho" => "大正",
                "meiji" => "明治",
                other => panic!("unknown era {other}"),
            };
            let year = if era.year == 1 { "元".to_owned() } else { era.year.to_string() };
            assert_eq!(wareki_date(date), format!("{name}{year}年{}月{}日", date.month(), date.day()));
            date = date + chrono::Days::new(10);
        }
    }
}
