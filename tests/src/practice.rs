//! A practice in the real window, on a computer that has neither a keychain nor a relay.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::album::Album;
use crate::screen::{Keychain, Screen};
use crate::wait;
use crate::window::{Computer, PATIENCE, Window, by_id};

/// Plays a month: sends, moves the time, reads what was returned, and ends it. What is left of it is papers and nothing else.
///
/// # Errors
///
/// Fails when the window does not show what it should, or when anything of the practice is left.
pub async fn play(mut album: Option<&mut Album>) -> Result<()> {
    let screen = Screen::with(Keychain::Absent).await?;
    // Nothing listens there: a practice knows no relay but its own.
    let computer = Computer::new(screen.folder(), "http://127.0.0.1:9".to_owned())?;
    let window = Window::open_with(&screen, &computer, &["--practice"]).await?;
    window.reads(&by_id("practice-band"), &["練習", "国保連へは送られません"]).await?;
    take(&mut album, &window, "practice-home").await?;

    window.press("practice-open").await?;
    window.reads(&by_id("practice-desk"), &["練習用のファイル", "renshu-2026-renshu"]).await?;
    take(&mut album, &window, "practice-desk").await?;
    window.press_css(&format!("{}:first-of-type", by_id("practice-lay"))).await?;
    window.reads(&by_id("file-card"), &["さくらデイサービス", "送れます"]).await?;
    take(&mut album, &window, "practice-file").await?;
    window.press("send-button").await?;
    window.press("send-confirm").await?;
    window.reads(&by_id("submission"), &["受付完了"]).await?;
    take(&mut album, &window, "practice-sent").await?;

    window.press_css(&format!("{}[data-at^='2026-06-30']", by_id("demo-milestone"))).await?;
    window.reads(&by_id("demo-now"), &["30"]).await?;
    window.press("nav-returns").await?;
    window.reads("main", &["0000000101"]).await?;
    take(&mut album, &window, "practice-returns").await?;

    ensure!(computer.data.join("practice").exists(), "the practice has a folder while it runs");
    // The window is gone under the click; whether the driver still hears of it is chance, and what is left tells.
    drop(window.press("practice-end").await);
    let gone = async || Ok((!computer.data.join("practice").exists()).then_some(()));
    wait::until("the end of the practice", PATIENCE, gone).await?;
    let left = files(&computer.data)?;
    let real = left.iter().filter(|name| !name.contains("log") && name.as_str() != "practice.lock");
    ensure!(real.clone().count() == 0, "{left:?}");
    window.kill()
}

async fn take(album: &mut Option<&mut Album>, window: &Window, name: &str) -> Result<()> {
    match album {
        Some(album) => album.take(window, name).await,
        None => Ok(()),
    }
}

/// Names of all files and folders directly in `folder`.
fn files(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    Ok(entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}
