use std::borrow::Cow;

use crate::layout::{self, Layout};
use crate::line::{self, Line, Span};

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
        let kind = if second.len() == 2 { second } else { b"" };
        let mut packed = [0; 8];
        for (to, from) in packed.iter_mut().zip(exchange_id.iter().chain(kind)) {
            *to = *from;
        }
        // Only 7411 has editions that differ in their number of items.
        if exchange_id.len() != 4 || exchange_id == b"7411" {
            return layout::of_row(exchange_id, second, count);
        }
        let key = u64::from_le_bytes(packed);
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
    spans: &'a [Span],
    pub layout: Option<&'static Layout>,
}

impl<'a> RowRef<'a> {
    pub fn new(line: Line<'a>, spans: &'a [Span], layouts: &mut LayoutCache) -> Self {
        let mut row = Self { line, spans, layout: None };
        row.layout = layouts.find(row.item(1), row.item(2), row.items());
        row
    }

    /// Number of items, without the two leading columns.
    pub fn items(&self) -> usize {
        self.spans.len().saturating_sub(2)
    }

    pub fn span(&self, no: usize) -> Option<Span> {
        self.spans.get(no + 1).copied().filter(|_| no > 0)
    }

    /// Returns the number of the first item whose quotes are not in order; 0 when there is none.
    pub fn odd_item(&self) -> usize {
        self.spans.iter().position(|span| span.odd).map_or(0, |index| index.saturating_sub(1))
    }

    /// Returns the items from number `first` on, as they stand.
    pub fn items_from(&self, first: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.line.bytes;
        self.spans.get(first + 1..).unwrap_or_default().iter().map(move |span| bytes.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    /// Returns the bytes of the line from item `first` to item `last`, commas and quotes between them included.
    pub fn stretch(&self, first: usize, last: usize) -> &'a [u8] {
        match (self.span(first), self.span(last)) {
            (Some(first), Some(last)) => self.line.bytes.get(first.start as usize..last.end as usize).unwrap_or_default(),
            _ => b"",
        }
    }

    /// Returns item `no`, from 1, as it stands; doubled quotes are not undone, which only matters for texts.
    pub fn item(&self, no: usize) -> &'a [u8] {
        self.span(no).map_or(b"", |span| self.line.bytes.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    pub fn value(&self, no: usize) -> Cow<'a, [u8]> {
        self.span(no).map_or(Cow::Borrowed(b""), |span| line::value(self.line.bytes, span))
    }

    /// Returns item `no` as a figure; 0 when it is blank or none.
    pub fn number(&self, no: usize) -> i64 {
        number(self.item(no))
    }

    /// Returns whether item `no` is blank or all zeros, which mean the same in codes and dates (V3).
    pub fn omitted(&self, no: usize) -> bool {
        self.item(no).iter().all(|byte| *byte == b'0')
    }

    pub fn at(&self, item: usize) -> At<'a> {
        let insured = self.layout.map_or(&b""[..], |layout| self.item(layout.insured));
        At { line: self.line.number, layout: self.layout, item, insured }
    }

    /// Returns the figures of the items from number `first` on, by number.
    pub fn figures<const N: usize>(&self, first: usize) -> [i64; N] {
        let mut figures = [0; N];
        for (bytes, figure) in self.items_from(first).zip(figures.get_mut(first..).unwrap_or_default()) {
            if !matches!(bytes, [] | [b'0']) {
                *figure = number(bytes);
            }
        }
        figures
    }
}

/// Reads a figure; 0 for a blank, for no number and for what no claim can hold.
pub(super) fn number(bytes: &[u8]) -> i64 {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut figure: i64 = 0;
    for byte in digits {
        if !byte.is_ascii_digit() || figure > MAX_FIGURE {
            return 0;
        }
        figure = figure * 10 + i64::from(byte - b'0');
    }
    if figure > MAX_FIGURE {
        0
    } else if negative {
        -figure
    } else {
        figure
    }
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
    fn truncates_each_step() {
        assert_eq!((cost(8736, 1045), percent(91_291, 70), cost(i64::MAX, i64::MAX)), (91_291, 63_903, MAX_FIGURE));
    }

    #[test]
    fn packs_what_fits() {
        assert_eq!(unpack(&pack::<4>(b"ab")), b"ab");
        assert_eq!(unpack(&pack::<4>(b"abcdef")), b"abcd");
    }
}
