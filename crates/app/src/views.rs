//! What the window and the terminal show. Flat, named fields; months `YYYY-MM`, dates `YYYY-MM-DD`, times RFC 3339 in
//! Japan time, yen whole numbers. The terminal prints these as JSON（DESIGN §8）; unknown is `null`, nothing is omitted.

pub mod board;
mod check;
mod withdrawal;

pub use check::{
    AnswerView, AreaCheckView, AreaFromView, AreaPricesView, BlockRowView, BlockView, CellView, ChangedView,
    CheckingView, ClaimLineView, DifferenceView, ItemChangeView, OfficeAreaView, PaidAreaView, PartView, ReplacesView,
    RowChangeView, SheetView, UnitPriceView,
};

pub use withdrawal::{KagoDays, KagoDaysView, SentClaimView, SentClaimsView, SentQuery, WithdrawalView};

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// A failure, as a screen or a terminal shows it. The text is looked up by `code` in `ui/src/lib/messages.ts` and in
/// [`crate::problem::Code::text`], which are kept equal by a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProblemView {
    /// Stable code, for example `E-1103`.
    pub code: String,
    /// What happened, what to do: plain Japanese.
    pub message: String,
    /// Trying again later can help; the program does so by itself where it says so.
    pub retryable: bool,
}

/// Everything that the frame around the screens shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FrameView {
    /// Version of the program.
    pub version: String,
    /// Address of the relay; `null` until one was given.
    pub relay_url: Option<String>,
    /// Who is signed in on this computer; `null` before the first sign-in and after signing out.
    pub account: Option<AccountView>,
    /// All IDs that this computer can act under, the present one too.
    pub accounts: Vec<AccountView>,
    /// Something was typed in 利用開始, and its test transmission was not accepted yet.
    pub onboarding_under_way: bool,
    /// Whether the relay can be reached.
    pub connection: ConnectionView,
    /// The demonstration at the relay; `null` on a real one.
    pub demo: Option<DemoView>,
    /// Today.
    pub today: String,
    /// The claim window that is open or comes next.
    pub window: WindowView,
    /// How far this computer's clock is off, for example `1日進んで`; `null` when it is right or nobody can tell.
    pub clock_off: Option<String>,
    /// A newer version that may be spoken of now; never from the 1st to the 10th.
    pub new_version: Option<String>,
    /// Notices not yet opened.
    pub unread_notices: u32,
    /// Items of the tracker that someone must act on.
    pub open_returns: u32,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct AccountView {
    /// 法人番号 of the contract.
    pub corporation_number: String,
    /// 法人名.
    pub corporation_name: String,
    /// ID.
    pub login_id: String,
    /// `corporation` or `office`.
    pub role: String,
    /// The temporary password must be changed before anything else.
    pub must_change_password: bool,
    /// 2段階認証 is on.
    pub second_factor: bool,
    /// Offices that the ID may act for.
    pub offices: Vec<OfficeView>,
}

/// A second factor to be entered into an app on a telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SecondFactorView {
    /// The secret to be typed, in groups of four.
    pub secret: String,
    /// Modules along one side of the QR code, without its quiet zone.
    pub qr_size: u32,
    /// The dark modules as the path of an SVG, one unit for each module.
    pub qr_path: String,
}

/// An ID of the corporation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct LoginView {
    /// The ID.
    pub login_id: String,
    /// Office of a 事業所用ID.
    pub office: Option<OfficeView>,
    /// The password is still temporary.
    pub must_change_password: bool,
    /// 2段階認証 is on.
    pub second_factor: bool,
}

/// A one-time code to be told to the person of an ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ResetCodeView {
    /// The code.
    pub code: String,
    /// Minutes that it is good for.
    pub minutes: u32,
}

/// An office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfficeView {
    /// 事業所番号.
    pub number: String,
    /// 事業所名.
    pub name: String,
}

/// Whether the relay can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ConnectionView {
    /// State.
    pub state: ConnectionState,
    /// Last time the relay answered.
    pub last_answer: Option<String>,
    /// Last contact of the relay with 国保連.
    pub last_contact: Option<String>,
    /// Why not, when the relay cannot be used.
    pub problem: Option<ProblemView>,
}

/// State of the line to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Not tried yet.
    Unknown,
    /// The relay answers.
    Online,
    /// No line, or no answer.
    Offline,
    /// The relay answers with a fault.
    Faulty,
    /// Signed out, or the session has ended: signing in again is needed.
    SignedOut,
}

/// The demonstration at the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DemoView {
    /// Its time.
    pub now: String,
    /// Moments that its clock can be moved to, soonest first; empty while the relay has not answered yet.
    pub milestones: Vec<MilestoneView>,
}

/// A moment of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MilestoneView {
    /// When.
    pub at: String,
    /// What happens then.
    pub label: String,
}

/// The claim window that is open or comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WindowView {
    /// 処理対象年月.
    pub processing_month: String,
    /// First day.
    pub opens: String,
    /// Last day.
    pub closes: String,
    /// Whether today lies in it.
    pub open: bool,
    /// Days until it closes (when open) or opens; 0 on the day itself.
    pub days_left: u32,
    /// Last moment from which the receipts still arrive inside the window.
    pub safe_until: String,
}

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CheckView {
    /// Name of the file, without folders.
    pub file: String,
    /// Full path, to send it later.
    pub path: String,
    /// `claim`, `benefit_management`, `notice`, `unknown`, or `refused` when the file cannot be read at all.
    pub kind: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名, when the office is known here.
    pub office_name: Option<String>,
    /// 処理対象年月.
    pub processing_month: Option<String>,
    /// サービス提供年月, ascending.
    pub service_months: Vec<String>,
    /// Number of statements（明細書）.
    pub claims: u32,
    /// Number of persons.
    pub persons: u32,
    /// Persons with at least one error.
    pub persons_with_errors: u32,
    /// 保険請求額 + 公費請求額.
    #[specta(type = Number)]
    pub yen: i64,
    /// The file carries `*TEST*`: never billed.
    pub test: bool,
    /// SHA-256 of the content.
    pub sha256: String,
    /// Size in bytes.
    #[specta(type = Number)]
    pub size: u64,
    /// The same content was sent or staged before: its submission.
    pub same_as: Option<String>,
    /// May be sent: a claim file without errors.
    pub sendable: bool,
    /// Why the file was refused, when it cannot be read at all. Nothing of it is stored.
    pub problem: Option<ProblemView>,
    /// What the check found, errors first.
    pub findings: Vec<FindingView>,
    /// The file sent for the same office and months that stands in the way; `null` when none does, or when the office's
    /// own records were not looked at.
    pub replaces: Option<ReplacesView>,
    /// Returned and held claims that this file claims again; empty when the office's own records were not looked at.
    pub answers: Vec<AnswerView>,
    /// The unit prices against the office's 地域区分; `null` where it decides nothing or was not looked at.
    pub area: Option<AreaCheckView>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FindingView {
    /// Id of the rule.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// Line in the file, 0 for the whole file.
    #[specta(type = Number)]
    pub line: u64,
    /// Record kind, for example `7131-10`.
    pub record: String,
    /// Item number, 0 for none.
    pub item: u16,
    /// Item name.
    pub item_name: String,
    /// 被保険者番号.
    pub insured: Option<String>,
    /// Value found.
    pub found: String,
    /// Value expected.
    pub expected: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A file on its way: in the outbox, at the relay, at 国保連.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a card shows")]
pub struct SubmissionView {
    /// SHA-256 of the content: the id.
    pub id: String,
    /// File name.
    pub file: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 処理対象年月.
    pub processing_month: String,
    /// サービス提供年月.
    pub service_months: Vec<String>,
    /// Number of statements.
    pub claims: u32,
    /// 保険請求額 + 公費請求額.
    #[specta(type = Number)]
    pub yen: i64,
    /// Where it stands.
    pub state: SubmissionState,
    /// `state` in words, for example `受付完了`.
    pub state_word: String,
    /// State number of the field, 0 to 9; `null` while it is only on this computer.
    pub state_number: Option<u8>,
    /// 基本状態コード.
    pub basic_code: Option<String>,
    /// 受付番号 of the relay.
    pub accept_code: Option<String>,
    /// 受付番号 of the cancellation, once one was asked for.
    pub cancel_code: Option<String>,
    /// A cancellation can be asked for now.
    pub can_cancel: bool,
    /// Place in the line at the relay, from 1, while it waits for a terminal.
    pub line_position: Option<u32>,
    /// It was taken off the list.
    pub hidden: bool,
    /// It has ended, so that it can be taken off the list.
    pub can_hide: bool,
    /// It has ended with nothing accepted and its window is not over: the same file can be sent again.
    pub can_send_again: bool,
    /// How often this file has been sent, this time included.
    pub round: u32,
    /// How the times before ended, oldest first.
    pub earlier: Vec<EarlierRoundView>,
    /// SHA-256 of the content (equals `id`).
    pub sha256: String,
    /// Size in bytes.
    #[specta(type = Number)]
    pub size: u64,
    /// 送信 → 到達 → 受付, in this order.
    pub steps: Vec<StepView>,
    /// Why it waits, and until when; or what failed and what to do.
    pub problem: Option<ProblemView>,
    /// Next attempt by itself.
    pub next_attempt: Option<String>,
    /// What 国保連 said of an error.
    pub message: Option<String>,
    /// When it was put into the outbox.
    pub created_at: String,
    /// This was already sent or staged: nothing new was made.
    pub repeated: bool,
    /// Carries `*TEST*`.
    pub test: bool,
}

/// An earlier time that a file was sent; nothing of it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct EarlierRoundView {
    /// Which time, from 1.
    pub round: u32,
    /// 外部エラー or 取消完了.
    pub state_word: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// 基本状態コード.
    pub basic_code: Option<String>,
    /// 受付番号 of the relay.
    pub accept_code: Option<String>,
    /// 受付番号 of the cancellation.
    pub cancel_code: Option<String>,
    /// What 国保連 said of an error.
    pub message: Option<String>,
}

/// Where a submission stands, seen from this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// In the outbox, waiting for its turn or for the line.
    Ready,
    /// On its way to the relay; after a crash: unclear, the relay is asked first.
    Sending,
    /// The relay or the check refused it; a person must act.
    Refused,
    /// Safe at the relay（未送信）.
    AtRelay,
    /// 伝送中.
    Transmitting,
    /// 到達（5C01, 5C02）.
    Arrived,
    /// 受付中（5C03）.
    Receiving,
    /// 受付完了（5C05）.
    Accepted,
    /// 処理中: under review（5C06 to 5C08）.
    Processing,
    /// 完了.
    Completed,
    /// 様式エラー.
    FormatError,
    /// 外部エラー.
    ExternalError,
    /// 取消依頼中.
    CancelRequested,
    /// 取消中.
    Cancelling,
    /// 取消完了.
    Cancelled,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct StepView {
    /// 送信, 到達 or 受付.
    pub name: String,
    /// `done`, `current`, `waiting` or `failed`.
    pub state: String,
    /// When it was done or failed.
    pub at: Option<String>,
}

/// A notice file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NoticeView {
    /// SHA-256 of the content: the id.
    pub id: String,
    /// File name.
    pub file: String,
    /// 交換情報識別番号; empty when unknown.
    pub exchange_id: String,
    /// Title in Japanese, for example `返戻（保留）一覧表`.
    pub title: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// 審査年月; `null` when the file does not say.
    pub processing_month: Option<String>,
    /// 作成年月日, printed as 発行日; `null` when its form has none.
    pub issued: Option<String>,
    /// When it came, through the relay or from disk.
    pub received_at: String,
    /// Not opened yet.
    pub unread: bool,
    /// `relay` or `disk`.
    pub origin: String,
}

/// A notice with its content, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NoticeContentView {
    /// The notice.
    pub notice: NoticeView,
    /// Facts of the head: name and value.
    pub head: Vec<FactView>,
    /// Tables: one per kind of row.
    pub tables: Vec<TableView>,
    /// What the codes in it mean.
    pub legend: Vec<FactView>,
    /// The form lies on its long side.
    pub landscape: bool,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FactView {
    /// Name in Japanese.
    pub name: String,
    /// Value, formatted for reading.
    pub value: String,
}

/// A table of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TableView {
    /// Caption.
    pub title: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Columns that hold figures.
    pub numeric: Vec<bool>,
    /// Names over several columns, from the first column on; empty when there are none.
    pub groups: Vec<GroupView>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// Rows at the end, set apart: totals.
    pub totals: Vec<Vec<String>>,
}

/// A name over several columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct GroupView {
    /// Name; empty for columns that belong to no group.
    pub name: String,
    /// Number of columns.
    pub span: u32,
}

/// What a sync or an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ImportView {
    /// Files looked at.
    pub files: u32,
    /// Files new to this computer.
    pub new: u32,
    /// Files that were here before.
    pub repeated: u32,
    /// Files refused, with the reason. Nothing of them is stored.
    pub refused: Vec<RefusedView>,
}

/// A file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RefusedView {
    /// File name.
    pub file: String,
    /// Why.
    pub problem: ProblemView,
}

/// A row of the tracker（DESIGN §8 `returns`; the last fields are for reading).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReturnView {
    /// Names the claim, for closing and reopening it: 事業所番号, 保険者番号, 被保険者番号, サービス提供年月 and
    /// 交換情報識別番号 with `/` between. A 査定 has the key of the claim that it reduced.
    pub key: String,
    /// 事業所番号.
    pub office: String,
    /// 保険者番号, six digits.
    pub insurer: String,
    /// 被保険者番号.
    pub insured: String,
    /// サービス提供年月.
    pub service_month: String,
    /// 交換情報識別番号.
    pub exchange_id: String,
    /// `returned`, `held`, `kago`, `assessed` or `unmatched`.
    pub kind: String,
    /// 備考 of the latest event.
    pub codes: Vec<String>,
    /// Yen.
    #[specta(type = Number)]
    pub yen: i64,
    /// `yen` is estimated.
    pub estimated: bool,
    /// Months in which the claim was returned.
    pub times_returned: u32,
    /// `open`, `reclaimed`, `settled`, `held`, `closed` or `lapsed`.
    pub state: String,
    /// `fix_now`, `wait`, `ask_care_manager`, `ask_insurer`, `kago`, `ask_vendor`, `give_up` or `read_and_choose`.
    pub route: String,
    /// 処理対象年月 of the notice that opened the case.
    pub first_month: String,
    /// 処理対象年月 of the next window in which it may be claimed.
    pub next_window: Option<String>,
    /// Last day before it is time-barred.
    pub limitation_date: Option<String>,
    /// 事業所名.
    pub office_name: String,
    /// Name of the person in full-width kana, as a notice gave it; `null` when none did.
    pub insured_kana: Option<String>,
    /// `kind` in words: 返戻, 保留, 査定, 過誤, 不明.
    pub kind_word: String,
    /// `state` in words.
    pub state_word: String,
    /// Reason in plain words.
    pub reason: String,
    /// What to do, in plain words.
    pub action: String,
    /// What was decided and sent, oldest first.
    pub story: Vec<StoryView>,
}

/// A step in the life of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct StoryView {
    /// 処理対象年月.
    pub month: String,
    /// What happened, for example `請求 57,351円`.
    pub text: String,
}

/// A row of the balance（DESIGN §8 `balance`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BalanceView {
    /// 事業所番号.
    pub office: String,
    /// 処理対象年月.
    pub processing_month: String,
    /// Σ attempts.
    #[specta(type = Number)]
    pub claimed: i64,
    /// Of these, returned.
    #[specta(type = Number)]
    pub returned: i64,
    /// Of these, held.
    #[specta(type = Number)]
    pub held: i64,
    /// Reductions (≤ 0).
    #[specta(type = Number)]
    pub assessed: i64,
    /// Released from earlier holds.
    #[specta(type = Number)]
    pub released: i64,
    /// What the files do not explain.
    #[specta(type = Number)]
    pub unexplained: i64,
    /// Decided.
    #[specta(type = Number)]
    pub decided: i64,
    /// 過誤 (≤ 0).
    #[specta(type = Number)]
    pub kago: i64,
    /// Payable.
    #[specta(type = Number)]
    pub payable: i64,
    /// Transferred.
    #[specta(type = Number)]
    pub paid: i64,
    /// Unpaid today.
    #[specta(type = Number)]
    pub unpaid: i64,
    /// Notices that should be here and are not.
    pub missing_notices: Vec<String>,
    /// Notices that are here and count nowhere, because they contradict another one.
    pub unused_notices: Vec<String>,
}

/// A paper that was written to disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SavedView {
    /// Full path.
    pub path: String,
    /// File name.
    pub file: String,
}

/// A rescue kit: what goes to 国保連 on CD-R while the relay cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RescueView {
    /// Folder of the kit.
    pub folder: String,
    /// Last day of the window.
    pub closes: String,
    /// One disc for each office.
    pub offices: Vec<RescueOfficeView>,
}

/// What one office hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RescueOfficeView {
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// Name of its 国保連.
    pub kokuhoren: String,
    /// Telephone of the 国保連; empty when none is known.
    pub phone: String,
    /// Section to ask for; empty when none is known.
    pub section: String,
    /// What is known of its counter.
    pub counter: Option<String>,
    /// Submissions on the disc.
    pub ids: Vec<String>,
    /// Path of the cover sheet.
    pub sheet: String,
    /// An attempt was cut off: the relay may hold a file already.
    pub unclear: bool,
}
