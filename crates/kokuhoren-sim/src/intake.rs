//! 受付: takes a file or refuses it. The ids of the messages (`KD01`, `KF-A5`) are ours; those of the field are not public.

use std::collections::BTreeMap;

use calendar::{ClaimWindow, Month};
use chrono::NaiveDate;
use kokuho::{Claim, ClaimRole, FileKind, Interchange, Row, Severity};

use crate::statement::{Amount, Kind, Service, Statement};

/// What becomes of a file.
pub(crate) enum Intake {
    /// 5C10: it does not reach the federation. Nothing is accepted.
    Undeliverable(String),
    /// 5C04: errors of form. Nothing is accepted.
    Refused { office: String, processing_month: Month, message: String },
    /// Accepted; without claims when it is a test.
    Accepted { office: String, processing_month: Month, test: bool, claims: Vec<Statement> },
}

/// Judges a file that was sent on `today`.
pub(crate) fn take(bytes: &[u8], today: NaiveDate) -> Intake {
    let file = match kokuho::read(bytes) {
        Ok(file) => file,
        Err(refusal) => {
            return Intake::Undeliverable(format!("[KD01] 請求ファイルとして読み取れません。（{refusal}）"));
        }
    };
    let Some(processing_month) = file.processing_month() else {
        return Intake::Undeliverable(
            "[KD02] 処理対象年月が正しくありません。コントロールレコードの11項を確認してください。".to_owned(),
        );
    };
    let office = file.office().as_str().to_owned();
    if let Some(message) = errors_of_form(bytes) {
        return Intake::Refused { office, processing_month, message };
    }
    let window = ClaimWindow { processing_month };
    // A test is taken on any day: nothing is claimed by it.
    if !file.is_test() && !window.is_open(today) {
        let (opens, closes) = (window.opens().format("%-m月%-d日"), window.closes().format("%-m月%-d日"));
        let message = format!(
            "[KD03] {}月審査分の受付期間（{opens}から{closes}まで）ではありません。処理対象年月を確認してください。",
            processing_month.month()
        );
        return Intake::Undeliverable(message);
    }
    let test = file.is_test();
    let claims = if test { Vec::new() } else { statements(&file) };
    Intake::Accepted { office, processing_month, test, claims }
}

/// Returns the first error with the number of the others, or `None` when the file is good enough to be taken.
fn errors_of_form(bytes: &[u8]) -> Option<String> {
    let report = match kokuho::check(bytes, None) {
        Ok(report) => report,
        Err(refusal) => return Some(format!("[KD01] 請求ファイルとして読み取れません。（{refusal}）")),
    };
    if !matches!(report.kind, FileKind::Claim | FileKind::BenefitManagement) {
        return Some("[KD04] 請求明細書でも給付管理票でもありません。".to_owned());
    }
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let first = errors.first()?;
    let line = if first.line == 0 { String::new() } else { format!("{}行目：", first.line) };
    let others = if errors.len() == 1 { String::new() } else { format!("（ほか{}件）", errors.len() - 1) };
    Some(format!("[KF-{}] {line}{}{others}", first.rule, first.message))
}

fn statements(file: &Interchange) -> Vec<Statement> {
    let extras = extras(file);
    kokuho::claims(file).into_iter().map(|claim| statement(claim, &extras)).collect()
}

fn statement(claim: Claim, extras: &BTreeMap<u64, Extra>) -> Statement {
    let extra = extras.get(&claim.line).copied().unwrap_or_default();
    let public_only = claim.insured.is_public_only();
    let services = claim.services.into_iter().map(|line| Service {
        code: line.service_type,
        days: line.days,
        units: line.units,
        price: line.unit_price,
        insurance: line.insurance.0,
        public: line.public.0,
    });
    let project =
        claim.exchange_id.starts_with("71R") || matches!(claim.exchange_id.as_str(), "71P1" | "8161" | "8171");
    Statement {
        insurer: claim.insurer.as_str().to_owned(),
        payer: claim.public_shares.first().filter(|_| public_only).map(|share| share.payer.clone()),
        insured: claim.insured.as_str().to_owned(),
        service_month: claim.service_month,
        kind: match claim.role {
            ClaimRole::Statement => Kind::Statement,
            ClaimRole::CarePlan => Kind::CarePlan,
            ClaimRole::BenefitManagement => Kind::BenefitManagement,
        },
        project,
        units: claim.units,
        rate: i64::from(claim.rate),
        shared: !public_only && !claim.public_shares.is_empty(),
        services: services.collect(),
        piecework: extra.piecework,
        resident: extra.resident,
        resident_days: extra.resident_days,
        exchange_id: claim.exchange_id,
    }
}

/// What a statement claims beside its services; notices print it in columns of its own.
#[derive(Debug, Clone, Copy, Default)]
struct Extra {
    piecework: Amount,
    resident: Amount,
    resident_days: i64,
}

/// Finds 出来高 and 特定入所者 of each statement, by the line of its base record (01).
fn extras(file: &Interchange) -> BTreeMap<u64, Extra> {
    let mut extras: BTreeMap<u64, Extra> = BTreeMap::new();
    let mut line = 0;
    for row in file.rows.iter().filter(|row| row.exchange_id().starts_with("71")) {
        match row.item(2) {
            "01" => line = row.line,
            "10" => {
                let benefit = sum(row, &[28, 31, 34, 37]);
                let extra = extras.entry(line).or_default();
                extra.piecework.benefit += benefit;
                extra.piecework.cost += benefit + sum(row, &[29, 32, 35, 38]);
            }
            "11" => add_resident(extras.entry(line).or_default(), row),
            _ => {}
        }
    }
    extras
}

/// Record 11: days on each row, totals on the row with sequence number 99.
fn add_resident(extra: &mut Extra, row: &Row) {
    extra.resident_days += sum(row, &[12]);
    if row.item(7) == "99" {
        let benefit = sum(row, &[23, 26, 29, 32]);
        extra.resident.benefit += benefit;
        extra.resident.cost += benefit + sum(row, &[24, 27, 30, 33]);
    }
}

fn sum(row: &Row, items: &[usize]) -> i64 {
    items.iter().filter_map(|no| row.number(*no)).sum()
}
