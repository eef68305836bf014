//! What HQ looks at: board, waterfall, aging, trends, recovery, deposits, closings.

use std::collections::BTreeMap;

use calendar::Month;
use kokuho::{Notice, Yen};
use proptest::prelude::*;

use super::properties::any_world;
use super::world::*;
use crate::{
    Account, Aging, Balance, Board, Certainty, Closing, ClosingKind, Figure, Grouping, Ledger, Recovery, Standing,
    Step, Style, Tally, Trend, closing::figures, deposits, locks, roll_forward, waterfall,
};

/// 10.45 yen × 1,000 units × 90 %.
const K1: i64 = 9405;

fn tally(count: u32, yen: i64) -> Tally {
    Tally { count, yen: Yen(yen) }
}

fn on(day: &str, notice: Notice) -> Notice {
    let Notice::Transfer(mut transfer) = notice else { panic!("{notice:?}") };
    transfer.head.issued = Some(date(day));
    Notice::Transfer(transfer)
}

/// June: 1 paid, 2 returned, 3 held; July: 2 claimed again and paid, 4 returned.
fn two_months(today: &str) -> World {
    World::on(today)
        .sends(claim("2026-06", "1", "2026-05", 1000))
        .sends(claim("2026-06", "2", "2026-05", 2000))
        .sends(claim("2026-06", "3", "2026-05", 3000))
        .gets(returns("2026-06", &[row("2", "2026-05", 2000, "12PA"), row("3", "2026-05", 3000, "保留")]))
        .gets(counts("2026-06", "2026-05", (1, 2000), (1, 3000)))
        .gets(pays("7521", "2026-06", K1, 0))
        .gets(on("2026-07-24", transfers("2026-06", K1)))
        .sends(claim("2026-07", "2", "2026-05", 2000))
        .sends(claim("2026-07", "4", "2026-06", 4000))
        .gets(returns("2026-07", &[row("4", "2026-06", 4000, "12PA")]))
        .gets(counts("2026-07", "2026-06", (1, 4000), (0, 0)))
        .gets(pays("7521", "2026-07", 2 * K1, 0))
}

#[test]
fn the_board_has_its_newest_month_first_and_its_totals_beside_it() {
    let ledger = two_months("2026-08-25").settle();
    let board = Board::new(&ledger.balances, Figure::Unpaid, 24);
    assert_eq!(board.months, ["2026-07", "2026-06"].map(month));
    assert_eq!(board.totals, [Yen(4 * K1), Yen(3 * K1)]);
    let [row] = board.rows.as_slice() else { panic!("{board:?}") };
    assert_eq!(row.total, Yen(7 * K1));
    let cells: Vec<_> = row.cells.iter().map(|cell| cell.map(|cell| (cell.yen.0 / K1, cell.standing))).collect();
    // July lacks its transfer notice, and that comes before what is open.
    assert_eq!(cells, [Some((4, Standing::NoticesMissing)), Some((3, Standing::Waiting))]);
    assert_eq!(Board::new(&ledger.balances, Figure::Claimed, 1).totals, [Yen(6 * K1)]);
    assert_eq!(Board::new(&[], Figure::Claimed, 24).months, []);
    for figure in Figure::ALL {
        assert_eq!(Figure::find(figure.as_str()), Some(figure));
    }
}

#[test]
fn a_month_is_done_when_it_is_explained_transferred_and_nothing_is_outstanding() {
    let world = two_months("2026-08-10");
    let standing = |balance: &Balance| Standing::of(balance);
    assert_eq!(standing(&world.balance("2026-07")), Standing::Open);
    let paid = world.clone().gets(transfers("2026-07", 2 * K1)).sends(claim("2026-08", "4", "2026-06", 4000));
    assert_eq!(standing(&paid.balance("2026-08")), Standing::Waiting);
    assert_eq!(standing(&paid.balance("2026-07")), Standing::Done);
    let surprising = world.gets(pays("7551", "2026-07", 5, 0));
    assert_eq!(standing(&surprising.balance("2026-07")), Standing::Unexplained);
}

#[test]
fn the_waterfall_of_a_month_that_is_paid() {
    let fee = |notice| {
        let Notice::Transfer(mut transfer) = notice else { panic!("{notice:?}") };
        (transfer.transfer, transfer.certificate_fee) = (transfer.transfer - Yen(13_200), Yen(-13_200));
        Notice::Transfer(transfer)
    };
    let mut world = two_months("2026-08-25");
    world.notices.retain(|notice| !matches!(notice, Notice::Transfer(_)));
    let balance = world.gets(fee(transfers("2026-06", K1))).balance("2026-06");
    let bars: Vec<_> = waterfall(&balance).iter().map(|bar| (bar.step, bar.yen.0)).collect();
    assert_eq!(
        bars,
        [
            (Step::Claimed, 6 * K1),
            (Step::Returned, -2 * K1),
            (Step::Held, -3 * K1),
            (Step::Assessed, 0),
            (Step::Released, 0),
            (Step::Unexplained, 0),
            (Step::Decided, K1),
            (Step::Kago, 0),
            (Step::Payable, K1),
            (Step::OtherPayments, 0),
            (Step::Fees, -13_200),
            (Step::TransferGap, 0),
            (Step::Paid, K1 - 13_200),
        ]
    );
}

#[test]
fn the_waterfall_ends_where_nobody_has_said_more() {
    let last = |balance: &Balance| waterfall(balance).last().map(|bar| (bar.step, bar.yen.0));
    let world = two_months("2026-08-25");
    assert_eq!(last(&world.balance("2026-07")), Some((Step::Payable, 2 * K1)));
    let early = World::on("2026-06-05").sends(claim("2026-06", "1", "2026-05", 1000));
    assert_eq!(last(&early.balance("2026-06")), Some((Step::Expected, K1)));
}

#[test]
fn unpaid_claims_by_age_and_what_is_about_to_lapse() {
    let world = two_months("2026-08-25");
    let aging = |today: &str| Aging::new(&world.clone().today(today).settle().cases, date(today));
    let now = aging("2026-08-25");
    assert_eq!((now.ages[0].open, now.ages[0].held), (tally(1, 4 * K1), tally(1, 3 * K1)));
    assert_eq!(now.ages[0].all(), tally(2, 7 * K1));
    assert_eq!(now.at_risk, [Tally::default(); 3]);
    assert_eq!(now.offices.len(), 1);

    // Service 2026-06: the last day is 2028-08-31.
    let late = aging("2028-07-20");
    assert_eq!(late.ages[4].open, tally(1, 4 * K1));
    assert_eq!(late.at_risk, [Tally::default(), tally(1, 4 * K1), tally(1, 4 * K1)]);
    let gone = aging("2028-09-01");
    assert_eq!((gone.lapsed, gone.ages[4].open), (tally(1, 4 * K1), Tally::default()));
}

#[test]
fn trends_count_each_return_and_those_that_come_again() {
    let world = two_months("2026-10-25")
        .sends(claim("2026-08", "4", "2026-06", 4000))
        .gets(returns("2026-08", &[row("4", "2026-06", 4000, "10QF")]));
    let cases = world.settle().cases;
    let trend = Trend::new(&cases, Grouping::Code, month("2026-08"), 3);
    assert_eq!(trend.months, ["2026-06", "2026-07", "2026-08"].map(month));
    let rows: Vec<_> = trend.rows.iter().map(|row| (row.key.as_str(), row.total.count, row.repeated)).collect();
    assert_eq!(rows, [("12PA", 2, 0), ("10QF", 1, 1)]);
    let counts: Vec<u32> = trend.rows[0].months.iter().map(|tally| tally.count).collect();
    assert_eq!(counts, [1, 1, 0]);
    assert_eq!(Trend::new(&cases, Grouping::Insurer, month("2026-08"), 1).rows[0].total, tally(1, 4 * K1));
    assert_eq!(Trend::new(&cases, Grouping::Office, month("2026-08"), 3).rows[0].total.count, 3);
}

#[test]
fn the_recovery_score_counts_what_was_left_unanswered() {
    let score = |world: &World| {
        let ledger = world.settle();
        Recovery::new(&ledger.balances, &ledger.cases, world.today)
    };
    // In August the window for July's return is still to close.
    let august = score(&two_months("2026-08-05"));
    assert_eq!((august.to, august.offices, august.offices_unanswered), (month("2026-06"), 1, 0));
    assert_eq!((august.claims, august.passed), (3, 1));
    assert_eq!((august.months_with_returns, august.median_months_to_reclaim()), (1, Some(1)));

    let later = two_months("2026-09-25");
    let september = score(&later);
    assert_eq!((september.offices_unanswered, september.months_unanswered), (1, 1));
    assert_eq!((september.unanswered, september.recovered), (tally(1, 4 * K1), tally(1, 2 * K1)));
    assert_eq!(september.unanswered_per_office(), Some(Yen(4 * K1)));

    // Deciding to give up is an answer, and told as what it is.
    let given_up = later.decides(key("4", "2026-06", "7131"), close("退所"), "2026-09-20T10:00:00");
    let given_up = score(&given_up);
    assert_eq!((given_up.offices_unanswered, given_up.given_up), (0, tally(1, 4 * K1)));
}

#[test]
fn deposits_are_announced_decided_or_expected_and_late_ones_are_named() {
    let world = two_months("2026-08-25").sends(claim("2026-08", "5", "2026-07", 5000));
    let balances = world.settle().balances;
    let found: Vec<_> = deposits(&balances, date("2026-07-01"), world.today)
        .into_iter()
        .map(|deposit| (deposit.day, deposit.certainty, deposit.yen.0 / K1, deposit.overdue))
        .collect();
    // The 24th is the day of the last transfer notice.
    assert_eq!(
        found,
        [
            (date("2026-07-24"), Certainty::Announced, 1, false),
            (date("2026-08-24"), Certainty::Decided, 2, true),
            (date("2026-09-24"), Certainty::Expected, 5, false),
        ]
    );
    assert_eq!(deposits(&balances, date("2026-08-01"), world.today).len(), 2);
}

#[test]
fn what_changes_after_closing_is_told() {
    let world = two_months("2026-08-25");
    let june = world.balance("2026-06");
    let close = |stage: crate::Stage, balance: &Balance| ClosingKind::Close { stage, figures: figures(balance, stage) };
    let closing = |what| Closing {
        office: june.office.clone(),
        month: june.processing_month,
        what,
        by: "honbu".to_owned(),
        at: "2026-08-25T10:00:00".parse().unwrap(),
    };
    let closings = [closing(close(crate::Stage::Claims, &june)), closing(close(crate::Stage::Payment, &june))];
    let place = (june.office.clone(), june.processing_month);
    let lock = &locks(&closings)[&place];
    assert_eq!((lock.stage, lock.by.as_str()), (crate::Stage::Payment, "honbu"));
    assert_eq!(lock.later_changes(&june), []);

    // A claim file turns up afterwards.
    let found = world.sends(claim("2026-06", "9", "2026-05", 9000)).balance("2026-06");
    let changes: Vec<_> =
        lock.later_changes(&found).iter().map(|change| (change.figure, change.then.0, change.now.0)).collect();
    assert_eq!(changes, [(Figure::Claimed, 6 * K1, 15 * K1), (Figure::Unexplained, 0, -9 * K1)]);

    let [first, second] = closings;
    let reopened = [first, second, closing(ClosingKind::Reopen { reason: "請求の見落とし".to_owned() })];
    assert!(locks(&reopened).is_empty());
}

#[test]
fn receivables_roll_forward_in_both_styles() {
    let world = two_months("2026-08-25");
    let Ledger { cases, balances, .. } = world.settle();
    let rolled = |style| {
        let roll = roll_forward(&balances, &cases, &BTreeMap::new(), style, month("2026-08"));
        let told: Vec<_> = roll.values().map(|roll| (roll.opening.0 / K1, roll.closing.0 / K1)).collect();
        (told, roll)
    };
    // June: 3 held, 1 decided; July: the 1 comes, 2 decided; 2 + 4 came back, 2 of them claimed again.
    assert_eq!(rolled(Style::ReverseSale).0, [(0, 4), (4, 5), (5, 5)]);
    let (told, roll) = rolled(Style::KeepReceivable);
    assert_eq!(told, [(0, 6), (6, 9), (9, 9)]);
    let july = &roll[&month("2026-07")];
    assert_eq!(july.closing_returned, Yen(4 * K1));
    let journal: Vec<_> =
        july.journal(Style::KeepReceivable).iter().map(|entry| (entry.debit, entry.credit, entry.yen.0 / K1)).collect();
    assert_eq!(
        journal,
        [
            (Account::Receivable, Account::ReturnedReceivable, 2),
            (Account::Receivable, Account::Sales, 4),
            (Account::Deposits, Account::Receivable, 1),
            (Account::ReturnedReceivable, Account::Receivable, 4),
        ]
    );

    // Given up: by the one style it leaves the books, by the other it had left them.
    let given_up = world.decides(key("4", "2026-06", "7131"), close("退所"), "2026-08-20T10:00:00");
    let Ledger { cases, balances, .. } = given_up.settle();
    let closing = |style| {
        roll_forward(&balances, &cases, &BTreeMap::new(), style, month("2026-08"))[&month("2026-08")].closing.0 / K1
    };
    assert_eq!((closing(Style::KeepReceivable), closing(Style::ReverseSale)), (5, 5));
}

#[test]
fn each_entry_is_posted_on_its_own_day() {
    let Ledger { cases, balances, .. } = two_months("2026-08-25").settle();
    let roll = roll_forward(&balances, &cases, &BTreeMap::new(), Style::KeepReceivable, month("2026-08"));
    let posted: Vec<_> = roll
        .values()
        .flat_map(|roll| roll.journal(Style::KeepReceivable))
        .map(|entry| format!("{} {} {}", entry.day, entry.text, entry.yen.0 / K1))
        .collect();
    assert_eq!(
        posted,
        [
            "2026-06-10 請求 6",
            "2026-06-30 返戻 2",
            "2026-07-10 返戻の再請求 2",
            "2026-07-10 請求 4",
            "2026-07-24 介護給付費等の振込 1",
            "2026-07-31 返戻 4",
        ]
    );
}

/// A claim file of June turns up after June was closed, and another one after July was: the books of closed months stay, the
/// changes stand in the first open month, and nothing is booked twice.
#[test]
fn what_changes_in_a_closed_month_is_posted_in_the_next_open_one() {
    let until = month("2026-08");
    let style = Style::KeepReceivable;
    let close_at = |world: &World, locks: &BTreeMap<Month, &crate::Lock>, text: &str| {
        let Ledger { cases, balances, .. } = world.settle();
        crate::Lock {
            stage: crate::Stage::Payment,
            by: "honbu".to_owned(),
            at: "2026-08-25T10:00:00".parse().unwrap(),
            figures: crate::closing_figures(&balances, &cases, locks, month(text), crate::Stage::Payment),
        }
    };
    let rolled = |world: &World, locks: &BTreeMap<Month, &crate::Lock>| {
        let Ledger { cases, balances, .. } = world.settle();
        roll_forward(&balances, &cases, locks, style, until)
    };
    let closing = |roll: &BTreeMap<Month, crate::Roll>| roll[&until].closing;

    let known = two_months("2026-08-25");
    let june = close_at(&known, &BTreeMap::new(), "2026-06");
    let closed = BTreeMap::from([(month("2026-06"), &june)]);
    assert_eq!(rolled(&known, &closed), rolled(&known, &BTreeMap::new()), "closing changes nothing by itself");

    let found = known.clone().sends(claim("2026-06", "9", "2026-05", 1000));
    let roll = rolled(&found, &closed);
    assert_eq!(roll[&month("2026-06")], rolled(&known, &closed)[&month("2026-06")], "the books of June stand");
    let later: Vec<_> = roll[&month("2026-07")]
        .journal(style)
        .into_iter()
        .filter(|entry| entry.about == Some(month("2026-06")))
        .map(|entry| (entry.day.to_string(), entry.text, entry.yen))
        .collect();
    // The claim was found, the decision stays: what was claimed more is explained less.
    assert_eq!(
        later,
        [("2026-07-31".to_owned(), "請求", Yen(K1)), ("2026-07-31".to_owned(), "説明できない差額", Yen(K1))]
    );
    assert_eq!(closing(&roll), closing(&rolled(&found, &BTreeMap::new())));

    // July is closed with the correction in it; what turns up then goes to August, and only that.
    let july = close_at(&found, &closed, "2026-07");
    let both = BTreeMap::from([(month("2026-06"), &june), (month("2026-07"), &july)]);
    assert_eq!(rolled(&found, &both), roll);
    let more = found.sends(claim("2026-06", "8", "2026-05", 2000));
    let roll_then = rolled(&more, &both);
    assert_eq!(roll_then[&month("2026-07")], roll[&month("2026-07")], "the books of July stand");
    assert_eq!(roll_then[&until].corrections[&month("2026-06")].claimed, Yen(2 * K1));
    assert_eq!(closing(&roll_then), closing(&rolled(&more, &BTreeMap::new())));
}

/// What the journal moves on the receivable accounts, debit less credit.
fn receivable(entries: &[crate::Entry]) -> Yen {
    let is_ours = |account: Account| matches!(account, Account::Receivable | Account::ReturnedReceivable);
    entries
        .iter()
        .map(|entry| match (is_ours(entry.debit), is_ours(entry.credit)) {
            (true, false) => entry.yen,
            (false, true) => -entry.yen,
            _ => Yen::ZERO,
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn another_day_is_told_without_the_files(world in any_world(), today in 0_usize..6) {
        let days = ["2026-06-30", "2026-07-20", "2026-08-11", "2026-10-25", "2028-08-01", "2033-01-01"];
        let other = world.clone().today(days[today]);
        let mut balances = world.settle().balances;
        for balance in &mut balances {
            balance.date(other.today);
        }
        prop_assert_eq!(balances, other.settle().balances);
    }

    #[test]
    fn every_waterfall_adds_up_to_the_yen(world in any_world()) {
        for balance in world.settle().balances {
            let bars = waterfall(&balance);
            let mut height = Yen::ZERO;
            for bar in &bars {
                if bar.step.is_level() {
                    prop_assert!(height == bar.yen || bar.step == Step::Claimed, "{bars:?}");
                    height = bar.yen;
                } else {
                    prop_assert_eq!(bar.from, height);
                    height += bar.yen;
                }
                prop_assert_eq!(bar.to, height);
            }
            if balance.is_decided && balance.is_paid {
                prop_assert_eq!(height, balance.paid);
            }
        }
    }

    #[test]
    fn totals_of_the_board_are_those_of_its_rows(world in any_world(), figure in 0_usize..11, count in 1_usize..5) {
        let ledger = world.settle();
        let board = Board::new(&ledger.balances, Figure::ALL[figure], count);
        prop_assert!(board.months.len() <= count);
        prop_assert_eq!(
            board.rows.iter().map(|row| row.total).sum::<Yen>(),
            board.totals.iter().copied().sum::<Yen>()
        );
    }

    #[test]
    fn receivables_roll_and_the_journal_books_each_movement(world in any_world()) {
        let Ledger { cases, balances, .. } = world.settle();
        let until = Month::of(world.today).unwrap();
        for style in [Style::ReverseSale, Style::KeepReceivable] {
            let mut carried: Option<Yen> = None;
            let roll: BTreeMap<Month, crate::Roll> = roll_forward(&balances, &cases, &BTreeMap::new(), style, until);
            for (month, roll) in &roll {
                prop_assert_eq!(carried.unwrap_or(Yen::ZERO), roll.opening, "{}", month);
                prop_assert_eq!(roll.opening + roll.moved.net(style), roll.closing, "{:?}", roll);
                let journal = roll.journal(style);
                prop_assert!(journal.iter().all(|entry| entry.yen > Yen::ZERO && entry.debit != entry.credit));
                prop_assert_eq!(receivable(&journal), roll.moved.net(style), "{:?}", journal);
                prop_assert!(journal.iter().all(|entry| Month::of(entry.day).unwrap() == *month), "{:?}", journal);
                carried = Some(roll.closing);
            }
        }
    }

    #[test]
    fn ages_add_up_to_what_is_unpaid(world in any_world()) {
        let ledger = world.settle();
        let aging = Aging::new(&ledger.cases, world.today);
        let unpaid: Yen = ledger.balances.iter().map(|balance| balance.unpaid).sum();
        prop_assert_eq!(aging.ages.iter().map(|age| age.all().yen).sum::<Yen>(), unpaid);
    }
}
