//! What the program does by itself: asks how the relay is, sends what waits, follows what was sent, fetches notices.
//!
//! The shells call [`App::tick`] about every [`TICK`]; nothing here waits by itself (D12).

use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};

use crate::problem::{Code, Problem};
use crate::relay_client::RelayError;
use crate::support::{CLOCK_OFF, off_words};
use crate::views::{ConnectionState, ConnectionView, DemoView, FrameView, MilestoneView, WindowView};
use crate::{App, Topic, setting};

/// How often the shells call [`App::tick`].
pub const TICK: Duration = Duration::from_millis(500);

/// Seconds between two questions of one kind.
mod every {
    /// How the relay is, while it answers.
    pub const STATUS: i64 = 15;
    /// How the relay is, while it does not answer, or in a demonstration.
    pub const STATUS_EAGER: i64 = 2;
    /// What became of submissions under way.
    pub const SUBMISSIONS: i64 = 20;
    /// The same in a demonstration, where states take seconds.
    pub const SUBMISSIONS_EAGER: i64 = 1;
    /// Notices.
    pub const DOCUMENTS: i64 = 120;
    /// Notices in a demonstration.
    pub const DOCUMENTS_EAGER: i64 = 3;
    /// How an application stands.
    pub const ONBOARDING: i64 = 60;
    /// The same in a demonstration.
    pub const ONBOARDING_EAGER: i64 = 2;
    /// What lies in the watched folder.
    pub const FOLDER: i64 = 5;
    /// Whether there is a newer version.
    pub const RELEASE: i64 = 6 * 60 * 60;
}

/// Time between two ticks from which the computer must have slept.
const ASLEEP: TimeDelta = TimeDelta::seconds(60);

/// Whether anything is left to do soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing waits in the outbox and nothing is under way.
    Nothing,
    /// Something waits or is under way.
    Something,
}

/// When each kind of question was last asked, in the time of this computer; `None` asks at once.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    pub status: Option<NaiveDateTime>,
    pub submissions: Option<NaiveDateTime>,
    pub documents: Option<NaiveDateTime>,
    pub onboarding: Option<NaiveDateTime>,
    pub folder: Option<NaiveDateTime>,
    pub release: Option<NaiveDateTime>,
    /// The last tick of all.
    pub tick: Option<NaiveDateTime>,
}

impl App {
    /// Does what is due. Failures are kept as the state of the connection or of a submission, where the screens show them.
    pub async fn tick(&self) -> Result<Waiting, Problem> {
        let eager = self.line().demo.is_some();
        self.notice_sleep();
        if self.due(|asked| &mut asked.folder, every::FOLDER) {
            quietly(self.look_into_folder().await);
        }
        if self.relay().is_ok()
            && self.due(
                |asked| &mut asked.status,
                if eager || !self.is_online() { every::STATUS_EAGER } else { every::STATUS },
            )
        {
            self.ask_status().await;
        }
        let pause = if eager { every::ONBOARDING_EAGER } else { every::ONBOARDING };
        if self.is_online() && self.due(|asked| &mut asked.onboarding, pause) {
            quietly(self.follow_onboarding().await);
        }
        if self.is_online() && self.due(|asked| &mut asked.release, every::RELEASE) {
            quietly(self.look_for_release().await);
        }
        let ready = match self.account().await? {
            Some(account) => !account.must_change_password && self.is_online(),
            None => false,
        };
        if ready {
            self.recover_unclear().await?;
            self.send_due().await?;
        }
        let waiting = self.under_way().await?;
        if ready {
            // An event asks even when nothing of this computer is under way: another one may have sent.
            if (waiting == Waiting::Something || self.line().asked.submissions.is_none())
                && self.due(
                    |asked| &mut asked.submissions,
                    if eager { every::SUBMISSIONS_EAGER } else { every::SUBMISSIONS },
                )
            {
                quietly(self.follow_submissions().await);
            }
            if self.due(|asked| &mut asked.documents, if eager { every::DOCUMENTS_EAGER } else { every::DOCUMENTS }) {
                quietly(self.sync().await.map(drop));
                // What other computers of the office sent shows up here too.
                quietly(self.follow_submissions().await);
            }
        }
        self.under_way().await
    }

    /// Asks everything anew after the computer slept or stood still: what was known of the line is old, and connections
    /// from before are dead.
    fn notice_sleep(&self) {
        let now = self.0.config.clock.now();
        let mut line = self.line();
        let former = line.asked.tick.replace(now);
        if former.is_some_and(|former| now - former >= ASLEEP) {
            line.asked = Asked { tick: Some(now), ..Asked::default() };
            tracing::info!("The computer slept; asking everything anew");
        }
    }

    /// Returns what the frame around the screens shows. Works without a line.
    pub async fn frame(&self) -> Result<FrameView, Problem> {
        let account = self.who().await?;
        let accounts = self.known_accounts().await?.into_iter().map(|known| known.account.into()).collect();
        let onboarding_under_way = self.onboarding_under_way().await?;
        let relay_url = self.relay().ok().map(|relay| relay.address());
        let unread_notices = self.store(store::Store::unread_notices).await?;
        let open_returns = self.open_returns().await?;
        let (connection, demo, clock_ahead) = {
            let line = self.line();
            (line.connection.clone(), line.demo.clone(), line.clock_ahead)
        };
        let now = self.now();
        Ok(FrameView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            relay_url,
            account,
            accounts,
            onboarding_under_way,
            connection,
            demo: demo.map(|demo| DemoView { now: rfc3339(now), ..demo }),
            today: now.date().to_string(),
            window: window_view(now),
            clock_off: clock_ahead.map(off_words),
            new_version: self.announced_version(now),
            unread_notices,
            open_returns,
        })
    }

    /// Moves the clock of a demonstration to `to` (RFC 3339).
    pub async fn advance_demo(&self, to: &str) -> Result<FrameView, Problem> {
        if self.line().demo.is_none() {
            return Err(Code::NotADemo.into());
        }
        let status = self.heard(self.relay()?.advance_clock(to).await)?;
        self.take_status(&status).await?;
        // Before the first sign-in only the application moves on.
        quietly(self.follow_onboarding().await);
        if self.account().await?.is_some_and(|account| !account.must_change_password) {
            self.follow_submissions().await?;
            self.sync().await?;
        }
        self.announce_change(Topic::Frame);
        self.frame().await
    }

    /// Asks the relay how it is; needs no session.
    pub(crate) async fn ask_status(&self) {
        let Ok(relay) = self.relay() else { return };
        let before = self.line().connection.state;
        match relay.status().await {
            Ok(status) => quietly(self.take_status(&status).await),
            Err(error) => quietly(self.heard::<()>(Err(error)).map(drop)),
        }
        if before != self.line().connection.state {
            self.announce_change(Topic::Frame);
            self.announce_change(Topic::Submissions);
        }
    }

    pub(crate) async fn take_status(&self, status: &relay_api::RelayStatus) -> Result<(), Problem> {
        let clock = &self.0.config.clock;
        let is_demo = status.demo.is_some();
        let (moved, begun_or_ended, other_milestones, back) = {
            let mut line = self.line();
            let back = line.connection.state == ConnectionState::Offline;
            if line.connection.state != ConnectionState::SignedOut {
                line.connection.state = ConnectionState::Online;
                line.connection.problem = None;
            }
            line.connection.last_contact.clone_from(&status.last_contact);
            let begun_or_ended = line.demo.is_some() != is_demo;
            let before = line.demo.take().map(|demo| demo.milestones);
            line.demo = status.demo.as_ref().map(|demo| DemoView {
                now: status.now.clone(),
                milestones: demo
                    .milestones
                    .iter()
                    .map(|milestone| MilestoneView { at: milestone.at.clone(), label: milestone.label.clone() })
                    .collect(),
            });
            let other_milestones = before != line.demo.as_ref().map(|demo| demo.milestones.clone());
            let offset = match moment(&status.now) {
                // A clock that stands tells nothing of how far the two are apart.
                Some(_) if is_demo && clock.stands() => line.offset,
                Some(now) if is_demo => TimeDelta::seconds((now - clock.now()).num_seconds()),
                _ => TimeDelta::zero(),
            };
            // A second more or less is the time that the answer took; only a move of the clock is worth keeping.
            let moved = ((line.offset - offset).abs() > TimeDelta::seconds(2)).then_some(offset);
            line.offset = moved.unwrap_or(line.offset);
            (moved, begun_or_ended, other_milestones, back)
        };
        if !clock.stands() {
            let ahead = moment(&status.now).filter(|_| !is_demo).map(|theirs| clock.now() - theirs);
            let off = ahead.filter(|ahead| ahead.abs() >= CLOCK_OFF);
            let before = std::mem::replace(&mut self.line().clock_ahead, off);
            if before.is_some() != off.is_some() {
                self.announce_change(Topic::Frame);
            }
        }
        let now = self.now();
        self.line().connection.last_answer = Some(rfc3339(now));
        if let Some(offset) = moved {
            let text = offset.num_seconds().to_string();
            self.store(move |store| store.set_setting(setting::CLOCK_OFFSET, &text)).await?;
        }
        if begun_or_ended {
            self.store(move |store| {
                if is_demo { store.set_setting(setting::DEMO, "1") } else { store.remove_setting(setting::DEMO) }
            })
            .await?;
        }
        if moved.is_some() || begun_or_ended || other_milestones {
            self.announce_change(Topic::Frame);
        }
        if back {
            self.line_is_back().await?;
        }
        self.clock_has_moved().await?;
        Ok(())
    }

    /// Notes what an answer says about the line, and hands the answer on.
    pub(crate) fn heard<T>(&self, result: Result<T, RelayError>) -> Result<T, Problem> {
        let before = self.line().connection.state;
        let now = rfc3339(self.now());
        let result = result.map_err(|error| {
            let offline = error.is_offline();
            (offline, Problem::from(error))
        });
        {
            let connection: &mut ConnectionView = &mut self.line().connection;
            match &result {
                Ok(_) => {
                    connection.state = ConnectionState::Online;
                    connection.problem = None;
                    connection.last_answer = Some(now);
                }
                Err((true, problem)) => {
                    connection.state = ConnectionState::Offline;
                    connection.problem = Some(problem.into());
                }
                Err((false, problem)) => match problem.code {
                    Code::RelayFault | Code::NotARelay | Code::Untrusted | Code::ProxySignIn => {
                        connection.state = ConnectionState::Faulty;
                        connection.problem = Some(problem.into());
                    }
                    // The relay answered; what it refused concerns the request, not the line.
                    _ => connection.last_answer = Some(now),
                },
            }
        }
        if before != self.line().connection.state {
            self.announce_change(Topic::Frame);
        }
        result.map_err(|(_, problem)| problem)
    }

    pub(crate) fn is_online(&self) -> bool {
        self.line().connection.state == ConnectionState::Online
    }

    fn due(&self, which: impl Fn(&mut Asked) -> &mut Option<NaiveDateTime>, seconds: i64) -> bool {
        let now = self.0.config.clock.now();
        let mut line = self.line();
        let asked = which(&mut line.asked);
        // A clock set back, or one that stands, must not silence the program.
        let due = asked
            .is_none_or(|last| self.0.config.clock.stands() || now < last || now - last >= TimeDelta::seconds(seconds));
        if due {
            *asked = Some(now);
        }
        due
    }
}

/// Ends the way of a failure that is already kept where the screens show it.
fn quietly(result: Result<(), Problem>) {
    if let Err(problem) = result {
        tracing::debug!(code = problem.code.as_str(), "Background work will be tried again");
    }
}

pub(crate) fn window_view(now: NaiveDateTime) -> WindowView {
    let today = now.date();
    let window = calendar::ClaimWindow::current_or_next(today);
    let open = window.is_open(today);
    let until = if open { window.closes() } else { window.opens() };
    WindowView {
        processing_month: window.processing_month.to_string(),
        opens: window.opens().to_string(),
        closes: window.closes().to_string(),
        open,
        days_left: u32::try_from((until - today).num_days()).unwrap_or(0),
        safe_until: rfc3339(window.safe_until()),
    }
}

/// Writes a moment in Japan as RFC 3339.
pub(crate) fn rfc3339(moment: NaiveDateTime) -> String {
    format!("{}+09:00", moment.format("%Y-%m-%dT%H:%M:%S"))
}

/// Reads RFC 3339 as a moment in Japan.
pub(crate) fn moment(text: &str) -> Option<NaiveDateTime> {
    let japan = FixedOffset::east_opt(9 * 3600)?;
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&japan).naive_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_kept_in_japan_time() {
        assert_eq!(moment("2026-06-05T01:00:00Z").map(rfc3339).as_deref(), Some("2026-06-05T10:00:00+09:00"));
        assert_eq!(moment("2026-06-05 10:00"), None);
    }

    #[test]
    fn window_counts_the_days_that_are_left() {
        let view = |text: &str| {
            let view = window_view(moment(text).unwrap());
            (view.processing_month, view.open, view.days_left)
        };
        assert_eq!(view("2026-06-05T10:00:00+09:00"), ("2026-06".into(), true, 5));
        assert_eq!(view("2026-06-10T23:59:59+09:00"), ("2026-06".into(), true, 0));
        assert_eq!(view("2026-06-11T00:00:00+09:00"), ("2026-07".into(), false, 20));
    }
}
