//! kill -9 between any two steps of sending, of the client and of the relay: the relay holds the file exactly once, and
//! the outbox knows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use todoke_tests::claims::{OFFICE, clean_claim, sha256};
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

    /// Makes a claim that was never sent: another service month each time.
    fn next_claim(&mut self) -> anyhow::Result<PathBuf> {
        let (year, month) = (2024 + self.sent / 12, self.sent % 12 + 1);
        self.sent += 1;
        let name = format!("KK{:06}.CSV", self.sent);
        clean_claim(self.folder.path(), &name, OFFICE, &format!("{year}{month:02}"), "202606")
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
        let mut first = true;
        self.line.rule(move |passing| {
            let hold = Step::of(passing) == Some(step) && std::mem::take(&mut first);
            if hold { Fate::Hold(point) } else { Fate::Pass }
        });
        let mut client = self.todoke.start(&["send".as_ref(), claim.as_os_str()])?;
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
        self.arrives_once(&claim).await.with_context(|| format!("{victim:?} at {step:?}, {point:?}"))
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

#[tokio::test(flavor = "multi_thread")]
async fn client_killed_at_every_step_sends_exactly_once() -> anyhow::Result<()> {
    fail_at_every_step(Victim::Client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_killed_at_every_step_holds_exactly_once() -> anyhow::Result<()> {
    fail_at_every_step(Victim::Relay).await
}
