//! 問い合わせ票（features U07）: what a desk asks for on the telephone, on one sheet.
//!
//! It names the program, the IDs and what was sent by its numbers; persons and file names stand on it only when the clerk
//! writes them.

use std::path::PathBuf;

use calendar::{Month, wareki_date, wareki_month};
use paper::{Document, Table};
use serde::Deserialize;
use specta::Type;

use crate::papers::print;
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::views::{ConnectionState, FrameView, SavedView, SubmissionView};
use crate::{App, blocking};

/// What a clerk writes on the sheet; each may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Type)]
pub struct Enquiry {
    /// Number of the problem, as it was read off the screen.
    pub problem: String,
    /// What was done and what happened.
    pub what: String,
    /// Who asks.
    pub name: String,
    /// Where to call back.
    pub phone: String,
}

/// Files that stand on the sheet, newest first.
const FILES: usize = 8;

impl App {
    /// Writes the sheet.
    ///
    /// # Errors
    ///
    /// [`Code::MissingGlyph`] when what was written holds a character that cannot be printed.
    pub async fn enquiry_paper(&self, enquiry: &Enquiry, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let frame = self.frame().await?;
        let submissions = self.submissions().await?;
        let onboarding = self.onboarding().await?;
        let mut sheet = sheet(enquiry, &frame, &submissions);
        sheet.tables.push(Table {
            title: "申し込み".to_owned(),
            columns: ["受付番号", "内容", "受け付けた日", "状態"].map(str::to_owned).to_vec(),
            numeric: vec![false; 4],
            rows: onboarding
                .applications
                .iter()
                .map(|one| {
                    let received = one.received.as_deref().and_then(moment).map(|at| wareki_date(at.date()));
                    vec![
                        one.number.clone(),
                        one.title.clone(),
                        received.unwrap_or_default(),
                        word(&one.state).to_owned(),
                    ]
                })
                .collect(),
            ..Table::default()
        });
        for desk in onboarding.desks {
            sheet.legend.push((desk.about, format!("{}　{}\n{}", desk.name, desk.phone, desk.hours)));
        }
        sheet.issued_at = self.now();
        let name = format!("問い合わせ票_{}.pdf", self.now().format("%Y%m%d_%H%M"));
        let path = out.unwrap_or_else(|| self.documents().join(name));
        blocking(move || print(&path, &sheet)).await
    }
}

fn word(state: &str) -> &'static str {
    match state {
        "open" => "手続き中",
        "completed" => "完了",
        "declined" => "お断り",
        "withdrawn" => "取下げ",
        _ => "送信中",
    }
}

/// Finds the problem that a person means: `E-1301`, `1301`, with full-width figures too.
fn find(typed: &str) -> Option<Code> {
    use unicode_normalization::UnicodeNormalization;
    let digits: String = typed.nfkc().filter(char::is_ascii_digit).collect();
    Code::find(&format!("E-{digits}"))
}

fn sheet(enquiry: &Enquiry, frame: &FrameView, submissions: &[SubmissionView]) -> Document {
    let problem = match (enquiry.problem.trim(), find(&enquiry.problem)) {
        ("", _) => "なし".to_owned(),
        (_, Some(code)) => format!("{}　{}", code.as_str(), Problem::from(code).message()),
        (typed, None) => typed.to_owned(),
    };
    let or_blank = |text: &str| if text.trim().is_empty() { "　".to_owned() } else { text.trim().to_owned() };
    let system = format!("{}（{}）", std::env::consts::OS, std::env::consts::ARCH);
    let connection = match frame.connection.state {
        ConnectionState::Online => "つながっています".to_owned(),
        ConnectionState::Unknown => "まだ確かめていません".to_owned(),
        ConnectionState::Offline => "つながりません".to_owned(),
        ConnectionState::Faulty => "中継サーバーが失敗を返しています".to_owned(),
        ConnectionState::SignedOut => "ログインしていません".to_owned(),
    };
    let trouble = frame.connection.problem.as_ref().map(|problem| format!("（{}）", problem.code)).unwrap_or_default();
    let mut head = vec![
        ("困っていることの番号".to_owned(), problem),
        ("何をして、どうなったか".to_owned(), or_blank(&enquiry.what)),
        ("名前・折り返しの電話".to_owned(), or_blank(&format!("{}　{}", enquiry.name.trim(), enquiry.phone.trim()))),
        ("とどけの版".to_owned(), format!("{}　{system}", frame.version)),
        ("中継サーバー".to_owned(), frame.relay_url.clone().unwrap_or_else(|| "決まっていません".to_owned())),
        ("つながり".to_owned(), format!("{connection}{trouble}")),
    ];
    if let Some(account) = &frame.account {
        head.push(("法人番号・ID".to_owned(), format!("{}　{}", account.corporation_number, account.login_id)));
        let offices: Vec<&str> = account.offices.iter().map(|office| office.number.as_str()).collect();
        let shown = offices.iter().take(30).copied().collect::<Vec<_>>().join("、");
        let more = if offices.len() > 30 { format!(" ほか{}件", offices.len() - 30) } else { String::new() };
        head.push(("事業所番号".to_owned(), format!("{shown}{more}")));
    }
    let month = |text: &str| text.parse::<Month>().map_or_else(|_| text.to_owned(), wareki_month);
    let rows = submissions
        .iter()
        .take(FILES)
        .map(|one| {
            vec![
                one.accept_code.clone().unwrap_or_else(|| "―".to_owned()),
                one.office.clone(),
                month(&one.processing_month),
                one.state_word.clone(),
                one.basic_code.clone().unwrap_or_default(),
                one.id.get(..8).unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    Document {
        title: "問い合わせ票".to_owned(),
        head,
        tables: vec![Table {
            title: format!("送ったファイル（新しいものから{FILES}件まで）"),
            columns: ["受付番号", "事業所番号", "処理対象年月", "状態", "コード", "ファイルの印"]
                .map(str::to_owned)
                .to_vec(),
            numeric: vec![false; 6],
            rows,
            ..Table::default()
        }],
        footer: "とどけ　問い合わせ票".to_owned(),
        practice: frame.demo.is_some(),
        ..Document::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_problem_is_understood_as_people_write_it() {
        for typed in ["E-1301", "1301", "Ｅ－１３０１", "番号 E-1301"] {
            assert_eq!(find(typed).map(Code::as_str), Some("E-1301"), "{typed}");
        }
        assert_eq!((find("9999"), find("")), (None, None));
    }
}
