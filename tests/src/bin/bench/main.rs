//! Measures against the bars of the design, as ratios within one run.

mod board;
mod check;
mod import;
mod sending;
mod start;

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
    let mut rows = Vec::new();
    if chosen("check") {
        rows.extend(check::measure()?);
    }
    if chosen("import") {
        rows.extend(import::measure()?);
    }
    if chosen("board") {
        rows.extend(board::measure().await?);
    }
    if chosen("start") {
        rows.push(start::measure().await?);
    }
    if chosen("send") {
        rows.push(sending::measure().await?);
    }
    println!("\n| What | Todoke | Yardstick | Ratio | Bar | |\n|---|---:|---:|---:|---:|---|");
    for Row { what, ours, yardstick, ratio, bar } in &rows {
        let verdict = if ratio <= bar { "met" } else { "missed" };
        println!("| {what} | {ours} | {yardstick} | {ratio:.2} | {bar:.2} | {verdict} |");
    }
    let met = rows.iter().all(|row| row.ratio <= row.bar);
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
