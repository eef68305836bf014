//! Reads, writes and checks 国保連 interchange files（インタフェース仕様書）.
//!
//! Pure: bytes and values in, values out. No clock, no disk, no network.
//!
//! [`read`] takes a whole file into memory, [`claims`] and [`notices`] make values of its rows. [`check`] looks for what
//! 国保連 would refuse or return; it streams ([`check_reader`]) and holds one person at a time. [`FileWriter`] builds files.
//! The layouts are data: `spec/records.json`, compiled into [`layouts`]. The rules of the check are explained, under the
//! ids of [`RULES`], in `docs/guide/rules.md`.

mod amounts;
mod check;
pub mod check_digit;
mod claim;
mod claims;
pub mod codes;
mod compare;
mod finding;
mod inspect;
mod interchange;
mod layout;
mod line;
mod notice;
mod notices;
mod numbers;
mod refusal;
mod sections;
mod writer;

pub use amounts::Yen;
pub use check::{CheckError, CheckReport, RULES, check, check_reader};
pub use claim::{Claim, ClaimRole, PublicShare, ServiceLine};
pub use claims::claims;
pub use compare::{ChangedClaim, Comparison, ItemChange, RowChange, compare, row_changes, same_value};
pub use finding::{Finding, Severity};
pub use inspect::{NamedItem, meaning, named, named_items};
pub use interchange::{Control, FileKind, Interchange, Row, read};
pub use layout::{Confidence, Item, ItemKind, Layout, Presence, layout, layouts};
pub use notice::{
    ChangeTable, ChangeTotals, InsurerChange, KagoLine, KagoNotice, Notice, NoticeHead, PaymentDetail, PaymentLine,
    ReductionLine, ReductionNotice, ReturnLine, ReturnList, ReturnTarget, TransferNotice,
};
pub use notices::{notices, office_name};
pub use numbers::{InsuredNumber, InsurerNumber, NumberError, OfficeNumber};
pub use refusal::{MAX_FILE_BYTES, NotInterchange};
pub use sections::{Section, SectionKind, sections};
pub use writer::{ControlFacts, FileWriter, Quoting, WriteError};
