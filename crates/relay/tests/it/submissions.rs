use std::io::Write;
use std::net::TcpStream;

use bytes::Bytes;
use futures_util::stream;
use relay::storage::{Change, Recorded};
use relay_api::{MAX_CONTENT_BYTES, RefusalCode, State, Submission, SubmissionList};
use reqwest::{Body, Method};

use crate::support::{Claim, OFFICE, OTHER_CORPORATION, SECOND_OFFICE, TestRelay, ok, refused, states};

#[tokio::test]
async fn a_claim_file_is_announced_received_and_given_back() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();

    let announced: Submission = ok(relay.announce(&token, &claim).await).await;
    assert_eq!(announced.announced, claim.announced);
    assert_eq!(
        (announced.state, announced.accept_code.as_deref(), announced.repeated),
        (State::Announced, None, false)
    );
    let content = format!("/v1/submissions/{}/content", claim.sha256);
    refused(relay.get(&content, &token).await, 404, RefusalCode::NotFound).await;

    let received: Submission = ok(relay.upload(&token, &claim).await).await;
    assert_eq!((received.state, received.repeated), (State::Waiting, false));
    let code = received.accept_code.clone().unwrap();
    assert_eq!((code.len(), &code[..14]), (19, "20260605100000"));
    assert_eq!(states(&received), [State::Announced, State::Waiting]);
    assert_eq!(received.history[1].at, "2026-06-05T10:00:00+09:00");
    assert_eq!(relay.submission(&token, &claim).await, received);

    let back = relay.get(&content, &token).await;
    assert_eq!(back.headers()["content-length"], claim.bytes.len().to_string().as_str());
    assert_eq!(back.bytes().await.unwrap(), claim.bytes);
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions, [received]);
}

#[tokio::test]
async fn repeating_any_step_gives_the_same_answer() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let repeated = |submission: Submission| Submission { repeated: true, ..submission };

    let announced: Submission = ok(relay.announce(&token, &claim).await).await;
    let again: Submission = ok(relay.announce(&token, &claim).await).await;
    assert_eq!(again, repeated(announced));
    let received: Submission = ok(relay.upload(&token, &claim).await).await;
    let again: Submission = ok(relay.upload(&token, &claim).await).await;
    assert_eq!(again, repeated(received.clone()));
    let announced_again: Submission = ok(relay.announce(&token, &claim).await).await;
    assert_eq!(announced_again, again);

    // Also when the terminal has it, and when the file came under another name.
    relay.relay.take_work().await.unwrap();
    let mut renamed = claim.clone();
    renamed.announced.file_name = "KK260601 のコピー.CSV".into();
    let again: Submission = ok(relay.announce(&token, &renamed).await).await;
    assert_eq!((again.state, again.accept_code), (State::Transmitting, received.accept_code));
    assert_eq!(again.announced.file_name, claim.announced.file_name);
    assert_eq!(relay.objects().len(), 1);
}

#[tokio::test]
async fn the_same_content_with_other_facts_is_refused() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    let changes: [fn(&mut relay_api::NewSubmission); 5] = [
        |facts| facts.office = SECOND_OFFICE.into(),
        |facts| facts.processing_month = "2026-07".into(),
        |facts| facts.data_type = "71R".into(),
        |facts| facts.service_months.insert(0, "2026-04".into()),
        |facts| facts.size += 1,
    ];
    for change in changes {
        let mut other = claim.clone();
        change(&mut other.announced);
        refused(relay.announce(&token, &other).await, 409, RefusalCode::AnnouncedDifferently).await;
    }
}

#[tokio::test]
async fn a_second_file_for_the_same_months_waits_until_the_first_has_failed() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let (first, second) = (Claim::sample(), Claim::corrected());

    // An announcement alone stakes no claim: the file may have been corrected before it was sent.
    let _: Submission = ok(relay.announce(&token, &first).await).await;
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    relay.send(&token, &first).await;
    refused(relay.upload(&token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
    refused(relay.announce(&token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
    let mut wider = Claim::new(OFFICE, "0000000505");
    wider.announced.service_months.insert(0, "2026-04".into());
    refused(relay.announce(&token, &wider).await, 409, RefusalCode::AlreadyClaimed).await;

    // Other offices and months are free.
    relay.send(&token, &Claim::new(SECOND_OFFICE, "0000000101")).await;
    relay.send(&token, &Claim::in_months(OFFICE, "0000000101", "202606", "202604")).await;
    relay.send(&token, &Claim::in_months(OFFICE, "0000000101", "202607", "202605")).await;

    let work = relay.relay.take_work().await.unwrap();
    let first_work = work.iter().find(|work| work.sha256 == first.sha256).unwrap();
    let change = Change {
        submission: first_work.submission,
        state: State::FormatError,
        basic_code: Some("5C04".into()),
        message: Some("様式エラー".into()),
        at: relay.relay.clock().business(),
    };
    assert_eq!(relay.relay.record_state(change.clone()).await.unwrap(), Recorded::Now);
    assert_eq!(relay.relay.record_state(change).await.unwrap(), Recorded::Already);
    let failed = relay.submission(&token, &first).await;
    assert_eq!((failed.state, failed.message.as_deref()), (State::FormatError, Some("様式エラー")));
    assert_eq!(relay.send(&token, &second).await.state, State::Waiting);
}

/// 請求, 総合事業の請求 and 給付管理票 are different files that an office sends in the same month.
#[tokio::test]
async fn files_of_different_kinds_stand_in_nobodys_way() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let first = Claim::benefit_management("0000000101");
    relay.send(&token, &Claim::sample()).await;
    assert_eq!(relay.send(&token, &first).await.announced.data_type, "822");
    refused(relay.announce(&token, &Claim::corrected()).await, 409, RefusalCode::AlreadyClaimed).await;
    let second = Claim::benefit_management("0000000202");
    refused(relay.announce(&token, &second).await, 409, RefusalCode::AlreadyClaimed).await;
}

#[tokio::test]
async fn a_file_of_another_kind_than_announced_is_refused() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    relay.send(&token, &Claim::sample()).await;
    let mut disguised = Claim::corrected();
    disguised.announced.data_type = "71R".into();
    let _: Submission = ok(relay.announce(&token, &disguised).await).await;
    refused(relay.upload(&token, &disguised).await, 422, RefusalCode::InvalidFile).await;
}

#[tokio::test]
async fn two_uploads_at_once_make_one_submission() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    let answers = futures_util::future::join_all((0..8).map(|_| relay.upload(&token, &claim))).await;
    let mut codes = Vec::new();
    let mut first = 0;
    for answer in answers {
        let submission: Submission = ok(answer).await;
        first += usize::from(!submission.repeated);
        codes.push(submission.accept_code.unwrap());
    }
    codes.dedup();
    assert_eq!((first, codes.len()), (1, 1));
    assert_eq!(relay.objects().len(), 1);
}

#[tokio::test]
async fn of_two_files_for_the_same_months_at_once_one_wins() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let (one, other) = (Claim::sample(), Claim::corrected());
    let _: Submission = ok(relay.announce(&token, &one).await).await;
    let _: Submission = ok(relay.announce(&token, &other).await).await;
    let (a, b) = tokio::join!(relay.upload(&token, &one), relay.upload(&token, &other));
    let mut statuses = [a.status().as_u16(), b.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn an_upload_cut_in_the_middle_leaves_nothing_and_can_be_repeated() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    for sent in [0, 1, claim.bytes.len() / 2, claim.bytes.len() - 1] {
        let mut line = TcpStream::connect(relay.address).unwrap();
        write!(
            line,
            "PUT /v1/submissions/{}/content HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\n\
             content-length: {}\r\n\r\n",
            claim.sha256,
            claim.bytes.len()
        )
        .unwrap();
        line.write_all(&claim.bytes[..sent]).unwrap();
        drop(line);
        assert_eq!(states(&relay.submission(&token, &claim).await), [State::Announced]);
    }
    assert_eq!(relay.upload(&token, &claim).await.status(), 200);
    assert_eq!(states(&relay.submission(&token, &claim).await), [State::Announced, State::Waiting]);
    assert_eq!(relay.objects().len(), 1);
}

#[tokio::test]
async fn what_a_killed_relay_left_in_the_way_does_not_matter() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let sent = relay.send(&token, &claim).await;
    // The content was durable, and the relay died before it took note: the object is there, the state is not.
    let other = Claim::new(SECOND_OFFICE, "0000000101");
    let _: Submission = ok(relay.announce(&token, &other).await).await;
    let object = relay.objects()[0].replace(&claim.sha256, &other.sha256);
    let object = object.replace(&format!("/{}/", &claim.sha256[..2]), &format!("/{}/", &other.sha256[..2]));
    relay.overwrite_object(&object, b"other bytes than announced");
    let content = format!("/v1/submissions/{}/content", other.sha256);
    refused(relay.get(&content, &token).await, 404, RefusalCode::NotFound).await;
    let received: Submission = ok(relay.upload(&token, &other).await).await;
    assert!(!received.repeated);
    assert_eq!(relay.get(&content, &token).await.bytes().await.unwrap(), other.bytes);
    assert_eq!(relay.submission(&token, &claim).await, sent);
}

#[tokio::test]
async fn other_bytes_than_announced_are_refused() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let sha256 = &claim.sha256;
    refused(relay.upload(&token, &claim).await, 404, RefusalCode::NotFound).await;
    let _: Submission = ok(relay.announce(&token, &claim).await).await;

    let mut flipped = claim.bytes.clone();
    flipped[100] ^= 1;
    let mut longer = claim.bytes.clone();
    longer.push(b' ');
    let shorter = claim.bytes[..claim.bytes.len() - 1].to_vec();
    for wrong in [flipped, longer, shorter] {
        let chunked = Body::wrap_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from(wrong.clone()))]));
        refused(relay.upload_bytes(&token, sha256, wrong).await, 422, RefusalCode::ContentMismatch).await;
        refused(relay.upload_bytes(&token, sha256, chunked).await, 422, RefusalCode::ContentMismatch).await;
    }
    assert_eq!(states(&relay.submission(&token, &claim).await), [State::Announced]);
    assert_eq!(relay.objects(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_the_kokuhoren_would_refuse_goes_no_further() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let bad = Claim::of(include_bytes!("../data/KKBAD001.CSV").to_vec(), OFFICE, "202605", "202605");
    let _: Submission = ok(relay.announce(&token, &bad).await).await;
    let refusal = refused(relay.upload(&token, &bad).await, 422, RefusalCode::InvalidFile).await;
    assert!(refusal.detail.contains(" errors: "), "{}", refusal.detail);
    assert!(!refusal.detail.contains("00000001"), "no persons in refusals: {}", refusal.detail);
    assert_eq!(states(&relay.submission(&token, &bad).await), [State::Announced]);

    let not_at_all = [b"hello".to_vec(), vec![b'x'; 5 * 1024 * 1024], "1,1,0,1,711,0,あ".as_bytes().to_vec()];
    for (n, bytes) in not_at_all.into_iter().enumerate() {
        let claim = Claim::of(bytes, OFFICE, "202606", &format!("20250{}", n + 1));
        let _: Submission = ok(relay.announce(&token, &claim).await).await;
        refused(relay.upload(&token, &claim).await, 422, RefusalCode::InvalidFile).await;
    }
    assert_eq!(relay.objects(), Vec::<String>::new());
    // The corrected file is not in the way of its own mistakes.
    assert_eq!(relay.send(&token, &Claim::sample()).await.state, State::Waiting);
}

#[tokio::test]
async fn a_file_for_another_office_or_month_than_announced_is_refused() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let file = Claim::sample();
    for announced_as in [
        Claim::of(file.bytes.clone(), SECOND_OFFICE, "202606", "202605"),
        Claim::of(Claim::new(OFFICE, "0000000404").bytes, OFFICE, "202607", "202605"),
        Claim::of(Claim::new(OFFICE, "0000000505").bytes, OFFICE, "202606", "202604"),
    ] {
        let _: Submission = ok(relay.announce(&token, &announced_as).await).await;
        let refusal = refused(relay.upload(&token, &announced_as).await, 422, RefusalCode::InvalidFile).await;
        assert!(refusal.detail.contains("announced"), "{}", refusal.detail);
    }
}

#[tokio::test]
async fn a_file_that_does_not_fit_in_memory_takes_the_same_way() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::large(10_000);
    assert!(claim.bytes.len() > 5 * 1024 * 1024, "{}", claim.bytes.len());
    let received = relay.send(&token, &claim).await;
    assert_eq!(received.state, State::Waiting);
    let content = relay.get(&format!("/v1/submissions/{}/content", claim.sha256), &token).await;
    assert_eq!(content.headers()["cache-control"], "no-store");
    assert!(content.bytes().await.unwrap() == claim.bytes, "other bytes came back");
    assert!(relay.upload(&token, &claim).await.json::<Submission>().await.unwrap().repeated);
    assert_eq!(relay.objects().len(), 1);
}

#[tokio::test]
async fn files_for_practice_stand_in_nobodys_way() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    for person in [101, 404] {
        relay.send(&token, &Claim::practice(person)).await;
    }
    relay.send(&token, &Claim::sample()).await;
    refused(relay.announce(&token, &Claim::corrected()).await, 409, RefusalCode::AlreadyClaimed).await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_kept() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let mut claim = Claim::sample();
    claim.announced.size = MAX_CONTENT_BYTES + 1;
    refused(relay.announce(&token, &claim).await, 413, RefusalCode::TooLarge).await;

    claim.announced.size = MAX_CONTENT_BYTES;
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    let megabyte = Bytes::from(vec![b'x'; 1024 * 1024]);
    let pieces = MAX_CONTENT_BYTES / megabyte.len() as u64 + 1;
    let body = Body::wrap_stream(stream::iter((0..pieces).map(move |_| Ok::<_, std::io::Error>(megabyte.clone()))));
    refused(relay.upload_bytes(&token, &claim.sha256, body).await, 413, RefusalCode::TooLarge).await;
    assert_eq!(states(&relay.submission(&token, &claim).await), [State::Announced]);
}

#[tokio::test]
async fn a_refused_upload_is_read_to_its_end_so_that_the_client_sees_why() {
    let relay = TestRelay::start().await;
    let megabyte = Bytes::from(vec![b'x'; 1024 * 1024]);
    let body = Body::wrap_stream(stream::iter((0..20).map(move |_| Ok::<_, std::io::Error>(megabyte.clone()))));
    let response = relay.upload_bytes("no token", &"a".repeat(64), body).await;
    refused(response, 401, RefusalCode::TokenExpired).await;
}

#[tokio::test]
async fn facts_and_ids_of_another_shape_are_refused() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    for id in ["x", &"A".repeat(64), &"a".repeat(63)] {
        let request = relay.request(Method::PUT, &format!("/v1/submissions/{id}"), &token).json(&claim.announced);
        refused(request.send().await.unwrap(), 400, RefusalCode::Malformed).await;
    }
    let mut wrong = claim.clone();
    wrong.announced.processing_month = "2026-13".into();
    refused(relay.announce(&token, &wrong).await, 400, RefusalCode::Malformed).await;
    refused(relay.get("/v1/submissions/x/y/z", &token).await, 404, RefusalCode::NotFound).await;
    let post = relay.request(Method::POST, "/v1/submissions", &token).send().await.unwrap();
    refused(post, 404, RefusalCode::NotFound).await;
}

#[tokio::test]
async fn what_has_ended_can_be_taken_off_the_list_and_brought_back() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let stranger = relay.session(OTHER_CORPORATION, "sumire-honbu", None).await.access_token;
    let claim = Claim::sample();
    let ask = async |token: &str, what: &str| {
        relay.request(Method::POST, &format!("/v1/submissions/{}/{what}", claim.sha256), token).send().await.unwrap()
    };
    refused(ask(&token, "hide").await, 404, RefusalCode::NotFound).await;
    let sent = relay.send(&token, &claim).await;
    refused(ask(&token, "hide").await, 409, RefusalCode::TooLate).await;
    assert_eq!(ask(&token, "cancel").await.status(), 200);
    refused(ask(&stranger, "hide").await, 404, RefusalCode::NotFound).await;
    for _ in 0..2 {
        let hidden: Submission = ok(ask(&token, "hide").await).await;
        assert!(hidden.hidden);
    }
    let now = relay.submission(&token, &claim).await;
    assert!(now.hidden && now.accept_code == sent.accept_code && now.history.len() == 3, "nothing of it is gone");
    let content = relay.get(&format!("/v1/submissions/{}/content", claim.sha256), &token).await;
    assert_eq!(content.bytes().await.unwrap(), claim.bytes);
    let restored: Submission = ok(ask(&token, "restore").await).await;
    assert!(!restored.hidden);
    let events: Vec<String> = relay.relay.audit_rows(100).await.unwrap().into_iter().map(|row| row.event).collect();
    assert_eq!(events[events.len() - 2..], ["submission_hidden", "submission_restored"]);
}
