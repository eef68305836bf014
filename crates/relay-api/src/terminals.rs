//! The terminal's side（送信用端末）: work lists, leases, results and notice files.
//!
//! | Method and path | Takes | Gives |
//! |---|---|---|
//! | `POST /v1/terminal/sessions` | [`TerminalLogIn`] | [`TerminalSession`] |
//! | `POST /v1/terminal/work` | [`TakeWork`] | [`WorkList`] |
//! | `GET /v1/terminal/work` | – | [`WorkList`], begun and not ended |
//! | `GET /v1/terminal/work/{id}/content` | – | the bytes |
//! | `POST /v1/terminal/work/{id}/begin` | – | 204 |
//! | `POST /v1/terminal/work/{id}/results` | [`WorkResult`] | [`Noted`] |
//! | `PUT /v1/terminal/documents/{office}/{file_name}` | the bytes | [`Delivered`] |
//! | `POST /v1/terminal/heartbeats` | [`Heartbeat`] | 204 |
//!
//! **Nothing is sent twice.** Work is handed out under a lease. Until the terminal *begins*, a lease that runs out gives
//! the work to another terminal; beginning asks the relay whether the lease still stands, and only then may a byte leave
//! for 国保連. Begun work stays with its terminal for good: nobody else can know what 国保連 has of it. A terminal that
//! comes back finds it in `GET /v1/terminal/work`; for one that never comes back the operator decides after asking 国保連.
//!
//! Results and notice files may be posted any number of times and late; each counts once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Credentials of a terminal.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TerminalLogIn {
    /// Name of the terminal.
    pub client_id: String,
    /// Its secret, 64 hexadecimal digits.
    pub client_secret: String,
}

/// A signed-in terminal.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TerminalSession {
    /// Bearer token for `Authorization`; opens the routes of terminals and no others.
    pub access_token: String,
    /// Seconds until it ends.
    pub expires_in: u32,
}

/// Asks for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakeWork {
    /// What to do.
    pub job: WorkJob,
    /// How much at most, 1 to 100.
    pub most: u32,
}

/// What a terminal is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkJob {
    /// Transmit a claim file.
    Send,
    /// Cancel one that this terminal transmitted.
    Cancel,
}

/// Work, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkList {
    /// The work.
    pub work: Vec<WorkItem>,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkItem {
    /// Number of the submission at the relay.
    pub id: u64,
    /// What to do.
    pub job: WorkJob,
    /// 事業所番号.
    pub office: String,
    /// 処理対象年月, `YYYY-MM`.
    pub processing_month: String,
    /// データ種別.
    pub data_type: String,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the content in lower-case hexadecimal digits.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// The file is marked `*TEST*`.
    pub test: bool,
    /// The terminal has begun it.
    pub begun: bool,
    /// Until when the lease stands unless it begins; `None` once begun.
    pub lease_until: Option<String>,
}

/// What 国保連 said of begun work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkResult {
    /// What it is about.
    #[serde(flatten)]
    pub outcome: WorkOutcome,
    /// Message id and text, if there was one.
    pub message: Option<String>,
    /// When 国保連 said so, RFC 3339.
    pub at: String,
}

/// What became of begun work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum WorkOutcome {
    /// A state of the file at 国保連.
    State {
        /// 基本状態コード, `5C01` to `5C12`.
        basic_code: String,
    },
    /// 取消完了.
    Cancelled {
        /// 取消番号 of 国保連, up to 19 characters, if it gave one.
        code: Option<String>,
    },
    /// 取消失敗: the file goes its way.
    CancelFailed,
}

/// What became of a posted result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Noted {
    /// It changed something; `false` for what was known or is older than what is known.
    pub new: bool,
}

/// What became of a posted notice file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivered {
    /// It is new; `false` when the office has the same content already.
    pub new: bool,
}

/// A sign of life of one job of a terminal（features M04）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// The job.
    pub job: HeartbeatJob,
    /// When the job last reached 国保連, RFC 3339; `None` when it did not since it started.
    pub reached_at: Option<String>,
}

/// Jobs of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeartbeatJob {
    /// Transmitting.
    Send,
    /// Cancelling.
    Cancel,
    /// Asking for states.
    Status,
    /// Fetching notice files.
    Documents,
}
