//! Lines and their columns, on raw Shift_JIS bytes.
//!
//! A row is a line: control characters may not stand in a value (V2), so a stray quote spoils one row and never swallows
//! the rest of the file. Splitting before decoding is safe because no trail byte of Shift_JIS is `,`, `"`, CR or LF.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

use crate::NotInterchange;

/// Greatest length of a line in bytes; the longest record of the books has about 3,000.
pub(crate) const MAX_LINE_BYTES: usize = 64 * 1024;
/// Greatest number of columns; the widest record of the books has 58.
pub(crate) const MAX_COLUMNS: usize = 200;

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    CrLf,
    Lf,
    /// The file ended first.
    Missing,
}

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub bytes: &'a [u8],
    /// From 1.
    pub number: u64,
    /// Position of its first byte in the file, from 0.
    pub offset: u64,
    pub end: LineEnd,
    /// Nothing in it needs a closer look; see [`is_unusual`].
    pub plain: bool,
}

/// Returns whether a byte needs a closer look: control characters, `'`, small letters, everything beyond ASCII.
///
/// Comparisons alone, so that the compiler makes vector code of a fold over a line.
#[expect(clippy::needless_bitwise_bool, reason = "no branches, for vector code")]
const fn is_unusual(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'\'') | (byte >= 0x7F) | (byte.wrapping_sub(b'a') < 26)
}

impl Line<'_> {
    /// Returns whether all of it is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.plain || self.bytes.is_ascii()
    }

    /// Returns whether nothing stands in it; the end-of-file mark of old editors (0x1A) counts as nothing.
    pub fn is_blank(&self) -> bool {
        matches!(self.bytes, [] | [0x1A])
    }
}

/// Cuts a stream of chunks into lines, holding back at most one incomplete line.
#[derive(Debug, Default)]
pub(crate) struct LineSplitter {
    carry: Vec<u8>,
    offset: u64,
    number: u64,
}

impl LineSplitter {
    /// Hands each complete line to `take`.
    pub fn push(
        &mut self,
        mut chunk: &[u8],
        mut take: impl FnMut(Line<'_>) -> Result<(), NotInterchange>,
    ) -> Result<(), NotInterchange> {
        if !self.carry.is_empty() {
            let end = memchr::memchr(b'\n', chunk);
            let (head, rest) = chunk.split_at(end.map_or(chunk.len(), |at| at + 1));
            if self.carry.len() + head.len() > MAX_LINE_BYTES {
                return Err(self.too_long());
            }
            self.carry.extend_from_slice(head);
            chunk = rest;
            if end.is_none() {
                return Ok(());
            }
            let carried = std::mem::take(&mut self.carry);
            self.line(&carried, &mut take)?;
            self.carry = carried;
            self.carry.clear();
        }
        while let Some(at) = memchr::memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(at + 1);
            self.line(line, &mut take)?;
            chunk = rest;
        }
        if chunk.len() > MAX_LINE_BYTES {
            return Err(self.too_long());
        }
        self.carry.extend_from_slice(chunk);
        Ok(())
    }

    /// Hands over what is left after the last line end.
    pub fn finish(
        &mut self,
        mut take: impl FnMut(Line<'_>) -> Result<(), NotInterchange>,
    ) -> Result<(), NotInterchange> {
        let rest = std::mem::take(&mut self.carry);
        if rest.is_empty() { Ok(()) } else { self.line(&rest, &mut take) }
    }

    fn line(
        &mut self,
        raw: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<(), NotInterchange>,
    ) -> Result<(), NotInterchange> {
        if raw.len() > MAX_LINE_BYTES {
            return Err(self.too_long());
        }
        let (bytes, end) = match raw {
            [bytes @ .., b'\r', b'\n'] => (bytes, LineEnd::CrLf),
            [bytes @ .., b'\n'] => (bytes, LineEnd::Lf),
            bytes => (bytes, LineEnd::Missing),
        };
        self.number += 1;
        let plain = !bytes.iter().fold(false, |found, byte| found | is_unusual(*byte));
        let line = Line { bytes, number: self.number, offset: self.offset, end, plain };
        self.offset += raw.len() as u64;
        take(line)
    }

    fn too_long(&self) -> NotInterchange {
        if self.number == 0 {
            NotInterchange::NotClaimShape
        } else {
            NotInterchange::LineTooLong { line: self.number + 1 }
        }
    }
}

/// Where a value stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
    pub quoted: bool,
    /// `""` stands inside.
    pub doubled: bool,
    /// A quote is not closed, or something follows the closing one.
    pub odd: bool,
}

impl Span {
    const fn bare(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32, quoted: false, doubled: false, odd: false }
    }
}

/// The columns of a line. Reused from line to line.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Where each column ends: at a comma or at the end of the line.
    ends: Vec<u32>,
    /// Takes the place of `ends` for a line whose quotes hold commas or quotes, or are out of order.
    careful: Vec<Span>,
    is_careful: bool,
}

impl Columns {
    /// Splits a line. Returns whether all quotes are in order.
    pub fn split(&mut self, line: Line<'_>) -> Result<bool, NotInterchange> {
        self.ends.clear();
        self.careful.clear();
        self.is_careful = !split_plainly(line.bytes, &mut self.ends);
        if self.is_careful {
            self.ends.clear();
            split_with_care(line, &mut self.careful)
        } else {
            Ok(true)
        }
    }

    /// Returns the number of columns.
    pub fn count(&self) -> usize {
        if self.is_careful { self.careful.len() } else { self.ends.len() }
    }

    /// Returns where the value of column `index`, from 0, stands in the line that was split.
    pub fn span(&self, bytes: &[u8], index: usize) -> Option<Span> {
        if self.is_careful {
            return self.careful.get(index).copied();
        }
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? + 1,
            None => 0,
        };
        Some(if bytes.get(start as usize) == Some(&b'"') {
            Span { start: start + 1, end: end - 1, quoted: true, doubled: false, odd: false }
        } else {
            Span { start, end, quoted: false, doubled: false, odd: false }
        })
    }

    /// Returns where each value stands.
    pub fn spans<'c>(&'c self, bytes: &'c [u8]) -> impl Iterator<Item = Span> + 'c {
        (0..self.count()).map_while(move |index| self.span(bytes, index))
    }

    /// Returns the values from column `index`, from 0, on.
    pub fn values_from<'a>(&'a self, bytes: &'a [u8], index: usize) -> Values<'a> {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        Values {
            bytes,
            start,
            ends: self.ends.get(index..).unwrap_or_default().iter(),
            careful: self.careful.get(index..).unwrap_or_default().iter(),
        }
    }

    /// Returns column `index`, from 0, without its quotes; empty beyond the last.
    pub fn column<'l>(&self, bytes: &'l [u8], index: usize) -> &'l [u8] {
        self.span(bytes, index).and_then(|span| bytes.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }
}

/// The values of a line from one column on, without their quotes.
#[derive(Debug, Clone)]
pub(crate) struct Values<'a> {
    bytes: &'a [u8],
    start: u32,
    ends: std::slice::Iter<'a, u32>,
    careful: std::slice::Iter<'a, Span>,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (start, end) = match self.ends.next() {
            Some(end) => {
                let start = std::mem::replace(&mut self.start, end + 1);
                let quoted = u32::from(self.bytes.get(start as usize) == Some(&b'"'));
                (start + quoted, end - quoted)
            }
            None => self.careful.next().map(|span| (span.start, span.end))?,
        };
        Some(self.bytes.get(start as usize..end as usize).unwrap_or_default())
    }
}

/// Eight bytes of `byte`.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Returns the top bit of each byte of `block` that is `byte`; exact, as no carry passes from one byte to the next.
const fn matches_of(block: u64, byte: u8) -> u64 {
    let differs = block ^ eight(byte);
    !(((differs & eight(0x7F)) + eight(0x7F)) | differs | eight(0x7F))
}

/// Splits at every comma, eight bytes at a time: most values are a digit or two. Gives up, returning `false`, when a
/// quoted value holds a comma or a quote, when quotes are out of order, and when the columns are too many.
fn split_plainly(bytes: &[u8], ends: &mut Vec<u32>) -> bool {
    let (mut start, mut open) = (0, false);
    for at in (0..bytes.len()).step_by(8) {
        let mut block = [0; 8];
        match bytes.get(at..at + 8) {
            Some(whole) => block.copy_from_slice(whole),
            None => block.iter_mut().zip(bytes.get(at..).unwrap_or_default()).for_each(|(to, from)| *to = *from),
        }
        let block = u64::from_le_bytes(block);
        let commas = matches_of(block, b',');
        let mut marks = commas | matches_of(block, b'"');
        while marks != 0 {
            let mark = at + marks.trailing_zeros() as usize / 8;
            let is_comma = commas & marks & marks.wrapping_neg() != 0;
            if is_comma {
                if open || ends.len() >= MAX_COLUMNS {
                    return false;
                }
                ends.push(mark as u32);
                start = mark + 1;
            } else if open {
                if !matches!(bytes.get(mark + 1), None | Some(b',')) {
                    return false;
                }
                open = false;
            } else if mark == start {
                open = true;
            } else {
                return false;
            }
            marks &= marks - 1;
        }
    }
    ends.push(bytes.len() as u32);
    !open && ends.len() <= MAX_COLUMNS
}

/// Splits with every habit and every fault of quoting.
fn split_with_care(line: Line<'_>, spans: &mut Vec<Span>) -> Result<bool, NotInterchange> {
    spans.clear();
    let bytes = line.bytes;
    let (mut start, mut in_order) = (0, true);
    loop {
        if spans.len() == MAX_COLUMNS {
            return Err(if line.number == 1 {
                NotInterchange::NotClaimShape
            } else {
                NotInterchange::LineTooLong { line: line.number }
            });
        }
        let span = if bytes.get(start) == Some(&b'"') { quoted(bytes, start) } else { bare(bytes, start) };
        spans.push(span);
        in_order &= !span.odd;
        let comma = span.end as usize + usize::from(span.quoted && !span.odd);
        if comma >= bytes.len() {
            return Ok(in_order);
        }
        start = comma + 1;
    }
}

fn bare(bytes: &[u8], start: usize) -> Span {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
    Span::bare(start, start + length)
}

fn quoted(bytes: &[u8], open: usize) -> Span {
    let start = open + 1;
    let (mut at, mut doubled) = (start, false);
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'"'), Some(b'"')) => {
                doubled = true;
                at += 2;
            }
            (Some(b'"'), None | Some(b',')) => {
                return Span { quoted: true, doubled, ..Span::bare(start, at) };
            }
            // The value is kept as it stands, quotes and all, up to the next comma.
            (Some(b'"'), Some(_)) | (None, _) => return Span { quoted: true, odd: true, ..bare(bytes, open) },
            (Some(_), _) => at += 1,
        }
    }
}

/// Returns the value at `span`, with doubled quotes made single.
pub(crate) fn value(line: &[u8], span: Span) -> Cow<'_, [u8]> {
    let raw = line.get(span.start as usize..span.end as usize).unwrap_or_default();
    if !span.doubled {
        return Cow::Borrowed(raw);
    }
    let mut value = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        value.push(*byte);
        if *byte == b'"' {
            bytes.next();
        }
    }
    Cow::Owned(value)
}

/// Decodes a value, or returns the position of its first byte that Shift_JIS does not know.
pub(crate) fn decode(value: &[u8]) -> Result<Cow<'_, str>, usize> {
    // Nearly every value is ASCII and short; setting up a decoder would cost more than reading it.
    if value.is_ascii()
        && let Ok(text) = std::str::from_utf8(value)
    {
        return Ok(Cow::Borrowed(text));
    }
    SHIFT_JIS.decode_without_bom_handling_and_without_replacement(value).ok_or_else(|| {
        let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(value.len() * 3 + 16);
        let (_, read) = decoder.decode_to_string_without_replacement(value, &mut text, true);
        read.min(value.len()).saturating_sub(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: &[u8]) -> Line<'_> {
        Line { bytes, number: 2, offset: 0, end: LineEnd::CrLf, plain: false }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut columns = Columns::default();
        columns.split(line(text.as_bytes())).unwrap();
        let values: Vec<String> = columns
            .spans(text.as_bytes())
            .map(|span| String::from_utf8(value(text.as_bytes(), span).into_owned()).unwrap())
            .collect();
        assert_eq!(values, expected, "{text}");
    }

    #[test]
    fn splits_every_habit_of_quoting() {
        check("2,4,\"7131\",01", &["2", "4", "7131", "01"]);
        check("a,,\"\",", &["a", "", "", ""]);
        check("\"a,b\",\"c\"\"d\",e", &["a,b", "c\"d", "e"]);
        check("", &[""]);
    }

    #[test]
    fn keeps_a_stray_quote_within_its_value() {
        check("1,\"ab,c", &["1", "\"ab", "c"]);
        check("\"a\"b,c", &["\"a\"b", "c"]);
    }

    #[test]
    fn refuses_a_row_of_countless_columns() {
        let bytes = vec![b','; 1_000_000];
        assert_eq!(Columns::default().split(line(&bytes)), Err(NotInterchange::LineTooLong { line: 2 }));
    }

    #[test]
    fn cuts_lines_alike_whatever_the_chunks() {
        let bytes = b"1,1\r\n\r\n2,2,\"a\"\n3,3";
        let cut = |size: usize| {
            let (mut splitter, mut lines) = (LineSplitter::default(), Vec::new());
            for chunk in bytes.chunks(size) {
                splitter
                    .push(chunk, |line| {
                        lines.push((line.bytes.to_vec(), line.number, line.offset, line.end));
                        Ok(())
                    })
                    .unwrap();
            }
            splitter
                .finish(|line| {
                    lines.push((line.bytes.to_vec(), line.number, line.offset, line.end));
                    Ok(())
                })
                .unwrap();
            lines
        };
        let whole = cut(bytes.len());
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[3], (b"3,3".to_vec(), 4, 15, LineEnd::Missing));
        for size in 1..bytes.len() {
            assert_eq!(cut(size), whole, "chunks of {size}");
        }
    }

    #[test]
    fn names_the_byte_that_does_not_decode() {
        assert_eq!(decode(b"ab\x82\xa0"), Ok(Cow::Borrowed("abあ")));
        assert_eq!(decode(b"ab\xff"), Err(2));
    }

    proptest::proptest! {
        #[test]
        fn splits_as_the_csv_crate_does(values in proptest::collection::vec("[ -~あｱ]{0,6}", 1..12)) {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            writer.write_record(&values).unwrap();
            let written = writer.into_inner().unwrap();
            let bytes = written.strip_suffix(b"\r\n").unwrap();
            let mut columns = Columns::default();
            columns.split(line(bytes)).unwrap();
            let read: Vec<String> = columns.spans(bytes).map(|span| String::from_utf8(value(bytes, span).into_owned()).unwrap()).collect();
            proptest::prop_assert_eq!(read, values);
        }

        #[test]
        fn the_quick_way_splits_as_the_careful_one(bytes in "[0-9A-Z\",,,\u{82}\u{AC}]{0,60}") {
            let (mut quick, mut careful) = (Columns::default(), Vec::new());
            let bytes = bytes.as_bytes();
            proptest::prop_assert!(quick.split(line(bytes)).is_ok());
            if !quick.is_careful {
                proptest::prop_assert_eq!(split_with_care(line(bytes), &mut careful), Ok(true));
                proptest::prop_assert_eq!(quick.spans(bytes).collect::<Vec<_>>(), careful);
            }
            for first in 0..quick.count() {
                let by_column: Vec<&[u8]> = (first..quick.count()).map(|index| quick.column(bytes, index)).collect();
                proptest::prop_assert_eq!(quick.values_from(bytes, first).collect::<Vec<_>>(), by_column);
            }
        }
    }
}
