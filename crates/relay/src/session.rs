//! Who may act, and for which offices.

use std::num::NonZeroU32;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use relay_api::terminals::{TerminalLogIn, TerminalSession};
use relay_api::{
    Account, ChangePassword, EndSecondFactor, LogIn, LoginEntry, LoginList, Office, RecoveryCodes, ResetCode,
    ResetPassword, SecondFactorSetup, Session,
};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::password::{self, Token, token_hash};
use crate::storage::{
    Attempt, AuditEvent, Confirming, Credential, Keys, NewTokens, OF_CREDENTIAL, Proof, Reset, Rotation, SignedInRow,
    SigningIn,
};
use crate::{Rate, Relay, second_factor};

/// Seconds that an access token lives.
pub const ACCESS_SECONDS: u32 = 15 * 60;
/// Seconds that a refresh token lives.
pub const REFRESH_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Minutes that a one-time code for a new password is good for.
pub(crate) const RESET_MINUTES: u32 = 60;

/// What a client may touch: all offices of one corporation, or one of them.
///
/// Only this module makes one, and only from a verified token. Every operation of the storage that a client can cause
/// asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    corporation: i64,
    login: i64,
    office: Option<i64>,
}

impl Scope {
    /// Returns the row of the corporation.
    pub(crate) fn corporation(&self) -> i64 {
        self.corporation
    }

    /// Tells whether something of this office may be seen.
    pub(crate) fn sees(&self, corporation: i64, office: i64) -> bool {
        self.corporation == corporation && self.office.is_none_or(|own| own == office)
    }

    /// Returns the row of the ID.
    pub(crate) fn login(&self) -> i64 {
        self.login
    }

    /// Returns the row of the one office of a 事業所用ID.
    pub(crate) fn office(&self) -> Option<i64> {
        self.office
    }
}

/// What a terminal may touch: the offices of its certificate.
///
/// Only this module makes one, and only from a verified token of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalScope {
    terminal: i64,
    certificate: Option<i64>,
}

impl TerminalScope {
    /// Returns the row of the terminal.
    pub(crate) fn row(&self) -> i64 {
        self.terminal
    }

    /// Returns the row of its certificate.
    pub(crate) fn certificate(&self) -> Option<i64> {
        self.certificate
    }
}

impl Relay {
    /// Returns the scope of the sample corporation, for the history that a demonstration begins with. No client can cause it.
    pub(crate) async fn sample_scope(&self) -> Result<Scope, Failure> {
        let (number, id) = (crate::demo::CORPORATION.to_owned(), crate::demo::LOGIN_ID.to_owned());
        let found = self.storage().login_scope(number, id).await?.filter(|_| self.demo().is_some());
        let (corporation, login) = found.ok_or(Failure::NotFound)?;
        Ok(Scope { corporation, login, office: None })
    }
}

/// The owner of a verified access token, perhaps still with a temporary password.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    row: SignedInRow,
}

impl SignedIn {
    /// Returns what may be touched.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::PasswordChangeRequired`] while the password is temporary.
    pub fn scope(&self) -> Result<Scope, Failure> {
        if self.row.temporary { Err(Failure::PasswordChangeRequired) } else { Ok(self.any_scope()) }
    }

    /// Returns what may be touched, for the account itself.
    fn any_scope(&self) -> Scope {
        Scope { corporation: self.row.corporation, login: self.row.login, office: self.row.office }
    }
}

/// Rates per credential.
pub(crate) struct Limits {
    clock: RealTime,
    sign_ins: Limiter<Credential>,
    requests: Limiter<i64>,
    applications: Limiter<()>,
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, RealTime, NoOpMiddleware<Nanos>>;

/// Passwords that may be tried per minute and credential. The lock-out comes first for those who guess; this one spares
/// the machine from those who do not stop.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// Applications that are taken per minute, from everybody together: whoever applies has no credential yet.
const APPLICATIONS_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// Entries after which those at rest are dropped, so that made-up IDs cannot fill the memory.
const MANY: usize = 10_000;

impl Limits {
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Self {
        let clock = RealTime(clock.clone());
        let requests = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self {
            sign_ins: RateLimiter::dashmap_with_clock(Quota::per_minute(SIGN_INS_PER_MINUTE), clock.clone()),
            requests: RateLimiter::dashmap_with_clock(requests, clock.clone()),
            applications: RateLimiter::dashmap_with_clock(Quota::per_minute(APPLICATIONS_PER_MINUTE), clock.clone()),
            clock,
        }
    }

    pub(crate) fn sign_in(&self, credential: &Credential) -> Result<(), Failure> {
        self.check(&self.sign_ins, credential)
    }

    pub(crate) fn application(&self) -> Result<(), Failure> {
        self.check(&self.applications, &())
    }

    fn request(&self, login: i64) -> Result<(), Failure> {
        self.check(&self.requests, &login)
    }

    fn check<K: std::hash::Hash + Eq + Clone>(&self, limiter: &Limiter<K>, key: &K) -> Result<(), Failure> {
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            // Rounded up: a client that comes back when told must not find the door still shut.
            Failure::TooManyRequests { retry_after: u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX) }
        })
    }
}

/// The relay's real time for the rate limiter.
#[derive(Clone)]
struct RealTime(Clock);

impl GovernorClock for RealTime {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let nanos = self.0.real().timestamp_nanos_opt().unwrap_or_default();
        Nanos::new(u64::try_from(nanos).unwrap_or_default())
    }
}

/// Names what wrong passwords of an ID are counted for.
fn keys(corporation_number: &str, login_id: &str) -> Keys {
    // No ID is empty, so that no ID's count is that of a corporation.
    Keys { credential: credential(corporation_number, login_id), corporation: credential(corporation_number, "") }
}

/// Names an ID for counting, whether there is one or not.
pub(crate) fn credential(corporation_number: &str, login_id: &str) -> Credential {
    // The length keeps ("12", "3") and ("1", "23") apart.
    let head = (corporation_number.len() as u64).to_be_bytes();
    Sha256::new().chain_update(head).chain_update(corporation_number).chain_update(login_id).finalize().into()
}

impl Relay {
    /// Signs in with 法人番号, ID and password, and what the second factor asks for beside them.
    pub async fn sign_in(&self, given: LogIn) -> Result<Session, Failure> {
        let keys = keys(&given.corporation_number, &given.login_id);
        self.limits().sign_in(&keys.credential)?;
        let found = self.storage().login(given.corporation_number, given.login_id).await?;
        let (login, hash) = found.map(|row| (row.login, row.password_hash)).unzip();
        let (login, number) = self.try_password(keys, login, hash, given.password).await?;
        let proof = Proof { device: given.device.as_deref().map(token_hash), code: given.code };
        let (tokens, new) = self.new_tokens();
        let device = Token::random();
        match self.storage().sign_in(login, proof, new, device.hash, self.now()).await? {
            SigningIn::Done { row, is_new_device } => {
                self.storage().forgive(keys.credential).await?;
                let session = self.session(tokens, row).await?;
                Ok(Session { device: is_new_device.then_some(device.text), ..session })
            }
            SigningIn::CodeNeeded => {
                self.storage().uncount(keys.credential).await?;
                Err(Failure::SecondFactorRequired)
            }
            SigningIn::DeviceEnded => {
                self.storage().uncount(keys.credential).await?;
                Err(Failure::SessionEnded)
            }
            SigningIn::WrongCode => Err(self.wrong_code(keys, number, login).await?),
        }
    }

    /// Exchanges a refresh token, which can be used once, for a new session.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Session, Failure> {
        let (tokens, new) = self.new_tokens();
        match self.storage().rotate(token_hash(refresh_token), new, self.now()).await? {
            Rotation::Rotated(row) => self.session(tokens, row).await,
            Rotation::Reused => {
                tracing::warn!("A used refresh token came back; its session is ended");
                Err(Failure::SessionEnded)
            }
            Rotation::Unknown => Err(Failure::SessionEnded),
        }
    }

    /// Verifies an access token.
    pub async fn authenticate(&self, access_token: &str) -> Result<SignedIn, Failure> {
        let row = self.storage().access(token_hash(access_token), self.now()).await?;
        let row = row.ok_or(Failure::TokenExpired)?;
        self.limits().request(row.login)?;
        Ok(SignedIn { row })
    }

    /// Signs a terminal in with its client credentials.
    pub async fn sign_in_terminal(&self, given: TerminalLogIn) -> Result<TerminalSession, Failure> {
        self.limits().sign_in(&credential("terminal", &given.client_id))?;
        let token = Token::random();
        let (now, secret) = (self.now(), token_hash(&given.client_secret));
        let ends = now + i64::from(ACCESS_SECONDS);
        if self.storage().sign_in_terminal(given.client_id, secret, token.hash, ends, now).await? {
            Ok(TerminalSession { access_token: token.text, expires_in: ACCESS_SECONDS })
        } else {
            // The secret is random: there is nothing to guess, and no lock-out that a stranger could cause.
            Err(Failure::WrongCredentials { attempts_left: OF_CREDENTIAL.free })
        }
    }

    /// Verifies the access token of a terminal.
    pub async fn authenticate_terminal(&self, access_token: &str) -> Result<TerminalScope, Failure> {
        let found = self.storage().terminal_of(token_hash(access_token), self.now()).await?;
        let (terminal, certificate) = found.ok_or(Failure::TokenExpired)?;
        Ok(TerminalScope { terminal, certificate })
    }

    /// Ends a session.
    pub async fn sign_out(&self, who: SignedIn) -> Result<(), Failure> {
        Ok(self.storage().sign_out(who.row, self.now()).await?)
    }

    /// Returns the account of who is signed in.
    pub async fn account(&self, who: SignedIn) -> Result<Account, Failure> {
        Ok(self.storage().account(who.any_scope()).await?)
    }

    /// Changes the password, signs the ID out everywhere and starts a new session.
    pub async fn change_password(&self, who: SignedIn, change: ChangePassword) -> Result<Session, Failure> {
        let account = self.account(who).await?;
        password::check_new(&change.new, &change.current, &account.login_id)?;
        let (keys, login, _) = self.confirm_password(who, &account, change.current).await?;
        let hash = self.hasher().hash(change.new).await?;
        let ((tokens, new), device) = (self.new_tokens(), Token::random());
        let row = self.storage().change_password(login, hash, new, device.hash, self.now()).await?;
        self.storage().forgive(keys.credential).await?;
        Ok(Session { device: Some(device.text), ..self.session(tokens, row).await? })
    }

    /// Signs the ID out on every computer and starts a new session here.
    pub async fn sign_out_everywhere(&self, who: SignedIn) -> Result<Session, Failure> {
        let ((tokens, new), device) = (self.new_tokens(), Token::random());
        let row = self.storage().sign_out_everywhere(who.row.login, new, device.hash, self.now()).await?;
        Ok(Session { device: Some(device.text), ..self.session(tokens, row).await? })
    }

    /// Prepares a second factor for an ID that has none. It is in force once [`Relay::confirm_second_factor`] saw a code.
    pub async fn set_up_second_factor(&self, who: SignedIn, password: String) -> Result<SecondFactorSetup, Failure> {
        who.scope()?;
        let account = self.account(who).await?;
        let (keys, login, _) = self.confirm_password(who, &account, password).await?;
        self.storage().forgive(keys.credential).await?;
        let secret = second_factor::secret();
        let (text, uri) = second_factor::shown(&secret, &account.corporation_number, &account.login_id);
        if self.storage().prepare_second_factor(login, secret).await? {
            Ok(SecondFactorSetup { secret: text, uri })
        } else {
            Err(Failure::TooLate("a second factor is in force; end it first"))
        }
    }

    /// Puts the prepared second factor in force, and returns its recovery codes, which nobody sees again.
    pub async fn confirm_second_factor(&self, scope: Scope, code: String) -> Result<RecoveryCodes, Failure> {
        let (codes, hashes) = second_factor::recovery_codes().into_iter().unzip();
        match self.storage().confirm_second_factor(scope, code, hashes, self.now()).await? {
            Confirming::Done => Ok(RecoveryCodes { codes }),
            Confirming::WrongCode => Err(Failure::WrongCode { attempts_left: None }),
            Confirming::NotSetUp => Err(Failure::NotFound),
        }
    }

    /// Ends the second factor, with the password and a code of it.
    pub async fn end_second_factor(&self, who: SignedIn, given: EndSecondFactor) -> Result<(), Failure> {
        let scope = who.scope()?;
        let account = self.account(who).await?;
        if !account.second_factor {
            return Err(Failure::NotFound);
        }
        let (keys, login, number) = self.confirm_password(who, &account, given.password).await?;
        if self.storage().end_second_factor(scope, given.code, self.now()).await? {
            Ok(self.storage().forgive(keys.credential).await?)
        } else {
            Err(self.wrong_code(keys, number, login).await?)
        }
    }

    /// Lists the IDs of the corporation; for the 法人用ID.
    pub async fn logins(&self, scope: Scope) -> Result<LoginList, Failure> {
        if scope.office.is_some() {
            return Err(Failure::NotFound);
        }
        let logins = self.storage().own_logins(scope).await?.into_iter().map(|row| LoginEntry {
            login_id: row.login_id,
            office: row.office.map(|(number, name)| Office { number, name }),
            must_change_password: row.temporary,
            second_factor: row.second_factor,
        });
        Ok(LoginList { logins: logins.collect() })
    }

    /// Makes a one-time code with which the person of a 事業所用ID sets a new password; for the 法人用ID.
    pub async fn issue_reset_code(&self, scope: Scope, login_id: String) -> Result<ResetCode, Failure> {
        let (code, hash, ends) = self.new_reset_code();
        if self.storage().issue_reset_code(scope, login_id, hash, ends, self.now()).await? {
            Ok(ResetCode { code, minutes: RESET_MINUTES })
        } else {
            Err(Failure::NotFound)
        }
    }

    /// Makes a one-time code, its hash and its end in Unix seconds.
    pub(crate) fn new_reset_code(&self) -> (String, password::TokenHash, i64) {
        let code = password::grouped(3);
        let hash = second_factor::recovery_hash(&code);
        (code, hash, self.now() + i64::from(RESET_MINUTES) * 60)
    }

    /// Sets a new password with a one-time code, signs the ID out everywhere, ends its second factor and its lock-out, and
    /// starts a session. The code is random, so that a lock-out of the ID does not stand in its way: that is often why it
    /// was asked for.
    pub async fn reset_password(&self, given: ResetPassword) -> Result<Session, Failure> {
        let credential = credential(&given.corporation_number, &given.login_id);
        self.limits().sign_in(&credential)?;
        password::check_new(&given.new, "", &given.login_id)?;
        let wrong = Failure::WrongCode { attempts_left: None };
        let found = self.storage().login(given.corporation_number, given.login_id).await?;
        let Some(login) = found.map(|row| row.login) else { return Err(wrong) };
        let code = second_factor::recovery_hash(&given.code);
        if !self.storage().is_reset_code(login, code, self.now()).await? {
            return Err(wrong);
        }
        let password_hash = self.hasher().hash(given.new).await?;
        let ((tokens, new), device) = (self.new_tokens(), Token::random());
        let reset = Reset { login, credential, code, password_hash };
        let reset = self.storage().reset_with_code(reset, new, device.hash, self.now()).await?;
        let row = reset.ok_or(wrong)?;
        Ok(Session { device: Some(device.text), ..self.session(tokens, row).await? })
    }

    /// Asks for the password of who is signed in once more. It stays counted as an attempt until it is forgiven.
    async fn confirm_password(
        &self,
        who: SignedIn,
        account: &Account,
        password: String,
    ) -> Result<(Keys, i64, u32), Failure> {
        let keys = keys(&account.corporation_number, &account.login_id);
        self.limits().sign_in(&keys.credential)?;
        let found = self.storage().login_by_row(who.row.login).await?.ok_or(Failure::TokenExpired)?;
        let (login, number) = self.try_password(keys, Some(found.login), Some(found.password_hash), password).await?;
        Ok((keys, login, number))
    }

    /// Verifies a password, counting wrong ones. An unknown ID (`None`) takes the same way and the same time. Returns the row
    /// of the ID and the number of the attempt, which stays counted until it is forgiven.
    async fn try_password(
        &self,
        keys: Keys,
        login: Option<i64>,
        hash: Option<String>,
        password: String,
    ) -> Result<(i64, u32), Failure> {
        let now = self.now();
        let number = match self.storage().attempt(keys, now).await? {
            Attempt::Counted { number } => number,
            Attempt::Locked { until } => return Err(locked(until - now)),
        };
        let is_right = password::is_plausible(&password) && self.hasher().verify(password, hash).await?;
        if let (true, Some(login)) = (is_right, login) {
            return Ok((login, number));
        }
        let event = if login.is_some() { AuditEvent::WrongPassword } else { AuditEvent::UnknownCredential };
        Err(match self.storage().wrong(keys, number, login, event, now).await? {
            Some(seconds) => locked(seconds),
            None => Failure::WrongCredentials { attempts_left: OF_CREDENTIAL.left(number) },
        })
    }

    /// Counts a wrong code as a wrong password, so that six digits cannot be guessed.
    async fn wrong_code(&self, keys: Keys, number: u32, login: i64) -> Result<Failure, Failure> {
        let now = self.now();
        Ok(match self.storage().wrong(keys, number, Some(login), AuditEvent::WrongCode, now).await? {
            Some(seconds) => locked(seconds),
            None => Failure::WrongCode { attempts_left: Some(OF_CREDENTIAL.left(number)) },
        })
    }

    /// Records that a client reached for an office that is not its own.
    pub(crate) async fn refuse_other_office(&self, scope: Scope) -> Failure {
        match self.storage().audit(AuditEvent::OtherOfficeRefused, scope, self.now()).await {
            Ok(()) => Failure::OtherOffice,
            Err(error) => error.into(),
        }
    }

    fn new_tokens(&self) -> ((Token, Token), NewTokens) {
        let (access, refresh) = (Token::random(), Token::random());
        let now = self.now();
        let new = NewTokens {
            access: access.hash,
            access_ends: now + i64::from(ACCESS_SECONDS),
            refresh: refresh.hash,
            refresh_ends: now + REFRESH_SECONDS,
        };
        ((access, refresh), new)
    }

    async fn session(&self, (access, refresh): (Token, Token), row: SignedInRow) -> Result<Session, Failure> {
        let account = self.account(SignedIn { row }).await?;
        Ok(Session {
            access_token: access.text,
            expires_in: ACCESS_SECONDS,
            refresh_token: refresh.text,
            account,
            device: None,
        })
    }

    /// Returns the real time in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock().real().timestamp()
    }
}

fn locked(seconds: i64) -> Failure {
    Failure::Locked { retry_after: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX) }
}
