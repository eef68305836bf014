//! One function per thing a person can do. The window and the terminal call these and decide nothing themselves.
//!
//! Time is an argument ([`Clock`]), secrets go through [`Secrets`], and the relay is reached over HTTP alone, so that tests
//! drive everything here without a window.

mod areas;
mod balances;
mod bank;
mod board;
mod books;
pub mod choices;
mod clock;
mod decisions;
mod desk;
mod difference;
mod disc;
mod enquiry;
mod events;
pub mod everyday;
mod exports;
mod files;
mod finding_papers;
mod forms;
mod import;
mod inspect;
mod network;
mod notices;
pub mod onboarding;
mod originals;
mod outbox;
mod papers;
pub mod places;
pub mod problem;
mod recovery;
mod relay_client;
mod rescue;
mod review;
mod second_factor;
mod secrets;
mod session;
mod setting;
mod sheet;
pub mod support;
mod sync;
mod tick;
mod tracker;
pub mod update;
pub mod views;
mod withdrawal;
pub mod work;
mod worklist;
mod worksheets;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};
use store::{Key, OpenError, Store, StoreError};
use tokio::sync::broadcast;

pub use clock::Clock;
pub use difference::compare_paths;
pub use enquiry::Enquiry;
pub use files::{by_person, check_paths};
pub use finding_papers::headline;
pub use inspect::{Inspected, InspectedRow, inspect_path};
pub use kokuho::NamedItem;
pub use problem::{Code, Problem};
pub use recovery::restore_key;
pub use relay_client::{RelayClient, RelayError};
pub use secrets::{KeyFile, Keychain, Secret, SecretStore, Secrets};
pub use tick::{TICK, Waiting};
pub use worklist::{TABS, return_id};

use session::Signed;
use views::{ConnectionState, ConnectionView, DemoView};

/// What the program needs to start.
#[derive(Clone)]
pub struct Config {
    /// Folder of the database.
    pub data: PathBuf,
    /// Folder for receipts and other papers, made when missing.
    pub documents: PathBuf,
    /// Address of the relay to begin with; a later sign-in replaces it.
    pub relay: Option<String>,
    /// Source of the present time.
    pub clock: Clock,
    /// Place for secrets.
    pub secrets: Secrets,
}

/// Something on a screen may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What the frame shows.
    Frame,
    /// The outbox and what became of what was sent.
    Submissions,
    /// Notices.
    Notices,
    /// The tracker and the balance.
    Returns,
    /// How far an import is.
    Import,
    /// How far the check of files has come.
    Checking,
    /// The wizard of 利用開始.
    Onboarding,
    /// Files in the watched folder, or that it is away.
    Found,
}

/// The program without its window. Cheap to clone; all clones are one program.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    store: Store,
    /// The books as last settled.
    books: Mutex<Option<books::Kept>>,
    /// The import that runs.
    importing: Mutex<Option<work::ImportProgressView>>,
    /// The worklist as last filtered and sorted.
    listed: Mutex<Option<worklist::Listed>>,
    /// The balances as last asked for.
    balances: Mutex<Option<Arc<balances::OnHand>>>,
    relay: Mutex<Option<RelayClient>>,
    network: Mutex<network::Network>,
    watch: Mutex<everyday::watch::Watch>,
    update: Mutex<update::Known>,
    signed: tokio::sync::Mutex<Option<Signed>>,
    line: Mutex<Line>,
    pumping: tokio::sync::Mutex<()>,
    desk: desk::Desk,
    /// How often the onboarding was read since the start.
    onboarding_read: AtomicU32,
    changed: broadcast::Sender<Topic>,
}

/// What is known of the line to the relay.
#[derive(Clone)]
struct Line {
    connection: ConnectionView,
    /// The demonstration; without milestones until the relay has told them.
    demo: Option<DemoView>,
    /// Time of a demonstration minus time of this computer.
    offset: TimeDelta,
    /// When each kind of question was last asked, in the time of this computer.
    asked: tick::Asked,
    /// How far this computer's clock is ahead of a real relay's, when that is too far.
    clock_ahead: Option<TimeDelta>,
}

impl App {
    /// Opens the office's database with the key in the keychain; makes both on the first start.
    ///
    /// # Errors
    ///
    /// Keychain and database problems, each with its own code. Nothing is changed by a failure, so trying again is safe.
    pub async fn open(config: Config) -> Result<Self, Problem> {
        std::fs::create_dir_all(&config.data).map_err(disk)?;
        let key = database_key(&config).await?;
        let (data, now) = (config.data.clone(), config.clock.now());
        let (store, offset, demo, address) = blocking(move || {
            let store = Store::open(&data, &key, now).map_err(of_open)?;
            let offset = store.setting(setting::CLOCK_OFFSET).map_err(of_store)?;
            let demo = store.setting(setting::DEMO).map_err(of_store)?;
            let address = store.setting(setting::RELAY).map_err(of_store)?;
            Ok((store, offset, demo, address))
        })
        .await?;
        let offset = offset.and_then(|text| text.parse().ok()).and_then(TimeDelta::try_seconds).unwrap_or_default();
        let demo = demo.map(|_| DemoView { now: tick::rfc3339(now + offset), milestones: Vec::new() });
        let address = address.or_else(|| config.relay.clone());
        let network = network::Network::of(&config, &store).await?;
        let relay = address.as_deref().map(|address| RelayClient::new(address, &network)).transpose()?;
        let connection =
            ConnectionView { state: ConnectionState::Unknown, last_answer: None, last_contact: None, problem: None };
        let (changed, _) = broadcast::channel(64);
        let app = Self(Arc::new(Inner {
            config,
            store,
            books: Mutex::new(None),
            importing: Mutex::new(None),
            listed: Mutex::new(None),
            balances: Mutex::new(None),
            relay: Mutex::new(relay),
            network: Mutex::new(network),
            watch: Mutex::default(),
            update: Mutex::default(),
            signed: tokio::sync::Mutex::new(None),
            line: Mutex::new(Line { connection, demo, offset, asked: tick::Asked::default(), clock_ahead: None }),
            pumping: tokio::sync::Mutex::new(()),
            desk: desk::Desk::default(),
            onboarding_read: AtomicU32::new(0),
            changed,
        }));
        app.recover_unclear().await?;
        Ok(app)
    }

    /// Returns whether there is a database at the place that `config` names. Nothing is opened or made.
    pub fn has_records(config: &Config) -> bool {
        Store::exists(&config.data)
    }

    /// Returns a receiver of what changes.
    pub fn changes(&self) -> broadcast::Receiver<Topic> {
        self.0.changed.subscribe()
    }

    /// Returns the present time in Japan; in a demonstration, its time, unless a person has said what time it is.
    pub fn now(&self) -> NaiveDateTime {
        let clock = &self.0.config.clock;
        if clock.stands() { clock.now() } else { clock.now() + self.line().offset }
    }

    /// Returns the folder for papers.
    pub fn documents(&self) -> &Path {
        &self.0.config.documents
    }

    fn announce_change(&self, topic: Topic) {
        // Nobody listening is fine: a terminal command has no screen.
        drop(self.0.changed.send(topic));
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn relay(&self) -> Result<RelayClient, Problem> {
        self.0.relay.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| Code::NoRelay.into())
    }

    /// Runs `work` on the database, off the async threads.
    async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let inner = Arc::clone(&self.0);
        blocking(move || work(&inner.store).map_err(of_store)).await
    }
}

/// Runs blocking work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(cause = %error, "Blocking work ended early");
        Err(Code::Internal.into())
    })
}

/// Writes an amount with separators: `121,254`.
pub fn yen_text(amount: i64) -> String {
    kokuho::Yen(amount).to_string()
}

/// Returns the key of the database in `config.data`, made on the first start.
async fn database_key(config: &Config) -> Result<Key, Problem> {
    let name = key_name(&config.data)?;
    if let Some(secret) = config.secrets.read(&name).await? {
        return Key::parse(&secret).map_err(|_| Code::WrongKey.into());
    }
    if Store::exists(&config.data) {
        return Err(Code::KeyMissing.into());
    }
    let key = Key::from_bytes(rand::random());
    config.secrets.write(&name, &key.to_hex()).await?;
    Ok(key)
}

/// Returns the keychain name of the key for the database in `data`. The folder carries an id of its own, so that a moved
/// folder keeps its key and two folders never share one.
fn key_name(data: &Path) -> Result<String, Problem> {
    let path = data.join("id");
    let id = match std::fs::read_to_string(&path) {
        Ok(id) if !id.trim().is_empty() => id.trim().to_owned(),
        Ok(_) => return Err(Code::DatabaseDamaged.into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let id = hex::encode(rand::random::<[u8; 8]>());
            std::fs::write(&path, &id).map_err(disk)?;
            id
        }
        Err(error) => return Err(disk(error)),
    };
    Ok(format!("database:{id}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn disk(error: std::io::Error) -> Problem {
    tracing::warn!(cause = %error, "The disk refused");
    Code::DiskFailed.into()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn of_store(error: StoreError) -> Problem {
    tracing::warn!(cause = %error, source = ?std::error::Error::source(&error), "The database refused");
    match error {
        StoreError::Busy => Code::DatabaseBusy.into(),
        StoreError::DiskFull | StoreError::Io(_) => Code::DiskFailed.into(),
        StoreError::Corrupt(_) => Code::DatabaseDamaged.into(),
        StoreError::Unknown(_) => Code::UnknownSubmission.into(),
        StoreError::WrongState { .. } | StoreError::Database(_) => Code::Internal.into(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn of_open(error: OpenError) -> Problem {
    tracing::error!(cause = %error, source = ?std::error::Error::source(&error), "The database cannot be opened");
    match error {
        OpenError::WrongKey => Code::WrongKey.into(),
        OpenError::NotADatabase { .. } | OpenError::Missing { .. } | OpenError::Corrupt { .. } => {
            Code::DatabaseDamaged.into()
        }
        OpenError::TooNew { .. } => Code::DatabaseTooNew.into(),
        OpenError::Locked => Code::DatabaseBusy.into(),
        OpenError::CopyFailed { .. } | OpenError::MigrationFailed { .. } => Code::UpgradeFailed.into(),
        OpenError::Io(_) => Code::DiskFailed.into(),
        OpenError::NoEncryption | OpenError::Database(_) => Code::Internal.into(),
    }
}
