//! What the check of a file shows: the office's own knowledge of it, its persons, the claim as the paper form, and how two
//! files differ.

use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

/// A file that was sent for the same office and months and still stands: a second one is refused (E-1401).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReplacesView {
    /// Its submission.
    pub id: String,
    /// Its file name.
    pub file: String,
    /// Where it stands, in words.
    pub state_word: String,
    /// When it was put into the outbox.
    pub created_at: String,
    /// Its number of statements.
    pub claims: u32,
    /// Its 保険請求額 + 公費請求額.
    #[specta(type = Number)]
    pub yen: i64,
}

/// A claim that was returned or held and that this file claims again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AnswerView {
    /// Names the case in the tracker.
    pub key: String,
    /// 保険者番号.
    pub insurer: String,
    /// 被保険者番号.
    pub insured: String,
    /// Name of the person in full-width kana; `null` when no notice gave it.
    pub insured_kana: Option<String>,
    /// サービス提供年月.
    pub service_month: String,
    /// 交換情報識別番号.
    pub exchange_id: String,
    /// `returned`, `held`, `kago` or `unmatched`.
    pub kind: String,
    /// `kind` in words.
    pub kind_word: String,
    /// 備考 of the notice.
    pub codes: Vec<String>,
    /// Why it was returned, in plain words.
    pub reason: String,
    /// Yen at stake in the case.
    #[specta(type = Number)]
    pub yen: i64,
    /// Yen that this file claims for it.
    #[specta(type = Number)]
    pub claimed: i64,
    /// The statement says exactly what the returned one said; `null` when that one is not on hand.
    pub unchanged: Option<bool>,
    /// Line of the statement in this file.
    #[specta(type = Number)]
    pub line: u64,
}

/// The 地域区分 that the unit prices of a file tell, held against the office's setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AreaCheckView {
    /// `unset`, `fits` or `differs`.
    pub state: String,
    /// The office's setting for the service months of the file; `null` while unset.
    pub set: Option<String>,
    /// The grade that the prices of the file have, where they tell only one.
    pub told: Option<String>,
    /// One sentence for reading.
    pub message: String,
}

/// How far a check has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CheckingView {
    /// A file at hand; several are checked at the same time.
    pub file: String,
    /// Files that are done, and one, from 1 to `files`.
    pub number: u32,
    /// Files to check altogether.
    pub files: u32,
    /// How much of all files is done, in percent of their bytes.
    pub percent: u8,
}

/// A part of a file: the control record, the 請求書, or one statement of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PartView {
    /// `control`, `totals`, `person`, `other` or `end`.
    pub kind: String,
    /// Title for reading, for example `請求明細書`.
    pub title: String,
    /// 交換情報識別番号; empty for the control and the end record.
    pub exchange_id: String,
    /// 被保険者番号; `null` for parts without a person.
    pub insured: Option<String>,
    /// 保険者番号; empty for parts without a person.
    pub insurer: String,
    /// サービス提供年月; `null` when none stands there.
    pub service_month: Option<String>,
    /// 保険請求額 + 公費請求額.
    #[specta(type = Number)]
    pub yen: i64,
    /// Its first line.
    #[specta(type = Number)]
    pub line: u64,
    /// Its last line.
    #[specta(type = Number)]
    pub last_line: u64,
}

/// A part of a file laid out like the paper form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SheetView {
    /// What it is.
    pub part: PartView,
    /// 事業所番号.
    pub office: String,
    /// Its blocks, from top to bottom.
    pub blocks: Vec<BlockView>,
}

/// A block of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BlockView {
    /// Caption.
    pub title: String,
    /// `facts` (named boxes), `table` (a row per record) or `totals` (a column per record, as on the paper).
    pub shape: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Columns that hold figures.
    pub numeric: Vec<bool>,
    /// Rows. `facts` have one.
    pub rows: Vec<BlockRowView>,
}

/// A row of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BlockRowView {
    /// Line in the file.
    #[specta(type = Number)]
    pub line: u64,
    /// Record kind.
    pub record: String,
    /// What the row is, where the block names its rows; else empty.
    pub name: String,
    /// One cell per column.
    pub cells: Vec<CellView>,
}

/// A value on the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CellView {
    /// Item number; 0 for a place that the record does not have.
    pub item: u16,
    /// The value as it stands in the file.
    pub value: String,
    /// The value for reading: dates in 和暦, separators, codes with their names.
    pub text: String,
}

/// How a file differs from one that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DifferenceView {
    /// Name of the earlier file.
    pub before: String,
    /// Name of the later file.
    pub after: String,
    /// 保険請求額 + 公費請求額 of the earlier file.
    #[specta(type = Number)]
    pub yen_before: i64,
    /// 保険請求額 + 公費請求額 of the later file.
    #[specta(type = Number)]
    pub yen_after: i64,
    /// Statements that say the same.
    pub unchanged: u32,
    /// Statements only in the later file.
    pub added: Vec<ClaimLineView>,
    /// Statements only in the earlier file.
    pub removed: Vec<ClaimLineView>,
    /// Statements that say something else.
    pub changed: Vec<ChangedView>,
    /// Other rows that differ: the 請求書.
    pub others: Vec<RowChangeView>,
}

/// A statement, in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ClaimLineView {
    /// 被保険者番号.
    pub insured: String,
    /// 保険者番号.
    pub insurer: String,
    /// サービス提供年月.
    pub service_month: String,
    /// 交換情報識別番号.
    pub exchange_id: String,
    /// 保険請求額 + 公費請求額.
    #[specta(type = Number)]
    pub yen: i64,
}

/// A statement that says something else in the later file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ChangedView {
    /// The statement as it is in the later file.
    pub claim: ClaimLineView,
    /// 保険請求額 + 公費請求額 in the earlier file.
    #[specta(type = Number)]
    pub yen_before: i64,
    /// What differs, row by row.
    pub rows: Vec<RowChangeView>,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RowChangeView {
    /// Record kind.
    pub record: String,
    /// Name of the record.
    pub name: String,
    /// Line in the earlier file; `null` when the row is new.
    #[specta(type = Option<Number>)]
    pub before_line: Option<u64>,
    /// Line in the later file; `null` when the row is gone.
    #[specta(type = Option<Number>)]
    pub after_line: Option<u64>,
    /// Items that differ.
    pub items: Vec<ItemChangeView>,
}

/// An item that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ItemChangeView {
    /// Item number.
    pub item: u32,
    /// Item name; empty for an unknown kind of row.
    pub name: String,
    /// Value in the earlier file.
    pub before: String,
    /// Value in the later file.
    pub after: String,
}

/// The 地域区分 of an office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfficeAreaView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// The grade that holds this month, for example `5級地`; `null` while unset.
    pub area: Option<String>,
    /// What was set, oldest month first.
    pub history: Vec<AreaFromView>,
    /// What the newest paid month tells, from 支払決定額内訳書; `null` when none is on hand that tells anything.
    pub paid: Option<PaidAreaView>,
    /// Every grade, highest first.
    pub choices: Vec<String>,
    /// What one unit is worth in each grade, in the same order.
    pub prices: Vec<AreaPricesView>,
}

/// What one unit is worth in a grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AreaPricesView {
    /// The grade.
    pub area: String,
    /// By kind of service, the dearest first.
    pub prices: Vec<UnitPriceView>,
}

/// What one unit of some services is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct UnitPriceView {
    /// The services, in words.
    pub services: String,
    /// For example `10.70円`.
    pub yen: String,
}

/// A grade from a month on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AreaFromView {
    /// First サービス提供年月.
    pub from: String,
    /// The grade; `null` where it was taken back.
    pub area: Option<String>,
}

/// What paid amounts tell about the 地域区分.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PaidAreaView {
    /// サービス提供年月.
    pub service_month: String,
    /// Grades that fit; empty when the rows contradict each other.
    pub fitting: Vec<String>,
    /// Rows that had a say.
    pub rows: u32,
    /// One sentence for reading.
    pub message: String,
}
