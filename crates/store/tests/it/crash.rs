//! A process that writes is killed at random points. What it had reported as done is there, and nothing is half done.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use store::{ContentId, LocalState, Store};

use crate::{claim, notice, now, open};

const FOLDER: &str = "TODOKE_STORE_CRASH_TEST_FOLDER";

/// What the writer does for `number`; each line is printed once the call has returned.
fn work(store: &Store, number: u64, mut done: impl FnMut(&str)) {
    let content = format!("claim {number}");
    let id = store.stage(&claim("KK260601.CSV"), content.as_bytes(), now()).unwrap().submission().id;
    done("staged");
    assert!(store.begin_attempt(&id, now()).unwrap());
    done("begun");
    store.mark_sent(&id, "{}", now()).unwrap();
    done("sent");
    let page = [notice("A.CSV", &format!("notice {number} a")), notice("B.CSV", &format!("notice {number} b"))];
    store.take_documents("relay", &page, number, now()).unwrap();
    done("taken");
}

#[test]
#[ignore = "the process that `a_killed_writer_loses_nothing` starts and kills"]
fn writer() {
    let folder = std::env::var_os(FOLDER).expect("started by the test that kills it");
    let store = open(Path::new(&folder));
    let first = store.document_cursor("relay").unwrap() + 1;
    store.recover_unclear(now()).unwrap();
    for row in store.due(now()).unwrap() {
        assert!(store.begin_attempt(&row.id, now()).unwrap());
        store.mark_sent(&row.id, "{}", now()).unwrap();
    }
    let mut out = std::io::stdout();
    for number in first.. {
        if store.submission(&ContentId::of(format!("claim {number}").as_bytes())).unwrap().is_some() {
            // Sent above; only the documents are missing.
            let page = [notice("A.CSV", &format!("notice {number} a")), notice("B.CSV", &format!("notice {number} b"))];
            store.take_documents("relay", &page, number, now()).unwrap();
            continue;
        }
        work(&store, number, |what| {
            writeln!(out, "@ {what} {number}").unwrap();
            out.flush().unwrap();
        });
    }
}

#[test]
fn a_killed_writer_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut reported = HashSet::new();
    // Numbers of reports after which it is killed; the moment within the next call is up to the machine.
    for reports in [1, 2, 3, 4, 7, 9, 14, 22, 30, 41] {
        let mut child = start_writer(dir.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).filter_map(|line| {
            let (_, report) = line.split_once("@ ")?;
            let (what, number) = report.split_once(' ')?;
            Some((what.to_owned(), number.parse::<u64>().ok()?))
        });
        let before = reported.len();
        reported.extend(lines.by_ref().take(reports));
        child.kill().unwrap();
        reported.extend(lines);
        child.wait().unwrap();
        assert!(reported.len() >= before + reports, "the writer ended by itself");
        check(dir.path(), &reported);
    }
}

/// The steps of making a database, by the files that each leaves; the writer is killed as soon as one is seen.
#[test]
fn a_database_whose_making_was_cut_off_is_made_by_the_next_start() {
    for seen in ["todoke.lock", "todoke.db", "todoke.db-journal", "todoke.db-wal", "todoke.keyid.part", "todoke.keyid"]
    {
        let dir = tempfile::tempdir().unwrap();
        let mut child = start_writer(dir.path());
        // Some of these live only for a moment; the last one comes for certain.
        while !dir.path().join(seen).exists() && !dir.path().join("todoke.keyid").exists() {
            assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(dir.path());
        store.verify().unwrap();
        store.set_setting("works", seen).unwrap();
    }
}

fn start_writer(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::writer", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn check(dir: &Path, reported: &HashSet<(String, u64)>) {
    let store = open(dir);
    store.verify().unwrap();
    let rows = store.submissions().unwrap();
    let cursor = store.document_cursor("relay").unwrap();
    let notices = store.notices().unwrap();
    assert_eq!(notices.len() as u64, cursor * 2, "cursor and documents move together");
    assert!(rows.len() as u64 == cursor || rows.len() as u64 == cursor + 1, "one claim at a time");
    let unclear = store.unclear().unwrap();
    assert_eq!(unclear.len(), rows.iter().filter(|row| row.state == LocalState::Sending).count());
    assert!(unclear.len() <= 1);
    for (what, number) in reported {
        let content = format!("claim {number}");
        let row = store
            .submission(&ContentId::of(content.as_bytes()))
            .unwrap()
            .unwrap_or_else(|| panic!("{content} was lost"));
        assert_eq!(store.content(&row.id).unwrap().unwrap(), content.as_bytes());
        let kept = match what.as_str() {
            "staged" => true,
            "begun" => row.attempts >= 1,
            "sent" => row.state == LocalState::Sent,
            "taken" => *number <= cursor,
            other => panic!("unknown report {other}"),
        };
        assert!(kept, "{what} {number} was lost: {row:?}");
    }
}
