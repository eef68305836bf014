//! The notices of one office and one 審査年月, each distinct one once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use calendar::Month;
use chrono::NaiveDate;
use kokuho::{
    ChangeTable, ChangeTotals, InsurerNumber, KagoNotice, Notice, NoticeHead, PaymentDetail, ReductionNotice,
    ReturnList, TransferNotice,
};

/// The notices of one month. Several of one kind add up: an office may get one file per insurer group or per page.
#[derive(Default)]
pub(crate) struct Papers<'a> {
    pub(crate) returns: Vec<&'a ReturnList>,
    pub(crate) changes: Vec<&'a ChangeTable>,
    pub(crate) reductions: Vec<&'a ReductionNotice>,
    pub(crate) payments: Vec<&'a PaymentDetail>,
    pub(crate) transfers: Vec<&'a TransferNotice>,
    pub(crate) kago: Vec<&'a KagoNotice>,
    /// What contradicts another notice and counts nowhere, sorted.
    pub(crate) unused: Vec<Unused<'a>>,
}

/// Returns the head of a notice.
pub(crate) fn head(notice: &Notice) -> &NoticeHead {
    match notice {
        Notice::Returns(list) => &list.head,
        Notice::Changes(table) => &table.head,
        Notice::Reductions(reductions) => &reductions.head,
        Notice::Payments(detail) => &detail.head,
        Notice::Transfer(transfer) => &transfer.head,
        Notice::Kago(kago) => &kago.head,
    }
}

/// A notice that the figures leave out, because another one says something else about the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unused<'a> {
    pub(crate) exchange_id: &'a str,
    pub(crate) issued: Option<NaiveDate>,
    /// A later one takes its place; otherwise the dates do not tell which of them is right.
    pub(crate) replaced: bool,
}

/// Sorts the notices of one office by month.
pub(crate) fn by_month<'a>(notices: &[&'a Notice]) -> BTreeMap<Month, Papers<'a>> {
    let mut months: BTreeMap<Month, Papers<'a>> = BTreeMap::new();
    for notice in notices {
        let papers = months.entry(head(notice).processing_month).or_default();
        // A reprint differs in its date alone and says nothing new; of a transfer the date is the day of payment.
        match notice {
            Notice::Returns(list) => add(&mut papers.returns, list, |list| &list.head, |a, b| a.lines == b.lines),
            Notice::Changes(table) => add(
                &mut papers.changes,
                table,
                |table| &table.head,
                // 請求差 may be blank or 0 in one of two reprints, and no figure rests on it.
                |a, b| a.head.exchange_id == b.head.exchange_id && (&a.rows, a.totals) == (&b.rows, b.totals),
            ),
            Notice::Reductions(notice) => {
                add(&mut papers.reductions, notice, |notice| &notice.head, |a, b| a.lines == b.lines);
            }
            Notice::Payments(detail) => add(
                &mut papers.payments,
                detail,
                |detail| &detail.head,
                |a, b| {
                    (a.head.exchange_id == b.head.exchange_id)
                        && (&a.lines, a.decided, a.kago, a.payable) == (&b.lines, b.decided, b.kago, b.payable)
                },
            ),
            Notice::Transfer(transfer) => {
                add(&mut papers.transfers, transfer, |transfer| &transfer.head, PartialEq::eq);
            }
            Notice::Kago(kago) => add(&mut papers.kago, kago, |kago| &kago.head, |a, b| a.lines == b.lines),
        }
    }
    for papers in months.values_mut() {
        papers.leave_out_what_contradicts();
        // What is told must not depend on the order of import.
        order(&mut papers.returns);
        order(&mut papers.reductions);
        order(&mut papers.kago);
    }
    months
}

/// Adds a notice; of reprints the one with the latest date stays.
fn add<'a, T>(
    notices: &mut Vec<&'a T>,
    notice: &'a T,
    head: impl Fn(&T) -> &NoticeHead,
    same: impl Fn(&T, &T) -> bool,
) {
    match notices.iter_mut().find(|known| same(known, notice)) {
        Some(known) if head(known).issued < head(notice).issued => *known = notice,
        Some(_) => {}
        None => notices.push(notice),
    }
}

fn order<T: Debug>(notices: &mut [&T]) {
    if notices.len() > 1 {
        notices.sort_by_cached_key(|notice| format!("{notice:?}"));
    }
}

/// Of notices of one kind that speak of the same, keeps the one that was issued last. Where the dates do not tell, none
/// stays: adding them up would count money twice, and taking either one would be a guess.
fn choose<'a, T, K: Ord>(
    notices: &mut Vec<&'a T>,
    head: impl Fn(&'a T) -> &'a NoticeHead,
    subjects: impl Fn(&'a T) -> BTreeSet<K>,
    unused: &mut Vec<Unused<'a>>,
) {
    if notices.len() < 2 {
        return;
    }
    let all: Vec<(&'a T, BTreeSet<K>)> = notices.iter().map(|notice| (*notice, subjects(notice))).collect();
    let mut keep = Vec::with_capacity(all.len());
    for (index, (notice, subject)) in all.iter().enumerate() {
        let of = head(*notice);
        let mut rivals = all
            .iter()
            .enumerate()
            .filter(|(other, (rival, about))| {
                *other != index
                    && head(*rival).exchange_id == of.exchange_id
                    // A paper without rows speaks of the whole month.
                    && (about.is_empty() || subject.is_empty() || !about.is_disjoint(subject))
            })
            .map(|(_, (rival, _))| head(*rival).issued)
            .peekable();
        if rivals.peek().is_none() {
            keep.push(*notice);
            continue;
        }
        let latest = rivals.max().flatten();
        if of.issued.is_some() && of.issued > latest {
            keep.push(*notice);
        } else {
            unused.push(Unused {
                exchange_id: &of.exchange_id,
                issued: of.issued,
                replaced: of.issued.is_some() && of.issued < latest,
            });
        }
    }
    *notices = keep;
}

/// Returns whether a table or payment detail is one of 総合事業 (7221, 7231, 7541, 7551).
pub(crate) fn is_project_notice(head: &NoticeHead) -> bool {
    matches!(head.exchange_id.as_str(), "7221" | "7231" | "7541" | "7551")
}

impl<'a> Papers<'a> {
    /// 返戻（保留）一覧表 need no choice: their rows are grouped by claim, so that a row that stands twice counts once.
    fn leave_out_what_contradicts(&mut self) {
        let mut unused = Vec::new();
        choose(
            &mut self.changes,
            |table| &table.head,
            |table| table.rows.iter().map(|row| (&row.insurer, row.service_month)).collect(),
            &mut unused,
        );
        choose(
            &mut self.reductions,
            |notice| &notice.head,
            |notice| {
                notice
                    .lines
                    .iter()
                    .map(|line| (&line.insured, line.service_month, line.service_type.as_str()))
                    .collect()
            },
            &mut unused,
        );
        choose(
            &mut self.payments,
            |detail| &detail.head,
            |detail| {
                detail
                    .lines
                    .iter()
                    .map(|line| (&line.insurer, line.service_month, line.service_type.as_str()))
                    .collect()
            },
            &mut unused,
        );
        choose(&mut self.transfers, |transfer| &transfer.head, |_| BTreeSet::<()>::new(), &mut unused);
        choose(
            &mut self.kago,
            |notice| &notice.head,
            |notice| {
                notice
                    .lines
                    .iter()
                    .map(|line| (&line.insured, line.service_month, line.service_type.as_str()))
                    .collect()
            },
            &mut unused,
        );
        unused.sort();
        self.unused = unused;
    }

    fn tables(&self, project: bool) -> impl Iterator<Item = &'a ChangeTable> + '_ {
        self.changes.iter().copied().filter(move |table| is_project_notice(&table.head) == project)
    }

    /// Returns whether the 審査決定増減表 of 介護給付 or 総合事業 is on hand.
    pub(crate) fn has_change_table(&self, project: bool) -> bool {
        self.tables(project).next().is_some()
    }

    /// Returns whether the 支払決定額内訳書 of 介護給付 or 総合事業 is on hand.
    pub(crate) fn has_payment(&self, project: bool) -> bool {
        self.payments.iter().any(|detail| is_project_notice(&detail.head) == project)
    }

    /// Returns how many returned and held claims the 審査決定増減表 count. A table that comes page by page may carry its
    /// totals on the last page alone, so that rows and totals are added up apart.
    pub(crate) fn returned_and_held(&self) -> i64 {
        let count = |counts: &ChangeTotals| counts.returned.0 + counts.held.0;
        [false, true]
            .into_iter()
            .map(|project| {
                let totals: i64 = self.tables(project).map(|table| count(&table.totals)).sum();
                let rows: i64 = self.tables(project).flat_map(|table| &table.rows).map(|row| count(&row.counts)).sum();
                totals.max(rows)
            })
            .sum()
    }

    /// Returns whether the 審査決定増減表 of 介護給付 counts a reduction.
    pub(crate) fn counts_reduction(&self) -> bool {
        self.any_counts(false, |counts| counts.assessed != (0, 0))
    }

    /// Returns whether the 審査決定増減表 of 介護給付 or 総合事業 lists a release.
    pub(crate) fn lists_release(&self, project: bool) -> bool {
        self.any_counts(project, |counts| counts.released != (0, 0))
    }

    fn any_counts(&self, project: bool, test: impl Fn(&ChangeTotals) -> bool) -> bool {
        self.tables(project).any(|table| test(&table.totals) || table.rows.iter().any(|row| test(&row.counts)))
    }

    /// Returns released claims and units per insurer and service month.
    pub(crate) fn releases(&self, project: bool) -> BTreeMap<(&'a InsurerNumber, Month), (i64, i64)> {
        let mut releases = BTreeMap::new();
        for row in self.tables(project).flat_map(|table| &table.rows) {
            let (count, units) = row.counts.released;
            if (count, units) != (0, 0) {
                let sum: &mut (i64, i64) = releases.entry((&row.insurer, row.service_month)).or_default();
                *sum = (sum.0 + count, sum.1 + units);
            }
        }
        releases
    }

    /// Returns the transfer notices that count. 7511 is the older edition of 7513, so that of both editions only the newer
    /// counts.
    pub(crate) fn transfers(&self) -> Vec<&'a TransferNotice> {
        let newer = self.transfers.iter().any(|transfer| transfer.head.exchange_id != "7511");
        let counts = |transfer: &&&TransferNotice| !newer || transfer.head.exchange_id != "7511";
        self.transfers.iter().filter(counts).copied().collect()
    }
}
