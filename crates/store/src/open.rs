use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::NaiveDateTime;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::migrate::{self, MIGRATIONS};
use crate::session::Session;
use crate::{Key, Result};

pub(crate) const DATABASE: &str = "todoke.db";
const LOCK: &str = "todoke.lock";
const KEY_ID: &str = "todoke.keyid";

/// How long a call waits for another process to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The open database. Shared between threads; each call takes it for itself while it runs.
#[derive(Debug)]
pub struct Store {
    db: Mutex<Connection>,
    dir: PathBuf,
    pub(crate) session: Mutex<Option<Session>>,
}

/// Why the database cannot be used. The files are left as they are.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database was made with another key.
    #[error("the database was made with another key")]
    WrongKey,
    /// What stands in the place of the database is something else, for example an unencrypted file.
    #[error("{path} is not a database of this program")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The folder held a database, which is gone or empty now. No new one is made in its place unasked.
    #[error("{path} is gone")]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A newer version of the program has written the database.
    #[error("the database has version {found}, this program knows versions up to {known}")]
    TooNew {
        /// Version of the database.
        found: usize,
        /// Newest version that this program knows.
        known: usize,
    },
    /// The key fits and the content is damaged. [`set_aside`] makes room for a new one.
    #[error("{path} is damaged")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// Another process keeps the database to itself; trying again can help.
    #[error("another process keeps the database to itself")]
    Locked,
    /// Copying the database before the upgrade failed; nothing was upgraded.
    #[error("the database could not be copied to {path} before its upgrade")]
    CopyFailed {
        /// Where the copy should be.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// A step of the upgrade failed and left nothing behind.
    #[error("the upgrade to version {version} failed")]
    MigrationFailed {
        /// Version that the step leads to.
        version: usize,
        /// Copy from before the upgrade, when there was data.
        copy: Option<PathBuf>,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// This build lacks SQLCipher and would write health data in the clear; a mistake of the build.
    #[error("this build cannot encrypt")]
    NoEncryption,
    /// Folder or file cannot be read or written.
    #[error("folder or file cannot be read or written")]
    Io(#[from] std::io::Error),
    /// Any other failure of the database; a mistake of this program.
    #[error("the database refused a statement")]
    Database(#[source] rusqlite::Error),
}

impl OpenError {
    /// Classifies an error met on a database that the key is known to fit.
    pub(crate) fn from_sqlite(source: rusqlite::Error, path: &Path) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { path: path.to_owned(), source }
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DiskFull,
            ) => Self::Io(std::io::Error::other(source)),
            _ => Self::Database(source),
        }
    }
}

/// State of the data at one moment: equal values mean that nothing was written in between, by whatever process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    by_others: i64,
    by_us: u64,
}

impl Store {
    /// Opens the database in `dir`, makes it when there is none, and brings it up to date.
    ///
    /// Waits while another process opens it. `now` names the copy that is made before an upgrade.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]. Nothing that was there is lost by any of them.
    pub fn open(dir: &Path, key: &Key, now: NaiveDateTime) -> std::result::Result<Self, OpenError> {
        Self::open_with(dir, key, now, MIGRATIONS, PATIENCE)
    }

    /// Returns whether `dir` holds a database, so that a lost key is told from a first start.
    pub fn exists(dir: &Path) -> bool {
        has_content(&dir.join(DATABASE)) || dir.join(KEY_ID).exists()
    }

    pub(crate) fn open_with(
        dir: &Path,
        key: &Key,
        now: NaiveDateTime,
        steps: &[&str],
        patience: Duration,
    ) -> std::result::Result<Self, OpenError> {
        create_private_dir(dir)?;
        // Creating, switching to WAL and upgrading are one after the other between processes. The system frees the lock
        // when its holder dies.
        let lock = lock_file(&dir.join(LOCK))?;
        lock.lock()?;

        let path = dir.join(DATABASE);
        let fits = read_key_id(dir)?.map(|known| known == key_id(key));
        if fits.is_some() && !has_content(&path) {
            return Err(OpenError::Missing { path });
        }
        create_private_file(&path)?;
        let mut db =
            Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(|error| OpenError::from_sqlite(error, &path))?;
        db.busy_timeout(patience).map_err(OpenError::Database)?;
        unlock(&db, key).map_err(OpenError::Database)?;
        let cipher = db.query_row("PRAGMA cipher_version", [], |row| row.get::<_, String>(0));
        if cipher.unwrap_or_default().is_empty() {
            return Err(OpenError::NoEncryption);
        }
        // Reads the first page: only now does it show whether the key fits.
        let found = migrate::version(&db).map_err(|error| explain(error, &path, fits))?;
        if found > steps.len() {
            return Err(OpenError::TooNew { found, known: steps.len() });
        }
        prepare(&db).map_err(|error| OpenError::from_sqlite(error, &path))?;
        migrate::migrate(&mut db, &path, key, now, steps)?;
        db.pragma_update(None, "foreign_keys", true).map_err(OpenError::Database)?;
        if fits != Some(true) {
            write_key_id(dir, key)?;
        }
        drop(lock);
        tracing::info!(version = steps.len(), "Opened the database");
        Ok(Self { db: Mutex::new(db), dir: dir.to_owned(), session: Mutex::new(None) })
    }

    /// Returns the state of the data, to know whether what was computed from it is still true.
    pub fn revision(&self) -> Result<Revision> {
        let db = self.db();
        let by_others = db.pragma_query_value(None, "data_version", |row| row.get(0))?;
        Ok(Revision { by_others, by_us: db.total_changes() })
    }

    /// Checks every page, every reference and every file against its SHA-256. Takes as long as reading the database.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`](crate::StoreError::Corrupt) with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        let db = self.db();
        let broken = |what: String| {
            Err(crate::StoreError::Corrupt(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
                Some(what),
            )))
        };
        for check in ["PRAGMA cipher_integrity_check", "PRAGMA foreign_key_check"] {
            if db.prepare(check)?.exists([])? {
                return broken(check.to_owned());
            }
        }
        let answer: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer != "ok" {
            return broken(answer);
        }
        let mut files = db.prepare("SELECT sha256, bytes FROM file")?;
        let mut rows = files.query([])?;
        while let Some(row) = rows.next()? {
            let id: crate::ContentId = row.get(0)?;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if crate::ContentId::of(bytes) != id {
                return broken(format!("content of {id}"));
            }
        }
        Ok(())
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes the connection. A thread that panicked rolled its transaction back, so the connection is still good.
    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one transaction that holds the write lock from its beginning, so that what it reads stays true until
    /// it commits. An error rolls everything back.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&tx)?;
        tx.commit()?;
        Ok(value)
    }
}

/// Moves a damaged or foreign database with everything that belongs to it into `dir/aside/` and returns the folder it went
/// to. The next [`Store::open`] makes a new one. Nothing is deleted. Only for a person to decide, while no process has the
/// database open.
pub fn set_aside(dir: &Path, now: NaiveDateTime) -> std::io::Result<PathBuf> {
    let lock = lock_file(&dir.join(LOCK))?;
    lock.lock()?;
    let name = now.format("%Y%m%dT%H%M%S").to_string();
    let mut target = dir.join("aside").join(&name);
    let mut number = 1;
    while target.exists() {
        number += 1;
        target = dir.join("aside").join(format!("{name}-{number}"));
    }
    fs::create_dir_all(&target)?;
    // The key id goes last: while it is here, no empty database is made in place of one that is half moved.
    for file in [DATABASE, "todoke.db-wal", "todoke.db-shm", KEY_ID] {
        let from = dir.join(file);
        if from.exists() {
            fs::rename(&from, target.join(file))?;
        }
    }
    tracing::warn!("Set the database aside");
    Ok(target)
}

/// Hands `key` to the connection.
pub(crate) fn unlock(db: &Connection, key: &Key) -> rusqlite::Result<()> {
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", key.to_hex().as_str()));
    db.execute_batch(&pragma)
}

/// Pages that the write-ahead log may hold before they go into the database: 32 MiB. Each move flushes both files to disk, and
/// pages that many commits touch, those of the indexes above all, are moved once.
const LOG_PAGES: i64 = 8192;
/// Memory for pages, in KiB as SQLite counts them (negative): the indexes over the files of 1,000 offices fit in it. What is
/// not there must be read, decrypted and verified again.
const CACHE_KIB: i64 = -24 * 1024;

/// Sets what holds for the connection. FULL makes each commit safe against a power cut.
fn prepare(db: &Connection) -> rusqlite::Result<()> {
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        tracing::warn!(mode, "The folder does not allow a write-ahead log");
    }
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    db.pragma_update(None, "cache_size", CACHE_KIB)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "foreign_keys", false)
}

/// Tells a wrong key from a file that is something else or damaged. SQLCipher itself says "not a database" to all three.
fn explain(source: rusqlite::Error, path: &Path, fits: Option<bool>) -> OpenError {
    if source.sqlite_error_code() != Some(ErrorCode::NotADatabase) {
        return OpenError::from_sqlite(source, path);
    }
    let mut head = [0; 16];
    let plain =
        File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == b"SQLite format 3\0";
    // SQLCipher writes whole pages of 4,096 bytes.
    let whole_pages = fs::metadata(path).is_ok_and(|file| file.len() > 0 && file.len() % 4096 == 0);
    match fits {
        _ if plain => OpenError::NotADatabase { path: path.to_owned() },
        Some(true) => OpenError::Corrupt { path: path.to_owned(), source },
        None if !whole_pages => OpenError::NotADatabase { path: path.to_owned() },
        Some(false) | None => OpenError::WrongKey,
    }
}

/// Returns what the file beside the database holds to tell keys apart: 64 bits that say nothing about the key.
fn key_id(key: &Key) -> String {
    let digest = Sha256::new().chain_update(b"todoke key id\0").chain_update(key.bytes()).finalize();
    hex::encode(&digest[..8])
}

fn read_key_id(dir: &Path) -> std::io::Result<Option<String>> {
    match fs::read(dir.join(KEY_ID)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn write_key_id(dir: &Path, key: &Key) -> std::io::Result<()> {
    let part = dir.join("todoke.keyid.part");
    fs::write(&part, key_id(key))?;
    File::options().write(true).open(&part)?.sync_all()?;
    fs::rename(part, dir.join(KEY_ID))
}

/// Opens a file that serves as a lock. Never truncates: Windows refuses that on a file that another process has locked.
pub(crate) fn lock_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Makes the folder, readable by its owner alone where the system knows owners.
fn create_private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the file empty when there is none; SQLite gives the files beside it the same permissions.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
