//! One 請求明細書 (71xx): how its details, totals and base agree (rules A, C, O and B3).

use crate::codes::{self, PublicPayer, ServiceType};
use crate::layout::{Confidence, Layout};
use crate::{Severity, Yen};

use super::additions::Additions;
use super::findings::{At, Findings, Words, grouped, month_words, shown};
use super::heads::{Family, Heads, Share, two_digits};
use super::key::Key;
use super::row::{Figures, RowRef, cost, pack, percent, unpack};
use super::{fields, rules};

/// Details of one statement that are compared with each other; a month has a few dozen.
const MAX_DETAILS: usize = 2_000;
/// Service types of one statement.
const MAX_TYPES: usize = 100;

/// Record 10（集計情報）.
#[derive(Debug, Clone, Copy)]
struct Total {
    line: u64,
    layout: Option<&'static Layout>,
    service_type: [u8; 2],
    /// Figures by item number.
    n: [i64; 39],
    /// 10.9 is left blank, which is not the same as a plan of 0 units.
    no_plan: bool,
}

/// Record 02 or 14（明細情報）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Detail {
    /// サービス種類 and サービス項目 in one figure, which sorts faster than texts.
    code: u64,
    unit: i64,
    units: i64,
    line: u64,
}

impl Detail {
    fn pack(service_type: [u8; 2], code: [u8; 4]) -> u64 {
        let ([t0, t1], [c0, c1, c2, c3]) = (service_type, code);
        u64::from_be_bytes([0, 0, t0, t1, c0, c1, c2, c3])
    }

    fn service_type(&self) -> [u8; 2] {
        let [_, _, t0, t1, ..] = self.code.to_be_bytes();
        [t0, t1]
    }

    fn service_code(&self) -> [u8; 4] {
        let [.., c0, c1, c2, c3] = self.code.to_be_bytes();
        [c0, c1, c2, c3]
    }
}

#[derive(Debug, Clone, Copy)]
struct TypeSum {
    service_type: [u8; 2],
    units: i64,
    /// The same with each row recomputed: a wrong row has its own finding (A1).
    units_right: i64,
    public: [i64; 3],
    line: u64,
    layout: Option<&'static Layout>,
}

#[derive(Debug, Clone, Copy)]
struct Sequence {
    kind: [u8; 2],
    last: i64,
    line: u64,
    layout: Option<&'static Layout>,
}

/// What the figures of a total ought to be.
#[derive(Debug, Clone, Copy, Default)]
struct Right {
    units: i64,
    /// Cost of the units as written, and of the right units.
    cost_written: i64,
    cost: i64,
    insurance: i64,
    own: i64,
    public_units: [i64; 3],
    public: [i64; 3],
}

/// Figures that a claim adds to the file's own totals.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claimed {
    pub units: i64,
    pub insurance: i64,
    pub public: i64,
    pub own: i64,
}

/// A wrong insurance share in a total whose shares add up to the cost all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slip {
    /// This other rate explains it.
    OtherRate(i64),
    /// No usual rate does.
    Figure,
}

/// Collects the rows of one statement. Its lists are cleared, not dropped, from one person to the next.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent faults that rows of a statement can have")]
pub(super) struct Statement {
    key: Key,
    /// Items 3 to 6 of the first row as they stand, which tells most rows of the person at one glance.
    stretch: Vec<u8>,
    line: u64,
    open: bool,
    base: Option<&'static Layout>,
    base_line: u64,
    /// Figures of record 01 by item number.
    n: [i64; 57],
    laws: [Option<[u8; 2]>; 3],
    public_rate_wrong: bool,
    odd_rate: bool,
    /// The service type looked up last; a file has few.
    service: ([u8; 2], Option<&'static ServiceType>),
    totals: Vec<Total>,
    /// What each of the totals ought to be; filled when the statement is closed.
    rights: Vec<Right>,
    /// Sums of the totals by item number.
    sum: [i64; 39],
    details: Vec<Detail>,
    sums: Vec<TypeSum>,
    resident: Option<[i64; 34]>,
    sequences: Vec<Sequence>,
    damaged: bool,
    misplaced: bool,
}

/// Where each of the three public payers stands: (units, claim, own burden) in record 10.
const TOTAL_PUBLIC: [[usize; 3]; 3] = [[18, 19, 20], [21, 22, 23], [24, 25, 26]];
/// The same in record 01.
const BASE_PUBLIC: [[usize; 3]; 3] = [[39, 40, 41], [45, 46, 47], [51, 52, 53]];

impl Default for Statement {
    fn default() -> Self {
        Self {
            key: Key { exchange_id: [0; 4], month: [0; 6], office: [0; 10], insurer: [0; 8], insured: [0; 10] },
            stretch: Vec::new(),
            line: 0,
            open: false,
            base: None,
            base_line: 0,
            n: [0; 57],
            laws: [None; 3],
            public_rate_wrong: false,
            odd_rate: false,
            service: ([0; 2], None),
            totals: Vec::new(),
            rights: Vec::new(),
            sum: [0; 39],
            details: Vec::new(),
            sums: Vec::new(),
            resident: None,
            sequences: Vec::new(),
            damaged: false,
            misplaced: false,
        }
    }
}

impl Statement {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn key(&self) -> Key {
        self.key
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns whether a row carries exactly the key of the statement at hand. `false` may still be a different spelling.
    pub fn continues(&self, row: RowRef<'_>) -> bool {
        self.open
            && row.item(2) != b"01"
            && row.item(1) == self.key.exchange_id
            && !self.stretch.is_empty()
            && row.stretch(3, 6) == self.stretch
    }

    /// Returns whether a row belongs to the statement at hand, be it with one slip in what rows of a person share.
    pub fn takes(&self, key: &Key, kind: &[u8]) -> bool {
        self.open && kind != b"01" && self.key.differences(key) <= 1
    }

    pub fn begin(&mut self, key: Key, row: RowRef<'_>) {
        self.key = key;
        self.stretch.clear();
        self.stretch.extend_from_slice(row.stretch(3, 6));
        self.line = row.line.number;
        self.open = true;
        self.base = None;
        self.base_line = 0;
        self.n = [0; 57];
        self.laws = [None; 3];
        self.public_rate_wrong = false;
        self.odd_rate = false;
        self.totals.clear();
        self.rights.clear();
        self.sum = [0; 39];
        self.details.clear();
        self.sums.clear();
        self.resident = None;
        self.sequences.clear();
        self.damaged = false;
        self.misplaced = false;
    }

    /// Notes that a row of it cannot be read, so that its sums are not judged.
    pub fn damage(&mut self) {
        self.damaged = true;
    }

    /// Tells of a row whose key is not that of the statement that takes it.
    pub fn place(&mut self, key: &Key, row: RowRef<'_>, findings: &mut Findings) {
        if row.item(2) != b"01" && *key != self.key {
            self.misplaced_row(key, row, findings);
        }
    }

    /// Takes a row of the statement.
    pub fn row(&mut self, row: RowRef<'_>, figures: &mut Figures, findings: &mut Findings) {
        let kind = row.item(2);
        let mut first = if kind == b"01" { 1 } else { 7 };
        if self.base.is_none() && kind != b"01" && !self.misplaced {
            self.misplaced = true;
            let words = Words::new(
                "この方の基本情報の行（01）がありません。明細だけがあります。",
                "一人分の行は、基本情報、明細、集計の順に続けて並べます。介護ソフトからもう一度出力してください。",
            );
            findings.error(rules::O1, row.at(0), words);
            first = 1;
        }
        if kind == b"01" {
            self.base = row.layout;
            self.base_line = row.line.number;
        }
        if !fields::check(row, first, figures, findings) {
            self.damaged = true;
            return;
        }
        self.sequence(row, kind, findings);
        match kind {
            b"01" => self.base(row, figures, findings),
            b"02" | b"14" => self.detail(row, figures, findings),
            b"10" => self.total(row, figures, findings),
            b"11" => self.resident_row(row, figures, findings),
            b"12" => reduction(row, figures, findings),
            _ => {}
        }
    }

    fn misplaced_row(&mut self, key: &Key, row: RowRef<'_>, findings: &mut Findings) {
        if self.misplaced {
            return;
        }
        self.misplaced = true;
        if key.exchange_id != self.key.exchange_id {
            let words = Words::new(
                format!("一人の明細書に、ちがう様式の行（{}）がまざっています。", shown(&key.exchange_id)),
                "様式ごとに明細書を分けます。介護ソフトからもう一度出力してください。",
            );
            findings.error(
                rules::O5,
                row.at(1),
                words.found(shown(&key.exchange_id)).expected(shown(&self.key.exchange_id)),
            );
            return;
        }
        let (item, found, expected) = if key.month != self.key.month {
            (3, unpack(&key.month), unpack(&self.key.month))
        } else if key.office != self.key.office {
            (4, unpack(&key.office), unpack(&self.key.office))
        } else if key.insurer != self.key.insurer {
            (5, unpack(&key.insurer), unpack(&self.key.insurer))
        } else {
            (6, unpack(&key.insured), unpack(&self.key.insured))
        };
        let name = row.layout.and_then(|layout| layout.item(item)).map_or("", |item| item.name_ja);
        let words = Words::new(
            format!("この行の「{name}」（{}）が、同じ方のほかの行（{}）と違います。", shown(found), shown(expected)),
            "一人分の行には同じ番号と年月を書きます。介護ソフトで直して、ファイルを作りなおしてください。",
        );
        let at = At { insured: self.key.insured(), ..row.at(item) };
        findings.error(rules::O1, at, words.found(shown(found)).expected(shown(expected)));
    }

    fn sequence(&mut self, row: RowRef<'_>, kind: &[u8], findings: &mut Findings) {
        let Some(layout) = row.layout.filter(|layout| layout.sequence > 0) else {
            return;
        };
        let (number, kind) = (row.number(layout.sequence), pack(kind));
        match self.sequences.iter_mut().find(|known| known.kind == kind) {
            Some(known) => {
                // Rows count upwards and 99 closes them.
                if known.last >= number {
                    sequence_finding(row.at(layout.sequence), known.last, number, findings);
                }
                known.last = number;
                known.line = row.line.number;
            }
            None => self.sequences.push(Sequence { kind, last: number, line: row.line.number, layout: row.layout }),
        }
    }

    fn base(&mut self, row: RowRef<'_>, figures: &Figures, findings: &mut Findings) {
        self.n = figures.by_number();
        plan_office(row, findings);
        dates(row, &self.key, findings);
        care_level(row, &self.key, findings);
        stop_reason(row, &self.key, findings);
        self.rates(row, findings);
    }

    fn rates(&mut self, row: RowRef<'_>, findings: &mut Findings) {
        let rate = self.n.get(29).copied().unwrap_or(0);
        let unused =
            row.layout.and_then(|layout| layout.item(29)).is_some_and(|item| item.presence == crate::Presence::Unused);
        if !self.key.is_public_only() && !unused && ![90, 80, 70].contains(&rate) {
            if rate == 0 {
                let words = Words::new(
                    "保険給付率が入っていません。",
                    "負担割合証を見て、90・80・70のどれかを入れてください。",
                );
                findings.error(rules::C6, row.at(29), words.found(shown(row.item(29))));
            } else {
                self.odd_rate = true;
            }
        }
        for payer in 0..3 {
            let (number_item, rate_item) = (7 + payer * 2, 30 + payer);
            if row.omitted(number_item) {
                continue;
            }
            let number = row.item(number_item);
            let mut padded = [b'0'; 8];
            for (to, from) in padded.iter_mut().rev().zip(number.iter().rev()) {
                *to = *from;
            }
            if let Some(law) = self.laws.get_mut(payer) {
                *law = padded.get(..2).map(two_digits);
            }
            let rate = row.number(rate_item);
            if rate <= 90 || rate > 100 {
                self.public_rate_wrong = true;
                let found = shown(row.item(rate_item));
                let message = if found.is_empty() {
                    "公費の給付率が入っていません。".to_owned()
                } else {
                    format!("公費の給付率が{found}%になっています。90より大きい数のはずです。")
                };
                let words = Words::new(
                    message,
                    "介護券や公費受給者証を見て、公費の給付率（生活保護なら100）を直してください。",
                );
                findings.error(rules::C6, row.at(rate_item), words.found(found));
            }
        }
        self.public_payers(row, findings);
    }

    /// C13: the public payers of one statement go together. The table is from one source: asks, never blocks.
    fn public_payers(&self, row: RowRef<'_>, findings: &mut Findings) {
        let mut before: Option<([u8; 2], &'static PublicPayer)> = None;
        for (payer, law) in self.laws.iter().enumerate() {
            let Some(law) = law else { continue };
            let (number_item, rate_item) = (7 + payer * 2, 30 + payer);
            if self.laws.iter().take(payer).any(|earlier| earlier.as_ref() == Some(law)) {
                let words = Words::new(
                    format!("同じ公費（法別番号{}）が2つ書かれています。", shown(law)),
                    "公費は種類ごとに1つです。介護券や公費受給者証を見て、介護ソフトの公費の設定を直してください。",
                );
                findings.warning(rules::C13, row.at(number_item), words.found(shown(law)));
                continue;
            }
            let Some(known) = codes::public_payer(law) else { continue };
            let rate = row.number(rate_item);
            if rate > 90 && rate <= 100 && rate != known.rate {
                let words = Words::new(
                    format!(
                        "公費の給付率が{rate}%になっています。{}（法別番号{}）はふつう{}%です。",
                        known.name, known.law, known.rate
                    ),
                    "介護券や公費受給者証で給付率を確かめてください。正しければ、このままで送れます。",
                );
                findings.warning(rules::C13, row.at(rate_item), words.figures(rate, known.rate));
            }
            if let Some((first, earlier)) = before
                && earlier.priority > known.priority
            {
                let words = Words::new(
                    format!(
                        "公費の順番が逆のようです。{}（法別番号{}）は{}（法別番号{}）より先に書きます。",
                        known.name, known.law, earlier.name, earlier.law
                    ),
                    "先に使う公費を公費1にします。介護ソフトの公費の順番を確かめてください。",
                );
                findings.warning(
                    rules::C13,
                    row.at(number_item),
                    words.found(format!("{}・{}", shown(&first), shown(law))).expected(format!(
                        "{}・{}",
                        shown(law),
                        shown(&first)
                    )),
                );
            }
            before = Some((*law, known));
        }
    }

    fn detail(&mut self, row: RowRef<'_>, figures: &Figures, findings: &mut Findings) {
        let service_type = pack(row.item(7));
        let (unit, count, units) = (figures.of(9), figures.of(10), figures.of(14));
        let right = if unit == 0 { units } else { unit.saturating_mul(count) };
        if right != units {
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
            findings.add(rules::A1, self.severity(), row.at(14), words.figures(units, right));
        }
        if self.details.len() < MAX_DETAILS {
            self.details.push(Detail {
                code: Detail::pack(service_type, pack(row.item(8))),
                unit,
                units,
                line: row.line.number,
            });
        }
        let public = [figures.of(15), figures.of(16), figures.of(17)];
        if let Some(sum) = self.sums.iter_mut().find(|sum| sum.service_type == service_type) {
            sum.units = sum.units.saturating_add(units);
            sum.units_right = sum.units_right.saturating_add(right);
            for (sum, units) in sum.public.iter_mut().zip(public) {
                *sum = sum.saturating_add(units);
            }
        } else if self.sums.len() < MAX_TYPES {
            self.sums.push(TypeSum {
                service_type,
                units,
                units_right: right,
                public,
                line: row.line.number,
                layout: row.layout,
            });
            let service = self.service(service_type);
            style(row, &self.key, service, findings);
        } else {
            self.damaged = true;
        }
    }

    fn service(&mut self, code: [u8; 2]) -> Option<&'static ServiceType> {
        if self.service.0 != code {
            self.service = (code, codes::service_type(unpack(&code)));
        }
        self.service.1
    }

    fn total(&mut self, row: RowRef<'_>, figures: &Figures, findings: &mut Findings) {
        let service_type = pack(row.item(7));
        if self.totals.iter().any(|total| total.service_type == service_type) {
            let words = Words::new(
                format!("サービス種類{}の集計の行が2つあります。", service_words(&service_type)),
                "集計はサービス種類ごとに1行です。介護ソフトでファイルを作りなおしてください。",
            );
            findings.error(rules::A11, row.at(7), words.found(shown(row.item(7))));
            self.damaged = true;
        }
        if self.totals.len() >= MAX_TYPES {
            self.damaged = true;
            return;
        }
        let service = self.service(service_type);
        unit_price(row, &self.key, service, findings);
        let n = figures.by_number();
        add_all(&mut self.sum, &n);
        self.totals.push(Total {
            line: row.line.number,
            layout: row.layout,
            service_type,
            n,
            no_plan: row.item(9).is_empty(),
        });
    }

    fn resident_row(&mut self, row: RowRef<'_>, figures: &Figures, findings: &mut Findings) {
        let n = figures.by_number();
        let (price, limit, days) = (figures.of(10), figures.of(11), figures.of(12));
        for (item, right, formula) in [
            (16, price.saturating_mul(days), "費用単価×日数"),
            (17, (price - limit).saturating_mul(days), "（費用単価−負担限度額）×日数"),
        ] {
            let found = figures.of(item);
            // 生活保護 moves the share within the limit to the public payer, so a smaller insurance share is possible only for H numbers.
            if found != right && !(item == 17 && self.key.is_public_only()) {
                let words = Words::new(
                    format!(
                        "特定入所者の金額が合いません。{formula}は{}円ですが、{}円と書かれています。",
                        grouped(right),
                        grouped(found)
                    ),
                    "負担限度額認定証と日数を確かめてください。",
                );
                findings.warning(rules::A13, row.at(item), words.figures(found, right));
            }
        }
        if figures.of(7) == 99 {
            self.resident = Some(n);
        }
    }

    /// Findings about styles that only weak sources describe ask, and never block.
    fn severity(&self) -> Severity {
        match self.base.map(|layout| layout.confidence) {
            Some(Confidence::Low) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    fn at(&self, line: u64, layout: Option<&'static Layout>, item: usize) -> At<'_> {
        At { line, layout, item, insured: self.key.insured() }
    }

    /// Closes the statement: compares its figures, adds them to the 請求書 and returns what it claims.
    pub fn finish(&mut self, heads: &mut Heads, additions: &mut Additions, findings: &mut Findings) -> Claimed {
        self.open = false;
        for sequence in self.sequences.iter().filter(|sequence| sequence.last != 99) {
            let item = sequence.layout.map_or(0, |layout| layout.sequence);
            last_sequence_finding(self.at(sequence.line, sequence.layout, item), sequence.last, findings);
        }
        // The totals stand on the row with 99.
        self.damaged |= self.sequences.iter().any(|sequence| sequence.last != 99);
        let claimed = self.claimed();
        if self.damaged || self.base.is_none() {
            self.odd_rate_finding(findings);
            heads.incomplete = true;
            return claimed;
        }
        self.details.sort_unstable();
        self.judge_totals(findings);
        self.note_additions(additions);
        let right = self.right();
        self.compare_base(&right, findings);
        self.report(&right, heads);
        claimed
    }

    fn claimed(&self) -> Claimed {
        let total = |items: &[usize]| pick(&self.sum, items);
        let resident = |items: &[usize]| self.resident.as_ref().map_or(0, |n| pick(n, items));
        let add = i64::saturating_add;
        Claimed {
            units: self.n.get(33).copied().unwrap_or(0),
            insurance: add(total(&[16, 28]), resident(&[23])),
            public: add(total(&[19, 22, 25, 31, 34, 37]), resident(&[26, 29, 32])),
            own: add(total(&[17, 20, 23, 26, 29, 32, 35, 38]), resident(&[24, 27, 30, 33])),
        }
    }

    /// Returns the line and units of a detail that stands there twice, for a type.
    fn doubled(&self, service_type: [u8; 2]) -> impl Iterator<Item = Detail> {
        self.details.windows(2).filter_map(move |pair| match pair {
            [a, b] if a.service_type() == service_type && (a.code, a.unit, a.units) == (b.code, b.unit, b.units) => {
                Some(*b)
            }
            _ => None,
        })
    }

    fn judge_totals(&mut self, findings: &mut Findings) {
        let mut slips: Vec<(usize, i64, Slip)> = Vec::new();
        let mut rights = std::mem::take(&mut self.rights);
        for (index, total) in self.totals.iter().enumerate() {
            let details = self.sums.iter().find(|sum| sum.service_type == total.service_type);
            let right_units = self.judge_units(total, details, findings);
            let public_units = self.judge_public_units(total, details, findings);
            let (right, slip) = self.judge_money(total, right_units, public_units, findings);
            if let Some(slip) = slip {
                slips.push((index, right.insurance, slip));
            }
            rights.push(right);
        }
        self.report_rates(&slips, findings);
        for sum in &self.sums {
            if !self.totals.iter().any(|total| total.service_type == sum.service_type) {
                let words = Words::new(
                    format!("サービス種類{}の集計の行がありません。", service_words(&sum.service_type)),
                    "介護ソフトで集計しなおして、ファイルを作りなおしてください。",
                );
                findings.error(rules::A11, self.at(sum.line, sum.layout, 7), words);
            }
        }
        self.rights = rights;
    }

    /// A2, A3 and C8. Returns the units that 10.14 ought to have.
    fn judge_units(&self, total: &Total, details: Option<&TypeSum>, findings: &mut Findings) -> i64 {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        let at = |item: usize| self.at(total.line, total.layout, item);
        let written = n(14);
        let given = n(10).saturating_add(n(11));
        let limited = given != 0;
        let compared = if limited { given } else { written };
        // Rows that are wrong by themselves may have been summed as written or as they ought to be.
        let detailed = match details {
            Some(sum) if sum.units_right == compared => sum.units_right,
            Some(sum) => sum.units,
            None => 0,
        };
        // 生活保護単独 may leave the insurance column at 0 (B3).
        let public_only = self.key.is_public_only() && written == 0;
        let mut details_differ = false;
        if detailed != compared && !public_only {
            details_differ = true;
            let extra = detailed.saturating_sub(compared);
            if let Some(twin) = self.doubled(total.service_type).find(|twin| twin.units == extra) {
                let words = Words::new(
                    format!(
                        "同じ明細の行が2つあります（{}{}、{}単位）。明細の合計は{}単位になり、集計の{}単位と合いません。",
                        shown(unpack(&twin.service_type())),
                        shown(unpack(&twin.service_code())),
                        grouped(twin.units),
                        grouped(detailed),
                        grouped(compared)
                    ),
                    "よけいな行を消すか、1行にまとめて回数を直し、ファイルを作りなおしてください。",
                );
                let layout = details.and_then(|sum| sum.layout);
                findings.add(
                    rules::A2,
                    self.severity(),
                    self.at(twin.line, layout, 14),
                    words.figures(detailed, compared),
                );
            } else if limited {
                let words = Words::new(
                    format!(
                        "明細の合計単位数が合いません。明細の合計は{}単位ですが、集計は{}単位です。",
                        grouped(detailed),
                        grouped(given)
                    ),
                    "明細か集計（限度額管理対象と対象外の単位数）を介護ソフトで直して、ファイルを作りなおしてください。",
                );
                findings.add(rules::A2, self.severity(), at(10), words.figures(given, detailed));
            } else {
                let words = Words::new(
                    format!(
                        "合計単位数が合いません。明細の合計は{}単位ですが、{}単位と書かれています。",
                        grouped(detailed),
                        grouped(written)
                    ),
                    "明細か集計を介護ソフトで直して、ファイルを作りなおしてください。",
                );
                findings.add(rules::A3, self.severity(), at(14), words.figures(written, detailed));
            }
        } else {
            for twin in self.doubled(total.service_type) {
                let words = Words::new(
                    format!(
                        "同じ明細の行が2つあります（{}{}、{}単位）。",
                        shown(unpack(&twin.service_type())),
                        shown(unpack(&twin.service_code())),
                        grouped(twin.units)
                    ),
                    "二重に入れていなければ、このままで送れます。二重なら1行にまとめてください。",
                );
                let layout = details.and_then(|sum| sum.layout);
                findings.warning(rules::C8, self.at(twin.line, layout, 8), words);
            }
        }
        if !limited {
            return if details_differ && self.doubled(total.service_type).next().is_none() {
                detailed
            } else {
                written
            };
        }
        let right = if total.no_plan { written } else { n(9).min(n(10)).saturating_add(n(11)) };
        if written != right && !public_only {
            let message = if n(9) < n(10) {
                format!(
                    "計画の単位数をこえた分も入っています。計画{}単位＋対象外{}単位で{}単位のはずですが、{}単位と書かれています。",
                    grouped(n(9)),
                    grouped(n(11)),
                    grouped(right),
                    grouped(written)
                )
            } else {
                format!(
                    "合計単位数が合いません。集計から計算すると{}単位ですが、{}単位と書かれています。",
                    grouped(right),
                    grouped(written)
                )
            };
            let words =
                Words::new(message, "計画単位数を確かめ、介護ソフトで集計しなおして、ファイルを作りなおしてください。");
            findings.add(rules::A3, self.severity(), at(14), words.figures(written, right));
        }
        if public_only { written } else { right }
    }

    /// A10. Returns the units that each public payer ought to have.
    fn judge_public_units(&self, total: &Total, details: Option<&TypeSum>, findings: &mut Findings) -> [i64; 3] {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        let written = TOTAL_PUBLIC.map(|[units, ..]| n(units));
        // A detail that stands there twice shifts these sums as well (A2).
        if self.key.is_public_only() || self.doubled(total.service_type).next().is_some() {
            return written;
        }
        let mut right = written;
        for ((payer, [item, ..]), right) in TOTAL_PUBLIC.iter().enumerate().zip(&mut right) {
            let detailed = details.and_then(|sum| sum.public.get(payer)).copied().unwrap_or(0);
            let over_limit = n(9) < n(10);
            let fits = if over_limit { *right <= detailed } else { *right == detailed };
            if !fits {
                let words = Words::new(
                    format!(
                        "公費{}の単位数が合いません。明細の合計は{}単位ですが、{}単位と書かれています。",
                        payer + 1,
                        grouped(detailed),
                        grouped(*right)
                    ),
                    "公費の対象になる日数・回数と単位数を介護ソフトで確かめて、ファイルを作りなおしてください。",
                );
                findings.add(
                    rules::A10,
                    self.severity(),
                    self.at(total.line, total.layout, *item),
                    words.figures(*right, detailed),
                );
                *right = detailed;
            }
        }
        right
    }

    /// A5 to A8. Returns the right figures, and what is to be said of a wrong insurance share once all totals are known.
    ///
    /// The shares are right when they follow from the units as written or from the right ones: wrong units have their
    /// own finding already.
    fn judge_money(
        &self,
        total: &Total,
        right_units: i64,
        public_units: [i64; 3],
        findings: &mut Findings,
    ) -> (Right, Option<Slip>) {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        let at = |item: usize| self.at(total.line, total.layout, item);
        let public_only = self.key.is_public_only();
        let (price, insurance, own) = (n(15), n(16), n(17));
        let public = TOTAL_PUBLIC.map(|[_, claim, _]| n(claim));
        let burdens = TOTAL_PUBLIC.map(|[_, _, burden]| n(burden));
        let public_sum: i64 = public.iter().chain(&burdens).fold(0, |sum, n| sum.saturating_add(*n));
        let sum = insurance.saturating_add(own).saturating_add(public_sum);
        let written_units = if public_only { n(18) } else { n(14) };
        let cost_written = cost(written_units, price);
        let cost_right = if public_only { cost_written } else { cost(right_units, price) };
        let mut right =
            Right { units: right_units, cost_written, cost: cost_right, insurance, own, public_units, public };
        if public_only && (insurance != 0 || own != 0) {
            let item = if insurance != 0 { 16 } else { 17 };
            let words = Words::new(
                format!("生活保護だけの方（被保険者番号がH）に、保険の金額{}円が入っています。", grouped(n(item))),
                "保険の請求額と利用者負担額を0にし、公費だけで請求するように直してください。",
            );
            findings.add(rules::B3, self.severity(), at(item), words.figures(n(item), 0));
            return (right, None);
        }
        if price == 0 {
            return (right, None);
        }
        let rate = self.n.get(29).copied().unwrap_or(0);
        let rate_known = !public_only && (1..=100).contains(&rate);
        let insurance_fits = |cost: i64| !rate_known || percent(cost, rate) == insurance;
        let candidates = [cost_right, cost_written];
        let full_payer = self.full_payer(total, right_units).filter(|_| rate_known && !self.public_rate_wrong);
        if let Some(cost) = candidates.into_iter().find(|cost| insurance_fits(*cost) && sum == *cost) {
            match full_payer {
                Some([_, claim, burden]) => self.judge_full_payer(total, [claim, burden], cost - insurance, findings),
                None if rate_known
                    && !self.public_rate_wrong
                    && public_units == TOTAL_PUBLIC.map(|[units, ..]| n(units)) =>
                {
                    self.judge_partial_payers(total, rate, findings);
                }
                None => {}
            }
            return (right, None);
        }
        let cost = candidates
            .into_iter()
            .find(|cost| sum == *cost)
            .or_else(|| candidates.into_iter().find(|cost| insurance_fits(*cost)))
            .unwrap_or(cost_right);
        let insurance_right = if rate_known { percent(cost, rate) } else { insurance };
        right.cost = cost;
        right.insurance = insurance_right;
        let fits = (insurance_fits(cost), sum == cost);
        if fits == (false, true) {
            right.own = own.saturating_sub(insurance_right.saturating_sub(insurance));
            let explained = [90, 80, 70]
                .into_iter()
                .find(|other| *other != rate && percent(cost, *other) == insurance)
                .map_or(Slip::Figure, Slip::OtherRate);
            return (right, Some(explained));
        }
        if let ((true, false), Some([_, claim, burden])) = (fits, full_payer)
            && own == 0
        {
            let part = cost - insurance;
            right.public = public.map(|_| 0);
            if let Some(slot) = TOTAL_PUBLIC
                .iter()
                .position(|[_, item, _]| *item == claim)
                .and_then(|payer| right.public.get_mut(payer))
            {
                *slot = part - n(burden);
            }
            self.judge_full_payer(total, [claim, burden], part, findings);
            return (right, None);
        }
        if fits == (false, false) && rate_known && percent(sum, rate) == insurance {
            let words = Words::new(
                format!(
                    "{}単位×{}は{}円ですが、請求額と負担額を足すと{}円です。",
                    grouped(written_units),
                    price_words(price),
                    grouped(cost),
                    grouped(sum)
                ),
                "単位数と単価を確かめ、介護ソフトで金額を計算しなおしてください。",
            );
            findings.add(rules::A6, self.severity(), at(15), words.figures(sum, cost));
            return (right, None);
        }
        if fits == (false, false) {
            self.insurance_finding(total, insurance_right, rate, findings);
            if sum.saturating_sub(insurance).saturating_add(insurance_right) == cost {
                return (right, None);
            }
        }
        right.own = cost.saturating_sub(insurance_right).saturating_sub(public_sum);
        let words = Words::new(
            format!("費用は{}円ですが、保険・公費・利用者の負担を足すと{}円です。", grouped(cost), grouped(sum)),
            "請求額と利用者負担額を介護ソフトで計算しなおして、ファイルを作りなおしてください。",
        );
        findings.add(rules::A6, self.severity(), at(17), words.figures(own, right.own));
        (right, None)
    }

    /// Returns the items of the payer that alone covers all units at 100%, if there is one.
    fn full_payer(&self, total: &Total, right_units: i64) -> Option<[usize; 3]> {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        let mut paying = TOTAL_PUBLIC.iter().enumerate().filter(|(_, items)| items.iter().any(|item| n(*item) != 0));
        let (payer, items) = paying.next()?;
        let [units, ..] = *items;
        let whole = n(units) == right_units || n(units) == n(14);
        (paying.next().is_none() && whole && self.n.get(30 + payer) == Some(&100)).then_some(*items)
    }

    /// A7: the payer takes what the insurance leaves, to the yen; a part of it may fall on the person (A9).
    fn judge_full_payer(&self, total: &Total, [claim, burden]: [usize; 2], part: i64, findings: &mut Findings) {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        if n(claim).saturating_add(n(burden)) == part {
            return;
        }
        let right = part.saturating_sub(n(burden));
        let words = Words::new(
            format!(
                "公費の請求額が合いません。費用から保険請求額を引くと{}円ですが、公費は{}円と書かれています。",
                grouped(right),
                grouped(n(claim))
            ),
            "公費は「費用×10%」ではなく「費用−保険請求額」で計算します。介護ソフトで直して、ファイルを作りなおしてください。",
        );
        findings.add(
            rules::A7,
            self.severity(),
            self.at(total.line, total.layout, claim),
            words.figures(n(claim), right),
        );
    }

    /// A8, from one source: asks, never blocks.
    fn judge_partial_payers(&self, total: &Total, rate: i64, findings: &mut Findings) {
        let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
        let mut before = rate;
        for (payer, [units, claim, burden]) in TOTAL_PUBLIC.into_iter().enumerate() {
            let payer_rate = self.n.get(30 + payer).copied().unwrap_or(0);
            if n(units) == 0 || payer_rate <= before {
                continue;
            }
            let cost = cost(n(units), n(15));
            let share = percent(cost, payer_rate - before);
            // At 100% the payer takes the rest, which truncation makes one yen more.
            let rest = if payer_rate == 100 { cost - percent(cost, before) } else { share };
            let written = n(claim).saturating_add(n(burden));
            if written != share && written != rest {
                let right = share.saturating_sub(n(burden));
                let words = Words::new(
                    format!(
                        "公費{}の請求額が計算と違うようです。計算では{}円ですが、{}円と書かれています。",
                        payer + 1,
                        grouped(right),
                        grouped(n(claim))
                    ),
                    "公費の対象になる期間と給付率を確かめてください。正しければ、このままで送れます。",
                );
                findings.warning(rules::A8, self.at(total.line, total.layout, claim), words.figures(n(claim), right));
            }
            before = payer_rate;
        }
    }

    fn insurance_finding(&self, total: &Total, right: i64, rate: i64, findings: &mut Findings) {
        let written = total.n.get(16).copied().unwrap_or(0);
        let words = Words::new(
            format!(
                "保険請求額が合いません。給付率{rate}%で計算すると{}円ですが、{}円と書かれています。",
                grouped(right),
                grouped(written)
            ),
            "単位数・単価・給付率を確かめ、介護ソフトで金額を計算しなおしてください。",
        );
        findings.add(rules::A5, self.severity(), self.at(total.line, total.layout, 16), words.figures(written, right));
    }

    /// C6: a rate other than 90, 80 and 70 is possible, and rare.
    fn odd_rate_finding(&self, findings: &mut Findings) {
        if !self.odd_rate {
            return;
        }
        let rate = self.n.get(29).copied().unwrap_or(0);
        let words = Words::new(
            format!("保険給付率が{rate}%になっています。ふつうは90・80・70のどれかです。"),
            "給付制限や減免があるときは、このままで送れます。なければ負担割合証を見て直してください。",
        );
        findings.warning(rules::C6, self.at(self.base_line, self.base, 29), words.found(rate.to_string()));
    }

    /// Hands the additions computed as a percentage to the comparison across persons (A4).
    fn note_additions(&self, additions: &mut Additions) {
        for total in &self.totals {
            let n = |no: usize| total.n.get(no).copied().unwrap_or(0);
            let mut outside = self
                .details
                .iter()
                .filter(|detail| detail.service_type() == total.service_type && detail.units == n(11) && n(11) > 0);
            // Only where one row makes up all that lies outside the limit is it known to be the addition.
            if let (Some(detail), None) = (outside.next(), outside.next()) {
                additions.note(
                    (detail.service_type(), detail.service_code()),
                    detail.units,
                    [n(9), n(10)],
                    self.at(total.line, total.layout, 11),
                );
            }
        }
    }

    /// A5: when one other rate explains all totals, the rate is what is wrong.
    fn report_rates(&self, slips: &[(usize, i64, Slip)], findings: &mut Findings) {
        let rate = self.n.get(29).copied().unwrap_or(0);
        if let Some((_, _, Slip::OtherRate(other))) = slips.first()
            && slips.len() == self.totals.len()
            && slips.iter().all(|(_, _, slip)| *slip == Slip::OtherRate(*other))
        {
            let words = Words::new(
                format!("保険給付率は{rate}%と書かれていますが、金額は{other}%で計算されています。"),
                "負担割合証を確かめ、給付率か金額を介護ソフトで直してください。",
            );
            findings.add(
                rules::A5,
                self.severity(),
                self.at(self.base_line, self.base, 29),
                words.figures(rate, *other),
            );
            return;
        }
        self.odd_rate_finding(findings);
        for (index, right, _) in slips {
            if let Some(total) = self.totals.get(*index) {
                self.insurance_finding(total, *right, rate, findings);
            }
        }
    }

    /// A11, A12 and B3: record 01 against the sums of record 10 and 11.
    fn compare_base(&self, right: &Right, findings: &mut Findings) {
        if self.sums.iter().any(|sum| !self.totals.iter().any(|total| total.service_type == sum.service_type)) {
            return;
        }
        let base = |no: usize| self.n.get(no).copied().unwrap_or(0);
        let written = |no: usize| self.sum.get(no).copied().unwrap_or(0);
        let mut pairs = [(0, 0, 0); 12];
        let first = [(33, written(14), right.units), (34, written(16), right.insurance), (35, written(17), right.own)];
        let payers = TOTAL_PUBLIC.into_iter().zip(BASE_PUBLIC).zip(right.public_units.into_iter().zip(right.public));
        let public = payers.flat_map(
            |(([units, claim, burden], [base_units, base_claim, base_burden]), (right_units, right_claim))| {
                [
                    (base_units, written(units), right_units),
                    (base_claim, written(claim), right_claim),
                    (base_burden, written(burden), written(burden)),
                ]
            },
        );
        for (to, from) in pairs.iter_mut().zip(first.into_iter().chain(public)) {
            *to = from;
        }
        for (item, as_written, right) in pairs {
            let found = base(item);
            if found == as_written || found == right {
                continue;
            }
            let name = self.base.and_then(|layout| layout.item(item)).map_or("", |item| item.name_ja);
            let words = Words::new(
                format!(
                    "基本情報の「{name}」が合いません。集計の合計は{}ですが、{}と書かれています。",
                    grouped(right),
                    grouped(found)
                ),
                "介護ソフトで集計しなおして、ファイルを作りなおしてください。",
            );
            let (rule, severity) = if self.key.is_public_only() && matches!(item, 34 | 35) {
                (rules::B3, self.severity())
            } else {
                (rules::A11, self.severity())
            };
            findings.add(rule, severity, self.at(self.base_line, self.base, item), words.figures(found, right));
        }
        let resident = |no: usize| self.resident.as_ref().and_then(|n| n.get(no).copied()).unwrap_or(0);
        for (items, right, what) in [
            (&[36, 37][..], written(28), "保険の出来高"),
            (&[42, 43], written(31), "公費1の出来高"),
            (&[48, 49], written(34), "公費2の出来高"),
            (&[54, 55], written(37), "公費3の出来高"),
            (&[38], resident(23), "特定入所者の保険請求額"),
            (&[44], resident(26), "特定入所者の公費1請求額"),
            (&[50], resident(29), "特定入所者の公費2請求額"),
            (&[56], resident(32), "特定入所者の公費3請求額"),
        ] {
            let found = items.iter().map(|no| base(*no)).fold(0_i64, i64::saturating_add);
            if found != right {
                let words = Words::new(
                    format!(
                        "基本情報の{what}が合いません。内訳の合計は{}円ですが、{}円と書かれています。",
                        grouped(right),
                        grouped(found)
                    ),
                    "介護ソフトで集計を確かめてください。",
                );
                findings.warning(
                    rules::A12,
                    self.at(self.base_line, self.base, items.first().copied().unwrap_or(0)),
                    words.figures(found, right),
                );
            }
        }
    }

    /// Adds the statement to the 請求書, computed each way.
    fn report(&self, right: &Right, heads: &mut Heads) {
        let family = Family::of_statement(self.key.exchange_id);
        let base = |no: usize| self.n.get(no).copied().unwrap_or(0);
        let written = |items: &[usize]| pick(&self.sum, items);
        let public_right = right.public.into_iter().fold(0, i64::saturating_add);
        let burdens = written(&[20, 23, 26]);
        let add = i64::saturating_add;
        let recomputed = [right.units, right.cost, right.insurance, public_right, add(right.own, burdens)];
        let in_totals =
            [written(&[14]), right.cost_written, written(&[16]), written(&[19, 22, 25]), written(&[17, 20, 23, 26])];
        let (base_public, base_own) =
            ([40, 46, 52].map(base).into_iter().fold(0, add), [35, 41, 47, 53].map(base).into_iter().fold(0, add));
        let in_base = [base(33), add(add(base(34), base_public), base_own), base(34), base_public, base_own];
        let (extra_insurance, extra_public, extra_own) =
            (written(&[28]), written(&[31, 34, 37]), written(&[29, 32, 35, 38]));
        let extra = [0, add(add(extra_insurance, extra_public), extra_own), extra_insurance, extra_public, extra_own];
        let with_extra = std::array::from_fn(|at| {
            add(recomputed.get(at).copied().unwrap_or(0), extra.get(at).copied().unwrap_or(0))
        });
        let ways = [recomputed, in_totals, in_base, with_extra];
        if !self.key.is_public_only() {
            heads.add(family, self.key.month, None, &Share { ways, residents: self.resident_figures() }, self.line);
        }
        for (payer, law) in self.laws.iter().enumerate() {
            let Some(law) = *law else {
                continue;
            };
            heads.payer(family, self.key.month, law, self.base_line, self.key.insured, 7 + payer * 2);
            let items = |table: [[usize; 3]; 3]| table.get(payer).copied().unwrap_or_default();
            let [units, claim, _] = items(TOTAL_PUBLIC);
            let [base_units, base_claim, _] = items(BASE_PUBLIC);
            let (units_right, claim_right) =
                (right.public_units.get(payer).copied().unwrap_or(0), right.public.get(payer).copied().unwrap_or(0));
            let extra_claim = written(&[31 + payer * 3]);
            let [[_, cost_right, ..], [_, cost_written, ..], [_, cost_base, ..], [_, cost_extra, ..]] = ways;
            let share = Share {
                ways: [
                    [units_right, cost_right, 0, claim_right, 0],
                    [written(&[units]), cost_written, 0, written(&[claim]), 0],
                    [base(base_units), cost_base, 0, base(base_claim), 0],
                    [units_right, cost_extra, 0, add(claim_right, extra_claim), 0],
                ],
                residents: [0; 6],
            };
            heads.add(family, self.key.month, Some(law), &share, self.line);
        }
    }

    /// Returns the sums of what the totals ought to be.
    fn right(&self) -> Right {
        let mut sum = Right::default();
        for right in &self.rights {
            let singles = [
                (&mut sum.units, right.units),
                (&mut sum.cost_written, right.cost_written),
                (&mut sum.cost, right.cost),
                (&mut sum.insurance, right.insurance),
                (&mut sum.own, right.own),
            ];
            for (to, from) in singles {
                *to = to.saturating_add(from);
            }
            add_all(&mut sum.public_units, &right.public_units);
            add_all(&mut sum.public, &right.public);
        }
        sum
    }

    fn resident_figures(&self) -> [i64; 6] {
        let Some(n) = &self.resident else {
            return [0; 6];
        };
        let sum = |items: &[usize]| pick(n, items);
        [1, sum(&[22]), sum(&[24]), sum(&[24, 27, 30, 33]), sum(&[26, 29, 32]), sum(&[23])]
    }
}

/// Adds figures to sums, item by item.
fn add_all<const N: usize>(sums: &mut [i64; N], figures: &[i64; N]) {
    for (sum, figure) in sums.iter_mut().zip(figures) {
        *sum = sum.saturating_add(*figure);
    }
}

/// Returns the sum of the figures with these numbers.
fn pick(figures: &[i64], numbers: &[usize]) -> i64 {
    numbers.iter().filter_map(|no| figures.get(*no)).fold(0, |sum, figure| sum.saturating_add(*figure))
}

/// O4: rows of one kind count upwards. Asks only, as the order alone loses nothing.
pub(super) fn sequence_finding(at: At<'_>, before: i64, found: i64, findings: &mut Findings) {
    let words = Words::new(
        format!("行の順番の番号が{before}のあとに{found}になっています。"),
        "順番の番号は1から増え、最後の行が99です。介護ソフトからもう一度出力してください。",
    );
    findings.warning(rules::O4, at, words.found(found.to_string()));
}

/// O4: the last row carries 99.
pub(super) fn last_sequence_finding(at: At<'_>, found: i64, findings: &mut Findings) {
    let words = Words::new(
        format!("最後の行の番号が{found}です。最後の行は99で、合計もそこに書きます。"),
        "介護ソフトからもう一度出力してください。それでも同じなら、介護ソフトの会社に確かめてください。",
    );
    findings.error(rules::O4, at, words.figures(found, 99));
}

pub(super) fn service_words(service_type: &[u8]) -> String {
    let code = shown(unpack(service_type));
    match codes::service_type_name(&code) {
        Some(name) => format!("{code}（{name}）"),
        None => code,
    }
}

fn price_words(price: i64) -> String {
    format!("{}.{:02}円", grouped(price.div_euclid(100)), price.rem_euclid(100))
}

/// C2: who made the plan, when an office did.
fn plan_office(row: RowRef<'_>, findings: &mut Findings) {
    let unused =
        row.layout.and_then(|layout| layout.item(20)).is_some_and(|item| item.presence == crate::Presence::Unused);
    if matches!(row.item(19), b"1" | b"3") && row.omitted(20) && !unused {
        let words = Words::new(
            "計画を作った事業所の番号が入っていません。",
            "居宅介護支援事業所（地域包括支援センター）の事業所番号を入れて、ファイルを作りなおしてください。",
        );
        findings.error(rules::C2, row.at(20), words);
    }
}

/// C3: start and stop lie in the month. C4: the certificate covers it.
fn dates(row: RowRef<'_>, key: &Key, findings: &mut Findings) {
    let month = unpack(&key.month);
    if !fields::is_month(month) {
        return;
    }
    for (item, name) in [(21, "開始年月日"), (22, "中止年月日")] {
        let date = row.item(item);
        if !row.omitted(item) && date.len() == 8 && !date.starts_with(month) {
            let words = Words::new(
                format!("「{name}」（{}）が、サービス提供月（{}）の外にあります。", shown(date), month_words(month)),
                "その月に始めた日・やめた日だけを書きます。介護ソフトで直して、ファイルを作りなおしてください。",
            );
            findings.error(rules::C3, row.at(item), words.found(shown(date)));
        }
    }
    let (from, until) = (row.item(17), row.item(18));
    let starts_late = !row.omitted(17) && from.get(..6).is_some_and(|from| from > month);
    let ends_early = !row.omitted(18) && until.get(..6).is_some_and(|until| until < month);
    if starts_late || ends_early {
        let (item, date) = if starts_late { (17, from) } else { (18, until) };
        let words = Words::new(
            format!("認定の有効期間が、サービス提供月（{}）を含んでいません。", month_words(month)),
            "被保険者証で認定の期間を確かめてください。更新中なら、認定が出てから請求します。",
        );
        findings.warning(rules::C4, row.at(item), words.found(shown(date)));
    }
}

/// C5: the level of care fits the style.
fn care_level(row: RowRef<'_>, key: &Key, findings: &mut Findings) {
    let level = row.item(15);
    let fits = match &key.exchange_id {
        b"7132" | b"7144" | b"7156" | b"7158" | b"7165" | b"7172" | b"7174" | b"7176" => matches!(level, b"12" | b"13"),
        // 総合事業 is open to 事業対象者, 要支援 and, where it was used before, 要介護.
        b"71R1" | b"71P1" => true,
        _ => matches!(level, b"11" | b"21" | b"22" | b"23" | b"24" | b"25"),
    };
    if fits || level.is_empty() {
        return;
    }
    let code = shown(level);
    let name = codes::care_level_name(&code).map_or_else(|| code.clone(), str::to_owned);
    let words = Words::new(
        format!("要介護状態区分が「{name}」です。この様式（{}）では使わない区分のようです。", shown(&key.exchange_id)),
        "被保険者証で要介護度を確かめ、様式とサービスを直してください。",
    );
    findings.warning(rules::C5, row.at(15), words.found(code));
}

/// C14: item 23 has two lists. Only that of the styles for services at home has no 2（医療機関）; the other ends at 9 too.
fn stop_reason(row: RowRef<'_>, key: &Key, findings: &mut Findings) {
    if row.item(23) == b"2" && matches!(&key.exchange_id, b"7131" | b"7132" | b"71R1" | b"71P1") {
        let words = Words::new(
            "中止理由の「2」は、この様式では使わないコードです。",
            "医療機関への入院なら3です。介護ソフトで中止理由を選びなおしてください。",
        );
        findings.warning(rules::C14, row.at(23), words.found("2").expected("1・3〜9"));
    }
}

/// C9: the style carries this service type.
fn style(row: RowRef<'_>, key: &Key, service: Option<&'static ServiceType>, findings: &mut Findings) {
    let code = row.item(7);
    match service {
        Some(known) if known.styles.iter().any(|style| style.as_bytes() == key.exchange_id) => {}
        Some(known) => {
            let words = Words::new(
                format!(
                    "サービス種類{}は、この様式（{}）では請求できません。",
                    service_words(code),
                    shown(&key.exchange_id)
                ),
                "サービス種類に合う様式で請求するように、介護ソフトで直してください。",
            );
            findings.error(rules::C9, row.at(7), words.found(shown(code)).expected(known.styles.join("・")));
        }
        None => {
            let words = Words::new(
                format!("サービス種類「{}」は、このソフトの一覧にありません。", shown(code)),
                "新しくできたサービスなら、このままで送れます。そうでなければコードを確かめてください。",
            );
            findings.warning(rules::C9, row.at(7), words.found(shown(code)));
        }
    }
}

/// C11: the unit price is one of the eight of the table; which of them is right depends on the office.
fn unit_price(row: RowRef<'_>, key: &Key, service: Option<&'static ServiceType>, findings: &mut Findings) {
    let price = row.number(15);
    let Some(known) = service.filter(|known| known.styles.iter().any(|style| style.as_bytes() == key.exchange_id))
    else {
        return;
    };
    if price == 0
        || known.unit_prices.is_empty()
        || known.unit_prices.contains(&price)
        || unpack(&key.month) < b"201504".as_slice()
    {
        return;
    }
    let words = Words::new(
        format!(
            "単位数単価が{}です。サービス種類{}の単価の表にありません。",
            price_words(price),
            service_words(row.item(7))
        ),
        "事業所の地域区分の単価を確かめてください。正しければ、このままで送れます。",
    );
    findings.warning(rules::C11, row.at(15), words.found(price.to_string()));
}

/// A14: 社会福祉法人軽減. From one source: asks, never blocks.
fn reduction(row: RowRef<'_>, figures: &Figures, findings: &mut Findings) {
    let (before, taken, after) = (figures.of(9), figures.of(10), figures.of(11));
    if before - taken != after {
        let words = Words::new(
            format!(
                "軽減後の利用者負担額が合いません。{}円−{}円は{}円ですが、{}円と書かれています。",
                grouped(before),
                grouped(taken),
                grouped(before - taken),
                grouped(after)
            ),
            "社会福祉法人軽減の金額を確かめてください。",
        );
        findings.warning(rules::A14, row.at(11), words.figures(after, before - taken));
    }
}

impl Claimed {
    /// Returns insurance and public share: what the office is paid.
    pub fn yen(&self) -> Yen {
        Yen(self.insurance) + Yen(self.public)
    }

    /// Returns all shares together.
    pub fn cost(&self) -> Yen {
        self.yen() + Yen(self.own)
    }
}
