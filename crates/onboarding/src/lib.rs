//! 利用開始: what an office does from nothing to its first accepted test transmission（DESIGN §4.1）.
//!
//! Pure: what was typed, what is known and today go in; remarks, the map of steps and the dates come out. Nothing here
//! knows of disk, network, clock or SQL.
//!
//! A [`Draft`] holds everything as it was typed. [`check`] says what is wrong with it, [`plan`] lays the way back from the
//! first claim month, [`steps`] draws the map of both.

mod changes;
mod check;
mod desks;
mod draft;
mod fees;
mod ics;
mod paste;
mod plan;
mod prefecture;
mod steps;
mod user_id;

#[cfg(test)]
mod tests;

pub use changes::{Change, ChangeRule, changes};
pub use check::{
    Remark, Surroundings, cautions, check, date_text, email, office_number, postal_code, prefectures, user_id_text,
};
pub use desks::{Desk, SOURCE as DESKS_SOURCE, public_desks};
pub use draft::{Call, Corporation, Draft, Office, Present, Route, Task};
pub use fees::Fees;
pub use ics::ics;
pub use paste::{Pasted, paste};
pub use plan::{Firmness, Forbidden, Item, OperatorRules, Plan, earliest, plan};
pub use prefecture::{PRACTICE, PREFECTURES, Prefecture, SOURCE as PREFECTURES_SOURCE};
pub use steps::{Actor, Facts, Step, StepId, StepState, steps};
pub use user_id::{UserId, UserIdError};

/// Offices that one application can hold（O14）.
pub const OFFICES_PER_APPLICATION: usize = 30;

/// Splits offices into applications, in their order: at most [`OFFICES_PER_APPLICATION`] each.
pub fn applications<T>(offices: &[T]) -> impl Iterator<Item = &[T]> {
    offices.chunks(OFFICES_PER_APPLICATION)
}
