//! Months of an office as they really happened: what it sent, and how 国保連 decided about it.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Month;

/// Deterministic dice（SplitMix64）.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    pub fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// A claim, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub office: String,
    pub insurer: String,
    pub insured: String,
    pub service: Month,
    pub form: &'static str,
}

/// 生活保護単独: claimed on public funds alone and listed under their payer.
pub const PAYER: &str = "12990016";

impl Key {
    pub fn is_public_only(&self) -> bool {
        self.insured.starts_with('H')
    }

    pub fn is_project(&self) -> bool {
        self.form == "71R1"
    }

    pub fn is_sheet(&self) -> bool {
        self.form == "8222"
    }

    /// The number under which 7211, 7411 and 7521 name the claim.
    pub fn listed_under(&self) -> &str {
        if self.is_public_only() && !self.is_sheet() { PAYER } else { &self.insurer }
    }
}

/// A service type on a claim; the price in hundredths of a yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub kind: &'static str,
    pub units: i64,
    pub price: i64,
}

/// A claim as it was sent in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub key: Key,
    pub lines: Vec<Line>,
    pub rate: i64,
    /// 公費併用: all that the insurance leaves.
    pub public: bool,
}

impl Attempt {
    pub fn units(&self) -> i64 {
        self.lines.iter().map(|line| line.units).sum()
    }

    /// Insurance and public share of a service type when `units` of it are paid.
    pub fn share(&self, line: &Line, units: i64) -> (i64, i64) {
        let cost = units * line.price / 100;
        if self.key.is_public_only() {
            return (0, cost);
        }
        let insurance = cost * self.rate / 100;
        (insurance, if self.public { cost - insurance } else { 0 })
    }

    pub fn yen_at(&self, line: &Line, units: i64) -> i64 {
        let (insurance, public) = self.share(line, units);
        insurance + public
    }

    pub fn yen(&self) -> i64 {
        self.lines.iter().map(|line| self.yen_at(line, line.units)).sum()
    }
}

/// A claim in the 返戻（保留）一覧表.
#[derive(Debug, Clone)]
pub struct Listed {
    pub key: Key,
    /// 備考; none for a hold.
    pub codes: Vec<&'static str>,
    pub held: bool,
    pub units: i64,
    pub kinds: Vec<&'static str>,
}

/// A row of 審査増減単位数通知書.
#[derive(Debug, Clone)]
pub struct Cut {
    pub key: Key,
    pub kind: &'static str,
    pub units: i64,
    pub letter: &'static str,
}

/// A row of 過誤決定通知書.
#[derive(Debug, Clone)]
pub struct TakenBack {
    pub key: Key,
    pub kind: &'static str,
    pub reason: &'static str,
    pub units: i64,
    pub yen: i64,
}

/// Returned, assessed, held and released of an insurer and service month: count and units.
pub type Counts = [(i64, i64); 4];

/// A month of an office. `lost` names what is not on hand: `claims` or the number of a notice.
#[derive(Debug, Clone)]
pub struct Facts {
    pub month: Month,
    pub claims: Vec<Attempt>,
    pub listed: Vec<Listed>,
    pub cuts: Vec<Cut>,
    pub taken_back: Vec<TakenBack>,
    /// 介護給付 and 総合事業.
    pub tables: [BTreeMap<(String, Month), Counts>; 2],
    /// T1 and T2.
    pub details: [Option<(i64, i64)>; 2],
    pub transfer: Option<i64>,
    pub lost: BTreeSet<&'static str>,
}

/// Where a claim stands at 国保連.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Paid,
    Returned,
    Held(Month),
    TakenBack,
}

struct Life {
    attempt: Attempt,
    stand: Stand,
    /// Units that were decided, by line.
    decided: Vec<i64>,
}

/// Prices of 5級地; type 17 costs the same everywhere.
pub fn price(kind: &str) -> i64 {
    match kind {
        "15" | "A6" => 1045,
        "11" | "43" => 1070,
        _ => 1000,
    }
}

/// Returns the statement of a person: everything but its units hangs on the person alone, so that a claim stays the same
/// claim from month to month.
fn attempt(office: &str, person: u64, service: Month, dice: &mut Dice) -> Attempt {
    let (form, kinds): (_, &[&'static str]) = match person % 6 {
        0 | 1 => ("7131", &["15"]),
        2 => ("7131", &["15", "17"]),
        3 => ("71R1", &["A6"]),
        4 => ("8124", &["43"]),
        _ => ("7131", &["11"]),
    };
    // Two neighbours are one person who moved from one insurer to another; a plan claim is about the person of a statement.
    let number = 100 + if form == "8124" { person - 4 } else { person / 2 * 2 };
    // Nobody is 生活保護単独 in two places at once.
    let public_only = number % 14 == 8 && person.is_multiple_of(2);
    let person_number = if public_only { format!("H{number:09}") } else { format!("{number:010}") };
    let insurer = if person.is_multiple_of(2) { "990010" } else { "000018" };
    // Units of few values, so that several claims of a group can fit a release.
    let lines =
        kinds.iter().map(|kind| Line { kind, units: 1001 + 250 * dice.roll(12) as i64, price: price(kind) }).collect();
    Attempt {
        key: Key { office: office.to_owned(), insurer: insurer.to_owned(), insured: person_number, service, form },
        lines,
        rate: match (form, public_only) {
            (_, true) => 0,
            ("8124", _) => 100,
            _ => [90, 80, 70][(person % 3) as usize],
        },
        public: !public_only && form != "8124" && person % 7 == 3,
    }
}

/// Lives through `months` months from `first` on with `persons` persons.
pub fn live(dice: &mut Dice, office: &str, first: Month, months: i32, persons: u64) -> Vec<Facts> {
    let mut lives: BTreeMap<Key, Life> = BTreeMap::new();
    let mut late: Vec<(u64, Month)> = Vec::new();
    let mut sheets: BTreeMap<Key, bool> = BTreeMap::new();
    (0..months)
        .map(|back| {
            let month = first.plus(back);
            let mut facts = Facts {
                month,
                claims: Vec::new(),
                listed: Vec::new(),
                cuts: Vec::new(),
                taken_back: Vec::new(),
                tables: [BTreeMap::new(), BTreeMap::new()],
                details: [None, None],
                transfer: None,
                lost: BTreeSet::new(),
            };
            let mut decided = [0, 0];
            let mut kago = [0, 0];
            take_back(dice, &mut lives, &mut facts, &mut kago);
            look_at_held(dice, &mut lives, &mut facts, &mut decided);
            send(dice, office, persons, &mut lives, &mut late, &mut facts);
            send_sheets(dice, &mut sheets, &mut facts);
            review(dice, &mut lives, &mut facts, &mut decided);
            pay(dice, &mut facts, decided, kago);
            facts
        })
        .collect()
}

/// 過誤: some of what was decided is taken back.
fn take_back(dice: &mut Dice, lives: &mut BTreeMap<Key, Life>, facts: &mut Facts, kago: &mut [i64; 2]) {
    for (key, life) in lives.iter_mut().filter(|(_, life)| life.stand == Stand::Paid) {
        if !dice.one_in(15) {
            continue;
        }
        life.stand = Stand::TakenBack;
        let reason = ["1001", "1002", "4202"][dice.roll(3) as usize];
        for (line, units) in life.attempt.lines.iter().zip(&life.decided) {
            let yen = life.attempt.yen_at(line, *units);
            kago[usize::from(key.is_project())] -= yen;
            facts.taken_back.push(TakenBack { key: key.clone(), kind: line.kind, reason, units: *units, yen });
        }
    }
}

/// 保留 of earlier months: released, returned, listed once more, or silence.
fn look_at_held(dice: &mut Dice, lives: &mut BTreeMap<Key, Life>, facts: &mut Facts, decided: &mut [i64; 2]) {
    for (key, life) in lives.iter_mut() {
        let Stand::Held(since) = life.stand else { continue };
        assert!(since < facts.month);
        let units = life.attempt.units();
        match dice.roll(8) {
            0..=2 => {
                count(facts, key, 3, units);
                decided[usize::from(key.is_project())] += life.attempt.yen();
                life.decided = life.attempt.lines.iter().map(|line| line.units).collect();
                life.stand = Stand::Paid;
            }
            3 => {
                count(facts, key, 0, units);
                facts.listed.push(listed(&life.attempt, vec!["返戻"]));
                life.stand = Stand::Returned;
            }
            4 => facts.listed.push(listed(&life.attempt, vec![])),
            _ => {}
        }
    }
}

/// What the office sends: last month's services, what it had forgotten（月遅れ）, and what came back.
fn send(
    dice: &mut Dice,
    office: &str,
    persons: u64,
    lives: &mut BTreeMap<Key, Life>,
    late: &mut Vec<(u64, Month)>,
    facts: &mut Facts,
) {
    let service = facts.month.plus(-1);
    let mut sent: Vec<Attempt> = Vec::new();
    for person in 1..=persons {
        match dice.roll(6) {
            0 => {}
            1 => late.push((person, service)),
            _ => sent.push(attempt(office, person, service, dice)),
        }
    }
    late.retain(|(person, service)| {
        let now = *service < facts.month.plus(-1) && dice.one_in(4);
        if now {
            sent.push(attempt(office, *person, *service, dice));
        }
        !now
    });
    for life in lives.values() {
        // What 国保連 returned in this very month is known only after its window.
        let returned_now = facts.listed.iter().any(|row| row.key == life.attempt.key);
        let again = match life.stand {
            Stand::Returned => !returned_now && dice.one_in(2),
            // 同月過誤 as well.
            Stand::TakenBack => dice.one_in(2),
            Stand::Paid | Stand::Held(_) => false,
        };
        if again {
            let mut corrected = life.attempt.clone();
            if dice.one_in(2) {
                corrected.lines[0].units += 125;
            }
            sent.push(corrected);
        }
    }
    facts.claims = sent;
}

/// 給付管理票: no money, but they come back too.
fn send_sheets(dice: &mut Dice, sheets: &mut BTreeMap<Key, bool>, facts: &mut Facts) {
    let of_plans = facts.claims.iter().filter(|claim| claim.key.form == "8124");
    let mut now: Vec<Key> = of_plans.map(|claim| Key { form: "8222", ..claim.key.clone() }).collect();
    now.retain(|key| !sheets.contains_key(key));
    now.extend(sheets.iter().filter(|(_, returned)| **returned).map(|(key, _)| key.clone()));
    for key in now {
        if !dice.one_in(3) {
            continue;
        }
        let returned = dice.one_in(3);
        facts.claims.push(Attempt { key: key.clone(), lines: Vec::new(), rate: 0, public: false });
        if returned {
            let codes = vec!["12P3"];
            facts.listed.push(Listed { key: key.clone(), codes, held: false, units: 0, kinds: vec![""] });
        }
        sheets.insert(key, returned);
    }
}

/// The review of what was sent in this month.
fn review(dice: &mut Dice, lives: &mut BTreeMap<Key, Life>, facts: &mut Facts, decided: &mut [i64; 2]) {
    for claim in facts.claims.clone().into_iter().filter(|claim| !claim.key.is_sheet()) {
        let system = usize::from(claim.key.is_project());
        let mut life = Life { decided: Vec::new(), stand: Stand::Paid, attempt: claim.clone() };
        match dice.roll(10) {
            0 | 1 => {
                let codes = [&["12PA"][..], &["返戻"], &["12QX", "10QA"], &[""]][dice.roll(4) as usize];
                count(facts, &claim.key, 0, claim.units());
                facts.listed.push(listed(&claim, codes.to_vec()));
                life.stand = Stand::Returned;
            }
            2 | 3 => {
                count(facts, &claim.key, 2, claim.units());
                facts.listed.push(listed(&claim, vec![]));
                life.stand = Stand::Held(facts.month);
            }
            4 => {
                let letter = ["A", "B", "F"][dice.roll(3) as usize];
                let mut sum = 0;
                for line in &claim.lines {
                    let less = 1 + dice.roll(900) as i64;
                    sum -= less;
                    life.decided.push(line.units - less);
                    decided[system] += claim.yen_at(line, line.units - less);
                    facts.cuts.push(Cut { key: claim.key.clone(), kind: line.kind, units: -less, letter });
                }
                count(facts, &claim.key, 1, sum);
            }
            _ => {
                life.decided = claim.lines.iter().map(|line| line.units).collect();
                decided[system] += claim.yen();
            }
        }
        lives.insert(claim.key.clone(), life);
    }
}

fn pay(dice: &mut Dice, facts: &mut Facts, decided: [i64; 2], kago: [i64; 2]) {
    for project in [false, true] {
        let system = usize::from(project);
        let claimed = facts.claims.iter().any(|claim| !claim.key.is_sheet() && claim.key.is_project() == project);
        let released = facts.tables[system].values().any(|counts| counts[3] != (0, 0));
        if claimed || released || kago[system] != 0 {
            facts.details[system] = Some((decided[system], kago[system]));
        }
    }
    if facts.details.iter().any(Option::is_some) {
        let fee = if dice.one_in(4) { 13_200 } else { 0 };
        facts.transfer = Some(decided.iter().sum::<i64>() + kago.iter().sum::<i64>() - fee);
    }
}

fn count(facts: &mut Facts, key: &Key, column: usize, units: i64) {
    let table = &mut facts.tables[usize::from(key.is_project())];
    let counts = table.entry((key.listed_under().to_owned(), key.service)).or_default();
    counts[column].0 += 1;
    counts[column].1 += units;
}

fn listed(attempt: &Attempt, codes: Vec<&'static str>) -> Listed {
    Listed {
        key: attempt.key.clone(),
        held: codes.is_empty(),
        codes,
        units: attempt.units(),
        kinds: attempt.lines.iter().map(|line| line.kind).collect(),
    }
}
