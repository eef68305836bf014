//! 審査: decides on every claim of an office and month.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use serde::{Deserialize, Serialize};

use crate::scenario::{HoldEnd, Outcome, Scenario};
use crate::statement::{Kind, Statement};
use crate::texts;

/// What the review says of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub statement: Statement,
    pub decision: Decision,
    /// It was held in an earlier month: a payment is 保留復活, a return is no difference to this month's claims.
    pub from_hold: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Paid,
    Returned(String),
    Held,
    Reduced(Reduction),
}

/// 査定 of one service type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reduction {
    /// Position among the services of the statement.
    pub service: usize,
    /// Units taken off, positive.
    pub units: i64,
    /// Yen taken off, positive (rules.md E4).
    pub yen: i64,
}

/// What 国保連 remembers of an office from one review to the next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct OfficeMemory {
    /// Claims that wait, with the review that ends each hold.
    held: Vec<Hold>,
    /// Keys of claims that were decided.
    decided: BTreeSet<String>,
    /// How many times each claim was ruled on.
    attempts: BTreeMap<String, u32>,
    /// Persons whose verdict of the scenario was used.
    used_verdicts: BTreeSet<String>,
    /// Paid claims that the insurer takes back, with the review from which on it does.
    #[serde(default)]
    taken_back: Vec<(Month, Statement)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Hold {
    statement: Statement,
    ends: Month,
    end: HoldEnd,
}

impl OfficeMemory {
    /// Returns the months in which holds end.
    pub fn hold_months(&self) -> impl Iterator<Item = Month> + '_ {
        self.held.iter().map(|hold| hold.ends)
    }

    /// Returns the claims that the insurer takes back in the review of `month`（過誤）, from payments of `yen` altogether: nobody
    /// is asked to pay in. They can be claimed again.
    pub fn take_back(&mut self, office: &str, month: Month, mut yen: i64) -> Vec<Statement> {
        let (due, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.taken_back).into_iter().partition(|(from, statement)| {
                let amount = statement.care_benefit() + statement.resident.benefit;
                let fits = *from <= month && amount <= yen;
                yen -= if fits { amount } else { 0 };
                fits
            });
        self.taken_back = waiting;
        let due: Vec<Statement> = due.into_iter().map(|(_, statement)| statement).collect();
        for statement in &due {
            self.decided.remove(&statement.key(office));
        }
        due
    }

    /// Rules on the claims of `month` in the order of their arrival, and on the holds that end.
    pub fn review(&mut self, scenario: &Scenario, office: &str, month: Month, claims: Vec<Statement>) -> Vec<Ruling> {
        // A claim sent again while it is held is a duplicate (ANN2) even in the month in which the hold ends.
        let (ending, waiting) =
            std::mem::take(&mut self.held).into_iter().partition::<Vec<_>, _>(|hold| hold.ends <= month);
        self.held = waiting;
        let mut known: BTreeSet<String> =
            self.held.iter().chain(&ending).map(|hold| hold.statement.key(office)).collect();

        let duplicates: Vec<Option<&str>> =
            claims.iter().map(|claim| self.duplicate(&mut known, office, claim)).collect();
        let explicit = self.explicit_outcomes(scenario, &claims, &duplicates);

        let mut rulings: Vec<Ruling> = ending.into_iter().map(|hold| self.end_hold(office, hold)).collect();
        for ((statement, duplicate), outcome) in claims.into_iter().zip(duplicates).zip(explicit) {
            let decision = match duplicate {
                Some(code) => Decision::Returned(code.to_owned()),
                None => self.decide(scenario, office, month, &statement, outcome),
            };
            rulings.push(Ruling { statement, decision, from_hold: false });
        }
        rulings
    }

    /// Returns the code that refuses a claim already made（ANN）; later data are the invalid ones (rules.md F11).
    fn duplicate(&self, known: &mut BTreeSet<String>, office: &str, claim: &Statement) -> Option<&'static str> {
        let key = claim.key(office);
        let management = claim.kind == Kind::BenefitManagement;
        if self.decided.contains(&key) {
            Some(if management { "ANNJ" } else { "ANN4" })
        } else if known.insert(key) {
            None
        } else {
            Some(if management { "ANN0" } else { "ANN2" })
        }
    }

    /// Finds, for each claim, the scenario's decision on the person's first claim. First is the one with the earliest
    /// service month, so that the order of files does not matter.
    fn explicit_outcomes<'a>(
        &mut self,
        scenario: &'a Scenario,
        claims: &[Statement],
        duplicates: &[Option<&str>],
    ) -> Vec<Option<&'a Outcome>> {
        let mut outcomes = vec![None; claims.len()];
        for verdict in &scenario.verdicts {
            let first = claims
                .iter()
                .enumerate()
                .filter(|(index, claim)| {
                    claim.insured == verdict.insured && claim.carries_money() && duplicates.get(*index) == Some(&None)
                })
                .min_by_key(|(_, claim)| (claim.service_month, claim.exchange_id.as_str(), claim.insurer.as_str()));
            if let Some((index, _)) = first
                && self.used_verdicts.insert(verdict.insured.clone())
            {
                outcomes[index] = Some(&verdict.outcome);
            }
        }
        outcomes
    }

    fn end_hold(&mut self, office: &str, hold: Hold) -> Ruling {
        let decision = match hold.end {
            HoldEnd::Released => {
                self.decided.insert(hold.statement.key(office));
                Decision::Paid
            }
            HoldEnd::Returned => Decision::Returned("返戻".to_owned()),
        };
        Ruling { statement: hold.statement, decision, from_hold: true }
    }

    fn decide(
        &mut self,
        scenario: &Scenario,
        office: &str,
        month: Month,
        claim: &Statement,
        explicit: Option<&Outcome>,
    ) -> Decision {
        let key = claim.key(office);
        let attempt = self.attempts.entry(key.clone()).or_insert(0);
        *attempt += 1;
        let attempt_key = format!("{key}/{attempt}");
        // A verdict speaks of the first claim only; what a person corrects and claims again is then paid.
        let settled_by_scenario = explicit.is_none()
            && *attempt > 1
            && scenario.verdicts.iter().any(|verdict| verdict.insured == claim.insured);
        let outcome = match explicit {
            Some(outcome) => outcome.clone(),
            None if settled_by_scenario => Outcome::Pay,
            None => drawn_outcome(scenario, claim.kind, &attempt_key),
        };
        let decision = match outcome {
            Outcome::Return(code) => Decision::Returned(code),
            Outcome::Hold { end, after_months } if claim.carries_money() => {
                self.held.push(Hold {
                    statement: claim.clone(),
                    ends: month.plus(i32::from(after_months.max(1))),
                    end,
                });
                Decision::Held
            }
            Outcome::Kago { after_months } => {
                self.taken_back.push((month.plus(i32::from(after_months.max(1))), claim.clone()));
                Decision::Paid
            }
            Outcome::Reduce => reduction(scenario, claim, &attempt_key).map_or(Decision::Paid, Decision::Reduced),
            Outcome::Hold { .. } | Outcome::Pay => Decision::Paid,
        };
        if matches!(decision, Decision::Paid | Decision::Reduced(_)) {
            self.decided.insert(key);
        }
        decision
    }
}

fn drawn_outcome(scenario: &Scenario, kind: Kind, key: &str) -> Outcome {
    let rates = scenario.rates;
    let share = scenario.draw("outcome", key, 1000);
    let (returned, held, reduced) = (u64::from(rates.returned), u64::from(rates.held), u64::from(rates.reduced));
    if share < returned {
        let codes = texts::return_codes(kind);
        let code = codes[scenario.draw("code", key, codes.len() as u64) as usize];
        Outcome::Return(code.to_owned())
    } else if share < returned + held {
        let end = if scenario.draw("end of hold", key, 1000) < u64::from(rates.hold_returned) {
            HoldEnd::Returned
        } else {
            HoldEnd::Released
        };
        Outcome::Hold { end, after_months: 1 + scenario.draw("length of hold", key, 2) as u8 }
    } else if share < returned + held + reduced {
        Outcome::Reduce
    } else {
        Outcome::Pay
    }
}

/// Takes 5% to 15% off the first service whose amount follows from its units. 総合事業 is left alone: the id of its own
/// notice of reductions is not known (codes.json).
fn reduction(scenario: &Scenario, claim: &Statement, key: &str) -> Option<Reduction> {
    if claim.kind != Kind::Statement || claim.project {
        return None;
    }
    claim.services.iter().enumerate().find_map(|(index, service)| {
        let percent = 5 + scenario.draw("reduction", key, 11) as i64;
        let units = (service.units * percent / 100).max(1);
        let decided = service.units - units;
        let yen = service.benefit() - service.benefit_of(decided, claim.rate)?;
        (decided > 0 && yen > 0).then_some(Reduction { service: index, units, yen })
    })
}
