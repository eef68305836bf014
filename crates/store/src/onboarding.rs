use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};

use crate::text::Stamp;
use crate::{Result, Store};

impl Store {
    /// Returns the latest text of a page of the onboarding（利用開始）, or `None` when nothing was ever written on it.
    pub fn onboarding_page(&self, name: &str) -> Result<Option<String>> {
        let db = self.db();
        let mut query =
            db.prepare_cached("SELECT body FROM onboarding_page WHERE name = ?1 ORDER BY id DESC LIMIT 1")?;
        Ok(query.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Keeps a new text of a page, as JSON; what stood there before stays in the database. The same text once more is not
    /// kept again. Returns whether it was new.
    pub fn write_onboarding_page(&self, name: &str, body: &str, now: NaiveDateTime) -> Result<bool> {
        self.write(|tx| {
            let before: Option<String> = tx
                .query_row("SELECT body FROM onboarding_page WHERE name = ?1 ORDER BY id DESC LIMIT 1", [name], |row| {
                    row.get(0)
                })
                .optional()?;
            if before.as_deref() == Some(body) {
                return Ok(false);
            }
            tx.execute(
                "INSERT INTO onboarding_page (name, body, written_at) VALUES (?1, ?2, ?3)",
                params![name, body, Stamp(now)],
            )?;
            Ok(true)
        })
    }
}
