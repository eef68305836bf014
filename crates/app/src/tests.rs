//! The program as a whole, on a computer without a line.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use relay_api::{Account, Demo, Milestone, Office, RelayStatus, Role};
use store::{ContentId, LocalState};

use crate::views::{FrameView, SubmissionState, SubmissionView};
use crate::{App, Clock, Code, Config, KeyFile, Problem, Secrets, setting};

const OFFICE: &str = "9970000015";
const NOON: &str = "2026-06-05T12:00:00";

fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Starts the program of a computer whose clock says `now`.
async fn open(folder: &Path, clock: Clock) -> App {
    App::open(Config {
        data: folder.join("data"),
        documents: folder.join("documents"),
        relay: Some("http://127.0.0.1:9".to_owned()),
        clock,
        secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
    })
    .await
    .unwrap()
}

fn running(now: &str) -> Clock {
    let now = time(now);
    Clock::new(move || now)
}

/// Starts the program with an account that may act for [`OFFICE`].
async fn signed_in(folder: &Path) -> App {
    let app = open(folder, running(NOON)).await;
    let account = Account {
        corporation_number: "9900000001".into(),
        corporation_name: "さくら会".into(),
        login_id: "sakura-honbu".into(),
        role: Role::Corporation,
        must_change_password: false,
        offices: vec![Office { number: OFFICE.into(), name: "さくらデイサービス".into() }],
    };
    app.remember_account(&account).await.unwrap();
    app
}

fn status(now: &str, demo: bool) -> RelayStatus {
    let milestones = vec![Milestone { at: "2026-06-30T17:00:00+09:00".into(), label: "結果が届きます".into() }];
    RelayStatus { now: now.to_owned(), last_contact: None, demo: demo.then_some(Demo { milestones }) }
}

async fn demo(app: &App) -> Option<(String, usize)> {
    let FrameView { demo, .. } = app.frame().await.unwrap();
    demo.map(|demo| (demo.now, demo.milestones.len()))
}

async fn offset(app: &App) -> Option<String> {
    app.store(|store| store.setting(setting::CLOCK_OFFSET)).await.unwrap()
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name)
}

/// Writes the clean claim with another person first.
fn claim(folder: &Path, name: &str, person: &str) -> PathBuf {
    // The claim holds half-width characters only, so that it reads as ASCII.
    let text = std::fs::read_to_string(sample("KK260601.CSV")).unwrap().replace("0000000101", person);
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Writes a clean 給付管理票 with the months of the claim.
fn benefit_management(folder: &Path) -> PathBuf {
    let head = format!("8222,202605,00990010,{OFFICE},1,20260601,3");
    let insured = "0000000101,19400105,2,21,202601,202612";
    let text = format!(
        "1,1,0,2,822,0,0,{OFFICE},0,7,202606,0\r\n\
         2,2,{head},01,{insured},,1,9970000023,1,15,6000,,,,,,,\r\n\
         2,3,{head},99,{insured},16765,1,0,0,0,,,6000,0,6000,12345678,,\r\n3,4\r\n"
    );
    let path = folder.join("KY260601.CSV");
    std::fs::write(&path, text).unwrap();
    path
}

async fn stage(app: &App, path: &Path) -> Result<SubmissionView, Problem> {
    let path = path.to_string_lossy().into_owned();
    let checked = app.check_files(std::slice::from_ref(&path)).await?;
    app.stage(&path, &checked[0].sha256).await
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Problem>, code: Code) {
    assert_eq!(result.map_err(|problem| problem.code).unwrap_err(), code);
}

#[tokio::test]
async fn a_day_that_a_person_gave_is_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    app.take_status(&status("2026-06-30T17:00:00+09:00", true)).await.unwrap();
    assert_eq!(app.now(), time("2026-06-30T17:00:00"));
    let kept = offset(&app).await;
    assert!(kept.is_some());
    drop(app);

    let app = open(folder.path(), Clock::standing(time("2026-08-01T12:00:00"))).await;
    assert_eq!(app.now(), time("2026-08-01T12:00:00"));
    app.take_status(&status("2026-06-30T17:05:00+09:00", true)).await.unwrap();
    assert_eq!(app.now(), time("2026-08-01T12:00:00"));
    assert_eq!(offset(&app).await, kept, "nothing is learned from a clock that stands");
}

#[tokio::test]
async fn a_demonstration_is_known_without_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    assert_eq!(demo(&app).await, None);
    app.take_status(&status("2026-06-10T09:00:00+09:00", true)).await.unwrap();
    assert_eq!(demo(&app).await, Some(("2026-06-10T09:00:00+09:00".into(), 1)));
    drop(app);

    let app = open(folder.path(), running(NOON)).await;
    assert_eq!(demo(&app).await, Some(("2026-06-10T09:00:00+09:00".into(), 0)));
    app.take_status(&status("2026-06-05T12:00:00+09:00", false)).await.unwrap();
    assert_eq!((demo(&app).await, app.now()), (None, time(NOON)));
    drop(app);
    assert_eq!(demo(&open(folder.path(), running(NOON)).await).await, None);
}

/// A demonstration whose clock agrees with this computer's moves nothing, and is one all the same.
#[tokio::test]
async fn another_relay_is_no_demonstration_until_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    app.take_status(&status("2026-06-05T12:00:00+09:00", true)).await.unwrap();
    drop(app);
    let app = open(folder.path(), running(NOON)).await;
    assert!(demo(&app).await.is_some());
    app.use_relay("https://relay.example.jp").await.unwrap();
    assert_eq!(demo(&app).await, None);
    drop(app);
    assert_eq!(demo(&open(folder.path(), running(NOON)).await).await, None);
}

#[tokio::test]
async fn a_claim_and_a_benefit_management_file_go_in_the_same_month() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    stage(&app, &sample("KK260601.CSV")).await.unwrap();
    stage(&app, &benefit_management(folder.path())).await.unwrap();
    let second = claim(folder.path(), "KK260602.CSV", "0000000404");
    refused(stage(&app, &second).await, Code::AlreadyClaimed);
}

#[tokio::test]
async fn what_was_taken_back_stands_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let (first, second) = (sample("KK260601.CSV"), claim(folder.path(), "KK260602.CSV", "0000000404"));
    let wrong = stage(&app, &first).await.unwrap();
    refused(stage(&app, &second).await, Code::AlreadyClaimed);

    app.withdraw(&wrong.id).await.unwrap();
    assert_eq!(app.submissions().await.unwrap(), []);
    let right = stage(&app, &second).await.unwrap();
    refused(stage(&app, &first).await, Code::AlreadyClaimed);

    app.withdraw(&right.id).await.unwrap();
    let back = stage(&app, &first).await.unwrap();
    assert_eq!((back.id, back.state, back.repeated), (wrong.id, SubmissionState::Ready, false));
}

#[tokio::test]
async fn a_refused_file_comes_back_ready() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let id = stage(&app, &sample("KK260601.CSV")).await.unwrap().id;
    let content: ContentId = id.parse().unwrap();
    app.store(move |store| {
        assert!(store.begin_attempt(&content, time(NOON))?);
        store.mark_refused(&content, Code::RelayRefusedFile.as_str(), None, time(NOON))
    })
    .await
    .unwrap();
    assert_eq!(app.withdraw(&id).await.unwrap().state, SubmissionState::Refused);
    let back = stage(&app, &sample("KK260601.CSV")).await.unwrap();
    assert_eq!((back.state, back.problem), (SubmissionState::Ready, None));
}

#[tokio::test]
async fn what_is_on_its_way_or_there_is_not_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let id = stage(&app, &sample("KK260601.CSV")).await.unwrap().id;
    let content: ContentId = id.parse().unwrap();
    app.store(move |store| store.begin_attempt(&content, time(NOON))).await.unwrap();
    refused(app.withdraw(&id).await, Code::AlreadySent);
    // The answer was lost: only the relay can tell, and nobody answers.
    app.store(move |store| store.mark_ready_again(&content, None, Code::LineCut.as_str(), time(NOON))).await.unwrap();
    assert!(app.withdraw(&id).await.is_err());
    let row = app.store(move |store| store.submission(&content)).await.unwrap().unwrap();
    assert_eq!((row.state, row.hidden), (LocalState::Ready, false));
    app.store(move |store| {
        assert!(store.begin_attempt(&content, time(NOON))?);
        store.mark_sent(&content, "{}", time(NOON))
    })
    .await
    .unwrap();
    refused(app.withdraw(&id).await, Code::AlreadySent);
    refused(app.withdraw(&"0".repeat(64)).await, Code::UnknownSubmission);
}

#[tokio::test]
async fn a_person_closes_a_case_and_reopens_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running("2026-07-02T12:00:00")).await;
    let files =
        ["KK260601.CSV", "72100000.CSV", "74100000.CSV"].map(|name| sample(name).to_string_lossy().into_owned());
    assert_eq!(app.import(&files).await.unwrap().new, 3);
    let returned = app.returns().await.unwrap().into_iter().find(|row| row.kind == "returned").unwrap();
    assert_eq!(returned.key, "9970000015/990010/0000000101/2026-05/7131");
    let kana = returned.insured_kana.clone().unwrap();
    assert!(!kana.chars().any(|c| ('\u{ff61}'..='\u{ff9f}').contains(&c)), "{kana}");
    assert_eq!(app.open_returns().await.unwrap(), 1);

    refused(app.close_return(&returned.key, " 　").await, Code::ReasonMissing);
    refused(app.close_return("9970000015/990010/0000000999/2026-05/7131", "調べた").await, Code::UnknownReturn);
    refused(app.reopen_return("なし").await, Code::UnknownReturn);

    let closed = app.close_return(&returned.key, "保険者に確認し、請求しない").await.unwrap();
    assert_eq!(closed.state, "closed");
    assert!(closed.action.contains("保険者に確認し、請求しない"), "{}", closed.action);
    assert_eq!(app.open_returns().await.unwrap(), 0);
    drop(app);

    let app = open(folder.path(), running("2026-07-03T12:00:00")).await;
    assert_eq!(app.open_returns().await.unwrap(), 0, "decisions are kept");
    assert_eq!(app.reopen_return(&returned.key).await.unwrap(), returned);
}
