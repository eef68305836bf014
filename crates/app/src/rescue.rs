//! The rescue kit（features idea 18, T16）: the relay cannot be reached, the window closes soon, and the claims go to 国保連 on a
//! CD-R instead.
//!
//! For each office: its files as they are, an image to burn, and a cover sheet with what to do. What was handed in that way is
//! taken out of the outbox for good, so that it is not claimed a second time once the relay is back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calendar::{ClaimWindow, wareki_month};
use chrono::NaiveDateTime;
use kokuho::{OfficeNumber, Yen};
use onboarding::{PREFECTURES_SOURCE, Prefecture};
use paper::{Document, Orientation, Table};
use store::{LocalState, Submission};

use crate::disc::{DiscFile, disc_name, image};
use crate::outbox::{content_id, may_be_at_relay};
use crate::papers::{print, save};
use crate::problem::{Code, Problem};
use crate::views::{RescueOfficeView, RescueView};
use crate::{App, Topic, blocking};

impl App {
    /// Writes a rescue kit for all that waits in the outbox and whose window is open, into `folder` or a new one in the folder
    /// for papers. The files in it are byte for byte those that would have been sent.
    ///
    /// # Errors
    ///
    /// [`Code::NothingToRescue`] when nothing waits or no window is open; failures of the disk and of the paper.
    pub async fn rescue_kit(&self, folder: Option<PathBuf>) -> Result<RescueView, Problem> {
        let (at, practice, names) = (self.now(), self.is_practice(), self.names().await?);
        let window = ClaimWindow::current_or_next(at.date());
        if !window.is_open(at.date()) {
            return Err(Code::NothingToRescue.into());
        }
        let waiting = self
            .store(move |store| {
                let mut waiting = Vec::new();
                for row in store.submissions()? {
                    let is_due = !row.hidden && !row.test && row.processing_month == window.processing_month;
                    if is_due && matches!(row.state, LocalState::Ready | LocalState::Sending) {
                        let bytes = store.content(&row.id)?.ok_or(store::StoreError::Unknown(row.id))?;
                        waiting.push((row, bytes));
                    }
                }
                Ok(waiting)
            })
            .await?;
        let mut offices: BTreeMap<OfficeNumber, Vec<(Submission, Vec<u8>)>> = BTreeMap::new();
        for (row, bytes) in waiting {
            offices.entry(row.office.clone()).or_default().push((row, bytes));
        }
        if offices.is_empty() {
            return Err(Code::NothingToRescue.into());
        }
        let folder = folder.unwrap_or_else(|| self.documents().join(format!("CD-R_{}", at.format("%Y-%m-%d_%H%M"))));
        blocking(move || {
            let offices = offices.into_iter().map(|(office, files)| {
                let name = names.or_number(&office);
                write_office(&folder, &office, &name, &files, at, practice)
            });
            Ok(RescueView {
                offices: offices.collect::<Result<_, Problem>>()?,
                folder: folder.to_string_lossy().into_owned(),
                closes: window.closes().to_string(),
            })
        })
        .await
    }

    /// Notes that submissions of the outbox were handed in on a CD-R: they are not sent any more, and count as claimed.
    ///
    /// # Errors
    ///
    /// [`Code::AlreadySent`] for one that went to the relay meanwhile; those before it are noted.
    pub async fn handed_in_on_disc(&self, ids: &[String]) -> Result<(), Problem> {
        let now = self.now();
        for id in ids {
            let id = content_id(id)?;
            self.store(move |store| match store.hand_in_on_disc(&id, now) {
                Err(store::StoreError::WrongState { .. }) => Ok(false),
                other => other.map(|()| true),
            })
            .await?
            .then_some(())
            .ok_or(Code::AlreadySent)?;
        }
        self.announce_change(Topic::Submissions);
        self.announce_change(Topic::Returns);
        Ok(())
    }
}

/// Writes what one office hands in: an office brings a disc of its own.
fn write_office(
    folder: &Path,
    office: &OfficeNumber,
    name: &str,
    files: &[(Submission, Vec<u8>)],
    at: NaiveDateTime,
    practice: bool,
) -> Result<RescueOfficeView, Problem> {
    let folder = folder.join(office.as_str());
    let mut on_disc: Vec<DiscFile> = Vec::new();
    for (row, bytes) in files {
        let mut disc = disc_name(&row.file_name, on_disc.len() + 1);
        if on_disc.iter().any(|other| other.name == disc) {
            disc = disc_name("", on_disc.len() + 1);
        }
        save(&folder.join("ディスクに入れるファイル").join(&disc), bytes)?;
        on_disc.push(DiscFile { name: disc, bytes: bytes.clone() });
    }
    save(&folder.join("CD-R.iso"), &image("SEIKYU", &on_disc, at))?;
    let desk = Prefecture::find(office.as_str().get(..2).unwrap_or_default());
    let is_unclear = files.iter().any(|(row, _)| row.state == LocalState::Sending || may_be_at_relay(row));
    let names: Vec<&str> = on_disc.iter().map(|file| file.name.as_str()).collect();
    let sheet = cover_sheet(name, desk, files, &names, is_unclear, at, practice);
    let sheet = print(&folder.join("送付書.pdf"), &sheet)?;
    Ok(RescueOfficeView {
        office: office.to_string(),
        office_name: name.to_owned(),
        kokuhoren: desk.map(Prefecture::kokuhoren).unwrap_or_default(),
        phone: desk.map(|desk| desk.phone.to_owned()).unwrap_or_default(),
        section: desk.map(|desk| desk.section.to_owned()).unwrap_or_default(),
        counter: desk.and_then(Prefecture::counter).map(str::to_owned),
        ids: files.iter().map(|(row, _)| row.id.to_string()).collect(),
        sheet: sheet.path,
        unclear: is_unclear,
    })
}

fn cover_sheet(
    name: &str,
    desk: Option<&Prefecture>,
    files: &[(Submission, Vec<u8>)],
    on_disc: &[&str],
    is_unclear: bool,
    at: NaiveDateTime,
    practice: bool,
) -> Document {
    let to = desk.map(Prefecture::kokuhoren).unwrap_or_default();
    let phone = desk.map_or_else(String::new, |desk| format!("{} {}", desk.phone, desk.section));
    let month = files.first().map(|(row, _)| wareki_month(row.processing_month)).unwrap_or_default();
    let rows = files.iter().zip(on_disc).map(|((row, bytes), disc)| {
        let months: Vec<String> = row.service_months.iter().map(|month| wareki_month(*month)).collect();
        vec![
            (*disc).to_owned(),
            row.file_name.clone(),
            months.join("、"),
            row.claims.to_string(),
            row.yen.to_string(),
            bytes.len().to_string(),
        ]
    });
    let total: Yen = Yen(files.iter().map(|(row, _)| row.yen.0).sum());
    let claims: u32 = files.iter().map(|(row, _)| row.claims).sum();
    let sums = files.iter().zip(on_disc).map(|((row, _), disc)| vec![(*disc).to_owned(), row.id.to_string()]);
    let mut legend = vec![
        (
            "1 電話する".to_owned(),
            format!(
                "{to}（{}）へ、CD-Rで出してよいか、窓口の場所、受付時間、必要な書類を確かめます。{}",
                if phone.trim().is_empty() { "電話は請求の案内で" } else { phone.trim() },
                desk.and_then(Prefecture::counter).unwrap_or("受付時間は国保連ごとに違います。")
            ),
        ),
        (
            "2 焼く".to_owned(),
            "「CD-R.iso」を右クリックし、「ディスク イメージの書き込み」で空のCD-Rに焼きます。ほかのファイルは入れません。"
                .to_owned(),
        ),
        ("3 確かめる".to_owned(), "焼いたCD-Rを開き、上の表と同じファイルが入っているかを見ます。".to_owned()),
        ("4 書く".to_owned(), "CD-Rの表面に、事業所番号、事業所名、処理対象年月を書きます。".to_owned()),
        ("5 出す".to_owned(), "この紙を添えて、受付期間のうちに窓口へ出します。".to_owned()),
        (
            "6 とどけに知らせる".to_owned(),
            "出し終えたら、とどけの「CD-Rで出しました」を押します。押さないと、中継サーバーが直ったときに同じ請求がもう一度送られます。"
                .to_owned(),
        ),
    ];
    if is_unclear {
        legend.insert(
            0,
            (
                "先に確かめる".to_owned(),
                "通信の途中で切れたファイルがあり、中継サーバーにもう届いているかもしれません。二重の請求にならないよう、出す前に中継サーバーの運営者へ電話で確かめてください。"
                    .to_owned(),
            ),
        );
    }
    legend.push(("電話番号".to_owned(), PREFECTURES_SOURCE.to_owned()));
    Document {
        title: "請求データ送付書（CD-R）".to_owned(),
        orientation: Orientation::Portrait,
        head: vec![
            ("提出日".to_owned(), "令和　　年　　月　　日".to_owned()),
            ("あて先".to_owned(), format!("{to}　御中")),
            (
                "事業所".to_owned(),
                format!("{name}（事業所番号 {}）", files.first().map_or("", |(row, _)| row.office.as_str())),
            ),
            ("処理対象年月".to_owned(), month),
            (
                String::new(),
                "伝送ができないため、次の請求データを電子媒体（CD-R）で提出します。よろしくお願いいたします。"
                    .to_owned(),
            ),
        ],
        tables: vec![
            Table {
                title: "入っているファイル".to_owned(),
                columns: ["ディスクでの名前", "もとの名前", "提供年月", "件数", "請求額（円）", "大きさ（バイト）"]
                    .map(str::to_owned)
                    .into(),
                numeric: vec![false, false, false, true, true, true],
                rows: rows.collect(),
                totals: vec![vec![
                    "合計".to_owned(),
                    String::new(),
                    String::new(),
                    claims.to_string(),
                    total.to_string(),
                    String::new(),
                ]],
                ..Table::default()
            },
            Table {
                title: "内容の確認（SHA-256）".to_owned(),
                columns: ["ディスクでの名前", "SHA-256"].map(str::to_owned).into(),
                numeric: vec![false, false],
                rows: sums.collect(),
                ..Table::default()
            },
        ],
        legend,
        footer: "請求データ送付書　個人の情報が入ったディスクに添えます。取り扱いに気をつけてください。".to_owned(),
        issued_at: at,
        practice,
        ..Document::default()
    }
}
