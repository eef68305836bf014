use calendar::Month;
use kokuho::{OfficeNumber, Yen};

/// The money of one office and one 処理対象年月（MONEY 20–24）.
///
/// In a month whose payment details are on hand,
/// `claimed − returned − held + assessed + released + unexplained = decided`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月 = 審査年月.
    pub processing_month: Month,
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
    /// Decided（支払決定額内訳書 T1）; 0 while a payment detail is missing.
    pub decided: Yen,
    /// 過誤調整（T2）, 0 or negative; 0 while a payment detail is missing.
    pub kago: Yen,
    /// Payable（T3）; 0 while a payment detail is missing.
    pub payable: Yen,
    /// Transferred（振込金額）; 0 without the transfer notice. Fees and other payments make it differ from `payable`.
    pub paid: Yen,
    /// What the office lacks today of the claims whose newest attempt was made in this month.
    pub unpaid: Yen,
    /// 交換情報識別番号 of the notices that should be on hand and are not, sorted.
    pub missing_notices: Vec<String>,
    /// 交換情報識別番号 of notices on hand that count nowhere, because they contradict another one, sorted.
    pub unused_notices: Vec<String>,
}
