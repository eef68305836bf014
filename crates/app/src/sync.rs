//! Notices: fetched from the relay by cursor, or taken from disk. Kept byte for byte; unknown kinds too（features N10）.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use kokuho::{FileKind, OfficeNumber};
use relay_api::{Account, Document};
use store::{ContentId, NewClaimFile, NewNotice};

use crate::files::{Content, file_name, of_not_interchange, read_file, sha256};
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::views::{ImportView, RefusedView};
use crate::{App, Topic, blocking};

/// Deepest folder that an import enters below the one it was given; deeper ones are no folders of claim files.
const DEPTH: usize = 8;

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

    /// Takes claim files and notices from files and folders, in any order, as often as one likes. Works without a line.
    pub async fn import(&self, paths: &[String]) -> Result<ImportView, Problem> {
        let account = self.account().await?;
        let now = self.now();
        let roots: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let found =
            blocking(move || Ok(roots.iter().flat_map(|root| files_under(root, DEPTH)).collect::<Vec<_>>())).await?;
        let mut view = ImportView { files: found.len() as u32, new: 0, repeated: 0, refused: Vec::new() };
        for path in found {
            let owner = account.clone();
            let name = file_name(&path);
            match blocking(move || sort(&path, owner.as_ref(), now)).await {
                Ok(Sorted::Claim(file)) => {
                    let taken = self.store(move |store| store.add_claim_files(&[file], now)).await?;
                    view.new += taken.new.len() as u32;
                    view.repeated += taken.repeated as u32;
                }
                Ok(Sorted::Notice(notice)) => {
                    let taken = self.store(move |store| store.add_notices(&[notice], now)).await?;
                    view.new += taken.new.len() as u32;
                    view.repeated += taken.repeated as u32;
                }
                Err(problem) => view.refused.push(RefusedView { file: name, problem: problem.into() }),
            }
        }
        if view.new > 0 {
            self.announce_change(Topic::Notices);
            self.announce_change(Topic::Returns);
            self.announce_change(Topic::Frame);
        }
        Ok(view)
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

/// A file from disk, put where it belongs.
enum Sorted {
    Claim(NewClaimFile),
    Notice(NewNotice),
}

fn sort(path: &Path, account: Option<&Account>, now: NaiveDateTime) -> Result<Sorted, Problem> {
    let Content { name, bytes, .. } = read_file(path)?;
    let file = kokuho::read(&bytes).map_err(|not| of_not_interchange(&not))?;
    let office = file.office();
    if account.is_some_and(|account| !account.offices.iter().any(|own| own.number == office.as_str())) {
        return Err(Problem::with(Code::OtherOffice, office.as_str()));
    }
    match (file.kind(), file.processing_month()) {
        (FileKind::Claim | FileKind::BenefitManagement, Some(processing_month)) => {
            Ok(Sorted::Claim(NewClaimFile { file_name: name, office, processing_month, bytes }))
        }
        (FileKind::Claim | FileKind::BenefitManagement, None) => Err(Code::NotInterchange.into()),
        (FileKind::Notice | FileKind::Unknown, _) => Ok(Sorted::Notice(notice_of(bytes, name, office, now))),
    }
}

/// Describes a notice by its content; what cannot be read keeps the office that it came for and no kind.
fn notice_of(bytes: Vec<u8>, file_name: String, office: OfficeNumber, received_at: NaiveDateTime) -> NewNotice {
    let (exchange_id, processing_month) = match kokuho::read(&bytes) {
        Ok(file) => {
            let exchange_id = file.rows.first().map(|row| row.exchange_id().to_owned()).unwrap_or_default();
            (exchange_id, file.processing_month())
        }
        Err(_) => (String::new(), None),
    };
    NewNotice { file_name, exchange_id, office, processing_month, received_at, bytes }
}

/// Returns the files under `path` in order of their names; a file is itself. Links are not followed.
fn files_under(path: &Path, depth: usize) -> Vec<PathBuf> {
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|facts| facts.is_dir());
    if !is_folder {
        return vec![path.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_owned()] };
    let mut inside: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    inside.sort();
    inside
        .iter()
        .filter(|path| depth > 0 || !path.is_dir())
        .flat_map(|path| files_under(path, depth.saturating_sub(1)))
        .collect()
}

impl App {
    /// Returns the content id of a notice by its text.
    pub(crate) fn notice_id(text: &str) -> Result<ContentId, Problem> {
        text.parse().map_err(|_| Code::UnknownNotice.into())
    }
}
