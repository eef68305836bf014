//! A part of a claim file laid out like the paper form（様式）: the blocks of the form with every value of the records.
//!
//! What the common blocks look like is written down here; whatever else stands in the records follows in tables of its
//! own, so that nothing of a file is ever left out.

use std::collections::HashSet;

use calendar::{Month, wareki_date, wareki_month};
use chrono::NaiveDate;
use kokuho::{Item, ItemKind, Row};

use crate::views::{BlockRowView, BlockView, CellView};

/// Places that a finding points at: line and item.
pub(crate) type Marked = HashSet<(u64, u16)>;

/// How a block stands on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Named boxes, of the first row of the record kind.
    Facts,
    /// A row per record.
    Table,
    /// A column per record.
    Totals,
}

impl Shape {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Table => "table",
            Self::Totals => "totals",
        }
    }
}

/// A block of a form.
struct Block {
    title: &'static str,
    shape: Shape,
    /// レコード種別; empty for forms whose records have none.
    record: &'static str,
    /// Items in the order of the paper.
    items: &'static [u16],
    /// Shown although nothing stands in it, as on the paper.
    always: bool,
}

const fn facts(title: &'static str, record: &'static str, items: &'static [u16], always: bool) -> Block {
    Block { title, shape: Shape::Facts, record, items, always }
}

const fn table(title: &'static str, record: &'static str, items: &'static [u16]) -> Block {
    Block { title, shape: Shape::Table, record, items, always: false }
}

/// 介護給付費明細書 and its kin (71xx), from top to bottom.
const STATEMENT: &[Block] = &[
    facts("公費", "01", &[7, 8, 9, 10, 11, 12], false),
    facts("サービス提供年月・保険者", "01", &[3, 5], true),
    facts("被保険者", "01", &[6, 13, 14, 15, 16, 17, 18], true),
    facts("請求事業者", "01", &[4], true),
    facts("居宅サービス計画", "01", &[19, 20], true),
    facts("サービスの開始・中止", "01", &[21, 22, 23], false),
    facts("入所（院）・退所（院）", "01", &[24, 25, 26, 27, 28], false),
    table("摘要", "16", &[7, 8]),
    table("給付費明細欄", "02", &[7, 8, 9, 10, 14, 11, 15, 12, 16, 13, 17, 18]),
    table("給付費明細欄（住所地特例対象者）", "14", &[7, 8, 9, 10, 14, 11, 15, 12, 16, 13, 17, 18, 19]),
    table("特定診療費・特別療養費・特別診療費", "04", &[]),
    table("緊急時施設療養費", "03", &[]),
    table("緊急時施設療養費・所定疾患施設療養費", "13", &[]),
    table("食事提供費", "05", &[]),
    facts("給付率（%）", "01", &[29, 30, 31, 32], true),
    Block {
        title: "請求額集計欄",
        shape: Shape::Totals,
        record: "10",
        items: &[
            7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
            34, 35, 36, 37, 38,
        ],
        always: true,
    },
    table("特定入所者介護サービス費", "11", &[]),
    table("社会福祉法人等による軽減欄", "12", &[7, 8, 9, 10, 11, 12]),
];

/// The totals of record 01: one row per payer, one column per kind of amount.
const SHARES: [(&str, [u16; 6]); 4] = [
    ("保険", [33, 34, 35, 36, 37, 38]),
    ("公費1", [39, 40, 41, 42, 43, 44]),
    ("公費2", [45, 46, 47, 48, 49, 50]),
    ("公費3", [51, 52, 53, 54, 55, 56]),
];
const SHARE_COLUMNS: [&str; 6] = [
    "サービス単位数",
    "請求額",
    "利用者（本人）負担額",
    "緊急時施設療養費請求額",
    "特定診療費請求額",
    "特定入所者介護サービス費等請求額",
];

/// サービス計画費請求明細書 (8124 and its kin).
const CARE_PLAN: &[Block] = &[
    facts("公費", "", &[8, 9], false),
    facts("サービス提供年月・保険者", "", &[4, 5], true),
    facts("被保険者", "", &[7, 10, 11, 12, 13, 14], true),
    facts("請求事業者", "", &[2, 3, 6], true),
    facts("居宅サービス計画", "", &[15, 23], true),
    table("請求額計算欄", "", &[16, 17, 18, 19, 20, 21, 22, 24]),
];

/// 給付管理票 (8221, 8222).
const BENEFIT_MANAGEMENT: &[Block] = &[
    facts("対象年月・保険者", "", &[2, 3], true),
    facts("被保険者", "", &[9, 10, 11, 12, 13, 14, 15], true),
    facts("作成", "", &[4, 5, 6, 7, 16, 25, 26, 27], true),
    table("給付計画", "", &[8, 17, 18, 19, 20, 21, 22, 23, 24]),
];

/// Lays the rows of one part of a file out. Columns in which nothing stands are left out unless a finding points there.
pub(crate) fn blocks(rows: &[Row], marked: &Marked) -> Vec<BlockView> {
    let exchange_id = rows.first().map_or("", Row::exchange_id);
    let plan: &[Block] = match exchange_id.as_bytes() {
        b"8121" => &[],
        [b'8', b'1', ..] => CARE_PLAN,
        [b'8', b'2', b'2', _] => BENEFIT_MANAGEMENT,
        [b'7', b'1', ..] if rows.iter().any(has_record_kind) => STATEMENT,
        _ => &[],
    };
    let mut sheet = Sheet { rows, marked, shown: HashSet::new(), blocks: Vec::new() };
    for block in plan {
        sheet.add(block);
    }
    if plan.len() == STATEMENT.len() {
        sheet.add_shares();
    }
    sheet.add_rest();
    sheet.blocks
}

/// Lays out the control record, whose items stand in the columns without the two leading ones.
pub(crate) fn control(line: u64, values: &[&str]) -> Vec<BlockView> {
    let layout = kokuho::layout("control");
    let items: Vec<Option<&Item>> = (1..=values.len()).map(|no| layout.and_then(|layout| layout.item(no))).collect();
    vec![BlockView {
        title: "コントロールレコード（ファイルの最初の行）".to_owned(),
        shape: Shape::Facts.as_str().to_owned(),
        columns: items
            .iter()
            .map(|item| item.map_or_else(|| "項目".to_owned(), |item| item.name_ja.to_owned()))
            .collect(),
        numeric: vec![false; values.len()],
        rows: vec![BlockRowView {
            line,
            record: "control".to_owned(),
            name: String::new(),
            cells: values
                .iter()
                .zip(&items)
                .zip(1..)
                .map(|((value, item), no)| CellView {
                    item: no,
                    value: (*value).to_owned(),
                    text: reading(*item, value),
                })
                .collect(),
        }],
    }]
}

struct Sheet<'r> {
    rows: &'r [Row],
    marked: &'r Marked,
    /// Values that stand in a block already.
    shown: HashSet<(u64, u16)>,
    blocks: Vec<BlockView>,
}

impl Sheet<'_> {
    fn add(&mut self, block: &Block) {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| record_kind(row) == block.record).collect();
        if block.shape == Shape::Facts {
            rows.truncate(1);
        }
        let Some(first) = rows.first() else { return };
        let own: Vec<u16> = if block.items.is_empty() { own_items(first) } else { block.items.to_vec() };
        let filled = |no: u16| rows.iter().any(|row| !is_blank(row.item(usize::from(no))));
        let marked = |no: u16| rows.iter().any(|row| self.marked.contains(&(row.line, no)));
        let mut items: Vec<u16> =
            if block.shape == Shape::Facts && (block.always || own.iter().any(|no| filled(*no) || marked(*no))) {
                own
            } else {
                own.into_iter().filter(|no| filled(*no) || marked(*no)).collect()
            };
        if block.shape != Shape::Facts {
            // A row that names another person or insurer says so in its block.
            let strangers = (1..=item_count(first)).filter(|no| {
                !items.contains(no)
                    && (marked(*no) || is_key(first, *no) && rows.iter().any(|row| self.is_stranger(row, *no)))
            });
            let strangers: Vec<u16> = strangers.filter(|no| *no > 2).collect();
            items.splice(0..0, strangers);
        }
        items.retain(|no| usize::from(*no) <= item_count(first).into());
        if items.is_empty() {
            return;
        }
        self.shown.extend(rows.iter().flat_map(|row| items.iter().map(|no| (row.line, *no))));
        let item = |no: u16| first.layout().and_then(|layout| layout.item(usize::from(no)));
        self.blocks.push(BlockView {
            title: block.title.to_owned(),
            shape: block.shape.as_str().to_owned(),
            columns: items.iter().map(|no| name(item(*no), *no)).collect(),
            numeric: items.iter().map(|no| item(*no).is_some_and(is_figure)).collect(),
            rows: rows.iter().map(|row| block_row(row, String::new(), &items)).collect(),
        });
    }

    /// The totals of record 01: 保険 always, a public payer where it bears something.
    fn add_shares(&mut self) {
        let Some(row) = self.rows.iter().find(|row| record_kind(row) == "01") else { return };
        let used = |no: u16| !is_blank(row.item(usize::from(no))) || self.marked.contains(&(row.line, no));
        let payers: Vec<&(&str, [u16; 6])> =
            SHARES.iter().filter(|(name, items)| *name == "保険" || items.iter().any(|no| used(*no))).collect();
        let columns: Vec<usize> =
            (0..6).filter(|column| *column < 3 || payers.iter().any(|(_, items)| used(items[*column]))).collect();
        let rows: Vec<BlockRowView> = payers
            .iter()
            .map(|(name, items)| {
                let items: Vec<u16> = columns.iter().map(|column| items[*column]).collect();
                block_row(row, (*name).to_owned(), &items)
            })
            .collect();
        self.shown.extend(rows.iter().flat_map(|row| row.cells.iter().map(|cell| (row.line, cell.item))));
        self.blocks.push(BlockView {
            title: "請求額の合計".to_owned(),
            shape: Shape::Table.as_str().to_owned(),
            columns: columns.iter().map(|column| SHARE_COLUMNS[*column].to_owned()).collect(),
            numeric: vec![true; columns.len()],
            rows,
        });
    }

    /// Whatever stands in no block: one table per record kind.
    fn add_rest(&mut self) {
        let mut kinds: Vec<&str> = Vec::new();
        for row in self.rows {
            if !kinds.contains(&row.id()) {
                kinds.push(row.id());
            }
        }
        for kind in kinds {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.id() == kind).collect();
            let count = rows.iter().map(|row| item_count(row)).max().unwrap_or(0);
            let is_left = |row: &Row, no: u16| {
                let place = (row.line, no);
                let fresh = !self.shown.contains(&place);
                fresh
                    && (self.marked.contains(&place)
                        || (!is_blank(row.item(usize::from(no))) && !self.is_told(row, no)))
            };
            let items: Vec<u16> = (1..=count).filter(|no| rows.iter().any(|row| is_left(row, *no))).collect();
            let rows: Vec<&Row> = rows.into_iter().filter(|row| items.iter().any(|no| is_left(row, *no))).collect();
            let Some(first) = rows.first() else { continue };
            let layout = first.layout();
            let item = |no: u16| layout.and_then(|layout| layout.item(usize::from(no)));
            let more = !self.blocks.is_empty() && layout.is_some();
            let title = layout
                .map_or_else(|| format!("登録されていない種類の行（{kind}）"), |layout| layout.name_ja.to_owned());
            self.blocks.push(BlockView {
                title: if more { format!("{title}（そのほかの項目）") } else { title },
                shape: Shape::Table.as_str().to_owned(),
                columns: items.iter().map(|no| name(item(*no), *no)).collect(),
                numeric: items.iter().map(|no| item(*no).is_some_and(is_figure)).collect(),
                rows: rows.iter().map(|row| block_row(row, String::new(), &items)).collect(),
            });
        }
    }

    /// Returns whether a value says nothing that the sheet does not say elsewhere: what kind of row it is, and whose.
    fn is_told(&self, row: &Row, no: u16) -> bool {
        let Some(layout) = row.layout() else { return false };
        no == 1
            || no == 2 && layout.record_kind.is_some()
            || is_key(row, no) && !self.is_stranger(row, no)
            // A person's form without record kinds repeats the person on every row.
            || layout.record_kind.is_none()
                && self.rows.first().is_some_and(|first| {
                    first.id() == row.id()
                        && self.shown.contains(&(first.line, no))
                        && first.item(usize::from(no)) == row.item(usize::from(no))
                })
    }

    /// Returns whether a row differs from the first one of the part in a number that they should share.
    fn is_stranger(&self, row: &Row, no: u16) -> bool {
        let name =
            |row: &Row, no: u16| row.layout().and_then(|layout| layout.item(usize::from(no))).map(|item| item.name_ja);
        self.rows.first().is_some_and(|first| {
            let wanted = name(row, no);
            let same = (1..=item_count(first)).find(|other| name(first, *other) == wanted);
            same.is_some_and(|other| first.item(usize::from(other)) != row.item(usize::from(no)))
        })
    }
}

/// Items 3 to 6 of the records of a 明細書 say whose it is.
fn is_key(row: &Row, no: u16) -> bool {
    has_record_kind(row) && row.exchange_id().starts_with("71") && (3..=6).contains(&no)
}

fn has_record_kind(row: &Row) -> bool {
    row.layout().is_some_and(|layout| layout.record_kind.is_some())
}

fn record_kind(row: &Row) -> &'static str {
    row.layout().and_then(|layout| layout.record_kind).unwrap_or("")
}

fn item_count(row: &Row) -> u16 {
    u16::try_from(row.items()).unwrap_or(u16::MAX)
}

/// The items of a record beyond those that say whose it is.
fn own_items(row: &Row) -> Vec<u16> {
    (7..=item_count(row)).collect()
}

fn block_row(row: &Row, name: String, items: &[u16]) -> BlockRowView {
    let layout = row.layout();
    BlockRowView {
        line: row.line,
        record: row.id().to_owned(),
        name,
        cells: items
            .iter()
            .map(|no| {
                let value = row.item(usize::from(*no));
                let item = layout.and_then(|layout| layout.item(usize::from(*no)));
                CellView { item: *no, value: value.to_owned(), text: reading(item, value) }
            })
            .collect(),
    }
}

/// Blank and zero are the same nothing（rules.md V3）.
fn is_blank(value: &str) -> bool {
    value.trim().bytes().all(|byte| byte == b'0')
}

fn name(item: Option<&Item>, no: u16) -> String {
    item.map_or_else(|| format!("項目{no}"), |item| item.name_ja.to_owned())
}

/// Returns whether an item holds a figure, not a number that names something.
fn is_figure(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Nine | ItemKind::SignedNine)
        && !["コード", "番号", "年月"].iter().any(|word| item.name_ja.contains(word))
        && !item.name_ja.starts_with("認定有効期間")
        && !item.name_ja.starts_with("限度額適用期間")
}

/// Writes a value as a person reads it. What does not look as it should is shown as it stands.
fn reading(item: Option<&Item>, value: &str) -> String {
    let Some(item) = item else { return value.to_owned() };
    let text = value.trim();
    let formatted = if is_figure(item) {
        text.parse::<i64>().ok().map(|figure| match item.name_ja {
            name if name.ends_with("単位数単価") => format!("{}.{:02}", figure / 100, figure % 100),
            _ => crate::yen_text(figure),
        })
    } else if text.len() == 8 && (item.name_ja.contains("年月日") || item.name_ja.starts_with("認定有効期間"))
    {
        NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(wareki_date)
    } else if text.len() == 6 && (item.name_ja.contains("年月") || item.name_ja.starts_with("限度額適用期間"))
    {
        text.parse::<Month>().ok().map(wareki_month)
    } else {
        kokuho::meaning(item.name_ja, text).map(|meaning| format!("{text} {meaning}"))
    };
    formatted.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use kokuho::SectionKind;

    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/../kokuho/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// The sheet of the person with this number.
    fn sheet(file: &[u8], insured: &str, marked: &[(u64, u16)]) -> Vec<BlockView> {
        let sections = kokuho::sections(file).unwrap();
        let section =
            sections.iter().find(|section| section.insured.as_ref().is_some_and(|number| number.as_str() == insured));
        blocks(&section.unwrap().rows(file).unwrap(), &marked.iter().copied().collect())
    }

    fn titles(blocks: &[BlockView]) -> Vec<&str> {
        blocks.iter().map(|block| block.title.as_str()).collect()
    }

    #[test]
    fn a_statement_is_laid_out_like_the_paper_form() {
        let sheet = sheet(&sample("KK260601.CSV"), "0000000303", &[]);
        assert_eq!(
            titles(&sheet),
            [
                "公費",
                "サービス提供年月・保険者",
                "被保険者",
                "請求事業者",
                "居宅サービス計画",
                "給付費明細欄",
                "給付率（%）",
                "請求額集計欄",
                "請求額の合計"
            ]
        );
        let detail = &sheet[5];
        assert_eq!(detail.rows.len(), 3);
        assert_eq!(detail.columns[..4], ["サービス種類コード", "サービス項目コード", "単位数", "日数・回数"]);
        assert_eq!(detail.rows[0].cells[0].text, "15 通所介護");
        let totals = &sheet[7];
        let text = |name: &str| {
            let at = totals.columns.iter().position(|column| column == name).unwrap();
            totals.rows[0].cells[at].text.as_str()
        };
        assert_eq!((text("保険 単位数単価"), text("保険 請求額"), text("公費1 請求額")), ("10.45", "83,910", "9,324"));
        let shares: Vec<&str> = sheet[8].rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(shares, ["保険", "公費1"]);
        let person: Vec<&str> = sheet[2].rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(person[..2], ["0000000303", "昭和20年3月15日"]);
    }

    /// Whatever the file, each of its values stands on the sheet, or is one that the sheet says elsewhere.
    #[test]
    fn nothing_of_a_file_is_left_out() {
        for name in ["KK260601.CSV", "KKBAD001.CSV", "74100000.CSV", "75200000.CSV", "72100000.CSV", "75100000.CSV"] {
            let file = sample(name);
            for section in kokuho::sections(&file).unwrap() {
                if matches!(section.kind, SectionKind::Control | SectionKind::End) {
                    continue;
                }
                let rows = section.rows(&file).unwrap();
                let blocks = blocks(&rows, &Marked::new());
                let shown: HashSet<&str> = blocks
                    .iter()
                    .flat_map(|block| &block.rows)
                    .flat_map(|row| row.cells.iter().map(|cell| cell.value.as_str()))
                    .collect();
                for row in &rows {
                    let told = if has_record_kind(row) { 2 } else { 1 };
                    for no in told + 1..=row.items() {
                        let value = row.item(no);
                        assert!(is_blank(value) || shown.contains(value), "{name} line {} item {no} {value}", row.line);
                    }
                }
            }
        }
    }

    #[test]
    fn an_empty_place_is_shown_when_a_finding_points_there() {
        let file = sample("KK260601.CSV");
        let columns = |marked: &[(u64, u16)]| {
            let sheet = sheet(&file, "0000000101", marked);
            sheet.into_iter().find(|block| block.title == "給付費明細欄").unwrap().columns
        };
        assert!(!columns(&[]).contains(&"公費1対象日数・回数".to_owned()));
        assert!(columns(&[(5, 11)]).contains(&"公費1対象日数・回数".to_owned()));
    }

    #[test]
    fn a_row_with_another_number_shows_it() {
        let text = String::from_utf8(sample("KK260601.CSV")).unwrap();
        let slip = text.replacen("00990010,\"0000000202\",15,5301", "00990028,\"0000000202\",15,5301", 1);
        let sheet = sheet(slip.as_bytes(), "0000000202", &[]);
        let detail = sheet.iter().find(|block| block.title == "給付費明細欄").unwrap();
        assert_eq!(detail.columns[0], "証記載保険者番号");
        assert_eq!(detail.rows[1].cells[0].value, "00990028");
    }

    #[test]
    fn care_plans_and_benefit_management_have_their_own_forms() {
        let file = format!(
            "1,1,0,2,822,0,0,9970000015,0,7,202606,0\r\n2,2,{head}01,{rest},,1,9970000023,1,15,6000,,,,,,,\r\n2,3,{head}99,{rest},16765,1,0,0,0,,,6000,0,6000,12345678,,\r\n3,4\r\n",
            head = "8222,202605,00990010,9970000015,1,20260601,3,",
            rest = "0000000101,19400105,2,21,202601,202612",
        );
        let found = sheet(file.as_bytes(), "0000000101", &[]);
        assert_eq!(titles(&found)[..4], ["対象年月・保険者", "被保険者", "作成", "給付計画"]);
        assert_eq!(found[3].rows.len(), 2);
    }

    #[track_caller]
    fn check(record: &str, no: usize, value: &str, expected: &str) {
        let item = kokuho::layout(record).and_then(|layout| layout.item(no));
        assert_eq!(reading(item, value), expected, "{record} {no}");
    }

    #[test]
    fn values_are_written_for_reading() {
        check("7131-01", 13, "19400105", "昭和15年1月5日");
        check("7131-01", 13, "19401305", "19401305");
        check("7131-01", 15, "21", "21 要介護1");
        check("7131-01", 3, "202605", "令和8年5月");
        check("7131-10", 15, "1045", "10.45");
        check("7131-10", 16, "57351", "57,351");
        check("7131-10", 16, "5x", "5x");
        check("7131-01", 5, "00990010", "00990010");
        check("7131-02", 8, "0110", "0110");
    }
}
