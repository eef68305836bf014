//! Tells whether the process that holds a submission still lives.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::sync::PoisonError;

use chrono::NaiveDateTime;
use rusqlite::{Connection, params};

use crate::open::lock_file;
use crate::text::Stamp;
use crate::{Result, Store};

/// This process as a sender. The system frees the lock when the process ends, in whatever way.
#[derive(Debug)]
pub(crate) struct Session {
    id: i64,
    _lock: File,
}

impl Store {
    /// Returns the number of this process as a sender; it gets one when it first needs one.
    pub(crate) fn own_session(&self, now: NaiveDateTime) -> Result<i64> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = &*session {
            return Ok(session.id);
        }
        let id = self.write(|tx| {
            tx.execute("INSERT INTO session (started_at) VALUES (?1)", params![Stamp(now)])?;
            Ok(tx.last_insert_rowid())
        })?;
        let path = self.lock_path(id);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let lock = lock_file(&path)?;
        lock.try_lock().map_err(std::io::Error::from)?;
        *session = Some(Session { id, _lock: lock });
        Ok(id)
    }

    /// Returns the sessions that hold submissions and whose processes are gone.
    pub(crate) fn dead_sessions(&self, db: &Connection) -> Result<Vec<i64>> {
        let mut query = db.prepare_cached("SELECT DISTINCT session FROM submission WHERE state = 'sending'")?;
        let holders = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut dead = Vec::new();
        for id in holders {
            if !self.is_alive(id)? {
                dead.push(id);
            }
        }
        Ok(dead)
    }

    fn is_alive(&self, session: i64) -> Result<bool> {
        // Also true for this process: a second handle on the same file cannot get the lock either.
        match File::open(self.lock_path(session)) {
            Ok(file) => match file.try_lock() {
                Ok(()) => Ok(false),
                Err(TryLockError::WouldBlock) => Ok(true),
                Err(TryLockError::Error(error)) => Err(error.into()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn lock_path(&self, session: i64) -> PathBuf {
        self.dir().join("sessions").join(format!("{session}.lock"))
    }
}
