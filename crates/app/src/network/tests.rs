//! Networks of offices: a proxy that wants a name, one that looks into TLS, a line that the computer slept through.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use axum::routing::get;
use axum::{Json, Router};
use chrono::TimeDelta;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use relay_api::RelayStatus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::everyday::ProxySettings;
use crate::support::{HealthState, health};
use crate::tests::{NOON, open, refused, running, time};
use crate::views::ConnectionState;
use crate::{App, Clock};

/// `office:mizuumi`.
const RIGHT: &str = "Basic b2ZmaWNlOm1penV1bWk=";

fn status_router(asked: Arc<AtomicUsize>) -> Router {
    let status = move || {
        asked.fetch_add(1, Ordering::SeqCst);
        async { Json(RelayStatus { now: "2026-06-05T12:00:00+09:00".into(), last_contact: None, demo: None }) }
    };
    Router::new().route("/v1/status", get(status))
}

/// A relay whose certificate comes from a root of its own, as behind a network that looks into TLS.
struct Inspected {
    address: SocketAddr,
    root: String,
}

async fn inspected() -> Inspected {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &root).unwrap();
    let tls =
        axum_server::tls_rustls::RustlsConfig::from_pem(leaf.pem().into_bytes(), key.serialize_pem().into_bytes())
            .await
            .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let router = status_router(Arc::default());
    let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
    tokio::spawn(server.serve(router.into_make_service()));
    Inspected { address, root: root.pem() }
}

/// A proxy that lets only [`RIGHT`] through, and counts those.
async fn proxy() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let passed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&passed);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, Arc::clone(&counter)));
        }
    });
    (address, passed)
}

async fn carry(mut client: TcpStream, passed: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let signs_in = head.lines().any(|line| {
        line.split_once(": ")
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("proxy-authorization") && value == RIGHT)
    });
    if !signs_in {
        return client
            .write_all(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            )
            .await;
    }
    passed.fetch_add(1, Ordering::SeqCst);
    let port =
        head.split_whitespace().nth(1).and_then(|target| target.rsplit(':').next()).unwrap_or_default().to_owned();
    let mut relay = TcpStream::connect(format!("127.0.0.1:{port}")).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    tokio::io::copy_bidirectional(&mut client, &mut relay).await.map(drop)
}

async fn at(folder: &Path, relay: &str) -> App {
    let app = open(folder, running(NOON)).await;
    app.use_relay(relay).await.unwrap();
    app
}

async fn state(app: &App) -> (ConnectionState, Option<String>) {
    app.ask_status().await;
    let connection = app.frame().await.unwrap().connection;
    (connection.state, connection.problem.map(|problem| problem.code))
}

async fn proxy_health(app: &App) -> HealthState {
    let view = health(&app.0.config, Some(app)).await;
    view.items.into_iter().find(|item| item.id == "proxy").unwrap().state
}

#[tokio::test]
async fn a_company_root_lets_a_network_look_into_tls_and_nothing_else_does() {
    let home = tempfile::tempdir().unwrap();
    let (relay, other) = (inspected().await, inspected().await);
    let app = at(home.path(), &format!("https://localhost:{}", relay.address.port())).await;
    let untrusted = (ConnectionState::Faulty, Some("E-1308".to_owned()));
    assert_eq!(state(&app).await, untrusted);
    let pem = home.path().join("company-root.pem");
    std::fs::write(&pem, &other.root).unwrap();
    app.set_company_root(Some(pem.to_str().unwrap())).await.unwrap();
    assert_eq!(state(&app).await, untrusted, "another company's root");
    std::fs::write(&pem, &relay.root).unwrap();
    let kept = app.set_company_root(Some(pem.to_str().unwrap())).await.unwrap();
    assert_eq!(kept.company_root.as_deref(), Some("company-root.pem"));
    assert_eq!(state(&app).await, (ConnectionState::Online, None));
    drop(app);
    // It lies in the database: the file may go.
    std::fs::remove_file(&pem).unwrap();
    let app = open(home.path(), running(NOON)).await;
    assert_eq!(state(&app).await, (ConnectionState::Online, None));
    app.set_company_root(None).await.unwrap();
    assert_eq!(state(&app).await, untrusted);
    std::fs::write(&pem, "not a certificate").unwrap();
    refused(app.set_company_root(Some(pem.to_str().unwrap())).await, Code::NotACertificate);
}

#[tokio::test]
async fn a_proxy_that_wants_a_name_gets_it_from_the_keychain() {
    let home = tempfile::tempdir().unwrap();
    let relay = inspected().await;
    let (proxy, passed) = proxy().await;
    let app = at(home.path(), &format!("https://localhost:{}", relay.address.port())).await;
    let pem = home.path().join("root.pem");
    std::fs::write(&pem, &relay.root).unwrap();
    let mut preferences = app.set_company_root(Some(pem.to_str().unwrap())).await.unwrap();
    preferences.proxy = ProxySettings { mode: ProxyMode::Manual, address: proxy.to_string(), user: "office".into() };
    app.set_preferences(preferences.clone()).await.unwrap();
    assert_eq!(state(&app).await, (ConnectionState::Faulty, Some("E-1310".to_owned())), "no password yet");
    assert_eq!(proxy_health(&app).await, HealthState::Bad, "it lets nobody through");
    app.set_proxy_password("mizuumi").await.unwrap();
    assert_eq!(state(&app).await, (ConnectionState::Online, None));
    assert!(passed.load(Ordering::SeqCst) > 0, "it went through the proxy");
    assert_eq!(proxy_health(&app).await, HealthState::Good);
    drop(app);
    let app = open(home.path(), running(NOON)).await;
    assert_eq!(state(&app).await, (ConnectionState::Online, None), "after a restart");
    preferences.proxy.mode = ProxyMode::Direct;
    app.set_preferences(preferences).await.unwrap();
    let before = passed.load(Ordering::SeqCst);
    assert_eq!(state(&app).await, (ConnectionState::Online, None));
    assert_eq!(passed.load(Ordering::SeqCst), before, "past the proxy");
}

#[tokio::test]
async fn after_a_sleep_everything_is_asked_anew() {
    let home = tempfile::tempdir().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = status_router(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let seconds = Arc::new(AtomicI64::new(0));
    let counter = Arc::clone(&seconds);
    let clock = Clock::new(move || time(NOON) + TimeDelta::seconds(counter.load(Ordering::SeqCst)));
    let app = open(home.path(), clock).await;
    app.use_relay(&address).await.unwrap();
    let tick_after = async |pause: i64| {
        seconds.fetch_add(pause, Ordering::SeqCst);
        app.tick().await.unwrap();
        asked.load(Ordering::SeqCst)
    };
    let first = tick_after(0).await;
    assert_eq!(tick_after(1).await, first, "it was asked a second ago");
    // Back by a day: a clock that was set right must not silence the program either.
    assert_eq!(tick_after(-86_400).await, first + 1);
    assert_eq!(tick_after(1).await, first + 1);
    assert_eq!(tick_after(8 * 3600).await, first + 2, "asked at once after the night");
}

#[test]
fn proxies_are_typed_as_on_the_office_s_note() {
    for good in ["proxy.example.jp:8080", " http://10.0.0.1:3128/ ", "[::1]:8080"] {
        assert!(proxy_address(good).is_ok(), "{good}");
    }
    for bad in ["", "proxy", "proxy:", "proxy:http", "https://proxy:1", "user:pass@proxy:8080", "proxy:99999"] {
        assert_eq!(proxy_address(bad).map_err(|problem| problem.code), Err(Code::WrongProxy), "{bad}");
    }
}

#[test]
fn only_a_certificate_is_taken_for_one() {
    let network = Network { company_root: Some("no certificate".into()), ..Network::default() };
    assert_eq!(network.client().map(drop).map_err(|problem| problem.code), Err(Code::NotACertificate));
}
