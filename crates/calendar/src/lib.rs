//! Service months, Japanese eras, claim windows and limitation.
//!
//! Pure: no clock. Every function that needs "today" is handed it.

mod month;
mod wareki;
mod window;

pub use month::{Month, MonthError};
pub use wareki::{wareki_date, wareki_month};
pub use window::{ClaimWindow, Limitation, limitation_date};
