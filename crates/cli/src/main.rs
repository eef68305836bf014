//! `todoke`: what the window does, in a terminal（DESIGN §8）.
//!
//! Exit 0 = done, 1 = findings or refusals, 2 = could not run.

mod arguments;
mod print;
mod run;
mod values;

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use app::{Clock, Code, Problem};
use arguments::Arguments;
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Findings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers; anything else could not run.
            let code = if error.use_stderr() { 2 } else { 0 };
            match values::refusal(&error) {
                Some(text) => print::aside(&text),
                None => drop(error.print()),
            }
            return ExitCode::from(code);
        }
    };
    let filter = EnvFilter::try_from_env("TODOKE_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let json = arguments.options.format == arguments::Format::Json;
    match run::run(arguments, clock).await {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(problem) => {
            print::problem(&problem, json);
            ExitCode::from(exit_code(&problem))
        }
    }
}

/// A refusal of what was asked is a result (1); everything that kept the command from running is 2.
fn exit_code(problem: &Problem) -> u8 {
    let refusal = matches!(
        problem.code,
        Code::EmptyFile
            | Code::NotInterchange
            | Code::Utf8File
            | Code::SpreadsheetFile
            | Code::CutFile
            | Code::DisabilityFile
            | Code::TooLargeFile
            | Code::Folder
            | Code::BrokenText
            | Code::ChangedFile
            | Code::FileHasErrors
            | Code::NotSendable
            | Code::WrongCredentials
            | Code::LockedOut
            | Code::PasswordChangeRequired
            | Code::WeakPassword
            | Code::OtherOffice
            | Code::AlreadyClaimed
            | Code::AnnouncedDifferently
            | Code::RelayRefusedFile
            | Code::AfterWindow
            | Code::UnknownSubmission
            | Code::CannotSendAgain
            | Code::FormatError
            | Code::ExternalError
            | Code::NoReceiptYet
            | Code::AlreadySent
            | Code::MissingGlyph
            | Code::NotADemo
            | Code::UnknownNotice
            | Code::UnknownReturn
            | Code::ReasonMissing
            | Code::SecondLook
            | Code::WrongDate
            | Code::UnknownDecision
            | Code::NameMissing
            | Code::UnknownArea
            | Code::UnknownFile
            | Code::DraftIncomplete
            | Code::ForbiddenMonth
            | Code::NothingApplied
            | Code::NoLetters
            | Code::ChangeIncomplete
            | Code::NotDoneYet
            | Code::NotAnApplication
            | Code::TermsChanged
            | Code::NotAPicture
            | Code::NoPicture
            | Code::UnknownPaper
            | Code::UnknownMonth
            | Code::NotReadyToClose
            | Code::UnknownExport
            | Code::UnknownCopy
    );
    if refusal { 1 } else { 2 }
}

/// Reads a password from a prompt, or from standard input when that is no terminal. One line; never from arguments.
fn read_password(prompt: &str) -> Result<String, Problem> {
    let unreadable = |_| Problem::with(Code::Unreadable, "（パスワードを読めませんでした。）");
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map_err(unreadable);
    }
    let mut line = Vec::new();
    for byte in std::io::stdin().lock().bytes() {
        match byte.map_err(unreadable)? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    let text =
        String::from_utf8(line).map_err(|_| Problem::with(Code::Unreadable, "（パスワードを読めませんでした。）"))?;
    Ok(text.trim_end_matches('\r').to_owned())
}

/// Makes the clock of the command: the real one, or one that stands at noon of the day given with `--today`.
fn clock(today: Option<chrono::NaiveDate>) -> Clock {
    match today {
        Some(day) => Clock::standing(day.and_hms_opt(12, 0, 0).unwrap_or_default()),
        None => Clock::new(now),
    }
}

#[expect(clippy::disallowed_methods, reason = "the program's one look at the real clock (D12)")]
fn now() -> chrono::NaiveDateTime {
    chrono::Utc::now().naive_utc() + chrono::TimeDelta::hours(9)
}
