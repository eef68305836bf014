use calendar::Month;
use chrono::NaiveDate;

use crate::codes::normalise_remark;
use crate::{
    ChangeTable, ChangeTotals, InsuredNumber, InsurerChange, InsurerNumber, Interchange, KagoLine, KagoNotice, Notice,
    NoticeHead, OfficeNumber, PaymentDetail, PaymentLine, ReductionLine, ReductionNotice, ReturnLine, ReturnList,
    ReturnTarget, Row, TransferNotice, Yen,
};

/// Returns the notices of a file whose content the program uses, in file order.
///
/// A notice printed on several pages repeats its head; such pages are one notice. A row whose service month cannot be
/// read is left out: it cannot be matched to anything, and stays visible in the document itself. A head without office
/// or 審査年月 takes them from the control record; without any month the notice is left out.
pub fn notices(file: &Interchange) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    for row in &file.rows {
        let id = row.exchange_id();
        if row.item(2) == "H1" {
            let Some(new) = begin(file, row) else {
                continue;
            };
            if !notices.iter().any(|known| head(known) == head(&new) && !matches!(new, Notice::Transfer(_))) {
                notices.push(new);
            }
        } else if let Some(notice) = notices.iter_mut().rev().find(|notice| head(notice).exchange_id == id) {
            add(notice, row);
        }
    }
    notices
}

/// Returns the 事業所名 that the first head of a notice prints.
pub fn office_name(file: &Interchange) -> Option<String> {
    let notice = file.rows.iter().filter(|row| row.item(2) == "H1").find_map(|row| begin(file, row))?;
    Some(head(&notice).office_name.clone()).filter(|name| !name.is_empty())
}

fn head(notice: &Notice) -> &NoticeHead {
    match notice {
        Notice::Returns(n) => &n.head,
        Notice::Changes(n) => &n.head,
        Notice::Reductions(n) => &n.head,
        Notice::Payments(n) => &n.head,
        Notice::Transfer(n) => &n.head,
        Notice::Kago(n) => &n.head,
    }
}

/// Where the items of a head stand: office, its name, 審査年月, 作成年月日.
fn read_head(file: &Interchange, row: &Row, [office, name, month, issued]: [usize; 4]) -> Option<NoticeHead> {
    let number = row.item(office);
    Some(NoticeHead {
        exchange_id: row.exchange_id().to_owned(),
        office: if number.trim().is_empty() { file.office() } else { OfficeNumber::from_file(number) },
        office_name: row.item(name).trim().to_owned(),
        processing_month: month_of(row, month).or_else(|| file.processing_month())?,
        issued: NaiveDate::parse_from_str(row.item(issued), "%Y%m%d").ok(),
    })
}

fn begin(file: &Interchange, row: &Row) -> Option<Notice> {
    let common = || read_head(file, row, [3, 4, 5, 6]);
    Some(match row.exchange_id() {
        "7411" | "7421" => Notice::Returns(ReturnList { head: common()?, lines: Vec::new() }),
        "7211" | "7221" | "7231" => Notice::Changes(ChangeTable {
            head: common()?,
            rows: Vec::new(),
            claim_difference: (None, None),
            totals: ChangeTotals::default(),
        }),
        "7311" => Notice::Reductions(ReductionNotice { head: common()?, lines: Vec::new() }),
        "7521" | "7541" | "7551" => Notice::Payments(PaymentDetail {
            head: common()?,
            lines: Vec::new(),
            decided: Yen::ZERO,
            kago: Yen::ZERO,
            payable: Yen::ZERO,
        }),
        "7611" | "7631" => Notice::Kago(KagoNotice { head: read_head(file, row, [4, 5, 3, 6])?, lines: Vec::new() }),
        // Decided by the count, not by the id: the edition of 22 items added two amounts before the total.
        "7511" | "7513" => {
            let wide = row.items() >= 22;
            Notice::Transfer(TransferNotice {
                head: read_head(file, row, [9, 7, 3, if wide { 21 } else { 19 }])?,
                transfer: yen(row, &[10]),
                care: yen(row, &[11]),
                project: if wide { yen(row, &[16]) } else { Yen::ZERO },
                certificate_fee: if wide { yen(row, &[17]) } else { Yen::ZERO },
            })
        }
        _ => return None,
    })
}

fn add(notice: &mut Notice, row: &Row) {
    match (notice, row.item(2)) {
        (Notice::Returns(list), "D1") => list.lines.extend(return_line(row)),
        (Notice::Changes(table), "D1") => {
            if let Some(service_month) = month_of(row, 4) {
                table.rows.push(InsurerChange {
                    insurer: InsurerNumber::from_file(row.item(3)),
                    service_month,
                    counts: change_totals(row, 5),
                });
            }
        }
        (Notice::Changes(table), "T1") => {
            table.claim_difference = (row.number(3), row.number(5).map(Yen));
            table.totals = change_totals(row, 7);
        }
        (Notice::Reductions(reductions), "D1") => reductions.lines.extend(reduction_line(row)),
        (Notice::Payments(detail), "D1") => detail.lines.extend(payment_line(row)),
        (Notice::Payments(detail), "T1") => detail.decided = yen(row, &[7, 11]),
        (Notice::Payments(detail), "T2") => detail.kago = yen(row, &[7, 11]),
        (Notice::Payments(detail), "T3") => detail.payable = yen(row, &[7, 11]),
        (Notice::Kago(kago), "D1") => kago.lines.extend(kago_line(row)),
        _ => {}
    }
}

fn month_of(row: &Row, no: usize) -> Option<Month> {
    row.item(no).trim().parse().ok()
}

fn number(row: &Row, no: usize) -> i64 {
    row.number(no).unwrap_or(0)
}

fn yen(row: &Row, numbers: &[usize]) -> Yen {
    numbers.iter().map(|no| Yen(number(row, *no))).sum()
}

/// Four pairs of count and units, each pair followed by its 特定入所者 columns: first + 0, + 2, + 4 …
///
/// 7221 fills the first pair alone; its other columns are blank.
fn change_totals(row: &Row, first: usize) -> ChangeTotals {
    let pair = |at: usize| (number(row, first + at), number(row, first + at + 2));
    ChangeTotals { returned: pair(0), assessed: pair(4), held: pair(8), released: pair(12) }
}

fn return_line(row: &Row) -> Option<ReturnLine> {
    Some(ReturnLine {
        insurer: InsurerNumber::from_file(row.item(3)),
        insurer_name: row.item(4).trim().to_owned(),
        insured: InsuredNumber::from_file(row.item(5)),
        insured_kana: row.item(6).trim().to_owned(),
        target: match row.item(7).trim() {
            "請" => Some(ReturnTarget::Statement),
            "サ" => Some(ReturnTarget::CarePlan),
            "給" => Some(ReturnTarget::BenefitManagement),
            _ => None,
        },
        service_month: month_of(row, 8)?,
        service_type: row.item(9).trim().to_owned(),
        units: number(row, 10),
        reason: row.item(11).trim().to_owned(),
        content: row.item(12).to_owned(),
        remark: normalise_remark(row.item(13)),
    })
}

fn reduction_line(row: &Row) -> Option<ReductionLine> {
    Some(ReductionLine {
        insurer: InsurerNumber::from_file(row.item(3)),
        insured: InsuredNumber::from_file(row.item(4)),
        service_month: month_of(row, 6)?,
        service_type: row.item(7).trim().to_owned(),
        // A vendor may write 0 where the column is left blank (V3).
        units: row.number(9).filter(|units| *units != 0),
        reason: row.item(10).trim().to_owned(),
    })
}

fn payment_line(row: &Row) -> Option<PaymentLine> {
    Some(PaymentLine {
        insurer: InsurerNumber::from_file(row.item(3)),
        service_month: month_of(row, 4)?,
        service_type: row.item(5).trim().to_owned(),
        count: number(row, 7),
        units: number(row, 9),
        cost: yen(row, &[10]),
        benefit: yen(row, &[11, 15]),
    })
}

fn kago_line(row: &Row) -> Option<KagoLine> {
    Some(KagoLine {
        insurer: InsurerNumber::from_file(row.item(3)),
        insured: InsuredNumber::from_file(row.item(5)),
        insured_name: row.item(6).trim().to_owned(),
        service_month: month_of(row, 7)?,
        service_type: row.item(8).trim().to_owned(),
        reason: match row.item(10).trim() {
            "" => String::new(),
            code => format!("{code:0>4}"),
        },
        units: number(row, 12),
        yen: yen(row, &[13]),
    })
}
