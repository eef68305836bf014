//! The pages of the onboarding.

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
