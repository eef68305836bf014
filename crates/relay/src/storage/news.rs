//! What is new for whom: a number that grows with every change that a client should see.

use super::sql::{Tx, values};
use super::{Result, Scoped, Storage};
use crate::session::Scope;

/// A change that clients of an office should see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// Row of the corporation.
    pub corporation: i64,
    /// Row of the office.
    pub office: i64,
    /// Number of the change; ascends over everything.
    pub revision: u64,
}

impl Storage {
    /// Returns what changed after `revision`, for everybody, oldest first: one line per office, with its newest change.
    pub async fn news(&self, revision: u64) -> Result<Vec<News>> {
        self.read(move |tx| {
            let sql = "SELECT corporation, office.id, revision FROM news JOIN office ON office.id = news.office
                       WHERE revision > ?1 ORDER BY revision";
            tx.rows(sql, values![revision], |row| {
                Ok(News { corporation: row.get(0)?, office: row.get(1)?, revision: row.get(2)? })
            })
        })
        .await
    }

    /// Returns the newest change of all.
    pub async fn newest_revision(&self) -> Result<u64> {
        self.read(|tx| tx.only("SELECT coalesce(max(revision), 0) FROM news", &[], |row| row.get(0))).await
    }

    /// Returns the newest change that the client may see, 0 when there is none.
    pub async fn revision(&self, scope: Scope) -> Result<u64> {
        self.read(move |tx| {
            let sql = "SELECT coalesce(max(revision), 0) FROM news JOIN my_office ON my_office.id = news.office";
            Ok(Scoped::new(tx, scope).row(sql, &[], |row| row.get(0))?.unwrap_or(0))
        })
        .await
    }
}

/// Notes that something of `office` changed.
pub(super) fn note(tx: &Tx<'_>, office: i64) -> Result<()> {
    // Writers stand in one line, so that no two take the same number.
    tx.execute(
        "INSERT INTO news (office, revision) VALUES (?1, (SELECT coalesce(max(revision), 0) + 1 FROM news))
         ON CONFLICT (office) DO UPDATE SET revision = excluded.revision",
        values![office],
    )?;
    Ok(())
}
