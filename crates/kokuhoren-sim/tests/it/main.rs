//! Tests of the simulated 国保連 through its public functions, on real files.

#![cfg(test)]

mod claim_file;
mod kinds;
mod life;
mod notice;
mod properties;
mod samples;

use chrono::NaiveDateTime;
use kokuhoren_sim::Event;

pub(crate) const CLAIM: &[u8] = include_bytes!("../data/KK260601.CSV");

/// Parses `2026-06-05 10:00`.
pub(crate) fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// Returns the files among the events by name, in order.
pub(crate) fn documents(events: &[Event]) -> Vec<(&str, &[u8])> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Document { file_name, bytes, .. } => Some((file_name.as_str(), bytes.as_slice())),
            Event::State { .. } | Event::Cancellation { .. } | Event::Announcement { .. } => None,
        })
        .collect()
}

/// Returns the states among the events, in order.
pub(crate) fn codes(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::State { basic_code, .. } => Some(basic_code.as_str()),
            Event::Document { .. } | Event::Cancellation { .. } | Event::Announcement { .. } => None,
        })
        .collect()
}
