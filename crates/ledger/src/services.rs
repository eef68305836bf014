//! Service types: the form on which each is claimed, and the unit price by 地域区分.

use calendar::Month;

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
    pub const ALL: [Self; 8] = [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Sixth, Self::Seventh, Self::Other];

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

    fn surcharge(self) -> i64 {
        match self {
            Self::First => 20,
            Self::Second => 16,
            Self::Third => 15,
            Self::Fourth => 12,
            Self::Fifth => 10,
            Self::Sixth => 6,
            Self::Seventh => 3,
            Self::Other => 0,
        }
    }

    /// Returns the unit price of a service type in hundredths of a yen, or `None` where it does not follow from the
    /// grade: unknown types, and types whose price the municipality sets.
    ///
    /// 10 yen × (1 + surcharge × share of wages), rounded half up to the hundredth.
    pub(crate) fn unit_price(self, service_type: &str) -> Option<i64> {
        let wages = service(service_type)?.wages?;
        Some(1000 + (self.surcharge() * wages + 5) / 10)
    }

    /// Returns the grade in which a service type has this unit price, when the price tells it.
    pub(crate) fn from_unit_price(service_type: &str, unit_price: i64) -> Option<Self> {
        let wages = service(service_type)?.wages?;
        if wages == 0 {
            return None;
        }
        Self::ALL.into_iter().find(|area| area.unit_price(service_type) == Some(unit_price))
    }
}

/// Exchange id under which every 給付管理票 is known, whatever edition carried it.
pub(crate) const BENEFIT_MANAGEMENT: &str = "8222";

/// Returns whether a claim form belongs to 介護予防・日常生活支援総合事業: limited after five years, changed by 7231, paid by 7551.
pub fn is_comprehensive_project(exchange_id: &str) -> bool {
    matches!(exchange_id, "71R1" | "71P1" | "8161" | "8171")
}

/// Returns whether a service type belongs to 総合事業 (`A1` to `AF`).
pub(crate) fn is_project_type(service_type: &str) -> bool {
    service_type.starts_with('A')
}

/// Returns the form on which a service type is claimed today.
///
/// Older editions of a form are no concern: what they carried has been time-barred for years.
pub(crate) fn form(service_type: &str, service_month: Month) -> Option<&'static str> {
    // みなし types moved to the form of 総合事業 when the transition ended with 2018-03.
    if matches!(service_type, "A1" | "A5") && (service_month.year(), service_month.month()) > (2018, 3) {
        return Some("71R1");
    }
    service(service_type).map(|service| service.form)
}

/// Returns whether a form is a サービス計画費請求明細書.
pub(crate) fn is_care_plan(exchange_id: &str) -> bool {
    matches!(exchange_id, "8121" | "8122" | "8123" | "8124" | "8125" | "8161" | "8171")
}

struct Service {
    code: &'static str,
    form: &'static str,
    /// Share of wages in percent; `None` where the municipality sets the price.
    wages: Option<i64>,
}

fn service(code: &str) -> Option<&'static Service> {
    SERVICES.binary_search_by(|service| service.code.cmp(code)).ok().map(|index| &SERVICES[index])
}

const fn row(code: &'static str, form: &'static str, wages: i64) -> Service {
    Service { code, form, wages: Some(wages) }
}

const fn municipal(code: &'static str, form: &'static str) -> Service {
    Service { code, form, wages: None }
}

/// Sorted by code.
static SERVICES: &[Service] = &[
    row("11", "7131", 70),
    row("12", "7131", 70),
    row("13", "7131", 70),
    row("14", "7131", 55),
    row("15", "7131", 45),
    row("16", "7131", 55),
    row("17", "7131", 0),
    row("21", "7143", 55),
    row("22", "7155", 45),
    row("23", "7164", 45),
    row("24", "7144", 55),
    row("25", "7156", 45),
    row("26", "7165", 45),
    row("27", "7177", 45),
    row("28", "7177", 45),
    row("2A", "7157", 45),
    row("2B", "7158", 45),
    row("31", "7131", 0),
    row("32", "7171", 45),
    row("33", "7173", 45),
    row("34", "7132", 0),
    row("35", "7174", 45),
    row("36", "7173", 45),
    row("37", "7172", 45),
    row("38", "7175", 45),
    row("39", "7176", 45),
    row("43", "8124", 70),
    row("46", "8125", 70),
    row("51", "7183", 45),
    row("52", "7195", 45),
    row("53", "71A3", 45),
    row("54", "7183", 45),
    row("55", "7196", 45),
    row("61", "7132", 70),
    row("62", "7132", 70),
    row("63", "7132", 70),
    row("64", "7132", 55),
    row("65", "7132", 45),
    row("66", "7132", 55),
    row("67", "7132", 0),
    row("68", "7131", 55),
    row("69", "7132", 55),
    row("71", "7131", 70),
    row("72", "7131", 55),
    row("73", "7131", 55),
    row("74", "7132", 55),
    row("75", "7132", 55),
    row("76", "7131", 70),
    row("77", "7131", 55),
    row("78", "7131", 45),
    row("79", "7131", 55),
    municipal("A1", "71P1"),
    municipal("A2", "71R1"),
    municipal("A3", "71R1"),
    municipal("A4", "71R1"),
    municipal("A5", "71P1"),
    municipal("A6", "71R1"),
    municipal("A7", "71R1"),
    municipal("A8", "71R1"),
    municipal("A9", "71R1"),
    municipal("AA", "71R1"),
    municipal("AB", "71R1"),
    municipal("AC", "71R1"),
    municipal("AD", "71R1"),
    municipal("AE", "71R1"),
    row("AF", "8171", 70),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(SERVICES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    /// The prices published for 2024 (70 %, 55 %, 45 %).
    #[test]
    fn prices_are_the_published_ones() {
        let prices: Vec<[i64; 3]> = Area::ALL.iter().map(|area| ["11", "14", "15"].map(|code| area.unit_price(code).unwrap())).collect();
        assert_eq!(
            prices,
            [[1140, 1110, 1090], [1112, 1088, 1072], [1105, 1083, 1068], [1084, 1066, 1054], [1070, 1055, 1045], [1042, 1033, 1027], [1021, 1017, 1014], [1000, 1000, 1000]]
        );
    }

    #[test]
    fn a_price_tells_the_grade_unless_all_grades_share_it() {
        for area in Area::ALL {
            assert_eq!(Area::from_unit_price("15", area.unit_price("15").unwrap()), Some(area));
        }
        assert_eq!(Area::from_unit_price("17", 1000), None);
        assert_eq!(Area::from_unit_price("A6", 1045), None);
        assert_eq!(Area::from_unit_price("15", 1234), None);
    }

    #[test]
    fn knows_the_form_of_a_service_type() {
        let form = |code, month: &str| form(code, month.parse().unwrap());
        assert_eq!((form("15", "2026-05"), form("43", "2026-05"), form("A6", "2026-05")), (Some("7131"), Some("8124"), Some("71R1")));
        assert_eq!((form("A1", "2018-03"), form("A1", "2018-04"), form("59", "2026-05")), (Some("71P1"), Some("71R1"), None));
    }
}
