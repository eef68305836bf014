//! Importing years of files into an empty database, against only reading, decoding and splitting the same files.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use todoke_tests::history::{self, Size, Written};
use todoke_tests::program::{built, command};
use todoke_tests::wait::now;

use crate::Row;
use crate::check::split;

/// Offices of the design's bar; `TODOKE_BENCH_OFFICES` takes another number on a smaller machine. Time and bytes grow with
/// the offices, the ratio does not.
const OFFICES: usize = 1000;
const MONTHS: i32 = 24;
const PERSONS: usize = 50;
/// How much more memory four times the offices may take.
const FLAT: f64 = 1.25;

/// Measures time, memory and size.
#[expect(clippy::cast_precision_loss, reason = "figures of a table for people")]
pub fn measure() -> Result<Vec<Row>> {
    let offices = std::env::var("TODOKE_BENCH_OFFICES").ok().and_then(|text| text.parse().ok()).unwrap_or(OFFICES);
    let folder = tempfile::tempdir()?;
    let size = Size { offices, months: MONTHS, persons: PERSONS };
    let all = folder.path().join("all");
    let written = history::write(&all, size)?;
    let quarter = folder.path().join("quarter");
    history::write(&quarter, Size { offices: offices.div_ceil(4), ..size })?;
    eprintln!("import: {offices} offices × {MONTHS} months × {PERSONS} persons: {written:?}");

    // Once before the clock runs, so that neither side reads from a cold disk.
    read_all(&all)?;
    let start = now();
    read_all(&all)?;
    let yardstick = start.elapsed();
    let small = import(&quarter, &folder.path().join("small"), None)?;
    let ours = import(&all, &folder.path().join("large"), Some(written))?;

    let office_years = offices as f64 * f64::from(MONTHS) / 12.0;
    let per_office_year = ours.database as f64 / office_years;
    let content = written.bytes as f64 / office_years;
    Ok(vec![
        Row {
            what: "import into an empty database / reading, decoding and splitting the same files",
            ours: seconds(ours.took),
            yardstick: seconds(yardstick),
            ratio: ours.took.as_secs_f64() / yardstick.as_secs_f64(),
            bar: 3.0,
        },
        Row {
            what: "the same: peak memory with all offices / with a quarter of them",
            ours: format!("{:.0} MiB", ours.memory),
            yardstick: format!("{:.0} MiB", small.memory),
            ratio: ours.memory / small.memory,
            bar: FLAT,
        },
        Row {
            what: "the same: database per office and year / its files",
            ours: format!("{:.0} KiB", per_office_year / 1024.0),
            yardstick: format!("{:.0} KiB", content / 1024.0),
            ratio: per_office_year / content,
            bar: 1.25,
        },
    ])
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

struct Imported {
    took: Duration,
    /// Most memory of the process, MiB.
    memory: f64,
    /// Bytes of the database afterwards.
    database: u64,
}

fn import(files: &Path, data: &Path, expected: Option<Written>) -> Result<Imported> {
    let mut todoke = command(&built("todoke")?);
    todoke.arg("import").arg(files).args(["--format", "json", "--data"]).arg(data);
    todoke.arg("--key-file").arg(data.with_extension("keys")).stdout(Stdio::piped());
    let start = now();
    let child = todoke.spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let watching = std::thread::spawn(move || {
        let mut most = 0.0_f64;
        // The high-water mark only grows, and is gone with the process.
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find(|line| line.starts_with("VmHWM"));
            let Some(kib) = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|text| text.parse().ok())
            else {
                break;
            };
            most = most.max(kib);
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(20));
        }
        most / 1024.0
    });
    let output = child.wait_with_output()?;
    let took = start.elapsed();
    let memory = watching.join().ok().context("the watcher ended early")?;
    ensure!(output.status.success(), "the import failed");
    let view: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    ensure!(expected.is_none_or(|written| view["new"] == written.files), "not all files were new: {view}");
    let database = ["todoke.db", "todoke.db-wal"]
        .iter()
        .map(|name| fs::metadata(data.join(name)).map_or(0, |facts| facts.len()))
        .sum();
    Ok(Imported { took, memory, database })
}

fn read_all(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path)?;
        } else {
            split(black_box(&fs::read(path)?))?;
        }
    }
    Ok(())
}
