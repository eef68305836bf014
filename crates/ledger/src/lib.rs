//! The life of a claim: from what was sent and what 国保連 answered to cases（返戻・保留・査定・過誤）and balances.
//!
//! Pure: no clock, no disk, no network. Everything is derived again from the files each time, so that the order in
//! which they were imported cannot matter and a file given twice changes nothing; only what a person decided is an input
//! of its own ([`Decision`]). Offices are independent of each other: settling them one by one gives the same result as
//! settling them together, which lets a caller recompute only the office whose files changed.
//!
//! ```text
//! claims  ─► attempts (one per claim key and 処理対象年月)        attempts.rs
//! notices ─► papers   (one set per 審査年月)                      papers.rs
//!            lines of papers ─► claim key                         attempts.rs, services.rs
//!            months in order: 過誤 → attempt → 返戻・保留 → 復活   timeline.rs, release.rs
//!            cases and balances                                   settle.rs, price.rs, reduction.rs
//!            what is missing or does not fit together             alarm.rs
//! ```

mod aging;
mod alarm;
mod areas;
mod attempts;
mod balance;
mod bank;
mod board;
mod books;
mod case;
mod closing;
mod deposits;
mod forecast;
mod papers;
mod price;
mod recovery;
mod reduction;
mod release;
mod risk;
mod sent;
mod services;
mod settle;
mod timeline;
mod trend;
mod waterfall;
mod withdrawal;

#[cfg(test)]
mod tests;

pub use aging::{Age, Aging, BUCKETS, HORIZONS, Tally};
pub use alarm::{Alarm, AlarmKind, Unusable};
pub use areas::{AreaEvidence, AreaSetting, Areas, area_evidence};
pub use balance::Balance;
pub use bank::{BankLine, Matched, Verdict, match_bank};
pub use board::{Board, BoardRow, Cell, Figure, Standing};
pub use books::{Books, Decision, DecisionKind};
pub use case::{Case, CaseKey, CaseKeyError, CaseKind, CaseState, Doubt, Event, KeptHeld, What};
pub use closing::{
    Account, Closing, ClosingKind, Entry, LaterChange, Lock, Movements, Roll, Stage, Style, closing_figures, locks,
    roll_forward,
};
pub use deposits::{Certainty, Deposit, deposits};
pub use forecast::{Forecast, forecast};
pub use recovery::{MONTHS as RECOVERY_MONTHS, Recovery};
pub use risk::{AtRisk, at_risk, last_claim_day, last_safe_day};
pub use sent::{Sent, Whereabouts};
pub use services::Area;
pub use settle::{Ledger, balances, cases, sent, settle, settle_with_areas};
pub use trend::{Grouping, Trend, TrendRow};
pub use waterfall::{Bar, Step, expected, transfer_gap, waterfall};
pub use withdrawal::{FederationDays, Road, is_barred, withdrawal};
