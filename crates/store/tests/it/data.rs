//! Notices, imported claim files, decisions and settings.

use store::{Blob, ClaimFile, ContentId, LocalState, NewClaimFile, NewDecision, OfficeArea, Origin, Said, Taken};

use crate::{claim, notice, now, office, open, time};

fn import(file_name: &str, month: &str, content: &str) -> NewClaimFile {
    NewClaimFile {
        file_name: file_name.to_owned(),
        office: office(),
        processing_month: month.parse().unwrap(),
        bytes: content.as_bytes().to_vec(),
    }
}

#[test]
fn taking_documents_twice_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let page = [notice("74110000.CSV", "returned"), notice("75210000.CSV", "paid"), notice("COPY.CSV", "paid")];
    let taken = store.take_documents("relay", &page, 3, now()).unwrap();
    assert_eq!(taken, Taken { new: vec![ContentId::of(b"returned"), ContentId::of(b"paid")], repeated: 1 });
    let before = store.notices().unwrap();
    store.mark_read(&[ContentId::of(b"paid")], now()).unwrap();

    let taken = store.take_documents("relay", &page, 3, time("2026-07-01T00:00:00")).unwrap();
    assert_eq!(taken, Taken { new: vec![], repeated: 3 });
    assert_eq!(store.notices().unwrap().len(), before.len());
    assert_eq!(store.unread_notices().unwrap(), 1, "still read");
}

#[test]
fn the_cursor_belongs_to_its_list_and_never_moves_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(store.document_cursor("a").unwrap(), 0);
    store.take_documents("a", &[], 7, now()).unwrap();
    store.take_documents("a", &[], 5, now()).unwrap();
    store.take_documents("b", &[], 2, now()).unwrap();
    assert_eq!((store.document_cursor("a").unwrap(), store.document_cursor("b").unwrap()), (7, 2));
}

#[test]
fn a_notice_keeps_how_it_came_first() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut unknown = notice("README.TXT", "of no known kind");
    unknown.exchange_id = String::new();
    unknown.processing_month = None;
    unknown.received_at = time("2026-06-04T00:00:00");
    store.add_notices(&[notice("74110000.CSV", "returned"), unknown], now()).unwrap();
    store.take_documents("relay", &[notice("74110000.CSV", "returned")], 1, now()).unwrap();

    let notices = store.notices().unwrap();
    let facts: Vec<_> = notices
        .iter()
        .map(|notice| (notice.file_name.as_str(), notice.origin, notice.processing_month, notice.read_at))
        .collect();
    let june = Some("2026-06".parse().unwrap());
    assert_eq!(
        facts,
        [("74110000.CSV", Origin::Disk, june, None), ("README.TXT", Origin::Disk, None, None)],
        "newest first"
    );
    assert_eq!(store.notice(&notices[1].id).unwrap(), Some(notices[1].clone()));

    store.mark_read(&[notices[0].id], time("2026-06-05T10:00:00")).unwrap();
    store.mark_read(&[notices[0].id], time("2026-06-05T11:00:00")).unwrap();
    assert_eq!(store.notice(&notices[0].id).unwrap().unwrap().read_at, Some(time("2026-06-05T10:00:00")));
}

#[test]
fn heads_are_the_first_bytes_of_what_came() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let long = "あ1".repeat(store::HEAD_BYTES);
    let (short, long) = (notice("74110000.CSV", "returned"), notice("75210000.CSV", &long));
    store.add_notices(&[short.clone(), long.clone()], now()).unwrap();
    let heads = store.notice_heads().unwrap();
    assert_eq!(heads.len(), 2);
    assert_eq!(heads[&ContentId::of(&short.bytes)], short.bytes);
    assert_eq!(heads[&ContentId::of(&long.bytes)], long.bytes[..store::HEAD_BYTES]);
    let found = store.notices_where(|content| content.ends_with(b"1")).unwrap();
    assert_eq!(found, [ContentId::of(&long.bytes)]);
}

#[test]
fn notices_come_back_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut raw = notice("74110000.CSV", "");
    raw.bytes = (0..=255).cycle().take(70_000).collect();
    store.add_notices(std::slice::from_ref(&raw), now()).unwrap();
    let Blob { id, bytes, processing_month, .. } = store.notice_blobs().unwrap().remove(0);
    assert_eq!((id, processing_month), (ContentId::of(&raw.bytes), raw.processing_month));
    assert_eq!(bytes, raw.bytes);
}

#[test]
fn each_claim_file_is_listed_once_with_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let files = [import("OLD.CSV", "2026-04", "old"), import("BOTH.CSV", "2026-06", "both")];
    assert_eq!(store.add_claim_files(&files, now()).unwrap().new.len(), 2);
    assert_eq!(store.add_claim_files(&files, now()).unwrap(), Taken { new: vec![], repeated: 2 });
    store.stage(&claim("BOTH.CSV"), b"both", now()).unwrap();
    store.stage(&claim("WAITING.CSV"), b"waiting", now()).unwrap();
    let relay = Said { id: ContentId::of(b"sent"), round: 1, json: "{}".to_owned() };
    store.take_from_relay(&claim("SENT.CSV"), b"sent", &relay, now()).unwrap();

    let of = claim("BOTH.CSV").office;
    assert!(store.claim_blobs(&kokuho::OfficeNumber::from_file("9970000023"), |_| true).unwrap().is_empty());
    let names = |counts: fn(&ClaimFile) -> bool| {
        let mut names: Vec<_> =
            store.claim_blobs(&of, counts).unwrap().into_iter().map(|blob| blob.file_name).collect();
        names[1..].sort();
        names
    };
    assert_eq!(names(|_| true), ["OLD.CSV", "BOTH.CSV", "SENT.CSV", "WAITING.CSV"], "oldest month first");
    let sent =
        |file: &ClaimFile| file.submission.as_ref().is_some_and(|submission| submission.state == LocalState::Sent);
    assert_eq!(
        store.claim_blobs(&of, sent).unwrap().iter().map(|blob| blob.bytes.as_slice()).collect::<Vec<_>>(),
        [b"sent"]
    );
    assert_eq!(names(|file| file.imported_at.is_some()), ["OLD.CSV", "BOTH.CSV"]);
}

#[test]
fn decisions_only_grow() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let decision = |kind: &str| NewDecision {
        case_key: "9970000015/…".into(),
        kind: kind.into(),
        reason: "利用者が転居した".into(),
        by: "9900000000001".into(),
    };
    let first = store.decide(vec![decision("close")], now()).unwrap().remove(0);
    let second = store.decide(vec![decision("reopen")], time("2026-06-06T09:00:00")).unwrap().remove(0);
    assert_eq!(store.decisions().unwrap(), [first, second]);
}

#[test]
fn areas_only_grow() {
    let dir = tempfile::tempdir().unwrap();
    let area = |from: &str, area: Option<&str>| OfficeArea {
        office: office(),
        from: from.parse().unwrap(),
        area: area.map(str::to_owned),
        by: "sakura-honbu".into(),
    };
    let all = [area("2024-04", Some("5級地")), area("2024-04", None), area("2021-04", Some("6級地"))];
    let store = open(dir.path());
    for said in &all {
        store.set_area(said, now()).unwrap();
    }
    drop(store);
    assert_eq!(open(dir.path()).areas().unwrap(), all);
}

#[test]
fn settings_are_set_changed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(store.setting("relay").unwrap(), None);
    store.set_setting("relay", "https://a.example").unwrap();
    store.set_setting("relay", "https://b.example").unwrap();
    assert_eq!(open(dir.path()).setting("relay").unwrap().as_deref(), Some("https://b.example"));
    store.remove_setting("relay").unwrap();
    store.remove_setting("relay").unwrap();
    assert_eq!(store.setting("relay").unwrap(), None);
}

#[test]
fn the_revision_shows_every_change_by_whomever() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (open(dir.path()), open(dir.path()));
    let start = ours.revision().unwrap();
    assert_eq!(ours.revision().unwrap(), start);
    ours.notices().unwrap();
    assert_eq!(ours.revision().unwrap(), start, "reading changes nothing");
    ours.set_setting("key", "ours").unwrap();
    let after_ours = ours.revision().unwrap();
    assert_ne!(after_ours, start);
    theirs.set_setting("key", "theirs").unwrap();
    assert_ne!(ours.revision().unwrap(), after_ours);
}
