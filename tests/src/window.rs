//! The real window, driven over WebDriver as a clerk drives it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::json;
use thirtyfour::common::capabilities::desiredcapabilities::Capabilities;
use thirtyfour::{By, TypingData, WebDriver, WebElement};
use tokio::net::TcpStream;

use crate::program::{Program, built, tool};
use crate::relay::use_ring;
use crate::screen::Screen;
use crate::wait;

/// Longest time for the window to show what it should, in a debug build on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Remembers whether the pointer went down or up beside what matches `css`.
const WATCH_PRESS: &str = "
    window.pressedElsewhere = false;
    window.pressWatch?.abort();
    window.pressWatch = new AbortController();
    const note = ({ target }) => (window.pressedElsewhere ||= target.closest(css) === null);
    const how = { capture: true, signal: window.pressWatch.signal };
    for (const moment of ['mousedown', 'mouseup']) document.addEventListener(moment, note, how);
";

/// A clerk's computer: where the program keeps its data and papers, and which relay it was told of.
#[derive(Debug, Clone)]
pub struct Computer {
    /// Folder of the database.
    pub data: PathBuf,
    /// Folder of the papers.
    pub documents: PathBuf,
    /// Address of the relay.
    pub relay: String,
}

impl Computer {
    /// Makes the folders of a new computer under `folder`.
    ///
    /// # Errors
    ///
    /// Fails when the disk refuses.
    pub fn new(folder: &Path, relay: String) -> Result<Self> {
        let computer = Self { data: folder.join("office"), documents: folder.join("documents"), relay };
        fs::create_dir_all(&computer.data)?;
        fs::create_dir_all(&computer.documents)?;
        Ok(computer)
    }

    /// Makes a command run on this computer.
    pub fn prepare(&self, command: &mut Command) {
        command
            .env("TODOKE_DATA", &self.data)
            .env("TODOKE_DOCUMENTS", &self.documents)
            .env("TODOKE_RELAY", &self.relay);
    }
}

/// An open window.
pub struct Window {
    driver: WebDriver,
    server: Program,
    second: Command,
}

impl Window {
    /// Starts the program on `screen`.
    ///
    /// # Errors
    ///
    /// Fails when the window does not open.
    pub async fn open(screen: &Screen, computer: &Computer) -> Result<Self> {
        Self::open_with(screen, computer, &[]).await
    }

    /// Starts the program on `screen` with arguments.
    ///
    /// # Errors
    ///
    /// Fails when the window does not open.
    pub async fn open_with(screen: &Screen, computer: &Computer, arguments: &[&str]) -> Result<Self> {
        use_ring();
        let program = built("todoke-desktop")?;
        let [port, native] = free_ports()?;
        let mut server = screen.command(&tool("tauri-driver")?);
        server.args(["--port", &port.to_string(), "--native-port", &native.to_string(), "--native-driver"]);
        server.arg(tool("WebKitWebDriver")?);
        computer.prepare(&mut server);
        let log = screen.folder().join("window.log");
        let server = Program::start(&mut server, &log)?;
        wait::until("tauri-driver", PATIENCE, async || Ok(TcpStream::connect(("127.0.0.1", port)).await.ok())).await?;

        // No browser name: WebKitWebDriver refuses names other than its own.
        let mut wanted = Capabilities::new();
        wanted.set("tauri:options", json!({ "application": program, "args": arguments }))?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await;
        let driver = driver.with_context(|| format!("opening the window\n{}", server.logged()))?;
        let mut second = screen.command(&program);
        computer.prepare(&mut second);
        Ok(Self { driver, server, second })
    }

    /// Closes the window, as its cross does.
    ///
    /// # Errors
    ///
    /// Fails when the program does not end.
    pub async fn close(self) -> Result<()> {
        self.driver.quit().await?;
        Ok(())
    }

    /// Kills the program, as a power failure would.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.driver.leak()?;
        self.server.kill()
    }

    /// Gives files to the running program by starting it a second time with their paths, which has the same effect as
    /// dropping them on the window; WebDriver cannot drop files from outside.
    ///
    /// # Errors
    ///
    /// Fails when the second start does not end at once.
    pub async fn drop_files(&mut self, paths: &[&Path]) -> Result<()> {
        let mut second = Command::new(self.second.get_program());
        second.args(paths);
        for (name, value) in self.second.get_envs() {
            match value {
                Some(value) => second.env(name, value),
                None => second.env_remove(name),
            };
        }
        let mut child = second.spawn()?;
        let status = wait::until("the second start", PATIENCE, async || Ok(child.try_wait()?)).await?;
        ensure!(status.success(), "the second start failed: {status}");
        Ok(())
    }

    /// Waits for the element with this test id to be displayed.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear; the message carries what the page shows.
    pub async fn find(&self, test_id: &str) -> Result<WebElement> {
        self.find_css(&by_id(test_id)).await
    }

    /// Waits for the element that matches a CSS selector to be displayed.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear; the message carries what the page shows.
    pub async fn find_css(&self, css: &str) -> Result<WebElement> {
        let found = wait::until(css, PATIENCE, async || self.displayed(css).await).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(format!("the page shows:\n{}", self.text().await.unwrap_or_default()))),
        }
    }

    /// Returns whether an element that matches a CSS selector is displayed now.
    ///
    /// # Errors
    ///
    /// Fails when the window does not answer.
    pub async fn shows(&self, css: &str) -> Result<bool> {
        Ok(self.displayed(css).await?.is_some())
    }

    /// Waits until nothing that matches a CSS selector is displayed.
    ///
    /// # Errors
    ///
    /// Fails when it stays.
    pub async fn gone(&self, css: &str) -> Result<()> {
        let what = format!("{css} to go");
        wait::until(&what, PATIENCE, async || Ok((!self.shows(css).await?).then_some(()))).await
    }

    /// Presses the element with this test id once it can be pressed.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear.
    pub async fn press(&self, test_id: &str) -> Result<()> {
        self.press_css(&by_id(test_id)).await
    }

    /// Presses the element that matches a CSS selector once it can be pressed.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear.
    pub async fn press_css(&self, css: &str) -> Result<()> {
        let what = format!("{css} to be pressed");
        // The page may draw the element anew between finding and pressing it, or move it away from under the pointer, as when
        // the band of a demonstration comes. A person sees that and presses again.
        let pressed = wait::until(&what, PATIENCE, async || {
            let Some(element) = self.displayed(css).await? else { return Ok(None) };
            if !element.is_enabled().await.unwrap_or(false) {
                return Ok(None);
            }
            self.script::<()>(&format!("const css = {}; {WATCH_PRESS}", json!(css))).await?;
            if element.click().await.is_err() {
                return Ok(None);
            }
            Ok((!self.script::<bool>("return window.pressedElsewhere").await?).then_some(()))
        });
        match pressed.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the page shows:\n{}", self.text().await.unwrap_or_default()))),
        }
    }

    /// Types into the field with this test id, in place of what is there.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        // On a busy machine keys that the driver makes up can get lost: what stands in the field counts.
        let mut seen = None;
        for _ in 0..3 {
            let field = self.find(test_id).await?;
            field.clear().await?;
            field.send_keys(text).await?;
            seen = field.prop("value").await?;
            if seen.as_deref() == Some(text) {
                return Ok(());
            }
        }
        bail!("{test_id} holds {seen:?} after typing {text:?} three times")
    }

    /// Waits until what matches a CSS selector shows all of `words`; returns its text.
    ///
    /// # Errors
    ///
    /// Fails when a word is still missing; the message carries what is shown instead.
    pub async fn reads(&self, css: &str, words: &[&str]) -> Result<String> {
        let mut seen = String::new();
        let read = wait::until(&format!("{css} to read {words:?}"), PATIENCE, async || {
            let Some(element) = self.displayed(css).await? else { return Ok(None) };
            seen = element.text().await.unwrap_or_default();
            Ok(words.iter().all(|word| seen.contains(word)).then(|| seen.clone()))
        })
        .await;
        match read {
            Ok(text) => Ok(text),
            Err(error) => Err(error.context(format!("it reads:\n{seen}\nthe page:\n{}", self.text().await?))),
        }
    }

    /// Waits until an attribute of what matches a CSS selector has a value that `accept` takes; returns it.
    ///
    /// # Errors
    ///
    /// Fails when it does not come to that.
    pub async fn attribute(&self, css: &str, name: &str, accept: impl Fn(&str) -> bool) -> Result<String> {
        let mut seen = String::new();
        let what = format!("{name} of {css}");
        let found = wait::until(&what, PATIENCE, async || {
            let Some(element) = self.displayed(css).await? else { return Ok(None) };
            seen = element.attr(name).await.ok().flatten().unwrap_or_default();
            Ok(accept(&seen).then(|| seen.clone()))
        })
        .await;
        match found {
            Ok(value) => Ok(value),
            Err(error) => Err(error.context(format!("last value: {seen}\nthe page:\n{}", self.text().await?))),
        }
    }

    /// Returns everything that matches a CSS selector, displayed or not.
    ///
    /// # Errors
    ///
    /// Fails when the window does not answer.
    pub async fn all(&self, css: &str) -> Result<Vec<WebElement>> {
        Ok(self.driver.find_all(By::Css(css)).await?)
    }

    /// Returns the text of the whole page.
    ///
    /// # Errors
    ///
    /// Fails when the window does not answer.
    pub async fn text(&self) -> Result<String> {
        Ok(self.driver.find(By::Tag("body")).await?.text().await?)
    }

    /// Writes a picture of the page.
    ///
    /// # Errors
    ///
    /// Fails when the window does not answer or the disk refuses.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        // What moves has come to rest after this; there is no event for it.
        wait::pause(Duration::from_millis(400)).await;
        self.driver.screenshot(path).await?;
        Ok(())
    }

    /// Scrolls the element that matches a CSS selector into the middle of the page.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear.
    pub async fn scroll_to(&self, css: &str) -> Result<()> {
        let element = self.find_css(css).await?;
        self.driver
            .execute("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", vec![element.to_json()?])
            .await?;
        Ok(())
    }

    /// Runs a script in the page and returns its result.
    ///
    /// # Errors
    ///
    /// Fails when the script does, or gives no `T`.
    pub async fn script<T: DeserializeOwned>(&self, script: &str) -> Result<T> {
        Ok(self.driver.execute(script, Vec::new()).await?.convert()?)
    }

    /// Presses keys in the element that matches a CSS selector.
    ///
    /// # Errors
    ///
    /// Fails when it does not appear.
    pub async fn keys(&self, css: &str, keys: impl Into<TypingData>) -> Result<()> {
        self.find_css(css).await?.send_keys(keys).await?;
        Ok(())
    }

    async fn displayed(&self, css: &str) -> Result<Option<WebElement>> {
        for element in self.driver.find_all(By::Css(css)).await? {
            // An element that went away in between is not displayed.
            if element.is_displayed().await.unwrap_or(false) {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }
}

/// Returns the CSS selector of a test id.
pub fn by_id(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

fn free_ports() -> Result<[u16; 2]> {
    // Both are held until both are known, so that they differ.
    let sockets = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    Ok([sockets[0].local_addr()?.port(), sockets[1].local_addr()?.port()])
}
