//! Short messages of the operating system: what happened while nobody looked. They name offices and months, never persons.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::Serialize;
use specta::Type;

use super::Preferences;
use crate::problem::Problem;
use crate::views::{NoticeView, SubmissionState, SubmissionView, WindowView};
use crate::{App, setting};

/// 交換情報識別番号 of the list of returned and held claims.
const RETURN_LIST: &str = "7411";

/// Largest number of messages at a time; more are one message that counts them.
const AT_A_TIME: usize = 3;

/// A short message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct News {
    /// What it is about.
    pub kind: NewsKind,
    /// One line.
    pub title: String,
    /// What it means and what to do.
    pub body: String,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// 受付完了.
    Accepted,
    /// 様式エラー, 外部エラー, or refused before.
    Failed,
    /// A list of returns has come.
    Returns,
    /// The window ends soon and an office has not sent.
    Deadline,
    /// The care software has written claim files.
    Found,
}

/// What messages are made of.
pub(crate) struct Facts<'a> {
    pub submissions: &'a [SubmissionView],
    pub notices: &'a [NoticeView],
    pub window: &'a WindowView,
    /// 事業所番号 and 事業所名 of the offices that the signed-in ID acts for.
    pub offices: &'a [(String, String)],
}

/// Returns what could be told now, each with the key under which it is remembered as told.
pub(crate) fn tellable(facts: &Facts<'_>, preferences: &Preferences, now: NaiveDateTime) -> Vec<(String, News)> {
    let mut all = Vec::new();
    for sent in facts.submissions {
        let months = format!("{}の{}請求", sent.office_name, month_word(&sent.processing_month));
        let news = match sent.state {
            SubmissionState::Accepted | SubmissionState::Processing | SubmissionState::Completed => {
                Some(("accepted", NewsKind::Accepted, "国保連が受け付けました", format!("{months}は受付完了です。")))
            }
            SubmissionState::FormatError => Some((
                "failed",
                NewsKind::Failed,
                "様式エラーになりました",
                format!("{months}は受け付けられていません。とどけを開いて、直すところを確かめてください。"),
            )),
            SubmissionState::ExternalError | SubmissionState::Refused => Some((
                "failed",
                NewsKind::Failed,
                "請求が送れていません",
                format!("{months}は受け付けられていません。とどけを開いて、することを確かめてください。"),
            )),
            _ => None,
        };
        if let Some((word, kind, title, body)) = news {
            all.push((format!("{word}:{}", sent.id), News { kind, title: title.to_owned(), body }));
        }
    }
    for notice in facts.notices.iter().filter(|notice| notice.exchange_id == RETURN_LIST && notice.unread) {
        all.push((
            format!("returns:{}", notice.id),
            News {
                kind: NewsKind::Returns,
                title: "返戻の通知が届きました".into(),
                body: format!(
                    "{}に返戻か保留があります。「返戻・未収」で、することを確かめてください。",
                    notice.office_name
                ),
            },
        ));
    }
    let unsent: Vec<&str> =
        facts.offices.iter().filter(|(number, _)| !has_sent(facts, number)).map(|(_, name)| name.as_str()).collect();
    if facts.window.open && facts.window.days_left <= u32::from(preferences.remind_days) && !unsent.is_empty() {
        let left = match facts.window.days_left {
            0 => "きょうまで".to_owned(),
            days => format!("あと{days}日"),
        };
        let others = if unsent.len() > 1 { format!("ほか{}事業所", unsent.len() - 1) } else { String::new() };
        all.push((
            // Once a day.
            format!("deadline:{}", now.date()),
            News {
                kind: NewsKind::Deadline,
                title: format!("請求の締切まで{left}です"),
                body: format!("まだ送っていないのは、{}{others}です。10日の17時までに送ると安心です。", unsent[0]),
            },
        ));
    }
    all
}

/// Returns whether something stands for the month of the window, or is on its way.
fn has_sent(facts: &Facts<'_>, office: &str) -> bool {
    facts.submissions.iter().any(|sent| {
        sent.office == office
            && sent.processing_month == facts.window.processing_month
            && !sent.test
            && !matches!(
                sent.state,
                SubmissionState::Refused
                    | SubmissionState::FormatError
                    | SubmissionState::ExternalError
                    | SubmissionState::Cancelled
            )
    })
}

/// Chooses what is said now and what counts as told afterwards. `told` is `None` on the first call on a computer: what
/// lies there already is no news.
pub(crate) fn choose(
    tellable: Vec<(String, News)>,
    told: Option<&BTreeSet<String>>,
    preferences: &Preferences,
    now: NaiveDateTime,
) -> (Vec<News>, BTreeSet<String>) {
    let all: BTreeSet<String> = tellable.iter().map(|(key, _)| key.clone()).collect();
    let Some(told) = told else {
        return (Vec::new(), all.into_iter().filter(|key| !key.starts_with("deadline:")).collect());
    };
    if !preferences.notifications {
        return (Vec::new(), all);
    }
    // Not told and not forgotten: they come when the quiet hours have ended.
    if preferences.quiet(now.time()) {
        return (Vec::new(), all.intersection(told).cloned().collect());
    }
    let mut fresh: Vec<News> =
        tellable.into_iter().filter(|(key, _)| !told.contains(key)).map(|(_, news)| news).collect();
    if fresh.len() > AT_A_TIME {
        let count = |kind: NewsKind| fresh.iter().filter(|news| news.kind == kind).count();
        let parts: Vec<String> = [
            (NewsKind::Failed, "送れていないもの"),
            (NewsKind::Accepted, "受付完了"),
            (NewsKind::Returns, "返戻の通知"),
        ]
        .into_iter()
        .filter(|(kind, _)| count(*kind) > 0)
        .map(|(kind, word)| format!("{word}{}件", count(kind)))
        .collect();
        let kind = if count(NewsKind::Failed) > 0 { NewsKind::Failed } else { fresh[0].kind };
        let summary = News {
            kind,
            title: "お知らせがあります".into(),
            body: format!("{}。とどけを開いて確かめてください。", parts.join("、")),
        };
        let deadline: Vec<News> = fresh.iter().filter(|news| news.kind == NewsKind::Deadline).cloned().collect();
        fresh = std::iter::once(summary).chain(deadline).collect();
    }
    (fresh, all)
}

fn month_word(month: &str) -> String {
    format!("{}月", month.get(5..).unwrap_or(month).trim_start_matches('0'))
}

impl App {
    /// Returns the message about files found in the watched folder, when one may be shown now.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn found_news(&self) -> Result<Option<News>, Problem> {
        let (watched, preferences) = (self.watched().await?, self.preferences().await?);
        if watched.found == 0 || !preferences.notifications || preferences.quiet(self.now().time()) {
            return Ok(None);
        }
        Ok(Some(News {
            kind: NewsKind::Found,
            title: "新しい請求ファイルがあります".into(),
            body: format!(
                "介護ソフトのフォルダーに{}件あります。とどけで内容を確かめてから送ってください。",
                watched.found
            ),
        }))
    }

    /// Returns what the operating system should say now, each message once on this computer.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn news(&self) -> Result<Vec<News>, Problem> {
        let Some(account) = self.who().await? else { return Ok(Vec::new()) };
        let preferences = self.preferences().await?;
        let (submissions, notices) = (self.submissions().await?, self.undated_notices().await?);
        let now = self.now();
        let window = crate::tick::window_view(now);
        let offices: Vec<(String, String)> =
            account.offices.into_iter().map(|office| (office.number, office.name)).collect();
        let facts = Facts { submissions: &submissions, notices: &notices, window: &window, offices: &offices };
        let told: Option<BTreeSet<String>> = self.setting(setting::TOLD_NEWS).await?;
        let (news, told_now) = choose(tellable(&facts, &preferences, now), told.as_ref(), &preferences, now);
        if told.as_ref() != Some(&told_now) {
            self.keep_setting(setting::TOLD_NEWS, &told_now).await?;
        }
        Ok(news)
    }
}
