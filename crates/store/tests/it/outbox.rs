//! Sending, through the eyes of one and of two processes. Two stores on one folder behave as two processes: each has its
//! own connection and its own session.

use store::{ContentId, LocalState, Said, Staged, Store, StoreError, Submission, Told};

use crate::{claim, notice, now, open, time};

fn staged(store: &Store, content: &str) -> ContentId {
    store.stage(&claim("KK260601.CSV"), content.as_bytes(), now()).unwrap().submission().id
}

fn row(store: &Store, id: &ContentId) -> Submission {
    store.submission(id).unwrap().unwrap()
}

fn said(id: ContentId, round: u32, json: &str) -> Said {
    Said { id, round, json: json.to_owned() }
}

/// Returns whether what the relay says is news.
fn says(store: &Store, id: &ContentId, relay: &str) -> bool {
    says_of(store, id, 1, relay)
}

fn says_of(store: &Store, id: &ContentId, round: u32, relay: &str) -> bool {
    let told = store.update_from_relay(&[said(*id, round, relay)], now()).unwrap();
    assert_eq!(told.unknown, [], "it is here");
    told.changed
}

#[track_caller]
fn assert_wrong_state(result: &Result<(), StoreError>, expected: LocalState) {
    assert!(matches!(result, Err(StoreError::WrongState { state, .. }) if *state == expected), "{result:?}");
}

#[test]
fn stages_a_file_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let Staged::New(new) = store.stage(&claim("KK260601.CSV"), b"content", now()).unwrap() else { panic!("not new") };
    assert_eq!(new.id, ContentId::of(b"content"));
    assert_eq!((new.state, new.attempts, new.size, new.hidden), (LocalState::Ready, 0, 7, false));
    assert_eq!(new.service_months, ["2026-04".parse().unwrap(), "2026-05".parse().unwrap()]);
    assert_eq!(store.content(&new.id).unwrap().unwrap(), b"content");

    let again = store.stage(&claim("OTHER.CSV"), b"content", time("2026-06-06T10:00:00")).unwrap();
    assert_eq!(again, Staged::Already(new.clone()));
    assert_eq!(store.submissions().unwrap(), [new]);
}

#[test]
fn an_attempt_is_on_disk_before_it_begins_and_ends_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    assert!(store.begin_attempt(&id, now()).unwrap());
    assert!(!store.begin_attempt(&id, now()).unwrap());
    let other = open(dir.path());
    assert_eq!((row(&other, &id).state, row(&other, &id).attempts), (LocalState::Sending, 1));

    store.mark_sent(&id, r#"{"state":"waiting"}"#, now()).unwrap();
    assert_eq!(row(&other, &id).relay.as_deref(), Some(r#"{"state":"waiting"}"#));
    assert_wrong_state(&store.mark_sent(&id, "{}", now()), LocalState::Sent);
    assert!(!store.begin_attempt(&id, now()).unwrap());
}

#[test]
fn what_can_be_cured_waits_for_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    assert!(store.begin_attempt(&id, now()).unwrap());
    store.mark_ready_again(&id, Some(time("2026-06-05T09:35:00")), "E-1103", now()).unwrap();
    assert_eq!(row(&store, &id).problem_code.as_deref(), Some("E-1103"));
    assert_eq!(store.due(time("2026-06-05T09:34:59")).unwrap(), []);
    assert_eq!(store.due(time("2026-06-05T09:35:00")).unwrap(), [row(&store, &id)]);

    store.retry(&id, now()).unwrap();
    assert_eq!(store.due(now()).unwrap().len(), 1, "a person need not wait");
}

#[test]
fn what_a_person_must_cure_is_not_tried_again_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    assert!(store.begin_attempt(&id, now()).unwrap());
    store.mark_refused(&id, "E-1205", Some("other office"), now()).unwrap();
    assert_eq!(store.due(time("2027-01-01T00:00:00")).unwrap(), []);
    assert!(!store.begin_attempt(&id, now()).unwrap());
    let refused = row(&store, &id);
    assert_eq!((refused.state, refused.problem_detail.as_deref()), (LocalState::Refused, Some("other office")));

    store.retry(&id, now()).unwrap();
    assert_eq!((row(&store, &id).state, row(&store, &id).problem_code), (LocalState::Ready, None));
    assert!(store.begin_attempt(&id, now()).unwrap());
}

#[test]
fn what_is_hidden_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    store.hide(&id, now()).unwrap();
    assert_eq!(store.due(now()).unwrap(), []);
    assert!(!store.begin_attempt(&id, now()).unwrap());
    assert!(
        matches!(store.stage(&claim("KK260601.CSV"), b"content", now()).unwrap(), Staged::Already(row) if row.hidden)
    );
    store.restore(&id, now()).unwrap();
    assert!(store.begin_attempt(&id, now()).unwrap());
    assert_wrong_state(&store.hide(&id, now()), LocalState::Sending);
    store.mark_sent(&id, "{}", now()).unwrap();
    assert_wrong_state(&store.hide(&id, now()), LocalState::Sent);
}

#[test]
fn what_the_relay_holds_is_never_out_of_sight() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    store.hide(&id, now()).unwrap();
    assert!(says(&store, &id, "{}"));
    let row = store.submission(&id).unwrap().unwrap();
    assert_eq!((row.state, row.hidden), (LocalState::Sent, false));
}

#[test]
fn two_processes_never_send_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let id = staged(&open(dir.path()), "content");
    let begun = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let store = open(dir.path());
                    // The store is handed out, so that its process counts as alive until all have tried.
                    (store.begin_attempt(&id, now()).unwrap(), store)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(begun.iter().filter(|(begun, _)| *begun).count(), 1);
    let (_, idle) = begun.iter().find(|(begun, _)| !begun).unwrap();
    assert_wrong_state(&idle.mark_sent(&id, "{}", now()), LocalState::Sending);
}

#[test]
fn what_a_living_process_sends_is_not_unclear() {
    let dir = tempfile::tempdir().unwrap();
    let (window, terminal) = (open(dir.path()), open(dir.path()));
    let id = staged(&window, "content");
    assert!(window.begin_attempt(&id, now()).unwrap());
    for store in [&window, &terminal] {
        assert_eq!(store.unclear().unwrap(), []);
        assert_eq!(store.adopt_unclear(now()).unwrap(), []);
        assert_eq!(store.recover_unclear(now()).unwrap(), 0);
    }
    window.mark_sent(&id, "{}", now()).unwrap();
}

#[test]
fn what_a_dead_process_was_sending_is_taken_over_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let window = open(dir.path());
    let ids = [staged(&window, "first"), staged(&window, "second")];
    for id in &ids {
        assert!(window.begin_attempt(id, now()).unwrap());
    }
    drop(window);

    let (one, other) = (open(dir.path()), open(dir.path()));
    assert_eq!(one.unclear().unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    assert_wrong_state(&one.mark_sent(&ids[0], "{}", now()), LocalState::Sending);

    assert_eq!(one.adopt_unclear(now()).unwrap().len(), 2);
    assert_eq!(other.adopt_unclear(now()).unwrap(), []);
    assert_wrong_state(&other.mark_ready_again(&ids[0], None, "E-1103", now()), LocalState::Sending);
    one.mark_sent(&ids[0], "{}", now()).unwrap();
    drop(one);

    assert_eq!(other.recover_unclear(now()).unwrap(), 1, "the second is unclear again");
    assert_eq!(other.due(now()).unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [ids[1]]);
}

#[test]
fn keeps_what_the_relay_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "content");
    let other = open(dir.path());
    assert!(other.begin_attempt(&id, now()).unwrap());
    assert!(!says(&store, &id, r#"{"state":"waiting"}"#), "left to its sender");
    other.mark_refused(&id, "E-1205", None, now()).unwrap();

    assert!(says(&store, &id, r#"{"state":"waiting"}"#));
    let sent = row(&store, &id);
    assert_eq!((sent.state, sent.problem_code), (LocalState::Sent, None), "the relay has it after all");
    assert!(!says(&store, &id, r#"{"state":"waiting"}"#), "nothing new");
    assert!(says(&store, &id, r#"{"state":"receiving"}"#));
    let elsewhere = ContentId::of(b"elsewhere");
    let told = store.update_from_relay(&[said(elsewhere, 1, "{}"), said(id, 1, r#"{"state":"done"}"#)], now());
    assert_eq!(told.unwrap(), Told { changed: true, unknown: vec![elsewhere] });
    let told = store.update_from_relay(&[said(id, 1, "{}"), said(id, 1, "no json")], now());
    assert!(matches!(told, Err(StoreError::Database(_))));
    assert!(!says(&store, &id, r#"{"state":"done"}"#), "all or nothing");
}

/// Sends `content` so that the relay holds it.
fn sent(store: &Store, content: &str, relay: &str) -> ContentId {
    let id = staged(store, content);
    assert!(store.begin_attempt(&id, now()).unwrap());
    store.mark_sent(&id, relay, now()).unwrap();
    id
}

#[test]
fn what_ended_is_sent_again_once_and_keeps_how_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (store, other) = (open(dir.path()), open(dir.path()));
    let ended = r#"{"state":"external_error"}"#;
    let id = sent(&store, "content", ended);
    assert!(store.send_again(&id, 1, now()).unwrap());
    assert!(!other.send_again(&id, 1, now()).unwrap(), "pressed twice");
    assert!(!other.send_again(&id, 2, now()).unwrap(), "it has not left yet");
    let waiting = row(&store, &id);
    assert_eq!((waiting.state, waiting.round, waiting.attempts), (LocalState::Ready, 2, 0));
    assert_eq!(waiting.relay.as_deref(), Some(ended));
    assert_eq!(store.due(now()).unwrap(), [waiting]);

    // An answer that was on its way meanwhile speaks of what has ended.
    assert!(!says_of(&store, &id, 1, r#"{"state":"cancelled"}"#));
    assert!(store.begin_attempt(&id, now()).unwrap());
    assert!(!other.begin_attempt(&id, now()).unwrap());
    store.mark_sent(&id, r#"{"state":"waiting"}"#, now()).unwrap();
    assert!(!says_of(&store, &id, 1, ended), "the first round ends no other one");
    assert_eq!((row(&store, &id).round, row(&store, &id).relay.as_deref()), (2, Some(r#"{"state":"waiting"}"#)));
    assert_eq!(store.submissions().unwrap().len(), 1, "one file, sent twice");
    assert_eq!(store.claim_files().unwrap().len(), 1);
    // Another computer sent it a third time.
    assert!(says_of(&store, &id, 3, r#"{"state":"transmitting"}"#));
    assert_eq!((row(&store, &id).round, row(&store, &id).state), (3, LocalState::Sent));
}

#[test]
fn a_round_that_was_taken_back_leaves_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let ended = r#"{"state":"cancelled"}"#;
    let id = sent(&store, "content", ended);
    let before = row(&store, &id);
    assert!(store.send_again(&id, 1, now()).unwrap());
    store.hide(&id, now()).unwrap();
    let back = row(&store, &id);
    assert_eq!((back.state, back.round, back.hidden), (LocalState::Sent, 1, false));
    assert_eq!(back.relay, before.relay);
    assert_eq!(store.due(now()).unwrap(), []);
    assert_wrong_state(&store.hide(&id, now()), LocalState::Sent);
    assert!(store.send_again(&id, 1, now()).unwrap(), "and it can be sent again all the same");
    // The relay had it when it was taken back: that is what counts.
    store.hide(&id, now()).unwrap();
    assert!(says_of(&store, &id, 2, r#"{"state":"waiting"}"#));
    assert_eq!((row(&store, &id).state, row(&store, &id).round), (LocalState::Sent, 2));
}

#[test]
fn takes_what_another_computer_sent() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let relay = said(ContentId::of(b"content"), 2, "{}");
    let taken = store.take_from_relay(&claim("KK260601.CSV"), b"content", &relay, now()).unwrap();
    assert!(matches!(&taken, Staged::New(row) if row.state == LocalState::Sent && (row.attempts, row.round) == (0, 2)));
    assert!(!store.begin_attempt(&taken.submission().id, now()).unwrap());
}

#[test]
fn finds_other_files_of_the_same_months() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = staged(&store, "first");
    let mut apart = claim("KK260602.CSV");
    apart.service_months = vec!["2026-03".parse().unwrap()];
    store.stage(&apart, b"apart", now()).unwrap();
    let mut later = claim("KK260701.CSV");
    later.processing_month = "2026-07".parse().unwrap();
    store.stage(&later, b"later", now()).unwrap();

    let mut project = claim("KK260603.CSV");
    project.data_type = "71R".to_owned();
    store.stage(&project, b"project", now()).unwrap();

    let others = |id: ContentId, data_type: &str, months: &[&str]| {
        let mut new = claim("KK260609.CSV");
        new.data_type = data_type.to_owned();
        new.service_months = months.iter().map(|month| month.parse().unwrap()).collect();
        let others = store.others_for(&id, &new).unwrap();
        others.into_iter().map(|other| other.file_name).collect::<Vec<_>>()
    };
    let months = |id: ContentId, months: &[&str]| others(id, "711", months);
    assert_eq!(months(ContentId::of(b"second"), &["2026-05"]), ["KK260601.CSV"]);
    assert_eq!(months(ContentId::of(b"second"), &["2026-03", "2026-04"]), ["KK260602.CSV", "KK260601.CSV"]);
    assert_eq!(months(ContentId::of(b"second"), &["2026-02"]), [""; 0]);
    assert_eq!(others(ContentId::of(b"second"), "71R", &["2026-05"]), ["KK260603.CSV"]);
    assert_eq!(others(ContentId::of(b"second"), "822", &["2026-05"]), [""; 0]);
    assert_eq!(months(id, &["2026-05"]), [""; 0], "not itself");
    store.hide(&id, now()).unwrap();
    assert_eq!(months(ContentId::of(b"second"), &["2026-05"]), [""; 0], "not what is out of sight");
}

#[test]
fn unknown_files_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = ContentId::of(b"nowhere");
    assert!(!store.begin_attempt(&id, now()).unwrap());
    for result in [
        store.mark_sent(&id, "{}", now()),
        store.retry(&id, now()),
        store.hide(&id, now()),
        store.restore(&id, now()),
        store.mark_read(&[id], now()),
    ] {
        assert!(matches!(result, Err(StoreError::Unknown(unknown)) if unknown == id));
    }
    store.add_notices(&[notice("74110000.CSV", "nowhere")], now()).unwrap();
    assert!(matches!(store.mark_sent(&id, "{}", now()), Err(StoreError::Unknown(_))), "a notice is no submission");
}
