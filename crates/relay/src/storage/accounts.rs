//! Corporations, offices, IDs, sessions and lock-out.

use relay_api::{Account, Office, Role};
use rusqlite::{ErrorCode, OptionalExtension, Row, Transaction, params};

use super::audit::{About, AuditEvent, audit};
use super::{Error, Result, Scoped, Storage};
use crate::password::TokenHash;
use crate::session::Scope;

/// SHA-256 of 法人番号 and ID: what wrong passwords are counted for, whether the ID exists or not.
pub type Credential = [u8; 32];

/// What may be done with a credential now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A password may be tried; counted as wrong until [`Storage::forgive`], so that trying many at once gains nothing.
    Counted {
        /// Which attempt in a row this is, from 1.
        number: u32,
    },
    /// Locked until this real time.
    Locked {
        /// Unix seconds.
        until: i64,
    },
}

/// An ID as it is checked at sign-in.
#[derive(Debug, Clone)]
pub struct LoginRow {
    /// Row of the ID.
    pub login: i64,
    /// argon2id hash.
    pub password_hash: String,
}

/// Who a token belongs to.
#[derive(Debug, Clone, Copy)]
pub struct SignedInRow {
    /// Row of the corporation.
    pub corporation: i64,
    /// Row of the ID.
    pub login: i64,
    /// Row of the one office of a 事業所用ID.
    pub office: Option<i64>,
    /// Row of the session's family.
    pub family: i64,
    /// The password is temporary.
    pub temporary: bool,
}

impl From<&SignedInRow> for About<'_> {
    fn from(row: &SignedInRow) -> Self {
        Self { corporation: Some(row.corporation), login: Some(row.login), detail: None }
    }
}

/// Hashes and ends (Unix seconds) of a new pair of tokens.
#[derive(Debug, Clone, Copy)]
pub struct NewTokens {
    /// Hash of the access token.
    pub access: TokenHash,
    /// When it ends.
    pub access_ends: i64,
    /// Hash of the refresh token.
    pub refresh: TokenHash,
    /// When it ends.
    pub refresh_ends: i64,
}

/// What became of a refresh token.
#[derive(Debug, Clone, Copy)]
pub enum Rotation {
    /// Exchanged for the new pair.
    Rotated(SignedInRow),
    /// Used before: somebody has a copy. The whole family is ended.
    Reused,
    /// Unknown or ended.
    Unknown,
}

/// A corporation as the operator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorporationRow {
    /// 法人番号 of the relay's contract.
    pub number: String,
    /// 法人名.
    pub name: String,
    /// Its offices, by number.
    pub offices: Vec<Office>,
    /// Its IDs: login id, office number of a 事業所用ID, and whether the password is still temporary.
    pub logins: Vec<(String, Option<String>, bool)>,
}

/// Why the operator could not add something.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It is there already.
    #[error("already there")]
    Exists,
    /// What it should belong to is not there.
    #[error("not found")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] Error),
}

impl From<rusqlite::Error> for AddError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Wrong passwords in a row that lock a credential.
pub const ATTEMPTS: u32 = 5;
/// Seconds that a credential stays locked, and after which older wrong passwords are forgotten.
pub const LOCK_SECONDS: i64 = 30 * 60;

impl Storage {
    /// Counts an attempt with `credential` at the real time `now`, or refuses it.
    pub async fn attempt(&self, credential: Credential, now: i64) -> Result<Attempt> {
        self.write(move |tx| {
            tx.execute(
                "DELETE FROM attempt WHERE last <= ?1 AND (locked_until IS NULL OR locked_until <= ?2)",
                [now - LOCK_SECONDS, now],
            )?;
            let row: Option<(u32, Option<i64>)> = tx
                .query_row("SELECT wrong, locked_until FROM attempt WHERE credential = ?1", [credential], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let wrong = match row {
                Some((_, Some(until))) if until > now => return Ok(Attempt::Locked { until }),
                Some((_, Some(_))) | None => 0,
                // As many attempts as are allowed are being checked at this moment.
                Some((wrong, None)) if wrong >= ATTEMPTS => return Ok(Attempt::Locked { until: now + 5 }),
                Some((wrong, None)) => wrong,
            };
            let number = wrong + 1;
            tx.execute(
                "INSERT INTO attempt (credential, wrong, last) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET wrong = excluded.wrong, last = excluded.last, locked_until = NULL",
                params![credential, number, now],
            )?;
            Ok(Attempt::Counted { number })
        })
        .await
    }

    /// Forgets the wrong passwords of `credential`: the right one was given.
    pub async fn forgive(&self, credential: Credential) -> Result<()> {
        self.write(move |tx| {
            tx.execute("DELETE FROM attempt WHERE credential = ?1", [credential])?;
            Ok(())
        })
        .await
    }

    /// Records that attempt `number` with `credential` was wrong, and locks it with the last one allowed.
    pub async fn wrong(&self, credential: Credential, number: u32, login: Option<i64>, now: i64) -> Result<()> {
        self.write(move |tx| {
            let event = if login.is_some() { AuditEvent::WrongPassword } else { AuditEvent::UnknownCredential };
            audit(tx, now, event, About { login, ..About::default() })?;
            if number >= ATTEMPTS {
                tx.execute(
                    "UPDATE attempt SET locked_until = ?2 WHERE credential = ?1",
                    params![credential, now + LOCK_SECONDS],
                )?;
                audit(tx, now, AuditEvent::Locked, About { login, ..About::default() })?;
            }
            Ok(())
        })
        .await
    }

    /// Finds an ID by what a person types.
    pub async fn login(&self, corporation_number: String, login_id: String) -> Result<Option<LoginRow>> {
        self.read(move |tx| {
            let row = tx.query_row(
                "SELECT login.id, password_hash FROM login JOIN corporation ON corporation.id = login.corporation
                 WHERE number = ?1 AND login_id = ?2",
                [corporation_number, login_id],
                read_login,
            );
            Ok(row.optional()?)
        })
        .await
    }

    /// Returns the rows of the corporation and of its 法人用ID.
    pub async fn login_scope(&self, corporation_number: String, login_id: String) -> Result<Option<(i64, i64)>> {
        self.read(move |tx| {
            let sql =
                "SELECT corporation.id, login.id FROM login JOIN corporation ON corporation.id = login.corporation
                       WHERE number = ?1 AND login_id = ?2 AND office IS NULL";
            Ok(tx.query_row(sql, [corporation_number, login_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })
        .await
    }

    /// Finds an ID by its row.
    pub async fn login_by_row(&self, login: i64) -> Result<Option<LoginRow>> {
        self.read(move |tx| {
            let row = tx.query_row("SELECT id, password_hash FROM login WHERE id = ?1", [login], read_login);
            Ok(row.optional()?)
        })
        .await
    }

    /// Starts a session of `login`, and removes sessions that have ended. Returns who is signed in.
    pub async fn sign_in(&self, login: i64, tokens: NewTokens, now: i64) -> Result<SignedInRow> {
        self.write(move |tx| {
            tx.execute("DELETE FROM family WHERE ends <= ?1", [now])?;
            tx.execute("UPDATE login SET used = 1 WHERE id = ?1 AND NOT used", [login])?;
            let row = start_family(tx, login, tokens)?;
            audit(tx, now, AuditEvent::SignedIn, About::from(&row))?;
            Ok(row)
        })
        .await
    }

    /// Exchanges the refresh token `used` for a new pair; ends the family when it was used before.
    pub async fn rotate(&self, used: TokenHash, tokens: NewTokens, now: i64) -> Result<Rotation> {
        self.write(move |tx| {
            let found: Option<(i64, i64, bool, i64)> = tx
                .query_row(
                    "SELECT family, refresh_token.ends, used, login
                     FROM refresh_token JOIN family ON family.id = family WHERE hash = ?1",
                    [used],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let Some((family, ends, was_used, login)) = found else { return Ok(Rotation::Unknown) };
            if was_used {
                tx.execute("DELETE FROM family WHERE id = ?1", [family])?;
                audit(tx, now, AuditEvent::RefreshReused, About { login: Some(login), ..About::default() })?;
                return Ok(Rotation::Reused);
            }
            if ends <= now {
                return Ok(Rotation::Unknown);
            }
            tx.execute("UPDATE refresh_token SET used = 1 WHERE hash = ?1", [used])?;
            tx.execute("UPDATE family SET ends = ?2 WHERE id = ?1", [family, tokens.refresh_ends])?;
            tx.execute("DELETE FROM access_token WHERE family = ?1 AND ends <= ?2", [family, now])?;
            add_tokens(tx, family, tokens)?;
            Ok(Rotation::Rotated(signed_in(tx, family)?))
        })
        .await
    }

    /// Finds who the access token belongs to, if it has not ended at the real time `now`.
    pub async fn access(&self, hash: TokenHash, now: i64) -> Result<Option<SignedInRow>> {
        self.read(move |tx| {
            let family: Option<i64> = tx
                .prepare_cached("SELECT family FROM access_token WHERE hash = ?1 AND ends > ?2")?
                .query_row(params![hash, now], |row| row.get(0))
                .optional()?;
            family.map(|family| signed_in(tx, family)).transpose()
        })
        .await
    }

    /// Ends a session.
    pub async fn sign_out(&self, who: SignedInRow, now: i64) -> Result<()> {
        self.write(move |tx| {
            tx.execute("DELETE FROM family WHERE id = ?1", [who.family])?;
            audit(tx, now, AuditEvent::SignedOut, About::from(&who))
        })
        .await
    }

    /// Replaces the password of `login`, ends all its sessions and starts a new one.
    pub async fn change_password(
        &self,
        login: i64,
        password_hash: String,
        tokens: NewTokens,
        now: i64,
    ) -> Result<SignedInRow> {
        self.write(move |tx| {
            tx.execute(
                "UPDATE login SET password_hash = ?2, temporary = 0 WHERE id = ?1",
                params![login, password_hash],
            )?;
            tx.execute("DELETE FROM family WHERE login = ?1", [login])?;
            let row = start_family(tx, login, tokens)?;
            audit(tx, now, AuditEvent::PasswordChanged, About::from(&row))?;
            Ok(row)
        })
        .await
    }

    /// Returns the account of who is signed in.
    pub async fn account(&self, scope: Scope) -> Result<Account> {
        self.read(move |tx| {
            let offices =
                Scoped::new(tx, scope).rows("SELECT number, name FROM my_office ORDER BY number", &[], read_office)?;
            let account = tx.query_row(
                "SELECT number, name, login_id, temporary, office IS NULL
                 FROM login JOIN corporation ON corporation.id = login.corporation WHERE login.id = ?1",
                [scope.login()],
                |row| {
                    Ok(Account {
                        corporation_number: row.get(0)?,
                        corporation_name: row.get(1)?,
                        login_id: row.get(2)?,
                        must_change_password: row.get(3)?,
                        role: if row.get(4)? { Role::Corporation } else { Role::Office },
                        offices,
                    })
                },
            )?;
            Ok(account)
        })
        .await
    }

    /// Adds a corporation.
    pub async fn add_corporation(&self, number: String, name: String, now: i64) -> std::result::Result<(), AddError> {
        self.write(move |tx| {
            let added = tx.execute("INSERT INTO corporation (number, name) VALUES (?1, ?2)", [number, name]);
            added.map_err(exists)?;
            audit(tx, now, AuditEvent::CorporationAdded, About::corporation(tx.last_insert_rowid()))?;
            Ok(())
        })
        .await
    }

    /// Adds an office to a corporation.
    pub async fn add_office(
        &self,
        corporation_number: String,
        office: Office,
        now: i64,
    ) -> std::result::Result<(), AddError> {
        self.write(move |tx| {
            let corporation = corporation(tx, &corporation_number)?;
            tx.execute(
                "INSERT INTO office (corporation, number, name) VALUES (?1, ?2, ?3)",
                params![corporation, office.number, office.name],
            )
            .map_err(exists)?;
            audit(
                tx,
                now,
                AuditEvent::OfficeAdded,
                About { detail: Some(&office.number), ..About::corporation(corporation) },
            )?;
            Ok(())
        })
        .await
    }

    /// Adds an ID with a temporary password: a 事業所用ID when `office` is given, else the 法人用ID.
    pub async fn add_login(
        &self,
        corporation_number: String,
        login_id: String,
        office: Option<String>,
        password_hash: String,
        now: i64,
    ) -> std::result::Result<(), AddError> {
        self.write(move |tx| {
            let corporation = corporation(tx, &corporation_number)?;
            let office = office
                .map(|number| {
                    tx.query_row(
                        "SELECT id FROM office WHERE corporation = ?1 AND number = ?2",
                        params![corporation, number],
                        |row| row.get::<_, i64>(0),
                    )
                    .optional()?
                    .ok_or(AddError::NotFound)
                })
                .transpose()?;
            tx.execute(
                "INSERT INTO login (corporation, login_id, office, password_hash, temporary)
                 VALUES (?1, ?2, ?3, ?4, 1)",
                params![corporation, login_id, office, password_hash],
            )
            .map_err(exists)?;
            let login = Some(tx.last_insert_rowid());
            audit(tx, now, AuditEvent::LoginAdded, About { login, ..About::corporation(corporation) })?;
            Ok(())
        })
        .await
    }

    /// Gives an ID a new temporary password, ends its sessions and lifts its lock-out.
    pub async fn reset_login(
        &self,
        corporation_number: String,
        login_id: String,
        credential: Credential,
        password_hash: String,
        now: i64,
    ) -> std::result::Result<(), AddError> {
        self.write(move |tx| {
            let corporation = corporation(tx, &corporation_number)?;
            let login: i64 = tx
                .query_row(
                    "UPDATE login SET password_hash = ?3, temporary = 1 WHERE corporation = ?1 AND login_id = ?2
                     RETURNING id",
                    params![corporation, login_id, password_hash],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or(AddError::NotFound)?;
            tx.execute("DELETE FROM family WHERE login = ?1", [login])?;
            tx.execute("DELETE FROM attempt WHERE credential = ?1", [credential])?;
            audit(tx, now, AuditEvent::PasswordReset, About { login: Some(login), ..About::corporation(corporation) })?;
            Ok(())
        })
        .await
    }

    /// Lists all corporations with their offices and IDs.
    pub async fn corporations(&self) -> Result<Vec<CorporationRow>> {
        self.read(|tx| {
            let mut corporations = tx.prepare("SELECT id, number, name FROM corporation ORDER BY number")?;
            let mut offices = tx.prepare("SELECT number, name FROM office WHERE corporation = ?1 ORDER BY number")?;
            let mut logins = tx.prepare(
                "SELECT login_id, number, temporary FROM login LEFT JOIN office ON office.id = office
                 WHERE login.corporation = ?1 ORDER BY office IS NOT NULL, login_id",
            )?;
            let rows = corporations.query_map([], |row| {
                let id: i64 = row.get(0)?;
                Ok(CorporationRow {
                    number: row.get(1)?,
                    name: row.get(2)?,
                    offices: offices.query_map([id], read_office)?.collect::<rusqlite::Result<_>>()?,
                    logins: logins
                        .query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                        .collect::<rusqlite::Result<_>>()?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

fn read_login(row: &Row<'_>) -> rusqlite::Result<LoginRow> {
    Ok(LoginRow { login: row.get(0)?, password_hash: row.get(1)? })
}

pub(super) fn read_office(row: &Row<'_>) -> rusqlite::Result<Office> {
    Ok(Office { number: row.get(0)?, name: row.get(1)? })
}

pub(super) fn corporation(tx: &Transaction<'_>, number: &str) -> std::result::Result<i64, AddError> {
    let row = tx.query_row("SELECT id FROM corporation WHERE number = ?1", [number], |row| row.get(0)).optional();
    row?.ok_or(AddError::NotFound)
}

pub(super) fn exists(error: rusqlite::Error) -> AddError {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        AddError::Exists
    } else {
        AddError::Storage(error.into())
    }
}

fn start_family(tx: &Transaction<'_>, login: i64, tokens: NewTokens) -> Result<SignedInRow> {
    tx.execute("INSERT INTO family (login, ends) VALUES (?1, ?2)", [login, tokens.refresh_ends])?;
    let family = tx.last_insert_rowid();
    add_tokens(tx, family, tokens)?;
    signed_in(tx, family)
}

fn add_tokens(tx: &Transaction<'_>, family: i64, tokens: NewTokens) -> Result<()> {
    tx.execute(
        "INSERT INTO access_token (hash, family, ends) VALUES (?1, ?2, ?3)",
        params![tokens.access, family, tokens.access_ends],
    )?;
    tx.execute(
        "INSERT INTO refresh_token (hash, family, ends) VALUES (?1, ?2, ?3)",
        params![tokens.refresh, family, tokens.refresh_ends],
    )?;
    Ok(())
}

fn signed_in(tx: &Transaction<'_>, family: i64) -> Result<SignedInRow> {
    let mut statement = tx.prepare_cached(
        "SELECT corporation, login.id, office, temporary FROM family JOIN login ON login.id = login
         WHERE family.id = ?1",
    )?;
    let row = statement.query_row([family], |row| {
        Ok(SignedInRow {
            corporation: row.get(0)?,
            login: row.get(1)?,
            office: row.get(2)?,
            temporary: row.get(3)?,
            family,
        })
    })?;
    Ok(row)
}
