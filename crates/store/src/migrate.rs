//! Brings the schema up to date, step by step.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, ffi};

use crate::Key;
use crate::open::{OpenError, unlock};

/// SQL of each version, the first one first. Only ever appended to: a step that has shipped is never edited.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_files_outbox_notices.sql"),
    include_str!("../migrations/0002_areas.sql"),
    include_str!("../migrations/0003_onboarding.sql"),
    include_str!("../migrations/0004_board.sql"),
    include_str!("../migrations/0005_sealed_photos.sql"),
    include_str!("../migrations/0006_rounds.sql"),
];

/// Runs the steps that the database lacks, each in its own transaction, and returns how many there were.
///
/// A database that holds data is copied aside before its first step, while writers of other processes are kept out.
pub(crate) fn migrate(
    db: &mut Connection,
    path: &Path,
    key: &Key,
    now: NaiveDateTime,
    steps: &[&str],
) -> Result<usize, OpenError> {
    let is_new = version(db).map_err(|error| OpenError::from_sqlite(error, path))? == 0;
    let mut copy = None;
    let mut done = 0;
    loop {
        let tx = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| OpenError::from_sqlite(error, path))?;
        let version = version(&tx).map_err(|error| OpenError::from_sqlite(error, path))?;
        if version > steps.len() {
            return Err(OpenError::TooNew { found: version, known: steps.len() });
        }
        let Some(step) = steps.get(version) else { return Ok(done) };
        if !is_new && copy.is_none() {
            copy = Some(copy_aside(path, key, now, version)?);
        }
        let failed = |source| match rusqlite::Error::sqlite_error_code(&source) {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked,
            _ => OpenError::MigrationFailed { version: version + 1, copy: copy.clone(), source },
        };
        tx.execute_batch(step).map_err(failed)?;
        tx.pragma_update(None, "user_version", version as i64 + 1).map_err(failed)?;
        // Enforcement is off while steps run, so that a step may rebuild a table; hence the check at its end.
        let dangling: i64 =
            tx.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).map_err(failed)?;
        if dangling > 0 {
            return Err(OpenError::MigrationFailed {
                version: version + 1,
                copy,
                source: refusal(ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "a reference leads nowhere"),
            });
        }
        tx.commit().map_err(failed)?;
        done += 1;
        tracing::info!(version = version + 1, "Brought the database to version {}", version + 1);
    }
}

/// Returns the number of steps that the database has been through.
pub(crate) fn version(db: &Connection) -> rusqlite::Result<usize> {
    db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map(|version| version.max(0) as usize)
}

/// Puts a finding of our own into the words of the database.
fn refusal(code: i32, what: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(what.to_owned()))
}

/// Copies the last committed state, encrypted with the same key, to `copies/` and returns where it is.
pub(crate) fn copy_aside(path: &Path, key: &Key, now: NaiveDateTime, version: usize) -> Result<PathBuf, OpenError> {
    let folder = path.with_file_name("copies");
    std::fs::create_dir_all(&folder)?;
    let target = folder.join(format!("todoke-v{version}-{}.db", now.format("%Y%m%dT%H%M%S")));
    // Under another name until it is whole, so that a copy that was cut off is never taken for one.
    let part = target.with_extension("part");
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    let failed = |source| OpenError::CopyFailed { path: target.clone(), source };
    let complete = || -> rusqlite::Result<bool> {
        let source =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        unlock(&source, key)?;
        let mut copied = Connection::open(&part)?;
        unlock(&copied, key)?;
        let done = Backup::new(&source, &mut copied)?.step(-1)? == StepResult::Done;
        // The copy is a file of its own, not one of three.
        copied.pragma_update(None, "journal_mode", "delete")?;
        copied.close().map_err(|(_, error)| error)?;
        if !done {
            return Ok(false);
        }
        let copied =
            Connection::open_with_flags(&part, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        unlock(&copied, key)?;
        self::version(&copied).map(|found| found == version)
    };
    if !complete().map_err(failed)? {
        return Err(failed(refusal(ffi::SQLITE_CORRUPT, "the copy is not whole")));
    }
    // Opened for writing, because Windows flushes nothing else.
    std::fs::File::options().write(true).open(&part)?.sync_all()?;
    std::fs::rename(&part, &target)?;
    tracing::info!(version, "Copied the database of version {version} aside");
    Ok(target)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::Store;

    /// Two more steps than have shipped, so that there is always something to upgrade to.
    fn more() -> Vec<&'static str> {
        let mut steps = MIGRATIONS.to_vec();
        steps.push("CREATE TABLE later (id INTEGER PRIMARY KEY, setting TEXT REFERENCES setting (key)) STRICT;");
        steps.push("ALTER TABLE later ADD COLUMN note TEXT; INSERT INTO setting VALUES ('step', '3');");
        steps
    }

    fn key() -> Key {
        Key::from_bytes([7; 32])
    }

    fn now() -> NaiveDateTime {
        "2026-06-05T09:30:00".parse().unwrap()
    }

    fn open(dir: &Path, steps: &[&str]) -> Result<Store, OpenError> {
        Store::open_with(dir, &key(), now(), steps, Duration::from_millis(100))
    }

    fn schema(store: &Store) -> Vec<String> {
        let db = store.db();
        let mut query = db
            .prepare("SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
            .unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Each line is a step that has shipped: change none of them, append.
    #[test]
    fn shipped_steps_are_as_they_were() {
        let shipped = [
            "fdecf59a02c2bfd2",
            "4de3ff8aa60ca8dc",
            "a86a6562547c1442",
            "ef2f000ba0184eae",
            "53b96886ed22ab4c",
            "bf1ebe1a9ad194bd",
        ];
        let actual: Vec<_> = MIGRATIONS.iter().map(|step| hex::encode(&Sha256::digest(step)[..8])).collect();
        assert_eq!(actual, shipped);
    }

    #[test]
    fn upgrading_from_any_version_gives_the_schema_of_a_new_database() {
        let steps = more();
        let fresh_dir = tempfile::tempdir().unwrap();
        let fresh = schema(&open(fresh_dir.path(), &steps).unwrap());
        for from in 1..steps.len() {
            let dir = tempfile::tempdir().unwrap();
            let store = open(dir.path(), &steps[..from]).unwrap();
            store.set_setting("kept", "値").unwrap();
            drop(store);
            for to in from + 1..=steps.len() {
                drop(open(dir.path(), &steps[..to]).unwrap());
            }
            let store = open(dir.path(), &steps).unwrap();
            assert_eq!(schema(&store), fresh, "from version {from}");
            assert_eq!(store.setting("kept").unwrap().as_deref(), Some("値"), "from version {from}");
        }
    }

    #[test]
    fn a_failing_step_leaves_nothing_behind_and_the_program_before_it_still_opens() {
        let dir = tempfile::tempdir().unwrap();
        let before = schema(&open(dir.path(), MIGRATIONS).unwrap());
        let mut steps = MIGRATIONS.to_vec();
        steps.push(
            "CREATE TABLE half (id INTEGER); INSERT INTO setting VALUES ('half', ''); CREATE TABLE half (id INTEGER);",
        );
        let error = open(dir.path(), &steps).unwrap_err();
        let OpenError::MigrationFailed { version, copy: Some(copy), .. } = error else { panic!("{error:?}") };
        assert_eq!(version, MIGRATIONS.len() + 1);
        assert!(copy.is_file());
        let store = open(dir.path(), MIGRATIONS).unwrap();
        assert_eq!(schema(&store), before);
        assert_eq!(store.setting("half").unwrap(), None);
    }

    #[test]
    fn a_step_that_leaves_a_dangling_reference_is_rolled_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut steps = more();
        steps.push("INSERT INTO later (setting) VALUES ('no such setting');");
        let error = open(dir.path(), &steps).unwrap_err();
        assert!(
            matches!(error, OpenError::MigrationFailed { version, copy: None, .. } if version == steps.len()),
            "{error:?}"
        );
        assert_eq!(version(&open(dir.path(), &more()).unwrap().db()).unwrap(), more().len());
    }

    #[test]
    fn refuses_a_newer_database() {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path(), &more()).unwrap());
        let error = open(dir.path(), MIGRATIONS).unwrap_err();
        assert!(
            matches!(error, OpenError::TooNew { found, known } if (found, known) == (more().len(), MIGRATIONS.len())),
            "{error:?}"
        );
    }

    #[test]
    fn copies_the_database_before_the_first_step_and_only_when_it_holds_data() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), MIGRATIONS).unwrap();
        assert!(!dir.path().join("copies").exists(), "a new database needs no copy");
        store.set_setting("before", "はい").unwrap();
        // Still open: what stands in the write-ahead log belongs to the copy too.
        let upgraded = open(dir.path(), &more()).unwrap();
        upgraded.set_setting("after", "はい").unwrap();

        let copies: Vec<_> =
            std::fs::read_dir(dir.path().join("copies")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let name = format!("todoke-v{}-20260605T093000.db", MIGRATIONS.len());
        assert_eq!(copies, [name.as_str()]);

        let restored = tempfile::tempdir().unwrap();
        std::fs::copy(dir.path().join("copies").join(&name), restored.path().join("todoke.db")).unwrap();
        let store = open(restored.path(), MIGRATIONS).unwrap();
        assert_eq!(store.setting("before").unwrap().as_deref(), Some("はい"));
        assert_eq!(store.setting("after").unwrap(), None);
        store.verify().unwrap();
    }

    #[test]
    fn waits_for_no_one_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let other = open(dir.path(), MIGRATIONS).unwrap();
        let db = other.db();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = open(dir.path(), &more()).unwrap_err();
        assert!(matches!(error, OpenError::Locked), "{error:?}");
    }
}
