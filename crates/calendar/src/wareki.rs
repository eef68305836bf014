use chrono::{Datelike, NaiveDate};

use crate::Month;

/// First day of an era, its name and the letter that forms use for it.
type Era = (i32, u32, u32, &'static str, char);

/// The eras, newest first. Source: 元号を改める政令.
const ERAS: [Era; 5] = [
    (2019, 5, 1, "令和", 'R'),
    (1989, 1, 8, "平成", 'H'),
    (1926, 12, 25, "昭和", 'S'),
    (1912, 7, 30, "大正", 'T'),
    (1868, 1, 25, "明治", 'M'),
];

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Nothing was written.
    #[error("no date")]
    Empty,
    /// Neither an era date nor a western one.
    #[error("not in the shape of a date")]
    Shape,
    /// The month has no such day, or the year no such month.
    #[error("no such day in the calendar")]
    NoSuchDay,
    /// The era had not begun on that day; holds the day in the western calendar.
    #[error("the era begins after {0}")]
    BeforeEra(NaiveDate),
    /// The era was over on that day; holds the day in the western calendar. Old papers reckon on in 平成 (平成33年), so that
    /// the day that is meant can be named.
    #[error("the era ended before {0}")]
    AfterEra(NaiveDate),
    /// In the shape of an era date, of an era that this program does not know: a misspelt one, or one yet to come.
    #[error("no era that is known")]
    UnknownEra,
}

/// Reads a date that a person wrote: `令和8年6月5日`, `R8.6.5`, `平成元年1月8日`, `2026年6月5日`, `2026/6/5`, `2026-06-05`,
/// all in half-width or full-width characters.
///
/// An era that is yet to come cannot be read; dates to come are written in 令和, as 国保連 does.
///
/// # Errors
///
/// Returns why it is no date, so that a form can name it.
pub fn parse_date(text: &str) -> Result<NaiveDate, DateError> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    let era = ERAS
        .iter()
        .enumerate()
        .find_map(|(index, era)| Some((index, text.strip_prefix(era.3).or_else(|| text.strip_prefix(era.4))?)));
    let (era, rest) = era.map_or((None, text.as_str()), |(index, rest)| (Some(index), rest));
    let rest = if era.is_some() { rest.replacen('元', "1", 1) } else { rest.to_owned() };
    let rest = rest.strip_suffix('日').unwrap_or(&rest);
    let mut parts = rest.split(['年', '月', '/', '.', '-']).map(|part| match part.len() {
        1..=4 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<i32>().ok(),
        _ => None,
    });
    let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(if era.is_none() && names_an_era(&text) { DateError::UnknownEra } else { DateError::Shape });
    };
    let Some(index) = era else {
        if !(1868..=2999).contains(&year) {
            return Err(DateError::Shape);
        }
        return NaiveDate::from_ymd_opt(year, month as u32, day as u32).ok_or(DateError::NoSuchDay);
    };
    if !(1..=99).contains(&year) {
        return Err(DateError::Shape);
    }
    let (first_year, first_month, first_day, ..) = ERAS[index];
    let date = NaiveDate::from_ymd_opt(first_year + year - 1, month as u32, day as u32).ok_or(DateError::NoSuchDay)?;
    let starts = |era: &Era| (era.0, era.1, era.2);
    if (date.year(), date.month(), date.day()) < (first_year, first_month, first_day) {
        return Err(DateError::BeforeEra(date));
    }
    let next = index.checked_sub(1).and_then(|later| ERAS.get(later));
    if next.is_some_and(|next| (date.year(), date.month(), date.day()) >= starts(next)) {
        return Err(DateError::AfterEra(date));
    }
    Ok(date)
}

/// Returns whether a text is an era date but for the name of the era.
fn names_an_era(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_alphabetic() && c != '元');
    rest.len() < text.len() && parse_date(&format!("令和{rest}")).is_ok()
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '／' | '．' | '－' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_uppercase()
        }
        'ー' | '‐' | '−' | '―' => '-',
        _ => c.to_ascii_uppercase(),
    }
}

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
    for (year, month, day, name, _) in ERAS {
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

    #[track_caller]
    fn reads(text: &str, expected: Result<&str, DateError>) {
        assert_eq!(parse_date(text), expected.map(|date| date.parse().unwrap()), "text {text:?}");
    }

    #[test]
    fn reads_what_people_write() {
        for text in [
            "令和8年6月5日",
            " 令和８年６月５日 ",
            "R8.6.5",
            "Ｒ８．６．５",
            "r8/6/5",
            "2026年6月5日",
            "2026/6/5",
            "2026-06-05",
            "２０２６ー０６ー０５",
        ] {
            reads(text, Ok("2026-06-05"));
        }
        reads("令和元年5月1日", Ok("2019-05-01"));
        reads("H31.4.30", Ok("2019-04-30"));
        reads("昭和64年1月7日", Ok("1989-01-07"));
        reads("大正15年12月24日", Ok("1926-12-24"));
        reads("明治45年7月29日", Ok("1912-07-29"));
    }

    #[test]
    fn names_what_is_no_date() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        reads("  ", Err(DateError::Empty));
        reads("令和8年2月30日", Err(DateError::NoSuchDay));
        reads("2027/2/29", Err(DateError::NoSuchDay));
        reads("令和8年13月1日", Err(DateError::NoSuchDay));
        reads("令和元年4月30日", Err(DateError::BeforeEra(day("2019-04-30"))));
        reads("平成31年5月1日", Err(DateError::AfterEra(day("2019-05-01"))));
        reads("平成33年3月31日", Err(DateError::AfterEra(day("2021-03-31"))));
        reads("昭和64年1月8日", Err(DateError::AfterEra(day("1989-01-08"))));
        for text in ["来週", "令和8年6月", "8年6月5日", "令和0年1月1日", "26/6/5", "令和8年6月5日1"]
        {
            reads(text, Err(DateError::Shape));
        }
    }

    #[test]
    fn an_era_that_is_not_known_is_told_from_what_is_no_date() {
        for text in ["安久2年1月1日", "安久元年12月31日", "X8.6.5", "零和8年6月5日"] {
            reads(text, Err(DateError::UnknownEra));
        }
        for text in ["6月5日", "きょう", "安久の2年", "元日", "あ"] {
            reads(text, Err(DateError::Shape));
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(days in 0_i64..60_000) {
            let date = NaiveDate::from_ymd_opt(1873, 1, 1).unwrap() + chrono::TimeDelta::days(days);
            proptest::prop_assert_eq!(parse_date(&wareki_date(date)), Ok(date));
        }

        #[test]
        fn reading_never_panics(text in "[令和平成昭RHS元0-9０-９年月日/.\\- ]{0,16}") {
            let _ = parse_date(&text);
        }
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
