use chrono::NaiveDate;
use kokuho::{Claim, Notice};
use ledger::{Books, Ledger, settle};

const SAMPLES: [(&str, &[u8]); 5] = [
    ("KK260601.CSV", include_bytes!("../../../kokuho/tests/data/KK260601.CSV")),
    ("74100000.CSV", include_bytes!("../../../kokuho/tests/data/74100000.CSV")),
    ("72100000.CSV", include_bytes!("../../../kokuho/tests/data/72100000.CSV")),
    ("75200000.CSV", include_bytes!("../../../kokuho/tests/data/75200000.CSV")),
    ("75100000.CSV", include_bytes!("../../../kokuho/tests/data/75100000.CSV")),
];

fn settle_files<'a>(files: impl IntoIterator<Item = &'a (&'static str, &'static [u8])>, today: NaiveDate) -> Ledger {
    let (mut claims, mut notices): (Vec<Claim>, Vec<Notice>) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let file = kokuho::read(bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        claims.extend(kokuho::claims(&file));
        notices.extend(kokuho::notices(&file));
    }
    settle(&Books { claims: &claims, notices: &notices, decisions: &[], today })
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 25).unwrap()
}

#[test]
fn the_sample_month_adds_up_to_the_yen() {
    let ledger = settle_files(&SAMPLES, today());
    let rows: Vec<String> = ledger
        .cases
        .iter()
        .map(|case| {
            let window = case.next_window.map(|month| month.to_string()).unwrap_or_default();
            format!(
                "{} {} {} {:?} {} x{} [{window}]",
                case.key,
                case.kind.as_str(),
                case.state.as_str(),
                case.codes,
                case.yen,
                case.times_returned
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "9970000015/990010/0000000101/2026-05/7131 returned open [\"12PA\"] 57,351 x1 [2026-08]",
            "9970000015/990010/0000000202/2026-05/7131 held held [\"保留\"] 63,903 x0 []",
        ]
    );
    assert_eq!(ledger.cases[0].insured_kana.as_deref(), Some("ﾃｽﾄ ｲﾁﾛｳ"));
    assert_eq!(ledger.cases[0].contents.len(), 2, "{:?}", ledger.cases[0].contents);

    let [month] = ledger.balances.as_slice() else { panic!("{:?}", ledger.balances) };
    let sums = [
        month.claimed,
        month.returned,
        month.held,
        month.decided,
        month.payable,
        month.paid,
        month.unexplained,
        month.unpaid,
    ];
    assert_eq!(sums.map(|yen| yen.0), [214_488, 57_351, 63_903, 93_234, 93_234, 93_234, 0, 121_254]);
    assert!(month.missing_notices.is_empty(), "{:?}", month.missing_notices);
}

#[test]
fn the_files_may_come_in_any_order_and_twice() {
    let backwards: Vec<_> = SAMPLES.iter().rev().chain(&SAMPLES).collect();
    assert_eq!(settle_files(backwards, today()), settle_files(&SAMPLES, today()));
}

#[test]
fn each_file_that_is_absent_is_missed_or_shows() {
    let without =
        |name: &str| settle_files(SAMPLES.iter().filter(|(file, _)| *file != name), today()).balances.remove(0);
    assert_eq!(without("74100000.CSV").missing_notices, ["7411"]);
    assert_eq!(without("72100000.CSV").missing_notices, ["7211"]);
    assert_eq!(without("75200000.CSV").missing_notices, ["7521"]);
    assert_eq!(without("75100000.CSV").missing_notices, ["7513"]);
    assert_eq!(without("KK260601.CSV").unexplained.0, 93_234);
}
