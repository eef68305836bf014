//! Starting other programs from the root of the repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Returns the folder that cargo builds into.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Makes a command that runs in the root of the repository.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// Makes a cargo command: the same cargo that runs this program.
pub fn cargo(args: &[&str]) -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args)
}

/// Makes an npm command in the folder of the user interface.
pub fn npm(args: &[&str]) -> Command {
    let mut command = command("npm", args);
    command.current_dir(root().join("ui"));
    command
}

/// Shows a command, runs it and returns whether it succeeded.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    eprintln!("\n$ {}", words(command));
    Ok(command.status().with_context(|| format!("starting {}", command.get_program().display()))?.success())
}

/// Shows a command and runs it; fails when it fails.
pub fn must(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("`{}` failed", words(command));
    }
    Ok(())
}

/// Runs a command quietly; returns what it printed, or `None` when it is missing or fails.
pub fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = command(program, args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn words(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
