//! Taking a claim back（features idea 8）.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// How a claim could be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WithdrawalView {
    /// `cancel`, `ask_back`, `withdraw_held`, `wait_for_hold`, `wait`, `fetch_notices`, `kago`, `correct_plan` or `none`.
    pub road: String,
    /// Name of the road, for example `保留分取下げ`.
    pub name: String,
    /// Why this road, whom to ask, until when.
    pub text: String,
    /// Day until which it is open, where one is known.
    pub until: Option<String>,
    /// Name of the paper that this road needs, where it needs one.
    pub form: Option<String>,
    /// Until when the insurer takes 過誤申立; only on that road.
    pub kago: Option<KagoDaysView>,
}

/// Until when an insurer takes 過誤申立, as a person found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct KagoDaysView {
    /// 保険者番号.
    pub insurer: String,
    /// What was kept; everything unknown before.
    pub days: KagoDays,
    /// Next day until which 通常過誤 is taken; `null` while the day is not known.
    pub ordinary_next: Option<String>,
    /// Next day until which 同月過誤 is taken; `null` while the day is not known, and where it is not taken.
    pub same_month_next: Option<String>,
}

/// The days of a month until which an insurer takes 過誤申立: 1 to 31, 31 for the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct KagoDays {
    /// 通常過誤.
    pub ordinary: Option<u32>,
    /// Whether 同月過誤 is taken at all; `null` while that is not known.
    pub takes_same_month: Option<bool>,
    /// 同月過誤.
    pub same_month: Option<u32>,
}

/// Which claims to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct SentQuery {
    /// 事業所番号.
    pub office: String,
    /// 処理対象年月 in which it was sent; any when empty.
    pub month: String,
    /// 被保険者番号 or its end; anybody when empty.
    pub insured: String,
}

/// Claims that were sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SentClaimsView {
    /// The first ones, by person and service month.
    pub claims: Vec<SentClaimView>,
    /// How many there are.
    pub total: u32,
}

/// A claim that was sent, and how it could be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SentClaimView {
    /// Its key ([`ledger::CaseKey`]).
    pub key: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名; empty when it is unknown here.
    pub office_name: String,
    /// 保険者番号.
    pub insurer: String,
    /// 被保険者番号.
    pub insured: String,
    /// Name in kana, where any notice about the person carries one.
    pub insured_kana: Option<String>,
    /// サービス提供年月.
    pub service_month: String,
    /// Title of the form, for example `居宅サービス・地域密着型サービス介護給付費明細書`.
    pub form: String,
    /// Insurance and public shares; `null` where nothing on hand tells them.
    #[specta(type = Option<Number>)]
    pub yen: Option<i64>,
    /// `yen` is an estimate or unknown.
    pub estimated: bool,
    /// 処理対象年月 in which it was sent, oldest first.
    pub attempts: Vec<String>,
    /// Where it is, for example `支払いが決まった`.
    pub state_word: String,
    /// Its item in 返戻・未収, where there is one.
    pub item: Option<String>,
    /// The only road.
    pub withdrawal: WithdrawalView,
}
