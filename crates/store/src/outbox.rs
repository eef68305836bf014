use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::{OfficeNumber, Yen};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::content::keep;
use crate::text::{MonthText, OfficeText, Stamp};
use crate::{ContentId, Result, Store, StoreError};

/// A claim file that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubmission {
    /// Name of the file, without folders.
    pub file_name: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// データ種別 of the control record: `711`, `71R`, `822`.
    pub data_type: String,
    /// サービス提供年月.
    pub service_months: Vec<Month>,
    /// Number of statements（明細書）.
    pub claims: u32,
    /// 保険請求額 + 公費請求額.
    pub yen: Yen,
    /// The file carries `*TEST*`: never billed.
    pub test: bool,
}

/// A claim file in the outbox or in its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// SHA-256 of the content.
    pub id: ContentId,
    /// Name of the file, without folders.
    pub file_name: String,
    /// Size in bytes.
    pub size: u64,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月.
    pub processing_month: Month,
    /// データ種別 of the control record: `711`, `71R`, `822`.
    pub data_type: String,
    /// サービス提供年月, ascending.
    pub service_months: Vec<Month>,
    /// Number of statements（明細書）.
    pub claims: u32,
    /// 保険請求額 + 公費請求額.
    pub yen: Yen,
    /// The file carries `*TEST*`: never billed.
    pub test: bool,
    /// How often a person has decided to send these bytes, from 1. Each round but the present one has ended with nothing
    /// accepted.
    pub round: u32,
    /// Where the present round stands on this computer.
    pub state: LocalState,
    /// Attempts to bring the present round to the relay, begun so far.
    pub attempts: u32,
    /// Not to be tried before this; `None` is at once.
    pub next_attempt_at: Option<NaiveDateTime>,
    /// Code of what went wrong in the last attempt.
    pub problem_code: Option<String>,
    /// More about it, for engineers.
    pub problem_detail: Option<String>,
    /// What the relay last said of it, as JSON: of the present round once that is [`LocalState::Sent`], else of the one
    /// before.
    pub relay: Option<String>,
    /// When it was put into the outbox.
    pub created_at: NaiveDateTime,
    /// When any of this last changed.
    pub updated_at: NaiveDateTime,
    /// Taken back by a person; never sent while it is.
    pub hidden: bool,
}

/// Where a submission stands on this computer.
///
/// ```text
///           begin_attempt            mark_sent
///   ready ───────────────► sending ────────────► sent
///     ▲ ▲  mark_ready_again  │ │
///     │ └────────────────────┘ │ mark_refused
///     └──────── retry ─────── refused
/// ```
///
/// [`Store::send_again`] begins the next round of what is `sent`, as `ready`; [`Store::hide`] takes a round back that has not
/// left, to the `sent` one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalState {
    /// Waits for its turn or for the line.
    Ready,
    /// Held by one process that sends it. When that process is gone it is unclear whether the relay got it.
    Sending,
    /// The relay holds it.
    Sent,
    /// The relay refused it; a person must act.
    Refused,
}

/// What [`Store::stage`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// The file is in the outbox now.
    New(Submission),
    /// The same content was here before; nothing was changed.
    Already(Submission),
}

/// What the relay says of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// SHA-256 of the content.
    pub id: ContentId,
    /// The round that it speaks of.
    pub round: u32,
    /// What it says, as JSON.
    pub json: String,
}

/// What [`Store::update_from_relay`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// At least one submission is other than before.
    pub changed: bool,
    /// What the relay holds and this database does not.
    pub unknown: Vec<ContentId>,
}

impl Staged {
    /// Returns the submission, new or not.
    pub fn submission(&self) -> &Submission {
        match self {
            Self::New(submission) | Self::Already(submission) => submission,
        }
    }
}

impl LocalState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Refused => "refused",
        }
    }
}

impl ToSql for LocalState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for LocalState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        [Self::Ready, Self::Sending, Self::Sent, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| FromSqlError::Other(format!("unknown state {text}").into()))
    }
}

impl Store {
    /// Puts a file into the outbox: its content and its row in one transaction. The same content is never put in twice.
    pub fn stage(&self, new: &NewSubmission, bytes: &[u8], now: NaiveDateTime) -> Result<Staged> {
        self.write(|tx| insert(tx, new, bytes, None, now))
    }

    /// Takes a submission that another computer of the office made and the relay holds, with its content, in one
    /// transaction.
    pub fn take_from_relay(
        &self,
        new: &NewSubmission,
        bytes: &[u8],
        relay: &Said,
        now: NaiveDateTime,
    ) -> Result<Staged> {
        self.write(|tx| insert(tx, new, bytes, Some(relay), now))
    }

    /// Records that this process begins to send the file, durably, before the first byte leaves. `false`: it is not ready,
    /// or another attempt holds it, and nothing may be sent.
    ///
    /// The attempt ends with [`mark_sent`](Self::mark_sent), [`mark_ready_again`](Self::mark_ready_again) or
    /// [`mark_refused`](Self::mark_refused).
    pub fn begin_attempt(&self, id: &ContentId, now: NaiveDateTime) -> Result<bool> {
        let session = self.own_session(now)?;
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET state = 'sending', session = ?2, attempts = attempts + 1, next_attempt_at = NULL, updated_at = ?3
                 WHERE sha256 = ?1 AND state = 'ready' AND hidden_at IS NULL",
                params![id, session, Stamp(now)],
            )?;
            Ok(changed == 1)
        })
    }

    /// Ends this process's attempt: the relay holds the content. `relay` is what it says of it, as JSON.
    pub fn mark_sent(&self, id: &ContentId, relay: &str, now: NaiveDateTime) -> Result<()> {
        self.end_attempt(id, LocalState::Sent, None, None, Some(relay), None, now)
    }

    /// Ends this process's attempt: it is to be tried again, not before `next_attempt`. Only for what time can cure.
    pub fn mark_ready_again(
        &self,
        id: &ContentId,
        next_attempt: Option<NaiveDateTime>,
        problem_code: &str,
        now: NaiveDateTime,
    ) -> Result<()> {
        self.end_attempt(id, LocalState::Ready, next_attempt, Some(problem_code), None, None, now)
    }

    /// Ends this process's attempt: a person must act. `detail` is for engineers and holds no personal data.
    pub fn mark_refused(
        &self,
        id: &ContentId,
        problem_code: &str,
        detail: Option<&str>,
        now: NaiveDateTime,
    ) -> Result<()> {
        self.end_attempt(id, LocalState::Refused, None, Some(problem_code), None, detail, now)
    }

    #[expect(clippy::too_many_arguments, reason = "the columns that the end of an attempt sets")]
    fn end_attempt(
        &self,
        id: &ContentId,
        state: LocalState,
        next_attempt: Option<NaiveDateTime>,
        problem_code: Option<&str>,
        relay: Option<&str>,
        problem_detail: Option<&str>,
        now: NaiveDateTime,
    ) -> Result<()> {
        let session = self.own_session(now)?;
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET state = ?3, session = NULL, next_attempt_at = ?4, problem_code = ?5, problem_detail = ?6,
                        relay = coalesce(?7, relay), updated_at = ?8
                 WHERE sha256 = ?1 AND state = 'sending' AND session = ?2",
                params![id, session, state, next_attempt.map(Stamp), problem_code, problem_detail, relay, Stamp(now)],
            )?;
            expect_one(tx, id, changed)
        })
    }

    /// Returns the submissions that were being sent by processes that are gone: the relay may or may not have them.
    pub fn unclear(&self) -> Result<Vec<Submission>> {
        let db = self.db();
        let dead = self.dead_sessions(&db)?;
        let held = select(&db, "WHERE s.state = 'sending' ORDER BY s.created_at, s.rowid", [], |row| {
            Ok((from_row(row)?, row.get::<_, i64>("session")?))
        })?;
        Ok(held.into_iter().filter(|(_, session)| dead.contains(session)).map(|(submission, _)| submission).collect())
    }

    /// Takes over, in one transaction, what processes that are gone were sending, and returns it. This process holds it
    /// from now on: it asks the relay and ends each attempt as if it were its own. Two processes never get the same one.
    pub fn adopt_unclear(&self, now: NaiveDateTime) -> Result<Vec<Submission>> {
        let session = self.own_session(now)?;
        self.write(|tx| {
            let mut adopted = Vec::new();
            for dead in self.dead_sessions(tx)? {
                adopted.extend(select(
                    tx,
                    "WHERE s.state = 'sending' AND s.session = ?1 ORDER BY s.created_at, s.rowid",
                    [dead],
                    from_row,
                )?);
                tx.execute(
                    "UPDATE submission SET session = ?2 WHERE state = 'sending' AND session = ?1",
                    params![dead, session],
                )?;
            }
            Ok(adopted)
        })
    }

    /// Makes ready again, in one transaction, what processes that are gone were sending, and returns how many that were.
    /// Sending such a file again is safe, because the relay knows it by its content.
    pub fn recover_unclear(&self, now: NaiveDateTime) -> Result<usize> {
        self.write(|tx| {
            let mut changed = 0;
            for dead in self.dead_sessions(tx)? {
                changed += tx.execute(
                    "UPDATE submission SET state = 'ready', session = NULL, next_attempt_at = NULL, updated_at = ?2
                     WHERE state = 'sending' AND session = ?1",
                    params![dead, Stamp(now)],
                )?;
            }
            Ok(changed)
        })
    }

    /// Makes ready again, in one transaction, what this process began to send and could not close, for example because the
    /// disk was full, and returns how many that were. Only for a caller that knows that it is sending nothing now.
    pub fn release_own(&self, now: NaiveDateTime) -> Result<usize> {
        let session = self.own_session(now)?;
        self.write(|tx| {
            Ok(tx.execute(
                "UPDATE submission SET state = 'ready', session = NULL, next_attempt_at = NULL, updated_at = ?2
                 WHERE state = 'sending' AND session = ?1",
                params![session, Stamp(now)],
            )?)
        })
    }

    /// Notes what the relay says of submissions whose contents it holds, in one transaction; one that waited here, was refused
    /// or was put out of sight is `sent` and in sight from then on. One that is being sent is left to its sender, and so is a
    /// round that the relay does not know yet: what it says of the one before is no news.
    ///
    /// Not for a submission that is only announced at the relay.
    pub fn update_from_relay(&self, told: &[Said], now: NaiveDateTime) -> Result<Told> {
        self.write(|tx| {
            let mut known = tx.prepare_cached("SELECT 1 FROM submission WHERE sha256 = ?1")?;
            let mut update = tx.prepare_cached(
                "UPDATE submission SET state = 'sent', round = ?4, relay = ?2, next_attempt_at = NULL, problem_code = NULL, problem_detail = NULL,
                        hidden_at = NULL, updated_at = ?3
                 WHERE sha256 = ?1 AND state <> 'sending' AND round <= ?4 AND (state <> 'sent' OR relay IS NOT ?2)",
            )?;
            let mut answer = Told::default();
            for Said { id, round, json } in told {
                if known.exists([id])? {
                    answer.changed |= update.execute(params![id, json, Stamp(now), round])? == 1;
                } else {
                    answer.unknown.push(*id);
                }
            }
            Ok(answer)
        })
    }

    /// Makes a refused submission ready again, and one that waits for its next attempt due at once, because a person says so.
    pub fn retry(&self, id: &ContentId, now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET state = 'ready', next_attempt_at = NULL, problem_code = NULL, problem_detail = NULL, updated_at = ?2
                 WHERE sha256 = ?1 AND state IN ('ready', 'refused')",
                params![id, Stamp(now)],
            )?;
            expect_one(tx, id, changed)
        })
    }

    /// Puts the next round of a submission into the outbox, because a person says so: `ended` is the round that the person saw
    /// end. Returns whether it did: it does so once, however often it is called, and never for a round that is under way here.
    ///
    /// Whether the relay's word of the round allows another one is for the caller to say.
    pub fn send_again(&self, id: &ContentId, ended: u32, now: NaiveDateTime) -> Result<bool> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET state = 'ready', round = round + 1, attempts = 0, next_attempt_at = NULL, problem_code = NULL,
                        problem_detail = NULL, updated_at = ?3
                 WHERE sha256 = ?1 AND round = ?2 AND state = 'sent'",
                params![id, ended, Stamp(now)],
            )?;
            Ok(changed == 1)
        })
    }

    /// Takes a submission back that waits or was refused. One that is sent for the first time is put out of sight, and is not
    /// sent while hidden: [`restore`](Self::restore). A later round goes back to the one before, which has ended; the relay's
    /// word of that is still here.
    pub fn hide(&self, id: &ContentId, now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let back = tx.execute(
                "UPDATE submission SET state = 'sent', round = round - 1, next_attempt_at = NULL, problem_code = NULL, problem_detail = NULL,
                        hidden_at = NULL, updated_at = ?2
                 WHERE sha256 = ?1 AND round > 1 AND state IN ('ready', 'refused')",
                params![id, Stamp(now)],
            )?;
            if back == 1 {
                return Ok(());
            }
            let changed = tx.execute(
                "UPDATE submission SET hidden_at = coalesce(hidden_at, ?2), updated_at = ?2 WHERE sha256 = ?1 AND state IN ('ready', 'refused')",
                params![id, Stamp(now)],
            )?;
            expect_one(tx, id, changed)
        })
    }

    /// Notes that a waiting submission was handed in on a disc instead: it is put out of sight, is never sent, and counts as a
    /// claim file that went another way, all in one transaction.
    pub fn hand_in_on_disc(&self, id: &ContentId, now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET hidden_at = coalesce(hidden_at, ?2), updated_at = ?2 WHERE sha256 = ?1 AND state IN ('ready', 'refused')",
                params![id, Stamp(now)],
            )?;
            expect_one(tx, id, changed)?;
            tx.execute(
                "INSERT INTO claim_file (sha256, file_name, office, processing_month, imported_at)
                 SELECT sha256, file_name, office, processing_month, ?2 FROM submission WHERE sha256 = ?1
                 ON CONFLICT (sha256) DO NOTHING",
                params![id, Stamp(now)],
            )?;
            Ok(())
        })
    }

    /// Brings a hidden submission back.
    pub fn restore(&self, id: &ContentId, now: NaiveDateTime) -> Result<()> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE submission SET hidden_at = NULL, updated_at = ?2 WHERE sha256 = ?1",
                params![id, Stamp(now)],
            )?;
            expect_one(tx, id, changed)
        })
    }

    /// Returns all submissions, hidden ones too, newest first.
    pub fn submissions(&self) -> Result<Vec<Submission>> {
        select(&self.db(), "ORDER BY s.created_at DESC, s.rowid DESC", [], from_row)
    }

    /// Returns a submission.
    pub fn submission(&self, id: &ContentId) -> Result<Option<Submission>> {
        find(&self.db(), id)
    }

    /// Returns what is to be sent now, the longest waiting first.
    pub fn due(&self, now: NaiveDateTime) -> Result<Vec<Submission>> {
        select(
            &self.db(),
            "WHERE s.state = 'ready' AND s.hidden_at IS NULL AND (s.next_attempt_at IS NULL OR s.next_attempt_at <= ?1)
             ORDER BY s.created_at, s.rowid",
            params![Stamp(now)],
            from_row,
        )
    }

    /// Returns the submissions that `new`, whose content is `id`, would repeat with other content: same office, processing
    /// month and データ種別, and at least one of the service months; newest first. Hidden ones are left out. At 国保連 such
    /// a file replaces them only after they are cancelled.
    pub fn others_for(&self, id: &ContentId, new: &NewSubmission) -> Result<Vec<Submission>> {
        let same_month = select(
            &self.db(),
            "WHERE s.office = ?1 AND s.processing_month = ?2 AND s.data_type = ?3 AND s.sha256 <> ?4 AND s.hidden_at IS NULL
             ORDER BY s.created_at DESC, s.rowid DESC",
            params![new.office.as_str(), MonthText(new.processing_month), new.data_type, id],
            from_row,
        )?;
        Ok(same_month
            .into_iter()
            .filter(|other| other.service_months.iter().any(|month| new.service_months.contains(month)))
            .collect())
    }
}

fn insert(
    tx: &Connection,
    new: &NewSubmission,
    bytes: &[u8],
    relay: Option<&Said>,
    now: NaiveDateTime,
) -> Result<Staged> {
    let id = keep(tx, bytes, now)?;
    if let Some(submission) = find(tx, &id)? {
        return Ok(Staged::Already(submission));
    }
    let state = if relay.is_some() { LocalState::Sent } else { LocalState::Ready };
    tx.execute(
        "INSERT INTO submission (sha256, file_name, office, processing_month, data_type, claims, yen, test, state, relay, created_at, updated_at, round)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)",
        params![
            id,
            new.file_name,
            new.office.as_str(),
            MonthText(new.processing_month),
            new.data_type,
            new.claims,
            new.yen.0,
            new.test,
            state,
            relay.map(|said| said.json.as_str()),
            Stamp(now),
            relay.map_or(1, |said| said.round)
        ],
    )?;
    for month in &new.service_months {
        tx.execute(
            "INSERT INTO submission_month (sha256, service_month) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![id, MonthText(*month)],
        )?;
    }
    find(tx, &id)?.map(Staged::New).ok_or(StoreError::Unknown(id))
}

/// Turns "no row changed" into the reason.
fn expect_one(tx: &Connection, id: &ContentId, changed: usize) -> Result<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(match find(tx, id)? {
        Some(Submission { id, state, .. }) => StoreError::WrongState { id, state },
        None => StoreError::Unknown(*id),
    })
}

pub(crate) fn find(db: &Connection, id: &ContentId) -> Result<Option<Submission>> {
    Ok(db.prepare_cached(&sql("WHERE s.sha256 = ?1"))?.query_row([id], from_row).optional()?)
}

pub(crate) fn select<T>(
    db: &Connection,
    tail: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    Ok(db.prepare_cached(&sql(tail))?.query_map(values, read)?.collect::<rusqlite::Result<_>>()?)
}

fn sql(tail: &str) -> String {
    format!(
        "SELECT s.*, f.size, (SELECT group_concat(service_month) FROM submission_month m WHERE m.sha256 = s.sha256) AS service_months
         FROM submission s JOIN file f USING (sha256) {tail}"
    )
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Submission> {
    let months: Option<String> = row.get("service_months")?;
    let mut service_months = Vec::new();
    for month in months.iter().flat_map(|months| months.split(',')) {
        service_months.push(MonthText::column_result(ValueRef::Text(month.as_bytes()))?.0);
    }
    service_months.sort_unstable();
    Ok(Submission {
        id: row.get("sha256")?,
        file_name: row.get("file_name")?,
        size: row.get::<_, i64>("size")? as u64,
        office: row.get::<_, OfficeText>("office")?.0,
        processing_month: row.get::<_, MonthText>("processing_month")?.0,
        data_type: row.get("data_type")?,
        service_months,
        claims: row.get("claims")?,
        yen: Yen(row.get("yen")?),
        test: row.get("test")?,
        round: row.get("round")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        next_attempt_at: row.get::<_, Option<Stamp>>("next_attempt_at")?.map(|at| at.0),
        problem_code: row.get("problem_code")?,
        problem_detail: row.get("problem_detail")?,
        relay: row.get("relay")?,
        created_at: row.get::<_, Stamp>("created_at")?.0,
        updated_at: row.get::<_, Stamp>("updated_at")?.0,
        hidden: row.get::<_, Option<String>>("hidden_at")?.is_some(),
    })
}
