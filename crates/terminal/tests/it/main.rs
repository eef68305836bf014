//! A real relay over HTTP on one side, a folder on the other; the test plays the transmission software.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use relay::storage::NewContract;
use relay::{Clock, Config, Relay};
use relay_api::terminals::TerminalLogIn;
use relay_api::{DocumentPage, NewSubmission, Session, State, Submission};
use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use terminal::{FolderError, Line, Round, RoundError, Terminal};

const CORPORATION: &str = "9900000101";
const OFFICE: &str = "9970000015";
const CLAIM: &[u8] = include_bytes!("../../../relay/tests/data/KK260601.CSV");

struct World {
    relay: Relay,
    url: String,
    http: Client,
    token: String,
    secret: String,
    seconds: Arc<AtomicI64>,
    data: TempDir,
    folder: TempDir,
}

impl World {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = DateTime::parse_from_rfc3339("2026-06-05T10:00:00+09:00").unwrap();
        let seconds = Arc::new(AtomicI64::new(start.timestamp()));
        let source = Arc::clone(&seconds);
        let clock = Clock::new(move || DateTime::UNIX_EPOCH + TimeDelta::seconds(source.load(Ordering::SeqCst)));
        let relay = Relay::open(Config::new(data.path(), clock)).await.unwrap();
        relay.add_corporation(CORPORATION, "社会福祉法人たんぽぽ会").await.unwrap();
        let since = NewContract::from("2026-01".parse().unwrap());
        relay.add_office(CORPORATION, OFFICE, "たんぽぽデイサービス", since).await.unwrap();
        let temporary = relay.add_login(CORPORATION, "tanpopo-honbu", None, None).await.unwrap().password.unwrap();
        let secret = relay.add_terminal("denso-01", None).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = relay::http::router(relay.clone());
        tokio::spawn(async move { relay::serve(listener, None, router, axum_handle()).await.unwrap() });

        // Installs the crypto provider that every client of this process uses.
        Line::new(&url, TerminalLogIn { client_id: String::new(), client_secret: String::new() }).unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        let mut world = Self {
            relay,
            url,
            http,
            token: String::new(),
            secret,
            seconds,
            data,
            folder: tempfile::tempdir().unwrap(),
        };
        let log_in = json!({ "corporation_number": CORPORATION, "login_id": "tanpopo-honbu", "password": temporary });
        let first: Session = world.ask(Method::POST, "/v1/sessions", Some(log_in)).await;
        world.token = first.access_token;
        let change = json!({ "current": temporary, "new": "たんぽぽ-2026-はる-のはら" });
        let session: Session = world.ask(Method::POST, "/v1/password", Some(change)).await;
        world.token = session.access_token;
        world
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Value>) -> T {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// Sends the sample claim as the window would. Returns its SHA-256.
    async fn send(&self) -> String {
        let sha256 = hex::encode(Sha256::digest(CLAIM));
        let facts = NewSubmission {
            office: OFFICE.into(),
            processing_month: "2026-06".into(),
            data_type: "711".into(),
            service_months: vec!["2026-05".into()],
            file_name: "KK260601.CSV".into(),
            size: CLAIM.len() as u64,
            round: 1,
        };
        let path = format!("/v1/submissions/{sha256}");
        let _: Submission = self.ask(Method::PUT, &path, Some(serde_json::to_value(facts).unwrap())).await;
        let put = self.http.put(format!("{}{path}/content", self.url)).bearer_auth(&self.token).body(CLAIM);
        assert_eq!(put.send().await.unwrap().status(), 200);
        sha256
    }

    async fn state(&self, sha256: &str) -> State {
        let submission: Submission = self.ask(Method::GET, &format!("/v1/submissions/{sha256}"), None).await;
        submission.state
    }

    fn line(&self) -> Line {
        let log_in = TerminalLogIn { client_id: "denso-01".into(), client_secret: self.secret.clone() };
        Line::new(&self.url, log_in).unwrap()
    }

    fn terminal(&self) -> Terminal {
        Terminal::open(self.line(), self.folder.path()).unwrap()
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write(&self, below: &str, content: impl AsRef<[u8]>) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn axum_handle() -> axum_server::Handle<std::net::SocketAddr> {
    axum_server::Handle::new()
}

/// Returns the names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_claim_goes_out_and_its_answers_come_back() {
    let world = World::start().await;
    let sha256 = world.send().await;
    let mut terminal = world.terminal();
    assert_eq!(terminal.round().await.unwrap(), Round { sent: 1, ..Round::default() });
    assert_eq!(names(&world.path("outbox")), ["1.json", "1_9970000015_KK260601.CSV"]);
    assert_eq!(fs::read(world.path("outbox/1_9970000015_KK260601.CSV")).unwrap(), CLAIM);
    let facts: Value = serde_json::from_slice(&fs::read(world.path("outbox/1.json")).unwrap()).unwrap();
    assert_eq!((facts["office"].as_str(), facts["processing_month"].as_str()), (Some(OFFICE), Some("2026-06")));
    assert_eq!(world.state(&sha256).await, State::Transmitting);
    assert_eq!(terminal.round().await.unwrap(), Round::default(), "once");

    let result = |code: &str| {
        json!({ "id": 1, "outcome": "state", "basic_code": code, "at": "2026-06-05T10:02:00+09:00" }).to_string()
    };
    world.write("inbox/results/001.json", result("5C01"));
    world.write("inbox/results/002.json", result("5C05"));
    world.write("inbox/results/003.json.tmp", "half writ");
    world.write("inbox/documents/9970000015/74100000.CSV", "通知");
    let round = terminal.round().await.unwrap();
    assert_eq!(round, Round { results: 2, documents: 1, ..Round::default() });
    assert_eq!(world.state(&sha256).await, State::Receiving);
    let page: DocumentPage = world.ask(Method::GET, "/v1/documents", None).await;
    assert_eq!(page.documents[0].file_name, "74100000.CSV");
    assert_eq!(names(&world.path("inbox/results")), ["003.json.tmp"], "what is being written is left alone");
    assert_eq!(names(&world.path("done/results")), ["001.json", "002.json"]);
    let status: relay_api::RelayStatus = world.ask(Method::GET, "/v1/status", None).await;
    assert_eq!(status.last_contact.as_deref(), Some("2026-06-05T10:00:00+09:00"), "not ahead of the relay's clock");

    // 国保連 uses the same names every month.
    world.write("inbox/documents/9970000015/74100000.CSV", "つぎの通知");
    terminal.round().await.unwrap();
    assert_eq!(names(&world.path("done/documents/9970000015")), ["2-74100000.CSV", "74100000.CSV"]);
}

#[tokio::test]
async fn what_cannot_be_used_is_set_aside_with_its_reason() {
    let world = World::start().await;
    let mut terminal = world.terminal();
    world.write("inbox/results/a.json", "{");
    world.write("inbox/results/b.json", json!({ "id": 9, "outcome": "cancel_failed", "at": "x" }).to_string());
    world.write("inbox/documents/9970000099/74100000.CSV", "だれの通知");
    let round = terminal.round().await.unwrap();
    assert_eq!(round, Round { rejected: 3, ..Round::default() });
    assert_eq!(names(&world.path("rejected/results")), ["a.json", "a.json.reason.txt", "b.json", "b.json.reason.txt"]);
    let reason = fs::read_to_string(world.path("rejected/documents/9970000099/74100000.CSV.reason.txt")).unwrap();
    assert!(reason.contains("NotFound"), "{reason}");
    assert_eq!(terminal.round().await.unwrap(), Round::default());
}

#[tokio::test]
async fn killed_between_any_two_steps_it_puts_the_file_out_once() {
    // Killed before it could begin: staged, and the relay still waits.
    let world = World::start().await;
    let sha256 = world.send().await;
    let put_out = |world: &World| names(&world.path("outbox")).iter().filter(|name| name.contains(".CSV")).count();
    let mut terminal = world.terminal();
    terminal.round().await.unwrap();
    assert_eq!(put_out(&world), 1);
    drop(terminal);
    // Killed after it began and before it renamed: back to what lay beside.
    fs::rename(world.path("outbox/1_9970000015_KK260601.CSV"), world.path("work/1.content")).unwrap();
    fs::rename(world.path("outbox/1.json"), world.path("work/send-1.json")).unwrap();
    let mut terminal = world.terminal();
    assert_eq!(terminal.round().await.unwrap().sent, 1);
    assert_eq!((put_out(&world), names(&world.path("work"))), (1, vec!["lock".to_owned()]));
    drop(terminal);
    // Killed after it renamed and before it forgot: the software may have taken the file by now.
    fs::rename(world.path("outbox/1.json"), world.path("work/send-1.json")).unwrap();
    fs::remove_file(world.path("outbox/1_9970000015_KK260601.CSV")).unwrap();
    let mut terminal = world.terminal();
    terminal.round().await.unwrap();
    assert_eq!((put_out(&world), names(&world.path("work"))), (0, vec!["lock".to_owned()]));
    assert_eq!(world.state(&sha256).await, State::Transmitting);
}

#[tokio::test]
async fn what_was_staged_too_long_ago_is_not_put_out() {
    let world = World::start().await;
    world.send().await;
    let mut terminal = world.terminal();
    // Leased and staged, then the machine slept; meanwhile another terminal took the work.
    let facts = json!({
        "id": 1, "job": "send", "office": OFFICE, "processing_month": "2026-06", "data_type": "711",
        "file_name": "KK260601.CSV", "sha256": hex::encode(Sha256::digest(CLAIM)), "size": CLAIM.len(),
        "test": false, "begun": false, "lease_until": "2026-06-05T10:05:00+09:00"
    });
    world.write("work/1.content", CLAIM);
    world.write("work/send-1.json", facts.to_string());
    let secret = world.relay.add_terminal("denso-02", None).await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let line = Line::new(&world.url, TerminalLogIn { client_id: "denso-02".into(), client_secret: secret }).unwrap();
    assert_eq!(Terminal::open(line, elsewhere.path()).unwrap().round().await.unwrap().sent, 1);
    assert_eq!(terminal.round().await.unwrap(), Round::default());
    assert_eq!(names(&world.path("outbox")), [""; 0]);
    assert_eq!(names(&world.path("work")), ["lock"]);
}

#[tokio::test]
async fn a_cancellation_reaches_the_software_and_comes_back() {
    let world = World::start().await;
    let sha256 = world.send().await;
    let mut terminal = world.terminal();
    terminal.round().await.unwrap();
    let arrived = json!({ "id": 1, "outcome": "state", "basic_code": "5C03", "at": "2026-06-05T10:02:00+09:00" });
    world.write("inbox/results/001.json", arrived.to_string());
    terminal.round().await.unwrap();
    let _: Submission = world.ask(Method::POST, &format!("/v1/submissions/{sha256}/cancel"), None).await;
    assert_eq!(terminal.round().await.unwrap(), Round { cancels: 1, ..Round::default() });
    assert_eq!(names(&world.path("cancel")), ["1.json"]);
    assert_eq!(world.state(&sha256).await, State::Cancelling);
    let done =
        json!({ "id": 1, "outcome": "cancelled", "code": "9920260605000000017", "at": "2026-06-05T10:30:00+09:00" });
    world.write("inbox/results/002.json", done.to_string());
    terminal.round().await.unwrap();
    assert_eq!(world.state(&sha256).await, State::Cancelled);
}

#[tokio::test]
async fn a_round_goes_on_where_a_broken_line_ended_it() {
    let world = World::start().await;
    world.send().await;
    let mut terminal = world.terminal();
    world.relay.retire_terminal("denso-01").await.unwrap();
    let refused = terminal.round().await.unwrap_err();
    assert!(matches!(refused, RoundError::Line(_)), "{refused}");
    assert!(matches!(Terminal::open(world.line(), world.folder.path()), Err(FolderError::InUse(_))));
    // Sixteen minutes later the token of another one has ended: it signs in again by itself.
    let secret = world.relay.add_terminal("denso-03", None).await.unwrap();
    let line = Line::new(&world.url, TerminalLogIn { client_id: "denso-03".into(), client_secret: secret }).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut other = Terminal::open(line, elsewhere.path()).unwrap();
    assert_eq!(other.round().await.unwrap().sent, 1);
    world.seconds.fetch_add(16 * 60, Ordering::SeqCst);
    assert_eq!(other.round().await.unwrap(), Round::default());
    assert!(world.data.path().join("relay.db").exists());
}

/// The program itself: one round, its exit status, and that it takes its secret from a file.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_does_one_round() {
    let world = World::start().await;
    world.send().await;
    let secret = world.data.path().join("secret");
    fs::write(&secret, format!("{}\n", world.secret)).unwrap();
    let run = |address: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todoke-terminal"));
        command.args(["--relay", address, "--id", "denso-01", "--once", "--secret-file"]).arg(&secret);
        command.arg("--folder").arg(world.folder.path());
        command
    };
    let url = world.url.clone();
    let mut command = run(&url);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(names(&world.path("outbox")).len(), 2);
    let output = run("http://relay.example.jp").output().unwrap();
    assert!(!output.status.success());
    assert!(!String::from_utf8_lossy(&output.stderr).contains(&world.secret));
}
