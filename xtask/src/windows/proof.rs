//! Proves the Windows programs under Wine: the tests of the crates, an office's month, and the installer's life.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::wine::{Wine, forget, path};
use super::{Choices, build, emptied, folder, installer, office, shipped};
use crate::setup;
use crate::shell::{command, must, output, root};

/// The version whose installer stands for the next one.
const NEXT: &str = "99.0.0";

const UNINSTALL_KEY: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Todoke";
const RUN_KEY: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Run";

/// A proof and the word that chooses it.
pub type Proof = (&'static str, fn() -> Result<()>);

/// Every proof of the Windows programs, in the order in which they can run. They need the user interface and `todoke-relay`
/// of this machine built before.
pub const PROOFS: &[Proof] = &[
    ("programs", programs_build),
    ("shipped", shipped::prove),
    ("office", office::prove),
    ("crates", crates),
    ("installer", prove_installer),
];

/// Runs only the proof of the installer, which needs none of the programs.
pub fn prove_installer() -> Result<()> {
    setup::installer()?;
    installation()
}

/// The shipped programs compile for Windows and link.
fn programs_build() -> Result<()> {
    setup::windows()?;
    build::programs()
}

/// The tests of the crates, as Windows programs.
fn crates() -> Result<()> {
    setup::windows()?;
    build::tests()?;
    let wine = Wine::new("prefix-crates", "todoke")?;
    // Papers are read back with them.
    for tool in ["pdffonts", "pdfinfo", "pdftoppm", "pdftotext", "unzip"] {
        wine.add_tool(tool)?;
    }
    let mut command = build::run_tests("wine");
    wine.equip(&mut command);
    must(&mut command)
}

/// Installs, repairs, upgrades over a running program, refuses to go back, removes.
fn installation() -> Result<()> {
    let work = folder().join("installation");
    emptied(&work)?;
    let (choices, certificate) = certificate(&work)?;
    let version = env!("CARGO_PKG_VERSION");
    let now = installer::make(&choices, &programs(&work, version)?, &work.join("now"), version)?;
    let next = installer::make(&choices, &programs(&work, NEXT)?, &work.join("next"), NEXT)?;
    let sums = fs::read_to_string(&now.sums)?;
    ensure!(sums.lines().count() == 5 && sums.contains("-setup.exe"), "the list of SHA-256: {sums}");
    must(command("sha256sum", &["--check", "--ignore-missing", "SHA256SUMS"]).current_dir(work.join("now")))?;

    let wine = Wine::new("prefix-installer", "田中 一郎")?;
    let local = wine.home().join("AppData/Local");
    let there = local.join("Programs/Todoke");
    let shortcut = wine.home().join("AppData/Roaming/Microsoft/Windows/Start Menu/Programs/とどけ.lnk");
    let records = local.join("todoke/todoke.db");
    fs::create_dir_all(local.join("todoke"))?;
    fs::write(&records, "records of the office")?;
    let programs_of = |version: &str| work.join("programs").join(version);
    let holds = |version: &str| -> Result<bool> {
        let installed = fs::read(there.join("todoke.exe"))?;
        // Signing adds to the end and sets a checksum; the mark of the version stays.
        Ok(installed.windows(version.len()).any(|part| part == version.as_bytes()))
    };

    // Installed, for this user alone, with nothing that was not asked for.
    install(&wine, &now.setup, &[], 0)?;
    for name in build::PROGRAMS.iter().chain(&["WebView2Loader.dll", "LICENSE.txt", "THIRD-PARTY-NOTICES.txt"]) {
        ensure!(there.join(name).is_file(), "{name} is not installed");
    }
    ensure!(!there.join("bcryptprimitives.dll").exists(), "the test-only library was installed");
    ensure!(!there.join("new").exists() && !there.join("old").exists(), "the installer left its folders");
    ensure!(shortcut.is_file(), "no entry in the start menu");
    ensure!(wine.registry(UNINSTALL_KEY, "DisplayVersion")?.as_deref() == Some(version), "not listed as installed");
    ensure!(wine.registry(RUN_KEY, "Todoke")?.is_none(), "opens by itself unasked");
    ensure!(wine.registry("Software\\Classes\\.csv\\OpenWithProgids", "Todoke.Claim")?.is_none(), "takes CSV unasked");
    ensure!(holds(version)?, "another version was installed");
    for name in ["todoke.exe", "uninstall.exe"] {
        verify(&there.join(name), &certificate)?;
    }
    verify(&now.setup, &certificate)?;

    // Repaired.
    fs::remove_file(there.join("todoke.exe"))?;
    fs::write(there.join("WebView2Loader.dll"), "damaged")?;
    fs::remove_file(&shortcut)?;
    install(&wine, &now.setup, &["/AUTOSTART", "/ASSOCIATE"], 0)?;
    ensure!(there.join("todoke.exe").is_file() && shortcut.is_file(), "not repaired");
    ensure!(fs::metadata(there.join("WebView2Loader.dll"))?.len() > 1000, "the damaged file is still there");
    ensure!(
        wine.registry(RUN_KEY, "Todoke")?.is_some_and(|value| value.contains("--hidden")),
        "does not open by itself"
    );
    ensure!(wine.has_key("Software\\Classes\\Todoke.Claim\\shell\\open\\command")?, "no opener");

    // Upgraded over a program that will not end: nothing changes.
    let mut busy = wine.command(there.join("todoke.exe"));
    busy.arg("read");
    let mut busy = running(busy)?;
    install(&wine, &next.setup, &[], 4)?;
    ensure!(holds(version)? && there.join("todoke-desktop.exe").is_file(), "a refused upgrade changed the program");
    ensure!(wine.registry(UNINSTALL_KEY, "DisplayVersion")?.as_deref() == Some(version), "a refused upgrade is listed");
    drop(busy.stdin.take());
    busy.wait()?;

    // A file in the middle of the exchange cannot be moved: the old program goes back, whole.
    let before = contents(&there)?;
    let mut holder = wine.command(work.join("programs").join(version).join("todoke.exe"));
    holder.args(["hold", "THIRD-PARTY-NOTICES.txt"]).current_dir(&there);
    let mut holder = running(holder)?;
    install(&wine, &next.setup, &[], 2)?;
    ensure!(contents(&there)? == before, "an upgrade that failed left another program than before");
    ensure!(wine.registry(UNINSTALL_KEY, "DisplayVersion")?.as_deref() == Some(version), "a failed upgrade is listed");
    drop(holder.stdin.take());
    holder.wait()?;

    // Upgraded over a window, which ends when it is asked to; what was chosen stays chosen.
    let mut window = running(wine.command(there.join("todoke-desktop.exe")))?;
    install(&wine, &next.setup, &[], 0)?;
    ensure!(window.wait()?.success(), "the window was not asked to end");
    ensure!(holds(NEXT)?, "not upgraded");
    ensure!(wine.registry(UNINSTALL_KEY, "DisplayVersion")?.as_deref() == Some(NEXT), "the upgrade is not listed");
    ensure!(wine.registry(RUN_KEY, "Todoke")?.is_some(), "the upgrade forgot the autostart");

    // An older one does not go over it.
    install(&wine, &now.setup, &[], 3)?;
    ensure!(holds(NEXT)?, "an older version went over a newer one");

    // Removed, and the records stay.
    let own = there.join("メモ.txt");
    fs::write(&own, "of the person")?;
    wine.run(there.join("uninstall.exe"), &["/S"])?;
    wine.settle()?;
    for name in build::PROGRAMS.iter().chain(&["WebView2Loader.dll", "uninstall.exe"]) {
        ensure!(!there.join(name).exists(), "{name} was left behind");
    }
    ensure!(own.is_file(), "a file of the person was removed");
    ensure!(records.is_file(), "the records were removed unasked");
    ensure!(!shortcut.exists() && wine.registry(UNINSTALL_KEY, "DisplayVersion")?.is_none(), "still listed");
    ensure!(wine.registry(RUN_KEY, "Todoke")?.is_none(), "still opens by itself");
    ensure!(!wine.has_key("Software\\Classes\\Todoke.Claim")?, "still offered for CSV");

    // Removed with the records, because that was said; papers stay.
    install(&wine, &now.setup, &[], 0)?;
    let paper = wine.home().join("Documents/とどけ/受領書.pdf");
    fs::create_dir_all(paper.parent().context("a paper lies in a folder")?)?;
    fs::write(&paper, "%PDF")?;
    wine.run(there.join("uninstall.exe"), &["/S", "/DELETEDATA"])?;
    wine.settle()?;
    ensure!(!records.exists(), "the records were kept although they were to go");
    ensure!(paper.is_file(), "a paper of the person was removed");
    drop(wine);
    for version in [version, NEXT] {
        forget(&programs_of(version))?;
    }
    Ok(())
}

/// Reads every file of an installed program, by name.
fn contents(folder: &Path) -> Result<BTreeMap<OsString, Vec<u8>>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), fs::read(entry.path()).with_context(|| entry.path().display().to_string())?))
        })
        .collect()
}

/// Runs an installer silently; fails unless it ends with `code`.
fn install(wine: &Wine, setup: &Path, words: &[&str], code: i32) -> Result<()> {
    let ended = wine.end(wine.command(setup).arg("/S").args(words), "")?.code;
    ensure!(ended == Some(code), "the installer {words:?} ended with {ended:?}, not {code}");
    Ok(())
}

/// Starts a stand-in and waits until it says that it runs.
fn running(mut program: Command) -> Result<Child> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("the output was piped")?).read_line(&mut line)?;
    ensure!(line.trim() == "running", "the stand-in says {line:?}");
    Ok(child)
}

/// Lays out programs to pack: stand-ins, of which `todoke.exe` is marked with `version`.
fn programs(work: &Path, version: &str) -> Result<PathBuf> {
    let folder = work.join("programs").join(version);
    emptied(&folder)?;
    let (source, window) = (root().join("xtask/wine/program.c"), folder.join("todoke-desktop.exe"));
    must(&mut command("x86_64-w64-mingw32-gcc", &["-O2", "-mwindows", "-o", path(&window)?, path(&source)?]))?;
    let mark = folder.join("version.c");
    fs::write(&mark, format!("const char version[] = \"{version}\";\n"))?;
    let (todoke, terminal) = (folder.join("todoke.exe"), folder.join(build::TERMINAL));
    must(&mut command("x86_64-w64-mingw32-gcc", &["-O2", "-o", path(&todoke)?, path(&source)?, path(&mark)?]))?;
    must(&mut command("x86_64-w64-mingw32-gcc", &["-O2", "-o", path(&terminal)?, path(&source)?]))?;
    // Any library does; the real one comes with the release.
    let loader = folder.join("WebView2Loader.dll");
    must(&mut command("x86_64-w64-mingw32-gcc", &["-shared", "-o", path(&loader)?, path(&mark)?]))?;
    Ok(folder)
}

/// Makes a certificate of our own, as a builder would buy one; returns it also for verification.
fn certificate(work: &Path) -> Result<(Choices, PathBuf)> {
    let (key, pem, both) = (work.join("key.pem"), work.join("certificate.pem"), work.join("certificate.p12"));
    let password = work.join("password");
    fs::write(&password, "hirogari-no-sora")?;
    must(&mut command(
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=Todoke test builder",
            "-addext",
            "extendedKeyUsage=codeSigning",
            "-keyout",
            path(&key)?,
            "-out",
            path(&pem)?,
        ],
    ))?;
    let pass = format!("file:{}", password.display());
    let words =
        ["pkcs12", "-export", "-inkey", path(&key)?, "-in", path(&pem)?, "-passout", &pass, "-out", path(&both)?];
    must(&mut command("openssl", &words))?;
    Ok((Choices { certificate: Some(both), password_file: Some(password), time_server: None }, pem))
}

fn verify(file: &Path, certificate: &Path) -> Result<()> {
    let words = ["verify", "-CAfile", path(certificate)?, "-in", path(file)?];
    let text =
        output("osslsigncode", &words).with_context(|| format!("{} is not signed as it must be", file.display()))?;
    ensure!(text.contains("Succeeded"), "the signature of {}: {text}", file.display());
    Ok(())
}
