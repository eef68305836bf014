//! The notices for the sample claim equal the sample notices, value by value.

use encoding_rs::SHIFT_JIS;
use kokuhoren_sim::{Kokuhoren, Scenario};

use crate::{CLAIM, at, documents};

/// カナ氏名 is invented here, because a claim file carries no names.
const INVENTED: [(&str, &str, usize); 1] = [("7411", "D1", 6)];

fn values(bytes: &[u8]) -> Vec<Vec<String>> {
    let (text, _, broken) = SHIFT_JIS.decode(bytes);
    assert!(!broken);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    for row in &mut rows {
        for (id, kind, item) in INVENTED {
            if row.get(2).is_some_and(|found| found == id) && row.get(3).is_some_and(|found| found == kind) {
                row[item + 1].clear();
            }
        }
    }
    rows
}

#[test]
fn the_demonstration_writes_the_sample_notices() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    kokuhoren.name_office("9970000015", "テスト通所介護事業所");
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-07-20 00:00"));
    let found = documents(&events);
    let expected: [(&str, &[u8]); 4] = [
        ("74100000.CSV", include_bytes!("../data/74100000.CSV")),
        ("72100000.CSV", include_bytes!("../data/72100000.CSV")),
        ("75200000.CSV", include_bytes!("../data/75200000.CSV")),
        ("75100000.CSV", include_bytes!("../data/75100000.CSV")),
    ];
    assert_eq!(found.iter().map(|(name, _)| *name).collect::<Vec<_>>(), expected.map(|(name, _)| name));
    for ((name, found), (_, expected)) in found.into_iter().zip(expected) {
        assert_eq!(values(found), values(expected), "{name}");
    }
}
