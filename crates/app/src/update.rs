//! Newer versions of the program: found at the relay, fetched, verified, and handed to the shell to be installed.
//!
//! Nothing happens by itself: a person decides. From the 1st to the 10th, while claims go out, nothing is said of a newer
//! version unless a person asks; while something is being sent, none is installed.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{Datelike, NaiveDateTime};
use minisign_verify::{PublicKey, Signature};
use relay_api::releases::{Release, trusted_comment};
use semver::Version;
use serde::Serialize;
use specta::Type;
use store::LocalState;

use crate::problem::{Code, Problem};
use crate::{App, Topic, blocking, disk};

/// Last day of the claim window, up to which nothing is said of a newer version.
const LAST_DAY_OF_CLAIMS: u32 = 10;

/// Longest wait for a file on its way when the program is asked to end.
const LAST_WAIT: Duration = Duration::from_secs(15);

/// Where newer versions of this program come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The operator's minisign key, base64, put in when the program was built.
    pub public_key: String,
    /// Version of this program.
    pub version: String,
    /// `windows` or `linux`.
    pub target: String,
    /// `x86_64`.
    pub arch: String,
}

/// A newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct UpdateView {
    /// Version.
    pub version: String,
    /// The version that runs.
    pub current: String,
    /// What is new.
    pub notes: String,
    /// When it was put at the relay, RFC 3339.
    pub published: String,
}

/// What is known of newer versions.
#[derive(Default)]
pub(crate) struct Known {
    channel: Option<Channel>,
    release: Option<Release>,
    /// The program is about to be replaced: nothing more is sent.
    pub leaving: AtomicBool,
}

impl App {
    /// Sets where newer versions come from. Without it the program never looks for one.
    pub fn follow_releases(&self, channel: Channel) {
        self.releases().channel = Some(channel);
    }

    /// Asks the relay for a newer version; `None` when this is the newest.
    ///
    /// # Errors
    ///
    /// [`Code::NoUpdate`] for a program that was built without the operator's key; problems of the line.
    pub async fn newer_version(&self) -> Result<Option<UpdateView>, Problem> {
        let channel = self.releases().channel.clone().ok_or(Code::NoUpdate)?;
        let asked = self.relay()?.newer_release(&channel.target, &channel.arch, &channel.version).await;
        let release = self.heard(asked)?.filter(|release| is_newer(&release.version, &channel.version));
        self.releases().release.clone_from(&release);
        self.announce_change(Topic::Frame);
        Ok(release.map(|release| UpdateView {
            version: release.version,
            current: channel.version,
            notes: release.notes,
            published: release.pub_date,
        }))
    }

    pub(crate) async fn look_for_release(&self) -> Result<(), Problem> {
        if self.releases().channel.is_none() {
            return Ok(());
        }
        self.newer_version().await.map(drop)
    }

    /// Returns the newer version that may be spoken of at `now`.
    pub(crate) fn announced_version(&self, now: NaiveDateTime) -> Option<String> {
        if now.day() <= LAST_DAY_OF_CLAIMS {
            return None;
        }
        self.releases().release.as_ref().map(|release| release.version.clone())
    }

    /// Fetches the newer version, proves that the operator signed exactly this version, copies the database aside, and
    /// returns the installer. From then on nothing is sent any more, until [`App::stay`].
    ///
    /// # Errors
    ///
    /// [`Code::NoUpdate`], [`Code::UpdateUntrusted`], [`Code::UpdateWhileSending`]; problems of the line and of the disk.
    /// The program goes on as it was after any of them.
    pub async fn fetch_update(&self) -> Result<PathBuf, Problem> {
        self.newer_version().await?.ok_or(Code::NoUpdate)?;
        let (channel, release) = {
            let known = self.releases();
            known.channel.clone().zip(known.release.clone()).ok_or(Code::NoUpdate)?
        };
        let name = file_name(&release).ok_or(Code::UpdateUntrusted)?.to_owned();
        let bytes = self.heard(self.relay()?.release_file(&name, release.size).await)?;
        verify(&channel, &release, &bytes)?;
        let folder = self.0.config.data.join("updates");
        let path = folder.join(&name);
        let place = path.clone();
        blocking(move || {
            std::fs::create_dir_all(&folder).map_err(disk)?;
            write_durably(&place, &bytes).map_err(disk)
        })
        .await?;
        self.leave().await?;
        if let Err(problem) = self.copy_aside().await {
            self.stay();
            return Err(problem);
        }
        Ok(path)
    }

    /// Stops sending for good, unless something is being sent now.
    async fn leave(&self) -> Result<(), Problem> {
        let _nobody_sends = self.0.pumping.try_lock().map_err(|_| Problem::from(Code::UpdateWhileSending))?;
        // Also by a terminal beside this window.
        let sending = self.store(store::Store::submissions).await?;
        if sending.iter().any(|row| row.state == LocalState::Sending) {
            return Err(Code::UpdateWhileSending.into());
        }
        self.releases().leaving.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Lets what is being sent come to its end and sends nothing more: the program is about to end.
    pub async fn finish_sending(&self) {
        self.releases().leaving.store(true, Ordering::SeqCst);
        // A line that hangs must not keep the program from ending; what is unclear then is asked about at the next start.
        drop(tokio::time::timeout(LAST_WAIT, self.0.pumping.lock()).await);
    }

    /// Goes on after an installer that could not be started.
    pub fn stay(&self) {
        self.releases().leaving.store(false, Ordering::SeqCst);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.releases().leaving.load(Ordering::SeqCst)
    }

    fn releases(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.update.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn is_newer(offered: &str, current: &str) -> bool {
    match (Version::parse(offered), Version::parse(current)) {
        (Ok(offered), Ok(current)) => offered > current,
        _ => false,
    }
}

/// Returns the last part of the path, when it is a plain name.
fn file_name(release: &Release) -> Option<&str> {
    let name = release.url.rsplit('/').next()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    (name.chars().all(plain) && !name.starts_with('.')).then_some(name)
}

fn verify(channel: &Channel, release: &Release, bytes: &[u8]) -> Result<(), Problem> {
    let trusted = || -> Option<()> {
        let key = PublicKey::from_base64(&channel.public_key).ok()?;
        let signature = Signature::decode(&release.signature).ok()?;
        key.verify(bytes, &signature, false).ok()?;
        let comment = trusted_comment(&release.version, &channel.target, &channel.arch);
        (signature.trusted_comment() == comment).then_some(())
    };
    trusted().ok_or_else(|| {
        tracing::warn!(version = release.version, "The newer version is not signed as it must be");
        Code::UpdateUntrusted.into()
    })
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)?;
    std::fs::File::options().write(true).open(&part)?.sync_all()?;
    std::fs::rename(part, path)
}
