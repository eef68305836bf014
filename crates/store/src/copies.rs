//! Copies of the whole database: made before the program or the schema changes, put back by a person's decision.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDateTime;
use rusqlite::ErrorCode;

use crate::migrate::{self, MIGRATIONS};
use crate::open::{DATABASE, OpenError, unlock, write_key_id};
use crate::{Key, Store, set_aside};

/// Folder of the copies beside the database.
const COPIES: &str = "copies";

/// Longest wait for another process that has the database open.
const PATIENCE: Duration = Duration::from_secs(1);

/// A copy of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// File name, which begins with the reason and ends with the time.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Store {
    /// Copies the database, encrypted with the same key, to `copies/` and returns where it is.
    ///
    /// # Errors
    ///
    /// [`OpenError::CopyFailed`]; an incomplete copy is never left under a copy's name.
    pub fn copy_aside(&self, key: &Key, now: NaiveDateTime) -> Result<PathBuf, OpenError> {
        let version = migrate::version(&self.db()).map_err(OpenError::Database)?;
        migrate::copy_aside(&self.dir().join(DATABASE), key, now, version)
    }
}

/// Lists the copies in the folder `dir` of the database, latest first.
pub fn copies(dir: &Path) -> std::io::Result<Vec<Copy>> {
    let entries = match fs::read_dir(dir.join(COPIES)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut copies = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|ending| ending == "db") {
            copies.push(Copy { name, bytes: entry.metadata()?.len() });
        }
    }
    copies.sort_by(|a, b| time_of(&b.name).cmp(time_of(&a.name)).then_with(|| b.name.cmp(&a.name)));
    Ok(copies)
}

fn time_of(name: &str) -> &str {
    name.rsplit('-').next().unwrap_or(name)
}

/// Puts the copy `name` in the place of the database in `dir`; the present one is moved to `aside/` and kept.
///
/// Nobody may have the database open. The copy itself stays, too.
///
/// # Errors
///
/// [`OpenError::Missing`] without such a copy, [`OpenError::WrongKey`], [`OpenError::TooNew`] and
/// [`OpenError::Corrupt`] when it cannot be used, [`OpenError::Locked`] when a process has the database open. Nothing is
/// changed by any of them.
pub fn restore_copy(dir: &Path, name: &str, key: &Key, now: NaiveDateTime) -> Result<(), OpenError> {
    let known = copies(dir)?.into_iter().any(|copy| copy.name == name);
    let copy = dir.join(COPIES).join(name);
    if !known {
        return Err(OpenError::Missing { path: copy });
    }
    // A copy of the copy, so that what is tried here leaves the first one as it is.
    let part = dir.join("restored.part");
    fs::copy(&copy, &part)?;
    let tried = usable(&part, key).and_then(|()| nobody_has(&dir.join(DATABASE), key));
    if let Err(error) = tried {
        fs::remove_file(&part)?;
        return Err(error);
    }
    set_aside(dir, now)?;
    fs::rename(&part, dir.join(DATABASE))?;
    write_key_id(dir, key)?;
    tracing::info!(copy = name, "Put a copy of the database back");
    Ok(())
}

/// Fails unless the database at `path` opens with `key`, is whole and is none of a newer program.
fn usable(path: &Path, key: &Key) -> Result<(), OpenError> {
    let db = rusqlite::Connection::open(path).map_err(OpenError::Database)?;
    unlock(&db, key).map_err(OpenError::Database)?;
    let found = migrate::version(&db).map_err(|_| OpenError::WrongKey)?;
    if found > MIGRATIONS.len() {
        return Err(OpenError::TooNew { found, known: MIGRATIONS.len() });
    }
    let whole: String = db
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|source| OpenError::from_sqlite(source, path))?;
    if whole == "ok" { Ok(()) } else { Err(OpenError::NotADatabase { path: path.to_owned() }) }
}

/// Fails when a process has the database open: only alone can one leave the write-ahead mode.
fn nobody_has(path: &Path, key: &Key) -> Result<(), OpenError> {
    if !path.exists() {
        return Ok(());
    }
    let alone = || -> rusqlite::Result<()> {
        let db = rusqlite::Connection::open(path)?;
        unlock(&db, key)?;
        db.busy_timeout(PATIENCE)?;
        db.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)).map(drop)
    };
    match alone().map_err(|error| error.sqlite_error_code()) {
        Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Err(OpenError::Locked),
        // Damaged, or of another key: nobody works with that, and it is kept all the same.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn key() -> Key {
        Key::from_bytes([7; 32])
    }

    #[test]
    fn a_copy_goes_back_and_what_stood_there_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &key(), at("2026-06-05T09:30:00")).unwrap();
        store.set_setting("when", "before").unwrap();
        store.copy_aside(&key(), at("2026-06-05T09:31:00")).unwrap();
        store.set_setting("when", "after").unwrap();
        store.copy_aside(&key(), at("2026-06-05T09:32:00")).unwrap();
        let names: Vec<String> = copies(dir.path()).unwrap().into_iter().map(|copy| copy.name).collect();
        assert_eq!(names.len(), 2);
        assert!(names[0].ends_with("093200.db") && names[1].ends_with("093100.db"), "latest first: {names:?}");

        let busy = restore_copy(dir.path(), &names[1], &key(), at("2026-06-05T09:33:00"));
        assert!(matches!(busy, Err(OpenError::Locked)), "{busy:?}");
        drop(store);
        restore_copy(dir.path(), &names[1], &key(), at("2026-06-05T09:33:00")).unwrap();
        let store = Store::open(dir.path(), &key(), at("2026-06-05T09:34:00")).unwrap();
        assert_eq!(store.setting("when").unwrap().as_deref(), Some("before"));
        store.verify().unwrap();
        let aside = dir.path().join("aside/20260605T093300/todoke.db");
        assert!(aside.is_file(), "the former database is kept");
        assert_eq!(copies(dir.path()).unwrap().len(), 2, "copies stay");
    }

    #[test]
    fn what_is_no_copy_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &key(), at("2026-06-05T09:30:00")).unwrap();
        store.copy_aside(&key(), at("2026-06-05T09:31:00")).unwrap();
        drop(store);
        let name = copies(dir.path()).unwrap().remove(0).name;
        let now = at("2026-06-05T09:33:00");
        let missing = restore_copy(dir.path(), "../todoke.db", &key(), now);
        assert!(matches!(missing, Err(OpenError::Missing { .. })), "{missing:?}");
        let other = restore_copy(dir.path(), &name, &Key::from_bytes([8; 32]), now);
        assert!(matches!(other, Err(OpenError::WrongKey)), "{other:?}");
        let path = dir.path().join(COPIES).join(&name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(restore_copy(dir.path(), &name, &key(), now).is_err());
        assert!(!dir.path().join("aside").exists() && !dir.path().join("restored.part").exists());
        Store::open(dir.path(), &key(), now).unwrap().verify().unwrap();
    }
}
