use chrono::NaiveDateTime;
use rusqlite::{Row, params};

use crate::text::Stamp;
use crate::{Result, Store};

/// What a person decides about a returned claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// The claim that it is about, in the spelling of the ledger.
    pub case_key: String,
    /// What was decided, for example `close` or `reopen`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A decision that was made. Never changed and never removed; a later one about the same claim counts instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Position in the order in which decisions were made; ascending.
    pub id: i64,
    /// What was decided, by whom and why.
    pub decision: NewDecision,
    /// When.
    pub at: NaiveDateTime,
}

impl Store {
    /// Keeps decisions, all or none of them, in their order.
    pub fn decide(&self, decisions: Vec<NewDecision>, now: NaiveDateTime) -> Result<Vec<Decision>> {
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO decision (case_key, kind, reason, decided_by, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let mut kept = Vec::with_capacity(decisions.len());
            for decision in decisions {
                insert.execute(params![decision.case_key, decision.kind, decision.reason, decision.by, Stamp(now)])?;
                kept.push(Decision { id: tx.last_insert_rowid(), decision, at: now });
            }
            Ok(kept)
        })
    }

    /// Returns all decisions, oldest first.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT * FROM decision ORDER BY id")?;
        Ok(query.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        id: row.get("id")?,
        decision: NewDecision {
            case_key: row.get("case_key")?,
            kind: row.get("kind")?,
            reason: row.get("reason")?,
            by: row.get("decided_by")?,
        },
        at: row.get::<_, Stamp>("decided_at")?.0,
    })
}
