//! 請求書 (7111, 7113, 7112) against the statements below them: rules B1 to B5 and C7.

use std::collections::BTreeMap;

use crate::codes;
use crate::layout::Layout;

use super::findings::{At, Findings, Words, grouped, month_words, shown};
use super::row::{RowRef, pack};
use super::rules;

/// Sets of figures kept at most; a file of one office has a handful.
const MAX_TALLIES: usize = 2_000;

/// Which 請求書 a statement is claimed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// 7111 with 請求情報区分 01: 居宅・施設・予防・地域密着型.
    Services,
    /// 7111 with 請求情報区分 02: サービス計画費.
    Plans,
    /// 7113: 総合事業.
    Project,
    /// 7112: 総合事業（経過措置）.
    OldProject,
}

impl Family {
    pub fn of_statement(exchange_id: [u8; 4]) -> Self {
        match &exchange_id {
            b"71R1" => Self::Project,
            b"71P1" => Self::OldProject,
            [b'8', ..] => Self::Plans,
            _ => Self::Services,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    family: Family,
    month: [u8; 6],
    /// 法別番号 of a 公費 row; `None` for the 保険 row.
    law: Option<[u8; 2]>,
}

/// Figures of one payer row: units, cost, 保険請求, 公費請求, 利用者負担.
pub(super) type Figures = [i64; 5];

/// Sums of the statements, computed in several ways. A wrong figure inside a statement has its own finding, so the
/// 請求書 is right when it agrees with any of them.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: i64,
    /// Recomputed; as in 集計情報; as in 基本情報; recomputed with 出来高.
    ways: [Figures; 4],
    /// 特定入所者: count, cost, own burden, own burden with 公費本人負担, public, insurance.
    residents: [i64; 6],
    first_line: u64,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    line: u64,
    layout: &'static Layout,
    /// Items 7 to 12.
    figures: [i64; 6],
    /// Items 13 to 18; none in 7112 and 7113.
    residents: Option<[i64; 6]>,
}

/// What one statement adds to the 請求書.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    pub ways: [Figures; 4],
    pub residents: [i64; 6],
}

#[derive(Debug, Default)]
pub(super) struct Heads {
    rows: BTreeMap<Slot, Head>,
    tallies: BTreeMap<Slot, Tally>,
    /// 公費 payers that some statement names: slot and the first row that does.
    payers: BTreeMap<Slot, (u64, [u8; 10], usize)>,
    /// Something cannot be counted: a row of unknown shape, or more sets than a file can have.
    pub incomplete: bool,
    /// サービス計画費 of 総合事業 (8171): by which 請求書 it is claimed is not known for sure.
    pub has_project_plans: bool,
}

impl Heads {
    /// Takes a row of 7111, 7112 or 7113.
    pub fn head(&mut self, row: RowRef<'_>, layout: &'static Layout, findings: &mut Findings) {
        let family = match (row.item(1), row.number(6)) {
            (b"7113", _) => Family::Project,
            (b"7112", _) => Family::OldProject,
            (_, 2) => Family::Plans,
            _ => Family::Services,
        };
        let law = (row.item(4) != b"1").then(|| two_digits(row.item(5)));
        let slot = Slot { family, month: pack(row.item(2)), law };
        let head = Head {
            line: row.line.number,
            layout,
            figures: std::array::from_fn(|at| row.number(7 + at)),
            residents: (layout.items.len() >= 18).then(|| std::array::from_fn(|at| row.number(13 + at))),
        };
        if self.rows.len() >= MAX_TALLIES {
            self.incomplete = true;
            return;
        }
        if let Some(law) = law.filter(|law| codes::public_payer(law).is_none()) {
            let words = Words::new(
                format!("法別番号{}の公費は、このソフトの一覧にありません。", shown(&law)),
                "市区町村の公費など、一覧にないものもあります。介護券や公費受給者証と見くらべ、正しければ、このままで送れます。",
            );
            findings.warning(rules::C13, row.at(5), words.found(shown(&law)));
        }
        if self.rows.insert(slot, head).is_some() {
            let words = Words::new(
                format!("{}の同じ請求書の行が2つあります。", month_words(row.item(2))),
                "請求書の行は、提供月と保険・公費ごとに1つです。介護ソフトでファイルを作りなおしてください。",
            );
            findings.error(if law.is_some() { rules::B2 } else { rules::B1 }, row.at(0), words);
        }
    }

    /// Adds a statement to the row of the insurance (`law` none) or of a public payer.
    pub fn add(&mut self, family: Family, month: [u8; 6], law: Option<[u8; 2]>, share: &Share, line: u64) {
        let slot = Slot { family, month, law };
        if self.tallies.len() >= MAX_TALLIES && !self.tallies.contains_key(&slot) {
            self.incomplete = true;
            return;
        }
        let tally = self.tallies.entry(slot).or_insert(Tally { first_line: line, ..Tally::default() });
        tally.count += 1;
        for (sums, figures) in tally.ways.iter_mut().zip(&share.ways) {
            add(sums, figures);
        }
        add(&mut tally.residents, &share.residents);
    }

    /// Notes that a statement names a public payer: the row for C7.
    pub fn payer(&mut self, family: Family, month: [u8; 6], law: [u8; 2], line: u64, insured: [u8; 10], item: usize) {
        if self.payers.len() < MAX_TALLIES {
            self.payers.entry(Slot { family, month, law: Some(law) }).or_insert((line, insured, item));
        }
    }

    /// Compares all.
    pub fn finish(mut self, base: Option<&'static Layout>, findings: &mut Findings) {
        self.settle_blank_kinds();
        if self.incomplete {
            return;
        }
        let mut without_head: Vec<(Family, [u8; 6])> = Vec::new();
        for (slot, (line, insured, item)) in &self.payers {
            if self.unsure(slot.family) || self.rows.contains_key(slot) {
                continue;
            }
            without_head.push((slot.family, slot.month));
            let law = shown(&slot.law.unwrap_or_default());
            let at = At { line: *line, layout: base, item: *item, insured: super::row::unpack(insured) };
            let words = Words::new(
                format!("法別番号{law}の公費を使っていますが、請求書に法別{law}の行がありません。"),
                "公費負担者番号のはじめの2けた（法別番号）を確かめ、請求書を作りなおしてください。",
            );
            findings.error(rules::C7, at, words.found(law));
        }
        for (slot, tally) in &self.tallies {
            if self.unsure(slot.family)
                || self.rows.contains_key(slot)
                || (slot.law.is_some() && self.payers.contains_key(slot))
            {
                continue;
            }
            let words = Words::new(
                format!(
                    "{}の明細書が{}件ありますが、それをまとめる請求書の行がありません。",
                    month_words(&slot.month),
                    tally.count
                ),
                "介護ソフトで請求書も入れて、ファイルを作りなおしてください。",
            );
            findings.error(if slot.law.is_some() { rules::B2 } else { rules::B1 }, At::line(tally.first_line), words);
        }
        for (slot, head) in &self.rows {
            // A wrong payer number shifts figures from one 公費 row to another: C7 has said so.
            if self.unsure(slot.family) || (slot.law.is_some() && without_head.contains(&(slot.family, slot.month))) {
                continue;
            }
            compare(slot, head, &self.tallies.get(slot).copied().unwrap_or_default(), findings);
        }
    }

    fn unsure(&self, family: Family) -> bool {
        self.has_project_plans && matches!(family, Family::Plans | Family::Project)
    }

    /// 公費 rows of other laws than 12 carry 請求情報区分 0, so which family they sum up shows only in the statements.
    fn settle_blank_kinds(&mut self) {
        let moved: Vec<Slot> = self
            .rows
            .keys()
            .filter(|slot| {
                let plans = Slot { family: Family::Plans, ..**slot };
                slot.law.is_some()
                    && slot.family == Family::Services
                    && !self.tallies.contains_key(slot)
                    && self.tallies.contains_key(&plans)
                    && !self.rows.contains_key(&plans)
            })
            .copied()
            .collect();
        for slot in moved {
            if let Some(head) = self.rows.remove(&slot) {
                self.rows.insert(Slot { family: Family::Plans, ..slot }, head);
            }
        }
    }
}

fn add<const N: usize>(sums: &mut [i64; N], figures: &[i64; N]) {
    for (sum, figure) in sums.iter_mut().zip(figures) {
        *sum = sum.saturating_add(*figure);
    }
}

/// Returns 法別番号 with two digits, `5` as `05`.
pub(super) fn two_digits(bytes: &[u8]) -> [u8; 2] {
    match bytes {
        [one] => [b'0', *one],
        other => pack(other),
    }
}

fn compare(slot: &Slot, head: &Head, tally: &Tally, findings: &mut Findings) {
    const NAMES: [(&str, &str); 6] = [
        ("件数", "件"),
        ("単位数", "単位"),
        ("費用の合計", "円"),
        ("保険請求額", "円"),
        ("公費請求額", "円"),
        ("利用者負担", "円"),
    ];
    let rule = match (slot.family, slot.law) {
        (Family::Plans, _) => rules::B5,
        (_, None) => rules::B1,
        (_, Some(_)) => rules::B2,
    };
    let whose = slot.law.map_or_else(|| "保険".to_owned(), |law| format!("公費（法別{}）", shown(&law)));
    for (at, ((name, unit), found)) in NAMES.iter().zip(head.figures).enumerate() {
        let right = if at == 0 {
            tally.count
        } else {
            tally.ways.first().and_then(|way| way.get(at - 1)).copied().unwrap_or(0)
        };
        let agrees =
            if at == 0 { found == right } else { tally.ways.iter().any(|way| way.get(at - 1) == Some(&found)) };
        if agrees {
            continue;
        }
        let words = Words::new(
            format!(
                "請求書の{whose}の{name}が合いません。明細書の合計は{}{unit}ですが、{}{unit}と書かれています。",
                grouped(right),
                grouped(found)
            ),
            "介護ソフトで請求書を作りなおして、もう一度出力してください。",
        );
        findings.error(
            rule,
            At { line: head.line, layout: Some(head.layout), item: 7 + at, insured: b"" },
            words.figures(found, right),
        );
    }
    if let (Some(found), None, Family::Services) = (head.residents, slot.law, slot.family) {
        compare_residents(head, found, tally.residents, findings);
    }
}

/// B4, from one source: asks, never blocks. Days (item 14) are not used since 200510.
fn compare_residents(
    head: &Head,
    found: [i64; 6],
    [count, cost, own, all_own, public, insurance]: [i64; 6],
    findings: &mut Findings,
) {
    let [found_count, _, found_cost, found_own, found_public, found_insurance] = found;
    let pairs = [
        (13, "件数", found_count, count),
        (15, "費用の合計", found_cost, cost),
        (16, "利用者負担", found_own, if found_own == all_own { all_own } else { own }),
        (17, "公費請求額", found_public, public),
        (18, "保険請求額", found_insurance, insurance),
    ];
    for (item, name, found, right) in pairs {
        if found != right {
            let words = Words::new(
                format!(
                    "請求書の特定入所者の{name}が合いません。明細書の合計は{}ですが、{}と書かれています。",
                    grouped(right),
                    grouped(found)
                ),
                "特定入所者の金額を介護ソフトで確かめてください。",
            );
            findings.warning(
                rules::B4,
                At { line: head.line, layout: Some(head.layout), item, insured: b"" },
                words.figures(found, right),
            );
        }
    }
}
