use std::ops::Range;

use calendar::Month;

use crate::interchange::{self, Row};
use crate::layout;
use crate::line::{Columns, Line, LineSplitter};
use crate::{Claim, InsuredNumber, InsurerNumber, NotInterchange, OfficeNumber, claims};

/// What a [`Section`] of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// The control record.
    Control,
    /// 請求書, 総括票: totals that name no person.
    Totals,
    /// One statement（明細書）or 給付管理票 of one person.
    Person,
    /// Rows of a kind that is not known, and of notices.
    Other,
    /// The end record.
    End,
}

/// A run of rows of a file that belong together, found without keeping the file's values in memory.
///
/// The sections of a file stand one after the other and leave no row out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// 交換情報識別番号; empty for the control and the end record.
    pub exchange_id: String,
    /// サービス提供年月 as it stands in the first row, `YYYYMM` when it is in order; empty where the kind has none.
    pub service_month: String,
    /// 事業所番号 of the first row.
    pub office: OfficeNumber,
    /// 証記載保険者番号; of a section without a person it says nothing.
    pub insurer: InsurerNumber,
    /// 被保険者番号; `None` for sections without a person.
    pub insured: Option<InsuredNumber>,
    /// Its lines in the file, from 1.
    pub lines: Range<u64>,
    /// Where its bytes stand in the file.
    pub bytes: Range<usize>,
}

impl Section {
    /// Reads its rows out of the file that it was found in.
    ///
    /// # Errors
    ///
    /// Refuses lines and characters that [`crate::read`] refuses.
    pub fn rows(&self, file: &[u8]) -> Result<Vec<Row>, NotInterchange> {
        interchange::read_part(file.get(self.bytes.clone()).unwrap_or_default(), self.lines.start)
    }

    /// Makes a claim of its rows; `None` for other sections and for a person whose service month is none.
    ///
    /// # Errors
    ///
    /// As [`Section::rows`].
    pub fn claim(&self, file: &[u8], processing_month: Month) -> Result<Option<Claim>, NotInterchange> {
        if self.kind != SectionKind::Person {
            return Ok(None);
        }
        Ok(claims::of_rows(&self.rows(file)?, processing_month).into_iter().next())
    }
}

/// Finds the sections of a file: one pass over the bytes that keeps nothing but where each begins.
///
/// A statement begins with its record 01; rows that differ from it in one part of the key alone are taken for a slip of
/// the hand and stay with it, so that a person's rows are shown together even where one of them is wrong.
///
/// # Errors
///
/// Refuses lines that [`crate::read`] refuses. What is no interchange file gives sections of [`SectionKind::Other`].
pub fn sections(file: &[u8]) -> Result<Vec<Section>, NotInterchange> {
    let mut found = Finder::default();
    let mut columns = Columns::default();
    let mut take = |line: Line<'_>| {
        if !line.is_blank() {
            columns.split(line)?;
            found.line(line, &columns);
        }
        Ok(())
    };
    let mut splitter = LineSplitter::default();
    splitter.push(file, &mut take)?;
    splitter.finish(&mut take)?;
    found.close(file.len());
    Ok(found.sections)
}

/// The parts of a row by which rows are told to belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Key {
    exchange_id: Vec<u8>,
    month: Vec<u8>,
    office: Vec<u8>,
    insurer: Vec<u8>,
    insured: Vec<u8>,
}

impl Key {
    fn differences(&self, other: &Self) -> usize {
        usize::from(self.month != other.month)
            + usize::from(self.office != other.office)
            + usize::from(self.insurer != other.insurer)
            + usize::from(self.insured != other.insured)
    }
}

#[derive(Debug, Default)]
struct Finder {
    sections: Vec<Section>,
    open: Key,
    last_line: u64,
}

impl Finder {
    fn line(&mut self, line: Line<'_>, columns: &Columns) {
        let column = |index: usize| columns.column(line.bytes, index);
        let (kind, key) = match column(0) {
            b"1" => (SectionKind::Control, Key { office: column(7).to_vec(), ..Key::default() }),
            b"3" => (SectionKind::End, Key::default()),
            _ => Self::data(&column, columns.count()),
        };
        let continues = self.sections.last().is_some_and(|section| {
            section.kind == kind
                && self.open.exchange_id == key.exchange_id
                && match kind {
                    SectionKind::Control | SectionKind::End => false,
                    SectionKind::Totals | SectionKind::Other => self.open.month == key.month,
                    // Only 71xx statements have a record that begins them.
                    SectionKind::Person if key.exchange_id.starts_with(b"71") => {
                        column(3) != b"01" && self.open.differences(&key) <= 1
                    }
                    SectionKind::Person => self.open == key,
                }
        });
        if !continues {
            self.begin(kind, key, line);
        }
        self.last_line = line.number;
    }

    /// Tells kind and key of a data row.
    fn data<'l>(column: &impl Fn(usize) -> &'l [u8], count: usize) -> (SectionKind, Key) {
        let exchange_id = column(2).to_vec();
        let Some(layout) = layout::of_row(column(2), column(3), count.saturating_sub(2)) else {
            return (SectionKind::Other, Key { exchange_id, ..Key::default() });
        };
        // Item `no` stands in column `no + 1`, counted from 0; 0 means that the record has none.
        let item = |no: usize| if no == 0 { Vec::new() } else { column(no + 1).to_vec() };
        let key = Key {
            month: item(layout.service_month),
            office: item(layout.office),
            insurer: item(layout.insurer),
            insured: item(layout.insured),
            exchange_id,
        };
        let kind = match layout.exchange_id.as_bytes() {
            [b'7', b'1', b'B', _] => SectionKind::Other,
            [b'7' | b'8', b'1', ..] | [b'8', b'2', ..] if layout.insured > 0 => SectionKind::Person,
            [b'7' | b'8', b'1', ..] | [b'8', b'2', ..] => SectionKind::Totals,
            _ => SectionKind::Other,
        };
        (kind, key)
    }

    fn begin(&mut self, kind: SectionKind, key: Key, line: Line<'_>) {
        self.close(line.offset as usize);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        self.sections.push(Section {
            kind,
            exchange_id: text(&key.exchange_id),
            service_month: text(&key.month),
            office: OfficeNumber::from_file(&text(&key.office)),
            insurer: InsurerNumber::from_file(&text(&key.insurer)),
            insured: (kind == SectionKind::Person).then(|| InsuredNumber::from_file(&text(&key.insured))),
            lines: line.number..line.number + 1,
            bytes: line.offset as usize..line.offset as usize,
        });
        self.open = key;
    }

    /// Ends the section at hand where the next one begins.
    fn close(&mut self, at: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.bytes.end = at;
            section.lines.end = self.last_line + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn persons(file: &[u8]) -> Vec<(String, Range<u64>)> {
        let person = |section: Section| Some((section.insured?.to_string(), section.lines));
        sections(file).unwrap().into_iter().filter_map(person).collect()
    }

    #[test]
    fn a_claim_file_is_control_totals_persons_and_end() {
        let file = sample("KK260601.CSV");
        let found = sections(&file).unwrap();
        let kinds: Vec<SectionKind> = found.iter().map(|section| section.kind).collect();
        let person = SectionKind::Person;
        assert_eq!(kinds, [SectionKind::Control, SectionKind::Totals, person, person, person, SectionKind::End]);
        assert_eq!(persons(&file)[1], ("0000000202".to_owned(), 9..14));
        assert_eq!((found[2].service_month.as_str(), found[2].insurer.as_str()), ("202605", "990010"));
        // Nothing of the file is left out.
        let joined: Vec<u8> = found.iter().flat_map(|section| file[section.bytes.clone()].to_vec()).collect();
        assert_eq!(joined, file);
    }

    #[test]
    fn a_slip_in_one_number_keeps_the_rows_together() {
        let file = String::from_utf8(sample("KK260601.CSV")).unwrap();
        let slip = file.replacen("00990010,\"0000000202\",15,5301", "00990011,\"0000000202\",15,5301", 1);
        assert_ne!(slip, file);
        let found = persons(slip.as_bytes());
        let numbers: Vec<&str> = found.iter().map(|(insured, _)| insured.as_str()).collect();
        assert_eq!(numbers, ["0000000101", "0000000202", "0000000303"]);
    }

    #[test]
    fn each_person_of_a_benefit_management_file_is_a_section() {
        let row = |person: &str, line: &str| {
            format!(
                "8222,202605,00990010,9970000015,1,20260601,3,{line},{person},19400105,2,21,202601,202612,16765,1,9970000023,1,15,6000,,,,,,,\r\n"
            )
        };
        let file = format!(
            "1,1,0,3,822,0,0,9970000015,0,7,202606,0\r\n2,2,{}2,3,{}2,4,{}3,5\r\n",
            row("0000000101", "01"),
            row("0000000101", "99"),
            row("0000000202", "99")
        );
        assert_eq!(persons(file.as_bytes()), [("0000000101".to_owned(), 2..4), ("0000000202".to_owned(), 4..5)]);
    }

    #[test]
    fn the_claim_of_a_section_is_the_claim_of_the_file() {
        let file = sample("KK260601.CSV");
        let read = crate::read(&file).unwrap();
        let month = read.processing_month().unwrap();
        let one_by_one: Vec<Claim> =
            sections(&file).unwrap().iter().filter_map(|section| section.claim(&file, month).unwrap()).collect();
        assert_eq!(one_by_one, crate::claims(&read));
    }

    #[test]
    fn what_is_no_interchange_file_has_no_person() {
        assert_eq!(sections(b"").unwrap(), []);
        assert_eq!(persons(b"name,value\r\napple,1\r\n"), []);
        assert!(sections(&vec![b'x'; 70_000]).is_err());
    }
}
