use std::collections::HashMap;

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::claims::Blob;
use crate::content::keep;
use crate::text::{MonthText, OfficeText, Stamp};
use crate::{ContentId, Result, Store, StoreError};

/// Bytes at the beginning of a notice that [`Store::notice_heads`] returns. The row with the head is the second one; rows of
/// heads have fewer than 300 bytes.
pub const HEAD_BYTES: usize = 400;

/// A notice that came through the relay or from disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// Name of the file, without folders.
    pub file_name: String,
    /// 交換情報識別番号; empty when the file is of no known kind.
    pub exchange_id: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 審査年月, when the file says it.
    pub processing_month: Option<Month>,
    /// When it came.
    pub received_at: NaiveDateTime,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A notice that is here; its content is [`Store::content`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// SHA-256 of the content.
    pub id: ContentId,
    /// Name of the file, without folders.
    pub file_name: String,
    /// Size in bytes.
    pub size: u64,
    /// 交換情報識別番号; empty when the file is of no known kind.
    pub exchange_id: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 審査年月, when the file says it.
    pub processing_month: Option<Month>,
    /// When it came.
    pub received_at: NaiveDateTime,
    /// How it came first.
    pub origin: Origin,
    /// When it was first opened.
    pub read_at: Option<NaiveDateTime>,
}

/// How a notice came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Through the relay.
    Relay,
    /// From a file on disk.
    Disk,
}

/// What taking files in did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Files that were not here before.
    pub new: Vec<ContentId>,
    /// Number of files whose content was here before; nothing of them was changed.
    pub repeated: usize,
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Disk => "disk",
        }
    }
}

impl ToSql for Origin {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Origin {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "relay" => Ok(Self::Relay),
            "disk" => Ok(Self::Disk),
            text => Err(FromSqlError::Other(format!("unknown origin {text}").into())),
        }
    }
}

impl Store {
    /// Takes notices from disk, all in one transaction. Taking them again changes nothing.
    pub fn add_notices(&self, notices: &[NewNotice], now: NaiveDateTime) -> Result<Taken> {
        self.write(|tx| insert_all(tx, notices, Origin::Disk, now))
    }

    /// Takes the documents of one page of the relay and moves the cursor past them, in one transaction: a power cut leaves
    /// both or neither. Taking them again changes nothing, and the cursor never moves back.
    ///
    /// `source` names the list that the cursor belongs to: relay and corporation.
    pub fn take_documents(
        &self,
        source: &str,
        documents: &[NewNotice],
        cursor: u64,
        now: NaiveDateTime,
    ) -> Result<Taken> {
        self.write(|tx| {
            let taken = insert_all(tx, documents, Origin::Relay, now)?;
            tx.execute(
                "INSERT INTO document_cursor (source, position) VALUES (?1, ?2)
                 ON CONFLICT (source) DO UPDATE SET position = max(position, excluded.position)",
                params![source, cursor as i64],
            )?;
            Ok(taken)
        })
    }

    /// Returns the cursor to ask the relay with; 0 when nothing was taken from `source` yet.
    pub fn document_cursor(&self, source: &str) -> Result<u64> {
        let position = self
            .db()
            .query_row("SELECT position FROM document_cursor WHERE source = ?1", [source], |row| row.get::<_, i64>(0))
            .optional()?;
        Ok(position.unwrap_or(0) as u64)
    }

    /// Returns all notices, newest first.
    pub fn notices(&self) -> Result<Vec<Notice>> {
        let db = self.db();
        let mut query = db.prepare_cached(
            "SELECT n.*, f.size FROM notice n JOIN file f USING (sha256) ORDER BY n.received_at DESC, n.rowid DESC",
        )?;
        Ok(query.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Returns a notice.
    pub fn notice(&self, id: &ContentId) -> Result<Option<Notice>> {
        let db = self.db();
        let mut query =
            db.prepare_cached("SELECT n.*, f.size FROM notice n JOIN file f USING (sha256) WHERE n.sha256 = ?1")?;
        Ok(query.query_row([id], from_row).optional()?)
    }

    /// Returns all notices with their contents, oldest first.
    pub fn notice_blobs(&self) -> Result<Vec<Blob>> {
        let db = self.db();
        let mut query = db.prepare_cached(
            "SELECT n.*, f.bytes FROM notice n JOIN file f USING (sha256) ORDER BY n.received_at, n.rowid",
        )?;
        Ok(query.query_map([], Blob::from_row)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Returns the first [`HEAD_BYTES`] of every notice, in which its head stands; of a shorter one, all of it. The rest of the
    /// contents is not read.
    pub fn notice_heads(&self) -> Result<HashMap<ContentId, Vec<u8>>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT n.sha256, f.rowid FROM notice n JOIN file f USING (sha256)")?;
        let places = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut heads = HashMap::new();
        for place in places {
            let (id, place): (ContentId, i64) = place?;
            let content = db.blob_open(c"main", c"file", c"bytes", place, true)?;
            let mut head = vec![0; content.len().min(HEAD_BYTES)];
            content.read_at_exact(&mut head, 0)?;
            heads.insert(id, head);
        }
        Ok(heads)
    }

    /// Returns the notices whose content `holds` what is wanted, newest first. Reads all of them, one after the other; nobody
    /// else waits for longer than one takes to be read.
    pub fn notices_where(&self, holds: impl Fn(&[u8]) -> bool) -> Result<Vec<ContentId>> {
        let mut found = Vec::new();
        for notice in self.notices()? {
            if self.content(&notice.id)?.is_some_and(|content| holds(&content)) {
                found.push(notice.id);
            }
        }
        Ok(found)
    }

    /// Notes that notices were opened, all or none of them; the first time of each counts.
    pub fn mark_read(&self, ids: &[ContentId], now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let mut mark = tx.prepare_cached("UPDATE notice SET read_at = coalesce(read_at, ?2) WHERE sha256 = ?1")?;
            for id in ids {
                if mark.execute(params![id, Stamp(now)])? != 1 {
                    return Err(StoreError::Unknown(*id));
                }
            }
            Ok(())
        })
    }

    /// Returns the number of notices not yet opened.
    pub fn unread_notices(&self) -> Result<u32> {
        Ok(self.db().query_row("SELECT count(*) FROM notice WHERE read_at IS NULL", [], |row| row.get(0))?)
    }
}

pub(crate) fn insert_all(tx: &Connection, notices: &[NewNotice], origin: Origin, now: NaiveDateTime) -> Result<Taken> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO notice (sha256, file_name, exchange_id, office, processing_month, received_at, origin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (sha256) DO NOTHING",
    )?;
    let mut taken = Taken::default();
    for notice in notices {
        let id = keep(tx, &notice.bytes, now)?;
        let changed = insert.execute(params![
            id,
            notice.file_name,
            notice.exchange_id,
            notice.office.as_str(),
            notice.processing_month.map(MonthText),
            Stamp(notice.received_at),
            origin
        ])?;
        taken.count(id, changed == 1);
    }
    Ok(taken)
}

impl Taken {
    pub(crate) fn count(&mut self, id: ContentId, new: bool) {
        if new {
            self.new.push(id);
        } else {
            self.repeated += 1;
        }
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Notice> {
    Ok(Notice {
        id: row.get("sha256")?,
        file_name: row.get("file_name")?,
        size: row.get::<_, i64>("size")? as u64,
        exchange_id: row.get("exchange_id")?,
        office: row.get::<_, OfficeText>("office")?.0,
        processing_month: row.get::<_, Option<MonthText>>("processing_month")?.map(|month| month.0),
        received_at: row.get::<_, Stamp>("received_at")?.0,
        origin: row.get("origin")?,
        read_at: row.get::<_, Option<Stamp>>("read_at")?.map(|at| at.0),
    })
}
