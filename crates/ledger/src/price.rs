//! Estimates for claims that are not on hand（MONEY 10）.

use std::collections::HashMap;

use calendar::Month;
use kokuho::{Claim, Yen};

use crate::services::Area;

/// Price where nothing tells the 地域区分: その他, the lowest there is, so that an estimate never promises too much.
const LOWEST_UNIT_PRICE: i64 = 1000;

/// The unit prices of one office.
pub(crate) struct Prices<'a> {
    /// Service month and price in hundredths of a yen, by service type.
    by_type: HashMap<&'a str, Vec<(Month, i64)>>,
    area: Option<Area>,
}

impl<'a> Prices<'a> {
    /// Reads the prices off the office's own claims; `area` is its 地域区分 where that is known.
    pub(crate) fn new(claims: &[&'a Claim], area: Option<Area>) -> Self {
        let mut by_type: HashMap<&str, Vec<(Month, i64)>> = HashMap::new();
        for claim in claims {
            for line in claim.services.iter().filter(|line| line.unit_price > 0) {
                let prices = by_type.entry(line.service_type.as_str()).or_default();
                if !prices.contains(&(claim.service_month, line.unit_price)) {
                    prices.push((claim.service_month, line.unit_price));
                }
            }
        }
        // Without a setting the newest price that only one grade has tells the grade.
        let told = || {
            by_type
                .iter()
                .flat_map(|(service_type, prices)| {
                    prices.iter().map(move |(month, price)| (*month, *service_type, *price))
                })
                .filter_map(|(month, service_type, price)| {
                    Area::from_unit_price(service_type, price).map(|area| (month, area))
                })
                .max()
                .map(|(_, area)| area)
        };
        let area = area.or_else(told);
        Self { by_type, area }
    }

    /// Returns the price of a service type: of the office's claim nearest to `month`, else of its 地域区分.
    fn of(&self, service_type: &str, month: Month) -> i64 {
        self.by_type
            .get(service_type)
            .and_then(|prices| {
                prices.iter().min_by_key(|(at, price)| (at.months_since(month).abs(), std::cmp::Reverse(*at), *price))
            })
            .map(|(_, price)| *price)
            .or_else(|| self.area.and_then(|area| area.unit_price(service_type)))
            .unwrap_or(LOWEST_UNIT_PRICE)
    }

    /// Returns floor(floor(units × price) × 90 %).
    pub(crate) fn estimate(&self, service_type: &str, month: Month, units: i64) -> Yen {
        let cost = units.saturating_mul(self.of(service_type, month)).div_euclid(100);
        Yen(cost.saturating_mul(90).div_euclid(100))
    }
}
