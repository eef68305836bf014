//! One small scenario per rule of the money contract, written in a few words each, and what must hold for all books.

mod alarms;
mod board;
mod properties;
mod scenarios;
mod simulation;
pub(crate) mod world;
