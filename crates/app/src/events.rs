//! Hears from the relay at once that something changed. Without it everything still comes, a little later: asking again
//! and again goes on beside it.

use std::time::Duration;

use crate::App;
use crate::problem::{Code, Problem};

/// Longest silence on the line; the relay says every 15 seconds that it is alive.
const SILENCE: Duration = Duration::from_secs(45);
/// Longest line of an event, in bytes.
const LONGEST: usize = 64 * 1024;

impl App {
    /// Listens until the line breaks or the session ends; `seen` is the number of the last event, kept up to date. Each
    /// event makes the next [`App::tick`] ask for submissions and notices.
    pub async fn listen(&self, seen: &mut Option<String>) -> Result<(), Problem> {
        match self.account().await? {
            Some(account) if !account.must_change_password && self.is_online() => {}
            _ => return Err(Code::NotSignedIn.into()),
        }
        let wish = seen.clone();
        let mut response = self
            .call(|relay, token| {
                let wish = wish.clone();
                async move { relay.events(&token, wish.as_deref()).await }
            })
            .await?;
        let mut lines = Lines::default();
        while let Ok(Ok(Some(chunk))) = tokio::time::timeout(SILENCE, response.chunk()).await {
            for line in lines.take(&chunk) {
                if let Some(id) = line.strip_prefix("id: ") {
                    *seen = Some(id.to_owned());
                    let mut state = self.line();
                    state.asked.submissions = None;
                    state.asked.documents = None;
                }
            }
        }
        Ok(())
    }
}

/// Puts the lines of a stream together.
#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Returns the lines that `chunk` ended.
    fn take(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut ended = Vec::new();
        for byte in chunk {
            if *byte == b'\n' {
                ended.push(String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned());
            } else if self.begun.len() < LONGEST {
                self.begun.push(*byte);
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_the_network_cuts_them() {
        let stream = b"id: 7\nevent: changed\ndata:\n\n: alive\n\n";
        for cut in 0..stream.len() {
            let mut lines = Lines::default();
            let mut found = lines.take(&stream[..cut]);
            found.extend(lines.take(&stream[cut..]));
            assert_eq!(found, ["id: 7", "event: changed", "data:", "", ": alive", ""], "cut at {cut}");
        }
    }
}
