use std::fmt;
use std::sync::Arc;

use calendar::Month;

use crate::layout::{self, Layout};
use crate::line::{self, Columns, LineSplitter};
use crate::numbers::OfficeNumber;
use crate::refusal::{self, MAX_FILE_BYTES, NotInterchange, Recogniser};

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// 請求明細書 or サービス計画費請求明細書 with their 請求書 (71xx, 81xx).
    Claim,
    /// 給付管理票 (82xx).
    BenefitManagement,
    /// A notice of 国保連 (72xx to 76xx).
    Notice,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// Returns `claim`, `benefit_management`, `notice` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::BenefitManagement => "benefit_management",
            Self::Notice => "notice",
            Self::Unknown => "unknown",
        }
    }

    /// Tells the kind from an exchange id, or from the three characters of a data type.
    pub fn of_exchange_id(id: &str) -> Self {
        match id.as_bytes() {
            // 再審査申立書 claims nothing.
            [b'7', b'1', b'B', ..] => Self::Unknown,
            [b'7' | b'8', b'1', _, ..] => Self::Claim,
            [b'8', b'2', _, ..] => Self::BenefitManagement,
            [b'7', b'2'..=b'6', _, ..] => Self::Notice,
            _ => Self::Unknown,
        }
    }
}

impl serde::Serialize for FileKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A whole interchange file in memory.
#[derive(Clone)]
pub struct Interchange {
    /// First row.
    pub control: Control,
    /// Data rows in file order, without the control and the end record.
    pub rows: Vec<Row>,
    bytes: Arc<[u8]>,
}

/// The control record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control(Row);

/// The texts of all rows of a file and where each value stands; shared by the rows.
struct Texts {
    text: String,
    /// End of each column in `text`; a column begins where the one before ends.
    ends: Vec<u32>,
}

/// One row of a file.
#[derive(Clone)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    texts: Arc<Texts>,
    /// Range of this row in [`Texts::ends`].
    first: u32,
    count: u32,
    layout: Option<&'static Layout>,
    /// Spelled-out id of a row whose layout is unknown.
    unknown_id: Box<str>,
}

/// Reads a whole file: claims, 給付管理票 or notices of any vendor.
///
/// Accepts every habit of quoting and bare LF; compares nothing and checks nothing, see [`crate::check`] for that.
///
/// # Errors
///
/// Refuses what is no interchange file, and says why.
pub fn read(bytes: &[u8]) -> Result<Interchange, NotInterchange> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(NotInterchange::TooLarge);
    }
    let mut recogniser = Recogniser::default();
    let rows = split(bytes, &mut recogniser, Recogniser::row)?;
    recogniser.finish()?;
    let mut rows = rows.into_iter();
    let control = Control(rows.next().ok_or(NotInterchange::Empty)?);
    let rows = rows.filter(|row| row.column(0) != "3").collect();
    Ok(Interchange { control, rows, bytes: bytes.into() })
}

/// Reads the lines of a part of a file, the first of which is line `first_line` of it; any kind of row may stand there.
///
/// # Errors
///
/// Refuses lines and characters that [`read`] refuses.
pub(crate) fn read_part(bytes: &[u8], first_line: u64) -> Result<Vec<Row>, NotInterchange> {
    let mut rows = split(bytes, &mut Recogniser::default(), |_, _, _| Ok(()))?;
    for row in &mut rows {
        row.line += first_line.saturating_sub(1);
    }
    Ok(rows)
}

/// Makes a row of each line that is not blank, after `look` has seen it.
fn split(
    bytes: &[u8],
    recogniser: &mut Recogniser,
    look: impl Fn(&mut Recogniser, line::Line<'_>, &Columns) -> Result<(), NotInterchange>,
) -> Result<Vec<Row>, NotInterchange> {
    let mut texts = Texts { text: String::with_capacity(bytes.len()), ends: Vec::with_capacity(bytes.len() / 4) };
    let mut bounds: Vec<(u64, u32, u32)> = Vec::new();
    let mut columns = Columns::default();
    let mut take = |line: line::Line<'_>| {
        if line.is_blank() {
            return Ok(());
        }
        columns.split(line)?;
        look(recogniser, line, &columns)?;
        let first = texts.ends.len() as u32;
        for span in columns.spans(line.bytes) {
            let value = line::value(line.bytes, span);
            texts.text.push_str(&refusal::decoded(recogniser, line, span, &value)?);
            texts.ends.push(texts.text.len() as u32);
        }
        bounds.push((line.number, first, columns.count() as u32));
        Ok(())
    };
    let mut splitter = LineSplitter::default();
    splitter.push(bytes, &mut take)?;
    splitter.finish(&mut take)?;
    let texts = Arc::new(texts);
    Ok(bounds.into_iter().map(|(line, first, count)| Row::new(line, Arc::clone(&texts), first, count)).collect())
}

impl Interchange {
    /// Returns what the file is about, from its rows, or from the data type of the control record when it has none.
    pub fn kind(&self) -> FileKind {
        let of_rows = |kind: FileKind| self.rows.iter().any(|row| FileKind::of_exchange_id(row.exchange_id()) == kind);
        match self.rows.first() {
            None => FileKind::of_exchange_id(self.control.data_type()),
            Some(_) if of_rows(FileKind::Claim) => FileKind::Claim,
            Some(row) => FileKind::of_exchange_id(row.exchange_id()),
        }
    }

    /// Returns the office that the control record names.
    pub fn office(&self) -> OfficeNumber {
        OfficeNumber::from_file(self.control.item(8))
    }

    /// Returns 処理対象年月 of the control record, if it is a month.
    pub fn processing_month(&self) -> Option<Month> {
        self.control.item(11).trim().parse().ok()
    }

    /// Returns the service months of the rows, ascending, each once.
    pub fn service_months(&self) -> Vec<Month> {
        let mut months: Vec<Month> = self.rows.iter().filter_map(Row::service_month).collect();
        months.sort_unstable();
        months.dedup();
        months
    }

    /// Returns whether the file is marked as a test（`*TEST*` in control item 12）: never billed.
    pub fn is_test(&self) -> bool {
        self.control.item(12) == "*TEST*"
    }

    /// Returns the file byte for byte as it was read.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.to_vec()
    }
}

impl fmt::Debug for Interchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interchange").field("control", &self.control).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Control {
    /// Returns item `no`, from 1（here also the CSV column）; empty beyond the last.
    pub fn item(&self, no: usize) -> &str {
        no.checked_sub(1).map_or("", |index| self.0.column(index))
    }

    /// Returns the number of data rows that the record announces (item 4).
    pub fn row_count(&self) -> Option<u64> {
        self.item(4).trim().parse().ok()
    }

    /// Returns the data type (item 5): the first three characters of the exchange id of the first data row.
    pub fn data_type(&self) -> &str {
        self.item(5)
    }

    /// Returns the layout of the record.
    pub fn layout(&self) -> Option<&'static Layout> {
        layout::layout("control")
    }
}

impl Row {
    fn new(line: u64, texts: Arc<Texts>, first: u32, count: u32) -> Self {
        let mut row = Self { line, texts, first, count, layout: None, unknown_id: Box::default() };
        let layout = layout::of_row(row.item(1).as_bytes(), row.item(2).as_bytes(), row.items());
        if layout.is_none() {
            row.unknown_id = match (row.item(1), row.item(2)) {
                (exchange_id, kind) if kind.len() == 2 => format!("{exchange_id}-{kind}").into(),
                (exchange_id, _) => exchange_id.into(),
            };
        }
        row.layout = layout;
        row
    }

    /// Returns item `no` of the specification, from 1 (CSV column `no + 2`); empty beyond the last.
    pub fn item(&self, no: usize) -> &str {
        no.checked_add(1).filter(|_| no > 0).map_or("", |index| self.column(index))
    }

    /// Returns item `no` as a whole number; `None` when it is blank or no number.
    pub fn number(&self, no: usize) -> Option<i64> {
        let text = self.item(no).trim();
        if text.starts_with('+') { None } else { text.parse().ok() }
    }

    /// Returns the number of items, without the two leading columns.
    pub fn items(&self) -> usize {
        (self.count as usize).saturating_sub(2)
    }

    /// Returns the id of the record kind: `7131-01`, `7411-D1`, `7513`; for an unknown kind as the file spells it.
    pub fn id(&self) -> &str {
        match self.layout {
            Some(layout) => layout.id.strip_suffix("-kyotaku2003").unwrap_or(layout.id),
            None => &self.unknown_id,
        }
    }

    /// Returns 交換情報識別番号 (item 1).
    pub fn exchange_id(&self) -> &str {
        self.item(1)
    }

    /// Returns the layout of the row, if its kind is known.
    pub fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    /// Returns サービス提供年月（対象年月）of the row, where its kind has one.
    pub fn service_month(&self) -> Option<Month> {
        self.item(self.layout?.service_month).trim().parse().ok()
    }

    /// Returns CSV column `index`, from 0.
    pub(crate) fn column(&self, index: usize) -> &str {
        let index = match u32::try_from(index) {
            Ok(index) if index < self.count => (self.first + index) as usize,
            _ => return "",
        };
        let start = index.checked_sub(1).and_then(|before| self.texts.ends.get(before)).copied().unwrap_or(0);
        let end = self.texts.ends.get(index).copied().unwrap_or(start);
        self.texts.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// Returns all CSV columns, with the two leading ones.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        (0..self.count as usize).map(|index| self.column(index))
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} ", self.line)?;
        f.debug_list().entries(self.columns()).finish()
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.line == other.line && self.columns().eq(other.columns())
    }
}

impl Eq for Row {}
