//! The real binary on hard days: a full disk, a forger at the log, a certificate that runs out.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use relay_api::{LogIn, RelayStatus, State, Submission, SubmissionList};
use reqwest::{Certificate, Client, StatusCode};

use crate::process::{BINARY, Process, set_up};
use crate::support::{CORPORATION, Claim, OFFICE, PASSWORD, client, escaped, objects, ok};

/// Blocks of 512 bytes that a file may have: a megabyte.
const DISK: &str = "2048";

/// Starts the relay where no file can grow beyond [`DISK`]: every write beyond it fails, as on a full disk.
fn start_on_a_full_disk(data: &Path) -> Process {
    let mut serve = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {DISK}; exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\"");
    serve.args(["-c", &script, BINARY]).arg(data).stderr(Stdio::null());
    Process::run(&mut serve)
}

#[tokio::test]
async fn a_full_disk_costs_answers_and_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let temporary = set_up(data);
    let http = client();
    let relay = Process::start(data);
    let token = relay.first_sign_in(&http, &temporary).await;
    // A test, because the program's clock is the real one.
    let large = String::from_utf8(Claim::large(2_500).bytes).unwrap().replacen(",202606,0", ",202606,*TEST*", 1);
    let large = Claim::of(large.into_bytes(), OFFICE, "202606", "202605");
    assert!(large.bytes.len() > 1024 * 1024);
    drop(relay);

    let relay = start_on_a_full_disk(data);
    relay.announce(&http, &token, &large).await;
    let put = async |relay: &Process, claim: &Claim| {
        let url = format!("{}/v1/submissions/{}/content", relay.url, claim.sha256);
        http.put(url).bearer_auth(&token).body(claim.bytes.clone()).send().await.unwrap().status()
    };
    // No room for a large content: the client hears that it is the relay's fault, and nothing of it is kept.
    assert_eq!(put(&relay, &large).await, StatusCode::INTERNAL_SERVER_ERROR);
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for person in 1..=200 {
        let claim = Claim::practice(person);
        let url = format!("{}/v1/submissions/{}", relay.url, claim.sha256);
        let announced = http.put(url).bearer_auth(&token).json(&claim.announced).send().await.unwrap().status();
        let status = if announced.is_success() { put(&relay, &claim).await } else { announced };
        match status {
            StatusCode::OK => accepted.push(claim),
            StatusCode::INTERNAL_SERVER_ERROR => refused.push(claim),
            other => panic!("{other}"),
        }
        if refused.len() == 5 {
            break;
        }
    }
    assert!(!accepted.is_empty() && refused.len() == 5, "{} {}", accepted.len(), refused.len());
    // What it knows it still tells.
    let list = async |relay: &Process| -> SubmissionList {
        ok(http.get(format!("{}/v1/submissions", relay.url)).bearer_auth(&token).send().await.unwrap()).await
    };
    let waiting = |list: &SubmissionList| list.submissions.iter().filter(|s| s.state == State::Waiting).count();
    assert_eq!(waiting(&list(&relay).await), accepted.len());
    relay.kill();

    let relay = Process::start(data);
    assert_eq!(waiting(&list(&relay).await), accepted.len(), "all that was answered, and nothing else");
    for claim in &accepted {
        let url = format!("{}/v1/submissions/{}/content", relay.url, claim.sha256);
        let content = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(content.bytes().await.unwrap(), claim.bytes);
        assert!(relay.upload(&http, &token, claim).await.repeated);
    }
    for claim in refused.iter().chain([&large]) {
        relay.announce(&http, &token, claim).await;
        let received: Submission = relay.upload(&http, &token, claim).await;
        assert!(!received.repeated && received.accept_code.is_some());
    }
    assert_eq!(objects(data).len(), accepted.len() + refused.len() + 1, "{:?}", objects(data));
}

#[tokio::test]
async fn nobody_writes_lines_of_their_own_into_the_log_nor_reads_secrets_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let temporary = set_up(data);
    let log = data.join("log");
    let mut serve = Command::new(BINARY);
    serve.args(["serve", "--log-json", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    serve.env("RUST_LOG", "debug").stderr(std::fs::File::create(&log).unwrap());
    let relay = Process::run(&mut serve);
    let http = client();
    let token = relay.first_sign_in(&http, &temporary).await;
    let forged = "x\r\n{\"level\":\"ERROR\",\"fields\":{\"message\":\"forged\"}}";
    let mut claim = Claim::practice(1);
    claim.announced.file_name = "forged.CSV".into();
    relay.announce(&http, &token, &claim).await;
    relay.upload(&http, &token, &claim).await;
    for text in [forged, "\u{1b}[2Jforged", "forged\u{0}"] {
        let log_in = LogIn::new(text, text, text);
        http.post(format!("{}/v1/sessions", relay.url)).json(&log_in).send().await.unwrap();
        let path = escaped(text);
        http.get(format!("{}/v1/submissions/{path}", relay.url)).bearer_auth(&token).send().await.unwrap();
        let odd = http.get(format!("{}/v1/{path}?forged={path}", relay.url)).header("user-agent", "forged");
        odd.header("x-request-id", "forged").send().await.unwrap();
        claim.announced.file_name = text.into();
        let url = format!("{}/v1/submissions/{}", relay.url, Claim::practice(2).sha256);
        http.put(url).bearer_auth(&token).json(&claim.announced).send().await.unwrap();
    }
    relay.kill();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().filter(|line| line.contains("Answered")).count() >= 12, "{log}");
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    for secret in ["forged", PASSWORD, &temporary, &token, &claim.sha256, "0000000001", CORPORATION] {
        assert!(!log.contains(secret), "the log must not hold {secret}");
    }
}

struct Pair {
    certificate: String,
    key: String,
}

impl Pair {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    /// Puts both in the place of the ones before, as tools do that renew certificates.
    fn replace(&self, folder: &Path) {
        for (name, content) in [("cert.pem", &self.certificate), ("key.pem", &self.key)] {
            let beside = folder.join(format!("{name}.new"));
            std::fs::write(&beside, content).unwrap();
            std::fs::rename(beside, folder.join(name)).unwrap();
        }
    }

    /// Makes a client that trusts this certificate and no other.
    fn client(&self) -> Client {
        client();
        let trusted = Certificate::from_pem(self.certificate.as_bytes()).unwrap();
        Client::builder().no_proxy().http1_only().tls_certs_only([trusted]).build().unwrap()
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_renewed_certificate_is_taken_into_use_and_no_connection_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Pair::new(), Pair::new());
    first.replace(folder.path());
    let data = folder.path().join("relay");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let relay = Process::start_with(&data, &["--tls-cert", &path("cert.pem"), "--tls-key", &path("key.pem")]);
    let url = format!("{}/v1/status", relay.url.replace("127.0.0.1", "localhost"));
    let old = first.client();
    let _: RelayStatus = ok(old.get(&url).send().await.unwrap()).await;
    assert!(second.client().get(&url).send().await.is_err(), "not in use yet");

    let renew = |pair: &Pair| {
        pair.replace(folder.path());
        let pid = relay.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    let taken = async |pair: &Pair| {
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..600 {
            turns.tick().await;
            if pair.client().get(&url).send().await.is_ok() {
                return;
            }
        }
        panic!("a new handshake still sees the certificate before");
    };
    // Again and again: what is in use is always the newest, and the first connection lives through all of it: its client
    // trusts nothing that came later.
    for pair in [&second, &Pair::new(), &Pair::new()] {
        renew(pair);
        taken(pair).await;
        let _: RelayStatus = ok(old.get(&url).send().await.unwrap()).await;
    }
    // Files that fit nothing change nothing.
    std::fs::write(folder.path().join("cert.pem"), "nothing").unwrap();
    let pid = relay.child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    let _: RelayStatus = ok(old.get(&url).send().await.unwrap()).await;
    assert!(first.client().get(&url).send().await.is_err(), "what was replaced is out of use");
}
