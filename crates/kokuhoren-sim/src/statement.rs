use calendar::Month;
use serde::{Deserialize, Serialize};

/// A statement（明細書） as the review sees it. Yen and units are plain integers here: they are only ever added, compared
/// and written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statement {
    /// 証記載保険者番号 without leading zeros, at least six characters.
    pub insurer: String,
    /// 公費負担者番号 that pays in place of the insurer（生活保護単独）.
    pub payer: Option<String>,
    pub insured: String,
    pub service_month: Month,
    pub exchange_id: String,
    pub kind: Kind,
    /// 総合事業: answered by 7231 and 7551 in place of 7211 and 7521.
    pub project: bool,
    /// Units claimed on the whole statement.
    pub units: i64,
    /// 保険給付率 in percent.
    pub rate: i64,
    /// Claims from the insurer and from a public payer: counts twice in 請求差 (rules.md E3).
    pub shared: bool,
    pub services: Vec<Service>,
    /// 出来高医療費 (緊急時施設療養費, 特定診療費), all service types together.
    pub piecework: Amount,
    /// 特定入所者介護サービス費等.
    pub resident: Amount,
    /// Days of 特定入所者介護サービス費等.
    pub resident_days: i64,
}

/// What kind of statement it is; the character that 7411 prints as 種別.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    Statement,
    CarePlan,
    BenefitManagement,
}

impl Kind {
    pub fn mark(self) -> &'static str {
        match self {
            Self::Statement => "請",
            Self::CarePlan => "サ",
            Self::BenefitManagement => "給",
        }
    }
}

/// A cost and the part of it that insurer and public payers bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Amount {
    pub cost: i64,
    pub benefit: i64,
}

/// One service type of a statement（集計情報）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Service {
    pub code: String,
    pub days: i64,
    pub units: i64,
    /// Unit price in hundredths of a yen.
    pub price: i64,
    pub insurance: i64,
    pub public: i64,
}

impl Service {
    /// Returns 費用: units times price, truncated to the yen.
    pub fn cost(&self) -> i64 {
        cost(self.units, self.price)
    }

    pub fn benefit(&self) -> i64 {
        self.insurance + self.public
    }

    /// Returns what would be paid for `units`, when the claimed amounts follow from the claimed units: by the insurer alone,
    /// or by insurer and public payers together for the whole cost. Each figure is truncated by itself (rules.md A5, A7, E4).
    pub fn benefit_of(&self, units: i64, rate: i64) -> Option<i64> {
        let insurance_of = |units| cost(units, self.price) * rate / 100;
        if self.public == 0 && self.insurance > 0 && self.insurance == insurance_of(self.units) {
            Some(insurance_of(units))
        } else if self.public > 0 && self.benefit() == self.cost() {
            Some(cost(units, self.price))
        } else {
            None
        }
    }
}

fn cost(units: i64, price: i64) -> i64 {
    units * price / 100
}

impl Statement {
    /// Returns what identifies the claim, across months and files.
    pub fn key(&self, office: &str) -> String {
        format!("{office}/{}/{}/{}/{}", self.insurer, self.insured, self.service_month, self.exchange_id)
    }

    /// Returns what 国保連 is asked to pay without 特定入所者介護サービス費等, which notices print in columns of its own.
    pub fn care_benefit(&self) -> i64 {
        self.services.iter().map(Service::benefit).sum::<i64>() + self.piecework.benefit
    }

    /// Returns whether it asks for money; 給付管理票 do not.
    pub fn carries_money(&self) -> bool {
        self.kind != Kind::BenefitManagement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(units: i64, price: i64, insurance: i64, public: i64) -> Service {
        Service { code: "15".to_owned(), days: 1, units, price, insurance, public }
    }

    /// The published worked example (rules.md E4): 6515 units claimed, 5427 decided.
    #[test]
    fn truncates_each_side_of_a_reduction() {
        let plain = service(6515, 1099, 64439, 0);
        assert_eq!(plain.benefit_of(6515, 90), Some(64439));
        assert_eq!(plain.benefit_of(5427, 90), Some(53677));
    }

    #[test]
    fn with_public_funds_the_whole_cost_is_paid() {
        let whole = service(8922, 1045, 83910, 9324);
        assert_eq!(whole.benefit_of(8921, 90), Some(93224));
    }

    #[test]
    fn knows_no_formula_for_partial_public_funds() {
        assert_eq!(service(8922, 1045, 83910, 4000).benefit_of(8921, 90), None);
        assert_eq!(service(8922, 1045, 83911, 0).benefit_of(8921, 90), None);
    }
}
