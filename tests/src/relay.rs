//! The real relay in demonstration mode, as a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use relay_api::{Account, AdvanceClock, LogIn, RelayStatus, Session, Submission, SubmissionList};

use crate::program::{Program, built, command};

/// Longest start of a relay in a debug build on a busy machine.
const START: Duration = Duration::from_mins(1);

/// What the demonstration letter says.
#[derive(Debug, Clone)]
pub struct Letter {
    /// 法人番号.
    pub corporation_number: String,
    /// 法人用ID.
    pub login_id: String,
    /// Temporary password.
    pub password: String,
}

impl Letter {
    /// Reads the letter as a person does: by the names in front of the values.
    ///
    /// # Errors
    ///
    /// Fails when a name is missing.
    pub fn read(text: &str) -> Result<Self> {
        let fact = |wanted: &str| {
            let mut facts = text.lines().filter_map(|line| line.split_once(char::is_whitespace));
            let found = facts.find(|(name, _)| *name == wanted).map(|(_, value)| value.trim().to_owned());
            found.with_context(|| format!("no {wanted} in the letter:\n{text}"))
        };
        Ok(Self {
            corporation_number: fact("法人番号")?, login_id: fact("ID")?, password: fact("仮パスワード")?
        })
    }
}

/// A relay in demonstration mode.
#[derive(Debug)]
pub struct Relay {
    data: PathBuf,
    address: SocketAddr,
    program: Option<Program>,
}

impl Relay {
    /// Starts a relay on a free port with its data in `data`.
    ///
    /// # Errors
    ///
    /// Fails when it does not become ready.
    pub fn start(data: &Path) -> Result<Self> {
        fs::create_dir_all(data)?;
        let (program, address) = launch(data, "127.0.0.1:0")?;
        Ok(Self { data: data.to_owned(), address, program: Some(program) })
    }

    /// Returns the address that clients use.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the socket on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the letter of the demonstration's corporation.
    ///
    /// # Errors
    ///
    /// Fails when the relay wrote none.
    pub fn letter(&self) -> Result<Letter> {
        let path = self.data.join("demo-letter.txt");
        Letter::read(&fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?)
    }

    /// Kills the relay, as a power failure would.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.program.take().map_or(Ok(()), |mut program| program.kill())
    }

    /// Starts a killed relay again, at the same address and with the same data.
    ///
    /// # Errors
    ///
    /// Fails when it does not become ready.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.program = Some(launch(&self.data, &self.address.to_string())?.0);
        Ok(())
    }

    /// Runs a command of the operator beside the relay, and returns what it prints.
    ///
    /// # Errors
    ///
    /// Fails when the command does.
    pub fn admin(&self, words: &[&str]) -> Result<String> {
        let output =
            command(&built("todoke-relay")?).arg("admin").args(words).arg("--data").arg(&self.data).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Returns what the relay logged.
    pub fn logged(&self) -> String {
        self.program.as_ref().map(Program::logged).unwrap_or_default()
    }

    /// Signs in beside the program under test, to see what the relay holds.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn witness(&self, letter: &Letter, password: &str) -> Result<Witness> {
        let http = client()?;
        let credentials = LogIn::new(&letter.corporation_number, &letter.login_id, password);
        let base = format!("{}/v1", self.url());
        let answer = http.post(format!("{base}/sessions")).json(&credentials).send().await?.error_for_status()?;
        let session: Session = answer.json().await?;
        Ok(Witness { http, base, token: session.access_token, account: session.account })
    }
}

fn launch(data: &Path, listen: &str) -> Result<(Program, SocketAddr)> {
    let mut relay = command(&built("todoke-relay")?);
    relay.args(["serve", "--demo", "--listen", listen, "--data"]).arg(data);
    Program::start_until(&mut relay, &data.with_extension("log"), START, |line| {
        line.trim().strip_prefix("listening on http://")?.trim_end_matches('/').parse().ok()
    })
}

/// Makes an HTTP client that no proxy of this machine can divert.
///
/// # Errors
///
/// Fails when the client cannot be made.
pub fn client() -> Result<reqwest::Client> {
    use_ring();
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// Chooses the one crypto provider of this project for this process.
pub fn use_ring() {
    static ONCE: Once = Once::new();
    // Refused only when a provider is there already, and no other is ever installed.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

/// A second session, which sees what the relay holds.
#[derive(Debug)]
pub struct Witness {
    http: reqwest::Client,
    base: String,
    token: String,
    account: Account,
}

impl Witness {
    /// Returns who is signed in, with the offices.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Returns every submission at the relay.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn submissions(&self) -> Result<Vec<Submission>> {
        let request = self.http.get(format!("{}/submissions", self.base)).bearer_auth(&self.token);
        let list: SubmissionList = request.send().await?.error_for_status()?.json().await?;
        Ok(list.submissions)
    }

    /// Returns the bytes that the relay holds for a submission.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn content(&self, sha256: &str) -> Result<Vec<u8>> {
        let request = self.http.get(format!("{}/submissions/{sha256}/content", self.base)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.bytes().await?.to_vec())
    }

    /// Returns what the relay says of itself.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn status(&self) -> Result<RelayStatus> {
        Ok(self.http.get(format!("{}/status", self.base)).send().await?.error_for_status()?.json().await?)
    }

    /// Moves the clock of the demonstration.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn advance(&self, to: &str) -> Result<RelayStatus> {
        let request = self.http.post(format!("{}/demo/clock", self.base)).bearer_auth(&self.token);
        Ok(request.json(&AdvanceClock { to: to.to_owned() }).send().await?.error_for_status()?.json().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_is_read_by_its_names() {
        let letter =
            Letter::read("お知らせ\n\n法人番号　　　12345\nID　　　　　　sora\n仮パスワード　ame agaru\n").unwrap();
        assert_eq!((letter.corporation_number.as_str(), letter.login_id.as_str()), ("12345", "sora"));
        assert_eq!(letter.password, "ame agaru");
    }
}
