//! Sending. A file is put into the outbox with its content in one transaction; that an attempt begins is on disk before
//! the first byte leaves; and the relay knows a file by its content and its round, so that no repetition makes a second
//! submission. A round is a person's decision to send the bytes; the next one begins only when 国保連 has nothing of the one
//! before.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use chrono::{NaiveDateTime, TimeDelta};
use futures_util::{StreamExt, future, stream};
use kokuho::{OfficeNumber, Severity};
use relay_api::{Account, EndedRound, NewSubmission, State, Submission as AtRelay};
use store::{ContentId, LocalState, Said, Staged, Submission, Told};

use crate::files::{self, Content, office_name, read_file};
use crate::problem::{Code, Problem};
use crate::tick::{Waiting, moment, rfc3339};
use crate::views::{EarlierRoundView, SavedView, StepView, SubmissionState, SubmissionView};
use crate::{App, Topic, blocking, disk};

/// First waiting time between attempts, and the longest. A line that comes back ends the waiting at once.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(15));

/// Submissions that are sent at a time: while the disk of one end makes one safe, the line and the other end work on the next.
pub(crate) const AT_ONCE: usize = 4;

impl App {
    /// Puts a checked file into the outbox, from which it goes out by itself. `sha256` is the content that the person was
    /// shown; a file that has changed since is refused. The same content is never put in twice.
    pub async fn stage(&self, path: &str, sha256: &str) -> Result<SubmissionView, Problem> {
        let path = PathBuf::from(path);
        let content = blocking(move || read_file(&path)).await?;
        if content.sha256 != sha256 {
            return Err(Code::ChangedFile.into());
        }
        self.stage_content(content).await
    }

    /// Puts content that was read or made before into the outbox.
    pub(crate) async fn stage_content(&self, content: Content) -> Result<SubmissionView, Problem> {
        let account = self.sender().await?;
        let now = self.now();
        let prepared = blocking(move || prepare(content)).await?;
        let Prepared { new, bytes, id } = prepared;
        check_office(&account, &new.office)?;
        let known = self.store(move |store| store.submission(&id)).await?;
        // What was taken back counts for nothing until it is put in again.
        if known.as_ref().is_none_or(|row| row.hidden) {
            self.check_way(id, &new).await?;
        }
        let staged = self.store(move |store| store.stage(&new, &bytes, now)).await?;
        let taken_back = staged.submission().hidden;
        if taken_back {
            self.store(move |store| {
                store.restore(&id, now)?;
                store.retry(&id, now)
            })
            .await?;
        }
        self.announce_change(Topic::Submissions);
        let mut view = self.submission(id).await?;
        view.repeated = matches!(staged, Staged::Already(_)) && !taken_back;
        Ok(view)
    }

    /// Returns who is signed in and may send.
    async fn sender(&self) -> Result<Account, Problem> {
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        if account.must_change_password { Err(Code::PasswordChangeRequired.into()) } else { Ok(account) }
    }

    /// Makes sure that the window of a file's month is not over and that no other file stands in its way. Tests know neither.
    async fn check_way(&self, id: ContentId, new: &store::NewSubmission) -> Result<(), Problem> {
        if new.test {
            return Ok(());
        }
        if self.now() >= edges(new.processing_month, &new.office).closes {
            return Err(Problem::with(Code::AfterWindow, calendar::wareki_month(new.processing_month)));
        }
        let facts = new.clone();
        let others = self.store(move |store| store.others_for(&id, &facts)).await?;
        if others.iter().any(|other| !other.test && stands(other)) { Err(Code::AlreadyClaimed.into()) } else { Ok(()) }
    }

    /// Sends the same bytes again of which 国保連 has nothing: they ended in 外部エラー or 取消完了. They go into the outbox as
    /// the next round, once, however often this is called; how the round before ended stays to be seen.
    ///
    /// # Errors
    ///
    /// [`Code::CannotSendAgain`] in every other state（features T11）, [`Code::AfterWindow`] after the 10th,
    /// [`Code::AlreadyClaimed`] when a corrected file went in its place.
    pub async fn send_again(&self, id: &str) -> Result<SubmissionView, Problem> {
        let id = content_id(id)?;
        let account = self.sender().await?;
        if self.is_online() {
            // Another computer of the office may have done so already. Without a line the relay will tell when it is back.
            match self.follow_submissions().await {
                Err(problem) if !problem.code.retryable() => return Err(problem),
                _ => {}
            }
        }
        let row = self.store(move |store| store.submission(&id)).await?.ok_or(Code::UnknownSubmission)?;
        match row.state {
            // It is on its way already.
            LocalState::Ready | LocalState::Sending if row.round > 1 && !row.hidden => {
                return self.submission(id).await;
            }
            _ if !may_be_sent_again(state_of(&row)) || row.round >= relay_api::MAX_ROUNDS => {
                return Err(Problem::with(Code::CannotSendAgain, state_of(&row).word()));
            }
            _ => {}
        }
        check_office(&account, &row.office)?;
        self.check_way(id, &facts(&row)).await?;
        let (ended, now) = (row.round, self.now());
        self.store(move |store| store.send_again(&id, ended, now)).await?;
        self.announce_change(Topic::Submissions);
        self.announce_change(Topic::Returns);
        if self.is_online() {
            self.send_due().await?;
        }
        self.submission(id).await
    }

    /// Returns everything that was ever staged and not taken back, newest first.
    pub async fn submissions(&self) -> Result<Vec<SubmissionView>, Problem> {
        let account = self.account().await?;
        let now = self.now();
        let rows = self.store(store::Store::submissions).await?;
        Ok(rows
            .into_iter()
            .filter(|row| !row.hidden)
            .map(|row| {
                let name = account.as_ref().and_then(|account| office_name(account, row.office.as_str()));
                self.explained(submission_view(row, name, now))
            })
            .collect())
    }

    /// Tries a refused or waiting submission again, now.
    pub async fn retry(&self, id: &str) -> Result<SubmissionView, Problem> {
        let id = content_id(id)?;
        let now = self.now();
        self.store(move |store| match store.retry(&id, now) {
            // It is on its way or there already: nothing to do again.
            Err(store::StoreError::WrongState { .. }) => Ok(()),
            other => other,
        })
        .await?;
        self.announce_change(Topic::Submissions);
        if self.is_online() {
            self.send_due().await?;
        }
        self.submission(id).await
    }

    /// Takes back a submission that waits or was refused: it is out of sight, is never sent, and stands in the way of no
    /// corrected file. Putting the same file in again brings it back. One that was to be sent again shows again how it ended.
    ///
    /// # Errors
    ///
    /// [`Code::AlreadySent`] when it is on its way or at the relay. When an earlier attempt may have reached the relay, the
    /// relay is asked first, and a problem with the line is returned.
    pub async fn withdraw(&self, id: &str) -> Result<SubmissionView, Problem> {
        let id = content_id(id)?;
        let row = self.store(move |store| store.submission(&id)).await?.ok_or(Code::UnknownSubmission)?;
        if may_be_at_relay(&row) {
            self.follow_submissions().await?;
        }
        let now = self.now();
        let hidden = self
            .store(move |store| match store.hide(&id, now) {
                Ok(()) => Ok(true),
                Err(store::StoreError::WrongState { .. }) => Ok(false),
                Err(error) => Err(error),
            })
            .await?;
        self.announce_change(Topic::Submissions);
        if hidden { self.submission(id).await } else { Err(Code::AlreadySent.into()) }
    }

    /// Asks for the cancellation（取消）of a submission that the relay or 国保連 has. How it ended is told by its state: done,
    /// or failed, in which case the claim goes its way.
    ///
    /// # Errors
    ///
    /// [`Code::CannotCancel`] when its state or the day forbids it（features X01, X04）.
    pub async fn cancel(&self, id: &str) -> Result<SubmissionView, Problem> {
        let id = content_id(id)?;
        let row = self.store(move |store| store.submission(&id)).await?.ok_or(Code::UnknownSubmission)?;
        if row.state != LocalState::Sent {
            let detail = "まだ送っていないものは、送信をやめることができます。";
            return Err(Problem::with(Code::CannotCancel, detail));
        }
        let (sha256, round) = (id.to_string(), row.round);
        let cancelled = self
            .call(|relay, token| {
                let sha256 = sha256.clone();
                async move { relay.cancel(&token, &sha256, round).await }
            })
            .await;
        let at_relay = match cancelled {
            Ok(at_relay) => at_relay,
            Err(problem) if problem.code == Code::TooLate => {
                // What it has become meanwhile is the better answer to look at.
                self.follow_submissions().await?;
                return Err(Problem::with(Code::CannotCancel, why_not(self.submission(id).await?.state)));
            }
            Err(problem) => return Err(problem),
        };
        let (said, now) = (said(id, &at_relay)?, self.now());
        self.store(move |store| store.update_from_relay(&[said], now)).await?;
        self.announce_change(Topic::Submissions);
        self.announce_change(Topic::Returns);
        self.submission(id).await
    }

    /// Takes a submission that has ended off the list, on every computer of the corporation, or brings it back. Nothing of it
    /// is lost.
    pub async fn hide(&self, id: &str, hidden: bool) -> Result<SubmissionView, Problem> {
        let id = content_id(id)?;
        let row = self.store(move |store| store.submission(&id)).await?.ok_or(Code::UnknownSubmission)?;
        if row.state != LocalState::Sent {
            return Err(Code::CannotHide.into());
        }
        let sha256 = id.to_string();
        let hiding = self
            .call(|relay, token| {
                let sha256 = sha256.clone();
                async move { relay.hide(&token, &sha256, hidden).await }
            })
            .await;
        let at_relay = hiding.map_err(|problem| match problem.code {
            Code::TooLate => Code::CannotHide.into(),
            _ => problem,
        })?;
        let (said, now) = (said(id, &at_relay)?, self.now());
        self.store(move |store| store.update_from_relay(&[said], now)).await?;
        self.announce_change(Topic::Submissions);
        self.submission(id).await
    }

    /// Writes the receipt of a submission as PDF: to `out`, or into the folder for papers.
    pub async fn receipt(&self, id: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let id = content_id(id)?;
        let view = self.submission(id).await?;
        if view.accept_code.is_none() {
            return Err(Code::NoReceiptYet.into());
        }
        let account = self.account().await?;
        let printed_at = self.now();
        let practice = self.line().demo.is_some();
        // Each round has a receipt of its own; the next must not take the place of the one before.
        let round = if view.round > 1 { format!("_{}回目", view.round) } else { String::new() };
        let id = view.id.get(..8).unwrap_or_default();
        let name = format!("受領書_{}_{}_{id}{round}.pdf", view.office, view.processing_month);
        let path = out.unwrap_or_else(|| self.documents().join(name));
        let receipt = crate::papers::receipt(&view, account.as_ref(), printed_at, practice)?;
        blocking(move || {
            let pdf = paper::receipt(&receipt).map_err(crate::papers::of_paper)?;
            crate::papers::save_pdf(&path, &pdf)
        })
        .await
    }

    /// Sends what is due, a few at a time, the longest waiting first. Two callers at once are one.
    pub(crate) async fn send_due(&self) -> Result<(), Problem> {
        let Ok(_only_one) = self.0.pumping.try_lock() else { return Ok(()) };
        if self.is_leaving() {
            return Ok(());
        }
        let now = self.now();
        // Nothing of this process is being sent at this point, so what it still holds is an attempt that could not be closed.
        self.store(move |store| {
            let held = store.submissions()?.iter().any(|row| row.state == LocalState::Sending);
            if held { store.release_own(now) } else { Ok(0) }
        })
        .await?;
        let due = self.store(move |store| store.due(now)).await?;
        // What is on its way comes to its end, whatever becomes of the others.
        let stop = &AtomicBool::new(false);
        let mut sending = stream::iter(due)
            .take_while(|_| future::ready(!stop.load(Ordering::Relaxed)))
            .map(|row| async move {
                let carry_on = self.send_in_time(&row, now).await;
                stop.fetch_or(!matches!(carry_on, Ok(true)), Ordering::Relaxed);
                carry_on.map(drop)
            })
            .buffer_unordered(AT_ONCE);
        let mut result = Ok(());
        while let Some(sent) = sending.next().await {
            self.announce_change(Topic::Submissions);
            result = result.and(sent);
        }
        result
    }

    /// Sends one submission if this is its month. Returns `false` when the others need not be tried now.
    async fn send_in_time(&self, row: &Submission, now: NaiveDateTime) -> Result<bool, Problem> {
        if !row.test && now.date() < row.processing_month.first_day() {
            return Ok(true);
        }
        if !row.test && now >= edges(row.processing_month, &row.office).closes {
            return self.refuse_late(row).await.map(|()| true);
        }
        self.send(row).await
    }

    /// Makes ready again what a process that is gone was sending. Whether it arrived is unclear; sending begins with
    /// announcing the content, which asks the relay whether it has it.
    pub(crate) async fn recover_unclear(&self) -> Result<(), Problem> {
        let now = self.now();
        self.store(move |store| if store.unclear()?.is_empty() { Ok(0) } else { store.recover_unclear(now) })
            .await
            .map(drop)
    }

    /// Makes due what waits only because there was no line: it is back. What waits for another reason keeps its pause.
    pub(crate) async fn line_is_back(&self) -> Result<(), Problem> {
        self.make_due(|row| {
            let code = row.problem_code.as_deref().and_then(Code::find);
            matches!(code, Some(Code::Unreachable | Code::SlowAnswer | Code::LineCut))
        })
        .await
    }

    /// Makes due what waits longer than any pause, because the clock that the pause was counted on has moved since.
    pub(crate) async fn clock_has_moved(&self) -> Result<(), Problem> {
        // Jitter can double the longest pause.
        let latest = self.now() + TimeDelta::seconds(2 * PAUSES.1.as_secs() as i64);
        self.make_due(move |row| row.next_attempt_at.is_some_and(|next| next > latest)).await
    }

    async fn make_due(&self, which: impl Fn(&Submission) -> bool + Send + 'static) -> Result<(), Problem> {
        let now = self.now();
        self.store(move |store| {
            for row in store.submissions()? {
                if row.state == LocalState::Ready && row.next_attempt_at.is_some() && which(&row) {
                    match store.retry(&row.id, now) {
                        Ok(()) | Err(store::StoreError::WrongState { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(())
        })
        .await
    }

    /// Asks the relay what became of the submissions and keeps the answer. Submissions made on another computer of the
    /// office are fetched with their content.
    pub(crate) async fn follow_submissions(&self) -> Result<(), Problem> {
        let list = self.call(|relay, token| async move { relay.submissions(&token).await }).await?;
        let now = self.now();
        let mut told = Vec::with_capacity(list.submissions.len());
        let mut at_relay = HashMap::with_capacity(list.submissions.len());
        for submission in list.submissions {
            if submission.state == State::Announced {
                continue;
            }
            let Ok(id) = submission.sha256.parse::<ContentId>() else { continue };
            told.push(said(id, &submission)?);
            at_relay.insert(id, submission);
        }
        let Told { mut changed, unknown } = self.store(move |store| store.update_from_relay(&told, now)).await?;
        for id in unknown {
            if let Some(at_relay) = at_relay.get(&id) {
                changed |= self.adopt(id, at_relay).await?;
            }
        }
        if changed {
            self.announce_change(Topic::Submissions);
            self.announce_change(Topic::Returns);
        }
        Ok(())
    }

    /// Fetches a submission that another computer of the office made.
    async fn adopt(&self, id: ContentId, at_relay: &AtRelay) -> Result<bool, Problem> {
        let sha256 = at_relay.sha256.clone();
        let bytes = self
            .call(|relay, token| {
                let sha256 = sha256.clone();
                async move { relay.submission_content(&token, &sha256).await }
            })
            .await?;
        if ContentId::of(&bytes) != id {
            tracing::warn!("The relay gave other bytes than it named; asking again later");
            return Err(Code::ContentMismatch.into());
        }
        let content = Content {
            name: at_relay.announced.file_name.clone(),
            sha256: at_relay.sha256.clone(),
            bytes: bytes.into(),
        };
        let Ok(Prepared { new, bytes, .. }) = blocking(move || prepare(content)).await else { return Ok(false) };
        let (said, now) = (said(id, at_relay)?, self.now());
        let staged = self.store(move |store| store.take_from_relay(&new, &bytes, &said, now)).await?;
        Ok(matches!(staged, Staged::New(_)))
    }

    /// Says whether anything waits here or is under way at the relay or 国保連.
    pub(crate) async fn under_way(&self) -> Result<Waiting, Problem> {
        let rows = self.store(store::Store::submissions).await?;
        let busy = rows.iter().any(|row| {
            !row.hidden
                && !matches!(
                    state_of(row),
                    SubmissionState::Refused
                        | SubmissionState::Completed
                        | SubmissionState::FormatError
                        | SubmissionState::ExternalError
                        | SubmissionState::Cancelled
                )
        });
        Ok(if busy { Waiting::Something } else { Waiting::Nothing })
    }

    /// Sends one submission. Returns `false` when the line is at fault, so that the others need not be tried now.
    async fn send(&self, row: &Submission) -> Result<bool, Problem> {
        let (id, now) = (row.id, self.now());
        if !self.store(move |store| store.begin_attempt(&id, now)).await? {
            return Ok(true);
        }
        self.announce_change(Topic::Submissions);
        let result = self.transmit(row).await;
        let now = self.now();
        match result {
            Ok(at_relay) => {
                let relay = relay_json(&at_relay)?;
                self.store(move |store| store.mark_sent(&id, &relay, now)).await?;
                Ok(true)
            }
            Err(problem) => {
                let code = problem.code;
                let again = !is_refusal(code);
                if again {
                    let pause = problem.wait.map_or_else(|| pause(row.attempts), i64::from);
                    let next = now + TimeDelta::seconds(pause);
                    self.store(move |store| store.mark_ready_again(&id, Some(next), code.as_str(), now)).await?;
                } else {
                    self.store(move |store| store.mark_refused(&id, code.as_str(), None, now)).await?;
                }
                // What ails one file alone must not hold up the others.
                Ok(!again || matches!(code, Code::RelayFault | Code::NotARelay | Code::ContentMismatch))
            }
        }
    }

    /// Announces the content and puts it. After a crash or a cut, announcing tells whether the bytes are there already.
    async fn transmit(&self, row: &Submission) -> Result<AtRelay, Problem> {
        let sha256 = row.id.to_string();
        let facts = NewSubmission {
            office: row.office.to_string(),
            processing_month: row.processing_month.to_string(),
            data_type: row.data_type.clone(),
            service_months: row.service_months.iter().map(ToString::to_string).collect(),
            file_name: row.file_name.clone(),
            size: row.size,
            round: row.round,
        };
        let announced = self
            .call(|relay, token| {
                let (sha256, facts) = (sha256.clone(), facts.clone());
                async move { relay.announce(&token, &sha256, &facts).await }
            })
            .await?;
        check_round(&announced, row.round)?;
        if announced.state != State::Announced {
            return Ok(announced);
        }
        let (id, round) = (row.id, row.round);
        let bytes = self.store(move |store| store.content(&id)?.ok_or(store::StoreError::Unknown(id))).await?;
        let bytes = Bytes::from(bytes);
        let received = self
            .call(|relay, token| {
                let (sha256, bytes) = (sha256.clone(), bytes.clone());
                async move { relay.put_content(&token, &sha256, round, bytes).await }
            })
            .await
            // The relay's clock decides, whatever this computer's says.
            .map_err(|problem| if problem.code == Code::TooLate { Code::AfterWindow.into() } else { problem })?;
        check_round(&received, round)?;
        Ok(received)
    }

    /// Refuses what could not go out inside its window, so that it never goes out in the wrong month.
    async fn refuse_late(&self, row: &Submission) -> Result<(), Problem> {
        let (id, now) = (row.id, self.now());
        self.store(move |store| {
            if store.begin_attempt(&id, now)? {
                store.mark_refused(&id, Code::AfterWindow.as_str(), None, now)
            } else {
                Ok(())
            }
        })
        .await?;
        self.announce_change(Topic::Submissions);
        Ok(())
    }

    pub(crate) async fn submission(&self, id: ContentId) -> Result<SubmissionView, Problem> {
        let row = self.store(move |store| store.submission(&id)).await?.ok_or(Code::UnknownSubmission)?;
        self.view(row).await
    }

    async fn view(&self, row: Submission) -> Result<SubmissionView, Problem> {
        let account = self.account().await?;
        let name = account.as_ref().and_then(|account| office_name(account, row.office.as_str()));
        Ok(self.explained(submission_view(row, name, self.now())))
    }

    /// Says of a file with which nothing is wrong why it still waits: the line.
    fn explained(&self, mut view: SubmissionView) -> SubmissionView {
        if view.state == SubmissionState::Ready && view.problem.is_none() {
            view.problem.clone_from(&self.line().connection.problem);
        }
        view
    }
}

/// Returns whether the relay has refused the file itself. Whatever else went wrong, the file is fine: it waits, and goes once
/// time or a person has cured the rest.
const fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::OtherOffice
            | Code::AnnouncedDifferently
            | Code::AlreadyClaimed
            | Code::TooLargeFile
            | Code::RelayRefusedFile
            | Code::AfterWindow
            | Code::NotInService
    )
}

/// Makes sure that the relay speaks of this round. A relay from before rounds tells how the first one ended; the next waits
/// until the operator has brought the relay up to date.
fn check_round(answer: &AtRelay, round: u32) -> Result<(), Problem> {
    if answer.announced.round == round {
        return Ok(());
    }
    tracing::warn!(round, told = answer.announced.round, "The relay spoke of another round; asking again later");
    Err(Code::RelayFault.into())
}

fn check_office(account: &Account, number: &OfficeNumber) -> Result<(), Problem> {
    if account.offices.iter().any(|office| office.number == number.as_str()) {
        Ok(())
    } else {
        Err(Problem::with(Code::OtherOffice, number.as_str()))
    }
}

/// A claim file that may be staged.
struct Prepared {
    new: store::NewSubmission,
    bytes: Vec<u8>,
    id: ContentId,
}

/// Checks a claim file and takes from it what the outbox keeps.
fn prepare(content: Content) -> Result<Prepared, Problem> {
    let report = kokuho::check(&content.bytes, Some(&content.name)).map_err(|not| files::of_not_interchange(&not))?;
    if !matches!(report.kind, kokuho::FileKind::Claim | kokuho::FileKind::BenefitManagement) {
        return Err(Code::NotSendable.into());
    }
    if report.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Code::FileHasErrors.into());
    }
    let processing_month = report.processing_month.ok_or(Code::FileHasErrors)?;
    let new = store::NewSubmission {
        file_name: content.name,
        office: OfficeNumber::from_file(&report.office),
        processing_month,
        data_type: report.data_type,
        service_months: report.service_months,
        claims: report.claims as u32,
        yen: report.yen,
        test: report.test,
    };
    Ok(Prepared { new, id: ContentId::of(&content.bytes), bytes: content.bytes })
}

/// Returns what was taken from the file of a submission when it was staged.
fn facts(row: &Submission) -> store::NewSubmission {
    store::NewSubmission {
        file_name: row.file_name.clone(),
        office: row.office.clone(),
        processing_month: row.processing_month,
        data_type: row.data_type.clone(),
        service_months: row.service_months.clone(),
        claims: row.claims,
        yen: row.yen,
        test: row.test,
    }
}

/// Returns whether 国保連 has nothing of what ended in `state`, so that the same bytes may go again（features T11）. A 様式エラー
/// is not among them: the same bytes would meet it again.
const fn may_be_sent_again(state: SubmissionState) -> bool {
    matches!(state, SubmissionState::ExternalError | SubmissionState::Cancelled)
}

/// Returns whether sending again can be offered now: also the window must not be over, but for a test.
fn can_send_again(row: &Submission, state: SubmissionState, now: NaiveDateTime) -> bool {
    may_be_sent_again(state)
        && row.round < relay_api::MAX_ROUNDS
        && (row.test || now < edges(row.processing_month, &row.office).closes)
}

/// Returns whether a submission stands in the way of another file for the same months.
pub(crate) fn stands(row: &Submission) -> bool {
    !matches!(
        state_of(row),
        SubmissionState::Refused
            | SubmissionState::FormatError
            | SubmissionState::ExternalError
            | SubmissionState::Cancelled
    )
}

/// Returns whether an attempt may have brought a submission to the relay although this computer does not know it.
pub(crate) fn may_be_at_relay(row: &Submission) -> bool {
    let code = row.problem_code.as_deref().and_then(Code::find);
    match row.state {
        // Nobody answered the only attempt, so that nothing of it left this computer.
        LocalState::Ready if row.attempts == 1 => code != Some(Code::Unreachable),
        LocalState::Ready => row.attempts > 0,
        // A refusal by the relay is its own answer to the last attempt; any other says nothing of what it holds.
        LocalState::Refused => !code.is_some_and(is_refusal) && row.attempts > 1,
        LocalState::Sending | LocalState::Sent => false,
    }
}

/// Says what stands in the way of a cancellation.
const fn why_not(state: SubmissionState) -> &'static str {
    match state {
        SubmissionState::Transmitting => "いまは伝送中です。到達してから、もう一度お試しください。",
        SubmissionState::Processing | SubmissionState::Completed => {
            "もう審査に入っています。国保連か保険者へ相談してください（取下げ・過誤）。"
        }
        SubmissionState::ExternalError => "国保連に届いていないため、取り消すものがありません。",
        _ => "受付の日か時間が終わっています。国保連へ電話してください。",
    }
}

/// Returns whether a cancellation can be asked for now: before a terminal has begun, and while 国保連 receives.
fn can_cancel(row: &Submission, state: SubmissionState, now: NaiveDateTime) -> bool {
    let edges = edges(row.processing_month, &row.office);
    match state {
        SubmissionState::AtRelay => true,
        SubmissionState::Arrived | SubmissionState::Receiving | SubmissionState::Accepted => {
            now.date() >= edges.opens.date() && now < edges.cancel_until
        }
        _ => false,
    }
}

/// Returns the edges of a claim window where the office is: some 国保連 have hours of their own（T06）.
fn edges(processing_month: calendar::Month, office: &kokuho::OfficeNumber) -> calendar::Edges {
    calendar::ClaimWindow { processing_month }.edges(office.as_str().get(..2).unwrap_or_default())
}

/// Returns whether a cancellation was asked for and failed（取消失敗）: the claim lives.
fn cancel_failed(relay: &AtRelay) -> bool {
    relay.history.iter().any(|change| change.state == State::CancelRequested)
        && !matches!(relay.state, State::CancelRequested | State::Cancelling | State::Cancelled)
}

/// Returns whether a submission counts as a claim made: 国保連 has it or is about to, and has not refused it.
pub(crate) fn counts(row: &Submission) -> bool {
    row.state == LocalState::Sent && !row.test && stands(row)
}

/// Returns the seconds to wait after `attempts` attempts: three times as long each time, with jitter, so that offices that
/// lost the relay together do not come back together.
fn pause(attempts: u32) -> i64 {
    let (first, longest) = PAUSES;
    let backoff = ExponentialBuilder::new()
        .with_min_delay(first)
        .with_factor(3.0)
        .with_max_delay(longest)
        .without_max_times()
        .with_jitter();
    backoff.build().nth(attempts.min(10) as usize).unwrap_or(longest).as_secs() as i64
}

pub(crate) fn content_id(text: &str) -> Result<ContentId, Problem> {
    text.parse().map_err(|_| Code::UnknownSubmission.into())
}

fn said(id: ContentId, at_relay: &AtRelay) -> Result<Said, Problem> {
    Ok(Said { id, round: at_relay.announced.round, json: relay_json(at_relay)? })
}

fn relay_json(at_relay: &AtRelay) -> Result<String, Problem> {
    // `repeated` is about one answer, not about the submission: keeping it would make each answer look like a change.
    let kept = AtRelay { repeated: false, ..at_relay.clone() };
    serde_json::to_string(&kept).map_err(|_| Code::Internal.into())
}

fn relay_of(row: &Submission) -> Option<AtRelay> {
    row.relay.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

/// Returns how the rounds of a submission before the present one ended, oldest first.
fn earlier_rounds(row: &Submission) -> Vec<EndedRound> {
    let Some(relay) = relay_of(row) else { return Vec::new() };
    let mut ended = relay.earlier;
    if row.state != LocalState::Sent {
        // The present one is not at the relay: what the relay last said is how the one before ended.
        ended.push(EndedRound {
            round: relay.announced.round,
            state: relay.state,
            basic_code: relay.basic_code,
            accept_code: relay.accept_code,
            cancel_code: relay.cancel_code,
            message: relay.message,
            history: relay.history,
        });
    }
    ended
}

/// Returns where the present round of a submission stands, from its local state and what the relay last said.
fn state_of(row: &Submission) -> SubmissionState {
    state_of_both(row.state, relay_of(row).as_ref())
}

fn state_of_both(local: LocalState, relay: Option<&AtRelay>) -> SubmissionState {
    match (local, relay) {
        (LocalState::Ready, _) => SubmissionState::Ready,
        (LocalState::Sending, _) => SubmissionState::Sending,
        (LocalState::Refused, _) => SubmissionState::Refused,
        (LocalState::Sent, None) => SubmissionState::AtRelay,
        (LocalState::Sent, Some(relay)) => match (relay.state, relay.basic_code.as_deref()) {
            (State::Announced | State::Waiting, _) => SubmissionState::AtRelay,
            (State::Transmitting, _) => SubmissionState::Transmitting,
            (State::Receiving, Some("5C03")) => SubmissionState::Receiving,
            (State::Receiving, Some("5C05")) => SubmissionState::Accepted,
            (State::Receiving, _) => SubmissionState::Arrived,
            (State::Processing, _) => SubmissionState::Processing,
            (State::Completed, _) => SubmissionState::Completed,
            (State::FormatError, _) => SubmissionState::FormatError,
            (State::ExternalError, _) => SubmissionState::ExternalError,
            (State::CancelRequested, _) => SubmissionState::CancelRequested,
            (State::Cancelling, _) => SubmissionState::Cancelling,
            (State::Cancelled, _) => SubmissionState::Cancelled,
        },
    }
}

impl SubmissionState {
    /// Returns the word of the field.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "送信待ち",
            Self::Sending => "送信中",
            Self::Refused => "送れません",
            Self::AtRelay => "中継サーバーに到着",
            Self::Transmitting => "伝送中",
            Self::Arrived => "到達",
            Self::Receiving => "受付中",
            Self::Accepted => "受付完了",
            Self::Processing => "処理中",
            Self::Completed => "完了",
            Self::FormatError => "様式エラー",
            Self::ExternalError => "外部エラー",
            Self::CancelRequested => "取消依頼中",
            Self::Cancelling => "取消中",
            Self::Cancelled => "取消完了",
        }
    }

    /// Returns the state number of the field（features R02）; `None` while the file is only on this computer.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Ready | Self::Sending | Self::Refused => None,
            Self::AtRelay => Some(0),
            Self::Transmitting => Some(1),
            Self::Arrived | Self::Receiving | Self::Accepted => Some(2),
            Self::Processing => Some(3),
            Self::Completed => Some(4),
            Self::FormatError => Some(5),
            Self::ExternalError => Some(6),
            Self::CancelRequested => Some(7),
            Self::Cancelling => Some(8),
            Self::Cancelled => Some(9),
        }
    }
}

/// Returns whether the submission has come to an end at the relay, so that nobody has to watch it any more.
const fn can_hide(state: SubmissionState) -> bool {
    matches!(
        state,
        SubmissionState::Completed
            | SubmissionState::FormatError
            | SubmissionState::ExternalError
            | SubmissionState::Cancelled
    )
}

fn submission_view(row: Submission, office_name: Option<String>, now: NaiveDateTime) -> SubmissionView {
    let earlier = earlier_rounds(&row).into_iter().map(earlier_view).collect();
    // What the relay said of an earlier round says nothing of one that has not left.
    let relay = relay_of(&row).filter(|_| row.state == LocalState::Sent);
    let state = state_of_both(row.state, relay.as_ref());
    let id = row.id.to_string();
    SubmissionView {
        state,
        state_word: state.word().to_owned(),
        state_number: state.number(),
        basic_code: relay.as_ref().and_then(|relay| relay.basic_code.clone()),
        accept_code: relay.as_ref().and_then(|relay| relay.accept_code.clone()),
        cancel_code: relay.as_ref().and_then(|relay| relay.cancel_code.clone()),
        can_cancel: can_cancel(&row, state, now),
        line_position: relay.as_ref().and_then(|relay| relay.line_position),
        hidden: relay.as_ref().is_some_and(|relay| relay.hidden),
        can_hide: can_hide(state),
        can_send_again: can_send_again(&row, state, now),
        round: row.round,
        earlier,
        steps: steps(state, relay.as_ref()),
        problem: problem_of(&row, relay.as_ref(), state, now).as_ref().map(Into::into),
        next_attempt: next_attempt(&row, state, now).map(rfc3339),
        message: relay.and_then(|relay| relay.message),
        sha256: id.clone(),
        id,
        file: row.file_name,
        office: row.office.to_string(),
        office_name: office_name.unwrap_or_default(),
        processing_month: row.processing_month.to_string(),
        service_months: row.service_months.iter().map(ToString::to_string).collect(),
        claims: row.claims,
        yen: row.yen.0,
        size: row.size,
        created_at: rfc3339(row.created_at),
        repeated: false,
        test: row.test,
    }
}

fn earlier_view(ended: EndedRound) -> EarlierRoundView {
    let state =
        if ended.state == State::Cancelled { SubmissionState::Cancelled } else { SubmissionState::ExternalError };
    EarlierRoundView {
        round: ended.round,
        state_word: state.word().to_owned(),
        ended_at: ended.history.last().and_then(|change| moment(&change.at)).map(rfc3339),
        basic_code: ended.basic_code,
        accept_code: ended.accept_code,
        cancel_code: ended.cancel_code,
        message: ended.message,
    }
}

fn problem_of(
    row: &Submission,
    relay: Option<&AtRelay>,
    state: SubmissionState,
    now: NaiveDateTime,
) -> Option<Problem> {
    match state {
        SubmissionState::FormatError => return Some(Code::FormatError.into()),
        SubmissionState::ExternalError => return Some(Code::ExternalError.into()),
        _ if relay.is_some_and(cancel_failed) => return Some(Code::CancelFailed.into()),
        SubmissionState::Ready if !row.test && now.date() < row.processing_month.first_day() => {
            return Some(Problem::with(Code::BeforeWindow, calendar::wareki_date(row.processing_month.first_day())));
        }
        _ => {}
    }
    let code = Code::find(row.problem_code.as_deref()?)?;
    let detail = match code {
        Code::AfterWindow => calendar::wareki_month(row.processing_month),
        Code::OtherOffice => row.office.to_string(),
        _ => String::new(),
    };
    Some(Problem::with(code, detail))
}

fn next_attempt(row: &Submission, state: SubmissionState, now: NaiveDateTime) -> Option<NaiveDateTime> {
    if state != SubmissionState::Ready {
        return None;
    }
    let opens = row.processing_month.first_day().and_hms_opt(0, 0, 0)?;
    if !row.test && now < opens { Some(opens) } else { row.next_attempt_at }
}

/// Returns the three steps that a clerk waits for, with their times.
fn steps(state: SubmissionState, relay: Option<&AtRelay>) -> Vec<StepView> {
    let at = |reached: &dyn Fn(State, Option<&str>) -> bool| {
        relay
            .and_then(|relay| relay.history.iter().find(|change| reached(change.state, change.basic_code.as_deref())))
            .and_then(|change| moment(&change.at))
            .map(rfc3339)
    };
    let sent = at(&|state, _| state != State::Announced);
    let arrived = at(&|_, basic| matches!(basic, Some("5C01" | "5C02" | "5C03" | "5C05" | "5C06")));
    let accepted = at(&|_, basic| matches!(basic, Some("5C05" | "5C06")));
    let failed_at = at(&|state, _| matches!(state, State::FormatError | State::ExternalError));
    let failed = match state {
        SubmissionState::Refused => Some(0),
        SubmissionState::ExternalError => Some(1),
        SubmissionState::FormatError => Some(2),
        _ => None,
    };
    let mut steps = Vec::with_capacity(3);
    let mut current_given = false;
    for (index, (name, done)) in [("送信", sent), ("到達", arrived), ("受付", accepted)].into_iter().enumerate() {
        let (state, at) = match (done, failed) {
            (_, Some(step)) if step == index => ("failed", failed_at.clone()),
            (Some(at), _) => ("done", Some(at)),
            (None, None) if !current_given => {
                current_given = true;
                ("current", None)
            }
            (None, _) => ("waiting", None),
        };
        steps.push(StepView { name: name.to_owned(), state: state.to_owned(), at });
    }
    steps
}

/// Makes the folder of a file.
pub(crate) fn make_folder_of(path: &Path) -> Result<(), Problem> {
    path.parent().map_or(Ok(()), |folder| std::fs::create_dir_all(folder).map_err(disk))
}

impl App {
    /// Completes the beginning of an id that a person typed; it must fit exactly one submission or notice.
    pub async fn full_id(&self, start: &str) -> Result<String, Problem> {
        let start = start.trim().to_lowercase();
        if start.len() < 6 {
            return Err(Code::UnknownSubmission.into());
        }
        let ids: Vec<String> = self
            .store(move |store| {
                let submissions = store.submissions()?.into_iter().map(|row| row.id.to_string());
                let notices = store.notices()?.into_iter().map(|row| row.id.to_string());
                Ok(submissions.chain(notices).filter(|id| id.starts_with(&start)).collect())
            })
            .await?;
        match &ids[..] {
            [id] => Ok(id.clone()),
            _ => Err(Code::UnknownSubmission.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use relay_api::StateChange;

    use super::*;

    fn row(state: LocalState) -> Submission {
        let at = moment("2026-06-05T10:00:00+09:00").unwrap();
        Submission {
            id: ContentId::of(b"claim"),
            file_name: "KK260601.CSV".into(),
            size: 5,
            office: OfficeNumber::from_file("9970000015"),
            processing_month: "2026-06".parse().unwrap(),
            data_type: "711".into(),
            service_months: vec!["2026-05".parse().unwrap()],
            claims: 3,
            yen: kokuho::Yen(214_488),
            test: false,
            round: 1,
            state,
            attempts: 0,
            next_attempt_at: None,
            problem_code: None,
            problem_detail: None,
            relay: None,
            created_at: at,
            updated_at: at,
            hidden: false,
        }
    }

    /// A submission that went through `history`, one second per step.
    fn at_relay(history: &[(State, Option<&str>)]) -> AtRelay {
        let (state, basic_code) = *history.last().unwrap();
        AtRelay {
            sha256: ContentId::of(b"claim").to_string(),
            announced: NewSubmission {
                office: "9970000015".into(),
                processing_month: "2026-06".into(),
                data_type: "711".into(),
                service_months: vec!["2026-05".into()],
                file_name: "KK260601.CSV".into(),
                size: 5,
                round: 1,
            },
            state,
            basic_code: basic_code.map(Into::into),
            accept_code: None,
            cancel_code: None,
            message: None,
            line_position: None,
            hidden: false,
            history: history
                .iter()
                .enumerate()
                .map(|(second, (state, basic))| StateChange {
                    state: *state,
                    basic_code: basic.map(Into::into),
                    at: format!("2026-06-05T10:00:{second:02}+09:00"),
                })
                .collect(),
            earlier: Vec::new(),
            repeated: false,
        }
    }

    #[track_caller]
    fn check(history: &[(State, Option<&str>)], word: &str, expected: [&str; 3]) {
        let relay = at_relay(history);
        let state = state_of_both(LocalState::Sent, Some(&relay));
        assert_eq!(state.word(), word);
        let steps = steps(state, Some(&relay));
        assert_eq!(steps.iter().map(|step| step.state.as_str()).collect::<Vec<_>>(), expected);
    }

    const SAFE: [(State, Option<&str>); 2] = [(State::Announced, None), (State::Waiting, None)];

    fn after(more: &[(State, Option<&'static str>)]) -> Vec<(State, Option<&'static str>)> {
        SAFE.into_iter().chain(more.iter().copied()).collect()
    }

    #[test]
    fn steps_follow_the_file() {
        check(&SAFE, "中継サーバーに到着", ["done", "current", "waiting"]);
        check(&after(&[(State::Transmitting, None)]), "伝送中", ["done", "current", "waiting"]);
        check(&after(&[(State::Receiving, Some("5C01"))]), "到達", ["done", "done", "current"]);
        check(
            &after(&[(State::Receiving, Some("5C01")), (State::Receiving, Some("5C03"))]),
            "受付中",
            ["done", "done", "current"],
        );
        check(
            &after(&[(State::Receiving, Some("5C01")), (State::Receiving, Some("5C05"))]),
            "受付完了",
            ["done", "done", "done"],
        );
    }

    #[test]
    fn the_line_of_steps_stops_where_it_failed() {
        check(
            &after(&[(State::Receiving, Some("5C01")), (State::FormatError, Some("5C04"))]),
            "様式エラー",
            ["done", "done", "failed"],
        );
        check(&after(&[(State::ExternalError, Some("5C11"))]), "外部エラー", ["done", "failed", "waiting"]);
    }

    #[test]
    fn what_waits_for_its_window_says_from_when() {
        let waiting = row(LocalState::Ready);
        let may = moment("2026-05-28T10:00:00+09:00").unwrap();
        let problem = problem_of(&waiting, None, SubmissionState::Ready, may).unwrap();
        assert!(problem.message().contains("令和8年6月1日"), "{}", problem.message());
        assert_eq!(
            next_attempt(&waiting, SubmissionState::Ready, may).map(rfc3339).as_deref(),
            Some("2026-06-01T00:00:00+09:00")
        );
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        for _ in 0..20 {
            assert!((5..=10).contains(&pause(0)));
            assert!((900..=1800).contains(&pause(20)));
            assert!((900..=1800).contains(&pause(u32::MAX)));
        }
    }

    #[test]
    fn a_cancellation_is_offered_while_it_is_received_and_its_failure_is_said() {
        let inside = moment("2026-06-10T23:00:00+09:00").unwrap();
        let outside = moment("2026-06-11T00:00:00+09:00").unwrap();
        let can = |history: &[(State, Option<&str>)], now| {
            let relay = at_relay(history);
            let sent = row(LocalState::Sent);
            can_cancel(&sent, state_of_both(LocalState::Sent, Some(&relay)), now)
        };
        assert!(can(&SAFE, outside), "nothing of it left the relay");
        assert!(can(&after(&[(State::Receiving, Some("5C03"))]), inside));
        assert!(!can(&after(&[(State::Receiving, Some("5C03"))]), outside));
        assert!(!can(&after(&[(State::Transmitting, None)]), inside));
        assert!(!can(&after(&[(State::Processing, Some("5C06"))]), inside));

        let wished = [(State::Receiving, Some("5C05")), (State::CancelRequested, None), (State::Cancelling, None)];
        let said = |history: &[(State, Option<&str>)]| {
            let (sent, relay) = (row(LocalState::Sent), at_relay(history));
            problem_of(&sent, Some(&relay), state_of_both(LocalState::Sent, Some(&relay)), inside)
                .map(|problem| problem.code)
        };
        assert_eq!(said(&after(&wished)), None);
        assert_eq!(said(&after(&[&wished[..], &[(State::Cancelled, None)]].concat())), None);
        assert_eq!(said(&after(&[&wished[..], &[(State::Receiving, None)]].concat())), Some(Code::CancelFailed));
    }

    /// 群馬 ends cancelling half an hour before the window; nobody else does.
    #[test]
    fn a_kokuhoren_with_hours_of_its_own_ends_cancelling_earlier() {
        let body = "107000001";
        let office = format!("{body}{}", kokuho::check_digit::digit(body).unwrap());
        let (here, there) = (row(LocalState::Sent), OfficeNumber::from_file(&office));
        let there = Submission { office: there, ..here.clone() };
        let can = |row: &Submission, time: &str| can_cancel(row, SubmissionState::Receiving, moment(time).unwrap());
        assert!(can(&there, "2026-06-10T23:29:59+09:00"));
        assert!(!can(&there, "2026-06-10T23:30:00+09:00"));
        assert!(can(&here, "2026-06-10T23:30:00+09:00"));
        assert!(!can(&here, "2026-05-31T23:30:00+09:00"));
    }

    #[test]
    fn sending_again_is_offered_where_nothing_was_accepted_until_the_tenth() {
        let inside = moment("2026-06-10T23:00:00+09:00").unwrap();
        let outside = moment("2026-06-11T00:00:00+09:00").unwrap();
        let can = |history: &[(State, Option<&str>)], now| {
            let relay = serde_json::to_string(&at_relay(history)).unwrap();
            let sent = Submission { relay: Some(relay), ..row(LocalState::Sent) };
            can_send_again(&sent, state_of(&sent), now)
        };
        for end in [(State::ExternalError, Some("5C11")), (State::ExternalError, None), (State::Cancelled, None)] {
            assert!(can(&after(&[end]), inside), "{end:?}");
            assert!(!can(&after(&[end]), outside), "{end:?}");
        }
        for on in [
            (State::Announced, None),
            (State::Waiting, None),
            (State::Transmitting, None),
            (State::Receiving, Some("5C01")),
            (State::Receiving, Some("5C05")),
            (State::Processing, Some("5C06")),
            (State::Completed, Some("5C09")),
            (State::FormatError, Some("5C04")),
            (State::CancelRequested, None),
            (State::Cancelling, None),
        ] {
            assert!(!can(&after(&[on]), inside), "{on:?}");
        }
        for local in [LocalState::Ready, LocalState::Sending, LocalState::Refused] {
            let relay = serde_json::to_string(&at_relay(&after(&[(State::Cancelled, None)]))).unwrap();
            let again = Submission { relay: Some(relay), round: 2, ..row(local) };
            assert!(!can_send_again(&again, state_of(&again), inside), "{local:?}");
        }
    }

    #[test]
    fn a_round_that_has_not_left_shows_how_the_one_before_ended_and_nothing_else_of_it() {
        let ended = AtRelay {
            accept_code: Some("2026060510000000001".into()),
            message: Some("[KE11] 伝送の途中で切れました。".into()),
            ..at_relay(&after(&[(State::ExternalError, Some("5C11"))]))
        };
        let relay = Some(serde_json::to_string(&ended).unwrap());
        let again = Submission { relay, round: 2, ..row(LocalState::Ready) };
        let view = submission_view(again, None, moment("2026-06-06T10:00:00+09:00").unwrap());
        assert_eq!((view.state, view.round), (SubmissionState::Ready, 2));
        assert_eq!((view.basic_code, view.accept_code, view.message, view.problem), (None, None, None, None));
        assert!(view.steps.iter().all(|step| step.at.is_none()), "{:?}", view.steps);
        let [earlier] = view.earlier.as_slice() else { panic!("{:?}", view.earlier) };
        assert_eq!((earlier.round, earlier.state_word.as_str()), (1, "外部エラー"));
        assert_eq!(earlier.accept_code, ended.accept_code);
        assert_eq!(earlier.ended_at.as_deref(), Some("2026-06-05T10:00:02+09:00"));
    }

    #[test]
    fn only_what_stands_counts_as_claimed() {
        let sent = |history: &[(State, Option<&str>)]| Submission {
            relay: Some(serde_json::to_string(&at_relay(history)).unwrap()),
            ..row(LocalState::Sent)
        };
        assert!(counts(&sent(&SAFE)));
        assert!(counts(&sent(&after(&[(State::Completed, Some("5C09"))]))));
        assert!(!counts(&sent(&after(&[(State::FormatError, Some("5C04"))]))));
        assert!(!counts(&sent(&after(&[(State::Cancelled, None)]))));
        assert!(!counts(&row(LocalState::Ready)));
        // Sent again, and not at the relay yet.
        assert!(!counts(&Submission {
            state: LocalState::Ready,
            round: 2,
            ..sent(&after(&[(State::Cancelled, None)]))
        }));
        assert!(!counts(&Submission { test: true, ..sent(&SAFE) }));
    }
}
