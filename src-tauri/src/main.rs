//! The Todoke window. Unpacks, calls `app`, converts; decides nothing.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() {
    todoke_window::run();
}
