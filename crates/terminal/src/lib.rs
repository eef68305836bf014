//! Exchanges files between the relay and the licensed transmission software of 国保連.
//!
//! That software runs on a Windows machine with the operator's certificate and knows nothing of the relay. Between them
//! stands a folder: claim files are put into `outbox`, answers and notice files are taken from `inbox`. The layout is a
//! contract, written down in `docs/operator/terminal.md`.
//!
//! A claim file appears in `outbox` exactly once. It is written beside its place first; then the relay is asked to begin,
//! which it grants only while the lease stands; then the file is renamed into its place. Killed anywhere, the next round
//! finds what was written beside and asks again: granted, it is renamed; refused, it is removed.
//!
//! [`Terminal::round`] does everything once. Nothing here waits or reads a clock.

mod folders;
mod line;

use std::path::PathBuf;

use relay_api::RefusalCode;
use relay_api::terminals::{Heartbeat, HeartbeatJob, WorkItem, WorkJob};
use sha2::{Digest, Sha256};

pub use folders::{FolderError, Folders};
pub use line::{Line, LineError};

/// Work that is asked for at a time.
const MOST_WORK: u32 = 20;

/// Why a round ended early. What it had done stays done; the next round goes on.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The relay could not be reached or refused.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A folder could not be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The relay gave a content that is not the announced one.
    #[error("the content of work {0} does not have its SHA-256")]
    Content(u64),
}

/// What a round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Claim files put into `outbox`.
    pub sent: usize,
    /// Wishes to cancel put into `cancel`.
    pub cancels: usize,
    /// Answers taken from `inbox/results`.
    pub results: usize,
    /// Notice files taken from `inbox/documents`.
    pub documents: usize,
    /// Files that could not be used and lie in `rejected` with the reason beside them.
    pub rejected: usize,
}

/// A terminal between a relay and a folder.
pub struct Terminal {
    line: Line,
    folders: Folders,
}

impl Terminal {
    /// Takes the folder `root`, made when missing, for itself.
    ///
    /// # Errors
    ///
    /// Returns [`FolderError::InUse`] when another process has it.
    pub fn open(line: Line, root: impl Into<PathBuf>) -> Result<Self, FolderError> {
        Ok(Self { line, folders: Folders::open(root.into())? })
    }

    /// Does everything once: answers and notice files first, so that what is known is never waited for.
    pub async fn round(&mut self) -> Result<Round, RoundError> {
        let mut round = Round::default();
        let mut reached = self.folders.last_contact()?;
        self.post_results(&mut round, &mut reached).await?;
        self.beat(HeartbeatJob::Status, reached.as_ref()).await?;
        self.post_documents(&mut round).await?;
        self.beat(HeartbeatJob::Documents, reached.as_ref()).await?;
        for item in self.folders.staged()? {
            self.place(&item, &mut round).await?;
        }
        for item in self.line.take(WorkJob::Send, MOST_WORK).await? {
            let content = self.line.content(item.id).await?;
            if hex::encode(Sha256::digest(&content)) != item.sha256 {
                return Err(RoundError::Content(item.id));
            }
            self.folders.stage(&item, &content)?;
            self.place(&item, &mut round).await?;
        }
        self.beat(HeartbeatJob::Send, reached.as_ref()).await?;
        for item in self.line.take(WorkJob::Cancel, MOST_WORK).await? {
            self.folders.stage(&item, &[])?;
            self.place(&item, &mut round).await?;
        }
        self.beat(HeartbeatJob::Cancel, reached.as_ref()).await?;
        Ok(round)
    }

    /// Puts staged work into its place if the relay grants it, and removes it if not.
    async fn place(&mut self, item: &WorkItem, round: &mut Round) -> Result<(), RoundError> {
        match self.line.begin(item.id).await {
            Ok(()) => {
                self.folders.publish(item)?;
                match item.job {
                    WorkJob::Send => round.sent += 1,
                    WorkJob::Cancel => round.cancels += 1,
                }
                Ok(())
            }
            Err(error) if matches!(error.refusal(), Some(RefusalCode::TooLate | RefusalCode::NotFound)) => {
                tracing::warn!(work.id = item.id, "The lease ran out or the file was cancelled; nothing is sent");
                Ok(self.folders.unstage(item)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn post_results(&mut self, round: &mut Round, reached: &mut Option<String>) -> Result<(), RoundError> {
        for path in self.folders.results()? {
            let (id, result) = match folders::read_result(&path)? {
                Ok(read) => read,
                Err(reason) => {
                    self.folders.reject(&path, &reason)?;
                    round.rejected += 1;
                    continue;
                }
            };
            match self.line.result(id, &result).await {
                Ok(_) => {
                    self.folders.finish(&path)?;
                    *reached = reached.take().max(Some(result.at));
                    round.results += 1;
                }
                Err(error) if error.is_final() => {
                    self.folders.reject(&path, &error.to_string())?;
                    round.rejected += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn post_documents(&mut self, round: &mut Round) -> Result<(), RoundError> {
        for (office, path) in self.folders.documents()? {
            let (name, content) = folders::read_document(&path)?;
            match self.line.document(&office, &name, content).await {
                Ok(_) => {
                    self.folders.finish(&path)?;
                    round.documents += 1;
                }
                Err(error) if error.is_final() => {
                    self.folders.reject(&path, &error.to_string())?;
                    round.rejected += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn beat(&mut self, job: HeartbeatJob, reached: Option<&String>) -> Result<(), RoundError> {
        Ok(self.line.beat(&Heartbeat { job, reached_at: reached.cloned() }).await?)
    }
}
