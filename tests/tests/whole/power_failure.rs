//! kill -9 between any two steps of sending, of the client and of the relay: the relay holds the file exactly once, and
//! the outbox knows.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use relay_api::State;
use todoke_tests::claims::{OFFICE, clean_claim, sha256, stumbling_claim};
use todoke_tests::line::{Fate, Line, Passing, Point};
use todoke_tests::relay::{Relay, Witness};
use todoke_tests::todoke::{PASSWORD, Todoke};

const PATIENCE: Duration = Duration::from_mins(1);

/// Who loses power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Client,
    Relay,
}

/// The steps of sending that a power failure can fall between: the requests, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Is the relay there?
    Status,
    /// The keychain's password for a session.
    SignIn,
    /// The content is named.
    Announce,
    /// The bytes.
    Content,
}

impl Step {
    const ALL: [Self; 4] = [Self::Status, Self::SignIn, Self::Announce, Self::Content];

    fn of(passing: &Passing) -> Option<Self> {
        match (passing.method.as_str(), passing.path.as_str()) {
            ("GET", "/v1/status") => Some(Self::Status),
            ("POST", "/v1/sessions") => Some(Self::SignIn),
            ("PUT", path) if path.ends_with("/content") => Some(Self::Content),
            ("PUT", path) if path.starts_with("/v1/submissions/") => Some(Self::Announce),
            _ => None,
        }
    }
}

struct Scene {
    todoke: Todoke,
    line: Line,
    relay: Relay,
    witness: Witness,
    folder: tempfile::TempDir,
    sent: usize,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let relay = Relay::start(&folder.path().join("relay"))?;
        let line = Line::open(relay.address()).await?;
        let todoke = Todoke::new(folder.path()).with_relay(line.url());
        todoke.log_in(&relay.letter()?)?;
        let witness = relay.witness(&relay.letter()?, PASSWORD).await?;
        Ok(Self { todoke, line, relay, witness, folder, sent: 0 })
    }

    /// Names a claim that was never sent: another service month each time.
    fn next(&mut self) -> (String, String) {
        let (year, month) = (2024 + self.sent / 12, self.sent % 12 + 1);
        self.sent += 1;
        (format!("KK{:06}.CSV", self.sent), format!("{year}{month:02}"))
    }

    fn next_claim(&mut self) -> anyhow::Result<PathBuf> {
        let (name, service) = self.next();
        clean_claim(self.folder.path(), &name, OFFICE, &service, "202606")
    }

    /// Sends a claim undisturbed and makes sure that [`Step`] leaves no request out.
    fn rehearse(&mut self) -> anyhow::Result<()> {
        let claim = self.next_claim()?;
        self.line.rule(|_| Fate::Pass);
        self.todoke.send(&claim, 60)?.exits(0)?;
        let mut steps = Vec::new();
        for passing in self.line.passed() {
            let step = Step::of(&passing).with_context(|| format!("{passing:?} is no known step"))?;
            if steps.last() != Some(&step) {
                steps.push(step);
            }
            if step == Step::Content {
                break;
            }
        }
        assert_eq!(steps, Step::ALL);
        Ok(())
    }

    /// Sends a new claim and cuts the power of `victim` when `step` stands at `point`.
    async fn fail(&mut self, victim: Victim, step: Step, point: Point) -> anyhow::Result<()> {
        let claim = self.next_claim()?;
        self.cut(victim, step, point, &["send".as_ref(), claim.as_os_str()]).await?;
        self.arrives_once(&claim).await.with_context(|| format!("{victim:?} at {step:?}, {point:?}"))
    }

    /// Starts `todoke` with `words` and cuts the power of `victim` when `step` stands at `point`.
    async fn cut(&mut self, victim: Victim, step: Step, point: Point, words: &[&OsStr]) -> anyhow::Result<()> {
        let mut first = true;
        self.line.rule(move |passing| {
            let hold = Step::of(passing) == Some(step) && std::mem::take(&mut first);
            if hold { Fate::Hold(point) } else { Fate::Pass }
        });
        let mut client = self.todoke.start(words)?;
        self.line.held(PATIENCE).await?;
        match victim {
            Victim::Client => client.kill()?,
            Victim::Relay => {
                self.relay.restart()?;
                self.line.release();
                client.ended(PATIENCE).await?;
            }
        }
        self.line.release();
        self.line.rule(|_| Fate::Pass);
        Ok(())
    }

    /// Sends a claim that does not reach 国保連, and again; meanwhile cuts the power of `victim` when `step` stands at `point`.
    async fn fail_again(
        &mut self,
        victim: Victim,
        step: Step,
        point: Point,
        (office, person): (&str, &str),
    ) -> anyhow::Result<()> {
        let (name, service) = self.next();
        let claim = stumbling_claim(self.folder.path(), &name, office, person, &service)?;
        let id = sha256(&claim)?;
        self.line.rule(|_| Fate::Pass);
        let words = ["send".as_ref(), claim.as_os_str(), "--until-accepted".as_ref()];
        let failed = self.todoke.run(&words)?.exits(1)?.json()?;
        ensure!(failed[0]["state"] == "external_error", "it was to fail: {failed:#}");
        self.cut(victim, step, point, &["send-again".as_ref(), id.as_ref()]).await?;
        self.arrives_again(&claim).await.with_context(|| format!("{victim:?} at {step:?}, {point:?}"))
    }

    /// Asks once more to send again, which sends what waits, and looks at both ends.
    async fn arrives_again(&self, claim: &Path) -> anyhow::Result<()> {
        let id = sha256(claim)?;
        let answer = self.todoke.run(&["send-again", &id, "--wait", "30"])?;
        ensure!(answer.code == 0 || answer.names("E-1417"), "neither sent nor there already: {answer:#?}");
        let held = self.witness.submissions().await?;
        let copies: Vec<_> = held.iter().filter(|submission| submission.sha256 == id).collect();
        ensure!(copies.len() == 1 && held.len() == self.sent, "{} copies of {} files", copies.len(), held.len());
        let copy = copies[0];
        ensure!((copy.announced.round, copy.earlier.len()) == (2, 1), "not one more round: {copy:?}");
        ensure!(copy.accept_code.is_some() && copy.accept_code != copy.earlier[0].accept_code, "no round: {copy:?}");
        let sent = copy.history.iter().filter(|change| change.state == State::Transmitting).count();
        ensure!(sent <= 1, "sent to 国保連 {sent} times: {copy:?}");
        let status = self.todoke.run(&["status"])?.exits(0)?.json()?;
        let mut entries = status.as_array().into_iter().flatten().filter(|row| row["id"] == id.as_str());
        let entry = entries.next().context("the outbox lost it")?;
        ensure!(entries.next().is_none(), "the outbox holds it twice");
        let ended = &entry["earlier"][0]["state_word"];
        ensure!(entry["round"] == 2 && ended == "外部エラー", "the outbox says {entry:#}");
        let state = entry["state"].as_str().unwrap_or_default();
        ensure!(!["ready", "sending", "refused"].contains(&state), "the outbox says {state}");
        Ok(())
    }

    /// Starts the program anew, which sends what waits, and looks at both ends.
    async fn arrives_once(&self, claim: &Path) -> anyhow::Result<()> {
        let id = sha256(claim)?;
        self.todoke.send(claim, 30)?.exits(0)?;
        let held = self.witness.submissions().await?;
        let copies: Vec<_> = held.iter().filter(|submission| submission.sha256 == id).collect();
        ensure!(copies.len() == 1, "{} copies at the relay", copies.len());
        ensure!(held.len() == self.sent, "{} files sent, {} at the relay", self.sent, held.len());
        ensure!(copies[0].accept_code.is_some(), "announced, but the bytes are not there: {copies:?}");
        ensure!(self.witness.content(&id).await? == std::fs::read(claim)?, "other bytes at the relay");
        let status = self.todoke.run(&["status"])?.exits(0)?.json()?;
        let entry = status.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == id.as_str()));
        let state = entry.and_then(|entry| entry["state"].as_str()).unwrap_or("missing");
        ensure!(!["missing", "ready", "sending", "refused"].contains(&state), "the outbox says {state}");
        Ok(())
    }
}

async fn fail_at_every_step(victim: Victim) -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    scene.rehearse()?;
    for step in Step::ALL {
        for point in Point::ALL {
            // Only the bytes are long enough to be cut in their middle.
            if point != Point::HalfWay || step == Step::Content {
                scene.fail(victim, step, point).await?;
            }
        }
    }
    Ok(())
}

/// Each office meets each of these once; then the same bytes pass.
const MISHAPS: [(&str, &str); 7] = [
    (OFFICE, "0000000910"),
    (OFFICE, "0000000911"),
    (OFFICE, "0000000912"),
    ("9970000023", "0000000910"),
    ("9970000023", "0000000911"),
    ("9970000023", "0000000912"),
    ("9970000031", "0000000910"),
];

async fn fail_while_sending_again(victim: Victim) -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let mut mishaps = MISHAPS.into_iter();
    for step in [Step::Announce, Step::Content] {
        for point in Point::ALL {
            if point != Point::HalfWay || step == Step::Content {
                let mishap = mishaps.next().context("one mishap for each point")?;
                scene.fail_again(victim, step, point, mishap).await?;
            }
        }
    }
    ensure!(mishaps.next().is_none(), "every point was tried");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn client_killed_while_it_sends_again_makes_one_more_round() -> anyhow::Result<()> {
    fail_while_sending_again(Victim::Client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_killed_while_it_is_sent_again_holds_one_more_round() -> anyhow::Result<()> {
    fail_while_sending_again(Victim::Relay).await
}

#[tokio::test(flavor = "multi_thread")]
async fn client_killed_at_every_step_sends_exactly_once() -> anyhow::Result<()> {
    fail_at_every_step(Victim::Client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_killed_at_every_step_holds_exactly_once() -> anyhow::Result<()> {
    fail_at_every_step(Victim::Relay).await
}
