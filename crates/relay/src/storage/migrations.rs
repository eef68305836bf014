//! Numbered, append-only upgrades of the database.

use std::path::Path;

use rusqlite::backup::Progress;
use rusqlite::{Connection, MAIN_DB, TransactionBehavior};

use super::{Error, Result};

/// The steps from an empty database to the newest version; step `n` stands at `n - 1`. Never edit one that shipped.
const STEPS: &[&str] = &[include_str!("1.sql"), include_str!("2.sql"), include_str!("3.sql")];

/// Brings the database to the newest version. A database that holds something is copied aside before.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<()> {
    run_steps(connection, path, STEPS)
}

fn run_steps(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    let known = steps.len() as u32;
    let found = version(connection)?;
    if found > known {
        return Err(Error::TooNew { found, known });
    }
    if found > 0 && found < known {
        connection.backup(MAIN_DB, path.with_extension(format!("v{found}.db")), None::<fn(Progress)>)?;
    }
    for step in found..known {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        if version(&transaction)? == step {
            transaction.execute_batch(steps.get(step as usize).copied().unwrap_or_default())?;
            transaction.pragma_update(None, "user_version", step + 1)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Connection {
        Connection::open(path).unwrap()
    }

    #[test]
    fn refuses_a_newer_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let mut connection = open(&path);
        connection.pragma_update(None, "user_version", STEPS.len() as u32 + 1).unwrap();
        assert!(matches!(run(&mut connection, &path), Err(Error::TooNew { .. })));
    }

    #[test]
    fn a_failing_step_leaves_nothing_behind_and_a_copy_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let mut connection = open(&path);
        let broken = ["CREATE TABLE a (x);", "CREATE TABLE b (x); SELECT nothing FROM nowhere;"];
        run_steps(&mut connection, &path, &broken[..1]).unwrap();
        connection.execute("INSERT INTO a VALUES (7)", []).unwrap();
        assert!(run_steps(&mut connection, &path, &broken).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM b").is_err());
        let copy = open(&folder.path().join("relay.v1.db"));
        assert_eq!(copy.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[test]
    fn running_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let mut connection = open(&path);
        run(&mut connection, &path).unwrap();
        run(&mut connection, &path).unwrap();
        assert_eq!(version(&connection).unwrap() as usize, STEPS.len());
    }
}
