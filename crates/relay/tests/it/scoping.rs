//! Nobody reaches anything of another corporation, nor a 事業所用ID anything of another office.

use chrono::DateTime;
use relay_api::{DocumentPage, RefusalCode, Role, SubmissionList};

use crate::support::{
    CORPORATION, Claim, OFFICE, OTHER_CORPORATION, OTHER_OFFICE, SECOND_OFFICE, TestRelay, ok, refused,
};

#[tokio::test]
async fn another_corporation_sees_nothing_and_reaches_nothing() {
    let relay = TestRelay::start().await;
    let ours = relay.token().await;
    let theirs = relay.session(OTHER_CORPORATION, "sumire-honbu", None).await.access_token;
    let claim = Claim::sample();
    relay.send(&ours, &claim).await;
    let at = DateTime::parse_from_rfc3339("2026-06-30T09:00:00+09:00").unwrap();
    relay.relay.append_document(OFFICE, "74100000.CSV", "通知".into(), at).await.unwrap();

    let path = format!("/v1/submissions/{}", claim.sha256);
    refused(relay.get(&path, &theirs).await, 404, RefusalCode::NotFound).await;
    refused(relay.get(&format!("{path}/content"), &theirs).await, 404, RefusalCode::NotFound).await;
    refused(relay.upload(&theirs, &claim).await, 404, RefusalCode::NotFound).await;
    refused(relay.announce(&theirs, &claim).await, 403, RefusalCode::OtherOffice).await;
    refused(relay.get("/v1/documents/1/content", &theirs).await, 404, RefusalCode::NotFound).await;
    let list: SubmissionList = ok(relay.get("/v1/submissions", &theirs).await).await;
    assert_eq!(list.submissions, []);
    let page: DocumentPage = ok(relay.get("/v1/documents", &theirs).await).await;
    assert_eq!(page, DocumentPage { documents: vec![], cursor: 0, more: false });

    // The same bytes are another submission for another corporation.
    let same = Claim {
        announced: relay_api::NewSubmission { office: OTHER_OFFICE.into(), ..claim.announced.clone() },
        ..claim.clone()
    };
    let answer: relay_api::Submission = ok(relay.announce(&theirs, &same).await).await;
    assert!(!answer.repeated);
}

#[tokio::test]
async fn an_office_id_acts_for_its_one_office_only() {
    let relay = TestRelay::start().await;
    let head = relay.token().await;
    let session = relay.session(CORPORATION, "tanpopo-day", Some(OFFICE)).await;
    assert_eq!(session.account.role, Role::Office);
    assert_eq!(session.account.offices.len(), 1);
    let office = session.access_token;

    let own = Claim::sample();
    let other = Claim::new(SECOND_OFFICE, "0000000101");
    relay.send(&head, &own).await;
    relay.send(&head, &other).await;
    let at = DateTime::parse_from_rfc3339("2026-06-30T09:00:00+09:00").unwrap();
    for (number, content) in [(SECOND_OFFICE, "one"), (OFFICE, "two"), (SECOND_OFFICE, "three")] {
        relay.relay.append_document(number, "74100000.CSV", content.into(), at).await.unwrap();
    }

    let list: SubmissionList = ok(relay.get("/v1/submissions", &office).await).await;
    assert_eq!(list.submissions.iter().map(|s| s.sha256.as_str()).collect::<Vec<_>>(), [own.sha256.as_str()]);
    let path = format!("/v1/submissions/{}", other.sha256);
    refused(relay.get(&path, &office).await, 404, RefusalCode::NotFound).await;
    refused(relay.get(&format!("{path}/content"), &office).await, 404, RefusalCode::NotFound).await;
    refused(relay.upload(&office, &other).await, 404, RefusalCode::NotFound).await;
    refused(relay.announce(&office, &other).await, 403, RefusalCode::OtherOffice).await;
    // Content of the other office under the own office's name is known with another office.
    let mut lie = other.clone();
    lie.announced.office = OFFICE.into();
    lie.announced.service_months = vec!["2026-04".into()];
    refused(relay.announce(&office, &lie).await, 409, RefusalCode::AnnouncedDifferently).await;

    let page: DocumentPage = ok(relay.get("/v1/documents", &office).await).await;
    assert_eq!(page.documents.iter().map(|d| d.id).collect::<Vec<_>>(), [2]);
    assert_eq!(page.cursor, 2);
    refused(relay.get("/v1/documents/1/content", &office).await, 404, RefusalCode::NotFound).await;
    assert_eq!(relay.get("/v1/documents/2/content", &office).await.text().await.unwrap(), "two");
}

#[tokio::test]
async fn nothing_opens_without_a_session() {
    let relay = TestRelay::start().await;
    let sha256 = "a".repeat(64);
    for path in ["/v1/account", "/v1/submissions", "/v1/documents", "/v1/documents/1/content"] {
        let response = relay.http.get(relay.url(path)).send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        refused(response, 401, RefusalCode::TokenExpired).await;
    }
    for path in [format!("/v1/submissions/{sha256}"), format!("/v1/submissions/{sha256}/content")] {
        let response = relay.http.put(relay.url(&path)).body("x").send().await.unwrap();
        refused(response, 401, RefusalCode::TokenExpired).await;
    }
    assert_eq!(relay.http.get(relay.url("/v1/status")).send().await.unwrap().status(), 200);
}
