use crate::codes;
use crate::interchange::Row;
use crate::layout::Layout;

/// One item of a row, named.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NamedItem<'r> {
    /// Number in the specification, from 1.
    pub no: usize,
    /// 項目名; empty beyond the layout and in rows of an unknown kind.
    pub name: &'static str,
    /// The value as it stands in the file.
    pub value: &'r str,
    /// What a code means, where the program knows it.
    pub meaning: Option<&'static str>,
}

/// Names the items of a row, every one that stands in it, in their order. Rows of an unknown kind are shown raw.
pub fn named_items(row: &Row) -> impl Iterator<Item = NamedItem<'_>> {
    let layout = row.layout();
    (1..=row.items()).map(move |no| named(layout, no, row.item(no)))
}

/// Names one value of a record kind.
pub fn named<'v>(layout: Option<&'static Layout>, no: usize, value: &'v str) -> NamedItem<'v> {
    let name = layout.and_then(|layout| layout.item(no)).map_or("", |item| item.name_ja);
    NamedItem { no, name, value, meaning: meaning(name, value) }
}

/// Returns what a code in the item called `name` means.
pub fn meaning(name: &str, value: &str) -> Option<&'static str> {
    if value.is_empty() {
        return None;
    }
    match name {
        "交換情報識別番号" => codes::exchange_title(value),
        "法別番号" => codes::public_payer_name(value),
        _ if name.ends_with("サービス種類コード") => codes::service_type_name(value),
        _ if name.ends_with("要介護状態区分コード") => codes::care_level_name(value),
        _ if name.ends_with("負担者番号") => codes::public_payer_name(value.get(..2)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str) -> Vec<Row> {
        let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
        crate::read(&std::fs::read(path).unwrap()).unwrap().rows
    }

    #[test]
    fn names_every_item_of_a_row() {
        let rows = rows("KK260601.CSV");
        let items: Vec<NamedItem<'_>> = named_items(&rows[2]).collect();
        assert_eq!(items.len(), 56);
        assert_eq!(items[12], NamedItem { no: 13, name: "生年月日", value: "19400105", meaning: None });
        assert_eq!((items[14].name, items[14].meaning), ("要介護状態区分コード", Some("要介護1")));
        assert_eq!(named_items(&rows[4]).nth(6).and_then(|item| item.meaning), Some("通所介護"));
    }

    #[test]
    fn every_item_of_every_sample_has_its_name() {
        for name in ["KK260601.CSV", "KKBAD001.CSV", "72100000.CSV", "74100000.CSV", "75100000.CSV", "75200000.CSV"] {
            for row in rows(name) {
                for item in named_items(&row) {
                    assert_ne!(item.name, "", "{name} line {} item {}", row.line, item.no);
                }
            }
        }
    }

    #[test]
    fn shows_an_unknown_row_raw() {
        let file = "1,1,0,1,999,0,0,9970000015,0,7,202606,0\r\n2,2,\"9X99\",77,abc,,5\r\n3,3\r\n";
        let rows = crate::read(file.as_bytes()).unwrap().rows;
        let items: Vec<(usize, &str, &str)> =
            named_items(&rows[0]).map(|item| (item.no, item.name, item.value)).collect();
        assert_eq!(items, [(1, "", "9X99"), (2, "", "77"), (3, "", "abc"), (4, "", ""), (5, "", "5")]);
    }
}
