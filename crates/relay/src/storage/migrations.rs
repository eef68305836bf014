//! Numbered, append-only upgrades of the database.
//!
//! A step adds: tables, columns with a default, indexes, triggers. It never removes or renames, so that a relay of the
//! version before goes on serving while the database is upgraded under it.

use super::{Error, Result};

/// One upgrade, for each kind of database.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

macro_rules! step {
    ($number:literal) => {
        Step {
            sqlite: include_str!(concat!($number, ".sql")),
            postgres: include_str!(concat!($number, ".postgres.sql")),
        }
    };
}

/// The steps from an empty database to the newest version; step `n` stands at `n - 1`. Never edit one that shipped.
pub(super) const STEPS: &[Step] =
    &[step!("1"), step!("2"), step!("3"), step!("4"), step!("5"), step!("6"), step!("7"), step!("8"), step!("9")];

/// Returns the steps that a database of version `found` lacks, each with the version before it.
pub(super) fn missing(steps: &[Step], found: u32) -> Result<Vec<(u32, Step)>> {
    let known = steps.len() as u32;
    if found > known {
        return Err(Error::TooNew { found, known });
    }
    Ok((found..known).zip(steps.iter().skip(found as usize).copied()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rusqlite::Connection;

    use super::*;

    /// Returns what a step does to what the version before knows, if anything.
    fn takes_away(sql: &str) -> Option<String> {
        let plain: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
        let text = plain.join(" ");
        let mut made = BTreeSet::new();
        for statement in text.split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            let is_additive = match words.as_slice() {
                [] | ["END"] | ["CREATE", "TRIGGER" | "INDEX", ..] | ["INSERT" | "UPDATE", ..] => true,
                ["CREATE", "TABLE", name, ..] => made.insert(*name),
                // A new rule may refuse what the version before writes, unless the table is new as well.
                ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => made.contains(table),
                ["ALTER", "TABLE", _, "ADD", "COLUMN", rest @ ..] => {
                    let rest = rest.join(" ");
                    !rest.contains("NOT NULL") || rest.contains("DEFAULT")
                }
                _ => false,
            };
            if !is_additive {
                return Some(words.join(" "));
            }
        }
        None
    }

    #[test]
    fn no_step_takes_anything_away() {
        for (number, step) in (1..).zip(STEPS).skip(1) {
            assert_eq!(takes_away(step.sqlite), None, "step {number} of SQLite");
            assert_eq!(takes_away(step.postgres), None, "step {number} of PostgreSQL");
        }
    }

    #[test]
    fn a_step_that_takes_something_away_would_be_found() {
        for sql in [
            "CREATE TABLE a (x); DROP TABLE submission;",
            "ALTER TABLE submission DROP COLUMN test;",
            "ALTER TABLE submission RENAME COLUMN test TO practice;",
            "ALTER TABLE submission RENAME TO file;",
            "ALTER TABLE submission ADD COLUMN note TEXT NOT NULL;",
            "ALTER TABLE submission ALTER COLUMN state TYPE BIGINT;",
            "CREATE UNIQUE INDEX one_name ON office (name);",
            "DELETE FROM submission;",
            "DROP INDEX submission_to_cancel; -- and nothing else",
        ] {
            assert!(takes_away(sql).is_some(), "{sql}");
        }
    }

    fn columns(database: &Connection, table: &str) -> Vec<(String, bool)> {
        let sql = "SELECT name, \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?1)";
        let mut found = database.prepare(sql).unwrap();
        let rows = found.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Whatever the version before can write and read, it can on the tables of the next one.
    #[test]
    fn statements_of_each_version_run_on_the_tables_of_all_later_ones() {
        for version in 1..STEPS.len() {
            let database = Connection::open_in_memory().unwrap();
            let take = |steps: &[Step]| steps.iter().for_each(|step| database.execute_batch(step.sqlite).unwrap());
            take(&STEPS[..version]);
            let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let mut tables = database.prepare(tables).unwrap();
            let tables = tables.query_map([], |row| row.get(0)).unwrap();
            let tables: Vec<String> = tables.collect::<rusqlite::Result<_>>().unwrap();
            let before: Vec<_> = tables.into_iter().map(|table| (columns(&database, &table), table)).collect();
            take(&STEPS[version..]);
            for (known, table) in before {
                let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                let (list, places) = (names.join(", "), vec!["?"; names.len()].join(", "));
                for sql in [
                    format!("SELECT {list} FROM {table}"),
                    format!("INSERT INTO {table} ({list}) VALUES ({places})"),
                    format!("UPDATE {table} SET {} = ?", names.join(" = ?, ")),
                ] {
                    assert!(database.prepare(&sql).is_ok(), "version {version}: {sql}");
                }
                let needed = columns(&database, &table).into_iter().filter(|(_, needed)| *needed);
                let new: Vec<_> = needed.filter(|(name, _)| !names.contains(&name.as_str())).collect();
                assert_eq!(new, [], "version {version} knows nothing of these columns of {table}");
            }
        }
    }
}
