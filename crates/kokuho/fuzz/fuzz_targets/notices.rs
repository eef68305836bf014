//! The parsers of notices: whatever stands behind a valid control record.

#![no_main]

use kokuho::{notices, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = b"1,1,0,1,741,0,0,9970000015,0,7,202606,0\r\n".to_vec();
    for line in bytes.split(|byte| *byte == b'\n') {
        file.extend_from_slice(b"2,2,");
        file.extend_from_slice(line);
        file.extend_from_slice(b"\r\n");
    }
    file.extend_from_slice(b"3,3\r\n");
    for bytes in [bytes, &file] {
        if let Ok(file) = read(bytes) {
            let _ = notices(&file);
        }
    }
});
