//! Service months, Japanese eras, holidays, business days, deadlines, claim windows and limitation.
//!
//! Pure: no clock. Every function that needs "today" is handed it.

mod deadlines;
mod edges;
mod holiday;
mod month;
mod wareki;
mod window;

pub use deadlines::{DueDate, OperatorCalendar, StartPlan, StopPlan, next_office_day, office_day_at_or_before};
pub use edges::{Edges, hours_text};
pub use holiday::{HOLIDAYS_PUBLISHED_UNTIL, holiday, is_published};
pub use month::{Month, MonthError};
pub use wareki::{DateError, parse_date, wareki_date, wareki_month};
pub use window::{ClaimWindow, Limitation, limitation_date};
