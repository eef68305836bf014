//! Looking at files. Nothing is stored here.

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use kokuho::{CheckReport, FileKind, Finding, NotInterchange, Severity};
use relay_api::Account;
use sha2::{Digest, Sha256};

use crate::problem::{Code, Problem};
use crate::views::{CheckView, FindingView};

/// The content of a file, read once.
pub(crate) struct Content {
    pub name: String,
    pub bytes: Vec<u8>,
    pub sha256: String,
}

/// Told how many bytes were dealt with since the last call; returns whether to go on.
pub(crate) type Watch<'w> = &'w (dyn Fn(u64) -> bool + Sync);

/// Goes on to the end, whoever waits.
pub(crate) const UNWATCHED: Watch<'static> = &|_| true;

/// Bytes between two calls of a [`Watch`] while a file is read.
const STRIDE: u64 = 1024 * 1024;

/// A person has stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Files that are checked at the same time: one for each core. Each is whole in memory while it is checked, so that many
/// cores do not ask for more than eight of the largest.
pub(crate) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(8)
}

/// Checks files without a data folder, for scripts, on every core. The views stand in the order of `paths`.
pub fn check_paths(paths: &[PathBuf]) -> Vec<CheckView> {
    let check = |path: &PathBuf| match look(path, UNWATCHED) {
        Ok(looked) => looked.view,
        Err(Stopped) => refused(path, &Code::Internal.into()),
    };
    let views: Vec<OnceLock<CheckView>> = paths.iter().map(|_| OnceLock::new()).collect();
    let todo = Mutex::new(paths.iter().zip(&views));
    std::thread::scope(|scope| {
        for _ in 0..at_once().min(paths.len()) {
            scope.spawn(|| {
                loop {
                    let next = todo.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((path, view)) = next else { break };
                    let _ = view.set(check(path));
                }
            });
        }
    });
    views.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// A file that was read and checked.
pub(crate) struct Looked {
    pub view: CheckView,
    /// データ種別 of the control record.
    pub data_type: String,
    /// `None` when it is no interchange file at all.
    pub content: Option<Content>,
}

/// Reads and checks a file.
pub(crate) fn look(path: &Path, watch: Watch<'_>) -> Result<Looked, Stopped> {
    let refused = |problem: &Problem| Looked { view: refused(path, problem), data_type: String::new(), content: None };
    let content = match read_file_watched(path, watch)? {
        Ok(content) => content,
        Err(problem) => return Ok(refused(&problem)),
    };
    match kokuho::check_reader(Watched { rest: &content.bytes, watch }, Some(&content.name)) {
        Ok(report) => {
            let data_type = report.data_type.clone();
            Ok(Looked { view: view(report, &content, path), data_type, content: Some(content) })
        }
        Err(kokuho::CheckError::NotInterchange(not)) => Ok(refused(&of_not_interchange(&not))),
        // Reading from memory fails in one way only.
        Err(kokuho::CheckError::Io(_)) => Err(Stopped),
    }
}

/// Bytes in memory whose reader can be stopped.
struct Watched<'b> {
    rest: &'b [u8],
    watch: Watch<'b>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.rest.read(buffer)?;
        if (self.watch)(count as u64) { Ok(count) } else { Err(std::io::Error::other("stopped by a person")) }
    }
}

/// Reads a file of at most the size that the relay takes.
pub(crate) fn read_file(path: &Path) -> Result<Content, Problem> {
    read_file_watched(path, UNWATCHED).unwrap_or_else(|Stopped| Err(Code::Internal.into()))
}

fn read_file_watched(path: &Path, watch: Watch<'_>) -> Result<Result<Content, Problem>, Stopped> {
    let unreadable = |error: std::io::Error| {
        tracing::info!(cause = %error, "A file cannot be opened");
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "（ファイルが見つかりません。）",
            std::io::ErrorKind::PermissionDenied => "（読む権限がありません。）",
            _ => "",
        };
        Problem::with(Code::Unreadable, why)
    };
    let open = || -> Result<(std::fs::File, u64), Problem> {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let facts = file.metadata().map_err(unreadable)?;
        if facts.is_dir() {
            return Err(Code::Folder.into());
        }
        if facts.len() > relay_api::MAX_CONTENT_BYTES {
            return Err(Code::TooLargeFile.into());
        }
        Ok((file, facts.len()))
    };
    let (mut file, size) = match open() {
        Ok(opened) => opened,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut bytes = Vec::with_capacity(size as usize);
    loop {
        let count = match (&mut file).take(STRIDE).read_to_end(&mut bytes) {
            Ok(count) => count,
            Err(error) => return Ok(Err(unreadable(error))),
        };
        if count == 0 {
            break;
        }
        // The size may have been a lie (a device, a growing file).
        if bytes.len() as u64 > relay_api::MAX_CONTENT_BYTES {
            return Ok(Err(Code::TooLargeFile.into()));
        }
        if !watch(count as u64) {
            return Err(Stopped);
        }
    }
    Ok(Ok(Content { name: file_name(path), sha256: sha256(&bytes), bytes }))
}

/// Returns SHA-256 in lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

pub(crate) fn office_name(account: &Account, number: &str) -> Option<String> {
    account.offices.iter().find(|office| office.number == number).map(|office| office.name.clone())
}

pub(crate) fn of_not_interchange(not: &NotInterchange) -> Problem {
    match not {
        NotInterchange::Empty => Code::EmptyFile.into(),
        NotInterchange::TooLarge => Code::TooLargeFile.into(),
        NotInterchange::Utf8 => Code::Utf8File.into(),
        NotInterchange::Undecodable { byte } => {
            Problem::with(Code::BrokenText, format!("ファイルの先頭から{}バイト目です。", byte + 1))
        }
        NotInterchange::NotClaimShape => Code::NotInterchange.into(),
        NotInterchange::SavedBySpreadsheet => Code::SpreadsheetFile.into(),
        NotInterchange::CutInHalf => Code::CutFile.into(),
        NotInterchange::Disability => Code::DisabilityFile.into(),
        NotInterchange::LineTooLong { line } => {
            Problem::with(Code::NotInterchange, format!("（{line}行目が長すぎます。）"))
        }
    }
}

fn view(report: CheckReport, content: &Content, path: &Path) -> CheckView {
    let claim = matches!(report.kind, FileKind::Claim | FileKind::BenefitManagement);
    let errors = report.findings.iter().any(|finding| finding.severity == Severity::Error);
    CheckView {
        file: content.name.clone(),
        path: path.to_string_lossy().into_owned(),
        kind: report.kind.as_str().to_owned(),
        office: report.office,
        office_name: None,
        processing_month: report.processing_month.map(|month| month.to_string()),
        service_months: report.service_months.iter().map(ToString::to_string).collect(),
        claims: report.claims as u32,
        persons: report.persons as u32,
        persons_with_errors: report.persons_with_errors as u32,
        yen: report.yen.0,
        test: report.test,
        sha256: content.sha256.clone(),
        size: content.bytes.len() as u64,
        same_as: None,
        sendable: claim && !errors,
        problem: None,
        findings: report.findings.into_iter().map(FindingView::from).collect(),
        replaces: None,
        answers: Vec::new(),
        area: None,
    }
}

fn refused(path: &Path, problem: &Problem) -> CheckView {
    CheckView {
        file: file_name(path),
        path: path.to_string_lossy().into_owned(),
        kind: "refused".to_owned(),
        office: String::new(),
        office_name: None,
        processing_month: None,
        service_months: Vec::new(),
        claims: 0,
        persons: 0,
        persons_with_errors: 0,
        yen: 0,
        test: false,
        sha256: String::new(),
        size: 0,
        same_as: None,
        sendable: false,
        problem: Some(problem.into()),
        findings: Vec::new(),
        replaces: None,
        answers: Vec::new(),
        area: None,
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        Self {
            rule: finding.rule.to_owned(),
            severity: severity.to_owned(),
            line: finding.line,
            record: finding.record,
            item: finding.item,
            item_name: finding.item_name,
            insured: finding.insured,
            found: finding.found,
            expected: finding.expected,
            message: finding.message,
            hint: finding.hint,
        }
    }
}

/// Groups findings by person, in the order in which the persons first appear; `None` is the file itself.
pub fn by_person(findings: &[FindingView]) -> Vec<(Option<String>, Vec<&FindingView>)> {
    let mut order: Vec<Option<String>> = Vec::new();
    let mut groups: BTreeMap<Option<String>, Vec<&FindingView>> = BTreeMap::new();
    for finding in findings {
        if !groups.contains_key(&finding.insured) {
            order.push(finding.insured.clone());
        }
        groups.entry(finding.insured.clone()).or_default().push(finding);
    }
    order
        .into_iter()
        .map(|person| {
            let group = groups.remove(&person).unwrap_or_default();
            (person, group)
        })
        .collect()
}
