//! What must be told about an office, worked out from what happened and what is on hand, rule by rule and without looking at
//! a file. It shares no code with the ledger, and finds released sets by trying every one.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;
use chrono::{Datelike, NaiveDate};

use super::life::{Attempt, Counts, Cut, Facts, Key, Listed, TakenBack, price};

/// A row of `returns`, as text so that a difference is read at once.
pub type Told = BTreeSet<String>;

/// Figures of a month: claimed, returned, held, assessed, released, unexplained, decided, kago, payable, paid, unpaid, and
/// the notices that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    pub yen: [i64; 11],
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Untouched,
    Open,
    Reclaimed,
    Held,
    Released,
}

/// What is known of a key.
#[derive(Default)]
struct Known<'f> {
    attempts: BTreeMap<Month, &'f Attempt>,
    listed: BTreeMap<Month, &'f Listed>,
    taken_back: BTreeMap<Month, Vec<&'f TakenBack>>,
    cuts: BTreeMap<Month, Vec<&'f Cut>>,
    stand: Option<Stand>,
    kind: &'static str,
    codes: BTreeSet<String>,
    hold: Option<(Month, i64)>,
    /// Months whose listing continued a hold.
    continued: BTreeSet<Month>,
    released: BTreeMap<Month, i64>,
}

impl Known<'_> {
    fn stand(&self) -> Stand {
        self.stand.unwrap_or(Stand::Untouched)
    }

    fn until(&self, month: Month) -> Option<&Attempt> {
        self.attempts.range(..=month).next_back().map(|(_, attempt)| *attempt)
    }
}

/// Works out rows and figures as of `today`.
pub fn told(months: &[Facts], today: NaiveDate) -> (Told, BTreeMap<Month, Sums>) {
    let mut keys = gather(months);
    for facts in months {
        for known in keys.values_mut() {
            step(known, facts);
        }
        release(&mut keys, facts);
    }
    let prices = Prices::of(months);
    let rows = rows(&keys, months, &prices, today);
    (rows, balances(&keys, months, &prices, today))
}

/// Gathers under each key what is on hand about it. A notice about a claim that is in no file names it as it can.
fn gather(months: &[Facts]) -> BTreeMap<Key, Known<'_>> {
    let mut keys: BTreeMap<Key, Known<'_>> = BTreeMap::new();
    for facts in months.iter().filter(|facts| !facts.lost.contains("claims")) {
        for claim in &facts.claims {
            keys.entry(claim.key.clone()).or_default().attempts.insert(facts.month, claim);
        }
    }
    let on_hand: BTreeSet<Key> = keys.keys().cloned().collect();
    let name = |key: &Key, number: &str| {
        if on_hand.contains(key) { key.clone() } else { Key { insurer: number.to_owned(), ..key.clone() } }
    };
    for facts in months {
        if !facts.lost.contains("7411") {
            for row in &facts.listed {
                keys.entry(name(&row.key, row.key.listed_under())).or_default().listed.insert(facts.month, row);
            }
        }
        for row in &facts.taken_back {
            if !facts.lost.contains(if row.key.is_project() { "7631" } else { "7611" }) {
                let known = keys.entry(name(&row.key, &row.key.insurer)).or_default();
                known.taken_back.entry(facts.month).or_default().push(row);
            }
        }
        for row in facts.cuts.iter().filter(|_| !facts.lost.contains("7311")) {
            let known = keys.entry(name(&row.key, &row.key.insurer)).or_default();
            known.cuts.entry(facts.month).or_default().push(row);
        }
    }
    keys
}

/// Taken back, claimed, reviewed（MONEY 5, 6, 19）.
fn step(known: &mut Known<'_>, facts: &Facts) {
    let month = facts.month;
    if let Some(rows) = known.taken_back.get(&month) {
        known.stand = Some(Stand::Open);
        known.kind = "kago";
        known.codes = rows.iter().map(|row| row.reason.to_owned()).collect();
        known.hold = None;
    }
    let claimed = known.attempts.contains_key(&month);
    if claimed && known.stand.is_some() {
        known.stand = Some(Stand::Reclaimed);
    }
    let Some(row) = known.listed.get(&month) else { return };
    let was_held = known.stand == Some(Stand::Held);
    if was_held {
        known.continued.insert(month);
    }
    if row.held {
        if !was_held {
            known.stand = Some(Stand::Held);
            known.hold = Some((month, row.units));
            known.kind = "held";
            known.codes = BTreeSet::from(["保留".to_owned()]);
        }
    } else {
        known.stand = Some(Stand::Open);
        known.kind = "returned";
        known.codes = row.codes.iter().filter(|code| !code.is_empty()).map(|code| (*code).to_owned()).collect();
        if !claimed {
            known.hold = None;
        }
    }
}

/// 保留復活: exactly one set of held claims of the group fits（MONEY 9）.
fn release(keys: &mut BTreeMap<Key, Known<'_>>, facts: &Facts) {
    for (system, id) in ["7211", "7231"].into_iter().enumerate() {
        if facts.lost.contains(id) {
            continue;
        }
        for ((number, service), counts) in &facts.tables[system] {
            let (count, units) = counts[3];
            if count == 0 {
                continue;
            }
            let group: Vec<(Key, i64)> = keys
                .iter()
                .filter(|(key, known)| {
                    key.is_project() == (system == 1)
                        && !key.is_sheet()
                        && key.service == *service
                        && key.listed_under() == number.as_str()
                        && known.stand == Some(Stand::Held)
                        && !known.listed.contains_key(&facts.month)
                })
                .filter_map(|(key, known)| {
                    known.hold.filter(|hold| hold.0 < facts.month).map(|hold| (key.clone(), hold.1))
                })
                .collect();
            assert!(group.len() < 20, "a small world");
            let sets: Vec<u32> = (0..1_u32 << group.len())
                .filter(|set| i64::from(set.count_ones()) == count)
                .filter(|set| {
                    (0..group.len()).filter(|at| set >> at & 1 == 1).map(|at| group[at].1).sum::<i64>() == units
                })
                .collect();
            let [only] = sets.as_slice() else { continue };
            for (at, (key, _)) in group.iter().enumerate().filter(|(at, _)| only >> at & 1 == 1) {
                let _ = at;
                let known = keys.get_mut(key).unwrap();
                let since = known.hold.take().unwrap().0;
                let yen = known.until(since).map_or(0, Attempt::yen);
                known.released.insert(facts.month, yen);
                known.stand = Some(Stand::Released);
            }
        }
    }
}

/// Prices for estimates（MONEY 10）: those of the claims on hand; one graded claim tells the grade of all.
struct Prices {
    kinds: BTreeSet<&'static str>,
    grade: bool,
}

impl Prices {
    fn of(months: &[Facts]) -> Self {
        let claims = months.iter().filter(|facts| !facts.lost.contains("claims")).flat_map(|facts| &facts.claims);
        let kinds: BTreeSet<&str> = claims.flat_map(|claim| &claim.lines).map(|line| line.kind).collect();
        Self { grade: ["11", "15", "43"].iter().any(|kind| kinds.contains(kind)), kinds }
    }

    fn estimate(&self, kind: &str, units: i64) -> i64 {
        let price = if self.kinds.contains(kind) || self.grade { price(kind) } else { 1000 };
        units * price / 100 * 90 / 100
    }
}

/// Yen at stake and whether they are estimated（MONEY 10, 18）.
fn yen(key: &Key, known: &Known<'_>, prices: &Prices) -> (i64, bool) {
    if key.is_sheet() {
        return (0, false);
    }
    if let Some((_, newest)) = known.attempts.last_key_value() {
        return (newest.yen(), false);
    }
    if let Some((_, row)) = known.listed.last_key_value() {
        return (prices.estimate(row.kinds.iter().min().unwrap(), row.units), true);
    }
    // The notice of 過誤 tells the yen itself.
    (known.taken_back.values().next_back().map_or(0, |rows| rows.iter().map(|row| row.yen).sum()), true)
}

fn state(key: &Key, known: &Known<'_>, months: &[Facts], today: NaiveDate) -> &'static str {
    match known.stand() {
        Stand::Held => "held",
        Stand::Released | Stand::Untouched => "settled",
        Stand::Open => match limitation(key) {
            Some(last) if last < today => "lapsed",
            _ => "open",
        },
        Stand::Reclaimed => {
            let newest = *known.attempts.last_key_value().unwrap().0;
            let facts = months.iter().find(|facts| facts.month == newest).unwrap();
            let decided = has_detail(facts, key.is_project())
                && !known.listed.contains_key(&newest)
                && !lacks_list(facts, months);
            if decided { "settled" } else { "reclaimed" }
        }
    }
}

fn has_detail(facts: &Facts, project: bool) -> bool {
    let id = if project { "7551" } else { "7521" };
    facts.details[usize::from(project)].is_some() && !facts.lost.contains(id)
}

fn tables(facts: &Facts) -> impl Iterator<Item = (usize, &Counts)> {
    let on_hand = |system: &usize| !facts.lost.contains(["7211", "7231"][*system]);
    [0, 1]
        .into_iter()
        .filter(on_hand)
        .flat_map(|system| facts.tables[system].values().map(move |counts| (system, counts)))
}

/// 7211 and 7231 count more than 7411 lists（MONEY 20）.
fn lacks_list(facts: &Facts, _months: &[Facts]) -> bool {
    let counted: i64 = tables(facts).map(|(_, counts)| counts[0].0 + counts[2].0).sum();
    let lost = facts.lost.contains("7411");
    let listed = facts.listed.iter().filter(|row| !lost && !row.key.is_sheet()).count();
    counted > listed as i64
}

/// Two or five years from the 1st of the third month after the service month（MONEY 14）.
fn limitation(key: &Key) -> Option<NaiveDate> {
    let months = key.service.year() * 12 + key.service.month() as i32 - 1 + 3;
    let years = match key.form {
        "8222" => return None,
        "71R1" => 5,
        _ => 2,
    };
    let first = NaiveDate::from_ymd_opt(months / 12 + years, months as u32 % 12 + 1, 1).unwrap();
    first.pred_opt()
}

fn rows(keys: &BTreeMap<Key, Known<'_>>, months: &[Facts], prices: &Prices, today: NaiveDate) -> Told {
    let mut rows = Told::new();
    for (key, known) in keys {
        let times = known.listed.values().filter(|row| !row.held).count();
        let limit = limitation(key);
        let mut tell =
            |kind: &str, codes: &BTreeSet<String>, yen: (i64, bool), state: &str, first: Month, next: Option<Month>| {
                rows.insert(format!(
                    "{}/{}/{}/{}/{} {kind} {codes:?} {}{} x{times} {state} first {first} next {} until {}",
                    key.office,
                    key.insurer,
                    key.insured,
                    key.service,
                    key.form,
                    if yen.1 { "~" } else { "" },
                    yen.0,
                    next.map_or("-".to_owned(), |month| month.to_string()),
                    limit.map_or("-".to_owned(), |day| day.to_string()),
                ));
            };
        if known.stand.is_some() {
            let state = state(key, known, months, today);
            let unmatched = known.attempts.is_empty() && !known.listed.is_empty();
            let first = *known.listed.keys().chain(known.taken_back.keys()).min().unwrap();
            let this = Month::of(today).unwrap();
            let window = if today.day() <= 10 { this } else { this.plus(1) };
            let next = (state == "open" && limit.is_none_or(|last| window.first_day() <= last)).then_some(window);
            let kind = if unmatched { "unmatched" } else { known.kind };
            tell(kind, &known.codes, yen(key, known, prices), state, first, next);
        }
        for (month, cuts) in &known.cuts {
            let letters = cuts.iter().map(|cut| cut.letter.to_owned()).collect();
            let lost = lost(known, *month, cuts, prices);
            tell("assessed", &letters, (lost, known.until(*month).is_none()), "settled", *month, None);
        }
    }
    rows
}

/// E4: the claim as sent less the claim as decided, per service type.
fn lost(known: &Known<'_>, month: Month, cuts: &[&Cut], prices: &Prices) -> i64 {
    let of_cut = |cut: &&Cut| match known.until(month) {
        Some(claim) => {
            let line = claim.lines.iter().find(|line| line.kind == cut.kind).unwrap();
            claim.yen_at(line, line.units) - claim.yen_at(line, line.units + cut.units)
        }
        None => prices.estimate(cut.kind, -cut.units),
    };
    cuts.iter().map(of_cut).sum()
}

fn balances(
    keys: &BTreeMap<Key, Known<'_>>,
    months: &[Facts],
    prices: &Prices,
    today: NaiveDate,
) -> BTreeMap<Month, Sums> {
    let mut balances: BTreeMap<Month, Sums> = BTreeMap::new();
    for facts in months {
        let has = |id: &str| !facts.lost.contains(id);
        let any_claim = has("claims") && !facts.claims.is_empty();
        let any_list = has("7411") && !facts.listed.is_empty();
        let any_table = (has("7211") && !facts.tables[0].is_empty()) || (has("7231") && !facts.tables[1].is_empty());
        let any_cut = has("7311") && !facts.cuts.is_empty();
        let back =
            |id: &str, project: bool| has(id) && facts.taken_back.iter().any(|row| row.key.is_project() == project);
        let any_detail = [false, true].into_iter().any(|project| has_detail(facts, project));
        let any_transfer = has("7513") && facts.transfer.is_some();
        let any = any_claim || any_list || any_table || any_cut || any_detail || any_transfer;
        if any || back("7611", false) || back("7631", true) {
            balances.insert(facts.month, month_sums(keys, facts, months, prices, today));
        }
    }
    for (key, known) in keys.iter().filter(|(_, known)| known.stand.is_some()) {
        if !matches!(state(key, known, months, today), "open" | "held" | "reclaimed") {
            continue;
        }
        let newest = known.attempts.keys().chain([]).next_back();
        let month = newest.or(known.listed.keys().next_back()).or(known.taken_back.keys().next_back());
        balances.get_mut(month.unwrap()).unwrap().yen[10] += yen(key, known, prices).0;
    }
    balances
}

fn month_sums(
    keys: &BTreeMap<Key, Known<'_>>,
    facts: &Facts,
    months: &[Facts],
    prices: &Prices,
    today: NaiveDate,
) -> Sums {
    let month = facts.month;
    let mut sums = Sums::default();
    let mut claimed_any = [false, false];
    let mut new_listing = [false, false];
    for (key, known) in keys {
        let system = usize::from(key.is_project());
        if let Some(claim) = known.attempts.get(&month).filter(|_| !key.is_sheet()) {
            claimed_any[system] = true;
            sums.yen[0] += claim.yen();
            match known.listed.get(&month) {
                Some(row) if row.held => sums.yen[2] += claim.yen(),
                Some(_) => sums.yen[1] += claim.yen(),
                None => {}
            }
        }
        if known.listed.contains_key(&month) && !key.is_sheet() && !known.continued.contains(&month) {
            new_listing[system] = true;
        }
        if let Some(cuts) = known.cuts.get(&month)
            && known.until(month).is_some()
        {
            sums.yen[3] -= lost(known, month, cuts, prices);
        }
        sums.yen[4] += known.released.get(&month).copied().unwrap_or(0);
    }
    let released = |system: usize| tables(facts).any(|(of, counts)| of == system && counts[3] != (0, 0));
    let expected = [0, 1].map(|system| claimed_any[system] || released(system));
    let on_hand = [has_detail(facts, false), has_detail(facts, true)];
    if on_hand.contains(&true) && (0..2).all(|system| on_hand[system] || !expected[system]) {
        let (mut decided, mut kago) = (0, 0);
        for (system, _) in on_hand.iter().enumerate().filter(|(_, here)| **here) {
            let (t1, t2) = facts.details[system].unwrap();
            decided += t1;
            kago += t2;
        }
        sums.yen[5] = decided - (sums.yen[0] - sums.yen[1] - sums.yen[2] + sums.yen[3] + sums.yen[4]);
        sums.yen[6] = decided;
        sums.yen[7] = kago;
        sums.yen[8] = decided + kago;
    }
    let transfer = facts.transfer.filter(|_| !facts.lost.contains("7513"));
    sums.yen[9] = transfer.unwrap_or(0);

    let mut missing: Vec<&str> = Vec::new();
    let cut = |project: bool| {
        !facts.lost.contains("7311") && facts.cuts.iter().any(|cut| cut.kind.starts_with('A') == project)
    };
    for (system, id) in ["7211", "7231"].into_iter().enumerate() {
        let here = !facts.lost.contains(id) && !facts.tables[system].is_empty();
        if !here && (new_listing[system] || cut(system == 1)) {
            missing.push(id);
        }
    }
    if tables(facts).any(|(system, counts)| system == 0 && counts[1] != (0, 0))
        && (facts.cuts.is_empty() || facts.lost.contains("7311"))
    {
        missing.push("7311");
    }
    if lacks_list(facts, months) {
        missing.push("7411");
    }
    if today >= month.plus(1).day(20) {
        for (system, id) in ["7521", "7551"].into_iter().enumerate() {
            if expected[system] && !on_hand[system] {
                missing.push(id);
            }
        }
        if transfer.is_none() && (expected.contains(&true) || on_hand.contains(&true)) {
            missing.push("7513");
        }
    }
    missing.sort_unstable();
    sums.missing = missing.into_iter().map(str::to_owned).collect();
    sums
}
