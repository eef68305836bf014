use std::io::Write as _;

use calendar::Month;
use encoding_rs::{EncoderResult, SHIFT_JIS};

use crate::OfficeNumber;
use crate::layout::{self, ItemKind, Layout, Shape};

/// Which values are put in quotes. All three are valid; a reader must accept each (rules.md V1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// As a common care software and the print centres do: the exchange id, 被保険者番号, 摘要 (even when blank), names and
    /// texts; figures stay bare.
    Vendor,
    /// Every value that is not blank.
    AllNonEmpty,
    /// Only what needs it: a comma, a quote, a space, a character of two bytes.
    Minimal,
}

/// What a file says about itself in its control record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlFacts {
    /// 事業所番号 (item 8).
    pub office: OfficeNumber,
    /// 処理対象年月 (item 11): the month of the review, not the service month.
    pub processing_month: Month,
    /// ファイル管理番号 (item 12): free; `*TEST*` marks a test.
    pub file_number: String,
}

impl ControlFacts {
    /// Makes the facts of an ordinary file: file number 0.
    pub fn new(office: OfficeNumber, processing_month: Month) -> Self {
        Self { office, processing_month, file_number: "0".to_owned() }
    }
}

/// Why a row cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A character has no place in Shift_JIS.
    #[error("row {row}, item {item}: character {character:?} has no place in Shift_JIS")]
    Character {
        /// Number of the data row, from 1.
        row: u64,
        /// Number of the item, from 1; 0 in the control record.
        item: usize,
        /// The character.
        character: char,
    },
    /// A value holds a control character, which would break the row.
    #[error("row {row}, item {item}: a control character")]
    Control {
        /// Number of the data row, from 1.
        row: u64,
        /// Number of the item, from 1; 0 in the control record.
        item: usize,
    },
}

/// Builds an interchange file: Shift_JIS, CRLF, numbered rows, control and end record.
#[derive(Debug, Clone)]
pub struct FileWriter {
    facts: ControlFacts,
    quoting: Quoting,
    data_type: Option<String>,
    rows: u64,
    body: Vec<u8>,
}

impl FileWriter {
    /// Begins a file.
    pub fn new(facts: ControlFacts, quoting: Quoting) -> Self {
        Self { facts, quoting, data_type: None, rows: 0, body: Vec::new() }
    }

    /// Adds a data row from its items, the exchange id first. Nothing is added when it fails.
    ///
    /// # Errors
    ///
    /// Names the first character that cannot be written. Lengths and kinds are not looked at: that is the check's work.
    pub fn row<S: AsRef<str>>(&mut self, items: &[S]) -> Result<(), WriteError> {
        let text = |index: usize| items.get(index).map_or("", AsRef::as_ref);
        let layout = layout::of_row(text(0).as_bytes(), text(1).as_bytes(), items.len());
        let before = self.body.len();
        // Writing to memory cannot fail.
        let _ = write!(self.body, "2,{}", self.rows + 2);
        for (index, item) in items.iter().enumerate() {
            self.body.push(b',');
            let value = item.as_ref();
            let quoted = self.quotes(layout, index + 1, value);
            if let Err(fault) = put(&mut self.body, value, quoted) {
                self.body.truncate(before);
                return Err(fault.at(self.rows + 1, index + 1));
            }
        }
        self.body.extend_from_slice(b"\r\n");
        self.rows += 1;
        if self.data_type.is_none() {
            self.data_type = Some(text(0).chars().take(3).collect());
        }
        Ok(())
    }

    /// Returns the number of data rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Closes the file and returns its bytes.
    ///
    /// # Errors
    ///
    /// Names the character of the control record that cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        let Self { facts, data_type, rows, body, .. } = self;
        let mut file = Vec::with_capacity(body.len() + 96);
        let _ = write!(file, "1,1,0,{rows},");
        put(&mut file, data_type.as_deref().unwrap_or(""), false).map_err(|fault| fault.at(0, 5))?;
        // 福祉事務所 and 保険者 are 0 unless the file goes to one of them; 7 is transmission over the internet (F6).
        file.extend_from_slice(b",0,0,");
        put(&mut file, facts.office.as_str(), false).map_err(|fault| fault.at(0, 8))?;
        let _ = write!(file, ",0,7,{},", facts.processing_month.compact());
        put(&mut file, &facts.file_number, false).map_err(|fault| fault.at(0, 12))?;
        file.extend_from_slice(b"\r\n");
        file.extend_from_slice(&body);
        let _ = write!(file, "3,{}\r\n", rows + 2);
        Ok(file)
    }

    fn quotes(&self, layout: Option<&'static Layout>, no: usize, value: &str) -> bool {
        match self.quoting {
            Quoting::AllNonEmpty => !value.is_empty(),
            Quoting::Minimal => false,
            Quoting::Vendor => {
                let Some(item) = layout.and_then(|layout| layout.item(no)) else {
                    return no == 1;
                };
                let is_notice =
                    layout.is_some_and(|layout| matches!(layout.exchange_id.as_bytes(), [b'7', b'2'..=b'6', ..]));
                let always = no == 1 || item.shape == Shape::Remark || (is_notice && no == 2);
                let filled = item.kind == ItemKind::N || item.shape == Shape::Insured || item.name_ja == "事由";
                always || (filled && !value.is_empty())
            }
        }
    }
}

enum Fault {
    Character(char),
    Control,
}

impl Fault {
    fn at(self, row: u64, item: usize) -> WriteError {
        match self {
            Self::Character(character) => WriteError::Character { row, item, character },
            Self::Control => WriteError::Control { row, item },
        }
    }
}

fn put(out: &mut Vec<u8>, value: &str, quoted: bool) -> Result<(), Fault> {
    if value.chars().any(char::is_control) {
        return Err(Fault::Control);
    }
    let quoted = quoted || value.bytes().any(|byte| matches!(byte, b',' | b'"' | b' ') || !byte.is_ascii());
    if quoted {
        out.push(b'"');
    }
    if value.is_ascii() {
        for byte in value.bytes() {
            out.push(byte);
            if byte == b'"' {
                out.push(b'"');
            }
        }
    } else {
        encode(out, &value.replace('"', "\"\""))?;
    }
    if quoted {
        out.push(b'"');
    }
    Ok(())
}

fn encode(out: &mut Vec<u8>, value: &str) -> Result<(), Fault> {
    let mut encoder = SHIFT_JIS.new_encoder();
    let room = encoder.max_buffer_length_from_utf8_without_replacement(value.len()).unwrap_or(value.len() * 2);
    let mut bytes = Vec::with_capacity(room);
    match encoder.encode_from_utf8_to_vec_without_replacement(value, &mut bytes, true) {
        // The encoder folds these into other characters instead of refusing them.
        (EncoderResult::InputEmpty, _) => match value.chars().find(|character| matches!(character, '¥' | '‾' | '−'))
        {
            Some(character) => return Err(Fault::Character(character)),
            None => out.extend_from_slice(&bytes),
        },
        (EncoderResult::Unmappable(character), _) => return Err(Fault::Character(character)),
        (EncoderResult::OutputFull, _) => return Err(Fault::Control),
    }
    Ok(())
}
