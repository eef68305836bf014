//! お知らせ（連絡文書）: words of the federation to every office of a prefecture, with what is attached to them.

use chrono::{NaiveDate, NaiveDateTime};
use encoding_rs::SHIFT_JIS;
use serde::{Deserialize, Serialize};

use crate::pdf;

/// A word to all offices of a prefecture（features N07）. It comes as files: the word as text in Shift_JIS, then the sheet
/// attached to it as PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// When it lies ready.
    pub at: NaiveDateTime,
    /// First two digits of the 事業所番号 of those for whom it is.
    pub prefecture: String,
    /// The word.
    pub word: Sheet,
    /// What is attached.
    pub attached: Option<Sheet>,
}

/// A title and lines of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Title.
    pub title: String,
    /// Lines of about 40 characters.
    pub lines: Vec<String>,
}

impl Announcement {
    /// Returns the files: name and content.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let day = self.at.format("%Y%m%d");
        let mut text = format!("{}\r\n\r\n", self.word.title);
        for line in &self.word.lines {
            text.push_str(line);
            text.push_str("\r\n");
        }
        let mut files = vec![(format!("お知らせ_{day}.txt"), SHIFT_JIS.encode(&text).0.into_owned())];
        if let Some(attached) = &self.attached {
            files.push((format!("別紙_{day}.pdf"), pdf::sheet(attached)));
        }
        files
    }
}

/// The announcement of demonstrations: after the first month has been paid.
pub(crate) fn of_demonstrations() -> Announcement {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Announcement {
        at: NaiveDate::from_ymd_opt(2026, 7, 21).and_then(|day| day.and_hms_opt(9, 0, 0)).unwrap_or_default(),
        prefecture: "99".to_owned(),
        word: Sheet {
            title: "８月請求分の受付について（お知らせ）".to_owned(),
            lines: lines(&[
                "架空県内の介護事業所　各位",
                "",
                "８月請求分の受付期間は、８月１日から８月１０日までです。",
                "期間の終わりは伝送がこみあいます。早めの送信にご協力ください。",
                "受付時間の一覧を別紙（ＰＤＦ）でお送りします。",
                "",
                "架空県国民健康保険団体連合会　介護保険課",
            ]),
        },
        attached: Some(Sheet {
            title: "別紙　受付時間の一覧（８月請求分）".to_owned(),
            lines: lines(&[
                "８月１日（土）から８月９日（日）まで　　終日",
                "８月１０日（月）　　　　　　　　　　　　２４時まで",
                "取消　　　　　　　　　　　　　　　　　　８月１０日２３時３０分まで",
            ]),
        }),
    }
}
