use crate::line::{self, Columns, Line, Span};

/// Greatest size of a file, in bytes. A file of 10,000 statements has about 10 MB.
pub const MAX_FILE_BYTES: u64 = 128 * 1024 * 1024;

/// Why bytes are not an interchange file at all. Nothing of such a file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotInterchange {
    /// Nothing stands in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("the file is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// It is Unicode text (UTF-8, or UTF-16 with its mark), not Shift_JIS.
    #[error("the file is Unicode text, not Shift_JIS")]
    Utf8,
    /// A byte sequence is no character of Shift_JIS.
    #[error("byte {byte} is no character of Shift_JIS")]
    Undecodable {
        /// Position in the file, from 0.
        byte: u64,
    },
    /// Its first line is no control record: any other kind of file.
    #[error("the file does not begin with a control record")]
    NotClaimShape,
    /// It was saved by a spreadsheet: leading zeros are lost or rows are padded; or it is a workbook.
    #[error("the file was saved by a spreadsheet program")]
    SavedBySpreadsheet,
    /// The end record is missing: the rest was lost on the way.
    #[error("the end record is missing")]
    CutInHalf,
    /// It belongs to 障害者総合支援 (or 障害児支援), whose data types and exchange ids begin with a letter (`J11`, `K11`, …).
    #[error("the file belongs to the disability system")]
    Disability,
    /// A line is longer or wider than any record.
    #[error("line {line} is longer than any record")]
    LineTooLong {
        /// Number of the line, from 1.
        line: u64,
    },
}

/// Looks at each row for the signs that a file is something else. Used alike by reading and checking.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent signs, not a state")]
pub(crate) struct Recogniser {
    unicode_lines: bool,
    legacy_lines: bool,
    ended: bool,
    any: bool,
}

impl Recogniser {
    /// Looks at one line that is not blank, split into `columns`.
    pub fn row(&mut self, line: Line<'_>, columns: &Columns) -> Result<(), NotInterchange> {
        let (column, count) = (|index: usize| columns.column(line.bytes, index), columns.count());
        if !self.any {
            self.any = true;
            match line.bytes {
                [0xEF, 0xBB, 0xBF, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(NotInterchange::Utf8),
                [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => {
                    return Err(NotInterchange::SavedBySpreadsheet);
                }
                _ => {}
            }
            let data_type = column(4);
            if column(0) != b"1"
                || count < 8
                || !(1..=3).contains(&data_type.len())
                || !data_type.iter().all(u8::is_ascii_alphanumeric)
            {
                return Err(NotInterchange::NotClaimShape);
            }
            if data_type.first().is_some_and(u8::is_ascii_alphabetic) {
                return Err(NotInterchange::Disability);
            }
            // A spreadsheet pads every row to the width of the widest.
            if count > 12 && (12..count).all(|index| column(index).is_empty()) {
                return Err(NotInterchange::SavedBySpreadsheet);
            }
        }
        match column(0) {
            b"2" => {
                self.ended = false;
                let exchange_id = column(2);
                if let [letter, rest @ ..] = exchange_id
                    && letter.is_ascii_uppercase()
                    && rest.len() == 3
                    && rest.iter().all(u8::is_ascii_digit)
                {
                    return Err(NotInterchange::Disability);
                }
                // `01` has become `1`. Rows without a record kind have a month or an office in this place.
                if exchange_id.starts_with(b"71") && matches!(column(3), [b'0'..=b'9']) {
                    return Err(NotInterchange::SavedBySpreadsheet);
                }
            }
            b"3" => self.ended = true,
            _ => {}
        }
        if !columns.is_ascii(line) {
            match std::str::from_utf8(line.bytes) {
                // Two half-width kana can look like one character of two bytes, so only three bytes are a sign of UTF-8.
                Ok(text) => self.unicode_lines |= text.chars().any(|character| character.len_utf8() > 2),
                Err(_) => self.legacy_lines = true,
            }
        }
        Ok(())
    }

    /// Judges the file as a whole.
    pub fn finish(&self) -> Result<(), NotInterchange> {
        if !self.any {
            return Err(NotInterchange::Empty);
        }
        if self.is_unicode() {
            return Err(NotInterchange::Utf8);
        }
        if self.ended { Ok(()) } else { Err(NotInterchange::CutInHalf) }
    }

    /// Names the reason why a value does not decode.
    pub fn undecodable(&self, line: Line<'_>, span: Span, position: usize) -> NotInterchange {
        if self.is_unicode() {
            return NotInterchange::Utf8;
        }
        NotInterchange::Undecodable { byte: line.offset + u64::from(span.start) + position as u64 }
    }

    fn is_unicode(&self) -> bool {
        self.unicode_lines && !self.legacy_lines
    }
}

/// Decodes the value at `span`.
pub(crate) fn decoded<'v>(
    recogniser: &Recogniser,
    line: Line<'_>,
    span: Span,
    value: &'v [u8],
) -> Result<std::borrow::Cow<'v, str>, NotInterchange> {
    line::decode(value).map_err(|position| recogniser.undecodable(line, span, position))
}
