//! Relays that share one PostgreSQL database and one bucket. `cargo xtask test` starts a server for them, and runs the
//! rest of this suite on it too.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chrono::TimeDelta;
use relay::storage::AuditCheck;
use relay::{Config, Database, Relay};
use relay_api::terminals::{TerminalLogIn, TerminalSession, WorkItem, WorkJob, WorkList};
use relay_api::{LogIn, RefusalCode, Session, State, Submission, SubmissionList};
use serde_json::json;

use crate::support::{
    CORPORATION, Claim, OFFICE, PASSWORD, SECOND_OFFICE, Shared, TestRelay, client, clock, ok, refused,
};
use crate::terminals::Terminal;

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn what_one_relay_is_told_the_other_knows() {
    let one = TestRelay::start().await;
    let other = one.beside().await;
    let session = one.session(CORPORATION, "tanpopo-honbu", None).await;
    let token = &session.access_token;
    let claim = Claim::sample();
    let _: Submission = ok(one.announce(token, &claim).await).await;
    let received: Submission = ok(other.upload(token, &claim).await).await;
    assert_eq!(received.state, State::Waiting);
    assert_eq!(one.submission(token, &claim).await, received);
    let content = one.get(&format!("/v1/submissions/{}/content", claim.sha256), token).await;
    assert_eq!(content.bytes().await.unwrap(), claim.bytes);
    // A refresh token can be used once, wherever it is used.
    let _: Session = ok(other.refresh(&session.refresh_token).await).await;
    refused(one.refresh(&session.refresh_token).await, 401, RefusalCode::SessionEnded).await;
    refused(other.get("/v1/account", token).await, 401, RefusalCode::TokenExpired).await;
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn wrong_passwords_are_counted_across_relays() {
    let one = TestRelay::start().await;
    let other = one.beside().await;
    one.session(CORPORATION, "tanpopo-honbu", None).await;
    for (n, relay) in [&one, &other, &one, &other].into_iter().enumerate() {
        let refusal =
            refused(relay.sign_in(CORPORATION, "tanpopo-honbu", "wrong").await, 401, RefusalCode::WrongCredentials);
        assert_eq!(refusal.await.attempts_left, Some(4 - n as u32));
    }
    refused(one.sign_in(CORPORATION, "tanpopo-honbu", "wrong").await, 423, RefusalCode::Locked).await;
    refused(other.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await, 423, RefusalCode::Locked).await;
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn the_same_content_sent_to_both_at_once_is_accepted_once() {
    let one = TestRelay::start().await;
    let other = one.beside().await;
    let token = one.token().await;
    let (claim, rival) = (Claim::sample(), Claim::corrected());
    for claim in [&claim, &rival] {
        let _: Submission = ok(one.announce(&token, claim).await).await;
    }
    let sends = (0..8).map(|n| {
        let relay = if n % 2 == 0 { &one } else { &other };
        relay.upload(&token, if n < 4 { &claim } else { &rival })
    });
    let answers = futures_util::future::join_all(sends).await;
    let mut codes = HashSet::new();
    let mut first = 0;
    for answer in answers {
        if answer.status() == 200 {
            let submission: Submission = ok(answer).await;
            first += usize::from(!submission.repeated);
            codes.insert(submission.accept_code.unwrap());
        } else {
            refused(answer, 409, RefusalCode::AlreadyClaimed).await;
        }
    }
    assert_eq!((first, codes.len()), (1, 1));
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn terminals_at_two_relays_never_hold_the_same_work() {
    let one = TestRelay::start().await;
    let other = one.beside().await;
    let token = one.token().await;
    for month in 1..=12 {
        for office in [OFFICE, SECOND_OFFICE] {
            let claim = Claim::in_months(office, &format!("{month:010}"), "202606", &format!("2025{month:02}"));
            let relay = if month % 2 == 0 { &one } else { &other };
            assert_eq!(relay.send(&token, &claim).await.state, State::Waiting);
        }
    }
    let (first, second) = (Terminal::start(&one, "denso-01").await, Terminal::start(&other, "denso-02").await);
    let mut given_out = HashSet::new();
    loop {
        let (a, b) = tokio::join!(first.take(WorkJob::Send, 3), second.take(WorkJob::Send, 3));
        if a.is_empty() && b.is_empty() {
            break;
        }
        for (terminal, work) in [(&first, a), (&second, b)] {
            for item in work {
                assert!(given_out.insert(item.id), "{} was given out twice", item.id);
                assert_eq!(terminal.begin(item.id).await.status(), 204);
            }
        }
    }
    assert_eq!(given_out.len(), 24);

    // A terminal that died before it began loses its lease to whoever asks at whichever relay.
    let late = Claim::in_months(OFFICE, "0000000777", "202606", "202405");
    one.send(&token, &late).await;
    let [lost] = first.take(WorkJob::Send, 3).await.try_into().unwrap();
    assert_eq!(second.take(WorkJob::Send, 3).await, []);
    one.wait(TimeDelta::minutes(6));
    let second = Terminal::sign_in(&other, "denso-03", &one.relay.add_terminal("denso-03", None).await.unwrap()).await;
    assert_eq!(second.take(WorkJob::Send, 3).await[0].id, lost.id);
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn the_audit_trail_of_two_relays_is_one_chain() {
    let one = TestRelay::start().await;
    let other = one.beside().await;
    one.session(CORPORATION, "tanpopo-honbu", None).await;
    let signing_in = (0..12).map(|n| {
        let relay = if n % 2 == 0 { &one } else { &other };
        relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD)
    });
    for answer in futures_util::future::join_all(signing_in).await {
        let status = answer.status();
        assert!(status == 200 || status == 423, "{status}");
    }
    assert!(matches!(other.relay.check_audit(None).await.unwrap(), AuditCheck::Whole { .. }));
    // Verifying what is served is the proof of a restored database and bucket.
    one.relay.verify().await.unwrap();
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn a_bucket_that_is_down_costs_an_answer_and_nothing_else() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    let _: Submission = ok(relay.announce(&token, &claim).await).await;
    let bucket = &relay.shared.as_ref().unwrap().bucket;
    bucket.go_down(true);
    refused(relay.upload(&token, &claim).await, 500, RefusalCode::Internal).await;
    let ready = || async { relay.http.get(relay.url("/readyz")).send().await.unwrap().status() };
    assert_eq!(ready().await, 500);
    assert_eq!(relay.submission(&token, &claim).await.state, State::Announced);
    bucket.go_down(false);
    assert_eq!(ready().await, 200);
    let received: Submission = ok(relay.upload(&token, &claim).await).await;
    assert_eq!((received.state, received.repeated), (State::Waiting, false));
}

#[tokio::test]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn a_database_elsewhere_is_not_reached_without_encryption() {
    let shared = Shared::new().await;
    let url = "postgres://todoke:secret@db.example.invalid/todoke".to_owned();
    let place = relay::Place::Shared(Database { url, authority: None }, shared.bucket.bucket());
    let Err(error) = Relay::open(Config::at(place, clock(&std::sync::Arc::default()))).await else { panic!("opened") };
    let said = format!("{error:?} {error}");
    assert!(said.contains("encrypted") && !said.contains("secret"), "{said}");
    let mut bucket = shared.bucket.bucket();
    bucket.endpoint = Some("http://bucket.example.invalid".into());
    let place = relay::Place::Shared(shared.database.clone(), bucket);
    assert!(Relay::open(Config::at(place, clock(&std::sync::Arc::default()))).await.is_err());
}

/// The real program at a shared place.
struct Process {
    child: Child,
    url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(shared: &Shared) -> Command {
    let bucket = shared.bucket.bucket();
    let mut command = Command::new(env!("CARGO_BIN_EXE_todoke-relay"));
    command
        .env("TODOKE_RELAY_DATABASE", &shared.database.url)
        .env("TODOKE_RELAY_BUCKET", bucket.name)
        .env("TODOKE_RELAY_BUCKET_ENDPOINT", bucket.endpoint.unwrap())
        .env("TODOKE_RELAY_BUCKET_KEY_ID", bucket.key_id)
        .env("TODOKE_RELAY_BUCKET_KEY", bucket.key);
    command
}

impl Process {
    async fn start(shared: &Shared) -> Self {
        let mut command = program(shared);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        // The bucket is served by this runtime, so that nothing may block it.
        tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let first = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
            Self { url: first.strip_prefix("listening on ").unwrap().to_owned(), child }
        })
        .await
        .unwrap()
    }
}

async fn admin(shared: &Shared, arguments: &[&str]) -> String {
    let mut command = program(shared);
    command.arg("admin").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the server that `cargo xtask test` starts"]
async fn two_processes_serve_the_same_corporation_and_one_outlives_the_other() {
    let shared = Shared::new().await;
    // Started at the same moment on an empty database: one of them makes the tables.
    let (one, other) = tokio::join!(Process::start(&shared), Process::start(&shared));
    admin(&shared, &["corporation", "add", "--number", CORPORATION, "--name", "社会福祉法人たんぽぽ会"]).await;
    let office = ["office", "add", "--corporation", CORPORATION, "--number", OFFICE, "--name", "たんぽぽデイ"];
    admin(&shared, &[&office[..], &["--from", "2025-01"]].concat()).await;
    let letter = admin(&shared, &["login", "add", "--corporation", CORPORATION, "--id", "tanpopo-honbu"]).await;
    let temporary = letter.lines().find_map(|line| line.strip_prefix("仮パスワード")).unwrap().trim().to_owned();
    let secret = admin(&shared, &["terminal", "add", "--id", "denso-01"]).await;
    let http = client();
    let log_in = |password: &str| LogIn::new(CORPORATION, "tanpopo-honbu", password);
    let first: Session =
        ok(http.post(format!("{}/v1/sessions", one.url)).json(&log_in(&temporary)).send().await.unwrap()).await;
    let change = json!({ "current": temporary, "new": PASSWORD });
    let change = http.post(format!("{}/v1/password", other.url)).bearer_auth(&first.access_token).json(&change);
    let session: Session = ok(change.send().await.unwrap()).await;
    let token = &session.access_token;

    // Every content is announced at one relay and sent to both at once.
    let claims: Vec<Claim> = (1..=12).map(Claim::practice).collect();
    for claim in &claims {
        let url = format!("{}/v1/submissions/{}", one.url, claim.sha256);
        let _: Submission = ok(http.put(url).bearer_auth(token).json(&claim.announced).send().await.unwrap()).await;
    }
    let sends = claims.iter().flat_map(|claim| [(&one, claim), (&other, claim)]).map(|(relay, claim)| {
        let url = format!("{}/v1/submissions/{}/content", relay.url, claim.sha256);
        http.put(url).bearer_auth(token).body(claim.bytes.clone()).send()
    });
    let mut firsts = 0;
    for answer in futures_util::future::join_all(sends).await {
        let submission: Submission = ok(answer.unwrap()).await;
        firsts += usize::from(!submission.repeated);
    }
    assert_eq!(firsts, 12, "each is accepted once");

    // Two pairs of hands of one terminal at two relays begin each piece of work once.
    let secret = secret.lines().find(|line| line.starts_with("合言葉")).and_then(|line| line.split_once('：'));
    let secret = secret.unwrap().1.to_owned();
    let mut ids = HashSet::new();
    let mut tokens = Vec::new();
    for relay in [&one, &other] {
        let log_in = TerminalLogIn { client_id: "denso-01".into(), client_secret: secret.clone() };
        let answer = http.post(format!("{}/v1/terminal/sessions", relay.url)).json(&log_in).send().await.unwrap();
        let session: TerminalSession = ok(answer).await;
        tokens.push(session.access_token);
    }
    let take = |url: &str, token: &str| {
        let body = json!({ "job": "send", "most": 20 });
        http.post(format!("{url}/v1/terminal/work")).bearer_auth(token).json(&body).send()
    };
    let (a, b) = tokio::join!(take(&one.url, &tokens[0]), take(&other.url, &tokens[1]));
    let (a, b): (WorkList, WorkList) = (ok(a.unwrap()).await, ok(b.unwrap()).await);
    for item in a.work.iter().chain(&b.work).collect::<Vec<&WorkItem>>() {
        ids.insert(item.id);
    }
    assert_eq!(ids.len(), 12);

    // One dies in the midst of it; the other knows everything.
    drop(one);
    let list = http.get(format!("{}/v1/submissions", other.url)).bearer_auth(token).send().await.unwrap();
    let list: SubmissionList = ok(list).await;
    assert_eq!(list.submissions.len(), 12);
    assert!(list.submissions.iter().all(|submission| submission.state == State::Waiting));
    let verified = admin(&shared, &["backup", "verify"]).await;
    assert!(verified.contains("ファイル12件"), "{verified}");
    assert!(admin(&shared, &["audit", "verify"]).await.contains("ありません"));
}
