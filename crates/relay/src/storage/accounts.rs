//! Corporations, offices, IDs and sessions.

use calendar::Month;
use relay_api::{Account, Office, Role};

use super::applications::{DeskRefusal, certificate_with_room};
use super::audit::{About, AuditEvent, audit};
use super::credentials::{end_everywhere, forget_second_factor};
use super::sql::{Row, Tx, values};
use super::{Credential, Error, Result, Scoped, Storage};
use crate::password::TokenHash;
use crate::session::Scope;

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

/// What an office that the operator adds by hand uses and pays for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContract {
    /// First month: fees are due and claims are taken from then on.
    pub start: Month,
    /// With the return option.
    pub option: bool,
    /// Certificate that acts for it; without one it is left to the terminals that have none.
    pub certificate: Option<String>,
}

impl NewContract {
    /// Returns the plain contract from `start` on.
    pub fn from(start: Month) -> Self {
        Self { start, option: false, certificate: None }
    }
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

impl Storage {
    /// Finds an ID by what a person types.
    pub async fn login(&self, corporation_number: String, login_id: String) -> Result<Option<LoginRow>> {
        self.read(move |tx| {
            tx.row(
                "SELECT login.id, password_hash FROM login JOIN corporation ON corporation.id = login.corporation
                 WHERE number = ?1 AND login_id = ?2",
                values![corporation_number, login_id],
                read_login,
            )
        })
        .await
    }

    /// Returns the rows of the corporation and of its 法人用ID.
    pub async fn login_scope(&self, corporation_number: String, login_id: String) -> Result<Option<(i64, i64)>> {
        self.read(move |tx| {
            let sql =
                "SELECT corporation.id, login.id FROM login JOIN corporation ON corporation.id = login.corporation
                       WHERE number = ?1 AND login_id = ?2 AND office IS NULL";
            tx.row(sql, values![corporation_number, login_id], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    /// Finds an ID by its row.
    pub async fn login_by_row(&self, login: i64) -> Result<Option<LoginRow>> {
        self.read(move |tx| tx.row("SELECT id, password_hash FROM login WHERE id = ?1", values![login], read_login))
            .await
    }

    /// Exchanges the refresh token `used` for a new pair; ends the family when it was used before.
    pub async fn rotate(&self, used: TokenHash, tokens: NewTokens, now: i64) -> Result<Rotation> {
        self.write(move |tx| {
            let found: Option<(i64, i64, bool, i64)> = tx.row(
                "SELECT family, refresh_token.ends, used, login
                     FROM refresh_token JOIN family ON family.id = family WHERE hash = ?1",
                values![used],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )?;
            let Some((family, ends, was_used, login)) = found else { return Ok(Rotation::Unknown) };
            if was_used {
                tx.execute("DELETE FROM family WHERE id = ?1", values![family])?;
                audit(tx, now, AuditEvent::RefreshReused, About { login: Some(login), ..About::default() })?;
                return Ok(Rotation::Reused);
            }
            if ends <= now {
                return Ok(Rotation::Unknown);
            }
            tx.execute("UPDATE refresh_token SET used = TRUE WHERE hash = ?1", values![used])?;
            tx.execute("UPDATE family SET ends = ?2 WHERE id = ?1", values![family, tokens.refresh_ends])?;
            tx.execute("DELETE FROM access_token WHERE family = ?1 AND ends <= ?2", values![family, now])?;
            add_tokens(tx, family, tokens)?;
            Ok(Rotation::Rotated(signed_in(tx, family)?))
        })
        .await
    }

    /// Finds who the access token belongs to, if it has not ended at the real time `now`.
    pub async fn access(&self, hash: TokenHash, now: i64) -> Result<Option<SignedInRow>> {
        self.read(move |tx| {
            let family: Option<i64> =
                tx.row("SELECT family FROM access_token WHERE hash = ?1 AND ends > ?2", values![hash, now], |row| {
                    row.get(0)
                })?;
            family.map(|family| signed_in(tx, family)).transpose()
        })
        .await
    }

    /// Ends a session, and takes from its computer that it may sign in by itself.
    pub async fn sign_out(&self, who: SignedInRow, now: i64) -> Result<()> {
        self.write(move |tx| {
            let sql = "DELETE FROM device WHERE hash = (SELECT device FROM family WHERE id = ?1)";
            tx.execute(sql, values![who.family])?;
            tx.execute("DELETE FROM family WHERE id = ?1", values![who.family])?;
            audit(tx, now, AuditEvent::SignedOut, About::from(&who))
        })
        .await
    }

    /// Returns the account of who is signed in.
    pub async fn account(&self, scope: Scope) -> Result<Account> {
        self.read(move |tx| {
            let offices =
                Scoped::new(tx, scope).rows("SELECT number, name FROM my_office ORDER BY number", &[], read_office)?;
            let account = tx.only(
                "SELECT number, name, login_id, temporary, office IS NULL,
                     EXISTS (SELECT 1 FROM second_factor WHERE second_factor.login = login.id AND confirmed)
                 FROM login JOIN corporation ON corporation.id = login.corporation WHERE login.id = ?1",
                values![scope.login()],
                |row| {
                    Ok(Account {
                        corporation_number: row.get(0)?,
                        corporation_name: row.get(1)?,
                        login_id: row.get(2)?,
                        must_change_password: row.get(3)?,
                        role: if row.get(4)? { Role::Corporation } else { Role::Office },
                        second_factor: row.get(5)?,
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
            let sql = "INSERT INTO corporation (number, name) VALUES (?1, ?2) RETURNING id";
            let row = tx.only(sql, values![number, name], |row| row.get(0)).map_err(exists)?;
            audit(tx, now, AuditEvent::CorporationAdded, About::corporation(row))?;
            Ok(())
        })
        .await
    }

    /// Adds an office to a corporation, with its contract.
    pub async fn add_office(
        &self,
        corporation_number: String,
        office: Office,
        contract: NewContract,
        today: String,
        now: i64,
    ) -> std::result::Result<(), DeskRefusal> {
        self.write(move |tx| {
            let corporation = corporation(tx, &corporation_number)?;
            let certificate = match &contract.certificate {
                None => None,
                Some(name) => Some(certificate_with_room(tx, name, &today)?),
            };
            let row: i64 = tx
                .only(
                    "INSERT INTO office (corporation, number, name) VALUES (?1, ?2, ?3) RETURNING id",
                    values![corporation, office.number, office.name],
                    |row| row.get(0),
                )
                .map_err(exists)?;
            let start = contract.start.to_string();
            tx.execute(
                "INSERT INTO contract (office, start_month, option_from, certificate) VALUES (?1, ?2, ?3, ?4)",
                values![row, start, contract.option.then_some(&start), certificate],
            )?;
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
                    tx.row(
                        "SELECT id FROM office WHERE corporation = ?1 AND number = ?2",
                        values![corporation, number],
                        |row| row.get::<i64>(0),
                    )?
                    .ok_or(AddError::NotFound)
                })
                .transpose()?;
            let login = tx.only(
                "INSERT INTO login (corporation, login_id, office, password_hash, temporary)
                 VALUES (?1, ?2, ?3, ?4, TRUE) RETURNING id",
                values![corporation, login_id, office, password_hash],
                |row| row.get(0),
            );
            let login = Some(login.map_err(exists)?);
            audit(tx, now, AuditEvent::LoginAdded, About { login, ..About::corporation(corporation) })?;
            Ok(())
        })
        .await
    }

    /// Gives an ID a new temporary password; ends its sessions and its second factor, and lifts its lock-out.
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
                .row(
                    "UPDATE login SET password_hash = ?3, temporary = TRUE WHERE corporation = ?1 AND login_id = ?2
                     RETURNING id",
                    values![corporation, login_id, password_hash],
                    |row| row.get(0),
                )?
                .ok_or(AddError::NotFound)?;
            end_everywhere(tx, login)?;
            forget_second_factor(tx, login)?;
            tx.execute("DELETE FROM attempt WHERE credential = ?1", values![credential])?;
            audit(tx, now, AuditEvent::PasswordReset, About { login: Some(login), ..About::corporation(corporation) })?;
            Ok(())
        })
        .await
    }

    /// Lists all corporations with their offices and IDs.
    pub async fn corporations(&self) -> Result<Vec<CorporationRow>> {
        self.read(|tx| {
            let sql = "SELECT id, number, name FROM corporation ORDER BY number";
            tx.rows(sql, &[], |row| {
                let id: i64 = row.get(0)?;
                let offices = "SELECT number, name FROM office WHERE corporation = ?1 ORDER BY number";
                let logins = "SELECT login_id, number, temporary FROM login LEFT JOIN office ON office.id = office
                              WHERE login.corporation = ?1 ORDER BY office IS NOT NULL, login_id";
                Ok(CorporationRow {
                    number: row.get(1)?,
                    name: row.get(2)?,
                    offices: tx.rows(offices, values![id], read_office)?,
                    logins: tx.rows(logins, values![id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?,
                })
            })
        })
        .await
    }
}

fn read_login(row: &Row) -> Result<LoginRow> {
    Ok(LoginRow { login: row.get(0)?, password_hash: row.get(1)? })
}

pub(super) fn read_office(row: &Row) -> Result<Office> {
    Ok(Office { number: row.get(0)?, name: row.get(1)? })
}

pub(super) fn corporation(tx: &Tx<'_>, number: &str) -> std::result::Result<i64, AddError> {
    let row = tx.row("SELECT id FROM corporation WHERE number = ?1", values![number], |row| row.get(0));
    row?.ok_or(AddError::NotFound)
}

pub(super) fn exists(error: Error) -> AddError {
    if error.is_constraint() { AddError::Exists } else { AddError::Storage(error) }
}

pub(super) fn add_tokens(tx: &Tx<'_>, family: i64, tokens: NewTokens) -> Result<()> {
    tx.execute(
        "INSERT INTO access_token (hash, family, ends) VALUES (?1, ?2, ?3)",
        values![tokens.access, family, tokens.access_ends],
    )?;
    tx.execute(
        "INSERT INTO refresh_token (hash, family, ends) VALUES (?1, ?2, ?3)",
        values![tokens.refresh, family, tokens.refresh_ends],
    )?;
    Ok(())
}

pub(super) fn signed_in(tx: &Tx<'_>, family: i64) -> Result<SignedInRow> {
    let sql = "SELECT corporation, login.id, office, temporary FROM family JOIN login ON login.id = login
               WHERE family.id = ?1";
    tx.only(sql, values![family], |row| {
        Ok(SignedInRow {
            corporation: row.get(0)?,
            login: row.get(1)?,
            office: row.get(2)?,
            temporary: row.get(3)?,
            family,
        })
    })
}
