//! Claim files and what became of them.

use chrono::{DateTime, FixedOffset};
use relay_api::{EndedRound, NewSubmission, State, StateChange, Submission};

use super::audit::{About, AuditEvent, audit};
use super::sql::{Row, Tx, Value, values};
use super::{Error, Result, Scoped, Storage, news};
use crate::clock::wire;
use crate::session::Scope;
use crate::submission::{Follows, follows};

/// What became of an announcement.
#[derive(Debug, Clone)]
pub enum Announced {
    /// Noted, or known with the same facts (`repeated`).
    Noted(Box<Submission>),
    /// Known with other facts.
    Differently,
    /// Another file for the same office and months is under way, or the round before of this one.
    Claimed,
    /// There is no round before it.
    NoRoundBefore,
    /// The ID may not act for the office.
    OtherOffice,
}

/// What became of a content.
#[derive(Debug, Clone)]
pub enum Accepted {
    /// Accepted, or accepted before (`repeated`).
    Accepted(Box<Submission>),
    /// Another file for the same office and months is under way, or another round of this one.
    Claimed,
    /// The office's contract does not cover the month.
    NotInService,
    /// Never announced.
    Unknown,
}

/// Where the content of a submission belongs.
#[derive(Debug, Clone)]
pub struct Place {
    /// Row of the corporation.
    pub corporation: i64,
    /// The submission.
    pub submission: Submission,
}

/// A submission for a terminal to transmit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Row of the submission.
    pub submission: i64,
    /// Row of the corporation.
    pub corporation: i64,
    /// 事業所番号.
    pub office: String,
    /// SHA-256 of the content.
    pub sha256: String,
}

/// A new state that a terminal reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Row of the submission.
    pub submission: i64,
    /// The state from now on.
    pub state: State,
    /// 基本状態コード.
    pub basic_code: Option<String>,
    /// Message id and text of an error.
    pub message: Option<String>,
    /// When, in business time.
    pub at: DateTime<FixedOffset>,
}

/// What became of a reported state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is the submission's state now.
    Now,
    /// It was known, or is older than what is known. Nothing changed.
    Already,
    /// It cannot follow the present state. Nothing changed.
    Impossible,
    /// No such submission.
    Unknown,
}

/// What became of a wish to cancel.
#[derive(Debug, Clone)]
pub enum Cancelling {
    /// Wished, under way or done; at once for what no terminal has begun.
    Wished(Box<Submission>),
    /// Its state forbids it.
    NotNow(&'static str),
    /// Never accepted.
    Unknown,
}

/// What became of a wish to take a submission off the list, or to bring it back.
#[derive(Debug, Clone)]
pub enum Hiding {
    /// Done, now or before.
    Done(Box<Submission>),
    /// It is under way: what somebody has to watch stays in sight.
    UnderWay,
    /// Never accepted.
    Unknown,
}

/// States as stored. The names are those of the wire.
const STATES: [(State, &str); 11] = [
    (State::Announced, "announced"),
    (State::Waiting, "waiting"),
    (State::Transmitting, "transmitting"),
    (State::Receiving, "receiving"),
    (State::Processing, "processing"),
    (State::Completed, "completed"),
    (State::FormatError, "format_error"),
    (State::ExternalError, "external_error"),
    (State::CancelRequested, "cancel_requested"),
    (State::Cancelling, "cancelling"),
    (State::Cancelled, "cancelled"),
];

/// The SHA-256 of a submission's content. The column is the key of a round: see [`key`].
pub(super) const CONTENT: &str = "substr(submission.sha256, 1, 64)";

const SUBMISSION: &str = "
SELECT substr(sha256, 1, 64), office_number, processing_month, file_name, size, state, basic_code, accept_code, cancel_code, message,
    (SELECT string_agg(month, ' ' ORDER BY month) FROM service_month WHERE submission = my_submission.id),
    (SELECT string_agg(state || ' ' || coalesce(basic_code, '-') || ' ' || at, ',' ORDER BY step) FROM state_change
        WHERE submission = my_submission.id),
    id, corporation, data_type,
    CASE state WHEN 'waiting' THEN (SELECT count(*) FROM submission AS ahead
        WHERE ahead.state = 'waiting' AND ahead.id <= my_submission.id) END,
    hidden, round
FROM my_submission
";

impl Storage {
    /// Notes an announced claim file. A round after the first is noted beside the one before it, which must have ended with
    /// nothing accepted, and takes its place when its content is accepted.
    pub async fn announce(
        &self,
        scope: Scope,
        sha256: String,
        announced: NewSubmission,
        at: DateTime<FixedOffset>,
    ) -> Result<Announced> {
        self.write(move |tx| {
            let scoped = Scoped::new(tx, scope);
            let Some(office) = scoped.office(&announced.office)? else { return Ok(Announced::OtherOffice) };
            let known = find(&scoped, &sha256, Some(announced.round))?;
            let before = match &known {
                None if announced.round > 1 => find(&scoped, &sha256, Some(announced.round - 1))?,
                _ => None,
            };
            if let Some((_, place)) = known.as_ref().or(before.as_ref()) {
                // The name may differ: the same file saved twice is the same submission. The first name of a round stays.
                let NewSubmission { file_name, round, .. } = place.submission.announced.clone();
                if place.submission.announced != (NewSubmission { file_name, round, ..announced.clone() }) {
                    return Ok(Announced::Differently);
                }
            }
            if known.is_none() && announced.round > 1 {
                match before {
                    None => return Ok(Announced::NoRoundBefore),
                    Some((_, place)) if !can_be_sent_again(place.submission.state) => return Ok(Announced::Claimed),
                    Some(_) => {}
                }
            }
            let is_accepted = known.as_ref().is_some_and(|(_, place)| place.submission.state != State::Announced);
            if !is_accepted && is_claimed(&scoped, &sha256, &announced)? {
                return Ok(Announced::Claimed);
            }
            if let Some((_, place)) = known {
                return Ok(Announced::Noted(Box::new(Submission { repeated: true, ..place.submission })));
            }
            let added = tx.row(
                "INSERT INTO submission
                     (corporation, office, sha256, processing_month, data_type, file_name, size, round, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'announced') ON CONFLICT (corporation, sha256) DO NOTHING
                 RETURNING id",
                values![
                    scope.corporation(),
                    office,
                    if announced.round == 1 { sha256.clone() } else { key(&sha256, announced.round) },
                    announced.processing_month,
                    announced.data_type,
                    announced.file_name,
                    announced.size,
                    announced.round
                ],
                |row| row.get::<i64>(0),
            )?;
            let Some(submission) = added else {
                // Announced for an office of the corporation that this 事業所用ID may not act for.
                return Ok(Announced::Differently);
            };
            for month in &announced.service_months {
                tx.execute(
                    "INSERT INTO service_month (submission, month) VALUES (?1, ?2)",
                    values![submission, month],
                )?;
            }
            add_step(tx, submission, State::Announced, None, at)?;
            let (_, place) = find(&scoped, &sha256, Some(announced.round))?.ok_or(Error::Corrupt("submission"))?;
            Ok(Announced::Noted(Box::new(place.submission)))
        })
        .await
    }

    /// Accepts the content of an announced round, which must be durable by now: state [`State::Waiting`] and a 受付番号 of 19
    /// digits. It takes the place of the round before, under the SHA-256 alone. A `test` file is never billed: it stands in nobody's way, and nobody in its.
    pub async fn accept(
        &self,
        scope: Scope,
        sha256: String,
        round: u32,
        test: bool,
        at: DateTime<FixedOffset>,
    ) -> Result<Accepted> {
        self.write(move |tx| {
            let scoped = Scoped::new(tx, scope);
            let Some((submission, place)) = find(&scoped, &sha256, Some(round))? else { return Ok(Accepted::Unknown) };
            if place.submission.state != State::Announced {
                return Ok(Accepted::Accepted(Box::new(Submission { repeated: true, ..place.submission })));
            }
            if !test && is_claimed(&scoped, &sha256, &place.submission.announced)? {
                return Ok(Accepted::Claimed);
            }
            if !test && !is_in_service(&scoped, &place.submission.announced)? {
                return Ok(Accepted::NotInService);
            }
            if round > 1 {
                match find(&scoped, &sha256, Some(round - 1))? {
                    Some((before, place)) if can_be_sent_again(place.submission.state) => tx.execute(
                        "UPDATE submission SET sha256 = ?2 WHERE id = ?1",
                        values![before, key(&sha256, round - 1)],
                    )?,
                    _ => return Ok(Accepted::Claimed),
                };
            }
            let code = code(submission, at);
            tx.execute(
                "UPDATE submission SET state = 'waiting', accept_code = ?2, test = ?3, sha256 = ?4 WHERE id = ?1",
                values![submission, code, test, sha256],
            )?;
            add_step(tx, submission, State::Waiting, None, at)?;
            let (_, place) = find(&scoped, &sha256, Some(round))?.ok_or(Error::Corrupt("submission"))?;
            Ok(Accepted::Accepted(Box::new(place.submission)))
        })
        .await
    }

    /// Wishes to cancel a round of a submission, without one the newest. Repeating it changes nothing.
    pub async fn cancel(
        &self,
        scope: Scope,
        sha256: String,
        round: Option<u32>,
        at: DateTime<FixedOffset>,
    ) -> Result<Cancelling> {
        self.write(move |tx| {
            let scoped = Scoped::new(tx, scope);
            let Some((submission, place)) = find(&scoped, &sha256, round)? else { return Ok(Cancelling::Unknown) };
            let state = match place.submission.state {
                State::Announced => return Ok(Cancelling::Unknown),
                State::CancelRequested | State::Cancelling | State::Cancelled => {
                    let again = Submission { repeated: true, ..place.submission };
                    return Ok(Cancelling::Wished(Box::new(again)));
                }
                // No terminal has begun it: nothing of it left for 国保連.
                State::Waiting => State::Cancelled,
                State::Receiving | State::FormatError => State::CancelRequested,
                State::Transmitting => return Ok(Cancelling::NotNow("being transmitted")),
                State::Processing | State::Completed => return Ok(Cancelling::NotNow("taken into the review")),
                State::ExternalError => return Ok(Cancelling::NotNow("never arrived")),
            };
            tx.execute("DELETE FROM lease WHERE submission = ?1 AND NOT begun", values![submission])?;
            tx.execute(
                "UPDATE submission SET cancel_code = ?2 WHERE id = ?1",
                values![submission, code(submission, at)],
            )?;
            set_state(tx, &Change { submission, state, basic_code: None, message: None, at })?;
            let (_, place) = find(&scoped, &sha256, round)?.ok_or(Error::Corrupt("submission"))?;
            Ok(Cancelling::Wished(Box::new(place.submission)))
        })
        .await
    }

    /// Takes a submission that has ended off the list（削除）, or brings it back（復元）. Repeating it changes nothing.
    pub async fn hide(&self, scope: Scope, sha256: String, hidden: bool, now: i64) -> Result<Hiding> {
        self.write(move |tx| {
            let scoped = Scoped::new(tx, scope);
            let Some((submission, place)) = find(&scoped, &sha256, None)? else { return Ok(Hiding::Unknown) };
            let Submission { state, hidden: was_hidden, accept_code, .. } = &place.submission;
            let has_ended =
                matches!(state, State::Completed | State::FormatError | State::ExternalError | State::Cancelled);
            if *state == State::Announced {
                return Ok(Hiding::Unknown);
            }
            if hidden && !has_ended {
                return Ok(Hiding::UnderWay);
            }
            if *was_hidden != hidden {
                let sql = "UPDATE submission SET hidden = ?2 WHERE id = ?1 RETURNING office";
                let office = tx.only(sql, values![submission, hidden], |row| row.get(0))?;
                news::note(tx, office)?;
                let event = if hidden { AuditEvent::SubmissionHidden } else { AuditEvent::SubmissionRestored };
                audit(tx, now, event, About { detail: accept_code.as_deref(), ..About::from(&scope) })?;
            }
            Ok(Hiding::Done(Box::new(Submission { hidden, ..place.submission })))
        })
        .await
    }

    /// Returns what clients wish to cancel, oldest first.
    pub async fn cancel_requests(&self) -> Result<Vec<Work>> {
        self.read(|tx| works(tx, "state = 'cancel_requested'", &[])).await
    }

    /// Finds a round of a submission, without one the newest.
    pub async fn submission(&self, scope: Scope, sha256: String, round: Option<u32>) -> Result<Option<Place>> {
        self.read(move |tx| Ok(find(&Scoped::new(tx, scope), &sha256, round)?.map(|(_, place)| place))).await
    }

    /// Lists all submissions, newest first, each in its newest accepted round.
    pub async fn submissions(&self, scope: Scope) -> Result<Vec<Submission>> {
        self.read(move |tx| {
            let scoped = Scoped::new(tx, scope);
            let sql = format!("{SUBMISSION} WHERE length(sha256) = 64 ORDER BY id DESC");
            let mut submissions = scoped.rows(&sql, &[], |row| Ok(read(row)?.1.submission))?;
            for submission in submissions.iter_mut().filter(|submission| submission.announced.round > 1) {
                submission.earlier = earlier(&scoped, &submission.sha256, submission.announced.round)?;
            }
            Ok(submissions)
        })
        .await
    }

    /// Hands all waiting submissions of the month whose window is `open`, and all tests, to a terminal, oldest first: they
    /// are [`State::Transmitting`] from then on.
    pub async fn take_work(&self, at: DateTime<FixedOffset>, open: Option<String>) -> Result<Vec<Work>> {
        const WAITING: &str = "state = 'waiting' AND (test OR processing_month = ?1)";
        // Most of the time there is none; looking does not need the writer.
        let month = open.clone();
        if self.read(move |tx| works(tx, WAITING, values![month])).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |tx| {
            let waiting = works(tx, WAITING, values![open])?;
            for &Work { submission, .. } in &waiting {
                set_state(tx, &Change { submission, state: State::Transmitting, basic_code: None, message: None, at })?;
            }
            Ok(waiting)
        })
        .await
    }

    /// Ends what waits for a terminal and belongs to a month before `first`, tests apart: [`State::ExternalError`], with
    /// `message`. Returns how many there were.
    pub async fn end_overdue(&self, first: String, message: &'static str, at: DateTime<FixedOffset>) -> Result<usize> {
        const OVERDUE: &str = "state = 'waiting' AND NOT test AND processing_month < ?1";
        let month = first.clone();
        if self.read(move |tx| works(tx, OVERDUE, values![month])).await?.is_empty() {
            return Ok(0);
        }
        self.write(move |tx| {
            let overdue = works(tx, OVERDUE, values![first])?;
            for &Work { submission, .. } in &overdue {
                tx.execute("DELETE FROM lease WHERE submission = ?1", values![submission])?;
                let message = Some(message.to_owned());
                set_state(tx, &Change { submission, state: State::ExternalError, basic_code: None, message, at })?;
            }
            Ok(overdue.len())
        })
        .await
    }

    /// Records a state that a terminal reports, once.
    pub async fn record(&self, change: Change) -> Result<Recorded> {
        self.write(move |tx| record(tx, &change)).await
    }
}

/// Returns the submissions where `condition` (a constant) holds of `values`, oldest first.
pub(super) fn works(tx: &Tx<'_>, condition: &'static str, values: &[Value]) -> Result<Vec<Work>> {
    let sql = format!(
        "SELECT submission.id, submission.corporation, number, {CONTENT}
         FROM submission JOIN office ON office.id = submission.office WHERE {condition} ORDER BY submission.id"
    );
    tx.rows(&sql, values, |row| {
        Ok(Work { submission: row.get(0)?, corporation: row.get(1)?, office: row.get(2)?, sha256: row.get(3)? })
    })
}

/// Records `change` if it can follow the present state.
pub(super) fn record(tx: &Tx<'_>, change: &Change) -> Result<Recorded> {
    let found: Option<(String, Option<String>)> =
        tx.row("SELECT state, basic_code FROM submission WHERE id = ?1", values![change.submission], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let Some((state, basic_code)) = found else { return Ok(Recorded::Unknown) };
    let present = (parse_state(&state)?, basic_code.as_deref());
    if matches!(present.0, State::CancelRequested | State::Cancelling)
        && change.state == State::Receiving
        && change.basic_code.as_deref() > present.1
    {
        // The receipts go on while a cancellation is under way; only its own end may end it.
        tx.execute(
            "UPDATE submission SET basic_code = ?2 WHERE id = ?1",
            values![change.submission, change.basic_code],
        )?;
        return Ok(Recorded::Already);
    }
    match follows(present, (change.state, change.basic_code.as_deref())) {
        Follows::Yes => {
            set_state(tx, change)?;
            Ok(Recorded::Now)
        }
        Follows::Known => Ok(Recorded::Already),
        Follows::No => Ok(Recorded::Impossible),
    }
}

/// Ends a cancellation that is under way: done, with the number that 国保連 gave, or failed.
pub(super) fn end_cancelling(tx: &Tx<'_>, change: &Change, done: bool, code: Option<&str>) -> Result<Recorded> {
    let found: Option<(String, Option<String>)> =
        tx.row("SELECT state, basic_code FROM submission WHERE id = ?1", values![change.submission], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let Some((state, basic_code)) = found else { return Ok(Recorded::Unknown) };
    match parse_state(&state)? {
        State::CancelRequested | State::Cancelling => {}
        State::Cancelled if done => return Ok(Recorded::Already),
        State::Receiving | State::FormatError if !done => return Ok(Recorded::Already),
        _ => return Ok(Recorded::Impossible),
    }
    // 取消失敗: it stands where its basic code says.
    let state = match basic_code.as_deref() {
        _ if done => State::Cancelled,
        Some("5C04") => State::FormatError,
        _ => State::Receiving,
    };
    set_state(tx, &Change { state, ..change.clone() })?;
    if let Some(code) = code.filter(|_| done) {
        tx.execute("UPDATE submission SET cancel_code = ?2 WHERE id = ?1", values![change.submission, code])?;
    }
    Ok(Recorded::Now)
}

/// Tells whether 国保連 has nothing of what ended in `state` and the same bytes may go again（features T11）. A 様式エラー is not
/// among them: the same bytes would meet it again, and until it is cancelled 国保連 holds the file.
fn can_be_sent_again(state: State) -> bool {
    matches!(state, State::ExternalError | State::Cancelled)
}

/// Returns what stands in the column `sha256` for a round that is not, or not yet, the newest accepted one of its content.
/// The newest has the SHA-256 alone: a relay of a version that knows nothing of rounds sees just that one.
fn key(sha256: &str, round: u32) -> String {
    format!("{sha256}#{round}")
}

/// Makes a 受付番号 of 19 digits.
fn code(submission: i64, at: DateTime<FixedOffset>) -> String {
    format!("{}{:05}", at.format("%Y%m%d%H%M%S"), submission % 100_000)
}

/// Returns whether a contract of the office covers the processing month. An office without any contract was added before
/// offices had one and is not limited.
fn is_in_service(scoped: &Scoped<'_>, announced: &NewSubmission) -> Result<bool> {
    let found = scoped.row(
        "SELECT NOT EXISTS (SELECT 1 FROM contract WHERE contract.office = my_office.id)
             OR EXISTS (SELECT 1 FROM contract WHERE contract.office = my_office.id
                 AND start_month <= ?4 AND (last_month IS NULL OR last_month >= ?4))
         FROM my_office WHERE number = ?3",
        values![announced.office, announced.processing_month],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(false))
}

pub(super) fn set_state(tx: &Tx<'_>, change: &Change) -> Result<()> {
    tx.execute(
        "UPDATE submission SET state = ?2, basic_code = coalesce(?3, basic_code), message = ?4 WHERE id = ?1",
        values![change.submission, state_name(change.state), change.basic_code, change.message],
    )?;
    add_step(tx, change.submission, change.state, change.basic_code.as_deref(), change.at)
}

fn add_step(
    tx: &Tx<'_>,
    submission: i64,
    state: State,
    basic_code: Option<&str>,
    at: DateTime<FixedOffset>,
) -> Result<()> {
    let office = tx.only("SELECT office FROM submission WHERE id = ?1", values![submission], |row| row.get(0))?;
    news::note(tx, office)?;
    // A terminal whose clock is behind must not tell of a step before the one that it follows. Times on the wire have one
    // length and one offset, so that their order is that of their texts.
    tx.execute(
        "INSERT INTO state_change (submission, step, state, basic_code, at)
         SELECT ?1, count(*) + 1, ?2, ?3, CASE WHEN max(at) > ?4 THEN max(at) ELSE ?4 END
         FROM state_change WHERE submission = ?1",
        values![submission, state_name(state), basic_code, wire(at)],
    )?;
    Ok(())
}

/// Returns whether other content stakes a claim on one of the months. Only accepted content does: an announcement that
/// never got its bytes must not stand in the way of the corrected file.
fn is_claimed(scoped: &Scoped<'_>, sha256: &str, announced: &NewSubmission) -> Result<bool> {
    // Months have seven characters each, so that no month is found across two of them.
    let months = announced.service_months.join(" ");
    let found = scoped.row(
        "SELECT 1 FROM my_submission
         WHERE office_number = ?3 AND processing_month = ?4 AND data_type = ?5 AND sha256 <> ?6 AND NOT test
             AND state NOT IN ('announced', 'format_error', 'external_error', 'cancelled')
             AND EXISTS (SELECT 1 FROM service_month
                 WHERE submission = my_submission.id AND ?7 LIKE '%' || month || '%')
         LIMIT 1",
        values![announced.office, announced.processing_month, announced.data_type, sha256, months],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Finds a round of a content, or its newest accepted one; without any, the first, which is only announced.
fn find(scoped: &Scoped<'_>, sha256: &str, round: Option<u32>) -> Result<Option<(i64, Place)>> {
    let found = match round {
        None => scoped.row(&format!("{SUBMISSION} WHERE sha256 = ?3"), values![sha256], read),
        Some(round) => scoped.row(
            &format!("{SUBMISSION} WHERE sha256 IN (?3, ?4) AND round = ?5"),
            values![sha256, key(sha256, round), round],
            read,
        ),
    };
    let Some((id, mut place)) = found? else { return Ok(None) };
    place.submission.earlier = earlier(scoped, sha256, place.submission.announced.round)?;
    Ok(Some((id, place)))
}

/// Returns how the rounds of a content before `round` ended, oldest first.
fn earlier(scoped: &Scoped<'_>, sha256: &str, round: u32) -> Result<Vec<EndedRound>> {
    let mut ended = Vec::new();
    for before in 1..round {
        let sql = format!("{SUBMISSION} WHERE sha256 IN (?3, ?4) AND round = ?5");
        let found = scoped.row(&sql, values![sha256, key(sha256, before), before], read)?;
        ended.extend(found.map(|(_, Place { submission, .. })| EndedRound {
            round: before,
            state: submission.state,
            basic_code: submission.basic_code,
            accept_code: submission.accept_code,
            cancel_code: submission.cancel_code,
            message: submission.message,
            history: submission.history,
        }));
    }
    Ok(ended)
}

fn read(row: &Row) -> Result<(i64, Place)> {
    let months: Option<String> = row.get(10)?;
    let history: Option<String> = row.get(11)?;
    let submission = Submission {
        sha256: row.get(0)?,
        announced: NewSubmission {
            office: row.get(1)?,
            processing_month: row.get(2)?,
            data_type: row.get(14)?,
            service_months: months.iter().flat_map(|months| months.split(' ')).map(str::to_owned).collect(),
            file_name: row.get(3)?,
            size: row.get(4)?,
            round: row.get(17)?,
        },
        state: parse_state(&row.get::<String>(5)?)?,
        basic_code: row.get(6)?,
        accept_code: row.get(7)?,
        cancel_code: row.get(8)?,
        message: row.get(9)?,
        line_position: row.get(15)?,
        hidden: row.get(16)?,
        history: history.iter().flat_map(|steps| steps.split(',')).map(read_step).collect::<Result<_>>()?,
        earlier: Vec::new(),
        repeated: false,
    };
    Ok((row.get(12)?, Place { corporation: row.get(13)?, submission }))
}

/// Reads a step of the history as the query puts it: state, basic code or `-`, time.
fn read_step(step: &str) -> Result<StateChange> {
    let mut parts = step.splitn(3, ' ');
    let (Some(state), Some(code), Some(at)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Error::Corrupt("history"));
    };
    let basic_code = (code != "-").then(|| code.to_owned());
    Ok(StateChange { state: parse_state(state)?, basic_code, at: at.to_owned() })
}

fn state_name(state: State) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("announced", |(_, name)| name)
}

pub(super) fn parse_state(name: &str) -> Result<State> {
    STATES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state).ok_or(Error::Corrupt("state"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_stored_under_their_wire_names() {
        for (state, name) in STATES {
            assert_eq!(serde_json::to_value(state).unwrap(), name);
            assert_eq!(state_name(state), name);
            assert_eq!(parse_state(name).unwrap(), state);
        }
    }
}
