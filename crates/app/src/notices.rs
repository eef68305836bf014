//! Reading notices: every item named, in the order of the file.

use calendar::{Month, wareki_date, wareki_month};
use chrono::NaiveDate;
use kokuho::{ItemKind, Row, Yen};
use relay_api::Account;
use store::{Notice, Origin};
use unicode_normalization::UnicodeNormalization;

use crate::files::office_name;
use crate::problem::{Code, Problem};
use crate::tick::rfc3339;
use crate::views::{FactView, NoticeContentView, NoticeView, TableView};
use crate::{App, Topic, blocking};

impl App {
    /// Returns all notices, newest first.
    pub async fn notices(&self) -> Result<Vec<NoticeView>, Problem> {
        let account = self.account().await?;
        let notices = self.store(store::Store::notices).await?;
        Ok(notices.into_iter().map(|notice| notice_view(notice, account.as_ref())).collect())
    }

    /// Returns a notice with its content and marks it read.
    pub async fn notice(&self, id: &str) -> Result<NoticeContentView, Problem> {
        let id = Self::notice_id(id)?;
        let now = self.now();
        let account = self.account().await?;
        let (notice, bytes) = self
            .store(move |store| {
                let notice = store.notice(&id)?;
                let bytes = store.content(&id)?;
                if notice.is_some() {
                    store.mark_read(&id, now)?;
                }
                Ok((notice, bytes))
            })
            .await?;
        let (Some(notice), Some(bytes)) = (notice, bytes) else { return Err(Code::UnknownNotice.into()) };
        if notice.read_at.is_none() {
            self.announce_change(Topic::Notices);
            self.announce_change(Topic::Frame);
        }
        let mut view = notice_view(notice, account.as_ref());
        view.unread = false;
        blocking(move || Ok(content_view(view, &bytes))).await
    }
}

fn notice_view(notice: Notice, account: Option<&Account>) -> NoticeView {
    let title = kokuho::codes::notice_title(&notice.exchange_id)
        .map_or_else(|| "種類の分からない通知".to_owned(), str::to_owned);
    NoticeView {
        id: notice.id.to_string(),
        file: notice.file_name,
        title,
        exchange_id: notice.exchange_id,
        office_name: account.and_then(|account| office_name(account, notice.office.as_str())).unwrap_or_default(),
        office: notice.office.to_string(),
        processing_month: notice.processing_month.map(|month| month.to_string()),
        received_at: rfc3339(notice.received_at),
        unread: notice.read_at.is_none(),
        origin: match notice.origin {
            Origin::Relay => "relay",
            Origin::Disk => "disk",
        }
        .to_owned(),
    }
}

/// Names every item: single rows as facts, repeated rows as tables. What has no layout is shown as it is.
fn content_view(notice: NoticeView, bytes: &[u8]) -> NoticeContentView {
    let mut head = Vec::new();
    let mut tables: Vec<(String, TableView)> = Vec::new();
    match kokuho::read(bytes) {
        Ok(file) => {
            for row in &file.rows {
                if is_head(row) && !tables.iter().any(|(id, _)| id == row.id()) {
                    head.extend(facts(row));
                } else {
                    add(&mut tables, row);
                }
            }
        }
        Err(not) => {
            head.push(FactView { name: "内容".to_owned(), value: crate::files::of_not_interchange(&not).message() });
        }
    }
    NoticeContentView { notice, head, tables: tables.into_iter().map(|(_, table)| table).collect() }
}

/// A head row stands once per file: `…-H1`, and the kinds that are one row in all.
fn is_head(row: &Row) -> bool {
    row.layout().is_some() && (row.id().ends_with("-H1") || row.id() == "7511" || row.id() == "7513")
}

/// Items 1 and 2 say what kind of row it is, which its title says in words.
const FIRST_ITEM: usize = 3;

fn facts(row: &Row) -> Vec<FactView> {
    let Some(layout) = row.layout() else { return Vec::new() };
    layout
        .items
        .iter()
        .skip(FIRST_ITEM - 1)
        .map(|item| FactView {
            name: item.name_ja.to_owned(),
            value: readable(item.name_ja, item.kind, row.item(usize::from(item.no))),
        })
        .filter(|fact| !fact.value.is_empty())
        .collect()
}

fn add(tables: &mut Vec<(String, TableView)>, row: &Row) {
    let index = tables
        .iter()
        .position(|(id, table)| id == row.id() && (row.layout().is_some() || table.columns.len() == row.items()))
        .unwrap_or_else(|| {
            tables.push((row.id().to_owned(), empty_table(row)));
            tables.len() - 1
        });
    let Some((_, table)) = tables.get_mut(index) else { return };
    let cells = match row.layout() {
        Some(layout) => layout
            .items
            .iter()
            .skip(FIRST_ITEM - 1)
            .map(|item| readable(item.name_ja, item.kind, row.item(usize::from(item.no))))
            .collect(),
        None => (1..=row.items()).map(|number| row.item(number).to_owned()).collect(),
    };
    table.rows.push(cells);
}

fn empty_table(row: &Row) -> TableView {
    match row.layout() {
        Some(layout) => {
            let items = layout.items.iter().skip(FIRST_ITEM - 1);
            TableView {
                title: row_title(layout.name_ja),
                columns: items.clone().map(|item| item.name_ja.to_owned()).collect(),
                numeric: items.map(|item| item.kind == ItemKind::SignedNine).collect(),
                rows: Vec::new(),
            }
        }
        None => TableView {
            title: format!("{}（レイアウトの分からない行）", row.id()),
            columns: (1..=row.items()).map(|number| format!("項目{number}")).collect(),
            numeric: vec![false; row.items()],
            rows: Vec::new(),
        },
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
}
