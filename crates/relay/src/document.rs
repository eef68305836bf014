//! Notice files, handed out by cursor.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use relay_api::{Document, DocumentPage};

use crate::failure::Failure;
use crate::objects::Key;
use crate::session::Scope;
use crate::{Relay, objects};

impl Relay {
    /// Returns the documents after the cursor `after`, oldest first.
    pub async fn documents(&self, scope: Scope, after: u64) -> Result<DocumentPage, Failure> {
        Ok(self.storage().documents(scope, after).await?)
    }

    /// Reads a document, byte for byte.
    pub async fn document_content(
        &self,
        scope: Scope,
        id: u64,
    ) -> Result<(Document, BoxStream<'static, Result<Bytes, objects::Error>>), Failure> {
        let (corporation, document) = self.storage().document(scope, id).await?.ok_or(Failure::NotFound)?;
        let content = self.objects().stream(&Key::document(corporation, &document.sha256)).await?;
        Ok((document, content))
    }
}
