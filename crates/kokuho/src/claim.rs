use calendar::Month;

use crate::{InsuredNumber, InsurerNumber, OfficeNumber, Yen};

/// What kind of statement a [`Claim`] is; decides how a notice names it（種別）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimRole {
    /// 請求明細書 (71xx): 種別 請.
    Statement,
    /// サービス計画費請求明細書 (8124, 8125, 8171): 種別 サ.
    CarePlan,
    /// 給付管理票 (8222 and its forerunners): 種別 給. Carries no money.
    BenefitManagement,
}

/// One statement（明細書） of one person for one service month, as a claim file carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月 (control item 11): the month in which it is sent and reviewed.
    pub processing_month: Month,
    /// サービス提供年月.
    pub service_month: Month,
    /// 証記載保険者番号.
    pub insurer: InsurerNumber,
    /// 被保険者番号.
    pub insured: InsuredNumber,
    /// 交換情報識別番号, for example `7131`.
    pub exchange_id: String,
    /// Kind of statement.
    pub role: ClaimRole,
    /// Units claimed: 01 item 33, of 生活保護単独 item 39 (8124: total of its lines; 0 for 給付管理票).
    pub units: i64,
    /// Insurance share claimed（保険請求額）: services, 出来高 and 特定入所者.
    pub insurance: Yen,
    /// Public shares claimed（公費請求額）, all payers together.
    pub public: Yen,
    /// What the person pays（利用者負担額 and 公費本人負担額）.
    pub own_burden: Yen,
    /// Rate of the insurance in percent (01 item 29); 100 for plan claims, 0 when absent.
    pub rate: u8,
    /// Public payers in their order, at most three.
    pub public_shares: Vec<PublicShare>,
    /// One entry per 集計情報 record (service type); empty for 給付管理票.
    pub services: Vec<ServiceLine>,
    /// Line in the file where the statement begins, from 1.
    pub line: u64,
}

impl Claim {
    /// Returns insurance and public share together: what the office is paid.
    pub fn amount(&self) -> Yen {
        self.insurance + self.public
    }
}

/// A public payer on a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicShare {
    /// 公費負担者番号, as in the file.
    pub payer: String,
    /// 公費給付率 in percent.
    pub rate: u8,
    /// 公費請求額.
    pub yen: Yen,
}

/// The total of one service type on a statement（集計情報, record 10）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// サービス種類コード, two characters.
    pub service_type: String,
    /// Days (10.8).
    pub days: i64,
    /// Units paid for (10.14; of 生活保護単独 10.18 where 10.14 is empty).
    pub units: i64,
    /// Unit price in hundredths of a yen (10.45 yen = 1045).
    pub unit_price: i64,
    /// Insurance share (10.16).
    pub insurance: Yen,
    /// Public units of the first payer (10.18).
    pub public_units: i64,
    /// Public shares (10.19 + 10.22 + 10.25).
    pub public: Yen,
}
