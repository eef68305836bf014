//! What was read is written and read again with the same values, in every manner of quoting.

#![no_main]

use kokuho::{ControlFacts, FileWriter, Quoting, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = read(bytes) else { return };
    assert_eq!(file.to_bytes(), bytes);
    let rows = |file: &kokuho::Interchange| -> Vec<Vec<String>> {
        file.rows.iter().map(|row| (1..=row.items()).map(|no| row.item(no).to_owned()).collect()).collect()
    };
    let before = rows(&file);
    for quoting in [Quoting::Vendor, Quoting::AllNonEmpty, Quoting::Minimal] {
        let facts = ControlFacts::new(file.office(), "2026-06".parse().expect("a month"));
        let mut writer = FileWriter::new(facts, quoting);
        // Control characters and characters that Shift_JIS reads but does not write are refused by name.
        if before.iter().any(|row| writer.row(row).is_err()) {
            return;
        }
        let Ok(written) = writer.finish() else { return };
        // Rows that look like something else (a spreadsheet's, 障害) are refused again.
        let Ok(again) = read(&written) else { continue };
        assert_eq!(rows(&again), before);
    }
});
