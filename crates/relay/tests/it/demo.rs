//! The demonstration end to end: the sample file sent, the clock moved, the notices fetched.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use relay::{Config, OpenError, Relay, demo};
use relay_api::{DocumentPage, RefusalCode, RelayStatus, Session, State, Submission, SubmissionList};
use reqwest::{Method, Response};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Claim, OFFICE, PASSWORD, TestRelay, clock, ok, refused, states};

/// Opens a demonstration in `folder`. Its real time is 2027, so that nothing may confuse the two clocks.
async fn open(folder: &TempDir) -> Result<Relay, OpenError> {
    let millis = Arc::new(AtomicI64::new(1_800_000_000_000));
    Relay::open_demo(Config::new(folder.path(), clock(&millis)), 0).await
}

pub async fn start() -> TestRelay {
    let folder = tempfile::tempdir().unwrap();
    let relay = open(&folder).await.unwrap();
    TestRelay::serve(relay, folder, Arc::default())
}

async fn token(relay: &TestRelay) -> String {
    let first: Session = ok(relay.sign_in(demo::CORPORATION, demo::LOGIN_ID, demo::PASSWORD).await).await;
    assert!(first.account.must_change_password);
    assert_eq!(first.account.offices.len(), 3);
    let session: Session = ok(relay.change_password(&first.access_token, demo::PASSWORD, PASSWORD).await).await;
    session.access_token
}

async fn status(relay: &TestRelay) -> RelayStatus {
    ok(relay.http.get(relay.url("/v1/status")).send().await.unwrap()).await
}

async fn move_clock(relay: &TestRelay, to: &str) -> Response {
    relay.http.post(relay.url("/v1/demo/clock")).json(&json!({ "to": to })).send().await.unwrap()
}

async fn documents(relay: &TestRelay, token: &str, after: u64) -> DocumentPage {
    ok(relay.get(&format!("/v1/documents?after={after}"), token).await).await
}

#[tokio::test]
async fn a_month_from_the_claim_to_its_payment() {
    let relay = start().await;
    let token = token(&relay).await;
    assert!(status(&relay).await.now.starts_with("2026-06-05T10:00:0"));

    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    relay.relay.step_demo().await.unwrap();
    assert_eq!(relay.submission(&token, &claim).await.state, State::Transmitting);
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:10:00+09:00").await).await;
    let received = relay.submission(&token, &claim).await;
    assert_eq!((received.state, received.basic_code.as_deref()), (State::Receiving, Some("5C05")));
    assert_eq!(documents(&relay, &token, 0).await.documents, []);

    let milestones = status(&relay).await.demo.unwrap().milestones;
    assert_eq!(milestones.len(), 2, "{milestones:?}");
    assert!(milestones.is_sorted_by_key(|milestone| milestone.at.clone()));
    let [review, payment] = <[_; 2]>::try_from(milestones).unwrap();
    let after: RelayStatus = ok(move_clock(&relay, &review.at).await).await;
    assert!(after.now >= review.at && after.last_contact.is_some());
    let notices = documents(&relay, &token, 0).await;
    let names: Vec<_> = notices.documents.iter().map(|document| document.file_name.as_str()).collect();
    assert!(names.contains(&"74100000.CSV") && names.contains(&"72100000.CSV"), "{names:?}");
    assert!(notices.documents.iter().all(|document| document.office == claim.announced.office));
    for document in &notices.documents {
        let content = relay.get(&format!("/v1/documents/{}/content", document.id), &token).await.bytes().await.unwrap();
        assert_eq!(content.len() as u64, document.size);
        kokuho::read(&content).unwrap();
    }

    let _: RelayStatus = ok(move_clock(&relay, &payment.at).await).await;
    let later = documents(&relay, &token, notices.cursor).await;
    assert!(later.documents.iter().any(|document| document.file_name == "75200000.CSV"), "{later:?}");

    let end = relay.submission(&token, &claim).await;
    assert_eq!(states(&end)[..3], [State::Announced, State::Waiting, State::Transmitting]);
    assert!(end.history.is_sorted_by_key(|change| change.at.clone()), "{:?}", end.history);
    assert!(matches!(end.state, State::Processing | State::Completed), "{end:?}");
    assert_eq!(documents(&relay, &token, later.cursor).await.documents, []);
}

/// Every state 0 to 9 and every basic code, as a client of the relay sees them.
#[tokio::test]
async fn every_state_and_every_code_is_reached() {
    let relay = start().await;
    let token = token(&relay).await;
    let mut seen = (BTreeSet::new(), BTreeSet::new());
    let look = async |seen: &mut (BTreeSet<String>, BTreeSet<String>)| {
        let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
        for change in list.submissions.iter().flat_map(|submission| &submission.history) {
            seen.0.insert(format!("{:?}", change.state));
            seen.1.extend(change.basic_code.clone());
        }
    };
    // One that meets nothing, one that is cancelled, and those that fail on the way: for other months, so that all stand.
    let claims: Vec<Claim> = [
        ("0000000303", "202605"),
        ("0000000305", "202604"),
        ("0000000904", "202603"),
        ("0000000910", "202602"),
        ("0000000911", "202601"),
        ("0000000912", "202512"),
    ]
    .map(|(person, service)| Claim::in_months(OFFICE, person, "202606", service))
    .into();
    for claim in &claims {
        relay.send(&token, claim).await;
    }
    look(&mut seen).await;
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:10:00+09:00").await).await;
    for (claim, state, code) in [
        (&claims[2], State::FormatError, "5C04"),
        (&claims[3], State::ExternalError, "5C10"),
        (&claims[4], State::ExternalError, "5C11"),
        (&claims[5], State::ExternalError, "5C12"),
    ] {
        let failed = relay.submission(&token, claim).await;
        assert_eq!((failed.state, failed.basic_code.as_deref()), (state, Some(code)));
        assert!(failed.message.unwrap().contains("受け付けられていません"));
    }
    let path = format!("/v1/submissions/{}/cancel", claims[1].sha256);
    let wished: Submission = ok(relay.request(Method::POST, &path, &token).send().await.unwrap()).await;
    assert_eq!(wished.state, State::CancelRequested);
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:20:00+09:00").await).await;
    assert_eq!(relay.submission(&token, &claims[1]).await.state, State::Cancelled);
    let _: RelayStatus = ok(move_clock(&relay, "2026-07-20T10:00:00+09:00").await).await;
    look(&mut seen).await;
    let states = [
        "Announced",
        "CancelRequested",
        "Cancelled",
        "Cancelling",
        "Completed",
        "ExternalError",
        "FormatError",
        "Processing",
        "Receiving",
        "Transmitting",
        "Waiting",
    ];
    assert_eq!(seen.0.iter().map(String::as_str).collect::<Vec<_>>(), states);
    let codes: Vec<String> = (1..=12).map(|number| format!("5C{number:02}")).collect();
    assert_eq!(seen.1.into_iter().collect::<Vec<_>>(), codes);
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let relay = start().await;
    let token = token(&relay).await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:10:00+09:00").await).await;
    let before = relay.submission(&token, &claim).await;
    let milestones = status(&relay).await.demo.unwrap().milestones;

    let relay = restart(relay).await;
    assert_eq!(relay.submission(&token, &claim).await, before);
    let now = status(&relay).await;
    assert_eq!((now.now.as_str(), now.demo.unwrap().milestones), ("2026-06-05T10:10:00+09:00", milestones.clone()));
    let _: RelayStatus = ok(move_clock(&relay, &milestones[0].at).await).await;
    let first = documents(&relay, &token, 0).await;
    assert!(!first.documents.is_empty());

    // Each notice comes once, whatever is repeated.
    let relay = restart(relay).await;
    let _: RelayStatus = ok(move_clock(&relay, &milestones[0].at).await).await;
    relay.relay.step_demo().await.unwrap();
    assert_eq!(documents(&relay, &token, 0).await, first);
}

#[tokio::test]
async fn what_was_taken_before_a_kill_is_transmitted_after_it() {
    let relay = start().await;
    let token = token(&relay).await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    // Killed between taking the work and keeping what the 国保連 said of it.
    assert_eq!(relay.relay.take_work().await.unwrap().len(), 1);
    let relay = restart(relay).await;
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:10:00+09:00").await).await;
    let received = relay.submission(&token, &claim).await;
    assert_eq!(received.basic_code.as_deref(), Some("5C05"));
    let transmitted = states(&received).iter().filter(|state| **state == State::Transmitting).count();
    assert_eq!(transmitted, 1);
}

#[tokio::test]
async fn a_step_that_cannot_be_kept_is_done_again_from_what_was_kept() {
    let relay = start().await;
    let token = token(&relay).await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let database = rusqlite::Connection::open(relay.folder.path().join("relay.db")).unwrap();
    database
        .execute_batch("CREATE TRIGGER stop BEFORE INSERT ON demo_reference BEGIN SELECT raise(ABORT, 'full'); END;")
        .unwrap();
    assert!(relay.relay.step_demo().await.is_err());
    assert!(relay.relay.step_demo().await.is_err());
    database.execute_batch("DROP TRIGGER stop;").unwrap();
    let _: RelayStatus = ok(move_clock(&relay, "2026-06-05T10:10:00+09:00").await).await;
    let received = relay.submission(&token, &claim).await;
    assert_eq!(received.basic_code.as_deref(), Some("5C05"));
    let milestones = status(&relay).await.demo.unwrap().milestones;
    let _: RelayStatus = ok(move_clock(&relay, &milestones[0].at).await).await;
    let names: Vec<_> = documents(&relay, &token, 0).await.documents.into_iter().map(|d| d.file_name).collect();
    let mut once = names.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names.len(), "reviewed once: {names:?}");
}

#[tokio::test]
async fn the_clock_moves_forward_only_and_not_too_far() {
    let relay = start().await;
    for to in ["yesterday", "2026-06-05T09:59:00+09:00", "2027-07-01T00:00:00+09:00"] {
        refused(move_clock(&relay, to).await, 400, RefusalCode::Malformed).await;
    }
    let now = status(&relay).await.now;
    let _: RelayStatus = ok(move_clock(&relay, &now).await).await;
    let utc: RelayStatus = ok(move_clock(&relay, "2026-06-08T00:00:00Z").await).await;
    assert_eq!(utc.now, "2026-06-08T09:00:00+09:00");
}

#[tokio::test]
async fn tokens_live_in_real_time_however_far_the_clock_is_moved() {
    let relay = start().await;
    let token = token(&relay).await;
    let _: RelayStatus = ok(move_clock(&relay, "2027-06-01T00:00:00+09:00").await).await;
    assert_eq!(relay.get("/v1/account", &token).await.status(), 200);
}

#[tokio::test]
async fn the_letter_says_how_to_sign_in() {
    let relay = start().await;
    let letter = relay.relay.write_demo_letter("http://127.0.0.1:8470").await.unwrap();
    assert_eq!(std::fs::read_to_string(relay.folder.path().join("demo-letter.txt")).unwrap(), letter);
    for fact in [demo::CORPORATION, demo::LOGIN_ID, demo::PASSWORD, "http://127.0.0.1:8470", "さくら福祉会"] {
        assert!(letter.contains(fact), "{fact}: {letter}");
    }
}

#[tokio::test]
async fn a_demonstration_and_a_real_relay_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder).await.unwrap());
    let real = Relay::open(Config::new(folder.path(), clock(&Arc::default()))).await;
    assert!(matches!(real, Err(OpenError::Demonstration)));

    let real = TestRelay::start().await;
    let copy = tempfile::tempdir().unwrap();
    copy_folder(real.folder.path(), copy.path());
    assert!(matches!(open(&copy).await, Err(OpenError::Real)));
}

/// Opens the same folder anew, as after a kill: nothing is told to the old one.
async fn restart(relay: TestRelay) -> TestRelay {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(relay.folder.path(), copy.path());
    let relay = open(&copy).await.unwrap();
    TestRelay::serve(relay, copy, Arc::default())
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_history_ends_where_the_demonstration_begins() {
    let folder = tempfile::tempdir().unwrap();
    let millis = Arc::new(AtomicI64::new(1_800_000_000_000));
    let relay = Relay::open_demo(Config::new(folder.path(), clock(&millis)), 5).await.unwrap();
    let relay = TestRelay::serve(relay, folder, Arc::default());
    assert!(status(&relay).await.now.starts_with("2026-06-05T10:00:0"));
    let token = token(&relay).await;
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions.len(), 15, "five months of three offices");
    let in_state = |state| list.submissions.iter().filter(|submission| submission.state == state).count();
    // What was sent in May is reviewed, and not yet paid.
    assert_eq!((in_state(State::Completed), in_state(State::Processing)), (12, 3));
    let page = documents(&relay, &token, 0).await;
    let of = |name: &str| page.documents.iter().filter(|document| document.file_name == name).count();
    assert!(of("75200000.CSV") == 12 && of("74100000.CSV") > 0, "{page:?}");
    assert!(page.documents.iter().all(|document| document.received_at.as_str() < "2026-06-05"));

    // Opened again it is not played again.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(relay.folder.path(), copy.path());
    let reopened = Relay::open_demo(Config::new(copy.path(), clock(&millis)), 5).await.unwrap();
    let again = TestRelay::serve(reopened, copy, Arc::default());
    let list: SubmissionList = ok(again.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions.len(), 15);
}
