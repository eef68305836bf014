//! What a clerk does in a practice, and what is left of it elsewhere: nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use app::views::SubmissionState;
use app::{App, Code, Secret, SecretStore, Secrets};
use chrono::{DateTime, TimeDelta, Utc};
use practice::{Places, Practice, PracticeError};
use sha2::{Digest, Sha256};

/// The real time, standing still: a practice moves its own.
pub fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_600)
}

/// The keychain of a program with real data; counts who opens it.
#[derive(Clone, Default)]
struct Real {
    kept: Arc<Mutex<BTreeMap<String, String>>>,
    calls: Arc<AtomicUsize>,
}

impl SecretStore for Real {
    fn read(&self, name: &str) -> Result<Option<Secret>, Code> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Ok(self.kept.lock().unwrap().get(name).cloned().map(Secret::new))
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), Code> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.kept.lock().unwrap().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), Code> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.kept.lock().unwrap().remove(name);
        Ok(())
    }
}

/// Every file below `folder` with its content, but for the folder of the practice itself.
fn everything(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "practice" {
                folders.push(path);
            } else if path.is_file() && name != "practice.lock" {
                found.insert(name, hex(&std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

pub async fn send(practice: &Practice, number: usize) -> String {
    let (app, path) = (practice.app(), practice.files()[number - 1].path.to_string_lossy().into_owned());
    let checks = app.check_files(std::slice::from_ref(&path)).await.unwrap();
    let submission = app.stage(&path, &checks[0].sha256).await.unwrap();
    app.tick().await.unwrap();
    submission.id
}

async fn state(app: &App, id: &str) -> SubmissionState {
    app.submissions().await.unwrap().into_iter().find(|submission| submission.id == id).unwrap().state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_played_and_nothing_real_is_touched() {
    let home = tempfile::tempdir().unwrap();
    let places = Places { data: home.path().join("data"), documents: home.path().join("papers") };
    // A program with real data, its credential in the keychain, and a real relay that must never hear of a practice.
    let real_relay = TcpListener::bind("127.0.0.1:0").unwrap();
    real_relay.set_nonblocking(true).unwrap();
    let keychain = Real::default();
    let address = format!("http://{}", real_relay.local_addr().unwrap());
    let password = format!("password:{address}:9900000001:sakura-honbu");
    keychain.write(&password, "the real password").unwrap();
    let config = app::Config {
        data: places.data.clone(),
        documents: places.documents.clone(),
        relay: Some(address),
        clock: app::Clock::new(|| now().naive_utc()),
        secrets: Secrets::new(keychain.clone()),
    };
    let real = App::open(config).await.unwrap();
    drop(real);
    let (before, calls) = (everything(&places.data), keychain.calls.load(Ordering::SeqCst));
    assert!(before.contains_key("todoke.db"));

    let practice = Practice::begin(&places, now).await.unwrap();
    assert!(matches!(Practice::begin(&places, now).await, Err(PracticeError::Running)));
    let app = practice.app();
    let frame = app.frame().await.unwrap();
    assert!(frame.demo.is_some(), "every screen says that it is practice");
    assert!(frame.account.is_some_and(|account| !account.must_change_password && account.offices.len() == 3));
    assert!(frame.open_returns > 0, "there is something to look at");

    // 5 June: a file that is right, one with a mistake, and one with which 国保連 finds fault.
    let day_care = send(&practice, 1).await;
    let wrong = practice.files()[1].path.to_string_lossy().into_owned();
    let check = app.check_files(std::slice::from_ref(&wrong)).await.unwrap().remove(0);
    assert_eq!(check.persons_with_errors, 1);
    assert_eq!(app.stage(&wrong, &check.sha256).await.unwrap_err().code, Code::FileHasErrors);
    let helpers = send(&practice, 3).await;
    let nurses = send(&practice, 4).await;
    app.advance_demo("2026-06-05T10:30:00+09:00").await.unwrap();
    assert_eq!(state(app, &day_care).await, SubmissionState::Accepted);
    assert_eq!(state(app, &helpers).await, SubmissionState::Accepted);
    assert_eq!(state(app, &nurses).await, SubmissionState::FormatError);
    let nurses = send(&practice, 5).await;

    // The end of the month brings what was returned and held, July its claim, and the payment.
    let open_before = app.frame().await.unwrap().open_returns;
    app.advance_demo("2026-06-30T15:00:00+09:00").await.unwrap();
    assert!(app.frame().await.unwrap().open_returns > open_before);
    app.advance_demo("2026-07-05T10:00:00+09:00").await.unwrap();
    let again = send(&practice, 6).await;
    app.advance_demo("2026-07-17T15:00:00+09:00").await.unwrap();
    for id in [&day_care, &helpers, &nurses] {
        assert_eq!(state(app, id).await, SubmissionState::Completed);
    }
    assert_eq!(state(app, &again).await, SubmissionState::Processing);
    let receipt = app.receipt(&day_care, None).await.unwrap();
    assert!(Path::new(&receipt.path).starts_with(places.documents.join("練習")), "{}", receipt.path);

    practice.end().await;
    assert_eq!(everything(&places.data), before, "the real data is as it was");
    assert!(!places.data.join("practice").exists());
    assert_eq!(keychain.calls.load(Ordering::SeqCst), calls, "no real credential was used, nor looked at");
    assert!(real_relay.accept().is_err(), "the real relay never heard of it");

    // The next one begins anew.
    let practice = Practice::begin(&places, now).await.unwrap();
    assert_eq!(practice.app().frame().await.unwrap().today, "2026-06-05");
    let kept = practice.app().submissions().await.unwrap();
    assert!(kept.iter().all(|submission| submission.processing_month.as_str() < "2026-06"), "{kept:?}");
}
