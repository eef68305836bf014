//! The encrypted database of an office: its claim files, notices, outbox and decisions.
//!
//! One SQLite file, encrypted with SQLCipher under a raw 256-bit [`Key`]（D4). Files are kept inside it byte for byte and
//! are found by the SHA-256 of their content. The calls are synchronous and short; async callers run them on a blocking
//! thread. A window and a terminal may have the same database open at once.
//!
//! Invariants:
//! - Nothing is deleted: files, submissions, decisions and closings cannot be, by triggers; "delete" hides.
//! - A file goes out only between [`Store::begin_attempt`] and the call that ends the attempt, and only one process holds
//!   it meanwhile. That it goes out is on disk before the first byte leaves.
//! - The position up to which documents were taken moves in the same transaction as the documents.
//! - Time is an argument; all times are local time in Japan.

mod areas;
mod balances;
mod claims;
mod closings;
mod content;
mod copies;
mod decisions;
mod error;
mod key;
mod migrate;
mod notices;
mod onboarding;
mod open;
mod outbox;
mod report;
mod sealed_photos;
mod session;
mod settings;
mod text;

pub use areas::OfficeArea;
pub use balances::KeptBalances;
pub use claims::{Blob, ClaimFile, NewClaimFile};
pub use closings::{Closing, NewClosing};
pub use content::{ContentId, ContentIdError};
pub use copies::{Copy, copies, restore_copy};
pub use decisions::{Decision, NewDecision};
pub use error::{Result, StoreError};
pub use key::{Key, KeyError};
pub use notices::{HEAD_BYTES, NewNotice, Notice, Origin, Taken};
pub use open::{OpenError, Revision, Store, set_aside};
pub use outbox::{LocalState, NewSubmission, Said, Staged, Submission, Told};
pub use report::Report;
pub use sealed_photos::SealedPhoto;
