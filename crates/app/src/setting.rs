//! Settings: what is remembered between two starts and is neither a file nor a decision of a person about one.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::App;
use crate::problem::{Code, Problem};

pub(crate) const RELAY: &str = "relay_url";
pub(crate) const ACCOUNT: &str = "account";
/// Names of offices by number, so that they are known while nobody is signed in.
pub(crate) const OFFICE_NAMES: &str = "office_names";
/// All that signed in here and did not sign out.
pub(crate) const ACCOUNTS: &str = "accounts";
pub(crate) const CLOCK_OFFSET: &str = "clock_offset_seconds";
/// There while the relay is known to run a demonstration.
pub(crate) const DEMO: &str = "demo";
/// Who works on this computer.
pub(crate) const PERSON: &str = "person";
/// Filters of the worklist that a person gave a name.
pub(crate) const SAVED_FILTERS: &str = "worklist_filters";
/// Until which day of the month an insurer takes 過誤申立, by 保険者番号.
pub(crate) const KAGO_DAYS: &str = "kago_days";
/// Folders and files of an import that has not ended.
pub(crate) const UNFINISHED_IMPORT: &str = "unfinished_import";
/// What a person set for everyday work.
pub(crate) const PREFERENCES: &str = "preferences";
/// The company's own root certificate, PEM.
pub(crate) const COMPANY_ROOT: &str = "company_root";
/// Files that were looked at last.
pub(crate) const RECENT_FILES: &str = "recent_files";
/// Files of the watched folder that were found before.
pub(crate) const SEEN_FILES: &str = "seen_files";
/// Messages that the operating system has shown.
pub(crate) const TOLD_NEWS: &str = "told_news";

impl App {
    /// Returns what is kept under `name`, as JSON. What cannot be read, as after an older version, counts as not kept: every
    /// setting can be set again, and a start must not fail for one.
    pub(crate) async fn setting<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, Problem> {
        let text = self.store(move |store| store.setting(name)).await?;
        Ok(text.and_then(|text| match serde_json::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(cause = %error, name, "A setting cannot be read");
                None
            }
        }))
    }

    /// Keeps `value` under `name`, as JSON, in place of what is there.
    pub(crate) async fn keep_setting(&self, name: &'static str, value: &impl Serialize) -> Result<(), Problem> {
        let text = as_json(value)?;
        self.store(move |store| store.set_setting(name, &text)).await
    }
}

/// Writes a setting as JSON.
///
/// # Errors
///
/// [`Code::Internal`] for what JSON cannot hold, as a map whose keys are no texts.
pub(crate) fn as_json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(cause = %error, "A setting cannot be written");
        Code::Internal.into()
    })
}
