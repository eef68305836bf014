//! The relay: takes claim files from care offices, keeps them until a terminal transmits them to 国保連, and hands the
//! offices the states and notice files that come back.
//!
//! | Module | Knows |
//! |---|---|
//! | [`http`] | routes, refusals and their status codes, OpenAPI |
//! | [`session`] | who may act, for which offices: the only maker of [`session::Scope`] |
//! | [`submission`], [`document`] | what a client may do |
//! | [`application`] | what an applicant may do, before and after there is an account |
//! | [`terminal`] | what a transmitting terminal may do |
//! | [`events`] | telling clients that something changed |
//! | [`storage`] | SQL, and nobody else does |
//! | [`objects`] | where contents lie, and that they are durable |
//! | [`admin`] | what the operator does with corporations, offices and IDs |
//! | `attend` | what goes on beside answering: news, windows that close, the demonstration's terminal |
//! | [`backup`] | copies taken while it serves, and their proof |
//! | [`desk`], [`papers`] | what the operator does with applications, certificates and fees, and hands out |
//! | [`release`] | newer versions of the program, signed by the operator |
//! | [`demo`] | the demonstration: a sample corporation and a simulated 国保連 in the place of a terminal |
//!
//! Time is an argument: everything asks the [`Clock`] that `main` or a test hands in.

pub mod admin;
pub mod application;
mod attend;
pub mod backup;
pub mod clock;
pub mod demo;
pub mod desk;
pub mod document;
pub mod events;
mod failure;
pub mod http;
mod inspection;
pub mod objects;
pub mod papers;
mod password;
mod profile;
pub mod release;
mod second_factor;
mod serve;
pub mod session;
pub mod storage;
pub mod submission;
pub mod terminal;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use clock::Clock;
pub use failure::Failure;
pub use objects::Bucket;
pub use serve::{Certificate, ServeError, Tls, serve};
pub use storage::Database;

use demo::Demo;
use events::Events;
use objects::Objects;
use password::Hasher;
use session::Limits;
use storage::Storage;

/// Large contents that are checked at the same time.
const LARGE_CHECKS: usize = 2;

/// Where a relay keeps everything.
#[derive(Debug, Clone)]
pub enum Place {
    /// SQLite and files in a folder, made when missing: a relay that serves alone.
    Folder(PathBuf),
    /// PostgreSQL and an S3-compatible bucket: relays that serve the same corporations together.
    Shared(Database, Bucket),
}

/// What a relay is opened with.
#[derive(Clone)]
pub struct Config {
    /// Where everything is kept.
    pub place: Place,
    /// Time.
    pub clock: Clock,
    /// Requests that one credential may make.
    pub rate: Rate,
}

impl Config {
    /// Returns the configuration of a relay that keeps its data in the folder `data`.
    pub fn new(data: impl Into<PathBuf>, clock: Clock) -> Self {
        Self::at(Place::Folder(data.into()), clock)
    }

    /// Returns the configuration of a relay that keeps its data at `place`.
    pub fn at(place: Place, clock: Clock) -> Self {
        Self { place, clock, rate: Rate::default() }
    }
}

/// Requests that one credential may make.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Requests per second in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once after a quiet time.
    pub burst: NonZeroU32,
}

impl Default for Rate {
    /// Lets a 法人用ID with 1,000 offices send all its files in one go (two requests each) and stops a client gone wild.
    fn default() -> Self {
        let per_second = NonZeroU32::new(200).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(6_000).unwrap_or(NonZeroU32::MIN);
        Self { per_second, burst }
    }
}

/// Why a relay could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made or written.
    #[error("cannot use the data folder {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another relay serves from this folder.
    #[error("another relay is serving from {0}")]
    InUse(PathBuf),
    /// The database cannot be opened or upgraded.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The folder of a real relay was opened as a demonstration.
    #[error("this folder holds the data of a real relay; give a demonstration a folder of its own")]
    Real,
    /// The folder of a demonstration was opened as a real relay.
    #[error("this folder holds a demonstration; start it with --demo, or give the real relay a folder of its own")]
    Demonstration,
    /// A demonstration was to be run at a place that relays share.
    #[error("a demonstration runs alone, in a folder of its own")]
    SharedDemonstration,
    /// The sample corporation of a demonstration could not be added.
    #[error("cannot add the sample corporation")]
    Sample(#[source] admin::AdminError),
    /// The history of a demonstration could not be played.
    #[error("cannot play the history of the demonstration; remove its folder and start again")]
    History(#[source] Failure),
    /// The objects cannot be opened.
    #[error(transparent)]
    Objects(#[from] objects::Error),
}

/// An open relay. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Relay {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    storage: Storage,
    objects: Objects,
    hasher: Hasher,
    limits: Limits,
    /// Turns of large contents to be checked.
    checks: tokio::sync::Semaphore,
    demo: Option<Demo>,
    events: Events,
    /// Folder of newer versions of the program; relays that share their storage have none.
    releases: Option<PathBuf>,
    /// Requests answered since the start, by status.
    served: Mutex<BTreeMap<u16, u64>>,
    /// Held for as long as the relay lives; the system lets go of it when the process dies in any way.
    _lock: Option<std::fs::File>,
}

impl Relay {
    /// Opens the relay for serving: makes what is missing, upgrades the database, and removes what a killed upload left.
    ///
    /// # Errors
    ///
    /// Returns [`OpenError::InUse`] when another process serves from the same folder.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let relay = Self::open_as(config, false).await?;
        if relay.storage().simulation().await?.is_some() {
            return Err(OpenError::Demonstration);
        }
        Ok(relay)
    }

    /// Opens the relay for the operator's commands, beside one that may be serving.
    pub async fn open_for_admin(config: Config) -> Result<Self, OpenError> {
        let (storage, objects) = match &config.place {
            Place::Folder(data) => in_folder(data)?,
            Place::Shared(database, bucket) => shared(database, bucket).await?,
        };
        let relay = Self::with(config, storage, objects, None, None);
        if let Some(simulation) = relay.storage().simulation().await? {
            relay.clock().set_business(simulation.now);
        }
        Ok(relay)
    }

    /// Returns whether the data is that of a demonstration.
    ///
    /// # Errors
    ///
    /// Returns what the database said.
    pub async fn is_practice(&self) -> Result<bool, Failure> {
        Ok(self.storage().simulation().await?.is_some())
    }

    async fn open_as(config: Config, demo: bool) -> Result<Self, OpenError> {
        let (storage, objects, demo, lock) = match &config.place {
            Place::Folder(data) => {
                make_folder(data)?;
                let lock = lock(data)?;
                let (storage, objects) = in_folder(data)?;
                objects.sweep()?;
                (storage, objects, demo.then(|| Demo::new(data)), Some(lock))
            }
            Place::Shared(..) if demo => return Err(OpenError::SharedDemonstration),
            Place::Shared(database, bucket) => {
                let (storage, objects) = shared(database, bucket).await?;
                (storage, objects, None, None)
            }
        };
        Ok(Self::with(config, storage, objects, demo, lock))
    }

    fn with(
        config: Config,
        storage: Storage,
        objects: Objects,
        demo: Option<Demo>,
        lock: Option<std::fs::File>,
    ) -> Self {
        let limits = Limits::new(config.rate, &config.clock);
        let releases = match config.place {
            Place::Folder(data) => Some(data.join("releases")),
            Place::Shared(..) => None,
        };
        let inner = Inner {
            clock: config.clock,
            storage,
            objects,
            hasher: Hasher::new(),
            limits,
            checks: tokio::sync::Semaphore::new(LARGE_CHECKS),
            demo,
            events: Events::new(),
            releases,
            served: Mutex::default(),
            _lock: lock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Counts an answered request.
    pub(crate) fn count_answer(&self, status: u16) {
        *self.inner.served.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
    }

    /// Returns the requests answered since the start, by status.
    pub(crate) fn served(&self) -> Vec<(u16, u64)> {
        let served = self.inner.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.iter().map(|(status, count)| (*status, *count)).collect()
    }

    /// Returns whether the database and the contents can be reached.
    pub(crate) async fn is_ready(&self) -> bool {
        self.storage().is_ready().await && self.objects().is_ready().await
    }

    fn releases(&self) -> Option<&Path> {
        self.inner.releases.as_deref()
    }

    fn events(&self) -> &Events {
        &self.inner.events
    }

    /// Returns how many event streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.events().streams()
    }

    fn demo(&self) -> Option<&Demo> {
        self.inner.demo.as_ref()
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    fn hasher(&self) -> &Hasher {
        &self.inner.hasher
    }

    fn checks(&self) -> &tokio::sync::Semaphore {
        &self.inner.checks
    }

    fn limits(&self) -> &Limits {
        &self.inner.limits
    }
}

fn in_folder(data: &Path) -> Result<(Storage, Objects), OpenError> {
    make_folder(data)?;
    Ok((Storage::open(data)?, Objects::open(&data.join("objects"))?))
}

async fn shared(database: &Database, bucket: &Bucket) -> Result<(Storage, Objects), OpenError> {
    Ok((Storage::connect(database).await?, Objects::connect(bucket)?))
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| OpenError::Folder { path: path.to_owned(), source })
}

fn lock(data: &Path) -> Result<std::fs::File, OpenError> {
    let failed = |source| OpenError::Folder { path: data.to_owned(), source };
    let file = std::fs::File::create(data.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(data.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}
