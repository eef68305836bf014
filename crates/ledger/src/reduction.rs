//! What a 査定 takes away（rules.md E4）: the claim computed from the claimed units less the claim computed from the
//! decided units, each truncated by itself, per service type.

use kokuho::{Claim, ServiceLine, Yen};

/// Returns the yen lost when `line` of `claim` is decided with `change` more units (negative: fewer).
pub(crate) fn yen_lost(claim: &Claim, line: &ServiceLine, change: i64) -> Yen {
    let decided = (line.units + change).max(0);
    share_at(claim, line, line.units) - share_at(claim, line, decided)
}

/// Insurance and public share of a service type at `units`.
fn share_at(claim: &Claim, line: &ServiceLine, units: i64) -> Yen {
    let cost = cost(line, units);
    let insurance = percent(cost, insured_rate(claim));
    if line.public_units == 0 && line.public == Yen::ZERO {
        return Yen(insurance);
    }
    // 公費本人負担額 does not stand on the line; it is what the public part leaves, and a reduction does not change it.
    let own_burden = public_part(claim, line, line.units).saturating_sub(line.public.0).max(0);
    Yen(insurance + (public_part(claim, line, units) - own_burden).max(0))
}

/// What public payers cover at `units` before 公費本人負担額（rules.md A7, A8）.
fn public_part(claim: &Claim, line: &ServiceLine, units: i64) -> i64 {
    let insured = insured_rate(claim);
    let covered =
        claim.public_shares.iter().map(|share| i64::from(share.rate)).max().filter(|rate| *rate > 0).unwrap_or(100);
    let whole_month = line.public_units >= line.units;
    if whole_month && covered == 100 {
        let cost = cost(line, units);
        return cost - percent(cost, insured);
    }
    let public_units = if whole_month { units } else { line.public_units.min(units) };
    percent(cost(line, public_units), (covered - insured).max(0))
}

/// Percent that the insurance pays: nothing for 生活保護単独, whatever rate a vendor writes there（rules.md B3）.
fn insured_rate(claim: &Claim) -> i64 {
    if claim.insured.is_public_only() { 0 } else { i64::from(claim.rate) }
}

fn cost(line: &ServiceLine, units: i64) -> i64 {
    units.saturating_mul(line.unit_price).div_euclid(100)
}

fn percent(yen: i64, rate: i64) -> i64 {
    yen.saturating_mul(rate).div_euclid(100)
}
