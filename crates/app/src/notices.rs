//! Reading notices, on the screen and on paper.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use encoding_rs::SHIFT_JIS;
use paper::{Document, Orientation, Table};
use relay_api::Account;
use store::{Notice, Origin};
use unicode_normalization::UnicodeNormalization;

use crate::books::is_announcement;
use crate::exports::notice_file_name;
use crate::files::office_name;
use crate::forms::Form;
use crate::papers::print;
use crate::problem::{Code, Problem};
use crate::tick::rfc3339;
use crate::views::{FactView, NoticeContentView, NoticeView, SavedView};
use crate::{App, Topic, blocking};

impl App {
    /// Returns all notices, newest first.
    pub async fn notices(&self) -> Result<Vec<NoticeView>, Problem> {
        let account = self.account().await?;
        let (notices, heads) = self.store(|store| Ok((store.notices()?, store.notice_heads()?))).await?;
        let view = |notice: Notice| {
            let head = heads.get(&notice.id).map_or(&[][..], Vec::as_slice);
            let issued = issued(&notice.exchange_id, head);
            NoticeView { issued: issued.map(|day| day.to_string()), ..notice_view(notice, account.as_ref()) }
        };
        Ok(notices.into_iter().map(view).collect())
    }

    /// The same without 作成年月日, for which no content has to be opened.
    pub(crate) async fn undated_notices(&self) -> Result<Vec<NoticeView>, Problem> {
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
                    store.mark_read(&[id], now)?;
                }
                Ok((notice, bytes))
            })
            .await?;
        let (Some(notice), Some(bytes)) = (notice, bytes) else { return Err(Code::UnknownNotice.into()) };
        if notice.read_at.is_none() {
            self.announce_change(Topic::Notices);
            self.announce_change(Topic::Frame);
        }
        let issued = issued(&notice.exchange_id, &bytes);
        let mut view = notice_view(notice, account.as_ref());
        view.issued = issued.map(|day| day.to_string());
        view.unread = false;
        blocking(move || Ok(content_view(view, &bytes))).await
    }

    /// Writes a notice as PDF in the order of its official form, to `out` or into the folder for papers, and marks it read.
    pub async fn notice_paper(&self, id: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let view = self.notice(id).await?;
        let name = notice_file_name(
            &view.notice.exchange_id,
            &view.notice.office,
            view.notice.processing_month.as_deref().and_then(|month| month.parse().ok()),
        );
        let path = out.unwrap_or_else(|| self.documents().join(name));
        let document = document(view, self.now(), self.is_practice());
        blocking(move || print(&path, &document)).await
    }

    /// Notes that notices were read, as opening each of them would: after years of files were taken in, nobody opens them all.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownNotice`] when one of them is not here; then none is marked.
    pub async fn mark_notices_read(&self, ids: &[String]) -> Result<(), Problem> {
        let ids = ids.iter().map(|id| Self::notice_id(id)).collect::<Result<Vec<_>, Problem>>()?;
        let now = self.now();
        self.store(move |store| match store.mark_read(&ids, now) {
            Err(store::StoreError::Unknown(_)) => Ok(false),
            other => other.map(|()| true),
        })
        .await?
        .then_some(())
        .ok_or(Code::UnknownNotice)?;
        self.announce_change(Topic::Notices);
        self.announce_change(Topic::Frame);
        Ok(())
    }

    /// Returns the ids of the notices in whose content every word stands: a number of an office, a person, an insurer, or a
    /// name, in kana of any kind and width, with or without the space in it. Numbers of fewer than [`LEAST_DIGITS`] and single
    /// letters would be found everywhere and give nothing.
    pub async fn notices_naming(&self, text: &str) -> Result<Vec<String>, Problem> {
        let words: Vec<String> = text.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect();
        let is_enough = |word: &String| word.chars().count() >= if word.is_ascii() { LEAST_DIGITS } else { LEAST_KANA };
        if words.is_empty() || !words.iter().all(is_enough) {
            return Ok(Vec::new());
        }
        let holds = move |content: &[u8]| {
            let content = folded(&encoding_rs::SHIFT_JIS.decode(content).0);
            words.iter().all(|word| content.contains(word))
        };
        let found = self.store(move |store| store.notices_where(holds)).await?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    /// Returns whether papers must say that they are about the demonstration.
    pub(crate) fn is_practice(&self) -> bool {
        self.line().demo.is_some()
    }
}

/// Fewest digits or letters that are looked for inside notices.
const LEAST_DIGITS: usize = 4;
/// Fewest characters of a name.
const LEAST_KANA: usize = 2;

/// Writes a text so that what reads alike is alike: one width, katakana for hiragana, large kana for small ones (some programs
/// write ｼﾖｳｼﾞ for しょうじ), no spaces.
fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            'ぁ'..='ゖ' => char::from_u32(u32::from(character) + 0x60).unwrap_or(character),
            _ => character.to_ascii_lowercase(),
        })
        .map(|character| match character {
            'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => {
                char::from_u32(u32::from(character) + 1).unwrap_or(character)
            }
            _ => character,
        })
        .collect()
}

/// Reads 作成年月日 off the head of a notice. Its rows are not needed, so that a list of many notices is made at once.
fn issued(exchange_id: &str, content: &[u8]) -> Option<NaiveDate> {
    let layout = kokuho::layout(&format!("{exchange_id}-H1"))?;
    let item = layout.items.iter().find(|item| item.name_ja == "作成年月日")?;
    let head = content.get(..content.len().min(store::HEAD_BYTES))?;
    let text = encoding_rs::SHIFT_JIS.decode(head).0;
    let head = text.lines().nth(1)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(head.as_bytes());
    let record = reader.records().next()?.ok()?;
    // Kind of the row and its number stand before the items.
    let value = record.get(usize::from(item.no) + 1)?;
    NaiveDate::parse_from_str(value.trim(), "%Y%m%d").ok()
}

fn notice_view(notice: Notice, account: Option<&Account>) -> NoticeView {
    let to_all = is_announcement(&notice.office);
    let title = match kokuho::codes::notice_title(&notice.exchange_id) {
        Some(title) => title.to_owned(),
        None if to_all => "国保連からのお知らせ".to_owned(),
        None => "種類の分からない通知".to_owned(),
    };
    let office_name = if to_all {
        "県内のすべての事業所".to_owned()
    } else {
        account.and_then(|account| office_name(account, notice.office.as_str())).unwrap_or_default()
    };
    NoticeView {
        id: notice.id.to_string(),
        issued: None,
        file: notice.file_name,
        title,
        exchange_id: notice.exchange_id,
        office_name,
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

/// Lays the notice out as its form; what cannot be read says so.
fn content_view(notice: NoticeView, bytes: &[u8]) -> NoticeContentView {
    let form = match kokuho::read(bytes) {
        Ok(file) => Form::of(&file),
        Err(_) => Form {
            head: vec![FactView { name: "内容".to_owned(), value: plain(&notice.file, bytes) }],
            ..Form::default()
        },
    };
    let landscape = form.is_landscape();
    NoticeContentView { notice, head: form.head, tables: form.tables, legend: form.legend, landscape }
}

/// Returns what a file says that is no interchange file: its text, or what to do with it.
fn plain(file: &str, bytes: &[u8]) -> String {
    let is_text = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
    let text = std::str::from_utf8(bytes).map(Cow::Borrowed).ok();
    let text = text.or_else(|| SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes));
    match text.filter(|_| is_text) {
        Some(text) => text.replace("\r\n", "\n").trim().to_owned(),
        None => {
            "このファイルは、ここでは開けません。「もとのファイルを保存」を押し、保存したファイルを開いてください。"
                .to_owned()
        }
    }
}

/// Turns a notice into a paper in the order of its official form.
fn document(view: NoticeContentView, issued_at: NaiveDateTime, practice: bool) -> Document {
    let NoticeContentView { notice, head, tables, legend, landscape } = view;
    let pair = |fact: FactView| (fact.name, fact.value);
    Document {
        orientation: if landscape { Orientation::Landscape } else { Orientation::Portrait },
        head: head.into_iter().map(pair).collect(),
        tables: tables
            .into_iter()
            .map(|table| Table {
                title: table.title,
                columns: table.columns,
                numeric: table.numeric,
                groups: table.groups.into_iter().map(|group| (group.name, group.span as usize)).collect(),
                rows: table.rows,
                totals: table.totals,
            })
            .collect(),
        legend: legend.into_iter().map(pair).collect(),
        footer: format!("とどけ　{}　{}", notice.title, notice.file),
        title: notice.title,
        issued_at,
        practice,
        ..Document::default()
    }
}
