//! A Windows of its own for tests, by Wine.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use super::folder;
use crate::shell::{command, must, root};

/// A Wine prefix: its own drive C, registry, keychain and Windows user.
pub struct Wine {
    prefix: PathBuf,
    user: String,
}

impl Wine {
    /// Makes the prefix `name` anew, for a Windows user called `user`.
    pub fn new(name: &str, user: &str) -> Result<Self> {
        let prefix = folder().join(name);
        super::emptied(&prefix)?;
        let wine = Self { prefix, user: user.to_owned() };
        wine.run("wineboot", &["--init"])?;
        wine.settle()?;
        wine.add_random_numbers()?;
        Ok(wine)
    }

    /// Puts the test-only library into the prefix that Wine 8 lacks; it lies with the system, never with our programs.
    fn add_random_numbers(&self) -> Result<()> {
        let library = self.drive_c().join("windows/system32/bcryptprimitives.dll");
        if library.exists() {
            return Ok(());
        }
        let source = root().join("xtask/wine/bcryptprimitives.c");
        let words = ["-shared", "-O2", "-o", path(&library)?, path(&source)?, "-ladvapi32"];
        must(&mut command("x86_64-w64-mingw32-gcc", &words))
    }

    /// Returns the folder that is drive C.
    pub fn drive_c(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// Returns the folder of the Windows user.
    pub fn home(&self) -> PathBuf {
        self.drive_c().join("users").join(&self.user)
    }

    /// Makes a command that runs `program`（a path of this machine or a name of Wine's own) in the prefix.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command("wine", &[]);
        command.arg(program);
        self.equip(&mut command);
        command
    }

    /// Sets what every program in the prefix needs.
    pub fn equip(&self, command: &mut Command) {
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEARCH", "win64")
            .env("WINEDEBUG", "-all")
            // Neither menus of this machine nor downloads of Mono and Gecko.
            .env("WINEDLLOVERRIDES", "winemenubuilder.exe=d;mscoree=d;mshtml=d")
            // Names of files are Unicode for Wine only in a locale that says so.
            .env("LC_ALL", "C.UTF-8")
            .env("USER", &self.user)
            .env("LOGNAME", &self.user)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// Runs a program to its end; fails when it fails.
    pub fn run(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Result<Output> {
        let output = self.output(&program, words)?;
        if !output.status.success() {
            bail!(
                "{} {words:?} ended with {}: {}{}",
                program.as_ref().display(),
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(output)
    }

    /// Runs a program to its end, however that is.
    pub fn output(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Result<Output> {
        let program = program.as_ref();
        self.command(program).args(words).output().with_context(|| format!("starting {}", program.display()))
    }

    /// Waits until all programs of the prefix have ended and the registry is on disk.
    pub fn settle(&self) -> Result<()> {
        let mut command = command("wineserver", &["--wait"]);
        self.equip(&mut command);
        must(&mut command)
    }

    /// Returns a value of the registry of the user, `None` when it is not there.
    pub fn registry(&self, key: &str, value: &str) -> Result<Option<String>> {
        let output = self.output("reg", &["query", &format!("HKCU\\{key}"), "/v", value])?;
        let text = decoded(&output.stdout);
        let found = text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix(value)?.trim_start();
            let (_, found) = rest.split_once("    ").or_else(|| rest.split_once('\t'))?;
            Some(found.trim().to_owned())
        });
        Ok(found)
    }

    /// Returns whether the registry of the user has a key.
    pub fn has_key(&self, key: &str) -> Result<bool> {
        Ok(self.output("reg", &["query", &format!("HKCU\\{key}")])?.status.success())
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let mut command = command("wineserver", &["--kill"]);
        self.equip(&mut command);
        drop(command.output());
    }
}

/// Reads what a Windows program printed: UTF-8, or Shift_JIS where a program of Wine's uses the system's code page.
pub fn decoded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\r', "")
}

/// Returns a path as text; ours are all Unicode.
pub fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no Unicode", path.display()))
}

/// Writes a path of this machine as Wine's programs see it.
pub fn seen(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

/// Removes what an earlier run left.
pub fn forget(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
