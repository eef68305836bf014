//! Holds notice files against the layouts of the interface specification.

use encoding_rs::SHIFT_JIS;
use kokuho::{ItemKind, Presence};

/// Asserts envelope, item counts, lengths and character kinds of a notice file.
#[track_caller]
pub(crate) fn assert_well_formed(bytes: &[u8]) {
    let report = kokuho::check(bytes, None).unwrap();
    assert_eq!(report.findings, [], "envelope");
    let file = kokuho::read(bytes).unwrap();
    assert!(bytes.ends_with(b"\r\n"));
    for row in &file.rows {
        let layout = row.layout().unwrap_or_else(|| panic!("unknown record {}", row.id()));
        assert_eq!(row.items(), layout.items.len(), "{}", layout.id);
        for item in layout.items {
            let value = row.item(item.no.into());
            let place = format!("{} item {} {}: {value:?}", layout.id, item.no, item.name_ja);
            let (encoded, _, unknown) = SHIFT_JIS.encode(value);
            assert!(!unknown, "{place}");
            assert!(item.max_len.is_none_or(|max| encoded.len() <= usize::from(max)), "{place} is too long");
            assert!(item.presence != Presence::Required || !value.is_empty(), "{place} is missing");
            let fits = match item.kind {
                ItemKind::X => !value.bytes().any(|byte| byte.is_ascii_lowercase() || byte == b'\''),
                ItemKind::Nine => value.bytes().all(|byte| byte.is_ascii_digit()),
                ItemKind::SignedNine => value.is_empty() || value.parse::<i64>().is_ok(),
                ItemKind::N => encoded.len() == 2 * value.chars().count(),
            };
            assert!(fits, "{place} is not {}", item.kind.as_str());
        }
    }
}

#[test]
fn the_samples_are_well_formed() {
    assert_well_formed(include_bytes!("../data/74100000.CSV"));
    assert_well_formed(include_bytes!("../data/72100000.CSV"));
    assert_well_formed(include_bytes!("../data/75200000.CSV"));
    assert_well_formed(include_bytes!("../data/75100000.CSV"));
}

#[test]
#[should_panic(expected = "is too long")]
fn notices_a_value_that_is_too_long() {
    let sample: &[u8] = include_bytes!("../data/75100000.CSV");
    let short = SHIFT_JIS.encode("本店").0;
    let long = SHIFT_JIS.encode(&"本店".repeat(8)).0.into_owned();
    let at = sample.windows(short.len()).position(|window| window == short.as_ref()).unwrap();
    assert_well_formed(&[&sample[..at], &long, &sample[at + short.len()..]].concat());
}
