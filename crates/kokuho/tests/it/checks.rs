//! The check, rule by rule: each fires on a changed sample and is silent on the sample itself.

use kokuho::{CheckError, FileKind, NotInterchange, RULES, Severity, Yen, check, check_digit, check_reader};
use proptest::prelude::*;

use crate::data;

#[test]
fn the_clean_sample_has_no_findings() {
    let report = check(&data("KK260601.CSV"), Some("KK260601.CSV")).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(
        (report.kind, report.data_type.as_str(), report.office.as_str(), report.test),
        (FileKind::Claim, "711", "9970000015", false)
    );
    assert_eq!((report.claims, report.persons, report.persons_with_errors), (3, 3, 0));
    assert_eq!((report.units, report.cost, report.yen), (23_756, Yen(248_249), Yen(214_488)));
    assert_eq!(report.processing_month.unwrap().to_string(), "2026-06");
    assert_eq!(report.service_months.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-05"]);
}

#[test]
fn names_each_of_the_ten_planted_errors_once() {
    let report = check(&data("KKBAD001.CSV"), Some("KKBAD001.CSV")).unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.rule, f.line, f.record.as_str(), f.item, f.insured.as_deref().unwrap_or("")))
        .collect();
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
    assert!(
        report
            .findings
            .iter()
            .all(|f| f.severity == Severity::Error && f.message.ends_with('。') && f.hint.ends_with('。'))
    );
    let a3 = report.findings.iter().find(|f| f.rule == "A3").unwrap();
    assert!(a3.message.contains("8,736単位のはずですが、9,196単位"), "{}", a3.message);
}

/// A file under construction: rows without their two leading columns, numbered and counted when it is made.
#[derive(Clone)]
struct Draft {
    control: String,
    rows: Vec<String>,
}

impl Draft {
    fn sample() -> Self {
        let text = encoding_rs::SHIFT_JIS.decode(&data("KK260601.CSV")).0.into_owned();
        let rows = text
            .lines()
            .filter(|line| line.starts_with("2,"))
            .map(|line| line.splitn(3, ',').nth(2).unwrap().to_owned())
            .collect();
        Self { control: "1,1,0,COUNT,711,0,0,9970000015,0,7,202606,0".to_owned(), rows }
    }

    fn of(data_type: &str, rows: &[&str]) -> Self {
        Self {
            control: format!("1,1,0,COUNT,{data_type},0,0,9970000015,0,7,202606,0"),
            rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        }
    }

    /// Replaces a text in every row whose line lies in the range; it must stand there.
    #[track_caller]
    fn edit(mut self, lines: std::ops::RangeInclusive<usize>, from: &str, to: &str) -> Self {
        let mut found = false;
        for line in lines {
            let row = &mut self.rows[line - 2];
            found |= row.contains(from);
            *row = row.replacen(from, to, 1);
        }
        assert!(found, "{from} is not there");
        self
    }

    /// Sets an item, counted from 1, of the row on a line.
    fn set(mut self, line: usize, item: usize, value: &str) -> Self {
        let mut items: Vec<&str> = self.rows[line - 2].split(',').collect();
        items[item - 1] = value;
        self.rows[line - 2] = items.join(",");
        self
    }

    fn insert(mut self, line: usize, row: &str) -> Self {
        self.rows.insert(line - 2, row.to_owned());
        self
    }

    fn remove(mut self, line: usize) -> Self {
        self.rows.remove(line - 2);
        self
    }

    fn text(&self) -> String {
        let mut text = self.control.replace("COUNT", &self.rows.len().to_string()) + "\r\n";
        for (index, row) in self.rows.iter().enumerate() {
            text += &format!("2,{},{row}\r\n", index + 2);
        }
        text + &format!("3,{}\r\n", self.rows.len() + 2)
    }

    fn bytes(&self) -> Vec<u8> {
        encoding_rs::SHIFT_JIS.encode(&self.text()).0.into_owned()
    }

    /// Compares the findings of one rule, where a change has several causes.
    #[track_caller]
    fn finds_rule(&self, rule: &str, expected: &[(u64, u16)]) {
        let report = check(&self.bytes(), Some("KK260601.CSV")).unwrap();
        let found: Vec<_> = report.findings.iter().filter(|f| f.rule == rule).map(|f| (f.line, f.item)).collect();
        assert_eq!(found, expected, "{:#?}", report.findings);
    }

    #[track_caller]
    fn finds(&self, expected: &[(&str, u64, u16)]) {
        finds(&self.bytes(), "KK260601.CSV", expected);
    }
}

/// Compares all findings, so that one cause having two is a failure too.
#[track_caller]
fn finds(bytes: &[u8], name: &str, expected: &[(&str, u64, u16)]) {
    let report = check(bytes, Some(name)).unwrap();
    let found: Vec<_> = report.findings.iter().map(|f| (f.rule, f.line, f.item)).collect();
    assert_eq!(found, expected, "{:#?}", report.findings);
    for finding in &report.findings {
        assert!(
            RULES.contains(&finding.rule) && finding.message.ends_with('。') && finding.hint.ends_with('。'),
            "{finding:#?}"
        );
        assert_eq!(finding.item > 0, !finding.item_name.is_empty(), "{finding:#?}");
    }
}

#[track_caller]
fn text_finds(text: &str, expected: &[(&str, u64, u16)]) {
    finds(&encoding_rs::SHIFT_JIS.encode(text).0, "KK260601.CSV", expected);
}

#[test]
fn the_draft_of_the_sample_is_the_sample() {
    assert_eq!(Draft::sample().bytes(), data("KK260601.CSV"));
}

#[test]
fn f1_rows_begin_with_their_kind_and_one_end_closes_them() {
    let text = Draft::sample().text();
    text_finds(&text.replace("\r\n2,5,", "\r\n4,5,"), &[("F1", 5, 0)]);
    text_finds(&text.replace("\r\n3,19\r\n", "\r\n3,19\r\n3,20\r\n"), &[("F1", 19, 0)]);
    text_finds("1,1,0,0,711,0,0,9970000015,0,7,202606,0\r\n3,2\r\n", &[("F1", 0, 0)]);
}

#[test]
fn f2_numbers_run_on() {
    let text = Draft::sample().text();
    text_finds(&text.replace("\r\n2,7,", "\r\n2,8,"), &[("F2", 7, 0)]);
    text_finds(&text.replace("\r\n2,7,", "\r\n2,x,"), &[("F2", 7, 0)]);
    // A gap is one finding however many rows follow.
    let mut shifted = text.clone();
    for number in (9..=18).rev() {
        shifted = shifted.replace(&format!("\r\n2,{number},"), &format!("\r\n2,{},", number + 1));
    }
    text_finds(&shifted.replace("\r\n3,19", "\r\n3,20"), &[("F2", 9, 0)]);
}

#[test]
fn f3_to_f8_look_at_the_control_record() {
    let control = |from: &str, to: &str| {
        let mut draft = Draft::sample();
        assert!(draft.control.contains(from));
        draft.control = draft.control.replace(from, to);
        draft
    };
    control("COUNT", "18").finds(&[("F3", 1, 4)]);
    control("711,", "712,").finds(&[("F4", 1, 5)]);
    control(",7,202606", ",1,202606").finds(&[("F6", 1, 10)]);
    control("202606", "202605").finds(&[("F7", 1, 11)]);
    control("202606", "202604").finds(&[("F7", 1, 11)]);
    control("202606", "202613").finds(&[("V6", 1, 11)]);
    control("202606,0", "202606,*TEST*").finds(&[("F8", 1, 12)]);
    control("202606,0", "202606,0,1").finds(&[("L2", 1, 0)]);
    assert!(check(&control("202606,0", "202606,*TEST*").bytes(), None).unwrap().test);
    // A late claim keeps its service month.
    control("202606", "202712").finds(&[]);
    let other = format!("997000002{}", check_digit::digit("997000002").unwrap());
    control("9970000015", &other).finds(&[("F5", 2, 3)]);
    control("9970000015", "9970000016").edit(2..=18, "9970000015", "9970000016").finds(&[("CD2", 1, 8)]);
    control("9970000015", "997000001").edit(2..=18, "9970000015", "997000001").finds(&[("V7", 1, 8)]);
}

#[test]
fn f9_every_row_ends_with_crlf() {
    let text = Draft::sample().text();
    text_finds(&text.replace("\r\n2,5,", "\n2,5,"), &[("F9", 4, 0)]);
    text_finds(&text.replace("\r\n", "\n"), &[("F9", 1, 0)]);
    text_finds(text.trim_end(), &[("F9", 19, 0)]);
    text_finds(&text.replace("\r\n2,5,", "\r\n\r\n2,5,"), &[("F9", 5, 0)]);
}

#[test]
fn f10_the_name_of_the_file() {
    for (name, fits) in [
        ("KK260601.CSV", true),
        ("a.csv", true),
        ("C:\\data\\KK260601.CSV", true),
        ("1K260601.CSV", false),
        ("KK2606011.CSV", false),
        ("請求.CSV", false),
        ("KK260601.TXT", false),
        ("KK260601", false),
    ] {
        let expected: &[(&str, u64, u16)] = if fits { &[] } else { &[("F10", 0, 0)] };
        finds(&data("KK260601.CSV"), name, expected);
    }
}

#[test]
fn f11_one_statement_stands_once() {
    let mut draft = Draft::sample();
    let again: Vec<String> = draft.rows[2..7].to_vec();
    draft.rows.extend(again);
    draft = draft.edit(2..=2, "3,23756,248249,205164,9324,33761", "4,29854,311973,262515,9324,40134");
    draft.finds(&[("F11", 19, 0)]);
}

#[test]
fn l1_says_once_what_it_does_not_know() {
    let row = "\"7131\",77,202605,9970000015,00990010,\"0000000101\",1";
    Draft::sample().insert(8, row).insert(8, row).finds(&[("L1", 8, 0)]);
}

#[test]
fn l2_the_number_of_items() {
    let draft = Draft::sample();
    let wide = format!("{},", draft.rows[3]);
    let mut draft = draft;
    draft.rows[3] = wide;
    draft.finds(&[("L2", 5, 0)]);
}

#[test]
fn v1_quotes_are_in_order() {
    Draft::sample().edit(5..=5, "\"0000000101\"", "\"0000000101\"x").finds(&[("V1", 5, 6)]);
    Draft::sample().edit(5..=5, "0,\"\"", "0,\"").finds(&[("V1", 5, 18)]);
    // Every habit of quoting is valid.
    let bare = Draft::sample().text().replace('"', "");
    text_finds(&bare, &[]);
    let all: String = bare
        .lines()
        .map(|line| line.split(',').map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(",") + "\r\n")
        .collect();
    text_finds(&all, &[]);
}

#[test]
fn v2_characters() {
    let remark = |text: &str| Draft::sample().edit(5..=5, "0,\"\"", &format!("0,\"{text}\""));
    remark("it's").finds(&[("V2", 5, 18)]);
    remark("abc").finds(&[("V2", 5, 18)]);
    remark("A-1 ｱ").finds(&[]);
    remark("全角の摘要").finds(&[("V2", 5, 18)]);
    assert_eq!(check(&remark("全角の摘要").bytes(), None).unwrap().findings[0].severity, Severity::Warning);
    assert_eq!(check(&remark("it's").bytes(), None).unwrap().findings[0].severity, Severity::Error);
    // 外字 (user-defined characters) of Shift_JIS.
    let mut bytes = remark("XX").bytes();
    let at = bytes.windows(2).position(|pair| pair == b"XX").unwrap();
    bytes[at..at + 2].copy_from_slice(&[0xF0, 0x40]);
    finds(&bytes, "KK260601.CSV", &[("V2", 5, 18)]);
}

#[test]
fn v5_numbers() {
    Draft::sample().set(5, 14, "52x4").finds(&[("V5", 5, 14)]);
    Draft::sample().set(4, 14, "-2").finds(&[("V5", 4, 14)]);
    Draft::sample().set(8, 36, "-0").finds(&[]);
}

#[test]
fn v6_dates() {
    Draft::sample().set(4, 13, "19400231").finds(&[("V6", 4, 13)]);
    Draft::sample().set(4, 13, "1940023").finds(&[("V6", 4, 13)]);
}

#[test]
fn v7_leading_zeros() {
    Draft::sample().edit(4..=8, "\"0000000101\"", "101").finds(&[("V7", 4, 6)]);
    Draft::sample().edit(4..=8, "00990010", "990010").finds(&[("V7", 4, 5)]);
}

#[test]
fn v10_lengths() {
    Draft::sample().edit(5..=5, "0,\"\"", "0,\"123456789012345678901\"").finds(&[("V10", 5, 18)]);
    Draft::sample().edit(5..=5, "0,\"\"", "0,\"12345678901234567890\"").finds(&[]);
}

#[test]
fn c1_required_items() {
    Draft::sample().set(4, 13, "").finds(&[("C1", 4, 13)]);
    Draft::sample().set(4, 13, "00000000").finds(&[("C1", 4, 13)]);
    // A blank figure is a zero (V3).
    Draft::sample().set(17, 9, "").finds(&[]);
}

#[test]
fn c2_to_c5_look_at_the_person() {
    Draft::sample().set(4, 20, "").finds(&[("C2", 4, 20)]);
    Draft::sample().set(4, 19, "2").set(4, 20, "").finds(&[]);
    Draft::sample().set(4, 21, "20260430").finds(&[("C3", 4, 21)]);
    Draft::sample().set(4, 22, "20260501").finds(&[]);
    Draft::sample().set(4, 18, "20260430").finds(&[("C4", 4, 18)]);
    Draft::sample().set(4, 17, "20260601").finds(&[("C4", 4, 17)]);
    Draft::sample().set(4, 17, "20260531").finds(&[]);
    Draft::sample().set(4, 18, "99999999").finds(&[]);
    Draft::sample().set(4, 15, "12").finds(&[("C5", 4, 15)]);
}

#[test]
fn c6_rates() {
    Draft::sample().set(14, 30, "90").finds(&[("C6", 14, 30)]);
    Draft::sample().set(14, 30, "").finds(&[("C6", 14, 30)]);
    Draft::sample().set(4, 29, "").set(8, 16, "57351").finds(&[("C6", 4, 29)]);
    let unusual = Draft::sample().set(4, 29, "85").edit(4..=8, "57351,6373", "54165,9559").edit(
        2..=2,
        "205164,9324,33761",
        "201978,9324,36947",
    );
    unusual.finds(&[("C6", 4, 29)]);
}

#[test]
fn c7_each_public_payer_has_its_row() {
    let payer = format!("1399001{}", check_digit::digit("1399001").unwrap());
    Draft::sample().set(14, 7, &payer).finds(&[("C7", 14, 7)]);
}

#[test]
fn c8_a_detail_stands_once() {
    let half = Draft::sample().rows[4].replace(",40,8,0,0,0,320,", ",40,4,0,0,0,160,");
    let mut draft = Draft::sample();
    draft.rows[4].clone_from(&half);
    draft.insert(6, &half).finds(&[("C8", 7, 8)]);
}

#[test]
fn c9_the_style_carries_the_service() {
    Draft::sample().edit(5..=8, "\",15,", "\",21,").finds(&[("C9", 5, 7)]);
    Draft::sample().edit(5..=8, "\",15,", "\",8Z,").finds(&[("C9", 5, 7)]);
}

#[test]
fn c11_the_unit_price_is_of_the_table() {
    let draft = Draft::sample().set(8, 15, "1046").edit(4..=8, "57351,6373", "57406,6379").edit(
        2..=2,
        "248249,205164,9324,33761",
        "248310,205219,9324,33767",
    );
    draft.finds(&[("C11", 8, 15)]);
}

#[test]
fn c12_claims_lapse() {
    let sent_in = |month: &str| {
        let mut draft = Draft::sample();
        draft.control = draft.control.replace("202606", month);
        draft
    };
    // 2026-05 lapses on 2028-07-31.
    sent_in("202806").finds(&[]);
    sent_in("202807").finds(&[("C12", 2, 0)]);
    sent_in("202808").finds(&[("C12", 2, 0)]);
    let message = |month: &str| {
        let report = check(&sent_in(month).bytes(), None).unwrap();
        assert_eq!(report.findings[0].severity, Severity::Warning);
        report.findings[0].message.clone()
    };
    assert!(message("202807").contains("2028年7月31日で請求の時効（2年）になります"));
    assert!(message("202808").contains("2028年7月31日で請求の時効（2年）になっています"));
    // 総合事業 lapses after five years: the same rows as 71R1.
    let mut project = sent_in("202808");
    project.control = project.control.replace(",711,", ",71R,");
    project.rows = project.rows.iter().map(|row| row.replace("7111", "7113").replace("7131", "71R1")).collect();
    let report = check(&project.bytes(), None).unwrap();
    assert!(report.findings.iter().all(|finding| finding.rule != "C12"), "{:#?}", report.findings);
}

#[test]
fn c13_public_payers_go_together() {
    // 12 is 生活保護: 100 percent.
    Draft::sample().set(14, 30, "95").finds_rule("C13", &[(14, 30)]);
    // The same payer twice; the amounts of the second are blank.
    Draft::sample().set(14, 9, "12990016").set(14, 10, "0001230").set(14, 31, "100").finds_rule("C13", &[(14, 9)]);
    // 25 comes before 12.
    let other = format!("2599001{}", check_digit::digit("2599001").unwrap());
    let draft = Draft::sample().set(14, 9, &other).set(14, 10, "0001230").set(14, 31, "100");
    draft.finds_rule("C13", &[(14, 9)]);
    Draft::sample().finds_rule("C13", &[]);
    // A payer that is in no list, in the row of the 請求書.
    Draft::sample().set(3, 5, "58").finds_rule("C13", &[(3, 5)]);
}

#[test]
fn c14_codes_are_of_their_list() {
    Draft::sample().set(4, 14, "3").finds(&[("C14", 4, 14)]);
    Draft::sample().set(4, 19, "4").finds(&[("C14", 4, 19)]);
    Draft::sample().set(4, 23, "2").finds(&[("C14", 4, 23)]);
    Draft::sample().set(4, 23, "3").finds(&[]);
}

#[test]
fn check_digits() {
    Draft::sample().edit(4..=8, "00990010", "00990011").finds(&[("CD1", 4, 5)]);
    Draft::sample().set(4, 20, "9970001014").finds(&[("CD2", 4, 20)]);
    Draft::sample().set(14, 7, "12990017").finds(&[("CD3", 14, 7)]);
    Draft::sample().set(14, 8, "0001231").finds(&[("CD4", 14, 8)]);
    assert_eq!(
        check(&Draft::sample().set(14, 8, "0001231").bytes(), None).unwrap().findings[0].severity,
        Severity::Warning
    );
}

#[test]
fn o1_rows_of_a_person_agree() {
    Draft::sample().set(6, 6, "\"0000000109\"").finds(&[("O1", 6, 6)]);
    Draft::sample().remove(4).finds(&[("O1", 4, 0)]);
}

#[test]
fn o5_one_style_per_statement() {
    Draft::sample().set(6, 1, "\"7132\"").finds(&[("O5", 6, 1)]);
}

#[test]
fn a1_units_times_count() {
    Draft::sample().set(5, 14, "5265").finds(&[("A1", 5, 14)]);
}

#[test]
fn a2_details_add_up_to_the_totals() {
    Draft::sample().set(8, 10, "5585").finds(&[("A2", 8, 10)]);
    let twice = Draft::sample().rows[4].clone();
    Draft::sample().insert(7, &twice).finds(&[("A2", 7, 14)]);
}

#[test]
fn a3_units_within_the_plan() {
    Draft::sample().set(8, 14, "6099").finds(&[("A3", 8, 14)]);
    Draft::sample().set(13, 14, "9196").finds(&[("A3", 13, 14)]);
    // The same person with every figure computed from the wrong units: still one cause.
    let draft = Draft::sample().set(13, 14, "9196").edit(9..=13, "63903,27388", "67268,28830").set(9, 33, "9196");
    draft.edit(2..=2, "23756,248249,205164,9324,33761", "24216,253056,208529,9324,35203").finds(&[("A3", 13, 14)]);
}

#[test]
fn a4_additions_follow_the_smaller_units() {
    let draft = Draft::sample()
        .edit(12..=12, ",736,1,0,0,0,736,", ",778,1,0,0,0,778,")
        .edit(13..=13, "8460,736,,,8736,1045,63903,27388", "8460,778,,,8778,1045,64211,27519")
        .edit(9..=9, "8736,63903,27388", "8778,64211,27519");
    draft.edit(2..=2, "23756,248249,205164,9324,33761", "23798,248688,205472,9324,33892").finds(&[("A4", 13, 11)]);
}

#[test]
fn a5_the_insurance_share() {
    let slip = Draft::sample().set(8, 16, "57350").set(8, 17, "6374").set(4, 34, "57350").set(4, 35, "6374");
    slip.finds(&[("A5", 8, 16)]);
    // A rate that does not fit the amounts is one finding about the rate.
    Draft::sample().set(4, 29, "80").finds(&[("A5", 4, 29)]);
    Draft::sample().set(4, 29, "85").finds(&[("A5", 4, 29)]);
}

#[test]
fn a6_the_shares_add_up_to_the_cost() {
    Draft::sample().set(8, 17, "6374").finds(&[("A6", 8, 17)]);
    Draft::sample().set(8, 15, "1072").finds(&[("A6", 8, 15)]);
}

#[test]
fn a7_the_public_payer_takes_the_rest() {
    Draft::sample().set(18, 19, "9323").finds(&[("A7", 18, 19)]);
    Draft::sample().set(18, 19, "9323").set(14, 40, "9323").finds(&[("A7", 18, 19)]);
    // A part of it may fall on the person: 公費本人負担.
    let own = Draft::sample().set(18, 19, "9000").set(18, 20, "324").set(14, 40, "9000").set(14, 41, "324");
    own.edit(2..=3, ",9324,33761", ",9000,34085").edit(3..=3, "93234,0,9324", "93234,0,9000").finds(&[]);
}

#[test]
fn a8_a_public_payer_of_some_days() {
    let partial = |claim: &str, own: &str, head: &str| {
        Draft::sample()
            .edit(15..=15, ",777,10,10,0,0,7770,7770,", ",777,10,5,0,0,7770,3600,")
            .edit(17..=17, ",0,1,1,0,0,752,752,", ",0,1,0,0,0,752,0,")
            .edit(18..=18, "83910,0,8922,9324", &format!("83910,{own},4000,{claim}"))
            .edit(14..=14, "83910,0,0,0,0,8922,9324", &format!("83910,{own},0,0,0,4000,{claim}"))
            .edit(2..=2, "9324,33761", head)
            .edit(3..=3, "8922,93234,0,9324", &format!("4000,93234,0,{claim}"))
    };
    partial("4180", "5144", "4180,38905").finds(&[]);
    partial("4000", "5324", "4000,39085").finds(&[("A8", 18, 19)]);
}

#[test]
fn a10_public_units() {
    Draft::sample().set(18, 18, "8921").finds(&[("A10", 18, 18)]);
}

#[test]
fn a11_the_base_sums_up_the_totals() {
    Draft::sample().set(4, 33, "6099").finds(&[("A11", 4, 33)]);
    Draft::sample().set(4, 34, "57352").finds(&[("A11", 4, 34)]);
    Draft::sample().set(14, 39, "8921").finds(&[("A11", 14, 39)]);
    Draft::sample().remove(8).finds(&[("A11", 5, 7)]);
    let twice = Draft::sample().rows[6].clone();
    Draft::sample().insert(9, &twice).finds(&[("A11", 9, 7)]);
}

#[test]
fn b1_and_b2_the_claim_form_sums_up_the_statements() {
    for (item, value) in [(7, "4"), (8, "23757"), (9, "248250"), (10, "205165"), (11, "9325"), (12, "33762")] {
        Draft::sample().set(2, item, value).finds(&[("B1", 2, item as u16)]);
    }
    for (item, value) in [(7, "2"), (8, "8921"), (9, "93235"), (11, "9325"), (12, "1")] {
        Draft::sample().set(3, item, value).finds(&[("B2", 3, item as u16)]);
    }
    let row = Draft::sample().rows[0].clone();
    Draft::sample().insert(3, &row).finds(&[("B1", 3, 0)]);
    Draft::sample().remove(2).finds(&[("B1", 3, 0)]);
}

/// Person 303 as 生活保護単独: 10割 on the public payer, nothing on the insurance.
fn public_only() -> Draft {
    Draft::sample()
        .edit(14..=18, "\"0000000303\"", "\"H000000303\"")
        .edit(14..=14, ",90,100,,,8922,83910,0,0,0,0,8922,9324", ",,100,,,8922,0,0,0,0,0,8922,93234")
        .edit(18..=18, "8922,1045,83910,0,8922,9324", "8922,1045,0,0,8922,93234")
        .edit(2..=2, "3,23756,248249,205164,9324,33761", "2,14834,155015,121254,0,33761")
        .edit(3..=3, "93234,0,9324", "93234,0,93234")
}

#[test]
fn b3_public_funds_alone() {
    public_only().finds(&[]);
    public_only().set(18, 14, "0").set(14, 33, "0").finds(&[]);
    public_only()
        .set(18, 16, "83910")
        .set(18, 19, "9324")
        .set(14, 34, "83910")
        .set(14, 40, "9324")
        .edit(3..=3, "93234,0,93234", "93234,0,9324")
        .finds(&[("B3", 18, 16)]);
    public_only().set(14, 34, "1").finds(&[("B3", 14, 34)]);
}

fn plans() -> Draft {
    Draft::of(
        "711",
        &[
            "7111,202605,9970000015,1,0,02,1,1286,13438,13438,0,0,0,0,0,0,0,0",
            "7111,202605,9970000015,2,12,02,1,1286,13438,0,13438,0,0,0,0,0,0,0",
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,1,432111,1086,1,1086,,,,",
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,99,434001,200,1,200,1286,13438,,",
            "8124,9970000015,1,202605,990010,1045,H000000102,12990016,0001230,19400105,2,21,20260101,20261231,,99,432111,1286,1,1286,1286,13438,,",
        ],
    )
}

#[test]
fn b5_plan_claims() {
    plans().finds(&[]);
    plans().set(5, 21, "1287").finds(&[("B5", 5, 21)]);
    plans().set(5, 22, "13439").finds(&[("B5", 5, 22)]);
    plans().set(4, 5, "00990010").set(5, 5, "00990010").finds(&[]);
    plans().set(2, 10, "13437").finds(&[("B5", 2, 10)]);
    plans().set(3, 11, "13437").finds(&[("B5", 3, 11)]);
    plans()
        .set(4, 20, "1087")
        .set(5, 21, "1287")
        .set(5, 22, "13449")
        .edit(2..=2, "1286,13438,13438", "1287,13449,13449")
        .finds(&[("A1", 4, 20)]);
    let report = check(&plans().bytes(), None).unwrap();
    assert_eq!((report.claims, report.persons, report.units, report.yen), (2, 2, 2572, Yen(26_876)));
}

#[test]
fn o4_the_last_line_is_99() {
    plans().set(6, 16, "1").finds(&[("O4", 6, 16)]);
    benefit_form().set(3, 8, "01").finds(&[("O4", 3, 8)]);
}

fn benefit_form() -> Draft {
    let row = |no: &str, service: &str, tail: &str| {
        format!(
            "8222,202605,00990010,9970000015,1,20260601,3,{no},0000000101,19400105,2,21,202601,202612,{service},{tail}"
        )
    };
    Draft::of(
        "822",
        &[
            &row("01", ",1,9970001021,1,15", "6000,,,,,,,"),
            &row("02", ",1,9970001021,1,11", "4000,,,,,,,"),
            &row("99", "16765,1,0,0,0", ",,10000,0,10000,12345678,,"),
        ],
    )
}

#[test]
fn c10_benefit_management_forms() {
    let report = check(&benefit_form().bytes(), Some("KK260601.CSV")).unwrap();
    assert_eq!(
        (report.findings, report.kind, report.claims, report.persons, report.yen),
        (vec![], FileKind::BenefitManagement, 1, 1, Yen::ZERO)
    );
    benefit_form().set(4, 24, "10001").finds(&[("C10", 4, 24)]);
    benefit_form().set(4, 15, "9999").finds(&[("C10", 4, 24)]);
    benefit_form().set(3, 19, "15").finds(&[("C10", 3, 19)]);
    benefit_form().remove(4).finds(&[("O4", 3, 8)]);
}

/// One person in a nursing home with 特定入所者 and 出来高-free totals.
fn resident() -> Draft {
    let key = "202605,9970000015,00990010,0000000101";
    let zeros = |count: usize| vec!["0"; count].join(",");
    Draft::of(
        "711",
        &[
            "7111,202605,9970000015,1,0,01,1,20000,209000,188100,0,20900,1,0,44795,9300,0,35495",
            &format!(
                "7183,01,{key},,,,,,,19400105,2,24,1,20260101,20261231,,,,,1,20260401,,31,0,,90,,,,20000,188100,20900,0,0,35495,{}",
                zeros(18)
            ),
            &format!("7183,02,{key},51,1234,0,31,0,0,0,20000,0,0,0,"),
            &format!("7183,10,{key},51,,,,,,,20000,1045,188100,20900,{}", zeros(21)),
            &format!("7183,11,{key},99,59,2411,1445,300,31,0,0,0,44795,35495,0,0,0,9300,44795,35495,9300,{}", zeros(9)),
        ],
    )
}

#[test]
fn a12_a13_and_b4_residents() {
    resident().finds(&[]);
    let report = check(&resident().bytes(), None).unwrap();
    assert_eq!((report.yen, report.cost), (Yen(188_100 + 35_495), Yen(209_000 + 44_795)));
    resident().set(3, 38, "35496").finds(&[("A12", 3, 38)]);
    resident().set(6, 16, "44796").finds(&[("A13", 6, 16)]);
    resident().set(2, 18, "35496").finds(&[("B4", 2, 18)]);
    resident().set(5, 14, "20001").finds(&[("A3", 5, 14)]);
    resident().set(6, 7, "1").finds(&[("O4", 6, 7)]);
}

#[test]
fn a14_reductions() {
    let row =
        |after: &str| format!("\"7131\",12,202605,9970000015,00990010,\"0000000101\",2500,15,6373,1593,{after},\"\"");
    Draft::sample().insert(9, &row("4780")).finds(&[]);
    Draft::sample().insert(9, &row("4781")).finds(&[("A14", 9, 11)]);
}

#[test]
fn x1_counts_what_it_does_not_keep() {
    let mut draft = Draft::sample();
    let row = draft.rows[3].replace(",\"\"", ",\"a\"");
    for _ in 0..6_000 {
        draft.rows.insert(3, row.clone());
    }
    let report = check(&draft.bytes(), None).unwrap();
    assert!(report.findings.len() <= 5_001 && report.findings[0].rule == "X1", "{}", report.findings.len());
}

#[test]
fn a_notice_gives_its_kind_and_its_envelope_only() {
    let report = check(&data("74100000.CSV"), Some("74100000.CSV")).unwrap();
    assert_eq!((report.kind, report.claims, report.findings), (FileKind::Notice, 0, vec![]));
    let text = encoding_rs::SHIFT_JIS.decode(&data("74100000.CSV")).0.replace("2,4,", "2,9,");
    finds(&encoding_rs::SHIFT_JIS.encode(&text).0, "x", &[("F2", 4, 0)]);
}

#[test]
fn checking_refuses_what_reading_refuses() {
    for bytes in [
        &b""[..],
        b"name,yen\r\n",
        b"1,1,0,1,J11,0,0,9970000015,0,1,202606,0\r\n3,2\r\n",
        &data("KK260601.CSV")[..500],
        "1,1,0,1,741,0,0,9970000015,0,7,202606,0\r\n2,2,架空\r\n3,3\r\n".as_bytes(),
    ] {
        let (read, checked) = (kokuho::read(bytes).map(|_| ()), check(bytes, None).map(|_| ()));
        assert!(read.is_err());
        assert_eq!(read, checked);
    }
}

#[test]
fn an_endless_line_is_refused_while_reading() {
    let mut line = b"1,1,0,1,711,0,0,9970000015,0,7,202606,0\r\n".to_vec();
    line.resize(1 << 20, b'x');
    assert_eq!(check(&line, None).map(|_| ()), Err(NotInterchange::LineTooLong { line: 2 }));
    assert!(matches!(
        check_reader(std::io::repeat(b'1'), None),
        Err(CheckError::NotInterchange(NotInterchange::NotClaimShape))
    ));
}

/// Hands out a few bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl std::io::Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn a_stream_is_checked_as_the_whole() {
    let bytes = data("KKBAD001.CSV");
    let whole = check(&bytes, None).unwrap();
    for size in [1, 7, 100] {
        assert_eq!(check_reader(Drip(&bytes, size), None).unwrap(), whole);
    }
}

#[test]
fn every_rule_is_explained_in_the_guide() {
    let guide = std::fs::read_to_string(format!("{}/../../docs/guide/rules.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let headings: Vec<&str> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .filter_map(|heading| heading.split_whitespace().next())
        .collect();
    assert_eq!(headings, RULES, "docs/guide/rules.md has one heading per rule, in their order");
}

proptest! {
    /// Any one byte changed anywhere: never a panic, and never a claim that the file is a different one than was read.
    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..1900, byte in any::<u8>()) {
        let mut bytes = data("KK260601.CSV");
        bytes[at] = byte;
        let (read, checked) = (kokuho::read(&bytes), check(&bytes, None));
        prop_assert_eq!(read.as_ref().err(), checked.as_ref().err());
        if let (Ok(read), Ok(report)) = (read, checked) {
            prop_assert_eq!(read.kind(), report.kind);
            if report.findings.iter().all(|finding| finding.severity != Severity::Error) {
                let claims = kokuho::claims(&read);
                prop_assert_eq!(claims.iter().map(kokuho::Claim::amount).sum::<Yen>(), report.yen);
                prop_assert_eq!(claims.len(), report.claims);
            }
        }
    }

    #[test]
    fn checking_never_panics(rows in prop::collection::vec("(7131|7183|8124|8222|7111|71R1),(01|02|10|11|99|202605),[-0-9A-Ha, \"]{0,80}", 0..20)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let report = check(&Draft::of("711", &rows).bytes(), None).unwrap();
        prop_assert!(report.findings.iter().all(|finding| RULES.contains(&finding.rule)));
    }
}
