//! Numbered, append-only upgrades of the database.
//!
//! A step adds: tables, columns with a default, indexes, triggers. It never removes or renames, so that a relay of the
//! version before goes on serving while the database is upgraded under it.

use super::{Error, Result};

/// One upgrade, for each kind of database.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

macro_rules! step {
    ($number:literal) => {
        Step {
            sqlite: include_str!(concat!($number, ".sql")),
            postgres: include_str!(concat!($number, ".postgres.sql")),
        }
    };
}

/// The steps from an empty database to the newest version; step `n` stands at `n - 1`. Never edit one that shipped.
pub(super) const STEPS: &[Step] = &[step!("1"), step!("2"), step!("3"), step!("4"), step!("5"), step!("6"), step!("7")];

/// Returns the steps that a database of version `found` lacks, each with the version before it.
pub(super) fn missing(steps: &[Step], found: u32) -> Result<Vec<(u32, Step)>> {
    let known = steps.len() as u32;
    if found > known {
        return Err(Error::TooNew { found, known });
    }
    Ok((found..known).zip(steps.iter().skip(found as usize).copied()).collect())
}
