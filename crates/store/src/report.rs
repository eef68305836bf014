use rusqlite::Connection;

use crate::migrate;
use crate::open::DATABASE;
use crate::{Result, Store};

/// How the database is, in figures: nothing of what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Number of steps that it has been through.
    pub version: u32,
    /// Size of its file in bytes, without the write-ahead log.
    pub bytes: u64,
    /// Rows of each table, by name.
    pub rows: Vec<(String, u64)>,
    /// The first thing that is wrong; `None` when every page, reference and file is whole.
    pub fault: Option<String>,
}

impl Store {
    /// Looks at the whole database. Takes as long as reading it.
    pub fn report(&self) -> Result<Report> {
        let fault = self.verify().err().map(|error| error.to_string());
        let db = self.db();
        Ok(Report {
            version: migrate::version(&db)? as u32,
            bytes: std::fs::metadata(self.dir().join(DATABASE))?.len(),
            rows: tables(&db)?,
            fault,
        })
    }
}

fn tables(db: &Connection) -> Result<Vec<(String, u64)>> {
    let mut query =
        db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1")?;
    let names: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    names
        .into_iter()
        .map(|name| {
            // The name comes from the schema and holds letters and underscores only.
            let rows: i64 = db.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0))?;
            Ok((name, rows.max(0) as u64))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{Key, Store};

    #[test]
    fn a_report_counts_and_names_no_content() {
        let dir = tempfile::tempdir().unwrap();
        let now = "2026-06-05T09:30:00".parse().unwrap();
        let store = Store::open(dir.path(), &Key::from_bytes([7; 32]), now).unwrap();
        store.set_setting("person", "山田").unwrap();
        let report = store.report().unwrap();
        assert_eq!(report.fault, None);
        assert!(report.version > 0 && report.bytes > 0, "{report:?}");
        assert!(report.rows.contains(&("setting".to_owned(), 1)), "{report:?}");
        assert!(!format!("{report:?}").contains("山田"));
    }
}
