//! Checking a claim file of 100 MB against only decoding and splitting the same bytes, on one thread.

use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use encoding_rs::SHIFT_JIS;
use todoke_tests::claims::{crowd, fixture};
use todoke_tests::wait::now;

use crate::Row;

/// Size of the file; just under what the relay takes.
const BYTES: usize = 100 * 1000 * 1000;
/// Size of one of many files, and how many.
const SMALL: usize = 100 * 1000;
const MANY: usize = 1000;
/// Runs of each side; the fastest counts, because everything else is the machine's.
const RUNS: usize = 3;
/// The bar of the design in MiB.
const MEMORY: f64 = 64.0;

/// Measures time and memory.
pub fn measure() -> Result<[Row; 4]> {
    let bytes = large_claim(BYTES)?;
    let split = fastest(|| split(&bytes))?;
    let check = fastest(|| {
        let report = kokuho::check(black_box(&bytes), Some("KK260601.CSV"));
        let report = report.ok().context("the large claim is no claim")?;
        ensure!(report.findings.is_empty(), "the large claim is not clean: {:?}", report.findings.first());
        Ok(())
    })?;

    let memory = peak_memory(&bytes)?;
    let crowded = peak_memory(&crowded_claim()?)?;

    let small = large_claim(SMALL)?;
    let alone = fastest(|| check_many(&small, 1))?;
    let together = fastest(|| check_many(&small, 2))?;

    Ok([
        Row {
            what: "1,000 claim files of 100 kB on two cores / on one",
            ours: format!("{:.0} ms", together.as_secs_f64() * 1000.0),
            yardstick: format!("{:.0} ms", alone.as_secs_f64() * 1000.0),
            ratio: together.as_secs_f64() / alone.as_secs_f64(),
            bar: 1.0 / 1.7,
        },
        Row {
            what: "check of a 100 MB claim file / decoding and splitting it",
            ours: format!("{:.0} ms", check.as_secs_f64() * 1000.0),
            yardstick: format!("{:.0} ms", split.as_secs_f64() * 1000.0),
            ratio: check.as_secs_f64() / split.as_secs_f64(),
            bar: 2.0,
        },
        Row {
            what: "the same: peak memory beyond the file's bytes / 64 MiB",
            ours: format!("{memory:.1} MiB"),
            yardstick: format!("{MEMORY:.0} MiB"),
            ratio: memory / MEMORY,
            bar: 1.0,
        },
        Row {
            what: "a million rows of one person: peak memory beyond the file's bytes / 64 MiB",
            ours: format!("{crowded:.1} MiB"),
            yardstick: format!("{MEMORY:.0} MiB"),
            ratio: crowded / MEMORY,
            bar: 1.0,
        },
    ])
}

/// Returns by how many MiB the memory of a process grows at the most while it checks `bytes`.
fn peak_memory(bytes: &[u8]) -> Result<f64> {
    let file = tempfile::NamedTempFile::new()?;
    file.as_file().write_all(bytes)?;
    let once = Command::new(std::env::current_exe()?).arg("check-once").arg(file.path()).output()?;
    ensure!(once.status.success(), "{}", String::from_utf8_lossy(&once.stderr));
    Ok(String::from_utf8_lossy(&once.stdout).trim().parse()?)
}

/// Makes a claim whose one person has a million details, which no month can hold.
fn crowded_claim() -> Result<Vec<u8>> {
    let sample = String::from_utf8(fs::read(fixture("KK260601.CSV"))?)?;
    let lines: Vec<&str> = sample.lines().collect();
    let rest = |line: &str| line.splitn(3, ',').nth(2).map(str::to_owned).context("a data record");
    let detail = rest(lines.iter().find(|line| line.contains("\"7131\",02")).context("a detail")?)?;
    let mut claim = Vec::new();
    write!(claim, "1,1,0,1000001,711,0,0,9970000015,0,7,202606,0\r\n")?;
    write!(claim, "2,2,{}\r\n", rest(lines.get(1).context("a claim form")?)?)?;
    for number in 3..1_000_003 {
        write!(claim, "2,{number},{detail}\r\n")?;
    }
    write!(claim, "3,1000003\r\n")?;
    Ok(claim)
}

/// Checks a file in a process of its own and prints by how many MiB its memory grew at the most.
pub fn once(path: &Path) -> Result<()> {
    let bytes = fs::read(path)?;
    let before = status("VmRSS")?;
    black_box(kokuho::check(&bytes, Some("KK260601.CSV")).is_ok());
    println!("{}", (status("VmHWM")? - before).max(0.0));
    Ok(())
}

fn status(name: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name}"))?;
    let kib: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kib / 1024.0)
}

fn fastest(mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// The yardstick: decodes without replacement and splits into fields.
pub fn split(bytes: &[u8]) -> Result<()> {
    let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes).context("Shift_JIS")?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::ByteRecord::new();
    let mut fields = 0;
    while reader.read_byte_record(&mut record)? {
        fields += record.len();
    }
    black_box(fields);
    Ok(())
}

/// Checks [`MANY`] copies of a file on so many threads.
fn check_many(bytes: &[u8], threads: usize) -> Result<()> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut clean = true;
                    while next.fetch_add(1, Ordering::Relaxed) < MANY {
                        let report = kokuho::check(black_box(bytes), Some("KK260601.CSV"));
                        clean &= report.is_ok_and(|report| report.findings.is_empty());
                    }
                    clean
                })
            })
            .collect();
        let clean = workers.into_iter().all(|worker| worker.join().unwrap_or(false));
        ensure!(clean, "a small claim is not clean");
        Ok(())
    })
}

/// Makes one claim of about `size` bytes.
pub fn large_claim(size: usize) -> Result<Vec<u8>> {
    // A person takes as many bytes in a small claim as in a large one, but for the digits of the row numbers.
    let per_person = crowd(100, false)?.len() / 100;
    crowd(size / (per_person + per_person / 20), false)
}
