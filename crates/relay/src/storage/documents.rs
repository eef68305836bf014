//! Notice files: append-only, numbered per corporation.

use relay_api::{Document, DocumentPage};

use super::sql::{Row, Tx, values};
use super::terminals::CERTIFICATE;
use super::{Result, Scoped, Storage, news};
use crate::session::{Scope, TerminalScope};

/// Documents of one page, at most.
const PAGE: usize = 200;

/// A notice file whose content is durable.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// 事業所番号.
    pub office: String,
    /// Whom it is for, where that is more than the office: `99********` is every office of prefecture 99.
    pub audience: Option<String>,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the content.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was received: business time, as on the wire.
    pub received_at: String,
}

impl Storage {
    /// Returns the documents after the cursor `after`, oldest first.
    pub async fn documents(&self, scope: Scope, after: u64) -> Result<DocumentPage> {
        self.read(move |tx| {
            // One more than fits, to know whether more follow.
            let limit = PAGE as i64 + 1;
            let mut documents = Scoped::new(tx, scope).rows(
                "SELECT id, coalesce(audience, office_number), file_name, sha256, size, received_at FROM my_document
                 WHERE id > ?3 ORDER BY id LIMIT ?4",
                values![after, limit],
                read,
            )?;
            let more = documents.len() > PAGE;
            documents.truncate(PAGE);
            let cursor = documents.last().map_or(after, |document| document.id);
            Ok(DocumentPage { documents, cursor, more })
        })
        .await
    }

    /// Finds a document, and the row of its corporation.
    pub async fn document(&self, scope: Scope, id: u64) -> Result<Option<(i64, Document)>> {
        self.read(move |tx| {
            let found = Scoped::new(tx, scope).row(
                "SELECT id, coalesce(audience, office_number), file_name, sha256, size, received_at FROM my_document WHERE id = ?3",
                values![id],
                read,
            )?;
            Ok(found.map(|document| (scope.corporation(), document)))
        })
        .await
    }

    /// Returns the row of the corporation that an office belongs to.
    pub async fn corporation_of(&self, office: String) -> Result<Option<i64>> {
        self.read(move |tx| {
            tx.row("SELECT corporation FROM office WHERE number = ?1", values![office], |row| row.get(0))
        })
        .await
    }

    /// Returns the offices of a prefecture with the rows of their corporations: all of them, or those for which a terminal
    /// transmits.
    pub async fn offices_of(&self, prefecture: String, terminal: Option<TerminalScope>) -> Result<Vec<(i64, String)>> {
        self.read(move |tx| {
            let all = "SELECT corporation, number FROM office WHERE substr(number, 1, 2) = ?1";
            let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
            match terminal {
                None => tx.rows(&format!("{all} ORDER BY id"), values![prefecture], read),
                Some(terminal) => {
                    let certificate = CERTIFICATE.replace("submission.office", "office.id");
                    let sql = format!("{all} AND {certificate} IS NOT DISTINCT FROM ?2 ORDER BY id");
                    tx.rows(&sql, values![prefecture, terminal.certificate()], read)
                }
            }
        })
        .await
    }

    /// Appends documents in one transaction, all or none. Returns whether any of them is new.
    pub async fn append_all(&self, documents: Vec<NewDocument>) -> Result<bool> {
        self.write(move |tx| {
            let mut new = false;
            for document in &documents {
                new |= append(tx, document)?;
            }
            Ok(new)
        })
        .await
    }

    /// Appends a document unless the office has the same content already. Returns whether it is new.
    pub async fn append(&self, document: NewDocument) -> Result<bool> {
        self.write(move |tx| append(tx, &document)).await
    }
}

pub(super) fn append(tx: &Tx<'_>, document: &NewDocument) -> Result<bool> {
    let office = tx.row(
        "INSERT INTO document (corporation, id, office, file_name, sha256, size, received_at, audience)
         SELECT corporation,
             (SELECT coalesce(max(id), 0) + 1 FROM document WHERE document.corporation = office.corporation),
             office.id, ?2, ?3, ?4, ?5, ?6
         FROM office WHERE number = ?1
         ON CONFLICT (office, sha256) DO NOTHING RETURNING office",
        values![
            document.office,
            document.file_name,
            document.sha256,
            document.size,
            document.received_at,
            document.audience
        ],
        |row| row.get(0),
    )?;
    let Some(office) = office else { return Ok(false) };
    news::note(tx, office)?;
    Ok(true)
}

fn read(row: &Row) -> Result<Document> {
    Ok(Document {
        id: row.get(0)?,
        office: row.get(1)?,
        file_name: row.get(2)?,
        sha256: row.get(3)?,
        size: row.get(4)?,
        received_at: row.get(5)?,
    })
}
