//! Lists as workbook and CSV, read back as a spreadsheet would.

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use chrono::NaiveDate;
use paper::{Column, Sheet, Value, csv, workbook};

fn sheet() -> Sheet {
    let row = |office: &str, name: &str, yen: i64| {
        vec![
            Value::from(office),
            Value::from(name),
            Value::Month("2026-06".parse().unwrap()),
            Value::Number(yen),
            Value::Date(NaiveDate::from_ymd_opt(2026, 7, 24).unwrap()),
        ]
    };
    Sheet {
        title: "収支の一覧（すべて）：本部/経理".to_owned(),
        notes: vec!["全事業所　単位は円".to_owned()],
        columns: vec![
            Column::text("事業所番号"),
            Column::text("事業所名"),
            Column::text("処理対象年月"),
            Column::figure("決定"),
            Column::text("振込日"),
        ],
        rows: vec![
            row("0070000015", "=1+1", 93_234),
            row("9970000023", "さくら, \"本店\"", -12_400),
            row("9970000031", "+81", 9_007_199_254_740_991),
        ],
        totals: vec![vec![Value::from("合計"), Value::Empty, Value::Empty, Value::Number(80_834), Value::Empty]],
        frozen: 1,
    }
}

fn read(bytes: Vec<u8>) -> (String, Range<Data>) {
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let name = book.sheet_names().first().unwrap().clone();
    let range = book.worksheet_range(&name).unwrap();
    (name, range)
}

#[test]
fn a_workbook_keeps_texts_numbers_months_and_days_as_what_they_are() {
    let (name, range) = read(workbook(&[sheet()]).unwrap());
    assert_eq!(name, "収支の一覧（すべて）：本部・経理");
    let at = |row: u32, column: u32| range.get_value((row, column)).unwrap().clone();
    assert_eq!(at(1, 0), Data::String("全事業所　単位は円".to_owned()));
    assert_eq!(at(3, 3), Data::String("決定".to_owned()));
    // A number of an office is text: its zeros stay.
    assert_eq!(at(4, 0), Data::String("0070000015".to_owned()));
    // A text that looks like a formula is text and not computed.
    assert_eq!(at(4, 1), Data::String("=1+1".to_owned()));
    assert_eq!(at(5, 3), Data::Float(-12_400.0));
    assert_eq!(at(6, 3), Data::Float(9_007_199_254_740_991.0));
    let Data::DateTime(day) = at(4, 4) else { panic!("{:?}", at(4, 4)) };
    // Days since 1899-12-30.
    assert!((day.as_f64() - 46_227.0).abs() < 0.001, "{day:?}");
    assert!(matches!(at(4, 2), Data::DateTime(month) if (month.as_f64() - 46_174.0).abs() < 0.001), "{:?}", at(4, 2));
    assert_eq!(at(7, 3), Data::Float(80_834.0));
}

/// Reads a part of the workbook as it lies in the file.
fn part(bytes: &[u8], name: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let output = std::process::Command::new("unzip").arg("-p").arg(&path).arg(name).output().unwrap();
    assert!(output.status.success(), "unzip: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_workbook_is_ready_to_read_and_to_print() {
    let bytes = workbook(&[sheet()]).unwrap();
    let page = part(&bytes, "xl/worksheets/sheet1.xml");
    // The head and the first column stay, the head is printed on every page, one page wide, on A4.
    for word in [
        r#"ySplit="4""#,
        r#"xSplit="1""#,
        r#"state="frozen""#,
        r#"fitToHeight="0""#,
        r#"paperSize="9""#,
        "<autoFilter",
        "&amp;P / &amp;N",
    ] {
        assert!(page.contains(word), "{word} is not in {page}");
    }
    let names = part(&bytes, "xl/workbook.xml");
    assert!(names.contains("_xlnm.Print_Area") && names.contains("_xlnm.Print_Titles"), "{names}");
    // Wide enough for a name of ten full-width characters.
    assert!(page.contains("<col "), "{page}");
}

#[test]
fn csv_opens_in_a_spreadsheet_without_harm() {
    let bytes = sheet().csv();
    assert!(bytes.starts_with(&[0xef, 0xbb, 0xbf]), "a byte order mark tells the encoding");
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "事業所番号,事業所名,処理対象年月,決定,振込日",
            "0070000015,'=1+1,2026年6月,93234,2026/07/24",
            "9970000023,\"さくら, \"\"本店\"\"\",2026年6月,-12400,2026/07/24",
            "9970000031,'+81,2026年6月,9007199254740991,2026/07/24",
            "合計,,,80834,",
            "",
        ]
    );
}

#[test]
fn signs_that_begin_a_formula_are_neutralised_in_both_widths() {
    for sign in ["=", "+", "-", "@", "＝", "＋", "－", "−", "＠", "\t"] {
        let sheet = Sheet {
            columns: vec![Column::text(format!("{sign}A1"))],
            rows: vec![vec![Value::from(format!("{sign}SUM(A1)"))]],
            ..Sheet::default()
        };
        let text = String::from_utf8(sheet.csv()).unwrap();
        assert_eq!(text, format!("\u{feff}'{sign}A1\r\n'{sign}SUM(A1)\r\n"));
    }
    // A sign within a text begins nothing.
    let sheet = Sheet { columns: vec![Column::text("A＝B")], ..Sheet::default() };
    assert_eq!(String::from_utf8(sheet.csv()).unwrap(), "\u{feff}A＝B\r\n");
}

#[test]
fn several_lists_stand_below_each_other_in_one_csv() {
    let short = |title: &str| Sheet {
        title: title.to_owned(),
        columns: vec![Column::text("項目"), Column::figure("金額")],
        rows: vec![vec![Value::from("請求"), Value::Number(100)]],
        ..Sheet::default()
    };
    let text = String::from_utf8(csv(&[short("月"), short("＝人")])).unwrap();
    assert_eq!(text, "\u{feff}月\r\n項目,金額\r\n請求,100\r\n\r\n'＝人\r\n項目,金額\r\n請求,100\r\n");
    assert_eq!(csv(&[short("月")]), short("月").csv());
}

#[test]
fn an_empty_list_is_a_workbook_too() {
    let empty = Sheet { rows: Vec::new(), totals: Vec::new(), ..sheet() };
    let (_, range) = read(workbook(&[empty]).unwrap());
    assert_eq!(range.get_value((3, 0)), Some(&Data::String("事業所番号".to_owned())));
}
