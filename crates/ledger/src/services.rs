//! Service types: the form on which each is claimed, and the unit price by 地域区分.

use calendar::Month;
use kokuho::codes::{service_forms, unit_prices};

/// 地域区分 of an office; decides its unit prices. The eight grades in force since services of 2015-04.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// 1級地: 20 %.
    First,
    /// 2級地: 16 %.
    Second,
    /// 3級地: 15 %.
    Third,
    /// 4級地: 12 %.
    Fourth,
    /// 5級地: 10 %.
    Fifth,
    /// 6級地: 6 %.
    Sixth,
    /// 7級地: 3 %.
    Seventh,
    /// その他: no surcharge.
    Other,
}

impl Area {
    /// All grades, highest first.
    pub const ALL: [Self; 8] =
        [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Sixth, Self::Seventh, Self::Other];

    /// Returns the name, for example `5級地`.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "1級地",
            Self::Second => "2級地",
            Self::Third => "3級地",
            Self::Fourth => "4級地",
            Self::Fifth => "5級地",
            Self::Sixth => "6級地",
            Self::Seventh => "7級地",
            Self::Other => "その他",
        }
    }

    /// Finds the grade with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.name() == name)
    }

    /// Returns the unit price that a claim must carry, in hundredths of a yen; `None` where the grade decides nothing:
    /// services with one price for all, 総合事業, whose prices municipalities set, and months before 2015-04.
    pub fn graded_price(self, service_type: &str, month: Month) -> Option<i64> {
        if has_graded_price(service_type, month) { self.unit_price(service_type) } else { None }
    }

    /// Returns the unit price of a service type in hundredths of a yen; `None` for unknown types.
    ///
    /// Municipalities set the prices of 総合事業; most take those of the care service that it replaces.
    pub(crate) fn unit_price(self, service_type: &str) -> Option<i64> {
        let like = match service_type {
            "A1" | "A2" | "A3" | "A4" => "11",
            "A5" | "A6" | "A7" | "A8" => "15",
            "AF" => "46",
            other => other,
        };
        match unit_prices(like) {
            [only] => Some(*only),
            prices => prices.iter().rev().nth(self as usize).copied(),
        }
    }

    /// Returns the only grade in which a service type has this unit price, if there is one.
    pub fn from_unit_price(service_type: &str, unit_price: i64) -> Option<Self> {
        if !is_graded(service_type) {
            return None;
        }
        Self::ALL.into_iter().find(|area| area.unit_price(service_type) == Some(unit_price))
    }
}

/// Returns whether the price of a service type depends on the 地域区分 in a way that is known for this month.
pub(crate) fn has_graded_price(service_type: &str, month: Month) -> bool {
    is_graded(service_type) && (month.year(), month.month()) >= (2015, 4)
}

fn is_graded(service_type: &str) -> bool {
    !is_project_type(service_type) && unit_prices(service_type).len() == Area::ALL.len()
}

/// Exchange id under which every 給付管理票 is known, whatever edition carried it.
pub(crate) const BENEFIT_MANAGEMENT: &str = "8222";

/// Returns whether a service type belongs to 総合事業 (`A1` to `AF`).
pub(crate) fn is_project_type(service_type: &str) -> bool {
    service_type.starts_with('A')
}

/// Returns the form on which a service type is claimed today, if it stands on one form only.
///
/// Older editions of a form are no concern: what they carried has been time-barred for years.
pub(crate) fn form(service_type: &str, service_month: Month) -> Option<&'static str> {
    // みなし types moved to the form of 総合事業 when the transition ended with 2018-03.
    if matches!(service_type, "A1" | "A5") && (service_month.year(), service_month.month()) > (2018, 3) {
        return Some("71R1");
    }
    match service_forms(service_type) {
        [form] => Some(form),
        _ => None,
    }
}

/// Returns whether a form is a サービス計画費請求明細書.
pub(crate) fn is_care_plan(exchange_id: &str) -> bool {
    exchange_id.starts_with("81")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prices published for 2024 (70 %, 55 %, 45 %).
    #[test]
    fn prices_are_the_published_ones() {
        let prices: Vec<[i64; 3]> =
            Area::ALL.iter().map(|area| ["11", "14", "15"].map(|code| area.unit_price(code).unwrap())).collect();
        assert_eq!(
            prices,
            [
                [1140, 1110, 1090],
                [1112, 1088, 1072],
                [1105, 1083, 1068],
                [1084, 1066, 1054],
                [1070, 1055, 1045],
                [1042, 1033, 1027],
                [1021, 1017, 1014],
                [1000, 1000, 1000]
            ]
        );
    }

    #[test]
    fn a_price_tells_the_grade_unless_all_grades_share_it() {
        for area in Area::ALL {
            assert_eq!(Area::from_unit_price("15", area.unit_price("15").unwrap()), Some(area));
        }
        assert_eq!(Area::from_unit_price("17", 1000), None);
        assert_eq!((Area::from_unit_price("A6", 1045), Area::Fifth.unit_price("A6")), (None, Some(1045)));
        assert_eq!(Area::from_unit_price("15", 1234), None);
    }

    #[test]
    fn a_grade_decides_the_price_of_graded_services_only() {
        let price = |service_type, month: &str| Area::Fifth.graded_price(service_type, month.parse().unwrap());
        assert_eq!((price("15", "2026-05"), price("15", "2015-03")), (Some(1045), None));
        assert_eq!((price("17", "2026-05"), price("A6", "2026-05"), price("ZZ", "2026-05")), (None, None, None));
        assert!(Area::ALL.into_iter().all(|area| Area::find(area.name()) == Some(area)));
    }

    #[test]
    fn knows_the_form_of_a_service_type() {
        let form = |code, month: &str| form(code, month.parse().unwrap());
        assert_eq!(
            (form("15", "2026-05"), form("43", "2026-05"), form("A6", "2026-05")),
            (Some("7131"), Some("8124"), Some("71R1"))
        );
        assert_eq!(
            (form("A1", "2018-03"), form("A1", "2018-04"), form("59", "2026-05")),
            (Some("71P1"), Some("71R1"), None)
        );
    }
}
