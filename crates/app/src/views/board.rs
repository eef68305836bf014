//! What HQ sees: the board, a month of an office, analyses, deposits, closings.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// Offices by months, for one figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BoardView {
    /// The figure: `unpaid`, `claimed`, … ([`ledger::Figure`]).
    pub figure: String,
    /// The figure in words.
    pub figure_name: String,
    /// 処理対象年月, newest first, without gaps.
    pub months: Vec<String>,
    /// Offices, by number.
    pub rows: Vec<BoardRowView>,
    /// Sum of each month.
    #[specta(type = Vec<Number>)]
    pub totals: Vec<i64>,
    /// Sum of all.
    #[specta(type = Number)]
    pub total: i64,
    /// 未収 of all offices and months on hand.
    #[specta(type = Number)]
    pub unpaid: i64,
    /// Sum of the differences that nothing explains, without regard to their sign, over all months on hand.
    #[specta(type = Number)]
    pub unexplained: i64,
    /// Months of offices whose notices are not complete.
    pub incomplete: u32,
    /// Months that are closed.
    pub locks: Vec<LockView>,
}

/// An office on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BoardRowView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名; empty when it is unknown here.
    pub office_name: String,
    /// Its 地域区分 is not set.
    pub area_unset: bool,
    /// One per month; `null` where nothing is on hand.
    pub cells: Vec<Option<BoardCellView>>,
    /// Sum of the row.
    #[specta(type = Number)]
    pub total: i64,
}

/// An office in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub struct BoardCellView {
    /// The figure.
    #[specta(type = Number)]
    pub yen: i64,
    /// How the month stands.
    pub standing: StandingView,
}

/// How an office stands in a month; what needs a person first comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StandingView {
    /// 通知不足.
    NoticesMissing,
    /// 差額あり.
    Unexplained,
    /// 要対応.
    Open,
    /// 待ち.
    Waiting,
    /// 済.
    Done,
}

/// A closed month of an office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct LockView {
    /// 事業所番号.
    pub office: String,
    /// 処理対象年月.
    pub month: String,
    /// `claims` or `payment`.
    pub stage: String,
    /// The stage in words.
    pub stage_name: String,
    /// Who closed it.
    pub by: String,
    /// When.
    pub at: String,
    /// Figures that the files tell otherwise since.
    pub changes: Vec<ChangeView>,
}

/// A figure that changed after its month was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ChangeView {
    /// The figure in words.
    pub name: String,
    /// When the month was closed.
    #[specta(type = Number)]
    pub then: i64,
    /// Now.
    #[specta(type = Number)]
    pub now: i64,
}

/// A closing or reopening, as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ClosingView {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// `請求の締め`, `入金の締め` or `締めを開く`.
    pub what: String,
    /// Why it was opened again; empty for a closing.
    pub reason: String,
}

/// A month of an office, from what was claimed to what was transferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfficeMonthView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 処理対象年月.
    pub month: String,
    /// How it stands.
    pub standing: StandingView,
    /// Claims sent.
    pub claims: u32,
    /// Bars of the waterfall, in the order in which they add up.
    pub bars: Vec<BarView>,
    /// 説明できない差額 of decision and transfer together; shown also when it is 0.
    #[specta(type = Number)]
    pub unexplained: i64,
    /// 未収 today.
    #[specta(type = Number)]
    pub unpaid: i64,
    /// Notices that should be here and are not: id and title.
    pub missing: Vec<NoticeNameView>,
    /// Notices of this month that are here.
    pub notices: Vec<NoticeNameView>,
    /// Persons to whom something happened in this month, the largest amount first.
    pub persons: Vec<PersonView>,
    /// How the month is closed; `null` while it is open.
    pub lock: Option<LockView>,
    /// Closings and reopenings, oldest first.
    pub closings: Vec<ClosingView>,
}

/// A notice by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NoticeNameView {
    /// Id of the notice, to open it; empty for a missing one.
    pub id: String,
    /// 交換情報識別番号.
    pub exchange_id: String,
    /// Title.
    pub title: String,
}

/// A bar of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BarView {
    /// What it is, for programs.
    pub step: String,
    /// What it is, in words.
    pub name: String,
    /// Yen added, taken away, or there.
    #[specta(type = Number)]
    pub yen: i64,
    /// Where it begins.
    #[specta(type = Number)]
    pub from: i64,
    /// Where it ends.
    #[specta(type = Number)]
    pub to: i64,
    /// It stands on the ground and shows how much there is.
    pub is_level: bool,
}

/// A person to whom something happened in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PersonView {
    /// Names the item of 返戻・未収 that tells its story.
    pub key: String,
    /// 被保険者番号.
    pub insured: String,
    /// Name in kana; `null` when no notice gave it.
    pub insured_kana: Option<String>,
    /// サービス提供年月.
    pub service_month: String,
    /// What happened in the month, for example `返戻（12PA）`.
    pub events: Vec<String>,
    /// Where it stands today, in words.
    pub state_word: String,
    /// Yen at stake.
    #[specta(type = Number)]
    pub yen: i64,
    /// `yen` is an estimate.
    pub estimated: bool,
}

/// Number and yen of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub struct TallyView {
    /// Number.
    pub count: u32,
    /// Yen.
    #[specta(type = Number)]
    pub yen: i64,
}

/// Age, trends and recovery of what came back, for one office or all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AnalysisView {
    /// Unpaid claims by age, youngest first.
    pub ages: Vec<AgeView>,
    /// Open claims about to be time-barred.
    pub at_risk: Vec<HorizonView>,
    /// Claims that are time-barred.
    pub lapsed: TallyView,
    /// 審査年月 of the trends, oldest first.
    pub trend_months: Vec<String>,
    /// Returns by code.
    pub by_code: Vec<TrendRowView>,
    /// Returns by insurer.
    pub by_insurer: Vec<TrendRowView>,
    /// Returns by office.
    pub by_office: Vec<TrendRowView>,
    /// The recovery score.
    pub recovery: RecoveryView,
}

/// Unpaid claims of one age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AgeView {
    /// Age in words, for example `提供月から3か月まで`.
    pub name: String,
    /// To be claimed again.
    pub open: TallyView,
    /// Claimed again, not yet decided.
    pub reclaimed: TallyView,
    /// Held.
    pub held: TallyView,
    /// All three.
    pub all: TallyView,
}

/// Open claims that are time-barred within so many days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HorizonView {
    /// Days.
    pub days: u32,
    /// Claims; each horizon includes the ones before it.
    pub claims: TallyView,
}

/// A row of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TrendRowView {
    /// Code or number.
    pub key: String,
    /// What it means, or the name.
    pub name: String,
    /// Number of returns in each month.
    pub counts: Vec<u32>,
    /// All months.
    pub total: TallyView,
    /// Of these: claims that had come back before.
    pub repeated: u32,
}

/// The recovery score, each figure with its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RecoveryView {
    /// First 審査年月 that counts.
    pub from: String,
    /// Last 審査年月 that counts.
    pub to: String,
    /// Figures.
    pub figures: Vec<ScoreView>,
}

/// A figure of the recovery score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ScoreView {
    /// Name.
    pub name: String,
    /// Value as a person reads it, for example `3か所（4か所のうち）`.
    pub value: String,
    /// How it is computed.
    pub definition: String,
}

/// A deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DepositView {
    /// Day; expected unless announced.
    pub day: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 処理対象年月.
    pub month: String,
    /// `announced`, `decided` or `expected`.
    pub certainty: String,
    /// The same in words: 確定, 決定, 見込み.
    pub certainty_word: String,
    /// Amount.
    #[specta(type = Number)]
    pub yen: i64,
    /// The day has passed without transfer notice.
    pub overdue: bool,
}

/// 事業未収金 from month to month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RollView {
    /// `reverse` or `keep`.
    pub style: String,
    /// The style in words.
    pub style_name: String,
    /// Months, newest first, with all offices together.
    pub months: Vec<RollMonthView>,
}

/// A month of 事業未収金. `opening` and the movements give `closing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RollMonthView {
    /// Month.
    pub month: String,
    /// 前月繰越.
    #[specta(type = Number)]
    pub opening: i64,
    /// 請求.
    #[specta(type = Number)]
    pub claimed: i64,
    /// Change by returns (negative when they are taken off; 0 when they stay receivable).
    #[specta(type = Number)]
    pub returned: i64,
    /// Claimed again out of 返戻未収金: taken off there, because `claimed` counts it.
    #[specta(type = Number)]
    pub claimed_again: i64,
    /// 査定.
    #[specta(type = Number)]
    pub assessed: i64,
    /// 過誤, less what stays receivable.
    #[specta(type = Number)]
    pub kago: i64,
    /// 説明できない差額.
    #[specta(type = Number)]
    pub unexplained: i64,
    /// 振込 (negative).
    #[specta(type = Number)]
    pub received: i64,
    /// 請求しないと決めたもの・時効 (negative).
    #[specta(type = Number)]
    pub written_off: i64,
    /// 締めた月の訂正: what changed later in months that had been closed before.
    #[specta(type = Number)]
    pub corrected: i64,
    /// 次月繰越.
    #[specta(type = Number)]
    pub closing: i64,
    /// Of `closing`: 返戻未収金.
    #[specta(type = Number)]
    pub closing_returned: i64,
}

/// A bank statement held against the deposits that are expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BankView {
    /// Name of the file.
    pub file: String,
    /// The file as it was given.
    pub path: String,
    /// Day of the first deposit on it.
    pub from: Option<String>,
    /// Day of the last one.
    pub to: Option<String>,
    /// Deposits on it.
    pub lines: u32,
    /// Of these: other people's money, left alone.
    pub others: u32,
    /// Rows whose day cannot be read.
    pub unreadable: u32,
    /// Yen that came.
    #[specta(type = Number)]
    pub came: i64,
    /// Yen that were expected.
    #[specta(type = Number)]
    pub expected: i64,
    /// What needs a look first.
    pub rows: Vec<BankRowView>,
}

/// A deposit and the line of the statement that belongs to it; either may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BankRowView {
    /// `matches`, `other_day`, `differs`, `missing` or `unexpected`.
    pub verdict: String,
    /// The same in words.
    pub verdict_word: String,
    /// Names of the offices, or numbers where no name is known.
    pub offices: String,
    /// 処理対象年月.
    pub month: Option<String>,
    /// Day on which it was expected.
    pub expected_day: Option<String>,
    /// Yen that were expected.
    #[specta(type = Number)]
    pub expected: i64,
    /// How sure that was: 確定, 決定, 見込み.
    pub certainty_word: Option<String>,
    /// Day on the statement.
    pub day: Option<String>,
    /// Yen that came.
    #[specta(type = Number)]
    pub came: i64,
    /// What stands beside it on the statement.
    pub text: String,
    /// What came less what was expected.
    #[specta(type = Number)]
    pub difference: i64,
}

/// What is written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ExportRequest {
    /// `board`, `month`, `balance`, `returns`, `analysis`, `deposits`, `bank`, `roll` or `journal`.
    pub what: String,
    /// `xlsx`, `csv` or `pdf`.
    pub format: String,
    /// One office, or all.
    pub office: Option<String>,
    /// 処理対象年月, where one month is written.
    pub month: Option<String>,
    /// Figure of the board; 未収 when absent.
    pub figure: Option<String>,
    /// Style of bookkeeping; `keep` when absent.
    pub style: Option<String>,
    /// Bank statement that `bank` is about.
    pub file: Option<String>,
}
