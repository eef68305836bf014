//! Packing and signing.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::build::{PROGRAMS, TERMINAL};
use super::{Choices, emptied};
use crate::shell::{command, must, output, root};

/// Largest installer, in bytes.
const LARGEST: u64 = 15 * 1024 * 1024;

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The installer.
    pub setup: PathBuf,
    /// The program of the operator's 送信用端末.
    pub terminal: PathBuf,
    /// The list of SHA-256.
    pub sums: PathBuf,
}

impl Made {
    /// Returns the files to hand out.
    pub fn files(&self) -> Vec<PathBuf> {
        vec![self.setup.clone(), self.terminal.clone(), self.sums.clone()]
    }

    /// Fails when the installer is larger than an office's line should have to fetch.
    pub fn fits(&self) -> Result<()> {
        let size = fs::metadata(&self.setup)?.len();
        ensure!(size <= LARGEST, "the installer has {size} bytes, more than {LARGEST}");
        Ok(())
    }
}

/// Signs the programs in `programs` and packs those of an office into an installer of `version` in `folder`, with the operator's
/// beside it and the list of SHA-256.
pub fn make(choices: &Choices, programs: &Path, folder: &Path, version: &str) -> Result<Made> {
    emptied(folder)?;
    let (files, texts) = (folder.join("files"), folder.join("texts"));
    emptied(&files)?;
    emptied(&texts)?;
    let names: Vec<&str> = PROGRAMS.iter().copied().chain(["WebView2Loader.dll"]).collect();
    for name in &names {
        fs::copy(programs.join(name), files.join(name)).with_context(|| format!("copying {name}"))?;
    }
    let terminal = folder.join(TERMINAL);
    fs::copy(programs.join(TERMINAL), &terminal).with_context(|| format!("copying {TERMINAL}"))?;
    // Microsoft's own file carries Microsoft's signature.
    for program in PROGRAMS.iter().map(|name| files.join(name)).chain([terminal.clone()]) {
        sign(choices, &program)?;
    }
    let licences = format!(
        "{}\n\n{}",
        fs::read_to_string(root().join("LICENSE-MIT"))?,
        fs::read_to_string(root().join("LICENSE-APACHE"))?
    );
    write_for_windows(&texts.join("LICENSE.txt"), &licences)?;
    let notices = fs::read_to_string(root().join("THIRD-PARTY-NOTICES.md"))?;
    write_for_windows(&texts.join("THIRD-PARTY-NOTICES.txt"), &notices)?;

    let setup = folder.join(format!("Todoke-{version}-setup.exe"));
    let define = |name: &str, value: &Path| format!("-D{name}={}", value.display());
    let mut words = vec![
        "-V2".to_owned(),
        "-INPUTCHARSET".to_owned(),
        "UTF8".to_owned(),
        format!("-DVERSION={version}"),
        define("FILES", &files),
        define("TEXTS", &texts),
        define("OUT", &setup),
        format!("-DSIGN={}", signer(choices, folder)?.map(|path| path.display().to_string()).unwrap_or_default()),
    ];
    // Debian's NSIS also makes installers for 64 bits, which need no 32-bit Windows underneath.
    if Path::new("/usr/share/nsis/Stubs/lzma_solid-amd64-unicode").exists() {
        words.push("-DTARGET=amd64-unicode".to_owned());
    }
    words.push(root().join("installer/todoke.nsi").display().to_string());
    must(&mut command("makensis", &words.iter().map(String::as_str).collect::<Vec<_>>()))?;
    sign(choices, &setup)?;

    let mut listed = vec![setup.clone(), terminal.clone()];
    listed.extend(names.iter().map(|name| files.join(name)));
    let mut sums = String::new();
    for file in &listed {
        let path = file.display().to_string();
        let line = output("sha256sum", &["--binary", &path]).with_context(|| format!("hashing {path}"))?;
        let hash = line.split(' ').next().unwrap_or_default();
        writeln!(sums, "{hash} *{}", file.file_name().unwrap_or_default().display())?;
    }
    let list = folder.join("SHA256SUMS");
    fs::write(&list, sums)?;
    Ok(Made { setup, terminal, sums: list })
}

/// Notepad shows lines that end in CRLF and begins with a BOM to know the encoding.
fn write_for_windows(path: &Path, text: &str) -> Result<()> {
    fs::write(path, format!("\u{feff}{}", text.replace("\r\n", "\n").replace('\n', "\r\n")))?;
    Ok(())
}

/// Signs `file` in place with the builder's certificate; does nothing without one.
fn sign(choices: &Choices, file: &Path) -> Result<()> {
    let Some(words) = signing_words(choices) else { return Ok(()) };
    let signed = file.with_extension("signed");
    let (input, out) = (file.display().to_string(), signed.display().to_string());
    let mut all: Vec<&str> = words.iter().map(String::as_str).collect();
    all.extend(["-in", &input, "-out", &out]);
    must(&mut command("osslsigncode", &all))?;
    fs::rename(&signed, file)?;
    Ok(())
}

/// Writes the script that makensis calls to sign the uninstaller, which exists only inside the installer.
fn signer(choices: &Choices, folder: &Path) -> Result<Option<PathBuf>> {
    use std::os::unix::fs::PermissionsExt;
    let Some(words) = signing_words(choices) else { return Ok(None) };
    let words: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
    let script = folder.join("sign-uninstaller");
    let text = format!(
        "#!/bin/sh\nset -e\nosslsigncode {} -in \"$1\" -out \"$1.signed\"\nmv \"$1.signed\" \"$1\"\n",
        words.join(" ")
    );
    fs::write(&script, text)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700))?;
    Ok(Some(script))
}

/// Returns the words for osslsigncode; the password stays in its file.
fn signing_words(choices: &Choices) -> Option<Vec<String>> {
    let certificate = choices.certificate.as_ref()?;
    let mut words = vec!["sign".to_owned(), "-pkcs12".to_owned(), certificate.display().to_string()];
    if let Some(password) = &choices.password_file {
        words.extend(["-readpass".to_owned(), password.display().to_string()]);
    }
    words.extend(["-h", "sha256", "-n", "Todoke"].map(str::to_owned));
    if let Some(server) = &choices.time_server {
        words.extend(["-ts".to_owned(), server.clone()]);
    }
    Some(words)
}
