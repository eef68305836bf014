//! How the relay is reached: which proxy, and whose certificates are trusted besides the system's.

#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::{Certificate, Client, Proxy, Url};

use crate::everyday::{Preferences, ProxyMode, ProxySettings};
use crate::problem::{Code, Problem};
use crate::relay_client::RelayClient;
use crate::{App, Config, Secret, of_store, setting};

/// Time for the line to come up.
const CONNECT: Duration = Duration::from_secs(10);

/// What decides how the relay is reached.
#[derive(Clone, Default)]
pub(crate) struct Network {
    pub proxy: ProxySettings,
    pub proxy_password: Option<Secret>,
    /// PEM.
    pub company_root: Option<String>,
}

impl Network {
    /// Reads what was set on this computer.
    pub(crate) async fn of(config: &Config, store: &store::Store) -> Result<Self, Problem> {
        let preferences = store.setting(setting::PREFERENCES).map_err(of_store)?;
        let preferences = Preferences::read(preferences.as_deref());
        let company_root = store.setting(setting::COMPANY_ROOT).map_err(of_store)?;
        let signs_in = preferences.proxy.mode == ProxyMode::Manual && !preferences.proxy.user.is_empty();
        let proxy_password =
            if signs_in { config.secrets.read(&proxy_secret(&preferences.proxy.address)).await? } else { None };
        Ok(Self { proxy: preferences.proxy, proxy_password, company_root })
    }

    /// Makes the HTTP client.
    ///
    /// # Errors
    ///
    /// [`Code::WrongProxy`], [`Code::NotACertificate`].
    pub(crate) fn client(&self) -> Result<Client, Problem> {
        // Installing twice returns the provider that is already there; ring is the only one in the program (D6).
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let mut builder = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("todoke/", env!("CARGO_PKG_VERSION")));
        match self.proxy.mode {
            ProxyMode::System => {}
            ProxyMode::Direct => builder = builder.no_proxy(),
            ProxyMode::Manual => {
                let mut proxy = Proxy::all(proxy_address(&self.proxy.address)?).map_err(|_| Code::WrongProxy)?;
                if !self.proxy.user.is_empty() {
                    let password = self.proxy_password.as_deref().map_or("", String::as_str);
                    proxy = proxy.basic_auth(&self.proxy.user, password);
                }
                builder = builder.proxy(proxy);
            }
        }
        if let Some(pem) = &self.company_root {
            let roots = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| Code::NotACertificate)?;
            if roots.is_empty() {
                return Err(Code::NotACertificate.into());
            }
            for root in roots {
                builder = builder.add_root_certificate(root);
            }
        }
        builder.build().map_err(|error| {
            tracing::error!(cause = %error, "The HTTP client cannot be made");
            if self.company_root.is_some() { Code::NotACertificate.into() } else { Code::Internal.into() }
        })
    }
}

/// Reads `host:port` as people type it; `http://` in front is accepted.
///
/// # Errors
///
/// [`Code::WrongProxy`].
pub(crate) fn proxy_address(text: &str) -> Result<Url, Problem> {
    let wrong = || Problem::from(Code::WrongProxy);
    let text = text.trim().trim_end_matches('/');
    let rest = text.strip_prefix("http://").unwrap_or(text);
    let (host, port) = rest.rsplit_once(':').ok_or_else(wrong)?;
    if host.is_empty() || host.contains(['/', '@', ' ']) || port.parse::<u16>().is_err() {
        return Err(wrong());
    }
    format!("http://{rest}").parse().map_err(|_| wrong())
}

/// Returns the keychain name of the password for the proxy at `address`.
pub(crate) fn proxy_secret(address: &str) -> String {
    format!("proxy:{}", address.trim())
}

impl App {
    /// Makes a client for the relay at `address` that goes the way that was set.
    pub(crate) fn client_for(&self, address: &str) -> Result<RelayClient, Problem> {
        let network = self.0.network.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        RelayClient::new(address, &network)
    }

    /// Takes the way to the relay anew from what was set, and asks at once whether it works.
    pub(crate) async fn rebuild_line(&self) -> Result<(), Problem> {
        let network = Network::of(&self.0.config, &self.0.store).await?;
        *self.0.network.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = network;
        if let Ok(relay) = self.relay() {
            let client = self.client_for(&relay.address())?;
            *self.0.relay.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(client);
            self.ask_status().await;
        }
        Ok(())
    }
}
