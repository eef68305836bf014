//! `todoke-relay`: the relay server and its operator's commands. The only place that reads the clock and waits.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use clap::{Args, Parser, Subcommand};
use relay::{Clock, Config, Relay, Tls};
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
    Admin(Admin),
}

#[derive(Args)]
struct Serve {
    /// Folder of the database and all contents.
    #[arg(long)]
    data: PathBuf,
    /// Address and port; port 0 takes a free one. Anything but a loopback address needs a certificate.
    #[arg(long, default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Runs a demonstration: a sample corporation, a clock that can be moved, a simulated 国保連. Nothing is ever billed.
    #[arg(long)]
    demo: bool,
    /// Writes the log as JSON.
    #[arg(long)]
    log_json: bool,
}

#[derive(Args)]
struct Admin {
    /// Folder of the database and all contents.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Corporations（法人）.
    #[command(subcommand)]
    Corporation(CorporationCommand),
    /// Offices（事業所）.
    #[command(subcommand)]
    Office(OfficeCommand),
    /// IDs（法人用ID・事業所用ID）.
    #[command(subcommand)]
    Login(LoginCommand),
    /// Prints the letter of an ID again, without its password.
    Letter(LoginName),
}

#[derive(Subcommand)]
enum CorporationCommand {
    /// Adds a corporation.
    Add {
        /// 法人番号 of the contract.
        #[arg(long)]
        number: String,
        /// 法人名.
        #[arg(long)]
        name: String,
    },
    /// Lists corporations, their offices and IDs.
    List,
}

#[derive(Subcommand)]
enum OfficeCommand {
    /// Adds an office.
    Add {
        /// 法人番号 of the contract.
        #[arg(long)]
        corporation: String,
        /// 事業所番号.
        #[arg(long)]
        number: String,
        /// 事業所名.
        #[arg(long)]
        name: String,
    },
}

#[derive(Subcommand)]
enum LoginCommand {
    /// Adds an ID and prints its letter with a temporary password.
    Add {
        #[command(flatten)]
        name: LoginName,
        /// 事業所番号, for a 事業所用ID; without it the 法人用ID.
        #[arg(long)]
        office: Option<String>,
    },
    /// Gives an ID a new temporary password and prints its letter. Ends its sessions and its lock-out.
    Reset(LoginName),
    /// Lists all IDs.
    List,
}

#[derive(Args)]
struct LoginName {
    /// 法人番号 of the contract.
    #[arg(long)]
    corporation: String,
    /// The ID: 4 to 32 small letters, digits and hyphens.
    #[arg(long)]
    id: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(options) => serve(options).await,
        Command::Admin(options) => admin(options).await,
    }
}

fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "main hands the real time to everything else")]
    Clock::new(chrono::Utc::now)
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    start_log(options.log_json);
    let tls = options.tls_cert.zip(options.tls_key).map(|(certificate, key)| Tls { certificate, key });
    let config = Config::new(options.data, clock());
    let relay = if options.demo { Relay::open_demo(config).await? } else { Relay::open(config).await? };

    let listener = TcpListener::bind(options.listen).with_context(|| format!("cannot bind {}", options.listen))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr()?);
    let letter = if options.demo { Some(relay.write_demo_letter(&address).await?) } else { None };

    let handle = Handle::new();
    let mut server = tokio::spawn({
        let (router, handle) = (relay::http::router(relay.clone()), handle.clone());
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

    let driver = options.demo.then(|| tokio::spawn(drive(relay.clone())));
    tokio::select! {
        ended = &mut server => ended??,
        () = stop => {
            tracing::info!("Stopping");
            handle.graceful_shutdown(Some(Duration::from_secs(10)));
            server.await??;
        }
    }
    if let Some(driver) = driver {
        driver.abort();
        relay.keep_demo_time().await?;
    }
    Ok(())
}

/// Plays the terminal of a demonstration, about five times a second.
async fn drive(relay: Relay) {
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut was_failing = false;
    loop {
        ticks.tick().await;
        let step = relay.step_demo().await;
        // Say it once, not five times a second.
        if let (Err(failure), false) = (&step, was_failing) {
            tracing::error!(%failure, cause = ?std::error::Error::source(failure), "The demonstration's terminal fails");
        }
        was_failing = step.is_err();
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

async fn admin(options: Admin) -> anyhow::Result<()> {
    // clap cannot require an option that may stand after the command.
    let data = options.data.context("--data is missing: the folder of the relay")?;
    let relay = Relay::open_for_admin(Config::new(data, clock()))?;
    let mut out = std::io::stdout().lock();
    match options.command {
        AdminCommand::Corporation(CorporationCommand::Add { number, name }) => {
            relay.add_corporation(&number, &name).await?;
            writeln!(out, "法人を登録しました：{number} {name}")?;
        }
        AdminCommand::Corporation(CorporationCommand::List) => {
            for corporation in relay.corporations().await? {
                writeln!(out, "{}\t{}", corporation.number, corporation.name)?;
                for office in corporation.offices {
                    writeln!(out, "\t事業所\t{}\t{}", office.number, office.name)?;
                }
                for (id, office, temporary) in corporation.logins {
                    writeln!(out, "\tID\t{}", login_line(&id, office.as_deref(), temporary))?;
                }
            }
        }
        AdminCommand::Office(OfficeCommand::Add { corporation, number, name }) => {
            relay.add_office(&corporation, &number, &name).await?;
            writeln!(out, "事業所を登録しました：{number} {name}")?;
        }
        AdminCommand::Login(LoginCommand::Add { name, office }) => {
            let letter = relay.add_login(&name.corporation, &name.id, office.as_deref(), None).await?;
            write!(out, "{}", letter.text())?;
        }
        AdminCommand::Login(LoginCommand::Reset(name)) => {
            write!(out, "{}", relay.reset_login(&name.corporation, &name.id).await?.text())?;
        }
        AdminCommand::Login(LoginCommand::List) => {
            for corporation in relay.corporations().await? {
                for (id, office, temporary) in corporation.logins {
                    writeln!(out, "{}\t{}", corporation.number, login_line(&id, office.as_deref(), temporary))?;
                }
            }
        }
        AdminCommand::Letter(name) => {
            write!(out, "{}", relay.letter(&name.corporation, &name.id).await?.text())?;
        }
    }
    Ok(())
}

fn login_line(id: &str, office: Option<&str>, temporary: bool) -> String {
    let kind = office.map_or("法人用ID".to_owned(), |number| format!("事業所用ID（{number}）"));
    let state = if temporary { "仮パスワード" } else { "パスワード変更済み" };
    format!("{id}\t{kind}\t{state}")
}
