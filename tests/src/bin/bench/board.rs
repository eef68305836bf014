//! The board of 1,000 offices and 24 months, as the program gives it to its screen: first with a program that was just
//! started, then once more.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use app::{App, Clock, Config, KeyFile, Secrets};
use chrono::NaiveDateTime;
use kokuho::Yen;
use todoke_tests::wait::now;

use crate::Row;

const OFFICES: u32 = 1000;
const MONTHS: i32 = 24;
/// The bars of the design.
const COLD_MS: f64 = 100.0;
const WARM_MS: f64 = 16.0;
/// Runs; the fastest counts, because everything else is the machine's.
const RUNS: usize = 5;

/// Measures both.
pub async fn measure() -> Result<[Row; 2]> {
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files");
    let claimed = write_claims(&files)?;
    let app = open(folder.path()).await?;
    let taken = app.import(&[files.to_string_lossy().into_owned()]).await?;
    ensure!(taken.new == OFFICES * MONTHS as u32, "{} of the files were taken", taken.new);
    let first = app.board("claimed").await?;
    ensure!(first.total == claimed.0, "the board says {}, the files {claimed}", first.total);
    drop(app);

    let (mut cold, mut warm) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let app = open(folder.path()).await?;
        let start = now();
        let board = app.board("claimed").await?;
        cold = cold.min(start.elapsed().as_secs_f64() * 1000.0);
        ensure!(board == first, "what was kept says otherwise");
        let start = now();
        let unpaid = app.board("unpaid").await?;
        warm = warm.min(start.elapsed().as_secs_f64() * 1000.0);
        ensure!(unpaid.rows.len() == OFFICES as usize, "{} offices", unpaid.rows.len());
    }
    let row = |what, took: f64, bar: f64| Row {
        what,
        ours: format!("{took:.1} ms"),
        yardstick: format!("{bar:.0} ms"),
        ratio: took / bar,
        bar: 1.0,
    };
    Ok([
        row("board of 1,000 offices × 24 months, just started / its bar", cold, COLD_MS),
        row("the same board once more / its bar", warm, WARM_MS),
    ])
}

async fn open(folder: &Path) -> Result<App> {
    let noon: NaiveDateTime = "2026-07-05T12:00:00".parse()?;
    let config = Config {
        data: folder.join("data"),
        documents: folder.join("documents"),
        relay: None,
        clock: Clock::standing(noon),
        secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
    };
    Ok(App::open(config).await?)
}

/// Writes a claim of one person per office and month, and returns what they claim together.
fn write_claims(folder: &Path) -> Result<Yen> {
    let mut claimed = 0;
    for number in 0..OFFICES {
        let office = format!("99700{number:05}");
        let of_office = folder.join(&office);
        fs::create_dir_all(&of_office)?;
        for back in 0..MONTHS {
            let month = calendar(2026 * 12 + 5 - back);
            let service = calendar(2026 * 12 + 4 - back);
            let units = 1000 + i64::from(number) + i64::from(back);
            let cost = units * 10;
            let insurance = cost * 90 / 100;
            claimed += insurance;
            let own = cost - insurance;
            let head = format!("{service},{office},00990010,\"0000000101\"");
            let text = format!(
                "1,1,0,4,711,0,0,{office},0,7,{month},0\r\n\
                 2,2,\"7111\",{service},{office},1,0,01,1,{units},{cost},{insurance},0,{own},0,0,0,0,0,0\r\n\
                 2,3,\"7131\",01,{head},,,,,,,19400105,2,21,,20200101,20301231,1,9970001013,,,,,,,,,90,,,,{units},{insurance},{own}{}\r\n\
                 2,4,\"7131\",02,{head},15,2241,{units},1,0,0,0,{units},0,0,0,\"\"\r\n\
                 2,5,\"7131\",10,{head},15,1,{units},{units},0,,,{units},1000,{insurance},{own}{}\r\n\
                 3,6\r\n",
                ",0".repeat(21),
                ",0".repeat(21),
            );
            fs::write(of_office.join(format!("KK{month}.CSV")), text)?;
        }
    }
    Ok(Yen(claimed))
}

/// Writes a month counted from year 0 as `YYYYMM`.
fn calendar(month: i32) -> String {
    format!("{:04}{:02}", month / 12, month % 12 + 1)
}
