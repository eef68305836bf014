//! Reading notices, on the screen and on paper.

use std::path::PathBuf;

use chrono::NaiveDateTime;
use paper::{Document, Orientation, Table};
use relay_api::Account;
use store::{Notice, Origin};
use unicode_normalization::UnicodeNormalization;

use crate::exports::notice_file_name;
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

/// Lays the notice out as its form; what cannot be read says so.
fn content_view(notice: NoticeView, bytes: &[u8]) -> NoticeContentView {
    let form = match kokuho::read(bytes) {
        Ok(file) => Form::of(&file),
        Err(not) => Form {
            head: vec![FactView { name: "内容".to_owned(), value: crate::files::of_not_interchange(&not).message() }],
            ..Form::default()
        },
    };
    let landscape = form.is_landscape();
    NoticeContentView { notice, head: form.head, tables: form.tables, legend: form.legend, landscape }
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
