use chrono::DateTime;
use relay::Failure;
use relay_api::{DocumentPage, RefusalCode};
use sha2::{Digest, Sha256};

use crate::support::{OFFICE, OTHER_OFFICE, SECOND_OFFICE, TestRelay, ok, refused};

async fn append(relay: &TestRelay, office: &str, name: &str, content: &[u8]) -> bool {
    let at = DateTime::parse_from_rfc3339("2026-06-30T09:00:00+09:00").unwrap();
    relay.relay.append_document(office, name, content.to_vec().into(), at).await.unwrap()
}

async fn page(relay: &TestRelay, token: &str, after: u64) -> DocumentPage {
    ok(relay.get(&format!("/v1/documents?after={after}"), token).await).await
}

#[tokio::test]
async fn documents_come_in_order_byte_for_byte() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    assert_eq!(page(&relay, &token, 0).await, DocumentPage { documents: vec![], cursor: 0, more: false });

    let notice = include_bytes!("../data/KKBAD001.CSV");
    assert!(append(&relay, OFFICE, "74100000.CSV", notice).await);
    // Documents of other corporations leave no gap.
    assert!(append(&relay, OTHER_OFFICE, "74100000.CSV", b"theirs").await);
    assert!(append(&relay, SECOND_OFFICE, "74100000.CSV", notice).await);

    let first = page(&relay, &token, 0).await;
    assert_eq!(
        first.documents.iter().map(|d| (d.id, d.office.as_str())).collect::<Vec<_>>(),
        [(1, OFFICE), (2, SECOND_OFFICE)]
    );
    assert_eq!((first.cursor, first.more), (2, false));
    let document = &first.documents[0];
    assert_eq!(document.sha256, hex::encode(Sha256::digest(notice)));
    assert_eq!((document.size, document.received_at.as_str()), (notice.len() as u64, "2026-06-30T09:00:00+09:00"));
    let content = relay.get("/v1/documents/1/content", &token).await;
    assert_eq!(content.headers()["content-type"], "application/octet-stream");
    assert_eq!(content.bytes().await.unwrap(), notice.as_slice());
    refused(relay.get("/v1/documents/3/content", &token).await, 404, RefusalCode::NotFound).await;
    refused(relay.get("/v1/documents/x/content", &token).await, 400, RefusalCode::Malformed).await;
    refused(relay.get("/v1/documents?after=x", &token).await, 400, RefusalCode::Malformed).await;
    assert_eq!(page(&relay, &token, 2).await, DocumentPage { documents: vec![], cursor: 2, more: false });
    assert_eq!(page(&relay, &token, u64::MAX).await.cursor, u64::MAX);
}

#[tokio::test]
async fn the_same_content_comes_once_per_office() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    assert!(append(&relay, OFFICE, "74100000.CSV", b"once").await);
    assert!(!append(&relay, OFFICE, "74100001.CSV", b"once").await);
    assert!(append(&relay, OFFICE, "74100000.CSV", b"another").await);
    assert_eq!(page(&relay, &token, 0).await.documents.len(), 2);
    let at = relay.relay.clock().business();
    let nowhere = relay.relay.append_document("9970000049", "74100000.CSV", "x".into(), at).await;
    assert!(matches!(nowhere, Err(Failure::NotFound)));
}

#[tokio::test]
async fn pages_hold_two_hundred() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    for n in 0..201 {
        append(&relay, OFFICE, "74100000.CSV", format!("{n}").as_bytes()).await;
    }
    let first = page(&relay, &token, 0).await;
    assert_eq!((first.documents.len(), first.cursor, first.more), (200, 200, true));
    let second = page(&relay, &token, first.cursor).await;
    assert_eq!((second.documents.len(), second.cursor, second.more), (1, 201, false));
}
