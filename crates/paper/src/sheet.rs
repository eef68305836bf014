//! Lists for spreadsheets: a real workbook（.xlsx）with types, widths and a frozen head, and CSV that a spreadsheet opens
//! without harm.

use calendar::{Month, wareki_date, wareki_month};
use chrono::NaiveDate;
use kokuho::Yen;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::{PaperError, Table};

/// A list: what a workbook shows on one sheet, a CSV as its rows, and a paper as its table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// Title; also the name of the sheet.
    pub title: String,
    /// Lines above the list: what it is about, as of when.
    pub notes: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each with one value per column.
    pub rows: Vec<Vec<Value>>,
    /// Last rows, set apart: totals.
    pub totals: Vec<Vec<Value>>,
    /// Columns that stay in place when the sheet is scrolled sideways.
    pub frozen: u16,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Whether it holds figures: set to the right.
    pub numeric: bool,
}

impl Column {
    /// Makes a column of texts, months or dates.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: false }
    }

    /// Makes a column of figures.
    pub fn figure(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: true }
    }
}

/// A value of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// Text; numbers of offices, insurers and persons are text.
    Text(String),
    /// A whole number: yen or a count.
    Number(i64),
    /// A month.
    Month(Month),
    /// A day.
    Date(NaiveDate),
}

impl Value {
    /// Writes the value as papers show it: months and days in 和暦, figures with separators.
    pub fn readable(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => Yen(*number).to_string(),
            Self::Month(month) => wareki_month(*month),
            Self::Date(date) => wareki_date(*date),
        }
    }

    /// Writes the value for CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it; Japanese ones
    /// take the full-width signs for the same.
    fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Month(month) => format!("{}年{}月", month.year(), month.month()),
            Self::Date(date) => date.format("%Y/%m/%d").to_string(),
        }
    }
}

/// What begins a formula, or stands before one unseen.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '−', '＠', '\t', '\r', '\n'];

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<Yen> for Value {
    fn from(yen: Yen) -> Self {
        Self::Number(yen.0)
    }
}

impl From<Month> for Value {
    fn from(month: Month) -> Self {
        Self::Month(month)
    }
}

impl From<Option<NaiveDate>> for Value {
    fn from(date: Option<NaiveDate>) -> Self {
        date.map_or(Self::Empty, Self::Date)
    }
}

impl Sheet {
    /// Returns the list as a table for a paper.
    pub fn table(&self) -> Table {
        let readable = |rows: &[Vec<Value>]| rows.iter().map(|row| row.iter().map(Value::readable).collect()).collect();
        Table {
            title: self.title.clone(),
            columns: self.columns.iter().map(|column| column.name.clone()).collect(),
            numeric: self.columns.iter().map(|column| column.numeric).collect(),
            rows: readable(&self.rows),
            totals: readable(&self.totals),
            ..Table::default()
        }
    }

    /// Writes the list as CSV: UTF-8 with byte order mark, lines end with CR LF, no notes, so that the first line names the
    /// columns.
    pub fn csv(&self) -> Vec<u8> {
        csv(std::slice::from_ref(self))
    }

    fn write_csv(&self, text: &mut String) {
        let names = self.columns.iter().map(|column| Value::from(column.name.as_str())).collect();
        for row in std::iter::once(&names).chain(&self.rows).chain(&self.totals) {
            let cells: Vec<String> = row.iter().map(|value| quoted(&value.plain())).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
}

/// Writes lists as one CSV: a single one as [`Sheet::csv`]; several below each other, each under a line with its title, with an
/// empty line between them.
pub fn csv(sheets: &[Sheet]) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    for (index, sheet) in sheets.iter().enumerate() {
        if index > 0 {
            text.push_str("\r\n");
        }
        if sheets.len() > 1 {
            text.push_str(&quoted(&Value::from(sheet.title.as_str()).plain()));
            text.push_str("\r\n");
        }
        sheet.write_csv(&mut text);
    }
    text.into_bytes()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Width of a column in characters, half-width ones counting one.
const WIDTHS: (usize, usize) = (8, 60);

/// Characters that the name of a sheet may not hold, and its greatest length.
const NOT_IN_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
const NAME_LENGTH: usize = 31;

/// Writes lists as a workbook, one sheet each, ready to print on A4: head repeated, one page wide, page numbers.
///
/// # Errors
///
/// [`PaperError::Workbook`] when a list is larger than a sheet can be.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, PaperError> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        for sheet in sheets {
            write_sheet(book.add_worksheet(), sheet)?;
        }
        book.save_to_buffer()
    };
    write().map_err(|error| PaperError::Workbook(error.to_string()))
}

fn write_sheet(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let name: String = sheet.title.replace(NOT_IN_NAMES, "・").chars().take(NAME_LENGTH).collect();
    page.set_name(name)?;
    page.write_string_with_format(0, 0, &sheet.title, &Format::new().set_bold().set_font_size(14))?;
    let mut row = 1;
    for note in &sheet.notes {
        page.write_string(row, 0, note)?;
        row += 1;
    }
    let head_row = row + 1;
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E8_F3F0))
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    for (column, named) in (0..).zip(&sheet.columns) {
        let head = if named.numeric { head.clone().set_align(FormatAlign::Right) } else { head.clone() };
        page.write_string_with_format(head_row, column, &named.name, &head)?;
    }
    let mut row = head_row;
    for (rows, is_total) in [(&sheet.rows, false), (&sheet.totals, true)] {
        let formats = Formats::new(is_total);
        for values in rows {
            row += 1;
            for (column, value) in (0..).zip(values) {
                write_value(page, row, column, value, &formats)?;
            }
        }
    }
    for (column, named) in (0_u16..).zip(&sheet.columns) {
        let cells = sheet.rows.iter().chain(&sheet.totals).filter_map(|values| values.get(usize::from(column)));
        let widest = cells.map(|value| width(&value.readable())).max().unwrap_or(0).max(width(&named.name));
        page.set_column_width(column, (widest.clamp(WIDTHS.0, WIDTHS.1) + 2) as f64)?;
    }
    let last_column = (sheet.columns.len().max(1) - 1) as u16;
    page.set_freeze_panes(head_row + 1, sheet.frozen)?;
    if !sheet.rows.is_empty() {
        page.autofilter(head_row, 0, head_row + sheet.rows.len() as u32, last_column)?;
    }
    page.set_print_area(0, 0, row.max(head_row), last_column)?;
    page.set_repeat_rows(head_row, head_row)?;
    page.set_paper_size(9).set_print_fit_to_pages(1, 0);
    if sheet.columns.len() > 7 {
        page.set_landscape();
    }
    page.set_footer("&L&A&R&P / &N");
    Ok(())
}

/// How values look.
struct Formats {
    text: Format,
    number: Format,
    month: Format,
    date: Format,
}

impl Formats {
    fn new(is_total: bool) -> Self {
        let base = if is_total { Format::new().set_bold().set_border_top(FormatBorder::Thin) } else { Format::new() };
        let of = |code: &str| base.clone().set_num_format(code);
        Self { number: of("#,##0;[Red]-#,##0"), month: of("yyyy\"年\"m\"月\""), date: of("yyyy/m/d"), text: base }
    }
}

fn write_value(page: &mut Worksheet, row: u32, column: u16, value: &Value, formats: &Formats) -> Result<(), XlsxError> {
    match value {
        Value::Empty => page.write_blank(row, column, &formats.text)?,
        Value::Text(text) => page.write_string_with_format(row, column, text, &formats.text)?,
        Value::Number(number) => page.write_number_with_format(row, column, *number as f64, &formats.number)?,
        Value::Month(month) => page.write_datetime_with_format(row, column, day(month.first_day())?, &formats.month)?,
        Value::Date(date) => page.write_datetime_with_format(row, column, day(*date)?, &formats.date)?,
    };
    Ok(())
}

fn day(date: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    use chrono::Datelike;
    ExcelDateTime::from_ymd(date.year().clamp(1900, 9999) as u16, date.month() as u8, date.day() as u8)
}

/// Width in half-width characters; what is not ASCII or half-width kana takes two.
fn width(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() || ('｡'..='ﾟ').contains(&character) { 1 } else { 2 }).sum()
}
