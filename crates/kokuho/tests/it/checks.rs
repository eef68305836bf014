//! The check, rule by rule: each fires on a changed sample and is silent on the sample itself.

use kokuho::{FileKind, Finding, Severity, Yen, check};

use crate::data;

fn text(name: &str) -> String {
    encoding_rs::SHIFT_JIS.decode(&data(name)).0.into_owned()
}

fn findings(text: &str) -> Vec<Finding> {
    check(&encoding_rs::SHIFT_JIS.encode(text).0, Some("KK260601.CSV")).unwrap().findings
}

#[test]
fn the_clean_sample_has_no_findings() {
    let report = check(&data("KK260601.CSV"), Some("KK260601.CSV")).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.kind, report.office.as_str(), report.test), (FileKind::Claim, "9970000015", false));
    assert_eq!((report.claims, report.persons, report.persons_with_errors), (3, 3, 0));
    assert_eq!((report.units, report.cost, report.yen), (23_756, Yen(248_249), Yen(214_488)));
    assert_eq!(report.processing_month.unwrap().to_string(), "2026-06");
    assert_eq!(report.service_months.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-05"]);
}

#[test]
fn names_each_of_the_ten_planted_errors_once() {
    let report = check(&data("KKBAD001.CSV"), Some("KKBAD001.CSV")).unwrap();
    let found: Vec<_> = report.findings.iter().map(|f| (f.rule, f.line, f.record.as_str(), f.item, f.insured.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        found,
        [
            ("F3", 1, "control", 4, ""),
            ("F7", 1, "control", 11, ""),
            ("B1", 2, "7111", 9, ""),
            ("CD1", 4, "7131-01", 5, "0000000101"),
            ("C1", 4, "7131-01", 13, "0000000101"),
            ("F2", 6, "7131-02", 0, "0000000101"),
            ("A2", 11, "7131-02", 14, "0000000202"),
            ("A3", 14, "7131-10", 14, "0000000202"),
            ("C6", 15, "7131-01", 30, "0000000303"),
            ("V2", 16, "7131-02", 18, "0000000303"),
        ]
    );
    assert_eq!((report.persons, report.persons_with_errors), (3, 3));
    assert!(report.findings.iter().all(|f| f.severity == Severity::Error && f.message.ends_with('。') && f.hint.ends_with('。')));
    let a3 = report.findings.iter().find(|f| f.rule == "A3").unwrap();
    assert!(a3.message.contains("8,736単位のはずですが、9,196単位"), "{}", a3.message);
}
