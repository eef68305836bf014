//! The relay itself under load: accepting, the hour in which everybody sends, listening clients, a storm of sign-ins, and a
//! thousand deaths. A relay of its own without a demonstration, over plain HTTP on this computer.

#![expect(clippy::cast_precision_loss, reason = "figures of a table for people")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use relay_api::{ChangePassword, LogIn, NewSubmission, Session, State, Submission, SubmissionList};
use reqwest::{Client, StatusCode};
use sha2::{Digest, Sha256};
use todoke_tests::claims::{OFFICE, crowd};
use todoke_tests::program::{Program, built, command};
use todoke_tests::relay::{Letter, client};
use todoke_tests::wait::now;

use crate::Row;

const START: Duration = Duration::from_mins(1);
/// 法人番号 of the invented corporation.
const CORPORATION: &str = "7000012050002";
const PASSWORD: &str = "ためし-2026-ためし";
/// Persons of a file of about 100 KB.
const PERSONS: usize = 145;
/// Clients that send at the same time.
const AT_ONCE: usize = 8;

/// Measures how fast files of 100 KB are accepted, against writing and flushing the same files and nothing else.
pub async fn accepting() -> Result<Row> {
    const FILES: usize = 400;
    let folder = tempfile::tempdir()?;
    let claims: Vec<Claim> = (0..FILES).map(Claim::large).collect::<Result<_>>()?;
    let size = claims[0].content.len();
    let relay = Relay::start(&folder.path().join("relay"))?;
    let session = Arc::new(relay.sign_in().await?);
    let start = now();
    stream::iter(&claims).map(|claim| session.send(claim)).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    let ours = start.elapsed();

    let plain = folder.path().join("plain");
    fs::create_dir_all(&plain)?;
    let start = now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|worker| {
                let (claims, plain) = (&claims, &plain);
                scope.spawn(move || -> Result<()> {
                    for claim in claims.iter().skip(worker).step_by(AT_ONCE) {
                        let mut file = fs::File::create(plain.join(&claim.sha256))?;
                        file.write_all(&claim.content)?;
                        file.sync_all()?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a writer died"))?)
    })?;
    let theirs = start.elapsed();
    let per_second = |took: Duration| format!("{:.0} /s", FILES as f64 / took.as_secs_f64());
    println!("files of {size} bytes");
    Ok(Row {
        what: "accepting files of 100 KB, checked and safe on disk / writing and flushing the same files",
        ours: per_second(ours),
        yardstick: per_second(theirs),
        ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
        // Four flushes stand against one: the announcement, the content, its folder, the acceptance.
        bar: 4.0,
    })
}

/// Measures the 99th percentile of sending, in a minute of the hour in which 10,000 offices send one file each, against the
/// time that the same takes while nobody else sends. They come as people come: by chance, now two at once and now none.
pub async fn busy_hour() -> Result<Row> {
    const PER_HOUR: f64 = 10_000.0;
    const MINUTE: f64 = 60.0;
    const QUIET: usize = 50;
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let session = Arc::new(relay.sign_in().await?);
    let files = (PER_HOUR / 3600.0 * MINUTE) as usize;
    let mut alone = Vec::new();
    for number in 0..QUIET {
        let claim = Claim::large(files + number)?;
        let start = now();
        session.send(&claim).await?;
        alone.push(start.elapsed());
    }
    alone.sort();
    let quiet = alone[QUIET / 2];
    let mut sends = Vec::new();
    for number in 0..files {
        let (session, claim) = (Arc::clone(&session), Claim::large(number)?);
        // The time between two that come by chance, drawn from the content: every run has the same hour.
        let draw = (f64::from(u32::from_str_radix(&claim.sha256[..8], 16)?) + 1.0) / (f64::from(u32::MAX) + 2.0);
        let gap = Duration::from_secs_f64(-draw.ln() * 3600.0 / PER_HOUR);
        tokio::time::interval_at((now() + gap).into(), START).tick().await;
        // Whoever is slow does not hold up those who come after.
        sends.push(tokio::spawn(async move {
            let start = now();
            session.send(&claim).await.map(|_| start.elapsed())
        }));
    }
    let mut took = Vec::new();
    for send in sends {
        took.push(send.await??);
    }
    took.sort();
    let p99 = took[took.len() * 99 / 100];
    Ok(Row {
        what: "99th percentile of a sending while 10,000 offices send within the hour / a sending alone",
        ours: format!("{:.1} ms", p99.as_secs_f64() * 1000.0),
        yardstick: format!("{:.1} ms", quiet.as_secs_f64() * 1000.0),
        ratio: p99.as_secs_f64() / quiet.as_secs_f64(),
        // One that has to wait for another, and for the disk twice.
        bar: 3.0,
    })
}

/// Measures the memory that a client costs that listens for changes, against one that is connected and asks nothing.
pub async fn listeners() -> Result<Row> {
    const STREAMS: usize = 1_000;
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let session = relay.sign_in().await?;
    let open = || async {
        let request = session.http.get(format!("{}/events", session.base)).bearer_auth(&session.token);
        let mut response = request.send().await?.error_for_status()?;
        response.chunk().await?.context("a first event")?;
        anyhow::Ok(response)
    };
    let _warm: Vec<_> = stream::iter(0..50).map(|_| open()).buffer_unordered(AT_ONCE).try_collect().await?;
    let before = relay.memory("VmRSS")?;
    let streams: Vec<_> = stream::iter(0..STREAMS).map(|_| open()).buffer_unordered(AT_ONCE).try_collect().await?;
    let with_streams = relay.memory("VmRSS")?;
    let idle: Vec<TcpStream> = (0..STREAMS).map(|_| relay.connected()).collect::<Result<_>>()?;
    let with_idle = relay.memory("VmRSS")?;
    let each = |from: u64, to: u64| to.saturating_sub(from) as f64 / STREAMS as f64;
    let (ours, theirs) = (each(before, with_streams), each(with_streams, with_idle).max(1.0));
    drop((streams, idle));
    Ok(Row {
        what: "memory of the relay per client that listens / per client that is connected and asks nothing",
        ours: format!("{ours:.1} KiB"),
        yardstick: format!("{theirs:.1} KiB"),
        ratio: ours / theirs,
        bar: 1.5,
    })
}

/// Measures the memory that 1,000 sign-ins at the same moment take: no more than the hashing of as many as there are cores.
pub async fn storm() -> Result<Row> {
    const SIGN_INS: usize = 1_000;
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let session = relay.sign_in().await?;
    let before = relay.memory("VmHWM")?;
    let start = now();
    // IDs that nobody has cost the same, and no lock-out comes in the way.
    let tries = (0..SIGN_INS).map(|number| {
        let log_in = LogIn::new(&format!("{:010}", 8_000_000_000_u64 + number as u64), "storm", "wrong password");
        session.http.post(format!("{}/sessions", session.base)).json(&log_in).send()
    });
    let (mut checked, mut later) = (0, 0);
    for answer in futures_util::future::join_all(tries).await {
        match answer?.status() {
            StatusCode::UNAUTHORIZED => checked += 1,
            StatusCode::TOO_MANY_REQUESTS => later += 1,
            other => anyhow::bail!("a sign-in was answered with {other}"),
        }
    }
    let took = start.elapsed();
    println!("{checked} checked and {later} told to come back, in {} ms", took.as_millis());
    let grown = relay.memory("VmHWM")?.saturating_sub(before) as f64 / 1024.0;
    // 19 MiB for each core, and the connections themselves.
    let allowed = 19.0 * std::thread::available_parallelism()?.get() as f64 + 64.0;
    Ok(Row {
        what: "memory that 1,000 sign-ins at once take / as many hashes as cores, and 64 MiB",
        ours: format!("{grown:.0} MiB"),
        yardstick: format!("{allowed:.0} MiB"),
        ratio: grown / allowed,
        bar: 1.0,
    })
}

/// Kills the relay again and again in the midst of an upload, and counts what was lost or accepted twice.
pub async fn kills(deaths: usize) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let mut session = relay.sign_in().await?;
    let (mut lost, mut promised) = (0, 0);
    let mut first_answers = Vec::new();
    for number in 0..deaths {
        let claim = Claim::small(number)?;
        session.announce(&claim).await?;
        // Somewhere between the first byte and long after the last one, another place each time.
        let cut = number * 7919 % (claim.content.len() * 2);
        let answered = relay.cut_upload(&session.token, &claim, cut)?;
        relay.restart()?;
        session.base.clone_from(&relay.base());
        let now = session.find(&claim).await?;
        if answered {
            promised += 1;
            lost += usize::from(now.state == State::Announced);
        }
        session.announce(&claim).await?;
        let received = session.put(&claim).await?;
        first_answers.push((claim.sha256, received.accept_code.context("a 受付番号")?));
    }
    let kept: SubmissionList = session.get("submissions").await?;
    let mut codes: Vec<_> = kept.submissions.iter().filter_map(|submission| submission.accept_code.clone()).collect();
    codes.sort();
    codes.dedup();
    let double = kept.submissions.len().abs_diff(deaths) + deaths.abs_diff(codes.len());
    let forgotten = first_answers.iter().filter(|(sha256, code)| {
        !kept.submissions.iter().any(|held| held.sha256 == *sha256 && held.accept_code.as_ref() == Some(code))
    });
    lost += forgotten.count();
    println!("{deaths} deaths, {promised} of them after the answer: {lost} lost, {double} twice");
    Ok(Row {
        what: "files lost or accepted twice when the relay is killed in the midst of an upload",
        ours: format!("{} of {deaths}", lost + double),
        yardstick: "0".to_owned(),
        ratio: (lost + double) as f64,
        bar: 0.0,
    })
}

/// A claim file for practice; of those there may be many for one office and month.
struct Claim {
    content: Vec<u8>,
    sha256: String,
}

impl Claim {
    fn large(number: usize) -> Result<Self> {
        Self::of(PERSONS, number)
    }

    fn small(number: usize) -> Result<Self> {
        Self::of(2, number)
    }

    fn of(persons: usize, number: usize) -> Result<Self> {
        let text = String::from_utf8(crowd(persons, false)?)?;
        let text = text.replacen(",202606,0\r\n", ",202606,*TEST*\r\n", 1);
        // Its first person is one that no other file has.
        let content = text.replace("\"0000000001\"", &format!("\"{:010}\"", 1_000_000 + number)).into_bytes();
        Ok(Self { sha256: hex::encode(Sha256::digest(&content)), content })
    }

    fn facts(&self) -> NewSubmission {
        NewSubmission {
            office: OFFICE.into(),
            processing_month: "2026-06".into(),
            data_type: "711".into(),
            service_months: vec!["2026-05".into()],
            file_name: "KK000001.CSV".into(),
            size: self.content.len() as u64,
            round: 1,
        }
    }
}

/// A relay without a demonstration, with one corporation.
struct Relay {
    data: PathBuf,
    program: Program,
    port: u16,
    letter: Letter,
}

impl Relay {
    fn start(data: &Path) -> Result<Self> {
        let letter = with_corporation(data)?;
        let (program, port) = launch(data)?;
        Ok(Self { data: data.to_owned(), program, port, letter })
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    async fn sign_in(&self) -> Result<Signed> {
        let (http, base) = (client()?, self.base());
        let Letter { corporation_number, login_id, password, .. } = &self.letter;
        let log_in = LogIn::new(corporation_number, login_id, password);
        let first = http.post(format!("{base}/sessions")).json(&log_in).send().await?.error_for_status()?;
        let first: Session = first.json().await?;
        let change = ChangePassword { current: password.clone(), new: PASSWORD.to_owned() };
        let request = http.post(format!("{base}/password")).bearer_auth(&first.access_token).json(&change);
        let session: Session = request.send().await?.error_for_status()?.json().await?;
        Ok(Signed { http, base, token: session.access_token })
    }

    /// Reads a figure of the process in KiB, as Linux tells it.
    fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).context("no figure")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Opens a connection that has been answered once and stays.
    fn connected(&self) -> Result<TcpStream> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.write_all(b"GET /healthz HTTP/1.1\r\nhost: relay\r\n\r\n")?;
        let mut answer = [0; 15];
        line.read_exact(&mut answer)?;
        ensure!(&answer == b"HTTP/1.1 200 OK", "not healthy");
        Ok(line)
    }

    /// Sends the first `bytes` of an upload, then kills the relay. What goes beyond the content is waiting for the answer.
    /// Returns whether an answer had come.
    fn cut_upload(&mut self, token: &str, claim: &Claim, bytes: usize) -> Result<bool> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            line,
            "PUT /v1/submissions/{}/content HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\n\
             content-length: {}\r\n\r\n",
            claim.sha256,
            claim.content.len()
        )?;
        line.write_all(&claim.content[..bytes.min(claim.content.len())])?;
        let beyond = bytes.saturating_sub(claim.content.len());
        let mut answer = [0; 15];
        let answered = if beyond > claim.content.len() / 2 {
            line.read_exact(&mut answer)?;
            &answer == b"HTTP/1.1 200 OK"
        } else {
            // Between the last byte and the answer there is no telling but by chance.
            for _ in 0..beyond * 20 {
                std::hint::spin_loop();
            }
            false
        };
        self.program.kill()?;
        Ok(answered)
    }

    fn restart(&mut self) -> Result<()> {
        (self.program, self.port) = launch(&self.data)?;
        Ok(())
    }
}

/// Gives a relay that is to be started over `data` one corporation with one office, and returns the letter of its first ID.
pub fn with_corporation(data: &Path) -> Result<Letter> {
    fs::create_dir_all(data)?;
    let relay = built("todoke-relay")?;
    let admin = |words: &[&str]| -> Result<String> {
        let output = Command::new(&relay).args(["admin", "--data"]).arg(data).args(words).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    admin(&["corporation", "add", "--number", CORPORATION, "--name", "株式会社テスト"])?;
    let office = ["office", "add", "--corporation", CORPORATION, "--number", OFFICE, "--name", "テスト通所介護事業所"];
    admin(&[&office[..], &["--from", "2026-01"]].concat())?;
    Letter::read(&admin(&["login", "add", "--corporation", CORPORATION, "--id", "bench"])?)
}

fn launch(data: &Path) -> Result<(Program, u16)> {
    let mut serve = command(&built("todoke-relay")?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).env("RUST_LOG", "warn");
    Program::start_until(&mut serve, &data.with_extension("log"), START, |line| {
        line.trim().strip_prefix("listening on http://127.0.0.1:")?.parse::<u16>().ok()
    })
}

/// A client with a session.
struct Signed {
    http: Client,
    base: String,
    token: String,
}

impl Signed {
    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    async fn find(&self, claim: &Claim) -> Result<Submission> {
        self.get(&format!("submissions/{}", claim.sha256)).await
    }

    async fn announce(&self, claim: &Claim) -> Result<Submission> {
        let request = self.http.put(format!("{}/submissions/{}", self.base, claim.sha256)).bearer_auth(&self.token);
        Ok(request.json(&claim.facts()).send().await?.error_for_status()?.json().await?)
    }

    async fn put(&self, claim: &Claim) -> Result<Submission> {
        let url = format!("{}/submissions/{}/content", self.base, claim.sha256);
        let request = self.http.put(url).bearer_auth(&self.token).body(claim.content.clone());
        let received: Submission = request.send().await?.error_for_status()?.json().await?;
        ensure!(received.accept_code.is_some(), "not accepted");
        Ok(received)
    }

    async fn send(&self, claim: &Claim) -> Result<Submission> {
        self.announce(claim).await?;
        self.put(claim).await
    }
}
