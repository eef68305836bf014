//! Writes the notices of one office and month, all from the same rulings.

use std::collections::BTreeMap;

use calendar::Month;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::csv_writer::{FileWriter, Row};
use crate::review::{Decision, Reduction, Ruling};
use crate::statement::{Kind, Statement};
use crate::texts;

/// A notice file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoticeFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Who a set of notices is for, and what it is about.
pub(crate) struct Subject<'a> {
    pub office: &'a str,
    pub office_name: &'a str,
    /// 審査年月.
    pub month: Month,
}

/// The day on which the notices of a review are made: the last of its month.
pub(crate) fn review_day(month: Month) -> NaiveDate {
    month.last_day()
}

/// The day on which the payment notices of a review are made: the 17th of the following month.
pub(crate) fn payment_day(month: Month) -> NaiveDate {
    month.next().day(17)
}

/// The day of the transfer: the 24th of the following month, or the Friday before a weekend.
fn transfer_day(month: Month) -> NaiveDate {
    let day = month.next().day(24);
    let back = match day.weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        _ => 0,
    };
    day.checked_sub_days(Days::new(back)).unwrap_or(day)
}

impl Subject<'_> {
    /// Returns the notices of the review. None at all when nothing was returned, held, reduced or released (rules.md E2).
    pub fn review_notices(&self, rulings: &[Ruling]) -> Vec<NoticeFile> {
        let (project, care): (Vec<&Ruling>, Vec<&Ruling>) = rulings.iter().partition(|ruling| ruling.statement.project);
        [
            self.return_list(rulings),
            self.change_table("7211", &care),
            self.reductions(&care),
            self.change_table("7231", &project),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the payment notices: the details of each system in which money was claimed or released, what was `taken_back`
    /// of earlier months（過誤）, and the transfer. A month in which everything claimed was returned or held is told so by
    /// zeros.
    pub fn payment_notices(&self, rulings: &[Ruling], taken_back: Vec<Statement>) -> Vec<NoticeFile> {
        let money: Vec<&Ruling> =
            rulings.iter().filter(|ruling| is_fresh_money(ruling) || is_released(ruling)).collect();
        if money.is_empty() {
            return Vec::new();
        }
        let (project, care): (Vec<&Ruling>, Vec<&Ruling>) =
            money.into_iter().partition(|ruling| ruling.statement.project);
        let back = |statement| Ruling { statement, decision: Decision::Paid, from_hold: false };
        let (project_back, care_back): (Vec<Ruling>, Vec<Ruling>) =
            taken_back.into_iter().map(back).partition(|ruling| ruling.statement.project);
        let (care_file, care_yen) = self.payment_detail("7521", &care, &care_back);
        let (project_file, project_yen) = self.payment_detail("7551", &project, &project_back);
        [
            care_file,
            project_file,
            self.kago("7611", &care_back),
            self.kago("7631", &project_back),
            Some(self.transfer(care_yen, project_yen)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns what the payments of a review come to, for what may be taken back from them.
    pub fn payable(rulings: &[Ruling]) -> i64 {
        rulings.iter().flat_map(payment_lines).map(|(_, values)| values[4] + values[8]).sum()
    }

    /// 7411: one row per item concerned, each with the units of the whole claim; the services of a claim take turns.
    fn return_list(&self, rulings: &[Ruling]) -> Option<NoticeFile> {
        let mut rows = Vec::new();
        for Ruling { statement, decision, .. } in rulings {
            let (reason, contents, remark) = match decision {
                Decision::Paid | Decision::Reduced(_) => continue,
                Decision::Held => {
                    let (reason, content) = texts::hold_text(statement.kind);
                    (reason, vec![content.to_owned()], "保留")
                }
                Decision::Returned(code) => {
                    let text = texts::return_text(code);
                    (
                        text.reason,
                        text.items.iter().map(|item| texts::content(item, text.message)).collect(),
                        code.as_str(),
                    )
                }
            };
            // Every service type is named at least once.
            let count = contents.len().max(statement.services.len()).max(1);
            for index in 0..count {
                let service = statement
                    .services
                    .get(index % statement.services.len().max(1))
                    .map_or("", |service| service.code.as_str());
                rows.push(
                    Row::new("7411", "D1")
                        .bare(&format!("{:0>10}", statement.insurer))
                        .wide(texts::insurer_name(&statement.insurer), 40)
                        .text(&statement.insured, 10)
                        .text(&texts::insured_kana(&statement.insured), 25)
                        .wide(statement.kind.mark(), 2)
                        .month(statement.service_month)
                        .bare(service)
                        .number(statement.units)
                        .text(&reason.to_string(), 1)
                        .wide(contents.get(index % contents.len().max(1)).map_or("", String::as_str), 210)
                        .wide(remark, 8)
                        .blank(),
                );
            }
        }
        self.file("7411", review_day(self.month), &rows)
    }

    /// 7211 and 7231: counts and units per insurer and service month, and the difference to what was claimed.
    fn change_table(&self, exchange_id: &str, rulings: &[&Ruling]) -> Option<NoticeFile> {
        let mut lines: BTreeMap<(&str, Month), Changes> = BTreeMap::new();
        let mut total = Changes::default();
        for ruling in rulings {
            if let Some(changes) = Changes::of(ruling) {
                lines.entry((&ruling.statement.insurer, ruling.statement.service_month)).or_default().add(&changes);
                total.add(&changes);
            }
        }
        if lines.is_empty() {
            return None;
        }
        let mut rows: Vec<Row> = lines
            .into_iter()
            .map(|((insurer, month), changes)| {
                Row::new(exchange_id, "D1").bare(&eight(insurer)).month(month).numbers(&changes.columns)
            })
            .collect();
        rows.push(Row::new(exchange_id, "T1").numbers(&total.difference).numbers(&total.columns));
        self.file(exchange_id, review_day(self.month), &rows)
    }

    /// 7311: the reduced units stand on the last row of a person, month and type (rules.md E11).
    fn reductions(&self, rulings: &[&Ruling]) -> Option<NoticeFile> {
        let mut rows = Vec::new();
        for ruling in rulings {
            let Decision::Reduced(reduction) = ruling.decision else { continue };
            let statement = &ruling.statement;
            let Some(service) = statement.services.get(reduction.service) else { continue };
            let row = || {
                Row::new("7311", "D1")
                    .bare(&eight(&statement.insurer))
                    .text(&statement.insured, 10)
                    .text(&texts::insured_kana(&statement.insured), 25)
                    .month(statement.service_month)
                    .bare(&service.code)
                    .blank()
            };
            rows.push(row().blank().text("B", 1).wide("給付管理票の実績を超える", 48).blank());
            let claimed_and_decided = format!("確定{}／請求{}", service.units - reduction.units, service.units);
            rows.push(row().number(-reduction.units).text("B", 1).blank().wide(&claimed_and_decided, 48));
        }
        self.file("7311", review_day(self.month), &rows)
    }

    /// 7521 and 7551, with the yen payable. `None` when no claim belongs to this system.
    fn payment_detail(
        &self,
        exchange_id: &str,
        rulings: &[&Ruling],
        taken_back: &[Ruling],
    ) -> (Option<NoticeFile>, i64) {
        let mut lines: BTreeMap<PayerKey<'_>, [i64; 9]> = BTreeMap::new();
        for ruling in rulings {
            for (key, values) in payment_lines(ruling) {
                add(lines.entry(key).or_default(), &values);
            }
        }
        let mut total = [0; 9];
        let mut rows = Vec::new();
        for ((payer, month, service), values) in lines {
            add(&mut total, &values);
            rows.push(
                Row::new(exchange_id, "D1")
                    .bare(&payer)
                    .month(month)
                    .bare(service)
                    .wide(texts::service_name(service), 24)
                    .numbers(&values),
            );
        }
        // T1 decided, T2 過誤調整, T3 payable.
        rows.push(Row::new(exchange_id, "T1").numbers(&total));
        let mut back = [0; 9];
        for (_, values) in taken_back.iter().flat_map(payment_lines) {
            add(&mut back, &values.map(i64::wrapping_neg));
        }
        rows.push(Row::new(exchange_id, "T2").numbers(&back));
        add(&mut total, &back);
        rows.push(Row::new(exchange_id, "T3").numbers(&total));
        let is_empty = rulings.is_empty() && taken_back.is_empty();
        let file = if is_empty { None } else { self.file(exchange_id, payment_day(self.month), &rows) };
        (file, total[4] + total[8])
    }

    /// 7611 and 7631: what was taken back, by person and service type. Its amounts are negative, and their sum is T2 of the
    /// payment detail（rules.md E10）.
    fn kago(&self, exchange_id: &str, taken_back: &[Ruling]) -> Option<NoticeFile> {
        if taken_back.is_empty() {
            return None;
        }
        let mut file = FileWriter::new();
        file.push(
            &Row::new(exchange_id, "H1")
                .month(self.month)
                .bare(self.office)
                .wide(self.office_name, 40)
                .bare(&compact(payment_day(self.month)))
                .number(1)
                .wide(texts::FEDERATION, 30),
        );
        let mut total = [0; 3];
        for ruling in taken_back {
            let statement = &ruling.statement;
            for ((payer, month, service), values) in payment_lines(ruling) {
                let (units, yen) = (-values[2], -(values[4] + values[8]));
                add(&mut total, &[0, units, yen]);
                file.push(
                    &Row::new(exchange_id, "D1")
                        .bare(&payer)
                        .wide(texts::insurer_name(&statement.insurer), 20)
                        .text(&statement.insured, 10)
                        .text(&texts::insured_kana(&statement.insured), 25)
                        .month(month)
                        .bare(service)
                        .wide(texts::service_name(service), 24)
                        .bare(texts::KAGO.0)
                        .wide(texts::KAGO.1, 28)
                        .number(units)
                        .number(yen),
                );
            }
            total[0] -= 1;
        }
        file.push(&Row::new(exchange_id, "T1").numbers(&total).numbers(&[0; 3]));
        Some(self.named(exchange_id, file))
    }

    /// 7513. Nothing but claims is paid here, less what is taken back, so the transfer equals what is payable.
    fn transfer(&self, care: i64, project: i64) -> NoticeFile {
        let total = care + project;
        let row = Row::new("7513", "H1")
            .month(self.month)
            .bare("000")
            .bare("0000")
            .wide(texts::ADDRESS, 128)
            .wide(self.office_name, 40)
            .wide(texts::FOUNDER, 40)
            .bare(self.office)
            .numbers(&[total, care, 0, 0, 0, 0, project, 0, total])
            .wide(texts::BANK.0, 28)
            .wide(texts::BANK.1, 28)
            .bare(&compact(transfer_day(self.month)))
            .wide(texts::FEDERATION, 30);
        let mut file = FileWriter::new();
        file.push(&row);
        self.named("7513", file)
    }

    /// Puts the head before the rows; `None` without rows.
    fn file(&self, exchange_id: &str, made: NaiveDate, rows: &[Row]) -> Option<NoticeFile> {
        if rows.is_empty() {
            return None;
        }
        let head = Row::new(exchange_id, "H1")
            .bare(self.office)
            .wide(self.office_name, 40)
            .month(self.month)
            .bare(&compact(made))
            .number(1)
            .wide(texts::FEDERATION, 30);
        // 7311 alone goes on with 審査委員会名 and 連絡事項.
        let head = if exchange_id == "7311" { head.wide(texts::COMMITTEE, 30).blank() } else { head };
        let mut file = FileWriter::new();
        file.push(&head);
        for row in rows {
            file.push(row);
        }
        Some(self.named(exchange_id, file))
    }

    /// Names the file by データ種別 and a serial of five digits (rules.md F10).
    fn named(&self, exchange_id: &str, file: FileWriter) -> NoticeFile {
        let data_type = &exchange_id[..3];
        NoticeFile { name: format!("{data_type}00000.CSV"), bytes: file.finish(data_type, self.office, self.month) }
    }
}

/// One claim's share in a 審査決定増減表.
#[derive(Default)]
struct Changes {
    /// 請求差: count, count of 特定入所者, yen, yen of 特定入所者.
    difference: [i64; 4],
    /// 返戻, 査定増減, 保留, 保留復活, each: count, count of 特定入所者, units, yen of 特定入所者.
    columns: [i64; 16],
}

impl Changes {
    fn of(ruling: &Ruling) -> Option<Self> {
        let Ruling { statement, decision, from_hold } = ruling;
        if !statement.carries_money() {
            return None;
        }
        let resident = i64::from(statement.resident.benefit != 0);
        let count = if statement.shared { 2 } else { 1 };
        let whole = [1, resident, statement.units, statement.resident.benefit];
        let difference = [count, resident, statement.care_benefit(), statement.resident.benefit];
        let (group, columns, difference) = match (decision, from_hold) {
            (Decision::Paid, false) => return None,
            // It was subtracted when it was held, so its return changes nothing in what this month's claims come to.
            (Decision::Returned(_), true) => (0, whole, [0; 4]),
            (Decision::Returned(_), false) => (0, whole, difference.map(i64::wrapping_neg)),
            (Decision::Reduced(Reduction { units, yen, .. }), _) => (1, [1, 0, -units, 0], [0, 0, -yen, 0]),
            (Decision::Held, _) => (2, whole, difference.map(i64::wrapping_neg)),
            (Decision::Paid, true) => (3, whole, difference),
        };
        let mut changes = Self { difference, columns: [0; 16] };
        changes.columns[group * 4..group * 4 + 4].copy_from_slice(&columns);
        Some(changes)
    }

    fn add(&mut self, other: &Self) {
        add(&mut self.difference, &other.difference);
        add(&mut self.columns, &other.columns);
    }
}

/// What a row of the 支払決定額内訳書 stands for: payer, service month, service type.
type PayerKey<'a> = (String, Month, &'a str);

/// Returns the rows of the 支払決定額内訳書 that a ruling adds to: by payer, service month and service type, the nine figures
/// 件数, 日数, 単位数, 金額, 介護給付費, and of 特定入所者 件数, 日数, 費用額, 給付費.
fn payment_lines(ruling: &Ruling) -> Vec<(PayerKey<'_>, [i64; 9])> {
    let Ruling { statement, decision, .. } = ruling;
    let reduction = match decision {
        Decision::Paid => None,
        Decision::Reduced(reduction) => Some(reduction),
        Decision::Returned(_) | Decision::Held => return Vec::new(),
    };
    // Public payers stand in the insurer's row; only 生活保護単独 is listed under the payer (rules.md E8).
    let payer = eight(statement.payer.as_deref().unwrap_or(&statement.insurer));
    let mut lines: Vec<_> = statement
        .services
        .iter()
        .enumerate()
        .map(|(index, service)| {
            let mut decided = service.clone();
            let mut benefit = service.benefit();
            if let Some(reduction) = reduction.filter(|reduction| reduction.service == index) {
                decided.units -= reduction.units;
                benefit -= reduction.yen;
            }
            let key = (payer.clone(), statement.service_month, service.code.as_str());
            (key, [1, service.days, decided.units, decided.cost(), benefit, 0, 0, 0, 0])
        })
        .collect();
    if lines.is_empty() {
        lines.push(((payer, statement.service_month, "59"), [0; 9]));
    }
    // 出来高 and 特定入所者 belong to the stay, that is to the first service.
    if let Some((_, values)) = lines.first_mut() {
        values[3] += statement.piecework.cost;
        values[4] += statement.piecework.benefit;
        if statement.resident.benefit != 0 {
            values[5..9].copy_from_slice(&[
                1,
                statement.resident_days,
                statement.resident.cost,
                statement.resident.benefit,
            ]);
        }
    }
    lines
}

fn is_fresh_money(ruling: &Ruling) -> bool {
    ruling.statement.kind != Kind::BenefitManagement && !ruling.from_hold
}

fn is_released(ruling: &Ruling) -> bool {
    ruling.from_hold && ruling.decision == Decision::Paid
}

fn add(sum: &mut [i64], values: &[i64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

fn eight(number: &str) -> String {
    format!("{number:0>8}")
}

fn compact(date: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}
