use std::borrow::Cow;

use crate::layout::{self, Layout};
use crate::line::{self, Columns, Line, Span, Trifles};

use super::findings::At;

/// Figures beyond this are no amounts of a claim; the bound keeps every sum inside an `i64`.
const MAX_FIGURE: i64 = 1_000_000_000_000;

/// Remembers the layouts of the record kinds met so far: a file repeats a handful of them a million times.
#[derive(Debug, Default)]
pub(super) struct LayoutCache {
    entries: [(u64, Option<&'static Layout>); 32],
}

impl LayoutCache {
    fn find(&mut self, exchange_id: &[u8], second: &[u8], count: usize) -> Option<&'static Layout> {
        let kind = if second.len() == 2 { u64::from(u16::from_le_bytes(pack(second))) } else { 0 };
        // Only 7411 has editions that differ in their number of items.
        if exchange_id.len() != 4 || exchange_id == b"7411" {
            return layout::of_row(exchange_id, second, count);
        }
        let key = u64::from(u32::from_le_bytes(pack(exchange_id))) | kind << 32;
        // Fibonacci hashing: the upper five bits of the product choose the entry.
        let at = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 59) as usize;
        match self.entries.get_mut(at) {
            Some((known, layout)) if *known == key => *layout,
            Some(entry) => {
                *entry = (key, layout::of_row(exchange_id, second, count));
                entry.1
            }
            None => layout::of_row(exchange_id, second, count),
        }
    }
}

/// A data row on its raw bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowRef<'a> {
    pub line: Line<'a>,
    columns: &'a Columns,
    pub layout: Option<&'static Layout>,
}

impl<'a> RowRef<'a> {
    pub fn new(line: Line<'a>, columns: &'a Columns, layouts: &mut LayoutCache) -> Self {
        let mut row = Self { line, columns, layout: None };
        row.layout = layouts.find(row.item(1), row.item(2), row.items());
        row
    }

    /// Number of items, without the two leading columns.
    pub fn items(&self) -> usize {
        self.columns.count().saturating_sub(2)
    }

    pub fn span(&self, no: usize) -> Option<Span> {
        if no == 0 { None } else { self.columns.span(self.line.bytes, no + 1) }
    }

    /// Returns the number of the first item whose quotes are not in order; 0 when there is none.
    pub fn odd_item(&self) -> usize {
        self.columns.spans(self.line.bytes).position(|span| span.odd).map_or(0, |index| index.saturating_sub(1))
    }

    /// Returns whether no byte of the row needs a closer look.
    pub fn is_plain(&self) -> bool {
        self.columns.is_plain()
    }

    /// Returns the items that are blank or a bare zero: bit `no` for item `no`.
    pub fn trifles(&self) -> Trifles {
        // Item 1 stands in the third column.
        let Trifles { blanks, zeros } = self.columns.trifles();
        Trifles { blanks: blanks >> 1, zeros: zeros >> 1 }
    }

    /// Returns the bytes of the line from item `first` to item `last`, commas and quotes between them included.
    pub fn stretch(&self, first: usize, last: usize) -> &'a [u8] {
        match (self.span(first), self.span(last)) {
            (Some(first), Some(last)) => {
                self.line.bytes.get(first.start as usize..last.end as usize).unwrap_or_default()
            }
            _ => b"",
        }
    }

    /// Returns item `no`, from 1, as it stands; doubled quotes are not undone, which only matters for texts.
    pub fn item(&self, no: usize) -> &'a [u8] {
        if no == 0 { b"" } else { self.columns.column(self.line.bytes, no + 1) }
    }

    pub fn value(&self, no: usize) -> Cow<'a, [u8]> {
        self.span(no).map_or(Cow::Borrowed(b""), |span| line::value(self.line.bytes, span))
    }

    /// Returns item `no` as a figure; 0 when it is blank or none.
    pub fn number(&self, no: usize) -> i64 {
        number(self.item(no))
    }

    /// Returns the value at `span` as [`figure`] does.
    pub fn figure(&self, span: Span, signed: bool) -> Option<i64> {
        let (start, end) = (span.start as usize, span.end as usize);
        // Up to eight digits at once; the bytes before them in the line are masked out.
        let digits = end.saturating_sub(start);
        if let Some(eight) = self.line.bytes.get(..end).and_then(|before| before.last_chunk())
            && (1..=8).contains(&digits)
            && let Some(figure) = eight_digits(u64::from_le_bytes(*eight), digits)
        {
            return Some(figure);
        }
        figure(self.line.bytes.get(start..end).unwrap_or_default(), signed)
    }

    /// Returns whether item `no` is blank or all zeros, which mean the same in codes and dates (V3).
    pub fn omitted(&self, no: usize) -> bool {
        self.item(no).iter().all(|byte| *byte == b'0')
    }

    pub fn at(&self, item: usize) -> At<'a> {
        let insured = self.layout.map_or(&b""[..], |layout| self.item(layout.insured));
        At { line: self.line.number, layout: self.layout, item, insured }
    }
}

/// Figures of the items of a row, 0 for what is blank or none. Those of its key（items 1 to 6）may be of an earlier row.
#[derive(Debug, Clone)]
pub(super) struct Figures([i64; Self::MOST]);

impl Figures {
    /// The widest record has 56 items.
    const MOST: usize = 64;

    /// Returns the figure of item `no`, from 1.
    pub fn of(&self, no: usize) -> i64 {
        self.0.get(no).copied().unwrap_or(0)
    }

    /// Returns the figures by item number, up to `N` − 1.
    pub fn by_number<const N: usize>(&self) -> [i64; N] {
        let mut figures = [0; N];
        for (to, from) in figures.iter_mut().zip(&self.0) {
            *to = *from;
        }
        figures
    }

    /// Makes the figures from item `first` on 0.
    pub fn clear_from(&mut self, first: usize) {
        self.0.get_mut(first..).unwrap_or_default().fill(0);
    }

    /// Sets the figure of item `no`, from 1.
    pub fn set(&mut self, no: usize, figure: i64) {
        if let Some(place) = self.0.get_mut(no) {
            *place = figure;
        }
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self([0; Self::MOST])
    }
}

/// Reads a figure; 0 for a blank, for no number and for what no claim can hold.
pub(super) fn number(bytes: &[u8]) -> i64 {
    figure(bytes, true).unwrap_or(0)
}

/// Reads a whole number with an optional minus sign where `signed`; `None` when it is none. 0 for what no claim can hold.
pub(super) fn figure(bytes: &[u8], signed: bool) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] if signed => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    // Thirteen digits are more than any figure has and less than an `i64` holds; longer ones are none at all.
    let (mut figure, in_range) = (0_i64, digits.len() <= 13);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        figure = figure.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    Some(match figure {
        figure if !in_range || figure > MAX_FIGURE => 0,
        figure if negative => -figure,
        figure => figure,
    })
}

/// Reads the last `digits`, 1 to 8, of eight bytes in the order of the line; `None` when one is no digit.
pub(super) const fn eight_digits(bytes: u64, digits: usize) -> Option<i64> {
    const TENS: u64 = 0x3030_3030_3030_3030;
    let others = 64 - 8 * digits as u32;
    // What is not asked for becomes a leading zero.
    let values = ((bytes ^ TENS) >> others) << others;
    // A digit has four bits and, with six added, still no fifth.
    if (values | values.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 != 0 {
        return None;
    }
    // Neighbours are joined: digits to pairs, pairs to fours, fours to eight.
    let pairs = (values.wrapping_mul(10) + (values >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    let eight = (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xFFFF_FFFF;
    Some(eight as i64)
}

/// Returns ⌊units × price ÷ 100⌋ yen, the price being in hundredths of a yen.
pub(super) fn cost(units: i64, price: i64) -> i64 {
    units.saturating_mul(price).div_euclid(100).clamp(-MAX_FIGURE, MAX_FIGURE)
}

/// Returns ⌊amount × percent ÷ 100⌋.
pub(super) fn percent(amount: i64, percent: i64) -> i64 {
    cost(amount, percent)
}

/// Returns the first `N` bytes, filled up with zero bytes: a key that needs no allocation.
pub(super) fn pack<const N: usize>(bytes: &[u8]) -> [u8; N] {
    if let Some(whole) = bytes.first_chunk() {
        return *whole;
    }
    let mut packed = [0; N];
    for (to, from) in packed.iter_mut().zip(bytes) {
        *to = *from;
    }
    packed
}

/// Returns the bytes that [`pack`] was given, if they fitted.
pub(super) fn unpack(packed: &[u8]) -> &[u8] {
    let length = packed.iter().position(|byte| *byte == 0).unwrap_or(packed.len());
    packed.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_figures() {
        let figures = [&b""[..], b"0", b"00012", b"-5", b"+5", b"1a", b"-", b"999999999999999999999999"].map(number);
        assert_eq!(figures, [0, 0, 12, -5, 0, 0, 0, 0]);
    }

    #[test]
    fn knows_what_is_no_figure() {
        for (text, signed, expected) in [
            ("12", false, true),
            ("-12", true, true),
            ("-12", false, false),
            ("+1", true, false),
            ("-", true, false),
            ("1.5", true, false),
            ("", true, false),
        ] {
            assert_eq!(figure(text.as_bytes(), signed).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn reads_eight_digits_at_once() {
        for digits in 1..=8 {
            for text in ["12345678", "00000000", "99999999", "00000001", "10203040"] {
                let bytes = u64::from_le_bytes(text.as_bytes().try_into().unwrap());
                assert_eq!(eight_digits(bytes, digits), text[8 - digits..].parse().ok(), "{digits} of {text}");
            }
            for other in 0..=255_u8 {
                for at in 0..8 {
                    let mut text = *b"55555555";
                    text[at] = other;
                    let expected = std::str::from_utf8(&text[8 - digits..])
                        .ok()
                        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
                        .and_then(|text| text.parse().ok());
                    assert_eq!(eight_digits(u64::from_le_bytes(text), digits), expected, "{digits} of {text:?}");
                }
            }
        }
    }

    #[test]
    fn truncates_each_step() {
        assert_eq!((cost(8736, 1045), percent(91_291, 70), cost(i64::MAX, i64::MAX)), (91_291, 63_903, MAX_FIGURE));
    }

    #[test]
    fn packs_what_fits() {
        assert_eq!(unpack(&pack::<4>(b"ab")), b"ab");
        assert_eq!(unpack(&pack::<4>(b"abcdef")), b"abcd");
    }
}
