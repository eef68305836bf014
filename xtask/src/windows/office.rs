//! An office on a Windows computer: `todoke.exe` from the check of a claim to the returns, against the Linux relay.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::wine::{Ended, Wine, path, seen};
use super::{build, emptied, folder};
use crate::run::Relay;
use crate::shell::root;

/// Chosen in place of the temporary password.
const PASSWORD: &str = "kawasemi-hashi-2026";

/// What the program answered.
struct Answer(Ended);

impl Answer {
    fn exits(self, code: i32) -> Result<Self> {
        ensure!(self.0.code == Some(code), "exit code {code} expected, got {:?}: {}", self.0.code, self.0.text());
        Ok(self)
    }

    fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.0.output).with_context(|| format!("no JSON: {}", self.0.text()))
    }

    fn names(self, code: &str) -> Result<()> {
        ensure!(self.0.text().contains(code), "{code} expected: {}", self.0.text());
        Ok(())
    }
}

/// A computer on which `todoke.exe` is used as its user would, without `--data` and without a key file.
struct Office<'a> {
    wine: &'a Wine,
    relay: &'a str,
}

impl Office<'_> {
    fn run(&self, words: &[&str]) -> Result<Answer> {
        self.run_with(words, "")
    }

    fn run_with(&self, words: &[&str], input: &str) -> Result<Answer> {
        let mut command = self.wine.command(build::shipped().join("todoke.exe"));
        command.args(words).args(["--format", "json", "--relay", self.relay]);
        Ok(Answer(self.wine.end(&mut command, input)?))
    }
}

/// Proves that an office on Windows gets through its month.
pub fn prove() -> Result<()> {
    let data = folder().join("relay");
    emptied(&data)?;
    let relay = Relay::start(&data)?;
    let letter = fs::read_to_string(data.join("demo-letter.txt")).context("reading the demonstration letter")?;
    let fact = |name: &str| {
        let mut facts = letter.lines().filter_map(|line| line.split_once(char::is_whitespace));
        let found = facts.find(|(wanted, _)| *wanted == name).map(|(_, value)| value.trim().to_owned());
        found.with_context(|| format!("no {name} in the letter"))
    };
    // A user name as Windows takes it from a Japanese account, with a blank.
    let wine = Wine::new("prefix-office", "佐藤 花子")?;
    let office = Office { wine: &wine, relay: relay.url() };
    let claims = wine.home().join("請求 ファイル");
    fs::create_dir_all(&claims)?;
    let claim = claims.join("KK260601.CSV");
    fs::copy(root().join("tests/fixtures/KK260601.CSV"), &claim)?;
    let claim = seen(&claim);

    let checked = office.run(&["check", &claim])?.exits(0)?.json()?;
    ensure!(checked[0]["claims"] == 3 && checked[0]["yen"] == 214_488, "the check of the clean claim: {checked}");
    let bad = seen(&root().join("tests/fixtures/KKBAD001.CSV"));
    let checked = office.run(&["check", &bad])?.exits(1)?.json()?;
    ensure!(checked[0]["findings"].as_array().is_some_and(|found| !found.is_empty()), "no findings: {checked}");

    // Windows ends lines in CRLF, also those that another program pipes in.
    let (corporation, id) = (fact("法人番号")?, fact("ID")?);
    let words = ["login", "--corporation", &corporation, "--id", &id];
    office.run_with(&words, &format!("{}\r\n", fact("仮パスワード")?))?.exits(0)?;
    office.run_with(&["password"], &format!("{PASSWORD}\r\n"))?.exits(0)?;
    secrets_are_in_the_credential_manager(&wine)?;

    office.run(&["send", &claim, "--until-accepted", "--wait", "120"])?.exits(0)?;
    let status = office.run(&["status"])?.exits(0)?.json()?;
    ensure!(status[0]["state_word"] == "受付完了", "the claim was not accepted: {status}");
    let id = status[0]["id"].as_str().context("a submission has an id")?.to_owned();

    drives_and_folders_that_refuse(&office, &id)?;
    another_user_sees_nothing(&wine, relay.url())?;

    let mut paid = false;
    for _ in 0..4 {
        office.run(&["advance"])?.exits(0)?;
        let synced = office.run(&["sync"])?.exits(0)?.json()?;
        ensure!(synced["refused"].as_array().is_some_and(Vec::is_empty), "a notice was refused: {synced}");
        let notices = office.run(&["notices"])?.exits(0)?.json()?;
        paid = notices.as_array().is_some_and(|all| all.iter().any(|notice| notice["exchange_id"] == "7513"));
        if paid {
            break;
        }
    }
    ensure!(paid, "June was never paid");
    let returns = office.run(&["returns"])?.exits(0)?.json()?;
    let returned = returns.as_array().and_then(|rows| rows.iter().find(|row| row["insured"] == "0000000101"));
    let returned = returned.with_context(|| format!("no return of the first person: {returns}"))?;
    ensure!(returned["kind"] == "returned" && returned["yen"] == 57_351, "another return: {returned}");
    Ok(())
}

/// The password lies in the Credential Manager of the user and in no file of the program.
fn secrets_are_in_the_credential_manager(wine: &Wine) -> Result<()> {
    // Wine keeps its Credential Manager in the registry of the user, encrypted.
    let kept = wine.run("reg", &["query", "HKCU\\Software\\Wine\\Credential Manager", "/s"])?.output;
    ensure!(kept.contains("password:") && kept.contains("database:"), "not in the Credential Manager: {kept}");
    let data = wine.home().join("AppData/Local/todoke");
    let mut files = 0;
    for entry in fs::read_dir(&data).with_context(|| format!("reading {}", data.display()))? {
        let file = entry?.path();
        if file.is_file() {
            files += 1;
            let content = fs::read(&file)?;
            let password = PASSWORD.as_bytes();
            ensure!(!content.windows(password.len()).any(|part| part == password), "{}", file.display());
        }
    }
    ensure!(files > 0, "the database is somewhere else");
    Ok(())
}

fn drives_and_folders_that_refuse(office: &Office<'_>, id: &str) -> Result<()> {
    // Longer than the 260 characters that old programs of Windows stop at.
    let mut long = office.wine.home().join("長いフォルダー");
    for _ in 0..12 {
        long.push("介護保険の請求ファイルを月ごとにしまうフォルダー");
    }
    fs::create_dir_all(&long)?;
    let claim = long.join("KK260601.CSV");
    fs::copy(root().join("tests/fixtures/KK260601.CSV"), &claim)?;
    let seen_claim = seen_from_c(office.wine, &claim)?;
    ensure!(seen_claim.chars().count() > 260, "the path is not long: {seen_claim}");
    office.run(&["check", &seen_claim])?.exits(0)?;
    let receipt = format!("{}\\受領書.pdf", seen_from_c(office.wine, &long)?);
    office.run(&["receipt", id, "--out", &receipt])?.exits(0)?;
    ensure!(fs::read(long.join("受領書.pdf"))?.starts_with(b"%PDF"), "the receipt is no PDF");

    // Nobody can write there, not even root.
    office.run(&["receipt", id, "--out", "Z:\\proc\\受領書.pdf"])?.exits(2)?.names("E-1602")?;
    office.run(&["status", "--data", "Z:\\proc\\todoke"])?.exits(2)?.names("E-1504")?;

    let stick = folder().join("stick");
    emptied(&stick)?;
    fs::copy(root().join("tests/fixtures/KK260601.CSV"), stick.join("KK260601.CSV"))?;
    let drive = office.wine.drive_c().with_file_name("dosdevices").join("e:");
    std::os::unix::fs::symlink(&stick, &drive)?;
    office.run(&["check", "E:\\KK260601.CSV"])?.exits(0)?;
    fs::remove_file(&drive)?;
    office.run(&["check", "E:\\KK260601.CSV"])?.names("E-1009")?;
    office.run(&["receipt", id, "--out", "E:\\受領書.pdf"])?.exits(2)?.names("E-1602")?;
    // What was sent is kept in the database and needs the stick no more.
    office.run(&["receipt", id, "--out", &receipt])?.exits(0)?;
    Ok(())
}

/// Another Windows user of the same computer has neither the records nor the password.
fn another_user_sees_nothing(first: &Wine, relay: &str) -> Result<()> {
    let second = Wine::new("prefix-second", "鈴木")?;
    let other = Office { wine: &second, relay };
    let status = other.run(&["status"])?;
    let text = status.0.text();
    ensure!(!text.contains("KK260601.CSV"), "the second user sees the first one's files: {text}");
    ensure!(
        second.home().join("AppData/Local/todoke/todoke.db").is_file(),
        "the second user has no records of his own"
    );
    // Even with the folder in hand: its key is in the first user's Credential Manager.
    let data = seen(&first.home().join("AppData/Local/todoke"));
    other.run(&["status", "--data", &data])?.exits(2)?.names("E-1204")
}

/// Writes a path inside drive C as Windows does.
fn seen_from_c(wine: &Wine, file: &Path) -> Result<String> {
    let inside = file.strip_prefix(wine.drive_c())?;
    Ok(format!("C:\\{}", path(inside)?.replace('/', "\\")))
}
