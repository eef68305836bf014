//! The attempts of one office, and which claim a row of a notice means.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use kokuho::{Claim, ClaimRole, InsuredNumber, InsurerNumber, ReturnTarget};

use crate::papers::Papers;
use crate::services::{self, BENEFIT_MANAGEMENT};

/// A claim key within one office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyRef<'a> {
    pub(crate) insured: &'a InsuredNumber,
    pub(crate) service_month: Month,
    pub(crate) insurer: &'a InsurerNumber,
    pub(crate) form: &'a str,
}

impl<'a> KeyRef<'a> {
    pub(crate) fn of(claim: &'a Claim) -> Self {
        Self { insured: &claim.insured, service_month: claim.service_month, insurer: &claim.insurer, form: form(claim) }
    }
}

/// Returns the exchange id that stands in the claim's key.
pub(crate) fn form(claim: &Claim) -> &str {
    match claim.role {
        ClaimRole::BenefitManagement => BENEFIT_MANAGEMENT,
        ClaimRole::Statement | ClaimRole::CarePlan => &claim.exchange_id,
    }
}

/// What a row of a notice says about the claim that it means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mention<'a> {
    pub(crate) insurer: &'a InsurerNumber,
    pub(crate) insured: &'a InsuredNumber,
    pub(crate) service_month: Month,
    /// 種別; `None` where the notice has none.
    pub(crate) target: Option<ReturnTarget>,
    /// サービス種類コード; may be blank.
    pub(crate) service_type: &'a str,
    /// Units of the whole claim, 0 when the notice does not tell them.
    pub(crate) units: i64,
}

/// One claim per key and 処理対象年月.
pub(crate) struct Attempts<'a> {
    /// Sorted by key, then 処理対象年月.
    sorted: Vec<&'a Claim>,
    /// The only statement form of the office, when there is only one.
    only_form: Option<&'a str>,
    /// Of each key and month with different statements: the one that counts, and another one.
    replaced: Vec<(&'a Claim, &'a Claim)>,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(mut claims: Vec<&'a Claim>, papers: &BTreeMap<Month, Papers<'a>>) -> Self {
        claims.sort_by(|a, b| (KeyRef::of(a), a.processing_month).cmp(&(KeyRef::of(b), b.processing_month)));
        let mut sorted: Vec<&'a Claim> = Vec::with_capacity(claims.len());
        let mut replaced = Vec::new();
        for same in claims.chunk_by(|a, b| KeyRef::of(a) == KeyRef::of(b) && a.processing_month == b.processing_month) {
            let Some(chosen) = same.iter().copied().reduce(|a, b| prefer(a, b, papers)) else { continue };
            let others = same.iter().copied().filter(|other| !same_content(other, chosen));
            replaced.extend(others.max_by_key(|other| other.amount()).map(|other| (chosen, other)));
            sorted.push(chosen);
        }
        let forms: BTreeSet<&str> = sorted
            .iter()
            .filter(|claim| claim.role == ClaimRole::Statement)
            .map(|claim| claim.exchange_id.as_str())
            .collect();
        let only_form = if forms.len() == 1 { forms.first().copied() } else { None };
        Self { sorted, only_form, replaced }
    }

    /// Returns all attempts, by key and then by month.
    pub(crate) fn all(&self) -> &[&'a Claim] {
        &self.sorted
    }

    /// Returns, for each key and month with different statements, the one that counts and another one.
    pub(crate) fn replaced(&self) -> &[(&'a Claim, &'a Claim)] {
        &self.replaced
    }

    /// Returns the attempts of a key, oldest first.
    pub(crate) fn of_key(&self, key: KeyRef<'_>) -> &[&'a Claim] {
        self.range(|claim| KeyRef::of(claim).cmp(&key))
    }

    fn of_person(&self, insured: &InsuredNumber, service_month: Month) -> &[&'a Claim] {
        self.range(|claim| (&claim.insured, claim.service_month).cmp(&(insured, service_month)))
    }

    fn range(&self, compare: impl Fn(&Claim) -> Ordering) -> &[&'a Claim] {
        let start = self.sorted.partition_point(|claim| compare(claim) == Ordering::Less);
        let length = self.sorted[start..].partition_point(|claim| compare(claim) == Ordering::Equal);
        &self.sorted[start..start + length]
    }

    /// Returns the key that a notice of `month` means（MONEY 3）: an attempt of that month with the row's service type,
    /// then one of another month, then any attempt of that month, then what the service type itself tells. Where the notice
    /// has no 種別 to vouch for it, a service type of another form means another claim.
    pub(crate) fn resolve(&self, mention: &Mention<'a>, month: Month) -> KeyRef<'a> {
        let candidates: Vec<&'a Claim> = self
            .of_person(mention.insured, mention.service_month)
            .iter()
            .copied()
            .filter(|claim| is_meant(claim, mention))
            .collect();
        let named = |form: &'a str| KeyRef {
            insured: mention.insured,
            service_month: mention.service_month,
            insurer: candidates.first().map_or(mention.insurer, |claim| &claim.insurer),
            form,
        };
        if mention.target == Some(ReturnTarget::BenefitManagement) {
            return named(BENEFIT_MANAGEMENT);
        }

        let has_type = |claim: &Claim| {
            !mention.service_type.is_empty()
                && claim.services.iter().any(|line| line.service_type == mention.service_type)
        };
        let this_month = |claim: &Claim| claim.processing_month == month;
        let by_type = services::form(mention.service_type, mention.service_month).filter(|form| {
            // A row marked サ never means a statement of services, whatever type stands in it.
            mention.target.is_none_or(|target| services::is_care_plan(form) == (target == ReturnTarget::CarePlan))
        });
        let has_form = |claim: &Claim| Some(form(claim)) == by_type;
        let is_vouched_for = mention.target.is_some() || by_type.is_none();
        let found = best(&candidates, mention, |claim| this_month(claim) && has_type(claim))
            .or_else(|| best(&candidates, mention, has_type))
            .or_else(|| best(&candidates, mention, |claim| this_month(claim) && (is_vouched_for || has_form(claim))))
            .or_else(|| best(&candidates, mention, has_form));
        if let Some(claim) = found {
            return KeyRef::of(claim);
        }
        if let Some(form) = by_type {
            return named(form);
        }
        if let Some(claim) = best(&candidates, mention, |_| true) {
            return KeyRef::of(claim);
        }
        match mention.target {
            Some(ReturnTarget::CarePlan) => named("8124"),
            _ => named(self.only_form.unwrap_or("")),
        }
    }
}

/// Returns whether a notice row can mean this claim at all, apart from its form.
fn is_meant(claim: &Claim, mention: &Mention<'_>) -> bool {
    let role = match mention.target {
        Some(ReturnTarget::Statement) => claim.role == ClaimRole::Statement,
        Some(ReturnTarget::CarePlan) => claim.role == ClaimRole::CarePlan,
        Some(ReturnTarget::BenefitManagement) => claim.role == ClaimRole::BenefitManagement,
        None => claim.role != ClaimRole::BenefitManagement,
    };
    // A row may name the public payer in place of the insurer.
    role && (claim.insurer == *mention.insurer || has_payer(claim, mention.insurer))
}

/// Returns whether the totals of a notice are expected to count this claim under `number`: 生活保護単独 (H numbers) under its
/// public payer, any other claim under its insurer（rules.md E8）.
pub(crate) fn counts_under(claim: &Claim, number: &InsurerNumber) -> bool {
    if claim.insured.is_public_only() { has_payer(claim, number) } else { claim.insurer == *number }
}

fn has_payer(claim: &Claim, number: &InsurerNumber) -> bool {
    claim.public_shares.iter().any(|share| InsurerNumber::from_file(&share.payer) == *number)
}

/// Of several claims that a row can mean, the one with the units of the row, else the first by form.
fn best<'a>(candidates: &[&'a Claim], mention: &Mention<'_>, test: impl Fn(&Claim) -> bool) -> Option<&'a Claim> {
    candidates
        .iter()
        .copied()
        .filter(|claim| test(claim))
        .min_by_key(|claim| (claim.units != mention.units, form(claim)))
}

/// Chooses between two statements for the same key and month. [`crate::Books`] documents the rule.
fn prefer<'a>(a: &'a Claim, b: &'a Claim, papers: &BTreeMap<Month, Papers<'_>>) -> &'a Claim {
    let is_listed = |claim: &Claim| {
        papers.get(&claim.processing_month).is_some_and(|papers| {
            papers.returns.iter().flat_map(|list| &list.lines).any(|line| {
                line.insured == claim.insured && line.service_month == claim.service_month && line.units == claim.units
            })
        })
    };
    let rank = |claim: &Claim| (claim.amount(), claim.units);
    let order =
        rank(a).cmp(&rank(b)).then_with(|| if same_content(a, b) { Ordering::Equal } else { text(a).cmp(&text(b)) });
    let order = if order == Ordering::Equal { order } else { is_listed(a).cmp(&is_listed(b)).then(order) };
    if order == Ordering::Less { b } else { a }
}

/// Compares everything but the place in the file.
fn same_content(a: &Claim, b: &Claim) -> bool {
    (a.units, a.insurance, a.public, a.own_burden, a.rate, &a.exchange_id)
        == (b.units, b.insurance, b.public, b.own_burden, b.rate, &b.exchange_id)
        && a.public_shares == b.public_shares
        && a.services == b.services
}

/// A total order over contents, for the rare tie between unequal statements of the same amount.
fn text(claim: &Claim) -> String {
    format!("{:?}", Claim { line: 0, ..claim.clone() })
}
