//! Every claim that is known, also those that simply got paid or are on their first flight, for which there is no case.

use calendar::Month;
use chrono::NaiveDate;
use kokuho::{Claim, Yen};

use crate::CaseKey;

/// Where a claim is, as far as taking it back goes. What people decided（終わりにする）changes nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// It came back（返戻）or was taken back（過誤）and was not sent again. What came back as a repetition（ANN2, ANN4）is not back:
    /// the first one stands.
    Back,
    /// 保留 since the review of this month, also when it was sent again by mistake.
    Held {
        /// 審査年月 whose list held it first.
        since: Month,
    },
    /// It was sent, and no answer to it is on hand.
    UnderReview {
        /// 処理対象年月 of that attempt.
        month: Month,
    },
    /// It was decided: paid, or reduced and paid.
    Decided,
}

/// A claim that was sent, or that a notice speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Which claim.
    pub key: CaseKey,
    /// Amount of the attempt that `whereabouts` is about; of a claim that is not on hand, what the notices tell. `None` where a
    /// reduction alone speaks of it: its notice does not tell the amount of the claim.
    pub yen: Option<Yen>,
    /// `yen` is an estimate or unknown, because the claim is not on hand.
    pub estimated: bool,
    /// Name in kana, as the newest notice about it that carries one gave it. A claim file carries none.
    pub insured_kana: Option<String>,
    /// 処理対象年月 of the attempts on hand, oldest first.
    pub attempts: Vec<Month>,
    /// 処理対象年月 of the attempt that `whereabouts` is about; `None` when it is not on hand.
    pub claimed_in: Option<Month>,
    /// Last day before it is time-barred; `None` for 給付管理票.
    pub limitation_date: Option<NaiveDate>,
    /// Where it is.
    pub whereabouts: Whereabouts,
}

/// Returns the months of attempts.
pub(crate) fn months(attempts: &[&Claim]) -> Vec<Month> {
    attempts.iter().map(|claim| claim.processing_month).collect()
}
