use std::sync::LazyLock;

use printpdf::ParsedFont;
use ttf_parser::Face;

use crate::PaperError;

const BYTES: &[u8] = include_bytes!("../fonts/BIZUDGothic-Regular.ttf");

static FONT: LazyLock<Option<Font>> = LazyLock::new(Font::load);

/// The one font of all papers: BIZ UDGothic, whose figures all have one width.
pub(crate) struct Font {
    face: Face<'static>,
    /// Font units in one em.
    units: f32,
    /// The same font as the PDF writer wants it.
    pub parsed: ParsedFont,
}

impl Font {
    /// Returns the font; it is read once for the whole program.
    pub fn get() -> Result<&'static Self, PaperError> {
        FONT.as_ref().ok_or(PaperError::Font)
    }

    fn load() -> Option<Self> {
        let face = Face::parse(BYTES, 0).ok()?;
        let parsed = ParsedFont::from_bytes(BYTES, 0, &mut Vec::new())?;
        Some(Self { units: f32::from(face.units_per_em()), face, parsed })
    }

    /// Returns the width of `character` in em, or `None` when the font lacks it.
    fn advance(&self, character: char) -> Option<f32> {
        let glyph = self.face.glyph_index(character).filter(|glyph| glyph.0 != 0)?;
        Some(f32::from(self.face.glyph_hor_advance(glyph)?) / self.units)
    }

    /// Verifies that every character of `text` can be printed. Line breaks need no glyph.
    pub fn check(&self, text: &str, place: impl FnOnce() -> String) -> Result<(), PaperError> {
        match text.chars().find(|c| *c != '\n' && self.advance(*c).is_none()) {
            Some(character) => Err(PaperError::MissingCharacter { character, place: place() }),
            None => Ok(()),
        }
    }

    /// Returns the width of `text` on one line, in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().filter_map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// Breaks `text` into lines no wider than `width` points.
    ///
    /// Japanese breaks between any two characters but never before what closes or after what opens（行頭・行末禁則）;
    /// Latin words and figures stay whole unless one alone is wider than the line.
    pub fn wrap(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        text.split('\n').flat_map(|paragraph| self.wrap_paragraph(paragraph, size, width)).collect()
    }

    /// Returns the width of the widest part of `text` that no line break divides, in points.
    pub fn widest_part(&self, text: &str, size: f32) -> f32 {
        let (mut widest, mut part, mut before) = (0.0_f32, 0.0, '\n');
        for c in text.chars() {
            if before == '\n' || before == ' ' || may_break(before, c) {
                part = 0.0;
            }
            part += self.advance(c).unwrap_or_default() * size;
            widest = widest.max(part);
            before = c;
        }
        widest
    }

    fn wrap_paragraph(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let mut lines = Vec::new();
        let mut start = 0;
        while start < chars.len() {
            let mut used = 0.0;
            let mut end = start;
            while let Some(c) = chars.get(end) {
                used += self.advance(*c).unwrap_or_default() * size;
                // Half a thousandth of a point is rounding, not overflow.
                if used > width + 0.0005 && end > start {
                    break;
                }
                end += 1;
            }
            let next = if end == chars.len() {
                end
            } else {
                (start + 1..=end).rev().find(|at| may_break(chars[at - 1], chars[*at])).unwrap_or(end)
            };
            let line: String = chars[start..next].iter().collect();
            lines.push(line.trim_end().to_owned());
            start = next;
            while chars.get(start) == Some(&' ') {
                start += 1;
            }
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }
}

/// Returns whether a line may end between two neighbours.
fn may_break(before: char, after: char) -> bool {
    const NEVER_FIRST: &str =
        "、。，．・：；？！ー）」』】〕〉》ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々,.:;?!)]}%％";
    const UNITS: &str = "年月日件円回人%％";
    const NEVER_LAST: &str = "（「『【〔〈《([{¥";
    let word = |c: char| c.is_ascii_graphic();
    let unit = before.is_ascii_digit() && UNITS.contains(after);
    !(NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) || (word(before) && word(after)) || unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, em: f32, expected: &[&str]) {
        assert_eq!(Font::get().unwrap().wrap(text, 10.0, em * 10.0), expected, "text {text:?} in {em} em");
    }

    #[test]
    fn breaks_japanese_anywhere_but_not_before_what_closes() {
        check("あいうえおかき", 3.0, &["あいう", "えおか", "き"]);
        check("あいう。えお", 3.0, &["あい", "う。え", "お"]);
        check("あい「うえ」", 3.0, &["あい", "「う", "え」"]);
        check("あい（うえ）お", 4.0, &["あい（う", "え）お"]);
    }

    #[test]
    fn keeps_words_and_figures_whole() {
        check("金額は 214,488円です", 6.0, &["金額は", "214,488円で", "す"]);
        check("令和8年5月分", 4.0, &["令和8年", "5月分"]);
        check("令和8年5月", 2.5, &["令和", "8年", "5月"]);
        check("abcdefghij", 3.0, &["abcdef", "ghij"]);
    }

    #[test]
    fn knows_the_widest_part_that_stays_whole() {
        let font = Font::get().unwrap();
        assert_eq!(
            ["0000000001", "令和8年5月", "ヤマダ ハナコ", "", "a\nbcd"]
                .map(|text| font.widest_part(text, 2.0).round() as i32),
            [10, 3, 2, 0, 3]
        );
    }

    #[test]
    fn keeps_line_breaks_and_empty_texts() {
        check("一\n\n二", 5.0, &["一", "", "二"]);
        check("", 5.0, &[""]);
    }

    /// Whatever a file of the field can hold can be printed: all of Windows-31J that 国保連 files are written in.
    #[test]
    fn has_every_character_that_a_claim_file_can_hold() {
        let font = Font::get().unwrap();
        let mut missing = Vec::new();
        for lead in (0x20..=0x7e_u8).chain(0xa1..=0xdf) {
            collect(font, &[lead], &mut missing);
        }
        for lead in (0x81..=0x9f_u8).chain(0xe0..=0xfc) {
            for trail in (0x40..=0x7e_u8).chain(0x80..=0xfc) {
                collect(font, &[lead, trail], &mut missing);
            }
        }
        assert_eq!(missing, [' '; 0]);
    }

    fn collect(font: &Font, bytes: &[u8], missing: &mut Vec<char>) {
        let Some(text) = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) else {
            return;
        };
        // The private use area is for characters that each computer defines for itself（外字）.
        missing.extend(text.chars().filter(|c| !('\u{e000}'..='\u{f8ff}').contains(c) && font.advance(*c).is_none()));
    }

    #[test]
    fn names_what_it_lacks() {
        let error = Font::get().unwrap().check("田中😀", || "氏名".to_owned()).unwrap_err();
        assert_eq!(error, PaperError::MissingCharacter { character: '😀', place: "氏名".to_owned() });
        assert_eq!(error.to_string(), "the font lacks U+1F600, needed for 氏名");
    }

    proptest::proptest! {
        #[test]
        fn wrapping_loses_nothing_but_blanks(text in "[ a-z0-9,。、（）あ-ん一二三\n]{0,60}", em in 1.0_f32..20.0) {
            let font = Font::get().unwrap();
            let lines = font.wrap(&text, 9.0, em * 9.0);
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(bare(&lines.concat()), bare(&text));
            for line in lines {
                proptest::prop_assert!(font.width(&line, 9.0) <= em * 9.0 + 0.001, "{line:?} is wider than {em} em");
            }
        }
    }
}
