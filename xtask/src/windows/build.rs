//! Building for `x86_64-pc-windows-gnu` with Debian's compiler, which brings the source of its standard library.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::folder;
use crate::shell::{command, must, root};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The programs that the installer brings to an office's computer.
pub const PROGRAMS: &[&str] = &["todoke-desktop.exe", "todoke.exe"];

/// The program of the operator's 送信用端末, which is handed out by itself: no office needs it.
pub const TERMINAL: &str = "todoke-terminal.exe";

/// Profile of the programs that are handed out: small, because an office fetches them through its line.
const PROFILE: &str = "desktop";

/// Crates whose tests run as Windows programs.
const TESTED: &[&str] = &["calendar", "kokuho", "ledger", "store", "paper", "app"];

/// Returns the folder of the shipped programs.
pub fn shipped() -> PathBuf {
    folder().join(TARGET).join(PROFILE)
}

/// Tests that Wine 8 cannot run, because its CryptoAPI verifies no ECDSA signature and refuses a chain engine with
/// `dwExclusiveFlags`（Windows 8 and later）: what a company's own root certificate opens is tried on a real PC.
const LACKING: &[&str] =
    &["a_company_root_lets_a_network_look_into_tls", "a_proxy_that_wants_a_name_gets_it_from_the_keychain"];

/// Builds the shipped programs.
pub fn programs() -> Result<()> {
    let words = ["build", "--profile", PROFILE, "-p", "todoke-desktop", "-p", "todoke-cli", "-p", "terminal"];
    must(cargo(&words).env("RUSTFLAGS", without_places()))?;
    let loader = shipped().join("WebView2Loader.dll");
    if !loader.is_file() {
        bail!("{} is missing: the window would not start", loader.display());
    }
    Ok(())
}

/// Returns flags that keep the folders of the computer that builds out of the programs: two builders make the same ones, and a
/// crash tells an office nothing about whoever built it.
fn without_places() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    format!(
        "--remap-path-prefix={}= --remap-path-prefix={}=todoke",
        home.join("registry").join("src").display(),
        root().display()
    )
}

/// Builds the tests without optimisation and without debug information, which takes the least time.
pub fn tests() -> Result<()> {
    must(&mut cargo(&[&["test", "--no-run"], packages().as_slice()].concat()))
}

/// Makes the command that runs the tests with `runner` in front of each.
pub fn run_tests(runner: &str) -> Command {
    let skipped: Vec<&str> = LACKING.iter().flat_map(|name| ["--skip", name]).collect();
    let mut command =
        cargo(&[&["test", "--no-fail-fast"], packages().as_slice(), &["--"], skipped.as_slice()].concat());
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", runner);
    command
}

fn packages() -> Vec<&'static str> {
    [&["--tests", "--lib"][..], &TESTED.iter().flat_map(|name| ["-p", name]).collect::<Vec<_>>()].concat()
}

/// Makes a command of Debian's cargo: rustup's offers no standard library for this target without a download, and none
/// that this compiler could build anew.
fn cargo(words: &[&str]) -> Command {
    let (what, rest) = words.split_first().unwrap_or((&"build", &[]));
    let mut command =
        command("/usr/bin/cargo", &[&[*what, "-Zbuild-std=std,panic_abort", "--target", TARGET], rest].concat());
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTFLAGS", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    command
        .env("RUSTC", "/usr/bin/rustc")
        // Building the standard library is still behind a switch of the compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder())
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
    command
}
