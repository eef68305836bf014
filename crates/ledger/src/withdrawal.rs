//! By which road a claim that was sent can be taken back（features idea 8）. There is only ever one legal road, and it depends
//! on how far 国保連 is.

use calendar::ClaimWindow;
use chrono::NaiveDate;

use crate::{Case, CaseState};

/// A road for taking a claim back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Road {
    /// 取消: the file is cancelled and sent anew, while the claim window is open.
    Cancel,
    /// 希望返戻（返戻依頼）: some federations give a claim back on request until the 20th, before they review it.
    AskBack,
    /// 保留分取下げ: a held claim is withdrawn; 過誤 is not for it.
    WithdrawHeld,
    /// The review is under way: nothing can be done until its result.
    Wait,
    /// 過誤申立 to the insurer: only for a claim that was decided.
    Kago,
    /// Nothing lies at 国保連 any more; the claim is simply made again.
    Nothing,
}

/// Last day of the month on which federations that offer 希望返戻 take it（rules.md §7; 群馬, 京都）.
const ASK_BACK_DAY: u32 = 20;

/// Returns the road for a case, and the day until which it is open where that day is the same everywhere it is offered.
pub fn withdrawal(case: &Case, today: NaiveDate) -> (Road, Option<NaiveDate>) {
    match case.state {
        CaseState::Held => (Road::WithdrawHeld, None),
        CaseState::Settled => (Road::Kago, None),
        CaseState::Open | CaseState::Closed | CaseState::Lapsed => (Road::Nothing, None),
        CaseState::Reclaimed => {
            let Some(month) = case.attempts.last() else { return (Road::Wait, None) };
            let window = ClaimWindow { processing_month: *month };
            let ask_back = month.day(ASK_BACK_DAY);
            if today <= window.closes() {
                (Road::Cancel, Some(window.closes()))
            } else if today <= ask_back {
                (Road::AskBack, Some(ask_back))
            } else {
                (Road::Wait, None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::world::{World, claim, date, month, pays, releases, returns, row};

    fn returned() -> World {
        World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "12PA")]))
    }

    #[track_caller]
    fn check(world: &World, road: Road, until: Option<&str>) {
        assert_eq!(withdrawal(&world.case(), world.today), (road, until.map(date)));
    }

    #[test]
    fn what_was_sent_again_goes_by_the_day() {
        let again = |today| returned().sends(claim("2026-07", "1", "2026-05", 1000)).today(today);
        check(&again("2026-07-10"), Road::Cancel, Some("2026-07-10"));
        check(&again("2026-07-11"), Road::AskBack, Some("2026-07-20"));
        check(&again("2026-07-20"), Road::AskBack, Some("2026-07-20"));
        check(&again("2026-07-21"), Road::Wait, None);
        check(&again("2026-08-25").gets(pays("7521", "2026-07", 9405, 0)), Road::Kago, None);
    }

    /// Neither a returned nor a held claim can ever reach the form for 過誤.
    #[test]
    fn only_a_decided_claim_goes_by_kago() {
        let held = World::on("2026-07-01")
            .sends(claim("2026-06", "1", "2026-05", 1000))
            .gets(returns("2026-06", &[row("1", "2026-05", 1000, "保留")]));
        for today in ["2026-07-01", "2026-07-10", "2026-07-11", "2026-07-20", "2026-07-21", "2026-09-01"] {
            check(&held.clone().today(today), Road::WithdrawHeld, None);
            check(&returned().today(today), Road::Nothing, None);
        }
        let released = held.today("2026-08-01").gets(releases("2026-07", "2026-05", 1, 1000));
        assert_eq!(released.case().first_month, month("2026-06"));
        check(&released, Road::Kago, None);
    }
}
