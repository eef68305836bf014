//! Every check that CI runs, with the time that each took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::interface;
use crate::postgres::Server;
use crate::setup::{self, has_nextest};
use crate::shell::{cargo, npm, succeeds};
use crate::windows;

/// Runs everything. All of it shares one profile and one set of features, so that nothing is compiled twice.
pub fn all() -> Result<bool> {
    let mut report = Report::default();
    report.step("setup", setup::setup)?;
    report.check("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    // The window's binary carries ui/dist, so that the user interface is built before any Rust.
    ui_checks(&mut report)?;
    report.check("clippy", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    if report.check("build", &mut build())? {
        report.check("unit and crate tests", &mut tests(Scope::Crates, &[]))?;
        shared_storage(&mut report)?;
        report.outcome("relay by its document", interface::interface)?;
        report.check("whole-program tests", &mut tests(Scope::WholeProgram, &[]))?;
        report.check("documentation tests", &mut cargo(&["test", "--workspace", "--doc", "--quiet"]))?;
    }
    report.proof("installer for Windows", windows::prove_installer);
    Ok(report.finish())
}

/// Runs only the checks of the user interface.
pub fn ui() -> Result<bool> {
    let mut report = Report::default();
    report.step("setup", setup::setup)?;
    ui_checks(&mut report)?;
    Ok(report.finish())
}

/// Runs only the proofs of the Windows programs under Wine that `words` name; all of them when there is none.
pub fn wine(words: &[String]) -> Result<bool> {
    if let Some(unknown) = words.iter().find(|word| windows::PROOFS.iter().all(|(name, _)| name != word)) {
        let names: Vec<_> = windows::PROOFS.iter().map(|(name, _)| *name).collect();
        bail!("`{unknown}` is no proof of the Windows programs; there are {}", names.join(", "));
    }
    let mut report = Report::default();
    report.step("setup", setup::setup)?;
    if report.check("ui: build", &mut npm(&["run", "build"]))? && report.check("build", &mut build())? {
        for (name, proof) in windows::PROOFS {
            if words.is_empty() || words.iter().any(|word| word == name) {
                report.proof(name, *proof);
            }
        }
    }
    Ok(report.finish())
}

/// Runs only the whole-program tests whose names contain one of `names`; all of them when there is none.
pub fn whole_program(names: &[String]) -> Result<bool> {
    let mut report = Report::default();
    report.step("setup", setup::setup)?;
    if report.check("ui: build", &mut npm(&["run", "build"]))? && report.check("build", &mut build())? {
        report.check("whole-program tests", &mut tests(Scope::WholeProgram, names))?;
    }
    Ok(report.finish())
}

fn ui_checks(report: &mut Report) -> Result<()> {
    report.check("ui: lint", &mut npm(&["run", "lint"]))?;
    report.check("ui: types", &mut npm(&["run", "check"]))?;
    report.check("ui: tests", &mut npm(&["run", "test"]))?;
    report.check("ui: build", &mut npm(&["run", "build"]))?;
    report.check("ui: browser tests", &mut npm(&["run", "browser-test"]))?;
    Ok(())
}

/// Builds everything at once, programs and tests: choosing single packages would choose other features of the
/// dependencies and compile them again.
fn build() -> Command {
    cargo(&["build", "--workspace", "--all-targets"])
}

/// Runs the relay's suite once more, on a PostgreSQL server and a bucket in the place of a folder.
fn shared_storage(report: &mut Report) -> Result<()> {
    let server = Server::start()?;
    report.check("relay on PostgreSQL", &mut on_postgres(&server))?;
    Ok(())
}

/// Leaves out what is about the folder itself: the real program with `--data`, demonstrations, backups and newer versions.
fn on_postgres(server: &Server) -> Command {
    let mut command = if has_nextest() {
        let only = "package(relay) and kind(test) and not test(/^(demo|hard_days|operation|process|releases)::/)";
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--run-ignored", "all", "-E", only])
    } else {
        let alone = ["demo::", "hard_days::", "operation::", "process::", "releases::"];
        let alone: Vec<&str> = alone.iter().flat_map(|module| ["--skip", module]).collect();
        let words = ["test", "--workspace", "--test", "it", "--", "--include-ignored"];
        cargo(&[&words[..], &alone].concat())
    };
    command.env("TODOKE_TEST_POSTGRES", server.url());
    command
}

#[derive(Clone, Copy)]
enum Scope {
    Crates,
    WholeProgram,
}

fn tests(scope: Scope, names: &[String]) -> Command {
    let names = names.iter().map(String::as_str);
    if has_nextest() {
        let filter = match scope {
            Scope::Crates => "not package(todoke-tests)",
            Scope::WholeProgram => "package(todoke-tests)",
        };
        let mut command = cargo(&["nextest", "run", "--workspace", "--all-targets", "--no-fail-fast", "-E", filter]);
        command.args(names);
        command
    } else {
        let mut command = match scope {
            Scope::Crates => {
                cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast", "--exclude", "todoke-tests", "--"])
            }
            Scope::WholeProgram => {
                cargo(&["test", "--package", "todoke-tests", "--no-fail-fast", "--", "--test-threads=2"])
            }
        };
        command.args(names);
        command
    }
}

/// What ran, how it ended, how long it took.
#[derive(Default)]
struct Report {
    rows: Vec<(&'static str, bool, Duration)>,
}

impl Report {
    /// Runs a command; returns whether it succeeded. Later steps run all the same, so that one run shows every fault.
    fn check(&mut self, name: &'static str, command: &mut Command) -> Result<bool> {
        let start = now();
        let good = succeeds(command)?;
        self.rows.push((name, good, start.elapsed()));
        Ok(good)
    }

    /// Does something that tells by itself whether all was well.
    fn outcome(&mut self, name: &'static str, work: fn() -> Result<bool>) -> Result<()> {
        let start = now();
        let good = work()?;
        self.rows.push((name, good, start.elapsed()));
        Ok(())
    }

    /// Runs a proof that says itself what is wrong.
    fn proof(&mut self, name: &'static str, work: fn() -> Result<()>) {
        let start = now();
        let result = work();
        if let Err(error) = &result {
            eprintln!("{name}: {error:#}");
        }
        self.rows.push((name, result.is_ok(), start.elapsed()));
    }

    fn step(&mut self, name: &'static str, work: fn() -> Result<()>) -> Result<()> {
        let start = now();
        work()?;
        self.rows.push((name, true, start.elapsed()));
        Ok(())
    }

    /// Prints the summary and returns whether everything succeeded.
    fn finish(self) -> bool {
        eprintln!();
        for (name, good, took) in &self.rows {
            let seconds = took.as_secs();
            eprintln!("{}  {:>2}:{:02}  {name}", if *good { "ok    " } else { "FAILED" }, seconds / 60, seconds % 60);
        }
        let total: u64 = self.rows.iter().map(|(_, _, took)| took.as_secs()).sum();
        let good = self.rows.iter().all(|(_, good, _)| *good);
        eprintln!("{}  {:>2}:{:02}  everything", if good { "ok    " } else { "FAILED" }, total / 60, total % 60);
        good
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long the steps of a build take; an edge of the program")]
fn now() -> Instant {
    Instant::now()
}
