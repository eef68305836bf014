//! A whole practice, beside a program that holds real data.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod month;
mod push;
