//! Who may act, and for which offices.

use std::num::NonZeroU32;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use relay_api::terminals::{TerminalLogIn, TerminalSession};
use relay_api::{Account, ChangePassword, LogIn, Session};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::password::{self, Token, token_hash};
use crate::storage::{Attempt, AuditEvent, Credential, NewTokens, Rotation, SignedInRow};
use crate::{Rate, Relay};

/// Seconds that an access token lives.
pub const ACCESS_SECONDS: u32 = 15 * 60;
/// Seconds that a refresh token lives.
pub const REFRESH_SECONDS: i64 = 90 * 24 * 60 * 60;

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

/// Names what wrong passwords are counted for.
pub(crate) fn credential(corporation_number: &str, login_id: &str) -> Credential {
    // The length keeps ("12", "3") and ("1", "23") apart.
    let head = (corporation_number.len() as u64).to_be_bytes();
    Sha256::new().chain_update(head).chain_update(corporation_number).chain_update(login_id).finalize().into()
}

impl Relay {
    /// Signs in with 法人番号, ID and password.
    pub async fn sign_in(&self, given: LogIn) -> Result<Session, Failure> {
        let credential = credential(&given.corporation_number, &given.login_id);
        self.limits().sign_in(&credential)?;
        let found = self.storage().login(given.corporation_number, given.login_id).await?;
        let (login, hash) = found.map(|row| (row.login, row.password_hash)).unzip();
        let login = self.try_password(credential, login, hash, given.password).await?;
        let (tokens, new) = self.new_tokens();
        let row = self.storage().sign_in(login, new, self.now()).await?;
        self.session(tokens, row).await
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
            Err(Failure::WrongCredentials { attempts_left: crate::storage::ATTEMPTS })
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

    /// Changes the password, ends all other sessions of the ID and starts a new one.
    pub async fn change_password(&self, who: SignedIn, change: ChangePassword) -> Result<Session, Failure> {
        let account = self.account(who).await?;
        password::check_new(&change.new, &change.current, &account.login_id)?;
        let credential = credential(&account.corporation_number, &account.login_id);
        self.limits().sign_in(&credential)?;
        let found = self.storage().login_by_row(who.row.login).await?.ok_or(Failure::TokenExpired)?;
        let login = self.try_password(credential, Some(found.login), Some(found.password_hash), change.current).await?;
        let hash = self.hasher().hash(change.new).await?;
        let (tokens, new) = self.new_tokens();
        let row = self.storage().change_password(login, hash, new, self.now()).await?;
        self.session(tokens, row).await
    }

    /// Verifies a password, counting wrong ones. An unknown ID (`None`) takes the same way and the same time.
    async fn try_password(
        &self,
        credential: Credential,
        login: Option<i64>,
        hash: Option<String>,
        password: String,
    ) -> Result<i64, Failure> {
        let now = self.now();
        let number = match self.storage().attempt(credential, now).await? {
            Attempt::Counted { number } => number,
            Attempt::Locked { until } => return Err(locked(until - now)),
        };
        let is_right = password::is_plausible(&password) && self.hasher().verify(password, hash).await?;
        if let (true, Some(login)) = (is_right, login) {
            self.storage().forgive(credential).await?;
            return Ok(login);
        }
        self.storage().wrong(credential, number, login, now).await?;
        match crate::storage::ATTEMPTS.saturating_sub(number) {
            0 => Err(locked(crate::storage::LOCK_SECONDS)),
            attempts_left => Err(Failure::WrongCredentials { attempts_left }),
        }
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
        Ok(Session { access_token: access.text, expires_in: ACCESS_SECONDS, refresh_token: refresh.text, account })
    }

    /// Returns the real time in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock().real().timestamp()
    }
}

fn locked(seconds: i64) -> Failure {
    Failure::Locked { retry_after: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX) }
}
