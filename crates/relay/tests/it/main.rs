//! The relay over real HTTP: a bound port, a real client, a clock that the test moves.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod applications;
mod attacks;
mod bucket;
mod credentials;
mod demo;
mod documents;
mod events;
mod hard_days;
mod operation;
mod process;
mod releases;
mod rounds;
mod scoping;
mod sessions;
mod shared;
mod submissions;
mod support;
mod terminals;
mod upgrade;
