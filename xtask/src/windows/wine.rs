//! A Windows of its own for tests, by Wine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::folder;
use crate::shell::{command, must, root};

/// What a program left when it ended.
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub output: String,
    /// What it complained about.
    pub complaint: String,
}

impl Ended {
    /// Returns all that it said.
    pub fn text(&self) -> String {
        format!("{}{}", self.output, self.complaint)
    }
}

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

    /// Lets programs in the prefix start a tool of this machine by its name.
    pub fn add_tool(&self, name: &str) -> Result<()> {
        let tool = self.drive_c().join("windows/system32").join(format!("{name}.exe"));
        let source = root().join("xtask/wine/native.c");
        must(&mut command("x86_64-w64-mingw32-gcc", &["-O2", "-municode", "-o", path(&tool)?, path(&source)?]))
    }

    /// Lets programs open windows that nobody sees; otherwise Wine refuses them without a display.
    pub fn show_no_windows(&self) -> Result<()> {
        let driver = ["add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f"];
        self.run("reg", &driver).map(drop)
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
    pub fn run(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Result<Ended> {
        let ended = self.end(self.command(&program).args(words), "")?;
        let name = program.as_ref().display();
        ensure!(ended.code == Some(0), "{name} {words:?} ended with {:?}: {}", ended.code, ended.text());
        Ok(ended)
    }

    /// Runs a command of this prefix to its end, however that is, with `input` as its standard input.
    ///
    /// What it says goes to files: whatever it starts（and the services of Wine when it is the first program）would hold a
    /// pipe open and be waited for.
    pub fn end(&self, command: &mut Command, input: &str) -> Result<Ended> {
        let said = ["output", "complaint"].map(|name| self.prefix.join(name));
        let [output, complaint] = said.each_ref().map(|path| -> Result<File> {
            // Not emptied: a program that was left running may still write into the one before.
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
                _ => Ok(File::create_new(path)?),
            }
        });
        let program = command.get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(output?)
            .stderr(complaint?)
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        // Refused only when the program ended without reading, which its answer shows.
        drop(child.stdin.take().context("the standard input was piped")?.write_all(input.as_bytes()));
        let code = child.wait()?.code();
        let [output, complaint] = said.each_ref().map(fs::read);
        Ok(Ended { code, output: decoded(&output?), complaint: decoded(&complaint?) })
    }

    /// Waits until all programs of the prefix have ended.
    pub fn settle(&self) -> Result<()> {
        let mut command = command("wineserver", &["--wait"]);
        self.equip(&mut command);
        must(&mut command)
    }

    /// Returns a value of the registry of the user, `None` when it is not there.
    pub fn registry(&self, key: &str, value: &str) -> Result<Option<String>> {
        let query = self.end(self.command("reg").args(["query", &format!("HKCU\\{key}"), "/v", value]), "")?;
        let found = query.output.lines().find_map(|line| {
            let rest = line.trim().strip_prefix(value)?.trim_start();
            let (_, found) = rest.split_once("    ").or_else(|| rest.split_once('\t'))?;
            Some(found.trim().to_owned())
        });
        Ok(found)
    }

    /// Returns whether the registry of the user has a key.
    pub fn has_key(&self, key: &str) -> Result<bool> {
        let query = self.end(self.command("reg").args(["query", &format!("HKCU\\{key}")]), "")?;
        Ok(query.code == Some(0))
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let mut command = command("wineserver", &["--kill"]);
        self.equip(&mut command);
        drop(command.status());
    }
}

/// Reads what a Windows program printed, without the carriage returns of its lines.
fn decoded(bytes: &[u8]) -> String {
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
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
