use chrono::TimeDelta;
use relay_api::{Account, RefusalCode, Role, Session};
use reqwest::Method;
use serde_json::json;

use crate::support::{CORPORATION, OFFICE, PASSWORD, TestRelay, ok, refused};

#[tokio::test]
async fn a_temporary_password_opens_only_the_way_to_a_new_one() {
    let relay = TestRelay::start().await;
    let temporary = relay.add_login(CORPORATION, "tanpopo-honbu", None).await;
    let session: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", &temporary).await).await;
    assert!(session.account.must_change_password);
    assert_eq!(session.expires_in, 900);
    let token = &session.access_token;

    let account: Account = ok(relay.get("/v1/account", token).await).await;
    assert_eq!(account, session.account);
    for path in ["/v1/submissions", "/v1/documents", &format!("/v1/submissions/{}", "a".repeat(64))] {
        refused(relay.get(path, token).await, 403, RefusalCode::PasswordChangeRequired).await;
    }
    let session: Session = ok(relay.refresh(&session.refresh_token).await).await;
    assert!(session.account.must_change_password);

    let changed: Session = ok(relay.change_password(&session.access_token, &temporary, PASSWORD).await).await;
    assert!(!changed.account.must_change_password);
    assert_eq!(changed.account.role, Role::Corporation);
    let offices: Vec<_> = changed.account.offices.iter().map(|office| office.number.as_str()).collect();
    assert_eq!(offices, ["9970000015", "9970000023"]);
    assert_eq!(relay.get("/v1/submissions", &changed.access_token).await.status(), 200);

    // All that came before has ended.
    refused(relay.get("/v1/account", token).await, 401, RefusalCode::TokenExpired).await;
    refused(relay.refresh(&session.refresh_token).await, 401, RefusalCode::SessionEnded).await;
    let refusal =
        refused(relay.sign_in(CORPORATION, "tanpopo-honbu", &temporary).await, 401, RefusalCode::WrongCredentials);
    assert_eq!(refusal.await.attempts_left, Some(4));
    let again: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await).await;
    assert_eq!(again.account, changed.account);
}

#[tokio::test]
async fn five_wrong_passwords_lock_for_thirty_minutes() {
    let relay = TestRelay::start().await;
    relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let wrong = async || relay.sign_in(CORPORATION, "tanpopo-honbu", "wrong").await;
    for left in [4, 3, 2, 1] {
        let refusal = refused(wrong().await, 401, RefusalCode::WrongCredentials).await;
        assert_eq!((refusal.attempts_left, refusal.retry_after), (Some(left), None));
    }
    let refusal = refused(wrong().await, 423, RefusalCode::Locked).await;
    assert_eq!((refusal.attempts_left, refusal.retry_after), (None, Some(1800)));

    relay.wait(TimeDelta::minutes(10));
    let right = relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await;
    assert_eq!(right.headers()["retry-after"], "1200");
    refused(right, 423, RefusalCode::Locked).await;

    relay.wait(TimeDelta::minutes(20));
    let _: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await).await;
    // The right password starts the count anew.
    assert_eq!(refused(wrong().await, 401, RefusalCode::WrongCredentials).await.attempts_left, Some(4));
}

#[tokio::test]
async fn attempts_at_once_are_counted_before_they_are_checked() {
    let relay = TestRelay::start().await;
    relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let tries = (0..12).map(|n| {
        let wrong = format!("wrong-{n}");
        let relay = &relay;
        async move { relay.sign_in(CORPORATION, "tanpopo-honbu", &wrong).await.status().as_u16() }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 401, 401, 423, 423, 423, 423, 423, 423, 423, 423]);
}

#[tokio::test]
async fn an_unknown_id_looks_like_a_known_one() {
    let relay = TestRelay::start().await;
    relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let mut answers = Vec::new();
    for (corporation, id) in [(CORPORATION, "tanpopo-honbu"), (CORPORATION, "nobody"), ("9999999999", "nobody")] {
        let mut of_one = Vec::new();
        for _ in 0..6 {
            let response = relay.sign_in(corporation, id, "wrong").await;
            of_one.push((response.status(), response.text().await.unwrap()));
        }
        answers.push(of_one);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn an_access_token_lives_fifteen_minutes_and_a_refresh_token_ninety_days() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    relay.wait(TimeDelta::seconds(899));
    assert_eq!(relay.get("/v1/account", &session.access_token).await.status(), 200);
    relay.wait(TimeDelta::seconds(1));
    refused(relay.get("/v1/account", &session.access_token).await, 401, RefusalCode::TokenExpired).await;
    relay.wait(TimeDelta::days(89));
    let next: Session = ok(relay.refresh(&session.refresh_token).await).await;
    assert_eq!(relay.get("/v1/account", &next.access_token).await.status(), 200);
    // Each refresh token has its own ninety days.
    relay.wait(TimeDelta::days(90) - TimeDelta::seconds(1));
    let last: Session = ok(relay.refresh(&next.refresh_token).await).await;
    relay.wait(TimeDelta::days(90));
    refused(relay.refresh(&last.refresh_token).await, 401, RefusalCode::SessionEnded).await;
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_whole_session() {
    let relay = TestRelay::start().await;
    let first = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let elsewhere: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", PASSWORD).await).await;
    let second: Session = ok(relay.refresh(&first.refresh_token).await).await;
    assert_ne!(first.refresh_token, second.refresh_token);

    refused(relay.refresh(&first.refresh_token).await, 401, RefusalCode::SessionEnded).await;
    refused(relay.refresh(&second.refresh_token).await, 401, RefusalCode::SessionEnded).await;
    refused(relay.get("/v1/account", &second.access_token).await, 401, RefusalCode::TokenExpired).await;
    assert_eq!(relay.get("/v1/account", &elsewhere.access_token).await.status(), 200);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    let out = relay.request(Method::DELETE, "/v1/sessions/current", &session.access_token).send().await.unwrap();
    assert_eq!(out.status(), 204);
    refused(relay.get("/v1/account", &session.access_token).await, 401, RefusalCode::TokenExpired).await;
    refused(relay.refresh(&session.refresh_token).await, 401, RefusalCode::SessionEnded).await;
}

#[tokio::test]
async fn a_new_password_keeps_the_rules_and_the_old_one_is_asked_for() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    for weak in ["short", PASSWORD, "TANPOPO-HONBU", &"a".repeat(129)] {
        refused(relay.change_password(&token, PASSWORD, weak).await, 422, RefusalCode::WeakPassword).await;
    }
    let wrong = relay.change_password(&token, "not this one", "a-better-password").await;
    assert_eq!(refused(wrong, 401, RefusalCode::WrongCredentials).await.attempts_left, Some(4));
    let _: Session = ok(relay.change_password(&token, PASSWORD, "a-better-password").await).await;
}

#[tokio::test]
async fn the_operator_resets_a_password_and_lifts_the_lock() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", None).await;
    for _ in 0..5 {
        relay.sign_in(CORPORATION, "tanpopo-honbu", "wrong").await;
    }
    let letter = relay.relay.reset_login(CORPORATION, "tanpopo-honbu").await.unwrap();
    refused(relay.get("/v1/account", &session.access_token).await, 401, RefusalCode::TokenExpired).await;
    let again: Session = ok(relay.sign_in(CORPORATION, "tanpopo-honbu", &letter.password.unwrap()).await).await;
    assert!(again.account.must_change_password);
}

#[tokio::test]
async fn the_audit_names_events_and_holds_no_secrets() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, "tanpopo-honbu", Some(OFFICE)).await;
    relay.sign_in(CORPORATION, "tanpopo-honbu", "wrong").await;
    relay.sign_in(CORPORATION, "nobody", "wrong").await;
    ok::<Session>(relay.refresh(&session.refresh_token).await).await;
    relay.refresh(&session.refresh_token).await;

    let rows = relay.relay.audit_rows(100).await.unwrap();
    let events: Vec<&str> = rows.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(
        events[5..],
        ["login_added", "signed_in", "password_changed", "wrong_password", "unknown_credential", "refresh_reused"]
    );
    let everything = relay.everything_stored().await;
    for secret in [&session.access_token, &session.refresh_token, PASSWORD] {
        assert!(!everything.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test]
async fn requests_of_another_shape_are_refused_as_such() {
    let relay = TestRelay::start().await;
    let post = |body: String| relay.http.post(relay.url("/v1/sessions")).body(body);
    refused(post("{}".into()).send().await.unwrap(), 400, RefusalCode::Malformed).await;
    for body in ["", "{", "[]", "{\"corporation_number\":1}", &"x".repeat(100_000)] {
        let request = post(body.to_owned()).header("content-type", "application/json");
        refused(request.send().await.unwrap(), 400, RefusalCode::Malformed).await;
    }
    let long = json!({ "corporation_number": CORPORATION, "login_id": "nobody", "password": "x".repeat(50_000) });
    let request = relay.http.post(relay.url("/v1/sessions")).json(&long);
    refused(request.send().await.unwrap(), 401, RefusalCode::WrongCredentials).await;
    for token in ["", "nonsense", &"a".repeat(5_000)] {
        refused(relay.get("/v1/account", token).await, 401, RefusalCode::TokenExpired).await;
    }
}
