//! The relay's memory: the only module that knows SQL.
//!
//! Each method of [`Storage`] is one whole operation in one transaction. Operations for a client take its [`Scope`] and
//! reach tables only through [`Scoped`], which is the one place that keeps corporations and offices apart.

mod accounts;
mod applications;
mod audit;
mod credentials;
mod documents;
mod fees;
mod migrations;
mod news;
mod operation;
mod postgres;
mod simulation;
mod sql;
mod sqlite;
mod submissions;
mod terminals;

use std::path::Path;

use crate::session::Scope;

pub use accounts::{AddError, CorporationRow, LoginRow, NewContract, NewTokens, Rotation, SignedInRow};
pub use applications::{
    ApplicationRow, Applied, Applying, Certificate, DeskRefusal, LetterRow, NewId, OfficeRow, Opening, PoaNews, Start,
};
pub(crate) use applications::{Moment, number_of};
pub use audit::{AuditCheck, AuditEvent, AuditRow};
pub use credentials::{
    Attempt, Confirming, Credential, Keys, LockRule, OF_CORPORATION, OF_CREDENTIAL, OwnLogin, Proof, Reset, SigningIn,
};
pub use documents::NewDocument;
pub use fees::{AccountKind, Debit, DebitAccount, ExtraItem, FeeLine, FeeRefusal};
pub use news::News;
pub use operation::{Figures, Kept};
pub use postgres::Database;
pub use simulation::{Simulation, Step};
pub use submissions::{Accepted, Announced, Cancelling, Change, Hiding, Place, Recorded, Work};
pub use terminals::{Leased, Report, TerminalRow};

use postgres::Postgres;
use sql::{Row, Tx, Value, values};
use sqlite::Sqlite;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite failed.
    #[error("database")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL failed.
    #[error("database")]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL was to be had.
    #[error("connecting to the database")]
    Connection(#[from] deadpool_postgres::PoolError),
    /// The address or the certificate of PostgreSQL cannot be used.
    #[error("the address of the database cannot be used: {0}")]
    Address(String),
    /// A newer relay wrote this database.
    #[error("the database has version {found}; this relay knows {known}")]
    TooNew {
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// PostgreSQL is copied with its own tools.
    #[error("the database is PostgreSQL: copy it with its own tools, such as pg_dump")]
    Elsewhere,
    /// A stored value makes no sense.
    #[error("stored {0} makes no sense")]
    Corrupt(&'static str),
    /// The blocking task of the operation died.
    #[error("operation was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl Error {
    /// Returns whether a rule of the tables forbade it: the row is there already, or what it should belong to is not.
    fn is_constraint(&self) -> bool {
        match self {
            Self::Sqlite(error) => sqlite::is_constraint(error),
            Self::Postgres(error) => postgres::is_constraint(error),
            _ => false,
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// The relay's memory.
#[derive(Clone)]
pub struct Storage {
    back: Back,
}

#[derive(Clone)]
enum Back {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Storage {
    /// Opens the SQLite database in the folder `data`, made when missing, and brings it to the newest version.
    pub fn open(data: &Path) -> Result<Self> {
        Ok(Self { back: Back::Sqlite(Sqlite::open(data)?) })
    }

    /// Connects to a PostgreSQL database, which several relays may share, and brings it to the newest version.
    pub async fn connect(database: &Database) -> Result<Self> {
        Ok(Self { back: Back::Postgres(Postgres::connect(database).await?) })
    }

    /// Returns whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.read(|tx| tx.only("SELECT count(*) FROM corporation", &[], |row| row.get::<i64>(0))).await.is_ok()
    }

    /// Writes in one transaction, alone: no other operation of any process writes meanwhile, so that what it read still
    /// holds when it writes. An operation that fails or refuses leaves nothing behind.
    async fn write<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E> {
        match &self.back {
            Back::Sqlite(sqlite) => sqlite.write(operation).await,
            Back::Postgres(postgres) => postgres.write(operation).await,
        }
    }

    /// Reads the database as it stands at one moment, beside others.
    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.back {
            Back::Sqlite(sqlite) => sqlite.read(operation).await,
            Back::Postgres(postgres) => postgres.read(operation).await,
        }
    }
}

/// The part of the memory that a client may touch.
struct Scoped<'a> {
    tx: &'a Tx<'a>,
    scope: Scope,
}

/// The views that every statement of a client starts from: `?1` is the corporation, `?2` the office of a 事業所用ID.
/// Nothing of another corporation, and for a 事業所用ID nothing of another office, is in them; applications and IDs are
/// the business of the 法人用ID.
const VIEWS: &str = "
WITH my_office AS (
    SELECT id, number, name FROM office
    WHERE corporation = ?1 AND (id = ?2 OR ?2 IS NULL)
), my_submission AS (
    SELECT submission.*, my_office.number AS office_number
    FROM my_office JOIN submission ON submission.office = my_office.id
), my_document AS (
    SELECT document.*, my_office.number AS office_number
    FROM document JOIN my_office ON document.office = my_office.id
    WHERE document.corporation = ?1
), my_application AS (
    SELECT * FROM application WHERE corporation = ?1 AND ?2 IS NULL
), my_login AS (
    SELECT * FROM login WHERE corporation = ?1 AND ?2 IS NULL
)
";

impl<'a> Scoped<'a> {
    fn new(tx: &'a Tx<'a>, scope: Scope) -> Self {
        Self { tx, scope }
    }

    /// Runs `select` over `my_office`, `my_submission`, `my_document`, `my_application` and `my_login`; its own values begin at `?3`.
    fn rows<T>(&self, select: &str, values: &[Value], read: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
        let mut all = values![self.scope.corporation(), self.scope.office()].to_vec();
        all.extend_from_slice(values);
        self.tx.rows(&format!("{VIEWS}{select}"), &all, read)
    }

    fn row<T>(&self, select: &str, values: &[Value], read: impl FnMut(&Row) -> Result<T>) -> Result<Option<T>> {
        Ok(self.rows(select, values, read)?.into_iter().next())
    }

    /// Returns the row of the office `number` if the client may act for it.
    fn office(&self, number: &str) -> Result<Option<i64>> {
        self.row("SELECT id FROM my_office WHERE number = ?3", values![number], |row| row.get(0))
    }
}

/// Writes an unsigned number, or the largest one that a database knows.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
