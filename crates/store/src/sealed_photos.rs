use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, Row, params};

use crate::text::Stamp;
use crate::{Result, Store};

/// A photo of a sealed 委任状, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPhoto {
    /// Id of the application that the paper belongs to.
    pub application: String,
    /// 事業所番号 on the paper.
    pub office: String,
    /// Width in dots.
    pub width: u32,
    /// Height in dots.
    pub height: u32,
    /// When it was kept.
    pub kept_at: NaiveDateTime,
}

impl Store {
    /// Keeps a photo of a sealed paper as JPEG; earlier ones of the same paper stay in the database.
    pub fn keep_sealed_photo(&self, photo: &SealedPhoto, jpeg: &[u8]) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO sealed_photo (application, office, width, height, jpeg, kept_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![photo.application, photo.office, photo.width, photo.height, jpeg, Stamp(photo.kept_at)],
            )?;
            Ok(())
        })
    }

    /// Lists the latest photo of each paper.
    pub fn sealed_photos(&self) -> Result<Vec<SealedPhoto>> {
        let db = self.db();
        let mut query = db.prepare_cached(
            "SELECT application, office, width, height, kept_at FROM sealed_photo
             WHERE id IN (SELECT max(id) FROM sealed_photo GROUP BY application, office) ORDER BY id",
        )?;
        Ok(query.query_map([], read_photo)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Returns the bytes of the latest photo of a paper, or `None` without one.
    pub fn sealed_photo(&self, application: &str, office: &str) -> Result<Option<Vec<u8>>> {
        let db = self.db();
        let mut query = db.prepare_cached(
            "SELECT jpeg FROM sealed_photo WHERE application = ?1 AND office = ?2 ORDER BY id DESC LIMIT 1",
        )?;
        Ok(query.query_row([application, office], |row| row.get(0)).optional()?)
    }
}

fn read_photo(row: &Row<'_>) -> rusqlite::Result<SealedPhoto> {
    Ok(SealedPhoto {
        application: row.get(0)?,
        office: row.get(1)?,
        width: row.get(2)?,
        height: row.get(3)?,
        kept_at: row.get::<_, Stamp>(4)?.0,
    })
}
