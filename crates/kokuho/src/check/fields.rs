//! What every value by itself must be: its place, characters, length, date, check digit.

use crate::layout::{Confidence, Item, ItemKind, Presence, Shape};
use crate::line;
use crate::{Severity, check_digit};

use super::findings::{At, Findings, Words, shown};
use super::row::{self, Figures, RowRef};
use super::rules;

/// Looks at the items of a row from number `first` on, and reads their figures on the way. Returns whether the figures
/// can be relied on: the row has the shape of its layout and every number is one.
pub(super) fn check(row: RowRef<'_>, first: usize, figures: &mut Figures, findings: &mut Findings) -> bool {
    let Some(layout) = row.layout else {
        let words = Words::new(
            format!("「{}」という種類の行は、このソフトではまだ確かめられません。", kind_of(row)),
            "介護ソフトが新しい様式に対応していれば、このまま送れます。心当たりがなければ介護ソフトの会社に確かめてください。",
        );
        findings.warning(rules::L1, row.at(0), words);
        return false;
    };
    if row.items() != layout.items.len() {
        let words = Words::new(
            format!("{}の項目の数が{}個です。{}個のはずです。", layout.name_ja, row.items(), layout.items.len()),
            "介護ソフトからもう一度ファイルを出力してください。それでも同じなら、介護ソフトの会社に確かめてください。",
        );
        let severity = if layout.confidence == Confidence::High { Severity::Error } else { Severity::Warning };
        findings.add(rules::L2, severity, row.at(0), words.figures(row.items() as i64, layout.items.len() as i64));
        return false;
    }
    let plain = row.is_plain();
    let last = layout.sequence == 0 || row.item(layout.sequence) == b"99";
    let mut usable = true;
    figures.clear_from(first);
    // Most values are blank or a bare zero, and most of those are in order.
    let trifles = row.trifles();
    let required = layout.required | if last { layout.required_on_last } else { 0 };
    let in_order = trifles.blanks & !required | trifles.zeros & layout.figures;
    let mut open = !in_order & (u64::MAX << first) & !(u64::MAX << (layout.items.len() + 1));
    while open != 0 {
        let no = open.trailing_zeros() as usize;
        open &= open - 1;
        let (Some(item), Some(span)) = (layout.item(no), row.span(no)) else { break };
        let bytes = row.line.bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
        if bytes.is_empty() {
            if required >> no & 1 == 1 {
                missing(row, item, findings);
            }
            continue;
        }
        let numeric = matches!(item.kind, ItemKind::Nine | ItemKind::SignedNine);
        if numeric {
            let Some(figure) = row.figure(span, item.kind == ItemKind::SignedNine) else {
                usable &= not_a_number(row, item, findings);
                continue;
            };
            figures.set(no, figure);
        } else if (item.kind == ItemKind::N || !plain) && !characters(row, item, findings) {
            continue;
        }
        // Some programs write the insurer of a plan claim with eight digits; V7 knows both.
        if item.max_len.is_some_and(|most| bytes.len() > usize::from(most)) && item.shape != Shape::Insurer {
            too_long(row, item, findings);
            continue;
        }
        // The office of a row is held against that of the control record, which is looked at once (F5).
        if layout.figures >> no & 1 == 0 && item.shape != Shape::Remark && usize::from(item.no) != layout.office {
            shape(row, item, bytes, last, findings);
        }
    }
    usable
}

fn kind_of(row: RowRef<'_>) -> String {
    let second = row.item(2);
    if second.len() == 2 { format!("{}-{}", shown(row.item(1)), shown(second)) } else { shown(row.item(1)) }
}

fn missing(row: RowRef<'_>, item: &Item, findings: &mut Findings) {
    let severity = if row.layout.is_some_and(|layout| layout.confidence == Confidence::Low) {
        Severity::Warning
    } else {
        Severity::Error
    };
    let words = Words::new(
        format!("「{}」が入っていません。必ず書く項目です。", item.name_ja),
        format!("介護ソフトで「{}」を入れて、ファイルを作りなおしてください。", item.name_ja),
    );
    findings.add(rules::C1, severity, row.at(usize::from(item.no)), words);
}

/// Returns whether the value is right after all.
fn not_a_number(row: RowRef<'_>, item: &Item, findings: &mut Findings) -> bool {
    let found = shown(&row.value(usize::from(item.no)));
    // An 総合事業 office carries a capital letter in third place, and its service types letters (V9).
    if item.shape == Shape::Office && is_office_with_letter(row.item(usize::from(item.no))) {
        return true;
    }
    let message = if found.starts_with('-') {
        format!("「{}」にマイナスの数は書けません。「{found}」と書かれています。", item.name_ja)
    } else {
        format!("「{}」は半角の数字で書きます。「{found}」と書かれています。", item.name_ja)
    };
    let words =
        Words::new(message, format!("介護ソフトで「{}」を直して、ファイルを作りなおしてください。", item.name_ja));
    findings.error(rules::V5, row.at(usize::from(item.no)), words.found(found));
    false
}

fn is_office_with_letter(bytes: &[u8]) -> bool {
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_digit() || (at == 2 && byte.is_ascii_uppercase() && !b"IOQ".contains(byte)))
}

/// Returns whether the characters of a text are allowed, or names all that are not in one finding.
fn characters(row: RowRef<'_>, item: &Item, findings: &mut Findings) -> bool {
    let value = row.value(usize::from(item.no));
    // Undecodable bytes refuse the whole file before it comes to this.
    let Ok(text) = line::decode(&value) else {
        return false;
    };
    let at = row.at(usize::from(item.no));
    let mut bad: Vec<char> = text.chars().filter(|character| !is_allowed(*character, item)).collect();
    if bad.is_empty() {
        return true;
    }
    bad.sort_unstable();
    bad.dedup();
    let named: Vec<String> = bad.iter().take(8).map(|character| name_of(*character)).collect();
    let reason = match item.kind {
        ItemKind::N => "この項目に書けるのは全角の文字だけです。",
        _ => "この項目に書けるのは半角の数字と大文字の英字だけです。",
    };
    let message = format!("「{}」に使えない文字（{}）が入っています。", item.name_ja, named.join(" "));
    let hint = format!("{reason}介護ソフトで直して、ファイルを作りなおしてください。");
    // Vendors do write full-width text into 摘要, which the books call 英数.
    let only_wide =
        item.shape == Shape::Remark && bad.iter().all(|character| !character.is_ascii() && !is_private(*character));
    let severity = if only_wide { Severity::Warning } else { Severity::Error };
    findings.add(rules::V2, severity, at, Words::new(message, hint).found(shown(&value)));
    false
}

fn is_allowed(character: char, item: &Item) -> bool {
    if character == '\'' || character.is_control() || is_private(character) {
        return false;
    }
    let half_kana = ('\u{FF61}'..='\u{FF9F}').contains(&character);
    match item.kind {
        ItemKind::N => !character.is_ascii() && !half_kana,
        _ => (character.is_ascii() && !character.is_ascii_lowercase()) || half_kana,
    }
}

/// 外字 decode into the private use area.
fn is_private(character: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&character)
}

fn name_of(character: char) -> String {
    if is_private(character) {
        "外字".to_owned()
    } else if character.is_control() {
        "改行などの制御文字".to_owned()
    } else {
        character.to_string()
    }
}

fn too_long(row: RowRef<'_>, item: &Item, findings: &mut Findings) {
    let no = usize::from(item.no);
    let (length, most) = (row.item(no).len(), item.max_len.unwrap_or_default());
    let unit = if item.kind == ItemKind::N { format!("全角{}文字", most / 2) } else { format!("{most}けた") };
    let words = Words::new(
        format!(
            "「{}」が長すぎます。{unit}までのところ、{}入っています。",
            item.name_ja,
            if item.kind == ItemKind::N { format!("{}文字分", length / 2) } else { format!("{length}けた") }
        ),
        format!("介護ソフトで「{}」を直して、ファイルを作りなおしてください。", item.name_ja),
    );
    let severity = if row.layout.is_some_and(|layout| layout.confidence == Confidence::Low) {
        Severity::Warning
    } else {
        Severity::Error
    };
    findings.add(rules::V10, severity, row.at(no), words.found(shown(row.item(no))).expected(unit));
}

fn shape(row: RowRef<'_>, item: &Item, bytes: &[u8], last: bool, findings: &mut Findings) {
    // Nearly every value is in order: where it stands is worked out only for those that are not.
    let at = || row.at(usize::from(item.no));
    let zeros = bytes.iter().all(|byte| *byte == b'0');
    let needed = item.presence == Presence::Required;
    match item.shape {
        Shape::Date | Shape::Month if zeros && needed => missing(row, item, findings),
        Shape::Date | Shape::Month if zeros => {}
        Shape::Date if !is_date(bytes) => no_date(item, bytes, "年月日", "20260601", at(), findings),
        Shape::Month if !is_month(bytes) => no_date(item, bytes, "年月", "202606", at(), findings),
        Shape::Insured => insured(item, bytes, at(), findings),
        Shape::Insurer => insurer(row, item, bytes, at(), findings),
        // The closing line of a 給付管理票 names no office.
        Shape::Office if !zeros || (needed && !last) => office(item, bytes, at(), findings),
        Shape::Payer if !zeros && !has_check_digit(bytes, 8) => {
            digit(rules::CD3, Severity::Error, item, bytes, "介護券や公費受給者証", at(), findings);
        }
        Shape::Coded(values) if !zeros && !values.iter().any(|(code, _)| code.as_bytes() == bytes) => {
            no_code(item, bytes, values, at(), findings);
        }
        Shape::Recipient if !zeros && !has_check_digit(bytes, 7) => {
            digit(rules::CD4, Severity::Warning, item, bytes, "介護券や公費受給者証", at(), findings);
        }
        _ => {}
    }
}

fn no_date(item: &Item, bytes: &[u8], what: &str, example: &str, at: At<'_>, findings: &mut Findings) {
    let found = shown(bytes);
    let words = Words::new(
        format!("「{}」が正しい{what}ではありません。「{found}」と書かれています。", item.name_ja),
        format!("西暦で「{example}」のように書きます。介護ソフトで直して、ファイルを作りなおしてください。"),
    );
    findings.error(rules::V6, at, words.found(found));
}

/// C14: a code that is in no list. Lists grow, so this asks.
fn no_code(item: &Item, bytes: &[u8], values: &[(&str, &str)], at: At<'_>, findings: &mut Findings) {
    let found = shown(bytes);
    let known: Vec<String> = values.iter().map(|(code, name)| format!("{code}（{name}）")).collect();
    let words = Words::new(
        format!("「{}」の「{found}」は、決められたコードの中にありません。", item.name_ja),
        format!(
            "使うのは{}です。介護ソフトで「{}」を選びなおしてください。",
            known.join("・"),
            item.name_ja.trim_end_matches("コード")
        ),
    );
    let expected = values.iter().map(|(code, _)| *code).collect::<Vec<_>>().join("・");
    findings.warning(rules::C14, at, words.found(found).expected(expected));
}

/// Returns whether the bytes are a month `YYYYMM`.
pub(super) fn is_month(bytes: &[u8]) -> bool {
    bytes.len() == 6 && month_of(bytes).is_some()
}

/// Returns the month in the first six of the bytes.
pub(super) fn month_of(bytes: &[u8]) -> Option<calendar::Month> {
    let digits = bytes.get(..6).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let figure = digits.iter().fold(0_u32, |figure, digit| figure * 10 + u32::from(digit - b'0'));
    calendar::Month::new(i32::try_from(figure / 100).ok()?, figure % 100).ok()
}

/// Returns whether the bytes are a day `YYYYMMDD`, or all nines: no end in sight.
fn is_date(bytes: &[u8]) -> bool {
    let Some(figure) = bytes.try_into().ok().and_then(|eight| row::eight_digits(u64::from_le_bytes(eight), 8)) else {
        return false;
    };
    let (month, day) = ((figure / 100) as u32, (figure % 100) as u32);
    let Ok(month) = calendar::Month::new((month / 100).cast_signed(), month % 100) else {
        return figure == 99_999_999;
    };
    // Only the last days of a month need the calendar.
    day > 0 && (day <= 28 || chrono::Datelike::day(&month.last_day()) >= day)
}

fn insured(item: &Item, bytes: &[u8], at: At<'_>, findings: &mut Findings) {
    let rest = bytes.strip_prefix(b"H").unwrap_or(bytes);
    if bytes.len() == 10 && rest.iter().all(u8::is_ascii_alphanumeric) {
        return;
    }
    let found = shown(bytes);
    let words = Words::new(
        format!("「{}」は10けたです。いま{}けた（{found}）です。", item.name_ja, bytes.len()),
        "表計算ソフトで開いて保存すると先頭の0が消えます。介護ソフトからもう一度出力したファイルを使ってください。",
    );
    findings.error(rules::V7, at, words.found(found));
}

fn insurer(row: RowRef<'_>, item: &Item, bytes: &[u8], at: At<'_>, findings: &mut Findings) {
    // サービス計画費 carries six digits; some programs write eight there too.
    let plan = row.layout.is_some_and(|layout| layout.exchange_id.starts_with("81"));
    if !(bytes.len() == 8 || (plan && bytes.len() == 6)) {
        let found = shown(bytes);
        let wanted = if plan { 6 } else { 8 };
        let words = Words::new(
            format!("「{}」は{wanted}けたです。いま{}けた（{found}）です。", item.name_ja, bytes.len()),
            "6けたの保険者番号の前に0を2つ付けます。介護ソフトで直すか、もう一度出力してください。",
        );
        findings.error(rules::V7, at, words.found(found));
        return;
    }
    let number = bytes.get(bytes.len() - 6..).unwrap_or(bytes);
    if !has_check_digit(number, 6) {
        digit(rules::CD1, Severity::Error, item, bytes, "被保険者証", at, findings);
    }
}

/// 事業所番号: ten characters with a check digit; a capital letter may stand third (V9).
pub(super) fn office(item: &Item, bytes: &[u8], at: At<'_>, findings: &mut Findings) {
    if bytes.len() != 10 {
        let found = shown(bytes);
        let words = Words::new(
            format!("「{}」は10けたです。いま{}けた（{found}）です。", item.name_ja, bytes.len()),
            "表計算ソフトで開いて保存すると先頭の0が消えます。介護ソフトからもう一度出力したファイルを使ってください。",
        );
        findings.error(rules::V7, at, words.found(found));
    } else if !has_check_digit(bytes, 10) {
        digit(rules::CD2, Severity::Error, item, bytes, "指定通知書", at, findings);
    }
}

/// A number shorter than `length` has lost leading zeros, which do not change its check digit.
fn has_check_digit(bytes: &[u8], length: usize) -> bool {
    bytes.len() <= length && check_digit::is_valid(bytes)
}

fn digit(
    rule: &'static str,
    severity: Severity,
    item: &Item,
    bytes: &[u8],
    paper: &str,
    at: At<'_>,
    findings: &mut Findings,
) {
    let found = shown(bytes);
    let ascii = std::str::from_utf8(bytes).unwrap_or("");
    let body = ascii.get(..ascii.len().saturating_sub(1)).unwrap_or("");
    let start = body.len().saturating_sub(if rule == rules::CD1 { 5 } else { body.len() });
    let expected =
        check_digit::digit(body.get(start..).unwrap_or("")).map_or_else(String::new, |last| format!("{body}{last}"));
    let words = Words::new(
        format!("「{}」{found}は、番号として正しくありません（最後の1けたが合いません）。", item.name_ja),
        format!("打ちまちがいがないか、{paper}と見くらべて直してください。"),
    );
    findings.add(
        rule,
        severity,
        at,
        words.found(found).expected(if body.is_empty() { String::new() } else { expected }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dates() {
        for (text, expected) in [
            ("20260228", true),
            ("20280229", true),
            ("20260229", false),
            ("20261301", false),
            ("20260600", false),
            ("2026060", false),
            ("2026060a", false),
            ("99999999", true),
            ("9999999", false),
        ] {
            assert_eq!(is_date(text.as_bytes()), expected, "{text}");
        }
    }
}
