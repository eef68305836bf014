//! What stands between a person and a session: lock-outs, computers, second factors, one-time codes.

use super::accounts::{add_tokens, signed_in};
use super::audit::{About, AuditEvent, audit};
use super::sql::{Tx, values};
use super::{NewTokens, Result, Scoped, SignedInRow, Storage};
use crate::password::TokenHash;
use crate::second_factor;
use crate::session::Scope;

/// SHA-256 of what wrong passwords are counted for: 法人番号 and ID, or 法人番号 alone, whether they exist or not.
pub type Credential = [u8; 32];

/// When wrong passwords lock.
#[derive(Debug, Clone, Copy)]
pub struct LockRule {
    /// Wrong ones in a row that lock, and lock again after each lock.
    pub free: u32,
    /// Seconds of the first lock; each further one is twice as long.
    pub first: i64,
    /// Seconds of the longest lock.
    pub longest: i64,
    /// Seconds after the last wrong one until all are forgotten.
    pub memory: i64,
}

/// For one ID.
pub const OF_CREDENTIAL: LockRule = LockRule { free: 5, first: 30 * 60, longest: 8 * 60 * 60, memory: 24 * 60 * 60 };
/// For all IDs of a corporation together: whoever tries the same password with many IDs. The offices of a corporation share
/// an address, and mistype; sessions that stand go on.
pub const OF_CORPORATION: LockRule = LockRule { free: 20, first: 60, longest: 30 * 60, memory: 60 * 60 };

impl LockRule {
    /// Returns how long the `wrong`th wrong password locks, in seconds; `None` when it does not.
    pub fn lock(&self, wrong: u32) -> Option<i64> {
        let locks = wrong / self.free;
        (wrong > 0 && wrong.is_multiple_of(self.free))
            .then(|| self.first.saturating_mul(1 << (locks - 1).min(20)).min(self.longest))
    }

    /// Returns how many wrong passwords are left after the `wrong`th.
    pub fn left(&self, wrong: u32) -> u32 {
        self.free - wrong % self.free
    }
}

/// Seconds after which an attempt that was counted and never ended is taken for one that died with its process.
const CHECKED_BY_NOW: i64 = 60;

/// What wrong passwords are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// 法人番号 and ID.
    pub credential: Credential,
    /// 法人番号.
    pub corporation: Credential,
}

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

/// What is shown beside the password.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Hash of the token of a computer that signs in again by itself.
    pub device: Option<TokenHash>,
    /// A code of the second factor, or a recovery code.
    pub code: Option<String>,
}

/// What became of a sign-in with the right password.
#[derive(Debug, Clone, Copy)]
pub enum SigningIn {
    /// Signed in.
    Done {
        /// Who.
        row: SignedInRow,
        /// The computer is new.
        is_new_device: bool,
    },
    /// A code of the second factor is needed.
    CodeNeeded,
    /// The code is wrong, or was used before.
    WrongCode,
    /// The computer was signed out from elsewhere.
    DeviceEnded,
}

/// A second factor that is set up but not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirming {
    /// In force from now on.
    Done,
    /// The code is wrong.
    WrongCode,
    /// Nothing is to be confirmed.
    NotSetUp,
}

/// A new password, set with a one-time code.
#[derive(Debug, Clone)]
pub struct Reset {
    /// Row of the ID.
    pub login: i64,
    /// What its wrong passwords are counted for.
    pub credential: Credential,
    /// Hash of the code.
    pub code: TokenHash,
    /// argon2id hash of the new password.
    pub password_hash: String,
}

/// An ID as its corporation lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLogin {
    /// The ID.
    pub login_id: String,
    /// 事業所番号 and 事業所名 of a 事業所用ID.
    pub office: Option<(String, String)>,
    /// The password is temporary.
    pub temporary: bool,
    /// A second factor is in force.
    pub second_factor: bool,
}

/// Seconds that a computer may sign in by itself after it did so last.
pub const DEVICE_SECONDS: i64 = 180 * 24 * 60 * 60;
/// Wrong one-time codes that end the right one.
const RESET_TRIES: u32 = 5;

impl Storage {
    /// Counts an attempt at the real time `now`, or refuses it.
    pub async fn attempt(&self, keys: Keys, now: i64) -> Result<Attempt> {
        self.write(move |tx| {
            for (rule, key) in [(OF_CORPORATION, keys.corporation), (OF_CREDENTIAL, keys.credential)] {
                let sql = "DELETE FROM attempt WHERE credential = ?1 AND last <= ?2
                               AND (locked_until IS NULL OR locked_until <= ?3)";
                tx.execute(sql, values![key, now - rule.memory, now])?;
            }
            // Made-up IDs must not fill the table: what the longer memory of both has forgotten goes.
            let sql = "DELETE FROM attempt WHERE last <= ?1 AND (locked_until IS NULL OR locked_until <= ?2)";
            tx.execute(sql, values![now - OF_CREDENTIAL.memory, now])?;
            if let Some((_, _, Some(until))) = found(tx, keys.corporation)?
                && until > now
            {
                return Ok(Attempt::Locked { until });
            }
            let wrong = match found(tx, keys.credential)? {
                None => 0,
                Some((_, _, Some(until))) if until > now => return Ok(Attempt::Locked { until }),
                // As many attempts as are allowed are being checked at this moment.
                Some((wrong, last, None))
                    if OF_CREDENTIAL.lock(wrong).is_some() && last > now - CHECKED_BY_NOW =>
                {
                    return Ok(Attempt::Locked { until: now + 5 });
                }
                Some((wrong, ..)) => wrong,
            };
            let number = wrong + 1;
            tx.execute(
                "INSERT INTO attempt (credential, wrong, last) VALUES (?1, ?2, ?3)
                 ON CONFLICT (credential) DO UPDATE SET wrong = excluded.wrong, last = excluded.last, locked_until = NULL",
                values![keys.credential, number, now],
            )?;
            Ok(Attempt::Counted { number })
        })
        .await
    }

    /// Forgets the wrong passwords of an ID: the right one was given, with all that belongs to it.
    pub async fn forgive(&self, credential: Credential) -> Result<()> {
        self.write(move |tx| {
            tx.execute("DELETE FROM attempt WHERE credential = ?1", values![credential])?;
            Ok(())
        })
        .await
    }

    /// Takes back that an attempt was counted: the password was right, but something is missing. Wrong ones before it stay
    /// counted, or whoever knows the password could guess codes for ever.
    pub async fn uncount(&self, credential: Credential) -> Result<()> {
        self.write(move |tx| {
            tx.execute("UPDATE attempt SET wrong = wrong - 1 WHERE credential = ?1", values![credential])?;
            Ok(())
        })
        .await
    }

    /// Records that attempt `number` was wrong, and locks what it was the last of. Returns the seconds of the lock.
    pub async fn wrong(
        &self,
        keys: Keys,
        number: u32,
        login: Option<i64>,
        event: AuditEvent,
        now: i64,
    ) -> Result<Option<i64>> {
        self.write(move |tx| {
            let about = || About { login, ..About::default() };
            audit(tx, now, event, about())?;
            let of_all: u32 = tx.only(
                "INSERT INTO attempt (credential, wrong, last) VALUES (?1, 1, ?2)
                 ON CONFLICT (credential) DO UPDATE SET wrong = attempt.wrong + 1, last = excluded.last
                 RETURNING wrong",
                values![keys.corporation, now],
                |row| row.get(0),
            )?;
            let lock = |key: Credential, seconds: i64, event| {
                let sql = "UPDATE attempt SET locked_until = ?2 WHERE credential = ?1";
                tx.execute(sql, values![key, now + seconds])?;
                audit(tx, now, event, about())
            };
            if let Some(seconds) = OF_CORPORATION.lock(of_all) {
                lock(keys.corporation, seconds, AuditEvent::CorporationLocked)?;
            }
            let seconds = OF_CREDENTIAL.lock(number);
            if let Some(seconds) = seconds {
                lock(keys.credential, seconds, AuditEvent::Locked)?;
            }
            Ok(seconds)
        })
        .await
    }

    /// Starts a session of `login` if `proof` is enough, and removes what has ended. `device` is the hash of the token of a
    /// computer that is new.
    pub async fn sign_in(
        &self,
        login: i64,
        proof: Proof,
        tokens: NewTokens,
        device: TokenHash,
        now: i64,
    ) -> Result<SigningIn> {
        self.write(move |tx| {
            tx.execute("DELETE FROM family WHERE ends <= ?1", values![now])?;
            tx.execute("DELETE FROM device WHERE ends <= ?1", values![now])?;
            let known = match proof.device {
                Some(known) => {
                    let sql = "UPDATE device SET ends = ?3 WHERE hash = ?1 AND login = ?2";
                    if tx.execute(sql, values![known, login, now + DEVICE_SECONDS])? == 0 {
                        return Ok(SigningIn::DeviceEnded);
                    }
                    Some(known)
                }
                None if !has_second_factor(tx, login)? => None,
                None => match &proof.code {
                    None => return Ok(SigningIn::CodeNeeded),
                    Some(code) if !use_code(tx, login, code, now)? => return Ok(SigningIn::WrongCode),
                    Some(_) => None,
                },
            };
            tx.execute("UPDATE login SET used = TRUE WHERE id = ?1 AND NOT used", values![login])?;
            if known.is_none() {
                add_device(tx, login, device, now)?;
            }
            let row = start_family(tx, login, known.unwrap_or(device), tokens)?;
            audit(tx, now, AuditEvent::SignedIn, About::from(&row))?;
            Ok(SigningIn::Done { row, is_new_device: known.is_none() })
        })
        .await
    }

    /// Replaces the password of `login`, signs it out everywhere and starts a new session on a new computer.
    pub async fn change_password(
        &self,
        login: i64,
        password_hash: String,
        tokens: NewTokens,
        device: TokenHash,
        now: i64,
    ) -> Result<SignedInRow> {
        self.write(move |tx| {
            let sql = "UPDATE login SET password_hash = ?2, temporary = FALSE WHERE id = ?1";
            tx.execute(sql, values![login, password_hash])?;
            let row = start_anew(tx, login, tokens, device, now)?;
            audit(tx, now, AuditEvent::PasswordChanged, About::from(&row))?;
            Ok(row)
        })
        .await
    }

    /// Signs `login` out everywhere and starts a new session on a new computer.
    pub async fn sign_out_everywhere(
        &self,
        login: i64,
        tokens: NewTokens,
        device: TokenHash,
        now: i64,
    ) -> Result<SignedInRow> {
        self.write(move |tx| {
            let row = start_anew(tx, login, tokens, device, now)?;
            audit(tx, now, AuditEvent::SignedOutEverywhere, About::from(&row))?;
            Ok(row)
        })
        .await
    }

    /// Prepares a second factor with `secret`, unless one is in force. It is not in force before it is confirmed.
    pub async fn prepare_second_factor(&self, login: i64, secret: Vec<u8>) -> Result<bool> {
        self.write(move |tx| {
            let prepared = tx.execute(
                "INSERT INTO second_factor (login, secret) VALUES (?1, ?2)
                 ON CONFLICT (login) DO UPDATE SET secret = excluded.secret WHERE NOT second_factor.confirmed",
                values![login, secret],
            )?;
            Ok(prepared == 1)
        })
        .await
    }

    /// Puts the prepared second factor in force if `code` is one of it. `recovery` are the hashes of its recovery codes.
    pub async fn confirm_second_factor(
        &self,
        scope: Scope,
        code: String,
        recovery: Vec<TokenHash>,
        now: i64,
    ) -> Result<Confirming> {
        self.write(move |tx| {
            let sql = "SELECT secret FROM second_factor WHERE login = ?1 AND NOT confirmed";
            let secret: Option<Vec<u8>> = tx.row(sql, values![scope.login()], |row| row.get(0))?;
            let Some(secret) = secret else { return Ok(Confirming::NotSetUp) };
            let Some(step) = second_factor::step_of(&secret, &code, now) else { return Ok(Confirming::WrongCode) };
            let sql = "UPDATE second_factor SET confirmed = TRUE, last_step = ?2 WHERE login = ?1";
            tx.execute(sql, values![scope.login(), step])?;
            for hash in &recovery {
                let sql = "INSERT INTO recovery_code (login, hash) VALUES (?1, ?2)";
                tx.execute(sql, values![scope.login(), hash])?;
            }
            audit(tx, now, AuditEvent::SecondFactorOn, About::from(&scope))?;
            Ok(Confirming::Done)
        })
        .await
    }

    /// Ends the second factor if `code` is one of it. Returns whether it was.
    pub async fn end_second_factor(&self, scope: Scope, code: String, now: i64) -> Result<bool> {
        self.write(move |tx| {
            if !use_code(tx, scope.login(), &code, now)? {
                return Ok(false);
            }
            forget_second_factor(tx, scope.login())?;
            audit(tx, now, AuditEvent::SecondFactorOff, About::from(&scope))?;
            Ok(true)
        })
        .await
    }

    /// Lists the IDs of a corporation, the 法人用ID first; none for a 事業所用ID.
    pub async fn own_logins(&self, scope: Scope) -> Result<Vec<OwnLogin>> {
        self.read(move |tx| {
            let sql = "SELECT login_id, my_office.number, my_office.name, temporary,
                           EXISTS (SELECT 1 FROM second_factor WHERE login = my_login.id AND confirmed)
                       FROM my_login LEFT JOIN my_office ON my_office.id = my_login.office
                       ORDER BY my_office.number IS NOT NULL, my_office.number, login_id";
            Scoped::new(tx, scope).rows(sql, &[], |row| {
                let (number, name): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
                Ok(OwnLogin {
                    login_id: row.get(0)?,
                    office: number.zip(name),
                    temporary: row.get(3)?,
                    second_factor: row.get(4)?,
                })
            })
        })
        .await
    }

    /// Keeps a one-time code for a 事業所用ID of the corporation; it takes the place of an earlier one. Returns whether there
    /// is such an ID.
    pub async fn issue_reset_code(
        &self,
        scope: Scope,
        login_id: String,
        code: TokenHash,
        ends: i64,
        now: i64,
    ) -> Result<bool> {
        self.write(move |tx| {
            let sql = "SELECT id FROM my_login WHERE login_id = ?3 AND office IS NOT NULL";
            let found = Scoped::new(tx, scope).row(sql, values![login_id], |row| row.get(0))?;
            let Some(login) = found else { return Ok(false) };
            keep_reset_code(tx, login, code, ends)?;
            let about = About { login: Some(login), ..About::corporation(scope.corporation()) };
            audit(tx, now, AuditEvent::ResetCodeIssued, about)?;
            Ok(true)
        })
        .await
    }

    /// Keeps a one-time code that the operator issues for any ID. Returns whether there is such an ID.
    pub async fn issue_reset_code_by_hand(
        &self,
        corporation_number: String,
        login_id: String,
        code: TokenHash,
        ends: i64,
        now: i64,
    ) -> Result<bool> {
        self.write(move |tx| {
            let sql = "SELECT login.id, corporation.id FROM login
                       JOIN corporation ON corporation.id = login.corporation WHERE number = ?1 AND login_id = ?2";
            let found = tx.row(sql, values![corporation_number, login_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let Some((login, corporation)) = found else { return Ok(false) };
            keep_reset_code(tx, login, code, ends)?;
            let about = About { login: Some(login), ..About::corporation(corporation) };
            audit(tx, now, AuditEvent::ResetCodeIssued, about)?;
            Ok(true)
        })
        .await
    }

    /// Returns whether `code` is the one-time code of `login`. A wrong one is counted; the fifth ends the right one.
    pub async fn is_reset_code(&self, login: i64, code: TokenHash, now: i64) -> Result<bool> {
        self.write(move |tx| {
            let sql = "SELECT hash, wrong FROM reset_code WHERE login = ?1 AND ends > ?2";
            let kept: Option<(TokenHash, u32)> =
                tx.row(sql, values![login, now], |row| Ok((row.get(0)?, row.get(1)?)))?;
            match kept {
                Some((hash, _)) if hash == code => return Ok(true),
                Some((_, wrong)) if wrong + 1 >= RESET_TRIES => {
                    tx.execute("DELETE FROM reset_code WHERE login = ?1", values![login])?;
                }
                Some(_) => {
                    tx.execute("UPDATE reset_code SET wrong = wrong + 1 WHERE login = ?1", values![login])?;
                }
                None => {}
            }
            audit(tx, now, AuditEvent::WrongCode, About { login: Some(login), ..About::default() })?;
            Ok(false)
        })
        .await
    }

    /// Sets a new password with a one-time code, which is used up; ends the second factor, the lock-out and every session,
    /// and starts a new one. `None` when the code was used up meanwhile.
    pub async fn reset_with_code(
        &self,
        reset: Reset,
        tokens: NewTokens,
        device: TokenHash,
        now: i64,
    ) -> Result<Option<SignedInRow>> {
        self.write(move |tx| {
            let Reset { login, credential, code, password_hash } = reset;
            let sql = "DELETE FROM reset_code WHERE login = ?1 AND hash = ?2 AND ends > ?3";
            if tx.execute(sql, values![login, code, now])? == 0 {
                return Ok(None);
            }
            let sql = "UPDATE login SET password_hash = ?2, temporary = FALSE, used = TRUE WHERE id = ?1";
            tx.execute(sql, values![login, password_hash])?;
            forget_second_factor(tx, login)?;
            tx.execute("DELETE FROM attempt WHERE credential = ?1", values![credential])?;
            let row = start_anew(tx, login, tokens, device, now)?;
            audit(tx, now, AuditEvent::PasswordReset, About::from(&row))?;
            Ok(Some(row))
        })
        .await
    }
}

/// Returns the wrong ones, the last one's time and the lock of a key.
fn found(tx: &Tx<'_>, key: Credential) -> Result<Option<(u32, i64, Option<i64>)>> {
    let sql = "SELECT wrong, last, locked_until FROM attempt WHERE credential = ?1";
    tx.row(sql, values![key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

fn has_second_factor(tx: &Tx<'_>, login: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM second_factor WHERE login = ?1 AND confirmed)";
    tx.only(sql, values![login], |row| row.get(0))
}

/// Uses up a code of the second factor in force, or a recovery code. Returns whether it was one: each counts once.
fn use_code(tx: &Tx<'_>, login: i64, code: &str, now: i64) -> Result<bool> {
    let sql = "SELECT secret, last_step FROM second_factor WHERE login = ?1 AND confirmed";
    let factor: Option<(Vec<u8>, i64)> = tx.row(sql, values![login], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((secret, last_step)) = factor else { return Ok(false) };
    if let Some(step) = second_factor::step_of(&secret, code, now).filter(|step| *step > last_step) {
        tx.execute("UPDATE second_factor SET last_step = ?2 WHERE login = ?1", values![login, step])?;
        return Ok(true);
    }
    let sql = "DELETE FROM recovery_code WHERE login = ?1 AND hash = ?2";
    let was_recovery = tx.execute(sql, values![login, second_factor::recovery_hash(code)])? == 1;
    if was_recovery {
        audit(tx, now, AuditEvent::RecoveryCodeUsed, About { login: Some(login), ..About::default() })?;
    }
    Ok(was_recovery)
}

fn keep_reset_code(tx: &Tx<'_>, login: i64, code: TokenHash, ends: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO reset_code (login, hash, ends) VALUES (?1, ?2, ?3)
         ON CONFLICT (login) DO UPDATE SET hash = excluded.hash, ends = excluded.ends, wrong = 0",
        values![login, code, ends],
    )?;
    Ok(())
}

/// Ends the second factor of an ID, confirmed or not.
pub(super) fn forget_second_factor(tx: &Tx<'_>, login: i64) -> Result<()> {
    tx.execute("DELETE FROM second_factor WHERE login = ?1", values![login])?;
    tx.execute("DELETE FROM recovery_code WHERE login = ?1", values![login])?;
    Ok(())
}

/// Ends every session of an ID, and takes from every computer that it may sign in by itself.
pub(super) fn end_everywhere(tx: &Tx<'_>, login: i64) -> Result<()> {
    tx.execute("DELETE FROM family WHERE login = ?1", values![login])?;
    tx.execute("DELETE FROM device WHERE login = ?1", values![login])?;
    tx.execute("DELETE FROM reset_code WHERE login = ?1", values![login])?;
    Ok(())
}

fn start_anew(tx: &Tx<'_>, login: i64, tokens: NewTokens, device: TokenHash, now: i64) -> Result<SignedInRow> {
    end_everywhere(tx, login)?;
    add_device(tx, login, device, now)?;
    start_family(tx, login, device, tokens)
}

fn add_device(tx: &Tx<'_>, login: i64, device: TokenHash, now: i64) -> Result<()> {
    let sql = "INSERT INTO device (hash, login, ends) VALUES (?1, ?2, ?3)";
    tx.execute(sql, values![device, login, now + DEVICE_SECONDS])?;
    Ok(())
}

fn start_family(tx: &Tx<'_>, login: i64, device: TokenHash, tokens: NewTokens) -> Result<SignedInRow> {
    let sql = "INSERT INTO family (login, ends, device) VALUES (?1, ?2, ?3) RETURNING id";
    let family = tx.only(sql, values![login, tokens.refresh_ends, device], |row| row.get(0))?;
    add_tokens(tx, family, tokens)?;
    signed_in(tx, family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: LockRule, wrong: u32, expected: Option<i64>) {
        assert_eq!(rule.lock(wrong), expected, "after {wrong} wrong ones");
    }

    #[test]
    fn each_lock_is_twice_as_long_as_the_one_before_up_to_the_longest() {
        for wrong in [0, 1, 4, 6, 9] {
            check(OF_CREDENTIAL, wrong, None);
        }
        check(OF_CREDENTIAL, 5, Some(30 * 60));
        check(OF_CREDENTIAL, 10, Some(60 * 60));
        check(OF_CREDENTIAL, 15, Some(2 * 60 * 60));
        check(OF_CREDENTIAL, 25, Some(8 * 60 * 60));
        check(OF_CREDENTIAL, 1_000_000, Some(8 * 60 * 60));
        check(OF_CORPORATION, 20, Some(60));
        check(OF_CORPORATION, 120, Some(30 * 60));
    }
}
