//! What comes back again and again: returns by code, insurer or office, month by month（features H22）.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;

use crate::aging::Tally;
use crate::{Case, CaseKind, What};

/// By what returns are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// 備考 of the 返戻（保留）一覧表. A return with two codes counts under both.
    Code,
    /// 保険者.
    Insurer,
    /// 事業所.
    Office,
}

/// One code, insurer or office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendRow {
    /// The code, or the number.
    pub key: String,
    /// One per month of the trend.
    pub months: Vec<Tally>,
    /// All months together.
    pub total: Tally,
    /// Of `total`: claims that had come back before.
    pub repeated: u32,
}

/// Returns per month, most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// 審査年月, oldest first.
    pub months: Vec<Month>,
    /// Sorted by count, then yen, then key.
    pub rows: Vec<TrendRow>,
}

impl Trend {
    /// Counts the returns of the `count` months that end with `newest`. Holds are no returns and do not count. Yen are
    /// those of the claim's newest attempt, as the tracker shows them.
    pub fn new<'a>(cases: impl IntoIterator<Item = &'a Case>, grouping: Grouping, newest: Month, count: usize) -> Self {
        let months: Vec<Month> = (0..count).rev().map(|back| newest.plus(-(back as i32))).collect();
        let mut rows: BTreeMap<String, TrendRow> = BTreeMap::new();
        for case in cases.into_iter().filter(|case| case.kind != CaseKind::Assessed) {
            let mut before = 0_u32;
            for event in &case.story {
                let What::Returned { codes } = &event.what else { continue };
                let repeated = before > 0;
                before += 1;
                let back = newest.months_since(event.month);
                let Some(place) = usize::try_from(back).ok().filter(|back| *back < count).map(|back| count - 1 - back)
                else {
                    continue;
                };
                let keys: BTreeSet<&str> = match grouping {
                    Grouping::Code => codes.iter().map(String::as_str).collect(),
                    Grouping::Insurer => [case.key.insurer.as_str()].into(),
                    Grouping::Office => [case.key.office.as_str()].into(),
                };
                for key in keys {
                    let row = rows.entry(key.to_owned()).or_insert_with(|| TrendRow {
                        key: key.to_owned(),
                        months: vec![Tally::default(); count],
                        total: Tally::default(),
                        repeated: 0,
                    });
                    row.months[place].add(case.yen);
                    row.total.add(case.yen);
                    row.repeated += u32::from(repeated);
                }
            }
        }
        let mut rows: Vec<TrendRow> = rows.into_values().collect();
        rows.sort_by(|a, b| (b.total.count, b.total.yen, &a.key).cmp(&(a.total.count, a.total.yen, &b.key)));
        Self { months, rows }
    }
}
