//! Reading notices, on the screen and on paper.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use encoding_rs::SHIFT_JIS;
use paper::{Document, Orientation, Table};
use relay_api::Account;
use store::{Notice, Origin};
use unicode_normalization::UnicodeNormalization;

use crate::books::is_announcement;
use crate::exports::{notice_file_name, plain_name};
use crate::files::office_name;
use crate::forms::Form;
use crate::papers::{of_paper, save};
use crate::problem::{Code, Problem};
use crate::tick::rfc3339;
use crate::views::{FactView, NoticeContentView, NoticeView, SavedView};
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
        blocking(move || save(&path, &paper::document(&document).map_err(of_paper)?)).await
    }

    /// Writes a notice byte for byte as it came, to `out` or into the folder for papers, and marks it read. What is attached to
    /// an お知らせ is such a file（features N07）.
    pub async fn notice_file(&self, id: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let view = self.notice(id).await?.notice;
        let id = Self::notice_id(id)?;
        let bytes = self.store(move |store| store.content(&id)).await?.ok_or(Code::UnknownNotice)?;
        let path = out.unwrap_or_else(|| self.documents().join(kept_name(&view)));
        blocking(move || save(&path, &bytes)).await
    }

    /// Returns the ids of the notices in whose content a number stands: of an office, a person, an insurer. Full-width
    /// digits are taken; fewer than [`LEAST_DIGITS`] would be found everywhere and give nothing.
    pub async fn notices_naming(&self, number: &str) -> Result<Vec<String>, Problem> {
        let number: String = number.nfkc().filter(|character| !character.is_whitespace()).collect();
        if number.len() < LEAST_DIGITS || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Vec::new());
        }
        let found = self.store(move |store| store.notices_holding(number.as_bytes())).await?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    /// Returns whether papers must say that they are about the demonstration.
    pub(crate) fn is_practice(&self) -> bool {
        self.line().demo.is_some()
    }
}

/// Fewest characters that are looked for inside notices.
const LEAST_DIGITS: usize = 4;

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

/// Names the file of a notice as it came. Every month brings the same names, so that its id stands in it.
fn kept_name(notice: &NoticeView) -> String {
    let file = Path::new(&notice.file);
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let id = notice.id.get(..8).unwrap_or_default();
    let extension = file.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    plain_name(&format!("{stem}_{id}{extension}"))
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
        None => "このファイルは、ここでは開けません。「届いたままのファイルを保存」を押し、保存したファイルを開いてください。"
            .to_owned(),
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
