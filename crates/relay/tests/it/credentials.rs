//! What stands between a person and a session.

use chrono::TimeDelta;
use relay_api::{Account, LogIn, LoginList, RecoveryCodes, RefusalCode, ResetCode, SecondFactorSetup, Session};
use reqwest::{Method, Response};
use serde_json::json;
use totp_rs::{Algorithm, Secret, TOTP};

use crate::support::{CORPORATION, OFFICE, OTHER_CORPORATION, PASSWORD, TestRelay, ok, refused};

const HONBU: &str = "tanpopo-honbu";

impl TestRelay {
    async fn sign_in_with(&self, password: &str, device: Option<&str>, code: Option<&str>) -> Response {
        let log_in = LogIn {
            device: device.map(str::to_owned),
            code: code.map(str::to_owned),
            ..LogIn::new(CORPORATION, HONBU, password)
        };
        self.http.post(self.url("/v1/sessions")).json(&log_in).send().await.unwrap()
    }

    async fn post(&self, path: &str, token: &str, body: serde_json::Value) -> Response {
        self.request(Method::POST, path, token).json(&body).send().await.unwrap()
    }

    async fn sign_out_everywhere(&self, token: &str) -> Session {
        ok(self.request(Method::DELETE, "/v1/sessions", token).send().await.unwrap()).await
    }

    async fn reset(&self, id: &str, code: &str, new: &str) -> Response {
        let body = json!({ "corporation_number": CORPORATION, "login_id": id, "code": code, "new": new });
        self.http.post(self.url("/v1/password/reset")).json(&body).send().await.unwrap()
    }

    /// Puts a second factor in force; returns what an app on a telephone knows, and the recovery codes.
    async fn with_second_factor(&self, token: &str) -> (Telephone, Vec<String>) {
        let setup = self.post("/v1/second-factor", token, json!({ "password": PASSWORD })).await;
        let setup: SecondFactorSetup = ok(setup).await;
        let telephone = Telephone::new(&setup);
        let code = telephone.code(self);
        let confirmed = self.post("/v1/second-factor/confirm", token, json!({ "code": code })).await;
        let RecoveryCodes { codes } = ok(confirmed).await;
        // A code counts once; the next one is another.
        self.wait(TimeDelta::seconds(30));
        (telephone, codes)
    }
}

struct Telephone(TOTP);

impl Telephone {
    fn new(setup: &SecondFactorSetup) -> Self {
        assert!(setup.uri.starts_with("otpauth://totp/") && setup.uri.contains(&setup.secret), "{}", setup.uri);
        let secret = Secret::Encoded(setup.secret.clone()).to_bytes().unwrap();
        Self(TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).unwrap())
    }

    fn code(&self, relay: &TestRelay) -> String {
        self.0.generate(relay.relay.clock().real().timestamp() as u64)
    }
}

#[tokio::test]
async fn each_lock_is_longer_until_the_right_password_comes() {
    let relay = TestRelay::start().await;
    relay.session(CORPORATION, HONBU, None).await;
    for seconds in [1800, 3600, 7200] {
        for left in [4, 3, 2, 1] {
            let refusal = refused(relay.sign_in_with("wrong", None, None).await, 401, RefusalCode::WrongCredentials);
            assert_eq!(refusal.await.attempts_left, Some(left));
        }
        let refusal = refused(relay.sign_in_with("wrong", None, None).await, 423, RefusalCode::Locked).await;
        assert_eq!(refusal.retry_after, Some(seconds));
        relay.wait(TimeDelta::seconds(seconds.into()));
    }
    let _: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    for _ in 0..4 {
        relay.sign_in_with("wrong", None, None).await;
    }
    let refusal = refused(relay.sign_in_with("wrong", None, None).await, 423, RefusalCode::Locked).await;
    assert_eq!(refusal.retry_after, Some(1800), "the right password began anew");
}

#[tokio::test]
async fn whoever_tries_many_ids_of_a_corporation_stops_it_for_a_minute_and_no_session_of_it() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, HONBU, None).await;
    relay.session(OTHER_CORPORATION, "sumire-honbu", None).await;
    for n in 0..19 {
        let guess = relay.sign_in(CORPORATION, &format!("guessed-{n}"), "Sakura-2026-haru").await;
        refused(guess, 401, RefusalCode::WrongCredentials).await;
    }
    let _: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    // The right password of one ID does not forgive what was tried with others.
    relay.sign_in(CORPORATION, "guessed-20", "Sakura-2026-haru").await;
    let refusal = refused(relay.sign_in_with(PASSWORD, None, None).await, 423, RefusalCode::Locked).await;
    assert_eq!(refusal.retry_after, Some(60));
    refused(relay.sign_in(CORPORATION, "guessed-21", "x").await, 423, RefusalCode::Locked).await;
    let _: Session = ok(relay.sign_in(OTHER_CORPORATION, "sumire-honbu", PASSWORD).await).await;
    let _: Session = ok(relay.refresh(&session.refresh_token).await).await;
    relay.wait(TimeDelta::seconds(60));
    let _: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    let events: Vec<String> = relay.relay.audit_rows(200).await.unwrap().into_iter().map(|row| row.event).collect();
    assert_eq!(events.iter().filter(|event| *event == "corporation_locked").count(), 1);
}

#[tokio::test]
async fn a_new_computer_needs_a_code_and_a_known_one_does_not() {
    let relay = TestRelay::start().await;
    let first = relay.session(CORPORATION, HONBU, None).await;
    let device = first.device.clone().unwrap();
    assert!(!first.account.second_factor);
    let (telephone, _) = relay.with_second_factor(&first.access_token).await;
    let account: Account = ok(relay.get("/v1/account", &first.access_token).await).await;
    assert!(account.second_factor);

    refused(relay.sign_in_with(PASSWORD, None, None).await, 401, RefusalCode::SecondFactorRequired).await;
    // Without the password nobody learns that a code would be asked for.
    refused(relay.sign_in_with("wrong", None, None).await, 401, RefusalCode::WrongCredentials).await;
    let again: Session = ok(relay.sign_in_with(PASSWORD, Some(&device), None).await).await;
    assert_eq!(again.device, None, "it keeps the token that it has");
    let code = telephone.code(&relay);
    let elsewhere: Session = ok(relay.sign_in_with(PASSWORD, None, Some(&code)).await).await;
    assert_ne!(elsewhere.device.unwrap(), device);
    let refusal = refused(relay.sign_in_with(PASSWORD, None, Some(&code)).await, 401, RefusalCode::WrongCode).await;
    assert_eq!(refusal.attempts_left, Some(4), "a code counts once");
    // Asking without a code in between does not give new attempts.
    for left in [3, 2, 1] {
        refused(relay.sign_in_with(PASSWORD, None, None).await, 401, RefusalCode::SecondFactorRequired).await;
        let refusal = refused(relay.sign_in_with(PASSWORD, None, Some("000000")).await, 401, RefusalCode::WrongCode);
        assert_eq!(refusal.await.attempts_left, Some(left));
    }
    refused(relay.sign_in_with(PASSWORD, None, Some("000000")).await, 423, RefusalCode::Locked).await;
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_telephone_once() {
    let relay = TestRelay::start().await;
    let first = relay.session(CORPORATION, HONBU, None).await;
    let (telephone, codes) = relay.with_second_factor(&first.access_token).await;
    assert_eq!(codes.len(), 10);
    let typed = codes[0].replace('-', "").to_uppercase();
    let session: Session = ok(relay.sign_in_with(PASSWORD, None, Some(&typed)).await).await;
    refused(relay.sign_in_with(PASSWORD, None, Some(&codes[0])).await, 401, RefusalCode::WrongCode).await;

    let token = &session.access_token;
    refused(relay.post("/v1/second-factor", token, json!({ "password": PASSWORD })).await, 409, RefusalCode::TooLate)
        .await;
    let end = |password: &str, code: &str| json!({ "password": password, "code": code });
    let wrong = relay.post("/v1/second-factor/end", token, end(PASSWORD, "000000")).await;
    refused(wrong, 401, RefusalCode::WrongCode).await;
    let wrong = relay.post("/v1/second-factor/end", token, end("wrong", &telephone.code(&relay))).await;
    refused(wrong, 401, RefusalCode::WrongCredentials).await;
    let ended = relay.post("/v1/second-factor/end", token, end(PASSWORD, &telephone.code(&relay))).await;
    assert_eq!(ended.status(), 204);
    let _: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    let stored = relay.everything_stored().await;
    assert!(!stored.windows(codes[1].len()).any(|window| window == codes[1].as_bytes()), "codes are kept as hashes");
}

#[tokio::test]
async fn a_second_factor_is_not_in_force_before_it_was_confirmed() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, HONBU, None).await;
    let token = &session.access_token;
    let confirm = |code: &str| json!({ "code": code });
    let early = relay.post("/v1/second-factor/confirm", token, confirm("123456")).await;
    refused(early, 404, RefusalCode::NotFound).await;
    let wrong = relay.post("/v1/second-factor", token, json!({ "password": "wrong" })).await;
    refused(wrong, 401, RefusalCode::WrongCredentials).await;
    let setup = relay.post("/v1/second-factor", token, json!({ "password": PASSWORD })).await;
    let old = Telephone::new(&ok(setup).await);
    // Prepared anew, the code of the earlier picture is good for nothing.
    let setup = relay.post("/v1/second-factor", token, json!({ "password": PASSWORD })).await;
    let new = Telephone::new(&ok(setup).await);
    let wrong = relay.post("/v1/second-factor/confirm", token, confirm(&old.code(&relay))).await;
    refused(wrong, 401, RefusalCode::WrongCode).await;
    let _: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    let _: RecoveryCodes = ok(relay.post("/v1/second-factor/confirm", token, confirm(&new.code(&relay))).await).await;
    refused(relay.sign_in_with(PASSWORD, None, None).await, 401, RefusalCode::SecondFactorRequired).await;
}

#[tokio::test]
async fn signing_out_everywhere_takes_it_from_other_computers_that_they_sign_in_by_themselves() {
    let relay = TestRelay::start().await;
    let lost = relay.session(CORPORATION, HONBU, None).await;
    let here: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    let fresh = relay.sign_out_everywhere(&here.access_token).await;
    for old in [&lost, &here] {
        refused(relay.get("/v1/account", &old.access_token).await, 401, RefusalCode::TokenExpired).await;
        refused(relay.refresh(&old.refresh_token).await, 401, RefusalCode::SessionEnded).await;
        let by_itself = relay.sign_in_with(PASSWORD, old.device.as_deref(), None).await;
        refused(by_itself, 401, RefusalCode::SessionEnded).await;
    }
    let _: Account = ok(relay.get("/v1/account", &fresh.access_token).await).await;
    let _: Session = ok(relay.sign_in_with(PASSWORD, fresh.device.as_deref(), None).await).await;
    // A person who types the password is let in, and signing out ends what the computer may do.
    let typed: Session = ok(relay.sign_in_with(PASSWORD, None, None).await).await;
    let out = relay.request(Method::DELETE, "/v1/sessions/current", &typed.access_token).send().await.unwrap();
    assert_eq!(out.status(), 204);
    refused(relay.sign_in_with(PASSWORD, typed.device.as_deref(), None).await, 401, RefusalCode::SessionEnded).await;
    // Half a year without signing in ends it too.
    relay.wait(TimeDelta::days(181));
    refused(relay.sign_in_with(PASSWORD, fresh.device.as_deref(), None).await, 401, RefusalCode::SessionEnded).await;
}

#[tokio::test]
async fn the_corporation_gives_its_offices_one_time_codes_for_new_passwords() {
    let relay = TestRelay::start().await;
    let honbu = relay.session(CORPORATION, HONBU, None).await.access_token;
    let of_office = relay.session(CORPORATION, "tanpopo-day", Some(OFFICE)).await;
    relay.session(OTHER_CORPORATION, "sumire-honbu", None).await;
    relay.add_login(OTHER_CORPORATION, "sumire-day", Some("9970000031")).await;
    let LoginList { logins } = ok(relay.get("/v1/logins", &honbu).await).await;
    let ids: Vec<_> = logins.iter().map(|login| (login.login_id.as_str(), login.office.is_some())).collect();
    assert_eq!(ids, [(HONBU, false), ("tanpopo-day", true)]);

    let issue =
        async |token: &str, id: &str| relay.post(&format!("/v1/logins/{id}/reset-code"), token, json!({})).await;
    for id in [HONBU, "sumire-honbu", "sumire-day", "nobody", "..%2Fpassword"] {
        refused(issue(&honbu, id).await, 404, RefusalCode::NotFound).await;
    }
    refused(issue(&of_office.access_token, "tanpopo-day").await, 404, RefusalCode::NotFound).await;
    refused(relay.get("/v1/logins", &of_office.access_token).await, 404, RefusalCode::NotFound).await;

    let first: ResetCode = ok(issue(&honbu, "tanpopo-day").await).await;
    let second: ResetCode = ok(issue(&honbu, "tanpopo-day").await).await;
    assert_eq!(second.minutes, 60);
    let new = "あたらしい-ぱすわーど-2026";
    refused(relay.reset("tanpopo-day", &first.code, new).await, 401, RefusalCode::WrongCode).await;
    refused(relay.reset(HONBU, &second.code, new).await, 401, RefusalCode::WrongCode).await;
    refused(relay.reset("nobody", &second.code, new).await, 401, RefusalCode::WrongCode).await;
    refused(relay.reset("tanpopo-day", &second.code, "short").await, 422, RefusalCode::WeakPassword).await;
    // A lock-out does not stand in the way: that is often why the code was asked for.
    for _ in 0..5 {
        relay.sign_in(CORPORATION, "tanpopo-day", "wrong").await;
    }
    refused(relay.sign_in(CORPORATION, "tanpopo-day", PASSWORD).await, 423, RefusalCode::Locked).await;
    let session: Session = ok(relay.reset("tanpopo-day", &second.code.replace('-', ""), new).await).await;
    assert!(!session.account.must_change_password);
    refused(relay.get("/v1/account", &of_office.access_token).await, 401, RefusalCode::TokenExpired).await;
    refused(relay.reset("tanpopo-day", &second.code, new).await, 401, RefusalCode::WrongCode).await;
    let _: Session = ok(relay.sign_in(CORPORATION, "tanpopo-day", new).await).await;
    let rows = relay.relay.audit_rows(100).await.unwrap();
    assert!(
        rows.iter().any(|row| row.event == "reset_code_issued") && rows.iter().any(|row| row.event == "password_reset")
    );
}

#[tokio::test]
async fn a_one_time_code_ends_after_an_hour_and_after_five_wrong_ones() {
    let relay = TestRelay::start().await;
    let session = relay.session(CORPORATION, HONBU, None).await;
    relay.with_second_factor(&session.access_token).await;
    let issue = async || relay.relay.issue_reset_code_by_hand(CORPORATION, HONBU).await.unwrap().0;
    let late = issue().await;
    relay.wait(TimeDelta::minutes(60));
    refused(relay.reset(HONBU, &late, "x".repeat(12).as_str()).await, 401, RefusalCode::WrongCode).await;
    let guessed = issue().await;
    for _ in 0..5 {
        refused(relay.reset(HONBU, "aaaa-bbbb-cccc", &"x".repeat(12)).await, 401, RefusalCode::WrongCode).await;
    }
    refused(relay.reset(HONBU, &guessed, &"x".repeat(12)).await, 401, RefusalCode::WrongCode).await;
    // The operator's code stands in for everything that was lost, the telephone too.
    let fresh = issue().await;
    let session: Session = ok(relay.reset(HONBU, &fresh, &"x".repeat(12)).await).await;
    assert!(!session.account.second_factor);
    let stored = relay.everything_stored().await;
    assert!(!stored.windows(fresh.len()).any(|window| window == fresh.as_bytes()));
}
