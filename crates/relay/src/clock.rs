//! The two times of the relay.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, SecondsFormat, TimeDelta, Utc};

/// Tells the time.
///
/// The *real* time rules tokens, lock-outs and rate limits. The *business* time rules states, documents and whatever a
/// clerk sees; it is the real time, except in a demonstration, which shifts it.
#[derive(Clone)]
pub struct Clock {
    real: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    shift_millis: Arc<AtomicI64>,
}

impl Clock {
    /// Makes a clock that asks `real` for the real time.
    pub fn new(real: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { real: Arc::new(real), shift_millis: Arc::default() }
    }

    /// Returns the real time.
    pub fn real(&self) -> DateTime<Utc> {
        (self.real)()
    }

    /// Returns the business time, in Japan time.
    pub fn business(&self) -> DateTime<FixedOffset> {
        self.business_at(self.real())
    }

    /// Makes the business time `moment` now, running on from there.
    pub(crate) fn set_business(&self, moment: DateTime<FixedOffset>) {
        let shift = moment.signed_duration_since(self.real()).num_milliseconds();
        self.shift_millis.store(shift, Ordering::SeqCst);
    }

    fn business_at(&self, real: DateTime<Utc>) -> DateTime<FixedOffset> {
        let shift = TimeDelta::milliseconds(self.shift_millis.load(Ordering::SeqCst));
        real.checked_add_signed(shift).unwrap_or(real).with_timezone(&japan())
    }
}

/// Japan time, +09:00 all year.
pub fn japan() -> FixedOffset {
    FixedOffset::east_opt(9 * 60 * 60).unwrap_or(Utc.fix())
}

/// Writes a moment as the wire does: RFC 3339 in Japan time, to the second.
pub fn wire(moment: DateTime<FixedOffset>) -> String {
    moment.with_timezone(&japan()).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// Places a wall-clock time of Japan on the time line.
pub(crate) fn in_japan(wall: NaiveDateTime) -> DateTime<FixedOffset> {
    // A fixed offset has exactly one moment for each wall-clock time.
    wall.and_local_timezone(japan()).earliest().unwrap_or_else(|| wall.and_utc().fixed_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_time_runs_on_from_where_it_was_set() {
        let seconds = Arc::new(AtomicI64::new(0));
        let source = Arc::clone(&seconds);
        let clock = Clock::new(move || DateTime::UNIX_EPOCH + TimeDelta::seconds(source.load(Ordering::SeqCst)));
        assert_eq!(wire(clock.business()), "1970-01-01T09:00:00+09:00");
        let start = DateTime::parse_from_rfc3339("2026-06-05T10:00:00+09:00").unwrap();
        clock.set_business(start);
        seconds.store(90, Ordering::SeqCst);
        assert_eq!(wire(clock.business()), "2026-06-05T10:01:30+09:00");
        assert_eq!(clock.real().timestamp(), 90);
        assert_eq!(in_japan(start.naive_local()), start);
    }
}
