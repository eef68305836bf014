//! The main job, step by step, as the clerk does it in the window. Tests run it; the tour takes pictures of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::album::Album;
use crate::claims::{clean_claim, fixture, sha256};
use crate::program::tool;
use crate::relay::{Letter, Relay, Witness};
use crate::screen::Screen;
use crate::todoke::PASSWORD;
use crate::wait;
use crate::window::{Computer, Window, by_id};

/// A clerk at a computer of her own, with a relay of her own.
pub struct Clerk {
    /// The window. Declared first, so that it closes before the screen.
    pub window: Window,
    /// The relay.
    pub relay: Relay,
    /// The computer.
    pub computer: Computer,
    /// The session.
    pub screen: Screen,
    letter: Letter,
    album: Option<Album>,
    folder: TempDir,
}

impl Clerk {
    /// Starts relay, session and window.
    ///
    /// # Errors
    ///
    /// Fails when one of them does not start.
    pub async fn arrive() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("todoke-clerk-").tempdir()?;
        let relay = Relay::start(&folder.path().join("relay"))?;
        let letter = relay.letter()?;
        let screen = Screen::start().await?;
        let computer = Computer::new(folder.path(), relay.url())?;
        let window = Window::open(&screen, &computer).await?;
        Ok(Self { window, relay, computer, screen, letter, album: None, folder })
    }

    /// Takes a picture at every stop from now on, numbered in their order.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be emptied.
    pub fn with_album(mut self, folder: &Path) -> Result<Self> {
        self.album = Some(Album::new(folder)?);
        Ok(self)
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

    /// Types a wrong password and reads what the window says.
    ///
    /// # Errors
    ///
    /// Fails when it does not say what to look at and how many attempts are left.
    pub async fn mistype_password(&mut self) -> Result<()> {
        self.window.fill("login-corporation", &self.letter.corporation_number).await?;
        self.window.fill("login-id", &self.letter.login_id).await?;
        self.window.fill("login-password", "machigai-desu-2026").await?;
        self.window.press("login-submit").await?;
        self.window.reads(&by_id("login-problem"), &["E-1101", "あと4回", "0（ゼロ）とO（オー）"]).await?;
        Ok(())
    }

    /// Step 1: signs in with the letter's values, is made to change the password, and never types it again.
    ///
    /// # Errors
    ///
    /// Fails when the window does not lead through it.
    pub async fn log_in(&mut self) -> Result<()> {
        self.window.find("login-submit").await?;
        self.picture("login").await?;
        self.window.fill("login-corporation", &self.letter.corporation_number).await?;
        self.window.fill("login-id", &self.letter.login_id).await?;
        self.window.fill("login-password", &self.letter.password).await?;
        self.window.press("login-submit").await?;
        self.window.find("new-password").await?;
        self.picture("new-password").await?;
        self.window.fill("new-password", PASSWORD).await?;
        self.window.fill("new-password-repeat", PASSWORD).await?;
        self.window.press("new-password-submit").await?;
        self.window.gone(&by_id("new-password")).await?;
        self.window.press("nav-home").await?;
        self.picture("home").await
    }

    /// Ends the program as `end` says, starts it again and waits until it shows that the clerk is still signed in.
    ///
    /// # Errors
    ///
    /// Fails when the window asks for the password again.
    pub async fn come_back(self, end: End) -> Result<Self> {
        let Self { window, relay, computer, screen, letter, album, folder } = self;
        match end {
            End::Close => window.close().await?,
            End::Kill => window.kill()?,
        }
        let window = Window::open(&screen, &computer).await?;
        let clerk = Self { window, relay, computer, screen, letter, album, folder };
        clerk.window.find("nav-send").await?;
        ensure!(!clerk.window.shows(&by_id("login-password")).await?, "the password is asked for again");
        Ok(clerk)
    }

    /// Step 2: drops the clean file and the one with errors, reads what the window says of both.
    ///
    /// # Errors
    ///
    /// Fails when the window says anything else.
    pub async fn check_files(&mut self) -> Result<()> {
        self.window.press("nav-send").await?;
        self.picture("send").await?;
        self.window.drop_files(&[&fixture("KK260601.CSV")]).await?;
        let clean = card("KK260601.CSV");
        self.window.reads(&clean, &["9970000015", "3人", "214,488円", "6月請求", "5月提供分"]).await?;
        self.window.reads(&format!("{clean} {}", by_id("file-sendable")), &["送れます"]).await?;
        self.picture("clean-file").await?;

        self.window.drop_files(&[&fixture("KKBAD001.CSV")]).await?;
        let bad = card("KKBAD001.CSV");
        self.window.reads(&format!("{bad} {}", by_id("file-errors")), &["送れません"]).await?;
        ensure!(
            !self.window.shows(&format!("{bad} {}", by_id("send-button"))).await?,
            "a file with errors can be sent"
        );
        self.picture("file-with-errors").await
    }

    /// Opens the findings of the file with errors: every person is listed, and the first one's form says under the wrong
    /// fields what is wrong and what to do.
    ///
    /// # Errors
    ///
    /// Fails when a person, a mark or an instruction is missing.
    pub async fn read_findings(&mut self) -> Result<()> {
        let bad = card("KKBAD001.CSV");
        self.window.press_css(&format!("{bad} {}", by_id("findings-button"))).await?;
        self.window.reads(&by_id("finding-list"), &["0000000101", "0000000202", "0000000303"]).await?;
        self.window.reads(&by_id("claim-sheet"), &["0000000101", "給付費明細欄", "どうするか"]).await?;
        // The check digit of the insurer is wrong, the day of birth is missing.
        self.window.reads(&marked_field(4, 5), &["00990011"]).await?;
        self.window.reads(&marked_field(4, 13), &["（なし）"]).await?;
        self.picture("findings").await
    }

    /// Prints the findings that are open. Returns the path of the PDF.
    ///
    /// # Errors
    ///
    /// Fails when no paper is made, or another one than the window names.
    pub async fn print_findings(&mut self) -> Result<PathBuf> {
        self.window.press("findings-print").await?;
        let shown = self.window.reads(&by_id("saved-path"), &[".pdf"]).await?;
        let paper = only_pdf(&self.computer.documents)?;
        let name = paper.file_name().and_then(|name| name.to_str()).context("a paper has a name")?;
        ensure!(shown.contains(name), "the window shows {shown}, the folder holds {name}");
        Ok(paper)
    }

    /// Step 3: sends the clean file, watches it until 受付完了, prints the receipt. Returns its path.
    ///
    /// # Errors
    ///
    /// Fails when the file does not arrive.
    pub async fn send(&mut self) -> Result<PathBuf> {
        self.window.press("nav-send").await?;
        let id = sha256(&fixture("KK260601.CSV"))?;
        self.send_card("KK260601.CSV").await?;
        let row = submission(&id);
        self.window.scroll_to(&row).await?;
        self.picture("sending").await?;
        self.window
            .attribute(&row, "data-state", |state| matches!(state, "accepted" | "processing" | "completed"))
            .await?;
        self.window.reads(&row, &["受付完了"]).await?;
        self.window.scroll_to(&row).await?;
        self.picture("accepted").await?;
        self.window.press_css(&format!("{row} {}", by_id("receipt-button"))).await?;
        let shown = self.window.reads(&by_id("receipt-path"), &[".pdf"]).await?;
        self.picture("receipt").await?;
        let receipt = only_pdf(&self.computer.documents)?;
        let name = receipt.file_name().and_then(|name| name.to_str()).context("a receipt has a name")?;
        ensure!(shown.contains(name), "the window shows {shown}, the folder holds {name}");
        Ok(receipt)
    }

    /// Gives the same file again and is told that it is the same submission.
    ///
    /// # Errors
    ///
    /// Fails when the window offers to send it a second time.
    pub async fn send_again(&mut self) -> Result<()> {
        self.window.press("nav-send").await?;
        self.window.drop_files(&[&fixture("KK260601.CSV")]).await?;
        let same = format!("{} {}", card("KK260601.CSV"), by_id("same-submission"));
        self.window.scroll_to(&same).await?;
        self.picture("same-submission").await
    }

    /// Step 4: lets the demonstration's clock run to month end, and finds notices, the returned and the held person.
    ///
    /// # Errors
    ///
    /// Fails when a notice or a person is missing.
    pub async fn month_end(&mut self) -> Result<()> {
        // Milestones are in order of time; the office's notices are complete when the last of them has passed.
        for _ in 0..8 {
            self.window.press("nav-notices").await?;
            if self.notices_are_complete().await? {
                break;
            }
            self.window.press("demo-milestone").await?;
            let found = wait::until("new notices", Duration::from_secs(10), async || {
                Ok(self.notices_are_complete().await?.then_some(()))
            });
            if found.await.is_ok() {
                break;
            }
        }
        for exchange in ["7411", "7211", "7521", "7513"] {
            self.window.find_css(&format!("[data-testid=\"notice-row\"][data-exchange=\"{exchange}\"]")).await?;
        }
        self.picture("notices").await?;
        self.window.press_css("[data-testid=\"notice-row\"][data-exchange=\"7411\"] a").await?;
        self.window.reads(&by_id("notice-document"), &["0000000101", "12PA", "0000000202"]).await?;
        self.picture("notice").await?;

        self.window.press("nav-returns").await?;
        self.window.press("filter-all").await?;
        self.window.reads(&return_row("0000000101", "returned"), &["57,351円", "12PA"]).await?;
        self.window.reads(&return_row("0000000202", "held"), &["63,903円"]).await?;
        self.picture("returns").await
    }

    /// Step 4, at HQ: reads the board, opens the month down to the yen, closes it, and prints the return list as its form.
    ///
    /// # Errors
    ///
    /// Fails when a figure is not there or no paper is made.
    pub async fn close_the_books(&mut self) -> Result<PathBuf> {
        self.window.press("nav-board").await?;
        self.window.reads(&by_id("board-unpaid"), &["121,254円"]).await?;
        self.window.reads(&by_id("board-unexplained"), &["0円"]).await?;
        self.picture("board").await?;
        self.window.press_css("[data-testid=\"board-cell\"][data-standing=\"open\"]").await?;
        self.window.reads(&by_id("waterfall-table"), &["214,488", "-57,351", "-63,903", "93,234"]).await?;
        self.window.reads(&by_id("waterfall-unexplained"), &["0円"]).await?;
        self.window.find_css("[data-testid=\"board-person\"][data-insured=\"0000000101\"]").await?;
        self.picture("waterfall").await?;
        self.window.press("close-payment").await?;
        self.window.reads(&by_id("closings"), &["入金の締め"]).await?;

        self.window.press("nav-notices").await?;
        self.window.press_css("[data-testid=\"notice-row\"][data-exchange=\"7411\"] a").await?;
        self.window.press("notice-print").await?;
        let shown = self.window.reads(&by_id("notice-saved"), &["返戻", ".pdf"]).await?;
        self.picture("notice-printed").await?;
        let path = shown.rsplit('：').next().context("the window says where the paper lies")?;
        Ok(PathBuf::from(path.trim()))
    }

    async fn notices_are_complete(&self) -> Result<bool> {
        self.window.shows("[data-testid=\"notice-row\"][data-exchange=\"7513\"]").await
    }

    /// Step 5: pulls the network, reads and stages offline; the file goes out by itself when the line is back.
    ///
    /// # Errors
    ///
    /// Fails when something cannot be read, or the file does not go out exactly once.
    pub async fn work_offline(&mut self) -> Result<()> {
        let other = self.other_office().await?;
        self.wait_for_window("2026-08-01").await?;
        let claim = clean_claim(self.folder.path(), "KK260801.CSV", &other, "202605", "202608")?;
        let id = sha256(&claim)?;
        let before = self.witness().await?.submissions().await?.len();

        self.relay.kill()?;
        self.window.find("offline-band").await?;
        self.window.press("nav-returns").await?;
        self.window.press("filter-all").await?;
        self.window.find_css(&return_row("0000000101", "returned")).await?;
        self.window.press("nav-notices").await?;
        self.window.find_css("[data-testid=\"notice-row\"][data-exchange=\"7411\"]").await?;
        self.window.press("nav-send").await?;
        self.window.drop_files(&[&claim]).await?;
        self.window.reads(&card("KK260801.CSV"), &[&other, "3人", "214,488円"]).await?;
        self.send_card("KK260801.CSV").await?;
        let row = submission(&id);
        self.window.attribute(&row, "data-state", |state| matches!(state, "ready" | "sending")).await?;
        self.window.scroll_to(&row).await?;
        self.picture("offline").await?;

        self.relay.restart()?;
        self.window.gone(&by_id("offline-band")).await?;
        self.window.attribute(&row, "data-state", |state| state == "accepted").await?;
        self.window.scroll_to(&row).await?;
        self.picture("back-online").await?;
        let held = self.witness().await?.submissions().await?;
        ensure!(held.len() == before + 1, "{before} submissions before, {} after", held.len());
        ensure!(held.iter().filter(|submission| submission.sha256 == id).count() == 1, "not exactly once: {held:?}");
        Ok(())
    }

    /// Lets the demonstration's time run to the day on which the next claim window opens.
    async fn wait_for_window(&self, day: &str) -> Result<()> {
        let opening = format!("{}[data-at^=\"{day}\"]", by_id("demo-milestone"));
        self.window.press_css(&opening).await?;
        self.window.gone(&opening).await
    }

    /// Returns a second session at the relay, which sees what it holds.
    ///
    /// # Errors
    ///
    /// Fails when the relay refuses.
    pub async fn witness(&self) -> Result<Witness> {
        self.relay.witness(&self.letter, PASSWORD).await
    }

    async fn other_office(&self) -> Result<String> {
        let witness = self.witness().await?;
        let mut offices = witness.account().offices.iter().map(|office| office.number.clone());
        offices.find(|number| number != crate::claims::OFFICE).context("the demonstration has several offices")
    }

    async fn send_card(&self, file: &str) -> Result<()> {
        self.window.press_css(&format!("{} {}", card(file), by_id("send-button"))).await?;
        self.window.press("send-confirm").await
    }

    async fn picture(&mut self, name: &str) -> Result<()> {
        match &mut self.album {
            Some(album) => album.take(&self.window, name).await,
            None => Ok(()),
        }
    }
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The clerk closes the window.
    Close,
    /// The power fails.
    Kill,
}

/// Returns the text of a PDF.
///
/// # Errors
///
/// Fails when it cannot be read.
pub fn pdf_text(path: &Path) -> Result<String> {
    let output = Command::new(tool("pdftotext")?).arg("-layout").arg(path).arg("-").output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn card(file: &str) -> String {
    format!("[data-testid=\"file-card\"][data-file=\"{file}\"]")
}

fn marked_field(line: u64, item: u16) -> String {
    format!("[data-testid=\"marked-field\"][data-line=\"{line}\"][data-item=\"{item}\"]")
}

fn submission(id: &str) -> String {
    format!("[data-testid=\"submission\"][data-id=\"{id}\"]")
}

fn return_row(insured: &str, kind: &str) -> String {
    format!("[data-testid=\"return-row\"][data-insured=\"{insured}\"][data-kind=\"{kind}\"]")
}

fn only_pdf(folder: &Path) -> Result<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pdf") {
                found.push(path);
            }
        }
    }
    ensure!(found.len() == 1, "one receipt expected, found {found:?}");
    found.pop().context("one receipt")
}
