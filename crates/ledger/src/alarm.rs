//! What is missing, and what does not fit together. An alarm is told, never acted on: nothing is merged, corrected or left
//! out because of one, apart from the notices that [`AlarmKind::DifferentNotices`] names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use calendar::{Month, wareki_date, wareki_month};
use chrono::NaiveDate;
use kokuho::codes::notice_title;
use kokuho::{Claim, ClaimRole, OfficeNumber, Yen};

use crate::papers::{Papers, is_project_notice};
use crate::services::{Area, BENEFIT_MANAGEMENT};
use crate::settle::Office;
use crate::{Balance, Case, CaseKey, CaseState};

/// Something that a person should look into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 処理対象年月 that it is about; `None` when it is about the office as a whole.
    pub month: Option<Month>,
    /// What it is.
    pub kind: AlarmKind,
}

/// Why notices cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unusable {
    /// A later notice takes their place.
    Replaced,
    /// Their dates do not tell which one is right.
    Undecided,
}

/// Kind of an [`Alarm`], in the order in which they are told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// Notices came for an office of which no claim is on hand.
    UnknownOffice,
    /// Claims were sent, and not a single notice is on hand although payment is due.
    NoNotices,
    /// Others prove that a notice exists, or the calendar demands it（MONEY 20）.
    MissingNotice {
        /// 交換情報識別番号.
        exchange_id: String,
    },
    /// The 審査決定増減表 count other returned and held claims than the 返戻（保留）一覧表 lists.
    CountsDiffer {
        /// Claims counted by 7211 and 7231.
        counted: i64,
        /// Claims listed by 7411.
        listed: i64,
    },
    /// Payment was decided and is due, and no notice says that it was transferred.
    PaymentNeverCame {
        /// Yen payable.
        payable: Yen,
    },
    /// The 支払決定額通知書 names other amounts than the 内訳書.
    TransferDiffers {
        /// Yen of 介護給付 and 総合事業 on 7511 or 7513.
        transferred: Yen,
        /// T3 of 7521 and 7551.
        payable: Yen,
    },
    /// Two notices of one kind and month say different things about the same.
    DifferentNotices {
        /// 交換情報識別番号.
        exchange_id: String,
        /// 作成年月日 of the one that is left out.
        issued: Option<NaiveDate>,
        /// Why it is left out.
        why: Unusable,
    },
    /// A payment detail whose own totals do not add up.
    DetailDoesNotAddUp {
        /// 交換情報識別番号.
        exchange_id: String,
    },
    /// A month without claims and notices between months that have them.
    MissingMonth,
    /// Money was decided, returned or held in a month of which no claim file is on hand.
    NoClaimFile {
        /// Yen that stay unexplained.
        unexplained: Yen,
    },
    /// The files on hand do not explain a part of what was decided.
    Unexplained {
        /// Decided yen less what the files explain.
        yen: Yen,
    },
    /// The 返戻（保留）一覧表 of one month both holds and returns a claim.
    HeldAndReturned {
        /// The claim.
        key: CaseKey,
    },
    /// 国保連 reviewed other units than the file on hand claims: it was corrected outside this program.
    ClaimDiffers {
        /// The claim.
        key: CaseKey,
        /// Units on hand.
        on_hand: i64,
        /// Units that 国保連 lists.
        listed: i64,
    },
    /// Two different statements for one claim and month are on hand.
    TwoStatements {
        /// The claim.
        key: CaseKey,
        /// Yen of the one that counts.
        counted: Yen,
        /// Yen of the other one.
        other: Yen,
    },
    /// A claim was returned three times or more and is not paid.
    ReturnedOften {
        /// The claim.
        key: CaseKey,
        /// Months in which it was returned.
        times: u32,
    },
    /// The unit prices of the claims belong to another 地域区分 than the one that was set.
    AreaWrong {
        /// As set.
        set: Area,
        /// As the prices tell.
        told: Area,
    },
    /// The unit prices of one service month belong to more than one 地域区分.
    AreaMixed {
        /// As the prices tell, highest first.
        told: Vec<Area>,
    },
    /// Nobody has set the 地域区分 of the office, so that a wrong price goes unnoticed.
    AreaUnset {
        /// As the prices of the newest claims tell.
        told: Option<Area>,
        /// Yen that had to be estimated at the lowest price.
        estimated: Yen,
    },
}

impl AlarmKind {
    /// Returns the stable name: `missing_notice`, `counts_differ`, …
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownOffice => "unknown_office",
            Self::NoNotices => "no_notices",
            Self::MissingNotice { .. } => "missing_notice",
            Self::CountsDiffer { .. } => "counts_differ",
            Self::PaymentNeverCame { .. } => "payment_never_came",
            Self::TransferDiffers { .. } => "transfer_differs",
            Self::DifferentNotices { .. } => "different_notices",
            Self::DetailDoesNotAddUp { .. } => "detail_does_not_add_up",
            Self::MissingMonth => "missing_month",
            Self::NoClaimFile { .. } => "no_claim_file",
            Self::Unexplained { .. } => "unexplained",
            Self::HeldAndReturned { .. } => "held_and_returned",
            Self::ClaimDiffers { .. } => "claim_differs",
            Self::TwoStatements { .. } => "two_statements",
            Self::ReturnedOften { .. } => "returned_often",
            Self::AreaWrong { .. } => "area_wrong",
            Self::AreaMixed { .. } => "area_mixed",
            Self::AreaUnset { .. } => "area_unset",
        }
    }

    /// Returns the claim that it is about, where it is about one.
    pub fn key(&self) -> Option<&CaseKey> {
        match self {
            Self::HeldAndReturned { key }
            | Self::ClaimDiffers { key, .. }
            | Self::TwoStatements { key, .. }
            | Self::ReturnedOften { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Returns the yen that it is about, where it is about an amount.
    pub fn yen(&self) -> Option<Yen> {
        match self {
            Self::PaymentNeverCame { payable } => Some(*payable),
            Self::TransferDiffers { transferred, payable } => Some(*transferred - *payable),
            Self::NoClaimFile { unexplained: yen } | Self::Unexplained { yen } => Some(*yen),
            Self::AreaUnset { estimated, .. } => Some(*estimated).filter(|yen| *yen != Yen::ZERO),
            Self::TwoStatements { counted, other, .. } => Some(*counted - *other),
            _ => None,
        }
    }

    /// Returns what to do about it, in plain Japanese.
    pub fn action(&self) -> &'static str {
        match self {
            Self::UnknownOffice => {
                "事業所番号を確かめてください。自分の法人の事業所なら、その請求ファイルを取り込んでください。違うときは、送り主へ知らせてください。"
            }
            Self::NoNotices => {
                "通知を受け取り直すか、国保連から届いたファイルを取り込んでください。見つからないときは、国保連へ請求が届いているかを確かめてください。"
            }
            Self::MissingNotice { .. } => {
                "通知を受け取り直すか、届いたファイルを取り込んでください。見つからないときは、国保連へ再発行を頼んでください。"
            }
            Self::CountsDiffer { .. } => {
                "返戻（保留）一覧表の続きが届いていないことがあります。通知を受け取り直し、足りないときは国保連へ問い合わせてください。"
            }
            Self::PaymentNeverCame { .. } => "通帳を確かめてください。入金がないときは、国保連へ問い合わせてください。",
            Self::TransferDiffers { .. } => {
                "支払決定額通知書と内訳書を見比べ、違いの理由を国保連へ問い合わせてください。"
            }
            Self::DifferentNotices { why: Unusable::Replaced, .. } => {
                "新しい方で計算しています。差し替えかどうか、国保連から届いた案内で確かめてください。"
            }
            Self::DifferentNotices { why: Unusable::Undecided, .. } => {
                "どちらが正しいか分からないため、どちらも計算に使っていません。国保連へ確かめてください。"
            }
            Self::DetailDoesNotAddUp { .. } => {
                "ファイルが途中で切れていないか確かめ、もう一度受け取ってください。同じなら国保連へ問い合わせてください。"
            }
            Self::MissingMonth => {
                "その月に請求していれば、請求ファイルと通知を取り込んでください。請求がなかった月なら、することはありません。"
            }
            Self::NoClaimFile { .. } => {
                "その月の請求ファイルを取り込んでください。取り込むと、金額と経過が分かります。"
            }
            Self::Unexplained { .. } => {
                "届いていない通知や、取り込んでいない請求ファイルがないか確かめてください。すべてそろっているときは国保連へ問い合わせてください。"
            }
            Self::HeldAndReturned { .. } => {
                "返戻として扱っています。もう一度請求する前に、どちらなのかを国保連へ確かめてください。"
            }
            Self::ClaimDiffers { .. } => "ほかのソフトで直して送った請求ファイルがあれば、取り込んでください。",
            Self::TwoStatements { .. } => {
                "実際に送った方を確かめてください。送っていないファイルは、このパソコンに取り込まないでください。"
            }
            Self::ReturnedOften { .. } => {
                "同じ直し方では通りません。理由のコードを読み直し、保険者か国保連へ電話で確かめてから請求してください。"
            }
            Self::AreaWrong { .. } => "設定の地域区分か、介護ソフトの単価のどちらかを直してください。",
            Self::AreaMixed { .. } => "介護ソフトの地域区分と単価を確かめてください。",
            Self::AreaUnset { .. } => {
                "指定の書類で地域区分を確かめ、「設定」で選んでください。単価の間違いに気づけるようになり、見積りが正しくなります。"
            }
        }
    }
}

/// Names a notice: `返戻（保留）一覧表`, or its number where it has no name here.
fn title(exchange_id: &str) -> String {
    let name = notice_title(exchange_id).map(|name| name.trim_end_matches("情報"));
    name.map_or_else(|| format!("通知{exchange_id}"), |name| format!("{name}（{exchange_id}）"))
}

/// Names a claim for reading: the person by number only, because an alarm may be printed for others.
fn claim_name(key: &CaseKey) -> String {
    format!("被保険者番号{}の{}提供分", key.insured, wareki_month(key.service_month))
}

impl fmt::Display for AlarmKind {
    /// Writes what is the matter in plain Japanese.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOffice => f.write_str("請求ファイルが1つもない事業所の通知があります。"),
            Self::NoNotices => f.write_str("請求したのに、国保連からの通知が1つも届いていません。"),
            Self::MissingNotice { exchange_id } => write!(f, "{}が届いていません。", title(exchange_id)),
            Self::CountsDiffer { counted, listed } => write!(
                f,
                "審査決定増減表では返戻と保留が{}件、返戻（保留）一覧表では{}件です。",
                Yen(*counted),
                Yen(*listed)
            ),
            Self::PaymentNeverCame { payable } => {
                write!(f, "{payable}円の支払いが決まっていますが、振込みの通知が届いていません。")
            }
            Self::TransferDiffers { transferred, payable } => write!(
                f,
                "支払決定額通知書の介護給付費と総合事業費は合わせて{transferred}円、内訳書では{payable}円です。"
            ),
            Self::DifferentNotices { exchange_id, issued, why } => {
                write!(f, "内容の違う{}が2つ以上あります。", title(exchange_id))?;
                match (issued, why) {
                    (Some(date), Unusable::Replaced) => {
                        write!(f, "{}に作られた方は使っていません。", wareki_date(*date))
                    }
                    (None, Unusable::Replaced) => f.write_str("古い方は使っていません。"),
                    (_, Unusable::Undecided) => f.write_str("作成日からは、どちらが正しいか分かりません。"),
                }
            }
            Self::DetailDoesNotAddUp { exchange_id } => {
                write!(f, "{}の合計が、中の金額と合いません。", title(exchange_id))
            }
            Self::MissingMonth => f.write_str("前後の月はあるのに、この月の請求ファイルと通知がありません。"),
            Self::NoClaimFile { unexplained } => {
                f.write_str("通知はありますが、この月の請求ファイルがありません。")?;
                if *unexplained == Yen::ZERO {
                    Ok(())
                } else {
                    write!(f, "{unexplained}円の内訳が分かりません。")
                }
            }
            Self::Unexplained { yen } => write!(f, "決定額のうち{yen}円を、手元のファイルで説明できません。"),
            Self::HeldAndReturned { key } => {
                write!(f, "{}が、同じ月の一覧表に保留と返戻の両方で載っています。", claim_name(key))
            }
            Self::ClaimDiffers { key, on_hand, listed } => write!(
                f,
                "{}は、手元の請求ファイルで{}単位、国保連の一覧表で{}単位です。",
                claim_name(key),
                Yen(*on_hand),
                Yen(*listed)
            ),
            Self::TwoStatements { key, counted, other } => write!(
                f,
                "{}の請求が同じ月に2通りあります（{counted}円と{other}円）。{counted}円の方で計算しています。",
                claim_name(key)
            ),
            Self::ReturnedOften { key, times } => write!(f, "{}が{times}回返戻になっています。", claim_name(key)),
            Self::AreaWrong { set, told } => {
                write!(f, "設定の地域区分は{}ですが、請求の単価は{}のものです。", set.name(), told.name())
            }
            Self::AreaMixed { told } => {
                let names: Vec<&str> = told.iter().map(|area| area.name()).collect();
                write!(f, "同じ月の請求に、{}の単価が混ざっています。", names.join("と"))
            }
            Self::AreaUnset { told, estimated } => {
                f.write_str("事業所の地域区分が決まっていません。")?;
                if let Some(told) = told {
                    write!(f, "請求の単価は{}のものです。", told.name())?;
                }
                if *estimated == Yen::ZERO {
                    Ok(())
                } else {
                    write!(f, "{estimated}円は、いちばん低い単価での見積りです。")
                }
            }
        }
    }
}

impl Office<'_, '_> {
    /// Finds what is missing and what does not fit together.
    pub(crate) fn alarms(&self, cases: &[Case], balances: &[Balance]) -> Vec<Alarm> {
        let mut found: BTreeSet<(Option<Month>, AlarmKind)> = BTreeSet::new();
        if self.attempts.all().is_empty() {
            found.insert((None, AlarmKind::UnknownOffice));
        }
        for balance in balances {
            self.look_at_month(balance, |kind| {
                found.insert((Some(balance.processing_month), kind));
            });
        }
        for pair in balances.windows(2) {
            let mut month = pair[0].processing_month.next();
            while month < pair[1].processing_month {
                found.insert((Some(month), AlarmKind::MissingMonth));
                month = month.next();
            }
        }
        found.extend(self.look_at_claims(cases));
        found.extend(self.look_at_prices(cases));
        found.into_iter().map(|(month, kind)| Alarm { office: self.number.clone(), month, kind }).collect()
    }

    fn look_at_month(&self, balance: &Balance, mut tell: impl FnMut(AlarmKind)) {
        let month = balance.processing_month;
        let Some(papers) = self.papers.get(&month) else {
            if self.payment_is_due(month) && !balance.missing_notices.is_empty() {
                tell(AlarmKind::NoNotices);
            }
            return;
        };
        let details = papers.payments.iter();
        let payable: Yen = details.clone().map(|detail| detail.payable).sum();
        let never_came = papers.transfers.is_empty() && payable > Yen::ZERO && self.payment_is_due(month);
        let lacking = self.lacking_lists.get(&month);
        for exchange_id in &balance.missing_notices {
            let told_otherwise = (exchange_id == "7513" && never_came)
                || (exchange_id == "7411" && lacking.is_some_and(|(_, listed)| *listed > 0))
                || papers.unused.iter().any(|unused| unused.exchange_id == exchange_id.as_str());
            if !told_otherwise {
                tell(AlarmKind::MissingNotice { exchange_id: exchange_id.clone() });
            }
        }
        if never_came {
            tell(AlarmKind::PaymentNeverCame { payable });
        }
        if let Some((counted, listed)) = lacking.filter(|(_, listed)| *listed > 0) {
            tell(AlarmKind::CountsDiffer { counted: *counted, listed: *listed });
        }
        if let Some((counted, listed)) = self.uncounted(month, papers, balance) {
            tell(AlarmKind::CountsDiffer { counted, listed });
        }
        if let Some((transferred, payable)) = transfer_difference(papers) {
            tell(AlarmKind::TransferDiffers { transferred, payable });
        }
        for unused in &papers.unused {
            tell(AlarmKind::DifferentNotices {
                exchange_id: unused.exchange_id.to_owned(),
                issued: unused.issued,
                why: if unused.replaced { Unusable::Replaced } else { Unusable::Undecided },
            });
        }
        for detail in details {
            let sum: Yen = detail.lines.iter().map(|line| line.benefit).sum();
            if detail.decided + detail.kago != detail.payable || (!detail.lines.is_empty() && sum != detail.decided) {
                tell(AlarmKind::DetailDoesNotAddUp { exchange_id: detail.head.exchange_id.clone() });
            }
        }
        let sent = self.attempts.all().iter().any(|claim| claim.processing_month == month);
        let releases = [false, true].into_iter().any(|project| papers.lists_release(project));
        let lists_unknown = self
            .timelines
            .iter()
            .any(|timeline| timeline.listings.contains_key(&month) && timeline.attempt_until(month).is_none());
        if !sent && (lists_unknown || (balance.unexplained != Yen::ZERO && !releases)) {
            tell(AlarmKind::NoClaimFile { unexplained: balance.unexplained });
        } else if balance.unexplained != Yen::ZERO {
            tell(AlarmKind::Unexplained { yen: balance.unexplained });
        }
    }

    /// Returns the numbers when the 返戻（保留）一覧表 lists more new returns and holds than the tables count. Only where no
    /// table is missing.
    fn uncounted(&self, month: Month, papers: &Papers<'_>, balance: &Balance) -> Option<(i64, i64)> {
        let tables_missing = balance.missing_notices.iter().any(|id| id == "7211" || id == "7231");
        if tables_missing || papers.changes.is_empty() {
            return None;
        }
        let listed = self
            .timelines
            .iter()
            .filter(|timeline| timeline.key.form != BENEFIT_MANAGEMENT)
            .filter_map(|timeline| timeline.listings.get(&month))
            // What is listed as held once more is not counted again.
            .filter(|listing| !(listing.continues_hold && listing.is_held()))
            .count() as i64;
        let counted = papers.returned_and_held();
        (counted < listed).then_some((counted, listed))
    }

    fn look_at_claims(&self, cases: &[Case]) -> Vec<(Option<Month>, AlarmKind)> {
        let mut found = Vec::new();
        for timeline in &self.timelines {
            for (month, listing) in &timeline.listings {
                if listing.contradicts_itself() {
                    found.push((Some(*month), AlarmKind::HeldAndReturned { key: timeline.case_key(self.number) }));
                }
                let Some(claim) = timeline.attempt_in(*month) else { continue };
                if listing.units > 0 && claim.role != ClaimRole::BenefitManagement && !has_units(claim, listing.units) {
                    found.push((
                        Some(*month),
                        AlarmKind::ClaimDiffers {
                            key: timeline.case_key(self.number),
                            on_hand: claim.units,
                            listed: listing.units,
                        },
                    ));
                }
            }
        }
        for (counted, other) in self.attempts.replaced() {
            found.push((
                Some(counted.processing_month),
                AlarmKind::TwoStatements {
                    key: CaseKey::of_claim(counted),
                    counted: counted.amount(),
                    other: other.amount(),
                },
            ));
        }
        let unpaid = |case: &&Case| matches!(case.state, CaseState::Open | CaseState::Held | CaseState::Reclaimed);
        for case in cases.iter().filter(unpaid).filter(|case| case.times_returned >= OFTEN) {
            found.push((None, AlarmKind::ReturnedOften { key: case.key.clone(), times: case.times_returned }));
        }
        found
    }

    /// Compares the 地域区分 with the prices of the claims.
    fn look_at_prices(&self, cases: &[Case]) -> Vec<(Option<Month>, AlarmKind)> {
        let mut told: BTreeMap<Month, BTreeSet<Area>> = BTreeMap::new();
        for claim in self.attempts.all() {
            let areas =
                claim.services.iter().filter_map(|line| Area::from_unit_price(&line.service_type, line.unit_price));
            for area in areas {
                told.entry(claim.service_month).or_default().insert(area);
            }
        }
        let mut found: Vec<(Option<Month>, AlarmKind)> = told
            .iter()
            .filter(|(_, areas)| areas.len() > 1)
            .map(|(_, areas)| (None, AlarmKind::AreaMixed { told: areas.iter().copied().collect() }))
            .collect();
        let newest = told.values().next_back().filter(|areas| areas.len() == 1).and_then(BTreeSet::first).copied();
        match (self.area, newest) {
            (Some(set), Some(told)) if set != told => found.push((None, AlarmKind::AreaWrong { set, told })),
            (None, told) => {
                let lowest = cases.iter().filter(|case| told.is_none() && case.estimated && case.state.is_unpaid());
                let estimated: Yen = lowest.map(|case| case.yen).sum();
                // An office of which no claim is on hand is told as such.
                if !self.attempts.all().is_empty() || estimated != Yen::ZERO {
                    found.push((None, AlarmKind::AreaUnset { told, estimated }));
                }
            }
            _ => {}
        }
        found
    }
}

/// Returns from which this often a person should call rather than claim again.
const OFTEN: u32 = 3;

/// Returns whether a claim has these units. 生活保護単独 keep theirs in the amounts' records（MONEY）.
fn has_units(claim: &Claim, units: i64) -> bool {
    let of_lines: i64 = claim.services.iter().map(|line| line.units).sum();
    let public: i64 = claim.services.iter().map(|line| line.public_units).sum();
    [claim.units, of_lines, public].contains(&units)
}

/// Returns both amounts when the transfer notice names another amount for a system whose payment detail is on hand.
fn transfer_difference(papers: &Papers<'_>) -> Option<(Yen, Yen)> {
    // Of both editions of the transfer notice only the newer counts; the older one knows no 総合事業.
    let transfer = papers.transfers.iter().max_by_key(|transfer| &transfer.head.exchange_id)?;
    let payable = |project: bool| -> Option<Yen> {
        let mut details = papers.payments.iter().filter(|detail| is_project_notice(&detail.head) == project).peekable();
        details.peek()?;
        Some(details.map(|detail| detail.payable).sum())
    };
    let knows_project = transfer.head.exchange_id != "7511";
    let pairs = [(transfer.care, payable(false)), (transfer.project, payable(true).filter(|_| knows_project))];
    let known = || pairs.iter().filter_map(|(paid, due)| due.map(|due| (*paid, due)));
    known()
        .any(|(paid, due)| paid != due)
        .then(|| known().fold((Yen::ZERO, Yen::ZERO), |sum, (paid, due)| (sum.0 + paid, sum.1 + due)))
}
