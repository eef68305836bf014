//! Drives the finished programs as their users do: the relay as a server, `todoke` as a terminal program, the window
//! over WebDriver. Tests, the tour and the benchmark are written with it.

pub mod album;
pub mod claims;
pub mod clerk;
pub mod history;
pub mod line;
pub mod newcomer;
pub mod paper;
pub mod practice;
pub mod program;
pub mod relay;
pub mod screen;
pub mod todoke;
pub mod wait;
pub mod window;
