//! サポート用資料: one zip that tells a helper how this computer is, and no person's data.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use zip::write::SimpleFileOptions;

use super::{HealthView, logs, redacted};
use crate::everyday::Preferences;
use crate::files::file_name;
use crate::problem::{Code, Problem};
use crate::views::SavedView;
use crate::{App, Config, blocking};

/// Most bytes of each log that are taken, from its end.
const LOG_TAIL: usize = 2 * 1024 * 1024;

/// The program that makes the file.
#[derive(Debug, Clone)]
pub struct Program {
    /// `window` or `terminal`.
    pub name: &'static str,
    /// Version of the engine that draws the pages, where there is one.
    pub webview: Option<String>,
}

/// Writes サポート用資料 to `out`, or into the folder for papers. Works also when keychain or database do not open; then
/// what they hold is left out.
///
/// # Errors
///
/// [`Code::PaperFailed`].
pub async fn support_file(
    config: &Config,
    app: Option<&App>,
    health: &HealthView,
    program: &Program,
    out: Option<PathBuf>,
) -> Result<SavedView, Problem> {
    let mut parts = vec![("versions.txt".to_owned(), versions(program))];
    parts.push(("health.json".to_owned(), pretty(health)?));
    if let Some(app) = app {
        parts.push(("settings.json".to_owned(), pretty(&app.settings().await?)?));
        parts.push(("database.json".to_owned(), app.database_text().await?));
    }
    let now = config.clock.now();
    let path =
        out.unwrap_or_else(|| config.documents.join(format!("サポート用資料_{}.zip", now.format("%Y%m%d_%H%M%S"))));
    let folder = logs(&config.data);
    let home = dirs::home_dir();
    blocking(move || {
        parts.extend(log_parts(&folder, home.as_deref()));
        write(&path, &parts).map_err(|error| {
            tracing::warn!(cause = %error, "The support file cannot be written");
            Problem::from(Code::PaperFailed)
        })?;
        let file = file_name(&path);
        Ok(SavedView { path: path.to_string_lossy().into_owned(), file })
    })
    .await
}

fn versions(program: &Program) -> String {
    format!(
        "todoke {} ({})\nsystem {} {}\nwebview {}\nbuild {}\n",
        env!("CARGO_PKG_VERSION"),
        program.name,
        std::env::consts::OS,
        std::env::consts::ARCH,
        program.webview.as_deref().unwrap_or("-"),
        if cfg!(debug_assertions) { "debug" } else { "release" },
    )
}

fn pretty(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string_pretty(value).map_err(|error| {
        tracing::error!(cause = %error, "A part of the support file cannot be written");
        Code::Internal.into()
    })
}

/// Returns the ends of the logs, redacted, oldest first.
fn log_parts(folder: &Path, home: Option<&Path>) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    names.sort();
    names
        .into_iter()
        .filter_map(|path| {
            let bytes = fs::read(&path).ok()?;
            let tail = &bytes[bytes.len().saturating_sub(LOG_TAIL)..];
            let text = redacted(&String::from_utf8_lossy(tail), home);
            Some((format!("logs/{}", path.file_name()?.to_string_lossy()), text))
        })
        .collect()
}

fn write(path: &Path, parts: &[(String, String)]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut archive = zip::ZipWriter::new(fs::File::create(path)?);
    for (name, text) in parts {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    archive.finish()?.sync_all()
}

impl App {
    /// Returns the settings as a helper may see them: no secret, no name, no path, no ID.
    async fn settings(&self) -> Result<serde_json::Value, Problem> {
        let preferences: Preferences = self.preferences().await?;
        let frame = self.frame().await?;
        Ok(json!({
            "relay": frame.relay_url,
            "demonstration": frame.demo.is_some(),
            "offices": frame.account.map_or(0, |account| account.offices.len()),
            "notifications": preferences.notifications,
            "quiet": [preferences.quiet_from, preferences.quiet_until],
            "remind_days": preferences.remind_days,
            "watches_a_folder": preferences.watched_folder.is_some(),
            "stays_open": preferences.stay_open,
            "proxy": preferences.proxy.mode,
            "proxy_signs_in": !preferences.proxy.user.is_empty(),
            "company_root": preferences.company_root.is_some(),
        }))
    }

    async fn database_text(&self) -> Result<String, Problem> {
        let report = self.store(store::Store::report).await?;
        let rows: serde_json::Map<String, serde_json::Value> =
            report.rows.into_iter().map(|(table, rows)| (table, rows.into())).collect();
        pretty(&json!({
            "version": report.version,
            "bytes": report.bytes,
            "whole": report.fault.is_none(),
            "rows": rows,
        }))
    }
}
