use std::path::Path;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::files::file_name;
use crate::problem::Problem;
use crate::tick::rfc3339;
use crate::views::CheckView;
use crate::{App, blocking, setting};

/// Number of files that are remembered.
const REMEMBERED: usize = 10;

/// A file that was looked at before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RecentFileView {
    /// Full path.
    pub path: String,
    /// File name.
    pub file: String,
    /// Folder, for reading.
    pub folder: String,
    /// When it was last looked at.
    pub at: String,
    /// The file is still there.
    pub there: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Recent {
    path: String,
    at: String,
}

impl App {
    /// Lists the files that were looked at last, latest first.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn recent_files(&self) -> Result<Vec<RecentFileView>, Problem> {
        let recent = self.recent().await?;
        // A network drive that is gone may take seconds to say so.
        blocking(move || {
            let view = |recent: Recent| {
                let path = Path::new(&recent.path);
                RecentFileView {
                    file: file_name(path),
                    folder: path.parent().unwrap_or(path).to_string_lossy().into_owned(),
                    there: path.is_file(),
                    at: recent.at,
                    path: recent.path,
                }
            };
            Ok(recent.into_iter().map(view).collect())
        })
        .await
    }

    /// Remembers the claim files among `views`. Notices are kept themselves; other files nobody looks for again.
    pub(crate) async fn remember_files(&self, views: &[CheckView]) -> Result<(), Problem> {
        let claims: Vec<&CheckView> =
            views.iter().filter(|view| view.problem.is_none() && view.kind != "notice").collect();
        if claims.is_empty() {
            return Ok(());
        }
        let at = rfc3339(self.now());
        let mut recent: Vec<Recent> =
            claims.iter().map(|view| Recent { path: view.path.clone(), at: at.clone() }).collect();
        for former in self.recent().await? {
            if recent.iter().all(|known| known.path != former.path) {
                recent.push(former);
            }
        }
        recent.truncate(REMEMBERED);
        self.keep_setting(setting::RECENT_FILES, &recent).await
    }

    async fn recent(&self) -> Result<Vec<Recent>, Problem> {
        Ok(self.setting(setting::RECENT_FILES).await?.unwrap_or_default())
    }
}
