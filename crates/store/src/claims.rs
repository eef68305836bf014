use std::collections::HashMap;

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use rusqlite::{Params, Row, params};

use crate::content::keep;
use crate::notices::{self, NewNotice, Origin, Taken};
use crate::text::{MonthText, OfficeText, Stamp};
use crate::{ContentId, Result, Store, Submission, outbox};

/// A claim file that another program sent, imported from disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaimFile {
    /// Name of the file, without folders.
    pub file_name: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A claim file that is here, because it is in the outbox, because it was imported, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFile {
    /// SHA-256 of the content.
    pub id: ContentId,
    /// Name of the file, without folders.
    pub file_name: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// When it was imported from disk as sent by another program.
    pub imported_at: Option<NaiveDateTime>,
    /// What became of it here, when it went through the outbox.
    pub submission: Option<Submission>,
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of the content.
    pub id: ContentId,
    /// Name of the file, without folders.
    pub file_name: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月 of a claim file, 審査年月 of a notice that says it.
    pub processing_month: Option<Month>,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Takes claim files that another program sent, all in one transaction. Taking them again changes nothing.
    pub fn add_claim_files(&self, files: &[NewClaimFile], now: NaiveDateTime) -> Result<Taken> {
        self.take_files(files, &[], now)
    }

    /// Takes claim files and notices from disk, all in one transaction: a power cut leaves all of them or none. Taking them
    /// again changes nothing.
    pub fn take_files(&self, claims: &[NewClaimFile], notices: &[NewNotice], now: NaiveDateTime) -> Result<Taken> {
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO claim_file (sha256, file_name, office, processing_month, imported_at)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (sha256) DO NOTHING",
            )?;
            let mut taken = notices::insert_all(tx, notices, Origin::Disk, now)?;
            for file in claims {
                let id = keep(tx, &file.bytes, now)?;
                let changed = insert.execute(params![
                    id,
                    file.file_name,
                    file.office.as_str(),
                    MonthText(file.processing_month),
                    Stamp(now)
                ])?;
                taken.count(id, changed == 1);
            }
            Ok(taken)
        })
    }

    /// Returns whether a file is here as a claim file of another program or as a notice, so that taking it in would change
    /// nothing.
    pub fn has_file(&self, id: &ContentId) -> Result<bool> {
        let db = self.db();
        let mut query = db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM claim_file WHERE sha256 = ?1) OR EXISTS (SELECT 1 FROM notice WHERE sha256 = ?1)",
        )?;
        Ok(query.query_row([id], |row| row.get(0))?)
    }

    /// Returns every claim file once, from the outbox and from imports, oldest processing month first.
    pub fn claim_files(&self) -> Result<Vec<ClaimFile>> {
        self.claim_files_of("", [])
    }

    /// Returns the claim files that `tail` picks by a column that both lists have.
    fn claim_files_of(&self, tail: &str, values: impl Params + Copy) -> Result<Vec<ClaimFile>> {
        let db = self.db();
        // One read transaction, so that a file that moves between the two lists meanwhile is not missed.
        let tx = db.unchecked_transaction()?;
        let submissions = outbox::select(&tx, tail, values, outbox::from_row)?;
        let mut files: HashMap<ContentId, ClaimFile> = submissions
            .into_iter()
            .map(|submission| {
                let file = ClaimFile {
                    id: submission.id,
                    file_name: submission.file_name.clone(),
                    office: submission.office.clone(),
                    processing_month: submission.processing_month,
                    imported_at: None,
                    submission: Some(submission),
                };
                (file.id, file)
            })
            .collect();
        let mut query = tx.prepare_cached(&format!("SELECT * FROM claim_file {tail}"))?;
        for imported in query.query_map(values, imported)? {
            let imported = imported?;
            files.entry(imported.id).or_insert_with(|| imported.clone()).imported_at = imported.imported_at;
        }
        let mut files: Vec<_> = files.into_values().collect();
        files.sort_by(|a, b| (a.processing_month, &a.office, a.id).cmp(&(b.processing_month, &b.office, b.id)));
        Ok(files)
    }

    /// Returns the contents of the claim files of an office that `counts` picks, oldest processing month first.
    ///
    /// Which ones count as sent is for the caller to say: a cancelled submission does not, one imported from disk does.
    pub fn claim_blobs(&self, office: &OfficeNumber, counts: impl Fn(&ClaimFile) -> bool) -> Result<Vec<Blob>> {
        let mut blobs = Vec::new();
        for file in self.claim_files_of("WHERE office = ?1", [office.as_str()])?.into_iter().filter(|file| counts(file))
        {
            // Files are never deleted, so that each one listed is here.
            let bytes = self.content(&file.id)?.ok_or(crate::StoreError::Unknown(file.id))?;
            let ClaimFile { id, file_name, office, processing_month, .. } = file;
            blobs.push(Blob { id, file_name, office, processing_month: Some(processing_month), bytes });
        }
        Ok(blobs)
    }
}

impl Blob {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("sha256")?,
            file_name: row.get("file_name")?,
            office: row.get::<_, OfficeText>("office")?.0,
            processing_month: row.get::<_, Option<MonthText>>("processing_month")?.map(|month| month.0),
            bytes: row.get("bytes")?,
        })
    }
}

fn imported(row: &Row<'_>) -> rusqlite::Result<ClaimFile> {
    Ok(ClaimFile {
        id: row.get("sha256")?,
        file_name: row.get("file_name")?,
        office: row.get::<_, OfficeText>("office")?.0,
        processing_month: row.get::<_, MonthText>("processing_month")?.0,
        imported_at: Some(row.get::<_, Stamp>("imported_at")?.0),
        submission: None,
    })
}
