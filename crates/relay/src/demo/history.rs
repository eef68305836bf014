//! Two years of history for a demonstration: what the three sample offices sent month by month, played through the same
//! doors that a real file takes, and answered by the same simulated 国保連.
//!
//! The offices behave like offices: most of what was returned is claimed again two months later, some of it never.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use calendar::Month;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use futures_util::stream;
use kokuho::{Notice, ReturnTarget};
use relay_api::NewSubmission;
use sha2::{Digest, Sha256};

use super::OFFICES;
use crate::Relay;
use crate::clock::in_japan;
use crate::failure::Failure;
use crate::session::Scope;

/// Persons whom each office cares for.
pub(super) const PERSONS: u64 = 9;
/// 証記載保険者番号 of the sample town.
const INSURER: &str = "00990010";

/// What an office does, as its claims show it.
struct Trade {
    /// サービス種類コード.
    service: &'static str,
    /// サービス項目コード and units of one visit, by degree of care.
    visits: [(&'static str, i64); 3],
    /// Units of an addition per visit, with its サービス項目コード.
    per_visit: Option<(&'static str, i64)>,
    /// Hundredths of a yen per unit.
    price: i64,
}

const TRADES: [Trade; 3] = [
    Trade {
        service: "15",
        visits: [("2241", 658), ("2242", 777), ("2243", 900)],
        per_visit: Some(("5301", 40)),
        price: 1045,
    },
    Trade { service: "11", visits: [("1111", 244), ("1211", 387), ("1311", 567)], per_visit: None, price: 1070 },
    Trade { service: "13", visits: [("1011", 314), ("1111", 471), ("1211", 823)], per_visit: None, price: 1070 },
];

/// A claim for a person and a service month. The same key always makes the same claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) service_month: Month,
    pub(super) person: u64,
}

/// Returns when the clock of a history of `months` months before `start` begins.
pub(super) fn begins(start: DateTime<FixedOffset>, months: u32) -> Option<DateTime<FixedOffset>> {
    let first = Month::of(start.date_naive()).ok()?.plus(-i32::try_from(months).ok()?);
    Some(in_japan(first.first_day().and_time(NaiveTime::MIN)))
}

impl Relay {
    /// Plays `months` months of claims before the demonstration begins at `start`, and leaves the clock there.
    ///
    /// The clock that was kept tells how far it has come. After a kill everything is walked through again from the first
    /// month; what is over is only read again, so that the months that are left are claimed as if nothing had happened.
    pub(super) async fn play_history(&self, months: u32, start: DateTime<FixedOffset>) -> Result<(), Failure> {
        let scope = self.sample_scope().await?;
        let this = Month::of(start.date_naive()).map_err(|error| Failure::Internal(error.into()))?;
        let mut again: BTreeMap<(usize, Month), Vec<Key>> = BTreeMap::new();
        let mut cursor = 0;
        let over = self.clock().business();
        let first = this.plus(-i32::try_from(months).unwrap_or(0));
        for month in (0..).map(|count| first.plus(count)).take_while(|month| *month < this) {
            self.pass(over, month.day(5), 10).await?;
            let all_sent = over >= at(month.day(5), 11);
            for (office, (number, _)) in OFFICES.iter().enumerate() {
                let mut keys: Vec<Key> =
                    (1..=PERSONS).map(|person| Key { service_month: month.plus(-1), person }).collect();
                keys.extend(again.remove(&(office, month)).unwrap_or_default());
                keys.sort();
                if !all_sent {
                    self.send_file(scope, number, month, claim_file(office, month, &keys)).await?;
                }
            }
            self.pass(over, month.day(5), 11).await?;
            self.pass(over, month.day(17), 15).await?;
            self.pass(over, month.last_day(), 15).await?;
            cursor = self.note_returns(scope, cursor, month, &mut again).await?;
        }
        self.clock().set_business(start);
        self.step_demo().await?;
        Ok(self.storage().keep_demo_history(start, 0).await?)
    }

    /// Moves the clock and lets the desk, the terminal and the 国保連 do their work until then, unless that is `over`.
    async fn pass(&self, over: DateTime<FixedOffset>, day: NaiveDate, hour: u32) -> Result<(), Failure> {
        let moment = at(day, hour);
        if moment <= over {
            return Ok(());
        }
        self.clock().set_business(moment);
        self.step_demo().await
    }

    async fn send_file(&self, scope: Scope, office: &str, month: Month, file: String) -> Result<(), Failure> {
        let sha256 = hex::encode(Sha256::digest(&file));
        let report = kokuho::check(file.as_bytes(), None)
            .map_err(|refused| Failure::Internal(anyhow::anyhow!("history: {refused}")))?;
        let announced = NewSubmission {
            office: office.to_owned(),
            processing_month: month.to_string(),
            data_type: report.data_type,
            service_months: report.service_months.iter().map(ToString::to_string).collect(),
            file_name: format!("KK{}.CSV", &month.compact()[2..]),
            size: file.len() as u64,
            round: 1,
        };
        self.announce(scope, &sha256, announced).await?;
        let size = Some(file.len() as u64);
        let mut body = stream::iter([Ok::<_, std::io::Error>(Bytes::from(file))]);
        self.receive(scope, &sha256, 1, size, &mut body).await.map(drop)
    }

    /// Reads what came back after the cursor, up to the end of a month, and decides, claim by claim, whether it will be
    /// claimed again in two months. Returns the cursor of what came later.
    async fn note_returns(
        &self,
        scope: Scope,
        mut cursor: u64,
        month: Month,
        again: &mut BTreeMap<(usize, Month), Vec<Key>>,
    ) -> Result<u64, Failure> {
        let end = at(month.plus(1).first_day(), 0);
        loop {
            let page = self.documents(scope, cursor).await?;
            for document in &page.documents {
                let received = DateTime::parse_from_rfc3339(&document.received_at);
                if received.map_err(|error| Failure::Internal(error.into()))? >= end {
                    return Ok(cursor);
                }
                cursor = document.id;
                let Some(office) = OFFICES.iter().position(|(number, _)| *number == document.office) else { continue };
                let key = crate::objects::Key::document(scope.corporation(), &document.sha256);
                let content = self.objects().read(&key).await?;
                let Ok(file) = kokuho::read(&content) else { continue };
                for notice in kokuho::notices(&file) {
                    let Notice::Returns(list) = notice else { continue };
                    for line in &list.lines {
                        let Some(key) = returned_key(line) else { continue };
                        let waiting = again.entry((office, month.plus(2))).or_default();
                        // One in four is forgotten: that is what the tracker is for.
                        if !(key.person + u64::from(key.service_month.month())).is_multiple_of(4)
                            && !waiting.contains(&key)
                        {
                            waiting.push(key);
                        }
                    }
                }
            }
            if !page.more {
                return Ok(cursor);
            }
        }
    }
}

fn at(day: NaiveDate, hour: u32) -> DateTime<FixedOffset> {
    in_japan(day.and_hms_opt(hour, 0, 0).unwrap_or_default())
}

fn returned_key(line: &kokuho::ReturnLine) -> Option<Key> {
    let is_returned = line.target == Some(ReturnTarget::Statement) && line.remark != "保留";
    let person = line.insured.as_str().parse::<u64>().ok()?.checked_sub(FIRST_PERSON)?;
    is_returned.then_some(Key { service_month: line.service_month, person })
}

/// Before the number of the first invented person; the persons of the samples have other numbers.
const FIRST_PERSON: u64 = 1_000;

/// Writes the claim file of an office for the keys, which are in order.
pub(super) fn claim_file(office: usize, month: Month, keys: &[Key]) -> String {
    let (number, _) = OFFICES[office];
    let trade = &TRADES[office];
    let mut totals: BTreeMap<Month, [i64; 5]> = BTreeMap::new();
    let mut statements = Vec::new();
    for key in keys {
        let claim = Claim::of(trade, office, *key);
        let total = totals.entry(key.service_month).or_default();
        let parts = [1, claim.units, claim.cost, claim.insurance, claim.cost - claim.insurance];
        total.iter_mut().zip(parts).for_each(|(total, part)| *total += part);
        statements.extend(claim.rows(trade, number, *key));
    }
    let heads = totals.iter().map(|(month, [count, units, cost, insurance, own])| {
        let month = month.compact();
        format!("\"7111\",{month},{number},1,0,01,{count},{units},{cost},{insurance},0,{own},0,0,0,0,0,0")
    });
    let rows: Vec<String> = heads.chain(statements).collect();
    let mut file = format!("1,1,0,{},711,0,0,{number},0,7,{},0\r\n", rows.len(), month.compact());
    for (line, row) in (2..).zip(&rows) {
        // Writing to a text does not fail.
        let _ = write!(file, "2,{line},{row}\r\n");
    }
    let _ = write!(file, "3,{}\r\n", rows.len() + 2);
    file
}

/// The figures of one claim.
struct Claim {
    visit: &'static str,
    visit_units: i64,
    days: i64,
    addition: i64,
    units: i64,
    cost: i64,
    insurance: i64,
    degree: usize,
}

impl Claim {
    fn of(trade: &Trade, office: usize, key: Key) -> Self {
        let person = key.person as usize;
        let degree = (person + office) % trade.visits.len();
        let (visit, visit_units) = trade.visits[degree];
        let days = 4 + ((key.person * 7 + u64::from(key.service_month.month()) * 3) % 6) as i64;
        let plain = (visit_units + trade.per_visit.map_or(0, |(_, units)| units)) * days;
        // 介護職員等処遇改善加算 of 9.2 %, only where the sample has it; rounded half up.
        let addition = if trade.per_visit.is_some() { (plain * 92 + 500) / 1000 } else { 0 };
        let units = plain + addition;
        let cost = units * trade.price / 100;
        Self { visit, visit_units, days, addition, units, cost, insurance: cost * 9 / 10, degree }
    }

    fn rows(&self, trade: &Trade, office: &str, key: Key) -> Vec<String> {
        let Self { visit, visit_units, days, addition, units, cost, insurance, degree } = self;
        let own = cost - insurance;
        let (month, year) = (key.service_month.compact(), key.service_month.year());
        let service = trade.service;
        let head = |record: &str| {
            format!("\"7131\",{record},{month},{office},{INSURER},\"{:010}\"", FIRST_PERSON + key.person)
        };
        let birth = 1930 + key.person;
        let care = 21 + degree;
        let plain = units - addition;
        let detail = |code: &str, units: i64, count: i64, total: i64| {
            format!("{},{service},{code},{units},{count},0,0,0,{total},0,0,0,\"\"", head("02"))
        };
        let mut rows = vec![format!(
            "{},,,,,,,{birth}0105,2,{care},,{year}0101,{year}1231,1,9970001013,,,,,,,,,90,,,,{units},{insurance},{own}{}",
            head("01"),
            ",0".repeat(21)
        )];
        rows.push(detail(visit, *visit_units, *days, visit_units * days));
        if let Some((code, units)) = trade.per_visit {
            rows.push(detail(code, units, *days, units * days));
            rows.push(detail("6108", *addition, 1, *addition));
        }
        let outside = if *addition == 0 { "0".to_owned() } else { addition.to_string() };
        rows.push(format!(
            "{},{service},{days},{plain},{plain},{outside},,,{units},{},{insurance},{own}{}{}",
            head("10"),
            trade.price,
            ",0".repeat(9),
            ",".repeat(12)
        ));
        rows
    }
}

#[cfg(test)]
mod tests {
    use kokuho::Severity;

    use super::*;

    /// Every file of the history passes the check that a clerk's file must pass.
    #[test]
    fn every_file_passes_the_check() {
        for office in 0..OFFICES.len() {
            for count in 0..24 {
                let month: Month = "2024-06".parse::<Month>().unwrap().plus(count);
                let mut keys: Vec<Key> =
                    (1..=PERSONS).map(|person| Key { service_month: month.plus(-1), person }).collect();
                keys.push(Key { service_month: month.plus(-3), person: 2 });
                keys.sort();
                let file = claim_file(office, month, &keys);
                let report = kokuho::check(file.as_bytes(), None).unwrap();
                let errors: Vec<_> = report.findings.iter().filter(|f| f.severity != Severity::Info).collect();
                assert!(errors.is_empty(), "{month} {office}: {errors:?}\n{file}");
                assert_eq!((report.claims, report.service_months.len()), (10, 2));
            }
        }
    }
}
