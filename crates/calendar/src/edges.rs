//! Hours of the claim window, where a 国保連 has hours of its own（features T06, R05, §4）.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::ClaimWindow;

/// Hours of each day of the window, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hours {
    /// First two digits of the 事業所番号.
    prefecture: &'static str,
    /// First minute in which something is taken.
    opens: i64,
    /// First minute in which nothing is taken any more; 1,440 is midnight.
    closes: i64,
    /// First minute in which nothing is cancelled any more.
    cancel_until: i64,
}

const MIDNIGHT: i64 = 24 * 60;
/// What is sent later than this is answered the next morning（京都: 17:00 to 9:00; taken for all, because no 国保連 answers
/// later than it says）.
const ANSWERED_UNTIL: i64 = 17 * 60;

/// What is known, from pages of the 国保連 as of 2026-11. One that is not listed is taken to have the whole day.
const KNOWN: [Hours; 4] = [
    Hours { prefecture: "09", opens: 0, closes: MIDNIGHT, cancel_until: MIDNIGHT },
    Hours { prefecture: "10", opens: 0, closes: MIDNIGHT, cancel_until: 23 * 60 + 30 },
    Hours { prefecture: "17", opens: 8 * 60 + 45, closes: MIDNIGHT, cancel_until: MIDNIGHT },
    // 必着 until 23:59.
    Hours { prefecture: "28", opens: 0, closes: MIDNIGHT - 1, cancel_until: MIDNIGHT - 1 },
];

const WHOLE_DAY: Hours = Hours { prefecture: "", opens: 0, closes: MIDNIGHT, cancel_until: MIDNIGHT };

/// Edges of a claim window in one prefecture. Each end is the first moment that is too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// First moment in which something is taken: on the 1st.
    pub opens: NaiveDateTime,
    /// First moment after the last one in which something is taken: on the 10th, or midnight after it.
    pub closes: NaiveDateTime,
    /// First moment after the last one in which something can be cancelled.
    pub cancel_until: NaiveDateTime,
    /// First moment from which the answer may come after the window, too late to mend anything.
    pub safe_until: NaiveDateTime,
}

impl ClaimWindow {
    /// Returns the edges of the window in a prefecture, named by the first two digits of the 事業所番号.
    pub fn edges(self, prefecture: &str) -> Edges {
        let hours = KNOWN.iter().find(|hours| hours.prefecture == prefecture).unwrap_or(&WHOLE_DAY);
        let at = |day: NaiveDate, minutes: i64| day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
        let last = self.closes();
        Edges {
            opens: at(self.opens(), hours.opens),
            closes: at(last, hours.closes),
            cancel_until: at(last, hours.cancel_until),
            safe_until: at(last, ANSWERED_UNTIL.min(hours.closes)),
        }
    }
}

/// Says in words which hours a 国保連 has of its own; `None` for one whose hours are not known to differ.
pub fn hours_text(prefecture: &str) -> Option<String> {
    let hours = KNOWN.iter().find(|hours| hours.prefecture == prefecture)?;
    let time = |minutes: i64| match (minutes / 60, minutes % 60) {
        (hour, 0) => format!("{hour}時"),
        (hour, minute) => format!("{hour}時{minute:02}分"),
    };
    let cancel = if hours.cancel_until < hours.closes {
        format!("取消は{}まで。", time(hours.cancel_until))
    } else {
        String::new()
    };
    Some(format!("請求の受付は、1日から10日の{}から{}まで。{cancel}", time(hours.opens), time(hours.closes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Month;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn each_prefecture_has_its_own_edges() {
        let window = ClaimWindow::current_or_next("2026-12-01".parse().unwrap());
        for (prefecture, opens, closes, cancel) in [
            ("13", "2026-12-01T00:00:00", "2026-12-11T00:00:00", "2026-12-11T00:00:00"),
            ("09", "2026-12-01T00:00:00", "2026-12-11T00:00:00", "2026-12-11T00:00:00"),
            ("10", "2026-12-01T00:00:00", "2026-12-11T00:00:00", "2026-12-10T23:30:00"),
            ("17", "2026-12-01T08:45:00", "2026-12-11T00:00:00", "2026-12-11T00:00:00"),
            ("28", "2026-12-01T00:00:00", "2026-12-10T23:59:00", "2026-12-10T23:59:00"),
        ] {
            let edges = window.edges(prefecture);
            assert_eq!(
                (edges.opens, edges.closes, edges.cancel_until),
                (moment(opens), moment(closes), moment(cancel)),
                "{prefecture}"
            );
            assert_eq!(edges.safe_until, window.safe_until(), "{prefecture}");
        }
    }

    /// Over all windows of 2019 to 2027: nothing begins before the 1st, ends after the 10th, or is safe once it is over.
    #[test]
    fn edges_of_2019_to_2027_stay_inside_the_window() {
        let first: Month = "2019-01".parse().unwrap();
        for month in (0..9 * 12).map(|later| first.plus(later)) {
            let window = ClaimWindow { processing_month: month };
            for prefecture in (1..=47).map(|code| format!("{code:02}")) {
                let edges = window.edges(&prefecture);
                assert!(window.opens().and_time(NaiveTime::MIN) <= edges.opens);
                let midnight: NaiveDateTime = window.closes().succ_opt().unwrap().and_time(NaiveTime::MIN);
                assert!(edges.closes <= midnight && edges.cancel_until <= edges.closes, "{month} {prefecture}");
                assert!(edges.opens < edges.safe_until && edges.safe_until <= edges.closes, "{month} {prefecture}");
            }
            let last: NaiveDate = window.closes();
            assert_eq!(ClaimWindow::current_or_next(last), window);
            assert_eq!(ClaimWindow::current_or_next(last.succ_opt().unwrap()).processing_month, month.next());
        }
    }

    #[test]
    fn hours_of_their_own_are_said_in_words() {
        assert_eq!(hours_text("17").unwrap(), "請求の受付は、1日から10日の8時45分から24時まで。");
        assert_eq!(hours_text("10").unwrap(), "請求の受付は、1日から10日の0時から24時まで。取消は23時30分まで。");
        assert_eq!(hours_text("28").unwrap(), "請求の受付は、1日から10日の0時から23時59分まで。");
        assert_eq!(hours_text("13"), None);
    }
}
