//! The check of a claim file on arrival: what 国保連 would refuse goes no further.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kokuho::{CheckError, CheckReport, FileKind, NotInterchange, Severity};
use relay_api::NewSubmission;
use tokio::runtime::Handle;

use crate::failure::Failure;
use crate::objects;

/// Places named in a refusal, at most.
const MAX_PLACES: usize = 20;

/// What the relay wants to know of a file that may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Marked as a test: never billed, and in nobody's way.
    pub(crate) test: bool,
}

/// Checks a content in memory against what was announced.
pub(crate) async fn of_bytes(content: Bytes, announced: &NewSubmission) -> Result<Passed, Failure> {
    let name = announced.file_name.clone();
    let report = tokio::task::spawn_blocking(move || kokuho::check(&content, Some(&name))).await;
    judge(report.map_err(|error| Failure::Internal(error.into()))?, announced)
}

/// Checks a content piece by piece against what was announced.
pub(crate) async fn of_stream(
    content: BoxStream<'static, Result<Bytes, objects::Error>>,
    announced: &NewSubmission,
) -> Result<Passed, Failure> {
    let name = announced.file_name.clone();
    let pieces = Pieces { content, piece: Bytes::new(), runtime: Handle::current() };
    let report = tokio::task::spawn_blocking(move || kokuho::check_reader(pieces, Some(&name))).await;
    match report.map_err(|error| Failure::Internal(error.into()))? {
        Ok(report) => judge(Ok(report), announced),
        Err(CheckError::NotInterchange(refused)) => judge(Err(refused), announced),
        Err(CheckError::Io(error)) => Err(Failure::Internal(error.into())),
    }
}

/// Says whether the file may go on. The refusal names rules and lines, never what stands there.
fn judge(report: Result<CheckReport, NotInterchange>, announced: &NewSubmission) -> Result<Passed, Failure> {
    let invalid = |why: String| Err(Failure::InvalidFile(why));
    let report = match report {
        Ok(report) => report,
        Err(refused) => return invalid(refused.to_string()),
    };
    match report.kind {
        FileKind::Claim | FileKind::BenefitManagement => {}
        FileKind::Notice | FileKind::Unknown => return invalid("not a claim file".into()),
    }
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    if !errors.is_empty() {
        let places: Vec<String> =
            errors.iter().take(MAX_PLACES).map(|finding| format!("{} line {}", finding.rule, finding.line)).collect();
        return invalid(format!("{} errors: {}", errors.len(), places.join(", ")));
    }
    // A terminal sends what the file says, not what was announced: an ID must not send for an office by announcing
    // another one, nor hide a month.
    let months: Vec<String> = report.service_months.iter().map(ToString::to_string).collect();
    let processing_month = report.processing_month.map(|month| month.to_string());
    if report.office != announced.office {
        return invalid("the office in the control record is not the announced one".into());
    }
    if report.data_type != announced.data_type {
        return invalid("the data type in the control record is not the announced one".into());
    }
    if processing_month.as_ref() != Some(&announced.processing_month) || months != announced.service_months {
        return invalid("the months in the file are not the announced ones".into());
    }
    Ok(Passed { test: report.test })
}

/// Reads a stream from a blocking thread.
struct Pieces {
    content: BoxStream<'static, Result<Bytes, objects::Error>>,
    piece: Bytes,
    runtime: Handle,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.content.next()) {
                Some(piece) => self.piece = piece.map_err(io::Error::other)?,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
