//! The program as a whole, on a computer without a line.

mod desk;
mod rescue;

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use relay_api::{Account, Demo, Milestone, Office, RelayStatus, Role};
use store::{ContentId, LocalState};

use crate::views::{FrameView, SavedView, SubmissionState, SubmissionView};
use crate::work::{Choice, WorkQuery};
use crate::{App, Clock, Code, Config, KeyFile, Problem, Secrets, setting};

pub(crate) const OFFICE: &str = "9970000015";
pub(crate) const NOON: &str = "2026-06-05T12:00:00";

pub(crate) fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Starts the program of a computer whose clock says `now`.
pub(crate) async fn open(folder: &Path, clock: Clock) -> App {
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

pub(crate) fn running(now: &str) -> Clock {
    let now = time(now);
    Clock::new(move || now)
}

/// Starts the program with an account that may act for [`OFFICE`].
pub(crate) async fn signed_in(folder: &Path) -> App {
    let app = open(folder, running(NOON)).await;
    let account = Account {
        corporation_number: "9900000001".into(),
        corporation_name: "さくら会".into(),
        login_id: "sakura-honbu".into(),
        role: Role::Corporation,
        must_change_password: false,
        second_factor: false,
        offices: vec![Office { number: OFFICE.into(), name: "さくらデイサービス".into() }],
    };
    app.remember_account(&account).await.unwrap();
    app
}

pub(crate) fn status(now: &str, demo: bool) -> RelayStatus {
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

pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name)
}

/// The files of the sample month: the claim and its notices.
pub(crate) const SAMPLES: [&str; 5] = ["KK260601.CSV", "74100000.CSV", "72100000.CSV", "75200000.CSV", "75100000.CSV"];

/// Keeps a paper or a list for a person to look at, when asked to.
pub(crate) fn keep(saved: &SavedView, name: &str) {
    if let Some(folder) = std::env::var_os("TODOKE_KEEP_PAPERS") {
        std::fs::copy(&saved.path, PathBuf::from(folder).join(name)).unwrap();
    }
}

/// Returns what is printed on a paper.
pub(crate) fn printed(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    let output = std::process::Command::new("pdftotext").arg("-layout").arg(path).arg("-").output().unwrap();
    assert!(output.status.success(), "pdftotext: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same without the spaces that columns make.
pub(crate) fn printed_densely(path: impl AsRef<Path>) -> String {
    printed(path).split_whitespace().collect()
}

/// Writes the clean claim with another person first.
pub(crate) fn claim(folder: &Path, name: &str, person: &str) -> PathBuf {
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

pub(crate) async fn stage(app: &App, path: &Path) -> Result<SubmissionView, Problem> {
    let path = path.to_string_lossy().into_owned();
    let checked = app.check_files(std::slice::from_ref(&path)).await?;
    app.stage(&path, &checked[0].sha256).await
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Problem>, code: Code) {
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

    let keys = [returned.key.clone()];
    let close = |reason: &str, looked_twice| Choice::Close { reason: reason.to_owned(), looked_twice };
    refused(app.decide_returns(&keys, close(" 　", true)).await, Code::ReasonMissing);
    let unknown = ["9970000015/990010/0000000999/2026-05/7131".to_owned(), "なし".to_owned()];
    refused(app.decide_returns(&unknown[..1], close("調べた", true)).await, Code::UnknownReturn);
    refused(app.decide_returns(&unknown[1..], Choice::Reopen).await, Code::UnknownReturn);

    app.decide_returns(&keys, close("保険者に確認し、請求しない", true)).await.unwrap();
    let closed = item(&app, &returned.key).await.item;
    assert_eq!(closed.state, "closed");
    assert!(closed.action.contains("保険者に確認し、請求しない"), "{}", closed.action);
    assert_eq!(app.open_returns().await.unwrap(), 0);
    drop(app);

    let app = open(folder.path(), running("2026-07-03T12:00:00")).await;
    assert_eq!(app.open_returns().await.unwrap(), 0, "decisions are kept");
    app.decide_returns(&keys, Choice::Reopen).await.unwrap();
    assert_eq!(item(&app, &returned.key).await.item, returned);
}

async fn item(app: &App, key: &str) -> crate::work::WorkItemView {
    app.work_item_of(key).await.unwrap()
}

/// Opens the program on the sample month with its return and its hold.
async fn with_sample_month(folder: &Path) -> App {
    let app = open(folder, running("2026-07-02T12:00:00")).await;
    let files = ["KK260601.CSV", "72100000.CSV", "74100000.CSV", "75100000.CSV", "75200000.CSV"]
        .map(|name| sample(name).to_string_lossy().into_owned());
    assert_eq!(app.import(&files).await.unwrap().new, 5);
    app
}

const RETURNED: &str = "9970000015/990010/0000000101/2026-05/7131";
const HELD: &str = "9970000015/990010/0000000202/2026-05/7131";

#[tokio::test]
async fn giving_money_up_takes_a_second_look() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_sample_month(folder.path()).await;
    let keys = [RETURNED.to_owned()];
    let close = |looked_twice| Choice::Close { reason: "自費で精算した".to_owned(), looked_twice };
    app.set_person("山田").await.unwrap();
    app.decide_returns(&keys, close(false)).await.unwrap();
    let proposed = item(&app, RETURNED).await;
    assert_eq!((proposed.item.state.as_str(), proposed.row.give_up_proposed), ("open", true));
    assert!(proposed.proposal.is_some_and(|proposal| proposal.mine && proposal.reason == "自費で精算した"));
    refused(app.decide_returns(&keys, close(false)).await, Code::SecondLook);

    // Another person looks.
    app.set_person("佐藤").await.unwrap();
    assert!(!item(&app, RETURNED).await.proposal.unwrap().mine);
    let closed = app.decide_returns(&keys, close(false)).await.unwrap();
    assert_eq!(item(&app, RETURNED).await.item.state, "closed");
    let who: Vec<String> = item(&app, RETURNED).await.history.into_iter().map(|past| past.by).collect();
    assert_eq!(who, ["佐藤", "山田"]);

    // Taken back, it is a wish again; not kept to, it is open as before.
    app.undo_decisions(&closed.ids).await.unwrap();
    assert!(item(&app, RETURNED).await.proposal.is_some());
    refused(app.undo_decisions(&closed.ids).await, Code::UnknownDecision);
    app.decide_returns(&keys, Choice::Keep).await.unwrap();
    assert!(item(&app, RETURNED).await.proposal.is_none());
    // The same person may say so.
    app.decide_returns(&keys, close(true)).await.unwrap();
    assert_eq!(item(&app, RETURNED).await.item.state, "closed");
}

#[tokio::test]
async fn the_worklist_shows_each_unpaid_item_once_nearest_date_first() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_sample_month(folder.path()).await;
    app.set_person("山田").await.unwrap();
    let page = app.worklist(WorkQuery::default(), 0, 10).await.unwrap();
    let rows: Vec<(&str, Option<&str>, &str)> =
        page.rows.iter().map(|row| (row.key.as_str(), row.due.as_deref(), row.next.as_str())).collect();
    // 12PA is cured by time: its date is the limitation, as that of the hold; the larger amount stands first.
    assert_eq!(
        rows,
        [
            (HELD, Some("2028-07-31"), "待つ（請求しない）"),
            (RETURNED, Some("2028-07-31"), "認定や登録を待ってから請求")
        ]
    );
    assert_eq!((page.total, page.yen, page.estimated_yen), (2, 57_351 + 63_903, 0));

    // Someone else's is not mine; a day that a person set comes first.
    let due = |date: &str| Choice::Due { date: Some(date.to_owned()) };
    app.decide_returns(&[RETURNED.to_owned()], due("2026-07-06")).await.unwrap();
    refused(app.decide_returns(&[RETURNED.to_owned()], due("7月6日")).await, Code::WrongDate);
    let first = app.worklist(WorkQuery::default(), 0, 1).await.unwrap().rows.remove(0);
    assert_eq!(
        (first.key.as_str(), first.due.as_deref(), first.due_from.as_deref()),
        (RETURNED, Some("2026-07-06"), Some("person"))
    );
    let both = [RETURNED.to_owned(), HELD.to_owned()];
    let owned = app.decide_returns(&both, Choice::Owner { name: "佐藤".to_owned() }).await.unwrap();
    assert_eq!((owned.ids.len(), owned.text.as_str()), (2, "2件の担当を佐藤さんにしました。"));
    assert_eq!(app.worklist(WorkQuery::default(), 0, 10).await.unwrap().total, 0);
    let of = |owner: &str| WorkQuery { tab: "all".to_owned(), owner: Some(owner.to_owned()), ..WorkQuery::default() };
    assert_eq!(app.worklist(of("佐藤"), 0, 10).await.unwrap().total, 2);
    app.undo_decisions(&owned.ids).await.unwrap();
    assert_eq!(app.worklist(of(""), 0, 10).await.unwrap().total, 2);
}

#[tokio::test]
async fn filters_narrow_the_worklist() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_sample_month(folder.path()).await;
    let all = || WorkQuery { tab: "all".to_owned(), ..WorkQuery::default() };
    let found = async |query: WorkQuery| -> Vec<String> {
        app.worklist(query, 0, 10).await.unwrap().rows.into_iter().map(|row| row.insured).collect()
    };
    let (returned, held) = (vec!["0000000101".to_owned()], vec!["0000000202".to_owned()]);
    assert_eq!(found(WorkQuery { states: vec!["open".into()], ..all() }).await, returned);
    assert_eq!(found(WorkQuery { kinds: vec!["held".into()], ..all() }).await, held);
    assert_eq!(found(WorkQuery { codes: vec!["12PA".into()], ..all() }).await, returned);
    assert_eq!(found(WorkQuery { min_yen: Some(60_000), ..all() }).await, held);
    assert_eq!(found(WorkQuery { max_yen: Some(60_000), ..all() }).await, returned);
    assert_eq!(found(WorkQuery { text: Some("202".into()), ..all() }).await, held);
    assert_eq!(found(WorkQuery { text: Some("テスト".into()), ..all() }).await.len(), 2);
    assert_eq!(found(WorkQuery { office: Some("9970000023".into()), ..all() }).await.len(), 0);
    assert_eq!(found(WorkQuery { min_age: Some(1), ..all() }).await.len(), 2);
    assert_eq!(found(WorkQuery { min_age: Some(2), ..all() }).await.len(), 0);
    assert_eq!(found(WorkQuery { sort: "yen".into(), ..all() }).await, [returned.clone(), held.clone()].concat());
    // A route that a person chose counts.
    let route = Choice::Route { route: Some("fix_now".to_owned()) };
    app.decide_returns(&[RETURNED.to_owned()], route).await.unwrap();
    assert_eq!(found(WorkQuery { tab: "fix".to_owned(), ..WorkQuery::default() }).await, returned);
    // 保留 is never among what can be claimed again, whatever a person chose for it.
    let route = Choice::Route { route: Some("fix_now".to_owned()) };
    app.decide_returns(&[HELD.to_owned()], route).await.unwrap();
    assert_eq!(found(WorkQuery { tab: "fix".to_owned(), ..WorkQuery::default() }).await, returned);

    let saved = app.save_filter("大きいもの", Some(WorkQuery { min_yen: Some(60_000), ..all() })).await.unwrap();
    assert_eq!(found(saved[0].query.clone()).await, held);
    drop(app);
    let app = open(folder.path(), running("2026-07-03T12:00:00")).await;
    assert_eq!(app.saved_filters().await.unwrap(), saved, "filters are kept");
    assert_eq!(app.save_filter("大きいもの", None).await.unwrap(), []);
}

#[tokio::test]
async fn an_item_shows_its_attempts_and_what_the_notices_say() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_sample_month(folder.path()).await;
    let held = item(&app, HELD).await;
    let [attempt] = held.attempts.as_slice() else { panic!("{:?}", held.attempts) };
    assert_eq!((attempt.processing_month.as_str(), attempt.yen, attempt.units), ("2026-06", 63_903, 8736));
    assert_eq!(attempt.file, "KK260601.CSV");
    assert!(
        held.notice_lines.iter().any(|line| line.text.starts_with("保留") && line.text.contains("8,736単位")),
        "{:?}",
        held.notice_lines
    );
    assert_eq!(held.withdrawal.road, "withdraw_held");
    assert_eq!(
        (held.last_claim_day.as_deref(), held.last_safe_day.as_deref()),
        (Some("2028-07-10"), Some("2028-06-10"))
    );
    let returned = item(&app, RETURNED).await;
    assert_eq!(returned.withdrawal.road, "none");
    assert!(returned.notice_lines.iter().all(|line| line.text.starts_with("12PA")), "{:?}", returned.notice_lines);
}

#[tokio::test]
async fn what_is_forgotten_is_found_after_the_window() {
    let folder = tempfile::tempdir().unwrap();
    drop(with_sample_month(folder.path()).await);
    for (now, count) in [("2026-07-10T12:00:00", 0), ("2026-07-11T12:00:00", 1)] {
        let app = open(folder.path(), running(now)).await;
        let query = WorkQuery { tab: "forgotten".to_owned(), ..WorkQuery::default() };
        assert_eq!(app.worklist(query, 0, 10).await.unwrap().total, count, "{now}");
    }
}

#[tokio::test]
async fn papers_of_the_worklist_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_sample_month(folder.path()).await;
    let all = || WorkQuery { tab: "all".to_owned(), ..WorkQuery::default() };
    let pdf = app.save_worklist(all(), &folder.path().join("一覧.pdf")).await.unwrap();
    assert!(std::fs::read(&pdf.path).unwrap().starts_with(b"%PDF"));
    let csv = app.save_worklist(all(), &folder.path().join("一覧.csv")).await.unwrap();
    let text = std::fs::read_to_string(&csv.path).unwrap();
    assert!(text.starts_with('\u{feff}') && text.lines().count() == 3, "{text}");
    assert!(text.contains(",0000000101,") && text.contains(",57351,"), "{text}");
    let workbook = app.save_worklist(all(), &folder.path().join("一覧.xlsx")).await.unwrap();
    assert!(std::fs::read(&workbook.path).unwrap().starts_with(b"PK"));
    app.save_checklist(None, &folder.path().join("確認表.pdf")).await.unwrap();
    // One hold, whose care manager is asked; 12PA only waits.
    let sheets = app.save_call_sheets(None, &folder.path().join("問合せ票")).await.unwrap();
    assert_eq!(sheets.len(), 1, "{sheets:?}");
    assert!(sheets[0].file.contains("ケアマネ"), "{sheets:?}");
}

/// Files that were taken in before anybody signed in stay apart, and are named once it is known whose they are.
#[tokio::test]
async fn an_office_of_another_corporation_is_named_and_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = claim(folder.path(), "KK260601.CSV", "0000000404");
    let text = std::fs::read_to_string(&foreign).unwrap().replace(OFFICE, "9970000023");
    std::fs::write(&foreign, text).unwrap();
    let app = with_sample_month(folder.path()).await;
    app.import(&[foreign.to_string_lossy().into_owned()]).await.unwrap();
    assert!(app.alarms().await.unwrap().iter().all(|alarm| alarm.kind != "other_corporation"), "nobody has signed in");
    drop(app);
    let app = signed_in(folder.path()).await;
    let alarms = app.alarms().await.unwrap();
    assert_eq!((alarms[0].kind.as_str(), alarms[0].office.as_str()), ("other_corporation", "9970000023"));
    let balance = app.balance().await.unwrap();
    let claimed = |office: &str| balance.iter().find(|row| row.office == office).map(|row| row.claimed);
    assert_eq!((claimed(OFFICE), claimed("9970000023")), (Some(214_488), Some(214_488)));
}

#[tokio::test]
async fn a_preview_stores_nothing_and_tells_what_an_import_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let files = folder.path().join("files");
    std::fs::create_dir_all(files.join("2026")).unwrap();
    for (from, to) in
        [("KK260601.CSV", "KK260601.CSV"), ("KK260601.CSV", "2026/copy.csv"), ("74100000.CSV", "2026/74100000.CSV")]
    {
        std::fs::copy(sample(from), files.join(to)).unwrap();
    }
    std::fs::write(files.join("photo.jpg"), [0xff, 0xd8, 0xff]).unwrap();
    let foreign = std::fs::read_to_string(sample("KK260601.CSV")).unwrap().replace(OFFICE, "9970000023");
    std::fs::write(files.join("foreign.csv"), foreign).unwrap();

    let paths = [files.to_string_lossy().into_owned()];
    let preview = app.preview_import(&paths).await.unwrap();
    assert_eq!((preview.files, preview.new, preview.twice, preview.repeated, preview.refused_count), (5, 2, 1, 0, 2));
    let [office] = preview.offices.as_slice() else { panic!("{:?}", preview.offices) };
    assert_eq!((office.office.as_str(), office.claims, office.yen), (OFFICE, 3, 214_488));
    assert_eq!((office.claim_files, office.notices, office.from.as_deref()), (1, 1, Some("2026-06")));
    let codes: Vec<&str> = preview.refused.iter().map(|refused| refused.problem.code.as_str()).collect();
    assert!(codes.contains(&"E-1106"), "another corporation's file is named: {codes:?}");
    assert_eq!(app.notices().await.unwrap(), [], "nothing was stored");

    let imported = app.import(&paths).await.unwrap();
    assert_eq!((imported.new, imported.repeated, imported.refused.len()), (2, 1, 2));
    let again = app.preview_import(&paths).await.unwrap();
    assert_eq!((again.new, again.repeated, again.twice), (0, 2, 1));
    assert_eq!(app.import_progress(), None);
    assert_eq!(app.unfinished_import().await.unwrap(), Vec::<String>::new());
}
