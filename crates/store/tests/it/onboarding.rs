//! The pages of the onboarding.

use store::SealedPhoto;

use crate::{now, open, time};

#[test]
fn the_latest_text_of_a_page_counts_and_outlives_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(store.onboarding_page("draft").unwrap(), None);
    assert!(store.write_onboarding_page("draft", r#"{"a":1}"#, now()).unwrap());
    assert!(!store.write_onboarding_page("draft", r#"{"a":1}"#, time("2026-06-06T09:00:00")).unwrap());
    assert!(store.write_onboarding_page("draft", r#"{"a":2}"#, now()).unwrap());
    assert!(store.write_onboarding_page("other", "[]", now()).unwrap());
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.onboarding_page("draft").unwrap().as_deref(), Some(r#"{"a":2}"#));
    assert_eq!(store.onboarding_page("other").unwrap().as_deref(), Some("[]"));
}

#[test]
fn half_a_text_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write_onboarding_page("draft", "{}", now()).unwrap();
    assert!(store.write_onboarding_page("draft", r#"{"a":"#, now()).is_err());
    assert_eq!(store.onboarding_page("draft").unwrap().as_deref(), Some("{}"));
}

#[test]
fn the_latest_photo_of_a_paper_counts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let photo = |office: &str| SealedPhoto {
        application: "a".into(),
        office: office.into(),
        width: 1_754,
        height: 2_339,
        kept_at: now(),
    };
    store.keep_sealed_photo(&photo("9970000015"), b"first").unwrap();
    store.keep_sealed_photo(&photo("9970000023"), b"other").unwrap();
    store.keep_sealed_photo(&photo("9970000015"), b"second").unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.sealed_photos().unwrap(), [photo("9970000023"), photo("9970000015")]);
    assert_eq!(store.sealed_photo("a", "9970000015").unwrap().as_deref(), Some(&b"second"[..]));
    assert_eq!(store.sealed_photo("b", "9970000015").unwrap(), None);
    // Nothing that a person can read lies on the disk.
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let Ok(bytes) = std::fs::read(entry.unwrap().path()) else { continue };
        assert!(!bytes.windows(6).any(|part| part == b"second"));
    }
}
