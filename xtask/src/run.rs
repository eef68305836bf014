//! Starts the relay with its demonstration and the window on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{cargo, must, npm, output, root, target};

/// Where the demonstration's relay listens when the port is free: the same every time, so that a session survives.
const PORT: u16 = 47_318;

/// Builds everything and opens the window; returns when it was closed.
pub fn run() -> Result<bool> {
    setup::setup()?;
    must(&mut npm(&["run", "build"]))?;
    // The same selection as `cargo xtask test`, so that both share what was compiled.
    must(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    let display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if display { window() } else { tour() }
}

fn window() -> Result<bool> {
    let demo = root().join("target/demo");
    let relay = Relay::start(&demo.join("relay"))?;
    let documents = demo.join("documents");
    fs::create_dir_all(&documents)?;
    eprintln!("\n中継サーバー（練習用）: {}\n", relay.url);
    eprintln!(
        "{}",
        fs::read_to_string(demo.join("relay/demo-letter.txt")).context("reading the demonstration letter")?
    );
    eprintln!("練習のデータ: {} （消すと最初からやり直せます）", demo.display());
    let status = Command::new(target().join("debug/todoke-desktop"))
        .env("TODOKE_DATA", demo.join("office"))
        .env("TODOKE_RELAY", &relay.url)
        .env("TODOKE_DOCUMENTS", documents)
        .status()
        .context("starting the window")?;
    Ok(status.success())
}

fn tour() -> Result<bool> {
    let pictures = root().join("target/tour");
    eprintln!("There is no display: walking the main job through the real window on one of its own.");
    must(Command::new(target().join("debug/tour")).arg(&pictures))?;
    eprintln!("\nPictures of every step are in {}.", pictures.display());
    Ok(true)
}

/// The demonstration's relay; stopped when dropped.
pub struct Relay {
    process: Child,
    url: String,
}

impl Relay {
    /// Starts the relay of the debug build with its data in `data`.
    pub fn start(data: &Path) -> Result<Self> {
        fs::create_dir_all(data)?;
        let port = if TcpListener::bind(("127.0.0.1", PORT)).is_ok() { PORT } else { 0 };
        let mut process = Command::new(target().join("debug/todoke-relay"))
            .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the relay")?;
        let mut lines = BufReader::new(process.stdout.take().context("the relay's output")?).lines();
        while let Some(line) = lines.next().transpose()? {
            if let Some(url) = line.trim().strip_prefix("listening on ") {
                let url = url.to_owned();
                // The relay must never block on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { process, url });
            }
        }
        bail!("the relay ended before it was ready")
    }

    /// Returns the address that programs of this machine use.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // Asked to end first, so that it closes its database.
        if output("sh", &["-c", &format!("kill -TERM {}", self.process.id())]).is_none() {
            self.process.kill().ok();
        }
        self.process.wait().ok();
    }
}
