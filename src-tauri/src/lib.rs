//! The shell of the Todoke window: starts the program, hands commands and dropped files to `app`, and tells the page what
//! changed.

mod commands;
mod shell;

use std::path::PathBuf;
use std::sync::Arc;

use app::{Clock, Keychain, Secrets, TICK, Topic};
use tauri::{AppHandle, DragDropEvent, Manager, WindowEvent};
use tauri_specta::Event;
use tracing_subscriber::EnvFilter;

use shell::Shell;

/// Tells the page that something it shows may have changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, specta::Type, tauri_specta::Event)]
pub struct Changed {
    /// `frame`, `submissions`, `notices`, `returns`, `import`, `checking`, `onboarding` or `dropped`.
    pub topic: String,
}

/// Opens the window and runs until it is closed.
///
/// Read from the environment: `TODOKE_DATA` (folder of the database), `TODOKE_DOCUMENTS` (folder for papers),
/// `TODOKE_RELAY` (address of the relay to begin with), `TODOKE_LOG` (what to log). Arguments are files to check.
pub fn run() {
    let filter = EnvFilter::try_from_env("TODOKE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let builder = commands::builder();
    let handler = builder.invoke_handler();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|handle, arguments, folder| {
            show(handle);
            drop_files(handle, paths(arguments.into_iter().skip(1), &PathBuf::from(folder)));
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Arc::new(Shell::new(config())))
        .invoke_handler(handler)
        .setup(move |app| {
            builder.mount_events(app);
            let here = std::env::current_dir().unwrap_or_default();
            drop_files(app.handle(), paths(std::env::args().skip(1), &here));
            tauri::async_runtime::spawn(work(app.handle().clone()));
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
                drop_files(window.app_handle(), paths.iter().map(|path| path.to_string_lossy().into_owned()).collect());
            }
        })
        .run(tauri::generate_context!());
    if let Err(error) = built {
        tracing::error!(cause = %error, "The window cannot be opened");
        std::process::exit(1);
    }
}

fn config() -> app::Config {
    let folder = |name: &str, usual: PathBuf| std::env::var_os(name).map_or(usual, PathBuf::from);
    app::Config {
        data: folder("TODOKE_DATA", app::places::data()),
        documents: folder("TODOKE_DOCUMENTS", app::places::documents()),
        relay: std::env::var("TODOKE_RELAY").ok().filter(|address| !address.is_empty()),
        clock: Clock::new(now),
        secrets: Secrets::new(Keychain),
    }
}

#[expect(clippy::disallowed_methods, reason = "the program's one look at the real clock (D12)")]
fn now() -> chrono::NaiveDateTime {
    chrono::Utc::now().naive_utc() + chrono::TimeDelta::hours(9)
}

/// Lets the program do what it does by itself, and passes on what changed.
async fn work(handle: AppHandle) {
    let shell = Arc::clone(&handle.state::<Arc<Shell>>());
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let app = loop {
        ticks.tick().await;
        // Until the keychain and the database open, the page shows why and asks again.
        if let Some(app) = shell.opened() {
            break app;
        }
    };
    let mut changes = app.changes();
    tauri::async_runtime::spawn(async move {
        loop {
            match changes.recv().await {
                Ok(topic) => tell(&handle, word(topic)),
                // Too many at once: everything may have changed.
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                    for topic in [
                        Topic::Frame,
                        Topic::Submissions,
                        Topic::Notices,
                        Topic::Returns,
                        Topic::Import,
                        Topic::Checking,
                        Topic::Onboarding,
                    ] {
                        tell(&handle, word(topic));
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
            }
        }
    });
    tauri::async_runtime::spawn(listen(app.clone()));
    loop {
        ticks.tick().await;
        if let Err(problem) = app.tick().await {
            tracing::warn!(code = problem.code.as_str(), "Background work failed");
        }
    }
}

/// Hears from the relay at once that something changed, and listens again when the line broke.
async fn listen(app: app::App) {
    let mut seen = None;
    let mut turns = tokio::time::interval(std::time::Duration::from_secs(5));
    // After a long time on the line the next turn comes at once, and not one for each that passed.
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(problem) = app.listen(&mut seen).await {
            tracing::debug!(code = problem.code.as_str(), "No events for now");
        }
    }
}

const fn word(topic: Topic) -> &'static str {
    match topic {
        Topic::Frame => "frame",
        Topic::Submissions => "submissions",
        Topic::Notices => "notices",
        Topic::Returns => "returns",
        Topic::Import => "import",
        Topic::Checking => "checking",
        Topic::Onboarding => "onboarding",
    }
}

fn tell(handle: &AppHandle, topic: &str) {
    if let Err(error) = (Changed { topic: topic.to_owned() }).emit(handle) {
        tracing::warn!(cause = %error, "The page cannot be told of a change");
    }
}

fn show(handle: &AppHandle) {
    if let Some(window) = handle.get_webview_window("main")
        && let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus())
    {
        tracing::warn!(cause = %error, "The window cannot be brought to the front");
    }
}

fn drop_files(handle: &AppHandle, paths: Vec<String>) {
    if !paths.is_empty() {
        handle.state::<Arc<Shell>>().drop_files(paths);
        tell(handle, "dropped");
    }
}

/// Makes full paths of arguments, which are relative to the folder of the caller.
fn paths(arguments: impl Iterator<Item = String>, folder: &std::path::Path) -> Vec<String> {
    arguments
        .filter(|argument| !argument.starts_with('-'))
        .map(|argument| folder.join(argument).to_string_lossy().into_owned())
        .collect()
}
