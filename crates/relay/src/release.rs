//! Newer versions of the program: a folder that the operator fills and everybody may read.

use std::fs;
use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};
use relay_api::releases::{Release, trusted_comment};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::Relay;
use crate::failure::Failure;

/// A version as the operator hands it over.
#[derive(Debug, Clone)]
pub struct NewRelease {
    /// Version, for example `0.2.0`.
    pub version: String,
    /// `windows` or `linux`.
    pub target: String,
    /// `x86_64`.
    pub arch: String,
    /// The installer.
    pub file: PathBuf,
    /// Its minisign signature.
    pub signature: PathBuf,
    /// What is new, in Japanese.
    pub notes: String,
    /// The operator's public key, base64.
    pub public_key: String,
}

/// Why a version was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Not a version.
    #[error("版の番号は 0.2.0 のように書いてください")]
    Version,
    /// Not a target.
    #[error("対象は windows か linux、機種は x86_64 です")]
    Target,
    /// Nothing is said of what is new.
    #[error("新しくなったことを日本語で書いてください。利用者にそのまま表示されます")]
    Notes,
    /// The signature is not the operator's, or of another file.
    #[error("署名が合いません。ファイル、署名、公開鍵をお確かめください")]
    Signature,
    /// The signature names another version.
    #[error("署名の注記が「{0}」ではありません。minisign -S -t で付け直してください")]
    Comment(String),
    /// This version or a newer one is here.
    #[error("同じ版か、もっと新しい版（{0}）がもうあります")]
    Older(String),
    /// Relays that share their storage have no folder for it.
    #[error("複数のサーバーで保管場所を共有しているときは、新しい版を置けません。運営者のWebサイトで配ってください")]
    NoFolder,
    /// The disk refuses.
    #[error("ファイルを読み書きできません")]
    Disk(#[from] std::io::Error),
}

/// What is kept of a version, beside its installer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    target: String,
    arch: String,
    file: String,
    release: Release,
}

impl Relay {
    /// Takes a version that the operator has signed; from then on it is offered to older ones.
    ///
    /// # Errors
    ///
    /// See [`ReleaseError`]; nothing is kept of what is refused.
    pub fn add_release(&self, new: &NewRelease) -> Result<(), ReleaseError> {
        let version = Version::parse(&new.version).map_err(|_| ReleaseError::Version)?;
        if !["windows", "linux"].contains(&new.target.as_str()) || new.arch != "x86_64" {
            return Err(ReleaseError::Target);
        }
        if new.notes.trim().is_empty() {
            return Err(ReleaseError::Notes);
        }
        let bytes = fs::read(&new.file)?;
        let text = fs::read_to_string(&new.signature)?;
        let key = PublicKey::from_base64(new.public_key.trim()).map_err(|_| ReleaseError::Signature)?;
        let signature = Signature::decode(&text).map_err(|_| ReleaseError::Signature)?;
        key.verify(&bytes, &signature, false).map_err(|_| ReleaseError::Signature)?;
        let comment = trusted_comment(&new.version, &new.target, &new.arch);
        if signature.trusted_comment() != comment {
            return Err(ReleaseError::Comment(comment));
        }
        if let Some(newest) = self.kept(&new.target, &new.arch)?
            && Version::parse(&newest.release.version).is_ok_and(|newest| newest >= version)
        {
            return Err(ReleaseError::Older(newest.release.version));
        }
        let folder = self.releases().ok_or(ReleaseError::NoFolder)?;
        fs::create_dir_all(folder)?;
        let ending = if new.target == "windows" { "exe" } else { "deb" };
        let file = format!("todoke-{}-{}-{}.{ending}", new.version, new.target, new.arch);
        durable(&folder.join(&file), &bytes)?;
        let release = Release {
            version: new.version.clone(),
            notes: new.notes.trim().to_owned(),
            pub_date: crate::clock::wire(self.clock().business()),
            url: format!("/v1/releases/files/{file}"),
            signature: text,
            size: bytes.len() as u64,
        };
        let kept = Kept { target: new.target.clone(), arch: new.arch.clone(), file, release };
        let text = serde_json::to_vec_pretty(&kept).map_err(std::io::Error::other)?;
        durable(&folder.join(format!("{}-{}.json", new.target, new.arch)), &text)?;
        Ok(())
    }

    /// Returns the newest version for a system when it is newer than `current`.
    pub(crate) fn newer_release(&self, target: &str, arch: &str, current: &str) -> Result<Option<Release>, Failure> {
        let current = Version::parse(current).map_err(|_| Failure::NotFound)?;
        let kept = self.kept(target, arch).map_err(|error| Failure::Internal(error.into()))?;
        Ok(kept
            .map(|kept| kept.release)
            .filter(|release| Version::parse(&release.version).is_ok_and(|version| version > current)))
    }

    /// Returns the installer called `name`, of the versions that are offered.
    pub(crate) fn release_file(&self, name: &str) -> Result<PathBuf, Failure> {
        let offered = ["windows", "linux"]
            .iter()
            .any(|target| self.kept(target, "x86_64").ok().flatten().is_some_and(|kept| kept.file == name));
        self.releases().filter(|_| offered).map(|folder| folder.join(name)).ok_or(Failure::NotFound)
    }

    fn kept(&self, target: &str, arch: &str) -> std::io::Result<Option<Kept>> {
        // The words come from an address.
        if !["windows", "linux"].contains(&target) || arch != "x86_64" {
            return Ok(None);
        }
        let Some(folder) = self.releases() else { return Ok(None) };
        match fs::read(folder.join(format!("{target}-{arch}.json"))) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text).map_err(std::io::Error::other)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Writes beside the file and renames, so that a reader finds the old content or the new one.
fn durable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    fs::write(&part, bytes)?;
    fs::File::options().write(true).open(&part)?.sync_all()?;
    fs::rename(part, path)
}
