//! Help for the person who helps.

use std::fs;
use std::io::Read;
use std::path::Path;

use chrono::TimeDelta;
use tracing_subscriber::fmt::MakeWriter;

use super::health::off_words;
use super::{HealthState, Program, copies, health, logs, redacted, restore_copy, support_file};
use crate::everyday::{Preferences, ProxyMode};
use crate::problem::Code;
use crate::tests::{NOON, claim, open, refused, running, sample, signed_in, stage};
use crate::{App, Clock, Config, KeyFile, Secrets};

const PROGRAM: Program = Program { name: "terminal", webview: None };

/// Planted wherever a person's data or a secret can be; none of it may leave the computer in a support file.
const PASSWORD: &str = "kawasemi-hashi-2026";
const PROXY_PASSWORD: &str = "mizuumi-no-hotori";
const PERSON: &str = "カイゴ　ハナコ";
const INSURED: &str = "0000000901";

fn config(folder: &Path) -> Config {
    Config {
        data: folder.join("data"),
        documents: folder.join("documents"),
        relay: Some("http://127.0.0.1:9".to_owned()),
        clock: running(NOON),
        secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
    }
}

fn unpacked(path: &str) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut part = archive.by_index(number).unwrap();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            (part.name().to_owned(), text)
        })
        .collect()
}

/// Writes what the program logs into its log file, as the window does.
struct Log(std::path::PathBuf);

impl<'a> MakeWriter<'a> for Log {
    type Writer = fs::File;

    fn make_writer(&'a self) -> fs::File {
        fs::File::options().append(true).create(true).open(&self.0).unwrap()
    }
}

#[tokio::test]
async fn the_support_file_names_nobody_and_holds_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let folder = logs(&home.path().join("data"));
    fs::create_dir_all(&folder).unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(Log(folder.join("todoke.2026-06-05.log")))
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let app = signed_in(home.path()).await;
    app.set_person("山田 太郎").await.unwrap();
    let mut preferences = Preferences::default();
    preferences.proxy.mode = ProxyMode::Manual;
    preferences.proxy.address = "127.0.0.1:9".into();
    preferences.proxy.user = "yamada-proxy".into();
    app.set_preferences(preferences).await.unwrap();
    app.set_proxy_password(PROXY_PASSWORD).await.unwrap();
    let watched = home.path().join("介護ソフト 山田");
    fs::create_dir(&watched).unwrap();
    app.watch_folder(Some(watched.to_str().unwrap())).await.unwrap();
    // Everything that can fail says so in the log.
    refused(app.log_in("9900000001", "sakura-honbu", PASSWORD, None).await, Code::Unreachable);
    stage(&app, &claim(home.path(), "KK260601.CSV", INSURED)).await.unwrap();
    app.tick().await.unwrap();
    let paths: Vec<String> =
        ["74100000.CSV", "72100000.CSV", "KKBAD001.CSV"].map(|name| sample(name).to_string_lossy().into_owned()).into();
    app.import(&paths).await.unwrap();
    app.import(&["/nowhere/山田.csv".to_owned()]).await.unwrap();
    // A line that says more than it may: what the second look is for.
    let slip = format!("slip of the log: {INSURED} at {}/office", dirs::home_dir().unwrap().display());
    tracing::info!("{slip}");
    let key = fs::read_to_string(home.path().join("keys")).unwrap();
    let key: std::collections::BTreeMap<String, String> = serde_json::from_str(&key).unwrap();

    let view = health(&config(home.path()), Some(&app)).await;
    let saved = support_file(&config(home.path()), Some(&app), &view, &PROGRAM, None).await.unwrap();
    let parts = unpacked(&saved.path);
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["versions.txt", "health.json", "settings.json", "database.json", "logs/todoke.2026-06-05.log"]);
    let log = &parts[4].1;
    assert!(log.contains("slip of the log: <number> at ~/office"), "the log is there, redacted:\n{log}");
    assert!(parts[2].1.contains("\"proxy\": \"manual\""), "{}", parts[2].1);
    assert!(parts[3].1.contains("\"whole\": true"), "{}", parts[3].1);

    let home_name = dirs::home_dir().unwrap().to_string_lossy().into_owned();
    let mut planted = vec![
        PASSWORD,
        PROXY_PASSWORD,
        PERSON,
        INSURED,
        "0000000101",
        "0000000202",
        "0000000303",
        "9970000015",
        "9900000001",
        "sakura-honbu",
        "yamada-proxy",
        "山田",
        "さくら",
        "カイゴ",
        "ｶｲｺﾞ",
        &home_name,
    ];
    planted.extend(key.values().map(String::as_str));
    for (name, text) in &parts {
        for secret in &planted {
            assert!(!text.contains(secret), "{secret} stands in {name}:\n{text}");
        }
    }
    // What lies on the disk besides the database is clean of secrets too.
    for entry in fs::read_dir(home.path().join("data")).unwrap().chain(fs::read_dir(&folder).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            for secret in [PASSWORD, PROXY_PASSWORD].into_iter().chain(key.values().map(String::as_str)) {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "a secret stands in {}", path.display());
            }
        }
    }
}

/// When the database does not open, the file is needed most.
#[tokio::test]
async fn a_support_file_is_made_without_keychain_and_database() {
    let home = tempfile::tempdir().unwrap();
    drop(open(home.path(), running(NOON)).await);
    fs::remove_file(home.path().join("keys")).unwrap();
    let config = config(home.path());
    let view = health(&config, None).await;
    assert_eq!(view.state, HealthState::Bad);
    let keychain = view.items.iter().find(|item| item.id == "keychain").unwrap();
    assert!(keychain.found.contains("E-1204"), "{view:?}");
    assert!(keychain.remedy.as_deref().is_some_and(|remedy| remedy.ends_with('。')), "{view:?}");
    let out = home.path().join("support.zip");
    let saved = support_file(&config, None, &view, &PROGRAM, Some(out)).await.unwrap();
    assert_eq!(unpacked(&saved.path).len(), 2);
}

#[tokio::test]
async fn a_damaged_database_is_found() {
    let home = tempfile::tempdir().unwrap();
    drop(signed_in(home.path()).await);
    let path = home.path().join("data/todoke.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    fs::write(&path, bytes).unwrap();
    let view = health(&config(home.path()), None).await;
    let database = view.items.iter().find(|item| item.id == "database").unwrap();
    assert_eq!(database.state, HealthState::Bad, "{view:?}");
}

#[tokio::test]
async fn health_names_each_thing_with_its_remedy() {
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    let view = health(&config(home.path()), Some(&app)).await;
    let ids: Vec<&str> = view.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["disk", "keychain", "database", "relay", "clock", "proxy"]);
    let state = |id: &str| view.items.iter().find(|item| item.id == id).unwrap().state;
    assert_eq!([state("keychain"), state("database")], [HealthState::Good; 2]);
    assert_eq!([state("relay"), state("clock")], [HealthState::Bad, HealthState::Attention], "nobody listens there");
    for item in &view.items {
        assert_eq!(item.remedy.is_none(), item.state == HealthState::Good, "{item:?}");
    }
}

#[test]
fn a_clock_that_is_off_is_said_in_its_own_measure() {
    for (minutes, words) in [(11, "11分進んで"), (-90, "1時間遅れて"), (1440, "1日進んで"), (-2890, "2日遅れて")]
    {
        assert_eq!(off_words(TimeDelta::minutes(minutes)), words);
    }
}

#[tokio::test]
async fn a_clock_wrong_by_a_day_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let app = open(home.path(), running(NOON)).await;
    let off = async |now: &str, demo: bool| {
        app.take_status(&crate::tests::status(now, demo)).await.unwrap();
        app.frame().await.unwrap().clock_off
    };
    assert_eq!(off("2026-06-05T12:09:00+09:00", false).await, None);
    assert_eq!(off("2026-06-04T12:00:00+09:00", false).await.as_deref(), Some("1日進んで"));
    assert_eq!(off("2026-06-06T12:00:00+09:00", false).await.as_deref(), Some("1日遅れて"));
    assert_eq!(off("2026-06-05T12:00:30+09:00", false).await, None, "set right again");
    assert_eq!(off("2026-07-31T12:00:00+09:00", true).await, None, "a demonstration has a time of its own");
}

#[test]
fn long_numbers_and_the_home_folder_are_taken_out() {
    let home = Path::new("/home/yamada");
    let text = redacted("2026-06-05T12:00:00Z at /home/yamada/x: 9970000015, 0000000101 and 1234567", Some(home));
    assert_eq!(text, "2026-06-05T12:00:00Z at ~/x: <number>, <number> and 1234567");
    let windows = Path::new("C:\\Users\\佐藤");
    assert_eq!(redacted("\"C:\\\\Users\\\\佐藤\\\\x\" C:\\Users\\佐藤\\y", Some(windows)), "\"~\\\\x\" ~\\y");
}

/// The way back after an upgrade that went wrong.
#[tokio::test]
async fn a_copy_of_the_database_goes_back_with_the_key_of_the_keychain() {
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    app.copy_aside().await.unwrap();
    app.log_out().await.unwrap();
    drop(app);
    let config = Config { clock: Clock::standing(crate::tests::time("2026-06-06T12:00:00")), ..config(home.path()) };
    let list = copies(&config).unwrap();
    assert_eq!(list.len(), 1);
    refused(restore_copy(&config, "todoke.db").await, Code::UnknownCopy);
    restore_copy(&config, &list[0].name).await.unwrap();
    let app = App::open(config).await.unwrap();
    assert!(app.frame().await.unwrap().account.is_some(), "the state from before");
}
