//! Terminals: who gets which work, what survives their death, and that nothing is sent twice.

use chrono::TimeDelta;
use relay_api::terminals::{
    Delivered, Heartbeat, HeartbeatJob, Noted, TakeWork, TerminalLogIn, TerminalSession, WorkItem, WorkJob, WorkList,
    WorkOutcome, WorkResult,
};
use relay_api::{DocumentPage, RefusalCode, RelayStatus, State, Submission};
use reqwest::{Method, Response};

use crate::support::{CORPORATION, Claim, OFFICE, SECOND_OFFICE, TestRelay, ok, refused, states};

/// A terminal that is signed in.
pub struct Terminal<'a> {
    relay: &'a TestRelay,
    token: String,
}

impl<'a> Terminal<'a> {
    pub async fn start(relay: &'a TestRelay, id: &str) -> Self {
        let secret = relay.relay.add_terminal(id, None).await.unwrap();
        Self::sign_in(relay, id, &secret).await
    }

    pub async fn sign_in(relay: &'a TestRelay, id: &str, secret: &str) -> Self {
        let session: TerminalSession = ok(sign_in(relay, id, secret).await).await;
        Self { relay, token: session.access_token }
    }

    async fn ask(&self, wish: TakeWork) -> Response {
        let request = self.relay.request(Method::POST, "/v1/terminal/work", &self.token);
        request.json(&wish).send().await.unwrap()
    }

    pub async fn take(&self, job: WorkJob, most: u32) -> Vec<WorkItem> {
        let list: WorkList = ok(self.ask(TakeWork { job, most }).await).await;
        list.work
    }

    pub async fn begin(&self, work: u64) -> Response {
        self.relay.request(Method::POST, &format!("/v1/terminal/work/{work}/begin"), &self.token).send().await.unwrap()
    }

    pub async fn begun(&self) -> Vec<u64> {
        let list: WorkList = ok(self.relay.get("/v1/terminal/work", &self.token).await).await;
        list.work.iter().map(|item| item.id).collect()
    }

    pub async fn content(&self, work: u64) -> Response {
        self.relay.get(&format!("/v1/terminal/work/{work}/content"), &self.token).await
    }

    async fn report(&self, work: u64, outcome: WorkOutcome) -> Response {
        self.tell(work, &WorkResult { outcome, message: None, at: "2026-06-05T10:05:00+09:00".into() }).await
    }

    pub async fn tell(&self, work: u64, result: &WorkResult) -> Response {
        let path = format!("/v1/terminal/work/{work}/results");
        self.relay.request(Method::POST, &path, &self.token).json(result).send().await.unwrap()
    }

    pub async fn beat(&self, beat: &Heartbeat) -> Response {
        self.relay.request(Method::POST, "/v1/terminal/heartbeats", &self.token).json(beat).send().await.unwrap()
    }

    pub async fn state(&self, work: u64, basic_code: &str) -> Response {
        self.report(work, WorkOutcome::State { basic_code: basic_code.into() }).await
    }

    pub async fn deliver(&self, office: &str, name: &str, content: &'static str) -> Response {
        let path = format!("/v1/terminal/documents/{office}/{name}");
        self.relay.request(Method::PUT, &path, &self.token).body(content).send().await.unwrap()
    }
}

async fn sign_in(relay: &TestRelay, id: &str, secret: &str) -> Response {
    let log_in = TerminalLogIn { client_id: id.into(), client_secret: secret.into() };
    relay.http.post(relay.url("/v1/terminal/sessions")).json(&log_in).send().await.unwrap()
}

async fn cancel(relay: &TestRelay, token: &str, claim: &Claim) -> Response {
    relay.request(Method::POST, &format!("/v1/submissions/{}/cancel", claim.sha256), token).send().await.unwrap()
}

#[tokio::test]
async fn a_file_goes_from_the_line_to_its_end() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let sent = relay.send(&token, &claim).await;
    assert_eq!(sent.line_position, Some(1));
    let second = Claim::new(SECOND_OFFICE, "0000000101");
    assert_eq!(relay.send(&token, &second).await.line_position, Some(2));

    let terminal = Terminal::start(&relay, "denso-01").await;
    let work = terminal.take(WorkJob::Send, 1).await;
    let [item] = work.as_slice() else { panic!("{work:?}") };
    assert_eq!((item.office.as_str(), item.sha256.as_str(), item.begun), (OFFICE, claim.sha256.as_str(), false));
    assert_eq!(item.lease_until.as_deref(), Some("2026-06-05T10:05:00+09:00"));
    assert_eq!(terminal.content(item.id).await.bytes().await.unwrap(), claim.bytes);
    // A lease alone is nothing that the office would see.
    assert_eq!(relay.submission(&token, &claim).await.state, State::Waiting);
    refused(terminal.state(item.id, "5C01").await, 404, RefusalCode::NotFound).await;

    assert_eq!(terminal.begin(item.id).await.status(), 204);
    assert_eq!(terminal.begin(item.id).await.status(), 204, "an answer that got lost is asked for again");
    let now = relay.submission(&token, &claim).await;
    assert_eq!((now.state, now.line_position), (State::Transmitting, None));
    assert_eq!(relay.submission(&token, &second).await.line_position, Some(1));
    assert_eq!(terminal.begun().await, [item.id]);

    for (code, new) in [("5C01", true), ("5C05", true), ("5C05", false), ("5C03", false), ("5C09", true)] {
        let noted: Noted = ok(terminal.state(item.id, code).await).await;
        assert_eq!(noted.new, new, "{code}");
    }
    refused(terminal.state(item.id, "5C11").await, 409, RefusalCode::TooLate).await;
    refused(terminal.state(item.id, "5C13").await, 400, RefusalCode::Malformed).await;
    assert_eq!(relay.submission(&token, &claim).await.state, State::Completed);
    assert_eq!(terminal.begun().await, [0; 0]);
}

#[tokio::test]
async fn a_dead_terminal_s_work_goes_to_another_unless_it_was_begun() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let (first, second) = (Claim::sample(), Claim::new(SECOND_OFFICE, "0000000101"));
    relay.send(&token, &first).await;
    relay.send(&token, &second).await;
    let dead = Terminal::start(&relay, "denso-01").await;
    let alive = Terminal::start(&relay, "denso-02").await;
    let held: Vec<u64> = dead.take(WorkJob::Send, 10).await.iter().map(|item| item.id).collect();
    assert_eq!(held.len(), 2);
    assert_eq!(dead.begin(held[0]).await.status(), 204);
    assert_eq!(alive.take(WorkJob::Send, 10).await, [], "it is leased");
    refused(alive.begin(held[1]).await, 404, RefusalCode::NotFound).await;
    refused(alive.content(held[1]).await, 404, RefusalCode::NotFound).await;

    // Asking again in time keeps it.
    relay.wait(TimeDelta::minutes(4));
    assert_eq!(dead.take(WorkJob::Send, 10).await.len(), 1);
    relay.wait(TimeDelta::minutes(4));
    assert_eq!(alive.take(WorkJob::Send, 10).await, []);
    relay.wait(TimeDelta::minutes(2));
    let given: Vec<u64> = alive.take(WorkJob::Send, 10).await.iter().map(|item| item.id).collect();
    assert_eq!(given, [held[1]], "what was begun is never given away");
    // The dead one comes back and learns that it must not send.
    refused(dead.begin(held[1]).await, 404, RefusalCode::NotFound).await;
    assert_eq!(alive.begin(held[1]).await.status(), 204);
    assert_eq!(dead.begun().await, [held[0]]);

    // The operator asked 国保連: the first file never arrived there.
    let code = relay.submission(&token, &first).await.accept_code.unwrap();
    relay.relay.release_work(&code).await.unwrap();
    assert!(relay.relay.release_work(&code).await.is_err(), "it waits already");
    assert_eq!(alive.take(WorkJob::Send, 10).await.len(), 1);
    refused(dead.state(held[0], "5C01").await, 404, RefusalCode::NotFound).await;
}

#[tokio::test]
async fn a_terminal_serves_the_offices_of_its_certificate() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    relay.relay.add_certificate("A-01", "2029-03-31".parse().unwrap()).await.unwrap();
    let secret = relay.relay.add_terminal("denso-a1", Some("A-01")).await.unwrap();
    let of_certificate = Terminal::sign_in(&relay, "denso-a1", &secret).await;
    let other = Terminal::start(&relay, "denso-00").await;
    assert!(relay.relay.add_terminal("denso-a1", None).await.is_err(), "a name is given once");
    assert!(relay.relay.add_terminal("denso-a2", Some("A-99")).await.is_err(), "no such certificate");

    // These offices were added by hand and have no certificate.
    relay.send(&token, &Claim::sample()).await;
    assert_eq!(of_certificate.take(WorkJob::Send, 10).await, []);
    refused(of_certificate.deliver(OFFICE, "74100000.CSV", "x").await, 404, RefusalCode::NotFound).await;
    assert_eq!(other.take(WorkJob::Send, 10).await.len(), 1);

    // One that came by an application has.
    let number = crate::applications::customer(&relay, "2026-08").await;
    let files = of_certificate.deliver(&number, "74100000.CSV", "通知").await;
    assert_eq!(ok::<Delivered>(files).await, Delivered { new: true });
    refused(other.deliver(&number, "74100000.CSV", "x").await, 404, RefusalCode::NotFound).await;
}

#[tokio::test]
async fn notice_files_count_once_and_come_byte_for_byte() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let terminal = Terminal::start(&relay, "denso-01").await;
    for new in [true, false] {
        let delivered: Delivered = ok(terminal.deliver(OFFICE, "74100000.CSV", "通知").await).await;
        assert_eq!(delivered.new, new);
    }
    refused(terminal.deliver("9970000099", "a.CSV", "x").await, 404, RefusalCode::NotFound).await;
    refused(terminal.deliver(OFFICE, "a%2Fb.CSV", "x").await, 400, RefusalCode::Malformed).await;
    refused(terminal.deliver(OFFICE, "a.CSV", "").await, 400, RefusalCode::Malformed).await;
    let page: DocumentPage = ok(relay.get("/v1/documents", &token).await).await;
    assert_eq!(page.documents.len(), 1);
    let content = relay.get("/v1/documents/1/content", &token).await;
    assert_eq!(content.text().await.unwrap(), "通知");
}

#[tokio::test]
async fn a_sign_of_life_tells_the_offices_of_the_last_contact() {
    let relay = TestRelay::start().await;
    let terminal = Terminal::start(&relay, "denso-01").await;
    let beat = async |reached: Option<&str>| {
        let beat = Heartbeat { job: HeartbeatJob::Status, reached_at: reached.map(str::to_owned) };
        let request = relay.request(Method::POST, "/v1/terminal/heartbeats", &terminal.token).json(&beat);
        request.send().await.unwrap()
    };
    let contact = async || {
        let status: RelayStatus = ok(relay.http.get(relay.url("/v1/status")).send().await.unwrap()).await;
        status.last_contact
    };
    assert_eq!(beat(None).await.status(), 204);
    assert_eq!(contact().await, None);
    beat(Some("2026-06-05T09:58:00+09:00")).await;
    beat(Some("2026-06-05T09:30:00+09:00")).await;
    assert_eq!(contact().await.as_deref(), Some("2026-06-05T09:58:00+09:00"), "never backwards");
    beat(Some("2030-01-01T00:00:00+09:00")).await;
    assert_eq!(contact().await.as_deref(), Some("2026-06-05T10:00:00+09:00"), "a fast clock is not believed");
    refused(beat(Some("now")).await, 400, RefusalCode::Malformed).await;
    let listed = relay.relay.terminals().await.unwrap();
    assert_eq!(listed[0].heartbeats, [("status".to_owned(), "2026-06-05T10:00:00+09:00".to_owned())]);
}

#[tokio::test]
async fn credentials_open_the_terminal_s_door_only() {
    let relay = TestRelay::start().await;
    let client = relay.token().await;
    let secret = relay.relay.add_terminal("denso-01", None).await.unwrap();
    let terminal = Terminal::sign_in(&relay, "denso-01", &secret).await;
    refused(relay.get("/v1/submissions", &terminal.token).await, 401, RefusalCode::TokenExpired).await;
    refused(relay.get("/v1/terminal/work", &client).await, 401, RefusalCode::TokenExpired).await;
    refused(sign_in(&relay, "denso-01", &"0".repeat(64)).await, 401, RefusalCode::WrongCredentials).await;
    refused(sign_in(&relay, "denso-02", &secret).await, 401, RefusalCode::WrongCredentials).await;
    refused(terminal.ask(TakeWork { job: WorkJob::Send, most: 101 }).await, 400, RefusalCode::Malformed).await;
    relay.wait(TimeDelta::minutes(16));
    refused(terminal.ask(TakeWork { job: WorkJob::Send, most: 1 }).await, 401, RefusalCode::TokenExpired).await;
    let again = Terminal::sign_in(&relay, "denso-01", &secret).await;
    relay.relay.retire_terminal("denso-01").await.unwrap();
    refused(again.ask(TakeWork { job: WorkJob::Send, most: 1 }).await, 401, RefusalCode::TokenExpired).await;
    refused(sign_in(&relay, "denso-01", &secret).await, 401, RefusalCode::WrongCredentials).await;
}

#[tokio::test]
async fn what_no_terminal_has_begun_is_cancelled_at_once() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let terminal = Terminal::start(&relay, "denso-01").await;
    let claim = Claim::sample();
    refused(cancel(&relay, &token, &claim).await, 404, RefusalCode::NotFound).await;
    relay.send(&token, &claim).await;
    let held = terminal.take(WorkJob::Send, 1).await;
    let cancelled: Submission = ok(cancel(&relay, &token, &claim).await).await;
    assert_eq!(cancelled.state, State::Cancelled);
    assert!(cancelled.cancel_code.is_some());
    let again: Submission = ok(cancel(&relay, &token, &claim).await).await;
    assert_eq!(Submission { repeated: false, ..again }, cancelled);
    // The terminal had it in its hands, but had not begun.
    refused(terminal.begin(held[0].id).await, 404, RefusalCode::NotFound).await;
    assert_eq!(terminal.take(WorkJob::Send, 1).await, []);
    // The corrected file takes its place.
    relay.send(&token, &Claim::corrected()).await;
}

#[tokio::test]
async fn a_cancellation_goes_to_the_terminal_that_sent_and_ends_either_way() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let terminal = Terminal::start(&relay, "denso-01").await;
    let other = Terminal::start(&relay, "denso-02").await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let id = terminal.take(WorkJob::Send, 1).await[0].id;
    terminal.begin(id).await;
    refused(cancel(&relay, &token, &claim).await, 409, RefusalCode::TooLate).await;
    terminal.state(id, "5C03").await;
    let wished: Submission = ok(cancel(&relay, &token, &claim).await).await;
    assert_eq!(wished.state, State::CancelRequested);
    refused(relay.announce(&token, &Claim::corrected()).await, 409, RefusalCode::AlreadyClaimed).await;

    assert_eq!(other.take(WorkJob::Cancel, 9).await, []);
    assert_eq!(terminal.take(WorkJob::Cancel, 9).await.len(), 1);
    // A receipt that was under way changes nothing of the wish.
    let noted: Noted = ok(terminal.state(id, "5C05").await).await;
    assert!(!noted.new);
    assert_eq!(terminal.begin(id).await.status(), 204);
    assert_eq!(relay.submission(&token, &claim).await.state, State::Cancelling);
    let noted: Noted = ok(terminal.report(id, WorkOutcome::CancelFailed).await).await;
    assert!(noted.new);
    let failed = relay.submission(&token, &claim).await;
    assert_eq!((failed.state, failed.basic_code.as_deref()), (State::Receiving, Some("5C05")), "取消失敗: it lives");

    ok::<Submission>(cancel(&relay, &token, &claim).await).await;
    terminal.begin(id).await;
    let long = WorkOutcome::Cancelled { code: Some("1".repeat(20)) };
    refused(terminal.report(id, long).await, 400, RefusalCode::Malformed).await;
    for new in [true, false] {
        let done = WorkOutcome::Cancelled { code: Some("9920260605000000017".into()) };
        assert_eq!(ok::<Noted>(terminal.report(id, done).await).await.new, new);
    }
    let cancelled = relay.submission(&token, &claim).await;
    assert_eq!(cancelled.cancel_code.as_deref(), Some("9920260605000000017"));
    let mut way = states(&cancelled);
    way.dedup();
    assert_eq!(
        way[3..],
        [
            State::Receiving,
            State::CancelRequested,
            State::Cancelling,
            State::Receiving,
            State::CancelRequested,
            State::Cancelling,
            State::Cancelled
        ]
    );
    relay.send(&token, &Claim::corrected()).await;
}

#[tokio::test]
async fn nothing_is_cancelled_outside_its_days_hours_and_corporation() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let theirs = relay.session("9900000202", "sumire-honbu", None).await.access_token;
    let terminal = Terminal::start(&relay, "denso-01").await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let id = terminal.take(WorkJob::Send, 1).await[0].id;
    terminal.begin(id).await;
    terminal.state(id, "5C03").await;
    refused(cancel(&relay, &theirs, &claim).await, 404, RefusalCode::NotFound).await;

    let mut profile = relay.relay.profile().await.unwrap();
    profile.prefectures = serde_json::from_value(serde_json::json!([{
        "code": "99", "poa_addressee": null, "agent_cut_off_day": null, "source": "見本、2026年6月",
        "hours": { "opens": "10:01", "closes": "24:00", "cancel_until": "23:30" }
    }]))
    .unwrap();
    relay.relay.set_profile(&serde_json::to_string(&profile).unwrap()).await.unwrap();
    refused(cancel(&relay, &token, &claim).await, 409, RefusalCode::TooLate).await;
    relay.wait(TimeDelta::minutes(1));
    ok::<Submission>(cancel(&relay, &token, &claim).await).await;
    terminal.begin(id).await;
    terminal.report(id, WorkOutcome::CancelFailed).await;
    relay.wait(TimeDelta::days(6));
    let token = relay.sign_in(CORPORATION, "tanpopo-honbu", crate::support::PASSWORD).await;
    let token = ok::<relay_api::Session>(token).await.access_token;
    refused(cancel(&relay, &token, &claim).await, 409, RefusalCode::TooLate).await;
}

#[tokio::test]
async fn a_contract_rules_which_months_may_be_claimed_and_a_test_goes_before_it() {
    let relay = TestRelay::start().await;
    let (token, number) = crate::applications::customer_session(&relay, "2026-08").await;
    let early = Claim::in_months(&number, "0000000101", "202607", "202606");
    let _: Submission = ok(relay.announce(&token, &early).await).await;
    refused(relay.upload(&token, &early).await, 403, RefusalCode::NotInService).await;
    let bytes = String::from_utf8(early.bytes).unwrap().replace(",7,202607,0", ",7,202607,*TEST*");
    let test = Claim::of(bytes.into_bytes(), &number, "202607", "202606");
    assert_eq!(relay.send(&token, &test).await.state, State::Waiting);
    relay.send(&token, &Claim::in_months(&number, "0000000101", "202608", "202607")).await;
}

#[tokio::test]
async fn work_waits_until_its_prefecture_takes_it() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let mut profile = relay.relay.profile().await.unwrap();
    profile.prefectures = serde_json::from_value(serde_json::json!([{
        "code": "99", "source": "試験",
        "hours": { "opens": "09:00", "cancel_until": "16:30", "closes": "17:00" }
    }]))
    .unwrap();
    relay.relay.set_profile(&serde_json::to_string(&profile).unwrap()).await.unwrap();
    relay.send(&token, &Claim::sample()).await;
    // 10:00 on the relay's clock.
    relay.wait(TimeDelta::hours(7));
    let secret = relay.relay.add_terminal("denso-01", None).await.unwrap();
    let at_five = Terminal::sign_in(&relay, "denso-01", &secret).await;
    assert_eq!(at_five.take(WorkJob::Send, 1).await, [], "17:00: closed");
    relay.wait(TimeDelta::minutes(16 * 60 - 1));
    let before_nine = Terminal::sign_in(&relay, "denso-01", &secret).await;
    assert_eq!(before_nine.take(WorkJob::Send, 1).await, [], "8:59: not open yet");
    relay.wait(TimeDelta::minutes(1));
    assert_eq!(before_nine.take(WorkJob::Send, 1).await.len(), 1, "9:00: open");
}

#[tokio::test]
async fn an_announcement_reaches_every_office_of_its_prefecture_for_which_the_terminal_transmits() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let theirs = relay.session("9900000202", "sumire-honbu", None).await.access_token;
    let one = relay.session(CORPORATION, "tanpopo-second", Some(SECOND_OFFICE)).await.access_token;
    let terminal = Terminal::start(&relay, "denso-01").await;
    for new in [true, false] {
        let delivered: Delivered = ok(terminal.deliver("99", "note.txt", "to all").await).await;
        assert_eq!(delivered.new, new, "the same word counts once");
    }
    for (token, count) in [(&token, 2), (&one, 1), (&theirs, 1)] {
        let page: DocumentPage = ok(relay.get("/v1/documents", token).await).await;
        let told: Vec<_> = page.documents.iter().map(|d| (d.office.as_str(), d.file_name.as_str())).collect();
        assert_eq!(told, vec![("99********", "note.txt"); count]);
        let path = format!("/v1/documents/{}/content", page.documents[0].id);
        assert_eq!(relay.get(&path, token).await.bytes().await.unwrap(), "to all");
    }
    refused(terminal.deliver("13", "note.txt", "to nobody").await, 404, RefusalCode::NotFound).await;
    refused(terminal.deliver("9", "note.txt", "to nobody").await, 404, RefusalCode::NotFound).await;
    refused(terminal.deliver("99", "note.txt", "").await, 400, RefusalCode::Malformed).await;

    // A terminal of another certificate speaks for no office of this prefecture.
    relay.relay.add_certificate("denso-2", "2030-03-31".parse().unwrap()).await.unwrap();
    let secret = relay.relay.add_terminal("denso-02", Some("denso-2")).await.unwrap();
    let stranger = Terminal::sign_in(&relay, "denso-02", &secret).await;
    refused(stranger.deliver("99", "note.txt", "from a stranger").await, 404, RefusalCode::NotFound).await;
    relay.relay.verify().await.unwrap();
}
