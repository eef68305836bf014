//! What operation asks of the memory: copies, soundness, figures.

use std::path::PathBuf;

use rusqlite::MAIN_DB;
use rusqlite::backup::Progress;

use super::{Result, Storage, unsigned};

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
    /// Copies the database to `path` as it stands at one moment, while others read and write.
    pub async fn copy_to(&self, path: PathBuf) -> Result<()> {
        self.read(move |tx| Ok(tx.backup(MAIN_DB, &path, None::<fn(Progress)>)?)).await
    }

    /// Returns what is wrong with the database, if anything is.
    pub async fn damage(&self) -> Result<Option<String>> {
        self.read(|tx| {
            let said: String = tx.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            Ok((said != "ok").then_some(said))
        })
        .await
    }

    /// Returns every content that the database speaks of.
    pub async fn kept(&self) -> Result<Vec<Kept>> {
        self.read(|tx| {
            let mut statement = tx.prepare(
                "SELECT 0, corporation, sha256 FROM submission WHERE state <> 'announced'
                 UNION ALL SELECT DISTINCT 1, corporation, sha256 FROM document",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Kept { is_document: row.get(0)?, corporation: row.get(1)?, sha256: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Returns the figures of the moment.
    pub async fn figures(&self) -> Result<Figures> {
        self.read(|tx| {
            let mut states = tx.prepare("SELECT state, count(*) FROM submission GROUP BY state ORDER BY state")?;
            let mut beats = tx.prepare(
                "SELECT client_id, job, at FROM heartbeat JOIN terminal ON terminal.id = terminal
                 WHERE NOT retired ORDER BY client_id, job",
            )?;
            let mut certificates = tx.prepare("SELECT name, expires_on FROM certificate ORDER BY name")?;
            let count = |sql: &str| tx.query_row(sql, [], |row| unsigned(row, 0));
            Ok(Figures {
                submissions: states
                    .query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?
                    .collect::<rusqlite::Result<_>>()?,
                documents: count("SELECT count(*) FROM document")?,
                open_applications: count("SELECT count(*) FROM application WHERE state = 'open'")?,
                waiting_since: tx.query_row(
                    "SELECT min(at) FROM state_change JOIN submission ON submission.id = submission
                     WHERE submission.state = 'waiting' AND state_change.state = 'waiting'",
                    [],
                    |row| row.get(0),
                )?,
                heartbeats: beats
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect::<rusqlite::Result<_>>()?,
                last_contact: tx.query_row("SELECT max(at) FROM contact", [], |row| row.get(0))?,
                certificates: certificates
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<rusqlite::Result<_>>()?,
            })
        })
        .await
    }
}
