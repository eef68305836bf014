//! `todoke-relay`: the relay server and its operator's commands. The only place that reads the clock and waits.

mod operator;
mod place;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use clap::{Args, Parser, Subcommand};
use relay::{Certificate, Clock, Config, Relay, Tls};
use tokio::time::MissedTickBehavior;

/// The relay of とどけ: takes claim files of care offices and hands out states and notice files.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until SIGTERM or ctrl-c. Prints `listening on <address>` when ready.
    Serve(Serve),
    /// Does the operator's work; also while the relay serves from the same folder.
    Admin(operator::Admin),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    place: place::PlaceOptions,
    /// Address and port; port 0 takes a free one. Anything but a loopback address needs a certificate.
    #[arg(long, default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Loopback address for figures of monitoring（Prometheus）, `/metrics`; none without it.
    #[arg(long)]
    metrics: Option<SocketAddr>,
    /// Runs a demonstration: a sample corporation, a clock that can be moved, a simulated 国保連. Nothing is ever billed.
    #[arg(long)]
    demo: bool,
    /// Months of claims and notices that the sample corporation has behind it when a demonstration begins.
    #[arg(long, default_value_t = 0, requires = "demo", value_parser = clap::value_parser!(u32).range(0..=36))]
    history: u32,
    /// Writes the log as JSON.
    #[arg(long)]
    log_json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(options) => serve(options).await,
        Command::Admin(options) => operator::run(options, clock()).await,
    }
}

fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "main hands the real time to everything else")]
    Clock::new(chrono::Utc::now)
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    start_log(options.log_json);
    let tls = options.tls_cert.zip(options.tls_key).map(|(certificate, key)| Tls { certificate, key });
    let tls = tls.map(Certificate::load).transpose()?;
    let config = Config::at(options.place.place()?, clock());
    let relay =
        if options.demo { Relay::open_demo(config, options.history).await? } else { Relay::open(config).await? };

    let listener = TcpListener::bind(options.listen).with_context(|| format!("cannot bind {}", options.listen))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr()?);
    let letter = if options.demo { Some(relay.write_demo_letter(&address).await?) } else { None };

    let handle = Handle::new();
    let mut server = tokio::spawn({
        let (router, handle, tls) = (relay::http::router(relay.clone()), handle.clone(), tls.clone());
        async move { relay::serve(listener, tls.as_ref(), router, handle).await }
    });
    let failed = tokio::select! {
        ended = &mut server => Some(ended),
        _ = handle.listening() => None,
    };
    if let Some(ended) = failed {
        return Ok(ended??);
    }
    let stop = asked_to_stop()?;
    // Whoever started the relay may have stopped reading; that is no reason to stop serving.
    let mut out = std::io::stdout();
    let _ = writeln!(out, "listening on {address}");
    let _ = letter.map(|letter| writeln!(out, "\n{letter}"));
    let _ = out.flush();

    if let Some(address) = options.metrics {
        anyhow::ensure!(address.ip().is_loopback(), "--metrics takes a loopback address only: {address}");
        let listener = TcpListener::bind(address).with_context(|| format!("cannot bind {address}"))?;
        let router = relay::http::metrics_router(relay.clone());
        // Ends with the process: nothing is lost when a question for figures is cut.
        tokio::spawn(async move { relay::serve(listener, None, router, Handle::new()).await });
    }
    if let Some(tls) = tls {
        tokio::spawn(renew(tls, Hangup::listen()?));
    }
    let attending = tokio::spawn(relay.clone().attend());
    tokio::select! {
        ended = &mut server => ended??,
        () = stop => {
            tracing::info!("Stopping");
            relay.end_streams();
            handle.graceful_shutdown(Some(Duration::from_secs(10)));
            server.await??;
        }
    }
    attending.abort();
    if options.demo {
        relay.keep_demo_time().await?;
    }
    Ok(())
}

/// Takes a renewed certificate into use: at once on SIGHUP, else within a minute after the files were replaced.
async fn renew(tls: Certificate, mut asked: Hangup) {
    let mut looks = tokio::time::interval(Duration::from_mins(1));
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut known = tls.written();
    loop {
        let is_asked = tokio::select! {
            () = asked.next() => true,
            _ = looks.tick() => false,
        };
        let found = tls.written();
        if !is_asked && (found.is_none() || found == known) {
            continue;
        }
        known = found;
        match tls.reload() {
            Ok(()) => tracing::info!("The certificate was read anew"),
            Err(error) => tracing::error!(%error, "The certificate cannot be used; the one before stays in use"),
        }
    }
}

/// SIGHUP, from the moment of `listen` on. Windows knows none.
struct Hangup {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Hangup {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        self.signal.recv().await;
        #[cfg(windows)]
        std::future::pending::<()>().await;
    }
}

/// Returns a future that ends with SIGTERM or ctrl-c. It listens from now on, not only once it is awaited.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
        })
    }
    #[cfg(windows)]
    {
        let mut interrupted = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupted.recv().await;
        })
    }
}

fn start_log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.init();
    }
}
