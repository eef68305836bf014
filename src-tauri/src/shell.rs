use std::sync::{Mutex, PoisonError};

use app::views::ProblemView;
use app::{App, Config};
use tokio::sync::OnceCell;

/// What the commands share: the program, opened at the first call that succeeds, and files waiting to be looked at.
pub struct Shell {
    config: Config,
    app: OnceCell<App>,
    dropped: Mutex<Vec<String>>,
}

impl Shell {
    pub fn new(config: Config) -> Self {
        Self { config, app: OnceCell::new(), dropped: Mutex::new(Vec::new()) }
    }

    /// Returns the program; opens keychain and database when that has not succeeded yet.
    pub async fn app(&self) -> Result<&App, ProblemView> {
        self.app.get_or_try_init(|| App::open(self.config.clone())).await.map_err(ProblemView::from)
    }

    pub fn opened(&self) -> Option<App> {
        self.app.get().cloned()
    }

    pub fn drop_files(&self, paths: Vec<String>) {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }

    pub fn take_dropped(&self) -> Vec<String> {
        std::mem::take(&mut self.dropped.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
