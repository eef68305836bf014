use std::fmt;
use std::str::FromStr;

use calendar::{Month, wareki_month};
use chrono::NaiveDate;
use kokuho::{Claim, InsuredNumber, InsurerNumber, OfficeNumber, Yen};

use crate::attempts::form;
use crate::sent::Whereabouts;

/// What makes two statements the same claim（MONEY 3）.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseKey {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// 証記載保険者番号.
    pub insurer: InsurerNumber,
    /// 被保険者番号.
    pub insured: InsuredNumber,
    /// サービス提供年月.
    pub service_month: Month,
    /// 交換情報識別番号 of the claim; `8222` for every 給付管理票; empty when neither a claim on hand nor the service
    /// type of the notice tells it.
    pub exchange_id: String,
}

impl CaseKey {
    /// Returns the key of a claim.
    pub fn of_claim(claim: &Claim) -> Self {
        Self {
            office: claim.office.clone(),
            insurer: claim.insurer.clone(),
            insured: claim.insured.clone(),
            service_month: claim.service_month,
            exchange_id: form(claim).to_owned(),
        }
    }
}

impl fmt::Display for CaseKey {
    /// Writes the spelling under which decisions about a case are kept: `9970000015/990010/0000000101/2026-05/7131`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}/{}", self.office, self.insurer, self.insured, self.service_month, self.exchange_id)
    }
}

/// Why a text is not a [`CaseKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a case key: office/insurer/insured/service month/exchange id")]
pub struct CaseKeyError;

impl FromStr for CaseKey {
    type Err = CaseKeyError;

    /// Parses what [`CaseKey`] writes.
    fn from_str(text: &str) -> Result<Self, CaseKeyError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [office, insurer, person, service_month, exchange_id] = parts.as_slice() else {
            return Err(CaseKeyError);
        };
        Ok(Self {
            office: OfficeNumber::from_file(office),
            insurer: InsurerNumber::from_file(insurer),
            insured: InsuredNumber::from_file(person),
            service_month: service_month.parse().map_err(|_| CaseKeyError)?,
            exchange_id: (*exchange_id).to_owned(),
        })
    }
}

/// What happened to a claim last（MONEY 5）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseKind {
    /// 返戻.
    Returned,
    /// 保留.
    Held,
    /// 過誤: decided once, then taken back.
    Kago,
    /// 査定: decided with fewer units.
    Assessed,
    /// Returned or held, but in no claim file on hand.
    Unmatched,
}

impl CaseKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Returned, Self::Held, Self::Kago, Self::Assessed, Self::Unmatched];

    /// Returns the word of the terminal's JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Held => "held",
            Self::Kago => "kago",
            Self::Assessed => "assessed",
            Self::Unmatched => "unmatched",
        }
    }

    /// Finds the kind that [`CaseKind::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a case stands today（MONEY 6–9）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseState {
    /// Returned or taken back, and not claimed again.
    Open,
    /// Claimed again; the answer is not in yet.
    Reclaimed,
    /// Decided: nothing outstanding.
    Settled,
    /// 国保連 keeps it until the 給付管理票 comes. Never to be claimed again meanwhile.
    Held,
    /// A person decided that nothing more is to be done.
    Closed,
    /// Open past its limitation（時効）.
    Lapsed,
}

impl CaseState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Open, Self::Reclaimed, Self::Settled, Self::Held, Self::Closed, Self::Lapsed];

    /// Returns the word of the terminal's JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reclaimed => "reclaimed",
            Self::Settled => "settled",
            Self::Held => "held",
            Self::Closed => "closed",
            Self::Lapsed => "lapsed",
        }
    }

    /// Finds the state that [`CaseState::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Returns whether the yen of such a case are still lacking（MONEY 24）.
    pub fn is_unpaid(self) -> bool {
        matches!(self, Self::Open | Self::Reclaimed | Self::Held)
    }
}

/// A claim that did not simply get paid, or one reduction of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Which claim.
    pub key: CaseKey,
    /// What happened last.
    pub kind: CaseKind,
    /// 備考 of the latest event（`12PA`, `保留`, `返戻`）; reason of a 過誤; letters of a 査定. Sorted, without blanks.
    pub codes: Vec<String>,
    /// What is at stake: the amount of the newest attempt, or what a 査定 took away.
    pub yen: Yen,
    /// `yen` is an estimate, because the claim is not on hand.
    pub estimated: bool,
    /// Months in which the claim was returned; 保留 does not count.
    pub times_returned: u32,
    /// Where it stands.
    pub state: CaseState,
    /// Where the claim is, whatever people decided; of a reduction, the claim that was reduced.
    pub whereabouts: Whereabouts,
    /// 処理対象年月 on which its yen stand while they are unpaid（MONEY 24）: of the newest attempt, else of the last notice.
    pub stands_on: Month,
    /// Yen of a claim on hand that came back and was not claimed again, whatever became of it since（closed, time-barred）.
    pub returned_yen: Yen,
    /// Yen of a claim on hand that 国保連 holds, also when a person closed it.
    pub held_yen: Yen,
    /// Day on which a person closed it; `None` unless [`CaseState::Closed`].
    pub closed_on: Option<NaiveDate>,
    /// 審査年月 of the notice that opened the case.
    pub first_month: Month,
    /// 処理対象年月 of the next window in which it may be claimed; only for [`CaseState::Open`].
    pub next_window: Option<Month>,
    /// Last day before it is time-barred; `None` for 給付管理票, which carry no money.
    pub limitation_date: Option<NaiveDate>,
    /// Name in kana, as the newest notice that carries one gave it.
    pub insured_kana: Option<String>,
    /// 内容 of the latest event, in the order of the notice, each once.
    pub contents: Vec<String>,
    /// Why a held case stays held although something of its group was released.
    pub why_kept_held: Option<KeptHeld>,
    /// Why a person closed it; `None` unless [`CaseState::Closed`].
    pub closed_reason: Option<String>,
    /// 処理対象年月 of the attempts on hand, oldest first.
    pub attempts: Vec<Month>,
    /// What happened, oldest first.
    pub story: Vec<Event>,
}

/// A step in the life of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// 処理対象年月.
    pub month: Month,
    /// What happened in it.
    pub what: What,
}

/// What happened to a claim in a month. Within a month the steps stand in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// 過誤: taken back.
    TakenBack {
        /// 過誤申立事由コード.
        reasons: Vec<String>,
        /// Yen taken back (negative).
        yen: Yen,
    },
    /// Sent for the first time.
    Claimed {
        /// Insurance and public shares; 0 for 給付管理票.
        yen: Yen,
    },
    /// Sent again.
    ClaimedAgain {
        /// Insurance and public shares; 0 for 給付管理票.
        yen: Yen,
    },
    /// 返戻.
    Returned {
        /// 備考.
        codes: Vec<String>,
    },
    /// 保留.
    Held,
    /// 保留復活.
    Released,
    /// 査定.
    Assessed {
        /// Letters of the reason.
        letters: Vec<String>,
        /// Yen lost (positive).
        yen: Yen,
        /// `yen` is an estimate.
        estimated: bool,
    },
    /// The attempt of this month was decided: the payment detail is on hand and the claim was neither returned nor held.
    Decided,
}

impl fmt::Display for What {
    /// Writes the step as a person reads it, for example `返戻（12PA）`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TakenBack { reasons, yen } => {
                write!(f, "過誤 {yen}円")?;
                in_brackets(f, reasons)
            }
            Self::Claimed { yen } => write!(f, "請求 {yen}円"),
            Self::ClaimedAgain { yen } => write!(f, "再請求 {yen}円"),
            Self::Returned { codes } => {
                f.write_str("返戻")?;
                in_brackets(f, codes)
            }
            Self::Held => f.write_str("保留"),
            Self::Released => f.write_str("保留復活"),
            Self::Assessed { letters, yen, estimated } => {
                let about = if *estimated { "約" } else { "" };
                write!(f, "査定 {about}{}円", -*yen)?;
                in_brackets(f, letters)
            }
            Self::Decided => f.write_str("支払決定"),
        }
    }
}

/// Writes the codes in full-width brackets; `返戻（返戻）` would say the same twice.
fn in_brackets(f: &mut fmt::Formatter<'_>, codes: &[String]) -> fmt::Result {
    let codes: Vec<&str> = codes.iter().map(String::as_str).filter(|code| *code != "返戻").collect();
    if codes.is_empty() { Ok(()) } else { write!(f, "（{}）", codes.join("・")) }
}

/// Why a claim stays held although 審査決定増減表 lists a release for its insurer and service month（MONEY 9）.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptHeld {
    /// 審査年月 of the 審査決定増減表.
    pub month: Month,
    /// Released claims that it counts.
    pub count: i64,
    /// Released units that it counts.
    pub units: i64,
    /// Why they do not decide the matter.
    pub why: Doubt,
}

/// Why a release cannot be given to certain claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Several sets of held claims fit the released count and units.
    SeveralFit,
    /// No set of held claims fits them.
    NoneFits,
    /// There are too many held claims to try all sets.
    TooMany,
}

impl fmt::Display for KeptHeld {
    /// Writes the reason in plain Japanese.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}審査の増減表に保留復活が{}件（{}単位）ありますが、",
            wareki_month(self.month),
            Yen(self.count),
            Yen(self.units)
        )?;
        f.write_str(match self.why {
            Doubt::SeveralFit => "当てはまる請求の組み合わせが複数あるため、どの請求が復活したかを決められません。国保連にご確認ください。",
            Doubt::NoneFits => "保留中の請求の件数・単位数と合いません。国保連にご確認ください。",
            Doubt::TooMany => "保留中の請求が多く、どの請求が復活したかを決められません。国保連にご確認ください。",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for text in ["9970000015/990010/0000000101/2026-05/7131", "99A0000015/12990016/H000000001/2026-05/"] {
            assert_eq!(text.parse::<CaseKey>().map(|key| key.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "9970000015/990010/0000000101/2026-05",
            "9970000015/990010/0000000101/2026-13/7131",
            "a/b/c/2026-05/d/e",
        ] {
            assert_eq!(text.parse::<CaseKey>(), Err(CaseKeyError), "{text}");
        }
    }
}
