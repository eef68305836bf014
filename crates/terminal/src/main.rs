//! `todoke-terminal`: stands beside the licensed transmission software. The only place that waits.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use relay_api::terminals::TerminalLogIn;
use terminal::{Line, Terminal};
use tokio::time::MissedTickBehavior;

/// The terminal of とどけ: exchanges files between the relay and the transmission software of 国保連 by a pair of folders.
#[derive(Parser)]
#[command(name = "todoke-terminal", version)]
struct Cli {
    /// Address of the relay, https.
    #[arg(long)]
    relay: String,
    /// Name of the terminal at the relay.
    #[arg(long)]
    id: String,
    /// File with the secret of the terminal on its first line.
    #[arg(long)]
    secret_file: PathBuf,
    /// The folder that is shared with the transmission software; made when missing.
    #[arg(long)]
    folder: PathBuf,
    /// Seconds between two rounds.
    #[arg(long, default_value_t = 10)]
    every: u64,
    /// Does one round and ends; exit status 1 when it could not be finished.
    #[arg(long)]
    once: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let secret = std::fs::read_to_string(&options.secret_file)
        .with_context(|| format!("cannot read {}", options.secret_file.display()))?;
    let client_secret = secret.lines().next().unwrap_or_default().trim().to_owned();
    let line = Line::new(&options.relay, TerminalLogIn { client_id: options.id, client_secret })?;
    let mut terminal = Terminal::open(line, options.folder)?;
    if options.once {
        let round = terminal.round().await?;
        tracing::info!(?round, "Done");
        return Ok(());
    }
    let mut rounds = tokio::time::interval(Duration::from_secs(options.every.max(1)));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_failing = false;
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            stop = tokio::signal::ctrl_c() => return Ok(stop?),
        }
        match terminal.round().await {
            Ok(round) if round == terminal::Round::default() => was_failing = false,
            Ok(round) => {
                was_failing = false;
                tracing::info!(?round, "Exchanged files");
            }
            // Say it once, not every ten seconds.
            Err(error) if !was_failing => {
                was_failing = true;
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "The round was not finished");
            }
            Err(_) => {}
        }
    }
}
