//! The reader and the check: any bytes, whole and in chunks, give the same report.

#![no_main]

use kokuho::{CheckError, check, check_reader, claims, read};
use libfuzzer_sys::fuzz_target;

/// Hands out a few bytes at a time.
struct Drops<'a>(&'a [u8]);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(7).min(buffer.len());
        let (drop, rest) = self.0.split_at(count);
        buffer[..count].copy_from_slice(drop);
        self.0 = rest;
        Ok(count)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let whole = check(bytes, Some("KK260601.CSV"));
    match (&whole, check_reader(Drops(bytes), Some("KK260601.CSV"))) {
        (Ok(whole), Ok(streamed)) => assert_eq!(whole, &streamed),
        (Err(whole), Err(CheckError::NotInterchange(streamed))) => assert_eq!(whole, &streamed),
        (whole, streamed) => panic!("{whole:?} as a whole, {streamed:?} in drops"),
    }
    // What cannot be read as a whole is not shown in part.
    assert_eq!(whole.is_ok(), read(bytes).is_ok());
    if let Ok(file) = read(bytes) {
        let _ = claims(&file);
    }
});
