use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use rusqlite::params;

use crate::text::{MonthText, OfficeText, Stamp};
use crate::{Result, Store};

/// What a person decides about a month of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClosing {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// `claims`, `payment` or `reopen`.
    pub kind: String,
    /// The figures as they were, as JSON; `{}` for a reopening.
    pub figures: String,
    /// Why; only a reopening needs one.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A closing or reopening that was decided. Never changed and never removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What was decided, by whom and why.
    pub closing: NewClosing,
    /// When.
    pub at: NaiveDateTime,
}

impl Store {
    /// Keeps closings, all of them or none.
    pub fn close_months(&self, closings: &[NewClosing], now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO closing (office, processing_month, kind, figures, reason, decided_by, decided_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for closing in closings {
                insert.execute(params![
                    closing.office.as_str(),
                    MonthText(closing.processing_month),
                    closing.kind,
                    closing.figures,
                    closing.reason,
                    closing.by,
                    Stamp(now)
                ])?;
            }
            Ok(())
        })
    }

    /// Returns all closings and reopenings, oldest first.
    pub fn closings(&self) -> Result<Vec<Closing>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT * FROM closing ORDER BY id")?;
        let rows = query.query_map([], |row| {
            Ok(Closing {
                closing: NewClosing {
                    office: row.get::<_, OfficeText>("office")?.0,
                    processing_month: row.get::<_, MonthText>("processing_month")?.0,
                    kind: row.get("kind")?,
                    figures: row.get("figures")?,
                    reason: row.get("reason")?,
                    by: row.get("decided_by")?,
                },
                at: row.get::<_, Stamp>("decided_at")?.0,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
