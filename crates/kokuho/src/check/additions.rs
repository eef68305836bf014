//! A4: additions computed as a percentage（処遇改善加算 …）follow the smaller of planned and actual units.
//!
//! The percentages are not in our tables. They show in the persons within their plan: there the addition is the
//! percentage of the actual units, rounded half up, which leaves one whole number of thousandths after a few persons.

use std::collections::BTreeMap;

use super::findings::{At, Findings, Words, grouped};
use super::rules;

/// Codes followed, and persons over their plan remembered, at most; a file has a few of each.
const MAX_CODES: usize = 200;
const MAX_OVER: usize = 2_000;

type Code = ([u8; 2], [u8; 4]);

/// Thousandths that explain all persons seen so far: none when `low > high`.
#[derive(Debug, Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
}

/// A person over the plan.
#[derive(Debug, Clone, Copy)]
struct Over {
    code: Code,
    units: i64,
    planned: i64,
    actual: i64,
    line: u64,
    layout: Option<&'static crate::Layout>,
    insured: [u8; 10],
}

#[derive(Debug, Default)]
pub(super) struct Additions {
    ranges: BTreeMap<Code, Range>,
    over: Vec<Over>,
}

impl Additions {
    /// Takes the addition of a person: its units, and the planned and actual units it is a part of.
    pub fn note(&mut self, code: Code, units: i64, [planned, actual]: [i64; 2], at: At<'_>) {
        if planned < actual {
            if self.over.len() < MAX_OVER {
                let insured = super::row::pack(at.insured);
                self.over.push(Over { code, units, planned, actual, line: at.line, layout: at.layout, insured });
            }
            return;
        }
        if actual <= 0 || (self.ranges.len() >= MAX_CODES && !self.ranges.contains_key(&code)) {
            return;
        }
        let range = self.ranges.entry(code).or_insert(Range { low: 1, high: 1_000 });
        // units − ½ ≤ actual × rate ÷ 1000 < units + ½
        let twice = actual.saturating_mul(2);
        range.low =
            range.low.max((units.saturating_mul(2) - 1).saturating_mul(1_000).saturating_add(twice - 1) / twice);
        range.high = range.high.min(((units.saturating_mul(2) + 1).saturating_mul(1_000) - 1) / twice);
    }

    /// Reports the persons whose addition follows the actual instead of the planned units.
    pub fn finish(self, findings: &mut Findings) {
        for over in &self.over {
            let Some(rate) = self.ranges.get(&over.code).filter(|range| range.low == range.high).map(|range| range.low)
            else {
                continue;
            };
            let (right, mistaken) = (rounded(over.planned, rate), rounded(over.actual, rate));
            if over.units == right || over.units != mistaken {
                continue;
            }
            let words = Words::new(
                format!(
                    "加算の単位数が多いようです。計画をこえたときは計画の{}単位で計算し、{}単位になりますが、{}単位と書かれています。",
                    grouped(over.planned),
                    grouped(right),
                    grouped(over.units)
                ),
                "処遇改善加算は、計画と実績の少ない方で計算します。多いままだと返戻になることがあります（ASSA）。",
            );
            let at = At { line: over.line, layout: over.layout, item: 11, insured: super::row::unpack(&over.insured) };
            findings.warning(rules::A4, at, words.figures(over.units, right));
        }
    }
}

/// Returns `units` × `rate` ÷ 1000, rounded half up.
fn rounded(units: i64, rate: i64) -> i64 {
    (units.saturating_mul(rate).saturating_mul(2).saturating_add(1_000)) / 2_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(persons: &[(i64, i64, i64)], expected: &[(i64, i64)]) {
        let mut additions = Additions::default();
        for (units, planned, actual) in persons {
            additions.note((*b"15", *b"6108"), *units, [*planned, *actual], At::FILE);
        }
        let mut findings = Findings::default();
        additions.finish(&mut findings);
        let found: Vec<(i64, i64)> =
            findings.finish().iter().map(|f| (f.found.parse().unwrap(), f.expected.parse().unwrap())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn learns_the_percentage_from_those_within_their_plan() {
        check(&[(514, 5584, 5584), (752, 8170, 8170), (778, 8000, 8460)], &[(778, 736)]);
        check(&[(778, 8000, 8460), (514, 5584, 5584)], &[(778, 736)]);
    }

    #[test]
    fn is_silent_when_right_or_when_nothing_can_be_learnt() {
        check(&[(514, 5584, 5584), (736, 8000, 8460)], &[]);
        check(&[(778, 8000, 8460)], &[]);
        // Two persons that no single percentage explains.
        check(&[(514, 5584, 5584), (900, 8170, 8170), (778, 8000, 8460)], &[]);
    }

    #[test]
    fn rounds_half_up() {
        assert_eq!((rounded(31_484, 92), rounded(8_000, 92), rounded(125, 4)), (2_897, 736, 1));
    }
}
