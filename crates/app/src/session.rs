//! Signing in and out. The password lives in the keychain; tokens live in memory only, so that a second process (the
//! terminal beside the window) has a session of its own and no refresh token is ever used twice.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::PoisonError;

use chrono::TimeDelta;
use relay_api::{Account, ChangePassword, LogIn, RefusalCode, ResetPassword, Role, Session};
use unicode_normalization::UnicodeNormalization;

use crate::problem::{Code, Problem};
use crate::relay_client::{RelayClient, RelayError};
use crate::setting::{self, as_json};
use crate::views::{AccountView, ConnectionState, FrameView, OfficeView};
use crate::{App, Topic};

/// A session in memory.
#[derive(Clone)]
pub(crate) struct Signed {
    access: String,
    refresh: String,
}

impl From<&Session> for Signed {
    fn from(session: &Session) -> Self {
        Self { access: session.access_token.clone(), refresh: session.refresh_token.clone() }
    }
}

impl App {
    /// Remembers the address of the relay.
    pub async fn set_relay(&self, url: &str) -> Result<FrameView, Problem> {
        self.use_relay(url).await?;
        self.ask_status().await;
        self.frame().await
    }

    /// Uses the relay at `url` from now on, without asking it anything; nothing happens when it is the present one.
    pub async fn use_relay(&self, url: &str) -> Result<(), Problem> {
        let client = self.client_for(url)?;
        let address = client.address();
        if self.relay().is_ok_and(|relay| relay.address() == address) {
            return Ok(());
        }
        self.store(move |store| store.set_setting(setting::RELAY, &address)).await?;
        *self.0.relay.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
        *self.0.signed.lock().await = None;
        self.store(|store| {
            store.remove_setting(setting::CLOCK_OFFSET)?;
            store.remove_setting(setting::DEMO)
        })
        .await?;
        {
            let mut line = self.line();
            line.connection.state = ConnectionState::Unknown;
            line.connection.problem = None;
            line.demo = None;
            line.offset = TimeDelta::zero();
        }
        self.clock_has_moved().await
    }

    /// Signs in, keeps the password in the keychain and remembers who it was. Full-width characters and outer blanks in
    /// number, ID and code are repaired; the password is taken as it is. `code` is one of the second factor, where the
    /// relay asked for it.
    pub async fn log_in(
        &self,
        corporation_number: &str,
        login_id: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<FrameView, Problem> {
        let relay = self.relay()?;
        let credentials = LogIn {
            code: code.map(typed).filter(|code| !code.is_empty()),
            ..LogIn::new(&typed(corporation_number), &typed(login_id), password)
        };
        let session = self.heard(relay.log_in(&credentials).await)?;
        self.enter(&relay, &session, password).await
    }

    /// Sets a new password with a one-time code that the 法人用ID or the operator issued, and signs in.
    pub async fn reset_password(
        &self,
        corporation_number: &str,
        login_id: &str,
        code: &str,
        new: &str,
    ) -> Result<FrameView, Problem> {
        let relay = self.relay()?;
        let reset = ResetPassword {
            corporation_number: typed(corporation_number),
            login_id: typed(login_id),
            code: typed(code),
            new: new.to_owned(),
        };
        let session = self.heard(relay.reset_password(&reset).await)?;
        self.enter(&relay, &session, new).await
    }

    /// Signs this ID out on every other computer: they ask for the password anew.
    pub async fn sign_out_elsewhere(&self) -> Result<FrameView, Problem> {
        let session = self.call(|relay, token| async move { relay.sign_out_everywhere(&token).await }).await?;
        self.remember(&self.relay()?, &session).await?;
        self.announce_change(Topic::Frame);
        self.frame().await
    }

    async fn enter(&self, relay: &RelayClient, session: &Session, password: &str) -> Result<FrameView, Problem> {
        self.0.config.secrets.write(&password_name(relay, &session.account), password).await?;
        self.remember(relay, session).await?;
        self.ask_status().await;
        self.announce_change(Topic::Frame);
        self.frame().await
    }

    /// Replaces the password; the present one comes from the keychain.
    ///
    /// The new password is written to the keychain before the relay is asked, under a name of its own, so that a crash
    /// in between never loses a password that the relay has already taken.
    pub async fn change_password(&self, new: &str) -> Result<FrameView, Problem> {
        let relay = self.relay()?;
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        let name = password_name(&relay, &account);
        let secrets = &self.0.config.secrets;
        let next_name = format!("{name}:next");
        if secrets.read(&next_name).await?.is_some() {
            // An earlier change was cut off. Signing in anew finds out which password the relay has taken.
            *self.0.signed.lock().await = None;
            self.token(&relay, None).await?;
        }
        let Some(current) = secrets.read(&name).await? else { return Err(self.signed_out(&name).await) };
        secrets.write(&next_name, new).await?;
        let change = ChangePassword { current: current.to_string(), new: new.to_owned() };
        let session = match self
            .call(|relay, token| {
                let change = change.clone();
                async move { relay.change_password(&token, &change).await }
            })
            .await
        {
            Ok(session) => session,
            Err(problem) => {
                // Unclear failures keep the candidate: the next sign-in tries it when the old password is refused.
                if !problem.code.retryable() {
                    secrets.forget(&next_name).await?;
                }
                return Err(problem);
            }
        };
        secrets.write(&name, new).await?;
        secrets.forget(&next_name).await?;
        self.remember(&relay, &session).await?;
        self.announce_change(Topic::Frame);
        self.frame().await
    }

    /// Signs out: forgets the password and the session. Files and notices stay.
    pub async fn log_out(&self) -> Result<FrameView, Problem> {
        let known = (self.relay(), self.account().await?);
        // Held to the end, so that background work cannot sign in again meanwhile.
        let mut signed = self.0.signed.lock().await;
        let mut others = self.known_accounts().await?;
        if let (Ok(relay), Some(account)) = &known {
            others.retain(|other| !other.is(&relay.address(), account));
        }
        let others = as_json(&others)?;
        self.store(move |store| {
            store.set_setting(setting::ACCOUNTS, &others)?;
            store.remove_setting(setting::ACCOUNT)
        })
        .await?;
        self.line().connection.state = ConnectionState::SignedOut;
        if let (Ok(relay), Some(account)) = known {
            self.forget_passwords(&password_name(&relay, &account)).await?;
            if let Some(signed) = signed.take()
                && let Err(error) = relay.log_out(&signed.access).await
            {
                tracing::info!(cause = %error, "The relay was not told of the sign-out; its session ends by itself");
            }
        }
        drop(signed);
        self.announce_change(Topic::Frame);
        self.frame().await
    }

    /// Returns who is signed in on this computer.
    pub async fn who(&self) -> Result<Option<AccountView>, Problem> {
        Ok(self.account().await?.map(AccountView::from))
    }

    pub(crate) async fn account(&self) -> Result<Option<Account>, Problem> {
        self.setting(setting::ACCOUNT).await
    }

    /// Calls the relay with a valid token: signs in from the keychain when there is none, refreshes it once when it has
    /// ended, and never tries a password that the relay has refused.
    pub(crate) async fn call<T, F, Fut>(&self, ask: F) -> Result<T, Problem>
    where
        F: Fn(RelayClient, String) -> Fut + Send,
        Fut: Future<Output = Result<T, RelayError>> + Send,
    {
        let relay = self.relay()?;
        let token = self.token(&relay, None).await?;
        let first = ask(relay.clone(), token.clone()).await;
        let result = match first {
            Err(error) if error.refusal() == Some(RefusalCode::TokenExpired) => {
                let token = self.token(&relay, Some(&token)).await?;
                ask(relay, token).await
            }
            other => other,
        };
        self.heard(result)
    }

    /// Returns an access token other than `ended`.
    async fn token(&self, relay: &RelayClient, ended: Option<&str>) -> Result<String, Problem> {
        let mut signed = self.0.signed.lock().await;
        match &*signed {
            Some(session) if Some(session.access.as_str()) != ended => return Ok(session.access.clone()),
            Some(session) => match relay.refresh(&session.refresh).await {
                Ok(fresh) => {
                    self.remember_account(&fresh.account).await?;
                    return Ok(signed.insert(Signed::from(&fresh)).access.clone());
                }
                Err(error) if error.refusal() == Some(RefusalCode::SessionEnded) => *signed = None,
                Err(error) => return self.heard(Err(error)),
            },
            None => {}
        }
        let session = self.sign_in_from_keychain(relay).await?;
        Ok(signed.insert(Signed::from(&session)).access.clone())
    }

    async fn sign_in_from_keychain(&self, relay: &RelayClient) -> Result<Session, Problem> {
        let account = self.account().await?.ok_or(Code::NotSignedIn)?;
        let name = password_name(relay, &account);
        let secrets = &self.0.config.secrets;
        let device = secrets.read(&device_name(&name)).await?;
        let credentials = |password: &str| LogIn {
            device: device.as_deref().cloned(),
            ..LogIn::new(&account.corporation_number, &account.login_id, password)
        };
        let Some(password) = secrets.read(&name).await? else {
            return Err(self.signed_out(&name).await);
        };
        let session = match relay.log_in(&credentials(&password)).await {
            Err(error) if error.refusal() == Some(RefusalCode::WrongCredentials) => {
                // A change of password may have been cut off after the relay took it.
                let next_name = format!("{name}:next");
                let Some(next) = secrets.read(&next_name).await? else {
                    return Err(self.signed_out(&name).await);
                };
                match relay.log_in(&credentials(&next)).await {
                    Ok(session) => {
                        secrets.write(&name, &next).await?;
                        secrets.forget(&next_name).await?;
                        session
                    }
                    Err(error) if needs_a_person(&error) => return Err(self.signed_out(&name).await),
                    Err(error) => return self.heard(Err(error)),
                }
            }
            Err(error) if needs_a_person(&error) => return Err(self.signed_out(&name).await),
            other => self.heard(other)?,
        };
        self.remember_device(&name, &session).await?;
        self.remember_account(&session.account).await?;
        Ok(session)
    }

    /// Forgets the password on this computer, which the relay has refused: tried again, by this program or another, it would
    /// only lock the ID.
    async fn signed_out(&self, name: &str) -> Problem {
        if let Err(problem) = self.forget_passwords(name).await {
            tracing::warn!(code = problem.code.as_str(), "The refused password stays in the keychain");
        }
        let problem = Problem::from(Code::SignInAgain);
        {
            let mut line = self.line();
            line.connection.state = ConnectionState::SignedOut;
            line.connection.problem = Some((&problem).into());
        }
        self.announce_change(Topic::Frame);
        problem
    }

    async fn forget_passwords(&self, name: &str) -> Result<(), Problem> {
        self.0.config.secrets.forget(name).await?;
        self.0.config.secrets.forget(&device_name(name)).await?;
        self.0.config.secrets.forget(&format!("{name}:next")).await
    }

    /// Keeps the token of this computer, if the relay gave a new one.
    async fn remember_device(&self, name: &str, session: &Session) -> Result<(), Problem> {
        match &session.device {
            Some(device) => self.0.config.secrets.write(&device_name(name), device).await,
            None => Ok(()),
        }
    }

    /// Returns the password of who is signed in, from the keychain.
    pub(crate) async fn kept_password(&self) -> Result<String, Problem> {
        let (relay, account) = (self.relay()?, self.account().await?.ok_or(Code::NotSignedIn)?);
        let name = password_name(&relay, &account);
        match self.0.config.secrets.read(&name).await? {
            Some(password) => Ok(password.to_string()),
            None => Err(self.signed_out(&name).await),
        }
    }

    async fn remember(&self, relay: &RelayClient, session: &Session) -> Result<(), Problem> {
        self.remember_device(&password_name(relay, &session.account), session).await?;
        *self.0.signed.lock().await = Some(Signed::from(session));
        let address = relay.address();
        self.store(move |store| store.set_setting(setting::RELAY, &address)).await?;
        self.remember_account(&session.account).await
    }

    pub(crate) async fn remember_account(&self, account: &Account) -> Result<(), Problem> {
        let mut known = self.known_accounts().await?;
        if let Ok(relay) = self.relay() {
            let fresh = Known { relay: relay.address(), account: account.clone() };
            match known.iter_mut().find(|known| known.is(&fresh.relay, account)) {
                Some(known) => *known = fresh,
                None => known.push(fresh),
            }
        }
        self.remember_names(account.offices.iter().map(|office| (office.number.clone(), office.name.clone()))).await?;
        let (all, text) = (as_json(&known)?, as_json(account)?);
        self.store(move |store| {
            store.set_setting(setting::ACCOUNTS, &all)?;
            store.set_setting(setting::ACCOUNT, &text)
        })
        .await
    }

    /// Keeps names of offices for the time when nobody is signed in. Later names take the place of earlier ones.
    pub(crate) async fn remember_names(
        &self,
        names: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Problem> {
        let before: BTreeMap<String, String> = self.setting(setting::OFFICE_NAMES).await?.unwrap_or_default();
        let mut known = before.clone();
        known.extend(names.into_iter().filter(|(_, name)| !name.is_empty()));
        if known == before {
            return Ok(());
        }
        self.keep_setting(setting::OFFICE_NAMES, &known).await
    }

    /// Returns all IDs that signed in on this computer and did not sign out, in the order of their first sign-in.
    pub(crate) async fn known_accounts(&self) -> Result<Vec<Known>, Problem> {
        Ok(self.setting(setting::ACCOUNTS).await?.unwrap_or_default())
    }

    /// Acts under another ID of this computer from now on, with its password from the keychain. Files and notices of all
    /// IDs lie in one database, so nothing else changes.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownAccount`] when the ID is not known here or its password is gone; nothing has changed then.
    pub async fn switch_account(&self, corporation_number: &str, login_id: &str) -> Result<FrameView, Problem> {
        let known =
            self.known_accounts().await?.into_iter().find(|known| {
                known.account.corporation_number == corporation_number && known.account.login_id == login_id
            });
        let Known { relay: address, account } = known.ok_or(Code::UnknownAccount)?;
        let name = password_name(&self.client_for(&address)?, &account);
        if self.0.config.secrets.read(&name).await?.is_none() {
            return Err(Code::UnknownAccount.into());
        }
        self.use_relay(&address).await?;
        // Held while the account changes, so that background work never signs in as the one and asks as the other.
        let mut signed = self.0.signed.lock().await;
        *signed = None;
        self.remember_account(&account).await?;
        drop(signed);
        self.ask_status().await;
        for topic in [Topic::Frame, Topic::Submissions, Topic::Notices, Topic::Returns, Topic::Onboarding] {
            self.announce_change(topic);
        }
        self.frame().await
    }
}

/// An ID that signed in on this computer.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Known {
    /// Address of its relay.
    relay: String,
    /// Who it is.
    pub account: Account,
}

impl Known {
    fn is(&self, relay: &str, account: &Account) -> bool {
        self.relay == relay
            && self.account.corporation_number == account.corporation_number
            && self.account.login_id == account.login_id
    }
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            corporation_number: account.corporation_number,
            corporation_name: account.corporation_name,
            login_id: account.login_id,
            role: match account.role {
                Role::Corporation => "corporation",
                Role::Office => "office",
            }
            .to_owned(),
            must_change_password: account.must_change_password,
            second_factor: account.second_factor,
            offices: account
                .offices
                .into_iter()
                .map(|office| OfficeView { number: office.number, name: office.name })
                .collect(),
        }
    }
}

/// Repairs what was typed: full-width characters and outer blanks.
pub(crate) fn typed(text: &str) -> String {
    text.trim().nfkc().collect::<String>().trim().to_owned()
}

fn password_name(relay: &RelayClient, account: &Account) -> String {
    format!("password:{}:{}:{}", relay.address(), account.corporation_number, account.login_id)
}

/// Names the token of this computer beside the password `name`.
fn device_name(name: &str) -> String {
    format!("device:{name}")
}

/// Returns whether only a person at the keyboard can answer what the relay asks: another password, a code, or this
/// computer was signed out from elsewhere.
fn needs_a_person(error: &RelayError) -> bool {
    matches!(
        error.refusal(),
        Some(
            RefusalCode::WrongCredentials
                | RefusalCode::SessionEnded
                | RefusalCode::SecondFactorRequired
                | RefusalCode::WrongCode
        )
    )
}
