//! Reads, writes and checks 国保連 interchange files（インタフェース仕様書）.
//!
//! Pure: bytes and values in, values out. No clock, no disk, no network.

mod amounts;
pub mod check_digit;
mod claim;
mod finding;
mod notice;
mod numbers;

pub use amounts::Yen;
pub use claim::{Claim, ClaimRole, PublicShare, ServiceLine};
pub use finding::{Finding, Severity};
pub use notice::{
    ChangeTable, ChangeTotals, InsurerChange, KagoLine, KagoNotice, Notice, NoticeHead, PaymentDetail, PaymentLine, ReductionLine,
    ReductionNotice, ReturnLine, ReturnList, ReturnTarget, TransferNotice,
};
pub use numbers::{InsuredNumber, InsurerNumber, NumberError, OfficeNumber};
