//! Runs, tests and measures the whole program: `cargo xtask run`, `cargo xtask test`, `cargo xtask bench`.

mod bench;
mod interface;
mod postgres;
mod run;
mod setup;
mod shell;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <what>

  run     builds everything, starts the relay with its demonstration and opens the window on it;
          without a display walks the main job through the real window and leaves pictures in target/tour/
  test    runs every check that CI runs
  bench   measures against the bars of the design and prints ratios

  setup   installs what this machine lacks (part of all of the above)
  ui      only the checks of the user interface
  e2e     only the whole-program tests; words after it choose tests by name";

fn main() -> ExitCode {
    match dispatch(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all that was asked for succeeded.
fn dispatch(words: &[String]) -> Result<bool> {
    match words.split_first().map(|(what, rest)| (what.as_str(), rest)) {
        Some(("run", [])) => run::run(),
        Some(("test", [])) => test::all(),
        Some(("bench", [])) => bench::bench(),
        Some(("setup", [])) => setup::setup().map(|()| true),
        Some(("ui", [])) => test::ui(),
        Some(("e2e", names)) => test::whole_program(names),
        None | Some(("help" | "--help" | "-h", _)) => {
            println!("{HELP}");
            Ok(true)
        }
        Some((what, _)) => bail!("`{what}` is not known here, or takes no more words\n\n{HELP}"),
    }
}
