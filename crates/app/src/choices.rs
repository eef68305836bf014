//! The words that lists, board and bookkeeping understand, for shells that are given them as text. A word that none of them
//! knows would silently find nothing, or the usual.

use kokuho::codes::Route;
use ledger::{CaseState, Figure, Stage, Style};

/// Returns the states of a case: `open`, `held`, …
pub fn states() -> impl Iterator<Item = &'static str> {
    CaseState::ALL.into_iter().map(CaseState::as_str)
}

/// Returns what can be done about a case: `fix_now`, `wait`, …
pub fn routes() -> impl Iterator<Item = &'static str> {
    Route::ALL.into_iter().map(Route::as_str)
}

/// Returns the figures of the board: `unpaid`, `claimed`, …
pub fn figures() -> impl Iterator<Item = &'static str> {
    Figure::ALL.into_iter().map(Figure::as_str)
}

/// Returns how far a month can be closed: `claims`, `payment`.
pub fn stages() -> impl Iterator<Item = &'static str> {
    Stage::ALL.into_iter().map(Stage::as_str)
}

/// Returns the styles of bookkeeping: `keep`, `reverse`.
pub fn styles() -> impl Iterator<Item = &'static str> {
    Style::ALL.into_iter().map(Style::as_str)
}
