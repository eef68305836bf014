//! Newer versions of the program, handed out by the relay and signed by the operator.
//!
//! | Method and path | Gives |
//! |---|---|
//! | `GET /v1/releases/{target}/{arch}/{current}` | [`Release`], or 204 when `current` is the newest |
//! | `GET /v1/releases/files/{name}` | the bytes |
//!
//! The fields are those of Tauri's updater, so that its tools sign; `url` is a path at the relay.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A version that is newer than the one that asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Version, for example `0.2.0`.
    pub version: String,
    /// What is new, in Japanese, for the people who use the program.
    pub notes: String,
    /// When it was put here, RFC 3339.
    pub pub_date: String,
    /// Path of the installer at the relay.
    pub url: String,
    /// The minisign signature file of the installer, whose trusted comment is [`trusted_comment`].
    pub signature: String,
    /// Size of the installer in bytes.
    pub size: u64,
}

/// Returns what the operator signs together with the installer, so that no older or foreign installer can be passed off
/// as this version.
pub fn trusted_comment(version: &str, target: &str, arch: &str) -> String {
    format!("todoke {version} {target}-{arch}")
}
