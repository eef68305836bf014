//! Practice mode（練習モード）: a clerk plays a month of claiming in minutes, and nothing of it is real.
//!
//! A relay with a simulated 国保連 runs inside the program, on a port of this computer, and an [`App`] of its own is signed
//! in to it. Nothing real can be touched: the database lies in a folder of its own, which is emptied before and after;
//! secrets are kept in memory, so that the keychain is not even opened; and the address of the real relay is not known here.

mod memory;

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::{App, Problem, Secrets};
use axum_server::Handle;
use chrono::{DateTime, TimeDelta, Utc};
use relay::{OpenError, Relay, ServeError, demo};
use tokio::task::JoinHandle;

use memory::Memory;

/// Months that the sample offices have claimed before the practice begins: enough for returns, balances and payments to look
/// at.
const HISTORY: u32 = 6;
/// The password after the first sign-in, for who signs out in the middle of it.
const PASSWORD: &str = "renshu-2026-renshu";
/// How long requests under way may take when the practice ends.
const GRACE: Duration = Duration::from_secs(1);

/// Where a practice may write.
#[derive(Debug, Clone)]
pub struct Places {
    /// The data folder of the program; the practice takes a folder inside it.
    pub data: PathBuf,
    /// The folder for papers; those of the practice go into a folder inside it and stay.
    pub documents: PathBuf,
}

impl Places {
    /// The folder that a practice makes, empties and removes.
    fn folder(&self) -> PathBuf {
        self.data.join("practice")
    }
}

/// Returns how the program that practises is opened, on the relay at `address`. Its secrets live as long as this value and its
/// clones.
pub fn config(
    places: &Places,
    now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    address: Option<String>,
) -> app::Config {
    app::Config {
        data: places.folder().join("office"),
        documents: places.documents.join("練習"),
        relay: address,
        clock: app::Clock::new(move || now().naive_utc() + TimeDelta::hours(9)),
        secrets: Secrets::new(Memory::default()),
    }
}

/// Why a practice did not begin.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// Another one runs on this computer.
    #[error("a practice is running already")]
    Running,
    /// The disk refused.
    #[error("the folder of the practice cannot be used")]
    Folder(#[from] io::Error),
    /// The relay of the practice cannot be opened.
    #[error("the relay of the practice cannot be opened")]
    Open(#[from] OpenError),
    /// The relay of the practice cannot listen.
    #[error("the relay of the practice cannot listen")]
    Serve(#[from] ServeError),
    /// The program could not be opened on the relay of the practice.
    #[error("the program cannot use the relay of the practice: {}", .0.code.as_str())]
    App(Problem),
}

/// A claim file to practise with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// What it is, in a line of Japanese.
    pub about: &'static str,
}

/// How to sign in again after signing out in the middle of a practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// 法人番号.
    pub corporation_number: &'static str,
    /// ID.
    pub login_id: &'static str,
    /// Password.
    pub password: &'static str,
}

/// A practice under way. [`Practice::end`] ends it; dropping it stops its relay as well, and leaves its folder to the next one.
pub struct Practice {
    app: App,
    config: app::Config,
    files: Vec<File>,
    folder: PathBuf,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<Result<(), ServeError>>,
    attending: JoinHandle<()>,
    /// Held while the practice runs; the system lets go of it when the process dies in any way.
    _lock: fs::File,
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.handle.shutdown();
        self.attending.abort();
        self.serving.abort();
    }
}

impl Practice {
    /// Begins anew, whatever an earlier practice left behind. `now` tells the real time; the practice's own begins on
    /// 2026-06-05 and is moved by the person who practises.
    ///
    /// # Errors
    ///
    /// Returns [`PracticeError::Running`] while another one runs on the same data folder.
    pub async fn begin(
        places: &Places,
        now: impl Fn() -> DateTime<Utc> + Clone + Send + Sync + 'static,
    ) -> Result<Self, PracticeError> {
        let folder = places.folder();
        fs::create_dir_all(&places.data)?;
        let lock = lock(&places.data.join("practice.lock"))?;
        empty(&folder)?;

        let clock = relay::Clock::new(now.clone());
        let relay = Relay::open_demo(relay::Config::new(folder.join("relay"), clock), HISTORY).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = format!("http://{}", listener.local_addr()?);
        let handle = Handle::new();
        let serving = tokio::spawn({
            let (router, handle) = (relay::http::router(relay.clone()), handle.clone());
            async move { relay::serve(listener, None, router, handle).await }
        });
        let attending = tokio::spawn(relay.attend());

        let config = config(places, now, Some(address));
        let app = signed_in(config.clone()).await.map_err(PracticeError::App)?;
        let files = write_files(&folder.join("files"))?;
        Ok(Self { app, config, files, folder, handle, serving, attending, _lock: lock })
    }

    /// Returns the program that practises.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Returns how the program that practises was opened.
    pub fn config(&self) -> &app::Config {
        &self.config
    }

    /// Returns the claim files to practise with, in the order in which they are to be sent.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns how to sign in again.
    pub fn credentials() -> Credentials {
        Credentials { corporation_number: demo::CORPORATION, login_id: demo::LOGIN_ID, password: PASSWORD }
    }

    /// Ends the practice and removes all that it wrote, but for papers. What the system still holds fast, the next practice
    /// removes.
    pub async fn end(mut self) {
        self.attending.abort();
        self.handle.graceful_shutdown(Some(GRACE));
        if let Err(error) = (&mut self.serving).await {
            tracing::warn!(cause = %error, "The relay of the practice ended badly");
        }
        if let Err(error) = empty(&self.folder) {
            tracing::info!(cause = %error, "The folder of the practice is left to the next one");
        }
    }
}

/// Opens the program and signs it in, with the temporary password changed: the practice is about claims.
async fn signed_in(config: app::Config) -> Result<App, Problem> {
    let app = App::open(config).await?;
    app.log_in(demo::CORPORATION, demo::LOGIN_ID, demo::PASSWORD, None).await?;
    app.change_password(PASSWORD).await?;
    app.tick().await?;
    Ok(app)
}

fn write_files(folder: &Path) -> io::Result<Vec<File>> {
    fs::create_dir_all(folder)?;
    let files = demo::sample_files().into_iter().map(|file| {
        let path = folder.join(&file.name);
        fs::write(&path, file.content)?;
        Ok(File { path, name: file.name, about: file.about })
    });
    files.collect()
}

fn lock(path: &Path) -> Result<fs::File, PracticeError> {
    let file = fs::File::create(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(PracticeError::Running),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Removes the folder with all that is in it. Only a folder called `practice` is ever removed.
fn empty(folder: &Path) -> io::Result<()> {
    debug_assert!(folder.ends_with("practice"));
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
