//! Tests of the finished programs against each other, as real processes.

mod again;
mod announcement;
mod bad_days;
mod bad_files;
mod credentials;
mod findings;
mod import;
mod keychain;
mod power_failure;
mod start;
mod support;
mod terminal;
mod window;
