//! Tells clients that something changed for them, so that they ask at once instead of every minute.
//!
//! Nothing is told but that there is something: a client asks for it with the requests that it always makes. So a lost
//! event costs time only, and an event holds no data.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::Relay;
use crate::failure::Failure;
use crate::password::token_hash;
use crate::session::Scope;
use crate::storage::News;

/// Looks after which streams are asked whether their session still stands, and a line is sent that keeps the connection
/// alive: at two looks a second, every 15 seconds.
const LOOKS_PER_BEAT: u64 = 30;
/// Rounds of news that a stream may be behind.
const BEHIND: usize = 64;

/// What all streams listen to.
pub(crate) struct Events {
    sender: broadcast::Sender<Round>,
    looks: AtomicU64,
    revision: AtomicU64,
    streams: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum Round {
    News(Arc<[News]>),
    Beat,
    End,
}

impl Events {
    pub(crate) fn new() -> Self {
        let (sender, _) = broadcast::channel(BEHIND);
        Self { sender, looks: AtomicU64::new(0), revision: AtomicU64::new(0), streams: Arc::default() }
    }

    /// Returns how many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }
}

/// Something for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Something changed; the number goes into `Last-Event-ID`.
    Changed(u64),
    /// Nothing changed; the line is alive.
    Alive,
}

impl Relay {
    /// Looks whether anything changed, here or through another relay on the same database, and tells the streams. `main`
    /// calls it twice a second.
    pub async fn look_for_news(&self) -> Result<(), Failure> {
        let events = self.events();
        let looks = events.looks.fetch_add(1, Ordering::Relaxed);
        if events.streams() == 0 {
            return Ok(());
        }
        let news = self.storage().news(events.revision.load(Ordering::Relaxed)).await?;
        if let Some(newest) = news.last() {
            events.revision.store(newest.revision, Ordering::Relaxed);
            // Nobody listens any more: nothing is lost.
            let _ = events.sender.send(Round::News(news.into()));
        }
        if looks.is_multiple_of(LOOKS_PER_BEAT) {
            let _ = events.sender.send(Round::Beat);
        }
        Ok(())
    }

    /// Ends all streams, so that stopping does not wait for them. Clients come back by themselves.
    pub fn end_streams(&self) {
        let _ = self.events().sender.send(Round::End);
    }

    /// Opens the stream of a client. `seen` is the number of the last event that it saw; what changed since then is told at
    /// once. The stream ends with the session.
    pub async fn events_for(
        &self,
        scope: Scope,
        access_token: &str,
        seen: Option<u64>,
    ) -> Result<impl Stream<Item = Event> + Send + use<>, Failure> {
        // First listen, then look: nothing falls in between.
        let counted = Counted::new(&self.events().streams);
        let receiver = self.events().sender.subscribe();
        if counted.is_first() {
            // Without streams nobody looks; the first one begins with the present.
            self.events().revision.store(self.storage().newest_revision().await?, Ordering::Relaxed);
        }
        let present = self.storage().revision(scope).await?;
        let listening = Listening {
            relay: self.clone(),
            scope,
            token: token_hash(access_token),
            receiver,
            present,
            at_once: (seen != Some(present)).then_some(present),
            _counted: counted,
        };
        Ok(stream::unfold(listening, |mut listening| async move {
            let event = listening.next().await?;
            Some((event, listening))
        }))
    }
}

/// A stream that is open.
struct Listening {
    relay: Relay,
    scope: Scope,
    token: crate::password::TokenHash,
    receiver: broadcast::Receiver<Round>,
    present: u64,
    at_once: Option<u64>,
    _counted: Counted,
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        if let Some(revision) = self.at_once.take() {
            return Some(Event::Changed(revision));
        }
        loop {
            match self.receiver.recv().await {
                Ok(Round::News(news)) => {
                    let mine = news.iter().filter(|news| self.scope.sees(news.corporation, news.office));
                    if let Some(newest) = mine.map(|news| news.revision).max().filter(|newest| *newest > self.present) {
                        self.present = newest;
                        return Some(Event::Changed(newest));
                    }
                }
                Ok(Round::Beat) => {
                    let stands = self.relay.storage().access(self.token, self.relay.now()).await.ok()?.is_some();
                    return stands.then_some(Event::Alive);
                }
                Err(RecvError::Lagged(_)) => {
                    self.present = self.relay.storage().revision(self.scope).await.ok()?;
                    return Some(Event::Changed(self.present));
                }
                Ok(Round::End) | Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Counts a stream for as long as it lives.
struct Counted {
    streams: Arc<AtomicUsize>,
    before: usize,
}

impl Counted {
    fn new(streams: &Arc<AtomicUsize>) -> Self {
        Self { before: streams.fetch_add(1, Ordering::Relaxed), streams: Arc::clone(streams) }
    }

    fn is_first(&self) -> bool {
        self.before == 0
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
