//! Opening, refusing, and what stands on the disk.

use std::fs;
use std::path::Path;

use store::{Key, OpenError, Store, set_aside};

use crate::{claim, key, notice, now, open};

fn refusal(dir: &Path, key: &Key) -> OpenError {
    Store::open(dir, key, now()).map(|_| "opened").unwrap_err()
}

#[test]
fn refuses_another_key_and_opens_with_the_right_one_after() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).set_setting("kept", "値").unwrap();
    assert!(matches!(refusal(dir.path(), &Key::from_bytes([1; 32])), OpenError::WrongKey));
    assert_eq!(open(dir.path()).setting("kept").unwrap().as_deref(), Some("値"));
}

#[test]
fn refuses_another_key_without_the_file_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    fs::remove_file(dir.path().join("todoke.keyid")).unwrap();
    assert!(matches!(refusal(dir.path(), &Key::from_bytes([1; 32])), OpenError::WrongKey));
    drop(open(dir.path()));
    assert!(dir.path().join("todoke.keyid").exists(), "made again once the key is known to fit");
}

#[test]
fn names_a_file_that_is_no_database_of_ours() {
    for content in [&b"SQLite format 3\0 and so on"[..], b"PK\x03\x04 some archive"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("todoke.db");
        fs::write(&path, content).unwrap();
        let error = refusal(dir.path(), &key());
        assert!(matches!(&error, OpenError::NotADatabase { path: named } if *named == path), "{error:?}");
        assert_eq!(fs::read(&path).unwrap(), content, "left as it was");
    }
}

/// The page at `offset` is overwritten; the key still fits what stands beside it.
fn damage(dir: &Path, offset: usize) {
    let path = dir.join("todoke.db");
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() > offset + 4096);
    bytes[offset..offset + 4096].fill(0xa5);
    fs::write(path, bytes).unwrap();
}

#[test]
fn tells_damage_from_a_wrong_key_and_makes_room_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).set_setting("lost", "値").unwrap();
    damage(dir.path(), 0);
    let error = refusal(dir.path(), &key());
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");

    let damaged = fs::read(dir.path().join("todoke.db")).unwrap();
    let aside = set_aside(dir.path(), now()).unwrap();
    assert_eq!(fs::read(aside.join("todoke.db")).unwrap(), damaged, "moved, not changed");
    assert_eq!(open(dir.path()).setting("lost").unwrap(), None);
    assert_ne!(set_aside(dir.path(), now()).unwrap(), aside, "twice in one second");
}

#[test]
fn verify_finds_damage_that_opening_does_not_meet() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.stage(&claim("KK260601.CSV"), &vec![b'x'; 100_000], now()).unwrap();
    store.verify().unwrap();
    drop(store);
    let size = fs::metadata(dir.path().join("todoke.db")).unwrap().len() as usize;
    damage(dir.path(), size / 4096 / 2 * 4096);
    open(dir.path()).verify().unwrap_err();
}

#[test]
fn makes_no_new_database_where_one_has_gone() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!Store::exists(dir.path()));
    drop(open(dir.path()));
    assert!(Store::exists(dir.path()));
    fs::write(dir.path().join("todoke.db"), "").unwrap();
    assert!(matches!(refusal(dir.path(), &key()), OpenError::Missing { .. }));
    fs::remove_file(dir.path().join("todoke.db")).unwrap();
    assert!(matches!(refusal(dir.path(), &key()), OpenError::Missing { .. }));
    assert!(Store::exists(dir.path()), "its key is still asked for");
}

#[test]
fn names_a_folder_that_cannot_be_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&file.join("data"), &key()), OpenError::Io(_)));
}

#[test]
fn nothing_on_the_disk_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let words = [
        "ichigo-claim-content",
        "nishi-notice-content",
        "sakura-file-name",
        "tanaka-setting",
        "reason-of-a-person",
        "9970000015",
    ];
    store.stage(&claim(words[2]), words[0].repeat(2000).as_bytes(), now()).unwrap();
    store.take_documents("relay", &[notice("74110000.CSV", &words[1].repeat(2000))], 1, now()).unwrap();
    store.set_setting("account", words[3]).unwrap();
    let decision =
        store::NewDecision { case_key: "K".into(), kind: "close".into(), reason: words[4].into(), by: words[3].into() };
    store.decide(vec![decision], now()).unwrap();

    // While it is open (write-ahead log) and after.
    let look = |when: &str| {
        let mut files = 0;
        for entry in fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            let bytes = fs::read(&entry).unwrap();
            files += usize::from(bytes.len() > 4096);
            for word in
                words.iter().copied().chain(["SQLite format 3", "CREATE TABLE", &*key().to_hex(), "an invented key"])
            {
                assert!(
                    !bytes.windows(word.len()).any(|window| window == word.as_bytes()),
                    "{word} in {} {when}",
                    entry.display()
                );
            }
        }
        files
    };
    assert!(look("while open") >= 2, "the log holds something");
    drop(store);
    assert!(look("closed") >= 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("data");
    let store = open(&dir);
    store.set_setting("key", "value").unwrap();
    let mode = |name: &str| fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!((mode("todoke.db"), mode("todoke.db-wal")), (0o600, 0o600));
}

#[test]
fn many_can_open_a_new_database_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let dir = dir.path();
            scope.spawn(move || open(dir).set_setting(&format!("thread {number}"), "here").unwrap());
        }
    });
    let store = open(dir.path());
    for number in 0..6 {
        assert_eq!(store.setting(&format!("thread {number}")).unwrap().as_deref(), Some("here"));
    }
}
