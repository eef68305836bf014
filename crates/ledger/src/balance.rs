use std::collections::BTreeMap;

use calendar::Month;
use chrono::NaiveDate;
use kokuho::{OfficeNumber, Yen};
use serde::{Deserialize, Serialize};

/// The money of one office and one 処理対象年月（MONEY 20–24）.
///
/// In a month whose payment details are on hand,
/// `claimed − returned − held + assessed + released + unexplained = decided`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月 = 審査年月.
    pub processing_month: Month,
    /// Money claims sent in this month.
    pub claims: u32,
    /// Of these, returned or held in this month.
    pub sent_back: u32,
    /// Insurance and public shares of all claims sent in this month.
    pub claimed: Yen,
    /// Of these, returned in this month（返戻）.
    pub returned: Yen,
    /// Of these, held in this month（保留）.
    pub held: Yen,
    /// Reductions（査定）, 0 or negative; positive only where 国保連 raised units（増）.
    pub assessed: Yen,
    /// Claims of earlier months released in this month（保留復活）, as far as they are on hand.
    pub released: Yen,
    /// What the files on hand do not explain. 0 when all is understood, and while a payment detail is missing.
    pub unexplained: Yen,
    /// The payment details of all that was claimed are on hand, so that the figures from `unexplained` to `payable` are
    /// known; without them these are 0（MONEY 22）.
    pub is_decided: bool,
    /// Decided（支払決定額内訳書 T1）; 0 while a payment detail is missing.
    pub decided: Yen,
    /// 過誤調整（T2）, 0 or negative; 0 while a payment detail is missing.
    pub kago: Yen,
    /// Payable（T3）; 0 while a payment detail is missing.
    pub payable: Yen,
    /// Transferred（振込金額）; 0 without the transfer notice. Fees and other payments make it differ from `payable`.
    pub paid: Yen,
    /// Day of the transfer; `None` without the transfer notice, and where it names none.
    pub transfer_day: Option<NaiveDate>,
    /// The transfer notice is on hand.
    pub is_paid: bool,
    /// 手数料 of the transfer notice, 0 or negative.
    pub fees: Yen,
    /// What the transfer notice adds for other work（主治医意見書料, 認定調査委託料 …）.
    pub other_payments: Yen,
    /// What the office lacks today of the claims whose newest attempt was made in this month: `open + waiting`.
    pub unpaid: Yen,
    /// Of `unpaid`: what is claimed again, or was never claimed again.
    pub open: Yen,
    /// Of `unpaid`: held, or claimed again and not yet decided.
    pub waiting: Yen,
    /// What was open and is time-barred today; not part of `unpaid`.
    pub lapsed: Yen,
    /// Claims on hand that were held in an earlier month and returned in this one; `returned` does not count them.
    pub held_then_returned: Yen,
    /// Claims on hand that were taken back in this month（過誤）, positive.
    pub taken_back: Yen,
    /// Claims that had come back and were claimed again in this month, with the yen with which they had come back.
    pub claimed_again: Yen,
    /// 交換情報識別番号 of the notices that should be on hand and are not, sorted.
    pub missing_notices: Vec<String>,
    /// 交換情報識別番号 of notices on hand that count nowhere, because they contradict another one, sorted.
    pub unused_notices: Vec<String>,
    /// Open yen by the last day before they are time-barred.
    pub(crate) open_until: BTreeMap<Option<NaiveDate>, Yen>,
    /// What other notices prove to be missing.
    pub(crate) proved_missing: Vec<String>,
    /// What is missing as well from [`Balance::due_day`] on.
    pub(crate) due: Vec<String>,
}

/// Day of the following month from which payment details and transfer notice must be on hand（MONEY 20）.
const PAYMENT_DUE_DAY: u32 = 20;

/// Returns the day from which payment details and transfer notice of `month` must be on hand（MONEY 20）.
pub(crate) fn payment_due_day(month: Month) -> NaiveDate {
    month.next().day(PAYMENT_DUE_DAY)
}

impl Balance {
    /// Returns the day from which payment details and transfer notice of this month must be on hand.
    pub fn due_day(&self) -> NaiveDate {
        payment_due_day(self.processing_month)
    }

    /// Tells the month as of `today`, so that balances that were kept need not be settled anew each day: all that a day
    /// changes is what is time-barred and which notices are due.
    pub fn date(&mut self, today: NaiveDate) {
        let of = |lapsed: bool| {
            let is_lapsed = |last: &Option<NaiveDate>| last.is_some_and(|last| last < today);
            self.open_until.iter().filter(|(last, _)| is_lapsed(last) == lapsed).map(|(_, yen)| *yen).sum::<Yen>()
        };
        let (open, lapsed) = (of(false), of(true));
        (self.open, self.lapsed, self.unpaid) = (open, lapsed, open + self.waiting);
        self.missing_notices.clone_from(&self.proved_missing);
        if today >= self.due_day() {
            self.missing_notices.extend(self.due.iter().cloned());
            self.missing_notices.sort();
            self.missing_notices.dedup();
        }
    }
}
