//! Building for `x86_64-pc-windows-gnu` with Debian's compiler, which brings the source of its standard library.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::folder;
use crate::shell::{command, must};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The programs that a Windows computer gets.
pub const PROGRAMS: &[&str] = &["todoke-desktop.exe", "todoke.exe", "todoke-terminal.exe"];

/// Crates whose tests run as Windows programs.
const TESTED: &[&str] = &["calendar", "kokuho", "ledger", "store", "paper", "app"];

/// Returns the folder of the shipped programs.
pub fn release() -> PathBuf {
    folder().join(TARGET).join("release")
}

/// Builds the shipped programs.
pub fn programs() -> Result<()> {
    let words = ["build", "--release", "-p", "todoke-desktop", "-p", "todoke-cli", "-p", "terminal"];
    must(&mut cargo(&words))?;
    let loader = release().join("WebView2Loader.dll");
    if !loader.is_file() {
        bail!("{} is missing: the window would not start", loader.display());
    }
    Ok(())
}

/// Builds the tests without optimisation and without debug information, which takes the least time.
pub fn tests() -> Result<()> {
    must(&mut cargo(&[&["test", "--no-run"], packages().as_slice()].concat()))
}

/// Makes the command that runs the tests with `runner` in front of each.
pub fn run_tests(runner: &str) -> Command {
    let mut command = cargo(&[&["test", "--no-fail-fast"], packages().as_slice()].concat());
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
