//! Runs, tests and measures the whole program: `cargo xtask run`, `cargo xtask test`, `cargo xtask bench`; the Windows
//! programs: `cargo xtask windows`.

mod bench;
mod debian;
mod interface;
mod postgres;
mod run;
mod setup;
mod shell;
mod test;
mod windows;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <what>

  run     builds everything, starts the relay with its demonstration and opens the window on it;
          without a display walks the main job through the real window and leaves pictures in target/tour/
  test    runs every check that CI runs
  bench   measures against the bars of the design and prints ratios

  windows builds the Windows programs and packs the installer into target/windows-gnu/setup/;
          --certificate FILE.p12 --password-file FILE --time-server URL sign them
  deb     builds the programs and packs them for Debian; `deb prove` packs the debug build, installs and starts it
  installer  only the proof of the Windows installer under Wine
  wine    builds the Windows programs and proves them under Wine; not part of `test`. Words after it choose among
          programs, shipped, office, crates, installer

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
        Some(("windows", words)) => windows::windows(&windows::Choices::parse(words)?),
        Some(("deb", [])) => debian::package(),
        Some(("deb", [word])) if word == "prove" => debian::prove().map(|()| true),
        Some(("installer", [])) => windows::prove_installer().map(|()| true),
        Some(("wine", words)) => test::wine(words),
        Some(("ui", [])) => test::ui(),
        Some(("e2e", names)) => test::whole_program(names),
        None | Some(("help" | "--help" | "-h", _)) => {
            println!("{HELP}");
            Ok(true)
        }
        Some((what, _)) => bail!("`{what}` is not known here, or takes no more words\n\n{HELP}"),
    }
}
