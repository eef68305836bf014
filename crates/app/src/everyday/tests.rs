//! Everyday comfort, through the program without its window.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::NaiveDateTime;

use super::news::{Facts, choose, tellable};
use super::watch::look;
use super::{News, NewsKind, Preferences, ProxyMode, deadline_line, state_line};
use crate::problem::Code;
use crate::tests::{OFFICE, claim, open, running, signed_in, stage};
use crate::tick::{moment, window_view};
use crate::views::{ConnectionState, NoticeView, SubmissionState, SubmissionView};
use crate::{App, Clock};

fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

async fn looked(app: &App, folder: &Path) {
    app.take_look(folder, look(folder).ok()).await.unwrap();
}

#[tokio::test]
async fn a_file_counts_when_it_stays_the_same_and_only_once() {
    let home = tempfile::tempdir().unwrap();
    let app = open(home.path(), running("2026-06-05T12:00:00")).await;
    let folder = home.path().join("介護ソフト");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("KK260501.CSV"), "last month").unwrap();
    app.watch_folder(Some(folder.to_str().unwrap())).await.unwrap();
    looked(&app, &folder).await;
    looked(&app, &folder).await;
    assert_eq!(app.take_found(), Vec::<String>::new(), "what was there before is left alone");

    // The care software writes in pieces.
    let file = folder.join("KK260601.csv");
    fs::write(&file, "").unwrap();
    looked(&app, &folder).await;
    looked(&app, &folder).await;
    assert_eq!(app.take_found(), Vec::<String>::new(), "an empty file is only begun");
    fs::write(&file, "first half").unwrap();
    looked(&app, &folder).await;
    fs::write(&file, "first half, second half").unwrap();
    looked(&app, &folder).await;
    assert_eq!(app.watched().await.unwrap().found, 0, "a file that grows is half-written");
    fs::write(folder.join("memo.txt"), "no claim").unwrap();
    looked(&app, &folder).await;
    assert_eq!(app.watched().await.unwrap().found, 1);
    assert_eq!(app.take_found(), vec![file.to_string_lossy().into_owned()]);
    looked(&app, &folder).await;
    assert_eq!(app.take_found(), Vec::<String>::new(), "a file is found once");

    // Made anew under the same name: another content.
    fs::write(&file, "corrected, longer than before").unwrap();
    looked(&app, &folder).await;
    looked(&app, &folder).await;
    assert_eq!(app.take_found().len(), 1);
    drop(app);
    let app = open(home.path(), running("2026-06-06T12:00:00")).await;
    looked(&app, &folder).await;
    looked(&app, &folder).await;
    assert_eq!(app.take_found(), Vec::<String>::new(), "also after a restart");
}

#[tokio::test]
async fn a_folder_that_is_away_is_said_and_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let app = open(home.path(), running("2026-06-05T12:00:00")).await;
    let folder = home.path().join("network");
    let text = folder.to_str().unwrap();
    assert_eq!(app.watch_folder(Some(text)).await.map_err(|problem| problem.code), Err(Code::FolderAway));
    fs::create_dir(&folder).unwrap();
    app.watch_folder(Some(text)).await.unwrap();
    let aside = home.path().join("unplugged");
    fs::rename(&folder, &aside).unwrap();
    looked(&app, &folder).await;
    assert!(app.watched().await.unwrap().away);
    fs::write(aside.join("KK260601.CSV"), "written meanwhile").unwrap();
    fs::rename(&aside, &folder).unwrap();
    looked(&app, &folder).await;
    looked(&app, &folder).await;
    let view = app.watched().await.unwrap();
    assert_eq!((view.away, view.found), (false, 1));
}

/// The tick itself looks into the folder.
#[tokio::test]
async fn the_program_looks_by_itself() {
    let home = tempfile::tempdir().unwrap();
    let seconds = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let counter = std::sync::Arc::clone(&seconds);
    let clock = Clock::new(move || {
        time("2026-06-05T12:00:00") + chrono::TimeDelta::seconds(counter.load(std::sync::atomic::Ordering::SeqCst))
    });
    let app = open(home.path(), clock).await;
    let folder = home.path().join("export");
    fs::create_dir(&folder).unwrap();
    app.watch_folder(Some(folder.to_str().unwrap())).await.unwrap();
    let mut changes = app.changes();
    fs::write(folder.join("KK260601.CSV"), "whole").unwrap();
    let found = async {
        loop {
            app.tick().await.unwrap();
            seconds.fetch_add(6, std::sync::atomic::Ordering::SeqCst);
            tokio::task::yield_now().await;
            if app.watched().await.unwrap().found > 0 {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), found).await.unwrap();
    let mut told = false;
    while let Ok(topic) = changes.try_recv() {
        told |= topic == crate::Topic::Found;
    }
    assert!(told);
}

#[tokio::test]
async fn files_looked_at_come_back_latest_first() {
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    let lay = async |name: &str| {
        let path = claim(home.path(), name, "0000000901").to_string_lossy().into_owned();
        app.lay_files(&[path]).await.unwrap();
    };
    for number in 1..=11 {
        lay(&format!("KK26060{number:02}.CSV")).await;
    }
    lay("KK2606003.CSV").await;
    let broken = home.path().join("broken.csv");
    fs::write(&broken, "no claim").unwrap();
    app.lay_files(&[broken.to_string_lossy().into_owned()]).await.unwrap();
    fs::remove_file(home.path().join("KK2606011.CSV")).unwrap();

    let files = app.recent_files().await.unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(names.len(), 10);
    assert_eq!(names[..3], ["KK2606003.CSV", "KK2606011.CSV", "KK2606010.CSV"]);
    assert_eq!((files[0].there, files[1].there), (true, false));
    drop(app);
    let app = open(home.path(), running("2026-06-06T12:00:00")).await;
    assert_eq!(app.recent_files().await.unwrap().len(), 10, "also after a restart");
}

#[tokio::test]
async fn what_a_person_sets_is_checked_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let app = open(home.path(), running("2026-06-05T12:00:00")).await;
    let usual = app.preferences().await.unwrap();
    assert_eq!(usual, Preferences::default());
    let mut wanted = Preferences { quiet_from: "7:05".into(), remind_days: 5, ..usual.clone() };
    wanted.watched_folder = Some("/etc".into());
    let kept = app.set_preferences(wanted).await.unwrap();
    assert_eq!((kept.quiet_from.as_str(), kept.remind_days), ("07:05", 5));
    assert_eq!(kept.watched_folder, None, "the page cannot name a folder");
    for wrong in
        [Preferences { quiet_until: "25:00".into(), ..usual.clone() }, Preferences { remind_days: 10, ..usual.clone() }]
    {
        assert_eq!(app.set_preferences(wrong).await.map_err(|problem| problem.code), Err(Code::WrongTime));
    }
    let mut proxy = usual;
    proxy.proxy.mode = ProxyMode::Manual;
    assert_eq!(app.set_preferences(proxy).await.map_err(|problem| problem.code), Err(Code::WrongProxy));
    drop(app);
    let app = open(home.path(), running("2026-06-05T12:00:00")).await;
    assert_eq!(app.preferences().await.unwrap(), kept);
}

#[test]
fn what_an_older_version_kept_is_read() {
    let read = Preferences::read(Some(r#"{"remind_days":7,"gone":1}"#));
    assert_eq!(read, Preferences { remind_days: 7, ..Preferences::default() });
    assert_eq!(Preferences::read(Some("damaged")), Preferences::default());
}

#[test]
fn quiet_hours_may_go_over_midnight() {
    let preferences = Preferences::default();
    let quiet = |text: &str| preferences.quiet(text.parse().unwrap());
    assert_eq!(
        ["19:59:59", "20:00:00", "23:59:59", "00:00:00", "06:59:59", "07:00:00"].map(quiet),
        [false, true, true, true, true, false]
    );
    let never = Preferences { quiet_until: "20:00".into(), ..Preferences::default() };
    assert!(!never.quiet("20:00:00".parse().unwrap()));
}

fn submission(id: &str, state: SubmissionState) -> SubmissionView {
    SubmissionView {
        id: id.into(),
        file: "KK260601.CSV".into(),
        office: OFFICE.into(),
        office_name: "さくらデイサービス".into(),
        processing_month: "2026-06".into(),
        service_months: vec!["2026-05".into()],
        claims: 3,
        yen: 214_488,
        state,
        state_word: String::new(),
        state_number: None,
        basic_code: None,
        accept_code: None,
        cancel_code: None,
        can_cancel: false,
        can_hide: false,
        can_send_again: false,
        round: 1,
        earlier: Vec::new(),
        hidden: false,
        line_position: None,
        sha256: id.into(),
        size: 1,
        steps: Vec::new(),
        problem: None,
        next_attempt: None,
        message: None,
        created_at: "2026-06-05T12:00:00+09:00".into(),
        repeated: false,
        test: false,
    }
}

fn return_list(id: &str) -> NoticeView {
    NoticeView {
        id: id.into(),
        file: "74100000.CSV".into(),
        exchange_id: "7411".into(),
        title: "返戻（保留）一覧表".into(),
        office: OFFICE.into(),
        office_name: "さくらデイサービス".into(),
        processing_month: Some("2026-06".into()),
        issued: None,
        received_at: "2026-06-30T17:00:00+09:00".into(),
        unread: true,
        origin: "relay".into(),
    }
}

/// A computer over some days: what was told stays told.
struct Days {
    told: Option<BTreeSet<String>>,
    preferences: Preferences,
}

impl Days {
    fn at(&mut self, now: &str, submissions: &[SubmissionView], notices: &[NoticeView]) -> Vec<News> {
        let now = moment(&format!("{now}+09:00")).unwrap();
        let window = window_view(now);
        let offices = [
            (OFFICE.to_owned(), "さくらデイサービス".to_owned()),
            ("9970000023".to_owned(), "もみじ訪問介護".to_owned()),
        ];
        let facts = Facts { submissions, notices, window: &window, offices: &offices };
        let all = tellable(&facts, &self.preferences, now);
        let (news, told) = choose(all, self.told.as_ref(), &self.preferences, now);
        self.told = Some(told);
        news
    }
}

fn kinds(news: &[News]) -> Vec<NewsKind> {
    news.iter().map(|news| news.kind).collect()
}

#[test]
fn each_message_comes_once_and_never_for_what_was_there_before() {
    let mut days = Days { told: None, preferences: Preferences::default() };
    let old = [submission("old", SubmissionState::Accepted)];
    assert_eq!(days.at("2026-06-20T09:00:00", &old, &[return_list("old")]), Vec::new());
    let mut now = vec![submission("old", SubmissionState::Accepted), submission("new", SubmissionState::Receiving)];
    assert_eq!(days.at("2026-06-20T10:00:00", &now, &[return_list("old")]), Vec::new(), "nothing has happened yet");
    now[1].state = SubmissionState::Accepted;
    let news = days.at("2026-06-20T11:00:00", &now, &[return_list("old"), return_list("new")]);
    assert_eq!(kinds(&news), [NewsKind::Accepted, NewsKind::Returns]);
    assert!(news[0].body.contains("さくらデイサービスの6月請求"), "{news:?}");
    now[1].state = SubmissionState::Completed;
    assert_eq!(days.at("2026-06-20T12:00:00", &now, &[return_list("old"), return_list("new")]), Vec::new());
}

#[test]
fn messages_wait_for_the_morning_and_are_silent_when_switched_off() {
    let mut days = Days { told: Some(BTreeSet::new()), preferences: Preferences::default() };
    let failed = [submission("a", SubmissionState::FormatError)];
    assert_eq!(days.at("2026-06-20T23:00:00", &failed, &[]), Vec::new());
    assert_eq!(kinds(&days.at("2026-06-21T07:00:00", &failed, &[])), [NewsKind::Failed]);
    let mut off = Days {
        told: Some(BTreeSet::new()),
        preferences: Preferences { notifications: false, ..Preferences::default() },
    };
    assert_eq!(off.at("2026-06-20T12:00:00", &failed, &[]), Vec::new());
    off.preferences.notifications = true;
    assert_eq!(off.at("2026-06-20T13:00:00", &failed, &[]), Vec::new(), "switching on brings no flood");
}

#[test]
fn the_deadline_is_named_once_a_day_until_everybody_has_sent() {
    let mut days = Days { told: Some(BTreeSet::new()), preferences: Preferences::default() };
    assert_eq!(days.at("2026-06-06T09:00:00", &[], &[]), Vec::new(), "four days are enough");
    let news = days.at("2026-06-07T09:00:00", &[], &[]);
    assert_eq!(kinds(&news), [NewsKind::Deadline]);
    assert!(news[0].title.contains("あと3日") && news[0].body.contains("さくらデイサービスほか1事業所"), "{news:?}");
    assert_eq!(days.at("2026-06-07T15:00:00", &[], &[]), Vec::new());
    let sent = [submission("a", SubmissionState::Receiving)];
    let news = days.at("2026-06-08T09:00:00", &sent, &[]);
    assert!(news[0].body.contains("もみじ訪問介護") && !news[0].body.contains("さくら"), "{news:?}");
    let mut other = submission("b", SubmissionState::Ready);
    other.office = "9970000023".into();
    let both = [sent[0].clone(), other.clone()];
    assert_eq!(days.at("2026-06-09T09:00:00", &both, &[]), Vec::new());
    // What failed has not been sent.
    other.state = SubmissionState::FormatError;
    let both = [sent[0].clone(), other];
    assert_eq!(kinds(&days.at("2026-06-10T09:00:00", &both, &[])), [NewsKind::Failed, NewsKind::Deadline]);
    assert_eq!(days.at("2026-06-11T09:00:00", &both, &[]), Vec::new(), "the window has closed");
}

#[test]
fn many_messages_are_one() {
    let mut days = Days { told: Some(BTreeSet::new()), preferences: Preferences::default() };
    let mut sent: Vec<SubmissionView> =
        (0..40).map(|number| submission(&format!("s{number}"), SubmissionState::Accepted)).collect();
    sent[7].state = SubmissionState::FormatError;
    let news = days.at("2026-06-20T09:00:00", &sent, &[]);
    assert_eq!(kinds(&news), [NewsKind::Failed]);
    assert!(news[0].body.contains("送れていないもの1件、受付完了39件"), "{news:?}");
}

/// Through the database: the same program, twice.
#[tokio::test]
async fn the_database_remembers_what_was_told() {
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    assert_eq!(app.news().await.unwrap(), Vec::new());
    stage(&app, &claim(home.path(), "KK260601.CSV", "0000000901")).await.unwrap();
    assert_eq!(app.news().await.unwrap(), Vec::new());
    drop(app);
    let app = open(home.path(), running("2026-06-11T09:00:00")).await;
    // Its month has passed without a line: refused by this computer.
    app.tick().await.unwrap();
    app.send_due().await.unwrap();
    let news = app.news().await.unwrap();
    assert_eq!(kinds(&news), [NewsKind::Failed]);
    assert_eq!(app.news().await.unwrap(), Vec::new());
}

#[tokio::test]
async fn the_icon_says_how_things_stand_and_the_next_deadline() {
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    let mut frame = app.frame().await.unwrap();
    assert_eq!(state_line(&frame), "接続を確かめています");
    frame.connection.state = ConnectionState::Online;
    frame.open_returns = 2;
    assert_eq!(state_line(&frame), "接続中・対応する返戻 2件");
    assert_eq!(deadline_line(&frame), "6月請求の締切まであと5日");
    frame.window = window_view(time("2026-06-10T09:00:00"));
    assert_eq!(deadline_line(&frame), "6月請求はきょうまで");
    frame.window = window_view(time("2026-12-11T09:00:00"));
    assert_eq!(deadline_line(&frame), "1月請求は21日後から");
    frame.account = None;
    frame.open_returns = 0;
    assert_eq!(state_line(&frame), "ログインしていません");
}
