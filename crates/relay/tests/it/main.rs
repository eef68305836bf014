//! The relay over real HTTP: a bound port, a real client, a clock that the test moves.

mod documents;
mod operation;
mod process;
mod scoping;
mod sessions;
mod submissions;
mod support;
