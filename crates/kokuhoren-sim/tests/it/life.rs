//! What happens to a submission, from its receipts to the payment of a released claim.

use chrono::TimeDelta;
use kokuhoren_sim::{
    CannotCancel, Delays, Event, HoldEnd, Kokuhoren, LoadError, Outcome, Rates, Reference, Scenario, Verdict,
};

use crate::{CLAIM, at, codes, documents};

const BAD: &[u8] = include_bytes!("../data/KKBAD001.CSV");
const NOTICE: &[u8] = include_bytes!("../data/74100000.CSV");

/// Everybody is paid.
fn paying() -> Scenario {
    Scenario { verdicts: Vec::new(), rates: Rates::default(), ..Scenario::demo() }
}

fn with_verdict(insured: &str, outcome: Outcome) -> Scenario {
    Scenario { verdicts: vec![Verdict { insured: insured.to_owned(), outcome }], ..paying() }
}

/// The sample claim with one text in place of another of the same length.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(CLAIM.to_vec()).unwrap();
    assert!(text.contains(from));
    text.replace(from, to).into_bytes()
}

/// The sample claim as a later month would send it again.
fn claimed_again_in(month: &str) -> Vec<u8> {
    changed(",0,7,202606,0", &format!(",0,7,{month},0"))
}

fn messages(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::State { message, .. } => message.as_deref(),
            Event::Document { .. } | Event::Cancellation { .. } | Event::Announcement { .. } => None,
        })
        .collect()
}

/// Decodes a notice and returns the lines that hold all of `parts`.
fn lines_with(bytes: &[u8], parts: &[&str]) -> Vec<String> {
    let (text, _, _) = encoding_rs::SHIFT_JIS.decode(bytes);
    text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).map(str::to_owned).collect()
}

fn document<'a>(events: &'a [Event], name: &str) -> &'a [u8] {
    documents(events).into_iter().find(|(found, _)| *found == name).unwrap_or_else(|| panic!("no {name}")).1
}

#[test]
fn receipts_come_one_after_the_other() {
    let mut kokuhoren = Kokuhoren::new(paying());
    let sent = at("2026-06-05 18:00");
    let reference = kokuhoren.submit(CLAIM, sent);
    assert_eq!(kokuhoren.advance(sent), []);
    let events = kokuhoren.advance(sent + TimeDelta::seconds(60));
    assert_eq!(codes(&events), ["5C01", "5C02", "5C03", "5C05"]);
    let seconds: Vec<i64> = events.iter().map(|event| (event.at() - sent).num_seconds()).collect();
    assert_eq!(seconds, [1, 2, 3, 5]);
    assert!(events.iter().all(|event| matches!(event, Event::State { reference: of, .. } if *of == reference)));
    assert_eq!(codes(&kokuhoren.advance(at("2026-06-10 23:59"))), [""; 0]);
    assert_eq!(codes(&kokuhoren.advance(at("2026-06-11 00:00"))), ["5C06"]);
    assert_eq!(codes(&kokuhoren.advance(at("2026-06-30 15:00"))), ["5C07"]);
    assert_eq!(codes(&kokuhoren.advance(at("2026-07-17 15:00"))), ["5C08", "5C09"]);
}

#[test]
fn at_night_the_federation_sleeps() {
    let mut kokuhoren = Kokuhoren::new(Scenario { delays: Delays::real(), ..paying() });
    kokuhoren.submit(CLAIM, at("2026-06-10 22:00"));
    assert_eq!(kokuhoren.advance(at("2026-06-11 09:30")), []);
    assert_eq!(codes(&kokuhoren.advance(at("2026-06-11 12:00"))), ["5C01", "5C02", "5C03", "5C05", "5C06"]);
}

#[test]
fn errors_of_form_are_refused_with_id_and_text() {
    let mut kokuhoren = Kokuhoren::new(paying());
    kokuhoren.submit(BAD, at("2026-06-05 10:00"));
    kokuhoren.submit(NOTICE, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-08-31 00:00"));
    assert_eq!(codes(&events), ["5C01", "5C01", "5C02", "5C02", "5C03", "5C03", "5C04", "5C04"]);
    let messages = messages(&events);
    assert!(messages[0].starts_with("[KF-") && messages[0].contains("（ほか"), "{}", messages[0]);
    assert!(messages[1].starts_with("[KD04]"), "{}", messages[1]);
    assert_eq!(documents(&events), []);
}

#[test]
fn what_is_no_claim_file_does_not_arrive() {
    let mut kokuhoren = Kokuhoren::new(paying());
    kokuhoren.submit(b"", at("2026-06-05 10:00"));
    kokuhoren.submit(b"%PDF-1.7", at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-08-31 00:00"));
    assert_eq!(codes(&events), ["5C10", "5C10"]);
    assert!(messages(&events).iter().all(|message| message.starts_with("[KD01]")));
}

#[test]
fn what_fails_on_the_way_arrives_when_it_is_sent_again() {
    for (person, failed) in [
        ("0000000904", &["5C01", "5C02", "5C03", "5C04"][..]),
        ("0000000910", &["5C10"]),
        ("0000000911", &["5C11"]),
        ("0000000912", &["5C01", "5C02", "5C12"]),
    ] {
        let mut kokuhoren = Kokuhoren::new(paying());
        let file = changed("0000000101", person);
        kokuhoren.submit(&file, at("2026-06-05 10:00"));
        let mut kokuhoren = Kokuhoren::load(&kokuhoren.save()).unwrap();
        let events = kokuhoren.advance(at("2026-06-05 11:00"));
        assert_eq!(codes(&events), failed);
        assert!(messages(&events)[0].contains("何も受け付けられていません"));
        assert_eq!(kokuhoren.milestones(at("2026-06-05 11:00")), [], "nothing is reviewed");
        kokuhoren.submit(&file, at("2026-06-05 11:00"));
        assert_eq!(codes(&kokuhoren.advance(at("2026-06-05 12:00"))), ["5C01", "5C02", "5C03", "5C05"]);
    }
}

#[test]
fn a_file_for_another_month_does_not_arrive() {
    for sent in ["2026-05-31 10:00", "2026-06-11 00:00", "2026-07-05 10:00"] {
        let mut kokuhoren = Kokuhoren::new(paying());
        kokuhoren.submit(CLAIM, at(sent));
        let events = kokuhoren.advance(at("2026-09-30 00:00"));
        assert_eq!(codes(&events), ["5C10"], "{sent}");
        assert!(messages(&events)[0].contains("6月審査分の受付期間（6月1日から6月10日まで）"));
    }
}

#[test]
fn a_test_file_gets_receipts_and_nothing_more() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    kokuhoren.submit(&changed(",0,7,202606,0", ",0,7,202606,*TEST*"), at("2026-06-05 10:00"));
    assert_eq!(kokuhoren.milestones(at("2026-06-05 10:00")), []);
    let events = kokuhoren.advance(at("2026-12-31 00:00"));
    assert_eq!(codes(&events), ["5C01", "5C02", "5C03", "5C05", "5C09"]);
    assert_eq!(documents(&events), []);
    // A test is no claim: any day will do.
    kokuhoren.submit(&changed(",0,7,202606,0", ",0,7,202606,*TEST*"), at("2027-01-20 10:00"));
    assert_eq!(codes(&kokuhoren.advance(at("2027-01-21 10:00"))), ["5C01", "5C02", "5C03", "5C05", "5C09"]);
}

#[test]
fn a_cancelled_file_is_as_if_never_sent() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    let sent = at("2026-06-05 10:00");
    let reference = kokuhoren.submit(CLAIM, sent);
    assert_eq!(kokuhoren.cancel(Reference(99), sent), Err(CannotCancel::Unknown));
    assert_eq!(kokuhoren.cancel(reference, sent), Err(CannotCancel::NotArrived));
    let later = at("2026-06-05 10:01");
    assert_eq!(kokuhoren.cancel(reference, later), Ok(()));
    assert_eq!(kokuhoren.cancel(reference, later), Err(CannotCancel::AlreadyCancelled));
    let ended = kokuhoren.advance(at("2026-06-05 10:02"));
    let cancelled_at = at("2026-06-05 10:01") + TimeDelta::seconds(4);
    assert_eq!(ended.last(), Some(&Event::Cancellation { reference, done: true, at: cancelled_at }));
    assert_eq!(kokuhoren.milestones(at("2026-06-05 10:02")), []);

    let again = kokuhoren.submit(CLAIM, at("2026-06-10 23:00"));
    let events = kokuhoren.advance(at("2026-06-30 15:00"));
    assert_eq!(kokuhoren.cancel(again, at("2026-06-30 15:00")), Err(CannotCancel::WindowClosed));
    let list = document(&events, "74100000.CSV");
    assert_eq!(lines_with(list, &["0000000101"]).len(), 2, "not also as a duplicate");
    assert_eq!(codes(&ended), ["5C01", "5C02", "5C03", "5C05"]);
    assert_eq!(codes(&events), ["5C01", "5C02", "5C03", "5C05", "5C06", "5C07"]);
}

#[test]
fn a_cancellation_that_the_end_of_the_window_overtakes_fails() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    let reference = kokuhoren.submit(CLAIM, at("2026-06-10 23:00"));
    let sent = kokuhoren.advance(at("2026-06-10 23:59"));
    let wish = at("2026-06-10 23:59") + TimeDelta::seconds(58);
    assert_eq!(kokuhoren.cancel(reference, wish), Ok(()));
    let events = kokuhoren.advance(at("2026-06-30 15:00"));
    let failed_at = wish + TimeDelta::seconds(4);
    assert!(events.contains(&Event::Cancellation { reference, done: false, at: failed_at }), "{events:?}");
    // The claim lives: it is closed and reviewed like any other.
    assert_eq!([codes(&sent), codes(&events)].concat(), ["5C01", "5C02", "5C03", "5C05", "5C06", "5C07"]);
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["0000000101"]).len(), 2);
}

#[test]
fn the_later_of_two_equal_claims_is_invalid() {
    let mut kokuhoren = Kokuhoren::new(paying());
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    kokuhoren.submit(CLAIM, at("2026-06-06 10:00"));
    let events = kokuhoren.advance(at("2026-07-31 00:00"));
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["ＡＮＮ２"]).len(), 3);
    assert_eq!(lines_with(document(&events, "72100000.CSV"), &["\"T1\",-4,0,-214488,0,3,0,23756,0,"]).len(), 1);
    assert_eq!(lines_with(document(&events, "75200000.CSV"), &["\"T1\",3,27,23756,248249,214488,"]).len(), 1);
}

#[test]
fn a_claim_that_was_paid_cannot_be_made_again() {
    let mut kokuhoren = Kokuhoren::new(paying());
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let june = kokuhoren.advance(at("2026-06-30 15:00"));
    assert_eq!(documents(&june), [], "nothing was returned, held or changed (E2)");
    kokuhoren.submit(&claimed_again_in("202607"), at("2026-07-05 10:00"));
    let events = kokuhoren.advance(at("2026-08-31 00:00"));
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["ＡＮＮ４"]).len(), 3);
}

#[test]
fn a_returned_claim_is_paid_when_it_is_made_again() {
    let mut kokuhoren = Kokuhoren::new(with_verdict("0000000101", Outcome::Return("12PA".to_owned())));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    kokuhoren.advance(at("2026-07-31 00:00"));
    kokuhoren.submit(&claimed_again_in("202608"), at("2026-08-05 10:00"));
    let events = kokuhoren.advance(at("2026-09-30 00:00"));
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["0000000101"]), [""; 0]);
    assert_eq!(lines_with(document(&events, "75200000.CSV"), &["\"T1\",1,8,6098,63724,57351,"]).len(), 1);
}

#[test]
fn a_held_claim_is_released_and_paid() {
    let mut kokuhoren =
        Kokuhoren::new(with_verdict("0000000202", Outcome::Hold { end: HoldEnd::Released, after_months: 2 }));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-07-31 23:00"));
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["0000000202", "保留"]).len(), 1);
    assert_eq!(
        kokuhoren.milestones(at("2026-08-01 00:00")),
        [(at("2026-08-31 15:00"), "8月審査の結果が届きます".to_owned())]
    );
    let august = kokuhoren.advance(at("2026-08-31 15:00"));
    assert_eq!(documents(&august).len(), 1, "7211 alone");
    let table = document(&august, "72100000.CSV");
    assert_eq!(lines_with(table, &["\"D1\",00990010,202605,0,0,0,0,0,0,0,0,0,0,0,0,1,0,8736,0"]).len(), 1);
    assert_eq!(lines_with(table, &["\"T1\",1,0,63903,0,"]).len(), 1);
    assert_eq!(
        kokuhoren.milestones(at("2026-09-01 00:00")),
        [(at("2026-09-17 15:00"), "8月分の支払通知が届きます".to_owned())]
    );
    let september = kokuhoren.advance(at("2026-09-30 15:00"));
    assert_eq!(lines_with(document(&september, "75200000.CSV"), &["\"T3\",1,9,8736,91291,63903,"]).len(), 1);
    assert_eq!(
        lines_with(document(&september, "75100000.CSV"), &["202608,000,0000", ",63903,63903,0,0,0,0,0,0,63903,"]).len(),
        1
    );
}

#[test]
fn a_held_claim_is_returned_without_a_difference() {
    let mut kokuhoren =
        Kokuhoren::new(with_verdict("0000000202", Outcome::Hold { end: HoldEnd::Returned, after_months: 1 }));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    kokuhoren.advance(at("2026-07-20 00:00"));
    let july = kokuhoren.advance(at("2026-08-31 00:00"));
    assert_eq!(documents(&july).len(), 2, "nothing is paid");
    assert_eq!(lines_with(document(&july, "74100000.CSV"), &["0000000202", "\"返戻\""]).len(), 1);
    assert_eq!(lines_with(document(&july, "72100000.CSV"), &["\"T1\",0,0,0,0,1,0,8736,0,"]).len(), 1);
}

#[test]
fn claiming_again_while_held_is_a_duplicate() {
    let mut kokuhoren =
        Kokuhoren::new(with_verdict("0000000202", Outcome::Hold { end: HoldEnd::Released, after_months: 1 }));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    kokuhoren.advance(at("2026-06-30 20:00"));
    kokuhoren.submit(&claimed_again_in("202607"), at("2026-07-05 10:00"));
    let events = kokuhoren.advance(at("2026-08-31 00:00"));
    assert_eq!(lines_with(document(&events, "74100000.CSV"), &["0000000202", "ＡＮＮ２"]).len(), 1);
}

#[test]
fn what_the_insurer_takes_back_is_subtracted_and_can_be_claimed_again() {
    let mut kokuhoren = Kokuhoren::new(with_verdict("0000000101", Outcome::Kago { after_months: 1 }));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    kokuhoren.advance(at("2026-07-05 10:00"));
    let mut kokuhoren = Kokuhoren::load(&kokuhoren.save()).unwrap();
    // July: other persons; the claim of June is taken back from their payment.
    let others = String::from_utf8(claimed_again_in("202607")).unwrap();
    let others = others.replace("0000000101", "0000001101").replace("0000000202", "0000001202");
    kokuhoren.submit(others.replace("0000000303", "0000001303").as_bytes(), at("2026-07-05 10:00"));
    let june = kokuhoren.advance(at("2026-07-20 00:00"));
    let paid = ["\"T3\",3,27,23756,248249,214488,"];
    assert_eq!(lines_with(document(&june, "75200000.CSV"), &paid).len(), 1, "paid at first");
    kokuhoren.advance(at("2026-08-04 00:00"));
    kokuhoren.submit(&claimed_again_in("202608"), at("2026-08-05 10:00"));
    let july = kokuhoren.advance(at("2026-08-20 00:00"));
    let rows = lines_with(document(&july, "76100000.CSV"), &["\"D1\"", "0000000101", "202605", "1002"]);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].ends_with(",-6098,-57351"), "{}", rows[0]);
    assert_eq!(lines_with(document(&july, "76100000.CSV"), &["\"T1\",-1,-6098,-57351,0,0,0"]).len(), 1);
    let details = document(&july, "75200000.CSV");
    assert_eq!(lines_with(details, &["\"T1\",3,27,23756,248249,214488,"]).len(), 1);
    assert_eq!(lines_with(details, &["\"T2\",-1,-8,-6098,-63724,-57351,"]).len(), 1);
    assert_eq!(lines_with(details, &["\"T3\",2,19,17658,184525,157137,"]).len(), 1);
    assert_eq!(lines_with(document(&july, "75100000.CSV"), &[",157137,157137,0,0,0,0,0,0,157137,"]).len(), 1);
    // Claimed again it is no duplicate, and is not taken back once more; the two others are.
    let august = kokuhoren.advance(at("2026-12-31 00:00"));
    assert_eq!(lines_with(document(&august, "74100000.CSV"), &["0000000101"]), [""; 0]);
    assert_eq!(lines_with(document(&august, "75200000.CSV"), &["\"T3\",1,8,6098,63724,57351,"]).len(), 1);
}

#[test]
fn nothing_is_taken_back_from_a_month_that_pays_less() {
    let mut kokuhoren = Kokuhoren::new(with_verdict("0000000101", Outcome::Kago { after_months: 1 }));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-12-31 00:00"));
    assert!(documents(&events).iter().all(|(name, _)| !name.starts_with("761")));
}

#[test]
fn a_reduction_is_told_by_its_units() {
    let mut kokuhoren = Kokuhoren::new(with_verdict("0000000101", Outcome::Reduce));
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let events = kokuhoren.advance(at("2026-07-31 00:00"));
    let reductions = document(&events, "73100000.CSV");
    let rows = lines_with(reductions, &["\"D1\"", "0000000101"]);
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains(",15,,,\"B\",\"給付管理票の実績を超える\","), "{}", rows[0]);
    let units: i64 = rows[1].split(',').nth(10).unwrap().parse().unwrap();
    assert!((-914..=-304).contains(&units), "5% to 15% of 6098: {units}");
    // Rule E4 by hand: 10.45 yen a unit, 90%, each truncated by itself.
    let decided = (6098 + units) * 1045 / 100 * 90 / 100;
    let difference = lines_with(
        document(&events, "72100000.CSV"),
        &[&format!("\"T1\",0,0,{},0,0,0,0,0,1,0,{units},0,", decided - 57351)],
    );
    assert_eq!(difference.len(), 1);
    assert_eq!(
        lines_with(document(&events, "75200000.CSV"), &[&format!(",{},0,0,0,0", decided + 63903 + 93234)]).len(),
        2
    );
}

#[test]
fn milestones_name_the_moments_to_come() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    kokuhoren.submit(CLAIM, at("2026-06-05 10:00"));
    let expected = [
        (at("2026-06-30 15:00"), "6月審査の結果が届きます".to_owned()),
        (at("2026-07-17 15:00"), "6月分の支払通知が届きます".to_owned()),
    ];
    assert_eq!(kokuhoren.milestones(at("2026-06-05 10:00")), expected);
    kokuhoren.advance(at("2026-06-30 15:00"));
    let expected = [expected[1].clone(), (at("2026-07-31 15:00"), "7月審査の結果が届きます".to_owned())];
    assert_eq!(kokuhoren.milestones(at("2026-06-30 15:00")), expected);
    kokuhoren.advance(at("2026-09-30 15:00"));
    assert_eq!(kokuhoren.milestones(at("2026-09-30 15:00")), []);
}

#[test]
fn refuses_what_it_did_not_save() {
    assert!(matches!(Kokuhoren::load(b"{}"), Err(LoadError::Malformed(_))));
    let saved = String::from_utf8(Kokuhoren::new(Scenario::demo()).save()).unwrap();
    let newer = saved.replace("\"version\":1", "\"version\":2");
    assert!(matches!(Kokuhoren::load(newer.as_bytes()), Err(LoadError::Version(2))));
}

#[test]
fn an_announcement_goes_to_a_prefecture_once_with_what_is_attached() {
    let mut kokuhoren = Kokuhoren::new(Scenario::demo());
    assert_eq!(kokuhoren.advance(at("2026-07-21 08:59")), []);
    let mut kokuhoren = Kokuhoren::load(&kokuhoren.save()).unwrap();
    let events = kokuhoren.advance(at("2026-07-21 09:00"));
    let [
        Event::Announcement { prefecture, file_name: word, bytes: text, .. },
        Event::Announcement { file_name: attached, bytes: pdf, at: when, .. },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (prefecture.as_str(), word.as_str(), attached.as_str()),
        ("99", "お知らせ_20260721.txt", "別紙_20260721.pdf")
    );
    assert_eq!(*when, at("2026-07-21 09:00"));
    let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(text);
    assert!(!broken && text.contains("８月１日から８月１０日まで"), "{text}");
    assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF\n"));
    assert_eq!(kokuhoren.advance(at("2026-12-31 00:00")), [], "once");
}
