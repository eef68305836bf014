//! The other kinds of claims: care plans, 給付管理票, residents of facilities, 総合事業, 生活保護単独.

use kokuho::Severity;
use kokuhoren_sim::{Event, Kokuhoren, Rates, Scenario};

use crate::notice::assert_well_formed;
use crate::{at, documents};

/// Puts control and end record around data rows.
fn file(data_type: &str, rows: &[&str]) -> Vec<u8> {
    let mut lines = vec![format!("1,1,0,{},{data_type},0,0,9970000015,0,7,202606,0", rows.len())];
    lines.extend(rows.iter().enumerate().map(|(index, row)| format!("2,{},{row}", index + 2)));
    lines.push(format!("3,{}\r\n", rows.len() + 2));
    let bytes = lines.join("\r\n").into_bytes();
    let findings = kokuho::check(&bytes, None).unwrap().findings;
    assert!(findings.iter().all(|finding| finding.severity != Severity::Error), "{findings:#?}");
    bytes
}

/// Joins items; `0*3` stands for three zeros and `-*3` for three blanks.
fn row(pattern: &str) -> String {
    let item = |item: &str| match item.split_once('*') {
        Some((value, count)) => vec![value.replace('-', ""); count.parse().unwrap()].join(","),
        None => item.to_owned(),
    };
    pattern.split(',').map(item).collect::<Vec<_>>().join(",")
}

fn plans() -> Vec<u8> {
    file(
        "711",
        &[
            &row("7111,202605,9970000015,1,0,02,1,1286,13438,13438,0*8"),
            &row("7111,202605,9970000015,2,12,02,1,1286,13438,0,13438,0*7"),
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,1,432111,1086,1,1086,,,,",
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,99,434001,200,1,200,1286,13438,,",
            "8124,9970000015,1,202605,990010,1045,H000000102,12990016,0001230,19400105,2,21,20260101,20261231,,99,432111,1286,1,1286,1286,13438,,",
        ],
    )
}

fn benefit_form() -> Vec<u8> {
    let head = "8222,202605,00990010,9970000015,1,20260601,3";
    let person = "0000000101,19400105,2,21,202601,202612";
    file(
        "822",
        &[
            &format!("{head},01,{person},,1,9970001021,1,15,6000,,,,,,,"),
            &format!("{head},02,{person},,1,9970001021,1,11,4000,,,,,,,"),
            &format!("{head},99,{person},16765,1,0,0,0,,,10000,0,10000,12345678,,"),
        ],
    )
}

fn resident() -> Vec<u8> {
    let key = "202605,9970000015,00990010,0000000101";
    file(
        "711",
        &[
            "7111,202605,9970000015,1,0,01,1,20000,209000,188100,0,20900,1,0,44795,9300,0,35495",
            &row(&format!(
                "7183,01,{key},-*6,19400105,2,24,1,20260101,20261231,-*4,1,20260401,,31,0,,90,-*3,20000,188100,20900,0,0,35495,0*18"
            )),
            &format!("7183,02,{key},51,1234,0,31,0,0,0,20000,0,0,0,"),
            &row(&format!("7183,10,{key},51,-*6,20000,1045,188100,20900,0*21")),
            &row(&format!("7183,11,{key},99,59,2411,1445,300,31,0*3,44795,35495,0*3,9300,44795,35495,9300,0*9")),
        ],
    )
}

fn project() -> Vec<u8> {
    let key = "202605,9970000015,00990010,0000000101";
    file(
        "71R",
        &[
            "7113,202605,9970000015,1,0,05,1,1798,18789,16910,0,1879",
            &row(&format!(
                "71R1,01,{key},-*6,19400105,2,12,,20260101,20261231,3,9970001013,-*8,90,-*3,1798,16910,1879,-*21"
            )),
            &format!("71R1,02,{key},A6,1111,1798,1,0,0,0,1798,0,0,0,"),
            &row(&format!("71R1,10,{key},A6,4,1798,1798,0,-*2,1798,1045,16910,1879,-*21")),
        ],
    )
}

/// Everything that the review and the payment day give for one file, under these rates.
fn answers(rates: Rates, claims: &[u8]) -> Vec<Event> {
    let scenario = Scenario { verdicts: Vec::new(), rates, ..Scenario::demo() };
    let mut kokuhoren = Kokuhoren::new(scenario);
    kokuhoren.submit(claims, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-07-20 00:00"));
    for (_, bytes) in documents(&events) {
        assert_well_formed(bytes);
    }
    events
}

const PAY: Rates = Rates { returned: 0, held: 0, reduced: 0, hold_returned: 0 };
const RETURN: Rates = Rates { returned: 1000, ..PAY };
const HOLD: Rates = Rates { held: 1000, ..PAY };
const REDUCE: Rates = Rates { reduced: 1000, ..PAY };

/// Asserts that the files have these names, and that each text stands in the file of the same place.
#[track_caller]
fn check(rates: Rates, claims: &[u8], expected: &[(&str, &[&str])]) {
    let events = answers(rates, claims);
    let found = documents(&events);
    assert_eq!(
        found.iter().map(|(name, _)| name.trim_end_matches("00000.CSV")).collect::<Vec<_>>(),
        expected.iter().map(|(data_type, _)| *data_type).collect::<Vec<_>>()
    );
    for ((_, bytes), (data_type, texts)) in found.iter().zip(expected) {
        let (text, _, _) = encoding_rs::SHIFT_JIS.decode(bytes);
        for wanted in *texts {
            assert!(text.contains(wanted), "{data_type} lacks {wanted}:\n{text}");
        }
    }
}

#[test]
fn care_plans_are_paid_by_insurer_or_payer() {
    let lines: &[&str] = &[
        "\"D1\",00990010,202605,43,\"居宅介護支援\",1,0,1286,13438,13438,0,0,0,0",
        "\"D1\",12990016,202605,43,\"居宅介護支援\",1,0,1286,13438,13438,0,0,0,0",
        "\"T3\",2,0,2572,26876,26876,0,0,0,0",
    ];
    check(PAY, &plans(), &[("752", lines), ("751", &[",26876,26876,0,0,0,0,0,0,26876,"])]);
    check(REDUCE, &plans(), &[("752", lines), ("751", &[])]);
}

#[test]
fn a_month_without_payment_says_zero() {
    let list: &[&str] = &["\"0000000101\",", "\"サ\",202605,43,1286,\"D\",", "\"H000000102\","];
    let table: &[&str] = &["\"T1\",-2,0,-26876,0,0,0,0,0,0,0,0,0,2,0,2572,0,0,0,0,0"];
    check(
        HOLD,
        &plans(),
        &[("741", list), ("721", table), ("752", &["\"T3\",0,0,0,0,0,0,0,0,0"]), ("751", &[",0,0,0,0,0,0,0,0,0,"])],
    );
}

#[test]
fn benefit_forms_are_returned_without_money() {
    check(PAY, &benefit_form(), &[]);
    check(HOLD, &benefit_form(), &[]);
    check(RETURN, &benefit_form(), &[("741", &["\"給\",202605,,0,\"B\","])]);
}

#[test]
fn what_residents_are_claimed_for_stands_in_columns_of_its_own() {
    let paid: &[&str] = &["\"D1\",00990010,202605,51,\"介護福祉施設\",1,0,20000,209000,188100,1,31,44795,35495"];
    check(PAY, &resident(), &[("752", paid), ("751", &[",223595,223595,0,0,0,0,0,0,223595,"])]);
    let table: &[&str] =
        &["\"D1\",00990010,202605,1,1,20000,35495,0,", "\"T1\",-1,-1,-188100,-35495,1,1,20000,35495,0,"];
    check(RETURN, &resident(), &[("741", &["\"請\",202605,51,20000,"]), ("721", table), ("752", &[]), ("751", &[])]);
}

#[test]
fn the_comprehensive_project_has_notices_of_its_own() {
    let paid: &[&str] = &["\"7551\",\"D1\",00990010,202605,A6,\"通所型独自\",1,4,1798,18789,16910,0,0,0,0"];
    let transfer: &[&str] = &[",16910,0,0,0,0,0,16910,0,16910,"];
    check(PAY, &project(), &[("755", paid), ("751", transfer)]);
    check(REDUCE, &project(), &[("755", paid), ("751", transfer)]);
    let table: &[&str] = &["\"7231\",\"T1\",-1,0,-16910,0,1,0,1798,0,0,"];
    check(RETURN, &project(), &[("741", &["\"請\",202605,A6,1798,"]), ("723", table), ("755", &[]), ("751", &[])]);
}
