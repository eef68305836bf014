//! A newer version upgrades the database under the one that still serves.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use relay_api::{State, SubmissionList};

use crate::support::{Claim, TestRelay, ok};

/// What an upgrade may do: it adds. The rule for upgrades is in `storage/migrations.rs`, with a test of its own.
const NEWER: &str = "BEGIN;
    ALTER TABLE submission ADD COLUMN note TEXT;
    ALTER TABLE office ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE remark (id INTEGER PRIMARY KEY, submission INTEGER NOT NULL REFERENCES submission, text TEXT NOT NULL);
    CREATE INDEX submission_by_note ON submission (note);
    CREATE INDEX office_by_colour ON office (colour);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_version_before_serves_on_while_the_database_is_upgraded() {
    let relay = TestRelay::start().await;
    let token = relay.token().await;
    let (upgraded, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    // Offices send without a pause, before, while and after another process upgrades.
    let sending = async {
        let mut after = 0;
        while after < 5 {
            let person = sent.fetch_add(1, Ordering::SeqCst);
            relay.send(&token, &Claim::practice(person)).await;
            let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
            assert_eq!(list.submissions.len(), person + 1);
            after += usize::from(upgraded.load(Ordering::SeqCst));
        }
    };
    let upgrading = async {
        while sent.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
        let version = if relay.shared.is_some() {
            "UPDATE schema_version SET version = version + 1;"
        } else {
            "PRAGMA user_version = 999;"
        };
        relay.sql(&format!("{NEWER} {version} COMMIT;")).await.unwrap();
        upgraded.store(true, Ordering::SeqCst);
    };
    tokio::join!(sending, upgrading);

    let work = relay.relay.take_work().await.unwrap();
    assert_eq!(work.len(), sent.load(Ordering::SeqCst));
    let list: SubmissionList = ok(relay.get("/v1/submissions", &token).await).await;
    assert!(list.submissions.iter().all(|submission| submission.state == State::Transmitting));
}
