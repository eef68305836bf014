//! SQLite: one file in the data folder, one writing connection, a few reading ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rusqlite::backup::Progress;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, ToSql, Transaction, TransactionBehavior, params_from_iter};

use super::migrations::{self, Step};
use super::sql::{Row, Statements, Tx, Value};
use super::{Error, Result};

/// Readers beside the one writer.
const READERS: usize = 4;

/// The database of a relay that serves alone.
#[derive(Clone)]
pub(super) struct Sqlite {
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Arc<Readers>,
}

struct Readers {
    turns: tokio::sync::Semaphore,
    idle: std::sync::Mutex<Vec<Connection>>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the database in the folder `data` and brings it to the newest version.
    pub(super) fn open(data: &Path) -> Result<Self> {
        let path = data.join("relay.db");
        let mut writer = connect(&path, OpenFlags::default())?;
        // FULL: a commit that was answered survives power loss.
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        upgrade(&mut writer, &path, migrations::STEPS)?;
        let readers = Readers { turns: tokio::sync::Semaphore::new(READERS), idle: Vec::new().into(), path };
        Ok(Self { writer: Arc::new(tokio::sync::Mutex::new(writer)), readers: Arc::new(readers) })
    }

    pub(super) async fn write<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let written = tokio::task::spawn_blocking(move || {
            // IMMEDIATE: waits for a concurrent `admin` command at the start, where waiting is safe.
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::from)?;
            let answer = operation(&Tx(&transaction))?;
            transaction.commit().map_err(Error::from)?;
            Ok(answer)
        })
        .await;
        written.map_err(Error::from)?
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with_reader(|reader| operation(&Tx(&reader.transaction()?))).await
    }

    /// Copies the database to `path` as it stands at one moment, while others read and write.
    pub(super) async fn copy_to(&self, path: PathBuf) -> Result<()> {
        self.with_reader(move |reader| Ok(reader.backup(MAIN_DB, &path, None::<fn(Progress)>)?)).await
    }

    /// Returns what SQLite finds wrong with its file, if anything.
    pub(super) async fn damage(&self) -> Result<Option<String>> {
        self.with_reader(|reader| {
            let said: String = reader.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            Ok((said != "ok").then_some(said))
        })
        .await
    }

    async fn with_reader<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
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
            let answer = operation(&mut reader)?;
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

/// Brings the database to the newest version. A database that holds something is copied aside before.
fn upgrade(connection: &mut Connection, path: &Path, steps: &[Step]) -> Result<()> {
    let found = version(connection)?;
    let missing = migrations::missing(steps, found)?;
    if found > 0 && !missing.is_empty() {
        connection.backup(MAIN_DB, path.with_extension(format!("v{found}.db")), None::<fn(Progress)>)?;
    }
    for (before, step) in missing {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        if version(&transaction)? == before {
            transaction.execute_batch(step.sqlite)?;
            transaction.pragma_update(None, "user_version", before + 1)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

impl Statements for Transaction<'_> {
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Row((0..columns).map(|column| value(row.get_ref(column)?)).collect::<Result<_>>()?));
        }
        Ok(found)
    }

    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        Ok(self.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
    }
}

fn value(found: ValueRef<'_>) -> Result<Value> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(_) => return Err(Error::Corrupt("number")),
        ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).map_err(|_| Error::Corrupt("text"))?),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Tells whether `error` is that of a row that is there already, or of one that it should belong to and is not.
pub(super) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
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
        connection.pragma_update(None, "user_version", migrations::STEPS.len() as u32 + 1).unwrap();
        assert!(matches!(upgrade(&mut connection, &path, migrations::STEPS), Err(Error::TooNew { .. })));
    }

    #[test]
    fn a_failing_step_leaves_nothing_behind_and_a_copy_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let mut connection = open(&path);
        let broken = ["CREATE TABLE a (x);", "CREATE TABLE b (x); SELECT nothing FROM nowhere;"];
        let broken = broken.map(|sqlite| Step { sqlite, postgres: "" });
        upgrade(&mut connection, &path, &broken[..1]).unwrap();
        connection.execute("INSERT INTO a VALUES (7)", []).unwrap();
        assert!(upgrade(&mut connection, &path, &broken).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM b").is_err());
        let copy = open(&folder.path().join("relay.v1.db"));
        assert_eq!(copy.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[test]
    fn upgrading_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let mut connection = open(&path);
        upgrade(&mut connection, &path, migrations::STEPS).unwrap();
        upgrade(&mut connection, &path, migrations::STEPS).unwrap();
        assert_eq!(version(&connection).unwrap() as usize, migrations::STEPS.len());
    }
}
