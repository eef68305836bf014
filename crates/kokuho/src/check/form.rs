//! Rows of one サービス計画費請求明細書 (8124 and kin) or 給付管理票 (8222): rules B5, A1, C10 and O4.

use crate::layout::{Confidence, Layout};
use crate::{Severity, Yen};

use super::findings::{At, Findings, Words, grouped, shown};
use super::heads::{Family, Heads, Share};
use super::key::Key;
use super::row::{Figures, RowRef, cost, pack};
use super::statement::{Claimed, last_sequence_finding, sequence_finding};
use super::{fields, rules};

/// Lines of one form that are compared with each other; a form has at most 99.
const MAX_LINES: usize = 200;

#[derive(Debug)]
pub(super) struct Form {
    key: Key,
    line: u64,
    open: bool,
    layout: Option<&'static Layout>,
    /// Σ of the lines: 8124 item 20, 8222 item 20.
    units: i64,
    price: i64,
    sequence: Option<i64>,
    last_line: u64,
    closed: Option<Closing>,
    public: Option<[u8; 8]>,
    services: Vec<([u8; 10], [u8; 2], u64)>,
    damaged: bool,
}

/// The row with sequence number 99.
#[derive(Debug, Clone, Copy)]
struct Closing {
    line: u64,
    total: i64,
    amount: i64,
    limit: i64,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            key: Key { exchange_id: [0; 4], month: [0; 6], office: [0; 10], insurer: [0; 8], insured: [0; 10] },
            line: 0,
            open: false,
            layout: None,
            units: 0,
            price: 0,
            sequence: None,
            last_line: 0,
            closed: None,
            public: None,
            services: Vec::new(),
            damaged: false,
        }
    }
}

impl Form {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn key(&self) -> Key {
        self.key
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn takes(&self, key: &Key) -> bool {
        self.open && self.closed.is_none() && self.key == *key
    }

    pub fn begin(&mut self, key: Key, row: RowRef<'_>) {
        let services = std::mem::take(&mut self.services);
        *self = Self { key, line: row.line.number, open: true, layout: row.layout, services, ..Self::default() };
        self.services.clear();
    }

    /// Notes that a row of it cannot be read.
    pub fn damage(&mut self) {
        self.damaged = true;
    }

    fn is_plan(&self) -> bool {
        self.key.exchange_id.starts_with(b"81")
    }

    pub fn row(&mut self, row: RowRef<'_>, figures: &mut Figures, findings: &mut Findings) {
        if !fields::check(row, 1, figures, findings) {
            self.damaged = true;
            return;
        }
        self.last_line = row.line.number;
        let sequence_item = row.layout.map_or(0, |layout| layout.sequence);
        // 8121 has one row and no number.
        let number = if sequence_item == 0 { 99 } else { figures.of(sequence_item) };
        if let Some(before) = self.sequence
            && before >= number
        {
            sequence_finding(row.at(sequence_item), before, number, findings);
        }
        self.sequence = Some(number);
        if self.is_plan() {
            self.plan_row(row, figures, number, findings);
        } else {
            self.benefit_row(row, figures, number, findings);
        }
    }

    fn plan_row(&mut self, row: RowRef<'_>, figures: &Figures, number: i64, findings: &mut Findings) {
        let old = row.item(1) == b"8121";
        self.price = figures.of(6);
        if !row.omitted(8) {
            self.public = Some(pack(row.item(8)));
        }
        if old {
            self.units = figures.of(17);
            self.closed = Some(Closing { line: row.line.number, total: self.units, amount: figures.of(18), limit: 0 });
            return;
        }
        let (unit, count, units) = (figures.of(18), figures.of(19), figures.of(20));
        if unit != 0 && unit.saturating_mul(count) != units {
            let right = unit.saturating_mul(count);
            let words = Words::new(
                format!(
                    "単位数×回数が合いません。{}単位×{}回は{}単位ですが、{}単位と書かれています。",
                    grouped(unit),
                    grouped(count),
                    grouped(right),
                    grouped(units)
                ),
                "単位数か回数を介護ソフトで直して、ファイルを作りなおしてください。",
            );
            findings.add(rules::A1, self.severity(), row.at(20), words.figures(units, right));
        }
        self.units = self.units.saturating_add(units);
        if number == 99 {
            self.closed =
                Some(Closing { line: row.line.number, total: figures.of(21), amount: figures.of(22), limit: 0 });
        }
    }

    fn benefit_row(&mut self, row: RowRef<'_>, figures: &Figures, number: i64, findings: &mut Findings) {
        if number == 99 {
            self.closed =
                Some(Closing { line: row.line.number, total: figures.of(24), amount: 0, limit: figures.of(15) });
            return;
        }
        self.units = self.units.saturating_add(figures.of(20));
        let service = (pack::<10>(row.item(17)), pack::<2>(row.item(19)));
        if self.services.iter().any(|(office, kind, _)| (*office, *kind) == service) {
            let words = Words::new(
                format!(
                    "給付管理票に、同じ事業所（{}）・同じサービス種類（{}）の行が2つあります。",
                    shown(row.item(17)),
                    shown(row.item(19))
                ),
                "行を1つにまとめて、ファイルを作りなおしてください。",
            );
            findings.warning(rules::C10, row.at(19), words);
        } else if self.services.len() < MAX_LINES {
            self.services.push((service.0, service.1, row.line.number));
        }
    }

    fn severity(&self) -> Severity {
        match self.layout.map(|layout| layout.confidence) {
            Some(Confidence::Low) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Closes the form, adds a plan claim to the 請求書 and returns what it claims.
    pub fn finish(&mut self, heads: &mut Heads, findings: &mut Findings) -> Claimed {
        self.open = false;
        if self.damaged {
            heads.incomplete = true;
            return Claimed::default();
        }
        let at = |line: u64, item: usize| At { line, layout: self.layout, item, insured: self.key.insured() };
        let Some(closing) = self.closed else {
            let item = self.layout.map_or(0, |layout| layout.sequence);
            last_sequence_finding(at(self.last_line, item), self.sequence.unwrap_or(0), findings);
            heads.incomplete = true;
            return Claimed::default();
        };
        if !self.is_plan() {
            self.compare_limits(closing, findings);
            return Claimed::default();
        }
        let old = self.key.exchange_id == *b"8121";
        let (units_item, amount_item) = if old { (17, 18) } else { (21, 22) };
        if closing.total != self.units {
            let words = Words::new(
                format!(
                    "単位数の合計が合いません。明細の合計は{}単位ですが、{}単位と書かれています。",
                    grouped(self.units),
                    grouped(closing.total)
                ),
                "介護ソフトで計算しなおして、ファイルを作りなおしてください。",
            );
            findings.add(
                rules::B5,
                self.severity(),
                at(closing.line, units_item),
                words.figures(closing.total, self.units),
            );
        }
        let amounts = [cost(closing.total, self.price), cost(self.units, self.price)];
        let right = if amounts.contains(&closing.amount) { closing.amount } else { cost(self.units, self.price) };
        if closing.amount != right {
            let words = Words::new(
                format!(
                    "請求金額が合いません。単位数×単価は{}円ですが、{}円と書かれています。",
                    grouped(right),
                    grouped(closing.amount)
                ),
                "単位数と単価を確かめ、介護ソフトで計算しなおしてください。",
            );
            findings.add(
                rules::B5,
                self.severity(),
                at(closing.line, amount_item),
                words.figures(closing.amount, right),
            );
        }
        let public_only = self.key.is_public_only();
        self.report(heads, [self.units, right], [closing.total, closing.amount]);
        let share = closing.amount;
        Claimed {
            units: closing.total,
            insurance: if public_only { 0 } else { share },
            public: if public_only { share } else { 0 },
            own: 0,
        }
    }

    fn report(&self, heads: &mut Heads, right: [i64; 2], written: [i64; 2]) {
        if &self.key.exchange_id == b"8171" {
            heads.has_project_plans = true;
        }
        let insured = |[units, yen]: [i64; 2]| [units, yen, yen, 0, 0];
        let public = |[units, yen]: [i64; 2]| [units, yen, 0, yen, 0];
        let share = |figures: fn([i64; 2]) -> [i64; 5]| Share {
            ways: [figures(right), figures(written), figures(written), figures(right)],
            residents: [0; 6],
        };
        if !self.key.is_public_only() {
            heads.add(Family::Plans, self.key.month, None, &share(insured), self.line);
        } else if let Some(payer) = self.public {
            let law = pack(payer.get(..2).unwrap_or_default());
            heads.payer(Family::Plans, self.key.month, law, self.line, self.key.insured, 8);
            heads.add(Family::Plans, self.key.month, Some(law), &share(public), self.line);
        }
    }

    /// C10, from one source: asks, never blocks.
    fn compare_limits(&self, closing: Closing, findings: &mut Findings) {
        let at = |item: usize| At { line: closing.line, layout: self.layout, item, insured: self.key.insured() };
        if closing.total != self.units {
            let words = Words::new(
                format!(
                    "計画の合計が合いません。行の合計は{}単位ですが、{}単位と書かれています。",
                    grouped(self.units),
                    grouped(closing.total)
                ),
                "給付管理票の計画単位数を介護ソフトで確かめてください。",
            );
            findings.warning(rules::C10, at(24), words.figures(closing.total, self.units));
        }
        if closing.limit > 0 && closing.total > closing.limit {
            let words = Words::new(
                format!(
                    "計画の合計{}単位が、支給限度額{}単位をこえています。",
                    grouped(closing.total),
                    grouped(closing.limit)
                ),
                "計画を限度額の中に直してください。このまま出すと返戻になることがあります（12P3）。",
            );
            findings.warning(rules::C10, at(24), words.figures(closing.total, closing.limit));
        }
    }
}

impl Claimed {
    /// Adds another claim's figures.
    pub fn add(&mut self, other: Self) {
        self.units = self.units.saturating_add(other.units);
        self.insurance = self.insurance.saturating_add(other.insurance);
        self.public = self.public.saturating_add(other.public);
        self.own = self.own.saturating_add(other.own);
    }
}

impl From<Claimed> for Yen {
    /// Returns insurance and public share.
    fn from(claimed: Claimed) -> Self {
        claimed.yen()
    }
}
