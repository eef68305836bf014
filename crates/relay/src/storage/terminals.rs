//! Terminals: credentials, leases, signs of life.

use chrono::{DateTime, FixedOffset};
use relay_api::State;
use relay_api::terminals::{HeartbeatJob, WorkItem, WorkJob};

use super::accounts::exists;
use super::audit::{About, AuditEvent, audit};
use super::sql::{Row, Tx, values};
use super::submissions::{CONTENT, Change, Recorded, end_cancelling, parse_state, record, set_state};
use super::{DeskRefusal, Result, Storage, signed};
use crate::clock::wire;
use crate::password::TokenHash;
use crate::session::TerminalScope;

/// A terminal as the operator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRow {
    /// Its name.
    pub client_id: String,
    /// Name of its certificate.
    pub certificate: Option<String>,
    /// It may sign in no more.
    pub retired: bool,
    /// Files that it has begun and not ended.
    pub begun: u32,
    /// Last sign of life of each job: job and business time.
    pub heartbeats: Vec<(String, String)>,
}

/// What became of a terminal's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leased {
    /// Done, now or before.
    Yes,
    /// The lease ran out, or was never this terminal's.
    Lost,
    /// No such submission.
    Unknown,
}

/// What a terminal reports of begun work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A state of the file.
    State(Change),
    /// 取消完了, with the number that 国保連 gave.
    Cancelled(Change, Option<String>),
    /// 取消失敗.
    CancelFailed(Change),
}

impl Storage {
    /// Adds a terminal.
    pub async fn add_terminal(
        &self,
        client_id: String,
        secret: TokenHash,
        certificate: Option<String>,
        now: i64,
    ) -> std::result::Result<(), DeskRefusal> {
        self.write(move |tx| {
            let certificate = match &certificate {
                None => None,
                Some(name) => {
                    let sql = "SELECT id FROM certificate WHERE name = ?1";
                    let row: Option<i64> = tx.row(sql, values![name], |row| row.get(0))?;
                    Some(row.ok_or(DeskRefusal::NotFound)?)
                }
            };
            tx.execute(
                "INSERT INTO terminal (client_id, secret_hash, certificate) VALUES (?1, ?2, ?3)",
                values![client_id, secret, certificate],
            )
            .map_err(exists)?;
            Ok(audit(tx, now, AuditEvent::TerminalAdded, About::detail(&client_id))?)
        })
        .await
    }

    /// Ends the credentials and the sessions of a terminal. What it has begun stays its own.
    pub async fn retire_terminal(&self, client_id: String, now: i64) -> std::result::Result<(), DeskRefusal> {
        self.write(move |tx| {
            let changed = tx.execute("UPDATE terminal SET retired = TRUE WHERE client_id = ?1", values![&client_id])?;
            if changed == 0 {
                return Err(DeskRefusal::NotFound);
            }
            tx.execute(
                "DELETE FROM terminal_token WHERE terminal = (SELECT id FROM terminal WHERE client_id = ?1)",
                values![&client_id],
            )?;
            Ok(audit(tx, now, AuditEvent::TerminalRetired, About::detail(&client_id))?)
        })
        .await
    }

    /// Lists the terminals by name.
    pub async fn terminals(&self) -> Result<Vec<TerminalRow>> {
        self.read(|tx| {
            let heartbeats = "SELECT job, at FROM heartbeat WHERE terminal = ?1 ORDER BY job";
            let sql = "SELECT terminal.id, client_id, name, retired,
                     (SELECT count(*) FROM lease JOIN submission ON submission.id = lease.submission
                      WHERE lease.terminal = terminal.id AND begun AND state IN ('transmitting', 'cancelling'))
                 FROM terminal LEFT JOIN certificate ON certificate.id = terminal.certificate ORDER BY client_id";
            tx.rows(sql, &[], |row| {
                let id: i64 = row.get(0)?;
                Ok(TerminalRow {
                    client_id: row.get(1)?,
                    certificate: row.get(2)?,
                    retired: row.get(3)?,
                    begun: row.get(4)?,
                    heartbeats: tx.rows(heartbeats, values![id], |row| Ok((row.get(0)?, row.get(1)?)))?,
                })
            })
        })
        .await
    }

    /// Starts a session of the terminal with these credentials, if there is one that is not retired.
    pub async fn sign_in_terminal(
        &self,
        client_id: String,
        secret: TokenHash,
        token: TokenHash,
        ends: i64,
        now: i64,
    ) -> Result<bool> {
        self.write(move |tx| {
            tx.execute("DELETE FROM terminal_token WHERE ends <= ?1", values![now])?;
            let added = tx.execute(
                "INSERT INTO terminal_token (hash, terminal, ends)
                 SELECT ?3, id, ?4 FROM terminal WHERE client_id = ?1 AND secret_hash = ?2 AND NOT retired",
                values![client_id, secret, token, ends],
            )?;
            if added == 0 {
                audit(tx, now, AuditEvent::WrongPassword, About::default())?;
            }
            Ok(added == 1)
        })
        .await
    }

    /// Finds the terminal of a token: its row and that of its certificate.
    pub async fn terminal_of(&self, token: TokenHash, now: i64) -> Result<Option<(i64, Option<i64>)>> {
        self.read(move |tx| {
            let sql = "SELECT terminal.id, certificate FROM terminal_token JOIN terminal ON terminal.id = terminal
                       WHERE hash = ?1 AND ends > ?2 AND NOT retired";
            tx.row(sql, values![token, now], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    /// Leases waiting submissions of the terminal's offices to it until `until`: first those that it holds already. Those of
    /// `closed` prefectures, two digits each, wait, and so do those of another month than the one whose window is `open`;
    /// tests know no window.
    pub async fn lease(
        &self,
        terminal: TerminalScope,
        most: u32,
        until: i64,
        now: i64,
        closed: Vec<String>,
        open: Option<String>,
    ) -> Result<Vec<WorkItem>> {
        self.write(move |tx| {
            tx.execute("DELETE FROM lease WHERE NOT begun AND until <= ?1", values![now])?;
            let sql = "SELECT count(*) FROM lease WHERE terminal = ?1 AND NOT begun";
            let held: u32 = tx.only(sql, values![terminal.row()], |row| row.get(0))?;
            tx.execute(
                &format!(
                    "INSERT INTO lease (submission, terminal, until)
                     SELECT submission.id, ?1, ?3 FROM submission
                     WHERE state = 'waiting' AND submission.id NOT IN (SELECT submission FROM lease)
                         AND (test OR processing_month = ?6)
                         AND {CERTIFICATE} IS NOT DISTINCT FROM ?2
                         AND ?5 NOT LIKE
                             '%' || (SELECT substr(number, 1, 2) FROM office WHERE id = submission.office) || '%'
                     ORDER BY submission.id LIMIT ?4"
                ),
                values![
                    terminal.row(),
                    terminal.certificate(),
                    until,
                    most.saturating_sub(held),
                    closed.join(" "),
                    open
                ],
            )?;
            tx.execute(
                "UPDATE lease SET until = ?2 WHERE terminal = ?1 AND NOT begun",
                values![terminal.row(), until],
            )?;
            items(tx, terminal, WorkJob::Send, "NOT begun AND state = 'waiting'")
        })
        .await
    }

    /// Returns what the terminal is to cancel: it transmitted it, and a client asked for the cancellation.
    pub async fn to_cancel(&self, terminal: TerminalScope) -> Result<Vec<WorkItem>> {
        self.read(move |tx| items(tx, terminal, WorkJob::Cancel, "begun AND state = 'cancel_requested'")).await
    }

    /// Returns what the terminal has begun and 国保連 has not ended.
    pub async fn begun(&self, terminal: TerminalScope) -> Result<Vec<WorkItem>> {
        self.read(move |tx| {
            let mut items = items(
                tx,
                terminal,
                WorkJob::Send,
                "begun AND state IN ('transmitting', 'receiving', 'processing', 'cancel_requested')",
            )?;
            items.extend(self::items(tx, terminal, WorkJob::Cancel, "begun AND state = 'cancelling'")?);
            Ok(items)
        })
        .await
    }

    /// Begins a piece of work: from now on it is the terminal's for good. Only the month whose window is `open` may begin.
    pub async fn begin(
        &self,
        terminal: TerminalScope,
        submission: u64,
        at: DateTime<FixedOffset>,
        now: i64,
        open: Option<String>,
    ) -> Result<Leased> {
        self.write(move |tx| {
            let Some(held) = held(tx, terminal, submission)? else { return Ok(Leased::Unknown) };
            let change = |state| Change { submission: signed(submission), state, basic_code: None, message: None, at };
            match (held.state, held.begun) {
                (State::Waiting, false) if held.until > now && (held.test || open == Some(held.processing_month)) => {
                    tx.execute("UPDATE lease SET begun = TRUE WHERE submission = ?1", values![submission])?;
                    set_state(tx, &change(State::Transmitting))?;
                    Ok(Leased::Yes)
                }
                (State::CancelRequested, true) => {
                    set_state(tx, &change(State::Cancelling))?;
                    Ok(Leased::Yes)
                }
                (State::Transmitting | State::Cancelling, true) => Ok(Leased::Yes),
                _ => Ok(Leased::Lost),
            }
        })
        .await
    }

    /// Returns the row of the corporation and the SHA-256 of a submission that the terminal holds.
    pub async fn held_content(
        &self,
        terminal: TerminalScope,
        submission: u64,
        now: i64,
    ) -> Result<Option<(i64, String)>> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT corporation, {CONTENT} FROM submission JOIN lease ON lease.submission = submission.id
                 WHERE submission.id = ?1 AND lease.terminal = ?2 AND (begun OR until > ?3)"
            );
            tx.row(&sql, values![submission, terminal.row(), now], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    /// Records what a terminal reports of work that it has begun.
    pub async fn report(&self, terminal: TerminalScope, report: Report) -> Result<Recorded> {
        self.write(move |tx| {
            let (Report::State(change) | Report::Cancelled(change, _) | Report::CancelFailed(change)) = &report;
            let is_its_own: bool = tx.only(
                "SELECT EXISTS (SELECT 1 FROM lease WHERE submission = ?1 AND terminal = ?2 AND begun)",
                values![change.submission, terminal.row()],
                |row| row.get(0),
            )?;
            if !is_its_own {
                return Ok(Recorded::Unknown);
            }
            match &report {
                Report::State(change) => record(tx, change),
                Report::Cancelled(change, code) => end_cancelling(tx, change, true, code.as_deref()),
                Report::CancelFailed(change) => end_cancelling(tx, change, false, None),
            }
        })
        .await
    }

    /// Tells whether the terminal transmits for the office: only it may hand over the office's notice files.
    pub async fn serves(&self, terminal: TerminalScope, office: String) -> Result<bool> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM office WHERE number = ?1 AND {} IS NOT DISTINCT FROM ?2)",
                CERTIFICATE.replace("submission.office", "office.id")
            );
            tx.only(&sql, values![office, terminal.certificate()], |row| row.get(0))
        })
        .await
    }

    /// Notes a sign of life; `reached` is when the job last reached 国保連.
    pub async fn beat(
        &self,
        terminal: TerminalScope,
        job: HeartbeatJob,
        at: DateTime<FixedOffset>,
        reached: Option<DateTime<FixedOffset>>,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO heartbeat (terminal, job, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (terminal, job) DO UPDATE SET at = excluded.at",
                values![terminal.row(), job_name(job), wire(at)],
            )?;
            if let Some(reached) = reached {
                tx.execute(
                    "INSERT INTO contact (id, at) VALUES (1, ?1)
                     ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE excluded.at > contact.at",
                    values![wire(reached)],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Gives begun work that never reached 国保連 back to the line: the operator has asked 国保連 and knows.
    pub async fn release_work(
        &self,
        accept_code: String,
        at: DateTime<FixedOffset>,
        now: i64,
    ) -> std::result::Result<(), DeskRefusal> {
        self.write(move |tx| {
            let found: Option<(i64, String)> =
                tx.row("SELECT id, state FROM submission WHERE accept_code = ?1", values![&accept_code], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let (submission, state) = found.ok_or(DeskRefusal::NotFound)?;
            if parse_state(&state)? != State::Transmitting {
                return Err(DeskRefusal::NotNow);
            }
            tx.execute("DELETE FROM lease WHERE submission = ?1", values![submission])?;
            let change = Change { submission, state: State::Waiting, basic_code: None, message: None, at };
            set_state(tx, &change)?;
            Ok(audit(tx, now, AuditEvent::WorkReleased, About::detail(&accept_code))?)
        })
        .await
    }
}

/// The certificate of a submission's office: that of its newest contract, or none.
pub(super) const CERTIFICATE: &str =
    "(SELECT contract.certificate FROM contract WHERE contract.office = submission.office
    ORDER BY start_month DESC LIMIT 1)";

struct Held {
    state: State,
    begun: bool,
    until: i64,
    test: bool,
    processing_month: String,
}

fn held(tx: &Tx<'_>, terminal: TerminalScope, submission: u64) -> Result<Option<Held>> {
    tx.row(
        "SELECT state, begun, until, test, processing_month
             FROM lease JOIN submission ON submission.id = lease.submission
             WHERE lease.submission = ?1 AND lease.terminal = ?2",
        values![submission, terminal.row()],
        |row| {
            Ok(Held {
                state: parse_state(&row.get::<String>(0)?)?,
                begun: row.get(1)?,
                until: row.get(2)?,
                test: row.get(3)?,
                processing_month: row.get(4)?,
            })
        },
    )
}

/// Returns the work of `terminal` where `condition` (a constant) holds, oldest first.
fn items(tx: &Tx<'_>, terminal: TerminalScope, job: WorkJob, condition: &'static str) -> Result<Vec<WorkItem>> {
    let sql = format!(
        "SELECT submission.id, number, processing_month, data_type, file_name, {CONTENT}, size, test, begun, until
         FROM lease JOIN submission ON submission.id = lease.submission JOIN office ON office.id = submission.office
         WHERE lease.terminal = ?1 AND {condition} ORDER BY submission.id"
    );
    tx.rows(&sql, values![terminal.row()], |row| read(row, job))
}

fn read(row: &Row, job: WorkJob) -> Result<WorkItem> {
    let begun: bool = row.get(8)?;
    let until = DateTime::from_timestamp(row.get(9)?, 0).unwrap_or_default();
    Ok(WorkItem {
        id: row.get(0)?,
        job,
        office: row.get(1)?,
        processing_month: row.get(2)?,
        data_type: row.get(3)?,
        file_name: row.get(4)?,
        sha256: row.get(5)?,
        size: row.get(6)?,
        test: row.get(7)?,
        begun,
        lease_until: (!begun).then(|| wire(until.fixed_offset())),
    })
}

fn job_name(job: HeartbeatJob) -> &'static str {
    match job {
        HeartbeatJob::Send => "send",
        HeartbeatJob::Cancel => "cancel",
        HeartbeatJob::Status => "status",
        HeartbeatJob::Documents => "documents",
    }
}
