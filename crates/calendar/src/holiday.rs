use chrono::{Datelike, NaiveDate, Weekday};

/// Last day of the holidays that the Cabinet Office（内閣府「国民の祝日」）had published when this table was made.
///
/// Holidays after it follow from the law, with the two equinox days as astronomy foretells them; they stand only when
/// the official gazette names them in February of the year before. Whoever shows a date that rests on such a day must
/// say so ([`is_published`]).
pub const HOLIDAYS_PUBLISHED_UNTIL: (i32, u32, u32) = (2027, 12, 31);

/// Returns whether the holidays of the year of `date` are published.
pub fn is_published(date: NaiveDate) -> bool {
    (date.year(), date.month(), date.day()) <= HOLIDAYS_PUBLISHED_UNTIL
}

/// Returns the name of the national holiday on `date`, or `None` on other days.
///
/// Knows the published table of 2019 to 2027, and the law as it stands since 2022 for years after it. Years before 2019
/// had other rules and are not answered rightly; no deadline lies there.
pub fn holiday(date: NaiveDate) -> Option<&'static str> {
    match PUBLISHED.iter().find(|(year, _)| *year == date.year()) {
        Some((_, days)) => {
            days.iter().find(|(month, day, _)| (*month, *day) == (date.month(), date.day())).map(|(_, _, name)| *name)
        }
        None => by_law(date),
    }
}

/// 国民の祝日に関する法律: named days (art. 2), the next day that is no holiday after one on a Sunday (art. 3 § 2), and a
/// day between two named days (art. 3 § 3).
fn by_law(date: NaiveDate) -> Option<&'static str> {
    if let Some(name) = named(date) {
        return Some(name);
    }
    let mut before = date.pred_opt()?;
    while named(before).is_some() {
        if before.weekday() == Weekday::Sun {
            return Some("休日");
        }
        before = before.pred_opt()?;
    }
    let between = named(date.pred_opt()?).is_some() && named(date.succ_opt()?).is_some();
    between.then_some("休日")
}

fn named(date: NaiveDate) -> Option<&'static str> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let monday = |week: u32| date.weekday() == Weekday::Mon && (day - 1) / 7 + 1 == week;
    match (month, day) {
        (1, 1) => Some("元日"),
        (1, _) if monday(2) => Some("成人の日"),
        (2, 11) => Some("建国記念の日"),
        (2, 23) => Some("天皇誕生日"),
        (3, _) if day == spring_equinox(year) => Some("春分の日"),
        (4, 29) => Some("昭和の日"),
        (5, 3) => Some("憲法記念日"),
        (5, 4) => Some("みどりの日"),
        (5, 5) => Some("こどもの日"),
        (7, _) if monday(3) => Some("海の日"),
        (8, 11) => Some("山の日"),
        (9, _) if monday(3) => Some("敬老の日"),
        (9, _) if day == autumn_equinox(year) => Some("秋分の日"),
        (10, _) if monday(2) => Some("スポーツの日"),
        (11, 3) => Some("文化の日"),
        (11, 23) => Some("勤労感謝の日"),
        _ => None,
    }
}

/// Day of March; the usual approximation in millionths of a day, good from 1980 to 2099.
fn spring_equinox(year: i32) -> u32 {
    equinox(year, 20_843_100)
}

/// Day of September.
fn autumn_equinox(year: i32) -> u32 {
    equinox(year, 23_248_800)
}

fn equinox(year: i32, in_1980: i64) -> u32 {
    let years = i64::from(year) - 1980;
    ((in_1980 + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4)) as u32
}

type Year = (i32, &'static [(u32, u32, &'static str)]);

/// Holidays as published, 振替休日 and 国民の休日 under the name 休日 as in the official table.
static PUBLISHED: [Year; 9] = [
    (
        2019,
        &[
            (1, 1, "元日"),
            (1, 14, "成人の日"),
            (2, 11, "建国記念の日"),
            (3, 21, "春分の日"),
            (4, 29, "昭和の日"),
            (4, 30, "休日"),
            (5, 1, "休日"),
            (5, 2, "休日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (5, 6, "休日"),
            (7, 15, "海の日"),
            (8, 11, "山の日"),
            (8, 12, "休日"),
            (9, 16, "敬老の日"),
            (9, 23, "秋分の日"),
            (10, 14, "体育の日"),
            (10, 22, "休日"),
            (11, 3, "文化の日"),
            (11, 4, "休日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2020,
        &[
            (1, 1, "元日"),
            (1, 13, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (2, 24, "休日"),
            (3, 20, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (5, 6, "休日"),
            (7, 23, "海の日"),
            (7, 24, "スポーツの日"),
            (8, 10, "山の日"),
            (9, 21, "敬老の日"),
            (9, 22, "秋分の日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2021,
        &[
            (1, 1, "元日"),
            (1, 11, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (3, 20, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (7, 22, "海の日"),
            (7, 23, "スポーツの日"),
            (8, 8, "山の日"),
            (8, 9, "休日"),
            (9, 20, "敬老の日"),
            (9, 23, "秋分の日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2022,
        &[
            (1, 1, "元日"),
            (1, 10, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (3, 21, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (7, 18, "海の日"),
            (8, 11, "山の日"),
            (9, 19, "敬老の日"),
            (9, 23, "秋分の日"),
            (10, 10, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2023,
        &[
            (1, 1, "元日"),
            (1, 2, "休日"),
            (1, 9, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (3, 21, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (7, 17, "海の日"),
            (8, 11, "山の日"),
            (9, 18, "敬老の日"),
            (9, 23, "秋分の日"),
            (10, 9, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2024,
        &[
            (1, 1, "元日"),
            (1, 8, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 12, "休日"),
            (2, 23, "天皇誕生日"),
            (3, 20, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (5, 6, "休日"),
            (7, 15, "海の日"),
            (8, 11, "山の日"),
            (8, 12, "休日"),
            (9, 16, "敬老の日"),
            (9, 22, "秋分の日"),
            (9, 23, "休日"),
            (10, 14, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 4, "休日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2025,
        &[
            (1, 1, "元日"),
            (1, 13, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (2, 24, "休日"),
            (3, 20, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (5, 6, "休日"),
            (7, 21, "海の日"),
            (8, 11, "山の日"),
            (9, 15, "敬老の日"),
            (9, 23, "秋分の日"),
            (10, 13, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
            (11, 24, "休日"),
        ],
    ),
    (
        2026,
        &[
            (1, 1, "元日"),
            (1, 12, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (3, 20, "春分の日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (5, 6, "休日"),
            (7, 20, "海の日"),
            (8, 11, "山の日"),
            (9, 21, "敬老の日"),
            (9, 22, "休日"),
            (9, 23, "秋分の日"),
            (10, 12, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
    (
        2027,
        &[
            (1, 1, "元日"),
            (1, 11, "成人の日"),
            (2, 11, "建国記念の日"),
            (2, 23, "天皇誕生日"),
            (3, 21, "春分の日"),
            (3, 22, "休日"),
            (4, 29, "昭和の日"),
            (5, 3, "憲法記念日"),
            (5, 4, "みどりの日"),
            (5, 5, "こどもの日"),
            (7, 19, "海の日"),
            (8, 11, "山の日"),
            (9, 20, "敬老の日"),
            (9, 23, "秋分の日"),
            (10, 11, "スポーツの日"),
            (11, 3, "文化の日"),
            (11, 23, "勤労感謝の日"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Month;

    fn days(from: i32, to: i32) -> impl Iterator<Item = NaiveDate> {
        let first = Month::new(from, 1).unwrap().first_day();
        let last = Month::new(to, 12).unwrap().last_day();
        first.iter_days().take_while(move |day| *day <= last)
    }

    fn listed(days: impl Iterator<Item = NaiveDate>) -> Vec<String> {
        days.filter_map(|day| holiday(day).map(|name| format!("{day} {name}"))).collect()
    }

    /// Substitutes（振替休日）and days between two（国民の休日）follow from the named days of each year's table: the
    /// special years 2019 to 2021 too, whose named days were moved by laws of their own.
    #[test]
    fn substitutes_and_days_between_follow_from_the_named_days() {
        // Days of 2019 that were holidays by a law of their own count as named.
        let enthroned = |day: NaiveDate| ["2019-05-01", "2019-10-22"].contains(&day.to_string().as_str());
        let named = |day: NaiveDate| holiday(day).is_some_and(|name| name != "休日") || enthroned(day);
        for day in days(2019, 2027) {
            let neighbour = |step: i64| named(day + chrono::TimeDelta::days(step));
            let mut sunday = day - chrono::TimeDelta::days(1);
            while named(sunday) && sunday.weekday() != Weekday::Sun {
                sunday -= chrono::TimeDelta::days(1);
            }
            let substitute = named(sunday) && sunday.weekday() == Weekday::Sun;
            let follows = named(day) || substitute || (neighbour(-1) && neighbour(1));
            assert_eq!(holiday(day).is_some(), follows, "{day}");
        }
    }

    #[test]
    fn the_law_gives_the_published_days() {
        for day in days(2022, 2027) {
            assert_eq!(by_law(day), holiday(day), "{day}");
        }
    }

    #[test]
    fn says_where_the_published_table_ends() {
        let last = PUBLISHED.map(|(year, _)| year);
        assert_eq!(
            (last, HOLIDAYS_PUBLISHED_UNTIL),
            ([2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027], (2027, 12, 31))
        );
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(is_published(date("2027-12-31")) && !is_published(date("2028-01-01")));
    }

    /// Days that other tables of the coming years agree on: substitutes, a day between two, and both equinoxes.
    #[test]
    fn foretells_the_years_after_it() {
        let of = |month: &str| {
            let month: Month = month.parse().unwrap();
            listed(month.first_day().iter_days().take_while(move |day| *day <= month.last_day()))
        };
        assert_eq!(of("2028-09"), ["2028-09-18 敬老の日", "2028-09-22 秋分の日"]);
        assert_eq!(of("2029-09"), ["2029-09-17 敬老の日", "2029-09-23 秋分の日", "2029-09-24 休日"]);
        assert_eq!(
            of("2030-05"),
            ["2030-05-03 憲法記念日", "2030-05-04 みどりの日", "2030-05-05 こどもの日", "2030-05-06 休日"]
        );
        assert_eq!(of("2032-09"), ["2032-09-20 敬老の日", "2032-09-21 休日", "2032-09-22 秋分の日"]);
        assert_eq!(of("2033-03"), ["2033-03-20 春分の日", "2033-03-21 休日"]);
        assert_eq!(of("2034-01"), ["2034-01-01 元日", "2034-01-02 休日", "2034-01-09 成人の日"]);
        assert_eq!(of("2048-09"), ["2048-09-21 敬老の日", "2048-09-22 秋分の日"]);
    }

    #[test]
    fn every_year_has_sixteen_named_days() {
        for year in 2022..=2060 {
            assert_eq!(days(year, year).filter(|day| named(*day).is_some()).count(), 16, "{year}");
        }
    }
}
