//! What somebody does who means harm, or whose computer does: over real HTTP, with a good session or none.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::join_all;
use relay_api::terminals::{Heartbeat, HeartbeatJob, WorkJob, WorkOutcome, WorkResult};
use relay_api::{LogIn, RefusalCode, RelayStatus, Session, State, Submission, SubmissionList};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{
    CORPORATION, Claim, OFFICE, OTHER_CORPORATION, PASSWORD, SECOND_OFFICE, TestRelay, escaped, ok, refused, states,
};
use crate::terminals::Terminal;

#[tokio::test]
async fn other_bytes_at_the_same_time_never_take_the_place_of_the_announced_ones() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    // One content fits into memory, the other is staged on disk.
    for claim in [Claim::practice(1), Claim::large(9_000)] {
        let _: Submission = ok(relay.announce(&token, &claim).await).await;
        let mut other = claim.bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        let (right, wrong) = (Bytes::from(claim.bytes.clone()), Bytes::from(other));
        let uploads = (0..8).map(|n| {
            let bytes = if n % 2 == 0 { right.clone() } else { wrong.clone() };
            relay.upload_bytes(&token, &claim.sha256, bytes)
        });
        let mut firsts = 0;
        for (n, answer) in join_all(uploads).await.into_iter().enumerate() {
            if n % 2 == 0 {
                firsts += usize::from(!ok::<Submission>(answer).await.repeated);
            } else {
                refused(answer, 422, RefusalCode::ContentMismatch).await;
            }
        }
        assert_eq!(firsts, 1);
        let content = relay.get(&format!("/v1/submissions/{}/content", claim.sha256), &token).await;
        assert!(content.bytes().await.unwrap() == claim.bytes);
    }
    assert_eq!(relay.objects().len(), 2);
}

#[tokio::test]
async fn replayed_and_reordered_requests_change_nothing() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let (first, second) = (Claim::sample(), Claim::corrected());
    let cancel = async |claim: &Claim| {
        let path = format!("/v1/submissions/{}/cancel", claim.sha256);
        relay.request(Method::POST, &path, &token).send().await.unwrap()
    };
    // The end before the beginning.
    refused(cancel(&first).await, 404, RefusalCode::NotFound).await;
    refused(relay.upload(&token, &first).await, 404, RefusalCode::NotFound).await;
    let _: Submission = ok(relay.announce(&token, &first).await).await;
    refused(cancel(&first).await, 404, RefusalCode::NotFound).await;
    let _: Submission = ok(relay.announce(&token, &second).await).await;
    let sent: Submission = ok(relay.upload(&token, &second).await).await;
    refused(relay.upload(&token, &first).await, 409, RefusalCode::AlreadyClaimed).await;
    assert_eq!(ok::<Submission>(cancel(&second).await).await.state, State::Cancelled);
    let _: Submission = ok(relay.upload(&token, &first).await).await;

    // Everything once more, in another order: whoever recorded the requests brings nothing back to life.
    for _ in 0..2 {
        let again: Submission = ok(relay.upload(&token, &second).await).await;
        assert!(again.repeated && again.state == State::Cancelled && again.accept_code == sent.accept_code);
        let again: Submission = ok(relay.announce(&token, &second).await).await;
        assert!(again.repeated && again.state == State::Cancelled);
        assert!(ok::<Submission>(cancel(&second).await).await.repeated);
        assert!(ok::<Submission>(relay.upload(&token, &first).await).await.repeated);
    }
    assert_eq!(states(&relay.submission(&token, &second).await), [State::Announced, State::Waiting, State::Cancelled]);
    assert_eq!(states(&relay.submission(&token, &first).await), [State::Announced, State::Waiting]);

    // Nor does it help without the session that made them.
    let out = relay.request(Method::DELETE, "/v1/sessions/current", &token).send().await.unwrap();
    assert!(out.status().is_success(), "{}", out.status());
    refused(relay.upload(&token, &first).await, 401, RefusalCode::TokenExpired).await;
    refused(relay.announce(&token, &first).await, 401, RefusalCode::TokenExpired).await;
}

#[tokio::test]
async fn statements_in_any_field_are_text() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let injections = [
        "'; DROP TABLE submission; --",
        "\" OR \"1\"=\"1",
        "' UNION SELECT secret_hash FROM terminal --",
        "%",
        "_",
        "?1",
        "$1",
        "\\'; DELETE FROM corporation; --",
    ];
    for (n, text) in injections.into_iter().enumerate() {
        // Where any text may stand it comes back as it was.
        let mut claim = Claim::practice(2_000 + n);
        claim.announced.file_name = text.replace(['/', '\\'], "");
        let sent = relay.send(&token, &claim).await;
        assert_eq!(sent.announced.file_name, claim.announced.file_name);
        assert_eq!(relay.submission(&token, &claim).await, Submission { repeated: false, ..sent });

        // Where it has a shape, it is refused.
        for change in [
            |claim: &mut Claim, text: &str| claim.announced.office = text.into(),
            |claim: &mut Claim, text: &str| claim.announced.processing_month = text.into(),
            |claim: &mut Claim, text: &str| claim.announced.data_type = text.into(),
            |claim: &mut Claim, text: &str| claim.announced.service_months = vec![text.into()],
        ] {
            let mut claim = Claim::practice(3_000 + n);
            change(&mut claim, text);
            refused(relay.announce(&token, &claim).await, 400, RefusalCode::Malformed).await;
        }
        let log_in = LogIn::new(text, text, text);
        let answer = relay.http.post(relay.url("/v1/sessions")).json(&log_in).send().await.unwrap();
        assert!([400, 401, 423, 429].contains(&answer.status().as_u16()), "{text}: {}", answer.status());
        let known = LogIn::new(CORPORATION, &format!("tanpopo-honbu{text}"), PASSWORD);
        let answer = relay.http.post(relay.url("/v1/sessions")).json(&known).send().await.unwrap();
        assert!([400, 401, 423, 429].contains(&answer.status().as_u16()), "{text}: {}", answer.status());
        let terminal = json!({ "client_id": text, "client_secret": text });
        let answer = relay.http.post(relay.url("/v1/terminal/sessions")).json(&terminal).send().await.unwrap();
        assert!([400, 401, 423, 429].contains(&answer.status().as_u16()), "{text}: {}", answer.status());
        let cursor = relay.get(&format!("/v1/documents?after={}", escaped(text)), &token).await;
        refused(cursor, 400, RefusalCode::Malformed).await;
        refused(relay.get("/v1/account", text).await, 401, RefusalCode::TokenExpired).await;
    }
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert_eq!(list.submissions.len(), injections.len());
    assert_eq!(relay.relay.corporations().await.unwrap().len(), 2);
}

/// PostgreSQL keeps no text with one; it must not become a fault of the relay.
#[tokio::test]
async fn a_null_character_is_refused_wherever_it_stands() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let mut claim = Claim::practice(1);
    claim.announced.file_name = "a\0.CSV".into();
    refused(relay.announce(&token, &claim).await, 400, RefusalCode::Malformed).await;
    refused(relay.sign_in("\0", "\0", "\0").await, 400, RefusalCode::Malformed).await;
    for path in ["/v1/submissions/%00", "/v1/submissions/%00/content"] {
        refused(relay.get(path, &token).await, 404, RefusalCode::NotFound).await;
    }
    let terminal = Terminal::start(&relay, "denso-01").await;
    let notice = terminal.deliver("%00", "74100000.CSV", "通知").await;
    refused(notice, 404, RefusalCode::NotFound).await;
}

/// Sends bytes as they are, which no client would, and returns the first line of the answer. What is no whole request is
/// ended, because nobody answers it.
fn raw(relay: &TestRelay, request: &[u8], is_whole: bool) -> String {
    let mut line = TcpStream::connect(relay.address).unwrap();
    // A server that has read enough may close while we still send.
    let _ = line.write_all(request);
    if !is_whole {
        let _ = line.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = String::new();
    let _ = BufReader::new(line).read_line(&mut answer);
    answer.trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_and_headers_that_trick_other_servers_open_nothing() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let stranger = relay.session(OTHER_CORPORATION, "sumire-honbu", None).await.access_token;
    let (id, secret) = (&claim.sha256, "relay.db");

    for path in [
        format!("/v1/submissions/../../{secret}"),
        format!("/v1/submissions/..%2f..%2f{secret}/content"),
        format!("/v1/submissions/%2e%2e/%2e%2e/{secret}"),
        format!("/v1/submissions/..%5c..%5c{secret}/content"),
        format!("/v1/submissions/{id}%00/content"),
        format!("/v1/submissions/{id}/content/../content"),
        format!("/v1//submissions/{id}"),
        format!("/v1/submissions/{id}/"),
        format!("/V1/submissions/{id}"),
        format!("/v1/submissions/{}", id.to_uppercase()),
        format!("/v1/submissions/{id};v=1"),
        format!("/v1/submissions/{id}%20"),
        format!("/v1/submissions/{}", "a".repeat(7_000)),
        "/v1/submissions/%ff%fe".to_owned(),
        "/metrics".to_owned(),
        "/.git/config".to_owned(),
        "*".to_owned(),
    ] {
        let line = raw(
            &relay,
            format!("GET {path} HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
                .as_bytes(),
            true,
        );
        let refused = line.starts_with("HTTP/1.1 400") || line.starts_with("HTTP/1.1 404");
        assert!(refused, "{path}: {line}");
    }

    // Headers by which proxies and frameworks let others in.
    let foreign = format!("/v1/submissions/{id}");
    for (name, value) in [
        ("x-original-url", foreign.as_str()),
        ("x-rewrite-url", &foreign),
        ("x-http-method-override", "DELETE"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-user", "tanpopo-honbu"),
        ("forwarded", "for=127.0.0.1;host=relay"),
        ("x-corporation", CORPORATION),
        ("cookie", "session=1"),
    ] {
        let answer = relay.request(Method::GET, &foreign, &stranger).header(name, value).send().await.unwrap();
        refused(answer, 404, RefusalCode::NotFound).await;
        let answer = relay.http.get(relay.url("/v1/submissions")).header(name, value).send().await.unwrap();
        refused(answer, 401, RefusalCode::TokenExpired).await;
    }

    // One request that a proxy might take for two.
    let (content, next) = ("PUT /v1/submissions/x/content", "GET /v1/submissions HTTP/1.1\r\nhost: relay\r\n\r\n");
    for headers in [
        "content-length: 4\r\ncontent-length: 5".to_owned(),
        "content-length: 4\r\ntransfer-encoding: chunked".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        "content-length: -1".to_owned(),
        "content-length: 99999999999999999999".to_owned(),
        format!("x-long: {}", "a".repeat(600_000)),
        format!("bad\u{0} name: {token}"),
    ] {
        let request = format!("{content} HTTP/1.1\r\nhost: relay\r\n{headers}\r\n\r\n0\r\n\r\n{next}");
        let line = raw(&relay, request.as_bytes(), true);
        assert!(line.is_empty() || line.starts_with("HTTP/1.1 4"), "{}: {line}", &headers[..headers.len().min(40)]);
    }
    for garbage in [&b"\x16\x03\x01\x00\xa5\x01\x00\x00"[..], b"GET", b"\0\0\0\0", b"GET / HTTP/9.9\r\n\r\n"] {
        let line = raw(&relay, garbage, false);
        assert!(line.is_empty() || line.starts_with("HTTP/1.1 4"), "{line}");
    }

    // A content that says it is packed is taken byte for byte as it is, and a part of one is no content.
    let other = Claim::new(SECOND_OFFICE, "0000000101");
    let _: Submission = ok(relay.announce(&token, &other).await).await;
    let path = format!("/v1/submissions/{}/content", other.sha256);
    let half = other.bytes[..other.bytes.len() / 2].to_vec();
    let part = relay.request(Method::PUT, &path, &token).header("content-range", "bytes 0-9/20").body(half);
    refused(part.send().await.unwrap(), 422, RefusalCode::ContentMismatch).await;
    let packed = relay.request(Method::PUT, &path, &token).header("content-encoding", "gzip").body(other.bytes.clone());
    assert_eq!(packed.send().await.unwrap().status(), StatusCode::OK);

    // It still serves, and nothing else came into being.
    assert_eq!(relay.objects().len(), 2);
    assert_eq!(relay.http.get(relay.url("/healthz")).send().await.unwrap().status(), 200);
}

/// Moves the relay to a moment after many sessions would have ended, and signs in again.
async fn later(relay: &TestRelay, time: TimeDelta) -> String {
    relay.wait(time);
    let session: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await).await;
    session.access_token
}

#[tokio::test]
async fn the_relay_s_clock_decides_what_goes_out_in_which_month() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let secret = relay.relay.add_terminal("denso-01", None).await.unwrap();
    // A computer whose clock is a month ahead: the file waits here until its window opens.
    let july = Claim::in_months(OFFICE, "0000000101", "202607", "202606");
    relay.send(&token, &july).await;
    let terminal = Terminal::sign_in(&relay, "denso-01", &secret).await;
    assert_eq!(terminal.take(WorkJob::Send, 10).await, []);
    // A test knows no window.
    relay.send(&token, &Claim::practice(1)).await;
    assert_eq!(terminal.take(WorkJob::Send, 10).await.len(), 1);

    // A computer whose clock is behind: the month is over, and the relay says so instead of keeping the file.
    let token = later(&relay, TimeDelta::days(6)).await;
    let june = Claim::sample();
    let _: Submission = ok(relay.announce(&token, &june).await).await;
    refused(relay.upload(&token, &june).await, 409, RefusalCode::TooLate).await;
    refused(relay.upload(&token, &june).await, 409, RefusalCode::TooLate).await;
    assert_eq!(states(&relay.submission(&token, &june).await), [State::Announced]);
    let terminal = Terminal::sign_in(&relay, "denso-01", &secret).await;
    assert_eq!(terminal.take(WorkJob::Send, 10).await.len(), 1, "the test alone; it is the 11th of June");

    // On the 1st of July it goes.
    let token = later(&relay, TimeDelta::days(20)).await;
    let terminal = Terminal::sign_in(&relay, "denso-01", &secret).await;
    let work = terminal.take(WorkJob::Send, 10).await;
    let waiting = work.iter().find(|item| item.sha256 == july.sha256).expect("its window is open");
    assert_eq!(terminal.begin(waiting.id).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(relay.submission(&token, &july).await.state, State::Transmitting);
}

#[tokio::test]
async fn what_waited_beyond_its_window_ends_and_its_office_is_told() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let secret = relay.relay.add_terminal("denso-01", None).await.unwrap();
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    assert_eq!(relay.relay.end_overdue().await.unwrap(), 0);
    // Leased in the last minute, begun in the first one after it.
    relay.wait(TimeDelta::days(5) + TimeDelta::hours(13) + TimeDelta::minutes(59));
    let terminal = Terminal::sign_in(&relay, "denso-01", &secret).await;
    let leased = terminal.take(WorkJob::Send, 1).await;
    let token = later(&relay, TimeDelta::minutes(2)).await;
    refused(terminal.begin(leased[0].id).await, 409, RefusalCode::TooLate).await;
    assert_eq!(relay.relay.end_overdue().await.unwrap(), 1);
    assert_eq!(relay.relay.end_overdue().await.unwrap(), 0);
    let ended = relay.submission(&token, &claim).await;
    assert_eq!((ended.state, ended.basic_code.as_deref()), (State::ExternalError, None));
    assert!(ended.message.unwrap().contains("受け付けられていません"));
    assert_eq!(terminal.take(WorkJob::Send, 1).await, []);
    refused(terminal.begin(leased[0].id).await, 404, RefusalCode::NotFound).await;
    // What goes into the next month stands in nobody's way.
    relay.send(&token, &Claim::in_months(OFFICE, "0000000101", "202607", "202605")).await;
}

#[tokio::test]
async fn a_terminal_whose_clock_is_wrong_tells_no_impossible_times() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let terminal = Terminal::start(&relay, "denso-01").await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let id = terminal.take(WorkJob::Send, 1).await[0].id;
    terminal.begin(id).await;
    for (basic_code, at) in [
        ("5C01", "2031-01-01T00:00:00+09:00"),
        ("5C03", "1999-01-01T00:00:00+09:00"),
        ("5C05", "2026-06-05T00:59:00+00:00"),
    ] {
        let outcome = WorkOutcome::State { basic_code: basic_code.into() };
        let result = WorkResult { outcome, message: None, at: at.into() };
        assert_eq!(terminal.tell(id, &result).await.status(), 200);
        relay.wait(TimeDelta::minutes(1));
    }
    let history = relay.submission(&token, &claim).await.history;
    let times: Vec<&str> = history.iter().map(|change| change.at.as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(times.iter().all(|at| at.starts_with("2026-06-05T10:0")), "{times:?}");

    let beat = Heartbeat { job: HeartbeatJob::Status, reached_at: Some("2031-01-01T00:00:00+09:00".into()) };
    assert!(terminal.beat(&beat).await.status().is_success());
    let status: RelayStatus = ok(relay.http.get(relay.url("/v1/status")).send().await.unwrap()).await;
    assert_eq!(status.last_contact.as_deref(), Some("2026-06-05T10:03:00+09:00"));
}
