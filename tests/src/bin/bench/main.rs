//! Measures against the bars of the design, as ratios within one run.

mod board;
mod check;
mod import;
mod sending;
mod serving;
mod start;
mod window;

use std::process::ExitCode;

use anyhow::Result;

/// One line of the table.
struct Row {
    what: &'static str,
    ours: String,
    yardstick: String,
    ratio: f64,
    bar: f64,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [what, path] = words.as_slice()
        && what == "check-once"
    {
        check::once(path.as_ref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    println!("| What | Todoke | Yardstick | Ratio | Bar | |\n|---|---:|---:|---:|---:|---|");
    let mut all = true;
    // Each row is printed as soon as it is known; one that cannot be measured hides no other.
    let mut print = |rows: Result<Vec<Row>>| match rows {
        Ok(rows) => {
            for Row { what, ours, yardstick, ratio, bar } in &rows {
                let verdict = if ratio <= bar { "met" } else { "missed" };
                println!("| {what} | {ours} | {yardstick} | {ratio:.2} | {bar:.2} | {verdict} |");
            }
            all &= rows.iter().all(|row| row.ratio <= row.bar);
        }
        Err(error) => {
            eprintln!("{error:?}");
            all = false;
        }
    };
    if chosen("check") {
        print(check::measure().map(Vec::from));
    }
    if chosen("import") {
        print(import::measure());
    }
    if chosen("board") {
        print(board::measure().await.map(Vec::from));
    }
    if chosen("start") {
        print(start::measure().await.map(Vec::from));
    }
    if chosen("window") {
        print(window::measure().await.map(|row| vec![row]));
    }
    if chosen("send") {
        print(sending::measure().await.map(|row| vec![row]));
    }
    if chosen("accept") {
        print(serving::accepting().await.map(|row| vec![row]));
    }
    if chosen("hour") {
        print(serving::busy_hour().await.map(|row| vec![row]));
    }
    if chosen("listen") {
        print(serving::listeners().await.map(|row| vec![row]));
    }
    if chosen("storm") {
        print(serving::storm().await.map(|row| vec![row]));
    }
    if chosen("kill") {
        print(serving::kills(1_000).await.map(|row| vec![row]));
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
