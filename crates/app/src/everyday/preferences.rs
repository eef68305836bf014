use std::path::Path;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::files::file_name;
use crate::network::{self, Network};
use crate::problem::{Code, Problem};
use crate::{App, Topic, setting};

/// What a person set on this computer. Secrets are not among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Preferences {
    /// Short messages of the operating system are shown.
    pub notifications: bool,
    /// From this time of the day on, `HH:MM`, messages wait.
    pub quiet_from: String,
    /// Until this time of the day, `HH:MM`. The same as `quiet_from`: messages never wait.
    pub quiet_until: String,
    /// Days before the end of the claim window from which offices that have not sent are named, 0 to 9.
    pub remind_days: u8,
    /// The folder into which the care software writes its claim files.
    pub watched_folder: Option<String>,
    /// Closing the window leaves the program running, so that its messages go on.
    pub stay_open: bool,
    /// How the relay is reached.
    pub proxy: ProxySettings,
    /// File name of the company's own root certificate; the certificate itself is kept in the database.
    pub company_root: Option<String>,
}

/// How the relay is reached from this computer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProxySettings {
    /// Which proxy is used.
    pub mode: ProxyMode,
    /// `host:port` of the proxy, when it was typed.
    pub address: String,
    /// Name with which one signs in at the proxy; empty for none. The password is in the keychain.
    pub user: String,
}

/// Which proxy is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProxyMode {
    /// The one of the operating system, if there is one.
    #[default]
    System,
    /// None.
    Direct,
    /// The one that was typed.
    Manual,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            notifications: true,
            quiet_from: "20:00".into(),
            quiet_until: "07:00".into(),
            remind_days: 3,
            watched_folder: None,
            stay_open: false,
            proxy: ProxySettings::default(),
            company_root: None,
        }
    }
}

impl Preferences {
    /// Reads what was kept; what a later version has added is as usual.
    pub(crate) fn read(text: Option<&str>) -> Self {
        let usual = Self::default();
        let Some(serde_json::Value::Object(kept)) = text.and_then(|text| serde_json::from_str(text).ok()) else {
            return usual;
        };
        let Ok(serde_json::Value::Object(mut all)) = serde_json::to_value(&usual) else { return usual };
        all.extend(kept);
        serde_json::from_value(all.into()).unwrap_or(usual)
    }

    /// Returns whether messages wait at `time`.
    pub(crate) fn quiet(&self, time: NaiveTime) -> bool {
        let (Some(from), Some(until)) = (time_of(&self.quiet_from), time_of(&self.quiet_until)) else { return false };
        if from <= until { from <= time && time < until } else { from <= time || time < until }
    }

    fn checked(mut self) -> Result<Self, Problem> {
        for time in [&mut self.quiet_from, &mut self.quiet_until] {
            let parsed = time_of(time).ok_or_else(|| Problem::from(Code::WrongTime))?;
            *time = parsed.format("%H:%M").to_string();
        }
        if self.remind_days > 9 {
            return Err(Code::WrongTime.into());
        }
        self.proxy.address = self.proxy.address.trim().to_owned();
        self.proxy.user = self.proxy.user.trim().to_owned();
        if self.proxy.mode == ProxyMode::Manual {
            network::proxy_address(&self.proxy.address)?;
        }
        Ok(self)
    }
}

fn time_of(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

impl App {
    /// Returns what a person set; the usual values where nothing was set.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn preferences(&self) -> Result<Preferences, Problem> {
        let text = self.store(|store| store.setting(setting::PREFERENCES)).await?;
        Ok(Preferences::read(text.as_deref()))
    }

    /// Keeps what a person set, and acts on it at once. The watched folder and the company's certificate have functions of
    /// their own, because a person chooses them in the system's dialogue; here they stay what they are.
    ///
    /// # Errors
    ///
    /// [`Code::WrongTime`], [`Code::WrongProxy`].
    pub async fn set_preferences(&self, wanted: Preferences) -> Result<Preferences, Problem> {
        let present = self.preferences().await?;
        let wanted = Preferences {
            watched_folder: present.watched_folder,
            company_root: present.company_root,
            ..wanted.checked()?
        };
        self.keep_preferences(&wanted).await?;
        if present.proxy != wanted.proxy {
            self.rebuild_line().await?;
        }
        Ok(wanted)
    }

    pub(crate) async fn keep_preferences(&self, preferences: &Preferences) -> Result<(), Problem> {
        self.keep_setting(setting::PREFERENCES, preferences).await?;
        self.announce_change(Topic::Frame);
        Ok(())
    }

    /// Keeps the password of the proxy in the keychain; an empty one forgets it.
    ///
    /// # Errors
    ///
    /// Problems of the keychain.
    pub async fn set_proxy_password(&self, password: &str) -> Result<(), Problem> {
        let address = self.preferences().await?.proxy.address;
        let name = network::proxy_secret(&address);
        if password.is_empty() {
            self.0.config.secrets.forget(&name).await?;
        } else {
            self.0.config.secrets.write(&name, password).await?;
        }
        self.rebuild_line().await
    }

    /// Trusts the root certificate in the PEM file at `path` for the line to the relay, besides those of the system:
    /// for offices whose network looks into TLS. `None` takes it back.
    ///
    /// # Errors
    ///
    /// [`Code::NotACertificate`].
    pub async fn set_company_root(&self, path: Option<&str>) -> Result<Preferences, Problem> {
        let mut preferences = self.preferences().await?;
        match path {
            None => {
                preferences.company_root = None;
                self.store(|store| store.remove_setting(setting::COMPANY_ROOT)).await?;
            }
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|_| Problem::from(Code::NotACertificate))?;
                Network { company_root: Some(text.clone()), ..Network::default() }.client()?;
                preferences.company_root = Some(file_name(Path::new(path)));
                self.store(move |store| store.set_setting(setting::COMPANY_ROOT, &text)).await?;
            }
        }
        self.keep_preferences(&preferences).await?;
        self.rebuild_line().await?;
        Ok(preferences)
    }
}
