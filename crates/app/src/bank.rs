//! The bank's statement（入出金明細）against the deposits that are expected（features Q05）. It is read, told and forgotten: what a
//! bank account shows is nothing that this program keeps.

use std::path::Path;

use chrono::{Datelike, NaiveDate, TimeDelta};
use encoding_rs::SHIFT_JIS;
use kokuho::{OfficeNumber, Yen};
use ledger::{BankLine, Matched, deposits, match_bank};
use paper::{Column, Sheet, Value};
use unicode_normalization::UnicodeNormalization;

use crate::board::Names;
use crate::files::read_file;
use crate::problem::{Code, Problem};
use crate::views::board::{BankRowView, BankView};
use crate::{App, blocking};

impl App {
    /// Holds a statement that a person downloaded from the bank against the deposits of one office, or of all.
    ///
    /// # Errors
    ///
    /// [`Code::NotAStatement`] for a file without columns for day and deposit; [`Code::Unreadable`] and its kin.
    pub async fn match_bank(&self, path: &str, office: Option<&str>) -> Result<BankView, Problem> {
        let (statement, found) = self.matched(path, office).await?;
        let names = self.names().await?;
        let (first, last) =
            (statement.lines.iter().map(|line| line.day).min(), statement.lines.iter().map(|line| line.day).max());
        let of_federation = found.iter().filter(|found| found.line.is_some()).count();
        Ok(BankView {
            file: crate::files::file_name(Path::new(path)),
            path: path.to_owned(),
            from: first.map(|day| day.to_string()),
            to: last.map(|day| day.to_string()),
            lines: statement.lines.len() as u32,
            others: (statement.lines.len() - of_federation) as u32,
            unreadable: statement.unreadable,
            came: found.iter().filter_map(|found| found.line.as_ref()).map(|line| line.yen.0).sum(),
            expected: found.iter().map(|found| found.expected().0).sum(),
            rows: found.iter().map(|found| row_view(found, &names)).collect(),
        })
    }

    /// Returns the same as a list for a file.
    pub(crate) async fn bank_sheet(&self, path: &str, office: Option<&str>) -> Result<Sheet, Problem> {
        let (_, found) = self.matched(path, office).await?;
        Ok(bank_sheet(&found, &self.names().await?))
    }

    async fn matched(&self, path: &str, office: Option<&str>) -> Result<(Statement, Vec<Matched>), Problem> {
        let office = office.map(OfficeNumber::from_file);
        let (balances, today) = (self.balances().await?, self.now().date());
        let path = path.to_owned();
        blocking(move || {
            let content = read_file(Path::new(&path))?;
            let statement = read_statement(&content.bytes).ok_or(Code::NotAStatement)?;
            let first = statement.lines.iter().map(|line| line.day).min().unwrap_or(today);
            let mut due = deposits(&balances, first - TimeDelta::days(BEFORE), today);
            due.retain(|deposit| office.as_ref().is_none_or(|office| *office == deposit.office));
            let found = match_bank(&due, &statement.lines);
            Ok((statement, found))
        })
        .await
    }
}

/// Days before the first line from which announced deposits are looked at.
const BEFORE: i64 = 40;

/// What stands on a statement.
#[derive(Debug, Default, PartialEq, Eq)]
struct Statement {
    /// Deposits.
    lines: Vec<BankLine>,
    /// Rows with an amount whose day cannot be read.
    unreadable: u32,
}

/// Where the columns stand.
struct Columns {
    days: Vec<usize>,
    yen: usize,
    /// A column that tells deposits from withdrawals, where one column holds both amounts.
    way: Option<usize>,
    texts: Vec<usize>,
}

/// Reads a statement by the names of its columns, which every bank chooses for itself. `None` when there are none.
fn read_statement(bytes: &[u8]) -> Option<Statement> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned(),
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut columns: Option<Columns> = None;
    let mut statement = Statement::default();
    for record in reader.records() {
        let record = record.ok()?;
        let cells: Vec<String> = record.iter().map(|cell| cell.nfkc().collect::<String>().trim().to_owned()).collect();
        let Some(places) = &columns else {
            columns = find_columns(&cells);
            continue;
        };
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        if places.way.is_some_and(|way| !matches!(cell(way), "1" | "入金" | "入" | "預入" | "受入")) {
            continue;
        }
        let Some(yen) = amount(cell(places.yen)).filter(|yen| *yen > 0) else { continue };
        let day: Vec<&str> = places.days.iter().map(|place| cell(*place)).collect();
        let Some(day) = read_day(&day.join("/")) else {
            statement.unreadable += 1;
            continue;
        };
        let texts: Vec<&str> = places.texts.iter().map(|place| cell(*place)).filter(|text| !text.is_empty()).collect();
        let text = texts.join(" ");
        statement.lines.push(BankLine { day, yen: Yen(yen), from_federation: names_federation(&text), text });
    }
    columns.map(|_| statement)
}

/// Finds the columns in the first row that names a day and a deposit.
fn find_columns(cells: &[String]) -> Option<Columns> {
    let find = |words: &[&str]| cells.iter().position(|cell| words.iter().any(|word| cell.contains(word)));
    let exactly = |word: &str| cells.iter().position(|cell| cell == word);
    let days = match (
        find(&["日付", "取引日", "年月日", "取扱日", "勘定日", "入出金日", "操作日"]),
        exactly("年"),
        exactly("月"),
        exactly("日"),
    ) {
        (Some(day), ..) => vec![day],
        (None, Some(year), Some(month), Some(day)) => vec![year, month, day],
        _ => return None,
    };
    let way = find(&["入払区分", "入出金区分", "入出区分"]);
    let deposit = [
        "お預入れ",
        "お預け入れ",
        "預入",
        "お預り金額",
        "お預かり金額",
        "預り金額",
        "入金額",
        "入金金額",
        "受入金額",
        "入金",
        "お預り",
    ];
    let yen = match way {
        Some(_) => find(&["取引金額", "金額"])?,
        None => deposit.iter().find_map(|word| {
            cells.iter().position(|cell| cell.contains(word) && !cell.contains("日") && !cell.contains("残"))
        })?,
    };
    let texts = ["摘要", "内容", "取引名", "依頼人", "備考", "メモ", "相手"];
    let texts = cells
        .iter()
        .enumerate()
        .filter(|(place, cell)| *place != yen && !days.contains(place) && texts.iter().any(|word| cell.contains(word)))
        .map(|(place, _)| place)
        .collect();
    Some(Columns { days, yen, way, texts })
}

/// Reads an amount in whole yen, whatever separators and signs stand around it.
fn amount(text: &str) -> Option<i64> {
    let digits: String =
        text.chars().filter(|character| !matches!(character, ',' | '¥' | '\\' | '円' | ' ' | '+')).collect();
    digits.parse().ok()
}

/// Reads a day: western with four digits of the year, else in years of 令和.
fn read_day(text: &str) -> Option<NaiveDate> {
    let mut numbers: Vec<u32> = Vec::new();
    let mut digits = String::new();
    for character in text.chars().chain([' ']) {
        if character.is_ascii_digit() {
            digits.push(character);
        } else if !digits.is_empty() {
            numbers.push(digits.parse().ok()?);
            digits.clear();
        }
    }
    let (year, month, day) = match numbers.as_slice() {
        [packed] if *packed >= 10_000_000 => (packed / 10_000, packed / 100 % 100, packed % 100),
        [packed] => (packed / 10_000, packed / 100 % 100, packed % 100),
        // What follows the day is the time.
        [year, month, day, ..] => (*year, *month, *day),
        _ => return None,
    };
    let year = i32::try_from(year).ok()?;
    let date = NaiveDate::from_ymd_opt(if year < 100 { year + REIWA } else { year }, month, day)?;
    (1990..2200).contains(&date.year()).then_some(date)
}

/// Year before the first one of 令和.
const REIWA: i32 = 2018;

/// Returns whether a text names a 国民健康保険団体連合会 as the one who paid.
fn names_federation(text: &str) -> bool {
    let text: String = text.nfkc().filter(|character| !character.is_whitespace()).collect();
    ["コクホ", "コクミンケンコウホケン", "国保", "国民健康保険"].iter().any(|word| text.contains(word))
}

fn row_view(found: &Matched, names: &Names) -> BankRowView {
    BankRowView {
        verdict: found.verdict.as_str().to_owned(),
        verdict_word: found.verdict.name().to_owned(),
        offices: offices(found, names),
        month: found.deposits.first().map(|deposit| deposit.processing_month.to_string()),
        expected_day: found.deposits.first().map(|deposit| deposit.day.to_string()),
        expected: found.expected().0,
        certainty_word: found.deposits.first().map(|deposit| deposit.certainty.name().to_owned()),
        day: found.line.as_ref().map(|line| line.day.to_string()),
        came: found.line.as_ref().map_or(0, |line| line.yen.0),
        text: found.line.as_ref().map(|line| line.text.clone()).unwrap_or_default(),
        difference: found.difference().0,
    }
}

fn offices(found: &Matched, names: &Names) -> String {
    let offices: Vec<String> = found.deposits.iter().map(|deposit| names.or_number(&deposit.office)).collect();
    match offices.as_slice() {
        [first, .., _] if offices.len() > 3 => format!("{first} ほか{}か所", offices.len() - 1),
        _ => offices.join("、"),
    }
}

fn bank_sheet(found: &[Matched], names: &Names) -> Sheet {
    let sum = |figure: fn(&Matched) -> Yen| Value::from(found.iter().map(figure).sum::<Yen>());
    Sheet {
        title: "通帳との照合".to_owned(),
        columns: vec![
            Column::text("結果"),
            Column::text("事業所"),
            Column::text("処理対象年月"),
            Column::text("予定の日"),
            Column::figure("予定の金額"),
            Column::text("入金日"),
            Column::figure("入金額"),
            Column::figure("差額"),
            Column::text("摘要"),
        ],
        rows: found
            .iter()
            .map(|matched| {
                let deposit = matched.deposits.first();
                vec![
                    matched.verdict.name().into(),
                    offices(matched, names).into(),
                    deposit.map_or(Value::Empty, |deposit| deposit.processing_month.into()),
                    deposit.map_or(Value::Empty, |deposit| Value::Date(deposit.day)),
                    deposit.map_or(Value::Empty, |_| matched.expected().into()),
                    matched.line.as_ref().map_or(Value::Empty, |line| Value::Date(line.day)),
                    matched.line.as_ref().map_or(Value::Empty, |line| line.yen.into()),
                    matched.difference().into(),
                    matched.line.as_ref().map(|line| line.text.clone()).unwrap_or_default().into(),
                ]
            })
            .collect(),
        totals: vec![vec![
            Value::from("合計"),
            Value::Empty,
            Value::Empty,
            Value::Empty,
            sum(Matched::expected),
            Value::Empty,
            sum(|matched| matched.line.as_ref().map_or(Yen::ZERO, |line| line.yen)),
            sum(Matched::difference),
            Value::Empty,
        ]],
        frozen: 2,
        ..Sheet::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, i64, bool)]) {
        let told = |statement: Option<Statement>| -> Vec<(String, i64, bool)> {
            let lines = statement.unwrap().lines.into_iter();
            lines.map(|line| (line.day.to_string(), line.yen.0, line.from_federation)).collect()
        };
        let expected: Vec<_> = expected.iter().map(|(day, yen, of)| ((*day).to_owned(), *yen, *of)).collect();
        assert_eq!(told(read_statement(text.as_bytes())), expected, "{text}");
        let (bytes, _, lossy) = SHIFT_JIS.encode(text);
        assert!(!lossy);
        assert_eq!(told(read_statement(&bytes)), expected, "the same in Shift_JIS");
    }

    /// The habits of several banks: names of columns, eras, separators, lines above the names.
    #[test]
    fn statements_of_different_banks_are_read() {
        let expected = [("2026-07-24", 93_234, true)];
        check(
            "日付,お引出し,お預入れ,お取り扱い内容,残高\n2026/07/24,,\"93,234\",振込 ｶｸｳｹﾝｺｸﾎﾚﾝ,\"1,000,000\"\n2026/07/25,500,,手数料,999500\n",
            &expected,
        );
        check(
            "口座 普通 1234567\n取引日,出金金額(円),入金金額(円),摘要\n令和8年7月24日,,93234円,コクホレンゴウカイ\n",
            &expected,
        );
        check(
            "取扱日付,入払区分,取引金額,振込依頼人名\n080724,1,93234,架空県国民健康保険団体連合会\n080724,2,100,電気\n",
            &expected,
        );
        check("年,月,日,お預り金額,備考\n2026,7,24,93234,国保連\n", &expected);
        check("取引日時,入金額,取引内容\n2026-07-24 10:15:00,93234,ﾌﾘｺﾐ ｺｸﾐﾝ ｹﾝｺｳ ﾎｹﾝ\n", &expected);
        check("取引日,入金額,摘要\n2026/7/24,1000,ﾌﾘｺﾐ ﾔﾏﾀﾞ\n", &[("2026-07-24", 1000, false)]);
    }

    #[test]
    fn what_is_no_statement_is_none() {
        assert_eq!(read_statement("氏名,金額\n山田,100\n".as_bytes()), None);
        assert_eq!(read_statement(b""), None);
        assert_eq!(read_statement(&[0x82]), None, "half a character");
        let bad = read_statement("取引日,入金額\nきのう,100\n2026/02/30,100\n".as_bytes()).unwrap();
        assert_eq!((bad.lines.len(), bad.unreadable), (0, 2));
    }
}
