//! Claim files for tests: the fixtures, and variants of the clean one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
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

/// Returns the SHA-256 of a file in lower-case hexadecimal digits.
///
/// # Errors
///
/// Fails when it cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    Ok(hex::encode(Sha256::digest(fs::read(path)?)))
}
