//! Lines and their columns, on raw Shift_JIS bytes.
//!
//! A row is a line: control characters may not stand in a value (V2), so a stray quote spoils one row and never swallows
//! the rest of the file. Splitting before decoding is safe because no trail byte of Shift_JIS is `,`, `"`, CR or LF.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;
use wide::u8x16;

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
}

impl Line<'_> {
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
        let line = Line { bytes, number: self.number, offset: self.offset, end };
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
#[derive(Debug)]
pub(crate) struct Columns {
    /// Where each of the first `count` columns begins, and where one behind the last would.
    starts: [u32; MAX_COLUMNS + 1],
    count: usize,
    /// No byte of a line that was not split with care needs a closer look; see [`Block::is_unusual`].
    is_plain: bool,
    /// Takes the place of `starts` for a line whose quotes hold commas or quotes, or are out of order.
    careful: Vec<Span>,
    is_careful: bool,
    trifles: Trifles,
}

/// Columns whose values most rows are full of, one bit for each: column 0 is the lowest bit. A line of more than 64 columns,
/// or one that was split with care, names none.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Trifles {
    /// Nothing between two commas.
    pub blanks: u64,
    /// A bare `0`.
    pub zeros: u64,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            starts: [0; MAX_COLUMNS + 1],
            count: 0,
            is_plain: false,
            careful: Vec::new(),
            is_careful: false,
            trifles: Trifles::default(),
        }
    }
}

impl Columns {
    /// Splits a line. Returns whether all quotes are in order.
    pub fn split(&mut self, line: Line<'_>) -> Result<bool, NotInterchange> {
        self.careful.clear();
        self.is_careful = !self.split_plainly(line.bytes);
        if self.is_careful {
            self.trifles = Trifles::default();
            self.is_plain = false;
            split_with_care(line, &mut self.careful)
        } else {
            Ok(true)
        }
    }

    /// Splits at every comma. Gives up, returning `false`, when a quoted value holds a comma or a quote, when quotes are
    /// out of order, and when the columns are too many.
    ///
    /// Looks at many bytes at a time: most values are a digit or two, and a loop that ends every few bytes is mispredicted.
    fn split_plainly(&mut self, bytes: &[u8]) -> bool {
        let (mut count, mut quotes, mut trifles) = (0, Quotes::default(), Trifles::default());
        // What the block before says of the first byte: a value begins there; a bare `0` stood before it.
        let (mut begins, mut after_zero) = (1, 0);
        let mut unusual = false;
        for at in (0..=bytes.len()).step_by(BLOCK) {
            let rest = bytes.get(at..).unwrap_or_default();
            let (block, before) = Block::of(bytes, rest);
            let bits_of = |byte| block.bits_of(byte).unbounded_shr(before);
            // The end of the line ends a column as a comma does.
            let end = if rest.len() < BLOCK { 1 << rest.len() } else { 0 };
            let mut commas = bits_of(b',') | end;
            unusual |= block.is_unusual();
            if !quotes.in_order(bits_of(b'"'), commas) {
                return false;
            }
            let starts = commas << 1 | begins;
            let zeros = bits_of(b'0') & starts;
            let (blank, zero) = (commas & starts, commas & (zeros << 1 | after_zero));
            (begins, after_zero) = (commas >> 63, zeros >> 63);
            while commas != 0 {
                let comma = commas & commas.wrapping_neg();
                // Without branches: whether a value is blank cannot be foretold. The columns come in at the top and move down.
                trifles.blanks = trifles.blanks >> 1 | u64::from(blank & comma != 0) << 63;
                trifles.zeros = trifles.zeros >> 1 | u64::from(zero & comma != 0) << 63;
                count += 1;
                let Some(place) = self.starts.get_mut(count) else { return false };
                *place = at as u32 + commas.trailing_zeros() + 1;
                commas &= commas - 1;
            }
        }
        self.count = count;
        self.is_plain = !unusual;
        let above = 64_u32.checked_sub(count as u32);
        self.trifles = above.map_or(Trifles::default(), |above| Trifles {
            blanks: trifles.blanks.unbounded_shr(above),
            zeros: trifles.zeros.unbounded_shr(above),
        });
        !quotes.open
    }

    /// Returns the number of columns.
    pub fn count(&self) -> usize {
        if self.is_careful { self.careful.len() } else { self.count }
    }

    /// Returns whether no byte of the line that was split needs a closer look; see [`Block::is_unusual`].
    pub const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Returns whether the line that was split is ASCII.
    pub fn is_ascii(&self, line: Line<'_>) -> bool {
        self.is_plain || line.bytes.is_ascii()
    }

    /// Returns which columns are blank or a bare zero.
    pub const fn trifles(&self) -> Trifles {
        self.trifles
    }

    /// Returns where the value of column `index`, from 0, stands in the line that was split.
    pub fn span(&self, bytes: &[u8], index: usize) -> Option<Span> {
        if self.is_careful {
            return self.careful.get(index).copied();
        }
        if index >= self.count {
            return None;
        }
        let (start, end) = (*self.starts.get(index)?, *self.starts.get(index + 1)? - 1);
        let quoted = bytes.get(start as usize) == Some(&b'"');
        Some(Span {
            start: start + u32::from(quoted),
            end: end - u32::from(quoted),
            quoted,
            doubled: false,
            odd: false,
        })
    }

    /// Returns where each value stands.
    pub fn spans<'c>(&'c self, bytes: &'c [u8]) -> impl Iterator<Item = Span> + 'c {
        (0..self.count()).map_while(move |index| self.span(bytes, index))
    }

    /// Returns column `index`, from 0, without its quotes; empty beyond the last.
    pub fn column<'l>(&self, bytes: &'l [u8], index: usize) -> &'l [u8] {
        self.span(bytes, index).and_then(|span| bytes.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }
}

/// What the quotes of a line have shown so far.
#[derive(Debug)]
struct Quotes {
    open: bool,
    /// The byte before the block was a comma, or there was none.
    after_comma: bool,
    /// The byte before the block was a closing quote: a comma must follow.
    closed: bool,
}

impl Default for Quotes {
    fn default() -> Self {
        Self { open: false, after_comma: true, closed: false }
    }
}

impl Quotes {
    /// Goes on to the next block of the line, given its quotes and its commas（the end of the line counted as one）. Returns
    /// whether every quote so far opens a value that was begun with it, or closes one without a comma or a quote inside.
    const fn in_order(&mut self, mut quotes: u64, commas: u64) -> bool {
        if self.closed && commas & 1 == 0 {
            return false;
        }
        self.closed = false;
        // Bits of the value that is open, from the quote on.
        let mut inside = if self.open { u64::MAX } else { 0 };
        while quotes != 0 {
            let quote = quotes & quotes.wrapping_neg();
            quotes &= quotes - 1;
            if self.open {
                let followed = (quote << 1) & commas != 0;
                self.closed = quote >> 63 == 1;
                if inside & (quote - 1) & commas != 0 || !(followed || self.closed) {
                    return false;
                }
                inside = 0;
            } else {
                if !((quote >> 1) & commas != 0 || quote == 1 && self.after_comma) {
                    return false;
                }
                inside = !(quote - 1);
            }
            self.open = !self.open;
        }
        self.after_comma = commas >> 63 == 1;
        inside & commas == 0
    }
}

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// A stretch of a line, in vectors of sixteen bytes.
struct Block([u8x16; 4]);

impl Block {
    /// Takes the first bytes of `rest`, which is what is left of `line`. Where fewer than a block are left, the last ones of
    /// the line are taken, and the number of those that lie before `rest` is told too; a line that is shorter than a block is
    /// filled up with `0`.
    fn of(line: &[u8], rest: &[u8]) -> (Self, u32) {
        let short;
        let (bytes, before) = if let Some(first) = rest.first_chunk::<BLOCK>() {
            (first, 0)
        } else if let Some(last) = line.last_chunk::<BLOCK>() {
            (last, (BLOCK - rest.len()) as u32)
        } else {
            let mut filled = [b'0'; BLOCK];
            filled.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            short = filled;
            (&short, 0)
        };
        let (sixteens, _) = bytes.as_chunks();
        (Self(std::array::from_fn(|at| sixteens.get(at).copied().map_or(u8x16::ZERO, u8x16::from))), before)
    }

    /// Returns one bit for each byte that is `byte`, the first byte being the lowest bit.
    fn bits_of(&self, byte: u8) -> u64 {
        let wanted = u8x16::splat(byte);
        self.0.iter().rev().fold(0, |bits, part| bits << 16 | u64::from(part.simd_eq(wanted).to_bitmask()))
    }

    /// Returns whether a byte needs a closer look: control characters, `'`, small letters, everything beyond ASCII.
    fn is_unusual(&self) -> bool {
        let is = |part: u8x16| {
            part.simd_lt(u8x16::splat(0x20))
                | part.simd_eq(u8x16::splat(b'\''))
                | part.simd_ge(u8x16::splat(0x7F))
                | (part - u8x16::splat(b'a')).simd_lt(u8x16::splat(26))
        };
        self.0.iter().fold(u8x16::ZERO, |found, part| found | is(*part)).to_bitmask() != 0
    }
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
        Line { bytes, number: 2, offset: 0, end: LineEnd::CrLf }
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
        fn the_quick_way_splits_as_the_careful_one(bytes in "[0-9A-Z\",,,00\u{82}\u{AC}]{0,150}") {
            let (mut quick, mut careful) = (Columns::default(), Vec::new());
            let bytes = bytes.as_bytes();
            proptest::prop_assert!(quick.split(line(bytes)).is_ok());
            if !quick.is_careful {
                proptest::prop_assert_eq!(split_with_care(line(bytes), &mut careful), Ok(true));
                proptest::prop_assert_eq!(quick.spans(bytes).collect::<Vec<_>>(), careful);
            }
            if !quick.is_careful {
                let Trifles { blanks, zeros } = quick.trifles();
                let named = if quick.count() <= 64 { quick.count() } else { 0 };
                for index in 0..named {
                    let raw = bytes.split(|byte| *byte == b',').nth(index);
                    proptest::prop_assert_eq!(blanks >> index & 1 == 1, raw == Some(&b""[..]));
                    proptest::prop_assert_eq!(zeros >> index & 1 == 1, raw == Some(&b"0"[..]));
                }
            }
        }
    }
}
