//! A corporation on its way.

use calendar::{Month, OperatorCalendar};
use chrono::{Datelike, NaiveDate, Weekday};

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn number(prefecture: &str, index: usize) -> String {
    let body = format!("{prefecture}700{index:04}");
    format!("{body}{}", kokuho::check_digit::digit(&body).unwrap())
}

/// A draft with nothing wrong, of so many offices in one prefecture.
fn whole(prefecture: &str, offices: usize) -> Draft {
    let office = |index: usize| {
        let number = number(prefecture, index);
        let user_id = format!("KJ{prefecture}{number}");
        Office {
            name: format!("とどけ{index}"),
            postal_code: "999-0001".into(),
            address: "架空県架空市1-2".into(),
            user_id_again: user_id.clone(),
            number,
            user_id,
        }
    };
    Draft {
        route: Some(Route::Proxy),
        present: Some(Present::New),
        prefectures: vec![prefecture.into()],
        calls: [(prefecture.into(), Call { on: "2026/9/1".into(), person: "架空".into(), note: String::new() })].into(),
        filed: [(prefecture.into(), "令和8年9月4日".into())].into(),
        corporation: Corporation {
            name: "社会福祉法人さくら会".into(),
            postal_code: "９９９－０００１".into(),
            address: "架空県架空市1-2".into(),
            title: "理事長".into(),
            representative: "架空 花子".into(),
            contact: "見本 太郎".into(),
            phone: "099-000-0000".into(),
            email: "jimu@sakura.example".into(),
            email_again: "jimu@sakura.example".into(),
        },
        offices: (1..=offices).map(office).collect(),
        first_claim: "2026-12".into(),
        agreed_terms: true,
        agreed_privacy: true,
        agreed_caution: true,
        ..Draft::default()
    }
}

fn remarks(draft: &Draft, present: &[String], practice: bool) -> Vec<Remark> {
    let printable = |c: char| !matches!(c, '𠮷' | '😀' | '\u{e0100}');
    let around = Surroundings {
        today: date("2026-10-01"),
        practice,
        present_offices: present,
        wordings: None,
        printable: &printable,
    };
    check(draft, &around)
}

/// The remarks about one field, of a draft that was whole before the change.
fn about(field: &str, change: impl FnOnce(&mut Draft)) -> Vec<(String, bool)> {
    let mut draft = whole("13", 3);
    change(&mut draft);
    let list = remarks(&draft, &[], false);
    list.into_iter().filter(|remark| remark.field == field).map(|remark| (remark.text, remark.blocks)).collect()
}

#[track_caller]
fn blocks(field: &str, says: &str, change: impl FnOnce(&mut Draft)) {
    let found = about(field, change);
    assert!(found.iter().any(|(text, blocks)| *blocks && text.contains(says)), "{field}: {found:?}");
}

#[test]
fn nothing_is_wrong_with_a_whole_draft() {
    assert_eq!(remarks(&whole("13", 30), &[], false), []);
    assert_eq!(remarks(&whole("99", 1), &[], true), []);
}

#[test]
fn every_field_of_a_new_draft_is_asked_for() {
    let draft = Draft { route: Some(Route::Proxy), ..Draft::default() };
    let fields: Vec<String> = remarks(&draft, &[], false).into_iter().map(|remark| remark.field).collect();
    for field in
        ["present", "prefectures", "offices", "corporation.name", "corporation.email", "first_claim", "agreed_terms"]
    {
        assert!(fields.iter().any(|found| found == field), "{field} is not in {fields:?}");
    }
}

#[test]
fn bad_input_is_named_where_it_is_typed() {
    blocks("filed.13", "暦にありません", |draft| drop(draft.filed.insert("13".into(), "令和8年2月30日".into())));
    blocks("filed.13", "令和3年3月31日", |draft| drop(draft.filed.insert("13".into(), "平成33年3月31日".into())));
    blocks("filed.13", "まだ来ていません", |draft| {
        drop(draft.filed.insert("13".into(), "令和8年10月2日".into()));
    });
    blocks("offices.1.number", "大阪府", |draft| draft.offices[1].number = number("27", 2));
    blocks("offices.2.number", "1番目の事業所と同じ", |draft| {
        draft.offices[2].number = draft.offices[0].number.clone();
    });
    blocks("offices.0.number", "10けたです。いま9けた", |draft| draft.offices[0].number.truncate(9));
    blocks("offices.0.number", "練習用", |draft| draft.offices[0].number = number("99", 1));
    blocks("offices.0.user_id", "ISDN", |draft| draft.offices[0].user_id = "J13700000101".into());
    blocks("offices.0.user_id_again", "1回目と違います", |draft| draft.offices[0].user_id_again = "KJ13".into());
    blocks("corporation.postal_code", "「A」", |draft| draft.corporation.postal_code = "999-000A".into());
    blocks("offices.1.postal_code", "いま6けた", |draft| draft.offices[1].postal_code = "999000".into());
    blocks("corporation.representative", "「𠮷」", |draft| draft.corporation.representative = "𠮷田".into());
    blocks("corporation.name", "「葛」の字の形", |draft| draft.corporation.name = "葛\u{e0100}会".into());
    blocks("filed.13", "知らない元号", |draft| drop(draft.filed.insert("13".into(), "安久2年3月31日".into())));
    blocks("offices.1.name", "「😀」", |draft| draft.offices[1].name = "にこにこ😀".into());
    blocks("corporation.email", "「@」が1つ", |draft| draft.corporation.email = "jimu.sakura.example".into());
    blocks("corporation.email", "「あ」", |draft| draft.corporation.email = "あ@sakura.example".into());
    blocks("corporation.email_again", "1回目と違います", |draft| {
        draft.corporation.email_again = "x@y.example".into();
    });
    blocks("corporation.phone", "市外局番", |draft| draft.corporation.phone = "000-0000".into());
    blocks("released", "委任が終わる日", |draft| draft.present = Some(Present::Agent));
}

#[test]
fn what_was_repaired_is_told_and_does_not_block() {
    let found = about("corporation.email", |draft| draft.corporation.email = "jimu＠sakura.example".into());
    assert_eq!(found, [("全角の「＠」を半角に直し、jimu@sakura.example と読みました。".to_owned(), false)]);
    let found =
        about("offices.0.user_id", |draft| draft.offices[0].user_id = draft.offices[0].user_id.replace('0', "O"));
    assert_eq!(found.len(), 1);
    assert!(!found[0].1, "{found:?}");
}

#[test]
fn an_office_that_is_a_customer_already_is_named() {
    let draft = whole("13", 2);
    let list = remarks(&draft, std::slice::from_ref(&draft.offices[1].number), false);
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].field.as_str(), list[0].step), ("offices.1.number", StepId::UserIds));
}

#[test]
fn the_call_is_asked_for_where_the_kokuhoren_wants_one() {
    let mut draft = whole("01", 1);
    draft.calls.clear();
    let list = remarks(&draft, &[], false);
    assert_eq!(list.iter().map(|remark| remark.field.as_str()).collect::<Vec<_>>(), ["calls.01.on"]);
    let mut draft = whole("13", 1);
    draft.calls.clear();
    assert_eq!(remarks(&draft, &[], false), []);
}

#[test]
fn osaka_and_hyogo_have_a_caution_to_read() {
    for (prefecture, expected) in [("27", true), ("28", true), ("26", false)] {
        let mut draft = whole(prefecture, 1);
        draft.agreed_caution = false;
        assert_eq!(remarks(&draft, &[], false).iter().any(|remark| remark.field == "agreed_caution"), expected);
    }
}

#[test]
fn consent_is_to_the_wording_of_today() {
    let mut draft = whole("13", 1);
    let said = |draft: &Draft, wordings| {
        let around = Surroundings {
            today: date("2026-10-01"),
            practice: false,
            present_offices: &[],
            wordings,
            printable: &|_| true,
        };
        check(draft, &around).into_iter().map(|remark| format!("{} {}", remark.field, remark.text)).collect::<Vec<_>>()
    };
    assert_eq!(said(&draft, Some(["", ""])), Vec::<String>::new(), "an operator without texts hands them out on paper");
    let renewed = said(&draft, Some(["2026-10", ""]));
    assert_eq!(renewed.len(), 1);
    assert!(renewed[0].starts_with("agreed_terms 利用規約が新しくなりました"), "{renewed:?}");
    draft.terms_version = "2026-10".into();
    assert_eq!(said(&draft, Some(["2026-10", ""])), Vec::<String>::new());
}

#[test]
fn thirty_one_offices_are_two_applications() {
    let sizes = |count| applications(&vec![(); count]).map(<[()]>::len).collect::<Vec<_>>();
    assert_eq!((sizes(30), sizes(31), sizes(100)), (vec![30], vec![30, 1], vec![30, 30, 30, 10]));
}

fn dates(plan: &Plan) -> Vec<String> {
    plan.items.iter().map(|item| format!("{} {:?} {}", item.date, item.firmness, item.title)).collect()
}

#[test]
fn to_claim_in_december_the_way_is_laid_back_from_its_window() {
    let mut draft = whole("13", 1);
    draft.filed.clear();
    let plan = plan(month("2026-12"), &draft, &Facts::default(), date("2026-09-01"), &OperatorRules::default());
    let plan = plan.unwrap();
    assert_eq!(
        dates(&plan),
        [
            "2026-09-18 Advice 東京都の国保連に届け出る",
            "2026-10-21 Advice 「電子請求登録結果に関するお知らせ」が届く",
            "2026-10-26 Rule 利用を申し込む",
            "2026-10-28 Advice 委任状を印刷して印を押す",
            "2026-10-29 Advice 委任状を郵送する",
            "2026-11-30 Advice ログインのIDと仮のパスワードが届く",
            "2026-12-01 Advice ログインしてパスワードを変える",
            "2026-12-01 Advice 事業所ごとに地域区分を決める",
            "2026-12-01 Advice テスト送信をする",
            "2026-12-10 Rule はじめての請求を送る（令和8年11月のサービス分）",
            "2027-01-26 Advice はじめての利用料が引き落とされる",
        ]
    );
    assert_eq!(plan.start.unwrap().first_service_month, month("2026-11"));
}

/// The day to apply, of the known cases of DESIGN §4.6 and of features idea 10.
#[test]
fn the_day_to_apply_is_a_business_day() {
    for (first_claim, apply_by) in [
        ("2026-12", "2026-10-26"),
        ("2027-01", "2026-11-26"),
        ("2027-02", "2026-12-25"),
        ("2027-08", "2027-06-25"),
        ("2027-11", "2027-09-24"),
        ("2028-02", "2027-12-24"),
    ] {
        let plan = |today: &str| {
            plan(month(first_claim), &whole("13", 1), &Facts::default(), date(today), &OperatorRules::default())
        };
        let start = plan(apply_by).unwrap().start.unwrap();
        assert_eq!((start.apply_by.date, start.start), (date(apply_by), month(first_claim).first_day()));
        let late = date(apply_by).succ_opt().unwrap().to_string();
        assert_eq!(plan(&late), Err(Forbidden::Over { month: month(first_claim), deadline: date(apply_by) }));
    }
}

#[test]
fn osaka_registers_agents_until_the_tenth() {
    let draft = whole("27", 1);
    let facts = Facts { applied: Some(date("2026-10-20")), ..Facts::default() };
    let at = |today: &str, facts: &Facts| plan(month("2026-12"), &draft, facts, date(today), &OperatorRules::default());
    let good = at("2026-11-10", &facts).unwrap();
    assert!(
        dates(&good).contains(&"2026-11-10 Rule 大阪府の国保連へ代理人を登録する".to_owned()),
        "{:?}",
        dates(&good)
    );
    let late = Forbidden::Registration { prefecture: "大阪府", deadline: date("2026-11-10") };
    assert_eq!(at("2026-11-11", &facts), Err(late));
    assert!(at("2026-11-11", &Facts { accepted: true, ..facts }).is_ok());
}

#[test]
fn a_slip_moves_the_month_and_never_promises_less() {
    let operator = OperatorRules::default();
    let draft = whole("13", 1);
    let first = |facts: &Facts, today: &str| earliest(&draft, facts, date(today), &operator).unwrap();
    let new = Facts::default();
    assert_eq!(first(&new, "2026-10-26"), month("2026-12"));
    assert_eq!(first(&new, "2026-10-27"), month("2027-01"));
    // Applied in time, but the papers are late.
    let applied = Facts { applied: Some(date("2026-10-26")), ..Facts::default() };
    assert_eq!(first(&applied, "2026-11-30"), month("2026-12"));
    assert_eq!(first(&applied, "2026-12-01"), month("2027-01"));
}

#[test]
fn the_operator_knows_until_when_agents_are_registered() {
    let draft = whole("13", 1);
    let facts = Facts { applied: Some(date("2026-10-20")), ..Facts::default() };
    let at = |today: &str, day: u32| {
        let operator = OperatorRules { agent_days: [("13".to_owned(), day)].into(), ..OperatorRules::default() };
        plan(month("2026-12"), &draft, &facts, date(today), &operator)
    };
    let made = at("2026-11-05", 5).unwrap();
    assert!(
        dates(&made).contains(&"2026-11-05 Rule 東京都の国保連へ代理人を登録する".to_owned()),
        "{:?}",
        dates(&made)
    );
    let late = Forbidden::Registration { prefecture: "東京都", deadline: date("2026-11-05") };
    assert_eq!(at("2026-11-06", 5), Err(late));
    assert!(at("2026-11-06", 20).is_ok());
}

#[test]
fn a_step_that_slips_moves_what_follows_it() {
    let december = |draft: &Draft, facts: &Facts, today: &str| {
        plan(month("2026-12"), draft, facts, date(today), &OperatorRules::default()).unwrap()
    };
    let item = |plan: &Plan, title: &str| {
        let item = plan.items.iter().find(|item| item.title.contains(title)).unwrap();
        (item.date.to_string(), item.note.clone())
    };
    // Filed late: the letter is awaited a month later, and the plan says what that endangers.
    let mut draft = whole("13", 1);
    draft.offices.clear();
    draft.filed.insert("13".into(), "令和8年10月20日".into());
    let (day, note) = item(&december(&draft, &Facts::default(), "2026-10-21"), "お知らせ");
    assert_eq!(day, "2026-11-19");
    assert!(note.contains("令和8年10月26日") && note.contains("令和9年1月"), "{note}");
    // Not filed although the good day is over: today, and the letter a month from today.
    draft.filed.clear();
    let made = december(&draft, &Facts::default(), "2026-10-10");
    let (day, note) = item(&made, "届け出る");
    assert!(day == "2026-10-13" && note.contains("めやすの日（令和8年9月18日）を過ぎています"), "{day} {note}");
    assert_eq!(item(&made, "お知らせ").0, "2026-11-12");
    // Filed early: the letter is wanted three business days before the application, and nothing is endangered.
    draft.filed.insert("13".into(), "令和8年9月4日".into());
    let (day, note) = item(&december(&draft, &Facts::default(), "2026-10-10"), "お知らせ");
    assert!(day == "2026-10-21" && !note.contains("間に合わない"), "{day} {note}");
    // Applied, and the papers lie unsealed: today, and the post on the day after, until they are ticked.
    let applied = Facts { applied: Some(date("2026-10-20")), ..Facts::default() };
    let made = december(&draft, &applied, "2026-11-10");
    assert_eq!([item(&made, "印を押す").0, item(&made, "郵送する").0], ["2026-11-10", "2026-11-11"]);
    draft.ticked.insert(Task::Sealed, "2026-10-22".into());
    let made = december(&draft, &applied, "2026-11-10");
    assert_eq!([item(&made, "印を押す").0, item(&made, "郵送する").0], ["2026-10-22", "2026-11-10"]);
}

#[test]
fn the_months_after_the_old_agent_go_on_a_disc() {
    let mut draft = whole("13", 1);
    draft.present = Some(Present::Agent);
    draft.released = "令和8年9月30日".into();
    let operator = OperatorRules::default();
    let made = plan(month("2026-12"), &draft, &Facts::default(), date("2026-10-01"), &operator).unwrap();
    assert_eq!(made.gap, [month("2026-10"), month("2026-11")]);
    draft.released = "2026/12/31".into();
    let refused = plan(month("2026-12"), &draft, &Facts::default(), date("2026-10-01"), &operator);
    assert_eq!(refused, Err(Forbidden::Agent { until: date("2026-12-31") }));
    assert_eq!(earliest(&draft, &Facts::default(), date("2026-10-01"), &operator), Some(month("2027-01")));
}

#[test]
fn the_own_claim_has_its_five_steps_and_a_month() {
    let draft = Draft { route: Some(Route::Own), prefectures: vec!["05".into()], ..Draft::default() };
    let operator = OperatorRules::default();
    let made = plan(month("2026-12"), &draft, &Facts::default(), date("2026-10-20"), &operator).unwrap();
    assert_eq!(made.start, None);
    assert_eq!(
        dates(&made),
        [
            "2026-10-27 Advice 秋田県の国保連に電話する",
            "2026-10-27 Advice パソコンを確かめる",
            "2026-10-30 Advice 秋田県の国保連に届け出る",
            "2026-11-17 Advice 電子請求受付システムにログインする",
            "2026-11-20 Advice 電子証明書を申し込み、入れる",
            "2026-11-27 Advice 統合インストーラを動かし、請求ソフトを設定する",
            "2026-12-10 Rule はじめての請求を送る",
        ]
    );
    let late = plan(month("2026-12"), &draft, &Facts::default(), date("2026-11-21"), &operator);
    assert_eq!(late, Err(Forbidden::Filing { prefecture: "秋田県", deadline: date("2026-11-20") }));
    let map = steps(&draft, &[], &Facts::default(), Some(&made));
    assert_eq!(map.len(), 6);
    assert_eq!(map.iter().filter(|step| step.state == StepState::Current).count(), 1);
}

fn states(draft: &Draft, facts: &Facts) -> String {
    let map = steps(draft, &remarks(draft, &[], true), facts, None);
    map.iter()
        .map(|step| match step.state {
            StepState::Done => 'D',
            StepState::Current => 'C',
            StepState::Waiting => 'W',
            StepState::Ahead => '-',
        })
        .collect()
}

#[test]
fn the_map_shows_what_is_done_and_what_waits_for_whom() {
    let mut draft = Draft::default();
    assert_eq!(states(&draft, &Facts::default()), "C------------");
    draft = whole("13", 1);
    draft.first_claim = String::new();
    assert_eq!(states(&draft, &Facts::default()), "DDDDDC-------");
    // The letter of 国保連 is on its way: the clerk goes on with the corporation meanwhile.
    let mut waiting = draft.clone();
    waiting.offices.clear();
    waiting.corporation.name = String::new();
    assert_eq!(states(&waiting, &Facts::default()), "DDDWC--------");
    waiting.corporation.name = "さくら会".into();
    waiting.first_claim = "2026-12".into();
    assert_eq!(states(&waiting, &Facts::default()), "DDDWDD-------");
    draft.first_claim = "2026-12".into();
    assert_eq!(states(&draft, &Facts::default()), "DDDDDDC------");
    let mut facts = Facts { applied: Some(date("2026-10-20")), ..Facts::default() };
    assert_eq!(states(&draft, &facts), "DDDDDDDC-----");
    draft.ticked.insert(Task::Sealed, "2026-10-21".into());
    assert_eq!(states(&draft, &facts), "DDDDDDDDC----");
    draft.ticked.insert(Task::Posted, "2026-10-22".into());
    assert_eq!(states(&draft, &facts), "DDDDDDDDW----");
    facts.defective = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDC-----");
    facts = Facts { defective: false, received: true, accepted: true, ..facts };
    assert_eq!(states(&draft, &facts), "DDDDDDDDDW---");
    facts.issued = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDDDC---");
    facts.signed_in = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDDDDC--");
    facts.regions = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDDDDDC-");
    facts.testing = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDDDDDW-");
    facts.tested = true;
    assert_eq!(states(&draft, &facts), "DDDDDDDDDDDDD");
}

#[test]
fn an_office_that_signed_in_before_the_wizard_was_there_goes_on_at_its_regions() {
    let facts = Facts { signed_in: true, ..Facts::default() };
    assert_eq!(states(&Draft::default(), &facts), "DDDDDDDDDDC--");
}

#[test]
fn each_change_has_its_deadline_and_effect() {
    let list = changes(date("2026-12-20"), &OperatorCalendar::default(), &Fees::default());
    let of = |change: Change| list.iter().find(|rule| rule.change == change).unwrap();
    let due = |change| of(change).due.map(|due| due.date.to_string());
    for change in [Change::AddOffices, Change::ChangeData, Change::AddOption, Change::ChangedNumber, Change::Stop] {
        assert_eq!(due(change).as_deref(), Some("2026-12-25"), "{change:?}");
    }
    assert_eq!(due(Change::LostPassword), None);
    assert!(of(Change::AddOffices).effect.contains("令和9年2月1日"));
    assert!(of(Change::Stop).effect.contains("令和9年1月31日"));
    assert!(
        of(Change::ChangedNumber).effect.contains("令和9年2月1日")
            && of(Change::ChangedNumber).effect.contains("令和9年1月31日")
    );
    assert!(of(Change::AddOption).how.contains("委任状はいりません"));
    assert!(of(Change::LostPassword).effect.contains("5,500円"));
}

#[test]
fn the_first_debit_holds_the_registration_once() {
    let fees = Fees::default();
    assert_eq!(
        (fees.first_debit(3, true).0, fees.monthly_debit(3, true).0),
        (3 * (1_100 + 3_300 + 550 + 1_100), 4_950)
    );
    assert_eq!((fees.first_debit(1, false).0, fees.monthly_debit(1, false).0), (4_400, 1_100));
}

#[test]
fn the_calendar_file_has_one_entry_per_date_and_short_lines() {
    let made =
        plan(month("2026-12"), &whole("27", 2), &Facts::default(), date("2026-09-01"), &OperatorRules::default());
    let made = made.unwrap();
    let text = ics(&made, date("2026-09-01").and_hms_opt(9, 30, 0).unwrap());
    assert_eq!(text.matches("BEGIN:VEVENT").count(), made.items.len());
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    let unfolded = text.replace("\r\n ", "");
    for expected in ["DTSTAMP:20260901T003000Z", "DTSTART;VALUE=DATE:20261026", "SUMMARY:【締切】利用を申し込む"]
    {
        assert!(unfolded.contains(expected), "{expected} is not in\n{unfolded}");
    }
    let ids: std::collections::BTreeSet<&str> = unfolded.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(ids.len(), made.items.len());
}

proptest::proptest! {
    /// Whatever the day, the prefecture and what has been done: a plan that is made breaks no rule.
    #[test]
    fn no_plan_promises_a_month_that_a_rule_forbids(
        offset in 0_u64..800,
        later in 0_i32..8,
        prefecture in proptest::sample::select(vec!["05", "13", "27", "28"]),
        applied in proptest::option::of(0_u64..90),
        accepted: bool,
        agent: bool,
        closed in proptest::collection::btree_set(0_u64..900, 0..60),
        agent_day in 1_u32..=31,
    ) {
        let first = date("2026-01-01");
        let today = first + chrono::Days::new(offset);
        let calendar = OperatorCalendar {
            closed_days: closed.into_iter().map(|days| first + chrono::Days::new(days)).collect(),
            ..OperatorCalendar::default()
        };
        let operator = OperatorRules { calendar, agent_days: [("13".to_owned(), agent_day)].into() };
        let mut draft = whole(prefecture, 1);
        if agent {
            draft.present = Some(Present::Agent);
            draft.released = (today + chrono::Days::new(20)).to_string();
        }
        let applied = applied.map(|days| today - chrono::Days::new(days));
        let facts = Facts { applied, accepted: accepted && applied.is_some(), ..Facts::default() };
        let target = Month::of(today).unwrap().plus(later);
        if let Ok(plan) = plan(target, &draft, &facts, today, &operator) {
            let start = plan.start.unwrap();
            let made = applied.unwrap_or(today);
            proptest::prop_assert!(made <= start.apply_by.date);
            proptest::prop_assert_eq!(operator.calendar.start_when_applied(made).unwrap().start <= start.start, true);
            proptest::prop_assert!(facts.accepted || today < start.start);
            if agent {
                proptest::prop_assert!(today + chrono::Days::new(20) < start.start);
            }
            for (code, day) in [("27", 10), ("13", agent_day)] {
                if prefecture == code && !facts.accepted {
                    proptest::prop_assert!(today <= target.plus(-1).day(day));
                }
            }
            for item in &plan.items {
                let weekend = matches!(item.date.weekday(), Weekday::Sat | Weekday::Sun);
                let fixed = item.date >= start.start || item.step == StepId::Filing || item.step == StepId::Call;
                proptest::prop_assert!(fixed || !weekend, "{:?}", item);
            }
            proptest::prop_assert_eq!(start.start.day(), 1);
        }
    }
}
