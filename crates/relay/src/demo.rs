//! The demonstration: a sample corporation, a clock that can be moved forward, and a simulated 国保連 behind a terminal.
//!
//! [`Relay::step_demo`] is what a terminal does again and again. Each step is kept as a whole or not at all; after a
//! failure or a kill the simulated 国保連 is loaded again as it was kept, and what did not reach it is handed to it anew.

mod files;
mod history;

use std::collections::HashMap;
use std::path::PathBuf;

use calendar::ClaimWindow;
use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use kokuhoren_sim::{CannotCancel, Event, Kokuhoren, Reference, Scenario};
use relay_api::{Milestone, RelayStatus, State};

use crate::admin::{AdminError, Letter};
use crate::clock::{in_japan, wire};
use crate::desk::next_turn;
use crate::failure::Failure;
use crate::storage::{Change, NewContract, Step, Work};
use crate::terminal::state_of;
use crate::{Config, OpenError, Relay};

pub use files::{SampleFile, sample_files};

/// 法人番号 of the sample corporation.
pub const CORPORATION: &str = "9900000001";
/// 法人用ID of the sample corporation.
pub const LOGIN_ID: &str = "sakura-honbu";
/// Its temporary password, the same for every demonstration.
pub const PASSWORD: &str = "sakura-hajimete-2026";

const CORPORATION_NAME: &str = "社会福祉法人さくら福祉会";
const OFFICES: [(&str, &str); 3] = [
    ("9970000015", "さくらデイサービス"),
    ("9970000023", "さくらヘルパーステーション"),
    ("9970000031", "さくら訪問看護ステーション"),
];

/// When every demonstration begins: inside a claim window, on a working day.
const START: &str = "2026-06-05T10:00:00+09:00";
/// First month of the sample offices' contracts: before the longest history.
const SINCE: &str = "2016-06";
/// Farthest that the clock can be moved at once.
const FARTHEST: TimeDelta = TimeDelta::days(366);
/// How much of the demonstration's time a kill may cost, at most.
const KEEP_EVERY: TimeDelta = TimeDelta::seconds(10);

/// The simulated 国保連 behind its terminal.
pub(crate) struct Demo {
    letter: PathBuf,
    /// `None` before the first step and after one that failed.
    terminal: tokio::sync::Mutex<Option<Terminal>>,
}

struct Terminal {
    kokuhoren: Kokuhoren,
    references: HashMap<u64, i64>,
    /// Taken, but not yet handed to the 国保連.
    work: Vec<Work>,
    kept: DateTime<FixedOffset>,
}

impl Demo {
    pub(crate) fn new(data: &std::path::Path) -> Self {
        Self { letter: data.join("demo-letter.txt"), terminal: tokio::sync::Mutex::new(None) }
    }
}

impl Relay {
    /// Opens a demonstration: at its first start with the sample corporation on 2026-06-05 10:00, later where it was left.
    ///
    /// `history` is the number of months before that which the sample offices have claimed; only the first start counts. A
    /// start that was killed while it played them goes on where it was.
    ///
    /// # Errors
    ///
    /// Returns [`OpenError::Real`] for the folder of a real relay.
    pub async fn open_demo(config: Config, history: u32) -> Result<Self, OpenError> {
        let relay = Self::open_as(config, true).await?;
        let start = DateTime::parse_from_rfc3339(START).unwrap_or_default();
        let (now, history) = match relay.storage().simulation().await? {
            Some(simulation) => (simulation.now, simulation.history),
            None if relay.storage().is_empty().await? => {
                let now = if history > 0 { history::begins(start, history).unwrap_or(start) } else { start };
                relay.storage().keep_demo_history(now, history).await?;
                (now, history)
            }
            None => return Err(OpenError::Real),
        };
        relay.clock().set_business(now);
        relay.add_sample().await?;
        if history > 0 {
            relay.play_history(history, start).await.map_err(OpenError::History)?;
        }
        Ok(relay)
    }

    /// Does what a terminal does: hands waiting submissions to the 国保連, asks it what happened, and keeps the answers.
    pub async fn step_demo(&self) -> Result<(), Failure> {
        let demo = self.demo().ok_or(Failure::NotFound)?;
        let mut terminal = demo.terminal.lock().await;
        self.step(&mut terminal).await
    }

    /// Moves the demonstration's clock to `to` (RFC 3339). When it returns, everything until then has happened.
    pub(crate) async fn advance_demo(&self, to: &str) -> Result<(), Failure> {
        let demo = self.demo().ok_or(Failure::NotFound)?;
        let to = DateTime::parse_from_rfc3339(to).map_err(|_| Failure::Malformed("to is not RFC 3339".into()))?;
        let mut terminal = demo.terminal.lock().await;
        let now = self.clock().business();
        // The wire shows whole seconds: the present moment as a client read it must not count as the past.
        if to < now - TimeDelta::seconds(1) || to > now + FARTHEST {
            return Err(Failure::Malformed("to is in the past or over a year ahead".into()));
        }
        // What waits at this moment is sent at this moment, not after the jump.
        self.step(&mut terminal).await?;
        self.clock().set_business(to.max(now));
        self.step(&mut terminal).await
    }

    /// Keeps the demonstration's time, before the process ends.
    pub async fn keep_demo_time(&self) -> Result<(), Failure> {
        Ok(self.storage().keep_demo_time(self.clock().business()).await?)
    }

    /// Tells what the relay says of itself.
    pub async fn status(&self) -> Result<RelayStatus, Failure> {
        let demo = match self.demo() {
            None => None,
            Some(demo) => {
                let mut terminal = demo.terminal.lock().await;
                let terminal = self.loaded(&mut terminal).await?;
                let now = self.clock().business().naive_local();
                let mut milestones = terminal.kokuhoren.milestones(now);
                milestones.extend(next_window(now));
                milestones.extend(self.desk_milestones().await?);
                milestones.sort();
                let milestones = milestones.into_iter().map(|(at, label)| Milestone { at: wire(in_japan(at)), label });
                Some(relay_api::Demo { milestones: milestones.collect() })
            }
        };
        let last_contact = self.storage().last_contact().await?;
        Ok(RelayStatus { now: wire(self.clock().business()), last_contact, demo })
    }

    /// Returns what the operator's desk does next with each application under way.
    async fn desk_milestones(&self) -> Result<Vec<(NaiveDateTime, String)>, Failure> {
        let calendar = self.operator_calendar().await?;
        let rows = self.storage().all_applications(true).await?;
        let turns = rows.iter().filter_map(|row| next_turn(row, &calendar));
        let mut milestones: Vec<_> = turns.map(|(at, turn)| (at.naive_local(), turn.label().to_owned())).collect();
        milestones.sort();
        milestones.dedup();
        Ok(milestones)
    }

    /// Writes the letter of the sample corporation beside the data, once the address is known. Returns its text.
    pub async fn write_demo_letter(&self, address: &str) -> Result<String, Failure> {
        let demo = self.demo().ok_or(Failure::NotFound)?;
        let letter = Letter {
            corporation_name: CORPORATION_NAME.to_owned(),
            corporation_number: CORPORATION.to_owned(),
            office: None,
            login_id: LOGIN_ID.to_owned(),
            password: Some(PASSWORD.to_owned()),
            address: Some(address.to_owned()),
        };
        let text = format!(
            "{}\n※ これは体験用です。実際の請求は行われません。パスワードを変更したあとは、新しいパスワードをお使いください。\n",
            letter.text()
        );
        tokio::fs::write(&demo.letter, &text).await.map_err(|error| Failure::Internal(error.into()))?;
        Ok(text)
    }

    /// Adds what is missing of the sample corporation.
    async fn add_sample(&self) -> Result<(), OpenError> {
        let there = |result: Result<(), AdminError>| match result {
            Ok(()) | Err(AdminError::Exists) => Ok(()),
            Err(error) => Err(OpenError::Sample(error)),
        };
        let since = SINCE.parse().map_err(|_| OpenError::Sample(AdminError::Month))?;
        there(self.add_corporation(CORPORATION, CORPORATION_NAME).await)?;
        for (number, name) in OFFICES {
            there(self.add_office(CORPORATION, number, name, NewContract::from(since)).await)?;
        }
        there(self.add_login(CORPORATION, LOGIN_ID, None, Some(PASSWORD)).await.map(drop))
    }

    async fn step(&self, terminal: &mut Option<Terminal>) -> Result<(), Failure> {
        let done = match self.loaded(terminal).await {
            Ok(terminal) => self.try_step(terminal).await,
            Err(failure) => Err(failure),
        };
        if done.is_err() {
            // What is in memory is ahead of what was kept; the next step starts from what was kept.
            *terminal = None;
        }
        done
    }

    async fn try_step(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        let now = self.clock().business();
        if self.work_at_demo_desk(now).await? {
            for office in self.storage().corporations().await?.into_iter().flat_map(|corporation| corporation.offices) {
                terminal.kokuhoren.name_office(&office.number, &office.name);
            }
        }
        self.end_overdue().await?;
        terminal.work.extend(self.take_work().await?);
        let mut references = Vec::new();
        for work in std::mem::take(&mut terminal.work) {
            let content = self.work_content(&work).await?;
            let reference = terminal.kokuhoren.submit(&content, now.naive_local()).0;
            terminal.references.insert(reference, work.submission);
            references.push((reference, work.submission));
        }
        let mut step = Step::at(now);
        for work in self.storage().cancel_requests().await? {
            let Some((&reference, _)) = terminal.references.iter().find(|(_, of)| **of == work.submission) else {
                continue;
            };
            let refused = terminal.kokuhoren.cancel(Reference(reference), now.naive_local()).err();
            let change = Change {
                submission: work.submission,
                state: State::Cancelling,
                basic_code: None,
                message: refused.map(|_| "国保連が取消を受け付けませんでした。".to_owned()),
                at: now,
            };
            match refused {
                None | Some(CannotCancel::AlreadyCancelled) => step.changes.push(change),
                Some(_) => step.cancellations.push((change, false)),
            }
        }
        let events = terminal.kokuhoren.advance(now.naive_local());
        if references.is_empty() && events.is_empty() && step.is_empty() {
            if now - terminal.kept >= KEEP_EVERY {
                self.storage().keep_demo_time(now).await?;
                terminal.kept = now;
            }
            return Ok(());
        }
        step.snapshot = terminal.kokuhoren.save();
        step.references = references;
        for event in events {
            self.note(event, &terminal.references, &mut step).await?;
        }
        self.storage().keep_step(step).await?;
        terminal.kept = now;
        Ok(())
    }

    /// Adds what happened at the 国保連 to `step`.
    async fn note(&self, event: Event, references: &HashMap<u64, i64>, step: &mut Step) -> Result<(), Failure> {
        match event {
            Event::State { reference, basic_code, message, at } => {
                if let (Some(&submission), Some(state)) = (references.get(&reference.0), state_of(&basic_code)) {
                    let basic_code = Some(basic_code);
                    step.changes.push(Change { submission, state, basic_code, message, at: in_japan(at) });
                } else {
                    tracing::warn!(basic_code, "The 国保連 spoke of an unknown submission or state");
                }
            }
            Event::Cancellation { reference, done, at } => {
                if let Some(&submission) = references.get(&reference.0) {
                    let message = (!done).then(|| "受付期間が終わったため、取消ができませんでした。".to_owned());
                    let (state, at) = (State::Cancelled, in_japan(at));
                    step.cancellations.push((Change { submission, state, basic_code: None, message, at }, done));
                }
            }
            Event::Announcement { prefecture, file_name, bytes, at } => {
                let offices = self.storage().offices_of(prefecture.clone(), None).await?;
                let files =
                    self.store_announcement(&prefecture, offices, &file_name, bytes.into(), in_japan(at)).await?;
                step.documents.extend(files);
            }
            Event::Document { office, file_name, bytes, at } => {
                step.documents.push(self.store_document(&office, &file_name, bytes.into(), in_japan(at)).await?);
            }
        }
        Ok(())
    }

    /// Returns the simulated 国保連, loaded as it was kept if need be.
    async fn loaded<'a>(&self, terminal: &'a mut Option<Terminal>) -> Result<&'a mut Terminal, Failure> {
        if terminal.is_none() {
            let kept = self.storage().simulation().await?.ok_or(Failure::NotFound)?;
            let mut kokuhoren = match kept.snapshot {
                Some(snapshot) => Kokuhoren::load(&snapshot).map_err(|error| Failure::Internal(error.into()))?,
                None => Kokuhoren::new(Scenario::demo()),
            };
            // A claim file carries no names; the notices print them.
            for office in self.storage().corporations().await?.into_iter().flat_map(|corporation| corporation.offices) {
                kokuhoren.name_office(&office.number, &office.name);
            }
            let work = self.storage().untransmitted().await?;
            *terminal = Some(Terminal { kokuhoren, references: kept.references, work, kept: kept.now });
        }
        terminal.as_mut().ok_or(Failure::NotFound)
    }
}

/// Returns when the next claim window opens, unless one is open: claims can be practised only inside one.
fn next_window(now: NaiveDateTime) -> Option<(NaiveDateTime, String)> {
    let window = ClaimWindow::current_or_next(now.date());
    if window.is_open(now.date()) {
        return None;
    }
    let label = format!("{}月請求の受付が始まります", window.processing_month.month());
    Some((window.opens().and_hms_opt(9, 0, 0)?, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_offices_have_valid_numbers() {
        for (number, _) in OFFICES {
            assert!(kokuho::OfficeNumber::parse(number).is_ok(), "{number}");
        }
    }

    #[test]
    fn every_basic_code_has_a_state() {
        let states: Vec<_> = (1..=12).map(|n| state_of(&format!("5C{n:02}"))).collect();
        assert!(states.iter().all(Option::is_some));
        assert_eq!(state_of("5C13"), None);
    }

    #[test]
    fn starts_in_a_claim_window() {
        let start = DateTime::parse_from_rfc3339(START).unwrap().naive_local();
        assert!(calendar::ClaimWindow::current_or_next(start.date()).is_open(start.date()));
    }
}
