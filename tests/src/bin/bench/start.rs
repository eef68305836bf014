//! From the start of the program to a window that can be used, against an empty Tauri window.
//!
//! Both are looked at from outside, in the memory into which the display draws, so that nothing in the product knows of
//! the measurement.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use todoke_tests::program::{Program, built};
use todoke_tests::relay::Relay;
use todoke_tests::screen::Screen;
use todoke_tests::wait::{self, now};
use todoke_tests::window::Computer;

use crate::Row;

const LIMIT: Duration = Duration::from_mins(1);
/// Runs of each side, one after the other in turn; the median counts.
const RUNS: usize = 7;
/// Colour of the one button on the sign-in page（`--color-brand`）: there once the page can be used.
const BUTTON: [u8; 3] = [0x0f, 0x6b, 0x5c];
/// Colour of the empty page.
const EMPTY: [u8; 3] = [0x12, 0x34, 0x56];
/// Fewest pixels of a colour that are no accident.
const PIXELS: usize = 2000;

/// Measures both.
pub async fn measure() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let screen = Screen::start().await?;
    let computer = Computer::new(folder.path(), relay.url())?;
    let program = built("todoke-desktop")?;
    let empty = built("examples/empty")?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first turn makes the database and fills the caches; it does not count.
    for turn in 0..=RUNS {
        let mut command = screen.command(&program);
        computer.prepare(&mut command);
        let took = until_painted(&screen, &mut command, BUTTON).await.context("starting Todoke")?;
        let yardstick =
            until_painted(&screen, &mut screen.command(&empty), EMPTY).await.context("starting the empty window")?;
        if turn > 0 {
            ours.push(took);
            theirs.push(yardstick);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    Ok(Row {
        what: "start to usable window / empty Tauri window",
        ours: format!("{} ms", ours.as_millis()),
        yardstick: format!("{} ms", theirs.as_millis()),
        ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
        bar: 1.3,
    })
}

async fn until_painted(screen: &Screen, command: &mut Command, colour: [u8; 3]) -> Result<Duration> {
    let pixels = screen.pixels();
    wait::until("an empty screen", LIMIT, async || Ok((count(&pixels, colour)? == 0).then_some(()))).await?;
    let start = now();
    let program = Program::start(command, &screen.folder().join("bench.log"))?;
    let painted =
        wait::until("the window", LIMIT, async || Ok((count(&pixels, colour)? >= PIXELS).then(|| start.elapsed())))
            .await;
    painted.with_context(|| program.logged())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Counts the pixels of a colour in an XWD image of 32 bits per pixel, blue first.
fn count(image: &PathBuf, [red, green, blue]: [u8; 3]) -> Result<usize> {
    let bytes = fs::read(Path::new(image))?;
    let field = |index: usize| -> Result<usize> {
        let bytes = bytes.get(index * 4..index * 4 + 4).context("the image has a head")?;
        Ok(u32::from_be_bytes(bytes.try_into()?) as usize)
    };
    ensure!(field(11)? == 32, "32 bits per pixel expected");
    let offset = field(0)? + field(19)? * 12;
    let pixels = bytes.get(offset..).context("the image has pixels")?;
    Ok(pixels.chunks_exact(4).filter(|pixel| pixel[..3] == [blue, green, red]).count())
}
