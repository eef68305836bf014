//! The papers, read back as a person's reader would.

#![cfg(test)]

mod power_of_attorney;
mod sheets;

use std::process::Command;

use chrono::NaiveDateTime;
use kokuho::Yen;
use paper::{
    ChartBar, Document, Orientation, PaperError, Receipt, Standing, Step, StepState, Table, document, receipt,
};

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
            ..Table::default()
        }],
        footer: "とどけ　返戻（保留）一覧表　9970000015".into(),
        issued_at: at("2026-07-05T10:02:00"),
        practice: false,
        ..Document::default()
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

/// Renders a PDF at 100 dots per inch and returns each page as grey dots with its width.
fn pictures(pdf: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output =
        Command::new("pdftoppm").args(["-r", "100", "-gray"]).arg(&path).arg(dir.path().join("page")).output().unwrap();
    assert!(output.status.success(), "pdftoppm: {}", String::from_utf8_lossy(&output.stderr));
    let mut files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pgm"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let bytes = std::fs::read(file).unwrap();
            // P5, width, height, 255, then one byte per dot.
            let head: Vec<&[u8]> = bytes.splitn(4, u8::is_ascii_whitespace).collect();
            let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<usize>().unwrap();
            let (width, height) = (number(head[1]), number(head[2]));
            (width, bytes[bytes.len() - width * height..].to_vec())
        })
        .collect()
}

/// Nothing is drawn within `margin` millimetres of an edge, and something is drawn at all.
#[track_caller]
fn assert_within_margins(pdf: &[u8], margin: f32) {
    let edge = (margin * 100.0 / 25.4) as usize;
    for (page, (width, dots)) in pictures(pdf).into_iter().enumerate() {
        let height = dots.len() / width;
        let mut inked = 0_usize;
        for (at, dot) in dots.iter().enumerate().filter(|(_, dot)| **dot < 200) {
            let (x, y) = (at % width, at / width);
            inked += 1;
            let inside = (edge..width - edge).contains(&x) && (edge..height - edge).contains(&y);
            assert!(inside, "page {}: a dot of {dot} at {x}, {y} of {width} x {height}", page + 1);
        }
        assert!(inked > 500, "page {} is nearly empty: {inked} dots", page + 1);
    }
}

/// 審査決定増減表: eighteen columns in groups, with totals.
fn change_table(rows: usize) -> Document {
    let pair = ["件数（介護）", "件数（特定入所者介護等）", "単位数（介護）", "特定入所者介護サービス費等"];
    let groups = ["返戻", "査定増減", "保留分", "保留復活分"];
    let mut columns = vec!["保険者番号".to_owned(), "サービス提供年月".to_owned()];
    columns.extend(groups.iter().flat_map(|_| pair.map(str::to_owned)));
    let row = |first: &str| {
        let mut row = vec![first.to_owned(), "令和8年5月".to_owned()];
        row.extend((0..4).flat_map(|_| ["1", "0", "1,234,567", "0"].map(str::to_owned)));
        row
    };
    Document {
        title: "介護保険審査決定増減表".into(),
        orientation: Orientation::Landscape,
        head: vec![("事業所番号".into(), "9970000015".into()), ("審査年月".into(), "令和8年6月".into())],
        tables: vec![Table {
            title: "明細".into(),
            numeric: (0..columns.len()).map(|at| at > 1).collect(),
            groups: std::iter::once((String::new(), 2)).chain(groups.map(|name| (name.to_owned(), 4))).collect(),
            columns,
            rows: (0..rows).map(|number| row(&format!("99{number:04}"))).collect(),
            totals: vec![row("合計")],
        }],
        legend: vec![("サービス種類 15".into(), "通所介護".into())],
        footer: "とどけ　介護保険審査決定増減表".into(),
        issued_at: at("2026-07-05T10:02:00"),
        ..Document::default()
    }
}

#[test]
fn a_wide_form_names_its_groups_on_every_page_and_ends_in_its_totals() {
    let pdf = document(&change_table(60)).unwrap();
    keep("changes.pdf", &pdf);
    let count = pages(&pdf);
    assert!(count > 1, "{count} pages");
    for page in 1..=count {
        let number = page.to_string();
        let text = read("pdftotext", &["-layout", "-f", &number, "-l", &number], &pdf);
        assert_holds(&text, &[&format!("{page} / {count}")]);
        // What the codes mean may stand on a page of its own.
        assert!(page == 1 || page == count || text.contains("1,234,567"), "page {page}");
        if text.contains("1,234,567") {
            assert_holds(&text, &["保留復活分", "査定増減"]);
        }
    }
    let text = text(&pdf);
    assert_eq!(text.matches("合計").count(), 1, "{text}");
    assert_eq!(text.matches("1,234,567").count(), 61 * 4, "no figure is broken");
    assert_holds(&text, &["サービス種類 15", "通所介護"]);
    assert_within_margins(&pdf, 8.0);
}

/// A month that lost something at every step.
fn bars() -> Vec<ChartBar> {
    let steps: [(&str, i64, bool); 13] = [
        ("請求", 2_941_507, true),
        ("返戻", -84_120, false),
        ("保留", -63_903, false),
        ("査定", -10_762, false),
        ("保留復活", 57_351, false),
        ("説明できない差額", 0, false),
        ("決定", 2_840_073, true),
        ("過誤", -12_400, false),
        ("支払", 2_827_673, true),
        ("介護給付費以外の支払", 5_500, false),
        ("手数料", -13_200, false),
        ("振込の説明できない差額", 0, false),
        ("振込", 2_819_973, true),
    ];
    let mut height = 0;
    steps
        .into_iter()
        .map(|(name, yen, is_level)| {
            let from = if is_level { 0 } else { height };
            height = from + yen;
            ChartBar { name: name.into(), yen: Yen(yen), from: Yen(from), to: Yen(height), is_level }
        })
        .collect()
}

#[test]
fn a_waterfall_shows_every_step_with_its_figure() {
    let chart = Document {
        title: "請求から振込まで さくらデイサービス 令和8年6月".into(),
        chart: bars(),
        issued_at: at("2026-07-25T10:02:00"),
        ..Document::default()
    };
    let pdf = document(&chart).unwrap();
    keep("waterfall.pdf", &pdf);
    assert_eq!(pages(&pdf), 1);
    let text = text(&pdf);
    assert_holds(&text, &["2,941,507", "-84,120", "+57,351", "-13,200", "2,819,973"]);
    assert_within_margins(&pdf, 8.0);

    // A month whose 過誤 are larger than what was decided goes below the ground.
    let below = vec![
        ChartBar { name: "決定".into(), yen: Yen(1000), from: Yen(0), to: Yen(1000), is_level: true },
        ChartBar { name: "過誤".into(), yen: Yen(-5000), from: Yen(1000), to: Yen(-4000), is_level: false },
        ChartBar { name: "支払".into(), yen: Yen(-4000), from: Yen(0), to: Yen(-4000), is_level: true },
    ];
    let pdf = document(&Document { chart: below, ..chart }).unwrap();
    keep("below.pdf", &pdf);
    assert_within_margins(&pdf, 8.0);
}

#[test]
fn a_month_and_a_day_are_never_broken() {
    let columns = 18;
    let names: Vec<String> = ["サービス提供年月", "足りない通知", "振込日"].map(str::to_owned).into();
    let table = Table {
        columns: names.into_iter().chain((3..columns).map(|number| format!("金額{number}"))).collect(),
        numeric: (0..columns).map(|column| column > 2).collect(),
        rows: (0..3)
            .map(|_| {
                let words = ["令和8年12月", "支払決定額内訳書・支払決定額通知書", "令和9年12月24日"].map(str::to_owned);
                words.into_iter().chain((3..columns).map(|_| "1,234,567".to_owned())).collect()
            })
            .collect(),
        ..Table::default()
    };
    let paper = Document {
        title: "収支の一覧".into(),
        orientation: Orientation::Landscape,
        tables: vec![table],
        issued_at: at("2026-07-25T10:02:00"),
        ..Document::default()
    };
    let pdf = document(&paper).unwrap();
    keep("months.pdf", &pdf);
    let text = text(&pdf);
    assert_eq!((text.matches("令和8年12月").count(), text.matches("令和9年12月24日").count()), (3, 3), "{text}");
    assert_within_margins(&pdf, 8.0);
}
