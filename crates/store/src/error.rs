use rusqlite::ErrorCode;

use crate::{ContentId, LocalState};

/// Result of a call on the [`Store`](crate::Store).
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why the database did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing with this content is here.
    #[error("nothing with the content {0} is here")]
    Unknown(ContentId),
    /// The submission is not in the state that the step begins with, or another process holds it.
    #[error("submission {id} is {state:?}; this step does not fit, or another process holds it")]
    WrongState {
        /// The submission.
        id: ContentId,
        /// State found.
        state: LocalState,
    },
    /// Another process has been writing for too long; trying again can help.
    #[error("another process is writing")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The database file is damaged.
    #[error("the database is damaged")]
    Corrupt(#[source] rusqlite::Error),
    /// The disk does not answer as it should.
    #[error("the disk failed")]
    Io(#[source] std::io::Error),
    /// Any other failure of the database; a mistake of this program.
    #[error("the database refused the statement")]
    Database(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error),
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied,
            ) => Self::Io(std::io::Error::other(error)),
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull { Self::DiskFull } else { Self::Io(error) }
    }
}
