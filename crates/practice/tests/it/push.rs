//! What changes at the relay is known in the window without asking again and again.

use std::time::Duration;

use app::{App, KeyFile, Secrets};
use practice::{Places, Practice};

use crate::month::{now, send};

/// The ids of the submissions that a program knows.
async fn known(app: &App) -> Vec<String> {
    app.submissions().await.unwrap().into_iter().map(|submission| submission.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_known_without_asking() {
    let home = tempfile::tempdir().unwrap();
    let places = Places { data: home.path().join("data"), documents: home.path().join("papers") };
    let practice = Practice::begin(&places, now).await.unwrap();
    // Another computer of the same office. Its clock stands still between two looks, so that it never asks by itself again.
    let other = App::open(app::Config {
        data: home.path().join("other"),
        documents: home.path().join("papers"),
        relay: practice.app().frame().await.unwrap().relay_url,
        clock: app::Clock::new(|| now().naive_utc()),
        secrets: Secrets::new(KeyFile::new(home.path().join("keys"))),
    })
    .await
    .unwrap();
    let credentials = Practice::credentials();
    other.log_in(credentials.corporation_number, credentials.login_id, credentials.password, None).await.unwrap();
    for _ in 0..3 {
        other.tick().await.unwrap();
    }

    let first = send(&practice, 1).await;
    for _ in 0..5 {
        other.tick().await.unwrap();
    }
    assert!(!known(&other).await.contains(&first), "it does not ask; otherwise this test would show nothing");

    // The line on which it hears of changes.
    let listening = tokio::spawn({
        let other = other.clone();
        async move { other.listen(&mut None).await }
    });
    let second = send(&practice, 3).await;
    let mut turns = tokio::time::interval(Duration::from_millis(100));
    let mut heard = false;
    for _ in 0..600 {
        turns.tick().await;
        other.tick().await.unwrap();
        heard = known(&other).await.contains(&second);
        if heard {
            break;
        }
    }
    assert!(heard, "it heard of the change and asked");
    assert!(known(&other).await.contains(&first));
    listening.abort();
}
