//! The relay's memory: the only module that knows SQL.
//!
//! Each method of [`Storage`] is one whole operation in one transaction. Operations for a client take its [`Scope`] and
//! reach tables only through [`Scoped`], which is the one place that keeps corporations and offices apart.

mod accounts;
mod applications;
mod audit;
mod documents;
mod fees;
mod migrations;
mod operation;
mod simulation;
mod submissions;
mod terminals;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, OpenFlags, Row, ToSql, Transaction, TransactionBehavior};

use crate::session::Scope;

pub use accounts::{
    ATTEMPTS, AddError, Attempt, CorporationRow, Credential, LOCK_SECONDS, LoginRow, NewTokens, Rotation, SignedInRow,
};
pub use applications::{
    ApplicationRow, Applied, Applying, Certificate, DeskRefusal, LetterRow, NewId, OfficeRow, Opening, PoaNews, Start,
};
pub(crate) use applications::{Moment, number_of};
pub use audit::{AuditCheck, AuditEvent, AuditRow};
pub use documents::NewDocument;
pub use fees::{ExtraItem, FeeLine, FeeRefusal};
pub use operation::{Figures, Kept};
pub use simulation::{Simulation, Step};
pub use submissions::{Accepted, Announced, Cancelling, Change, Place, Recorded, Work};
pub use terminals::{Leased, Report, TerminalRow};

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("database")]
    Database(#[from] rusqlite::Error),
    /// A newer relay wrote this database.
    #[error("the database has version {found}; this relay knows {known}")]
    TooNew {
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// A stored value makes no sense.
    #[error("stored {0} makes no sense")]
    Corrupt(&'static str),
    /// The blocking task of the operation died.
    #[error("operation was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

type Result<T> = std::result::Result<T, Error>;

/// Readers beside the one writer.
const READERS: usize = 4;

/// The relay's memory.
#[derive(Clone)]
pub struct Storage {
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Arc<Readers>,
}

struct Readers {
    turns: tokio::sync::Semaphore,
    idle: std::sync::Mutex<Vec<Connection>>,
    path: PathBuf,
}

impl Storage {
    /// Opens the database in the folder `data`, made when missing, and brings it to the newest version.
    pub fn open(data: &Path) -> Result<Self> {
        let path = data.join("relay.db");
        let mut writer = connect(&path, OpenFlags::default())?;
        // FULL: a commit that was answered survives power loss.
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        migrations::run(&mut writer, &path)?;
        let readers = Readers { turns: tokio::sync::Semaphore::new(READERS), idle: Vec::new().into(), path };
        Ok(Self { writer: Arc::new(tokio::sync::Mutex::new(writer)), readers: Arc::new(readers) })
    }

    /// Returns whether the database answers.
    pub async fn is_ready(&self) -> bool {
        let answer =
            self.read(|tx| Ok(tx.query_row("SELECT count(*) FROM corporation", [], |row| row.get::<_, i64>(0))?));
        answer.await.is_ok()
    }

    /// Writes in one transaction. An operation that fails or refuses leaves nothing behind.
    async fn write<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let written = tokio::task::spawn_blocking(move || {
            // IMMEDIATE: waits for a concurrent `admin` command at the start, where waiting is safe.
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::from)?;
            let answer = operation(&transaction)?;
            transaction.commit().map_err(Error::from)?;
            Ok(answer)
        })
        .await;
        written.map_err(Error::from)?
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = Arc::clone(&self.readers);
        // Never closed, so that acquiring cannot fail; a reader more would be harmless.
        let turn = self.readers.turns.acquire().await.ok();
        let answer = tokio::task::spawn_blocking(move || {
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut reader = match idle {
                Some(reader) => reader,
                None => connect(&readers.path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)?,
            };
            let answer = operation(&reader.transaction()?)?;
            // A reader that failed is not used again.
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            Ok(answer)
        })
        .await?;
        drop(turn);
        answer
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The part of the memory that a client may touch.
struct Scoped<'a> {
    transaction: &'a Transaction<'a>,
    scope: Scope,
}

/// The views that every statement of a client starts from. Nothing of another corporation, and for a 事業所用ID nothing of
/// another office, is in them; applications are the business of the 法人用ID.
const VIEWS: &str = "
WITH my_office AS (
    SELECT id, number, name FROM office
    WHERE corporation = :corporation AND (:office IS NULL OR id = :office)
), my_submission AS (
    SELECT submission.*, my_office.number AS office_number
    FROM my_office JOIN submission ON submission.office = my_office.id
), my_document AS (
    SELECT document.*, my_office.number AS office_number
    FROM document JOIN my_office ON document.office = my_office.id
    WHERE document.corporation = :corporation
), my_application AS (
    SELECT * FROM application WHERE corporation = :corporation AND :office IS NULL
)
";

type Parameters<'a> = [(&'a str, &'a dyn ToSql)];

impl<'a> Scoped<'a> {
    fn new(transaction: &'a Transaction<'a>, scope: Scope) -> Self {
        Self { transaction, scope }
    }

    /// Runs `select` over `my_office`, `my_submission`, `my_document` and `my_application`.
    fn rows<T>(
        &self,
        select: &str,
        parameters: &Parameters<'_>,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let (corporation, office) = (self.scope.corporation(), self.scope.office());
        let mut all: Vec<(&str, &dyn ToSql)> = vec![(":corporation", &corporation), (":office", &office)];
        all.extend_from_slice(parameters);
        let mut statement = self.transaction.prepare_cached(&format!("{VIEWS}{select}"))?;
        let rows = statement.query_map(all.as_slice(), read)?;
        Ok(rows.collect::<rusqlite::Result<Vec<T>>>()?)
    }

    fn row<T>(
        &self,
        select: &str,
        parameters: &Parameters<'_>,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(select, parameters, read)?.into_iter().next())
    }

    /// Returns the row of the office `number` if the client may act for it.
    fn office(&self, number: &str) -> Result<Option<i64>> {
        self.row("SELECT id FROM my_office WHERE number = :number", &[(":number", &number)], |row| row.get(0))
    }
}

/// Reads an `INTEGER` that is never negative. SQLite knows no unsigned numbers.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// Writes an unsigned number, or the largest one that SQLite knows.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
