use calendar::Month;
use encoding_rs::SHIFT_JIS;

/// Writes one notice file: control record, data records, end record, Shift_JIS, CRLF (rules.md F1 to F9).
pub(crate) struct FileWriter {
    data: Vec<u8>,
    rows: u64,
}

impl FileWriter {
    pub fn new() -> Self {
        Self { data: Vec::new(), rows: 0 }
    }

    /// Adds a data record.
    pub fn push(&mut self, row: &Row) {
        self.rows += 1;
        // The control record is number 1.
        self.data.extend_from_slice(format!("2,{}", self.rows + 1).as_bytes());
        self.data.extend_from_slice(&row.0);
        self.data.extend_from_slice(b"\r\n");
    }

    /// Returns the whole file. `data_type` is データ種別, for example `741`.
    pub fn finish(self, data_type: &str, office: &str, month: Month) -> Vec<u8> {
        let mut file =
            format!("1,1,0,{},{data_type},0,0,{office},0,7,{},0\r\n", self.rows, month.compact()).into_bytes();
        file.extend_from_slice(&self.data);
        file.extend_from_slice(format!("3,{}\r\n", self.rows + 2).as_bytes());
        file
    }
}

/// The items of a data record, without record kind and record number.
pub(crate) struct Row(Vec<u8>);

impl Row {
    /// Begins a record with its 交換情報識別番号 and 帳票レコード種別.
    pub fn new(exchange_id: &str, kind: &str) -> Self {
        Self(Vec::new()).text(exchange_id, 4).text(kind, 2)
    }

    /// Adds a number, a date or a code, without quotes.
    pub fn bare(mut self, value: &str) -> Self {
        self.0.push(b',');
        self.0.extend_from_slice(&fit(value, usize::MAX));
        self
    }

    pub fn number(self, value: i64) -> Self {
        self.bare(&value.to_string())
    }

    pub fn numbers(self, values: &[i64]) -> Self {
        values.iter().fold(self, |row, value| row.number(*value))
    }

    pub fn month(self, month: Month) -> Self {
        self.bare(&month.compact())
    }

    pub fn blank(self) -> Self {
        self.bare("")
    }

    /// Adds a quoted item of at most `max` bytes (数字・英数 type X).
    pub fn text(mut self, value: &str, max: usize) -> Self {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(&fit(&value.replace('"', "”"), max));
        self.0.push(b'"');
        self
    }

    /// Adds a quoted item of at most `max` bytes in full-width characters (漢字 type N).
    pub fn wide(self, value: &str, max: usize) -> Self {
        self.text(&full_width(value), max)
    }
}

/// Encodes text in Shift_JIS and cuts it after the last character that fits into `max` bytes. A character that the
/// encoding lacks becomes the geta mark, as 国保連 prints it.
fn fit(text: &str, max: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        let mut buffer = [0; 4];
        let (encoded, _, unknown) = SHIFT_JIS.encode(character.encode_utf8(&mut buffer));
        let encoded: &[u8] = if unknown { &[0x81, 0xac] } else { &encoded };
        if bytes.len() + encoded.len() > max {
            break;
        }
        bytes.extend_from_slice(encoded);
    }
    bytes
}

/// Turns half-width ASCII characters into full-width ones.
pub(crate) fn full_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            ' ' => '\u{3000}',
            '!'..='~' => char::from_u32(character as u32 + 0xfee0).unwrap_or(character),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(fit("架空市", 5), SHIFT_JIS.encode("架空").0.as_ref());
        assert_eq!(fit("ｱ空", 2), [0xb1]);
    }

    #[test]
    fn marks_what_the_encoding_lacks() {
        assert_eq!(fit("𠮷田", 40), SHIFT_JIS.encode("〓田").0.as_ref());
    }

    #[test]
    fn widens_ascii() {
        assert_eq!(full_width("12PA ｱ"), "１２ＰＡ　ｱ");
    }

    #[test]
    fn counts_its_rows() {
        let mut file = FileWriter::new();
        file.push(&Row::new("7411", "H1").number(-5).blank().wide("A市", 40));
        let bytes = file.finish("741", "9970000015", "2026-06".parse().unwrap());
        let (text, _, _) = SHIFT_JIS.decode(&bytes);
        assert_eq!(text, "1,1,0,1,741,0,0,9970000015,0,7,202606,0\r\n2,2,\"7411\",\"H1\",-5,,\"Ａ市\"\r\n3,3\r\n");
    }
}
