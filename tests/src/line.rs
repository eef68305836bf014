//! A line to the relay that misbehaves on demand: an HTTP/1.1 forwarder that loses, cuts, repeats, delays or holds what
//! passes through it, one request per connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::wait;

/// A request as it passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// Place in the order of all requests, from 0.
    pub number: usize,
    /// Method.
    pub method: String,
    /// Path without its query.
    pub path: String,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is forwarded and answered.
    Pass,
    /// The line breaks before anything reaches the relay.
    Lose,
    /// Half of the body reaches the relay, then the line breaks.
    CutRequest,
    /// The relay does what it is asked, the answer is lost.
    LoseAnswer,
    /// The relay does what it is asked, half of the answer arrives.
    CutAnswer,
    /// Nothing is ever answered.
    Stall,
    /// The relay does what it is asked, the answer trickles in.
    Slow,
    /// The relay gets the request twice, and both answers are sent.
    Twice,
    /// Something between here and there answers with this status, and the relay gets nothing.
    Answer(u16),
    /// Held at this point until [`Line::release`], then the connection breaks; [`Line::held`] reports it.
    Hold(Point),
}

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Nothing of it has reached the relay.
    BeforeRelay,
    /// Half of its body has reached the relay.
    HalfWay,
    /// The relay has done what it was asked; the answer is held.
    BeforeAnswer,
    /// The answer is on its way to the client.
    AfterAnswer,
}

impl Point {
    /// All points, in the order of time.
    pub const ALL: [Self; 4] = [Self::BeforeRelay, Self::HalfWay, Self::BeforeAnswer, Self::AfterAnswer];
}

type Rule = Box<dyn FnMut(&Passing) -> Fate + Send>;

/// The line.
pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
    held: mpsc::UnboundedReceiver<Passing>,
    release: watch::Sender<u32>,
    listener: JoinHandle<()>,
}

struct Shared {
    relay: SocketAddr,
    rule: Mutex<Rule>,
    passed: Mutex<Vec<Passing>>,
    holding: mpsc::UnboundedSender<Passing>,
    released: watch::Receiver<u32>,
}

impl Line {
    /// Opens a line to the relay at `relay`; everything passes until [`Line::rule`] says otherwise.
    ///
    /// # Errors
    ///
    /// Fails when no port is free.
    pub async fn open(relay: SocketAddr) -> Result<Self> {
        let (holding, held) = mpsc::unbounded_channel();
        let (release, released) = watch::channel(0);
        let rule: Mutex<Rule> = Mutex::new(Box::new(|_| Fate::Pass));
        let shared = Arc::new(Shared { relay, rule, passed: Mutex::default(), holding, released });
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let listener = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = socket.accept().await {
                    let shared = Arc::clone(&shared);
                    // A connection that breaks is what this is for.
                    tokio::spawn(async move { drop(serve(client, &shared).await) });
                }
            }
        });
        Ok(Self { address, shared, held, release, listener })
    }

    /// Returns the address that clients use.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Decides from now on what happens to each request, and counts them from 0 again.
    pub fn rule(&self, rule: impl FnMut(&Passing) -> Fate + Send + 'static) {
        lock(&self.shared.passed).clear();
        *lock(&self.shared.rule) = Box::new(rule);
    }

    /// Returns the requests since the last [`Line::rule`].
    pub fn passed(&self) -> Vec<Passing> {
        lock(&self.shared.passed).clone()
    }

    /// Waits until a request is held.
    ///
    /// # Errors
    ///
    /// Fails when none is held within `limit`.
    pub async fn held(&mut self, limit: Duration) -> Result<Passing> {
        let waiting = tokio::time::timeout(limit, self.held.recv()).await;
        waiting.context("no request was held")?.context("the line is closed")
    }

    /// Breaks the connections of all held requests.
    pub fn release(&self) {
        self.release.send_modify(|count| *count += 1);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut client: TcpStream, shared: &Shared) -> Result<()> {
    let Some(request) = read_request(&mut client).await? else { return Ok(()) };
    let passing = {
        let mut passed = lock(&shared.passed);
        let passing = Passing {
            number: passed.len(),
            method: request.method.clone(),
            path: request.path.split('?').next().unwrap_or_default().to_owned(),
        };
        passed.push(passing.clone());
        passing
    };
    let fate = (lock(&shared.rule))(&passing);
    let hold = async |client: &mut TcpStream| {
        let mut released = shared.released.clone();
        released.mark_unchanged();
        drop(shared.holding.send(passing.clone()));
        // Until the client is gone, which never sends more on this connection, or the test lets go.
        tokio::select! {
            _ = client.read_u8() => {}
            _ = released.changed() => {}
        }
    };
    match fate {
        Fate::Pass => {
            let answer = forward(shared.relay, &request).await?;
            client.write_all(&answer).await?;
        }
        Fate::Lose => {}
        Fate::CutRequest => {
            forward_half(shared.relay, &request).await?;
        }
        Fate::LoseAnswer => {
            forward(shared.relay, &request).await?;
        }
        Fate::CutAnswer => {
            let answer = forward(shared.relay, &request).await?;
            // Past the head, so that the client knows how much is missing.
            let cut = head_length(&answer).map_or(answer.len() / 2, |head| usize::midpoint(head, answer.len()));
            client.write_all(&answer[..cut]).await?;
        }
        Fate::Stall => drop(client.read_u8().await),
        Fate::Slow => {
            let answer = forward(shared.relay, &request).await?;
            for piece in answer.chunks(answer.len().div_ceil(40).max(1)) {
                client.write_all(piece).await?;
                client.flush().await?;
                wait::pause(Duration::from_millis(25)).await;
            }
        }
        Fate::Twice => {
            let first = forward(shared.relay, &request).await?;
            let second = forward(shared.relay, &request).await?;
            client.write_all(&first).await?;
            // The client may close after the first answer.
            drop(client.write_all(&second).await);
        }
        Fate::Answer(status) => {
            let body = "<html><body>Something between here and there</body></html>";
            let answer = format!(
                "HTTP/1.1 {status} Nope\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            client.write_all(answer.as_bytes()).await?;
        }
        Fate::Hold(Point::BeforeRelay) => hold(&mut client).await,
        Fate::Hold(Point::HalfWay) => {
            let _relay = forward_half(shared.relay, &request).await?;
            hold(&mut client).await;
        }
        Fate::Hold(Point::BeforeAnswer) => {
            forward(shared.relay, &request).await?;
            hold(&mut client).await;
        }
        Fate::Hold(Point::AfterAnswer) => {
            let answer = forward(shared.relay, &request).await?;
            client.write_all(&answer).await?;
            client.flush().await?;
            hold(&mut client).await;
        }
    }
    client.shutdown().await?;
    Ok(())
}

struct Request {
    method: String,
    path: String,
    /// Head with `connection: close`, blank line included.
    head: Vec<u8>,
    body: Vec<u8>,
}

/// Reads one request, or `None` when the client closes first.
async fn read_request(client: &mut TcpStream) -> Result<Option<Request>> {
    let mut bytes = Vec::new();
    let head_length = loop {
        if let Some(length) = head_length(&bytes) {
            break length;
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let mut body = bytes.split_off(head_length);
    let head = std::str::from_utf8(&bytes)?;
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let start = lines.next().context("a request has a first line")?;
    let mut words = start.split(' ');
    let (method, path) = words.next().zip(words.next()).context("a request names a method and a path")?;
    let mut forwarded = format!("{start}\r\n");
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(':').context("a header has a name")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "transfer-encoding" => bail!("the length of a body is known before it is sent"),
            "connection" => continue,
            _ => {}
        }
        forwarded.push_str(line);
        forwarded.push_str("\r\n");
    }
    forwarded.push_str("connection: close\r\n\r\n");
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    let (method, path) = (method.to_owned(), path.to_owned());
    Ok(Some(Request { method, path, head: forwarded.into_bytes(), body }))
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|place| place + 4)
}

async fn forward(relay: SocketAddr, request: &Request) -> Result<Vec<u8>> {
    let mut connection = TcpStream::connect(relay).await?;
    connection.write_all(&request.head).await?;
    connection.write_all(&request.body).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Forwards the head and half of the body; the connection breaks when the returned socket is dropped.
async fn forward_half(relay: SocketAddr, request: &Request) -> Result<TcpStream> {
    let mut connection = TcpStream::connect(relay).await?;
    connection.write_all(&request.head).await?;
    connection.write_all(&request.body[..request.body.len() / 2]).await?;
    connection.flush().await?;
    Ok(connection)
}
