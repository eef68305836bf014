//! From the start of the program to a window that can be used, and its memory then, against an empty Tauri window.
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

/// Most memory of the start page, times that of the empty window: most of both is the engine that draws the pages.
const MEMORY: f64 = 1.5;

/// One start.
#[derive(Clone, Copy)]
struct Start {
    took: Duration,
    /// Memory of the program and its engine once the page is there, in KiB; what is shared counts in part.
    memory: u32,
}

/// Measures both.
pub async fn measure() -> Result<[Row; 2]> {
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
        let start = until_painted(&screen, &mut command, BUTTON).await.context("starting Todoke")?;
        let yardstick =
            until_painted(&screen, &mut screen.command(&empty), EMPTY).await.context("starting the empty window")?;
        if turn > 0 {
            ours.push(start);
            theirs.push(yardstick);
        }
    }
    let times = |starts: &[Start]| median(starts.iter().map(|start| start.took).collect());
    let memories = |starts: &[Start]| median(starts.iter().map(|start| start.memory).collect());
    let (took, yardstick) = (times(&ours), times(&theirs));
    let time = Row {
        what: "start to usable window / empty Tauri window",
        ours: format!("{} ms", took.as_millis()),
        yardstick: format!("{} ms", yardstick.as_millis()),
        ratio: took.as_secs_f64() / yardstick.as_secs_f64(),
        bar: 1.3,
    };
    let (memory, yardstick) = (memories(&ours), memories(&theirs));
    let memory = Row {
        what: "memory of the start page with its engine / empty Tauri window",
        ours: format!("{} MiB", memory / 1024),
        yardstick: format!("{} MiB", yardstick / 1024),
        ratio: f64::from(memory) / f64::from(yardstick),
        bar: MEMORY,
    };
    Ok([time, memory])
}

async fn until_painted(screen: &Screen, command: &mut Command, colour: [u8; 3]) -> Result<Start> {
    let pixels = screen.pixels();
    wait::until("an empty screen", LIMIT, async || Ok((count(&pixels, colour)? == 0).then_some(()))).await?;
    let start = now();
    let program = Program::start(command, &screen.folder().join("bench.log"))?;
    let painted =
        wait::until("the window", LIMIT, async || Ok((count(&pixels, colour)? >= PIXELS).then(|| start.elapsed())))
            .await;
    let took = painted.with_context(|| program.logged())?;
    Ok(Start { took, memory: memory(program.id())? })
}

/// Adds up the memory of a process group in KiB: the program and the processes of its engine. What processes share is divided
/// among them（PSS）, so that nothing counts twice.
fn memory(group: u32) -> Result<u32> {
    let mut kilobytes: u32 = 0;
    for entry in fs::read_dir("/proc")? {
        let process = entry?.path();
        // Processes come and go; those that went have no memory.
        let Ok(stat) = fs::read_to_string(process.join("stat")) else { continue };
        let of = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(2)?.parse::<u32>().ok());
        if of == Some(group)
            && let Ok(rollup) = fs::read_to_string(process.join("smaps_rollup"))
        {
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("memory in smaps_rollup")?;
            kilobytes += line.trim().trim_end_matches(" kB").parse::<u32>()?;
        }
    }
    ensure!(kilobytes > 0, "the program has no memory");
    Ok(kilobytes)
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort();
    values[values.len() / 2]
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
