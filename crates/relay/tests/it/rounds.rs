//! The same bytes again: a new round, once nothing of the one before was accepted, and never before.

use std::collections::HashSet;

use chrono::TimeDelta;
use relay::storage::{Change, Recorded};
use relay_api::terminals::{WorkItem, WorkJob};
use relay_api::{RefusalCode, Session, State, Submission, SubmissionList};
use reqwest::{Method, Response};

use crate::support::{CORPORATION, Claim, OFFICE, OTHER_CORPORATION, PASSWORD, TestRelay, ok, refused, states};
use crate::terminals::Terminal;

fn in_round(claim: &Claim, round: u32) -> Claim {
    let mut claim = claim.clone();
    claim.announced.round = round;
    claim
}

async fn upload(relay: &TestRelay, token: &str, claim: &Claim) -> Response {
    let path = format!("/v1/submissions/{}/content?round={}", claim.sha256, claim.announced.round);
    relay.request(Method::PUT, &path, token).body(claim.bytes.clone()).send().await.unwrap()
}

async fn cancel(relay: &TestRelay, token: &str, claim: &Claim, round: &str) -> Response {
    relay.request(Method::POST, &format!("/v1/submissions/{}/cancel{round}", claim.sha256), token).send().await.unwrap()
}

async fn send(relay: &TestRelay, token: &str, claim: &Claim) -> Submission {
    let _: Submission = ok(relay.announce(token, claim).await).await;
    ok(upload(relay, token, claim).await).await
}

/// Lets a terminal of the inside take what waits and report `state` of it.
async fn report(relay: &TestRelay, work: i64, state: State, basic_code: &str) -> Recorded {
    let basic_code = (!basic_code.is_empty()).then(|| basic_code.to_owned());
    let at = relay.relay.clock().business();
    relay.relay.record_state(Change { submission: work, state, basic_code, message: None, at }).await.unwrap()
}

/// Sends a claim that does not reach 国保連. Returns its work.
async fn fail(relay: &TestRelay, token: &str, claim: &Claim) -> i64 {
    send(relay, token, claim).await;
    let work = relay.relay.take_work().await.unwrap().pop().unwrap();
    assert_eq!(report(relay, work.submission, State::ExternalError, "5C11").await, Recorded::Now);
    work.submission
}

#[tokio::test]
async fn what_did_not_arrive_goes_again_as_a_round_of_its_own() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    let work = fail(&relay, &token, &first).await;
    let ended = relay.submission(&token, &first).await;

    let second = in_round(&first, 2);
    let announced: Submission = ok(relay.announce(&token, &second).await).await;
    assert_eq!((announced.state, announced.announced.round, announced.repeated), (State::Announced, 2, false));
    assert_eq!(
        relay.submission(&token, &first).await,
        ended,
        "until its bytes are there, the ended one is what stands"
    );
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions, std::slice::from_ref(&ended));

    let received: Submission = ok(upload(&relay, &token, &second).await).await;
    assert_eq!((received.state, received.announced.round, received.repeated), (State::Waiting, 2, false));
    assert_ne!(received.accept_code, ended.accept_code);
    let [earlier] = received.earlier.as_slice() else { panic!("{:?}", received.earlier) };
    assert_eq!((earlier.round, earlier.state, earlier.basic_code.as_deref()), (1, State::ExternalError, Some("5C11")));
    assert_eq!((&earlier.accept_code, &earlier.history), (&ended.accept_code, &ended.history));
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions, std::slice::from_ref(&received), "one file, however often it was sent");

    let again = relay.relay.take_work().await.unwrap();
    assert_eq!(again.len(), 1, "the first round is not sent again");
    assert_ne!(again[0].submission, work);
    assert_eq!(relay.relay.work_content(&again[0]).await.unwrap(), first.bytes);
    assert_eq!(relay.objects().len(), 1, "rounds share their content");
    relay.relay.verify().await.unwrap();
}

#[tokio::test]
async fn repeating_any_step_of_any_round_answers_with_that_round_and_sends_nothing() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    let again: Submission = ok(relay.announce(&token, &second).await).await;
    assert_eq!((again.state, again.repeated), (State::Announced, true));

    // What was on its way since the first round, before and after the second one's bytes.
    for _ in 0..2 {
        let late: Submission = ok(relay.announce(&token, &first).await).await;
        assert_eq!((late.state, late.announced.round, late.repeated), (State::ExternalError, 1, true));
        for answer in [relay.upload(&token, &first).await, upload(&relay, &token, &first).await] {
            let late: Submission = ok(answer).await;
            assert_eq!((late.state, late.announced.round, late.repeated), (State::ExternalError, 1, true));
        }
        let received: Submission = ok(upload(&relay, &token, &second).await).await;
        assert_eq!((received.state, received.announced.round), (State::Waiting, 2));
    }
    assert_eq!(relay.relay.take_work().await.unwrap().len(), 1);
    let now = relay.submission(&token, &first).await;
    assert_eq!(states(&now), [State::Announced, State::Waiting, State::Transmitting]);
}

#[tokio::test]
async fn no_round_begins_before_the_one_before_has_ended_with_nothing_accepted() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let stages: [&[(State, &str)]; 6] = [
        &[],
        &[(State::Receiving, "5C01")],
        &[(State::Receiving, "5C05")],
        &[(State::Processing, "5C06")],
        &[(State::Completed, "5C09")],
        &[(State::Receiving, "5C03"), (State::FormatError, "5C04")],
    ];
    for (n, stage) in stages.iter().enumerate() {
        let claim = Claim::in_months(OFFICE, "0000000101", "202606", &format!("20250{}", n + 1));
        let second = in_round(&claim, 2);
        refused(relay.announce(&token, &second).await, 404, RefusalCode::NotFound).await;
        let refuses = async || {
            refused(relay.announce(&token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
            refused(upload(&relay, &token, &second).await, 404, RefusalCode::NotFound).await;
        };
        let _: Submission = ok(relay.announce(&token, &claim).await).await;
        refuses().await;
        let _: Submission = ok(relay.upload(&token, &claim).await).await;
        refuses().await;
        let work = relay.relay.take_work().await.unwrap().pop().unwrap();
        refuses().await;
        for (state, code) in *stage {
            assert_eq!(report(&relay, work.submission, *state, code).await, Recorded::Now);
            refuses().await;
        }
        if relay.submission(&token, &claim).await.state == State::FormatError {
            let _: Submission = ok(cancel(&relay, &token, &claim, "").await).await;
            refuses().await;
            report(&relay, work.submission, State::Cancelling, "").await;
            refuses().await;
        }
    }
    let claim = Claim::new(OFFICE, "0000000505");
    let mut wrong = claim.clone();
    for round in [0, 100] {
        wrong.announced.round = round;
        refused(relay.announce(&token, &wrong).await, 400, RefusalCode::Malformed).await;
    }
    fail(&relay, &token, &claim).await;
    refused(relay.announce(&token, &in_round(&claim, 3)).await, 404, RefusalCode::NotFound).await;
    let mut other = in_round(&claim, 2);
    other.announced.service_months.insert(0, "2026-04".into());
    refused(relay.announce(&token, &other).await, 409, RefusalCode::AnnouncedDifferently).await;
}

#[tokio::test]
async fn what_was_cancelled_goes_again_and_an_old_cancellation_does_not_touch_it() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    send(&relay, &token, &first).await;
    let cancelled: Submission = ok(cancel(&relay, &token, &first, "?round=1").await).await;
    assert_eq!(cancelled.state, State::Cancelled);
    let second = in_round(&first, 2);
    assert_eq!(send(&relay, &token, &second).await.state, State::Waiting);

    let late: Submission = ok(cancel(&relay, &token, &first, "?round=1").await).await;
    assert_eq!((late.state, late.announced.round, late.cancel_code), (State::Cancelled, 1, cancelled.cancel_code));
    assert_eq!(relay.submission(&token, &first).await.state, State::Waiting, "the second stands");
    refused(cancel(&relay, &token, &first, "?round=3").await, 404, RefusalCode::NotFound).await;
    refused(cancel(&relay, &token, &first, "?round=x").await, 400, RefusalCode::Malformed).await;

    // The corrected file may not go beside it, and a third round not before the second has ended.
    refused(relay.announce(&token, &Claim::corrected()).await, 409, RefusalCode::AlreadyClaimed).await;
    refused(relay.announce(&token, &in_round(&first, 3)).await, 409, RefusalCode::AlreadyClaimed).await;
    let cancelled: Submission = ok(cancel(&relay, &token, &first, "").await).await;
    assert_eq!((cancelled.state, cancelled.announced.round), (State::Cancelled, 2));
    let third = send(&relay, &token, &in_round(&first, 3)).await;
    assert_eq!(
        third.earlier.iter().map(|ended| (ended.round, ended.state)).collect::<Vec<_>>(),
        [(1, State::Cancelled), (2, State::Cancelled)]
    );
    let codes: HashSet<_> = third.earlier.iter().map(|ended| &ended.accept_code).chain([&third.accept_code]).collect();
    assert_eq!(codes.len(), 3);
    for round in 1..=3 {
        let path = format!("/v1/submissions/{}?round={round}", first.sha256);
        let shown: Submission = ok(relay.get(&path, &token).await).await;
        assert_eq!((shown.announced.round, shown.earlier.len() as u32), (round, round - 1));
        assert_eq!(shown.sha256, first.sha256);
    }
    let stranger = relay.session(OTHER_CORPORATION, "sumire-honbu", None).await.access_token;
    for round in 1..=3 {
        let path = format!("/v1/submissions/{}?round={round}", first.sha256);
        refused(relay.get(&path, &stranger).await, 404, RefusalCode::NotFound).await;
        refused(cancel(&relay, &stranger, &first, &format!("?round={round}")).await, 404, RefusalCode::NotFound).await;
    }
}

#[tokio::test]
async fn a_corrected_file_that_went_meanwhile_stands_in_the_way() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    send(&relay, &token, &Claim::corrected()).await;
    refused(relay.announce(&token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
    refused(upload(&relay, &token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
    assert_eq!(relay.submission(&token, &first).await.state, State::ExternalError);
}

#[tokio::test]
async fn two_computers_that_send_again_at_once_make_one_round() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let mut new = 0;
    for answer in futures_util::future::join_all((0..8).map(|_| relay.announce(&token, &second))).await {
        let announced: Submission = ok(answer).await;
        new += usize::from(!announced.repeated);
    }
    assert_eq!(new, 1);
    let mut codes = HashSet::new();
    let mut accepted = 0;
    for answer in futures_util::future::join_all((0..8).map(|_| upload(&relay, &token, &second))).await {
        let received: Submission = ok(answer).await;
        accepted += usize::from(!received.repeated);
        codes.insert(received.accept_code.unwrap());
    }
    assert_eq!((accepted, codes.len()), (1, 1));
    assert_eq!(relay.relay.take_work().await.unwrap().len(), 1);
}

#[tokio::test]
async fn no_late_word_of_a_terminal_about_one_round_reaches_another() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    send(&relay, &token, &first).await;
    let (slow, quick) = (Terminal::start(&relay, "denso-01").await, Terminal::start(&relay, "denso-02").await);
    let [old]: [WorkItem; 1] = slow.take(WorkJob::Send, 1).await.try_into().unwrap();
    assert_eq!(slow.begin(old.id).await.status(), 204);
    assert_eq!(slow.state(old.id, "5C11").await.status(), 200);

    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    refused(slow.state(old.id, "5C05").await, 409, RefusalCode::TooLate).await;
    let _: Submission = ok(upload(&relay, &token, &second).await).await;
    let [new]: [WorkItem; 1] = quick.take(WorkJob::Send, 1).await.try_into().unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(new.sha256, first.sha256);

    // The lease of the quick one runs out before it begins; the slow one takes it over as work of its own.
    relay.wait(TimeDelta::minutes(6));
    let [again]: [WorkItem; 1] = slow.take(WorkJob::Send, 1).await.try_into().unwrap();
    assert_eq!(again.id, new.id);
    refused(quick.begin(new.id).await, 404, RefusalCode::NotFound).await;
    assert_eq!(slow.begin(again.id).await.status(), 204);
    refused(slow.state(old.id, "5C01").await, 409, RefusalCode::TooLate).await;
    assert_eq!(slow.state(old.id, "5C11").await.status(), 200, "known, and nothing new");
    assert_eq!(slow.content(old.id).await.bytes().await.unwrap(), first.bytes, "both are the same bytes");
    let now = relay.submission(&token, &first).await;
    assert_eq!((now.state, now.basic_code.as_deref()), (State::Transmitting, None));
    assert_eq!(slow.begun().await, [again.id]);
    assert_eq!(slow.state(again.id, "5C05").await.status(), 200);
    refused(slow.state(old.id, "5C09").await, 409, RefusalCode::TooLate).await;
    let now = relay.submission(&token, &first).await;
    assert_eq!((now.state, now.basic_code.as_deref()), (State::Receiving, Some("5C05")));
    assert_eq!(now.earlier[0].state, State::ExternalError);
}

#[tokio::test]
async fn a_round_waits_for_its_month_and_ends_with_it_like_any_sending() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    relay.wait(TimeDelta::days(6));
    let session: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await).await;
    let token = session.access_token;
    refused(upload(&relay, &token, &second).await, 409, RefusalCode::TooLate).await;
    assert_eq!(relay.submission(&token, &first).await.state, State::ExternalError);
    assert_eq!(relay.relay.take_work().await.unwrap(), []);
}

#[tokio::test]
async fn hiding_one_round_takes_nothing_from_the_next() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let hide = format!("/v1/submissions/{}/hide", first.sha256);
    let hidden: Submission = ok(relay.request(Method::POST, &hide, &token).send().await.unwrap()).await;
    assert!(hidden.hidden);
    let second = send(&relay, &token, &in_round(&first, 2)).await;
    assert!(!second.hidden, "what is under way is in sight");
    refused(relay.request(Method::POST, &hide, &token).send().await.unwrap(), 409, RefusalCode::TooLate).await;
    let content = relay.get(&format!("/v1/submissions/{}/content", first.sha256), &token).await;
    assert_eq!(content.bytes().await.unwrap(), first.bytes);
}

/// A content that does not fit in memory is put in its place before it is checked: what an earlier round left there stays,
/// whatever comes of it.
#[tokio::test]
async fn a_large_round_that_is_refused_keeps_the_content_of_the_one_before() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::large(10_000);
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    // Facts that the content does not bear out, as if the rules had changed since.
    relay.sql("UPDATE submission SET processing_month = '2026-07' WHERE round = 2").await.unwrap();
    refused(upload(&relay, &token, &second).await, 422, RefusalCode::InvalidFile).await;
    let content = relay.get(&format!("/v1/submissions/{}/content", first.sha256), &token).await;
    assert!(content.bytes().await.unwrap() == first.bytes, "other bytes came back");
    relay.relay.verify().await.unwrap();
}

/// What a relay of the version before asks the database, word for word: it knows nothing of rounds, and sees the newest
/// accepted one under the SHA-256 alone.
#[tokio::test]
async fn the_version_before_serves_on_beside_rounds() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::sample();
    fail(&relay, &token, &first).await;
    let second = in_round(&first, 2);
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    let sha256 = &first.sha256;
    let holds = async |condition: String| {
        // A statement that fails where the condition does not hold.
        let sql = format!("INSERT INTO corporation (number, name) SELECT NULL, 'x' WHERE NOT ({condition})");
        relay.sql(&sql).await.unwrap_or_else(|error| panic!("{condition}: {error}"));
    };
    let one =
        |state: &str| format!("(SELECT count(*) FROM submission WHERE sha256 = '{sha256}' AND state = '{state}') = 1");
    holds(one("external_error")).await;
    // Its announcement of what it does not find, which here is nothing new, and of something else.
    let announce = |sha256: &str| {
        format!(
            "INSERT INTO submission (corporation, office, sha256, processing_month, data_type, file_name, size, state)
             SELECT corporation, office, '{sha256}', processing_month, data_type, file_name, size, 'announced'
             FROM submission WHERE state = 'external_error'
             ON CONFLICT (corporation, sha256) DO NOTHING RETURNING id"
        )
    };
    relay.sql(&announce(sha256)).await.unwrap();
    holds("(SELECT count(*) FROM submission) = 2".into()).await;
    relay.sql(&announce(&"a".repeat(64))).await.unwrap();
    let _: Submission = ok(upload(&relay, &token, &second).await).await;
    holds(one("waiting")).await;
    // Its terminals are handed the new round with the name of its content.
    holds(format!("(SELECT min(sha256) FROM submission WHERE state = 'waiting') = '{sha256}'")).await;
    // A file that it announced is the first round of its content here.
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    let rounds: Vec<_> = list.submissions.iter().map(|submission| submission.announced.round).collect();
    assert_eq!(rounds, [1, 2]);
}
