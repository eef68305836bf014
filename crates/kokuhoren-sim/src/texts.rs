//! Invented names, and the words of the notices.

use crate::scenario::Trouble;
use crate::statement::Kind;

/// 国保連合会名.
pub(crate) const FEDERATION: &str = "架空県国民健康保険団体連合会";
/// 審査委員会名.
pub(crate) const COMMITTEE: &str = "架空県介護給付費等審査委員会";
/// 住所 on the 支払決定額通知書.
pub(crate) const ADDRESS: &str = "架空県架空市一丁目１番１号";
/// 開設者氏名.
pub(crate) const FOUNDER: &str = "株式会社テスト";
/// 金融機関名 and 支店名.
pub(crate) const BANK: (&str, &str) = ("架空銀行", "本店");

/// 過誤申立事由コード and its words: of a statement of home care, taken back because it was claimed by mistake.
pub(crate) const KAGO: (&str, &str) = ("1002", "請求誤りによる実績取下げ");

/// Returns the basic code of a trouble and what is said of it. The ids of the messages are ours.
pub(crate) fn trouble(trouble: Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::Form => ("5C04", "[KD20] 国保連合会の台帳と合わない項目があります。何も受け付けられていません。"),
        Trouble::NotArrived => ("5C10", "[KD10] 国保連合会に到達しませんでした。何も受け付けられていません。"),
        Trouble::LineBroke => ("5C11", "[KD11] 伝送の途中で回線が切れました。何も受け付けられていません。"),
        Trouble::Outside => {
            ("5C12", "[KD12] 国保連合会の外のシステムが応答しませんでした。何も受け付けられていません。")
        }
    }
}

const INSURERS: [&str; 10] =
    ["架空市", "仮想町", "見本市", "例示町", "模擬村", "練習市", "試作町", "空想村", "想定市", "仮定町"];

const SURNAMES: [&str; 8] = ["ﾃｽﾄ", "ﾐﾎﾝ", "ﾚｲｼﾞ", "ｶｸｳ", "ﾓｷﾞ", "ﾚﾝｼｭｳ", "ｶｿｳ", "ｼｻｸ"];
const GIVEN: [&str; 12] = ["ｲﾁﾛｳ", "ｼﾞﾛｳ", "ｻﾌﾞﾛｳ", "ﾊﾅｺ", "ﾕｷｺ", "ﾐﾁｺ", "ｼﾛｳ", "ｽﾐｺ", "ｺﾞﾛｳ", "ﾄﾐｺ", "ﾛｸﾛｳ", "ﾌﾐｺ"];

/// Returns an invented 保険者名, always the same for an insurer. 990010 is 架空市.
pub(crate) fn insurer_name(insurer: &str) -> &'static str {
    let body = number(insurer) / 10;
    INSURERS[(body % 100).saturating_sub(1) as usize % INSURERS.len()]
}

/// Returns an invented 被保険者カナ氏名, always the same for a person. Claim files carry no names.
pub(crate) fn insured_kana(insured: &str) -> String {
    let number = number(insured);
    let (surname, given) = (number / 12 % 8, number % 12);
    format!("{} {}", SURNAMES[surname as usize], GIVEN[given as usize])
}

/// Returns the digits of a text as a number; other characters count nothing.
fn number(text: &str) -> u64 {
    text.chars()
        .filter_map(|character| character.to_digit(10))
        .fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit)))
}

/// Returns an invented 事業所名 for an office that the scenario does not name.
pub(crate) fn office_name(office: &str) -> String {
    format!("練習事業所{office}")
}

/// Why a claim is returned, as 7411 says it.
pub(crate) struct ReturnText {
    /// 事由: A to E.
    pub reason: char,
    /// 項目名 of each row; a returned claim takes one row per item concerned.
    pub items: &'static [&'static str],
    /// What is wrong with these items.
    pub message: &'static str,
}

/// Returns the words for a code of 返戻事由. Codes without words of their own get neutral ones, so that a scenario may name
/// any code.
pub(crate) fn return_text(code: &str) -> ReturnText {
    let (reason, items, message): (char, &[&str], &str) = match code {
        "12PA" => ('B', &["証記載保険者番号", "被保険者番号"], "市町村の認定変更が未決定"),
        "12P0" => ('B', &["証記載保険者番号", "被保険者番号"], "受給者台帳に受給者情報が未登録"),
        "12P3" => ('B', &["居宅・介護予防支給限度額"], "給付計画単位数の合計が区分支給限度基準額を超過"),
        "12P4" => ('B', &["居宅介護支援事業所番号"], "市町村の認定情報と不一致"),
        "12QJ" => ('B', &["要介護状態区分コード"], "市町村の認定した要介護度と相違"),
        "12QT" => ('B', &["生年月日", "性別コード"], "受給者台帳と不一致"),
        "12SA" => ('B', &["保険給付率"], "市町村の認定情報と給付率が相違"),
        "ASSA" => ('A', &["保険　請求額", "保険　利用者負担額", "サービス単位数"], "記載された値が計算値を超過"),
        "ANN0" => ('A', &["給付管理票"], "同月に同じ給付管理票（新規）を提出済"),
        "ANN2" => ('A', &["請求明細書"], "同月に同じ請求明細書を提出済"),
        "ANN4" => ('A', &["請求明細書"], "過去に同じ請求明細書を提出済"),
        "ANNJ" => ('A', &["給付管理票"], "過去に同じ給付管理票（新規）を提出済"),
        "返戻" => ('C', &["請求明細書"], "保留期間内に対応する給付管理票の提出がない"),
        _ => ('A', &["請求明細書"], "記載内容を確認してください"),
    };
    ReturnText { reason, items, message }
}

/// Codes that a claim of this kind may be returned with when the scenario leaves the choice open.
pub(crate) fn return_codes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Statement => &["12PA", "12P0", "12QJ", "12QT", "12SA", "ASSA"],
        Kind::CarePlan => &["12P4", "12P0"],
        Kind::BenefitManagement => &["12P0", "12P3"],
    }
}

/// Returns 事由 and 内容 of a held claim.
pub(crate) fn hold_text(kind: Kind) -> (char, &'static str) {
    match kind {
        Kind::CarePlan => ('D', "サービス計画費に対応する給付管理票が未提出"),
        Kind::Statement | Kind::BenefitManagement => {
            ('C', "支援事業所に請求明細書に対応した給付管理票の提出依頼が必要")
        }
    }
}

/// Returns サービス種類名, at most twelve characters; empty for a type that is not known.
pub(crate) fn service_name(code: &str) -> &'static str {
    match code {
        "11" => "訪問介護",
        "12" => "訪問入浴介護",
        "13" => "訪問看護",
        "14" => "訪問リハ",
        "15" => "通所介護",
        "16" => "通所リハ",
        "17" => "福祉用具貸与",
        "21" => "短期生活",
        "22" => "短期老健",
        "23" => "短期療養",
        "2A" => "短期医療院",
        "24" => "予防短期生活",
        "25" => "予防短期老健",
        "26" => "予防短期療養",
        "2B" => "予防短期医療院",
        "27" => "特定施設短期",
        "28" => "地域特定施設短期",
        "31" => "居宅療養管理指導",
        "32" => "認知症共同生活介護",
        "33" => "特定施設入居者",
        "34" => "予防居宅療養",
        "35" => "予防特定施設",
        "36" => "地域特定施設",
        "37" => "予防認知症共同生活",
        "38" => "認知症共同短期",
        "39" => "予防認知症共同短期",
        "43" => "居宅介護支援",
        "46" => "介護予防支援",
        "51" => "介護福祉施設",
        "52" => "介護保健施設",
        "53" => "介護療養施設",
        "54" => "地域福祉施設",
        "55" => "介護医療院",
        "62" => "予防訪問入浴",
        "63" => "予防訪問看護",
        "64" => "予防訪問リハ",
        "66" => "予防通所リハ",
        "67" => "予防用具貸与",
        "68" => "小規模多機能短期",
        "69" => "予防小規模短期",
        "71" => "夜間訪問介護",
        "72" => "認知症通所介護",
        "73" => "小規模多機能",
        "74" => "予防認知症通所",
        "75" => "予防小規模多機能",
        "76" => "定期巡回",
        "77" => "複合型",
        "78" => "地域密着通所介護",
        "79" => "複合型短期",
        "A1" => "訪問型みなし",
        "A2" => "訪問型独自",
        "A3" => "訪問型独自定率",
        "A4" => "訪問型独自定額",
        "A5" => "通所型みなし",
        "A6" => "通所型独自",
        "A7" => "通所型独自定率",
        "A8" => "通所型独自定額",
        "A9" => "生活配食定率",
        "AA" => "生活配食定額",
        "AB" => "生活見守り定率",
        "AC" => "生活見守り定額",
        "AD" => "生活その他定率",
        "AE" => "生活その他定額",
        "AF" => "予防ケアマネジメント",
        _ => "",
    }
}

/// Returns 項目名：内容 as 7411 item 12 carries it, at most 105 characters.
pub(crate) fn content(item: &str, message: &str) -> String {
    format!("{item}：{message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insurers_of_the_samples_have_different_names() {
        assert_eq!(insurer_name("990010"), "架空市");
        assert_eq!(insurer_name("990028"), "仮想町");
        assert_eq!(insurer_name("990002"), "架空市");
    }

    #[test]
    fn names_fit_their_items() {
        for number in 0..200 {
            assert!(insured_kana(&format!("H{number:09}")).chars().count() <= 25);
        }
    }

    #[test]
    fn every_code_that_may_be_drawn_has_words_of_its_own() {
        let neutral = return_text("????").message;
        for kind in [Kind::Statement, Kind::CarePlan, Kind::BenefitManagement] {
            for code in return_codes(kind) {
                assert_ne!(return_text(code).message, neutral, "{code}");
            }
        }
    }
}
