//! A PostgreSQL server for one run of tests: on loopback, in a temporary folder, gone afterwards.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell::{must, output};

/// A running server; stopped with the value, and by the system when this program dies.
pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it holds is thrown away; there is nothing to shut down gently for.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// Starts a server on an empty database cluster.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("todoke-postgres-{}", std::process::id()));
        let data = folder.join("data");
        std::fs::create_dir_all(&folder)?;
        give_to_server(&folder)?;
        let mut init = unprivileged(&programs.join("initdb"));
        init.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"]);
        must(init.arg(&data).stdout(Stdio::null()))?;
        // Free now; if somebody takes it in between, the server says so.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = unprivileged(&programs.join("postgres"));
        command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-k", "", "-p", &port.to_string()]);
        command.args(["-c", "max_connections=200"]);
        let log = std::fs::File::create(folder.join("log"))?;
        command.current_dir(&folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = command.spawn().context("starting PostgreSQL")?;
        let mut this = Self { process, folder, port };
        this.wait()?;
        Ok(this)
    }

    /// Returns the address, without a database: `postgres://postgres@127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    fn wait(&mut self) -> Result<()> {
        for _ in 0..100 {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL ended with {status}:\n{log}");
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            pause();
        }
        bail!("PostgreSQL does not answer")
    }
}

/// Debian keeps the programs of each version apart; the newest one is taken.
fn programs() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is not installed; `cargo xtask setup` does it")?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    Ok(versions.pop().context("there is no initdb below /usr/lib/postgresql")?.1)
}

fn is_root() -> bool {
    output("id", &["--user"]).as_deref().map(str::trim) == Some("0")
}

/// The server refuses to run as root; Debian's package brings a user for it.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg(program);
    command
}

fn give_to_server(folder: &Path) -> Result<()> {
    if is_root() { must(Command::new("chown").arg("postgres:postgres").arg(folder)) } else { Ok(()) }
}

#[expect(clippy::disallowed_methods, reason = "waits for another program; an edge of the program")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}
