//! Notices: fetched from the relay by cursor. Kept byte for byte; unknown kinds too（features N10）.

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::OfficeNumber;
use relay_api::Document;
use store::{ContentId, NewNotice};

use crate::files::sha256;
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::views::ImportView;
use crate::{App, Topic};

impl App {
    /// Fetches the documents that are new at the relay, page by page; each page is kept together with the cursor behind it.
    pub async fn sync(&self) -> Result<ImportView, Problem> {
        let relay = self.relay()?;
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        // The list at the relay belongs to the ID: an ID of one office sees other positions than one of the corporation.
        let source = format!("{}/{}/{}", relay.address(), account.corporation_number, account.login_id);
        let mut view = ImportView { files: 0, new: 0, repeated: 0, refused: Vec::new() };
        loop {
            let from = source.clone();
            let cursor = self.store(move |store| store.document_cursor(&from)).await?;
            let page = self.call(|relay, token| async move { relay.documents(&token, cursor).await }).await?;
            let mut notices = Vec::with_capacity(page.documents.len());
            for document in &page.documents {
                notices.push(self.fetch(document).await?);
            }
            let (to, now, count) = (source.clone(), self.now(), page.documents.len());
            let taken = self.store(move |store| store.take_documents(&to, &notices, page.cursor, now)).await?;
            view.files += count as u32;
            view.new += taken.new.len() as u32;
            view.repeated += taken.repeated as u32;
            // A relay whose cursor does not move would be asked for ever.
            if !page.more || page.cursor <= cursor {
                break;
            }
        }
        if view.new > 0 {
            self.announce_change(Topic::Notices);
            self.announce_change(Topic::Returns);
            self.announce_change(Topic::Frame);
        }
        Ok(view)
    }

    /// Fetches notices and follows what was sent, for a person who asks for it now.
    pub async fn follow(&self) -> Result<(), Problem> {
        self.look_at_relay().await;
        self.follow_submissions().await
    }

    /// Asks the relay how it is; the answer shows in the frame.
    pub async fn look_at_relay(&self) {
        self.ask_status().await;
    }

    async fn fetch(&self, document: &Document) -> Result<NewNotice, Problem> {
        let id = document.id;
        let bytes = self.call(|relay, token| async move { relay.document_content(&token, id).await }).await?;
        if sha256(&bytes) != document.sha256 {
            tracing::warn!(document.id = id, "The relay gave other bytes than it named");
            return Err(Code::LineCut.into());
        }
        let received_at = moment(&document.received_at).unwrap_or_else(|| self.now());
        Ok(notice_of(bytes.into(), document.file_name.clone(), OfficeNumber::from_file(&document.office), received_at))
    }
}

/// Describes a notice by its content; what cannot be read keeps the office that it came for and no kind.
pub(crate) fn notice_of(
    bytes: Vec<u8>,
    file_name: String,
    office: OfficeNumber,
    received_at: NaiveDateTime,
) -> NewNotice {
    let (exchange_id, processing_month) = kokuho::read(&bytes).as_ref().map_or((String::new(), None), facts_of);
    NewNotice { file_name, exchange_id, office, processing_month, received_at, bytes }
}

/// Returns 交換情報識別番号 and 審査年月 of a notice.
pub(crate) fn facts_of(file: &kokuho::Interchange) -> (String, Option<Month>) {
    let exchange_id = file.rows.first().map(|row| row.exchange_id().to_owned()).unwrap_or_default();
    (exchange_id, file.processing_month())
}

impl App {
    /// Returns the content id of a notice by its text.
    pub(crate) fn notice_id(text: &str) -> Result<ContentId, Problem> {
        text.parse().map_err(|_| Code::UnknownNotice.into())
    }
}
