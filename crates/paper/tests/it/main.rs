//! The papers, read back as a person's reader would.

#![cfg(test)]

mod power_of_attorney;
use std::process::Command;

use chrono::NaiveDateTime;
use kokuho::Yen;
use paper::{Document, Orientation, PaperError, Receipt, Standing, Step, StepState, Table, document, receipt};

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn example() -> Receipt {
    let step = |name: &str, time: &str| Step { name: name.into(), state: StepState::Done, at: Some(at(time)) };
    Receipt {
        corporation_name: "社会福祉法人さくら会".into(),
        office_name: "さくらデイサービス".into(),
        office_number: "9970000015".into(),
        file_name: "KK260601.CSV".into(),
        processing_month: "2026-06".parse().unwrap(),
        service_months: vec!["2026-05".parse().unwrap()],
        claims: 3,
        yen: Yen(214_488),
        sha256: "0123456789abcdeffedcba987654321089abcdef0123456776543210fedcba98".into(),
        size: 12_345,
        accept_code: Some("R26-0605-000123".into()),
        state: "受付完了".into(),
        basic_code: Some("5C05".into()),
        standing: Standing::Accepted,
        message: None,
        steps: vec![
            step("送信", "2026-06-05T09:30:12"),
            step("到達", "2026-06-05T09:35:40"),
            step("受付完了", "2026-06-05T09:58:03"),
        ],
        issued_at: at("2026-06-05T10:02:00"),
        practice: false,
        test: false,
    }
}

/// A list of `rows` returned claims.
fn list(rows: usize) -> Document {
    let columns = [
        "証記載保険者番号",
        "被保険者番号",
        "被保険者氏名",
        "種別",
        "サービス提供年月",
        "単位数",
        "事由",
        "内容",
        "備考",
    ];
    Document {
        title: "請求明細書・給付管理票返戻（保留）一覧表".into(),
        orientation: Orientation::Landscape,
        head: vec![
            ("事業所".into(), "9970000015　さくらデイサービス".into()),
            ("審査年月".into(), "令和8年6月".into()),
        ],
        tables: vec![Table {
            title: "返戻・保留".into(),
            columns: columns.map(Into::into).into(),
            numeric: vec![false, false, false, false, false, true, false, false, false],
            rows: (1..=rows)
                .map(|number| {
                    let insured = format!("{number:010}");
                    let row = ["990010", &insured, "ヤマダ ハナコ", "請", "令和8年5月", "12,345", "L"];
                    let row = row.into_iter().map(str::to_owned);
                    row.chain(["支援事業所に請求明細書に対応した給付管理票の提出依頼が必要".into(), "12PA".into()])
                        .collect()
                })
                .collect(),
        }],
        footer: "とどけ　返戻（保留）一覧表　9970000015".into(),
        issued_at: at("2026-07-05T10:02:00"),
        practice: false,
    }
}

/// Runs a tool of poppler on the PDF and returns what it prints.
fn read(tool: &str, options: &[&str], pdf: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(tool);
    command.args(options).arg(&path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap_or_else(|error| panic!("{tool} (package poppler-utils): {error}"));
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{tool} complains");
    String::from_utf8(output.stdout).unwrap()
}

fn text(pdf: &[u8]) -> String {
    read("pdftotext", &["-layout"], pdf)
}

/// Text without the blanks and line breaks of the page.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

fn pages(pdf: &[u8]) -> usize {
    let info = read("pdfinfo", &[], pdf);
    info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap()
}

/// Keeps the pictures for a person to look at, when asked to.
fn keep(name: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("TODOKE_KEEP_PAPERS") {
        std::fs::write(std::path::Path::new(&folder).join(name), pdf).unwrap();
    }
}

#[track_caller]
fn assert_holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in\n{text}");
    }
}

#[test]
fn a_receipt_says_everything_on_one_page() {
    let pdf = receipt(&example()).unwrap();
    keep("receipt.pdf", &pdf);
    assert_eq!(pages(&pdf), 1);
    let text = text(&pdf);
    let words = [
        "社会福祉法人さくら会",
        "さくらデイサービス",
        "御中",
        "9970000015",
        "KK260601.CSV",
        "令和8年6月",
        "令和8年5月",
        "3件",
        "214,488円",
        "12,345バイト",
        "01234567 89abcdef fedcba98 76543210",
        "89abcdef 01234567 76543210 fedcba98",
        "R26-0605-000123",
        "受付完了",
        "5C05",
        "令和8年6月5日 09:30:12",
        "令和8年6月5日 09:35:40",
        "令和8年6月5日 09:58:03",
        "発行 令和8年6月5日 10:02:00",
        "1 / 1",
    ];
    assert_holds(&text, &words);
    // Sentences wrap.
    assert_holds(&bare(&text), &["受け付けられたこと", "月末ごろに国保連の通知で届きます"]);
    assert!(!text.contains("練習") && !text.contains("テスト送信"));
}

#[test]
fn a_receipt_is_small_and_carries_only_the_glyphs_it_uses() {
    let pdf = receipt(&example()).unwrap();
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
    let fonts = read("pdffonts", &[], &pdf);
    let font = fonts.lines().nth(2).unwrap();
    assert_holds(font, &["TODOKE+", "BIZ"]);
    // Embedded, subset, with a map back to Unicode.
    assert!(font.split_whitespace().filter(|word| *word == "yes").count() == 3, "{fonts}");
    assert_holds(&read("pdfinfo", &[], &pdf), &["送信受領書", "595.276 x 841.89 pts (A4)"]);
}

#[test]
fn the_same_receipt_gives_the_same_bytes() {
    assert!(receipt(&example()).unwrap() == receipt(&example()).unwrap());
    let later = Receipt { issued_at: at("2026-06-05T10:02:01"), ..example() };
    assert!(receipt(&example()).unwrap() != receipt(&later).unwrap());
}

#[test]
fn practice_and_test_are_marked_on_the_paper() {
    let pdf = receipt(&Receipt { practice: true, test: true, ..example() }).unwrap();
    keep("practice.pdf", &pdf);
    assert_holds(
        &text(&pdf),
        &["実際の請求は行われていません", "テスト送信（請求にはなりません）", "練習（実際の請求ではありません）"],
    );
    let pdf = receipt(&Receipt { test: true, ..example() }).unwrap();
    keep("test.pdf", &pdf);
    assert!(!text(&pdf).contains("練習"));
}

#[test]
fn a_receipt_claims_no_more_than_is_known() {
    let waiting = |name: &str| Step { name: name.into(), state: StepState::Waiting, at: None };
    let mut early = example();
    early.standing = Standing::AtRelay;
    early.state = "未送信".into();
    early.basic_code = None;
    early.steps = vec![early.steps[0].clone(), waiting("到達"), waiting("受付完了")];
    let pdf = receipt(&early).unwrap();
    keep("early.pdf", &pdf);
    let early = bare(&text(&pdf));
    assert_holds(&early, &["まだ確認できていません", "まだありません", "―"]);
    assert!(!early.contains("受け付けられたこと"));

    let mut failed = example();
    failed.standing = Standing::Failed;
    failed.state = "様式エラー".into();
    failed.basic_code = Some("5C04".into());
    failed.message = Some("KSF0123E コントロールレコードの処理対象年月が受付期間と一致しません。".into());
    failed.steps[2] =
        Step { name: "受付完了".into(), state: StepState::Failed, at: Some(at("2026-06-05T09:58:03")) };
    let pdf = receipt(&failed).unwrap();
    keep("failed.pdf", &pdf);
    assert_holds(&bare(&text(&pdf)), &["様式エラー", "請求したことにはなりません", "KSF0123E", "できませんでした"]);
}

#[test]
fn long_names_wrap_and_stay_whole() {
    let mut long = example();
    long.corporation_name = "社会福祉法人".to_owned() + &"とても長い名前の".repeat(9) + "会";
    long.office_name = "地域密着型通所介護・介護予防認知症対応型通所介護・".repeat(3) + "さくら";
    long.file_name = "A".repeat(180) + ".CSV";
    long.service_months = (1..=12).map(|month| calendar::Month::new(2025, month).unwrap()).collect();
    long.accept_code = Some("0123456789".repeat(4));
    let pdf = receipt(&long).unwrap();
    keep("long.pdf", &pdf);
    let bare = bare(&text(&pdf));
    for name in [&long.corporation_name, &long.office_name, &long.file_name] {
        assert!(bare.contains(name.as_str()), "{name} is not whole in {bare}");
    }
}

#[test]
fn a_character_that_cannot_be_printed_is_named() {
    let odd = Receipt { office_name: "さくら🌸デイ".into(), ..example() };
    assert_eq!(receipt(&odd), Err(PaperError::MissingCharacter { character: '🌸', place: "事業所名".into() }));
    let mut odd = list(3);
    odd.tables[0].rows[2][2] = "ヤマダ\u{7}ハナコ".into();
    let place = "返戻・保留 3行目 被保険者氏名".to_owned();
    assert_eq!(document(&odd), Err(PaperError::MissingCharacter { character: '\u{7}', place }));
}

#[test]
fn a_list_repeats_its_column_names_on_every_page() {
    let pdf = document(&list(90)).unwrap();
    keep("list.pdf", &pdf);
    let count = pages(&pdf);
    assert!(count > 2, "{count} pages");
    for page in 1..=count {
        let number = page.to_string();
        let text = read("pdftotext", &["-layout", "-f", &number, "-l", &number], &pdf);
        assert_holds(&text, &["被保険者番号", "ヤマダ ハナコ", &format!("{page} / {count}")]);
    }
    let text = text(&pdf);
    for number in 1..=90 {
        assert_eq!(text.matches(&format!("{number:010}")).count(), 1, "row {number}");
    }
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
}

#[test]
fn an_empty_list_says_so_and_a_row_taller_than_a_page_goes_on() {
    let pdf = document(&list(0)).unwrap();
    keep("empty.pdf", &pdf);
    assert_holds(&text(&pdf), &["該当はありません"]);

    let mut tall = list(1);
    tall.orientation = Orientation::Portrait;
    tall.practice = true;
    tall.tables[0].rows[0][7] = (1..=900).fold(String::new(), |text, number| text + &format!("第{number}項。"));
    let pdf = document(&tall).unwrap();
    keep("tall.pdf", &pdf);
    assert!(pages(&pdf) > 1);
    let bare = bare(&text(&pdf));
    assert_holds(&bare, &["第1項。", "900項"]);
    let first = read("pdftotext", &["-layout", "-l", "1"], &pdf);
    assert_holds(&first, &["第1項。"]);
}
