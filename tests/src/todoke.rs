//! `todoke`, the program in a terminal.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::program::{Program, built, command};
use crate::relay::{Letter, Relay};

/// The password that tests choose in place of the temporary one.
pub const PASSWORD: &str = "kawasemi-hashi-2026";

/// A computer on which someone uses `todoke`.
#[derive(Debug, Clone)]
pub struct Todoke {
    folder: PathBuf,
    relay: Option<String>,
    keychain: Option<Vec<(String, String)>>,
    variables: Vec<(String, String)>,
}

/// What the program answered.
#[derive(Debug)]
pub struct Answer {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub complaint: String,
}

impl Answer {
    /// Returns the JSON that was printed.
    ///
    /// # Errors
    ///
    /// Fails when it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.output).with_context(|| format!("no JSON: {self:?}"))
    }

    /// Fails unless the exit code is `code`.
    ///
    /// # Errors
    ///
    /// Fails when it is another.
    pub fn exits(self, code: i32) -> Result<Self> {
        ensure!(self.code == code, "exit code {code} expected: {self:#?}");
        Ok(self)
    }

    /// Returns whether anything printed names `code`, for example `E-1301`.
    pub fn names(&self, code: &str) -> bool {
        self.output.contains(code) || self.complaint.contains(code)
    }
}

impl Todoke {
    /// Prepares a computer whose secrets are in a key file.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), relay: None, keychain: None, variables: Vec::new() }
    }

    /// Uses the keychain of a session with these environment variables.
    #[must_use]
    pub fn with_keychain(mut self, environment: Vec<(String, String)>) -> Self {
        self.keychain = Some(environment);
        self
    }

    /// Talks to the relay at `url`.
    #[must_use]
    pub fn with_relay(mut self, url: String) -> Self {
        self.relay = Some(url);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Prepares a computer that is signed in at `relay` and past the forced change of the password.
    ///
    /// # Errors
    ///
    /// Fails when a step fails.
    pub fn signed_in(folder: &Path, relay: &Relay) -> Result<Self> {
        let todoke = Self::new(folder).with_relay(relay.url());
        todoke.log_in(&relay.letter()?)?;
        Ok(todoke)
    }

    /// Signs in as the letter says and chooses [`PASSWORD`].
    ///
    /// # Errors
    ///
    /// Fails when a step fails.
    pub fn log_in(&self, letter: &Letter) -> Result<()> {
        let who = ["login", "--corporation", &letter.corporation_number, "--id", &letter.login_id];
        self.run_with(&who, &format!("{}\n", letter.password))?.exits(0)?;
        self.run_with(&["password"], &format!("{PASSWORD}\n"))?.exits(0)?;
        Ok(())
    }

    /// Returns the folder with the program's data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs `todoke` with these words.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be run.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Answer> {
        self.run_with(words, "")
    }

    /// Sends a claim file and works for at most `seconds` until it is at the relay.
    ///
    /// # Errors
    ///
    /// Fails when `todoke` cannot be run.
    pub fn send(&self, claim: &Path, seconds: u32) -> Result<Answer> {
        self.run(&["send".as_ref(), claim.as_os_str(), "--wait".as_ref(), seconds.to_string().as_ref()])
    }

    /// Runs `todoke` with these words and `input` on its standard input.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be run.
    pub fn run_with<S: AsRef<OsStr>>(&self, words: &[S], input: &str) -> Result<Answer> {
        let mut child =
            self.command(words)?.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // Refused only when the program ended without reading, which its answer shows.
        drop(child.stdin.take().context("the standard input was piped")?.write_all(input.as_bytes()));
        let output = child.wait_with_output()?;
        Ok(Answer {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Starts `todoke` as a process that can be killed.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started.
    pub fn start<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Program> {
        Program::start(self.command(words)?.stdout(Stdio::null()), &self.folder.join("todoke.log"))
    }

    fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Command> {
        let mut todoke = command(&built("todoke")?);
        todoke.args(words).args(["--format", "json", "--data"]).arg(self.data());
        todoke.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(url) = &self.relay {
            todoke.args(["--relay", url]);
        }
        match &self.keychain {
            Some(environment) => {
                todoke
                    .env_remove("DBUS_SESSION_BUS_ADDRESS")
                    .envs(environment.iter().map(|(name, value)| (name, value)));
            }
            None => {
                todoke.arg("--key-file").arg(self.folder.join("keys"));
            }
        }
        Ok(todoke)
    }
}
