//! Whatever two processes do and however often they die, the outbox follows its rules.

use std::collections::HashMap;

use proptest::prelude::*;
use store::{ContentId, LocalState, Said, Store};

use crate::{claim, now, open};

#[derive(Debug, Clone, Copy)]
enum Op {
    Stage,
    Begin,
    Sent,
    ReadyAgain,
    Refused,
    Retry,
    Hide,
    Restore,
    RelaySays,
    /// The relay speaks of the round before: its answer is old.
    RelaySaysLate,
    SendAgain,
    Recover,
    Adopt,
    /// The process is killed and started again.
    Die,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    state: LocalState,
    /// Index of the process that sends; `None` while sending is "it is gone".
    holder: Option<usize>,
    attempts: u32,
    hidden: bool,
    round: u32,
}

fn ops() -> impl Strategy<Value = Vec<(Op, usize, usize)>> {
    use Op::{
        Adopt, Begin, Die, Hide, ReadyAgain, Recover, Refused, RelaySays, RelaySaysLate, Restore, Retry, SendAgain,
        Sent, Stage,
    };
    let op = prop::sample::select(vec![
        Stage,
        Begin,
        Begin,
        Sent,
        Sent,
        ReadyAgain,
        Refused,
        Retry,
        Hide,
        Restore,
        RelaySays,
        RelaySaysLate,
        SendAgain,
        SendAgain,
        Recover,
        Adopt,
        Die,
    ]);
    prop::collection::vec((op, 0..2_usize, 0..2_usize), 1..40)
}

/// Applies `op` to the model and returns whether the store should report that it did something.
fn model(rows: &mut HashMap<usize, Row>, op: Op, process: usize, file: usize) -> bool {
    use LocalState::{Ready, Refused, Sending, Sent};
    let orphans = |rows: &mut HashMap<usize, Row>, change: fn(&mut Row, usize)| {
        let orphans = rows.values_mut().filter(|row| row.state == Sending && row.holder.is_none());
        orphans.map(|row| change(row, process)).count() > 0
    };
    match op {
        Op::Stage => {
            let new = !rows.contains_key(&file);
            rows.entry(file).or_insert(Row { state: Ready, holder: None, attempts: 0, hidden: false, round: 1 });
            return new;
        }
        Op::Recover => return orphans(rows, |row, _| row.state = Ready),
        Op::Adopt => return orphans(rows, |row, process| row.holder = Some(process)),
        Op::Die => {
            for row in rows.values_mut().filter(|row| row.holder == Some(process)) {
                row.holder = None;
            }
            return true;
        }
        _ => {}
    }
    let Some(row) = rows.get_mut(&file) else { return false };
    let mine = row.state == Sending && row.holder == Some(process);
    let (fits, state) = match op {
        Op::Begin => (row.state == Ready && !row.hidden, Sending),
        Op::Sent => (mine, Sent),
        Op::ReadyAgain => (mine, Ready),
        Op::Refused => (mine, Refused),
        Op::Retry => (matches!(row.state, Ready | Refused), Ready),
        // What was sent before goes back to how that ended.
        Op::Hide => (matches!(row.state, Ready | Refused), if row.round > 1 { Sent } else { row.state }),
        Op::SendAgain => (row.state == Sent, Ready),
        Op::RelaySaysLate => (false, row.state),
        Op::Restore => (true, row.state),
        // Every change of the relay's word is a new word in this test.
        Op::RelaySays => (row.state != Sending, Sent),
        Op::Stage | Op::Recover | Op::Adopt | Op::Die => unreachable!("handled above"),
    };
    if fits {
        row.state = state;
        row.holder = match op {
            Op::Begin => Some(process),
            Op::Hide | Op::Restore => row.holder,
            _ => None,
        };
        row.attempts = if matches!(op, Op::SendAgain) { 0 } else { row.attempts + u32::from(matches!(op, Op::Begin)) };
        let back = matches!(op, Op::Hide) && row.round > 1;
        row.round = row.round + u32::from(matches!(op, Op::SendAgain)) - u32::from(back);
        row.hidden = match op {
            Op::Hide => !back,
            Op::Restore | Op::RelaySays => false,
            _ => row.hidden,
        };
    }
    fits
}

fn run(store: &Store, op: Op, content: &[u8], step: usize) -> bool {
    let id = ContentId::of(content);
    let word = format!(r#"{{"step":{step}}}"#);
    let round = store.submission(&id).unwrap().map_or(1, |row| row.round);
    let says = |round| {
        let said = Said { id, round, json: word.clone() };
        store.update_from_relay(&[said], now()).unwrap().changed
    };
    match op {
        Op::Stage => matches!(store.stage(&claim("KK260601.CSV"), content, now()).unwrap(), store::Staged::New(_)),
        Op::Begin => store.begin_attempt(&id, now()).unwrap(),
        Op::Sent => store.mark_sent(&id, &word, now()).is_ok(),
        Op::ReadyAgain => store.mark_ready_again(&id, None, "E-1103", now()).is_ok(),
        Op::Refused => store.mark_refused(&id, "E-1205", None, now()).is_ok(),
        Op::Retry => store.retry(&id, now()).is_ok(),
        Op::Hide => store.hide(&id, now()).is_ok(),
        Op::Restore => store.restore(&id, now()).is_ok(),
        Op::RelaySays => says(round),
        Op::RelaySaysLate => says(round - 1),
        Op::SendAgain => store.send_again(&id, round, now()).unwrap(),
        Op::Recover => store.recover_unclear(now()).unwrap() > 0,
        Op::Adopt => !store.adopt_unclear(now()).unwrap().is_empty(),
        Op::Die => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_follows_its_rules(ops in ops()) {
        let dir = tempfile::tempdir().unwrap();
        let mut processes = [Some(open(dir.path())), Some(open(dir.path()))];
        let contents: [&[u8]; 2] = [b"first", b"second"];
        let mut rows = HashMap::new();
        for (step, (op, process, file)) in ops.into_iter().enumerate() {
            if matches!(op, Op::Die) {
                // Frees the lock first, as a killed process does.
                processes[process] = None;
                processes[process] = Some(open(dir.path()));
            }
            let store = processes[process].as_ref().unwrap();
            let expected = model(&mut rows, op, process, file);
            prop_assert_eq!(run(store, op, contents[file], step), expected, "step {} {:?} by {} on {}", step, op, process, file);

            let unclear: Vec<_> = store.unclear().unwrap().into_iter().map(|row| row.id).collect();
            for (file, content) in contents.iter().enumerate() {
                let actual = store.submission(&ContentId::of(content)).unwrap();
                let model = rows.get(&file);
                prop_assert_eq!(
                    actual.as_ref().map(|row| (row.state, row.attempts, row.hidden, row.round)),
                    model.map(|row| (row.state, row.attempts, row.hidden, row.round))
                );
                let orphan = model.is_some_and(|row| row.state == LocalState::Sending && row.holder.is_none());
                prop_assert_eq!(unclear.contains(&ContentId::of(content)), orphan);
            }
        }
    }
}
