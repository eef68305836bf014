//! The way from an empty computer to the first accepted test transmission, as a clerk goes it in the window. Tests run it;
//! the tour takes pictures of it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::album::Album;
use crate::clerk::pdf_text;
use crate::relay::Relay;
use crate::screen::Screen;
use crate::todoke::PASSWORD;
use crate::wait;
use crate::window::{Computer, Window, by_id};

/// An office that the demonstration's customer does not have.
pub const OFFICE: &str = "9970009990";
/// Its user ID at 国保連.
pub const USER_ID: &str = "KJ999970009990";

/// Somebody who starts the program for the first time.
pub struct Newcomer {
    /// The window. Declared first, so that it closes before the screen.
    pub window: Window,
    /// The computer.
    pub computer: Computer,
    /// The relay.
    pub relay: Relay,
    screen: Screen,
    album: Option<Album>,
    folder: TempDir,
}

impl Newcomer {
    /// Starts relay, session and window; `album` gets the pictures.
    ///
    /// # Errors
    ///
    /// Fails when one of them does not start.
    pub async fn arrive(album: Option<Album>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("todoke-start-").tempdir()?;
        let relay = Relay::start(&folder.path().join("relay"))?;
        let screen = Screen::start().await?;
        let computer = Computer::new(folder.path(), relay.url())?;
        let window = Window::open(&screen, &computer).await?;
        Ok(Self { window, computer, relay, screen, album, folder })
    }

    /// Ends with the album, when there is one.
    ///
    /// # Errors
    ///
    /// Fails when the window does not close.
    pub async fn leave(self) -> Result<Option<Album>> {
        self.window.close().await?;
        Ok(self.album)
    }

    /// Chooses the way, picks the prefecture, is told of a day that does not exist, and mends it.
    ///
    /// # Errors
    ///
    /// Fails when the window does not lead through it.
    pub async fn begin(&mut self) -> Result<()> {
        self.window.press("start").await?;
        self.at("請求のしかたを選ぶ").await?;
        self.picture("start-route").await?;
        self.window.press("route-proxy").await?;
        self.window.press("present-new").await?;
        self.window.press("step-next").await?;
        self.at("国保連に電話する").await?;
        self.window.press_css(&format!("{} option[value=\"99\"]", by_id("prefecture"))).await?;
        self.window.press("step-next").await?;
        self.at("国保連に届け出る").await?;
        self.typed("filed.99", "令和8年2月30日").await?;
        self.window.reads("[data-step]", &["その日は暦にありません"]).await?;
        self.typed("filed.99", "令和8年6月1日").await?;
        self.window.press("step-user_ids").await?;
        self.window.press("add-office").await?;
        self.typed("offices.0.number", OFFICE).await?;
        self.typed("offices.0.user_id", "ＫＪ９９９９７OOO９９９０").await?;
        self.window.reads("[data-step]", &[&format!("{USER_ID} と読みました")]).await?;
        self.picture("start-user-ids").await
    }

    /// Loses power, starts again, and is where she was.
    ///
    /// # Errors
    ///
    /// Fails when something that was typed is not there.
    pub async fn lose_power(self) -> Result<Self> {
        let Self { window, computer, relay, screen, album, folder } = self;
        window.kill()?;
        let window = Window::open(&screen, &computer).await?;
        let back = Self { window, computer, relay, screen, album, folder };
        back.at("ユーザーIDを写す").await?;
        back.window.attribute(&by_id("step-filing"), "data-state", |state| state == "done").await?;
        Ok(back)
    }

    /// Fills in the form, picks the first month, reads the terms, and applies.
    ///
    /// # Errors
    ///
    /// Fails when the window does not lead through it.
    pub async fn apply(&mut self) -> Result<()> {
        self.typed("offices.0.user_id_again", USER_ID).await?;
        self.window.press("step-next").await?;
        self.at("法人と事業所を入れる").await?;
        for (field, text) in [
            ("corporation.name", "社会福祉法人はじめの会"),
            ("corporation.postal_code", "999-0001"),
            ("corporation.address", "架空県架空市中央1-2"),
            ("corporation.title", "理事長"),
            ("corporation.representative", "髙﨑 花子"),
            ("corporation.contact", "見本 太郎"),
            ("corporation.phone", "099-000-0000"),
            ("corporation.email", "jimu@hajime.example"),
            ("corporation.email_again", "jimu@hajime.example"),
            ("offices.0.name", "はじめデイサービス"),
            ("offices.0.postal_code", "999-0002"),
            ("offices.0.address", "架空県架空市西3"),
        ] {
            self.window.fill(field, text).await?;
        }
        self.picture("start-corporation").await?;
        self.window.press("step-next").await?;
        self.at("はじめて請求する月を選ぶ").await?;
        self.window.press("month-2026-08").await?;
        self.window.reads("[data-step]", &["利用を申し込む", "令和8年6月26日"]).await?;
        self.picture("start-month").await?;
        self.window.press("step-next").await?;
        self.at("確かめて申し込む").await?;
        self.window.reads(&by_id("terms"), &["第1条", "代理人"]).await?;
        self.window.reads(&by_id("privacy"), &["使うため"]).await?;
        self.window.scroll_to(&by_id("terms")).await?;
        self.picture("start-terms").await?;
        self.window.press("agreed_terms").await?;
        self.window.press("agreed_privacy").await?;
        self.window.press("apply").await
    }

    /// Prints the 委任状, seals and posts it.
    ///
    /// # Errors
    ///
    /// Fails when a word is not on the paper.
    pub async fn seal(&mut self) -> Result<()> {
        self.at("委任状に印を押す").await?;
        self.window.press("poa-print").await?;
        self.window.reads(&by_id("saved"), &["委任状_送付一覧.pdf"]).await?;
        let paper = pdf_text(&self.computer.documents.join("委任状").join(format!("委任状_01_{OFFICE}.pdf")))?;
        let paper: String = paper.chars().filter(|c| !c.is_whitespace()).collect();
        for words in ["社会福祉法人はじめの会", "髙﨑花子", "はじめデイサービス", OFFICE, "令和8年8月から", "復代理人"]
        {
            ensure!(paper.contains(words), "{words} is not on the paper:\n{paper}");
        }
        self.window.reads(&by_id("sealed-photos"), &["0 / 1枚"]).await?;
        self.picture("start-poa").await?;
        self.window.press("tick-sealed").await?;
        self.at("委任状を郵送する").await?;
        self.window.reads(&by_id("without-photo"), &["写真のない委任状が1枚"]).await?;
        self.window.press("tick-posted").await?;
        self.window.reads(&by_id("waits"), &["届くのを待っています"]).await?;
        self.picture("start-post").await
    }

    /// Waits for the IDs, signs in and changes the password.
    ///
    /// # Errors
    ///
    /// Fails when no IDs come.
    pub async fn sign_in(&mut self) -> Result<()> {
        // The desk of the demonstration works on its clock.
        self.until("letters-fetch", 16).await?;
        self.window.press("letters-fetch").await?;
        self.window.reads(&by_id("letter"), &["法人用ID", "仮のパスワード"]).await?;
        self.picture("start-letters").await?;
        self.window.press("letter-login").await?;
        self.window.fill("new-password", PASSWORD).await?;
        self.window.fill("new-password-repeat", PASSWORD).await?;
        self.window.press("new-password-submit").await
    }

    /// Sets the 地域区分, sends the test, and prints that all is done.
    ///
    /// # Errors
    ///
    /// Fails when the test is not accepted.
    pub async fn finish(&mut self) -> Result<()> {
        self.at("地域区分を決める").await?;
        self.window.reads(&by_id("without-region"), &["1件"]).await?;
        self.window.press("area-edit").await?;
        self.window.press_css(&format!("{} option:nth-of-type(6)", by_id("area-choice"))).await?;
        // 5級地.
        self.window.reads(&by_id("area-choice-price"), &["10.70円", "10.55円", "10.45円"]).await?;
        self.picture("start-regions").await?;
        self.window.press("area-save").await?;
        self.at("テスト送信をする").await?;
        self.window.press("send-test").await?;
        self.until("all-done", 8).await?;
        self.window.reads(&by_id("all-done"), &["すべて終わりました"]).await?;
        self.picture("start-done").await?;
        self.window.press("done-print").await?;
        self.window.reads(&by_id("saved"), &["利用開始の控え"]).await?;
        let sheet = pdf_text(&self.computer.documents.join("利用開始の控え.pdf"))?;
        ensure!(sheet.contains("はじめデイサービス") && sheet.contains("テスト送信"), "{sheet}");
        Ok(())
    }

    /// Writes the 問い合わせ票 in ヘルプ.
    ///
    /// # Errors
    ///
    /// Fails when the paper does not say what was typed.
    pub async fn ask_for_help(&mut self) -> Result<()> {
        self.window.press("nav-help").await?;
        self.window.fill("help-search", "1301").await?;
        self.window.reads("[data-testid=\"advice\"][data-code=\"E-1301\"]", &["どうするか"]).await?;
        self.picture("help").await?;
        self.window.fill("enquiry-problem", "1301").await?;
        self.window.fill("enquiry-what", "送信を押した").await?;
        self.window.press("enquiry-print").await?;
        let shown = self.window.reads(&by_id("enquiry-saved"), &["問い合わせ票"]).await?;
        let path = shown.rsplit('。').next().context("the window says where the paper lies")?;
        let sheet = pdf_text(Path::new(path.trim()))?;
        for words in ["E-1301", "送信を押した", OFFICE] {
            ensure!(sheet.contains(words), "{words} is not on the sheet:\n{sheet}");
        }
        Ok(())
    }

    /// Leaves a field, so that the page says what it makes of it.
    async fn typed(&self, field: &str, text: &str) -> Result<()> {
        self.window.fill(field, text).await?;
        self.window.press("step-title").await
    }

    async fn at(&self, title: &str) -> Result<()> {
        self.window.reads(&by_id("step-title"), &[title]).await.map(drop)
    }

    /// Moves the demonstration's clock until something is shown.
    async fn until(&self, shown: &str, turns: u32) -> Result<()> {
        for _ in 0..turns {
            if self.window.shows(&by_id(shown)).await? {
                break;
            }
            self.window.press("demo-milestone").await?;
            let came = wait::until("it to be shown", Duration::from_secs(8), async || {
                Ok(self.window.shows(&by_id(shown)).await?.then_some(()))
            });
            if came.await.is_ok() {
                break;
            }
        }
        self.window.find(shown).await.map(drop)
    }

    async fn picture(&mut self, name: &str) -> Result<()> {
        match &mut self.album {
            Some(album) => album.take(&self.window, name).await,
            None => Ok(()),
        }
    }
}
