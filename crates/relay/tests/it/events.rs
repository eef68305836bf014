use relay_api::{RefusalCode, Session, Submission};
use reqwest::Response;

use crate::support::{
    CORPORATION, Claim, OFFICE, OTHER_CORPORATION, OTHER_OFFICE, SECOND_OFFICE, TestRelay, ok, refused,
};

/// A stream of events as a client reads it.
struct Stream(Response);

impl Stream {
    async fn open(relay: &TestRelay, token: &str, seen: Option<&str>) -> Self {
        let request = relay.http.get(relay.url("/v1/events")).bearer_auth(token);
        let request = match seen {
            Some(seen) => request.header("last-event-id", seen),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Self(response)
    }

    /// Returns the number of the next event, or `None` at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        loop {
            let chunk = self.0.chunk().await.unwrap()?;
            let text = String::from_utf8(chunk.to_vec()).unwrap();
            if let Some(id) = text.strip_prefix("id: ") {
                let (id, rest) = id.split_once('\n').unwrap();
                assert_eq!(rest, "event: changed\ndata:\n\n", "no data leaves with an event");
                return Some(id.to_owned());
            }
            assert_eq!(text, ": alive\n\n");
        }
    }
}

#[tokio::test]
async fn a_change_is_told_to_those_whom_it_concerns() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let token = &session.access_token;
    let of_office = relay.session(CORPORATION, "tanpopo-day", Some(OFFICE)).await.access_token;
    let of_second = relay.session(CORPORATION, "tanpopo-homon", Some(SECOND_OFFICE)).await.access_token;
    let stranger = relay.session(OTHER_CORPORATION, "sumire-honbu", None).await.access_token;
    let mut streams = Vec::new();
    for token in [token, &of_office, &of_second, &stranger] {
        let mut stream = Stream::open(&relay, token, None).await;
        assert_eq!(stream.next().await.as_deref(), Some("0"), "a first event comes at once");
        streams.push(stream);
    }
    relay.relay.look_for_news().await.unwrap();
    let claim = Claim::sample();
    let _: Submission = ok(relay.announce(token, &claim).await).await;
    let _: Submission = ok(relay.upload(token, &claim).await).await;
    relay.relay.look_for_news().await.unwrap();
    let [honbu, office, second, other] = &mut streams[..] else { unreachable!() };
    let id = honbu.next().await.unwrap();
    assert_eq!(office.next().await.as_ref(), Some(&id));

    // Who was away is told at once, and only if something changed.
    assert_eq!(Stream::open(&relay, token, Some("0")).await.next().await.as_ref(), Some(&id));
    assert_eq!(Stream::open(&relay, token, Some("nonsense")).await.next().await.as_ref(), Some(&id));
    let mut up_to_date = Stream::open(&relay, token, Some(&id)).await;

    // A state that a terminal reports; then documents for those who have heard nothing so far.
    relay.relay.take_work().await.unwrap();
    relay.relay.look_for_news().await.unwrap();
    let later = honbu.next().await.unwrap();
    assert!(later.parse::<u64>().unwrap() > id.parse().unwrap());
    assert_eq!(up_to_date.next().await.as_ref(), Some(&later), "nothing came before");
    let at = chrono::DateTime::parse_from_rfc3339("2026-06-30T09:00:00+09:00").unwrap();
    for (number, stream) in [(SECOND_OFFICE, second), (OTHER_OFFICE, other)] {
        relay.relay.append_document(number, "74100000.CSV", "通知".into(), at).await.unwrap();
        relay.relay.look_for_news().await.unwrap();
        let first: u64 = stream.next().await.unwrap().parse().unwrap();
        assert!(first > later.parse().unwrap(), "nothing of another office came before");
    }
    // The 法人用ID heard of its second office, and of nobody else's.
    let of_second: u64 = honbu.next().await.unwrap().parse().unwrap();
    let at_last = Stream::open(&relay, token, None).await.next().await.unwrap();
    assert_eq!(at_last.parse(), Ok(of_second));
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let mut stream = Stream::open(&relay, &session.access_token, None).await;
    stream.next().await.unwrap();
    let _: Session =
        ok(relay.request(reqwest::Method::DELETE, "/v1/sessions", &session.access_token).send().await.unwrap()).await;
    // Within the looks of a quarter of a minute.
    for _ in 0..31 {
        relay.relay.look_for_news().await.unwrap();
    }
    assert_eq!(stream.next().await, None);
    refused(relay.get("/v1/events", &session.access_token).await, 401, RefusalCode::TokenExpired).await;
}
