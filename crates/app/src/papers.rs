//! Papers: receipts as PDF.

use std::io::Write;
use std::path::Path;

use chrono::NaiveDateTime;
use kokuho::Yen;
use paper::{Document, PaperError, Receipt, Standing, Step, StepState};
use relay_api::Account;

use crate::disk;
use crate::outbox::make_folder_of;
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::views::{SavedView, StepView, SubmissionState, SubmissionView};
use crate::work::PaperForm;

/// Gathers what the receipt of a submission says.
pub(crate) fn receipt(
    view: &SubmissionView,
    account: Option<&Account>,
    issued_at: NaiveDateTime,
    practice: bool,
) -> Result<Receipt, Problem> {
    let month = |text: &String| text.parse().map_err(|_| Problem::from(Code::Internal));
    Ok(Receipt {
        corporation_name: account.map(|account| account.corporation_name.clone()).unwrap_or_default(),
        office_name: view.office_name.clone(),
        office_number: view.office.clone(),
        file_name: view.file.clone(),
        processing_month: month(&view.processing_month)?,
        service_months: view.service_months.iter().map(month).collect::<Result<_, _>>()?,
        claims: view.claims,
        yen: Yen(view.yen),
        sha256: view.sha256.clone(),
        size: view.size,
        accept_code: view.accept_code.clone(),
        state: match view.round {
            1 => view.state_word.clone(),
            round => format!("{}（{round}回目の送信）", view.state_word),
        },
        basic_code: view.basic_code.clone(),
        standing: standing(view.state),
        message: view.message.clone(),
        steps: view.steps.iter().map(step).collect(),
        issued_at,
        practice,
        test: view.test,
    })
}

const fn standing(state: SubmissionState) -> Standing {
    match state {
        SubmissionState::Ready
        | SubmissionState::Sending
        | SubmissionState::AtRelay
        | SubmissionState::Transmitting => Standing::AtRelay,
        SubmissionState::Arrived | SubmissionState::Receiving => Standing::Arrived,
        SubmissionState::Accepted | SubmissionState::Processing | SubmissionState::Completed => Standing::Accepted,
        SubmissionState::Refused | SubmissionState::FormatError | SubmissionState::ExternalError => Standing::Failed,
        SubmissionState::CancelRequested | SubmissionState::Cancelling | SubmissionState::Cancelled => {
            Standing::Cancelled
        }
    }
}

fn step(view: &StepView) -> Step {
    Step {
        name: view.name.clone(),
        state: match view.state.as_str() {
            "done" => StepState::Done,
            "failed" => StepState::Failed,
            "current" => StepState::Current,
            _ => StepState::Waiting,
        },
        at: view.at.as_deref().and_then(moment),
    }
}

/// Turns a failure of the paper into a problem.
pub(crate) fn of_paper(error: PaperError) -> Problem {
    match error {
        PaperError::MissingCharacter { character, place } => {
            Problem::with(Code::MissingGlyph, format!("{place}の「{character}」です。"))
        }
        PaperError::Font | PaperError::Pdf(_) | PaperError::Workbook(_) => {
            tracing::error!(cause = %error, "The paper cannot be made");
            Code::Internal.into()
        }
    }
}

/// Prints a paper as PDF.
///
/// # Errors
///
/// Like [`save_pdf`]; a character that the font lacks.
pub(crate) fn print(path: &Path, document: &Document) -> Result<SavedView, Problem> {
    save_pdf(path, &paper::document(document).map_err(of_paper)?)
}

/// Writes a PDF.
///
/// # Errors
///
/// [`Code::UnknownExport`] where the name says something else: no program would open it; failures of [`save`].
pub(crate) fn save_pdf(path: &Path, bytes: &[u8]) -> Result<SavedView, Problem> {
    match PaperForm::of(path) {
        Ok(PaperForm::Pdf) => save(path, bytes),
        _ => Err(PaperForm::none_of(&[PaperForm::Pdf])),
    }
}

/// Writes a file beside its place and renames it, so that a half-written one is never printed.
///
/// # Errors
///
/// [`Code::PaperFailed`] with the place.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<SavedView, Problem> {
    make_folder_of(path)?;
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(disk).map_err(|_| Problem::with(Code::PaperFailed, format!("（{}）", path.display())))?;
    Ok(SavedView { path: path.to_string_lossy().into_owned(), file: crate::files::file_name(path) })
}
