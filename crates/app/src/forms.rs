//! Notices as their official forms: the head, the rows with their totals below, and what the codes mean.

use std::collections::BTreeMap;

use calendar::{Month, wareki_date, wareki_month};
use chrono::NaiveDate;
use kokuho::codes::{reduction_reason_name, return_code, return_reason_name, service_type_name};
use kokuho::{Interchange, ItemKind, Layout, Row, Yen};
use unicode_normalization::UnicodeNormalization;

use crate::views::{FactView, GroupView, TableView};

/// A notice, laid out for reading.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// Whom it is for, from whom, when.
    pub head: Vec<FactView>,
    /// Its rows, in their order; totals at the end of the table that they belong to.
    pub tables: Vec<TableView>,
    /// What the codes in it mean.
    pub legend: Vec<FactView>,
}

/// Columns from which on a form lies on its long side.
const WIDE: usize = 8;

impl Form {
    /// Lays out every row of a file. What has no layout is shown as it is, item by item（features N10）.
    pub(crate) fn of(file: &Interchange) -> Self {
        let mut form = Self::default();
        let mut tables: Vec<(String, TableView)> = Vec::new();
        let mut codes: BTreeMap<(u8, String), String> = BTreeMap::new();
        let mut heads: Vec<String> = Vec::new();
        for row in &file.rows {
            explain(row, &mut codes);
            let Some(layout) = row.layout() else {
                add_unknown(&mut tables, row);
                continue;
            };
            let kind = layout.record_kind.unwrap_or_default();
            if is_transfer(layout) {
                form.head.extend(facts(layout, row, |name| !is_amount(name)));
                tables.push((row.id().to_owned(), amounts(layout, row)));
            } else if kind == "H1" {
                // A notice printed on several pages repeats its head.
                if !heads.iter().any(|id| id == row.id()) {
                    heads.push(row.id().to_owned());
                    form.head.extend(facts(layout, row, |name| name != "頁"));
                }
            } else if kind.starts_with('T') {
                let rest = add_total(&mut tables, layout, row);
                if !rest.is_empty() {
                    let title = rest_title(&rest);
                    tables.push((row.id().to_owned(), two_columns(title, rest)));
                }
            } else {
                add_row(&mut tables, layout, row);
            }
        }
        form.tables = tables.into_iter().map(|(_, table)| table).collect();
        form.legend = codes.into_iter().map(|((_, name), value)| FactView { name, value }).collect();
        form
    }

    /// Returns whether the form is printed on the long side of the paper.
    pub(crate) fn is_landscape(&self) -> bool {
        self.tables.iter().any(|table| table.columns.len() >= WIDE)
    }
}

/// Items 1 and 2 say what kind of row it is, which its title says in words.
const FIRST_ITEM: usize = 3;

fn items(layout: &'static Layout) -> impl Iterator<Item = &'static kokuho::Item> + Clone {
    layout.items.iter().skip(FIRST_ITEM - 1)
}

/// 支払決定額通知書: one row that is the whole notice.
fn is_transfer(layout: &Layout) -> bool {
    matches!(layout.exchange_id, "7511" | "7513")
}

fn is_amount(name: &str) -> bool {
    name.contains("額") || name.contains("料")
}

fn facts(layout: &'static Layout, row: &Row, keep: impl Fn(&str) -> bool) -> Vec<FactView> {
    items(layout)
        .filter(|item| keep(item.name_ja))
        .map(|item| FactView {
            name: item.name_ja.to_owned(),
            value: readable(item.name_ja, item.kind, row.item(usize::from(item.no))),
        })
        .filter(|fact| !fact.value.is_empty())
        .collect()
}

/// Puts the amounts of a transfer notice below each other, as the form does: what is paid for what, and their sum at the
/// end.
fn amounts(layout: &'static Layout, row: &Row) -> TableView {
    let facts = facts(layout, row, is_amount);
    let (totals, rows): (Vec<FactView>, Vec<FactView>) =
        facts.into_iter().partition(|fact| matches!(fact.name.as_str(), "合計金額" | "振込金額"));
    let mut table = two_columns("支払の内訳".to_owned(), rows);
    // 合計金額 stands above 振込金額 when it is read from top to bottom.
    table.totals = totals.into_iter().rev().map(|fact| vec![fact.name, fact.value]).collect();
    table
}

fn two_columns(title: String, facts: Vec<FactView>) -> TableView {
    TableView {
        title,
        columns: vec!["項目".to_owned(), "金額・件数".to_owned()],
        numeric: vec![false, true],
        groups: Vec::new(),
        rows: facts.into_iter().map(|fact| vec![fact.name, fact.value]).collect(),
        totals: Vec::new(),
    }
}

fn add_row(tables: &mut Vec<(String, TableView)>, layout: &'static Layout, row: &Row) {
    let place = tables.iter().position(|(id, _)| id == row.id()).unwrap_or_else(|| {
        tables.push((row.id().to_owned(), empty_table(layout)));
        tables.len() - 1
    });
    let cells = items(layout).map(|item| readable(item.name_ja, item.kind, row.item(usize::from(item.no)))).collect();
    if let Some((_, table)) = tables.get_mut(place) {
        table.rows.push(cells);
    }
}

fn empty_table(layout: &'static Layout) -> TableView {
    let names: Vec<&str> = items(layout).map(|item| item.name_ja).collect();
    let groups = groups(&names);
    let has_groups = groups.iter().any(|group| !group.name.is_empty());
    TableView {
        title: row_title(layout.name_ja),
        columns: names.iter().map(|name| if has_groups { short(name) } else { *name }.to_owned()).collect(),
        numeric: items(layout).map(|item| item.kind == ItemKind::SignedNine).collect(),
        groups: if has_groups { groups } else { Vec::new() },
        rows: Vec::new(),
        totals: Vec::new(),
    }
}

/// Returns the name of a column below the name of its group: `件数（介護）` of `返戻 件数（介護）`.
fn short(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, short)| short)
}

/// Returns the groups that neighbouring columns form by the first word of their names.
fn groups(names: &[&str]) -> Vec<GroupView> {
    let mut groups: Vec<GroupView> = Vec::new();
    for name in names {
        let group = name.split_once(' ').map_or("", |(group, _)| group);
        match groups.last_mut() {
            Some(last) if last.name == group => last.span += 1,
            _ => groups.push(GroupView { name: group.to_owned(), span: 1 }),
        }
    }
    groups
}

/// Puts a total below the columns that it adds up, and returns what has no column.
fn add_total(tables: &mut [(String, TableView)], layout: &'static Layout, row: &Row) -> Vec<FactView> {
    let rows = format!("{}-D1", layout.exchange_id);
    let all = || facts(layout, row, |_| true);
    let Some(details) = kokuho::layout(&rows) else { return all() };
    let Some((_, table)) = tables.iter_mut().rev().find(|(id, _)| *id == rows) else { return all() };
    let names: Vec<&str> = items(details).map(|item| item.name_ja).collect();
    let mut cells = vec![String::new(); names.len()];
    let mut rest = Vec::new();
    let mut label = None;
    for item in items(layout) {
        let value = readable(item.name_ja, item.kind, row.item(usize::from(item.no)));
        let (first, short) = item.name_ja.split_once(' ').unwrap_or(("", item.name_ja));
        let exact = names.iter().position(|name| *name == item.name_ja);
        let place = exact.or_else(|| names.iter().position(|name| *name == short).filter(|_| !first.is_empty()));
        match place {
            Some(place) => {
                if exact.is_none() {
                    label = label.or(Some(first));
                }
                cells[place] = value;
            }
            None if !value.is_empty() => rest.push(FactView { name: item.name_ja.to_owned(), value }),
            None => {}
        }
    }
    if let Some(first) = cells.first_mut() {
        label.unwrap_or("合計").clone_into(first);
    }
    table.totals.push(cells);
    rest
}

/// Names a table of totals that stand below no column: by the word that all of them begin with.
fn rest_title(rest: &[FactView]) -> String {
    let word = |fact: &FactView| fact.name.split_once(' ').map(|(word, _)| word.to_owned());
    let first = rest.first().and_then(word);
    first
        .filter(|first| rest.iter().all(|fact| word(fact).as_ref() == Some(first)))
        .unwrap_or_else(|| "合計".to_owned())
}

fn add_unknown(tables: &mut Vec<(String, TableView)>, row: &Row) {
    let count = row.items();
    let place = tables.iter().position(|(id, table)| id == row.id() && table.columns.len() == count);
    let place = place.unwrap_or_else(|| {
        let table = TableView {
            title: format!("{}（レイアウトの分からない行）", row.id()),
            columns: (1..=count).map(|number| format!("項目{number}")).collect(),
            numeric: vec![false; count],
            groups: Vec::new(),
            rows: Vec::new(),
            totals: Vec::new(),
        };
        tables.push((row.id().to_owned(), table));
        tables.len() - 1
    });
    if let Some((_, table)) = tables.get_mut(place) {
        table.rows.push((1..=count).map(|number| row.item(number).to_owned()).collect());
    }
}

/// Collects what the codes of a row mean, in the order in which a reader meets them.
fn explain(row: &Row, codes: &mut BTreeMap<(u8, String), String>) {
    let Some(layout) = row.layout().filter(|layout| layout.record_kind == Some("D1")) else { return };
    for item in items(layout) {
        let value = row.item(usize::from(item.no)).trim();
        if value.is_empty() {
            continue;
        }
        let told = match (layout.exchange_id, item.name_ja) {
            (_, "種別") => match value {
                "請" => Some("請求明細書"),
                "サ" => Some("サービス計画費請求明細書"),
                "給" => Some("給付管理票"),
                _ => None,
            }
            .map(|meaning| (0, format!("種別 {value}"), meaning.to_owned())),
            (_, "サービス種類コード") => {
                service_type_name(value).map(|name| (1, format!("サービス種類 {value}"), name.to_owned()))
            }
            ("7411" | "7421", "事由") => {
                return_reason_name(value).map(|name| (2, format!("事由 {value}"), name.to_owned()))
            }
            ("7311", "事由") => {
                reduction_reason_name(value).map(|name| (2, format!("事由 {value}"), name.to_owned()))
            }
            ("7411" | "7421", "備考") => {
                let code = return_code(value);
                let name = format!("備考 {}", code.code);
                Some((3, name, format!("{} {}", code.message, code.action)))
            }
            _ => None,
        };
        if let Some((order, name, meaning)) = told {
            codes.insert((order, name), meaning);
        }
    }
}

/// Returns what kind of row it is: `明細` of `返戻（保留）一覧表 明細（サービス事業所編 14項目）`. The notice is named above
/// the tables, and the brackets tell editions of the book apart, which the columns show.
fn row_title(layout_name: &str) -> String {
    let kind = layout_name.split_once(' ').map_or(layout_name, |(_, kind)| kind);
    kind.split('（').next().unwrap_or_default().to_owned()
}

/// Formats a value for reading: dates and months in 和暦, amounts with separators, kana in full width.
fn readable(name: &str, kind: ItemKind, value: &str) -> String {
    let value = value.trim();
    if value.is_empty() {
        return String::new();
    }
    if name.contains("年月日") {
        if let Ok(date) = NaiveDate::parse_from_str(value, "%Y%m%d") {
            return wareki_date(date);
        }
    } else if name.contains("年月")
        && let Ok(month) = value.parse::<Month>()
    {
        return wareki_month(month);
    }
    match kind {
        ItemKind::SignedNine => value.parse().map_or_else(|_| value.to_owned(), |amount| Yen(amount).to_string()),
        ItemKind::X | ItemKind::N => value.nfkc().collect(),
        ItemKind::Nine => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, kind: ItemKind, value: &str, expected: &str) {
        assert_eq!(readable(name, kind, value), expected);
    }

    #[test]
    fn tables_are_named_by_their_rows() {
        assert_eq!(row_title("返戻（保留）一覧表 明細（サービス事業所編 14項目）"), "明細");
        assert_eq!(row_title("介護給付費支払決定額内訳書情報 過誤調整"), "過誤調整");
        assert_eq!(row_title("給付管理票情報（様式第十一）"), "給付管理票情報");
    }

    #[test]
    fn values_read_as_on_the_form() {
        check("作成年月日", ItemKind::Nine, "20260630", "令和8年6月30日");
        check("審査年月", ItemKind::Nine, "202606", "令和8年6月");
        check("請求差 金額（介護）", ItemKind::SignedNine, "-121254", "-121,254");
        check("被保険者カナ氏名", ItemKind::X, "ﾃｽﾄ ｲﾁﾛｳ", "テスト イチロウ");
        check("事業所番号", ItemKind::Nine, "9970000015", "9970000015");
        check("作成年月日", ItemKind::Nine, "00000000", "00000000");
    }

    fn sample(name: &str) -> Form {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name);
        Form::of(&kokuho::read(&std::fs::read(path).unwrap()).unwrap())
    }

    #[test]
    fn totals_stand_below_the_columns_that_they_add_up() {
        let form = sample("75200000.CSV");
        let [table] = form.tables.as_slice() else { panic!("{:?}", form.tables) };
        let labels: Vec<&str> = table.totals.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(labels, ["合計", "過誤調整", "支払決定"]);
        let benefit = table.columns.iter().position(|name| name == "介護給付費").unwrap();
        assert_eq!(table.totals[2][benefit], "93,234");
        assert_eq!(table.groups.last().map(|group| (group.name.as_str(), group.span)), Some(("特定入所者", 4)));

        let form = sample("72100000.CSV");
        let groups: Vec<_> = form.tables[0].groups.iter().map(|group| (group.name.as_str(), group.span)).collect();
        assert_eq!(groups, [("", 2), ("返戻", 4), ("査定増減", 4), ("保留分", 4), ("保留復活分", 4)]);
        assert_eq!(form.tables[1].title, "請求差");
        assert!(form.is_landscape());
    }

    #[test]
    fn what_has_no_layout_is_shown_item_by_item() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data/74100000.CSV");
        let text = encoding_rs::SHIFT_JIS.decode(&std::fs::read(path).unwrap()).0.into_owned();
        let of = |from: &str, to: &str| {
            let text = text.replacen(from, to, 1);
            Form::of(&kokuho::read(&encoding_rs::SHIFT_JIS.encode(&text).0).unwrap())
        };
        // A kind of row that no book describes stands between the others, with every value as it came.
        let form = of("2,4,\"7411\",\"D1\"", "2,4,\"7499\",\"Z9\"");
        let unknown = form.tables.iter().find(|table| table.title.contains("レイアウトの分からない行")).unwrap();
        assert_eq!(unknown.title, "7499-Z9（レイアウトの分からない行）");
        assert_eq!(unknown.columns[..3], ["項目1", "項目2", "項目3"]);
        assert_eq!(unknown.rows.len(), 1);
        assert_eq!(unknown.rows[0][..4], ["7499", "Z9", "0000990010", "架空市"]);
        assert!(unknown.rows[0].contains(&"6098".to_owned()), "{unknown:?}");
        assert_eq!(form.tables.iter().map(|table| table.rows.len()).sum::<usize>(), 3, "no row is skipped");
    }

    #[test]
    fn codes_are_explained_below_the_form() {
        let form = sample("74100000.CSV");
        let names: Vec<&str> = form.legend.iter().map(|fact| fact.name.as_str()).collect();
        assert!(
            names.contains(&"種別 請") && names.contains(&"備考 12PA") && names.contains(&"備考 保留"),
            "{names:?}"
        );
        assert!(form.legend.iter().any(|fact| fact.name == "サービス種類 15" && fact.value == "通所介護"), "{names:?}");
    }

    #[test]
    fn the_transfer_notice_lists_what_is_paid_for_what() {
        let form = sample("75100000.CSV");
        let [table] = form.tables.as_slice() else { panic!("{:?}", form.tables) };
        assert_eq!(table.totals.last(), Some(&vec!["振込金額".to_owned(), "93,234".to_owned()]));
        assert!(table.rows.iter().any(|row| row[0] == "介護給付費支払額" && row[1] == "93,234"), "{table:?}");
        assert!(form.head.iter().any(|fact| fact.name == "金融機関名"), "{:?}", form.head);
        assert!(!form.is_landscape());
    }
}
