//! What a transmitting terminal does: take work, report states, hand over notice files.
//!
//! A terminal acts for all corporations, so that no [`Scope`](crate::session::Scope) is asked for. Nothing here can be
//! reached over HTTP yet; the demonstration is the one caller.

use bytes::Bytes;
use chrono::{DateTime, FixedOffset};
use sha2::{Digest, Sha256};

use crate::Relay;
use crate::clock::wire;
use crate::failure::Failure;
use crate::objects::Key;
use crate::storage::{Change, NewDocument, Recorded, Work};

impl Relay {
    /// Hands all waiting submissions to a terminal, oldest first. Each is handed out once.
    pub async fn take_work(&self) -> Result<Vec<Work>, Failure> {
        Ok(self.storage().take_work(self.clock().business()).await?)
    }

    /// Reads the content of taken work.
    pub async fn work_content(&self, work: &Work) -> Result<Bytes, Failure> {
        Ok(self.objects().read(&Key::submission(work.corporation, &work.sha256)).await?)
    }

    /// Records a state that 国保連 gave. Repeated and late reports change nothing.
    pub async fn record_state(&self, change: Change) -> Result<Recorded, Failure> {
        Ok(self.storage().record(change).await?)
    }

    /// Keeps a notice file for the office `office`. Returns whether it is new: the same content comes once per office.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::NotFound`] for an office that no corporation of this relay has.
    pub async fn append_document(
        &self,
        office: &str,
        file_name: &str,
        content: Bytes,
        received_at: DateTime<FixedOffset>,
    ) -> Result<bool, Failure> {
        let document = self.store_document(office, file_name, content, received_at).await?;
        Ok(self.storage().append(document).await?)
    }

    /// Makes a document durable, to be appended.
    pub(crate) async fn store_document(
        &self,
        office: &str,
        file_name: &str,
        content: Bytes,
        received_at: DateTime<FixedOffset>,
    ) -> Result<NewDocument, Failure> {
        let corporation = self.storage().corporation_of(office.to_owned()).await?.ok_or(Failure::NotFound)?;
        let sha256 = hex::encode(Sha256::digest(&content));
        let size = content.len() as u64;
        self.objects().put(&Key::document(corporation, &sha256), content).await?;
        Ok(NewDocument {
            office: office.to_owned(),
            file_name: file_name.to_owned(),
            sha256,
            size,
            received_at: wire(received_at),
        })
    }
}
