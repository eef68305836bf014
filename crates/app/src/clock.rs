use std::fmt;
use std::sync::Arc;

use chrono::NaiveDateTime;

/// Source of the present time, in Japan time. Only a `main` makes one that reads the real clock (D12).
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> NaiveDateTime + Send + Sync>);

impl Clock {
    /// Wraps a function that returns the present time in Japan.
    pub fn new(read: impl Fn() -> NaiveDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Returns the present time in Japan.
    pub fn now(&self) -> NaiveDateTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
