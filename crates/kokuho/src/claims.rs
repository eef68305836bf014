use std::collections::HashMap;

use calendar::Month;

use crate::{
    Claim, ClaimRole, FileKind, InsuredNumber, InsurerNumber, Interchange, OfficeNumber, PublicShare, Row, ServiceLine,
    Yen,
};

/// Returns the statements（明細書）of a claim file or the forms of a 給付管理票 file, in file order.
///
/// Empty for other kinds, and when the control record holds no 処理対象年月. Rows without a service month are left out.
/// The amount of a 71xx statement is the sum of its 集計情報 records: services (10.16, 10.19, 10.22, 10.25), 出来高
/// (10.28, 10.31, 10.34, 10.37) and 特定入所者 (11.23, 11.26, 11.29, 11.32 on the row with sequence number 99).
pub fn claims(file: &Interchange) -> Vec<Claim> {
    let Some(processing_month) = file.processing_month() else {
        return Vec::new();
    };
    if !matches!(file.kind(), FileKind::Claim | FileKind::BenefitManagement) {
        return Vec::new();
    }
    of_rows(&file.rows, processing_month)
}

/// Makes the claims of `rows`, which were sent in `processing_month`.
pub(crate) fn of_rows(rows: &[Row], processing_month: Month) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut latest: HashMap<Key<'_>, usize> = HashMap::new();
    for row in rows {
        let Some(key) = Key::of(row) else {
            continue;
        };
        let begins = key.role == ClaimRole::Statement && row.item(2) == "01";
        let at = match latest.get(&key) {
            Some(at) if !begins => *at,
            _ => {
                claims.push(key.begin(processing_month, row.line));
                claims.len() - 1
            }
        };
        latest.insert(key, at);
        if let Some(claim) = claims.get_mut(at) {
            add(claim, row);
        }
    }
    claims
}

/// What makes rows belong to one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'r> {
    role: ClaimRole,
    exchange_id: &'r str,
    service_month: Month,
    office: &'r str,
    insurer: &'r str,
    insured: &'r str,
}

impl<'r> Key<'r> {
    fn of(row: &'r Row) -> Option<Self> {
        let layout = row.layout()?;
        let role = match layout.exchange_id.get(..2)? {
            "71" => ClaimRole::Statement,
            "81" => ClaimRole::CarePlan,
            "82" => ClaimRole::BenefitManagement,
            _ => return None,
        };
        // 請求書 and 総括票 name no person.
        if layout.insured == 0 || layout.exchange_id.starts_with("71B") {
            return None;
        }
        Some(Self {
            role,
            exchange_id: layout.exchange_id,
            service_month: row.service_month()?,
            office: row.item(layout.office),
            insurer: row.item(layout.insurer),
            insured: row.item(layout.insured),
        })
    }

    fn begin(self, processing_month: Month, line: u64) -> Claim {
        Claim {
            office: OfficeNumber::from_file(self.office),
            processing_month,
            service_month: self.service_month,
            insurer: InsurerNumber::from_file(self.insurer),
            insured: InsuredNumber::from_file(self.insured),
            exchange_id: self.exchange_id.to_owned(),
            role: self.role,
            units: 0,
            insurance: Yen::ZERO,
            public: Yen::ZERO,
            own_burden: Yen::ZERO,
            rate: 0,
            public_shares: Vec::new(),
            services: Vec::new(),
            line,
        }
    }
}

fn add(claim: &mut Claim, row: &Row) {
    match (claim.role, row.item(2)) {
        (ClaimRole::Statement, "01") => add_base(claim, row),
        (ClaimRole::Statement, "10") => add_total(claim, row),
        (ClaimRole::Statement, "11") if sequence(row) == Some(99) => add_resident(claim, row),
        (ClaimRole::CarePlan, _) => add_plan(claim, row),
        _ => {}
    }
}

fn units(row: &Row, no: usize) -> i64 {
    row.number(no).unwrap_or(0)
}

/// Units of the insurance, else of the first public payer: 生活保護単独 has the latter alone.
fn units_or_public(row: &Row, no: usize, public: usize) -> i64 {
    match units(row, no) {
        0 => units(row, public),
        units => units,
    }
}

fn yen(row: &Row, numbers: &[usize]) -> Yen {
    numbers.iter().map(|no| Yen(units(row, *no))).sum()
}

fn sequence(row: &Row) -> Option<i64> {
    row.number(row.layout()?.sequence)
}

/// Record 01: who pays. Items 7, 9, 11 name the public payers, 30 to 32 their rates.
fn add_base(claim: &mut Claim, row: &Row) {
    claim.units = units_or_public(row, 33, 39);
    claim.rate = u8::try_from(units(row, 29)).unwrap_or(0);
    for payer in 0..3 {
        let number = row.item(7 + payer * 2);
        if number.bytes().any(|byte| byte != b'0') {
            let rate = u8::try_from(units(row, 30 + payer)).unwrap_or(0);
            claim.public_shares.push(PublicShare { payer: number.to_owned(), rate, yen: Yen::ZERO });
        }
    }
}

/// Adds what each payer pays; a share whose payer record 01 does not name still counts in the sum.
fn add_public(claim: &mut Claim, shares: [Yen; 3]) {
    for (index, share) in shares.into_iter().enumerate() {
        claim.public += share;
        if let Some(payer) = claim.public_shares.get_mut(index) {
            payer.yen += share;
        }
    }
}

fn add_total(claim: &mut Claim, row: &Row) {
    let public = [yen(row, &[19, 31]), yen(row, &[22, 34]), yen(row, &[25, 37])];
    claim.insurance += yen(row, &[16, 28]);
    claim.own_burden += yen(row, &[17, 20, 23, 26, 29, 32, 35, 38]);
    add_public(claim, public);
    claim.services.push(ServiceLine {
        service_type: row.item(7).to_owned(),
        days: units(row, 8),
        units: units_or_public(row, 14, 18),
        unit_price: units(row, 15),
        insurance: yen(row, &[16]),
        public_units: units(row, 18),
        public: yen(row, &[19, 22, 25]),
    });
}

fn add_resident(claim: &mut Claim, row: &Row) {
    claim.insurance += yen(row, &[23]);
    claim.own_burden += yen(row, &[24, 27, 30, 33]);
    add_public(claim, [yen(row, &[26]), yen(row, &[29]), yen(row, &[32])]);
}

/// 8124 and its kin: the row with sequence number 99 carries the totals; 8121 has one row and no sequence number.
fn add_plan(claim: &mut Claim, row: &Row) {
    let old = row.exchange_id() == "8121";
    if !old && sequence(row) != Some(99) {
        return;
    }
    let amount = yen(row, &[if old { 18 } else { 22 }]);
    let counted = units(row, if old { 17 } else { 21 });
    let code = row.item(if old { 16 } else { 17 });
    let public_only = claim.insured.is_public_only();
    let payer = row.item(8);
    claim.units += counted;
    claim.rate = if public_only { 0 } else { 100 };
    if public_only {
        claim.public += amount;
        claim.public_shares.push(PublicShare { payer: payer.to_owned(), rate: 100, yen: amount });
    } else {
        claim.insurance += amount;
    }
    claim.services.push(ServiceLine {
        service_type: code.get(..2).unwrap_or(code).to_owned(),
        days: 0,
        units: counted,
        unit_price: units(row, 6),
        insurance: if public_only { Yen::ZERO } else { amount },
        public_units: if public_only { counted } else { 0 },
        public: if public_only { amount } else { Yen::ZERO },
    });
}
