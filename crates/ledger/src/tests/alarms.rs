use kokuho::{Notice, OfficeNumber, ReturnTarget, Yen};

use super::world::*;
use crate::{AlarmKind, Area, Unusable};

/// 10.45 yen × 1,000 units × 90 %.
const K1: i64 = 9405;

/// `month kind` of every alarm, once the 地域区分 is set.
fn alarms(world: &World) -> Vec<String> {
    let month = |alarm: &crate::Alarm| alarm.month.map_or_else(|| "-".to_owned(), |month| month.to_string());
    world
        .settle_in(Area::Fifth)
        .alarms
        .iter()
        .map(|alarm| format!("{} {}", month(alarm), alarm.kind.as_str()))
        .collect()
}

#[track_caller]
fn check(world: &World, expected: &[&str]) {
    assert_eq!(alarms(world), expected, "{:#?}", world.settle_in(Area::Fifth).alarms);
}

#[track_caller]
fn only(world: &World) -> AlarmKind {
    let alarms = world.settle_in(Area::Fifth).alarms;
    assert_eq!(alarms.len(), 1, "{alarms:#?}");
    alarms.into_iter().next().unwrap().kind
}

fn issued(notice: Notice, day: &str) -> Notice {
    let mut notice = notice;
    let head = match &mut notice {
        Notice::Returns(list) => &mut list.head,
        Notice::Changes(table) => &mut table.head,
        Notice::Reductions(reductions) => &mut reductions.head,
        Notice::Payments(detail) => &mut detail.head,
        Notice::Transfer(transfer) => &mut transfer.head,
        Notice::Kago(kago) => &mut kago.head,
    };
    head.issued = Some(date(day));
    notice
}

/// A month with a claim that was paid, all notices on hand.
fn paid() -> World {
    World::on("2026-08-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(transfers("2026-06", K1))
}

#[test]
fn a_complete_month_is_quiet() {
    check(&paid(), &[]);
}

#[test]
fn silence_is_an_alarm_from_the_due_day() {
    let sent = World::on("2026-07-19").sends(claim("2026-06", "1", "2026-05", 1000));
    check(&sent, &[]);
    check(&sent.today("2026-07-20"), &["2026-06 no_notices"]);
}

#[test]
fn a_missing_notice_is_named() {
    let world = World::on("2026-07-25").sends(claim("2026-06", "1", "2026-05", 1000)).gets(transfers("2026-06", K1));
    assert_eq!(only(&world), AlarmKind::MissingNotice { exchange_id: "7521".to_owned() });
    assert_eq!(only(&world).to_string(), "支払決定額内訳書（7521）が届いていません。");
}

#[test]
fn counts_that_no_list_explains_are_told_with_both_numbers() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(claim("2026-06", "2", "2026-05", 1000))
        .gets(counts("2026-06", "2026-05", (2, 2000), (0, 0)))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]));
    assert_eq!(only(&world), AlarmKind::CountsDiffer { counted: 2, listed: 1 });
    let nothing_listed = World::on("2026-07-01").sends(claim("2026-06", "1", "2026-05", 1000)).gets(counts(
        "2026-06",
        "2026-05",
        (1, 1000),
        (0, 0),
    ));
    assert_eq!(only(&nothing_listed), AlarmKind::MissingNotice { exchange_id: "7411".to_owned() });
}

#[test]
fn a_list_longer_than_the_counts_is_told() {
    let listed = |remark| returns("2026-07", &[row("1", "2026-05", 1000, remark), row("2", "2026-06", 1000, "12PA")]);
    let world = |remark| {
        World::on("2026-08-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留")]))
            .gets(counts("2026-06", "2026-05", (0, 0), (1, 1000)))
            .gets(pays("7521", "2026-06", 0, 0))
            .gets(transfers("2026-06", 0))
            .sends(claim("2026-07", "2", "2026-06", 1000))
            .gets(counts("2026-07", "2026-06", (1, 1000), (0, 0)))
            .gets(listed(remark))
    };
    check(&world("保留"), &[]);
    assert_eq!(only(&world("返戻")), AlarmKind::CountsDiffer { counted: 1, listed: 2 });
}

#[test]
fn a_payment_that_never_came_is_told_with_its_yen() {
    let world =
        World::on("2026-07-19").sends(claim("2026-06", "1", "2026-05", 1000)).gets(pays("7521", "2026-06", K1, 0));
    check(&world, &[]);
    assert_eq!(only(&world.today("2026-07-20")), AlarmKind::PaymentNeverCame { payable: Yen(K1) });
}

#[test]
fn a_transfer_must_name_what_the_details_name() {
    let world = paid().gets(pays("7551", "2026-06", 500, 0));
    let alarms = world.settle_in(Area::Fifth).alarms;
    let expected = AlarmKind::TransferDiffers { transferred: Yen(K1), payable: Yen(K1 + 500) };
    assert!(alarms.iter().any(|alarm| alarm.kind == expected), "{alarms:#?}");
    // A certificate fee is no difference.
    let Notice::Transfer(mut transfer) = transfers("2026-06", K1) else { panic!("a transfer notice") };
    (transfer.transfer, transfer.certificate_fee) = (Yen(K1 - 13_200), Yen(-13_200));
    let world = World::on("2026-08-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(Notice::Transfer(transfer));
    check(&world, &[]);
}

// Two notices of one kind and month.

#[test]
fn of_two_payment_details_the_later_one_counts_and_the_other_is_named() {
    let world = World::on("2026-08-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(issued(pays("7521", "2026-06", 5000, 0), "2026-07-10"))
        .gets(issued(pays("7521", "2026-06", K1, 0), "2026-07-12"))
        .gets(transfers("2026-06", K1));
    let balance = world.balance("2026-06");
    assert_eq!((balance.decided, balance.unexplained, balance.paid), (Yen(K1), Yen::ZERO, Yen(K1)));
    assert_eq!(balance.unused_notices, ["7521"]);
    assert_eq!(
        only(&world),
        AlarmKind::DifferentNotices {
            exchange_id: "7521".to_owned(),
            issued: Some(date("2026-07-10")),
            why: Unusable::Replaced
        }
    );
}

#[test]
fn of_two_payment_details_of_one_day_none_counts() {
    let world = World::on("2026-07-19")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", 5000, 0))
        .gets(pays("7521", "2026-06", K1, 0));
    let balance = world.balance("2026-06");
    assert_eq!((balance.decided, balance.unexplained), (Yen::ZERO, Yen::ZERO));
    assert_eq!(balance.unused_notices, ["7521", "7521"]);
    check(&world, &["2026-06 different_notices"]);
    assert!(world.settle_in(Area::Fifth).alarms[0].kind.action().contains("どちらも計算に使っていません"));
}

#[test]
fn a_reprint_is_no_other_notice() {
    let world = paid().gets(issued(pays("7521", "2026-06", K1, 0), "2026-07-30"));
    check(&world, &[]);
    assert_eq!(world.balance("2026-06").unused_notices, Vec::<String>::new());
}

#[test]
fn tables_of_different_insurers_add_up() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(changes("7211", "2026-06", &[(INSURER, "2026-05", [(1, 1000), (0, 0), (0, 0), (0, 0)])]))
        .gets(changes("7211", "2026-06", &[("990028", "2026-05", [(1, 500), (0, 0), (0, 0), (0, 0)])]));
    world.check_missing("2026-06", &["7411"]);
    assert_eq!(world.balance("2026-06").unused_notices, Vec::<String>::new());
}

#[test]
fn two_reductions_of_one_claim_are_not_added() {
    let world = World::on("2026-07-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(issued(reduces("2026-06", &[("1", "2026-05", "15", Some(-100), "B")]), "2026-06-28"))
        .gets(issued(reduces("2026-06", &[("1", "2026-05", "15", Some(-200), "B")]), "2026-06-30"));
    // 10,450 → 9,405 less 8,360 → 7,524.
    world.check("assessed settled 1881 x0");
    assert_eq!(world.balance("2026-06").unused_notices, ["7311"]);
}

#[test]
fn of_two_transfers_the_later_one_counts() {
    let world = paid();
    let earlier = issued(transfers("2026-06", 1), "2026-07-20");
    let later = issued(transfers("2026-06", K1), "2026-07-24");
    let world = World { notices: world.notices.into_iter().take(1).chain([later, earlier]).collect(), ..world };
    assert_eq!(
        (world.balance("2026-06").paid, world.balance("2026-06").unused_notices),
        (Yen(K1), vec!["7513".to_owned()])
    );
}

#[test]
fn a_detail_that_does_not_add_up_is_told() {
    let Notice::Payments(mut detail) = pays("7521", "2026-06", K1, 0) else { panic!("a detail") };
    detail.payable = Yen(K1 + 1);
    let world = World::on("2026-07-01").sends(claim("2026-06", "1", "2026-05", 1000)).gets(Notice::Payments(detail));
    assert_eq!(only(&world), AlarmKind::DetailDoesNotAddUp { exchange_id: "7521".to_owned() });
}

// Files that are not here.

#[test]
fn notices_of_an_office_without_claims_are_kept_apart() {
    let mut foreign = transfers("2026-06", 77);
    if let Notice::Transfer(transfer) = &mut foreign {
        transfer.head.office = OfficeNumber::from_file("9970000999");
    }
    let world = paid().gets(foreign);
    let alarms = world.settle_in(Area::Fifth).alarms;
    assert_eq!(alarms.len(), 1, "{alarms:#?}");
    assert_eq!((alarms[0].office.as_str(), &alarms[0].kind), ("9970000999", &AlarmKind::UnknownOffice));
    assert_eq!(world.balance("2026-06").paid, Yen(K1));
}

#[test]
fn a_month_between_others_is_missed() {
    let world = paid().sends(claim("2026-08", "1", "2026-07", 1000));
    check(&world, &["2026-07 missing_month"]);
}

#[test]
fn notices_without_the_claim_file_are_told() {
    let world = paid().gets(pays("7521", "2026-07", 500, 0)).gets(transfers("2026-07", 500));
    assert_eq!(only(&world), AlarmKind::NoClaimFile { unexplained: Yen(500) });
}

#[test]
fn what_the_files_do_not_explain_is_told() {
    let world = World::on("2026-08-25")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(pays("7521", "2026-06", 5, 0))
        .gets(transfers("2026-06", 5));
    assert_eq!(only(&world), AlarmKind::Unexplained { yen: Yen(5 - K1) });
}

// Claims.

#[test]
fn a_claim_held_and_returned_at_once_is_told_and_treated_as_returned() {
    let world = World::on("2026-07-01")
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .gets(counts("2026-06", "2026-05", (1, 1000), (0, 0)))
        .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留"), row("1", "2026-05", 1000, "12PA")]));
    check(&world, &["2026-06 held_and_returned"]);
    world.check("returned open 9405 x1");
}

#[test]
fn a_claim_corrected_outside_is_told_by_its_units() {
    let world = |units| {
        World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(counts("2026-06", "2026-05", (1, units), (0, 0)))
            .gets(returns("2026-06", &[row("1", "2026-05", units, "12PA")]))
    };
    check(&world(1000), &[]);
    check(&world(900), &["2026-06 claim_differs"]);
    world(900).check("returned open 9405 x1");
}

#[test]
fn units_of_public_assistance_alone_are_found_in_the_lines() {
    let mut sent =
        with_public(priced("2026-06", "H000000001", "2026-05", "7131", &[("15", 1000, 1045)], 0), "12990016", 0);
    sent.units = 0;
    let world = World::on("2026-07-01")
        .sends(sent)
        .gets(counts("2026-06", "2026-05", (1, 1000), (0, 0)))
        .gets(returns("2026-06", &[row("H000000001", "2026-05", 1000, "12PA")]));
    check(&world, &[]);
}

#[test]
fn two_statements_of_one_month_are_told_with_both_amounts() {
    let world = paid().sends(claim("2026-06", "1", "2026-05", 500));
    let AlarmKind::TwoStatements { counted, other, .. } = only(&world) else { panic!("{:?}", only(&world)) };
    assert_eq!((counted, other), (Yen(K1), Yen(4702)));
    let mut copy = claim("2026-06", "1", "2026-05", 1000);
    copy.line = 90;
    check(&paid().sends(copy), &[]);
}

#[test]
fn a_claim_returned_three_times_is_told_until_it_is_paid() {
    let returned = |world: World, month: &str| {
        world
            .sends(claim(month, "1", "2026-05", 1000))
            .gets(returns(month, &[row("1", "2026-05", 1000, "12PA")]))
            .gets(counts(month, "2026-05", (1, 1000), (0, 0)))
            .gets(pays("7521", month, 0, 0))
            .gets(transfers(month, 0))
    };
    let twice = returned(returned(World::on("2026-09-01"), "2026-06"), "2026-07");
    check(&twice, &[]);
    let thrice = returned(twice, "2026-08");
    assert!(matches!(only(&thrice), AlarmKind::ReturnedOften { times: 3, .. }));
    let paid =
        thrice.today("2026-09-25").sends(claim("2026-09", "1", "2026-05", 1000)).gets(pays("7521", "2026-09", K1, 0));
    check(&paid, &[]);
}

// 地域区分.

#[test]
fn prices_of_another_grade_than_the_one_set_are_told() {
    let kinds = |world: &World, area| -> Vec<AlarmKind> {
        world.settle_in(area).alarms.into_iter().map(|alarm| alarm.kind).collect()
    };
    assert_eq!(kinds(&paid(), Area::Fifth), []);
    assert_eq!(kinds(&paid(), Area::Fourth), [AlarmKind::AreaWrong { set: Area::Fourth, told: Area::Fifth }]);
}

#[test]
fn an_office_without_a_grade_is_told_until_one_is_set() {
    let kinds =
        |world: &World| -> Vec<AlarmKind> { world.settle().alarms.into_iter().map(|alarm| alarm.kind).collect() };
    let told = AlarmKind::AreaUnset { told: Some(Area::Fifth), estimated: Yen::ZERO };
    assert_eq!(
        kinds(&paid()),
        std::slice::from_ref(&told),
        "no yen is estimated, and yet nobody could check the prices"
    );
    assert_eq!(told.to_string(), "事業所の地域区分が決まっていません。請求の単価は5級地のものです。");
    assert_eq!(told.yen(), None);
    assert_eq!(paid().settle_in(Area::Fifth).alarms, []);
    // Prices that belong to no grade tell nothing.
    let free = World::on("2026-06-05").sends(priced("2026-06", "1", "2026-05", "7131", &[("15", 1000, 1)], 90));
    assert_eq!(kinds(&free), [AlarmKind::AreaUnset { told: None, estimated: Yen::ZERO }]);
}

#[test]
fn prices_of_two_grades_in_one_month_are_told() {
    let world = paid().sends(priced("2026-06", "2", "2026-05", "7131", &[("15", 1000, 1054)], 90));
    let alarms = world.settle().alarms;
    let expected = AlarmKind::AreaMixed { told: vec![Area::Fourth, Area::Fifth] };
    assert!(alarms.iter().any(|alarm| alarm.kind == expected), "{alarms:#?}");
}

#[test]
fn an_estimate_without_a_grade_is_told() {
    let world = World::on("2026-07-01")
        .sends(plan_sheet("2026-06", "9", "2026-05"))
        .gets(counts("2026-06", "2026-05", (1, 1000), (0, 0)))
        .gets(returns("2026-06", &[row_for(ReturnTarget::Statement, "11", row("1", "2026-05", 1000, "12PA"))]));
    let alarms = world.settle().alarms;
    assert!(
        alarms.iter().any(|alarm| alarm.kind == AlarmKind::AreaUnset { told: None, estimated: Yen(9000) }),
        "{alarms:#?}"
    );
    assert!(world.settle_in(Area::Fifth).alarms.iter().all(|alarm| alarm.kind.as_str() != "area_unset"));
}

#[test]
fn every_alarm_says_what_to_do_in_whole_sentences() {
    let world = paid().sends(claim("2026-08", "2", "2026-05", 500)).sends(claim("2026-06", "1", "2026-05", 500));
    let alarms = world.today("2026-12-01").settle().alarms;
    assert!(alarms.len() >= 3, "{alarms:#?}");
    for alarm in alarms {
        let text = alarm.kind.to_string();
        assert!(text.ends_with('。') && alarm.kind.action().ends_with('。'), "{text}");
    }
}
