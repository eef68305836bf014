//! A relay that refuses, stalls, breaks off, answers with faults, twice or slowly: each failure has its own code, nothing
//! is lost and nothing is sent twice.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use todoke_tests::claims::{fixture, sha256};
use todoke_tests::line::{Fate, Line, Passing, Point};
use todoke_tests::program::Program;
use todoke_tests::relay::{Relay, Witness};
use todoke_tests::todoke::{PASSWORD, Todoke};

/// A signed-in computer behind a line that can be made to misbehave.
struct Day {
    todoke: Todoke,
    line: Line,
    relay: Relay,
    claim: PathBuf,
    id: String,
    _folder: tempfile::TempDir,
}

impl Day {
    async fn begin() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let relay = Relay::start(&folder.path().join("relay"))?;
        let line = Line::open(relay.address()).await?;
        let todoke = Todoke::new(folder.path()).with_relay(line.url());
        todoke.log_in(&relay.letter()?)?;
        let claim = fixture("KK260601.CSV");
        let id = sha256(&claim)?;
        Ok(Self { todoke, line, relay, claim, id, _folder: folder })
    }

    async fn witness(&self) -> anyhow::Result<Witness> {
        self.relay.witness(&self.relay.letter()?, PASSWORD).await
    }

    /// Sends while `fate` meets every request that `which` chooses, expects `code`, then mends the line and expects the
    /// file to be at the relay exactly once.
    async fn check(&self, which: fn(&Passing) -> bool, fate: Fate, code: &str) -> anyhow::Result<()> {
        self.line.rule(move |passing| if which(passing) { fate } else { Fate::Pass });
        let answer = self.todoke.send(&self.claim, 1)?.exits(1)?;
        let waiting = &answer.json()?[0];
        assert_eq!(waiting["id"], self.id.as_str(), "{fate:?}");
        assert_eq!(waiting["state"], "ready", "{fate:?}: the file waits: {waiting:#}");
        assert_eq!(waiting["problem"]["code"], code, "{fate:?}: {waiting:#}\n{:?}", self.line.passed());
        assert!(self.line.passed().iter().any(which), "{fate:?} met no request: {:?}", self.line.passed());

        self.line.rule(|_| Fate::Pass);
        self.arrives_once(&format!("{fate:?}")).await
    }

    async fn arrives_once(&self, after: &str) -> anyhow::Result<()> {
        let sent = self.todoke.send(&self.claim, 30)?.exits(0)?.json()?;
        assert_eq!(sent[0]["repeated"], true, "after {after}: {sent:#}");
        let held = self.witness().await?.submissions().await?;
        assert_eq!(held.len(), 1, "after {after}: {held:?}");
        assert_eq!(held[0].sha256, self.id);
        assert!(held[0].accept_code.is_some(), "after {after}: the bytes are not there: {held:?}");
        Ok(())
    }
}

fn content(passing: &Passing) -> bool {
    passing.method == "PUT" && passing.path.ends_with("/content")
}

fn announcement(passing: &Passing) -> bool {
    passing.method == "PUT" && !passing.path.ends_with("/content")
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_announcement() -> anyhow::Result<()> {
    Day::begin().await?.check(announcement, Fate::Lose, "E-1303").await
}

#[tokio::test(flavor = "multi_thread")]
async fn content_cut_in_the_middle() -> anyhow::Result<()> {
    Day::begin().await?.check(content, Fate::CutRequest, "E-1303").await
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_cut_in_the_middle() -> anyhow::Result<()> {
    Day::begin().await?.check(announcement, Fate::CutAnswer, "E-1303").await
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_relay() -> anyhow::Result<()> {
    Day::begin().await?.check(announcement, Fate::Answer(500), "E-1304").await
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_between() -> anyhow::Result<()> {
    Day::begin().await?.check(content, Fate::Answer(502), "E-1304").await
}

#[tokio::test(flavor = "multi_thread")]
async fn silence() -> anyhow::Result<()> {
    Day::begin().await?.check(content, Fate::Stall, "E-1302").await
}

/// The lid is closed while the bytes go out: the program stands still, and when it wakes its connection is gone.
#[tokio::test(flavor = "multi_thread")]
async fn asleep_in_the_middle_of_sending() -> anyhow::Result<()> {
    let mut day = Day::begin().await?;
    let mut first = true;
    day.line.rule(move |passing| {
        let hold = content(passing) && std::mem::take(&mut first);
        if hold { Fate::Hold(Point::HalfWay) } else { Fate::Pass }
    });
    let words = ["send".as_ref(), day.claim.as_os_str(), "--wait".as_ref(), "60".as_ref()];
    let mut client = day.todoke.start(&words)?;
    let patience = Duration::from_mins(1);
    day.line.held(patience).await?;
    signal(&client, "STOP")?;
    day.line.release();
    signal(&client, "CONT")?;
    assert!(client.ended(patience).await?.success(), "{}", client.logged());
    let puts = day.line.passed().into_iter().filter(content).count();
    assert_eq!(puts, 2, "cut once, then whole: {:?}", day.line.passed());
    day.arrives_once("a sleep").await
}

fn signal(program: &Program, name: &str) -> anyhow::Result<()> {
    let sent = Command::new("kill").args(["-s", name, &program.id().to_string()]).status()?;
    ensure!(sent.success(), "{name} was not delivered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_at_the_address() -> anyhow::Result<()> {
    Day::begin().await?.check(announcement, Fate::Answer(403), "E-1305").await
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_down() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let claim = fixture("KK260601.CSV");
    let id = sha256(&claim)?;
    relay.kill()?;
    let answer = todoke.send(&claim, 1)?.exits(1)?;
    assert!(answer.names("E-1301"), "{answer:#?}");
    relay.restart()?;
    todoke.send(&claim, 30)?.exits(0)?;
    let held = relay.witness(&relay.letter()?, PASSWORD).await?.submissions().await?;
    assert_eq!(held.iter().map(|submission| submission.sha256.as_str()).collect::<Vec<_>>(), [id]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answer() -> anyhow::Result<()> {
    Day::begin().await?.check(announcement, Fate::LoseAnswer, "E-1303").await
}

/// The relay has the file, only its answer is lost: asking again tells, and the person need not do anything.
#[tokio::test(flavor = "multi_thread")]
async fn lost_receipt_cures_itself() -> anyhow::Result<()> {
    for fate in [Fate::LoseAnswer, Fate::CutAnswer] {
        let day = Day::begin().await?;
        day.line.rule(move |passing| if content(passing) { fate } else { Fate::Pass });
        day.todoke.send(&day.claim, 60)?.exits(0)?;
        let puts = day.line.passed().into_iter().filter(content).count();
        assert_eq!(puts, 1, "{fate:?}: the bytes went over the line again although the relay had them");
        day.arrives_once(&format!("{fate:?}")).await?;
    }
    Ok(())
}

/// What waits here may be at the relay already: the relay is asked before anything is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_unnoticed_cannot_be_taken_back() -> anyhow::Result<()> {
    let day = Day::begin().await?;
    // The bytes arrive; from then on the relay has a fault, so that nobody can tell.
    let mut arrived = false;
    day.line.rule(move |passing| {
        if arrived && passing.path.starts_with("/v1/submissions") {
            return Fate::Answer(500);
        }
        arrived |= content(passing);
        if content(passing) { Fate::LoseAnswer } else { Fate::Pass }
    });
    let answer = day.todoke.send(&day.claim, 1)?.exits(1)?;
    assert_eq!(answer.json()?[0]["state"], "ready", "{answer:#?}");
    day.todoke.run(&["withdraw", &day.id])?.exits(2)?;

    day.line.rule(|_| Fate::Pass);
    let refused = day.todoke.run(&["withdraw", &day.id])?.exits(1)?;
    assert!(refused.names("E-1411"), "{refused:#?}");
    day.arrives_once("a refused withdrawal").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_is_taken_back_without_a_line() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let claim = fixture("KK260601.CSV");
    relay.kill()?;
    todoke.send(&claim, 0)?.exits(1)?;
    todoke.run(&["withdraw", &sha256(&claim)?])?.exits(0)?;
    relay.restart()?;
    assert_eq!(todoke.run(&["status"])?.exits(0)?.json()?, serde_json::json!([]));
    todoke.run(&["sync"])?.exits(0)?;
    assert_eq!(relay.witness(&relay.letter()?, PASSWORD).await?.submissions().await?.len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_and_repeated_requests_change_nothing() -> anyhow::Result<()> {
    for fate in [Fate::Slow, Fate::Twice] {
        let day = Day::begin().await?;
        day.line.rule(move |_| fate);
        day.todoke.send(&day.claim, 60)?.exits(0)?;
        day.line.rule(|_| Fate::Pass);
        day.arrives_once(&format!("{fate:?}")).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_is_tried_once_and_says_what_is_left() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let line = Line::open(relay.address()).await?;
    let todoke = Todoke::new(folder.path()).with_relay(line.url());
    let letter = relay.letter()?;
    line.rule(|_| Fate::Pass);
    let words = ["login", "--corporation", &letter.corporation_number, "--id", &letter.login_id];
    let answer = todoke.run_with(&words, "chigau-password\n")?.exits(1)?;
    assert!(answer.names("E-1101"), "{answer:#?}");
    assert!(answer.output.contains("あと4回") || answer.complaint.contains("あと4回"), "{answer:#?}");
    let tries = line.passed().into_iter().filter(|passing| passing.path == "/v1/sessions").count();
    assert_eq!(tries, 1, "a refused password is never tried again");
    Ok(())
}

#[test]
fn no_relay_was_ever_there() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    // Bound for a moment, so that nobody listens there now.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let todoke = Todoke::new(folder.path()).with_relay(format!("http://{address}"));
    let words = ["login", "--corporation", "1234567890123", "--id", "demo"];
    let answer = todoke.run_with(&words, "whatever-it-is\n")?.exits(2)?;
    assert!(answer.names("E-1301"), "{answer:#?}");
    Ok(())
}
