//! What a transmitting terminal does: take work, report states, hand over notice files.
//!
//! A terminal acts for the offices of its certificate, whatever corporation they belong to: its
//! [`TerminalScope`] takes the place of a client's scope. The first half of this module is the inside of the relay, which
//! the demonstration uses as well; the second half is what terminals reach over HTTP（[`relay_api::terminals`]）.

use std::collections::BTreeSet;

use bytes::Bytes;
use calendar::ClaimWindow;
use chrono::{DateTime, FixedOffset, Timelike};
use kokuho::OfficeNumber;
use relay_api::State;
use relay_api::terminals::{Delivered, Heartbeat, Noted, TakeWork, WorkJob, WorkList, WorkOutcome, WorkResult};
use sha2::{Digest, Sha256};

use crate::Relay;
use crate::admin::AdminError;
use crate::clock::wire;
use crate::failure::Failure;
use crate::objects::Key;
use crate::password::Token;
use crate::profile::minute_of_day;
use crate::session::TerminalScope;
use crate::storage::{Change, Leased, NewDocument, Recorded, Report, TerminalRow, Work};

/// Seconds that a lease stands unless its terminal begins or asks again.
pub const LEASE_SECONDS: i64 = 5 * 60;
/// What an office reads of a file that waited beyond its window.
const OVERDUE: &str = "受付期間のうちに国保連へ伝送できませんでした。この請求は受け付けられていません。";
/// Pieces of work that a terminal may hold at a time.
const MOST_WORK: u32 = 100;
/// Characters of the number that 国保連 gives a cancellation（features M02）.
const MAX_CANCEL_CODE: usize = 19;
/// Bytes of a notice file, at most: what a claim file may have.
const MAX_DOCUMENT: usize = relay_api::MAX_CONTENT_BYTES as usize;

impl Relay {
    /// Hands all waiting submissions whose window is open to a terminal, oldest first. Each is handed out once.
    pub async fn take_work(&self) -> Result<Vec<Work>, Failure> {
        let at = self.clock().business();
        Ok(self.storage().take_work(at, open_month(at)).await?)
    }

    /// Ends what still waits for a terminal after the window of its month: it cannot go to 国保連 any more, and the office
    /// has to know. Returns how many there were.
    pub async fn end_overdue(&self) -> Result<usize, Failure> {
        let at = self.clock().business();
        let first = ClaimWindow::current_or_next(at.date_naive()).processing_month;
        Ok(self.storage().end_overdue(first.to_string(), OVERDUE, at).await?)
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
            audience: None,
            file_name: file_name.to_owned(),
            sha256,
            size,
            received_at: wire(received_at),
        })
    }
}

impl Relay {
    /// Makes a file of an お知らせ durable, to be appended for each of these offices of a prefecture.
    pub(crate) async fn store_announcement(
        &self,
        prefecture: &str,
        offices: Vec<(i64, String)>,
        file_name: &str,
        content: Bytes,
        received_at: DateTime<FixedOffset>,
    ) -> Result<Vec<NewDocument>, Failure> {
        let sha256 = hex::encode(Sha256::digest(&content));
        let corporations: BTreeSet<i64> = offices.iter().map(|(corporation, _)| *corporation).collect();
        for corporation in corporations {
            self.objects().put(&Key::document(corporation, &sha256), content.clone()).await?;
        }
        let document = |(_, office)| NewDocument {
            office,
            audience: Some(format!("{prefecture}********")),
            file_name: file_name.to_owned(),
            sha256: sha256.clone(),
            size: content.len() as u64,
            received_at: wire(received_at),
        };
        Ok(offices.into_iter().map(document).collect())
    }

    /// Takes a file of an お知らせ for the offices of a prefecture for which the terminal transmits.
    async fn take_announcement(
        &self,
        terminal: TerminalScope,
        prefecture: &str,
        file_name: &str,
        content: Bytes,
    ) -> Result<Delivered, Failure> {
        let offices = self.storage().offices_of(prefecture.to_owned(), Some(terminal)).await?;
        if offices.is_empty() {
            return Err(Failure::NotFound);
        }
        let at = self.clock().business();
        let documents = self.store_announcement(prefecture, offices, file_name, content, at).await?;
        Ok(Delivered { new: self.storage().append_all(documents).await? })
    }
}

/// Returns the month whose window is open at a moment（features T05, T08）.
fn open_month(at: DateTime<FixedOffset>) -> Option<String> {
    let window = ClaimWindow::current_or_next(at.date_naive());
    window.is_open(at.date_naive()).then(|| window.processing_month.to_string())
}

/// Returns the state that a basic code（features R03）stands for.
pub(crate) fn state_of(basic_code: &str) -> Option<State> {
    match basic_code {
        "5C01" | "5C02" | "5C03" | "5C05" => Some(State::Receiving),
        "5C06" | "5C07" | "5C08" => Some(State::Processing),
        "5C09" => Some(State::Completed),
        "5C04" => Some(State::FormatError),
        "5C10" | "5C11" | "5C12" => Some(State::ExternalError),
        _ => None,
    }
}

impl Relay {
    /// Adds a terminal for the offices of `certificate` (without one: for the offices that have none). Returns its secret,
    /// which is shown once.
    pub async fn add_terminal(&self, client_id: &str, certificate: Option<&str>) -> Result<String, AdminError> {
        crate::admin::check_login_id(client_id)?;
        let secret = Token::random();
        let certificate = certificate.map(str::to_owned);
        self.storage().add_terminal(client_id.to_owned(), secret.hash, certificate, self.now()).await?;
        Ok(secret.text)
    }

    /// Ends the credentials of a terminal.
    pub async fn retire_terminal(&self, client_id: &str) -> Result<(), AdminError> {
        Ok(self.storage().retire_terminal(client_id.to_owned(), self.now()).await?)
    }

    /// Lists the terminals.
    pub async fn terminals(&self) -> Result<Vec<TerminalRow>, AdminError> {
        Ok(self.storage().terminals().await?)
    }

    /// Gives work that a terminal has begun, and that 国保連 does not have, back to the line.
    pub async fn release_work(&self, accept_code: &str) -> Result<(), AdminError> {
        let at = self.clock().business();
        Ok(self.storage().release_work(accept_code.to_owned(), at, self.now()).await?)
    }

    /// Hands work to a terminal under a lease. Asking again gives the same work with a new lease, and more if there is.
    pub async fn hand_out(&self, terminal: TerminalScope, wish: TakeWork) -> Result<WorkList, Failure> {
        if !(1..=MOST_WORK).contains(&wish.most) {
            return Err(Failure::Malformed("most is not 1 to 100".into()));
        }
        let now = self.now();
        let mut work = match wish.job {
            WorkJob::Send => {
                let closed = self.closed_prefectures().await?;
                let open = open_month(self.clock().business());
                self.storage().lease(terminal, wish.most, now + LEASE_SECONDS, now, closed, open).await?
            }
            WorkJob::Cancel => self.storage().to_cancel(terminal).await?,
        };
        work.truncate(wish.most as usize);
        Ok(WorkList { work })
    }

    /// Returns the codes of prefectures whose 国保連 takes nothing at this time of the day: the profile says when.
    async fn closed_prefectures(&self) -> Result<Vec<String>, Failure> {
        let at = self.clock().business();
        let now = at.hour() * 60 + at.minute();
        let rules = self.profile().await?.prefectures.into_iter();
        let closed = rules.filter(|rule| {
            let Some(hours) = &rule.hours else { return false };
            let (opens, closes) = (minute_of_day(&hours.opens), minute_of_day(&hours.closes));
            opens.is_some_and(|opens| now < opens) || closes.is_some_and(|closes| closes <= now)
        });
        Ok(closed.map(|rule| rule.code).collect())
    }

    /// Returns what the terminal has begun and 国保連 has not ended.
    pub async fn begun_work(&self, terminal: TerminalScope) -> Result<WorkList, Failure> {
        Ok(WorkList { work: self.storage().begun(terminal).await? })
    }

    /// Reads the content of work that the terminal holds.
    pub async fn held_content(&self, terminal: TerminalScope, work: u64) -> Result<Bytes, Failure> {
        let held = self.storage().held_content(terminal, work, self.now()).await?;
        let (corporation, sha256) = held.ok_or(Failure::NotFound)?;
        Ok(self.objects().read(&Key::submission(corporation, &sha256)).await?)
    }

    /// Begins a piece of work. Only when it returns may a byte of it leave for 国保連.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::TooLate`] when the lease ran out, or the file was cancelled or its window closed meanwhile: nothing
    /// may be sent.
    pub async fn begin_work(&self, terminal: TerminalScope, work: u64) -> Result<(), Failure> {
        let at = self.clock().business();
        match self.storage().begin(terminal, work, at, self.now(), open_month(at)).await? {
            Leased::Yes => Ok(()),
            Leased::Lost => Err(Failure::TooLate("the lease ran out, or the file was cancelled, or its window closed")),
            Leased::Unknown => Err(Failure::NotFound),
        }
    }

    /// Records what 国保連 said of begun work. Repeated and late reports change nothing.
    pub async fn take_result(&self, terminal: TerminalScope, work: u64, result: WorkResult) -> Result<Noted, Failure> {
        let malformed = |what: &str| Failure::Malformed(what.into());
        let at = DateTime::parse_from_rfc3339(&result.at).map_err(|_| malformed("at is not RFC 3339"))?;
        // A terminal whose clock is ahead must not tell the offices of what has not happened yet.
        let at = at.min(self.clock().business());
        let submission = i64::try_from(work).map_err(|_| Failure::NotFound)?;
        let change = |state, basic_code| Change { submission, state, basic_code, message: result.message.clone(), at };
        let report = match result.outcome {
            WorkOutcome::State { basic_code } => {
                let state = state_of(&basic_code).ok_or_else(|| malformed("basic_code is not 5C01 to 5C12"))?;
                Report::State(change(state, Some(basic_code)))
            }
            WorkOutcome::Cancelled { code } => {
                let is_code = |code: &String| {
                    (1..=MAX_CANCEL_CODE).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric())
                };
                if !code.as_ref().is_none_or(is_code) {
                    return Err(malformed("code is not 1 to 19 letters and digits"));
                }
                Report::Cancelled(change(State::Cancelled, None), code)
            }
            WorkOutcome::CancelFailed => Report::CancelFailed(change(State::Receiving, None)),
        };
        match self.storage().report(terminal, report).await? {
            Recorded::Now => Ok(Noted { new: true }),
            Recorded::Already => Ok(Noted { new: false }),
            Recorded::Impossible => Err(Failure::TooLate("the report contradicts what is known")),
            Recorded::Unknown => Err(Failure::NotFound),
        }
    }

    /// Takes a notice file for an office that the terminal transmits for, or an お知らせ for all of them in a prefecture, which
    /// stands with its two digits in the place of the office. The same content counts once.
    pub async fn take_document(
        &self,
        terminal: TerminalScope,
        office: &str,
        file_name: &str,
        content: Bytes,
    ) -> Result<Delivered, Failure> {
        crate::submission::check_file_name(file_name)?;
        let is_prefecture = office.len() == 2 && office.bytes().all(|byte| byte.is_ascii_digit());
        if !is_prefecture && OfficeNumber::parse(office).is_err() {
            return Err(Failure::NotFound);
        }
        if content.is_empty() {
            return Err(Failure::Malformed("the file is empty".into()));
        }
        if content.len() > MAX_DOCUMENT {
            return Err(Failure::TooLarge);
        }
        if is_prefecture {
            return self.take_announcement(terminal, office, file_name, content).await;
        }
        if !self.storage().serves(terminal, office.to_owned()).await? {
            return Err(Failure::NotFound);
        }
        let new = self.append_document(office, file_name, content, self.clock().business()).await?;
        Ok(Delivered { new })
    }

    /// Notes a sign of life of a terminal's job.
    pub async fn beat(&self, terminal: TerminalScope, beat: Heartbeat) -> Result<(), Failure> {
        let reached = beat.reached_at.as_deref().map(DateTime::parse_from_rfc3339).transpose();
        let reached = reached.map_err(|_| Failure::Malformed("reached_at is not RFC 3339".into()))?;
        let now = self.clock().business();
        // A terminal whose clock is ahead must not tell the offices of a contact in the future.
        let reached = reached.map(|reached| reached.min(now));
        Ok(self.storage().beat(terminal, beat.job, now, reached).await?)
    }
}
