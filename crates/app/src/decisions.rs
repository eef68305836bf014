//! What people decide about a case. The database only ever grows: taking something back is a decision of its own, and what
//! holds today is folded from all of them.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use kokuho::codes::Route;
use ledger::DecisionKind;
use store::Decision;

/// Kinds of decisions as the database keeps them.
pub(crate) mod kind {
    /// Nothing more will be claimed; `reason` says why.
    pub const CLOSE: &str = "close";
    /// Takes a closing back.
    pub const REOPEN: &str = "reopen";
    /// Someone wants to give money up; `reason` says why. Waits for a second look.
    pub const PROPOSE: &str = "propose_close";
    /// Withdraws the wish to give money up.
    pub const KEEP: &str = "keep";
    /// Who sees to it; `reason` is the name, empty for nobody.
    pub const OWNER: &str = "owner";
    /// Until when; `reason` is a date, empty for what the files say.
    pub const DUE: &str = "due";
    /// A note; `reason` is its text.
    pub const NOTE: &str = "note";
    /// What to do, chosen by a person; `reason` is the name of a route, empty for what the code says.
    pub const ROUTE: &str = "route";
    /// Takes a decision back; `reason` is its number.
    pub const UNDO: &str = "undo";
}

/// What people decided about one case, as it holds today.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Human {
    /// Who sees to it.
    pub owner: Option<String>,
    /// Until when something should be done, where a person set a day.
    pub due: Option<NaiveDate>,
    /// What to do, where a person chose.
    pub route: Option<Route>,
    /// The latest closing or reopening.
    pub closing: Option<(DecisionKind, NaiveDateTime)>,
    /// Someone wants to give the money up.
    pub proposal: Option<Proposal>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// Everything that was decided, newest first, with what was taken back.
    pub history: Vec<Past>,
}

/// A wish to give money up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub reason: String,
    pub by: String,
    pub at: NaiveDateTime,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub id: i64,
    pub text: String,
    pub by: String,
    pub at: NaiveDateTime,
}

/// A decision with whether it still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Past {
    pub decision: Decision,
    /// A later decision took it back.
    pub undone: bool,
}

impl Human {
    /// Returns what the ledger must know: the latest closing or reopening.
    pub fn for_ledger(&self, key: &str) -> Option<ledger::Decision> {
        let (kind, at) = self.closing.clone()?;
        Some(ledger::Decision { key: key.parse().ok()?, kind, at })
    }

    fn take(&mut self, decision: &Decision) {
        let text = || Some(decision.decision.reason.clone()).filter(|text| !text.is_empty());
        match decision.decision.kind.as_str() {
            kind::CLOSE => {
                let reason = decision.decision.reason.clone();
                self.closing = Some((DecisionKind::Close { reason }, decision.at));
                self.proposal = None;
            }
            kind::REOPEN => {
                self.closing = Some((DecisionKind::Reopen, decision.at));
                self.proposal = None;
            }
            kind::PROPOSE => {
                self.proposal = Some(Proposal {
                    reason: decision.decision.reason.clone(),
                    by: decision.decision.by.clone(),
                    at: decision.at,
                });
            }
            kind::KEEP => self.proposal = None,
            kind::OWNER => self.owner = text(),
            kind::DUE => self.due = text().and_then(|text| text.parse().ok()),
            kind::ROUTE => self.route = text().and_then(|text| route(&text)),
            kind::NOTE => self.notes.push(Note {
                id: decision.id,
                text: decision.decision.reason.clone(),
                by: decision.decision.by.clone(),
                at: decision.at,
            }),
            // One that this version does not know decides nothing.
            _ => {}
        }
    }
}

/// Returns the route of this name.
pub(crate) fn route(name: &str) -> Option<Route> {
    use Route::{AskCareManager, AskInsurer, AskVendor, FixNow, GiveUp, Kago, ReadAndChoose, Wait};
    [FixNow, Wait, AskCareManager, AskInsurer, Kago, AskVendor, GiveUp, ReadAndChoose]
        .into_iter()
        .find(|route| route.as_str() == name)
}

/// Folds decisions, oldest first, into what holds today, by case.
pub(crate) fn fold(decisions: Vec<Decision>) -> HashMap<String, Human> {
    // From the newest on: an undo that was itself taken back takes nothing back.
    let mut undone: HashSet<i64> = HashSet::new();
    for decision in decisions.iter().rev() {
        if decision.decision.kind == kind::UNDO
            && !undone.contains(&decision.id)
            && let Ok(id) = decision.decision.reason.parse()
        {
            undone.insert(id);
        }
    }
    let mut cases: HashMap<String, Human> = HashMap::new();
    for decision in decisions {
        let human = cases.entry(decision.decision.case_key.clone()).or_default();
        let is_undone = undone.contains(&decision.id);
        if !is_undone {
            human.take(&decision);
        }
        human.history.insert(0, Past { decision, undone: is_undone });
    }
    cases
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use store::NewDecision;

    use super::*;

    const KEY: &str = "9970000015/990010/0000000101/2026-05/7131";

    fn decision(id: i64, kind: &str, reason: &str) -> Decision {
        let at = "2026-07-01T09:00:00".parse().unwrap();
        let (case_key, kind, reason, by) = (KEY.to_owned(), kind.to_owned(), reason.to_owned(), "山田".to_owned());
        Decision { id, decision: NewDecision { case_key, kind, reason, by }, at }
    }

    fn folded(made: &[(&str, &str)]) -> Human {
        let made = made.iter().zip(1..).map(|((kind, reason), id)| decision(id, kind, reason)).collect();
        fold(made).remove(KEY).unwrap_or_default()
    }

    #[test]
    fn the_latest_counts_and_an_empty_one_clears() {
        let human = folded(&[("owner", "山田"), ("due", "2026-07-05"), ("owner", "佐藤"), ("route", "ask_insurer")]);
        assert_eq!((human.owner.as_deref(), human.due), (Some("佐藤"), "2026-07-05".parse().ok()));
        assert_eq!(human.route, Some(Route::AskInsurer));
        let cleared = folded(&[("owner", "山田"), ("due", "2026-07-05"), ("owner", ""), ("due", "")]);
        assert_eq!((cleared.owner, cleared.due), (None, None));
    }

    #[test]
    fn what_was_taken_back_holds_no_longer_until_that_is_taken_back() {
        let made = [("owner", "山田"), ("owner", "佐藤"), ("undo", "2"), ("undo", "3")];
        assert_eq!(folded(&made[..2]).owner.as_deref(), Some("佐藤"));
        assert_eq!(folded(&made[..3]).owner.as_deref(), Some("山田"));
        assert_eq!(folded(&made).owner.as_deref(), Some("佐藤"));
        let undone: Vec<bool> = folded(&made).history.iter().map(|past| past.undone).collect();
        assert_eq!(undone, [false, true, false, false], "newest first");
    }

    #[test]
    fn giving_up_waits_for_a_second_look() {
        let proposed = folded(&[("propose_close", "自費で精算した")]);
        assert_eq!(proposed.for_ledger(KEY), None, "the ledger hears of it only when it is decided");
        assert_eq!(proposed.proposal.map(|proposal| proposal.reason).as_deref(), Some("自費で精算した"));
        let closed = folded(&[("propose_close", "自費で精算した"), ("close", "自費で精算した")]);
        assert!(closed.proposal.is_none());
        assert!(matches!(closed.closing, Some((DecisionKind::Close { .. }, _))));
        assert!(folded(&[("propose_close", "自費で精算した"), ("keep", "")]).proposal.is_none());
    }

    proptest! {
        /// Undoing everything, newest first, leaves nothing decided.
        #[test]
        fn everything_can_be_taken_back(kinds in prop::collection::vec(prop::sample::select(vec![
            ("owner", "山田"), ("due", "2026-07-05"), ("note", "電話した"), ("close", "済"), ("reopen", ""),
            ("propose_close", "済"), ("route", "wait"),
        ]), 1..12)) {
            let mut made: Vec<(String, String)> =
                kinds.iter().map(|(kind, reason)| ((*kind).to_owned(), (*reason).to_owned())).collect();
            for id in (1..=made.len()).rev() {
                made.push(("undo".to_owned(), id.to_string()));
            }
            let made: Vec<(&str, &str)> = made.iter().map(|(kind, reason)| (kind.as_str(), reason.as_str())).collect();
            let human = folded(&made);
            prop_assert_eq!(Human { history: Vec::new(), ..human }, Human::default());
        }
    }
}
