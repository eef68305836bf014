//! Claim files for tests: the fixtures, and variants of the clean one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Office of the fixtures.
pub const OFFICE: &str = "9970000015";

/// Returns the path of a fixture.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Writes the clean claim as if `office` had made it for `service` and sent it in `processing` (both `YYYYMM`).
///
/// Every amount stays as it is, so that the copy is as clean as the original.
///
/// # Errors
///
/// Fails when the disk refuses.
pub fn clean_claim(folder: &Path, name: &str, office: &str, service: &str, processing: &str) -> Result<PathBuf> {
    // The claim holds half-width characters only, so that it reads as ASCII.
    let text = String::from_utf8(fs::read(fixture("KK260601.CSV"))?)?;
    let text = text.replace(OFFICE, office).replace("202606", processing).replace("202605", service);
    let path = folder.join(name);
    fs::write(&path, text)?;
    Ok(path)
}

/// Writes a claim of `office` for `service` (`YYYYMM`), processed in 2026-06, in which `person` stands in the place of person 101:
/// one whose first file meets a mishap at the simulated 国保連, such as 0000000911 a 伝送エラー.
///
/// # Errors
///
/// Fails when the disk refuses.
pub fn stumbling_claim(folder: &Path, name: &str, office: &str, person: &str, service: &str) -> Result<PathBuf> {
    let path = clean_claim(folder, name, office, service, "202606")?;
    let text = fs::read_to_string(&path)?.replace("\"0000000101\"", &format!("\"{person}\""));
    fs::write(&path, text)?;
    Ok(path)
}

/// Returns the SHA-256 of a file in lower-case hexadecimal digits.
///
/// # Errors
///
/// Fails when it cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    Ok(hex::encode(Sha256::digest(fs::read(path)?)))
}

/// Makes a claim for so many persons, each like person 101 of the fixture, with sums that fit. Where `spoiled`, nobody has a
/// day of birth: one error each.
///
/// # Errors
///
/// Fails when the fixture cannot be read.
pub fn crowd(persons: usize, spoiled: bool) -> Result<Vec<u8>> {
    let sample = String::from_utf8(fs::read(fixture("KK260601.CSV"))?)?;
    let person: Vec<&str> = sample.lines().filter(|line| line.contains("\"0000000101\"")).collect();
    let records = persons * person.len() + 1;
    let mut claim = Vec::new();
    write!(claim, "1,1,0,{records},711,0,0,{OFFICE},0,7,202606,0\r\n")?;
    let (units, cost, insurance, own) = (6098 * persons, 63_724 * persons, 57_351 * persons, 6373 * persons);
    write!(claim, "2,2,\"7111\",202605,{OFFICE},1,0,01,{persons},{units},{cost},{insurance},0,{own},0,0,0,0,0,0\r\n")?;
    let mut number = 2;
    for insured in 1..=persons {
        for line in &person {
            number += 1;
            let rest = line.splitn(3, ',').nth(2).context("a data record")?;
            let rest = rest.replacen("\"0000000101\"", &format!("\"{insured:010}\""), 1);
            let rest = if spoiled { rest.replacen(BIRTH, "", 1) } else { rest };
            write!(claim, "2,{number},{rest}\r\n")?;
        }
    }
    write!(claim, "3,{}\r\n", number + 1)?;
    Ok(claim)
}

/// Day of birth of person 101 of the fixture.
const BIRTH: &str = "19400105";
