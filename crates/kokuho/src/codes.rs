//! Code lists: return codes, service types, care levels, titles. Data of `spec/codes.json` and `spec/return_codes.json`.

use unicode_normalization::UnicodeNormalization as _;

/// What to do about a returned or held claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Correct it and claim again in the next window.
    FixNow,
    /// Wait, then claim as it is, or let it be decided.
    Wait,
    /// The care manager must act（給付管理票）.
    AskCareManager,
    /// The insurer must act（認定, 届出）.
    AskInsurer,
    /// Only through 過誤 can it be claimed again.
    Kago,
    /// The vendor of the care software must act.
    AskVendor,
    /// Nothing more can be done, or need be.
    GiveUp,
    /// A person must read the notice and choose.
    ReadAndChoose,
}

impl Route {
    /// All routes.
    pub const ALL: [Self; 8] = [
        Self::FixNow,
        Self::Wait,
        Self::AskCareManager,
        Self::AskInsurer,
        Self::Kago,
        Self::AskVendor,
        Self::GiveUp,
        Self::ReadAndChoose,
    ];

    /// Finds the route that [`Route::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.as_str() == text)
    }

    /// Returns the stable name: `fix_now`, `wait`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FixNow => "fix_now",
            Self::Wait => "wait",
            Self::AskCareManager => "ask_care_manager",
            Self::AskInsurer => "ask_insurer",
            Self::Kago => "kago",
            Self::AskVendor => "ask_vendor",
            Self::GiveUp => "give_up",
            Self::ReadAndChoose => "read_and_choose",
        }
    }
}

impl serde::Serialize for Route {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A code of the remark column of a 返戻（保留）一覧表, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ReturnCode {
    /// The code, normalised: `12PA`, `保留`, `返戻`; empty when the column is blank.
    pub code: String,
    /// What happened, one sentence.
    pub message: &'static str,
    /// The likely cause, one sentence.
    pub cause: &'static str,
    /// What to do.
    pub action: &'static str,
    /// What to do, as a choice the program acts on.
    pub route: Route,
}

struct Known {
    code: &'static str,
    message: &'static str,
    cause: &'static str,
    action: &'static str,
    route: Route,
}

/// A service type as the check needs it.
#[derive(Debug)]
pub(crate) struct ServiceType {
    pub code: &'static str,
    /// Exchange ids of the statements that may carry it.
    pub styles: &'static [&'static str],
    /// Unit prices in hundredths of a yen since 2015-04, one per 地域区分; empty where the municipality sets the price.
    pub unit_prices: &'static [i64],
}

/// A public payer（公費）as far as the check needs it. From one source (medium confidence): asks, never blocks.
#[derive(Debug)]
pub(crate) struct PublicPayer {
    /// 法別番号, two digits.
    pub law: &'static str,
    pub name: &'static str,
    /// 公費給付率 in percent.
    pub rate: i64,
    /// Order in which payers of one statement apply: the smaller number first.
    pub priority: u8,
}

include!(concat!(env!("OUT_DIR"), "/codes.rs"));

/// Normalises the remark of a 7411 row: NFKC, no blanks, capitals. `１２ＰＡ` becomes `12PA`.
pub fn normalise_remark(remark: &str) -> String {
    remark.nfkc().filter(|character| !character.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// Explains the remark（備考）of a 7411 row. An unknown code says so and leaves the choice to a person.
pub fn return_code(remark: &str) -> ReturnCode {
    let code = normalise_remark(remark);
    // Screens and web pages confuse the letter O with the digit 0; no known code has an O.
    let known = find_known(&code).or_else(|| find_known(&code.replace('O', "0")));
    match known {
        Some(known) => ReturnCode {
            code: known.code.to_owned(),
            message: known.message,
            cause: known.cause,
            action: known.action,
            route: known.route,
        },
        None => ReturnCode {
            code,
            message: "このコードの意味は、まだこのソフトに登録されていません。",
            cause: "くわしい理由は「内容」の欄にあります。",
            action: "「内容」の欄を読み、国保連に確かめてから扱いを選びます。",
            route: Route::ReadAndChoose,
        },
    }
}

/// Returns every code that the program can explain.
pub fn known_return_codes() -> impl Iterator<Item = &'static str> {
    RETURN_CODES.iter().map(|known| known.code)
}

fn find_known(code: &str) -> Option<&'static Known> {
    RETURN_CODES.binary_search_by(|known| known.code.cmp(code)).ok().and_then(|at| RETURN_CODES.get(at))
}

fn name(table: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table.binary_search_by(|(known, _)| (*known).cmp(code)).ok().and_then(|at| table.get(at)).map(|(_, name)| *name)
}

/// Returns the name of a サービス種類コード: `15` is 通所介護.
pub fn service_type_name(code: &str) -> Option<&'static str> {
    name(SERVICE_TYPE_NAMES, code)
}

/// Returns the name of a 要介護状態区分コード: `21` is 要介護1.
pub fn care_level_name(code: &str) -> Option<&'static str> {
    name(CARE_LEVELS, code)
}

/// Returns the title of a notice, claim or 給付管理票 by its exchange id.
pub fn exchange_title(exchange_id: &str) -> Option<&'static str> {
    name(EXCHANGE_TITLES, exchange_id)
}

/// Returns the title of a notice of 国保連 by its exchange id; `None` for anything else.
pub fn notice_title(exchange_id: &str) -> Option<&'static str> {
    let is_notice = crate::FileKind::of_exchange_id(exchange_id) == crate::FileKind::Notice;
    exchange_title(exchange_id).filter(|_| is_notice)
}

/// Returns the name of a public payer by its 法別番号 (two digits): `12` is 生活保護.
pub fn public_payer_name(law: &str) -> Option<&'static str> {
    public_payer(law.as_bytes()).map(|payer| payer.name)
}

pub(crate) fn public_payer(law: &[u8]) -> Option<&'static PublicPayer> {
    PUBLIC_PAYERS.binary_search_by(|known| known.law.as_bytes().cmp(law)).ok().and_then(|at| PUBLIC_PAYERS.get(at))
}

/// Returns what a 過誤申立事由コード (four digits: style and reason) means, as far as the 2003 list goes: `(style, reason)`.
pub fn kago_reason(code: &str) -> (Option<&'static str>, Option<&'static str>) {
    let part = |range| code.get(range);
    (part(0..2).and_then(|style| name(KAGO_STYLES, style)), part(2..4).and_then(|reason| name(KAGO_REASONS, reason)))
}

/// Returns the reasons of the 過誤申立事由コード (its last two digits) with their names, as far as the 2003 list goes.
pub fn kago_reasons() -> &'static [(&'static str, &'static str)] {
    KAGO_REASONS
}

/// Returns the first two digits of the 過誤申立事由コード for claims of an exchange id, where the list names its form plainly:
/// 様式第二 and its kin, and 様式第七（計画費）.
pub fn kago_style(exchange_id: &str) -> Option<&'static str> {
    match exchange_id {
        "7131" | "7132" | "71P1" | "71R1" => Some("10"),
        _ if exchange_id.starts_with("81") => Some("40"),
        _ => None,
    }
}

/// Returns what the letter in 事由 of a 7411 row means (A to E).
pub fn return_reason_name(letter: &str) -> Option<&'static str> {
    name(RETURN_REASONS, letter)
}

/// Returns what the letter in 事由 of a 7311 row means (A to G).
pub fn reduction_reason_name(letter: &str) -> Option<&'static str> {
    name(CHANGE_REASONS, letter)
}

/// Returns the exchange ids of the statements that may carry a サービス種類コード: `15` stands on `7131`.
///
/// Empty for unknown types and for those that stand on many forms (`59`).
pub fn service_forms(code: &str) -> &'static [&'static str] {
    service_type(code.as_bytes()).map_or(&[], |known| known.styles)
}

/// Returns whether claims of an exchange id belong to 介護予防・日常生活支援総合事業: limited after five years, changed by
/// 7231, paid by 7551.
pub fn is_comprehensive_project(exchange_id: impl AsRef<[u8]>) -> bool {
    matches!(exchange_id.as_ref(), b"7112" | b"7113" | b"71R1" | b"71P1" | b"8161" | b"8171")
}

/// Returns the unit prices of a サービス種類コード in hundredths of a yen since 2015-04, by 地域区分 from その他, 7級地 up
/// to 1級地; a single price where the grade does not matter; empty where the municipality sets the price.
pub fn unit_prices(code: &str) -> &'static [i64] {
    service_type(code.as_bytes()).map_or(&[], |known| known.unit_prices)
}

pub(crate) fn service_type(code: &[u8]) -> Option<&'static ServiceType> {
    SERVICE_TYPES.binary_search_by(|known| known.code.as_bytes().cmp(code)).ok().and_then(|at| SERVICE_TYPES.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(remark: &str, code: &str, route: Route) {
        let found = return_code(remark);
        assert_eq!((found.code.as_str(), found.route), (code, route), "{remark}");
        assert!(
            found.message.ends_with('。') && found.cause.ends_with('。') && found.action.ends_with('。'),
            "{remark}"
        );
    }

    #[test]
    fn knows_codes_in_every_spelling() {
        check("１２ＰＡ", "12PA", Route::Wait);
        check(" 12pa ", "12PA", Route::Wait);
        check("ＡＮＮＯ", "ANN0", Route::GiveUp);
        check("12PO", "12P0", Route::AskInsurer);
        check("保　留", "保留", Route::Wait);
        check("返戻", "返戻", Route::AskCareManager);
        check("ANN2", "ANN2", Route::Kago);
        check("ANNM", "ANNM", Route::AskCareManager);
        check("ABB0", "ABB0", Route::FixNow);
        check("", "", Route::ReadAndChoose);
    }

    #[test]
    fn is_honest_about_an_unknown_code() {
        check("ＺＺ９９", "ZZ99", Route::ReadAndChoose);
        assert!(return_code("ZZ99").message.contains("登録されていません"));
    }

    #[test]
    fn every_known_code_can_be_found() {
        for code in known_return_codes() {
            assert_eq!(return_code(code).code, code);
        }
        assert_eq!(known_return_codes().count(), 56);
    }

    #[test]
    fn names_codes() {
        assert_eq!(service_type_name("15"), Some("通所介護"));
        assert_eq!(service_type_name("ZZ"), None);
        assert_eq!((service_forms("15"), service_forms("59")), (["7131"].as_slice(), [].as_slice()));
        assert_eq!((unit_prices("15").get(3), unit_prices("17").len(), unit_prices("A6").len()), (Some(&1045), 1, 0));
        assert_eq!(care_level_name("21"), Some("要介護1"));
        assert!(notice_title("7411").is_some_and(|title| title.contains("返戻（保留）一覧表")));
        assert_eq!(notice_title("7131"), None);
        assert_eq!(public_payer_name("12"), Some("生活保護（介護扶助）"));
        assert!(matches!(kago_reason("1002"), (Some(_), Some(_))));
        assert_eq!(kago_reason("あ"), (None, None));
    }
}
