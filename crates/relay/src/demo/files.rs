//! Claim files to practise with: those of the month in which a demonstration begins, and of the next one.
//!
//! They are files like any other. What becomes of them follows from their persons, whom the scenario of the simulated 国保連
//! knows: 0000000101 is returned, 0000000202 held, the file with 0000000904 meets a 様式エラー.

use calendar::Month;

use super::START;
use super::history::{Key, PERSONS, claim_file};

/// A claim file to practise with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFile {
    /// File name.
    pub name: String,
    /// What it is, in a line for the person who practises.
    pub about: &'static str,
    /// Processing month: that of the beginning, or the one after.
    pub month: Month,
    /// The file.
    pub content: String,
}

/// Offices as [`super::OFFICES`] lists them.
const DAY_CARE: usize = 0;
const HELPERS: usize = 1;
const NURSES: usize = 2;

/// Returns the files, in the order in which they are to be sent.
pub fn sample_files() -> Vec<SampleFile> {
    let Ok(june) = START[..7].parse::<Month>() else { return Vec::new() };
    let july = june.next();
    let (served, later) = (june.plus(-1), june);
    let keys = |service_month| (1..=PERSONS).map(move |person| Key { service_month, person });
    let plain = |office, month, service: Month| claim_file(office, month, &keys(service).collect::<Vec<_>>());
    let known = [(1001, "0000000101"), (1002, "0000000202"), (1003, "0000000303")];
    let day_care = plain(DAY_CARE, june, served);
    let helpers = plain(HELPERS, june, served);
    let nurses = plain(NURSES, june, served);
    let again: Vec<Key> = [Key { service_month: served, person: 1 }].into_iter().chain(keys(later)).collect();
    let file = |number: u8, name: &str, about, month, content| SampleFile {
        name: format!("{number}_{name}.CSV"),
        about,
        month,
        content,
    };
    vec![
        file(
            1,
            "デイサービス6月分",
            "誤りのない請求です。月末に、1人が返戻、1人が保留になります。",
            june,
            renumbered(&day_care, &known, None),
        ),
        file(2, "ヘルパー6月分（誤りあり）", "送る前の確認で誤りが見つかる請求です。", june, miscounted(&helpers)),
        file(3, "ヘルパー6月分（直したもの）", "2番の誤りを直した請求です。", june, helpers),
        file(
            4,
            "訪問看護6月分",
            "国保連で様式エラーになる請求です。何も受け付けられません。",
            june,
            renumbered(&nurses, &[(1001, "0000000904")], None),
        ),
        file(5, "訪問看護6月分（直したもの）", "4番を直した請求です。", june, nurses),
        file(
            6,
            "デイサービス7月分（再請求あり）",
            "7月に送る請求です。返戻になった1人を、もう一度請求します。",
            july,
            renumbered(&claim_file(DAY_CARE, july, &again), &known, Some(served)),
        ),
    ]
}

/// Gives invented persons other numbers, in the rows of one service month or in all.
fn renumbered(file: &str, numbers: &[(u64, &str)], month: Option<Month>) -> String {
    let month = month.map(|month| format!(",{},", month.compact()));
    let rows = file.split_inclusive('\n').map(|row| {
        if month.as_ref().is_some_and(|month| !row.contains(month)) {
            return row.to_owned();
        }
        numbers
            .iter()
            .fold(row.to_owned(), |row, (from, to)| row.replace(&format!("\"{from:010}\""), &format!("\"{to}\"")))
    });
    rows.collect()
}

/// Puts a mistake of the hand into the file: the first 集計情報 (record 10) has ten units too many.
fn miscounted(file: &str) -> String {
    let mut is_done = false;
    let rows = file.split_inclusive('\n').map(|row| {
        let mut items: Vec<String> = row.split(',').map(str::to_owned).collect();
        let is_summary = items.get(RECORD).is_some_and(|record| record == "10");
        let units = items.get(UNITS).and_then(|item| item.parse::<i64>().ok());
        match (items.get_mut(UNITS), units) {
            (Some(item), Some(units)) if is_summary && !is_done => {
                *item = (units + 10).to_string();
                is_done = true;
                items.join(",")
            }
            _ => row.to_owned(),
        }
    });
    rows.collect()
}

/// Places of レコード種別コード and of 単位数合計 in a row, behind the kind and the number of the row.
const RECORD: usize = 3;
const UNITS: usize = 15;

#[cfg(test)]
mod tests {
    use kokuho::Severity;

    use super::*;

    #[test]
    fn all_but_the_one_with_the_mistake_pass_the_check() {
        let files = sample_files();
        assert_eq!(files.len(), 6);
        for file in &files {
            let report = kokuho::check(file.content.as_bytes(), Some(&file.name)).unwrap();
            let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            assert_eq!(errors > 0, file.name.contains("誤りあり"), "{}: {:?}", file.name, report.findings);
            assert_eq!(report.processing_month, Some(file.month));
        }
        assert_eq!(files[0].month.to_string(), "2026-06");
        assert!(files[5].content.contains("0000000101") && files[5].month.to_string() == "2026-07");
    }

    #[test]
    fn the_corrected_files_differ_in_the_mistake_alone() {
        let files = sample_files();
        let differing = |one: &SampleFile, other: &SampleFile| {
            one.content.lines().zip(other.content.lines()).filter(|(one, other)| one != other).count()
        };
        assert_eq!(differing(&files[1], &files[2]), 1);
        assert!(differing(&files[3], &files[4]) > 1);
    }
}
