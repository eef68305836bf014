use calendar::Month;
use chrono::NaiveDate;

use crate::{InsuredNumber, InsurerNumber, OfficeNumber, Yen};

/// A notice of 国保連 whose content the program uses. Others are kept and shown by their layout alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// 7411, 7421: 返戻（保留）一覧表.
    Returns(ReturnList),
    /// 7211, 7221, 7231: 審査決定増減表.
    Changes(ChangeTable),
    /// 7311: 審査増減単位数通知書.
    Reductions(ReductionNotice),
    /// 7521, 7541, 7551: 支払決定額内訳書.
    Payments(PaymentDetail),
    /// 7511, 7513: 支払決定額通知書.
    Transfer(TransferNotice),
    /// 7611, 7631: 過誤決定通知書.
    Kago(KagoNotice),
}

/// What every notice says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeHead {
    /// 交換情報識別番号, for example `7411`.
    pub exchange_id: String,
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 事業所名.
    pub office_name: String,
    /// 審査年月 = 処理対象年月 of the claims that it answers.
    pub processing_month: Month,
    /// 作成年月日, when it is a date.
    pub issued: Option<NaiveDate>,
}

/// 7411 item 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReturnTarget {
    /// 請: 請求明細書.
    Statement,
    /// サ: サービス計画費請求明細書.
    CarePlan,
    /// 給: 給付管理票.
    BenefitManagement,
}

/// 返戻（保留）一覧表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnList {
    /// Head.
    pub head: NoticeHead,
    /// Rows in file order; several rows may be one claim.
    pub lines: Vec<ReturnLine>,
}

/// One row of the 返戻（保留）一覧表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnLine {
    /// 保険者番号.
    pub insurer: InsurerNumber,
    /// 保険者名.
    pub insurer_name: String,
    /// 被保険者番号.
    pub insured: InsuredNumber,
    /// 被保険者カナ氏名, half-width kana as in the file.
    pub insured_kana: String,
    /// 種別; `None` when the file carries none of 請, サ, 給.
    pub target: Option<ReturnTarget>,
    /// サービス提供年月.
    pub service_month: Month,
    /// サービス種類コード; may be blank.
    pub service_type: String,
    /// 単位数 of the whole claim, repeated on each row.
    pub units: i64,
    /// 事由: A to E; may be blank.
    pub reason: String,
    /// 内容, as in the file.
    pub content: String,
    /// 備考, NFKC and without blanks: `12PA`, `保留`, `返戻` or empty.
    pub remark: String,
}

/// 審査決定増減表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeTable {
    /// Head.
    pub head: NoticeHead,
    /// Rows per insurer and service month.
    pub rows: Vec<InsurerChange>,
    /// 請求差 of the total row: count and yen; `None` where left blank.
    pub claim_difference: (Option<i64>, Option<Yen>),
    /// Totals as printed.
    pub totals: ChangeTotals,
}

/// Counts and units of a row of the 審査決定増減表（介護 columns）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeTotals {
    /// 返戻: count, units.
    pub returned: (i64, i64),
    /// 査定増減: count, units (negative when reduced).
    pub assessed: (i64, i64),
    /// 保留: count, units.
    pub held: (i64, i64),
    /// 保留復活: count, units.
    pub released: (i64, i64),
}

/// One row of the 審査決定増減表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsurerChange {
    /// 保険者番号.
    pub insurer: InsurerNumber,
    /// サービス提供年月.
    pub service_month: Month,
    /// Counts and units.
    pub counts: ChangeTotals,
}

/// 審査増減単位数通知書 (7311).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReductionNotice {
    /// Head.
    pub head: NoticeHead,
    /// Rows in file order.
    pub lines: Vec<ReductionLine>,
}

/// One row of the 審査増減単位数通知書.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReductionLine {
    /// 保険者番号.
    pub insurer: InsurerNumber,
    /// 被保険者番号.
    pub insured: InsuredNumber,
    /// サービス提供年月.
    pub service_month: Month,
    /// サービス種類コード.
    pub service_type: String,
    /// 増減単位数: stands on the last row of a person, month and type (rules.md E11); `None` elsewhere.
    pub units: Option<i64>,
    /// 増減事由: A to G.
    pub reason: String,
}

/// 支払決定額内訳書.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDetail {
    /// Head.
    pub head: NoticeHead,
    /// Rows per insurer, month and service type.
    pub lines: Vec<PaymentLine>,
    /// T1: decided, 介護給付費 + 特定入所者給付費.
    pub decided: Yen,
    /// T2: 過誤調整, already negative.
    pub kago: Yen,
    /// T3: payable.
    pub payable: Yen,
}

/// One row of the 支払決定額内訳書.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// 保険者番号, or the number of the 公費負担者 for 生活保護単独.
    pub insurer: InsurerNumber,
    /// サービス提供年月.
    pub service_month: Month,
    /// サービス種類コード.
    pub service_type: String,
    /// 件数.
    pub count: i64,
    /// 単位数.
    pub units: i64,
    /// 金額（費用）.
    pub cost: Yen,
    /// 介護給付費 + 特定入所者給付費.
    pub benefit: Yen,
}

/// 支払決定額通知書 (7511 with 20 items, 7513 with 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferNotice {
    /// Head; `issued` is the day of the transfer.
    pub head: NoticeHead,
    /// 振込金額 (item 10).
    pub transfer: Yen,
    /// 介護給付費支払額 (item 11).
    pub care: Yen,
    /// 総合事業費支払額 (item 16 of 7513; 0 in 7511).
    pub project: Yen,
    /// 電子証明書発行手数料 (item 17 of 7513), negative.
    pub certificate_fee: Yen,
}

/// 過誤決定通知書.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KagoNotice {
    /// Head.
    pub head: NoticeHead,
    /// Rows in file order.
    pub lines: Vec<KagoLine>,
}

/// One row of the 過誤決定通知書.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KagoLine {
    /// 保険者番号.
    pub insurer: InsurerNumber,
    /// 被保険者番号.
    pub insured: InsuredNumber,
    /// 被保険者氏名, as in the file.
    pub insured_name: String,
    /// サービス提供年月.
    pub service_month: Month,
    /// サービス種類コード.
    pub service_type: String,
    /// 過誤申立事由コード, four digits.
    pub reason: String,
    /// Units taken back (negative).
    pub units: i64,
    /// 保険者負担額 + 公費負担額 taken back (negative).
    pub yen: Yen,
}
