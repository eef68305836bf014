//! Whether the window stays at hand while it checks a file of 100 MB, and after.

use std::time::Duration;

use anyhow::{Context, Result};
use todoke_tests::clerk::Clerk;
use todoke_tests::wait;
use todoke_tests::window::by_id;

use crate::Row;
use crate::check::large_claim;

const BYTES: usize = 100 * 1000 * 1000;
const LIMIT: Duration = Duration::from_mins(2);
/// Longest time between two moments in which the page can answer a person, in milliseconds: what still feels immediate.
const BAR: f64 = 100.0;

/// Notes the longest time in which the page could not do anything else.
const WATCH: &str = "
    window.longest = 0;
    let last = performance.now();
    setInterval(() => {
        const time = performance.now();
        window.longest = Math.max(window.longest, time - last);
        last = time;
    }, 5);
    return true;";

/// Measures the longest pause of the page from the moment the file is laid down until it can be sent.
pub async fn measure() -> Result<Row> {
    let mut clerk = Clerk::arrive().await?;
    clerk.log_in().await?;
    clerk.window.press("nav-send").await?;
    let file = clerk.computer.documents.join("KKLARGE.CSV");
    std::fs::write(&file, large_claim(BYTES)?)?;
    clerk.window.script::<bool>(WATCH).await?;
    clerk.window.drop_files(&[&file]).await?;
    let progress = by_id("check-progress");
    wait::until("the progress", LIMIT, async || Ok(clerk.window.shows(&progress).await?.then_some(()))).await?;
    let sendable = by_id("file-sendable");
    wait::until("the check", LIMIT, async || Ok(clerk.window.shows(&sendable).await?.then_some(()))).await?;
    let longest: f64 = clerk.window.script("return window.longest").await.context("the longest pause")?;
    clerk.window.close().await?;
    Ok(Row {
        what: "longest pause of the window while it checks a 100 MB file / 100 ms",
        ours: format!("{longest:.0} ms"),
        yardstick: format!("{BAR:.0} ms"),
        ratio: longest / BAR,
        bar: 1.0,
    })
}
