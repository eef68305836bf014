//! Newer versions, from a relay that offers what each test says.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use minisign::KeyPair;
use relay_api::RelayStatus;
use relay_api::releases::{Release, trusted_comment};

use super::Channel;
use crate::problem::Code;
use crate::tests::{NOON, claim, open, refused, running, signed_in, stage};
use crate::{App, Clock};

const INSTALLER: &[u8] = b"MZ the new program";

struct Offer {
    release: Option<Release>,
    content: Vec<u8>,
}

/// Starts a relay that offers `offer` and returns its address.
async fn relay(offer: Offer) -> String {
    async fn newer(State(offer): State<Arc<Offer>>) -> Response {
        match &offer.release {
            Some(release) => Json(release.clone()).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        }
    }
    async fn file(State(offer): State<Arc<Offer>>) -> Vec<u8> {
        offer.content.clone()
    }
    let status =
        || async { Json(RelayStatus { now: "2026-06-05T12:00:00+09:00".into(), last_contact: None, demo: None }) };
    let router = Router::new()
        .route("/v1/releases/{target}/{arch}/{current}", get(newer))
        .route("/v1/releases/files/{name}", get(file))
        .route("/v1/status", get(status))
        .with_state(Arc::new(offer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn signed(keys: &KeyPair, version: &str, comment: &str) -> Release {
    let signature =
        minisign::sign(Some(&keys.pk), &keys.sk, Cursor::new(INSTALLER), Some(comment), Some("operator")).unwrap();
    Release {
        version: version.into(),
        notes: "返戻の一覧が速くなりました。".into(),
        pub_date: "2026-06-11T10:00:00+09:00".into(),
        url: format!("/v1/releases/files/todoke-{version}-windows-x86_64.exe"),
        signature: signature.into_string(),
        size: INSTALLER.len() as u64,
    }
}

fn follow(app: &App, keys: &KeyPair) {
    app.follow_releases(Channel {
        public_key: keys.pk.to_base64(),
        version: "0.1.0".into(),
        target: "windows".into(),
        arch: "x86_64".into(),
    });
}

/// Opens the program at a relay with this offer.
async fn offered(folder: &Path, keys: &KeyPair, release: Option<Release>, content: &[u8]) -> App {
    let app = signed_in(folder).await;
    app.use_relay(&relay(Offer { release, content: content.to_vec() }).await).await.unwrap();
    follow(&app, keys);
    app
}

fn keys() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().unwrap()
}

fn comment(version: &str) -> String {
    trusted_comment(version, "windows", "x86_64")
}

#[tokio::test]
async fn a_signed_version_is_fetched_and_the_database_copied_first() {
    let home = tempfile::tempdir().unwrap();
    let keys = keys();
    let release = signed(&keys, "0.2.0", &comment("0.2.0"));
    let app = offered(home.path(), &keys, Some(release), INSTALLER).await;
    let view = app.newer_version().await.unwrap().unwrap();
    assert_eq!((view.version.as_str(), view.current.as_str()), ("0.2.0", "0.1.0"));
    assert!(view.notes.contains("返戻"));
    assert!(!home.path().join("data/copies").exists());
    let installer = app.fetch_update().await.unwrap();
    assert_eq!(std::fs::read(installer).unwrap(), INSTALLER);
    assert_eq!(std::fs::read_dir(home.path().join("data/copies")).unwrap().count(), 1);
    // The program is about to end: nothing more goes out.
    assert!(app.is_leaving());
    app.stay();
    assert!(!app.is_leaving());
}

#[tokio::test]
async fn what_the_operator_did_not_sign_is_refused_and_nothing_changes() {
    let good = keys();
    let older = signed(&good, "0.3.0", &comment("0.0.9"));
    let foreign = signed(&keys(), "0.3.0", &comment("0.3.0"));
    let mut elsewhere = signed(&good, "0.3.0", &comment("0.3.0"));
    elsewhere.url = "/v1/releases/files/..%2Ftodoke.exe".into();
    let mut mangled = signed(&good, "0.3.0", &comment("0.3.0"));
    mangled.signature = "untrusted comment: nothing".into();
    let genuine = signed(&good, "0.3.0", &comment("0.3.0"));
    for (release, content) in [
        (older, INSTALLER),
        (foreign, INSTALLER),
        (elsewhere, INSTALLER),
        (mangled, INSTALLER),
        (genuine, b"MZ another program".as_slice()),
    ] {
        let home = tempfile::tempdir().unwrap();
        let app = offered(home.path(), &good, Some(release), content).await;
        refused(app.fetch_update().await, Code::UpdateUntrusted);
        assert!(!app.is_leaving());
        assert!(!home.path().join("data/updates").exists(), "nothing is left that could be started");
    }
}

#[tokio::test]
async fn no_older_version_is_taken() {
    for version in ["0.1.0", "0.0.9", "not a version"] {
        let home = tempfile::tempdir().unwrap();
        let keys = keys();
        let app = offered(home.path(), &keys, Some(signed(&keys, version, &comment(version))), INSTALLER).await;
        assert_eq!(app.newer_version().await.unwrap(), None, "{version}");
        refused(app.fetch_update().await, Code::NoUpdate);
    }
    let home = tempfile::tempdir().unwrap();
    let app = signed_in(home.path()).await;
    refused(app.newer_version().await, Code::NoUpdate);
}

#[tokio::test]
async fn nothing_is_said_while_claims_go_out() {
    for (now, said) in [("2026-06-10T23:59:59", false), ("2026-06-11T00:00:00", true), ("2026-07-01T00:00:00", false)] {
        let home = tempfile::tempdir().unwrap();
        let keys = keys();
        drop(signed_in(home.path()).await);
        let app = open(home.path(), running(now)).await;
        let release = signed(&keys, "0.2.0", &comment("0.2.0"));
        app.use_relay(&relay(Offer { release: Some(release), content: Vec::new() }).await).await.unwrap();
        follow(&app, &keys);
        assert!(app.newer_version().await.unwrap().is_some(), "whoever asks is told");
        assert_eq!(app.frame().await.unwrap().new_version.is_some(), said, "{now}");
    }
}

#[tokio::test]
async fn never_during_sending() {
    let home = tempfile::tempdir().unwrap();
    let keys = keys();
    let app = offered(home.path(), &keys, Some(signed(&keys, "0.2.0", &comment("0.2.0"))), INSTALLER).await;
    let sent = stage(&app, &claim(home.path(), "KK260601.CSV", "0000000901")).await.unwrap();
    // A file that only waits goes on waiting in the new version.
    app.fetch_update().await.unwrap();
    app.stay();
    let id: store::ContentId = sent.id.parse().unwrap();
    let now = app.now();
    app.store(move |store| store.begin_attempt(&id, now)).await.unwrap();
    refused(app.fetch_update().await, Code::UpdateWhileSending);
    assert!(!app.is_leaving());
}

/// The program looks by itself, some times a day, once the relay answers.
#[tokio::test]
async fn the_program_looks_for_a_newer_version_by_itself() {
    let home = tempfile::tempdir().unwrap();
    let keys = keys();
    drop(signed_in(home.path()).await);
    let app = open(home.path(), Clock::new(|| NOON.replace("06-05", "06-15").parse().unwrap())).await;
    let release = signed(&keys, "0.2.0", &comment("0.2.0"));
    app.use_relay(&relay(Offer { release: Some(release), content: Vec::new() }).await).await.unwrap();
    follow(&app, &keys);
    app.tick().await.unwrap();
    assert_eq!(app.frame().await.unwrap().new_version.as_deref(), Some("0.2.0"));
}
