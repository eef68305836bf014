//! The line to the relay.

use std::net::IpAddr;
use std::time::Duration;

use relay_api::terminals::{
    Delivered, Heartbeat, Noted, TakeWork, TerminalLogIn, TerminalSession, WorkItem, WorkJob, WorkList, WorkResult,
};
use relay_api::{Refusal, RefusalCode};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

/// Longest time for one request; a file of 100 MB on a slow line takes minutes.
const PATIENCE: Duration = Duration::from_mins(30);
const CONNECT: Duration = Duration::from_secs(10);

/// Why the relay did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The address is neither https nor on this machine.
    #[error("the address must begin with https://, or be on this machine")]
    Address,
    /// No line, or no answer.
    #[error("the relay cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The relay refused.
    #[error("the relay refused: {0:?} ({1})")]
    Refused(RefusalCode, String),
    /// Something else answered.
    #[error("the answer of the relay cannot be understood ({0})")]
    NotARelay(StatusCode),
}

impl LineError {
    /// Returns the code of a refusal.
    pub fn refusal(&self) -> Option<RefusalCode> {
        match self {
            Self::Refused(code, _) => Some(*code),
            _ => None,
        }
    }

    /// Returns whether repeating the same request can never help.
    pub fn is_final(&self) -> bool {
        matches!(
            self.refusal(),
            Some(RefusalCode::Malformed | RefusalCode::NotFound | RefusalCode::TooLate | RefusalCode::TooLarge)
        )
    }
}

impl From<reqwest::Error> for LineError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

/// Speaks with one relay for one terminal.
pub struct Line {
    base: Url,
    http: reqwest::Client,
    log_in: TerminalLogIn,
    token: Option<String>,
}

impl Line {
    /// Makes a line to the relay at `address`.
    ///
    /// # Errors
    ///
    /// Returns [`LineError::Address`] for anything but https and addresses of this machine.
    pub fn new(address: &str, log_in: TerminalLogIn) -> Result<Self, LineError> {
        let mut base: Url = address.trim().parse().map_err(|_| LineError::Address)?;
        let is_here = |host: &str| {
            host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        };
        let is_safe = base.scheme() == "https" || (base.scheme() == "http" && base.host_str().is_some_and(is_here));
        if !is_safe || base.cannot_be_a_base() {
            return Err(LineError::Address);
        }
        base.set_path("/v1/terminal/");
        // Installing twice returns the provider that is already there; ring is the only one in the program (D6).
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("todoke-terminal/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { base, http, log_in, token: None })
    }

    pub(crate) async fn take(&mut self, job: WorkJob, most: u32) -> Result<Vec<WorkItem>, LineError> {
        let list: WorkList =
            json(self.send(Method::POST, &["work"], |r| r.json(&TakeWork { job, most })).await?).await?;
        Ok(list.work)
    }

    pub(crate) async fn content(&mut self, work: u64) -> Result<Vec<u8>, LineError> {
        let id = work.to_string();
        Ok(self.send(Method::GET, &["work", &id, "content"], |r| r).await?.bytes().await?.into())
    }

    pub(crate) async fn begin(&mut self, work: u64) -> Result<(), LineError> {
        let id = work.to_string();
        self.send(Method::POST, &["work", &id, "begin"], |r| r).await.map(drop)
    }

    pub(crate) async fn result(&mut self, work: u64, result: &WorkResult) -> Result<Noted, LineError> {
        let id = work.to_string();
        json(self.send(Method::POST, &["work", &id, "results"], |r| r.json(result)).await?).await
    }

    pub(crate) async fn document(
        &mut self,
        office: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<Delivered, LineError> {
        let body =
            |request: RequestBuilder| request.header("content-type", "application/octet-stream").body(content.clone());
        json(self.send(Method::PUT, &["documents", office, name], body).await?).await
    }

    pub(crate) async fn beat(&mut self, beat: &Heartbeat) -> Result<(), LineError> {
        self.send(Method::POST, &["heartbeats"], |r| r.json(beat)).await.map(drop)
    }

    /// Sends a request; signs in first when there is no session or it has ended.
    async fn send(
        &mut self,
        method: Method,
        path: &[&str],
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, LineError> {
        let url = self.url(path);
        if let Some(token) = self.token.clone() {
            match answer(fill(self.http.request(method.clone(), url.clone()).bearer_auth(token))).await {
                Err(LineError::Refused(RefusalCode::TokenExpired, _)) => {}
                other => return other,
            }
        }
        let session: TerminalSession =
            json(answer(self.http.post(self.url(&["sessions"])).json(&self.log_in)).await?).await?;
        let token = self.token.insert(session.access_token).clone();
        answer(fill(self.http.request(method, url).bearer_auth(token))).await
    }

    /// Appends path segments; each is encoded as one, whatever characters a file name has.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, LineError> {
    let status = response.status();
    serde_json::from_slice(&response.bytes().await?).map_err(|_| LineError::NotARelay(status))
}

async fn answer(request: RequestBuilder) -> Result<Response, LineError> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    match serde_json::from_slice::<Refusal>(&response.bytes().await?) {
        Ok(refusal) => Err(LineError::Refused(refusal.code, refusal.detail)),
        Err(_) => Err(LineError::NotARelay(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &str) -> Result<Line, LineError> {
        Line::new(address, TerminalLogIn { client_id: "t".into(), client_secret: "s".into() })
    }

    #[test]
    fn takes_https_anywhere_and_http_on_this_machine() {
        for address in ["https://relay.example.jp", "http://127.0.0.1:8470", "http://localhost:1/x", "http://[::1]:1"] {
            assert!(line(address).is_ok(), "{address}");
        }
        for address in ["http://relay.example.jp", "ftp://localhost", "relay.example.jp", "mailto:a@localhost"] {
            assert!(matches!(line(address), Err(LineError::Address)), "{address}");
        }
    }

    #[test]
    fn a_file_name_stays_one_segment() {
        let url = line("https://relay.example.jp").unwrap().url(&["documents", "9970000015", "a/../b ?#.CSV"]);
        assert_eq!(url.as_str(), "https://relay.example.jp/v1/terminal/documents/9970000015/a%2F..%2Fb%20%3F%23.CSV");
    }
}
