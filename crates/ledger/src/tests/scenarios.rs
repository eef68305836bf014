use kokuho::{InsurerNumber, Notice, ReturnTarget, Yen};

use super::world::*;
use crate::{Area, CaseState, Doubt};

/// 10.45 yen × 1,000 units × 90 %.
const K1: i64 = 9405;

fn yen(balance: &crate::Balance) -> [i64; 10] {
    [
        balance.claimed,
        balance.returned,
        balance.held,
        balance.assessed,
        balance.released,
        balance.unexplained,
        balance.decided,
        balance.kago,
        balance.payable,
        balance.paid,
    ]
    .map(|yen| yen.0)
}

// The sample month of the specification.

fn sample_month(today: &str) -> World {
    World::on(today)
        .sends(claim("2026-06", "101", "2026-05", 6098))
        .sends(priced("2026-06", "202", "2026-05", "7131", &[("15", 8736, 1045)], 70))
        .sends(with_public(claim("2026-06", "303", "2026-05", 8922), "12990016", 0))
        .gets(returns(
            "2026-06",
            &[
                row("101", "2026-05", 6098, "12PA"),
                row("101", "2026-05", 6098, "12PA"),
                row("202", "2026-05", 8736, "保留"),
            ],
        ))
        .gets(counts("2026-06", "2026-05", (1, 6098), (1, 8736)))
        .gets(pays("7521", "2026-06", 93_234, 0))
        .gets(transfers("2026-06", 93_234))
}

#[test]
fn the_sample_month_adds_up() {
    let world = sample_month("2026-07-25");
    world.check_of("101", "returned open 57351 x1");
    world.check_of("202", "held held 63903 x0");
    assert_eq!(world.settle().cases.len(), 2, "303 was only paid");
    let balance = world.balance("2026-06");
    assert_eq!(yen(&balance), [214_488, 57_351, 63_903, 0, 0, 0, 93_234, 0, 93_234, 93_234]);
    assert_eq!(balance.unpaid, Yen(57_351 + 63_903));
    assert_eq!(balance.missing_notices, Vec::<String>::new());
}

#[test]
fn the_sample_month_tells_what_to_read() {
    let case = sample_month("2026-07-25").case_of("101");
    assert_eq!((case.codes, case.contents), (vec!["12PA".to_owned()], vec!["内容 12PA".to_owned()]));
    assert_eq!(case.insured_kana.as_deref(), Some("ﾃｽﾄ ｲﾁﾛｳ"));
    assert_eq!(
        (case.first_month, case.next_window, case.limitation_date),
        (month("2026-06"), Some(month("2026-08")), Some(date("2028-07-31")))
    );
    let held = sample_month("2026-07-25").case_of("202");
    assert_eq!((held.codes, held.next_window), (vec!["保留".to_owned()], None));
}

// Identity（MONEY 2, 3）.

#[test]
fn rows_of_one_claim_with_two_service_types_are_one_case() {
    let lines =
        [row("1", "2026-05", 1500, "12QX"), row_for(ReturnTarget::Statement, "17", row("1", "2026-05", 1500, "12QX"))];
    World::on("2026-07-01")
        .sends(priced("2026-06", "1", "2026-05", "7131", &[("15", 1000, 1045), ("17", 500, 1000)], 90))
        .gets(returns("2026-06", &lines))
        .check("returned open 13905 x1");
}

#[test]
fn one_person_under_two_insurers_is_two_claims() {
    let mut other = claim("2026-06", "1", "2026-05", 2000);
    other.insurer = InsurerNumber::from_file("00990028");
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(other)
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]));
    world.check("returned open 9405 x1");
    assert_eq!(world.balance("2026-06").claimed, Yen(9405 + 18_810));
}

#[test]
fn a_plan_claim_and_a_statement_of_one_person_are_two_claims() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(priced("2026-06", "1", "2026-05", "8124", &[("43", 1076, 1070)], 100))
        .gets(returns("2026-06", &[row_for(ReturnTarget::CarePlan, "43", row("1", "2026-05", 1076, "返戻"))]));
    let case = world.case();
    assert_eq!((case.key.exchange_id.as_str(), case.yen), ("8124", Yen(11_513)));
    assert_eq!(story(&case), "2026-06 請求 11,513円 / 2026-06 返戻");
}

#[test]
fn two_statements_of_one_person_are_told_apart_by_the_service_type() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "12PA"))]));
    assert_eq!(world.case().key.exchange_id, "71R1");
}

#[test]
fn a_claim_held_earlier_is_told_from_this_month_s_by_the_service_type() {
    let world = World::on("2026-08-01")
        .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "保留"))]))
        .sends(claim("2026-07", "1", "2026-05", 2000))
        .gets(returns("2026-07", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "返戻"))]));
    assert_eq!(world.case().key.exchange_id, "71R1");
    world.check("returned open 9405 x1");
}

#[test]
fn without_a_service_type_the_units_tell_the_claim() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 2000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "", row("1", "2026-05", 2000, "12PA"))]));
    assert_eq!(world.case().key.exchange_id, "71R1");
}

#[test]
fn the_type_of_a_supplementary_benefit_belongs_to_the_claim_of_the_month() {
    World::on("2026-07-01")
        .sends(priced("2026-06", "1", "2026-05", "7183", &[("51", 1000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "59", row("1", "2026-05", 1000, "12PA"))]))
        .check("returned open 9405 x1");
}

#[test]
fn a_row_without_a_claim_gets_the_form_of_its_service_type() {
    let form = |target, service_type| {
        World::on("2026-07-01")
            .gets(returns("2026-06", &[row_for(target, service_type, row("1", "2026-05", 1000, "12PA"))]))
            .case()
            .key
            .exchange_id
    };
    assert_eq!(form(ReturnTarget::Statement, "21"), "7143");
    assert_eq!(form(ReturnTarget::Statement, "A6"), "71R1");
    assert_eq!(form(ReturnTarget::CarePlan, ""), "8124");
    assert_eq!(form(ReturnTarget::CarePlan, "46"), "8125");
    assert_eq!(form(ReturnTarget::BenefitManagement, ""), "8222");
    assert_eq!(form(ReturnTarget::Statement, "59"), "", "59 stands on many forms");
}

#[test]
fn public_assistance_alone_may_stand_under_the_payer() {
    let mut sent =
        with_public(priced("2026-06", "H000000001", "2026-05", "7131", &[("15", 1000, 1045)], 0), "12990016", 0);
    sent.rate = 0;
    let mut listed = row("H000000001", "2026-05", 1000, "保留");
    listed.insurer = InsurerNumber::from_file("0012990016");
    let released = changes("7211", "2026-07", &[("12990016", "2026-05", [(0, 0), (0, 0), (0, 0), (1, 1000)])]);
    let world = World::on("2026-08-01").sends(sent).gets(returns("2026-06", &[listed]));
    world.check("held held 10450 x0");
    assert_eq!(world.case().key.insurer, InsurerNumber::from_file(INSURER));
    world.gets(released).check("held settled 10450 x0");
}

#[test]
fn a_row_may_name_the_public_payer_of_a_claim() {
    let mut listed = row("1", "2026-05", 1000, "12PA");
    listed.insurer = InsurerNumber::from_file("12990016");
    World::on("2026-07-01")
        .sends(with_public(claim("2026-06", "1", "2026-05", 1000), "12990016", 0))
        .gets(returns("2026-06", &[listed, row("1", "2026-05", 1000, "12PA")]))
        .check("returned open 10450 x1");
}

// Rows and states（MONEY 4–9）.

#[test]
fn a_claim_only_paid_or_in_flight_has_no_row() {
    let world = World::on("2026-06-11").sends(claim("2026-06", "1", "2026-05", 1000));
    assert_eq!(world.settle().cases, []);
    let balance = world.balance("2026-06");
    assert_eq!((balance.claimed, balance.unpaid), (Yen(K1), Yen::ZERO));
}

fn returned_once() -> World {
    World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]))
}

#[test]
fn returned_then_claimed_again_then_decided() {
    returned_once().check("returned open 9405 x1");
    let again = returned_once().sends(claim("2026-07", "1", "2026-05", 2000));
    again.check("returned reclaimed 18810 x1");
    assert_eq!((again.balance("2026-06").unpaid, again.balance("2026-07").unpaid), (Yen::ZERO, Yen(18_810)));
    let paid = again.gets(pays("7521", "2026-07", 18_810, 0));
    paid.check("returned settled 18810 x1");
    assert_eq!(
        story(&paid.case()),
        "2026-06 請求 9,405円 / 2026-06 返戻（12PA） / 2026-07 再請求 18,810円 / 2026-07 支払決定"
    );
    assert_eq!(paid.balance("2026-07").unexplained, Yen::ZERO);
}

#[test]
fn returned_twice() {
    let world = returned_once()
        .sends(claim("2026-07", "1", "2026-05", 1000))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "10QA")]))
        .gets(pays("7521", "2026-07", 0, 0));
    world.check("returned open 9405 x2");
    let case = world.case();
    assert_eq!(
        (case.codes, case.first_month, case.attempts),
        (vec!["10QA".to_owned()], month("2026-06"), vec![month("2026-06"), month("2026-07")])
    );
    assert_eq!((world.balance("2026-06").unpaid, world.balance("2026-07").unpaid), (Yen::ZERO, Yen(K1)));
}

#[test]
fn a_return_list_known_to_be_missing_settles_nothing() {
    returned_once()
        .sends(claim("2026-07", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-07", 0, 0))
        .gets(counts("2026-07", "2026-05", (1, 1000), (0, 0)))
        .check("returned reclaimed 9405 x1");
}

#[test]
fn the_payment_detail_of_the_other_system_settles_nothing() {
    let world = |detail| {
        World::on("2026-09-01")
            .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
            .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "12PA"))]))
            .sends(priced("2026-07", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
            .gets(pays(detail, "2026-07", K1, 0))
    };
    world("7521").check("returned reclaimed 9405 x1");
    world("7551").check("returned settled 9405 x1");
    assert_eq!(world("7551").case().limitation_date, Some(date("2031-07-31")));
}

fn held_once() -> World {
    World::on("2026-08-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留")]))
        .gets(counts("2026-06", "2026-05", (0, 0), (1, 1000)))
        .gets(pays("7521", "2026-06", 0, 0))
}

#[test]
fn a_held_claim_is_released_by_count_and_units() {
    held_once().check("held held 9405 x0");
    let released = held_once().gets(releases("2026-07", "2026-05", 1, 1000)).gets(pays("7521", "2026-07", K1, 0));
    released.check("held settled 9405 x0");
    assert_eq!(yen(&released.balance("2026-07")), [0, 0, 0, 0, K1, 0, K1, 0, K1, 0]);
    assert_eq!(yen(&released.balance("2026-06")), [K1, 0, K1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(released.balance("2026-06").unpaid, Yen::ZERO);
    assert_eq!(story(&released.case()), "2026-06 請求 9,405円 / 2026-06 保留 / 2026-07 保留復活");
}

#[test]
fn a_payment_alone_releases_nothing() {
    held_once().gets(pays("7521", "2026-07", K1, 0)).check("held held 9405 x0");
}

#[test]
fn a_release_of_the_same_month_is_not_this_hold() {
    held_once().gets(releases("2026-06", "2026-05", 1, 1000)).check("held held 9405 x0");
}

#[test]
fn a_release_that_does_not_fit_says_so() {
    let world = held_once().gets(releases("2026-07", "2026-05", 1, 999));
    world.check("held held 9405 x0");
    let kept = world.case().why_kept_held.unwrap();
    assert_eq!((kept.month, kept.count, kept.units, kept.why), (month("2026-07"), 1, 999, Doubt::NoneFits));
}

fn two_held(units: i64) -> World {
    World::on("2026-08-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(claim("2026-06", "2", "2026-05", units))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留"), row("2", "2026-05", units, "保留")]))
}

#[test]
fn several_fitting_releases_keep_all_of_them_held() {
    let world = two_held(1000).gets(releases("2026-07", "2026-05", 1, 1000));
    world.check_of("1", "held held 9405 x0");
    world.check_of("2", "held held 9405 x0");
    let kept = world.case_of("2").why_kept_held.unwrap();
    assert_eq!(kept.why, Doubt::SeveralFit);
    assert_eq!(
        kept.to_string(),
        "令和8年7月審査の増減表に保留復活が1件（1,000単位）ありますが、当てはまる請求の組み合わせが複数あるため、どの請求が復活したかを決められません。国保連にご確認ください。"
    );
}

#[test]
fn the_units_tell_which_of_two_was_released() {
    let world = two_held(2000).gets(releases("2026-07", "2026-05", 1, 2000));
    world.check_of("1", "held held 9405 x0");
    world.check_of("2", "held settled 18810 x0");
}

#[test]
fn both_are_released_together() {
    let world = two_held(1000).gets(releases("2026-07", "2026-05", 2, 2000));
    world.check_of("1", "held settled 9405 x0");
    world.check_of("2", "held settled 9405 x0");
}

#[test]
fn a_release_of_another_insurer_or_month_is_not_ours() {
    let other = changes(
        "7211",
        "2026-07",
        &[
            ("990028", "2026-05", [(0, 0), (0, 0), (0, 0), (1, 1000)]),
            (INSURER, "2026-04", [(0, 0), (0, 0), (0, 0), (1, 1000)]),
        ],
    );
    held_once().gets(other).check("held held 9405 x0");
}

#[test]
fn a_project_claim_is_released_by_its_own_table() {
    let world = |table| {
        World::on("2026-08-01")
            .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
            .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "保留"))]))
            .gets(changes(table, "2026-07", &[(INSURER, "2026-05", [(0, 0), (0, 0), (0, 0), (1, 1000)])]))
    };
    world("7211").check("held held 9405 x0");
    world("7231").check("held settled 9405 x0");
}

#[test]
fn held_then_returned_reduces_nothing_in_the_later_month() {
    let world = held_once()
        .sends(claim("2026-07", "2", "2026-06", 2000))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "返戻")]))
        .gets(pays("7521", "2026-07", 18_810, 0));
    world.check("returned open 9405 x1");
    let balance = world.balance("2026-07");
    assert_eq!(yen(&balance), [18_810, 0, 0, 0, 0, 0, 18_810, 0, 18_810, 0]);
    assert_eq!((balance.unpaid, world.balance("2026-06").unpaid), (Yen::ZERO, Yen(K1)));
}

#[test]
fn listed_as_held_once_more_changes_nothing() {
    let world = held_once().gets(returns("2026-07", &[row("1", "2026-05", 1000, "保留")]));
    world.check("held held 9405 x0");
    assert_eq!(world.case().first_month, month("2026-06"));
    world.clone().gets(releases("2026-08", "2026-05", 1, 1000)).check("held settled 9405 x0");
    let doubted = world.gets(releases("2026-08", "2026-05", 1, 999));
    let listed_again = doubted.clone().gets(returns("2026-09", &[row("1", "2026-05", 1000, "保留")]));
    assert_eq!(listed_again.case().why_kept_held, doubted.case().why_kept_held);
    assert!(doubted.case().why_kept_held.is_some());
}

#[test]
fn a_claim_still_listed_as_held_is_not_the_released_one() {
    let world = two_held(1000)
        .gets(releases("2026-07", "2026-05", 1, 1000))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "保留")]));
    world.check_of("1", "held held 9405 x0");
    world.check_of("2", "held settled 9405 x0");
}

#[test]
fn a_held_claim_sent_again_by_mistake_is_released_all_the_same() {
    let resent = held_once()
        .sends(claim("2026-07", "1", "2026-05", 1000))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "ANN2")]));
    resent.check("returned open 9405 x1");
    let released = resent.gets(releases("2026-08", "2026-05", 1, 1000)).gets(pays("7521", "2026-08", K1, 0));
    released.check("returned settled 9405 x1");
    assert_eq!(released.balance("2026-08").unexplained, Yen::ZERO);
}

#[test]
fn a_claim_that_still_waits_comes_before_one_sent_again() {
    let world = two_held(1000)
        .sends(claim("2026-07", "1", "2026-05", 1000))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "ANN2")]))
        .gets(releases("2026-08", "2026-05", 1, 1000));
    world.check_of("1", "returned open 9405 x1");
    world.check_of("2", "held settled 9405 x0");
}

#[test]
fn rows_without_a_remark_are_returned() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "")]));
    world.check("returned open 9405 x1");
    assert_eq!(world.case().codes, Vec::<String>::new());
}

// 過誤（MONEY 5, 6, 17）.

fn taken_back() -> World {
    World::on("2026-09-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(takes_back("7611", "2026-08", "1", "2026-05", "15", 1000, K1))
        .gets(pays("7521", "2026-08", 0, -K1))
}

#[test]
fn taken_back_is_open_until_claimed_again() {
    let world = taken_back();
    world.check("kago open 9405 x0");
    assert_eq!(world.case().codes, ["1002"]);
    assert_eq!(yen(&world.balance("2026-08")), [0, 0, 0, 0, 0, 0, 0, -K1, -K1, 0]);
    assert_eq!(world.balance("2026-06").unpaid, Yen(K1));
    let again = world.sends(claim("2026-09", "1", "2026-05", 2000));
    again.check("kago reclaimed 18810 x0");
    again.gets(pays("7521", "2026-09", 18_810, 0)).check("kago settled 18810 x0");
}

#[test]
fn taken_back_and_claimed_again_in_the_same_month() {
    let world = taken_back().sends(claim("2026-08", "1", "2026-05", 2000));
    world.check("kago settled 18810 x0");
    assert_eq!(
        story(&world.case()),
        "2026-06 請求 9,405円 / 2026-06 支払決定 / 2026-08 過誤 -9,405円（1002） / 2026-08 再請求 18,810円 / 2026-08 支払決定"
    );
    let back = taken_back()
        .sends(claim("2026-08", "1", "2026-05", 2000))
        .gets(returns("2026-08", &[row("1", "2026-05", 2000, "12PA")]));
    back.check("returned open 18810 x1");
}

#[test]
fn taken_back_by_two_rows_is_one_case() {
    let world = World::on("2026-09-01")
        .sends(priced("2026-06", "1", "2026-05", "7131", &[("15", 1000, 1045), ("17", 500, 1000)], 90))
        .gets(takes_back("7611", "2026-08", "1", "2026-05", "15", 1000, K1))
        .gets(takes_back("7611", "2026-08", "1", "2026-05", "17", 500, 4500));
    world.check("kago open 13905 x0");
}

#[test]
fn taken_back_without_a_claim_on_hand_tells_the_yen_of_the_notice() {
    let world = World::on("2026-09-01").gets(takes_back("7631", "2026-08", "1", "2026-05", "A6", 1000, 8360));
    world.check("kago open ~8360 x0");
    assert_eq!((world.case().key.exchange_id.as_str(), world.balance("2026-08").unpaid), ("71R1", Yen(8360)));
}

// 時効, window, closing（MONEY 6, 8, 13, 14）.

#[test]
fn lapses_only_after_the_last_day() {
    let state = |today| returned_once().today(today).case().state;
    assert_eq!((state("2028-07-31"), state("2028-08-01")), (CaseState::Open, CaseState::Lapsed));
    let lapsed = returned_once().today("2028-08-01");
    assert_eq!((lapsed.case().next_window, lapsed.balance("2026-06").unpaid), (None, Yen::ZERO));
    assert_eq!(held_once().today("2028-08-01").case().state, CaseState::Held, "only an open claim lapses");
    assert_eq!(
        returned_once().sends(claim("2026-07", "1", "2026-05", 1000)).today("2028-08-01").case().state,
        CaseState::Reclaimed
    );
}

#[test]
fn the_next_window_must_begin_before_the_limitation() {
    let window = |today| returned_once().today(today).case().next_window;
    assert_eq!(window("2026-07-10"), Some(month("2026-07")));
    assert_eq!(window("2026-07-11"), Some(month("2026-08")));
    assert_eq!(window("2028-07-10"), Some(month("2028-07")));
    assert_eq!(window("2028-07-11"), None, "the next window would begin a day after the last one");
    assert_eq!(held_once().case().next_window, None);
}

#[test]
fn a_person_closes_and_opens_again() {
    let key = key("1", "2026-05", "7131");
    let closed = returned_once().decides(key.clone(), close("自費で精算済み"), "2026-07-02T09:00:00");
    closed.check("returned closed 9405 x1");
    assert_eq!(
        (closed.case().closed_reason.as_deref(), closed.balance("2026-06").unpaid),
        (Some("自費で精算済み"), Yen::ZERO)
    );
    let reopened = closed.decides(key.clone(), crate::DecisionKind::Reopen, "2026-07-03T09:00:00");
    reopened.check("returned open 9405 x1");
    reopened.decides(key, close("やはり不要"), "2026-07-02T18:00:00").check("returned open 9405 x1");
}

// Yen（MONEY 10, 15, 16, 18）.

#[test]
fn an_unmatched_row_is_estimated_from_the_office_s_own_price() {
    let world = World::on("2026-07-01")
        .sends(priced("2026-06", "2", "2026-05", "7131", &[("15", 1000, 1072)], 90))
        .gets(returns("2026-06", &[row("1", "2024-05", 1001, "12PA")]));
    // 1,001 × 10.72 = 10,730.72; 90 % of 10,730 is 9,657.
    world.check("unmatched open ~9657 x1");
    assert_eq!(world.balance("2026-06").unpaid, Yen(9657));
    world.today("2026-08-01").check("unmatched lapsed ~9657 x1");
}

#[test]
fn an_unmatched_row_is_estimated_from_the_grade() {
    let world = World::on("2026-07-01")
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "11", row("1", "2026-05", 1000, "12PA"))]));
    world.check("unmatched open ~9000 x1");
    let cases = world.settle_in(Area::Fifth).cases;
    assert_eq!(cases[0].yen, Yen(9630), "5級地 gives 10.70 yen for 訪問介護");
    // The price of 通所介護 tells 5級地, too.
    world.sends(claim("2026-06", "2", "2026-05", 1000)).check("unmatched open ~9630 x1");
}

#[test]
fn an_unmatched_claim_stands_on_the_month_of_its_last_list() {
    let world = World::on("2026-08-01")
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留")]))
        .gets(returns("2026-07", &[row("1", "2026-05", 1000, "返戻")]));
    world.check("unmatched open ~9000 x1");
    let unpaid = |text| world.balance(text).unpaid;
    assert_eq!((unpaid("2026-06"), unpaid("2026-07")), (Yen::ZERO, Yen(9000)));
    assert_eq!(world.balance("2026-06").held, Yen::ZERO, "no attempt of the month was held");
}

#[test]
fn an_unmatched_claim_claimed_again_is_returned() {
    let world = World::on("2026-08-01")
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]))
        .sends(claim("2026-07", "1", "2026-05", 1000));
    world.check("returned reclaimed 9405 x1");
}

#[test]
fn a_reduction_truncates_both_claims() {
    // The worked example of the Tokyo federation: 6,515 → 5,427 units at 10.99 yen: 64,439 − 53,677.
    let world = World::on("2026-07-25")
        .sends(priced("2026-06", "1", "2026-05", "7131", &[("11", 6515, 1099)], 90))
        .gets(reduces("2026-06", &[("1", "2026-05", "11", None, "B"), ("1", "2026-05", "11", Some(-1088), "B")]))
        .gets(changes("7211", "2026-06", &[(INSURER, "2026-05", [(0, 0), (1, -1088), (0, 0), (0, 0)])]))
        .gets(pays("7521", "2026-06", 53_677, 0))
        .gets(transfers("2026-06", 53_677));
    world.check("assessed settled 10762 x0");
    assert_eq!(world.case().codes, ["B"]);
    let balance = world.balance("2026-06");
    assert_eq!(yen(&balance), [64_439, 0, 0, -10_762, 0, 0, 53_677, 0, 53_677, 53_677]);
    assert_eq!((balance.unpaid, balance.missing_notices), (Yen::ZERO, Vec::new()));
    assert_eq!(story(&world.case()), "2026-06 請求 64,439円 / 2026-06 査定 -10,762円（B） / 2026-06 支払決定");
}

#[test]
fn reductions_truncate_per_service_type() {
    let world = World::on("2026-07-25")
        .sends(priced("2026-06", "1", "2026-05", "7131", &[("15", 1001, 1045), ("16", 1001, 1055)], 90))
        .gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-10), "A"), ("1", "2026-05", "16", Some(-10), "A")]));
    // 15: 10,460 → 9,414 less 10,355 → 9,319 = 95. 16: 10,560 → 9,504 less 10,455 → 9,409 = 95.
    world.check("assessed settled 190 x0");
}

#[test]
fn a_reduction_takes_the_public_share_along() {
    // 10,450 yen: 9,405 + 1,045 − 500 own; 9,405 units' cost at 900: 9,405 → 8,464 + 941 − 500.
    let world = World::on("2026-07-25")
        .sends(with_public(claim("2026-06", "1", "2026-05", 1000), "12990016", 500))
        .gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-100), "B")]));
    world.check("assessed settled 1045 x0");
}

#[test]
fn a_reduction_never_makes_the_public_share_negative() {
    // The public part of 1,045 yen less 1,000 own pays 45; of 941 it pays nothing: 941 + 45 are lost.
    let world = World::on("2026-07-25")
        .sends(with_public(claim("2026-06", "1", "2026-05", 1000), "12990016", 1000))
        .gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-100), "B")]));
    world.check("assessed settled 986 x0");
}

#[test]
fn a_reduction_without_the_claim_is_estimated_and_changes_no_balance() {
    let world = World::on("2026-07-25").gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-100), "B")]));
    world.check("assessed settled ~900 x0");
    assert_eq!(world.balance("2026-06").assessed, Yen::ZERO);
}

#[test]
fn a_returned_claim_and_its_later_reduction_are_two_rows() {
    let world = returned_once()
        .sends(claim("2026-07", "1", "2026-05", 1000))
        .gets(reduces("2026-07", &[("1", "2026-05", "15", Some(-100), "B")]))
        .gets(pays("7521", "2026-07", 9405 - 941, 0));
    let rows: Vec<String> = world.settle().cases.iter().map(brief).collect();
    assert_eq!(rows, ["returned settled 9405 x1", "assessed settled 941 x1"]);
    assert_eq!(world.balance("2026-07").unexplained, Yen::ZERO);
}

#[test]
fn a_benefit_management_sheet_carries_no_money() {
    let listed = row_for(ReturnTarget::BenefitManagement, "", row("1", "2026-05", 0, "12P3"));
    let world =
        World::on("2026-07-25").sends(plan_sheet("2026-06", "1", "2026-05")).gets(returns("2026-06", &[listed]));
    world.check("returned open 0 x1");
    let case = world.case();
    assert_eq!(
        (case.key.exchange_id.as_str(), case.limitation_date, case.next_window),
        ("8222", None, Some(month("2026-08")))
    );
    world.check_missing("2026-06", &[]);
    let again = world.sends(plan_sheet("2026-07", "1", "2026-05"));
    again.check("returned reclaimed 0 x1");
    again.gets(pays("7521", "2026-07", 0, 0)).check("returned settled 0 x1");
}

#[test]
fn codes_are_a_set_without_blanks() {
    let lines = [
        row("1", "2026-05", 1000, "12QX"),
        row("1", "2026-05", 1000, ""),
        row("1", "2026-05", 1000, "10QA"),
        row("1", "2026-05", 1000, "12QX"),
    ];
    let world = World::on("2026-07-01").sends(claim("2026-06", "1", "2026-05", 1000)).gets(returns("2026-06", &lines));
    assert_eq!(world.case().codes, ["10QA", "12QX"]);
    assert_eq!(world.case().times_returned, 1);
}

// Missing notices（MONEY 20）.

#[test]
fn a_new_listing_demands_the_change_table() {
    returned_once().check_missing("2026-06", &["7211"]);
    returned_once().gets(counts("2026-06", "2026-05", (1, 1000), (0, 0))).check_missing("2026-06", &[]);
    let project = World::on("2026-07-01")
        .sends(priced("2026-06", "1", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("1", "2026-05", 1000, "12PA"))]));
    project.check_missing("2026-06", &["7231"]);
    World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-1), "B")]))
        .check_missing("2026-06", &["7211"]);
}

#[test]
fn a_listing_of_something_already_held_does_not() {
    held_once().gets(returns("2026-07", &[row("1", "2026-05", 1000, "保留")])).check_missing("2026-07", &[]);
}

#[test]
fn counted_returns_demand_the_return_list() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(claim("2026-06", "2", "2026-05", 1000));
    let world = world.gets(counts("2026-06", "2026-05", (1, 1000), (1, 1000)));
    world.check_missing("2026-06", &["7411"]);
    world
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA"), row("1", "2026-05", 1000, "12PA")]))
        .check_missing("2026-06", &["7411"]);
}

#[test]
fn counted_reductions_demand_the_reduction_notice() {
    World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(changes("7211", "2026-06", &[(INSURER, "2026-05", [(0, 0), (1, -10), (0, 0), (0, 0)])]))
        .check_missing("2026-06", &["7311"]);
}

#[test]
fn payments_are_due_from_the_twentieth() {
    let sent = World::on("2026-07-19").sends(claim("2026-06", "1", "2026-05", 1000)).sends(priced(
        "2026-06",
        "2",
        "2026-05",
        "71R1",
        &[("A6", 1000, 1045)],
        90,
    ));
    sent.check_missing("2026-06", &[]);
    let due = sent.today("2026-07-20");
    due.check_missing("2026-06", &["7513", "7521", "7551"]);
    let half = due.gets(pays("7521", "2026-06", K1, 0)).gets(transfers("2026-06", 2 * K1));
    half.check_missing("2026-06", &["7551"]);
    assert_eq!(
        yen(&half.balance("2026-06")),
        [2 * K1, 0, 0, 0, 0, 0, 0, 0, 0, 2 * K1],
        "the identity waits for the second detail"
    );
    assert_eq!(yen(&half.gets(pays("7551", "2026-06", K1, 0)).balance("2026-06"))[5..7], [0, 2 * K1]);
}

#[test]
fn a_release_demands_the_payment_detail() {
    held_once()
        .today("2026-08-20")
        .gets(releases("2026-07", "2026-05", 1, 1000))
        .check_missing("2026-07", &["7513", "7521"]);
}

#[test]
fn the_older_transfer_notice_will_do() {
    let Notice::Transfer(mut older) = transfers("2026-06", K1) else { panic!("a transfer notice") };
    older.head.exchange_id = "7511".to_owned();
    let world = World::on("2026-07-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(Notice::Transfer(older));
    world.check_missing("2026-06", &[]);
    assert_eq!(world.balance("2026-06").paid, Yen(K1));
}

#[test]
fn of_both_editions_of_the_transfer_notice_one_counts() {
    let Notice::Transfer(mut older) = transfers("2026-06", K1) else { panic!("a transfer notice") };
    older.head.exchange_id = "7511".to_owned();
    let world = World::on("2026-07-25").gets(Notice::Transfer(older)).gets(transfers("2026-06", K1));
    assert_eq!(world.balance("2026-06").paid, Yen(K1));
}

#[test]
fn a_release_of_the_other_system_delays_the_figures() {
    let world = World::on("2026-07-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(changes("7231", "2026-06", &[(INSURER, "2026-04", [(0, 0), (0, 0), (0, 0), (1, 500)])]));
    assert_eq!(yen(&world.balance("2026-06"))[5..7], [0, 0]);
    world.check_missing("2026-06", &["7513", "7551"]);
}

#[test]
fn a_month_with_benefit_management_sheets_alone_expects_no_payment() {
    World::on("2026-08-25").sends(plan_sheet("2026-06", "1", "2026-05")).check_missing("2026-06", &[]);
}

#[test]
fn a_system_of_which_everything_came_back_still_waits_for_its_detail() {
    let world = World::on("2026-07-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(priced("2026-06", "2", "2026-05", "71R1", &[("A6", 1000, 1045)], 90))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "A6", row("2", "2026-05", 1000, "12PA"))]))
        .gets(pays("7521", "2026-06", K1, 0));
    world.check_missing("2026-06", &["7231", "7513", "7551"]);
    assert_eq!(yen(&world.balance("2026-06"))[..7], [2 * K1, K1, 0, 0, 0, 0, 0]);
    let told = world.gets(pays("7551", "2026-06", 0, 0));
    assert_eq!(yen(&told.balance("2026-06"))[..7], [2 * K1, K1, 0, 0, 0, 0, K1]);
}

// What is left（MONEY 21–24）.

#[test]
fn what_the_files_do_not_explain_is_shown() {
    let absent_claim = World::on("2026-07-25").gets(pays("7521", "2026-06", K1, 0));
    assert_eq!(absent_claim.balance("2026-06").unexplained, Yen(K1));
    let absent_list =
        World::on("2026-07-25").sends(claim("2026-06", "1", "2026-05", 1000)).gets(pays("7521", "2026-06", 0, 0));
    assert_eq!(absent_list.balance("2026-06").unexplained, Yen(-K1));
}

#[test]
fn fees_make_the_transfer_differ() {
    let world = World::on("2026-07-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(transfers("2026-06", K1 - 13_200));
    let balance = world.balance("2026-06");
    assert_eq!((balance.payable, balance.paid, balance.unexplained), (Yen(K1), Yen(K1 - 13_200), Yen::ZERO));
}

#[test]
fn the_same_claim_sent_twice_in_a_month_counts_once() {
    let mut copy = claim("2026-06", "1", "2026-05", 1000);
    copy.line = 40;
    let world = returned_once().sends(copy);
    assert_eq!(world.balance("2026-06").claimed, Yen(K1));
}

#[test]
fn of_two_statements_in_a_month_the_listed_one_counts() {
    let world = returned_once().sends(claim("2026-06", "1", "2026-05", 3000));
    world.check("returned open 9405 x1");
    assert_eq!(world.balance("2026-06").claimed, Yen(K1));
    let unlisted = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(claim("2026-06", "1", "2026-05", 3000));
    assert_eq!(unlisted.balance("2026-06").claimed, Yen(28_215), "else the larger one");
}

#[test]
fn the_same_person_at_two_offices_is_two_cases() {
    let mut elsewhere = claim("2026-06", "1", "2026-05", 1000);
    elsewhere.office = kokuho::OfficeNumber::from_file("9970001013");
    let world = returned_once().sends(elsewhere);
    assert_eq!(world.settle().cases.len(), 1);
    assert_eq!(world.settle().balances.len(), 2);
}
