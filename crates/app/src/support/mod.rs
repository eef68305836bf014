//! Help for the person who helps: whether everything works, one file to hand over, and copies of the database.

mod bundle;
mod copies;
mod health;
mod redact;

#[cfg(test)]
mod tests;

pub use bundle::{Program, support_file};
pub use copies::{CopyView, copies, restore_copy};
pub(crate) use health::{CLOCK_OFF, off_words};
pub use health::{HealthItemView, HealthState, HealthView, health};
pub use redact::redacted;

use std::path::{Path, PathBuf};

/// Returns the folder of the log files beside the database in `data`.
pub fn logs(data: &Path) -> PathBuf {
    data.join("logs")
}
