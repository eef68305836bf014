//! The Windows programs, built, packed and proved on Linux（decision 0013）.

mod build;
mod installer;
mod office;
mod proof;
mod shipped;
mod wine;

pub use proof::{PROOFS, prove_installer};

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::setup;
use crate::shell::{must, npm, target};

/// What the builder chose on the command line.
#[derive(Debug, Default)]
pub struct Choices {
    /// Certificate and private key with which the programs are signed, as one PKCS#12 file.
    pub certificate: Option<PathBuf>,
    /// File with the certificate's password.
    pub password_file: Option<PathBuf>,
    /// Server that puts the time under the signature; without one the signature ends with the certificate.
    pub time_server: Option<String>,
}

impl Choices {
    /// Reads `--certificate FILE --password-file FILE --time-server URL`.
    pub fn parse(words: &[String]) -> Result<Self> {
        let mut choices = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--certificate" => choices.certificate = Some(fs::canonicalize(value)?),
                "--password-file" => choices.password_file = Some(fs::canonicalize(value)?),
                "--time-server" => choices.time_server = Some(value.clone()),
                _ => anyhow::bail!("{word} is not known here"),
            }
        }
        Ok(choices)
    }
}

/// Builds the three programs in release, signs them when there is a certificate, and packs the installer.
pub fn windows(choices: &Choices) -> Result<bool> {
    setup::setup()?;
    setup::windows()?;
    must(&mut npm(&["run", "build"]))?;
    build::programs()?;
    let made = installer::make(choices, &build::shipped(), &folder().join("setup"), env!("CARGO_PKG_VERSION"))?;
    eprintln!();
    for file in made.files() {
        eprintln!("{:>12}  {}", fs::metadata(&file)?.len(), file.display());
    }
    made.fits()?;
    Ok(true)
}

/// Returns the folder in which everything for Windows is made.
fn folder() -> PathBuf {
    target().join("windows-gnu")
}

/// Makes `folder` anew, empty.
fn emptied(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}
