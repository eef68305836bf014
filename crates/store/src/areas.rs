use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use rusqlite::params;

use crate::text::{MonthText, OfficeText, Stamp};
use crate::{Result, Store};

/// What a person said about the 地域区分 of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeArea {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// First サービス提供年月 for which it holds.
    pub from: Month,
    /// Name of the grade; `None` takes back what was set from this month on.
    pub area: Option<String>,
    /// Who said so.
    pub by: String,
}

impl Store {
    /// Keeps the 地域区分 of an office from a month on; it counts instead of what was said before.
    pub fn set_area(&self, area: &OfficeArea, now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO office_area (office, from_month, area, decided_at, decided_by) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![area.office.as_str(), MonthText(area.from), area.area, Stamp(now), area.by],
            )?;
            Ok(())
        })
    }

    /// Returns everything that was said about the 地域区分 of offices, oldest first.
    pub fn areas(&self) -> Result<Vec<OfficeArea>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT * FROM office_area ORDER BY id")?;
        let rows = query.query_map([], |row| {
            Ok(OfficeArea {
                office: row.get::<_, OfficeText>("office")?.0,
                from: row.get::<_, MonthText>("from_month")?.0,
                area: row.get("area")?,
                by: row.get("decided_by")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
