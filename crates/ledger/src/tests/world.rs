//! A compact language for scenarios: `World::on("2026-07-25").sends(…).gets(…)`.

use std::collections::BTreeMap;

use calendar::Month;
use chrono::NaiveDate;
use kokuho::{
    ChangeTable, ChangeTotals, Claim, ClaimRole, InsuredNumber, InsurerChange, InsurerNumber, KagoLine, KagoNotice,
    Notice, NoticeHead, OfficeNumber, PaymentDetail, PublicShare, ReductionLine, ReductionNotice, ReturnLine,
    ReturnList, ReturnTarget, ServiceLine, TransferNotice, Yen,
};

use crate::{
    Area, Balance, Books, Case, CaseKey, CaseKind, Decision, DecisionKind, Ledger, Sent, sent, settle,
    settle_with_areas,
};

pub const OFFICE: &str = "9970000015";
pub const INSURER: &str = "990010";

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[derive(Debug, Clone)]
pub struct World {
    pub claims: Vec<Claim>,
    pub notices: Vec<Notice>,
    pub decisions: Vec<Decision>,
    pub today: NaiveDate,
}

impl World {
    pub fn on(today: &str) -> Self {
        Self { claims: Vec::new(), notices: Vec::new(), decisions: Vec::new(), today: date(today) }
    }

    pub fn today(mut self, today: &str) -> Self {
        self.today = date(today);
        self
    }

    pub fn sends(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    pub fn gets(mut self, notice: Notice) -> Self {
        self.notices.push(notice);
        self
    }

    pub fn decides(mut self, key: CaseKey, kind: DecisionKind, at: &str) -> Self {
        self.decisions.push(Decision { key, kind, at: at.parse().unwrap() });
        self
    }

    pub fn books(&self) -> Books<'_> {
        Books { claims: &self.claims, notices: &self.notices, decisions: &self.decisions, today: self.today }
    }

    pub fn settle(&self) -> Ledger {
        settle(&self.books())
    }

    pub fn sent(&self) -> Vec<Sent> {
        sent(&self.books(), &BTreeMap::new())
    }

    pub fn settle_in(&self, area: Area) -> Ledger {
        settle_with_areas(&self.books(), &BTreeMap::from([(OfficeNumber::from_file(OFFICE), area)]))
    }

    /// The only case.
    #[track_caller]
    pub fn case(&self) -> Case {
        let cases = self.settle().cases;
        assert_eq!(cases.len(), 1, "{cases:#?}");
        cases.into_iter().next().unwrap()
    }

    /// The case of a person that is no reduction.
    #[track_caller]
    pub fn case_of(&self, person: &str) -> Case {
        let insured = InsuredNumber::from_file(person);
        let cases: Vec<Case> = self
            .settle()
            .cases
            .into_iter()
            .filter(|case| case.key.insured == insured && case.kind != CaseKind::Assessed)
            .collect();
        assert_eq!(cases.len(), 1, "{cases:#?}");
        cases.into_iter().next().unwrap()
    }

    #[track_caller]
    pub fn balance(&self, text: &str) -> Balance {
        let balances = self.settle().balances;
        balances
            .iter()
            .find(|balance| balance.processing_month == month(text))
            .unwrap_or_else(|| panic!("no {text} in {balances:#?}"))
            .clone()
    }

    /// `kind state yen times_returned` of the only case.
    #[track_caller]
    pub fn check(&self, expected: &str) {
        assert_eq!(brief(&self.case()), expected, "{:#?}", self.case());
    }

    /// The same as [`World::check`] for one person of several.
    #[track_caller]
    pub fn check_of(&self, person: &str, expected: &str) {
        assert_eq!(brief(&self.case_of(person)), expected, "{:#?}", self.case_of(person));
    }

    #[track_caller]
    pub fn check_missing(&self, month: &str, expected: &[&str]) {
        assert_eq!(self.balance(month).missing_notices, expected);
    }
}

pub fn brief(case: &Case) -> String {
    let about = if case.estimated { "~" } else { "" };
    format!("{} {} {about}{} x{}", case.kind.as_str(), case.state.as_str(), case.yen.0, case.times_returned)
}

pub fn story(case: &Case) -> String {
    case.story.iter().map(|event| format!("{} {}", event.month, event.what)).collect::<Vec<_>>().join(" / ")
}

/// Closes a case.
pub fn close(reason: &str) -> DecisionKind {
    DecisionKind::Close { reason: reason.to_owned() }
}

/// A statement on form 7131 for service type 15 at 10.45 yen and 90 %.
pub fn claim(processing: &str, person: &str, service: &str, units: i64) -> Claim {
    priced(processing, person, service, "7131", &[("15", units, 1045)], 90)
}

/// A statement of one or more service types.
pub fn priced(
    processing: &str,
    person: &str,
    service: &str,
    form: &str,
    lines: &[(&str, i64, i64)],
    rate: u8,
) -> Claim {
    let services: Vec<ServiceLine> = lines
        .iter()
        .map(|(service_type, units, unit_price)| ServiceLine {
            service_type: (*service_type).to_owned(),
            days: 1,
            units: *units,
            unit_price: *unit_price,
            insurance: Yen(units * unit_price / 100 * i64::from(rate) / 100),
            public_units: 0,
            public: Yen::ZERO,
        })
        .collect();
    Claim {
        office: OfficeNumber::from_file(OFFICE),
        processing_month: month(processing),
        service_month: month(service),
        insurer: InsurerNumber::from_file(INSURER),
        insured: InsuredNumber::from_file(person),
        exchange_id: form.to_owned(),
        role: match &form[..1] {
            "7" => ClaimRole::Statement,
            _ if form.starts_with("82") => ClaimRole::BenefitManagement,
            _ => ClaimRole::CarePlan,
        },
        units: services.iter().map(|line| line.units).sum(),
        insurance: services.iter().map(|line| line.insurance).sum(),
        public: Yen::ZERO,
        own_burden: services.iter().map(|line| Yen(line.units * line.unit_price / 100) - line.insurance).sum(),
        rate,
        public_shares: Vec::new(),
        services,
        line: 4,
    }
}

/// 給付管理票.
pub fn plan_sheet(processing: &str, person: &str, service: &str) -> Claim {
    priced(processing, person, service, "8222", &[], 0)
}

/// The same claim with a public payer at 100 % for what the insurance leaves, less `own_burden`（rules.md A7）.
pub fn with_public(mut claim: Claim, payer: &str, own_burden: i64) -> Claim {
    for line in &mut claim.services {
        line.public_units = line.units;
        line.public = Yen(line.units * line.unit_price / 100) - line.insurance - Yen(own_burden);
    }
    claim.public = claim.services.iter().map(|line| line.public).sum();
    claim.own_burden = Yen(own_burden);
    claim.public_shares = vec![PublicShare { payer: payer.to_owned(), rate: 100, yen: claim.public }];
    claim
}

pub fn head(exchange_id: &str, processing: &str) -> NoticeHead {
    NoticeHead {
        exchange_id: exchange_id.to_owned(),
        office: OfficeNumber::from_file(OFFICE),
        office_name: "テスト通所介護事業所".to_owned(),
        processing_month: month(processing),
        issued: None,
    }
}

/// A row of 7411 for 種別 請, service type 15.
pub fn row(person: &str, service: &str, units: i64, remark: &str) -> ReturnLine {
    ReturnLine {
        insurer: InsurerNumber::from_file(INSURER),
        insurer_name: "架空市".to_owned(),
        insured: InsuredNumber::from_file(person),
        insured_kana: "ﾃｽﾄ ｲﾁﾛｳ".to_owned(),
        target: Some(ReturnTarget::Statement),
        service_month: month(service),
        service_type: "15".to_owned(),
        units,
        reason: "B".to_owned(),
        content: format!("内容 {remark}"),
        remark: remark.to_owned(),
    }
}

/// The same row for another 種別 and service type.
pub fn row_for(target: ReturnTarget, service_type: &str, row: ReturnLine) -> ReturnLine {
    ReturnLine { target: Some(target), service_type: service_type.to_owned(), ..row }
}

pub fn returns(processing: &str, lines: &[ReturnLine]) -> Notice {
    Notice::Returns(ReturnList { head: head("7411", processing), lines: lines.to_vec() })
}

/// Counts of a 7211 row: `[returned, assessed, held, released]`, each as count and units.
pub type Counts = [(i64, i64); 4];

pub fn changes(exchange_id: &str, processing: &str, rows: &[(&str, &str, Counts)]) -> Notice {
    let counts = |[returned, assessed, held, released]: Counts| ChangeTotals { returned, assessed, held, released };
    let mut sums = [(0, 0); 4];
    for (_, _, row) in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum = (sum.0 + value.0, sum.1 + value.1);
        }
    }
    Notice::Changes(ChangeTable {
        head: head(exchange_id, processing),
        rows: rows
            .iter()
            .map(|(insurer, service, row)| InsurerChange {
                insurer: InsurerNumber::from_file(insurer),
                service_month: month(service),
                counts: counts(*row),
            })
            .collect(),
        claim_difference: (None, None),
        totals: counts(sums),
    })
}

/// A 7211 with one row that lists a release only.
pub fn releases(processing: &str, service: &str, count: i64, units: i64) -> Notice {
    changes("7211", processing, &[(INSURER, service, [(0, 0), (0, 0), (0, 0), (count, units)])])
}

/// A 7211 with one row for returned and held claims.
pub fn counts(processing: &str, service: &str, returned: (i64, i64), held: (i64, i64)) -> Notice {
    changes("7211", processing, &[(INSURER, service, [returned, (0, 0), held, (0, 0)])])
}

pub fn pays(exchange_id: &str, processing: &str, decided: i64, kago: i64) -> Notice {
    Notice::Payments(PaymentDetail {
        head: head(exchange_id, processing),
        lines: Vec::new(),
        decided: Yen(decided),
        kago: Yen(kago),
        payable: Yen(decided + kago),
    })
}

pub fn transfers(processing: &str, yen: i64) -> Notice {
    Notice::Transfer(TransferNotice {
        head: head("7513", processing),
        transfer: Yen(yen),
        care: Yen(yen),
        project: Yen::ZERO,
        certificate_fee: Yen::ZERO,
    })
}

pub fn takes_back(
    exchange_id: &str,
    processing: &str,
    person: &str,
    service: &str,
    service_type: &str,
    units: i64,
    yen: i64,
) -> Notice {
    Notice::Kago(KagoNotice {
        head: head(exchange_id, processing),
        lines: vec![KagoLine {
            insurer: InsurerNumber::from_file(INSURER),
            insured: InsuredNumber::from_file(person),
            insured_name: "ﾃｽﾄ ｲﾁﾛｳ".to_owned(),
            service_month: month(service),
            service_type: service_type.to_owned(),
            reason: "1002".to_owned(),
            units: -units,
            yen: Yen(-yen),
        }],
    })
}

pub fn reduces(processing: &str, rows: &[(&str, &str, &str, Option<i64>, &str)]) -> Notice {
    Notice::Reductions(ReductionNotice {
        head: head("7311", processing),
        lines: rows
            .iter()
            .map(|(person, service, service_type, units, reason)| ReductionLine {
                insurer: InsurerNumber::from_file(INSURER),
                insured: InsuredNumber::from_file(person),
                service_month: month(service),
                service_type: (*service_type).to_owned(),
                units: *units,
                reason: (*reason).to_owned(),
            })
            .collect(),
    })
}

pub fn key(person: &str, service: &str, form: &str) -> CaseKey {
    CaseKey {
        office: OfficeNumber::from_file(OFFICE),
        insurer: InsurerNumber::from_file(INSURER),
        insured: InsuredNumber::from_file(person),
        service_month: month(service),
        exchange_id: form.to_owned(),
    }
}
