//! What a check found, on paper and as a table for a spreadsheet; and one claim on paper.

use std::collections::BTreeSet;
use std::path::PathBuf;

use calendar::Month;
use paper::{Document, Orientation, PaperError, Table};

use crate::papers::{of_paper, save, save_pdf};
use crate::problem::{Code, Problem};
use crate::views::{BlockView, CheckView, FindingView, SavedView, SheetView};
use crate::{App, blocking, by_person, yen_text};

/// Stands on paper for a character that the font lacks, as compositors have always done（げた）.
const GETA: char = '〓';
/// Kinds of characters replaced on one paper; a file with more is no file of this field.
const MOST_REPLACED: usize = 200;

impl App {
    /// Writes what the check of a file found as PDF (A4): to `out`, or into the folder for papers.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownFile`] for a content that was not checked; problems of the disk.
    pub async fn print_findings(&self, sha256: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let view = self.checked(sha256)?;
        let path = out.unwrap_or_else(|| self.documents().join(file_name("直すところ", &view, "pdf")));
        let document = findings_document(&view, self.now(), self.line().demo.is_some());
        blocking(move || save_pdf(&path, &pdf(document)?)).await
    }

    /// Writes what the check of a file found as CSV for a spreadsheet: UTF-8 with BOM, one row per finding.
    ///
    /// # Errors
    ///
    /// As [`App::print_findings`].
    pub async fn export_findings(&self, sha256: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let view = self.checked(sha256)?;
        let path = out.unwrap_or_else(|| self.documents().join(file_name("直すところ", &view, "csv")));
        blocking(move || save(&path, findings_csv(&view).as_bytes())).await
    }

    /// Writes the claim in which `line` stands as PDF (A4), laid out like the form.
    ///
    /// # Errors
    ///
    /// As [`App::claim_sheet`]; problems of the disk.
    pub async fn print_sheet(&self, sha256: &str, line: u64, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let sheet = self.claim_sheet(sha256, line).await?;
        let file = self.open_file(sha256).await?;
        let findings: Vec<FindingView> = self.0.desk.laid().get(sha256).map_or_else(Vec::new, |view| {
            let own = |finding: &&FindingView| (sheet.part.line..=sheet.part.last_line).contains(&finding.line);
            view.findings.iter().filter(own).cloned().collect()
        });
        let person = sheet.part.insured.clone().unwrap_or_else(|| sheet.part.kind.clone());
        let name = format!("明細書_{person}_{}行_{}.pdf", sheet.part.line, sha256.get(..8).unwrap_or_default());
        let path = out.unwrap_or_else(|| self.documents().join(name));
        let document = sheet_document(&sheet, &findings, &file.name, self.now(), self.line().demo.is_some());
        blocking(move || save_pdf(&path, &pdf(document)?)).await
    }

    fn checked(&self, sha256: &str) -> Result<CheckView, Problem> {
        self.0.desk.laid().get(sha256).cloned().ok_or_else(|| Code::UnknownFile.into())
    }
}

fn file_name(what: &str, view: &CheckView, extension: &str) -> String {
    let sha256 = view.sha256.get(..8).unwrap_or_default();
    let stem = view.file.rsplit_once('.').map_or(view.file.as_str(), |(stem, _)| stem);
    format!("{what}_{stem}_{sha256}.{extension}")
}

/// Prints a document whose values come from a file that may hold any character: what the font lacks becomes 〓, so that a
/// finding about such a character can be printed at all.
fn pdf(mut document: Document) -> Result<Vec<u8>, Problem> {
    let mut replaced = BTreeSet::new();
    loop {
        match paper::document(&document) {
            Err(PaperError::MissingCharacter { character, .. })
                if replaced.len() < MOST_REPLACED && replaced.insert(character) =>
            {
                replace(&mut document, character);
                document.footer = format!("{GETA}：この紙に印刷できない文字");
            }
            other => return other.map_err(of_paper),
        }
    }
}

fn replace(document: &mut Document, character: char) {
    let cure = |text: &mut String| *text = text.replace(character, &GETA.to_string());
    cure(&mut document.title);
    for (_, value) in &mut document.head {
        cure(value);
    }
    for cell in document.tables.iter_mut().flat_map(|table| table.rows.iter_mut().flatten()) {
        cure(cell);
    }
}

/// Says in one sentence how the check went: what the window shows as its headline.
pub fn headline(view: &CheckView) -> String {
    let errors = view.findings.iter().filter(|finding| finding.severity == "error").count();
    let warnings = view.findings.iter().filter(|finding| finding.severity == "warning").count();
    match (view.persons_with_errors, errors, warnings) {
        (0, 0, 0) => "直すところはありません".to_owned(),
        (0, 0, _) => format!("送れますが、確かめてほしいところが{warnings}件あります"),
        (0, ..) => "ファイル全体に直すところがあります".to_owned(),
        (persons, ..) => format!("{}人中{persons}人に直すところがあります", view.persons),
    }
}

fn findings_document(view: &CheckView, issued_at: chrono::NaiveDateTime, practice: bool) -> Document {
    let month = |text: &str| text.parse::<Month>().map_or_else(|_| text.to_owned(), calendar::wareki_month);
    let months: Vec<String> = view.service_months.iter().map(|text| month(text)).collect();
    let claim = format!(
        "{}請求（{}提供分）",
        view.processing_month.as_deref().map_or_else(|| "処理対象年月不明の".to_owned(), month),
        months.join("・")
    );
    let mut persons = by_person(&view.findings);
    // As in the window: persons with errors first, the file as a whole last.
    persons.sort_by_key(|(person, findings)| {
        (person.is_none(), findings.iter().all(|finding| finding.severity != "error"))
    });
    let tables = persons
        .into_iter()
        .map(|(person, findings)| Table {
            title: person.map_or_else(|| "ファイル全体".to_owned(), |number| format!("被保険者番号 {number}")),
            columns: ["区分", "行", "項目", "内容", "いまの値", "正しい値", "すること", "きまり"]
                .map(str::to_owned)
                .to_vec(),
            numeric: vec![false, true, false, false, false, false, false, false],
            rows: findings
                .into_iter()
                .map(|finding| {
                    vec![
                        severity_word(&finding.severity).to_owned(),
                        if finding.line > 0 { finding.line.to_string() } else { String::new() },
                        place(finding),
                        finding.message.clone(),
                        finding.found.clone(),
                        finding.expected.clone(),
                        finding.hint.clone(),
                        finding.rule.clone(),
                    ]
                })
                .collect(),
            ..Table::default()
        })
        .collect();
    Document {
        title: format!("直すところ　{}", headline(view)),
        orientation: Orientation::Landscape,
        head: vec![
            ("ファイル".to_owned(), view.file.clone()),
            (
                "事業所".to_owned(),
                format!("{} {}", view.office_name.as_deref().unwrap_or_default(), view.office).trim().to_owned(),
            ),
            ("請求".to_owned(), claim),
            ("人数と金額".to_owned(), format!("{}人　{}円", view.persons, yen_text(view.yen))),
        ],
        tables,
        footer: "直すところは介護ソフトで直し、請求ファイルを作り直してください。".to_owned(),
        issued_at,
        practice,
        ..Document::default()
    }
}

fn sheet_document(
    sheet: &SheetView,
    findings: &[FindingView],
    file: &str,
    issued_at: chrono::NaiveDateTime,
    practice: bool,
) -> Document {
    let mut tables: Vec<Table> = sheet.blocks.iter().map(|block| block_table(block, findings)).collect();
    if !findings.is_empty() {
        tables.push(Table {
            title: "直すところ（▲の項目）".to_owned(),
            columns: ["区分", "項目", "内容", "正しい値", "すること"].map(str::to_owned).to_vec(),
            numeric: vec![false; 5],
            rows: findings
                .iter()
                .map(|finding| {
                    vec![
                        severity_word(&finding.severity).to_owned(),
                        finding.item_name.clone(),
                        finding.message.clone(),
                        finding.expected.clone(),
                        finding.hint.clone(),
                    ]
                })
                .collect(),
            ..Table::default()
        });
    }
    let mut head = vec![("ファイル".to_owned(), file.to_owned()), ("事業所番号".to_owned(), sheet.office.clone())];
    head.extend(sheet.part.insured.iter().map(|number| ("被保険者番号".to_owned(), number.clone())));
    Document {
        title: sheet.part.title.clone(),
        orientation: Orientation::Portrait,
        head,
        tables,
        footer: "請求ファイルの内容を読みやすく並べたものです。国保連に出す書類ではありません。".to_owned(),
        issued_at,
        practice,
        ..Document::default()
    }
}

/// Puts a block on paper: boxes and totals stand as names and values, since neither fits the width of a page.
fn block_table(block: &BlockView, findings: &[FindingView]) -> Table {
    let text = |line: u64, cell: &crate::views::CellView| {
        let marked = findings.iter().any(|finding| finding.line == line && finding.item == cell.item && cell.item > 0);
        if marked {
            format!("▲{}", if cell.text.is_empty() { "（なし）" } else { &cell.text })
        } else {
            cell.text.clone()
        }
    };
    if block.shape == "table" {
        let named = block.rows.iter().any(|row| !row.name.is_empty());
        let mut columns = block.columns.clone();
        let mut numeric = block.numeric.clone();
        if named {
            columns.insert(0, String::new());
            numeric.insert(0, false);
        }
        let rows = block.rows.iter().map(|row| {
            let cells = row.cells.iter().map(|cell| text(row.line, cell));
            if named { std::iter::once(row.name.clone()).chain(cells).collect() } else { cells.collect() }
        });
        return Table { title: block.title.clone(), columns, numeric, rows: rows.collect(), ..Table::default() };
    }
    let mut columns = vec!["項目".to_owned()];
    columns.extend(block.rows.iter().map(|_| "内容".to_owned()));
    if block.rows.len() > 1 {
        columns = std::iter::once("項目".to_owned()).chain((1..=block.rows.len()).map(|no| format!("{no}"))).collect();
    }
    let is_totals = block.shape == "totals";
    Table {
        title: block.title.clone(),
        numeric: (0..columns.len()).map(|column| column > 0 && is_totals).collect(),
        columns,
        rows: block
            .columns
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let cells = block
                    .rows
                    .iter()
                    .map(|row| row.cells.get(at).map_or_else(String::new, |cell| text(row.line, cell)));
                std::iter::once(name.clone()).chain(cells).collect()
            })
            .collect(),
        ..Table::default()
    }
}

/// Writes the findings for a spreadsheet.
fn findings_csv(view: &CheckView) -> String {
    let mut text = String::from("\u{feff}");
    let names = [
        "区分",
        "被保険者番号",
        "行",
        "レコード",
        "項目",
        "項目名",
        "いまの値",
        "正しい値",
        "内容",
        "すること",
        "きまり",
    ];
    csv_row(&mut text, &names.map(str::to_owned));
    for finding in &view.findings {
        let or_blank = |number: u64| if number == 0 { String::new() } else { number.to_string() };
        csv_row(
            &mut text,
            &[
                severity_word(&finding.severity).to_owned(),
                finding.insured.clone().unwrap_or_default(),
                or_blank(finding.line),
                finding.record.clone(),
                or_blank(u64::from(finding.item)),
                finding.item_name.clone(),
                finding.found.clone(),
                finding.expected.clone(),
                finding.message.clone(),
                finding.hint.clone(),
                finding.rule.clone(),
            ],
        );
    }
    text
}

fn csv_row(text: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// Quotes a cell. What a spreadsheet would take for a formula, or for a number whose leading zeros do not count, is kept as
/// text: the former by an apostrophe before it, the latter as a formula of ours that is nothing but the text.
fn csv_cell(cell: &str) -> String {
    let number =
        cell.len() > 1 && cell.bytes().all(|byte| byte.is_ascii_digit()) && (cell.starts_with('0') || cell.len() > 11);
    if number {
        return format!("\"=\"\"{cell}\"\"\"");
    }
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn severity_word(severity: &str) -> &'static str {
    match severity {
        "error" => "直す",
        "warning" => "確かめる",
        _ => "お知らせ",
    }
}

fn place(finding: &FindingView) -> String {
    match (finding.record.as_str(), finding.item) {
        ("", _) | (_, 0) => finding.item_name.clone(),
        (record, item) => format!("{}（{record} 項目{item}）", finding.item_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_whatever_stands_in_them() {
        for (cell, expected) in [
            ("内容", "\"内容\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-5", "\"'-5\""),
            ("＝1", "\"'＝1\""),
            ("「\"」", "\"「\"\"」\""),
            ("0000000101", "\"=\"\"0000000101\"\"\""),
            ("57351", "\"57351\""),
            ("0", "\"0\""),
            ("", "\"\""),
        ] {
            assert_eq!(csv_cell(cell), expected, "{cell}");
        }
    }

    fn checked(name: &str) -> CheckView {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name);
        crate::check_paths(&[path]).remove(0)
    }

    #[test]
    fn the_headline_reads_like_a_colleagues_note() {
        assert_eq!(headline(&checked("KK260601.CSV")), "直すところはありません");
        assert_eq!(headline(&checked("KKBAD001.CSV")), "3人中3人に直すところがあります");
    }

    #[test]
    fn a_table_for_a_spreadsheet_has_a_row_per_finding() {
        let view = checked("KKBAD001.CSV");
        let csv = findings_csv(&view);
        assert!(csv.starts_with('\u{feff}'));
        assert_eq!(csv.matches("\r\n").count(), view.findings.len() + 1);
        assert!(csv.contains("\"=\"\"0000000101\"\"\""));
    }

    /// A character that the font lacks stands as 〓, and the paper is made.
    #[test]
    fn a_strange_character_does_not_keep_a_paper_from_being_printed() {
        let mut view = checked("KKBAD001.CSV");
        view.findings[0].found = "外\u{e000}字\u{1f600}".to_owned();
        let now = "2026-06-05T12:00:00".parse().unwrap();
        let pdf = super::pdf(findings_document(&view, now, false)).unwrap();
        assert!(pdf.starts_with(b"%PDF"));
    }
}
