/// Character class of an item, as the interface books write it（項目の属性）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// 英数: half-width letters and digits, capitals only.
    X,
    /// 数字: digits without sign.
    Nine,
    /// 数字 with an optional leading minus sign.
    SignedNine,
    /// 漢字: full-width characters only.
    N,
}

impl ItemKind {
    /// Returns the letters of the books: `X`, `9`, `S9`, `N`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X => "X",
            Self::Nine => "9",
            Self::SignedNine => "S9",
            Self::N => "N",
        }
    }
}

/// Whether an item must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Always filled.
    Required,
    /// Filled where it applies.
    Conditional,
    /// Not used by this style.
    Unused,
    /// Filled on the row whose sequence number is 99.
    RequiredOnLast,
    /// The sources do not say.
    Unknown,
}

/// How well a layout is known（confidence of `spec/records.json`）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// One weak source: to be confirmed with a real file.
    Low,
    /// One reliable source.
    Medium,
    /// Seen in a book and in real files.
    High,
}

/// What the value of an item is, beyond its character class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    Plain,
    Date,
    Month,
    Office,
    Insurer,
    Insured,
    Payer,
    Recipient,
    Remark,
    /// One of these codes, with their names; sorted.
    Coded(&'static [(&'static str, &'static str)]),
}

/// One item of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Number in the specification, from 1. In a data row it stands in CSV column `no + 2`.
    pub no: u16,
    /// 項目名.
    pub name_ja: &'static str,
    /// Name in `snake_case`.
    pub name_en: &'static str,
    /// Character class.
    pub kind: ItemKind,
    /// Greatest length in bytes of Shift_JIS; `None` when the sources do not say.
    pub max_len: Option<u16>,
    /// Whether it must be filled.
    pub presence: Presence,
    pub(crate) shape: Shape,
}

/// The layout of one record kind, without the two leading CSV columns of a data row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// `7131-01`, `7411-D1`, `8124`, `control`, …
    pub id: &'static str,
    /// 交換情報識別番号; empty for the control and the end record.
    pub exchange_id: &'static str,
    /// レコード種別 in item 2 (`01`, `D1`, …), where the record kind carries one.
    pub record_kind: Option<&'static str>,
    /// Name of the record.
    pub name_ja: &'static str,
    /// How well it is known.
    pub confidence: Confidence,
    /// Its items in order.
    pub items: &'static [Item],
    /// Numbers of the items below; 0 when the record has none.
    pub(crate) service_month: usize,
    pub(crate) insurer: usize,
    pub(crate) insured: usize,
    pub(crate) office: usize,
    pub(crate) sequence: usize,
    /// Items that must be filled, those that must be on the row 99, and those that hold a figure and nothing else: bit `no`
    /// of each.
    pub(crate) required: u64,
    pub(crate) required_on_last: u64,
    pub(crate) figures: u64,
}

impl Item {
    /// Returns the name of a coded value: `1` of 性別コード is 男. `None` for other items and for codes not in the list.
    pub fn value_name(&self, value: &str) -> Option<&'static str> {
        match self.shape {
            Shape::Coded(values) => values.iter().find(|(code, _)| *code == value).map(|(_, name)| *name),
            _ => None,
        }
    }
}

impl Layout {
    /// Returns the item with number `no`, from 1.
    pub fn item(&self, no: usize) -> Option<&'static Item> {
        self.items.get(no.checked_sub(1)?)
    }
}

include!(concat!(env!("OUT_DIR"), "/layouts.rs"));

/// Returns every known layout, sorted by id.
pub fn layouts() -> &'static [Layout] {
    LAYOUTS
}

/// Returns the layout with this id.
pub fn layout(id: &str) -> Option<&'static Layout> {
    LAYOUTS.binary_search_by(|layout| layout.id.cmp(id)).ok().and_then(|at| LAYOUTS.get(at))
}

/// Finds the layout of a data row from its items 1 and 2 and its number of items.
///
/// The count decides only between editions that share their ids: 7411-D1 had 13 items in 2003 and has 14 now.
pub(crate) fn of_row(exchange_id: &[u8], second: &[u8], count: usize) -> Option<&'static Layout> {
    let mut key = [0_u8; 12];
    let mut length = exchange_id.len();
    key.get_mut(..length).filter(|_| length == 4)?.copy_from_slice(exchange_id);
    let by_key = |key: &[u8]| {
        LAYOUTS.binary_search_by(|layout| layout.id.as_bytes().cmp(key)).ok().and_then(|at| LAYOUTS.get(at))
    };
    if second.len() == 2 {
        key[4] = b'-';
        key[5..7].copy_from_slice(second);
        length = 7;
        if let Some(found) = by_key(&key[..length]) {
            if found.id == "7411-D1" && count == 13 {
                return layout("7411-D1-kyotaku2003");
            }
            return Some(found);
        }
    }
    by_key(&key[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(exchange_id: &str, second: &str, count: usize, expected: Option<&str>) {
        let actual = of_row(exchange_id.as_bytes(), second.as_bytes(), count).map(|layout| layout.id);
        assert_eq!(actual, expected, "{exchange_id} {second} {count}");
    }

    #[test]
    fn finds_the_layout_of_a_row() {
        check("7131", "01", 56, Some("7131-01"));
        check("7111", "202605", 18, Some("7111"));
        check("7411", "D1", 14, Some("7411-D1"));
        check("7411", "D1", 13, Some("7411-D1-kyotaku2003"));
        check("7513", "H1", 22, Some("7513"));
        check("7511", "H1", 20, Some("7511"));
        check("8124", "9970000015", 24, Some("8124"));
        check("7131", "99", 10, None);
        check("713", "01", 56, None);
        check("71311", "01", 56, None);
        check("", "", 0, None);
    }

    #[test]
    fn every_table_is_in_order_and_numbered() {
        assert!(LAYOUTS.is_sorted_by(|a, b| a.id < b.id));
        for layout in layouts() {
            assert!(layout.items.iter().enumerate().all(|(at, item)| usize::from(item.no) == at + 1), "{}", layout.id);
            // One bit for each of them and for the two leading columns fits an `u64`.
            assert!(layout.items.len() <= 62, "{}", layout.id);
            let mut names: Vec<&str> = layout.items.iter().map(|item| item.name_en).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), layout.items.len(), "{}", layout.id);
        }
    }

    #[test]
    fn knows_where_the_keys_of_each_claim_record_stand() {
        let keys = |id: &str| layout(id).map(|l| (l.service_month, l.office, l.insurer, l.insured, l.sequence));
        assert_eq!(keys("7131-10"), Some((3, 4, 5, 6, 0)));
        assert_eq!(keys("7183-11"), Some((3, 4, 5, 6, 7)));
        assert_eq!(keys("8124"), Some((4, 2, 5, 7, 16)));
        assert_eq!(keys("8222"), Some((2, 4, 3, 9, 8)));
        assert_eq!(keys("7111"), Some((2, 3, 0, 0, 0)));
    }
}
