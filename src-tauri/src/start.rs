//! The start of the program, before there is a window that could say anything.

#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rfd::{MessageDialog, MessageLevel};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Days of logs that are kept.
const KEPT_LOGS: usize = 14;

/// What is said when there is no WebView2.
pub const NO_WEBVIEW: &str = "とどけの画面を出すための「Microsoft Edge WebView2 ランタイム」が、このパソコンにありません。\n\n\
    インターネットにつないで、とどけのインストールをもう一度行うか、パソコンの管理者に「WebView2 ランタイムを入れてください」とお伝えください。\n\n\
    これまでの記録は消えていません。";

/// What is said when the window cannot be opened for another reason.
pub const NO_WINDOW: &str = "とどけの画面を出せませんでした。\n\n\
    パソコンを再起動して、もう一度開いてください。それでも開けないときは、端末で「todoke support」を行い、できたファイルを運営者へ渡してください。\n\n\
    これまでの記録は消えていません。";

/// What is said when the program falls over before its window is there.
const CRASHED: &str = "とどけを開く途中で、思わぬことが起きました。\n\n\
    もう一度開いてください。続くときは、端末で「todoke support」を行い、できたファイルを運営者へ渡してください。\n\n\
    これまでの記録は消えていません。";

static OPENED: AtomicBool = AtomicBool::new(false);

/// Notes that the window is there: from now on it says itself what happened.
pub fn opened() {
    OPENED.store(true, Ordering::Relaxed);
}

/// Logs to the standard error and, because a window on Windows has none, to a file per day beside the database.
pub fn log(data: &Path) {
    let filter = EnvFilter::try_from_env("TODOKE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("todoke")
        .filename_suffix("log")
        .max_log_files(KEPT_LOGS)
        .build(app::support::logs(data));
    let file = files.ok().map(|files| tracing_subscriber::fmt::layer().with_ansi(false).with_writer(files));
    tracing_subscriber::registry()
        .with(filter)
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(file)
        .init();
}

/// Keeps where the program fell over, and says so when there is no window yet.
pub fn keep_crashes(data: &Path) {
    let folder = app::support::logs(data);
    std::panic::set_hook(Box::new(move |info| {
        // Not the message: it can hold what was being worked on.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "The program fell over");
        write_crash(&folder, &place);
        if !OPENED.load(Ordering::Relaxed) {
            refuse(CRASHED);
        }
    }));
}

fn write_crash(folder: &Path, place: &str) {
    let text = format!(
        "todoke {} {}\n{place}\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::backtrace::Backtrace::force_capture()
    );
    let name: PathBuf = folder.join(format!("crash-{}.txt", std::process::id()));
    drop(std::fs::create_dir_all(folder));
    drop(std::fs::write(name, text));
}

/// Starts the program anew in the place of this process, once: the window that it was to bring to the front was just being
/// closed and cannot be reached, but will be gone by then. Returns only when that is not possible.
#[cfg(unix)]
pub fn again() {
    const MARK: &str = "TODOKE_STARTED_AGAIN";
    if std::env::var_os(MARK).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        let mut command = std::process::Command::new(program);
        let error = command.args(std::env::args_os().skip(1)).env(MARK, "1").exec();
        tracing::error!(cause = %error, "The program cannot be started anew");
    }
}

/// Shows a message of the operating system and waits until it is closed.
pub fn refuse(text: &str) {
    eprintln!("{text}");
    let can_show =
        cfg!(windows) || std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some();
    if can_show {
        MessageDialog::new().set_level(MessageLevel::Error).set_title("とどけ").set_description(text).show();
    }
}
