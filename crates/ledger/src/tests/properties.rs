use proptest::prelude::*;

use super::world::*;
use crate::{Balance, CaseState, Ledger, Whereabouts};
use kokuho::{Claim, Notice, ReturnTarget, Yen};

const MONTHS: [&str; 4] = ["2026-06", "2026-07", "2026-08", "2026-09"];
const SERVICES: [&str; 2] = ["2026-04", "2026-05"];
/// Form and service type.
const FORMS: [(&str, &str); 3] = [("7131", "15"), ("71R1", "A6"), ("8124", "43")];
const REMARKS: [&str; 4] = ["保留", "12PA", "返戻", ""];

fn pick<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(values)
}

fn person() -> impl Strategy<Value = String> {
    (1_u32..5).prop_map(|number| number.to_string())
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let sheet = (pick(&MONTHS), person(), pick(&SERVICES))
        .prop_map(|(month, person, service)| plan_sheet(month, &person, service));
    let money = (pick(&MONTHS), person(), pick(&SERVICES), pick(&FORMS), 1_i64..4, any::<bool>()).prop_map(
        |(month, person, service, (form, kind), units, public)| {
            let claim = priced(month, &person, service, form, &[(kind, units * 500, 1045)], 90);
            if public { with_public(claim, "12990016", 100) } else { claim }
        },
    );
    prop_oneof![1 => sheet, 6 => money]
}

fn any_notice() -> impl Strategy<Value = Notice> {
    let line = (person(), pick(&SERVICES), pick(&FORMS), 1_i64..4, pick(&REMARKS), 0_u8..8).prop_map(
        |(person, service, (form, kind), units, remark, sheet)| {
            let target = if form == "8124" { ReturnTarget::CarePlan } else { ReturnTarget::Statement };
            let target = if sheet == 0 { ReturnTarget::BenefitManagement } else { target };
            let kind = if sheet == 1 { "" } else { kind };
            row_for(target, kind, row(&person, service, units * 500, remark))
        },
    );
    let lists = (pick(&MONTHS), prop::collection::vec(line, 1..5)).prop_map(|(month, lines)| returns(month, &lines));
    let tables = (pick(&["7211", "7231"]), pick(&MONTHS), pick(&SERVICES), 0_i64..3, 0_i64..3, 0_i64..3).prop_map(
        |(id, month, service, sent_back, released, units)| {
            changes(id, month, &[(INSURER, service, [(sent_back, 500), (0, 0), (0, 0), (released, units * 500)])])
        },
    );
    let details = (pick(&["7521", "7551"]), pick(&MONTHS), 0_i64..40_000, -9000_i64..1)
        .prop_map(|(id, month, decided, kago)| pays(id, month, decided, kago));
    let kago = (pick(&MONTHS), person(), pick(&SERVICES), pick(&FORMS))
        .prop_map(|(month, person, service, (_, kind))| takes_back("7611", month, &person, service, kind, 500, 4702));
    let cuts = (pick(&MONTHS), person(), pick(&SERVICES), pick(&FORMS), 1_i64..600).prop_map(
        |(month, person, service, (_, kind), units)| reduces(month, &[(&person, service, kind, Some(-units), "B")]),
    );
    let paid = (pick(&MONTHS), 0_i64..40_000).prop_map(|(month, yen)| transfers(month, yen));
    prop_oneof![4 => lists, 3 => tables, 3 => details, 1 => kago, 1 => cuts, 1 => paid]
}

pub fn any_world() -> impl Strategy<Value = World> {
    let today = pick(&["2026-07-05", "2026-08-25", "2026-12-01", "2028-08-01", "2032-01-01"]);
    let closings = prop::collection::vec((person(), pick(&SERVICES), pick(&FORMS), any::<bool>(), 10_u8..20), 0..3);
    (prop::collection::vec(any_claim(), 0..16), prop::collection::vec(any_notice(), 0..14), closings, today).prop_map(
        |(claims, notices, closings, today)| {
            let world = World { claims, notices, ..World::on(today) };
            closings.into_iter().fold(world, |world, (person, service, (form, _), closes, day)| {
                let kind = if closes { close("確認済み") } else { crate::DecisionKind::Reopen };
                world.decides(key(&person, service, form), kind, &format!("2026-10-{day}T09:00:00"))
            })
        },
    )
}

fn unpaid(ledger: &Ledger) -> (Yen, Yen) {
    let cases = ledger
        .cases
        .iter()
        .filter(|case| matches!(case.state, CaseState::Open | CaseState::Held | CaseState::Reclaimed))
        .map(|case| case.yen)
        .sum();
    (cases, ledger.balances.iter().map(|balance| balance.unpaid).sum())
}

fn adds_up(balance: &Balance) -> bool {
    balance.claimed - balance.returned - balance.held + balance.assessed + balance.released + balance.unexplained
        == balance.decided
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn order_and_repetition_change_nothing((world, shuffled) in any_world().prop_flat_map(|world| {
        let twice = World {
            claims: world.claims.iter().cloned().chain(world.claims.iter().map(|claim| Claim { line: claim.line + 7, ..claim.clone() })).collect(),
            notices: [world.notices.clone(), world.notices.clone()].concat(),
            decisions: [world.decisions.clone(), world.decisions.clone()].concat(),
            today: world.today,
        };
        (Just(twice.claims), Just(twice.notices), Just(twice.decisions)).prop_flat_map(|(claims, notices, decisions)| {
            (Just(claims).prop_shuffle(), Just(notices).prop_shuffle(), Just(decisions).prop_shuffle())
        }).prop_map(move |(claims, notices, decisions)| (world.clone(), World { claims, notices, decisions, today: world.today }))
    })) {
        prop_assert_eq!(world.settle(), shuffled.settle());
    }

    #[test]
    fn every_month_with_its_payment_details_adds_up(world in any_world()) {
        for balance in world.settle().balances {
            let complete = (balance.decided, balance.payable, balance.kago) != (Yen::ZERO, Yen::ZERO, Yen::ZERO);
            prop_assert!(!complete || adds_up(&balance), "{balance:?}");
            prop_assert_eq!(balance.decided + balance.kago, balance.payable);
        }
    }

    #[test]
    fn unpaid_of_months_is_unpaid_of_cases(world in any_world()) {
        let (cases, months) = unpaid(&world.settle());
        prop_assert_eq!(cases, months);
    }

    #[test]
    fn offices_do_not_touch_each_other(one in any_world(), other in any_world()) {
        let elsewhere = kokuho::OfficeNumber::from_file("9970001013");
        let mut both = one.clone();
        both.claims.extend(other.claims.iter().map(|claim| Claim { office: elsewhere.clone(), ..claim.clone() }));
        let together = both.settle();
        let alone = one.settle();
        prop_assert_eq!(together.cases, alone.cases);
        prop_assert!(together.balances.iter().filter(|balance| balance.office != elsewhere).eq(alone.balances.iter()));
    }

    /// Every claim on hand can be found, and stands where its case says.
    #[test]
    fn what_was_sent_stands_where_its_case_says(world in any_world()) {
        let sent = world.sent();
        prop_assert!(sent.is_sorted_by(|a, b| a.key < b.key));
        for claim in &world.claims {
            let key = crate::CaseKey::of_claim(claim);
            let found = sent.iter().find(|sent| sent.key == key);
            prop_assert!(found.is_some_and(|found| found.attempts.contains(&claim.processing_month)), "{key}");
        }
        for case in world.settle().cases.iter().filter(|case| case.kind != crate::CaseKind::Assessed) {
            let Some(sent) = sent.iter().find(|sent| sent.key == case.key) else { panic!("{}", case.key) };
            prop_assert_eq!(sent.whereabouts, case.whereabouts, "{:?}", case);
            // What was claimed twice may be back and stand all the same.
            let fits = match case.state {
                CaseState::Held => matches!(sent.whereabouts, Whereabouts::Held { .. }),
                CaseState::Reclaimed => matches!(sent.whereabouts, Whereabouts::UnderReview { .. }),
                CaseState::Settled => matches!(sent.whereabouts, Whereabouts::Decided | Whereabouts::Held { .. }),
                CaseState::Open | CaseState::Lapsed | CaseState::Closed => true,
            };
            prop_assert!(fits, "{sent:?} {case:?}");
        }
    }

    #[test]
    fn a_held_claim_is_never_offered_and_a_lapsed_one_neither(world in any_world()) {
        for case in world.settle().cases {
            let last = case.limitation_date;
            prop_assert!(case.next_window.is_none() || case.state == CaseState::Open);
            prop_assert!(case.next_window.is_none_or(|window| last.is_none_or(|last| window.first_day() <= last)), "{case:?}");
            prop_assert!(case.state != CaseState::Lapsed || last.is_some_and(|last| last < world.today));
        }
    }
}
