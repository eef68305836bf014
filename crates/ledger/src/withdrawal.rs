//! By which road a claim that was sent can be taken back（features idea 8）. There is only ever one legal road, and it depends
//! on how far 国保連 is.

use calendar::{ClaimWindow, Month, office_day_at_or_before};
use chrono::NaiveDate;

use crate::Whereabouts;
use crate::balance::payment_due_day;
use crate::services::BENEFIT_MANAGEMENT;

/// A road for taking a claim back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Road {
    /// 取消: the file is cancelled and sent anew, while the claim window is open.
    Cancel,
    /// 希望返戻（返戻依頼）: some federations give a claim back on request until the 20th, before they review it.
    AskBack,
    /// 保留分取下げ: a held claim is withdrawn; 過誤 is not for it.
    WithdrawHeld,
    /// The hold is older than the federation takes withdrawals for: it has to end by itself.
    WaitForHold,
    /// The review is under way: nothing can be done until its result.
    Wait,
    /// The result should be in by now and is not on hand: whether the claim was decided is not known.
    FetchNotices,
    /// 過誤申立 to the insurer: only for a claim that was decided.
    Kago,
    /// A 給付管理票 is not taken back: one with 作成区分 修正 or 取消 is sent.
    CorrectPlan,
    /// Nothing lies at 国保連 any more; the claim is simply made again.
    Nothing,
}

/// What a federation publishes about taking claims back; `None` where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FederationDays {
    /// Day of the month until which it takes 希望返戻 for what was sent in that month.
    pub ask_back: Option<u32>,
    /// Day of the month after a hold's month until which it takes 保留分取下げ; older holds it does not take.
    pub withdraw_held: Option<u32>,
}

/// Last day of the month on which federations that offer 希望返戻 take it, where nothing else is known（features X05; 長野）.
const ASK_BACK_DAY: u32 = 20;

/// Returns the road for a claim on a form, and the day until which it is open where one is known.
pub fn withdrawal(
    form: &str,
    whereabouts: Whereabouts,
    days: FederationDays,
    today: NaiveDate,
) -> (Road, Option<NaiveDate>) {
    match whereabouts {
        Whereabouts::Back => (Road::Nothing, None),
        Whereabouts::UnderReview { month } => under_review(form, month, days, today),
        _ if form == BENEFIT_MANAGEMENT => (Road::CorrectPlan, None),
        Whereabouts::Held { since } => match days.withdraw_held.map(|day| open_day(since.next(), day)) {
            Some(last) if last < today => (Road::WaitForHold, None),
            last => (Road::WithdrawHeld, last),
        },
        Whereabouts::Decided => (Road::Kago, None),
    }
}

fn under_review(form: &str, month: Month, days: FederationDays, today: NaiveDate) -> (Road, Option<NaiveDate>) {
    let window = ClaimWindow { processing_month: month };
    let ask_back = open_day(month, days.ask_back.unwrap_or(ASK_BACK_DAY));
    if today <= window.closes() {
        (Road::Cancel, Some(window.closes()))
    } else if form == BENEFIT_MANAGEMENT {
        (Road::CorrectPlan, None)
    } else if today <= ask_back {
        // A day that nobody promised is not shown as one.
        (Road::AskBack, days.ask_back.map(|_| ask_back))
    } else if today < payment_due_day(month) {
        (Road::Wait, None)
    } else {
        (Road::FetchNotices, None)
    }
}

/// Returns whether a claim could not be made anew any more: its limitation ends before the window that is open or comes next
/// opens（MONEY 14）.
pub fn is_barred(limitation_date: Option<NaiveDate>, today: NaiveDate) -> bool {
    limitation_date.is_some_and(|last| last < ClaimWindow::current_or_next(today).opens())
}

/// Returns the day of a month, or the day before it on which a counter is open.
fn open_day(month: Month, day: u32) -> NaiveDate {
    let day = month.day(day);
    office_day_at_or_before(day).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use kokuho::Yen;

    use super::*;
    use crate::tests::world::{
        World, claim, close, date, key, pays, plan_sheet, reduces, releases, returns, row, takes_back,
    };

    const DAYS: [&str; 7] =
        ["2026-07-01", "2026-07-10", "2026-07-11", "2026-07-20", "2026-07-21", "2026-08-20", "2026-09-01"];

    fn returned() -> World {
        World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]))
    }

    fn held() -> World {
        World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留")]))
    }

    #[track_caller]
    fn check_in(days: FederationDays, world: &World, road: Road, until: Option<&str>) {
        let sent = world.sent();
        let [sent] = sent.as_slice() else { panic!("{sent:#?}") };
        let found = withdrawal(&sent.key.exchange_id, sent.whereabouts, days, world.today);
        assert_eq!(found, (road, until.map(date)), "{}", world.today);
    }

    #[track_caller]
    fn check(world: &World, road: Road, until: Option<&str>) {
        check_in(FederationDays::default(), world, road, until);
    }

    /// The table of idea 8 with its boundary days, for a claim on its first flight and for one that was sent again.
    #[test]
    fn what_is_on_its_way_goes_by_the_day() {
        let first = World::on("2026-07-01").sends(claim("2026-07", "1", "2026-06", 1000));
        let again = returned().sends(claim("2026-07", "1", "2026-05", 1000));
        for world in [first, again] {
            let on = |today| world.clone().today(today);
            check(&on("2026-06-30"), Road::Cancel, Some("2026-07-10"));
            check(&on("2026-07-10"), Road::Cancel, Some("2026-07-10"));
            // The 20th of July 2026 is a holiday, the days before it a weekend.
            check(&on("2026-07-11"), Road::AskBack, None);
            check(&on("2026-07-17"), Road::AskBack, None);
            let days = FederationDays { ask_back: Some(20), ..FederationDays::default() };
            check_in(days, &on("2026-07-17"), Road::AskBack, Some("2026-07-17"));
            for today in ["2026-07-18", "2026-07-20", "2026-07-21"] {
                check(&on(today), Road::Wait, None);
                check_in(days, &on(today), Road::Wait, None);
            }
            check(&on("2026-08-19"), Road::Wait, None);
            check(&on("2026-08-20"), Road::FetchNotices, None);
            check(&on("2026-08-25").gets(pays("7521", "2026-07", 9405, 0)), Road::Kago, None);
        }
    }

    /// Neither a returned nor a held claim can ever reach the form for 過誤.
    #[test]
    fn only_a_decided_claim_goes_by_kago() {
        for today in DAYS {
            for world in
                [held(), held().decides(key("1", "2026-05", "7131"), close("あきらめる"), "2026-07-01T10:00:00")]
            {
                check(&world.today(today), Road::WithdrawHeld, None);
            }
            for world in [
                returned(),
                returned().decides(key("1", "2026-05", "7131"), close("あきらめる"), "2026-07-01T10:00:00"),
            ] {
                check(&world.today(today), Road::Nothing, None);
            }
        }
        check(&held().today("2026-08-01").gets(releases("2026-07", "2026-05", 1, 1000)), Road::Kago, None);
        // Once taken back it is not taken back again.
        let paid = World::on("2026-09-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(pays("7521", "2026-06", 9405, 0));
        check(&paid, Road::Kago, None);
        check(&paid.gets(takes_back("7611", "2026-08", "1", "2026-05", "15", 1000, 9405)), Road::Nothing, None);
    }

    /// What came back as a repetition is registered once: that one stands, and may be held.
    #[test]
    fn the_first_of_two_stands() {
        let twice = |remark: &str| {
            World::on("2026-08-25")
                .sends(claim("2026-06", "1", "2026-05", 1000))
                .sends(claim("2026-07", "1", "2026-05", 900))
                .gets(returns("2026-07", &[row("1", "2026-05", 900, remark)]))
        };
        let paid = twice("ANN4").gets(pays("7521", "2026-06", 9405, 0)).gets(pays("7521", "2026-07", 0, 0));
        check(&paid, Road::Kago, None);
        let sent = paid.sent();
        assert_eq!(
            (sent[0].claimed_in.map(|month| month.to_string()).as_deref(), sent[0].yen),
            (Some("2026-06"), Some(Yen(9405)))
        );
        check(&twice("ANN4"), Road::FetchNotices, None);

        // The first waits: neither 過誤 nor a new claim.
        let first = returns("2026-06", &[row("1", "2026-05", 1000, "保留")]);
        let held = twice("ANN2").gets(first.clone());
        check(&held, Road::WithdrawHeld, None);
        check(&held.gets(pays("7521", "2026-07", 0, 0)), Road::WithdrawHeld, None);
        let unanswered = World::on("2026-07-10")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .sends(claim("2026-07", "1", "2026-05", 900))
            .gets(first);
        check(&unanswered, Road::Cancel, Some("2026-07-10"));
        check(&unanswered.today("2026-08-25").gets(pays("7521", "2026-07", 9405, 0)), Road::WithdrawHeld, None);

        // Two in one month, of which the file keeps one.
        let same = World::on("2026-08-25")
            .sends(claim("2026-07", "1", "2026-05", 900))
            .gets(returns("2026-07", &[row("1", "2026-05", 900, "ANN2")]));
        check(&same, Road::FetchNotices, None);
        check(&same.gets(pays("7521", "2026-07", 9405, 0)), Road::Kago, None);
        // Any other return of the second means the claim itself.
        let mended = twice("12PA").gets(returns("2026-06", &[row("1", "2026-05", 1000, "12P0")]));
        check(&mended, Road::Nothing, None);
    }

    /// 査定 of a claim that is in no file on hand.
    #[test]
    fn a_reduction_alone_is_a_claim_that_was_sent() {
        let reduced = World::on("2026-08-25").gets(reduces("2026-06", &[("1", "2026-05", "15", Some(-100), "B")]));
        check(&reduced, Road::FetchNotices, None);
        assert_eq!((reduced.sent()[0].yen, reduced.sent()[0].claimed_in), (None, None));
        check(&reduced.gets(pays("7521", "2026-06", 9405, 0)), Road::Kago, None);
    }

    /// 京都: until the 20th, holds of the month before only（features X06）.
    #[test]
    fn a_federation_may_take_holds_of_the_last_month_only() {
        let days = FederationDays { withdraw_held: Some(20), ..FederationDays::default() };
        check_in(days, &held().today("2026-07-17"), Road::WithdrawHeld, Some("2026-07-17"));
        check_in(days, &held().today("2026-07-18"), Road::WaitForHold, None);
    }

    #[test]
    fn a_benefit_management_sheet_is_corrected() {
        let sent = World::on("2026-07-10").sends(plan_sheet("2026-07", "1", "2026-06"));
        check(&sent, Road::Cancel, Some("2026-07-10"));
        for today in ["2026-07-11", "2026-07-21", "2026-10-01"] {
            check(&sent.clone().today(today), Road::CorrectPlan, None);
            check(&sent.clone().today(today).gets(pays("7521", "2026-07", 9405, 0)), Road::CorrectPlan, None);
        }
    }
}
