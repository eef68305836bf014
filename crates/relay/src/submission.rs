//! Claim files: announced, received, listed.

use bytes::Bytes;
use calendar::{ClaimWindow, Month};
use chrono::{DateTime, FixedOffset, Timelike};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use kokuho::OfficeNumber;
use relay_api::{MAX_CONTENT_BYTES, MAX_ROUNDS, NewSubmission, State, Submission, SubmissionList};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::inspection::{self, Passed};
use crate::objects::{Key, Upload, Written};
use crate::profile::minute_of_day;
use crate::session::Scope;
use crate::storage::{Accepted, Announced, Cancelling, Hiding, Place};
use crate::{Relay, objects};

/// Months that one file can be about, at most: 5 years of 総合事業 and then some.
const MAX_SERVICE_MONTHS: usize = 120;
/// Characters of a file name, at most.
const MAX_FILE_NAME: usize = 255;

/// Whether a reported state can follow the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// It is new.
    Yes,
    /// It is the present state, or one that lies behind.
    Known,
    /// It contradicts the present state.
    No,
}

/// Tells whether the state and basic code `new` can follow `present`. Reports may come late, twice and out of order.
pub fn follows(present: (State, Option<&str>), new: (State, Option<&str>)) -> Follows {
    let (from, to) = (present.0, new.0);
    if from == to {
        // Basic codes ascend within a state: 5C01 before 5C05.
        return if new.1 > present.1 { Follows::Yes } else { Follows::Known };
    }
    if may_become(from, to) {
        return Follows::Yes;
    }
    match (stage(from), stage(to)) {
        (Some(from), Some(to)) if to < from => Follows::Known,
        _ => Follows::No,
    }
}

/// Tells whether a report may turn `from` into `to`. Steps in between may never have been reported.
fn may_become(from: State, to: State) -> bool {
    match from {
        // Nothing can come back of what was not sent, and nothing follows an end.
        State::Announced | State::Completed | State::ExternalError | State::Cancelled => false,
        State::Waiting => to == State::Transmitting,
        State::Transmitting => matches!(
            to,
            State::Receiving | State::Processing | State::Completed | State::FormatError | State::ExternalError
        ),
        State::Receiving => matches!(
            to,
            State::Processing | State::Completed | State::FormatError | State::ExternalError | State::CancelRequested
        ),
        State::Processing => matches!(to, State::Completed | State::FormatError | State::ExternalError),
        State::FormatError => to == State::CancelRequested,
        // What goes on to the review was not cancelled. A cancellation itself ends by a report of its own.
        State::CancelRequested => matches!(to, State::Cancelling | State::Processing | State::Completed),
        State::Cancelling => matches!(to, State::Processing | State::Completed),
    }
}

/// Returns the place of `state` on the way of a claim that meets no error and is not cancelled.
fn stage(state: State) -> Option<u8> {
    match state {
        State::Announced => Some(0),
        State::Waiting => Some(1),
        State::Transmitting => Some(2),
        State::Receiving => Some(3),
        State::Processing => Some(4),
        State::Completed => Some(5),
        State::FormatError | State::ExternalError | State::CancelRequested | State::Cancelling | State::Cancelled => {
            None
        }
    }
}

impl Relay {
    /// Notes an announced claim file. Repeating it changes nothing and gives the same answer.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::AlreadyClaimed`] for a round whose predecessor may be at 国保連 or on its way there（features T11）.
    pub async fn announce(&self, scope: Scope, sha256: &str, announced: NewSubmission) -> Result<Submission, Failure> {
        check_sha256(sha256)?;
        check_facts(&announced)?;
        let at = self.clock().business();
        match self.storage().announce(scope, sha256.to_owned(), announced, at).await? {
            Announced::Noted(submission) => Ok(*submission),
            Announced::Differently => Err(Failure::AnnouncedDifferently),
            Announced::Claimed => Err(Failure::AlreadyClaimed),
            Announced::NoRoundBefore => Err(Failure::NotFound),
            Announced::OtherOffice => Err(self.refuse_other_office(scope).await),
        }
    }

    /// Receives the content of an announced round of a claim file; `length` is the declared one.
    ///
    /// Only when the content is the announced one, free of errors and safe against power loss does the submission get
    /// its 受付番号 and wait for a terminal. Cut off anywhere, the client repeats and gets exactly one submission.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::TooLate`] for a month whose window is over: it could never go to 国保連.
    pub async fn receive<E: std::error::Error>(
        &self,
        scope: Scope,
        sha256: &str,
        round: u32,
        length: Option<u64>,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    ) -> Result<Submission, Failure> {
        check_sha256(sha256)?;
        let place = self.place(scope, sha256, Some(round)).await?;
        let announced = &place.submission.announced;
        if length.is_some_and(|length| length > MAX_CONTENT_BYTES) {
            return Err(Failure::TooLarge);
        }
        if length.is_some_and(|length| length != announced.size) {
            return Err(Failure::ContentMismatch("Content-Length differs from the announced size"));
        }
        // What was accepted before is only compared, never written again.
        let is_new = place.submission.state == State::Announced;
        let key = Key::submission(place.corporation, sha256);
        let mut upload = is_new.then(|| self.objects().begin(key.clone()));
        let hash = copy(body, announced.size, upload.as_mut()).await?;
        if hex::encode(hash) != sha256 {
            return Err(Failure::ContentMismatch("the bytes do not have the announced SHA-256"));
        }
        let passed = match upload {
            Some(upload) => self.keep(key, upload.finish(), announced).await?,
            // Accepted before, by whomever.
            None => return Ok(Submission { repeated: true, ..place.submission }),
        };
        // The client's clock may be wrong; this one decides. What waits for its window waits here.
        let first = ClaimWindow::current_or_next(self.clock().business().date_naive()).processing_month;
        if !passed.test && announced.processing_month < first.to_string() {
            return Err(Failure::TooLate("the claim window of its month is over"));
        }
        match self.storage().accept(scope, sha256.to_owned(), round, passed.test, self.clock().business()).await? {
            Accepted::Accepted(submission) => Ok(*submission),
            Accepted::Claimed => Err(Failure::AlreadyClaimed),
            Accepted::NotInService => Err(Failure::NotInService),
            Accepted::Unknown => Err(Failure::NotFound),
        }
    }

    /// Checks a content and makes it durable.
    async fn keep(&self, key: Key, written: Written, announced: &NewSubmission) -> Result<Passed, Failure> {
        match written {
            Written::Small(content) => {
                let passed = inspection::of_bytes(content.clone(), announced).await?;
                self.objects().put(&key, content).await?;
                Ok(passed)
            }
            Written::Staged(staged) => {
                // Few at a time: each holds a blocking thread while it reads.
                let _turn = self.checks().acquire().await.map_err(|error| Failure::Internal(error.into()))?;
                staged.publish().await?;
                let passed = inspection::of_stream(self.objects().stream(&key).await?, announced).await;
                if passed.is_err() && announced.round == 1 {
                    // Nothing refers to it: what was accepted under this key would have passed as well. A later round shares
                    // the content of the one before, which stays.
                    self.objects().remove(&key).await?;
                }
                passed
            }
        }
    }

    /// Wishes to cancel a round of a submission, without one the newest（取消）: at once what no terminal has begun, else a terminal asks 国保連. Repeating it
    /// changes nothing; how it ended shows in the history.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::TooLate`] outside the states and the days on which 国保連 cancels（features X01, X04）.
    pub async fn cancel(&self, scope: Scope, sha256: &str, round: Option<u32>) -> Result<Submission, Failure> {
        check_sha256(sha256)?;
        let place = self.place(scope, sha256, round).await?;
        let at = self.clock().business();
        if let State::Receiving | State::FormatError = place.submission.state {
            self.check_cancel_window(&place.submission.announced, at).await?;
        }
        match self.storage().cancel(scope, sha256.to_owned(), round, at).await? {
            Cancelling::Wished(submission) => Ok(*submission),
            Cancelling::NotNow(why) => Err(Failure::TooLate(why)),
            Cancelling::Unknown => Err(Failure::NotFound),
        }
    }

    /// Takes a submission that has ended off the list, or brings it back. Nothing of it is lost.
    pub async fn hide(&self, scope: Scope, sha256: &str, hidden: bool) -> Result<Submission, Failure> {
        check_sha256(sha256)?;
        match self.storage().hide(scope, sha256.to_owned(), hidden, self.now()).await? {
            Hiding::Done(submission) => Ok(*submission),
            Hiding::UnderWay => Err(Failure::TooLate("it is under way")),
            Hiding::Unknown => Err(Failure::NotFound),
        }
    }

    async fn check_cancel_window(&self, announced: &NewSubmission, at: DateTime<FixedOffset>) -> Result<(), Failure> {
        let closed = Failure::TooLate("the claim window is over");
        let is_open = announced
            .processing_month
            .parse()
            .is_ok_and(|processing_month| ClaimWindow { processing_month }.is_open(at.date_naive()));
        if !is_open {
            return Err(closed);
        }
        // Some 国保連 end cancelling earlier in the day（features T06）.
        let profile = self.profile().await?;
        let rule = profile.prefectures.iter().find(|rule| announced.office.starts_with(&rule.code));
        let Some(hours) = rule.and_then(|rule| rule.hours.as_ref()) else { return Ok(()) };
        let now = at.hour() * 60 + at.minute();
        let (opens, ends) = (minute_of_day(&hours.opens), minute_of_day(&hours.cancel_until));
        if opens.is_none_or(|opens| opens <= now) && ends.is_none_or(|ends| now < ends) { Ok(()) } else { Err(closed) }
    }

    /// Lists all submissions that the ID may see, newest first.
    pub async fn submissions(&self, scope: Scope) -> Result<SubmissionList, Failure> {
        Ok(SubmissionList { submissions: self.storage().submissions(scope).await? })
    }

    /// Finds a round of a submission, without one the newest.
    pub async fn submission(&self, scope: Scope, sha256: &str, round: Option<u32>) -> Result<Submission, Failure> {
        Ok(self.place(scope, sha256, round).await?.submission)
    }

    /// Reads the content of a submission back, byte for byte. Returns its size too.
    pub async fn submission_content(
        &self,
        scope: Scope,
        sha256: &str,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, objects::Error>>), Failure> {
        let place = self.place(scope, sha256, None).await?;
        if place.submission.state == State::Announced {
            return Err(Failure::NotFound);
        }
        let content = self.objects().stream(&Key::submission(place.corporation, sha256)).await?;
        Ok((place.submission.announced.size, content))
    }

    async fn place(&self, scope: Scope, sha256: &str, round: Option<u32>) -> Result<Place, Failure> {
        // What is no id is not looked for: a database may refuse the very question.
        check_sha256(sha256).map_err(|_| Failure::NotFound)?;
        self.storage().submission(scope, sha256.to_owned(), round).await?.ok_or(Failure::NotFound)
    }
}

/// Copies `body` of exactly `size` bytes into `upload` and returns its SHA-256.
async fn copy<E: std::error::Error>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    size: u64,
    mut upload: Option<&mut Upload>,
) -> Result<[u8; 32], Failure> {
    let mut hasher = Sha256::new();
    let mut received = 0_u64;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Failure::ContentMismatch("the content was cut off"))?;
        received += piece.len() as u64;
        if received > MAX_CONTENT_BYTES {
            return Err(Failure::TooLarge);
        }
        if received > size {
            return Err(Failure::ContentMismatch("more bytes than announced"));
        }
        hasher.update(&piece);
        if let Some(upload) = upload.as_mut() {
            upload.write(piece).await?;
        }
    }
    if received < size {
        return Err(Failure::ContentMismatch("fewer bytes than announced"));
    }
    Ok(hasher.finalize().into())
}

fn check_sha256(sha256: &str) -> Result<(), Failure> {
    let is_hex = sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if sha256.len() == 64 && is_hex {
        Ok(())
    } else {
        Err(Failure::Malformed("the id is not 64 lower-case hexadecimal digits".into()))
    }
}

fn check_facts(announced: &NewSubmission) -> Result<(), Failure> {
    let malformed = |what: &str| Err(Failure::Malformed(what.into()));
    let NewSubmission { office, processing_month, data_type, service_months, file_name, size, round } = announced;
    if OfficeNumber::parse(office).map_or(true, |parsed| parsed.as_str() != office) {
        return malformed("office is not a 事業所番号");
    }
    if !is_month(processing_month) {
        return malformed("processing_month is not YYYY-MM");
    }
    if !(1..=3).contains(&data_type.len()) || !data_type.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return malformed("data_type is not one to three letters and digits");
    }
    if service_months.is_empty() || service_months.len() > MAX_SERVICE_MONTHS {
        return malformed("service_months are none or too many");
    }
    if !service_months.iter().all(|month| is_month(month)) {
        return malformed("service_months are not YYYY-MM");
    }
    if !service_months.is_sorted_by(|one, next| one < next) {
        return malformed("service_months do not ascend");
    }
    check_file_name(file_name)?;
    if *size == 0 {
        return malformed("size is 0");
    }
    if *size > MAX_CONTENT_BYTES {
        return Err(Failure::TooLarge);
    }
    if !(1..=MAX_ROUNDS).contains(round) {
        return malformed("round is not 1 to 99");
    }
    Ok(())
}

pub(crate) fn check_file_name(file_name: &str) -> Result<(), Failure> {
    let characters = file_name.chars().count();
    let is_name = !file_name.contains(['/', '\\']) && !file_name.chars().any(char::is_control);
    if characters == 0 || characters > MAX_FILE_NAME || !is_name || file_name == "." || file_name == ".." {
        return Err(Failure::Malformed("file_name is not a plain file name".into()));
    }
    Ok(())
}

fn is_month(text: &str) -> bool {
    text.parse::<Month>().is_ok_and(|month| month.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(present: (State, &str), new: (State, &str), expected: Follows) {
        fn code(code: &str) -> Option<&str> {
            (!code.is_empty()).then_some(code)
        }
        assert_eq!(follows((present.0, code(present.1)), (new.0, code(new.1))), expected, "{present:?} {new:?}");
    }

    #[test]
    fn goes_on_and_never_back() {
        check((State::Waiting, ""), (State::Transmitting, ""), Follows::Yes);
        check((State::Transmitting, ""), (State::Receiving, "5C01"), Follows::Yes);
        check((State::Receiving, "5C01"), (State::Receiving, "5C03"), Follows::Yes);
        check((State::Receiving, "5C05"), (State::Receiving, "5C03"), Follows::Known);
        check((State::Receiving, "5C05"), (State::Receiving, "5C05"), Follows::Known);
        check((State::Processing, "5C07"), (State::Receiving, "5C05"), Follows::Known);
        check((State::Transmitting, ""), (State::Completed, "5C09"), Follows::Yes);
        check((State::Completed, "5C09"), (State::Processing, "5C08"), Follows::Known);
    }

    #[test]
    fn errors_and_cancellations_end_a_claim() {
        check((State::Receiving, "5C03"), (State::FormatError, "5C04"), Follows::Yes);
        check((State::FormatError, "5C04"), (State::Receiving, "5C05"), Follows::No);
        check((State::Completed, "5C09"), (State::ExternalError, "5C12"), Follows::No);
        check((State::Cancelled, ""), (State::Completed, "5C09"), Follows::No);
        check((State::Cancelling, ""), (State::Receiving, "5C05"), Follows::No);
        check((State::Cancelling, ""), (State::Processing, "5C06"), Follows::Yes);
    }

    #[test]
    fn nothing_comes_back_for_what_was_never_sent() {
        check((State::Announced, ""), (State::Receiving, "5C01"), Follows::No);
        check((State::Waiting, ""), (State::Completed, "5C09"), Follows::No);
    }

    proptest::proptest! {
        /// Reports come late, twice and out of order; what stands at the end is the farthest one.
        #[test]
        fn the_order_of_reports_does_not_matter(reports in proptest::collection::vec(0..WAY.len(), 1..20)) {
            let mut present = (State::Transmitting, None);
            for report in &reports {
                let (state, code) = WAY[*report];
                match follows(present, (state, Some(code))) {
                    Follows::Yes => present = (state, Some(code)),
                    Follows::Known => {}
                    Follows::No => panic!("{:?} contradicts {present:?}", WAY[*report]),
                }
            }
            let farthest = reports.iter().max().map(|report| WAY[*report]).unwrap();
            proptest::prop_assert_eq!(present, (farthest.0, Some(farthest.1)));
        }
    }

    /// A claim that meets no error.
    const WAY: [(State, &str); 8] = [
        (State::Receiving, "5C01"),
        (State::Receiving, "5C02"),
        (State::Receiving, "5C03"),
        (State::Receiving, "5C05"),
        (State::Processing, "5C06"),
        (State::Processing, "5C07"),
        (State::Processing, "5C08"),
        (State::Completed, "5C09"),
    ];

    fn facts() -> NewSubmission {
        NewSubmission {
            office: "9970000015".into(),
            processing_month: "2026-06".into(),
            data_type: "711".into(),
            service_months: vec!["2026-04".into(), "2026-05".into()],
            file_name: "KK260601.CSV".into(),
            size: 1,
            round: 1,
        }
    }

    #[track_caller]
    fn refuses(change: impl FnOnce(&mut NewSubmission)) {
        let mut announced = facts();
        change(&mut announced);
        assert!(check_facts(&announced).is_err(), "{announced:?}");
    }

    #[test]
    fn accepts_plain_facts() {
        check_facts(&facts()).unwrap();
    }

    #[test]
    fn refuses_facts_of_another_shape() {
        refuses(|f| f.office = "9970000014".into());
        refuses(|f| f.office = "９９７００００0１５".into());
        refuses(|f| f.processing_month = "202606".into());
        refuses(|f| f.data_type.clear());
        refuses(|f| f.data_type = "7111".into());
        refuses(|f| f.data_type = "７".into());
        refuses(|f| f.service_months.clear());
        refuses(|f| f.service_months.reverse());
        refuses(|f| f.service_months = vec!["2026-05".into(); 2]);
        refuses(|f| f.service_months = vec!["2026-13".into()]);
        refuses(|f| f.file_name = "../KK260601.CSV".into());
        refuses(|f| f.file_name = "a\\b".into());
        refuses(|f| f.file_name = "a\nb".into());
        refuses(|f| f.file_name = String::new());
        refuses(|f| f.size = 0);
        refuses(|f| f.size = MAX_CONTENT_BYTES + 1);
        refuses(|f| f.round = 0);
        refuses(|f| f.round = MAX_ROUNDS + 1);
    }
}
