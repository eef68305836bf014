//! Tests through the public face of the crate, on the self-made fictitious files of `tests/data`.
#![expect(clippy::unwrap_used, clippy::format_push_string, reason = "tests fail loudly and build small texts")]

mod checks;
mod files;

/// Returns a file of `tests/data`.
fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
