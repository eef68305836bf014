use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::support::{self, CopyView, HealthItemView, HealthState, HealthView, Program};
use app::views::{ProblemView, SavedView};
use app::{App, Code, Config, Problem};
use practice::{File, Practice, PracticeError};
use tauri::async_runtime::JoinHandle;
use tokio::sync::OnceCell;

/// What the commands share: the program, opened at the first call that succeeds, and files waiting to be looked at.
pub struct Shell {
    config: Config,
    /// A practice is open from the start and never opens anything else.
    practises: bool,
    app: OnceCell<App>,
    practice: Mutex<Option<Practice>>,
    /// The opening that began with the program, before there was a page to ask for it.
    early: tokio::sync::Mutex<Option<JoinHandle<Result<App, Problem>>>>,
    dropped: Mutex<Vec<String>>,
    /// Paths that a person gave to the program; the page may name no other.
    given: Mutex<HashSet<String>>,
    /// Closing the window leaves the program running.
    stays: AtomicBool,
}

impl Shell {
    pub fn new(config: Config) -> Self {
        Self::with(config, false, OnceCell::new(), None)
    }

    /// Makes the shell of a practice, or of one that could not begin: then nothing is ever opened.
    pub fn practising(config: Config, begun: Result<Practice, PracticeError>) -> Self {
        match begun {
            Ok(practice) => {
                let app = OnceCell::new_with(Some(practice.app().clone()));
                Self::with(practice.config().clone(), true, app, Some(practice))
            }
            Err(error) => {
                tracing::error!(cause = ?error, "The practice cannot begin");
                Self::with(config, true, OnceCell::new(), None)
            }
        }
    }

    fn with(config: Config, practises: bool, app: OnceCell<App>, practice: Option<Practice>) -> Self {
        Self {
            config,
            practises,
            app,
            practice: Mutex::new(practice),
            early: tokio::sync::Mutex::new(None),
            dropped: Mutex::new(Vec::new()),
            given: Mutex::new(HashSet::new()),
            stays: AtomicBool::new(false),
        }
    }

    /// Begins to open keychain and database while the window still loads its page. How it ended is told to the first that
    /// asks for the program.
    pub fn open_early(&self) {
        if !self.practises
            && let Ok(mut early) = self.early.try_lock()
        {
            *early = Some(tauri::async_runtime::spawn(App::open(self.config.clone())));
        }
    }

    /// Returns the program; opens keychain and database when that has not succeeded yet.
    pub async fn app(&self) -> Result<&App, ProblemView> {
        let open = async || {
            if self.practises {
                return Err(Code::PracticeFailed.into());
            }
            match self.early.lock().await.take() {
                Some(early) => early.await.map_err(|_| Problem::from(Code::Internal))?,
                None => App::open(self.config.clone()).await,
            }
        };
        self.app.get_or_try_init(open).await.map_err(ProblemView::from)
    }

    /// Returns whether this is a practice.
    pub fn practises(&self) -> bool {
        self.practises
    }

    /// Returns the files of the practice; `None` when this is none.
    pub fn practice_files(&self) -> Option<Vec<File>> {
        let practice = self.practice.lock().unwrap_or_else(PoisonError::into_inner);
        practice.as_ref().map(|practice| practice.files().to_vec())
    }

    /// Takes the practice, to end it.
    pub fn take_practice(&self) -> Option<Practice> {
        self.practice.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub fn opened(&self) -> Option<App> {
        self.app.get().cloned()
    }

    /// Takes files that were dropped on the window or named when the program was started.
    pub fn drop_files(&self, paths: Vec<String>) {
        self.give(&paths);
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }

    pub fn take_dropped(&self) -> Vec<String> {
        std::mem::take(&mut self.dropped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers that a person gave these files: chose them in the system's dialog, dropped them, or named them.
    pub fn give(&self, paths: &[String]) {
        self.given().extend(paths.iter().cloned());
    }

    /// Refuses what no person gave: a page that is not our own must not read or send files of this computer.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownFile`].
    pub fn only_given(&self, paths: &[String]) -> Result<(), ProblemView> {
        let given = self.given();
        if paths.iter().all(|path| given.contains(path)) {
            Ok(())
        } else {
            tracing::warn!("The page named a file that nobody gave");
            Err(Problem::from(Code::UnknownFile).into())
        }
    }

    /// Notes whether closing the window leaves the program running.
    pub fn stay_open(&self, stays: bool) {
        self.stays.store(stays, Ordering::Relaxed);
    }

    /// Returns whether closing the window leaves the program running. Only where a tray lets it be found again.
    pub fn stays_open(&self) -> bool {
        cfg!(windows) && self.stays.load(Ordering::Relaxed)
    }

    /// Looks whether everything works, the engine that draws the pages included.
    pub async fn health(&self) -> HealthView {
        let app = self.opened();
        let mut items = support::health(&self.config, app.as_ref()).await.items;
        let (id, name) = ("webview", "画面を出すしくみ");
        items.push(match webview() {
            Some(version) => HealthItemView::good(id, name, format!("使えます（{version}）。")),
            None => HealthItemView::ill(
                HealthState::Attention,
                id,
                name,
                "版がわかりません。",
                "Windowsの「設定」→「アプリ」で、Microsoft Edge WebView2 ランタイムを修復してください。",
            ),
        });
        HealthView::of(items)
    }

    /// Writes サポート用資料 into the folder for papers.
    ///
    /// # Errors
    ///
    /// [`Code::PaperFailed`].
    pub async fn support_file(&self) -> Result<SavedView, Problem> {
        let health = self.health().await;
        let program = Program { name: "window", webview: webview() };
        support::support_file(&self.config, self.opened().as_ref(), &health, &program, None).await
    }

    /// Lists the copies of the database.
    ///
    /// # Errors
    ///
    /// [`Code::DiskFailed`].
    pub fn copies(&self) -> Result<Vec<CopyView>, Problem> {
        support::copies(&self.config)
    }

    fn given(&self) -> MutexGuard<'_, HashSet<String>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the version of the engine that draws the pages.
pub fn webview() -> Option<String> {
    tauri::webview_version().ok()
}

#[cfg(test)]
mod tests {
    use app::{Clock, Keychain, Secrets};

    use super::*;

    fn config() -> Config {
        let nowhere = std::path::PathBuf::from("nowhere");
        Config {
            data: nowhere.clone(),
            documents: nowhere,
            relay: None,
            clock: Clock::new(chrono::NaiveDateTime::default),
            secrets: Secrets::new(Keychain),
        }
    }

    #[tokio::test]
    async fn a_practice_that_could_not_begin_opens_nothing_else() {
        let shell = Shell::practising(config(), Err(PracticeError::Running));
        assert_eq!(shell.app().await.map(drop).map_err(|problem| problem.code), Err("E-1902".to_owned()));
        assert_eq!(shell.practice_files(), None);
        assert!(!std::path::Path::new("nowhere").exists());
    }

    #[test]
    fn the_page_may_name_only_what_a_person_gave() {
        let shell = Shell::new(config());
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        shell.drop_files(paths(&["/home/a/DROPPED.CSV"]));
        shell.give(&paths(&["/home/a/CHOSEN.CSV"]));
        assert_eq!(shell.only_given(&paths(&["/home/a/DROPPED.CSV", "/home/a/CHOSEN.CSV"])), Ok(()));
        assert_eq!(shell.take_dropped(), paths(&["/home/a/DROPPED.CSV"]));
        assert_eq!(shell.only_given(&paths(&["/home/a/DROPPED.CSV"])), Ok(()), "looked at again later");
        for other in ["/etc/passwd", "/home/a", "/home/a/../a/CHOSEN.CSV", ""] {
            let refused = shell.only_given(&paths(&["/home/a/CHOSEN.CSV", other]));
            assert_eq!(refused.map_err(|problem| problem.code), Err("E-1014".to_owned()), "{other}");
        }
    }
}
