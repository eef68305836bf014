//! A relay on a free port, its operator, and its clients.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};

use axum_server::Handle;
use chrono::{DateTime, TimeDelta};
use relay::storage::NewContract;
use relay::{Clock, Config, Database, Place, Relay};
use relay_api::{LogIn, NewSubmission, Refusal, RefusalCode, Session, State, Submission};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::bucket::TestBucket;

pub const CORPORATION: &str = "9900000101";
pub const OFFICE: &str = "9970000015";
pub const SECOND_OFFICE: &str = "9970000023";
pub const OTHER_CORPORATION: &str = "9900000202";
pub const OTHER_OFFICE: &str = "9970000031";
pub const PASSWORD: &str = "たんぽぽ-2026-はる-のはら";

/// Where the tests find a PostgreSQL server on which they may make databases, as `cargo xtask test` starts one. With it
/// every relay of this suite keeps its data there and in a bucket; without it, in a folder.
const SERVER: &str = "TODOKE_TEST_POSTGRES";

/// A database and a bucket that relays share.
pub struct Shared {
    pub database: Database,
    pub bucket: TestBucket,
}

impl Shared {
    /// Makes a new database on the server, and a new bucket.
    pub async fn new() -> Self {
        let server = std::env::var(SERVER).unwrap();
        let name = format!("test_{}", hex::encode(rand::random::<[u8; 8]>()));
        execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}")).await.unwrap();
        let database = Database { url: format!("{server}/{name}"), authority: None };
        Self { database, bucket: TestBucket::start() }
    }

    pub fn place(&self) -> Place {
        Place::Shared(self.database.clone(), self.bucket.bucket())
    }
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) -> Result<(), String> {
    connect(url).await.batch_execute(sql).await.map_err(|error| format!("{error:?}"))
}

/// A running relay with two corporations. Its time stands still until the test moves it.
pub struct TestRelay {
    pub shared: Option<Arc<Shared>>,
    pub relay: Relay,
    pub address: SocketAddr,
    pub http: Client,
    pub folder: TempDir,
    millis: Arc<AtomicI64>,
    handle: Handle<SocketAddr>,
}

impl Drop for TestRelay {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

pub fn client() -> Client {
    static PROVIDER: Once = Once::new();
    // A relay with a bucket may have installed it already.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    Client::builder().no_proxy().build().unwrap()
}

pub fn clock(millis: &Arc<AtomicI64>) -> Clock {
    let millis = Arc::clone(millis);
    Clock::new(move || DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis.load(Ordering::SeqCst)))
}

impl TestRelay {
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = DateTime::parse_from_rfc3339("2026-06-05T10:00:00+09:00").unwrap();
        let millis = Arc::new(AtomicI64::new(start.timestamp_millis()));
        let shared = if std::env::var_os(SERVER).is_some() { Some(Arc::new(Shared::new().await)) } else { None };
        let place = shared.as_ref().map_or_else(|| Place::Folder(folder.path().into()), |shared| shared.place());
        let relay = Relay::open(change(Config::at(place, clock(&millis)))).await.unwrap();
        relay.add_corporation(CORPORATION, "社会福祉法人たんぽぽ会").await.unwrap();
        let since = NewContract::from("2026-01".parse().unwrap());
        relay.add_office(CORPORATION, OFFICE, "たんぽぽデイサービス", since.clone()).await.unwrap();
        relay.add_office(CORPORATION, SECOND_OFFICE, "たんぽぽ訪問介護", since.clone()).await.unwrap();
        relay.add_corporation(OTHER_CORPORATION, "株式会社すみれ").await.unwrap();
        relay.add_office(OTHER_CORPORATION, OTHER_OFFICE, "すみれデイサービス", since).await.unwrap();
        let mut this = Self::serve(relay, folder, millis);
        this.shared = shared;
        this
    }

    /// Starts another relay at the same shared place, with the same clock.
    pub async fn beside(&self) -> Self {
        let (folder, shared) = (tempfile::tempdir().unwrap(), self.shared.clone().unwrap());
        let relay = Relay::open(Config::at(shared.place(), clock(&self.millis))).await.unwrap();
        let mut this = Self::serve(relay, folder, Arc::clone(&self.millis));
        this.shared = Some(shared);
        this
    }

    pub fn serve(relay: Relay, folder: TempDir, millis: Arc<AtomicI64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = Handle::new();
        let (router, stop) = (relay::http::router(relay.clone()), handle.clone());
        tokio::spawn(async move { relay::serve(listener, None, router, stop).await.unwrap() });
        Self { shared: None, relay, address, http: client(), folder, millis, handle }
    }

    pub fn wait(&self, time: TimeDelta) {
        self.millis.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(token)
    }

    pub async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path, token).send().await.unwrap()
    }

    /// Adds an ID and returns its temporary password.
    pub async fn add_login(&self, corporation: &str, id: &str, office: Option<&str>) -> String {
        self.relay.add_login(corporation, id, office, None).await.unwrap().password.unwrap()
    }

    pub async fn sign_in(&self, corporation: &str, id: &str, password: &str) -> Response {
        let log_in = LogIn::new(corporation, id, password);
        self.http.post(self.url("/v1/sessions")).json(&log_in).send().await.unwrap()
    }

    pub async fn refresh(&self, refresh_token: &str) -> Response {
        let body = json!({ "refresh_token": refresh_token });
        self.http.post(self.url("/v1/sessions/refresh")).json(&body).send().await.unwrap()
    }

    pub async fn change_password(&self, token: &str, current: &str, new: &str) -> Response {
        let body = json!({ "current": current, "new": new });
        self.request(Method::POST, "/v1/password", token).json(&body).send().await.unwrap()
    }

    /// Adds an ID, signs in and changes the temporary password to [`PASSWORD`].
    pub async fn session(&self, corporation: &str, id: &str, office: Option<&str>) -> Session {
        let temporary = self.add_login(corporation, id, office).await;
        let first: Session = ok(self.sign_in(corporation, id, &temporary).await).await;
        ok(self.change_password(&first.access_token, &temporary, PASSWORD).await).await
    }

    /// Signs in as the 法人用ID of [`CORPORATION`] and returns its access token.
    pub async fn token(&self) -> String {
        self.session(CORPORATION, "tanpopo-honbu", None).await.access_token
    }

    pub async fn announce(&self, token: &str, claim: &Claim) -> Response {
        let path = format!("/v1/submissions/{}", claim.sha256);
        self.request(Method::PUT, &path, token).json(&claim.announced).send().await.unwrap()
    }

    pub async fn upload(&self, token: &str, claim: &Claim) -> Response {
        self.upload_bytes(token, &claim.sha256, claim.bytes.clone()).await
    }

    pub async fn upload_bytes(&self, token: &str, sha256: &str, bytes: impl Into<reqwest::Body>) -> Response {
        let path = format!("/v1/submissions/{sha256}/content");
        self.request(Method::PUT, &path, token).body(bytes).send().await.unwrap()
    }

    /// Announces and uploads.
    pub async fn send(&self, token: &str, claim: &Claim) -> Submission {
        let _: Submission = ok(self.announce(token, claim).await).await;
        ok(self.upload(token, claim).await).await
    }

    pub async fn submission(&self, token: &str, claim: &Claim) -> Submission {
        ok(self.get(&format!("/v1/submissions/{}", claim.sha256), token).await).await
    }

    /// Returns the places of all contents.
    pub fn objects(&self) -> Vec<String> {
        self.shared.as_ref().map_or_else(|| objects(self.folder.path()), |shared| shared.bucket.keys())
    }

    /// Puts other bytes where a content is to come.
    pub fn overwrite_object(&self, place: &str, bytes: &'static [u8]) {
        if let Some(shared) = &self.shared {
            shared.bucket.overwrite(place, bytes);
        } else {
            std::fs::create_dir_all(Path::new(place).parent().unwrap()).unwrap();
            std::fs::write(place, bytes).unwrap();
        }
    }

    /// Does to the database what somebody with its keys can do.
    pub async fn sql(&self, sql: &str) -> Result<(), String> {
        if let Some(shared) = &self.shared {
            return execute(&shared.database.url, sql).await;
        }
        let database = rusqlite::Connection::open(self.folder.path().join("relay.db")).unwrap();
        database.execute_batch(sql).map_err(|error| error.to_string())
    }

    /// Returns everything that the database holds, to look for what it must not hold.
    pub async fn everything_stored(&self) -> Vec<u8> {
        let Some(shared) = &self.shared else {
            return std::fs::read(self.folder.path().join("relay.db-wal")).unwrap();
        };
        let database = connect(&shared.database.url).await;
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
        let mut everything = Vec::new();
        for table in database.query(tables, &[]).await.unwrap() {
            let rows = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {} AS t", table.get::<_, &str>(0));
            everything.extend(database.query_one(&rows, &[]).await.unwrap().get::<_, String>(0).into_bytes());
        }
        everything
    }
}

pub fn objects(data: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![data.join("objects")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path.to_string_lossy().into_owned()) }
        }
    }
    found.sort();
    found
}

/// Reads a successful answer.
#[track_caller]
pub fn ok<T: DeserializeOwned>(response: Response) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{place}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{place}: {error}: {text}"))
    }
}

/// Reads a refusal with this status and code.
#[track_caller]
pub fn refused(response: Response, status: u16, code: RefusalCode) -> impl Future<Output = Refusal> {
    let place = std::panic::Location::caller();
    async move {
        let found = response.status();
        let text = response.text().await.unwrap();
        let refusal: Refusal = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{place}: {error}: {text}"));
        assert_eq!((found.as_u16(), refusal.code), (status, code), "{place}: {text}");
        refusal
    }
}

/// A claim file.
#[derive(Clone)]
pub struct Claim {
    pub bytes: Vec<u8>,
    pub sha256: String,
    pub announced: NewSubmission,
}

impl Claim {
    /// The valid sample: [`OFFICE`], processed 2026-06, service month 2026-05.
    pub fn sample() -> Self {
        Self::new(OFFICE, "0000000101")
    }

    /// Another valid file for the same office and months.
    pub fn corrected() -> Self {
        Self::new(OFFICE, "0000000404")
    }

    /// The valid sample with another office and first person.
    pub fn new(office: &str, person: &str) -> Self {
        Self::in_months(office, person, "202606", "202605")
    }

    /// The valid sample with another office, first person, processing month and service month.
    pub fn in_months(office: &str, person: &str, processing: &str, service: &str) -> Self {
        let bytes = include_bytes!("../data/KK260601.CSV").to_vec();
        // Only the control record holds 処理対象年月; elsewhere the digits are parts of dates.
        let bytes = replace(bytes, ",7,202606,0", &format!(",7,{processing},0"));
        let bytes = replace(bytes, ",202605,", &format!(",{service},"));
        let bytes = replace(bytes, OFFICE, office);
        let bytes = replace(bytes, "0000000101", person);
        Self::of(bytes, office, processing, service)
    }

    /// The sample with another first person, marked as a test: taken on any day, and in no other one's way.
    pub fn practice(person: usize) -> Self {
        let text = String::from_utf8(Self::new(OFFICE, &format!("{person:010}")).bytes).unwrap();
        let text = text.replacen(",202606,0", ",202606,*TEST*", 1);
        Self::of(text.into_bytes(), OFFICE, "202606", "202605")
    }

    /// A valid file of `persons` statements, about 700 bytes each: the first person of the sample again and again.
    pub fn large(persons: usize) -> Self {
        let sample = String::from_utf8(include_bytes!("../data/KK260601.CSV").to_vec()).unwrap();
        let lines: Vec<&str> = sample.lines().collect();
        let mut rows = vec![format!(
            "\"7111\",202605,{OFFICE},1,0,01,{persons},{},{},{},0,{},0,0,0,0,0,0",
            6098 * persons,
            63_724 * persons,
            57_351 * persons,
            6373 * persons
        )];
        for person in 0..persons {
            for line in &lines[3..8] {
                let row = line.splitn(3, ',').nth(2).unwrap();
                rows.push(row.replace("0000000101", &format!("{:010}", 1000 + person)));
            }
        }
        let mut file = format!("1,1,0,{},711,0,0,{OFFICE},0,7,202606,0\r\n", rows.len());
        for (n, row) in rows.iter().enumerate() {
            write!(file, "2,{},{row}\r\n", n + 2).unwrap();
        }
        write!(file, "3,{}\r\n", rows.len() + 2).unwrap();
        Self::of(file.into_bytes(), OFFICE, "202606", "202605")
    }

    /// A valid 給付管理票 of [`OFFICE`] with the months of the sample; `person` is served by another office.
    pub fn benefit_management(person: &str) -> Self {
        let head = format!("8222,202605,00990010,{OFFICE},1,20260601,3");
        let insured = format!("{person},19400105,2,21,202601,202612");
        let rows = [
            format!("{head},01,{insured},,1,{SECOND_OFFICE},1,15,6000,,,,,,,"),
            format!("{head},99,{insured},16765,1,0,0,0,,,6000,0,6000,12345678,,"),
        ];
        let file = format!("1,1,0,2,822,0,0,{OFFICE},0,7,202606,0\r\n2,2,{}\r\n2,3,{}\r\n3,4\r\n", rows[0], rows[1]);
        Self::of(file.into_bytes(), OFFICE, "202606", "202605")
    }

    /// Any bytes, announced for an office and months.
    pub fn of(bytes: Vec<u8>, office: &str, processing: &str, service: &str) -> Self {
        let text = String::from_utf8_lossy(&bytes);
        let control = text.lines().next().unwrap_or_default();
        let data_type = control.split(',').nth(4).unwrap_or("711").into();
        let month = |compact: &str| format!("{}-{}", &compact[..4], &compact[4..]);
        let announced = NewSubmission {
            office: office.into(),
            processing_month: month(processing),
            data_type,
            service_months: vec![month(service)],
            file_name: "KK260601.CSV".into(),
            size: bytes.len() as u64,
            round: 1,
        };
        Self { sha256: hex::encode(Sha256::digest(&bytes)), bytes, announced }
    }
}

fn replace(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes;
    let mut at = 0;
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        at += 1;
    }
    bytes
}

/// Escapes every byte for a path or a query.
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        write!(escaped, "%{byte:02x}").unwrap();
        escaped
    })
}

/// The states that a submission went through.
pub fn states(submission: &Submission) -> Vec<State> {
    submission.history.iter().map(|change| change.state).collect()
}
