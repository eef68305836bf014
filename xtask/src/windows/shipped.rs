//! The installer as it is handed out: the programs that it leaves on a computer start.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::wine::{Wine, path, seen};
use super::{Choices, build, folder, installer};
use crate::shell::{command, must, root};

/// Packs the shipped programs, installs them under Wine and starts each of them there.
pub fn prove() -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let made = installer::make(&Choices::default(), &build::shipped(), &folder().join("setup"), version)?;

    let wine = Wine::new("prefix-shipped", "高橋 実")?;
    wine.show_no_windows()?;
    wine.run(&made.setup, &["/S"])?;
    let there = wine.home().join("AppData/Local/Programs/Todoke");
    ensure!(!there.join("bcryptprimitives.dll").exists(), "the test-only library was packed");
    ensure!(!there.join(build::TERMINAL).exists(), "an office got the operator's program");

    let shown = wine.run(there.join("todoke.exe"), &["--version"])?.output;
    ensure!(shown.trim() == format!("todoke {version}"), "todoke.exe says {shown:?}");
    let shown = wine.run(&made.terminal, &["--help"])?.output;
    ensure!(shown.contains("todoke-terminal"), "todoke-terminal.exe says {shown:?}");
    let claim = seen(&root().join("tests/fixtures/KK260601.CSV"));
    wine.run(there.join("todoke.exe"), &["check", &claim])?;

    the_window_says_what_it_lacks(&wine, &there.join("todoke-desktop.exe"))?;

    // Last, so that a program that grew hides nothing else.
    made.fits()
}

/// Wine has no WebView2, as a computer may not have: a message of Windows says what to do, and the program ends.
fn the_window_says_what_it_lacks(wine: &Wine, window: &Path) -> Result<()> {
    let reader = folder().join("message.exe");
    let source = root().join("xtask/wine/message.c");
    must(&mut command("x86_64-w64-mingw32-gcc", &["-O2", "-o", path(&reader)?, path(&source)?]))?;
    let mut opened = wine.command(window);
    let mut opened = opened.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let message = wine.run(&reader, &[])?.output;
    for part in ["とどけ", "WebView2 ランタイム", "パソコンの管理者に", "これまでの記録は消えていません"]
    {
        ensure!(message.contains(part), "the message lacks {part}: {message}");
    }
    let code = opened.wait()?.code();
    ensure!(code == Some(1), "the window ended with {code:?} after its message");

    // The installer asks a window to end in this way; a message would stop it.
    wine.run(window, &["--quit"]).context("asked to end without WebView2").map(drop)
}
