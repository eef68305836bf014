//! Installs what a fresh Debian machine with Rust and Node lacks, after saying so. Does nothing where all is there.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{cargo, command, must, npm, output, root, succeeds};

/// Debian packages and what needs them.
const PACKAGES: &[(&str, &str)] = &[
    ("build-essential", "compiling SQLCipher and OpenSSL"),
    ("perl", "compiling OpenSSL"),
    ("pkg-config", "finding the libraries below"),
    ("libdbus-1-dev", "the window"),
    ("librsvg2-dev", "the window"),
    ("libssl-dev", "the window"),
    ("libwebkit2gtk-4.1-dev", "the window"),
    ("libxdo-dev", "the window"),
    ("fonts-noto-cjk", "Japanese text in the window"),
    ("gnome-keyring", "a real keychain in tests"),
    ("dbus-bin", "a session of its own for tests"),
    ("dbus-daemon", "a session of its own for tests"),
    ("libsecret-tools", "looking into the keychain in tests"),
    ("webkit2gtk-driver", "driving the window in tests"),
    ("xvfb", "a display for tests"),
    ("x11-utils", "looking for the window in tests"),
    ("chromium", "browser tests of the user interface"),
    ("poppler-utils", "reading receipts in tests"),
    ("python3-venv", "tools that try the relay's interface"),
    ("postgresql", "the relay's tests on a database that relays share"),
    ("curl", "the yardstick of the sending benchmark"),
];

/// The same for the Windows programs. Debian's compiler is used because it brings the source of its standard library.
const WINDOWS_PACKAGES: &[(&str, &str)] = &[
    ("rustc-web", "compiling for Windows"),
    ("cargo-web", "compiling for Windows"),
    ("rust-web-src", "compiling the standard library for Windows"),
];

/// What packing the installer for Windows and trying it needs.
const INSTALLER_PACKAGES: &[(&str, &str)] = &[
    ("gcc-mingw-w64-x86-64", "linking Windows programs"),
    ("nsis", "packing the installer"),
    ("osslsigncode", "signing"),
    ("openssl", "a certificate of our own for tests"),
    ("wine", "running Windows programs in tests"),
    ("wine64", "running Windows programs in tests"),
];

/// The version whose capabilities the tests are written for.
const TAURI_DRIVER: &str = "2.1.0";

/// Installs what is missing.
pub fn setup() -> Result<()> {
    packages(PACKAGES)?;
    node_packages()?;
    cargo_tools()
}

/// Returns whether `cargo nextest` is there.
pub fn has_nextest() -> bool {
    output("cargo", &["nextest", "--version"]).is_some()
}

/// Installs what building and proving the Windows programs needs besides.
pub fn windows() -> Result<()> {
    installer()?;
    packages(WINDOWS_PACKAGES)
}

/// Installs what packing and trying the installer for Windows needs.
pub fn installer() -> Result<()> {
    packages(INSTALLER_PACKAGES)
}

fn packages(wanted: &[(&str, &str)]) -> Result<()> {
    if !Path::new("/etc/debian_version").exists() {
        let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
        eprintln!(
            "Not a Debian system: nothing is installed here. The Debian names of what is needed: {}",
            names.join(" ")
        );
        return Ok(());
    }
    let installed =
        output("dpkg-query", &["--show", "--showformat=${db:Status-Status} ${Package}\n"]).unwrap_or_default();
    let missing: Vec<_> =
        wanted.iter().filter(|(name, _)| !installed.lines().any(|line| line == format!("installed {name}"))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("These Debian packages are missing and will now be installed:");
    for (name, why) in &missing {
        eprintln!("  {name}: for {why}");
    }
    let prefix: &[&str] = match output("id", &["--user"]).as_deref().map(str::trim) {
        Some("0") => &["env"],
        _ if output("sudo", &["--version"]).is_some() => &["sudo"],
        _ => bail!("installing packages needs root or sudo"),
    };
    let apt = |words: &[&str]| {
        let args = [&prefix[1..], &["DEBIAN_FRONTEND=noninteractive", "apt-get"], words].concat();
        must(&mut command(prefix[0], &args))
    };
    apt(&["update"])?;
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    apt(&[&["install", "--yes", "--no-install-recommends"], names.as_slice()].concat())
}

fn node_packages() -> Result<()> {
    let major = output("node", &["--version"])
        .and_then(|text| text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node.js 20 or newer is needed");
    }
    let modified = |path: &str| root().join("ui").join(path).metadata().and_then(|data| data.modified());
    // npm writes the second file last, so that an installation cut short is repeated.
    let fresh = match (modified("package-lock.json"), modified("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(there)) => there >= wanted,
        _ => false,
    };
    if fresh {
        return Ok(());
    }
    eprintln!("The packages of the user interface are missing or old and will now be installed into ui/node_modules.");
    must(&mut npm(&["ci", "--no-audit", "--no-fund"]))
}

fn cargo_tools() -> Result<()> {
    let installed = output("cargo", &["install", "--list"]).unwrap_or_default();
    if !installed.contains(&format!("tauri-driver v{TAURI_DRIVER}:")) {
        eprintln!("tauri-driver {TAURI_DRIVER} is missing and will now be installed with cargo.");
        must(&mut install(&["tauri-driver", "--version", TAURI_DRIVER]))?;
    }
    if !has_nextest() {
        eprintln!("cargo-nextest is missing and will now be installed with cargo.");
        if !succeeds(&mut install(&["cargo-nextest"]))? {
            eprintln!("cargo-nextest could not be installed; `cargo test` takes its place.");
        }
    }
    Ok(())
}

/// Makes a `cargo install` that does not share the project's target folder: its profile differs, nothing would be reused.
fn install(what: &[&str]) -> std::process::Command {
    let mut command = cargo(&[&["install", "--locked"], what].concat());
    command.env_remove("CARGO_TARGET_DIR");
    command
}
