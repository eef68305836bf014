//! What the operator relies on: OpenAPI, request ids, faults, TLS, limits.

use std::net::TcpListener;
use std::num::NonZeroU32;

use axum_server::Handle;
use relay::backup::{BackupError, verify_backup};
use relay::{Config, Rate, Relay, ServeError, Tls};
use relay_api::{RefusalCode, RelayStatus};
use reqwest::{Certificate, Client};

use crate::support::{Claim, OFFICE, TestRelay, client, objects, ok, refused};

#[tokio::test]
async fn the_openapi_document_is_served_as_reviewed() {
    let relay = TestRelay::start().await;
    let served: serde_json::Value = ok(relay.http.get(relay.url("/v1/openapi.json")).send().await.unwrap()).await;
    let built = serde_json::to_value(relay::http::openapi()).unwrap();
    assert_eq!(served, built);
    let mut reviewed = built;
    reviewed["info"]["version"] = "[version]".into();
    // The order of the keys depends on the features that the rest of a build asks of serde_json.
    insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!(reviewed) });
}

#[tokio::test]
async fn every_route_can_refuse_and_says_how() {
    let document = serde_json::to_value(relay::http::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut operations = 0;
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            operations += usize::from(path.starts_with("/v1/"));
            for (status, response) in operation["responses"].as_object().unwrap() {
                if status.starts_with(['4', '5']) {
                    let schema = &response["content"]["application/json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/Refusal", "{method} {path} {status}");
                }
            }
            let can_fail = operation["responses"].get("500").is_some();
            assert!(can_fail || path == "/healthz", "{method} {path}");
        }
    }
    // The table on top of relay-api.
    assert_eq!(operations, 41);
}

#[tokio::test]
async fn a_broken_database_is_a_refusal_with_the_request_id() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    assert_eq!(relay.http.get(relay.url("/readyz")).send().await.unwrap().status(), 200);
    let database = rusqlite::Connection::open(relay.folder.path().join("relay.db")).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE submission; DROP TABLE corporation;").unwrap();
    let response = relay.get("/v1/submissions", &token).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let refusal = refused(response, 500, RefusalCode::Internal).await;
    assert_eq!(refusal.detail, format!("internal fault; request id {id}"));
    refused(relay.http.get(relay.url("/readyz")).send().await.unwrap(), 500, RefusalCode::Internal).await;
    assert_eq!(relay.http.get(relay.url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn one_credential_cannot_take_the_whole_relay() {
    let two = NonZeroU32::new(2).unwrap();
    let relay = TestRelay::start_with(|config| relay::Config {
        rate: Rate { per_second: two, burst: two.saturating_add(1) },
        ..config
    })
    .await;
    let token = relay.token().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(relay.get("/v1/account", &token).await.status().as_u16());
    }
    // One of the three was the change of the password.
    assert_eq!(statuses, [200, 200, 429, 429]);
    let refusal = refused(relay.get("/v1/account", &token).await, 429, RefusalCode::TooManyRequests).await;
    assert_eq!(refusal.retry_after, Some(1));
    relay.wait(chrono::TimeDelta::seconds(1));
    assert_eq!(relay.get("/v1/account", &token).await.status(), 200);
}

#[tokio::test]
async fn a_real_relay_says_that_no_terminal_transmits() {
    let relay = TestRelay::start().await;
    let status: RelayStatus = ok(relay.http.get(relay.url("/v1/status")).send().await.unwrap()).await;
    let expected = RelayStatus { now: "2026-06-05T10:00:00+09:00".into(), last_contact: None, demo: None };
    assert_eq!(status, expected);
    let move_clock = relay.http.post(relay.url("/v1/demo/clock"));
    let response = move_clock.json(&serde_json::json!({ "to": "2026-06-30T15:00:00+09:00" })).send().await.unwrap();
    refused(response, 404, RefusalCode::NotFound).await;
}

#[tokio::test]
async fn speaks_https_with_a_certificate() {
    let relay = TestRelay::start().await;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: relay.folder.path().join("cert.pem"), key: relay.folder.path().join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    let in_use = relay::Certificate::load(tls.clone()).unwrap();

    // Any address will do with a certificate.
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (router, handle) = (relay::http::router(relay.relay.clone()), Handle::new());
    let stop = handle.clone();
    let server = tokio::spawn({
        let in_use = in_use.clone();
        async move { relay::serve(listener, Some(&in_use), router, stop).await }
    });

    client();
    let trusted = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let https = Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let status: RelayStatus = ok(https.get(format!("https://localhost:{port}/v1/status")).send().await.unwrap()).await;
    assert_eq!(status.demo, None);
    let plain = client().get(format!("http://localhost:{port}/v1/status")).send().await;
    assert!(plain.is_err(), "plain HTTP must not be answered");

    // A renewed certificate is taken into use without a restart; one that is none is not.
    let renewed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let ask = async |trusted: &rcgen::CertifiedKey<rcgen::KeyPair>| {
        let trusted = Certificate::from_pem(trusted.cert.pem().as_bytes()).unwrap();
        let https = Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
        https.get(format!("https://localhost:{port}/v1/status")).send().await
    };
    let before = in_use.written();
    std::fs::write(&tls.certificate, renewed.cert.pem()).unwrap();
    assert_ne!(in_use.written(), before);
    assert!(in_use.reload().is_err(), "the key belongs to the one before");
    assert!(ask(&made).await.is_ok());
    std::fs::write(&tls.key, renewed.signing_key.serialize_pem()).unwrap();
    in_use.reload().unwrap();
    assert!(ask(&renewed).await.is_ok());
    assert!(ask(&made).await.is_err());
    handle.shutdown();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn refuses_plain_http_where_others_could_listen() {
    let relay = TestRelay::start().await;
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let router = relay::http::router(relay.relay.clone());
    let refused = relay::serve(listener, None, router, Handle::new()).await;
    assert!(matches!(refused, Err(ServeError::PlainHttp(_))), "{refused:?}");
}

#[tokio::test]
async fn refuses_a_certificate_that_is_none() {
    let relay = TestRelay::start().await;
    let file = relay.folder.path().join("not.pem");
    std::fs::write(&file, "nothing").unwrap();
    let tls = Tls { certificate: file.clone(), key: file };
    assert!(matches!(relay::Certificate::load(tls), Err(ServeError::Certificate(_))));
}

#[tokio::test]
async fn a_backup_is_taken_while_it_serves_and_proves_itself() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let claim = Claim::sample();
    relay.send(&token, &claim).await;
    let at = chrono::DateTime::parse_from_rfc3339("2026-06-30T09:00:00+09:00").unwrap();
    relay.relay.append_document(OFFICE, "74100000.CSV", "通知".into(), at).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let backup = relay.relay.back_up(&copy).await.unwrap();
    assert_eq!(backup.contents, 2);
    assert!(matches!(relay.relay.back_up(&copy).await, Err(BackupError::NotEmpty(_))));
    assert_eq!(verify_backup(&copy).await.unwrap(), backup);

    // A relay that serves from the copy knows everything.
    let clock = relay.relay.clock().clone();
    let restored = Relay::open(Config::new(&copy, clock)).await.unwrap();
    let restored = TestRelay::serve(restored, tempfile::tempdir().unwrap(), std::sync::Arc::default());
    let content = restored.get(&format!("/v1/submissions/{}/content", claim.sha256), &token).await;
    assert_eq!(content.bytes().await.unwrap(), claim.bytes);

    let object = objects(&copy).into_iter().find(|path| path.contains("submissions")).unwrap();
    std::fs::write(&object, "x").unwrap();
    assert!(matches!(verify_backup(&copy).await, Err(BackupError::Content(_))));
    std::fs::remove_file(&object).unwrap();
    assert!(matches!(verify_backup(&copy).await, Err(BackupError::Content(_))));
    assert!(matches!(verify_backup(folder.path()).await, Err(BackupError::Damaged(_))));
}

#[tokio::test]
async fn figures_say_what_waits_and_name_nobody() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    relay.send(&token, &Claim::sample()).await;
    relay.relay.add_certificate("A \"1\"", "2026-06-15".parse().unwrap()).await.unwrap();
    relay.wait(chrono::TimeDelta::seconds(90));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let router = relay::http::metrics_router(relay.relay.clone());
    tokio::spawn(relay::serve(listener, None, router, Handle::new()));
    let text = client().get(&url).send().await.unwrap().text().await.unwrap();
    for line in [
        "todoke_requests_total{status=\"200\"} 4",
        "todoke_submissions{state=\"waiting\"} 1",
        "todoke_waiting_seconds 90",
        "todoke_certificate_days{certificate=\"A \\\"1\\\"\"} 10",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains(OFFICE) && !text.contains("たんぽぽ"), "{text}");
    // Not on the address that offices reach.
    refused(relay.http.get(relay.url("/metrics")).send().await.unwrap(), 404, RefusalCode::NotFound).await;
}
