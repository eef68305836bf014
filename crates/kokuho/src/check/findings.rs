use crate::layout::Layout;
use crate::line;
use crate::{Finding, Severity, Yen};

use super::rules;

/// Findings kept per file. A file with more is broken as a whole; the rest is only counted.
const MAX_FINDINGS: usize = 5_000;
/// Characters kept of a value that is shown.
const MAX_SHOWN: usize = 40;

/// Where a finding belongs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At<'a> {
    pub line: u64,
    pub layout: Option<&'static Layout>,
    /// From 1; 0 when no single item is meant.
    pub item: usize,
    pub insured: &'a [u8],
}

impl At<'_> {
    /// The file as a whole.
    pub const FILE: Self = At { line: 0, layout: None, item: 0, insured: b"" };

    pub fn line(line: u64) -> Self {
        Self { line, ..Self::FILE }
    }
}

/// Collects findings and remembers whether the statement at hand has an error.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    omitted: u64,
    /// Set by an error that belongs to a person; reset by who asks.
    pub person_has_error: bool,
}

/// What a finding says.
pub(super) struct Words {
    pub found: String,
    pub expected: String,
    pub message: String,
    pub hint: String,
}

impl Words {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { found: String::new(), expected: String::new(), message: message.into(), hint: hint.into() }
    }

    pub fn found(self, found: impl Into<String>) -> Self {
        Self { found: found.into(), ..self }
    }

    pub fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    /// Both values as figures.
    pub fn figures(self, found: i64, expected: i64) -> Self {
        self.found(found.to_string()).expected(expected.to_string())
    }
}

impl Findings {
    pub fn error(&mut self, rule: &'static str, at: At<'_>, words: Words) {
        self.add(rule, Severity::Error, at, words);
    }

    pub fn warning(&mut self, rule: &'static str, at: At<'_>, words: Words) {
        self.add(rule, Severity::Warning, at, words);
    }

    pub fn add(&mut self, rule: &'static str, severity: Severity, at: At<'_>, words: Words) {
        if severity == Severity::Error && !at.insured.is_empty() {
            self.person_has_error = true;
        }
        if self.list.len() >= MAX_FINDINGS {
            self.omitted += 1;
            return;
        }
        let item = at.layout.and_then(|layout| layout.item(at.item));
        self.list.push(Finding {
            rule,
            severity,
            line: at.line,
            record: at.layout.map_or_else(String::new, |layout| layout.id.to_owned()),
            item: item.map_or(0, |item| item.no),
            item_name: item.map_or_else(String::new, |item| item.name_ja.to_owned()),
            insured: (!at.insured.is_empty()).then(|| shown(at.insured)),
            found: words.found,
            expected: words.expected,
            message: words.message,
            hint: words.hint,
        });
    }

    /// Returns the findings, errors first, then by line.
    pub fn finish(mut self) -> Vec<Finding> {
        if self.omitted > 0 {
            let message =
                format!("ほかにも{}件の指摘があります。", grouped(i64::try_from(self.omitted).unwrap_or(i64::MAX)));
            // The kept ones may all be mild while an error is among the rest: the file must not pass.
            self.list.push(Finding {
                rule: rules::X1,
                severity: Severity::Error,
                line: 0,
                record: String::new(),
                item: 0,
                item_name: String::new(),
                insured: None,
                found: String::new(),
                expected: String::new(),
                message,
                hint: "まず表示されたところを直して、もう一度ファイルを確かめてください。".to_owned(),
            });
        }
        self.list.sort_by_key(|finding| (finding.severity, finding.line, finding.item));
        self.list
    }
}

/// Returns a value as text for people, at most forty characters of it.
pub(super) fn shown(value: &[u8]) -> String {
    let text = line::decode(value).unwrap_or_else(|_| String::from_utf8_lossy(value));
    let mut characters = text.chars();
    let mut kept: String = characters.by_ref().take(MAX_SHOWN).collect();
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Returns a figure with thousands separators.
pub(super) fn grouped(figure: i64) -> String {
    Yen(figure).to_string()
}

/// Returns `YYYYMM` as `2026年6月`; anything else as it stands.
pub(super) fn month_words(month: &[u8]) -> String {
    let text = shown(month);
    match text.parse::<calendar::Month>() {
        Ok(month) => format!("{}年{}月", month.year(), month.month()),
        Err(_) => text,
    }
}
