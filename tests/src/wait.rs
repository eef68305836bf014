//! Waiting for another process, with an end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks `look` again and again until it gives a value.
///
/// # Errors
///
/// Fails when `limit` has passed, naming `what` was waited for, or when `look` fails.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let start = now();
    loop {
        if let Some(value) = look().await? {
            return Ok(value);
        }
        if start.elapsed() > limit {
            bail!("waited {} seconds in vain for {what}", limit.as_secs());
        }
        pause(PAUSE).await;
    }
}

/// Pauses.
#[expect(clippy::disallowed_methods, reason = "waits for real processes; an edge of the program")]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Returns the present instant.
#[expect(clippy::disallowed_methods, reason = "bounds the wait for real processes; an edge of the program")]
pub fn now() -> Instant {
    Instant::now()
}
