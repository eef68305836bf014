//! Wire types shared by the relay and its clients. JSON over HTTPS under `/v1`; the relay serves its OpenAPI document
//! at `/v1/openapi.json`.
//!
//! | Method and path | Takes | Gives |
//! |---|---|---|
//! | `POST /v1/sessions` | [`LogIn`] | [`Session`] |
//! | `POST /v1/sessions/refresh` | [`Refresh`] | [`Session`] |
//! | `DELETE /v1/sessions/current` | – | 204 |
//! | `DELETE /v1/sessions` | – | [`Session`]; every other one of the ID ends |
//! | `POST /v1/password` | [`ChangePassword`] | [`Session`] |
//! | `POST /v1/password/reset` | [`ResetPassword`] | [`Session`] |
//! | `GET /v1/logins` · `POST /v1/logins/{login_id}/reset-code` | – | [`LoginList`] · [`ResetCode`] |
//! | `POST /v1/second-factor` | [`SetUpSecondFactor`] | [`SecondFactorSetup`] |
//! | `POST /v1/second-factor/confirm` · `…/end` | [`ConfirmSecondFactor`] · [`EndSecondFactor`] | [`RecoveryCodes`] · 204 |
//! | `GET /v1/account` | – | [`Account`] |
//! | `PUT /v1/submissions/{sha256}` | [`NewSubmission`] | [`Submission`] |
//! | `PUT /v1/submissions/{sha256}/content` | the bytes | [`Submission`] |
//! | `GET /v1/submissions` · `GET /v1/submissions/{sha256}` | – | [`SubmissionList`] · [`Submission`] |
//! | `GET /v1/submissions/{sha256}/content` | – | the bytes |
//! | `POST /v1/submissions/{sha256}/cancel` | – | [`Submission`] |
//! | `POST /v1/submissions/{sha256}/hide` · `…/restore` | – | [`Submission`] |
//! | `GET /v1/documents?after={cursor}` | – | [`DocumentPage`] |
//! | `GET /v1/documents/{id}/content` | – | the bytes |
//! | `GET /v1/events` | – | server-sent events `changed` |
//! | `GET /v1/status` | – | [`RelayStatus`] |
//! | `GET /v1/operator`, `/v1/applications…` | see [`applications`] | |
//! | `/v1/terminal/…` | see [`terminals`] | |
//! | `/v1/releases/…` | see [`releases`] | |
//! | `POST /v1/demo/clock` | [`AdvanceClock`] | [`RelayStatus`]; 404 unless the relay runs with `--demo` |
//!
//! Every failure has the body [`Refusal`]. Times are RFC 3339 in Japan time (+09:00).

pub mod applications;
pub mod releases;
pub mod terminals;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often the same bytes can be sent, at most. Whoever gets that far should telephone instead.
pub const MAX_ROUNDS: u32 = 99;

/// Longest claim file that the relay takes, in bytes. A terminal can send no more than this in one piece.
pub const MAX_CONTENT_BYTES: u64 = 100 * 1024 * 1024;

/// Credentials as the welcome letter shows them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct LogIn {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人用ID or 事業所用ID.
    pub login_id: String,
    /// Password, possibly temporary.
    pub password: String,
    /// [`Session::device`] of an earlier sign-in, from a program that signs in again by itself; a person who types the
    /// password leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Code of the second factor, or a recovery code, where one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl LogIn {
    /// Returns credentials without a code, as a person types them at first.
    pub fn new(corporation_number: &str, login_id: &str, password: &str) -> Self {
        Self {
            corporation_number: corporation_number.to_owned(),
            login_id: login_id.to_owned(),
            password: password.to_owned(),
            device: None,
            code: None,
        }
    }
}

/// A new password in the place of one that nobody knows any more.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetPassword {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人用ID or 事業所用ID.
    pub login_id: String,
    /// 使い捨てコード that the 法人用ID or the operator issued; hyphens and blanks may be left out.
    pub code: String,
    /// New password: 12 to 128 characters, not the ID.
    pub new: String,
}

/// A one-time code for [`ResetPassword`]. The relay keeps only its hash.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetCode {
    /// The code.
    pub code: String,
    /// Minutes that it is good for.
    pub minutes: u32,
}

/// The IDs of a corporation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginList {
    /// The 法人用ID first, then by office.
    pub logins: Vec<LoginEntry>,
}

/// An ID of a corporation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginEntry {
    /// The ID.
    pub login_id: String,
    /// Office of a 事業所用ID; `None` for the 法人用ID.
    pub office: Option<Office>,
    /// The password is temporary: nobody has signed in yet, or it was reset.
    pub must_change_password: bool,
    /// A second factor is in force.
    pub second_factor: bool,
}

/// Asks for a second factor.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SetUpSecondFactor {
    /// Present password.
    pub password: String,
}

/// A second factor to be entered into an app: TOTP of RFC 6238 with SHA-1, six digits, 30 seconds.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorSetup {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as an `otpauth://` address, to be read from a QR code.
    pub uri: String,
}

/// Shows that the app knows the second factor.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfirmSecondFactor {
    /// Six digits.
    pub code: String,
}

/// Recovery codes of a second factor; each can be used once in the place of six digits.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them.
    pub codes: Vec<String>,
}

/// Ends the second factor.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct EndSecondFactor {
    /// Present password.
    pub password: String,
    /// Six digits, or a recovery code.
    pub code: String,
}

/// A refresh token; each can be used once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Refresh {
    /// Token of the latest [`Session`].
    pub refresh_token: String,
}

/// A new password for the one that is signed in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangePassword {
    /// Present password.
    pub current: String,
    /// New password: 12 to 128 characters, not the present one, not the ID.
    pub new: String,
}

/// A signed-in session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Bearer token for `Authorization`.
    pub access_token: String,
    /// Seconds until `access_token` ends.
    pub expires_in: u32,
    /// Token for the next [`Refresh`].
    pub refresh_token: String,
    /// Who is signed in.
    pub account: Account,
    /// Token of this computer, given once when it is new: with it and the password a program signs in again by itself,
    /// until it is signed out from elsewhere or 180 days have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// Who is signed in, and for which offices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人名.
    pub corporation_name: String,
    /// ID used to sign in.
    pub login_id: String,
    /// Kind of ID.
    pub role: Role,
    /// The password is temporary: only [`ChangePassword`] is allowed until it is changed.
    pub must_change_password: bool,
    /// A second factor is in force.
    #[serde(default)]
    pub second_factor: bool,
    /// Offices that the ID may act for.
    pub offices: Vec<Office>,
}

/// Kind of an ID（features S02, S03）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 法人用ID: all offices of the corporation.
    Corporation,
    /// 事業所用ID: one office.
    Office,
}

/// An office of a corporation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Office {
    /// 事業所番号.
    pub number: String,
    /// 事業所名.
    pub name: String,
}

/// Announces a claim file. The key is its content and its round: repeating this request gives the same answer and no second
/// submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewSubmission {
    /// 事業所番号 in the control record.
    pub office: String,
    /// 処理対象年月, `YYYY-MM`.
    pub processing_month: String,
    /// データ種別 in the control record: `711`, `71R`, `822`. Files of different types do not stand in each other's way.
    pub data_type: String,
    /// サービス提供年月, `YYYY-MM` each, ascending.
    pub service_months: Vec<String>,
    /// Name of the file, without folders.
    pub file_name: String,
    /// Size in bytes, at most [`MAX_CONTENT_BYTES`].
    pub size: u64,
    /// How often a person has decided to send these bytes, this time included: 1 to [`MAX_ROUNDS`]. A round after the first is
    /// taken only when the one before it ended in [`State::ExternalError`] or [`State::Cancelled`], so that 国保連 has nothing
    /// of it. Clients from before rounds know only the first.
    #[serde(default = "first_round")]
    #[schema(minimum = 1, maximum = 99, default = 1)]
    pub round: u32,
}

fn first_round() -> u32 {
    1
}

/// A claim file at the relay and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// SHA-256 of the content, 64 lower-case hexadecimal digits: the id.
    pub sha256: String,
    /// What the client announced.
    #[serde(flatten)]
    pub announced: NewSubmission,
    /// Where it stands.
    pub state: State,
    /// 基本状態コード of 国保連, `5C01` to `5C12`, once it gave one.
    pub basic_code: Option<String>,
    /// 受付番号 that the relay gave when it had the content safe on disk.
    pub accept_code: Option<String>,
    /// 受付番号 of a cancellation.
    pub cancel_code: Option<String>,
    /// What 国保連 said of an error: message id and text.
    pub message: Option<String>,
    /// Place in the line of those that wait for a terminal, from 1; only while [`State::Waiting`].
    #[serde(default)]
    pub line_position: Option<u32>,
    /// It was taken off the list（削除）; it is kept, and can be brought back.
    #[serde(default)]
    pub hidden: bool,
    /// Every state that it went through, oldest first.
    pub history: Vec<StateChange>,
    /// The rounds of the same content before this one, oldest first: how each ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EndedRound>,
    /// This answer is about a submission that was already there.
    pub repeated: bool,
}

/// An earlier round of a submission: 国保連 accepted nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndedRound {
    /// Its number, from 1.
    pub round: u32,
    /// How it ended: [`State::ExternalError`] or [`State::Cancelled`].
    pub state: State,
    /// 基本状態コード, if 国保連 gave one.
    pub basic_code: Option<String>,
    /// 受付番号 of the relay.
    pub accept_code: Option<String>,
    /// 受付番号 of its cancellation.
    pub cancel_code: Option<String>,
    /// What 国保連 said of an error.
    pub message: Option<String>,
    /// Every state that it went through, oldest first.
    pub history: Vec<StateChange>,
}

/// One step of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StateChange {
    /// State from then on.
    pub state: State,
    /// 基本状態コード, once 国保連 gave one.
    pub basic_code: Option<String>,
    /// When.
    pub at: String,
}

/// States of a submission（features R02）, the ten of the field and one before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The relay was told of the file and waits for its bytes.
    Announced,
    /// 0 未送信: safe at the relay, not yet given to a terminal.
    Waiting,
    /// 1 伝送中.
    Transmitting,
    /// 2 受付中: arrived (5C01, 5C02), being received (5C03) or received (5C05); the basic code tells which.
    Receiving,
    /// 3 処理中: under review (5C06 to 5C08).
    Processing,
    /// 4 完了.
    Completed,
    /// 5 様式エラー: nothing was accepted.
    FormatError,
    /// 6 外部エラー: nothing was accepted.
    ExternalError,
    /// 7 取消依頼中.
    CancelRequested,
    /// 8 取消中.
    Cancelling,
    /// 9 取消完了.
    Cancelled,
}

/// All submissions of the offices that the ID may act for, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionList {
    /// The submissions.
    pub submissions: Vec<Submission>,
}

/// The documents after a cursor, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentPage {
    /// The documents, at most 200.
    pub documents: Vec<Document>,
    /// Cursor to ask with next; equals the one asked with when there is nothing new.
    pub cursor: u64,
    /// More documents follow at once.
    pub more: bool,
}

/// A notice file handed over by 国保連, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Position in the corporation's list; ascending.
    pub id: u64,
    /// 事業所番号; `99********` for an お知らせ to every office of prefecture 99.
    pub office: String,
    /// File name, for example `74100000.CSV`.
    pub file_name: String,
    /// SHA-256 of the content in lower-case hexadecimal digits.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// When the relay received it.
    pub received_at: String,
}

/// What the relay says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelayStatus {
    /// Time at the relay.
    pub now: String,
    /// Last contact of a terminal with 国保連.
    pub last_contact: Option<String>,
    /// The relay runs a demonstration: its clock can be moved and nothing is ever billed.
    pub demo: Option<Demo>,
}

/// State of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Demo {
    /// Moments that the clock can be moved to, soonest first.
    pub milestones: Vec<Milestone>,
}

/// A moment worth moving the demonstration's clock to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Milestone {
    /// When.
    pub at: String,
    /// What happens then, in Japanese, for example `6月審査の結果が届きます`.
    pub label: String,
}

/// Moves the demonstration's clock forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdvanceClock {
    /// Moment to move to; not before the present one, at most a year ahead.
    pub to: String,
}

/// Why the relay did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// Explanation for engineers, in English; screens look their text up by `code`.
    pub detail: String,
    /// Attempts left before the ID is locked, for [`RefusalCode::WrongCredentials`] and [`RefusalCode::WrongCode`].
    pub attempts_left: Option<u32>,
    /// Seconds to wait, for [`RefusalCode::Locked`] and [`RefusalCode::TooManyRequests`].
    pub retry_after: Option<u32>,
}

/// Stable codes of refusals, with their HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// 400: the request does not have the documented shape.
    Malformed,
    /// 401: ID or password is wrong. The same for unknown IDs.
    WrongCredentials,
    /// 401: the password is right; a code of the second factor is needed.
    SecondFactorRequired,
    /// 401: a code is wrong, was used before, or has ended.
    WrongCode,
    /// 401: the access token has ended; refresh.
    TokenExpired,
    /// 401: the refresh token was used before or has ended; sign in again.
    SessionEnded,
    /// 403: the temporary password must be changed first.
    PasswordChangeRequired,
    /// 403: the ID may not act for this office.
    OtherOffice,
    /// 403: the office's contract does not cover this month; a test file would go.
    NotInService,
    /// 404: no such thing for this corporation.
    NotFound,
    /// 409: the announced facts differ from those announced before under this content key; or another application was
    /// made under this id.
    AnnouncedDifferently,
    /// 409: another file of the same office, データ種別, 処理対象年月 and サービス提供年月 is under way（features T11）, or the round
    /// before the announced one is.
    AlreadyClaimed,
    /// 409: the office is a customer already, or another application for it is under way.
    OfficeTaken,
    /// 409: it has gone too far for what was asked: an application was worked on, a submission cannot be cancelled, letters
    /// were used.
    TooLate,
    /// 413: larger than [`MAX_CONTENT_BYTES`].
    TooLarge,
    /// 422: the bytes do not have the announced SHA-256 or size.
    ContentMismatch,
    /// 422: the file has errors that 国保連 would refuse.
    InvalidFile,
    /// 422: an application breaks a rule; the detail names the field.
    InvalidApplication,
    /// 422: the month asked for is earlier than the operator's calendar allows today.
    TooEarly,
    /// 422: the operator's terms have another wording by now; read and agree again.
    TermsChanged,
    /// 422: the new password is too short, too long, the present one or the ID.
    WeakPassword,
    /// 423: too many wrong passwords; see `retry_after`.
    Locked,
    /// 429: see `retry_after`.
    TooManyRequests,
    /// 500: a fault of the relay; trying again later may help.
    Internal,
}
