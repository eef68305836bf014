//! Compares two claim files by what they say, not by how they are written（rules.md V1, V3）.

use std::collections::{HashMap, VecDeque};

use calendar::Month;

use crate::interchange::Row;
use crate::layout::{ItemKind, Shape};
use crate::sections::{Section, SectionKind, sections};
use crate::{Claim, Item, NotInterchange, Yen};

/// What differs between two claim files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Statements that only the later file has, in its order.
    pub added: Vec<Claim>,
    /// Statements that only the earlier file has, in its order.
    pub removed: Vec<Claim>,
    /// Statements that both have and that say different things, in the order of the later file.
    pub changed: Vec<ChangedClaim>,
    /// Number of statements that say the same.
    pub unchanged: usize,
    /// Changes of rows that make no claim: 請求書, and statements whose service month is none.
    pub others: Vec<RowChange>,
    /// 保険請求額 + 公費請求額 of the earlier and of the later file.
    pub yen: (Yen, Yen),
}

impl Comparison {
    /// Returns whether the files say the same about every person.
    pub fn same_claims(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// A statement that says something else in the later file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedClaim {
    /// The statement in the earlier file.
    pub before: Claim,
    /// The statement in the later file.
    pub after: Claim,
    /// What differs, row by row.
    pub rows: Vec<RowChange>,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Record kind, for example `7131-02`.
    pub record: String,
    /// Name of the record; empty for an unknown kind.
    pub name: &'static str,
    /// Its line in the earlier file; `None` when the row is new.
    pub before_line: Option<u64>,
    /// Its line in the later file; `None` when the row is gone.
    pub after_line: Option<u64>,
    /// The items that differ; for a row that is new or gone, all that are filled.
    pub items: Vec<ItemChange>,
}

/// An item that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// Number in the specification, from 1.
    pub no: usize,
    /// 項目名; empty for an unknown kind of row.
    pub name: &'static str,
    /// Value in the earlier file, as it stands there.
    pub before: String,
    /// Value in the later file, as it stands there.
    pub after: String,
}

/// Compares two claim files（請求, 給付管理票）.
///
/// Statements are matched by form, service month, office, insurer and insured person. Blank and zero, quotes, padding of
/// insurer numbers, the order of rows and their numbering make no difference.
///
/// # Errors
///
/// Refuses what [`crate::read`] refuses in either file.
pub fn compare(before: &[u8], after: &[u8]) -> Result<Comparison, NotInterchange> {
    let (old, new) = (Side::read(before)?, Side::read(after)?);
    let mut comparison = Comparison { others: row_changes(&old.others, &new.others), ..Comparison::default() };
    let mut waiting: HashMap<Key<'_>, Vec<&Section>> = HashMap::new();
    for section in old.persons.iter().rev() {
        waiting.entry(Key::of(section)).or_default().push(section);
        comparison.yen.0 += old.claim(section)?.map_or(Yen::ZERO, |claim| claim.amount());
    }
    for section in &new.persons {
        let claim = new.claim(section)?;
        comparison.yen.1 += claim.as_ref().map_or(Yen::ZERO, Claim::amount);
        let Some(earlier) = waiting.get_mut(&Key::of(section)).and_then(Vec::pop) else {
            comparison.added.extend(claim);
            continue;
        };
        let rows = row_changes(&earlier.rows(before)?, &section.rows(after)?);
        match (old.claim(earlier)?, claim) {
            (Some(before), Some(after)) if !rows.is_empty() => {
                comparison.changed.push(ChangedClaim { before, after, rows });
            }
            _ => comparison.unchanged += 1,
        }
    }
    let mut left: Vec<&Section> = waiting.into_values().flatten().collect();
    left.sort_by_key(|section| section.lines.start);
    for section in left {
        comparison.removed.extend(old.claim(section)?);
    }
    Ok(comparison)
}

/// Rows on the two sides up to which each is held against each; beyond, they are paired in their order. A statement has
/// some forty rows.
const MOST_PAIRS: usize = 1_000_000;

/// Compares the rows of two statements of the same person. Empty when they say the same.
pub fn row_changes(before: &[Row], after: &[Row]) -> Vec<RowChange> {
    let same = |pair: &(&Row, &Row)| same_row(pair.0, pair.1);
    let head = before.iter().zip(after).take_while(same).count();
    let (before, after) = (&before[head..], &after[head..]);
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
    let (before, after) = (&before[..before.len() - tail], &after[..after.len() - tail]);

    let mut left: VecDeque<&Row> = before.iter().collect();
    let all_pairs = before.len().saturating_mul(after.len()) <= MOST_PAIRS;
    // What stands on both sides is no change, wherever it stands.
    let unmatched: Vec<&Row> = after
        .iter()
        .filter(|row| {
            let same = left.iter().take(if all_pairs { usize::MAX } else { 1 }).position(|other| same_row(other, row));
            same.and_then(|at| left.remove(at)).is_none()
        })
        .collect();
    let mut changes: Vec<RowChange> = unmatched
        .into_iter()
        .map(|row| {
            let partner = best_partner(left.iter().take(if all_pairs { usize::MAX } else { 1 }), row);
            change(partner.and_then(|at| left.remove(at)), Some(row))
        })
        .collect();
    changes.extend(left.into_iter().map(|row| change(Some(row), None)));
    changes.sort_by_key(|change| (change.after_line.or(change.before_line), change.after_line.is_none()));
    changes
}

/// One of the files.
struct Side<'f> {
    file: &'f [u8],
    month: Option<Month>,
    persons: Vec<Section>,
    /// Rows that make no claim.
    others: Vec<Row>,
}

impl<'f> Side<'f> {
    fn read(file: &'f [u8]) -> Result<Self, NotInterchange> {
        let mut side = Self { file, month: None, persons: Vec::new(), others: Vec::new() };
        for section in sections(file)? {
            match section.kind {
                SectionKind::Person if section.service_month.parse::<Month>().is_ok() => side.persons.push(section),
                SectionKind::Control => {
                    let rows = section.rows(file)?;
                    side.month = rows.first().and_then(|row| row.column(10).trim().parse().ok());
                }
                SectionKind::Person | SectionKind::Totals | SectionKind::Other => {
                    side.others.extend(section.rows(file)?);
                }
                SectionKind::End => {}
            }
        }
        Ok(side)
    }

    fn claim(&self, section: &Section) -> Result<Option<Claim>, NotInterchange> {
        match self.month {
            Some(month) => section.claim(self.file, month),
            None => Ok(None),
        }
    }
}

/// What makes statements of two files the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'s> {
    exchange_id: &'s str,
    month: &'s str,
    office: &'s str,
    insurer: &'s str,
    insured: Option<&'s str>,
}

impl<'s> Key<'s> {
    fn of(section: &'s Section) -> Self {
        Self {
            exchange_id: &section.exchange_id,
            month: &section.service_month,
            office: section.office.as_str(),
            insurer: section.insurer.as_str(),
            insured: section.insured.as_ref().map(crate::InsuredNumber::as_str),
        }
    }
}

/// Returns the index of the row of the same kind that has most in common with `row`.
fn best_partner<'r>(rows: impl Iterator<Item = &'r &'r Row>, row: &Row) -> Option<usize> {
    rows.enumerate()
        .filter(|(_, other)| other.id() == row.id())
        .map(|(index, other)| (index, differing(other, row).count()))
        .min_by_key(|(index, differences)| (*differences, *index))
        .map(|(index, _)| index)
}

fn same_row(a: &Row, b: &Row) -> bool {
    a.id() == b.id() && differing(a, b).next().is_none()
}

/// Returns the numbers of the items that say different things.
fn differing<'r>(a: &'r Row, b: &'r Row) -> impl Iterator<Item = usize> + 'r {
    let layout = b.layout();
    (1..=a.items().max(b.items())).filter(move |no| {
        let item = layout.and_then(|layout| layout.item(*no));
        !same_value(item, a.item(*no), b.item(*no))
    })
}

fn change(before: Option<&Row>, after: Option<&Row>) -> RowChange {
    let shown = after.or(before);
    let layout = shown.and_then(Row::layout);
    let name = |no: usize| layout.and_then(|layout| layout.item(no)).map_or("", |item| item.name_ja);
    let text = |row: Option<&Row>, no: usize| row.map_or(String::new(), |row| row.item(no).to_owned());
    let numbers: Vec<usize> = match (before, after) {
        (Some(a), Some(b)) => differing(a, b).collect(),
        _ => shown.map_or(Vec::new(), |row| (1..=row.items()).filter(|no| !row.item(*no).trim().is_empty()).collect()),
    };
    RowChange {
        record: shown.map_or(String::new(), |row| row.id().to_owned()),
        name: layout.map_or("", |layout| layout.name_ja),
        before_line: before.map(|row| row.line),
        after_line: after.map(|row| row.line),
        items: numbers
            .into_iter()
            .map(|no| ItemChange { no, name: name(no), before: text(before, no), after: text(after, no) })
            .collect(),
    }
}

/// Returns whether two values of an item mean the same: blank is zero, and figures and insurer numbers may be padded.
pub fn same_value(item: Option<&Item>, a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    if a == b {
        return true;
    }
    let Some(item) = item else { return false };
    let is_nothing = |text: &str| text.bytes().all(|byte| byte == b'0');
    if is_nothing(a) && is_nothing(b) {
        return true;
    }
    // The digits of a code or a number are its name; those of a figure are worth something.
    let is_figure = matches!(item.kind, ItemKind::Nine | ItemKind::SignedNine)
        && !item.name_ja.contains("コード")
        && !item.name_ja.contains("番号");
    if !is_figure && item.shape != Shape::Insurer {
        return false;
    }
    a.trim_start_matches('0') == b.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout;

    fn sample(name: &str) -> String {
        let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
        String::from_utf8(std::fs::read(path).unwrap()).unwrap()
    }

    fn clean() -> String {
        sample("KK260601.CSV")
    }

    #[track_caller]
    fn compared(before: &str, after: &str) -> Comparison {
        let comparison = compare(before.as_bytes(), after.as_bytes()).unwrap();
        // Whatever is added one way is removed the other way.
        let back = compare(after.as_bytes(), before.as_bytes()).unwrap();
        assert_eq!((back.added.len(), back.removed.len()), (comparison.removed.len(), comparison.added.len()));
        assert_eq!((back.changed.len(), back.yen), (comparison.changed.len(), (comparison.yen.1, comparison.yen.0)));
        comparison
    }

    #[test]
    fn a_file_says_the_same_as_itself() {
        let same = compared(&clean(), &clean());
        assert!(same.same_claims() && same.others.is_empty());
        assert_eq!((same.unchanged, same.yen), (3, (Yen(214_488), Yen(214_488))));
    }

    #[test]
    fn quoting_zeros_padding_and_order_make_no_difference() {
        let other =
            clean().replace("\"\"", "").replace(",0,0,0", ",,,").replace("00990010,", "0990010,").replace("\r\n", "\n");
        let lines: Vec<&str> = other.lines().collect();
        let mut turned = lines.clone();
        turned.swap(4, 5);
        for text in [other.clone(), turned.join("\r\n")] {
            let same = compared(&clean(), &text);
            assert!(same.same_claims(), "{:?}", same.changed);
            assert_eq!(same.others, []);
        }
    }

    #[test]
    fn names_the_item_that_changed() {
        let after = clean().replace("6098,57351,6373", "6098,57350,6374").replace("1045,57351,6373", "1045,57350,6374");
        let changed = compared(&clean(), &after).changed;
        let [claim] = changed.as_slice() else { panic!("one claim: {changed:?}") };
        assert_eq!((claim.before.amount(), claim.after.amount()), (Yen(57_351), Yen(57_350)));
        let items: Vec<_> = claim
            .rows
            .iter()
            .flat_map(|row| row.items.iter().map(|item| (row.record.as_str(), item.no, &*item.before, &*item.after)))
            .collect();
        assert_eq!(
            items,
            [
                ("7131-01", 34, "57351", "57350"),
                ("7131-01", 35, "6373", "6374"),
                ("7131-10", 16, "57351", "57350"),
                ("7131-10", 17, "6373", "6374")
            ]
        );
        assert_eq!(claim.rows[0].items[0].name, "保険 請求額");
    }

    #[test]
    fn tells_a_row_that_is_new_from_one_that_changed() {
        let row = "2,6,\"7131\",02,202605,9970000015,00990010,\"0000000101\",15,5301,40,8,0,0,0,320,0,0,0,\"\"\r\n";
        let without = clean().replace(row, "");
        let rows = &compared(&clean(), &without).changed[0].rows;
        assert_eq!((rows.len(), rows[0].before_line, rows[0].after_line), (1, Some(6), None));
        let rows = &compared(&without, &clean()).changed[0].rows;
        assert_eq!((rows[0].before_line, rows[0].after_line), (None, Some(6)));
        // Blank items of the new row are no news.
        assert!(rows[0].items.iter().all(|item| !item.after.is_empty()));
    }

    #[test]
    fn finds_persons_who_came_and_went() {
        let comparison = compared(&clean(), &clean().replace("0000000101", "0000000404"));
        let number = |claims: &[Claim]| claims.iter().map(|claim| claim.insured.to_string()).collect::<Vec<_>>();
        assert_eq!(
            (number(&comparison.added), number(&comparison.removed)),
            (vec!["0000000404".into()], vec!["0000000101".into()])
        );
        assert_eq!(comparison.unchanged, 2);
    }

    #[test]
    fn the_totals_are_compared_too() {
        let after =
            clean().replace("7111\",202605,9970000015,1,0,01,3,23756", "7111\",202605,9970000015,1,0,01,3,23757");
        let comparison = compared(&clean(), &after);
        assert!(comparison.same_claims());
        assert_eq!(comparison.others[0].items[0].name, "サービス費用 単位数");
    }

    /// A statement of absurd length must not take an absurd time.
    #[test]
    fn thousands_of_rows_of_one_person_are_paired_in_order() {
        let row = |code: usize| {
            format!(
                "2,5,\"7131\",02,202605,9970000015,00990010,\"0000000101\",15,{code:04},658,8,0,0,0,5264,0,0,0,\"\"\r\n"
            )
        };
        let file = |from: usize| {
            let rows: String = (0..5_000).map(|number| row(from + number)).collect();
            clean().replacen(&row(2241), &rows, 1)
        };
        let changed = compared(&file(0), &file(1)).changed;
        assert_eq!(changed[0].rows.len(), 5_000);
    }

    #[track_caller]
    fn check(record: &str, no: usize, a: &str, b: &str, expected: bool) {
        let item = layout::layout(record).and_then(|layout| layout.item(no));
        assert_eq!(same_value(item, a, b), expected, "{record} {no}: {a:?} and {b:?}");
        assert_eq!(same_value(item, b, a), expected, "{record} {no}: {b:?} and {a:?}");
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        check("7131-02", 9, "", "0", true);
        check("7131-02", 9, "0658", "658", true);
        check("7131-01", 13, "00000000", "", true);
        check("7131-01", 5, "00990010", "990010", true);
        check("7131-01", 5, "00990010", "990028", false);
        check("7131-02", 8, "0110", "110", false);
        check("7131-01", 15, "06", "6", false);
        check("7131-02", 18, "", "0", true);
        check("7131-02", 18, "ア", "イ", false);
        check("7131-02", 9, "-5", "5", false);
    }

    #[test]
    fn an_unknown_row_is_compared_as_it_stands() {
        assert!(!same_value(None, "0", ""));
        assert!(same_value(None, " 5", "5"));
    }
}
