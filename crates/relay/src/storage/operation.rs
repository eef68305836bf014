//! What operation asks of the memory: copies, soundness, figures.

use std::path::PathBuf;

use super::submissions::CONTENT;
use super::{Back, Error, Result, Storage};

/// A content that the database speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// A notice file; else a claim file.
    pub is_document: bool,
    /// Row of the corporation.
    pub corporation: i64,
    /// SHA-256 of the content.
    pub sha256: String,
}

/// Figures of the moment, for monitoring. Numbers only: no names, no offices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Submissions by state, under the names of the wire.
    pub submissions: Vec<(String, u64)>,
    /// Notice files.
    pub documents: u64,
    /// Applications that are open.
    pub open_applications: u64,
    /// When the oldest file that waits for a terminal was received, as on the wire.
    pub waiting_since: Option<String>,
    /// Last sign of life by terminal and job, as on the wire.
    pub heartbeats: Vec<(String, String, String)>,
    /// Last contact with 国保連, as on the wire.
    pub last_contact: Option<String>,
    /// Last day of each certificate.
    pub certificates: Vec<(String, String)>,
}

impl Storage {
    /// Returns whether several relays may share the database.
    pub fn is_shared(&self) -> bool {
        matches!(self.back, Back::Postgres(_))
    }

    /// Copies the database to `path` as it stands at one moment, while others read and write.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Elsewhere`] for PostgreSQL, which has tools of its own for that.
    pub async fn copy_to(&self, path: PathBuf) -> Result<()> {
        match &self.back {
            Back::Sqlite(sqlite) => sqlite.copy_to(path).await,
            Back::Postgres(_) => Err(Error::Elsewhere),
        }
    }

    /// Returns what is wrong with the database file, if anything is. PostgreSQL watches over its own.
    pub async fn damage(&self) -> Result<Option<String>> {
        match &self.back {
            Back::Sqlite(sqlite) => sqlite.damage().await,
            Back::Postgres(_) => Ok(None),
        }
    }

    /// Returns every content that the database speaks of.
    pub async fn kept(&self) -> Result<Vec<Kept>> {
        self.read(|tx| {
            // Rounds share their content.
            let sql = format!(
                "SELECT DISTINCT FALSE, corporation, {CONTENT} FROM submission WHERE state <> 'announced'
                 UNION ALL SELECT DISTINCT TRUE, corporation, sha256 FROM document"
            );
            tx.rows(&sql, &[], |row| {
                Ok(Kept { is_document: row.get(0)?, corporation: row.get(1)?, sha256: row.get(2)? })
            })
        })
        .await
    }

    /// Returns the figures of the moment.
    pub async fn figures(&self) -> Result<Figures> {
        self.read(|tx| {
            let states = "SELECT state, count(*) FROM submission GROUP BY state ORDER BY state";
            let waiting = "SELECT min(at) FROM state_change JOIN submission ON submission.id = submission
                           WHERE submission.state = 'waiting' AND state_change.state = 'waiting'";
            let beats = "SELECT client_id, job, at FROM heartbeat JOIN terminal ON terminal.id = terminal
                         WHERE NOT retired ORDER BY client_id, job";
            let certificates = "SELECT name, expires_on FROM certificate ORDER BY name";
            let count = |sql: &str| tx.only(sql, &[], |row| row.get(0));
            Ok(Figures {
                submissions: tx.rows(states, &[], |row| Ok((row.get(0)?, row.get(1)?)))?,
                documents: count("SELECT count(*) FROM document")?,
                open_applications: count("SELECT count(*) FROM application WHERE state = 'open'")?,
                waiting_since: tx.only(waiting, &[], |row| row.get(0))?,
                heartbeats: tx.rows(beats, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?,
                last_contact: tx.only("SELECT max(at) FROM contact", &[], |row| row.get(0))?,
                certificates: tx.rows(certificates, &[], |row| Ok((row.get(0)?, row.get(1)?)))?,
            })
        })
        .await
    }
}
