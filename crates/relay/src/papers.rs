//! What the desk hands out: letters with IDs and passwords, and the list of fees for the bank.

use calendar::wareki_date;
use chrono::{NaiveDate, NaiveDateTime};
use paper::{Document, Orientation, PaperError, Table};
use relay_api::applications::{Letter, Letters, OperatorProfile};

use crate::desk::{DebitList, FeeRun};
use crate::storage::{AccountKind, Debit, FeeLine};

/// Makes the letter of one ID as PDF: A4, one page.
///
/// # Errors
///
/// [`PaperError::MissingCharacter`] when a name holds a character that the font lacks.
pub fn letter_pdf(
    letters: &Letters,
    letter: &Letter,
    profile: &OperatorProfile,
    issued_at: NaiveDateTime,
    practice: bool,
) -> Result<Vec<u8>, PaperError> {
    let kind = match &letter.office {
        None => "法人用ID（すべての事業所）".to_owned(),
        Some(number) => format!("事業所用ID（{number}）"),
    };
    let usable_from =
        letters.usable_from.parse().map_or_else(|_| letters.usable_from.clone(), |day: NaiveDate| wareki_date(day));
    let row = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
    let access = Table {
        title: "ログインのための情報".into(),
        columns: vec!["項目".into(), "内容".into()],
        numeric: vec![false, false],
        rows: vec![
            row("法人番号", &letters.corporation_number),
            row("ID", &letter.login_id),
            row("仮パスワード", &letter.password),
            row("種類", &kind),
            row("使える日", &format!("{usable_from}から")),
        ],
        ..Table::default()
    };
    let notes = Table {
        title: "ご注意".into(),
        columns: vec!["お願い".into()],
        numeric: vec![false],
        rows: [
            "仮パスワードに、o（オー）、0（ゼロ）、i（アイ）、l（エル）、1（いち）は使っていません。IDも仮パスワードも、英字はすべて小文字です。",
            "はじめてログインすると、新しいパスワードを決める画面が出ます（12文字以上）。",
            "パスワードを5回続けて間違えると、30分のあいだログインできなくなります。",
            "この書面を作り直すと、前の仮パスワードは使えなくなります。一度ログインすると、作り直せません。",
            "この書面は、ほかの人の目に触れない場所に保管してください。電話やメールでパスワードをお聞きすることはありません。",
        ]
        .map(|line| vec![line.to_owned()])
        .into(),
        ..Table::default()
    };
    paper::document(&Document {
        title: "ログイン情報のお知らせ".into(),
        orientation: Orientation::Portrait,
        head: vec![
            ("宛先".into(), format!("{} 御中", letters.corporation_name)),
            ("発行者".into(), format!("{}（{}）", profile.agent.corporation_name, profile.service_name)),
        ],
        tables: vec![access, notes],
        footer: format!("ログイン情報のお知らせ　法人番号 {}　{}", letters.corporation_number, letter.login_id),
        issued_at,
        practice,
        ..Document::default()
    })
}

/// Writes a fee run as CSV for spreadsheets: UTF-8 with a byte order mark, CRLF.
///
/// # Errors
///
/// Returns what the writer said; writing to memory does not fail.
pub fn fees_csv(run: &FeeRun) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(["法人番号", "法人名", "事業所番号", "事業所名", "項目", "対象月", "金額（円）", "引落日"])?;
    for line in &run.lines {
        let FeeLine { corporation_number, corporation_name, office, office_name, item, month, yen } = line;
        writer.write_record([
            corporation_number.as_str(),
            &harmless(corporation_name),
            office,
            &harmless(office_name),
            item_name(item),
            month,
            &yen.to_string(),
            &run.debit_on,
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Writes what the bank is asked to debit as CSV: UTF-8 with a byte order mark, CRLF. Codes keep their leading zeros.
///
/// # Errors
///
/// Returns what the writer said; writing to memory does not fail.
pub fn debits_csv(list: &DebitList) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record([
        "引落日",
        "法人番号",
        "法人名",
        "金融機関コード",
        "支店コード",
        "預金種目",
        "口座番号",
        "口座名義",
        "金額（円）",
    ])?;
    for Debit { corporation_number, corporation_name, yen, account } in &list.debits {
        let [bank, branch, kind, number, holder] = match account {
            None => ["", "", "未登録", "", ""],
            Some(account) => [
                account.bank.as_str(),
                &account.branch,
                match account.kind {
                    AccountKind::Ordinary => "普通",
                    AccountKind::Current => "当座",
                },
                &account.number,
                &account.holder,
            ],
        };
        let (name, holder, yen) = (harmless(corporation_name), harmless(holder), yen.to_string());
        writer.write_record([
            list.debit_on.as_str(),
            corporation_number,
            &name,
            bank,
            branch,
            kind,
            number,
            &holder,
            &yen,
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn item_name(item: &str) -> &'static str {
    match item {
        "monthly" => "月額利用料",
        "registration" => "初回登録料",
        "option_monthly" => "返戻オプション月額利用料",
        "option_registration" => "返戻オプション初回登録料",
        "password_by_hand" => "パスワード再発行手数料",
        "recovery" => "削除情報復旧手数料",
        _ => "その他",
    }
}

/// Keeps a spreadsheet from taking a name for a formula.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t']) { format!("'{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_becomes_a_formula() {
        let line = FeeLine {
            corporation_number: "1000000001".into(),
            corporation_name: "=HYPERLINK(\"x\")".into(),
            office: "9970000015".into(),
            office_name: "たんぽぽ,デイ".into(),
            item: "monthly".into(),
            month: "2026-12".into(),
            yen: 1100,
        };
        let csv = fees_csv(&FeeRun { debit_on: "2027-01-26".into(), lines: vec![line] }).unwrap();
        let text = String::from_utf8(csv).unwrap();
        assert!(text.starts_with("\u{feff}法人番号,"), "{text}");
        let line =
            "1000000001,\"'=HYPERLINK(\"\"x\"\")\",9970000015,\"たんぽぽ,デイ\",月額利用料,2026-12,1100,2027-01-26\r\n";
        assert!(text.ends_with(line), "{text}");
    }
}
