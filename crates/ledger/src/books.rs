use chrono::{NaiveDate, NaiveDateTime};
use kokuho::{Claim, Notice};

use crate::CaseKey;

/// Everything that the ledger looks at.
///
/// Order and repetition do not matter. Claims of files that were cancelled before they were accepted（取消）do not
/// belong here. Where two different statements for one claim key and one 処理対象年月 are given all the same (a replaced
/// file found on disk), the one counts whose units the month's 返戻（保留）一覧表 repeats, else the one with the larger
/// amount, so that no yen drops out of sight.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    /// What was sent: statements of claim files.
    pub claims: &'a [Claim],
    /// What 国保連 answered.
    pub notices: &'a [Notice],
    /// What people decided.
    pub decisions: &'a [Decision],
    /// The day as of which everything is told.
    pub today: NaiveDate,
}

/// What a person decided about a case. The latest decision of a case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The case. Reductions（査定）need no decision: they are settled.
    pub key: CaseKey,
    /// What was decided.
    pub kind: DecisionKind,
    /// When, in Japan time.
    pub at: NaiveDateTime,
}

/// Kind of a [`Decision`]; ordered so that of two at the same moment the closing counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Takes a closing back: the state follows from the files again.
    Reopen,
    /// Nothing more is to be done（請求しない）.
    Close {
        /// Why, in the person's words.
        reason: String,
    },
}
