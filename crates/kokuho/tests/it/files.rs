//! Reading, writing, claims and notices.

use std::collections::{BTreeMap, BTreeSet};

use kokuho::{
    Confidence, ControlFacts, FileKind, FileWriter, ItemKind, NotInterchange, Notice, OfficeNumber, Quoting,
    ReturnTarget, Yen, claims, notices, read,
};
use proptest::prelude::*;

use crate::data;

const SAMPLES: [&str; 5] = ["72100000.CSV", "74100000.CSV", "75100000.CSV", "75200000.CSV", "KK260601.CSV"];

#[test]
fn tells_what_a_file_is() {
    let file = read(&data("KK260601.CSV")).unwrap();
    assert_eq!((file.kind(), file.office().as_str(), file.is_test()), (FileKind::Claim, "9970000015", false));
    assert_eq!(file.processing_month().unwrap().to_string(), "2026-06");
    assert_eq!(file.service_months(), ["2026-05".parse().unwrap()]);
    assert_eq!((file.rows.len(), file.control.row_count()), (17, Some(17)));
    let row = &file.rows[2];
    assert_eq!(
        (row.line, row.id(), row.exchange_id(), row.item(6), row.number(33), row.number(30), row.item(57)),
        (4, "7131-01", "7131", "0000000101", Some(6098), None, "")
    );
    assert_eq!(row.layout().unwrap().item(33).unwrap().name_ja, "保険 サービス単位数");
    for name in ["72100000.CSV", "74100000.CSV", "75100000.CSV", "75200000.CSV"] {
        assert_eq!(read(&data(name)).unwrap().kind(), FileKind::Notice, "{name}");
    }
}

#[test]
fn returns_the_bytes_that_it_read() {
    for name in SAMPLES {
        assert_eq!(read(&data(name)).unwrap().to_bytes(), data(name), "{name}");
    }
}

#[test]
fn writes_the_samples_byte_for_byte_in_the_vendors_manner() {
    for name in SAMPLES {
        let file = read(&data(name)).unwrap();
        let mut writer =
            FileWriter::new(ControlFacts::new(file.office(), file.processing_month().unwrap()), Quoting::Vendor);
        for row in &file.rows {
            let items: Vec<&str> = (1..=row.items()).map(|no| row.item(no)).collect();
            writer.row(&items).unwrap();
        }
        let (written, wanted) = (writer.finish().unwrap(), data(name));
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&wanted), "{name}");
        assert_eq!(written, wanted, "{name}");
    }
}

#[track_caller]
fn refused(bytes: &[u8], expected: NotInterchange) {
    assert_eq!(read(bytes).map(|file| file.kind()), Err(expected));
}

#[test]
fn refuses_what_is_no_interchange_file() {
    let clean = data("KK260601.CSV");
    refused(b"", NotInterchange::Empty);
    refused(b"\r\n\r\n", NotInterchange::Empty);
    refused("氏名,金額\r\n".as_bytes(), NotInterchange::NotClaimShape);
    refused(b"%PDF-1.7 and so on", NotInterchange::NotClaimShape);
    refused(&vec![0; 200_000], NotInterchange::NotClaimShape);
    refused(b"PK\x03\x04workbook", NotInterchange::SavedBySpreadsheet);
    refused(&clean[..clean.len() / 2], NotInterchange::CutInHalf);
    refused(&clean[..clean.len() - "3,19\r\n".len()], NotInterchange::CutInHalf);
    refused(b"1,1,0,1,J11,0,0,9970000015,0,1,202606,0\r\n2,2,J111,01\r\n3,3\r\n", NotInterchange::Disability);
    refused(b"1,1,0,1,711,0,0,9970000015,0,1,202606,0\r\n2,2,K111,01\r\n3,3\r\n", NotInterchange::Disability);
    refused(
        b"1,1,0,1,711,0,0,9970000015,0,7,202606,0\r\n2,2,\xFF\xFF\r\n3,3\r\n",
        NotInterchange::Undecodable { byte: 45 },
    );
}

#[test]
fn refuses_a_file_that_a_spreadsheet_has_saved() {
    let clean = String::from_utf8(data("KK260601.CSV")).unwrap();
    let without_zeros = clean.replace("\"7131\",0", "7131,").replace("\"7131\",10", "7131,10").replace("0000000", "");
    refused(without_zeros.as_bytes(), NotInterchange::SavedBySpreadsheet);
    let padded = clean.replacen("202606,0\r\n", "202606,0,,,,,,,\r\n", 1);
    refused(padded.as_bytes(), NotInterchange::SavedBySpreadsheet);
}

#[test]
fn refuses_unicode() {
    let file = read(&data("74100000.CSV")).unwrap();
    let text: String = encoding_rs_decode(&file.to_bytes());
    refused(text.as_bytes(), NotInterchange::Utf8);
    refused(format!("\u{FEFF}{text}").as_bytes(), NotInterchange::Utf8);
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    refused(&wide, NotInterchange::Utf8);
}

fn encoding_rs_decode(bytes: &[u8]) -> String {
    encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned()
}

#[test]
fn half_width_kana_alone_is_not_taken_for_utf8() {
    // ﾃｽ in Shift_JIS happens to be one character of two bytes in UTF-8.
    let bytes = b"1,1,0,1,741,0,0,9970000015,0,7,202606,0\r\n2,2,7411,D1,\xC3\xBD\r\n3,3\r\n";
    assert_eq!(read(bytes).unwrap().rows[0].item(3), "ﾃｽ");
}

#[test]
fn claims_of_the_sample_add_up() {
    let claims = claims(&read(&data("KK260601.CSV")).unwrap());
    let facts: Vec<_> = claims
        .iter()
        .map(|c| {
            (c.insured.as_str(), c.insurer.as_str(), c.units, c.insurance.0, c.public.0, c.own_burden.0, c.rate, c.line)
        })
        .collect();
    assert_eq!(
        facts,
        [
            ("0000000101", "990010", 6098, 57351, 0, 6373, 90, 4),
            ("0000000202", "990010", 8736, 63903, 0, 27388, 70, 9),
            ("0000000303", "990028", 8922, 83910, 9324, 0, 90, 14),
        ]
    );
    let third = &claims[2];
    assert_eq!(
        (third.public_shares[0].payer.as_str(), third.public_shares[0].rate, third.public_shares[0].yen),
        ("12990016", 100, Yen(9324))
    );
    assert_eq!(
        (third.services[0].service_type.as_str(), third.services[0].unit_price, third.services[0].public_units),
        ("15", 1045, 8922)
    );
    assert_eq!(claims.iter().map(kokuho::Claim::amount).sum::<Yen>(), Yen(214_488));
}

/// A file whose rows are given without their two leading columns.
fn file(data_type: &str, rows: &[&str]) -> Vec<u8> {
    let mut text = format!("1,1,0,{},{data_type},0,0,9970000015,0,7,202606,0\r\n", rows.len());
    for (index, row) in rows.iter().enumerate() {
        text += &format!("2,{},{row}\r\n", index + 2);
    }
    text += &format!("3,{}\r\n", rows.len() + 2);
    encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()
}

#[test]
fn plan_claims_take_their_totals_from_the_last_line() {
    let bytes = file(
        "711",
        &[
            "7111,202605,9970000015,1,0,02,2,2572,26877,26877,0,0,0,0,0,0,0,0",
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,1,432111,1086,1,1086,,,,",
            "8124,9970000015,1,202605,990010,1045,0000000101,,,19400105,2,21,20260101,20261231,20260101,99,434001,200,1,200,1286,13438,,",
            "8124,9970000015,1,202605,990010,1045,H000000102,12990016,0001230,19400105,2,21,20260101,20261231,,99,432111,1286,1,1286,1286,13438,,",
        ],
    );
    let claims = claims(&read(&bytes).unwrap());
    let facts: Vec<_> = claims
        .iter()
        .map(|c| (c.exchange_id.as_str(), c.units, c.insurance.0, c.public.0, c.rate, c.services.len()))
        .collect();
    assert_eq!(facts, [("8124", 1286, 13438, 0, 100, 1), ("8124", 1286, 0, 13438, 0, 1)]);
    assert_eq!(claims[0].services[0].service_type, "43");
}

#[test]
fn benefit_management_forms_carry_no_money() {
    let line = |no: &str, office: &str| {
        format!(
            "8222,202605,00990010,9970001013,1,20260601,3,{no},0000000101,19400105,2,21,202601,202612,,1,{office},1,15,6000,,,,,,,"
        )
    };
    let (first, last) = (line("01", "9970000015"), line("99", "0"));
    let bytes = file("822", &[&first, &last]);
    let file = read(&bytes).unwrap();
    assert_eq!(file.kind(), FileKind::BenefitManagement);
    let claims = claims(&file);
    assert_eq!(claims.len(), 1);
    assert_eq!(
        (claims[0].exchange_id.as_str(), claims[0].amount(), claims[0].units, claims[0].office.as_str()),
        ("8222", Yen::ZERO, 0, "9970001013")
    );
}

#[test]
fn residents_and_fee_for_service_count_in_the_amount() {
    let key = "202605,9970000015,00990010,0000000101";
    let zeros = |count: usize| vec!["0"; count].join(",");
    let base = format!(
        "7183,01,{key},12990016,0001230,,,,,19400105,2,24,1,20260101,20261231,,,,,1,20260401,,31,0,,90,100,,,20000,{}",
        zeros(23)
    );
    let total = format!(
        "7183,10,{key},51,31,,,,,,20000,1045,188100,0,20000,20900,0,0,0,0,0,0,0,100,900,0,100,100,0,{}",
        zeros(6)
    );
    let resident = format!(
        "7183,11,{key},99,59,2411,1445,300,31,31,0,0,44795,35495,0,0,0,0,44795,35495,0,9300,9300,0,{}",
        zeros(6)
    );
    let bytes = file("711", &[&base, &total, &resident]);
    let claim = claims(&read(&bytes).unwrap()).remove(0);
    assert_eq!(
        (claim.insurance, claim.public, claim.own_burden),
        (Yen(188_100 + 900 + 35_495), Yen(20_900 + 100 + 9_300), Yen::ZERO)
    );
    assert_eq!(claim.public_shares[0].yen, claim.public);
}

#[test]
fn notices_of_the_sample_month() {
    let of = |name: &str| notices(&read(&data(name)).unwrap()).remove(0);
    let Notice::Returns(returns) = of("74100000.CSV") else { panic!("7411 is a list of returns") };
    assert_eq!(
        (returns.head.exchange_id.as_str(), returns.head.processing_month.to_string().as_str(), returns.lines.len()),
        ("7411", "2026-06", 3)
    );
    let line = &returns.lines[0];
    assert_eq!(
        (line.insurer.as_str(), line.insured.as_str(), line.target, line.units, line.remark.as_str()),
        ("990010", "0000000101", Some(ReturnTarget::Statement), 6098, "12PA")
    );
    assert_eq!(
        (returns.lines[2].remark.as_str(), returns.lines[2].reason.as_str(), returns.lines[0].insured_kana.as_str()),
        ("保留", "C", "ﾃｽﾄ ｲﾁﾛｳ")
    );

    let Notice::Changes(changes) = of("72100000.CSV") else { panic!("7211 is a table of changes") };
    assert_eq!(changes.claim_difference, (Some(-2), Some(Yen(-121_254))));
    assert_eq!((changes.totals.returned, changes.totals.held, changes.totals.released), ((1, 6098), (1, 8736), (0, 0)));
    assert_eq!((changes.rows.len(), changes.rows[0].counts), (1, changes.totals));

    let Notice::Payments(payments) = of("75200000.CSV") else { panic!("7521 is a payment detail") };
    assert_eq!((payments.decided, payments.kago, payments.payable), (Yen(93_234), Yen::ZERO, Yen(93_234)));
    assert_eq!(
        (payments.lines[0].insurer.as_str(), payments.lines[0].units, payments.lines[0].benefit),
        ("990028", 8922, Yen(93_234))
    );

    let Notice::Transfer(transfer) = of("75100000.CSV") else { panic!("7513 is a transfer") };
    assert_eq!(
        (transfer.transfer, transfer.care, transfer.project, transfer.certificate_fee),
        (Yen(93_234), Yen(93_234), Yen::ZERO, Yen::ZERO)
    );
    assert_eq!(transfer.head.issued.unwrap().to_string(), "2026-07-24");
}

#[test]
fn the_other_notices_are_read_from_their_own_columns() {
    let reductions = file(
        "731",
        &[
            "7311,H1,9970000015,テスト通所介護事業所,202606,20260630,1,架空県国保連,審査委員会,",
            "7311,D1,00990010,0000000101,ﾃｽﾄ,202605,15,2241,,B,内容,",
            "7311,D1,00990010,0000000101,ﾃｽﾄ,202605,15,5301,-40,B,内容,",
        ],
    );
    let Some(Notice::Reductions(found)) = notices(&read(&reductions).unwrap()).pop() else { panic!("7311") };
    assert_eq!(found.lines.iter().map(|line| line.units).collect::<Vec<_>>(), [None, Some(-40)]);

    let kago = file(
        "761",
        &[
            "7611,H1,202606,9970000015,テスト通所介護事業所,20260717,1,架空県国保連",
            "7611,D1,00990010,架空市,0000000101,ﾃｽﾄ,202603,15,通所介護,1002,請求誤り,-6098,-57351",
            "7611,H1,202606,9970000015,テスト通所介護事業所,20260717,2,架空県国保連",
            "7611,D1,00990010,架空市,0000000102,ﾃｽﾄ,202603,15,通所介護,1002,請求誤り,-100,-900",
            "7611,T1,2,-6198,-58251,0,0,0",
        ],
    );
    let found = notices(&read(&kago).unwrap());
    let [Notice::Kago(kago)] = found.as_slice() else { panic!("two pages of one 7611, found {found:?}") };
    assert_eq!(
        (kago.head.office_name.as_str(), kago.lines.len(), kago.lines[0].yen, kago.lines[0].reason.as_str()),
        ("テスト通所介護事業所", 2, Yen(-57_351), "1002")
    );

    let old = file(
        "751",
        &[
            "7511,H1,202606,000,0000,架空県架空市,テスト,テスト,9970000015,1000,900,0,0,100,0,1000,架空銀行,本店,20260724,架空県国保連",
        ],
    );
    let Some(Notice::Transfer(found)) = notices(&read(&old).unwrap()).pop() else { panic!("7511") };
    assert_eq!(
        (found.transfer, found.care, found.project, found.head.issued.map(|d| d.to_string())),
        (Yen(1000), Yen(900), Yen::ZERO, Some("2026-07-24".to_owned()))
    );
}

#[test]
fn both_editions_of_the_return_list_have_their_layout() {
    let row = |items: usize| {
        let text = format!("7411,D1{}", ",1".repeat(items - 2));
        read(&file("741", &[&text])).unwrap().rows[0].clone()
    };
    assert_eq!((row(14).id(), row(14).layout().unwrap().items.len()), ("7411-D1", 14));
    assert_eq!((row(13).id(), row(13).layout().unwrap().items.len()), ("7411-D1", 13));
    assert_eq!(read(&file("999", &["9999,ZZ,1"])).unwrap().rows[0].id(), "9999-ZZ");
}

#[test]
fn a_character_that_does_not_fit_is_an_error_with_its_place() {
    let facts = || ControlFacts::new(OfficeNumber::from_file("9970000015"), "2026-06".parse().unwrap());
    let mut writer = FileWriter::new(facts(), Quoting::Vendor);
    let fault = writer.row(&["7411", "D1", "00990010", "架空市😀"]).unwrap_err();
    assert_eq!(fault, kokuho::WriteError::Character { row: 1, item: 4, character: '😀' });
    assert_eq!(writer.row(&["7411", "D1", "a\nb"]).unwrap_err(), kokuho::WriteError::Control { row: 1, item: 3 });
    // The encoder would fold these two into other characters.
    assert!(writer.row(&["7411", "¥"]).is_err() && writer.row(&["7411", "−"]).is_err());
    writer.row(&["7411", "D1", "髙﨑"]).unwrap();
    let file = read(&writer.finish().unwrap()).unwrap();
    assert_eq!((file.rows.len(), file.rows[0].item(3)), (1, "髙﨑"));
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec("[ -~｡-ﾟあ-んア-ン一二三亜腕①]{0,12}", 0..20), 0..12), manner in 0_usize..3) {
        let quoting = [Quoting::Vendor, Quoting::AllNonEmpty, Quoting::Minimal][manner];
        let mut writer = FileWriter::new(ControlFacts::new(OfficeNumber::from_file("9970000015"), "2026-06".parse().unwrap()), quoting);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|items| ["9999".to_owned()].into_iter().chain(items).collect()).collect();
        for row in &rows {
            writer.row(row).unwrap();
        }
        let bytes = writer.finish().unwrap();
        // The file of no rows has no data type, which no reader accepts.
        prop_assume!(!rows.is_empty());
        let file = read(&bytes).unwrap();
        let found: Vec<Vec<String>> = file.rows.iter().map(|row| (1..=row.items()).map(|no| row.item(no).to_owned()).collect()).collect();
        prop_assert_eq!(found, rows);
        prop_assert_eq!(file.to_bytes(), bytes);
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let mut framed = b"1,1,0,1,711,0,0,9970000015,0,7,202606,0\r\n2,2,\"7131\",01,".to_vec();
        framed.extend_from_slice(&bytes);
        framed.extend_from_slice(b"\r\n3,3\r\n");
        if let Ok(file) = read(&framed) {
            prop_assert_eq!(file.to_bytes(), framed);
            let _ = (claims(&file), notices(&file), file.service_months());
            for row in &file.rows {
                let _ = (row.item(usize::MAX), row.item(0), row.number(5), row.id());
            }
        }
    }
}

/// A value of the item's kind and greatest length, another for each `turn`; blank and zero take their turns too (V3, V4).
fn a_value(item: &kokuho::Item, turn: usize) -> String {
    let length = usize::from(item.max_len.unwrap_or(6));
    match (item.kind, turn % 4) {
        (_, 0) => String::new(),
        (ItemKind::Nine | ItemKind::SignedNine, 1) => "0".to_owned(),
        (ItemKind::Nine, 2) => "0".repeat(length - 1) + "7",
        (ItemKind::SignedNine, 2) => format!("-{}", "9".repeat(length.saturating_sub(1).max(1))),
        (ItemKind::Nine | ItemKind::SignedNine, _) => "9".repeat(length),
        (ItemKind::X, 1) => "A,\"1".chars().take(length).collect(),
        (ItemKind::X, 2) => "ｶﾞ H".chars().take(length).collect(),
        (ItemKind::X, _) => "Z".repeat(length),
        (ItemKind::N, 1) => "髙".repeat((length / 2).max(1)),
        (ItemKind::N, 2) => "架　空".chars().take((length / 2).max(1)).collect(),
        (ItemKind::N, _) => "①".repeat((length / 2).max(1)),
    }
}

/// Every record of the tables, in every manner of quoting, with blanks, zeros, leading zeros and full lengths: the values
/// come back, and writing them again in the same manner gives the same bytes.
#[test]
fn every_record_is_read_and_written_back_in_each_manner() {
    let mut seen = 0;
    for layout in kokuho::layouts().iter().filter(|layout| !layout.exchange_id.is_empty()) {
        for quoting in [Quoting::Vendor, Quoting::AllNonEmpty, Quoting::Minimal] {
            let facts = || ControlFacts::new(OfficeNumber::from_file("9970000015"), "2026-06".parse().unwrap());
            let rows: Vec<Vec<String>> = (0..4)
                .map(|turn| {
                    let mut row: Vec<String> =
                        layout.items.iter().map(|item| a_value(item, turn + usize::from(item.no))).collect();
                    layout.exchange_id.clone_into(&mut row[0]);
                    // A single digit in second place is how a spreadsheet leaves a record kind.
                    layout.record_kind.unwrap_or("202605").clone_into(&mut row[1]);
                    row
                })
                .collect();
            let write = |rows: &[Vec<String>]| {
                let mut writer = FileWriter::new(facts(), quoting);
                for row in rows {
                    writer.row(row).unwrap();
                }
                writer.finish().unwrap()
            };
            let bytes = write(&rows);
            let file = read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", layout.id));
            let back: Vec<Vec<String>> =
                file.rows.iter().map(|row| (1..=row.items()).map(|no| row.item(no).to_owned()).collect()).collect();
            assert_eq!(back, rows, "{} {quoting:?}", layout.id);
            assert!(file.rows.iter().all(|row| row.layout() == Some(layout)), "{}", layout.id);
            assert_eq!(write(&back), bytes, "{} {quoting:?}", layout.id);
            assert_eq!(file.to_bytes(), bytes);
            seen += 1;
        }
    }
    assert_eq!(seen, 3 * (kokuho::layouts().len() - 2), "the control and the end record are no data rows");
}

/// `docs/records.md` says of each exchange id which records are known, and how well.
#[test]
fn the_table_of_records_is_that_of_the_layouts() {
    let page = include_str!("../../../../docs/records.md");
    let told: Vec<(String, String, String)> = page
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let &["", id, _, "claim" | "notice", records, confidence, _, _, ""] = cells.as_slice() else { return None };
            Some((id.to_owned(), records.to_owned(), confidence.to_owned()))
        })
        .collect();
    let mut known: BTreeMap<&str, (BTreeSet<&str>, Confidence)> = BTreeMap::new();
    for layout in kokuho::layouts().iter().filter(|layout| !layout.exchange_id.is_empty()) {
        let entry = known.entry(layout.exchange_id).or_insert_with(|| (BTreeSet::new(), Confidence::High));
        entry.0.insert(layout.record_kind.unwrap_or("–"));
        entry.1 = entry.1.min(layout.confidence);
    }
    let known: Vec<(String, String, String)> = known
        .into_iter()
        .map(|(id, (records, confidence))| {
            let records = records.into_iter().collect::<Vec<_>>().join(" ");
            (id.to_owned(), records, format!("{confidence:?}").to_lowercase())
        })
        .collect();
    assert_eq!(told, known);
}

/// Every file that fuzzing found, and every sample, goes through the roads of the fuzz targets.
#[test]
fn what_fuzzing_found_stays_mended() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let files = [folder.clone(), folder.join("found")]
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let mut seen = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let whole = kokuho::check(&bytes, Some("KK260601.CSV"));
        match (&whole, kokuho::check_reader(bytes.as_slice(), Some("KK260601.CSV"))) {
            (Ok(whole), Ok(streamed)) => assert_eq!(whole, &streamed),
            (Err(whole), Err(kokuho::CheckError::NotInterchange(streamed))) => assert_eq!(whole, &streamed),
            other => panic!("{}: {other:?}", path.display()),
        }
        let file = read(&bytes);
        assert_eq!(file.is_ok(), whole.is_ok(), "{}", path.display());
        if let Ok(file) = file {
            let _ = (claims(&file), notices(&file));
            assert_eq!(file.to_bytes(), bytes);
        }
        seen += 1;
    }
    assert!(seen >= SAMPLES.len());
}
