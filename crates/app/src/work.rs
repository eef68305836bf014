//! Views of the worklist, of the alarms and of an import, made like those in [`crate::views`].

use std::path::Path;

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use crate::problem::{Code, Problem};
use crate::views::{RefusedView, ReturnView, WithdrawalView};

/// What a person wants to see of the worklist. Empty lists and `null` do not narrow it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct WorkQuery {
    /// `mine` (mine and nobody's, unfinished), `unfinished`, `fix`, `wait`, `limitation`, `forgotten` or `all`; empty means
    /// `mine`.
    pub tab: String,
    /// 事業所番号.
    pub office: Option<String>,
    /// `open`, `reclaimed`, `settled`, `held`, `closed`, `lapsed`.
    pub states: Vec<String>,
    /// `returned`, `held`, `kago`, `assessed`, `unmatched`.
    pub kinds: Vec<String>,
    /// Routes, for example `fix_now`.
    pub routes: Vec<String>,
    /// Codes, for example `12PA`.
    pub codes: Vec<String>,
    /// Name of who sees to it; empty for nobody.
    pub owner: Option<String>,
    /// Part of 被保険者番号 or of the name in kana.
    pub text: Option<String>,
    /// Least yen.
    #[specta(type = Option<Number>)]
    pub min_yen: Option<i64>,
    /// Most yen.
    #[specta(type = Option<Number>)]
    pub max_yen: Option<i64>,
    /// Least age in months since the notice that opened the case.
    pub min_age: Option<u32>,
    /// `due`, `yen`, `person`, `service_month`, `kind`, `owner` or `age`; empty means `due`.
    pub sort: String,
    /// From the largest down.
    pub descending: bool,
}

/// A part of the worklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WorkPageView {
    /// Items that the query finds.
    pub total: u32,
    /// Their yen.
    #[specta(type = Number)]
    pub yen: i64,
    /// Of these, estimated.
    #[specta(type = Number)]
    pub estimated_yen: i64,
    /// Position of the first row.
    pub offset: u32,
    /// Rows from there on.
    pub rows: Vec<WorkRowView>,
    /// What each tab holds, within the office of the query.
    pub tabs: Vec<TabView>,
    /// Codes that occur among the unfinished items.
    pub codes: Vec<String>,
    /// Names of those who see to something.
    pub owners: Vec<String>,
    /// Yen that will be lost unless they are claimed in time.
    pub risk: RiskView,
    /// Who works on this computer; `null` until a name was given.
    pub person: Option<String>,
}

/// How much a tab of the worklist holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TabView {
    /// Name as in [`WorkQuery::tab`].
    pub tab: String,
    /// Items.
    pub count: u32,
    /// Their yen.
    #[specta(type = Number)]
    pub yen: i64,
}

/// Yen by the days that are left until the last window closes; each figure contains the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Type)]
pub struct RiskView {
    /// The last window is over, the limitation has not passed.
    #[specta(type = Number)]
    pub too_late: i64,
    /// Within 30 days.
    #[specta(type = Number)]
    pub within_30_days: i64,
    /// Within 60 days.
    #[specta(type = Number)]
    pub within_60_days: i64,
    /// Within 90 days.
    #[specta(type = Number)]
    pub within_90_days: i64,
}

/// A row of the worklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WorkRowView {
    /// Names the row: the key of the claim, its kind and the month that opened the case.
    pub id: String,
    /// Names the claim, for deciding about it.
    pub key: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 保険者番号.
    pub insurer: String,
    /// 被保険者番号.
    pub insured: String,
    /// Name in full-width kana; `null` when no notice gave it.
    pub insured_kana: Option<String>,
    /// サービス提供年月.
    pub service_month: String,
    /// `returned`, `held`, `kago`, `assessed` or `unmatched`.
    pub kind: String,
    /// `kind` in words.
    pub kind_word: String,
    /// `open`, `reclaimed`, `settled`, `held`, `closed` or `lapsed`.
    pub state: String,
    /// `state` in words.
    pub state_word: String,
    /// Codes.
    pub codes: Vec<String>,
    /// Reason in plain words.
    pub reason: String,
    /// What to do, as a choice: `fix_now`, `wait` …
    pub route: String,
    /// What to do next, in a few words.
    pub next: String,
    /// Yen.
    #[specta(type = Number)]
    pub yen: i64,
    /// `yen` is estimated.
    pub estimated: bool,
    /// Months in which it was returned.
    pub times_returned: u32,
    /// Day until which something should be done.
    pub due: Option<String>,
    /// `window` (end of the next claim window), `limitation`, or `person` (somebody set the day).
    pub due_from: Option<String>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// 処理対象年月 of the notice that opened the case.
    pub first_month: String,
    /// Last day before it is time-barred.
    pub limitation_date: Option<String>,
    /// Someone wants to give the money up; a second look is due.
    pub give_up_proposed: bool,
    /// A window has passed in which it could have been claimed again, and was not.
    pub forgotten: bool,
    /// Number of notes.
    pub notes: u32,
}

/// Everything about one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WorkItemView {
    /// The row of the worklist.
    pub row: WorkRowView,
    /// What the terminal shows of it.
    pub item: ReturnView,
    /// Last day of the last window before the limitation.
    pub last_claim_day: Option<String>,
    /// Last day of the window after which a return could still be answered in time.
    pub last_safe_day: Option<String>,
    /// Every time it was claimed, oldest first.
    pub attempts: Vec<AttemptView>,
    /// What the notices say of it, line by line, oldest first.
    pub notice_lines: Vec<NoticeLineView>,
    /// What does not fit together about it.
    pub alarms: Vec<AlarmView>,
    /// When it will most likely pass, learnt from other claims of the insurer; `None` where too few tell it.
    pub forecast: Option<String>,
    /// How the claim could be withdrawn.
    pub withdrawal: WithdrawalView,
    /// A wish to give the money up.
    pub proposal: Option<ProposalView>,
    /// Notes, oldest first.
    pub notes: Vec<PastView>,
    /// Everything that was decided, newest first.
    pub history: Vec<PastView>,
}

/// A claim that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AttemptView {
    /// 処理対象年月.
    pub processing_month: String,
    /// Insurance and public shares.
    #[specta(type = Number)]
    pub yen: i64,
    /// Units.
    #[specta(type = Number)]
    pub units: i64,
    /// File that carries it.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Line in the file where it begins.
    #[specta(type = Number)]
    pub line: u64,
}

/// A line of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NoticeLineView {
    /// 審査年月.
    pub month: String,
    /// Title of the notice.
    pub title: String,
    /// The notice.
    pub notice: String,
    /// What it says, for example `返戻 12PA：受給者台帳に…`.
    pub text: String,
}

/// A wish to give money up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProposalView {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// The same person works on this computer: another one should look, or this one once more.
    pub mine: bool,
}

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PastView {
    /// Its number.
    pub id: u32,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What, for example `担当：佐藤`.
    pub text: String,
    /// It was taken back.
    pub undone: bool,
    /// It can be taken back.
    pub undoable: bool,
}

/// What a person decides about items of the worklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// Who sees to it; empty for nobody.
    Owner {
        /// Name.
        name: String,
    },
    /// Until when; `null` for what the files say.
    Due {
        /// `YYYY-MM-DD`.
        date: Option<String>,
    },
    /// A note.
    Note {
        /// Its text.
        text: String,
    },
    /// What to do; `null` for what the code says.
    Route {
        /// For example `ask_insurer`.
        route: Option<String>,
    },
    /// Nothing more will be claimed. Where money would be given up, the first time only proposes it.
    Close {
        /// Why.
        reason: String,
        /// The person has looked a second time.
        looked_twice: bool,
    },
    /// The money is not given up after all.
    Keep,
    /// A closing is taken back.
    Reopen,
}

/// What a decision did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DecidedView {
    /// Numbers of the decisions made, for taking them back.
    pub ids: Vec<u32>,
    /// What happened, for reading aloud.
    pub text: String,
}

/// A filter of the worklist that a person gave a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SavedFilterView {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub query: WorkQuery,
}

/// Something that a person should look into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AlarmView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 処理対象年月; `null` when it is about the office as a whole.
    pub month: Option<String>,
    /// For example `missing_notice`.
    pub kind: String,
    /// What is the matter.
    pub text: String,
    /// What to do.
    pub action: String,
    /// Yen that it is about.
    #[specta(type = Option<Number>)]
    pub yen: Option<i64>,
    /// Key of the claim that it is about.
    pub key: Option<String>,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Type)]
pub struct ImportPreviewView {
    /// Files and folders looked through.
    pub paths: Vec<String>,
    /// Files looked at.
    pub files: u32,
    /// Files that are not on this computer yet.
    pub new: u32,
    /// Files that are here already.
    pub repeated: u32,
    /// Files whose content stands in the folder more than once.
    pub twice: u32,
    /// Offices that the new files belong to.
    pub offices: Vec<ImportOfficeView>,
    /// Files that cannot be taken in, with the reason; the first 500.
    pub refused: Vec<RefusedView>,
    /// Number of files that cannot be taken in.
    pub refused_count: u32,
    /// Notices with rows of an unknown shape, which are kept and shown but count for nothing; the first 500.
    pub odd: Vec<String>,
}

/// What an import would bring for one office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ImportOfficeView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名; empty when it is unknown here.
    pub office_name: String,
    /// Claim files.
    pub claim_files: u32,
    /// Notices.
    pub notices: u32,
    /// Statements（明細書）in the claim files.
    pub claims: u32,
    /// Their yen.
    #[specta(type = Number)]
    pub yen: i64,
    /// Earliest 処理対象年月.
    pub from: Option<String>,
    /// Latest 処理対象年月.
    pub to: Option<String>,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ImportProgressView {
    /// `looking` or `storing`.
    pub phase: String,
    /// Files done.
    pub done: u32,
    /// Files in all.
    pub total: u32,
    /// Of those done, new ones.
    pub new: u32,
    /// Of those done, refused ones.
    pub refused: u32,
}

/// Form of what is written to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PaperForm {
    /// A paper for printing.
    Pdf,
    /// A table for spreadsheets: UTF-8 with BOM, commas.
    Csv,
    /// A workbook.
    Xlsx,
}

impl PaperForm {
    /// All forms.
    pub(crate) const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Pdf];

    /// Returns how names of files of this form end.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Finds the form by the ending of its files.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownExport`] for any other ending.
    pub(crate) fn find(ending: &str) -> Result<Self, Problem> {
        let found = Self::ALL.into_iter().find(|form| form.ending().eq_ignore_ascii_case(ending));
        found.ok_or_else(|| Self::none_of(&Self::ALL))
    }

    /// Finds the form that the name of a file promises.
    ///
    /// # Errors
    ///
    /// As [`PaperForm::find`].
    pub(crate) fn of(path: &Path) -> Result<Self, Problem> {
        Self::find(&path.extension().unwrap_or_default().to_string_lossy())
    }

    /// Makes the problem of a name that promises none of these forms.
    pub(crate) fn none_of(forms: &[Self]) -> Problem {
        let endings: Vec<String> = forms.iter().map(|form| format!(".{}", form.ending())).collect();
        Problem::with(Code::UnknownExport, format!("（{}）", endings.join("、")))
    }
}
