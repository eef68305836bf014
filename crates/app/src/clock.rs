use std::fmt;
use std::sync::Arc;

use chrono::NaiveDateTime;

/// Source of the present time, in Japan time. Only a `main` makes one that reads the real clock (D12).
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Runs(Arc<dyn Fn() -> NaiveDateTime + Send + Sync>),
    Stands(NaiveDateTime),
}

impl Clock {
    /// Wraps a function that returns the present time in Japan.
    pub fn new(read: impl Fn() -> NaiveDateTime + Send + Sync + 'static) -> Self {
        Self(Source::Runs(Arc::new(read)))
    }

    /// Makes a clock that stands still. A demonstration does not move it: a person has said what time it is.
    pub fn standing(at: NaiveDateTime) -> Self {
        Self(Source::Stands(at))
    }

    /// Returns the present time in Japan.
    pub fn now(&self) -> NaiveDateTime {
        match &self.0 {
            Source::Runs(read) => read(),
            Source::Stands(at) => *at,
        }
    }

    /// Returns whether the clock stands still.
    pub fn stands(&self) -> bool {
        matches!(self.0, Source::Stands(_))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
