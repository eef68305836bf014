//! The real binary: its output, its operator's commands, and its death at any point of an upload.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use relay_api::{LogIn, Session, State, Submission, SubmissionList};
use reqwest::Client;
use serde_json::json;

use crate::support::{CORPORATION, Claim, OFFICE, PASSWORD, client, objects, ok, states};

pub const BINARY: &str = env!("CARGO_BIN_EXE_todoke-relay");

pub struct Process {
    pub child: Child,
    pub url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub fn start_with(data: &Path, options: &[&str]) -> Self {
        let mut serve = Command::new(BINARY);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(options).stderr(Stdio::null());
        Self::run(&mut serve)
    }

    /// Starts a relay by a command that serves, and waits until it does.
    pub fn run(serve: &mut Command) -> Self {
        let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first.strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks until the submission has the basic code, or one after it.
    async fn wait_for(&self, http: &Client, token: &str, claim: &Claim, code: &str) -> Submission {
        let url = format!("{}/v1/submissions/{}", self.url, claim.sha256);
        let mut turns = tokio::time::interval(Duration::from_millis(100));
        for _ in 0..600 {
            turns.tick().await;
            let submission: Submission = ok(http.get(&url).bearer_auth(token).send().await.unwrap()).await;
            if submission.basic_code.as_deref() >= Some(code) {
                return submission;
            }
        }
        panic!("no {code} within a minute");
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap()
    }

    /// Signs in with the temporary password, sets [`PASSWORD`] and returns the access token.
    pub async fn first_sign_in(&self, http: &Client, temporary: &str) -> String {
        let log_in = LogIn::new(CORPORATION, "tanpopo-honbu", temporary);
        let first: Session =
            ok(http.post(format!("{}/v1/sessions", self.url)).json(&log_in).send().await.unwrap()).await;
        let change = http.post(format!("{}/v1/password", self.url)).bearer_auth(&first.access_token);
        let change = change.json(&json!({ "current": temporary, "new": PASSWORD })).send().await.unwrap();
        ok::<Session>(change).await.access_token
    }

    pub async fn announce(&self, http: &Client, token: &str, claim: &Claim) -> Submission {
        let url = format!("{}/v1/submissions/{}", self.url, claim.sha256);
        ok(http.put(url).bearer_auth(token).json(&claim.announced).send().await.unwrap()).await
    }

    pub async fn upload(&self, http: &Client, token: &str, claim: &Claim) -> Submission {
        let url = format!("{}/v1/submissions/{}/content", self.url, claim.sha256);
        ok(http.put(url).bearer_auth(token).body(claim.bytes.clone()).send().await.unwrap()).await
    }
}

fn admin(data: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(BINARY).arg("admin").args(arguments).arg("--data").arg(data).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

pub fn set_up(data: &Path) -> String {
    admin(data, &["corporation", "add", "--number", CORPORATION, "--name", "社会福祉法人たんぽぽ会"]).unwrap();
    let office = ["office", "add", "--corporation", CORPORATION, "--number", OFFICE, "--name", "たんぽぽデイ"];
    admin(data, &[&office[..], &["--from", "2026-01"]].concat()).unwrap();
    let letter = admin(data, &["login", "add", "--corporation", CORPORATION, "--id", "tanpopo-honbu"]).unwrap();
    let line = letter.lines().find(|line| line.starts_with("仮パスワード")).unwrap();
    line.trim_start_matches("仮パスワード").trim().to_owned()
}

/// Where the relay dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    Announced,
    /// After so many bytes of the content.
    Sent(usize),
    /// After all bytes, whatever the relay made of them by then.
    SentAll,
    /// After the answer began to arrive.
    Answered,
}

#[tokio::test]
async fn killed_at_any_point_of_an_upload_it_holds_the_submission_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let temporary = set_up(data);
    let http = client();
    let mut relay = Process::start(data);
    let token = relay.first_sign_in(&http, &temporary).await;

    let length = Claim::practice(1).bytes.len();
    let mut deaths = vec![Death::Announced, Death::Sent(0), Death::Sent(1), Death::Sent(length / 2)];
    deaths.extend([Death::Sent(length - 1), Death::Answered]);
    deaths.extend([Death::SentAll; 6]);
    for (n, death) in deaths.iter().enumerate() {
        // One file per death. Tests, because the program's clock is the real one.
        let claim = Claim::practice(1000 + n);
        relay.announce(&http, &token, &claim).await;
        let mut line = relay.connect();
        let head = format!(
            "PUT /v1/submissions/{}/content HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\n\
             content-length: {length}\r\n\r\n",
            claim.sha256
        );
        match death {
            Death::Announced => {}
            Death::Sent(bytes) => {
                line.write_all(head.as_bytes()).unwrap();
                line.write_all(&claim.bytes[..*bytes]).unwrap();
            }
            Death::SentAll | Death::Answered => {
                line.write_all(head.as_bytes()).unwrap();
                line.write_all(&claim.bytes).unwrap();
                if matches!(death, Death::Answered) {
                    line.read_exact(&mut [0; 15]).unwrap();
                }
            }
        }
        relay.kill();
        relay = Process::start(data);

        relay.announce(&http, &token, &claim).await;
        let received = relay.upload(&http, &token, &claim).await;
        assert_eq!(states(&received), [State::Announced, State::Waiting], "{death:?}");
        assert!(received.accept_code.is_some(), "{death:?}");
        if matches!(death, Death::Answered) {
            assert!(received.repeated, "what was answered was kept");
        }
        let url = format!("{}/v1/submissions/{}/content", relay.url, claim.sha256);
        let content = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(content.bytes().await.unwrap(), claim.bytes, "{death:?}");
    }

    let url = format!("{}/v1/submissions", relay.url);
    let list: SubmissionList = ok(http.get(url).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!(list.submissions.len(), deaths.len());
    let mut codes: Vec<_> = list.submissions.iter().map(|s| s.accept_code.clone().unwrap()).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), deaths.len(), "every 受付番号 is its own");
    drop(relay);
    drop(Process::start(data));
    assert_eq!(objects(data).len(), deaths.len(), "{:?}", objects(data));
}

/// The binary's own terminal, with its clock running: nobody moves it here.
#[tokio::test]
async fn a_demonstration_transmits_by_itself_and_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = Process::start_with(folder.path(), &["--demo"]);
    let letter = std::fs::read_to_string(folder.path().join("demo-letter.txt")).unwrap();
    assert!(letter.contains(&relay.url), "{letter}");
    let http = client();
    let log_in = LogIn::new(relay::demo::CORPORATION, relay::demo::LOGIN_ID, relay::demo::PASSWORD);
    let first: Session = ok(http.post(format!("{}/v1/sessions", relay.url)).json(&log_in).send().await.unwrap()).await;
    let change = http.post(format!("{}/v1/password", relay.url)).bearer_auth(&first.access_token);
    let body = json!({ "current": relay::demo::PASSWORD, "new": PASSWORD });
    let session: Session = ok(change.json(&body).send().await.unwrap()).await;
    let token = session.access_token;

    let claim = Claim::sample();
    relay.announce(&http, &token, &claim).await;
    relay.upload(&http, &token, &claim).await;
    relay.wait_for(&http, &token, &claim, "5C01").await;
    relay.kill();
    relay = Process::start_with(folder.path(), &["--demo"]);
    let received = relay.wait_for(&http, &token, &claim, "5C05").await;
    let codes: Vec<_> = received.history.iter().filter_map(|change| change.basic_code.as_deref()).collect();
    assert_eq!(codes, ["5C01", "5C02", "5C03", "5C05"], "each state once");
}

#[test]
fn stops_when_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = Process::start(folder.path());
    let pid = relay.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(relay.child.wait().unwrap().success());
}

#[test]
fn two_relays_do_not_serve_from_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Process::start(folder.path());
    let second =
        Command::new(BINARY).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path()).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another relay is serving"));
}

#[test]
fn refuses_plain_http_on_every_address() {
    let folder = tempfile::tempdir().unwrap();
    let refused =
        Command::new(BINARY).args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(folder.path()).output().unwrap();
    assert!(!refused.status.success());
    assert_eq!(refused.stdout, b"");
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(message.contains("refusing plain HTTP") && message.contains("--tls-cert"), "{message}");
}

#[test]
fn the_operator_adds_lists_and_resets() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let temporary = set_up(data);
    // While the relay serves, too.
    let _relay = Process::start(data);
    let again = admin(data, &["corporation", "add", "--number", CORPORATION, "--name", "二つめ"]).unwrap_err();
    assert!(again.contains("すでに登録されています"), "{again}");
    let wrong = ["office", "add", "--corporation", CORPORATION, "--number", "9970000014", "--name", "誤り"];
    assert!(admin(data, &wrong).unwrap_err().contains("事業所番号が正しくありません"));
    let second = ["login", "add", "--corporation", CORPORATION, "--id", "tanpopo-ni"];
    assert!(admin(data, &second).unwrap_err().contains("すでに"), "one 法人用ID per corporation");
    let office = ["login", "add", "--corporation", CORPORATION, "--id", "tanpopo-day", "--office", OFFICE];
    assert!(admin(data, &office).unwrap().contains("事業所用ID（9970000015 たんぽぽデイ）"));

    let list = admin(data, &["login", "list"]).unwrap();
    assert_eq!(
        list,
        "9900000101\ttanpopo-honbu\t法人用ID\t仮パスワード\n\
         9900000101\ttanpopo-day\t事業所用ID（9970000015）\t仮パスワード\n"
    );
    let list = admin(data, &["corporation", "list"]).unwrap();
    assert!(list.starts_with("9900000101\t社会福祉法人たんぽぽ会\n\t事業所\t9970000015\tたんぽぽデイ\n"), "{list}");
    let name = ["--corporation", CORPORATION, "--id", "tanpopo-honbu"];
    let letter = admin(data, &[&["letter"], name.as_slice()].concat()).unwrap();
    assert!(!letter.contains(&temporary) && letter.contains("社会福祉法人たんぽぽ会 御中"), "{letter}");
    let reset = admin(data, &[&["login", "reset"], name.as_slice()].concat()).unwrap();
    assert!(reset.contains("仮パスワード") && !reset.contains(&temporary), "{reset}");
}

/// The account number is read from standard input, never from the arguments that others on the machine can see.
fn with_input(data: &Path, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(BINARY)
        .arg("admin")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn charges_an_office_added_by_hand(data: &Path) {
    let corporation = "9900000303";
    let office = ["office", "add", "--corporation", corporation, "--number", "9970000023", "--name", "やまぶき訪問"];
    admin(data, &[&office[..], &["--from", "2026-07", "--certificate", "A-01"]].concat()).unwrap();
    assert!(admin(data, &["certificate", "list"]).unwrap().contains("2/100事業所"));
    let csv = data.join("debit.csv");
    let debit = ["fee", "debit", "--month", "2026-07", "--out", csv.to_str().unwrap()];
    assert!(admin(data, &debit).unwrap_err().contains("まだ計算していません"));
    let fees = data.join("fees-07.csv");
    admin(data, &["fee", "run", "--month", "2026-07", "--out", fees.to_str().unwrap()]).unwrap();
    let without = admin(data, &debit).unwrap();
    assert!(without.contains("1法人、合計4400円") && without.contains("口座が未登録です：9900000303"), "{without}");
    let account = ["corporation", "account", "--number", corporation, "--bank", "0001", "--branch", "002"];
    let account = [&account[..], &["--holder", "イ）ヤマブキカイ"]].concat();
    let refusal = with_input(data, &account, "１２\n").unwrap_err();
    assert!(refusal.contains("口座番号は数字7桁です"), "{refusal}");
    let done = with_input(data, &account, "0123456\n").unwrap();
    assert!(!done.contains("0123456"), "{done}");
    admin(data, &debit).unwrap();
    let list = std::fs::read_to_string(&csv).unwrap();
    assert!(list.contains(",0001,002,普通,0123456,イ）ヤマブキカイ,4400"), "{list}");
}

/// What the history of a demonstration left behind: every file that was sent with its state, and every notice.
fn history(data: &Path) -> rusqlite::Result<(u32, Vec<String>)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(data.join("relay.db"), flags)?;
    let left = database.query_row("SELECT history FROM demo", [], |row| row.get(0))?;
    let mut found = database.prepare(
        "SELECT sha256 || ' ' || state FROM submission
         UNION ALL SELECT file_name || ' ' || sha256 FROM document ORDER BY 1",
    )?;
    let found = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok((left, found))
}

#[tokio::test]
async fn killed_in_the_middle_of_its_history_a_demonstration_goes_on_with_it() {
    let options = ["--demo", "--history", "8"];
    let whole = tempfile::tempdir().unwrap();
    drop(Process::start_with(whole.path(), &options));
    let (left, expected) = history(whole.path()).unwrap();
    assert_eq!(left, 0);
    assert!(expected.len() > 24 + 24, "eight months of three offices and their notices: {}", expected.len());

    let folder = tempfile::tempdir().unwrap();
    let (mut kills, mut known) = (0, 0);
    let mut turns = tokio::time::interval(Duration::from_millis(2));
    loop {
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until it has come a bit further, or to the end.
        let left = loop {
            turns.tick().await;
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            match history(folder.path()) {
                Ok((0, _)) => break 0,
                Ok((left, found)) if found.len() >= known + 7 => {
                    known = found.len();
                    break left;
                }
                // Not made yet, or busy at this moment.
                _ => {}
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        if left == 0 {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 2, "it was never killed in the middle");
    assert_eq!(history(folder.path()).unwrap().1, expected);
    // Its clock stands where every demonstration begins.
    let relay = Process::start_with(folder.path(), &options);
    let status: relay_api::RelayStatus =
        ok(client().get(format!("{}/v1/status", relay.url)).send().await.unwrap()).await;
    assert!(status.now.starts_with("2026-06-05T10:0"), "{}", status.now);
}

#[tokio::test]
async fn the_operator_takes_an_application_through_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let relay = Process::start(data);
    let profile: serde_json::Value = serde_json::from_str(&admin(data, &["profile", "show"]).unwrap()).unwrap();
    assert_eq!(profile["fees"]["monthly"], 1100);
    // Far enough ahead for whenever this test runs.
    let body = json!({
        "applicant": { "name": "山吹 次郎", "phone": "00-1111-2222", "email": "jiro@example.jp" },
        "request": {
            "kind": "new", "start_month": "2999-01", "option": false,
            "corporation": {
                "name": "医療法人やまぶき会", "postal_code": "9990001", "address": "見本県みほん市1-1",
                "title": "理事長", "representative": "山吹 花子", "phone": "00-1111-2222"
            },
            "offices": [{
                "number": OFFICE, "name": "やまぶきデイ", "user_id": format!("KJ99{OFFICE}"),
                "postal_code": "9990001", "address": "見本県みほん市1-1", "phone": "00-1111-2222"
            }]
        },
        "consent": true,
        "consented": { "terms": "見本-1", "privacy": "見本-1" }
    });
    let http = client();
    let url = format!("{}/v1/applications/{}", relay.url, "a".repeat(32));
    let key = "b".repeat(64);
    let put = http.put(&url).header("x-application-key", &key).json(&body);
    let application: serde_json::Value = ok(put.send().await.unwrap()).await;
    let number = application["number"].as_str().unwrap();

    let list = admin(data, &["application", "list"]).unwrap();
    assert!(list.contains(number) && list.contains("新規\t医療法人やまぶき会\t1事業所\t手続き中"), "{list}");
    let early = admin(data, &["application", "issue", number]).unwrap_err();
    assert!(early.contains(&format!("事業所{OFFICE}の準備が終わっていません")), "{early}");
    let nameless = admin(data, &["poa", "defective", number, "--reason", " "]).unwrap_err();
    assert!(nameless.contains("理由を書いてください"), "{nameless}");
    admin(data, &["poa", "received", number]).unwrap();
    let shown = admin(data, &["poa", "defective", number, "--reason", "印影が届出と違います"]).unwrap();
    assert!(shown.contains("委任状 不備：印影が届出と違います"), "{shown}");
    admin(data, &["poa", "received", number]).unwrap();
    admin(data, &["poa", "accepted", number]).unwrap();
    let full = admin(data, &["agent", "assign", number]).unwrap_err();
    assert!(full.contains("空きのある証明書がありません"), "{full}");
    admin(data, &["certificate", "add", "--name", "A-01", "--expires", "2999-12-31"]).unwrap();
    admin(data, &["agent", "assign", number, "--office", OFFICE]).unwrap();
    assert_eq!(admin(data, &["certificate", "list"]).unwrap(), "A-01\t1/100事業所\t2999-12-31まで\n");
    admin(data, &["agent", "registered", number, "--on", "2998-12-10"]).unwrap();
    admin(data, &["application", "issue", number, "--corporation", "9900000303"]).unwrap();

    let letters = folder.path().join("letters");
    let written = admin(data, &["application", "letters", number, "--out", letters.to_str().unwrap()]).unwrap();
    assert!(written.contains("この2通にだけ書いてあります"), "{written}");
    for entry in std::fs::read_dir(&letters).unwrap() {
        let path = entry.unwrap().path();
        assert!(std::fs::read(&path).unwrap().starts_with(b"%PDF"), "{path:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        }
    }
    assert!(admin(data, &["corporation", "list"]).unwrap().contains("9900000303\t医療法人やまぶき会"));
    let csv = folder.path().join("fees.csv");
    let run = admin(data, &["fee", "run", "--month", "2026-06", "--out", csv.to_str().unwrap()]).unwrap();
    assert!(run.contains("2026-06分：0行、合計0円"), "{run}");
    charges_an_office_added_by_hand(data);
    let whole = admin(data, &["audit", "verify"]).unwrap();
    let newest = whole.lines().find_map(|line| line.strip_prefix("最新の印：")).unwrap();
    admin(data, &["audit", "verify", "--noted", newest]).unwrap();
    let other = admin(data, &["audit", "verify", "--noted", &"0".repeat(64)]).unwrap_err();
    assert!(other.contains("控えた印が見つかりません"), "{other}");
}
