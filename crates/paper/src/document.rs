use std::fmt;

use chrono::NaiveDateTime;

use crate::PaperError;
use crate::canvas::{Align, Ink, Style, mm};
use crate::chart::{self, ChartBar};
use crate::flow::{Flow, LEADING, Mark, moment};
use crate::font::Font;

/// A paper with facts and tables: a notice, a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Title, for example `返戻（保留）一覧表`.
    pub title: String,
    /// Which way the paper lies.
    pub orientation: Orientation,
    /// Names and values at the head.
    pub head: Vec<(String, String)>,
    /// A waterfall between head and tables; empty for none. Its figures belong into a table too.
    pub chart: Vec<ChartBar>,
    /// Tables, one below the other.
    pub tables: Vec<Table>,
    /// Names and values below the tables: what codes mean, what to know.
    pub legend: Vec<(String, String)>,
    /// Pictures after everything else, each as large as a page allows and never divided.
    pub pictures: Vec<Picture>,
    /// One line at the foot of every page; cut to one line.
    pub footer: String,
    /// When the paper is made.
    pub issued_at: NaiveDateTime,
    /// Made in the demonstration.
    pub practice: bool,
}

/// Which way a paper lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Orientation {
    /// On its short side.
    #[default]
    Portrait,
    /// On its long side.
    Landscape,
}

/// A table. Rows shorter than `columns` end in empty cells; longer ones are cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Caption.
    pub title: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Columns that hold figures: set to the right, never broken.
    pub numeric: Vec<bool>,
    /// Names over several columns each: name and number of columns, from the first column on. An empty name is none.
    pub groups: Vec<(String, usize)>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// Rows at the end, set apart: totals.
    pub totals: Vec<Vec<String>>,
}

/// A photograph.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Stands above it.
    pub caption: String,
    /// JPEG in colour（three components）, upright.
    pub jpeg: Vec<u8>,
    /// Width in dots; not 0.
    pub width: u32,
    /// Height in dots; not 0.
    pub height: u32,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Thousands of bytes of a photograph help nobody.
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

/// Makes a paper with facts and tables. Column names are repeated on every page.
///
/// # Errors
///
/// [`PaperError::MissingCharacter`] when a text holds a character that the font lacks.
pub fn document(document: &Document) -> Result<Vec<u8>, PaperError> {
    let mut flow = Flow::a4(document.orientation == Orientation::Landscape)?;
    check(document, flow.canvas.font)?;
    let marks = if document.practice { vec![Mark::Practice] } else { Vec::new() };
    head(&mut flow, document, &marks);
    chart::draw(&mut flow, &document.chart);
    for table in &document.tables {
        set_table(&mut flow, table);
        flow.gap(mm(8.0));
    }
    for (name, value) in &document.legend {
        flow.plain_fact(name, value);
    }
    for picture in &document.pictures {
        set_picture(&mut flow, picture);
    }
    flow.finish(&document.title, &document.footer, document.issued_at, &marks)
}

fn check(document: &Document, font: &Font) -> Result<(), PaperError> {
    font.check(&document.title, || "表題".to_owned())?;
    font.check(&document.footer, || "欄外".to_owned())?;
    for (name, value) in document.head.iter().chain(&document.legend) {
        font.check(name, || name.clone())?;
        font.check(value, || name.clone())?;
    }
    for picture in &document.pictures {
        font.check(&picture.caption, || "写真の題".to_owned())?;
    }
    chart::check(&document.chart, font)?;
    for table in &document.tables {
        font.check(&table.title, || table.title.clone())?;
        for column in &table.columns {
            font.check(column, || format!("{} 見出し", table.title))?;
        }
        for (name, _) in &table.groups {
            font.check(name, || format!("{} 見出し", table.title))?;
        }
        for (number, row) in table.rows.iter().chain(&table.totals).enumerate() {
            for (cell, column) in row.iter().zip(&table.columns) {
                font.check(cell, || format!("{} {}行目 {column}", table.title, number + 1))?;
            }
        }
    }
    Ok(())
}

fn head(flow: &mut Flow, document: &Document, marks: &[Mark]) {
    let (left, mut right) = (flow.left, flow.right);
    let issued = format!("発行 {}", moment(document.issued_at));
    flow.canvas.text(right, flow.y, Align::Right, Style::new(8.5).ink(Ink::GREY), &issued);
    flow.gap(mm(7.0));
    for mark in marks {
        right -= mark.stamp(&mut flow.canvas, right, flow.y - mm(1.0)) + mm(4.0);
    }
    let title = Style::new(16.0).bold();
    let lines = flow.canvas.font.wrap(&document.title, title.size, right - left);
    flow.lines(left, Align::Left, title, &lines);
    flow.gap(mm(2.5));
    flow.canvas.rule(left, flow.right, flow.y, 1.2, Ink::BLACK);
    flow.gap(mm(1.0));
    for (name, value) in &document.head {
        flow.plain_fact(name, value);
    }
    flow.gap(mm(6.0));
}

/// Pictures are at least this share of a page high, unless they are small themselves; else they move to the next page.
const LEAST_PICTURE: f32 = 0.6;

fn set_picture(flow: &mut Flow, picture: &Picture) {
    let caption = Style::new(11.0).bold();
    let lines = flow.canvas.font.wrap(&picture.caption, caption.size, flow.width());
    let above = caption.size * LEADING * lines.len() as f32 + mm(2.0);
    let shape = picture.height as f32 / picture.width as f32;
    let widest = flow.width() * shape;
    flow.need(above + widest.min(flow.page_room() * LEAST_PICTURE));
    flow.lines(flow.left, Align::Left, caption, &lines);
    flow.gap(mm(2.0));
    let height = widest.min(flow.room());
    let width = height / shape;
    flow.canvas.picture(flow.left, flow.y, width, height, picture);
    flow.canvas.frame(flow.left, flow.y, width, height, 0.4, Ink::HAIRLINE);
    flow.gap(height + mm(6.0));
}

/// Widths and sizes of a table on this paper.
struct Layout {
    size: f32,
    /// Left edge and width of the text of each column.
    columns: Vec<(f32, f32)>,
    aligns: Vec<Align>,
}

/// Space between the texts of two columns.
const GUTTER: f32 = mm(3.0);
/// Space above and below the text of a row.
const PADDING: f32 = mm(1.1);

/// Rows up to this share of a page move to the next one when they do not fit; taller ones are divided.
const MOVABLE: f32 = 0.3;

fn set_table(flow: &mut Flow, table: &Table) {
    if table.columns.is_empty() {
        return;
    }
    let layout = lay_out(table, flow.canvas.font, flow.left, flow.width());
    let body = Style::new(layout.size);
    let names = Names { columns: wrap_row(&table.columns, &layout, flow.canvas.font), groups: &table.groups };
    let name_height = names.height(body.size);
    let first = table.rows.first().map(|row| wrap_row(row, &layout, flow.canvas.font));
    let first_height = first.map_or(0.0, |row| row_height(&row, body.size));
    // A caption and column names never stand alone at the foot of a page.
    let caption = Style::new(11.0).bold();
    let fresh = flow.page_room() - name_height;
    flow.need(caption.size * LEADING + mm(2.0) + name_height + first_height.min(fresh * MOVABLE));
    if !table.title.is_empty() {
        let lines = flow.canvas.font.wrap(&table.title, caption.size, flow.width());
        flow.lines(flow.left, Align::Left, caption, &lines);
        flow.gap(mm(1.0));
    }
    names.set(flow, &layout);
    if table.rows.is_empty() {
        flow.gap(PADDING);
        let style = body.ink(Ink::GREY);
        flow.lines(flow.left, Align::Left, style, &["該当はありません".to_owned()]);
        flow.gap(PADDING);
        flow.canvas.rule(flow.left, flow.right, flow.y, 0.4, Ink::HAIRLINE);
    }
    for row in &table.rows {
        set_whole_row(flow, row, &layout, &names, body, fresh);
    }
    if !table.totals.is_empty() {
        flow.canvas.rule(flow.left, flow.right, flow.y, 0.8, Ink::BLACK);
    }
    for row in &table.totals {
        set_whole_row(flow, row, &layout, &names, body.bold(), fresh);
    }
}

/// Sets a row; one that does not fit begins on the next page or is divided.
fn set_whole_row(flow: &mut Flow, row: &[String], layout: &Layout, names: &Names<'_>, style: Style, fresh: f32) {
    let mut cells = wrap_row(row, layout, flow.canvas.font);
    loop {
        let height = row_height(&cells, style.size);
        if height <= flow.room() {
            set_row(flow, &cells, layout, style);
            break;
        }
        if height <= fresh * MOVABLE {
            flow.break_page();
            names.set(flow, layout);
            continue;
        }
        // Moving it would leave a hole in the page: as many lines as fit stand here, the others follow.
        let fitting = ((flow.room() - PADDING * 2.0) / (style.size * LEADING)).floor() as usize;
        if fitting > 0 {
            let rest: Vec<Vec<String>> = cells.iter_mut().map(|cell| cell.split_off(fitting.min(cell.len()))).collect();
            set_row(flow, &cells, layout, style);
            cells = rest;
        }
        flow.break_page();
        names.set(flow, layout);
    }
}

/// The head of a table.
struct Names<'a> {
    columns: Vec<Vec<String>>,
    groups: &'a [(String, usize)],
}

impl Names<'_> {
    fn height(&self, size: f32) -> f32 {
        let groups = if self.groups.is_empty() { 0.0 } else { size * LEADING + PADDING };
        groups + row_height(&self.columns, size)
    }

    fn set(&self, flow: &mut Flow, layout: &Layout) {
        let height = self.height(layout.size);
        let style = Style::new(layout.size).ink(Ink::GREY);
        flow.canvas.fill(flow.left, flow.y, flow.width(), height, Ink::TINT);
        flow.canvas.rule(flow.left, flow.right, flow.y, 0.8, Ink::BLACK);
        if !self.groups.is_empty() {
            let top = flow.y + PADDING;
            let mut first = 0;
            for (name, span) in self.groups {
                let columns =
                    &layout.columns[first.min(layout.columns.len())..(first + span).min(layout.columns.len())];
                first += span;
                let (Some((left, _)), Some((last, width))) = (columns.first(), columns.last()) else { continue };
                if name.is_empty() {
                    continue;
                }
                let right = last + width;
                flow.canvas.text((left + right) / 2.0, top, Align::Centre, style, name);
                flow.canvas.rule(*left, right, top + layout.size * LEADING, 0.4, Ink::GREY);
            }
            flow.gap(layout.size * LEADING + PADDING);
        }
        set_cells(flow, &self.columns, layout, style);
        flow.canvas.rule(flow.left, flow.right, flow.y, 0.4, Ink::GREY);
    }
}

/// Shares the width out: figures get what they need, texts share the rest; the text is made smaller before figures break.
fn lay_out(table: &Table, font: &Font, left: f32, width: f32) -> Layout {
    let count = table.columns.len();
    let is_numeric = |column: usize| table.numeric.get(column).copied().unwrap_or(false);
    // In em: the widest cell, and the least that a column can be given.
    let mut natural = vec![0.0_f32; count];
    let mut least = vec![0.0_f32; count];
    for (column, name) in table.columns.iter().enumerate() {
        let cells = table.rows.iter().chain(&table.totals).filter_map(|row| row.get(column));
        let widest = cells.clone().map(|cell| longest_line(font, cell)).fold(0.0, f32::max);
        let is_moments = widest > 0.0 && cells.clone().all(|cell| cell.is_empty() || is_moment(cell));
        let parts = cells.map(|cell| font.widest_part(cell, 1.0)).fold(font.widest_part(name, 1.0), f32::max);
        let name = longest_line(font, name);
        natural[column] = widest.max(name);
        least[column] = if is_numeric(column) {
            widest.max(name.min(2.0))
        } else if is_moments {
            widest.max(name.min(4.0))
        } else {
            // Numbers and short words stay whole; a file name may break.
            natural[column].min(parts.clamp(4.0, 8.0))
        };
    }
    let room = width - GUTTER * (count - 1) as f32;
    let size = [9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0]
        .into_iter()
        .find(|size| least.iter().sum::<f32>() * size <= room && crowding(&natural, &least, room / size) <= 3.0)
        .or_else(|| [8.0, 7.0, 6.0].into_iter().find(|size| least.iter().sum::<f32>() * size <= room))
        .unwrap_or(6.0);
    let widths = share(&natural, &least, room / size);
    let mut x = left;
    let columns = widths
        .into_iter()
        .map(|em| {
            let column = (x, em * size);
            x += em * size + GUTTER;
            column
        })
        .collect();
    let aligns = (0..count).map(|column| if is_numeric(column) { Align::Right } else { Align::Left }).collect();
    Layout { size, columns, aligns }
}

/// Returns whether a cell is a month or a day in 和暦, which is read as one word: `令和8年5月`, `令和10年12月31日`.
fn is_moment(cell: &str) -> bool {
    let parts = cell.split(|character: char| character.is_ascii_digit()).filter(|part| !part.is_empty());
    let words: Vec<&str> = parts.collect();
    matches!(words.as_slice(), ["令和" | "平成" | "昭和", "年", "月"] | ["令和" | "平成" | "昭和", "年", "月", "日"])
        || matches!(words.as_slice(), ["令和元年" | "平成元年", "月"] | ["令和元年" | "平成元年", "月", "日"])
}

fn longest_line(font: &Font, text: &str) -> f32 {
    text.split('\n').map(|line| font.width(line, 1.0)).fold(0.0, f32::max)
}

/// Returns into how many lines the fullest column would break.
fn crowding(natural: &[f32], least: &[f32], room: f32) -> f32 {
    let widths = share(natural, least, room);
    natural.iter().zip(&widths).map(|(natural, width)| (natural / width.max(0.01)).ceil()).fold(1.0, f32::max)
}

/// Returns the width of each column in em: at least `least` and at most `natural` while that fits in `room`; what is left
/// over goes to all alike.
fn share(natural: &[f32], least: &[f32], room: f32) -> Vec<f32> {
    let (wanted, needed) = (natural.iter().sum::<f32>(), least.iter().sum::<f32>());
    if wanted <= room {
        let extra = (room - wanted) / natural.len().max(1) as f32;
        return natural.iter().map(|width| width + extra).collect();
    }
    if needed >= room {
        return least.iter().map(|width| width * room / needed).collect();
    }
    let part = (room - needed) / (wanted - needed);
    natural.iter().zip(least).map(|(natural, least)| least + (natural - least) * part).collect()
}

fn wrap_row(row: &[String], layout: &Layout, font: &Font) -> Vec<Vec<String>> {
    let empty = String::new();
    layout
        .columns
        .iter()
        .enumerate()
        .map(|(column, (_, width))| font.wrap(row.get(column).unwrap_or(&empty), layout.size, *width))
        .collect()
}

fn row_height(cells: &[Vec<String>], size: f32) -> f32 {
    cells.iter().map(Vec::len).max().unwrap_or(1) as f32 * size * LEADING + PADDING * 2.0
}

fn set_row(flow: &mut Flow, cells: &[Vec<String>], layout: &Layout, style: Style) {
    set_cells(flow, cells, layout, style);
    flow.canvas.rule(flow.left, flow.right, flow.y, 0.4, Ink::HAIRLINE);
}

fn set_cells(flow: &mut Flow, cells: &[Vec<String>], layout: &Layout, style: Style) {
    let top = flow.y;
    for ((lines, (x, width)), align) in cells.iter().zip(&layout.columns).zip(&layout.aligns) {
        flow.y = top + PADDING;
        let x = if *align == Align::Right { x + width } else { *x };
        flow.lines(x, *align, style, lines);
    }
    flow.y = top + row_height(cells, layout.size);
}
