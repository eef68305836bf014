//! What makes the program pleasant on a clerk's computer: what a person set, files that were looked at before, the folder
//! into which the care software writes, and short messages about what happened.

pub(crate) mod news;
mod preferences;
mod recent;
mod standing;
pub(crate) mod watch;

#[cfg(test)]
mod tests;

pub use news::{News, NewsKind};
pub use preferences::{Preferences, ProxyMode, ProxySettings};
pub use recent::RecentFileView;
pub use standing::{deadline_line, state_line};
pub use watch::WatchView;
