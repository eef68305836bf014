//! Years of claim files and of the notices that the simulated 国保連 answered them with, as they lie in an office's folder.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use calendar::Month;
use chrono::{NaiveDateTime, TimeDelta};
use kokuhoren_sim::{Event, Kokuhoren, Rates, Scenario};

use crate::claims::fixture;

/// What [`write`] laid down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written {
    /// Number of files.
    pub files: usize,
    /// Their bytes together.
    pub bytes: u64,
}

/// How much history there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Offices.
    pub offices: usize,
    /// Months of each, from 2024-06 on.
    pub months: i32,
    /// Persons of each office, every month the same ones.
    pub persons: usize,
}

/// Writes the history of `size` into `folder`: one folder per office and month. The same size gives the same files.
///
/// # Errors
///
/// Fails when the disk refuses, or the fixture is not what it was.
pub fn write(folder: &Path, size: Size) -> Result<Written> {
    let sample = String::from_utf8(fs::read(fixture("KK260601.CSV"))?)?;
    let person: Vec<&str> = sample.lines().filter(|line| line.contains("\"0000000101\"")).collect();
    let first: Month = "2024-06".parse().context("a month")?;
    let mut written = Written::default();
    for number in 0..size.offices {
        let office = office(number);
        let scenario = Scenario {
            seed: number as u64,
            verdicts: Vec::new(),
            rates: Rates { returned: 50, held: 30, reduced: 20, hold_returned: 300 },
            ..Scenario::demo()
        };
        let mut kokuhoren = Kokuhoren::new(scenario);
        let mut keep = |path: &Path, bytes: &[u8]| -> Result<()> {
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(path, bytes)?;
            written.files += 1;
            written.bytes += bytes.len() as u64;
            Ok(())
        };
        let mut month = first;
        for _ in 0..size.months {
            let claim = claim(&office, month, size.persons, &person)?;
            keep(&folder.join(&office).join(month.to_string()).join("KK000001.CSV"), &claim)?;
            let sent: NaiveDateTime = month.day(5).and_hms_opt(10, 0, 0).context("a time")?;
            kokuhoren.submit(&claim, sent);
            // Until just before the next file: the review of this month and the payment of the one before.
            let until = month.next().day(5).and_hms_opt(10, 0, 0).context("a time")? - TimeDelta::seconds(1);
            for event in kokuhoren.advance(until) {
                if let Event::Document { file_name, bytes, at, .. } = event {
                    keep(&folder.join(&office).join(at.date().to_string()).join(file_name), &bytes)?;
                }
            }
            month = month.next();
        }
    }
    Ok(written)
}

/// Returns the number of an invented office of prefecture 99, with its check digit（rules.md §5）.
pub fn office(number: usize) -> String {
    let body = format!("997{number:06}");
    let sum: u32 = body
        .bytes()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = u32::from(digit - b'0') * weight;
            product / 10 + product % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Makes the claim file of one office and month: `persons` like person 101 of the fixture, with sums that fit.
fn claim(office: &str, processing: Month, persons: usize, person: &[&str]) -> Result<Vec<u8>> {
    let service = processing.plus(-1).compact();
    let records = persons * person.len() + 1;
    let mut claim = format!("1,1,0,{records},711,0,0,{office},0,7,{},0\r\n", processing.compact());
    let (units, cost, insurance, own) = (6098 * persons, 63_724 * persons, 57_351 * persons, 6373 * persons);
    write!(
        claim,
        "2,2,\"7111\",{service},{office},1,0,01,{persons},{units},{cost},{insurance},0,{own},0,0,0,0,0,0\r\n"
    )?;
    let mut number = 2;
    for insured in 1..=persons {
        for line in person {
            number += 1;
            let rest = line.splitn(3, ',').nth(2).context("a data record")?;
            let rest = rest
                .replacen("\"0000000101\"", &format!("\"{insured:010}\""), 1)
                .replace("202605", &service)
                .replace("9970000015", office);
            write!(claim, "2,{number},{rest}\r\n")?;
        }
    }
    write!(claim, "3,{}\r\n", number + 1)?;
    Ok(claim.into_bytes())
}
