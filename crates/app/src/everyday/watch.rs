//! The folder into which the care software writes its claim files.
//!
//! It is looked at every few seconds instead of waiting for the system to tell: shared folders of a network often tell
//! nothing. A file counts when it has stayed the same for two looks and can be opened; until then it is half-written.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::problem::{Code, Problem};
use crate::{App, Topic, setting};

/// Largest number of files in the folder that are told apart; a folder with more is not one that a care software fills.
const MOST: usize = 5_000;

/// What the screen shows of the watched folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WatchView {
    /// Full path; `null` when no folder is watched.
    pub folder: Option<String>,
    /// The folder cannot be looked into now: the network or the drive is away.
    pub away: bool,
    /// Files found and not yet laid on the desk.
    pub found: u32,
}

/// Size in bytes and time of the last change in milliseconds: another one means another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark(u64, u64);

/// What one look at the folder saw, by file name.
pub(crate) type Look = BTreeMap<String, Mark>;

/// What is known of the watched folder.
#[derive(Default)]
pub(crate) struct Watch {
    /// The former look; a file is whole when it is in both, unchanged.
    former: HashMap<String, Mark>,
    away: bool,
    found: Vec<String>,
    /// A look that has not come back yet: a network drive can take a minute to fail.
    looking: bool,
}

impl App {
    /// Watches `folder` from now on, `None` no folder. What lies in it already is left alone; new and changed files count.
    ///
    /// # Errors
    ///
    /// [`Code::FolderAway`] when it cannot be read.
    pub async fn watch_folder(&self, folder: Option<&str>) -> Result<WatchView, Problem> {
        let mut preferences = self.preferences().await?;
        preferences.watched_folder = folder.map(str::to_owned);
        if let Some(folder) = folder {
            let folder = PathBuf::from(folder);
            let seen = crate::blocking(move || look(&folder).map_err(|_| Code::FolderAway.into())).await?;
            self.keep_seen(&seen).await?;
        }
        self.keep_preferences(&preferences).await?;
        *self.watch() = Watch::default();
        self.watched().await
    }

    /// Returns what is known of the watched folder.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn watched(&self) -> Result<WatchView, Problem> {
        let folder = self.preferences().await?.watched_folder;
        let watch = self.watch();
        Ok(WatchView { folder, away: watch.away, found: watch.found.len() as u32 })
    }

    /// Hands over the files found since the last call.
    pub fn take_found(&self) -> Vec<String> {
        std::mem::take(&mut self.watch().found)
    }

    /// Looks into the watched folder. Called every few seconds; nothing here waits for the look.
    pub(crate) async fn look_into_folder(&self) -> Result<(), Problem> {
        let Some(folder) = self.preferences().await?.watched_folder else { return Ok(()) };
        if std::mem::replace(&mut self.watch().looking, true) {
            return Ok(());
        }
        let app = self.clone();
        // Not awaited: a tick must not stand still because a network drive does.
        tokio::spawn(async move {
            let path = PathBuf::from(&folder);
            let seen = tokio::task::spawn_blocking(move || look(&path)).await.ok().and_then(Result::ok);
            if let Err(problem) = app.take_look(Path::new(&folder), seen).await {
                tracing::debug!(code = problem.code.as_str(), "The watched folder will be looked at again");
            }
            app.watch().looking = false;
        });
        Ok(())
    }

    /// Takes in what a look saw; `None` when the folder is away.
    pub(crate) async fn take_look(&self, folder: &Path, look: Option<Look>) -> Result<(), Problem> {
        let Some(look) = look else {
            if !std::mem::replace(&mut self.watch().away, true) {
                self.announce_change(Topic::Found);
            }
            return Ok(());
        };
        let seen = self.seen().await?;
        let whole: Vec<String> = {
            let mut watch = self.watch();
            let whole = look
                .iter()
                .filter(|(name, mark)| watch.former.get(*name) == Some(mark) && seen.get(*name) != Some(mark))
                .map(|(name, _)| name.clone())
                .filter(|name| std::fs::File::open(folder.join(name)).is_ok())
                .collect();
            watch.former = look.clone().into_iter().collect();
            watch.away = false;
            whole
        };
        if whole.is_empty() {
            return Ok(());
        }
        // Kept before they are handed over: a file that stops the program must not stop it again at every start.
        let mut kept = seen;
        kept.retain(|name, _| look.contains_key(name));
        kept.extend(whole.iter().filter_map(|name| Some((name.clone(), *look.get(name)?))));
        self.keep_seen(&kept).await?;
        self.watch().found.extend(whole.iter().map(|name| folder.join(name).to_string_lossy().into_owned()));
        self.announce_change(Topic::Found);
        Ok(())
    }

    async fn seen(&self) -> Result<Look, Problem> {
        Ok(self.setting(setting::SEEN_FILES).await?.unwrap_or_default())
    }

    async fn keep_seen(&self, seen: &Look) -> Result<(), Problem> {
        self.keep_setting(setting::SEEN_FILES, seen).await
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, Watch> {
        self.0.watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Lists the CSV files in `folder` that hold anything. Folders inside it are not looked into.
pub(crate) fn look(folder: &Path) -> std::io::Result<Look> {
    let mut look = Look::new();
    for entry in std::fs::read_dir(folder)?.take(MOST) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_csv = Path::new(&name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        // A file may be gone again by now, or be locked by its writer.
        let Ok(data) = entry.metadata() else { continue };
        if is_csv && data.is_file() && data.len() > 0 {
            let changed = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            look.insert(name, Mark(data.len(), changed.map_or(0, |since| since.as_millis() as u64)));
        }
    }
    Ok(look)
}
