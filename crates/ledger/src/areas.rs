//! 地域区分 of an office, month by month, and what paid amounts tell about it（idea 1, rules.md C11）.

use std::collections::BTreeMap;

use calendar::Month;
use kokuho::{Notice, OfficeNumber, PaymentLine};

use crate::services::{Area, has_graded_price};

/// What an office said about its 地域区分. A municipality can be moved to another grade with a revision（2018, 2021, 2024）,
/// so that each setting holds from a month on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSetting {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// First サービス提供年月 for which it holds.
    pub from: Month,
    /// The grade; `None` takes back what was set from this month on.
    pub area: Option<Area>,
}

/// The 地域区分 of all offices. Of two settings from the same month the later one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Areas(BTreeMap<OfficeNumber, BTreeMap<Month, Option<Area>>>);

impl Areas {
    /// Gathers settings, oldest decision first.
    pub fn new(settings: impl IntoIterator<Item = AreaSetting>) -> Self {
        let mut areas: BTreeMap<OfficeNumber, BTreeMap<Month, Option<Area>>> = BTreeMap::new();
        for AreaSetting { office, from, area } in settings {
            areas.entry(office).or_default().insert(from, area);
        }
        Self(areas)
    }

    /// Returns the grade of an office for services of `month`. Before its first setting the first one holds: an office
    /// that sets its grade once means it for the claims that it still sends late.
    pub fn of(&self, office: &OfficeNumber, month: Month) -> Option<Area> {
        let settings = self.0.get(office)?;
        let latest = settings.range(..=month).next_back().or_else(|| settings.first_key_value());
        latest.and_then(|(_, area)| *area)
    }

    /// Returns the grade of each office that has one in `month`.
    pub fn in_month(&self, month: Month) -> BTreeMap<OfficeNumber, Area> {
        self.0.keys().filter_map(|office| Some((office.clone(), self.of(office, month)?))).collect()
    }

    /// Returns the settings of an office that hold, oldest month first.
    pub fn history(&self, office: &OfficeNumber) -> Vec<(Month, Option<Area>)> {
        self.0.get(office).into_iter().flatten().map(|(month, area)| (*month, *area)).collect()
    }
}

/// What the paid amounts of a service month tell about the 地域区分 of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaEvidence {
    /// サービス提供年月.
    pub service_month: Month,
    /// Grades that fit every row; empty when the rows contradict each other.
    pub fitting: Vec<Area>,
    /// Rows that had a say.
    pub rows: usize,
}

impl AreaEvidence {
    /// Returns the grade, if only one fits.
    pub fn only(&self) -> Option<Area> {
        match self.fitting.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

/// Reads the 地域区分 of an office off 支払決定額内訳書 (7521, 7551), newest service month first.
///
/// The cost of a row is the sum over its 件数 statements of floor(units × price), and each truncation loses less than one
/// yen. A grade therefore fits a row when `cost ≤ units × price < cost + count`. Rows whose service has one price for all
/// grades, or whose price the municipality sets（総合事業）, have no say; nor have rows without units.
pub fn area_evidence(office: &OfficeNumber, notices: &[Notice]) -> Vec<AreaEvidence> {
    let mut months: BTreeMap<Month, (Vec<Area>, usize)> = BTreeMap::new();
    let lines = notices.iter().filter_map(|notice| match notice {
        Notice::Payments(detail) if detail.head.office == *office => Some(&detail.lines),
        _ => None,
    });
    for line in lines.flatten() {
        if line.units <= 0 || line.count <= 0 || !has_graded_price(&line.service_type, line.service_month) {
            continue;
        }
        let (fitting, rows) = months.entry(line.service_month).or_insert_with(|| (Area::ALL.to_vec(), 0));
        fitting.retain(|area| fits(line, *area));
        *rows += 1;
    }
    months
        .into_iter()
        .rev()
        .map(|(service_month, (fitting, rows))| AreaEvidence { service_month, fitting, rows })
        .collect()
}

/// Returns whether a row can be the sum of `count` truncated amounts at the price of `area`.
fn fits(line: &PaymentLine, area: Area) -> bool {
    let Some(price) = area.unit_price(&line.service_type) else { return false };
    // In hundredths of a yen.
    let exact = line.units.saturating_mul(price);
    let cost = line.cost.0.saturating_mul(100);
    cost <= exact && exact < cost.saturating_add(line.count.saturating_mul(100))
}

#[cfg(test)]
mod tests {
    use kokuho::{NoticeHead, PaymentDetail, Yen};

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn office() -> OfficeNumber {
        OfficeNumber::from_file("9970000015")
    }

    /// A payment detail whose rows are the sums of the statements given as units, each truncated by itself.
    fn paid(service_type: &str, area: Area, statements: &[i64]) -> Notice {
        let price = area.unit_price(service_type).unwrap();
        let line = PaymentLine {
            insurer: kokuho::InsurerNumber::from_file("990010"),
            service_month: month("2026-05"),
            service_type: service_type.to_owned(),
            count: statements.len() as i64,
            units: statements.iter().sum(),
            cost: Yen(statements.iter().map(|units| units * price / 100).sum()),
            benefit: Yen(0),
        };
        let head = NoticeHead { office: office(), ..head() };
        Notice::Payments(PaymentDetail { head, lines: vec![line], decided: Yen(0), kago: Yen(0), payable: Yen(0) })
    }

    fn head() -> NoticeHead {
        let file = kokuho::read(include_bytes!("../../kokuho/tests/data/75200000.CSV")).unwrap();
        match kokuho::notices(&file).remove(0) {
            Notice::Payments(detail) => detail.head,
            other => panic!("no payment detail: {other:?}"),
        }
    }

    #[test]
    fn the_true_grade_always_fits() {
        for area in Area::ALL {
            for statements in [&[6098][..], &[1], &[6098, 8736, 8922], &[333; 200]] {
                let found = area_evidence(&office(), &[paid("15", area, statements)]);
                assert!(found[0].fitting.contains(&area), "{area:?} {statements:?}: {found:?}");
            }
        }
    }

    #[test]
    fn one_usual_statement_leaves_one_grade() {
        for area in Area::ALL {
            assert_eq!(area_evidence(&office(), &[paid("15", area, &[6098])])[0].only(), Some(area));
        }
    }

    /// The bound is as wide as the number of truncations and no wider: small amounts of many persons tell nothing.
    #[test]
    fn what_truncation_hides_is_left_open() {
        let found = area_evidence(&office(), &[paid("15", Area::Fifth, &[9; 10])]);
        assert!(found[0].fitting.len() > 1 && found[0].only().is_none(), "{found:?}");
        // Another row of the month decides it.
        let both = [paid("15", Area::Fifth, &[9; 10]), paid("11", Area::Fifth, &[5000])];
        assert_eq!(area_evidence(&office(), &both)[0].only(), Some(Area::Fifth));
    }

    #[test]
    fn contradicting_rows_fit_no_grade() {
        let both = [paid("15", Area::Fifth, &[6098]), paid("15", Area::First, &[6098])];
        let found = area_evidence(&office(), &both);
        assert_eq!((found[0].fitting.as_slice(), found[0].rows, found[0].only()), ([].as_slice(), 2, None));
    }

    #[test]
    fn services_without_grades_and_other_offices_have_no_say() {
        assert_eq!(area_evidence(&office(), &[paid("17", Area::Fifth, &[300]), paid("A6", Area::Fifth, &[300])]), []);
        let other = OfficeNumber::from_file("9970000023");
        assert_eq!(area_evidence(&other, &[paid("15", Area::Fifth, &[6098])]), []);
    }

    #[test]
    fn the_sample_month_was_paid_at_the_fifth_grade() {
        let file = kokuho::read(include_bytes!("../../kokuho/tests/data/75200000.CSV")).unwrap();
        let found = area_evidence(&office(), &kokuho::notices(&file));
        assert_eq!(found.first().and_then(AreaEvidence::only), Some(Area::Fifth));
    }

    #[test]
    fn a_setting_holds_from_its_month_on_and_the_first_one_before_it_too() {
        let set = |from: &str, area| AreaSetting { office: office(), from: month(from), area };
        let areas = Areas::new([
            set("2024-04", Some(Area::Sixth)),
            set("2021-04", Some(Area::Seventh)),
            set("2024-04", Some(Area::Fifth)),
        ]);
        let of = |text: &str| areas.of(&office(), month(text));
        assert_eq!(
            (of("2020-01"), of("2024-03"), of("2024-04")),
            (Some(Area::Seventh), Some(Area::Seventh), Some(Area::Fifth))
        );
        assert_eq!(areas.of(&OfficeNumber::from_file("9970000023"), month("2026-05")), None);
        assert_eq!(areas.in_month(month("2026-05")), BTreeMap::from([(office(), Area::Fifth)]));
        let taken_back = Areas::new([set("2021-04", Some(Area::Seventh)), set("2021-04", None)]);
        assert_eq!(taken_back.of(&office(), month("2026-05")), None);
    }
}
