//! The relay, over HTTPS. Failures come back typed by what can be done about them.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use relay_api::applications::{APPLICATION_KEY, Application, Letters, NewApplication, OperatorProfile};
use relay_api::releases::Release;
use relay_api::{
    AdvanceClock, ChangePassword, ConfirmSecondFactor, DocumentPage, EndSecondFactor, LogIn, LoginList, NewSubmission,
    RecoveryCodes, Refresh, Refusal, RefusalCode, RelayStatus, ResetCode, ResetPassword, SecondFactorSetup, Session,
    SetUpSecondFactor, Submission, SubmissionList,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::network::Network;
use crate::outbox::AT_ONCE;
use crate::problem::{Code, Problem};

/// Longest time for a question and its answer, both short.
const PATIENCE: Duration = Duration::from_secs(20);
/// Slowest line on which a file still goes through, in bytes per second; a file may take as long as it needs on that.
const SLOWEST: u64 = 8 * 1024;
/// Largest answer that is read, a little above the largest file.
const MAX_ANSWER: u64 = relay_api::MAX_CONTENT_BYTES + 64 * 1024;

/// Talks to one relay.
#[derive(Debug, Clone)]
pub struct RelayClient {
    base: Url,
    http: reqwest::Client,
}

/// Why the relay did not answer as hoped.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// No line, or nobody listens.
    #[error("the relay cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No answer in time.
    #[error("the relay does not answer in time")]
    Slow(#[source] reqwest::Error),
    /// The line broke after the request had begun: whether it took effect is unclear.
    #[error("the line broke in the middle")]
    Cut(#[source] reqwest::Error),
    /// The proxy on the way wants a name and a password.
    #[error("the proxy wants a name and a password")]
    ProxySignIn,
    /// The certificate of the relay is not trusted.
    #[error("the relay cannot prove who it is")]
    Untrusted(#[source] reqwest::Error),
    /// A server error without a [`Refusal`].
    #[error("the relay answered {0}")]
    Fault(StatusCode),
    /// An answer that no relay gives.
    #[error("this is not a relay: {0}")]
    NotARelay(&'static str),
    /// The relay refused.
    #[error("the relay refused: {0:?}")]
    Refused(Box<Refusal>),
}

impl RelayError {
    /// Returns the refusal code, if the relay refused.
    pub fn refusal(&self) -> Option<RefusalCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }

    /// Returns whether the line is at fault: nothing is known about what the relay would say.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Slow(_) | Self::Cut(_))
    }
}

impl From<&RelayError> for Problem {
    fn from(error: &RelayError) -> Self {
        match error {
            RelayError::Unreachable(_) => Code::Unreachable.into(),
            RelayError::Slow(_) => Code::SlowAnswer.into(),
            RelayError::Cut(_) => Code::LineCut.into(),
            RelayError::ProxySignIn => Code::ProxySignIn.into(),
            RelayError::Untrusted(_) => Code::Untrusted.into(),
            RelayError::Fault(_) => Code::RelayFault.into(),
            RelayError::NotARelay(_) => Code::NotARelay.into(),
            RelayError::Refused(refusal) => Self { wait: refusal.retry_after, ..of_refusal(refusal) },
        }
    }
}

impl From<RelayError> for Problem {
    fn from(error: RelayError) -> Self {
        let problem = Self::from(&error);
        tracing::info!(code = problem.code.as_str(), cause = %error, source = ?error.source().map(ToString::to_string), "The relay did not do what was asked");
        problem
    }
}

fn of_refusal(refusal: &Refusal) -> Problem {
    match refusal.code {
        RefusalCode::WrongCredentials => {
            let detail = match refusal.attempts_left {
                Some(left) if left > 0 => format!("あと{left}回まちがえると、しばらくログインできません。"),
                _ => String::new(),
            };
            Problem::with(Code::WrongCredentials, detail)
        }
        RefusalCode::SecondFactorRequired => Code::SecondFactorRequired.into(),
        RefusalCode::WrongCode => Code::WrongCode.into(),
        RefusalCode::Locked => {
            let minutes = refusal.retry_after.map_or(30, |seconds| seconds.div_ceil(60).max(1));
            Problem::with(Code::LockedOut, format!("{minutes}分"))
        }
        RefusalCode::PasswordChangeRequired => Code::PasswordChangeRequired.into(),
        RefusalCode::WeakPassword => Code::WeakPassword.into(),
        RefusalCode::TokenExpired | RefusalCode::SessionEnded => Code::SignInAgain.into(),
        RefusalCode::OtherOffice => Code::OtherOffice.into(),
        RefusalCode::AnnouncedDifferently => Code::AnnouncedDifferently.into(),
        RefusalCode::AlreadyClaimed => Code::AlreadyClaimed.into(),
        RefusalCode::NotInService => Code::NotInService.into(),
        RefusalCode::OfficeTaken => Code::OfficeTaken.into(),
        RefusalCode::TooEarly => Code::TooEarly.into(),
        RefusalCode::TermsChanged => Code::TermsChanged.into(),
        RefusalCode::InvalidApplication => Code::RelayRefusedApplication.into(),
        RefusalCode::TooLate => Code::TooLate.into(),
        RefusalCode::TooLarge => Code::TooLargeFile.into(),
        RefusalCode::ContentMismatch => Code::ContentMismatch.into(),
        RefusalCode::InvalidFile => Code::RelayRefusedFile.into(),
        RefusalCode::TooManyRequests => Code::TooManyRequests.into(),
        RefusalCode::Internal => Code::RelayFault.into(),
        RefusalCode::NotFound | RefusalCode::Malformed => Code::NotARelay.into(),
    }
}

impl RelayClient {
    /// Makes a client for the relay at `address`: `https`, or `http` on this computer alone.
    ///
    /// # Errors
    ///
    /// Returns [`Code::UnsafeAddress`] for any other address; [`Code::WrongProxy`] and [`Code::NotACertificate`].
    pub(crate) fn new(address: &str, network: &Network) -> Result<Self, Problem> {
        let mut base: Url = address.trim().parse().map_err(|_| Problem::from(Code::UnsafeAddress))?;
        let usable = match base.scheme() {
            "https" => base.host().is_some(),
            "http" => base.host_str().is_some_and(is_loopback),
            _ => false,
        };
        if !usable {
            return Err(Code::UnsafeAddress.into());
        }
        base.set_path("/v1/");
        base.set_query(None);
        base.set_fragment(None);
        let http = network.client()?;
        Ok(Self { base, http })
    }

    /// Returns the address as a person would type it.
    pub fn address(&self) -> String {
        self.base.as_str().trim_end_matches("/v1/").to_owned()
    }

    /// Signs in.
    pub async fn log_in(&self, credentials: &LogIn) -> Result<Session, RelayError> {
        json(self.request(Method::POST, "sessions").json(credentials)).await
    }

    /// Exchanges a refresh token; it can be used once.
    pub async fn refresh(&self, token: &str) -> Result<Session, RelayError> {
        json(self.request(Method::POST, "sessions/refresh").json(&Refresh { refresh_token: token.to_owned() })).await
    }

    /// Ends the session.
    pub async fn log_out(&self, token: &str) -> Result<(), RelayError> {
        answer(self.request(Method::DELETE, "sessions/current").bearer_auth(token)).await.map(drop)
    }

    /// Changes the password and returns a fresh session.
    pub async fn change_password(&self, token: &str, change: &ChangePassword) -> Result<Session, RelayError> {
        json(self.request(Method::POST, "password").bearer_auth(token).json(change)).await
    }

    /// Ends all sessions of the ID and returns a fresh one.
    pub async fn sign_out_everywhere(&self, token: &str) -> Result<Session, RelayError> {
        json(self.request(Method::DELETE, "sessions").bearer_auth(token)).await
    }

    /// Sets a new password with a one-time code.
    pub async fn reset_password(&self, reset: &ResetPassword) -> Result<Session, RelayError> {
        json(self.request(Method::POST, "password/reset").json(reset)).await
    }

    /// Prepares a second factor.
    pub async fn set_up_second_factor(&self, token: &str, password: &str) -> Result<SecondFactorSetup, RelayError> {
        let body = SetUpSecondFactor { password: password.to_owned() };
        json(self.request(Method::POST, "second-factor").bearer_auth(token).json(&body)).await
    }

    /// Puts the prepared second factor in force.
    pub async fn confirm_second_factor(&self, token: &str, code: &str) -> Result<RecoveryCodes, RelayError> {
        let body = ConfirmSecondFactor { code: code.to_owned() };
        json(self.request(Method::POST, "second-factor/confirm").bearer_auth(token).json(&body)).await
    }

    /// Ends the second factor.
    pub async fn end_second_factor(&self, token: &str, end: &EndSecondFactor) -> Result<(), RelayError> {
        answer(self.request(Method::POST, "second-factor/end").bearer_auth(token).json(end)).await.map(drop)
    }

    /// Lists the IDs of the corporation.
    pub async fn logins(&self, token: &str) -> Result<LoginList, RelayError> {
        json(self.request(Method::GET, "logins").bearer_auth(token)).await
    }

    /// Makes a one-time code for a 事業所用ID. `login_id` must be one that the relay listed.
    pub async fn issue_reset_code(&self, token: &str, login_id: &str) -> Result<ResetCode, RelayError> {
        json(self.request(Method::POST, &format!("logins/{login_id}/reset-code")).bearer_auth(token)).await
    }

    /// Announces a claim file; repeating it changes nothing.
    pub async fn announce(&self, token: &str, sha256: &str, facts: &NewSubmission) -> Result<Submission, RelayError> {
        json(self.request(Method::PUT, &format!("submissions/{sha256}")).bearer_auth(token).json(facts)).await
    }

    /// Puts the bytes of an announced round of a file; repeating it changes nothing.
    pub async fn put_content(
        &self,
        token: &str,
        sha256: &str,
        round: u32,
        content: Bytes,
    ) -> Result<Submission, RelayError> {
        json(
            self.request(Method::PUT, &format!("submissions/{sha256}/content?round={round}"))
                .bearer_auth(token)
                .header("content-type", "application/octet-stream")
                .timeout(time_for(content.len() as u64))
                .body(content),
        )
        .await
    }

    /// Wishes to cancel a round of a submission; repeating it changes nothing, and touches no later round.
    pub async fn cancel(&self, token: &str, sha256: &str, round: u32) -> Result<Submission, RelayError> {
        json(self.request(Method::POST, &format!("submissions/{sha256}/cancel?round={round}")).bearer_auth(token)).await
    }

    /// Takes a submission off the list, or brings it back; repeating it changes nothing.
    pub async fn hide(&self, token: &str, sha256: &str, hidden: bool) -> Result<Submission, RelayError> {
        let what = if hidden { "hide" } else { "restore" };
        json(self.request(Method::POST, &format!("submissions/{sha256}/{what}")).bearer_auth(token)).await
    }

    /// Returns all submissions, newest first.
    pub async fn submissions(&self, token: &str) -> Result<SubmissionList, RelayError> {
        json(self.request(Method::GET, "submissions").bearer_auth(token)).await
    }

    /// Returns the bytes of a submission.
    pub async fn submission_content(&self, token: &str, sha256: &str) -> Result<Bytes, RelayError> {
        answer(
            self.request(Method::GET, &format!("submissions/{sha256}/content"))
                .bearer_auth(token)
                .timeout(time_for(relay_api::MAX_CONTENT_BYTES)),
        )
        .await
    }

    /// Returns the documents after `cursor`.
    pub async fn documents(&self, token: &str, cursor: u64) -> Result<DocumentPage, RelayError> {
        json(self.request(Method::GET, &format!("documents?after={cursor}")).bearer_auth(token)).await
    }

    /// Returns the bytes of a document.
    pub async fn document_content(&self, token: &str, id: u64) -> Result<Bytes, RelayError> {
        answer(
            self.request(Method::GET, &format!("documents/{id}/content"))
                .bearer_auth(token)
                .timeout(time_for(relay_api::MAX_CONTENT_BYTES)),
        )
        .await
    }

    /// Opens the stream of events; `seen` is the number of the last one. The answer has no end.
    pub async fn events(&self, token: &str, seen: Option<&str>) -> Result<Response, RelayError> {
        let url = self.base.join("events").unwrap_or_else(|_| self.base.clone());
        let request = self.http.get(url).bearer_auth(token);
        let request = match seen {
            Some(seen) => request.header("last-event-id", seen),
            None => request,
        };
        let sent = tokio::time::timeout(PATIENCE, request.send()).await;
        let response =
            sent.map_err(|_| RelayError::NotARelay("no answer to the wish for events"))?.map_err(transport)?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let body = response.bytes().await.map_err(transport)?;
        match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) => Err(RelayError::Refused(Box::new(refusal))),
            Err(_) if status.is_server_error() => Err(RelayError::Fault(status)),
            Err(_) => Err(RelayError::NotARelay("it has no events")),
        }
    }

    /// Returns what the relay says of itself; needs no session.
    pub async fn status(&self) -> Result<RelayStatus, RelayError> {
        json(self.request(Method::GET, "status")).await
    }

    /// Returns a version of the program newer than `current`, if there is one; needs no session.
    pub async fn newer_release(&self, target: &str, arch: &str, current: &str) -> Result<Option<Release>, RelayError> {
        let body = answer(self.request(Method::GET, &format!("releases/{target}/{arch}/{current}"))).await?;
        if body.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&body).map(Some).map_err(|_| RelayError::NotARelay("the answer has another shape"))
    }

    /// Returns the installer called `name`; needs no session.
    pub async fn release_file(&self, name: &str, size: u64) -> Result<Bytes, RelayError> {
        answer(self.request(Method::GET, &format!("releases/files/{name}")).timeout(time_for(size))).await
    }

    /// Returns the operator's profile; needs no session.
    pub async fn operator(&self) -> Result<OperatorProfile, RelayError> {
        json(self.request(Method::GET, "operator")).await
    }

    /// Makes an application; repeating it changes nothing. All but the first of a corporation need a session.
    pub async fn apply(
        &self,
        id: &str,
        key: &str,
        token: Option<&str>,
        new: &NewApplication,
    ) -> Result<Application, RelayError> {
        let request = self.application_request(Method::PUT, id, "", key).json(new);
        json(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Returns how an application stands.
    pub async fn application(&self, id: &str, key: &str) -> Result<Application, RelayError> {
        json(self.application_request(Method::GET, id, "", key)).await
    }

    /// Takes an application back.
    pub async fn withdraw_application(&self, id: &str, key: &str) -> Result<Application, RelayError> {
        json(self.application_request(Method::DELETE, id, "", key)).await
    }

    /// Returns the IDs of an application with new temporary passwords.
    pub async fn letters(&self, id: &str, key: &str) -> Result<Letters, RelayError> {
        json(self.application_request(Method::POST, id, "/letters", key)).await
    }

    fn application_request(&self, method: Method, id: &str, part: &str, key: &str) -> RequestBuilder {
        self.request(method, &format!("applications/{id}{part}")).header(APPLICATION_KEY, key)
    }

    /// Moves the clock of a demonstration; needs no session.
    pub async fn advance_clock(&self, to: &str) -> Result<RelayStatus, RelayError> {
        json(self.request(Method::POST, "demo/clock").json(&AdvanceClock { to: to.to_owned() })).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // `path` is made of fixed words, hexadecimal digits and numbers, so joining cannot fail or leave `/v1/`.
        let url = self.base.join(path).unwrap_or_else(|_| self.base.clone());
        self.http.request(method, url).timeout(PATIENCE)
    }
}

/// Returns the longest time for a request that carries `bytes` of a file and shares the line with others.
fn time_for(bytes: u64) -> Duration {
    PATIENCE + Duration::from_secs(AT_ONCE as u64 * bytes / SLOWEST)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, RelayError> {
    let body = answer(request).await?;
    serde_json::from_slice(&body).map_err(|_| RelayError::NotARelay("the answer has another shape"))
}

/// Sends a request and reads the whole answer, or says why not.
async fn answer(request: RequestBuilder) -> Result<Bytes, RelayError> {
    let mut response = request.send().await.map_err(transport)?;
    let status = response.status();
    let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| if error.is_timeout() { RelayError::Slow(error) } else { RelayError::Cut(error) })?
    {
        if body.len() as u64 + chunk.len() as u64 > MAX_ANSWER {
            return Err(RelayError::NotARelay("the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_success() {
        return Ok(body.into());
    }
    match serde_json::from_slice::<Refusal>(&body) {
        Ok(refusal) => Err(RelayError::Refused(Box::new(refusal))),
        // Something on the way asks to slow down, not the relay itself.
        Err(_) if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(RelayError::ProxySignIn),
        Err(_) if status == StatusCode::TOO_MANY_REQUESTS => Err(RelayError::Refused(Box::new(Refusal {
            code: RefusalCode::TooManyRequests,
            detail: String::new(),
            attempts_left: None,
            retry_after: wait,
        }))),
        Err(_) if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Err(RelayError::Fault(status)),
        Err(_) => Err(RelayError::NotARelay("it refuses without a reason")),
    }
}

/// Returns whether TLS refused. Its error lies inside one or two errors of the system, which do not name it as their source.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.is_some_and(|inner| is_tls(inner))
}

fn transport(error: reqwest::Error) -> RelayError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        // The tunnel through a proxy names this failure in words only.
        if inner.to_string().contains("proxy authorization required") {
            return RelayError::ProxySignIn;
        }
        if is_tls(inner) {
            return RelayError::Untrusted(error);
        }
        cause = inner.source();
    }
    if error.is_connect() {
        RelayError::Unreachable(error)
    } else if error.is_timeout() {
        RelayError::Slow(error)
    } else {
        RelayError::Cut(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: Result<&str, Code>) {
        let actual = RelayClient::new(address, &Network::default())
            .map(|client| client.address())
            .map_err(|problem| problem.code);
        assert_eq!(actual.as_deref(), expected.as_ref().map(|text| *text), "address {address:?}");
    }

    #[test]
    fn takes_https_anywhere_and_http_on_this_computer() {
        check(" https://relay.example.jp/ ", Ok("https://relay.example.jp"));
        check("https://relay.example.jp/v1/anything?x=1", Ok("https://relay.example.jp"));
        check("http://127.0.0.1:8443", Ok("http://127.0.0.1:8443"));
        check("http://[::1]:8443", Ok("http://[::1]:8443"));
        check("http://localhost:1", Ok("http://localhost:1"));
    }

    #[test]
    fn refuses_every_other_address() {
        for address in [
            "",
            "relay.example.jp",
            "http://relay.example.jp",
            "http://127.0.0.1.example.jp",
            "ftp://localhost",
            "file:///etc",
            "https://",
        ] {
            check(address, Err(Code::UnsafeAddress));
        }
    }
}
