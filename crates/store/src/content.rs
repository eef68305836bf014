use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::text::Stamp;
use crate::{Result, Store};

/// SHA-256 of a file's content: the file's name in this database and at the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId([u8; 32]);

/// A text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in 64 hexadecimal digits")]
pub struct ContentIdError;

impl ContentId {
    /// Returns the id of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for ContentId {
    /// Writes 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl FromStr for ContentId {
    type Err = ContentIdError;

    /// Parses 64 hexadecimal digits in either case.
    fn from_str(text: &str) -> std::result::Result<Self, ContentIdError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ContentIdError)?;
        Ok(Self(bytes))
    }
}

impl ToSql for ContentId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for ContentId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 32, blob_size: bytes.len() })
    }
}

impl Store {
    /// Returns the content of a file, or `None` when it is not here.
    pub fn content(&self, id: &ContentId) -> Result<Option<Vec<u8>>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT bytes FROM file WHERE sha256 = ?1")?;
        Ok(query.query_row([id], |row| row.get(0)).optional()?)
    }
}

/// Keeps `bytes` and returns their id; content that is here already is left as it is.
pub(crate) fn keep(db: &Connection, bytes: &[u8], now: NaiveDateTime) -> Result<ContentId> {
    let id = ContentId::of(bytes);
    db.prepare_cached(
        "INSERT INTO file (sha256, size, added_at, bytes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (sha256) DO NOTHING",
    )?
    .execute(params![id, bytes.len() as i64, Stamp(now), bytes])?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_published_digest_of_abc() {
        let id = ContentId::of(b"abc");
        assert_eq!(id.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
    }

    #[test]
    fn refuses_other_texts() {
        for text in ["", "ba78", "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] {
            assert_eq!(text.parse::<ContentId>(), Err(ContentIdError), "text {text:?}");
        }
    }
}
