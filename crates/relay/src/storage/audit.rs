//! The audit trail: security events and whatever the operator did, each linked to the one before by a hash.
//!
//! A row cannot be changed or removed without breaking the chain after it. Somebody who can write to the database could
//! write the whole chain anew; whoever notes the newest link elsewhere finds that out too.

use sha2::{Digest, Sha256};

use super::sql::{Row, Tx, values};
use super::{Result, Storage};
use crate::session::Scope;

/// Events of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum AuditEvent {
    SignedIn,
    WrongPassword,
    UnknownCredential,
    WrongCode,
    Locked,
    CorporationLocked,
    SignedOut,
    SignedOutEverywhere,
    RefreshReused,
    PasswordChanged,
    SecondFactorOn,
    SecondFactorOff,
    RecoveryCodeUsed,
    ResetCodeIssued,
    OtherOfficeRefused,
    SubmissionHidden,
    SubmissionRestored,
    CorporationAdded,
    OfficeAdded,
    LoginAdded,
    PasswordReset,
    ProfileSet,
    ApplicationReceived,
    ApplicationWithdrawn,
    ApplicationDeclined,
    ApplicationCompleted,
    PoaReceived,
    PoaDefective,
    PoaAccepted,
    CertificateAdded,
    AgentAssigned,
    AgentRegistered,
    CredentialsIssued,
    LettersWritten,
    ExtraFeeNoted,
    FeesCharged,
    TerminalAdded,
    TerminalRetired,
    WorkReleased,
    DebitAccountSet,
}

impl AuditEvent {
    fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::WrongPassword => "wrong_password",
            Self::UnknownCredential => "unknown_credential",
            Self::WrongCode => "wrong_code",
            Self::Locked => "locked",
            Self::CorporationLocked => "corporation_locked",
            Self::SignedOut => "signed_out",
            Self::SignedOutEverywhere => "signed_out_everywhere",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::ResetCodeIssued => "reset_code_issued",
            Self::OtherOfficeRefused => "other_office_refused",
            Self::SubmissionHidden => "submission_hidden",
            Self::SubmissionRestored => "submission_restored",
            Self::CorporationAdded => "corporation_added",
            Self::OfficeAdded => "office_added",
            Self::LoginAdded => "login_added",
            Self::PasswordReset => "password_reset",
            Self::ProfileSet => "profile_set",
            Self::ApplicationReceived => "application_received",
            Self::ApplicationWithdrawn => "application_withdrawn",
            Self::ApplicationDeclined => "application_declined",
            Self::ApplicationCompleted => "application_completed",
            Self::PoaReceived => "poa_received",
            Self::PoaDefective => "poa_defective",
            Self::PoaAccepted => "poa_accepted",
            Self::CertificateAdded => "certificate_added",
            Self::AgentAssigned => "agent_assigned",
            Self::AgentRegistered => "agent_registered",
            Self::CredentialsIssued => "credentials_issued",
            Self::LettersWritten => "letters_written",
            Self::ExtraFeeNoted => "extra_fee_noted",
            Self::FeesCharged => "fees_charged",
            Self::TerminalAdded => "terminal_added",
            Self::TerminalRetired => "terminal_retired",
            Self::WorkReleased => "work_released",
            Self::DebitAccountSet => "debit_account_set",
        }
    }
}

/// Whom and what an event is about. Never a name, a password, a token or an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) corporation: Option<i64>,
    pub(super) login: Option<i64>,
    /// Numbers and codes: of an application, an office, a certificate.
    pub(super) detail: Option<&'a str>,
}

impl About<'_> {
    pub(super) fn corporation(corporation: i64) -> Self {
        Self { corporation: Some(corporation), ..Self::default() }
    }
}

impl<'a> About<'a> {
    pub(super) fn detail(detail: &'a str) -> Self {
        Self { detail: Some(detail), ..Self::default() }
    }
}

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Position, from 1.
    pub id: i64,
    /// Real time in Unix seconds.
    pub time: i64,
    /// What happened.
    pub event: String,
    /// Row of the corporation.
    pub corporation: Option<i64>,
    /// Row of the ID.
    pub login: Option<i64>,
    /// Numbers and codes.
    pub detail: Option<String>,
}

/// What a check of the audit trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every row is as it was written.
    Whole {
        /// Rows.
        rows: u64,
        /// The newest link in hexadecimal digits; `None` without rows.
        newest: Option<String>,
    },
    /// A row is missing or was changed.
    Broken {
        /// The first row whose link does not fit.
        row: i64,
    },
    /// Every link fits, but the one noted earlier is not among them: the trail was written anew or cut.
    OtherTrail,
}

impl Storage {
    /// Records a security event of who is signed in.
    pub async fn audit(&self, event: AuditEvent, scope: Scope, now: i64) -> Result<()> {
        self.write(move |tx| audit(tx, now, event, About::from(&scope))).await
    }

    /// Checks the audit trail link by link. `noted` is a newest link that an earlier check printed.
    pub async fn check_audit(&self, noted: Option<String>) -> Result<AuditCheck> {
        self.read(move |tx| check(tx, noted.as_deref())).await
    }

    /// Returns the newest `count` rows of the audit trail, oldest first.
    pub async fn audit_rows(&self, count: u32) -> Result<Vec<AuditRow>> {
        self.read(move |tx| {
            let sql = "SELECT id, time, event, corporation, login, detail FROM
                           (SELECT * FROM audit ORDER BY id DESC LIMIT ?1) AS newest ORDER BY id";
            tx.rows(sql, values![i64::from(count)], read)
        })
        .await
    }
}

/// Appends an event.
pub(super) fn audit(tx: &Tx<'_>, now: i64, event: AuditEvent, about: About<'_>) -> Result<()> {
    let last: Option<(i64, Option<Vec<u8>>)> =
        tx.row("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1", values![], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let (last_id, last_chain) = last.unwrap_or_default();
    let row = AuditRow {
        id: last_id + 1,
        time: now,
        event: event.name().to_owned(),
        corporation: about.corporation,
        login: about.login,
        detail: about.detail.map(str::to_owned),
    };
    let chain = link(last_chain.as_deref(), &row);
    tx.execute(
        "INSERT INTO audit (id, time, event, corporation, login, detail, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        values![row.id, row.time, row.event, row.corporation, row.login, row.detail, chain],
    )?;
    Ok(())
}

fn check(tx: &Tx<'_>, noted: Option<&str>) -> Result<AuditCheck> {
    let (mut count, mut newest): (u64, Option<Vec<u8>>) = (0, None);
    let mut met_noted = noted.is_none();
    let mut last = 0;
    loop {
        // Page by page: the trail of years does not have to fit into memory.
        let sql = "SELECT id, time, event, corporation, login, detail, chain FROM audit
                   WHERE id > ?1 ORDER BY id LIMIT 1000";
        let page = tx.rows(sql, values![last], |row| Ok((read(row)?, row.get::<Option<Vec<u8>>>(6)?)))?;
        if page.is_empty() {
            break;
        }
        for (found, chain) in page {
            count += 1;
            last = found.id;
            // Rows of a relay from before migration 2 stand at the beginning and have no link.
            let is_older = chain.is_none() && newest.is_none();
            let is_whole = i64::try_from(count) == Ok(found.id)
                && (is_older || chain.as_deref() == Some(&link(newest.as_deref(), &found)[..]));
            if !is_whole {
                return Ok(AuditCheck::Broken { row: found.id });
            }
            met_noted |= chain.as_ref().map(hex::encode).as_deref() == noted;
            newest = chain;
        }
    }
    if met_noted {
        Ok(AuditCheck::Whole { rows: count, newest: newest.map(hex::encode) })
    } else {
        Ok(AuditCheck::OtherTrail)
    }
}

/// Returns the link of `row` behind `before`.
fn link(before: Option<&[u8]>, row: &AuditRow) -> [u8; 32] {
    let AuditRow { id, time, event, corporation, login, detail } = row;
    // As JSON, so that no two rows have the same text.
    let text = serde_json::json!([id, time, event, corporation, login, detail]).to_string();
    Sha256::new().chain_update(before.unwrap_or_default()).chain_update(text).finalize().into()
}

fn read(row: &Row) -> Result<AuditRow> {
    Ok(AuditRow {
        id: row.get(0)?,
        time: row.get(1)?,
        event: row.get(2)?,
        corporation: row.get(3)?,
        login: row.get(4)?,
        detail: row.get(5)?,
    })
}

impl From<&Scope> for About<'_> {
    fn from(scope: &Scope) -> Self {
        Self { corporation: Some(scope.corporation()), login: Some(scope.login()), detail: None }
    }
}
