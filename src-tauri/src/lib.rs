//! The shell of the Todoke window: starts the program, hands commands and dropped files to `app`, and tells the page what
//! changed.

mod commands;
mod shell;
mod start;
#[cfg(windows)]
mod tray;

use std::path::PathBuf;
use std::sync::Arc;

use app::everyday::News;
use app::update::Channel;
use app::{Clock, Keychain, Secrets, TICK, Topic};
use practice::{Places, Practice, PracticeError};
use tauri::{AppHandle, DragDropEvent, Manager, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tauri_specta::Event;

use shell::Shell;

/// Tells the page that something it shows may have changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, specta::Type, tauri_specta::Event)]
pub struct Changed {
    /// `frame`, `submissions`, `notices`, `returns`, `import`, `checking`, `onboarding`, `found` or `dropped`.
    pub topic: String,
}

/// Opens the window and runs until it is closed.
///
/// Read from the environment: `TODOKE_DATA` (folder of the database), `TODOKE_DOCUMENTS` (folder for papers),
/// `TODOKE_RELAY` (address of the relay to begin with), `TODOKE_LOG` (what to log). Arguments are files to check;
/// `--hidden` begins without showing the window, `--quit` ends the program that runs and nothing else;
/// `--practice` is a practice: a program of its own beside the one with real data, which it never opens.
pub fn run() {
    let places = places();
    start::log(&places.data);
    start::keep_crashes(&places.data);
    let (hidden, quit, practises) = (has_word("--hidden"), has_word("--quit"), has_word(PRACTICE));
    if cfg!(windows) && shell::webview().is_none() {
        if quit {
            // Without it no window can be open that was to end, and the installer that asks has its own words.
            std::process::exit(0);
        }
        start::refuse(start::NO_WEBVIEW);
        std::process::exit(1);
    }

    let mut context = tauri::generate_context!();
    let shell = if practises {
        // Under a name of its own it has its own single instance and its own place on the screen.
        let config = context.config_mut();
        config.identifier.push_str(".practice");
        config.app.windows.iter_mut().for_each(|window| PRACTICE_TITLE.clone_into(&mut window.title));
        let begun = async || if quit { Err(PracticeError::Running) } else { Practice::begin(&places, utc).await };
        let begun = tauri::async_runtime::block_on(begun());
        Shell::practising(practice::config(&places, utc, None), begun)
    } else {
        if quit {
            end_practice();
        }
        Shell::new(config(places))
    };

    let builder = commands::builder();
    let handler = builder.invoke_handler();
    let start = tauri::Builder::default();
    #[cfg(windows)]
    let start = start.plugin(tauri_plugin_notification::init());
    let built = start
        .plugin(tauri_plugin_single_instance::init(|handle, arguments, folder| {
            if arguments.iter().any(|argument| argument == "--quit") {
                end(handle.clone());
            } else if arguments.iter().all(|argument| argument != "--hidden") {
                show(handle);
                drop_files(handle, paths(arguments.into_iter().skip(1), &PathBuf::from(folder)));
            }
        }))
        .plugin(
            tauri_plugin_window_state::Builder::default()
                // Whether it shows is decided by how the program was started, not by how it was left.
                .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
                .build(),
        )
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Arc::new(shell))
        .invoke_handler(handler)
        .setup(move |app| {
            if quit {
                // Nothing ran that could have been asked to end.
                app.handle().exit(0);
                return Ok(());
            }
            app.state::<Arc<Shell>>().open_early();
            builder.mount_events(app);
            #[cfg(windows)]
            if !practises {
                tray::make(app.handle())?;
            }
            if !hidden {
                show(app.handle());
            }
            start::opened();
            let here = std::env::current_dir().unwrap_or_default();
            drop_files(app.handle(), paths(std::env::args().skip(1), &here));
            tauri::async_runtime::spawn(work(app.handle().clone()));
            Ok(())
        })
        .on_window_event(|window, event| match event {
            WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => {
                drop_files(window.app_handle(), paths.iter().map(|path| path.to_string_lossy().into_owned()).collect());
            }
            WindowEvent::CloseRequested { api, .. } if window.state::<Arc<Shell>>().stays_open() => {
                api.prevent_close();
                if let Err(error) = window.hide() {
                    tracing::warn!(cause = %error, "The window cannot be hidden");
                }
            }
            _ => {}
        })
        .build(context);
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(cause = %error, "The window cannot be opened");
            #[cfg(unix)]
            if matches!(&error, tauri::Error::PluginInitialization(name, _) if name == "single-instance") {
                start::again();
            }
            start::refuse(start::NO_WINDOW);
            std::process::exit(1);
        }
    };
    app.run(|handle, event| {
        if let RunEvent::Exit = event
            && let Some(practice) = handle.state::<Arc<Shell>>().take_practice()
        {
            tauri::async_runtime::block_on(practice.end());
        }
    });
}

/// The argument that makes a start a practice.
const PRACTICE: &str = "--practice";
const PRACTICE_TITLE: &str = "【練習】とどけ";

fn places() -> Places {
    let folder = |name: &str, usual: PathBuf| std::env::var_os(name).map_or(usual, PathBuf::from);
    Places {
        data: folder("TODOKE_DATA", app::places::data()),
        documents: folder("TODOKE_DOCUMENTS", app::places::documents()),
    }
}

/// Ends a practice that runs beside: whoever asks this program to end wants its file to be free.
fn end_practice() {
    let asked = std::env::current_exe()
        .and_then(|program| std::process::Command::new(program).args([PRACTICE, "--quit"]).status());
    if let Err(error) = asked {
        tracing::info!(cause = %error, "A practice cannot be asked to end");
    }
}

fn has_word(word: &str) -> bool {
    std::env::args().skip(1).any(|argument| argument == word)
}

/// Ends the program as soon as nothing is being sent. A file on its way would only be asked about at the next start; to
/// wait spares that question.
fn end(handle: AppHandle) {
    tauri::async_runtime::spawn(async move {
        if let Some(app) = handle.state::<Arc<Shell>>().opened() {
            app.finish_sending().await;
        }
        handle.exit(0);
    });
}

fn config(Places { data, documents }: Places) -> app::Config {
    app::Config {
        data,
        documents,
        relay: std::env::var("TODOKE_RELAY").ok().filter(|address| !address.is_empty()),
        clock: Clock::new(|| utc().naive_utc() + chrono::TimeDelta::hours(9)),
        secrets: Secrets::new(Keychain),
    }
}

#[expect(clippy::disallowed_methods, reason = "the program's one look at the real clock (D12)")]
fn utc() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
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
    // A practice ends with its window, and is as new as the program that began it.
    if !shell.practises() {
        if let Ok(preferences) = app.preferences().await {
            shell.stay_open(preferences.stay_open);
        }
        if let Some(channel) = channel() {
            app.follow_releases(channel);
        }
    }
    let mut changes = app.changes();
    let (teller, watcher) = (handle.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        let handle = teller;
        loop {
            match changes.recv().await {
                Ok(topic) => {
                    if topic == Topic::Found
                        && let Ok(Some(news)) = watcher.found_news().await
                    {
                        notify(&handle, &news);
                    }
                    tell(&handle, word(topic));
                }
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
                        Topic::Found,
                    ] {
                        tell(&handle, word(topic));
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
            }
        }
    });
    tauri::async_runtime::spawn(listen(app.clone()));
    let mut count: u32 = 0;
    loop {
        ticks.tick().await;
        if let Err(problem) = app.tick().await {
            tracing::warn!(code = problem.code.as_str(), "Background work failed");
        }
        if count.is_multiple_of(TICKS_PER_LOOK) {
            match app.news().await {
                Ok(news) => news.iter().for_each(|news| notify(&handle, news)),
                Err(problem) => tracing::warn!(code = problem.code.as_str(), "Messages cannot be made"),
            }
            #[cfg(windows)]
            if !shell.practises() {
                tray::refresh(&handle, &app).await;
            }
        }
        count = count.wrapping_add(1);
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

/// Ticks between two looks at what the operating system should say.
const TICKS_PER_LOOK: u32 = 10;

/// Lets the operating system show a short message.
fn notify(handle: &AppHandle, news: &News) {
    if let Err(error) = message(handle, news) {
        tracing::info!(cause = %error, "The system shows no messages; the window shows the same");
    }
}

#[cfg(windows)]
fn message(handle: &AppHandle, news: &News) -> Result<(), Box<dyn std::error::Error>> {
    use tauri_plugin_notification::NotificationExt;
    Ok(handle.notification().builder().title(&news.title).body(&news.body).show()?)
}

#[cfg(not(windows))]
fn message(_: &AppHandle, news: &News) -> Result<(), Box<dyn std::error::Error>> {
    let mut sender = std::process::Command::new("notify-send");
    let mut child = sender.args(["--app-name=とどけ", "--", &news.title, &news.body]).spawn()?;
    // Waited for elsewhere, so that neither the window nor the system's table of processes does.
    std::thread::spawn(move || drop(child.wait()));
    Ok(())
}

/// Returns where newer versions come from: known only to a program that its operator built with a key.
fn channel() -> Option<Channel> {
    Some(Channel {
        public_key: option_env!("TODOKE_UPDATE_KEY")?.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
    })
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
        Topic::Found => "found",
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
