//! What the demonstration remembers.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::sql::{Tx, values};
use super::submissions::{end_cancelling, record, works};
use super::{Change, Error, NewDocument, Result, Storage, Work, documents};
use crate::clock::wire;

/// A demonstration as it was left.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Its time.
    pub now: DateTime<FixedOffset>,
    /// The simulated 国保連, once it took something.
    pub snapshot: Option<Vec<u8>>,
    /// Submission of each reference of the simulated 国保連.
    pub references: HashMap<u64, i64>,
    /// Months of history that are still being played; 0 once the demonstration has begun.
    pub history: u32,
}

/// Everything that one step of the demonstration changed; kept as a whole or not at all.
#[derive(Debug, Clone)]
pub struct Step {
    /// Time of the demonstration.
    pub now: DateTime<FixedOffset>,
    /// The simulated 国保連.
    pub snapshot: Vec<u8>,
    /// New references: what the simulated 国保連 calls which submission.
    pub references: Vec<(u64, i64)>,
    /// New states, oldest first.
    pub changes: Vec<Change>,
    /// Cancellations that ended, after these states: done or failed.
    pub cancellations: Vec<(Change, bool)>,
    /// New documents, oldest first; their contents are durable.
    pub documents: Vec<NewDocument>,
}

impl Step {
    /// Returns a step in which nothing has happened yet.
    pub fn at(now: DateTime<FixedOffset>) -> Self {
        Self {
            now,
            snapshot: Vec::new(),
            references: Vec::new(),
            changes: Vec::new(),
            cancellations: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Returns whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.references.is_empty()
            && self.changes.is_empty()
            && self.cancellations.is_empty()
            && self.documents.is_empty()
    }
}

impl Storage {
    /// Returns the demonstration as it was left, or `None` before its first start.
    pub async fn simulation(&self) -> Result<Option<Simulation>> {
        self.read(|tx| {
            let row: Option<(String, Option<Vec<u8>>, u32)> =
                tx.row("SELECT now, simulation, history FROM demo", values![], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
            let Some((now, snapshot, history)) = row else { return Ok(None) };
            let now = DateTime::parse_from_rfc3339(&now).map_err(|_| Error::Corrupt("time"))?;
            let sql = "SELECT reference, submission FROM demo_reference";
            let references = tx.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();
            Ok(Some(Simulation { now, snapshot, references, history }))
        })
        .await
    }

    /// Keeps where the demonstration stands: its time, and how many months of history are still being played.
    pub async fn keep_demo_history(&self, now: DateTime<FixedOffset>, history: u32) -> Result<()> {
        self.write(move |tx| {
            keep_time(tx, now)?;
            tx.execute("UPDATE demo SET history = ?1", values![history])?;
            Ok(())
        })
        .await
    }

    /// Keeps the time of the demonstration.
    pub async fn keep_demo_time(&self, now: DateTime<FixedOffset>) -> Result<()> {
        self.write(move |tx| keep_time(tx, now)).await
    }

    /// Returns what was taken from the waiting ones and did not reach the simulated 国保連.
    pub async fn untransmitted(&self) -> Result<Vec<Work>> {
        self.read(|tx| {
            works(tx, "state = 'transmitting' AND submission.id NOT IN (SELECT submission FROM demo_reference)", &[])
        })
        .await
    }

    /// Keeps a step.
    pub async fn keep_step(&self, step: Step) -> Result<()> {
        self.write(move |tx| {
            keep_time(tx, step.now)?;
            tx.execute("UPDATE demo SET simulation = ?1", values![step.snapshot])?;
            for (reference, submission) in &step.references {
                tx.execute(
                    "INSERT INTO demo_reference (submission, reference) VALUES (?1, ?2)",
                    values![submission, *reference],
                )?;
            }
            for change in &step.changes {
                record(tx, change)?;
            }
            for (change, done) in &step.cancellations {
                end_cancelling(tx, change, *done, None)?;
            }
            for document in &step.documents {
                documents::append(tx, document)?;
            }
            Ok(())
        })
        .await
    }

    /// Returns whether nothing was ever stored.
    pub async fn is_empty(&self) -> Result<bool> {
        self.read(|tx| tx.only("SELECT NOT EXISTS (SELECT 1 FROM corporation)", values![], |row| row.get(0))).await
    }

    /// Returns when a terminal last reached 国保連.
    pub async fn last_contact(&self) -> Result<Option<String>> {
        self.read(|tx| tx.row("SELECT at FROM contact", values![], |row| row.get(0))).await
    }
}

/// Keeps the time of the demonstration, at which its terminal asked the simulated 国保連 what is new.
fn keep_time(tx: &Tx<'_>, now: DateTime<FixedOffset>) -> Result<()> {
    let now = wire(now);
    tx.execute(
        "INSERT INTO demo (id, now) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET now = excluded.now",
        values![&now],
    )?;
    tx.execute(
        "INSERT INTO contact (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
        values![&now],
    )?;
    Ok(())
}
