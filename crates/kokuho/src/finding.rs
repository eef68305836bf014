/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 国保連 would refuse or return it: blocks sending.
    Error,
    /// Likely wrong or a guess of ours: asks, never blocks.
    Warning,
    /// Worth knowing.
    Info,
}

/// What the check found. Invalid input is a result to show, not an error to throw.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Id of the rule, as in `docs/guide/rules.md`: `F2`, `A3`, `C1`, `V2`, …
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Line in the file, from 1; 0 when the finding is about the file as a whole.
    pub line: u64,
    /// Id of the record kind, for example `7131-10`; empty for the file as a whole.
    pub record: String,
    /// Number of the item in the record, from 1 as in the specification; 0 when no single item is meant.
    pub item: u16,
    /// Name of the item in Japanese; empty when no single item is meant.
    pub item_name: String,
    /// The person concerned, if one is.
    pub insured: Option<String>,
    /// What stands in the file; empty when that says nothing.
    pub found: String,
    /// What should stand there; empty when the rule cannot tell.
    pub expected: String,
    /// What is wrong, one plain Japanese sentence.
    pub message: String,
    /// What to do, one plain Japanese sentence.
    pub hint: String,
}
