//! Finding the built programs, starting them, and ending them with everything that they started.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::wait;

/// Returns the path of a program of this workspace, beside the one that is running.
///
/// # Errors
///
/// Fails when it was not built.
pub fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let mut folder = own.parent().context("a program lies in a folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().context("deps lies in a folder")?;
    }
    let path = folder.join(name);
    ensure!(path.is_file(), "{} is missing: run `cargo build --workspace --all-targets` first", path.display());
    Ok(path)
}

/// Returns the path of a tool on the search path or among cargo's own.
///
/// # Errors
///
/// Fails when it is in neither place.
pub fn tool(name: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let own = cargo.or(home).map(|folder| folder.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(own);
    folders
        .find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
        .with_context(|| format!("{name} is missing: run `cargo xtask setup` first"))
}

/// Makes a command that no proxy of this machine can divert.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A running program, alone in its process group. Dropping it kills the group; so does the end of this process, however
/// it comes.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    guard: Guard,
    log: PathBuf,
}

impl Program {
    /// Starts `command`; what it says on its standard error goes to `log`.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = File::options().create(true).append(true).open(log)?;
        let child = command.stderr(file).process_group(0).spawn().with_context(|| format!("starting {name}"))?;
        let guard = Guard::over(child.id())?;
        Ok(Self { name, child, guard, log: log.to_owned() })
    }

    /// Starts `command` and waits for a line on its standard output that `find` accepts.
    ///
    /// # Errors
    ///
    /// Fails when it ends or `limit` passes before that; the message carries what it logged.
    pub fn start_until<T: Send + 'static>(
        command: &mut Command,
        log: &Path,
        limit: Duration,
        find: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> Result<(Self, T)> {
        let mut program = Self::start(command.stdout(Stdio::piped()), log)?;
        let output = program.child.stdout.take().context("the standard output was piped")?;
        let found = first(output, find);
        match found.recv_timeout(limit) {
            Ok(value) => Ok((program, value)),
            Err(_) => bail!("{} did not become ready\n{}", program.name, program.logged()),
        }
    }

    /// Returns the number of the process, which is also that of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns whether the program still runs.
    ///
    /// # Errors
    ///
    /// Fails when the system does not tell.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Kills the program and all that it started, as a power failure would.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        kill_group(self.id());
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until the program ends by itself.
    ///
    /// # Errors
    ///
    /// Fails when it has not ended after `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        wait::until(&what, limit, async || Ok(self.child.try_wait()?)).await
    }

    /// Returns what the program logged so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Its leader may be gone and what it started still be there.
        kill_group(self.id());
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()).and_then(|_| self.guard.dismiss()) {
            eprintln!("{} could not be ended: {error}", self.name);
        }
    }
}

/// A shell that kills a process group when this process ends without saying so: a test that runs out of time is killed
/// and drops nothing.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    fn over(group: u32) -> Result<Self> {
        let script = format!("read word || kill -KILL -{group}");
        let shell = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self(shell))
    }

    fn dismiss(&mut self) -> std::io::Result<()> {
        if let Some(mut input) = self.0.stdin.take() {
            input.write_all(b"done\n")?;
        }
        self.0.wait().map(drop)
    }
}

/// Hands the first accepted line to a channel and keeps reading, so that the program never blocks on a full pipe.
fn first<T: Send + 'static>(
    output: ChildStdout,
    find: impl Fn(&str) -> Option<T> + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(value) = find(&line) {
                drop(sender.send(value));
            }
        }
    });
    receiver
}

/// Kills a whole process group. The shell's own `kill` is on every system.
fn kill_group(group: u32) {
    let script = format!("kill -KILL -{group}");
    drop(Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status());
}
