//! What a serving relay does by itself, beside answering: its caller starts it once and ends it by dropping it.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use crate::Relay;

impl Relay {
    /// Tells clients what changed, ends what is overdue and, in a demonstration, plays the terminal. Never returns.
    pub async fn attend(self) {
        tokio::join!(self.tell_news(), self.watch_windows(), self.transmit_demo());
    }

    /// Tells clients within half a second what changed, whichever process changed it.
    async fn tell_news(&self) {
        let mut looks = every(Duration::from_millis(500));
        loop {
            looks.tick().await;
            if let Err(failure) = self.look_for_news().await {
                tracing::warn!(%failure, "Looking for news failed; clients ask by themselves");
            }
        }
    }

    /// Tells offices within a minute that what they sent could not go out before its window closed.
    async fn watch_windows(&self) {
        let mut looks = every(Duration::from_mins(1));
        loop {
            looks.tick().await;
            match self.end_overdue().await {
                Ok(0) => {}
                Ok(count) => tracing::error!(count, "Files waited for a terminal until their window closed"),
                Err(failure) => tracing::warn!(%failure, "Looking for what is overdue failed"),
            }
        }
    }

    /// Plays the terminal of a demonstration, about five times a second.
    async fn transmit_demo(&self) {
        if self.demo().is_none() {
            return;
        }
        let mut turns = every(Duration::from_millis(200));
        let mut was_failing = false;
        loop {
            turns.tick().await;
            let step = self.step_demo().await;
            // Say it once, not five times a second.
            if let (Err(failure), false) = (&step, was_failing) {
                let cause = std::error::Error::source(failure);
                tracing::error!(%failure, ?cause, "The demonstration's terminal fails");
            }
            was_failing = step.is_err();
        }
    }
}

fn every(time: Duration) -> Interval {
    let mut turns = tokio::time::interval(time);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    turns
}
