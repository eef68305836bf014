//! PostgreSQL: one database that several relays share.
//!
//! Operations are plain functions that know nothing of waiting; they run on a blocking thread, which awaits each
//! statement. Whoever writes holds one lock of the database from begin to commit, as with SQLite: the audit trail is one
//! chain, so that writers would stand in line anyway, and no operation has to think about others. Reading takes no lock.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, IsolationLevel, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::migrations::{self, Step};
use super::sql::{Row, Statements, Tx, Value};
use super::{Error, Result};

/// Connections of one relay: one that writes, the rest read.
const CONNECTIONS: usize = 8;
/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The lock that writers of all relays take, for the length of their transaction. Any number; it must never change.
const WRITERS: i64 = 0x746f_646f_6b65;

/// What every session is set to: an answered commit survives power loss; nobody waits for a lock longer than SQLite does;
/// a relay that froze in the midst of a transaction loses its lock.
const SETTINGS: &str =
    "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s";

/// Where a PostgreSQL database is.
#[derive(Clone)]
pub struct Database {
    /// `postgres://user:password@host/name`, as libpq reads it.
    pub url: String,
    /// Certificate of the authority that signed the server's, PEM. Without it the connection is not encrypted, which is
    /// refused unless the server is on this machine.
    pub authority: Option<PathBuf>,
}

/// Leaves out the address: it may hold a password.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// The database of relays that serve together.
#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
    /// One writer of this process at a time asks for the lock, so that the others do not hold connections while they wait.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Postgres {
    /// Connects and brings the database to the newest version.
    pub(super) async fn connect(database: &Database) -> Result<Self> {
        let this = Self { pool: pool(database)?, turn: Arc::default() };
        this.upgrade(migrations::STEPS).await?;
        Ok(this)
    }

    /// Takes the missing steps one by one, each in a transaction of its own.
    pub(super) async fn upgrade(&self, steps: &'static [Step]) -> Result<()> {
        let mut client = self.pool.get().await?;
        // Under the lock, because IF NOT EXISTS alone fails in one of two relays that start at the same moment.
        let transaction = client.transaction().await?;
        transaction.batch_execute(&format!("SELECT pg_advisory_xact_lock({WRITERS})")).await?;
        transaction.batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
        transaction.commit().await?;
        loop {
            let transaction = client.transaction().await?;
            transaction.batch_execute(&format!("SELECT pg_advisory_xact_lock({WRITERS})")).await?;
            let row = transaction.query_opt("SELECT version FROM schema_version", &[]).await?;
            let version: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
            let found = u32::try_from(version).map_err(|_| Error::Corrupt("version"))?;
            let Some((_, step)) = migrations::missing(steps, found)?.into_iter().next() else { return Ok(()) };
            transaction.batch_execute(step.postgres).await?;
            transaction.batch_execute("DELETE FROM schema_version").await?;
            transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&(version + 1)]).await?;
            transaction.commit().await?;
        }
    }

    pub(super) async fn write<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let mut client = self.pool.get().await.map_err(Error::from)?;
        let runtime = Handle::current();
        let written = tokio::task::spawn_blocking(move || {
            // READ COMMITTED: each statement sees what was committed before it, and nobody commits after the lock.
            let begin = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start();
            let open = Open { transaction: runtime.block_on(begin).map_err(Error::from)?, runtime: runtime.clone() };
            open.query(&format!("SELECT pg_advisory_xact_lock({WRITERS}) IS NULL"), &[])?;
            // An operation that fails drops the transaction, which rolls it back.
            let answer = operation(&Tx(&open))?;
            runtime.block_on(open.transaction.commit()).map_err(Error::from)?;
            drop(turn);
            Ok(answer)
        })
        .await;
        written.map_err(Error::from)?
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut client: Object = self.pool.get().await?;
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            // REPEATABLE READ: all statements see the same moment.
            let begin =
                client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start();
            let open = Open { transaction: runtime.block_on(begin)?, runtime: runtime.clone() };
            let answer = operation(&Tx(&open))?;
            runtime.block_on(open.transaction.commit())?;
            Ok(answer)
        })
        .await?
    }
}

fn pool(database: &Database) -> Result<Pool> {
    // The parser's error may quote the address, and with it the password.
    let mut config: Config = database.url.parse().map_err(|_| Error::Address("it is no postgres:// address".into()))?;
    config.options(SETTINGS).application_name("todoke-relay").connect_timeout(PATIENCE);
    config.keepalives_idle(Duration::from_secs(30));
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match &database.authority {
        Some(authority) => {
            config.ssl_mode(SslMode::Require);
            Manager::from_config(config, MakeRustlsConnect::new(trusting(authority)?), manager)
        }
        None if config.get_hosts().iter().all(is_here) => {
            config.ssl_mode(SslMode::Disable);
            Manager::from_config(config, NoTls, manager)
        }
        None => {
            let why = "the server is on another machine; give --database-ca, so that the connection is encrypted";
            return Err(Error::Address(why.into()));
        }
    };
    let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1);
    let pool = pool.create_timeout(Some(PATIENCE)).recycle_timeout(Some(PATIENCE));
    pool.build().map_err(|error| Error::Address(error.to_string()))
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn trusting(authority: &Path) -> Result<ClientConfig> {
    let failed = |error: &dyn std::fmt::Display| Error::Address(format!("{}: {error}", authority.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).map_err(|error| failed(&error))? {
        roots.add(certificate.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(|error| failed(&error))?.with_root_certificates(roots).with_no_client_auth())
}

/// A transaction under way, and what awaits its statements.
struct Open<'a> {
    transaction: deadpool_postgres::Transaction<'a>,
    runtime: Handle,
}

impl Statements for Open<'_> {
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        self.runtime.block_on(async {
            let statement = self.transaction.prepare_cached(&numbered(sql)).await?;
            let found = self.transaction.query(&statement, &parameters(values)).await?;
            found.iter().map(row).collect()
        })
    }

    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        self.runtime.block_on(async {
            let statement = self.transaction.prepare_cached(&numbered(sql)).await?;
            Ok(self.transaction.execute(&statement, &parameters(values)).await?)
        })
    }
}

/// Writes `?1` as `$1`. No statement has a question mark elsewhere.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn row(found: &tokio_postgres::Row) -> Result<Row> {
    let columns = found.columns().iter().enumerate();
    columns.map(|(at, column)| value(found, at, column.type_())).collect::<Result<_>>().map(Row)
}

fn value(found: &tokio_postgres::Row, at: usize, of: &Type) -> Result<Value> {
    let value = match *of {
        Type::INT8 => found.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
        Type::INT4 => found.try_get::<_, Option<i32>>(at)?.map(|number| Value::Integer(i64::from(number))),
        Type::BOOL => found.try_get::<_, Option<bool>>(at)?.map(Value::Bool),
        Type::TEXT => found.try_get::<_, Option<String>>(at)?.map(Value::Text),
        Type::BYTEA => found.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
        _ => return Err(Error::Corrupt("type")),
    };
    Ok(value.unwrap_or(Value::Null))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql_checked(of, out),
            Self::Bool(truth) => truth.to_sql_checked(of, out),
            Self::Text(text) => text.to_sql_checked(of, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(of, out),
        }
    }

    // Which values fit is decided by each value, in `to_sql_checked` of its own type; NULL fits all.
    fn accepts(of: &Type) -> bool {
        [Type::INT8, Type::BOOL, Type::TEXT, Type::BYTEA].contains(of)
    }

    to_sql_checked!();
}

/// Tells whether `error` is that of a row that is there already, or of one that it should belong to and is not.
pub(super) fn is_constraint(error: &tokio_postgres::Error) -> bool {
    // Class 23: integrity constraint violation.
    error.code().is_some_and(|code| code.code().starts_with("23"))
}
