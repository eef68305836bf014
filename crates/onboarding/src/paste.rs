//! Offices pasted from a spreadsheet.

use kokuho::OfficeNumber;
use serde::Serialize;
use specta::Type;
use unicode_normalization::UnicodeNormalization;

use crate::draft::Office;
use crate::prefecture::PREFECTURES;

/// What became of pasted rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Type)]
pub struct Pasted {
    /// Offices that are new.
    pub added: u32,
    /// Offices that were there and have got more fields.
    pub filled: u32,
    /// Lines in which neither an office number nor a user ID was found, shortened; column names are none of them.
    pub unread: Vec<String>,
}

/// What a cell holds, told by its shape, so that the columns may stand in any order.
enum Cell {
    Number(String),
    UserId(String),
    PostalCode(String),
    Address(String),
    Name(String),
    Nothing,
}

/// Adds pasted rows to `offices`: one line each, cells between tabs or, without any, commas. A row whose office is there
/// already fills what is empty; a user ID that comes a second time is the second entry（「もう一度」）.
///
/// Nothing that was typed is replaced. A spreadsheet that has eaten the leading zero of a number gets it back.
pub fn paste(offices: &mut Vec<Office>, text: &str) -> Pasted {
    let mut pasted = Pasted::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let separator = if line.contains('\t') { '\t' } else { ',' };
        let cells: Vec<Cell> = line.split(separator).map(|cell| kind(cell.trim().trim_matches('"'))).collect();
        let mut row = Office::default();
        for cell in cells {
            match cell {
                Cell::Number(number) if row.number.is_empty() => row.number = number,
                Cell::UserId(id) if row.user_id.is_empty() => row.user_id = id,
                Cell::UserId(id) => row.user_id_again = id,
                Cell::PostalCode(code) => row.postal_code = code,
                Cell::Address(address) => row.address = address,
                Cell::Name(name) if row.name.is_empty() => row.name = name,
                // A second free text is the address when none looked like one.
                Cell::Name(other) if row.address.is_empty() => row.address = other,
                Cell::Number(_) | Cell::Name(_) | Cell::Nothing => {}
            }
        }
        if row.number.is_empty() && row.user_id.is_empty() {
            let column_names = ["番号", "事業所", "ユーザ", "ID", "住所", "名称", "郵便"];
            if !column_names.iter().any(|name| line.contains(name)) {
                pasted.unread.push(line.trim().chars().take(40).collect());
            }
            continue;
        }
        // The number inside a user ID finds the row; it never fills the number, which has to be an entry of its own.
        let inside = row.user_id.chars().skip(4).collect::<String>();
        let key = if row.number.is_empty() { inside.as_str() } else { row.number.as_str() };
        let known = offices.iter_mut().find(|office| {
            clean(&office.number) == key || (office.number.is_empty() && clean(&office.user_id) == row.user_id)
        });
        if let Some(office) = known {
            fill(office, row);
            pasted.filled += 1;
        } else {
            offices.push(row);
            pasted.added += 1;
        }
    }
    pasted
}

fn fill(office: &mut Office, row: Office) {
    let put = |field: &mut String, value: String| {
        if field.trim().is_empty() {
            *field = value;
        }
    };
    put(&mut office.number, row.number);
    put(&mut office.name, row.name);
    put(&mut office.postal_code, row.postal_code);
    put(&mut office.address, row.address);
    if office.user_id.trim().is_empty() {
        office.user_id = row.user_id;
        put(&mut office.user_id_again, row.user_id_again);
    } else {
        let second = if row.user_id_again.is_empty() { row.user_id } else { row.user_id_again };
        put(&mut office.user_id_again, second);
    }
}

fn kind(cell: &str) -> Cell {
    let bare = clean(cell);
    if bare.is_empty() {
        return Cell::Nothing;
    }
    let upper = bare.to_ascii_uppercase();
    let alphanumeric = upper.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = upper.bytes().filter(u8::is_ascii_digit).count();
    if alphanumeric && upper.len() >= 11 && (upper.starts_with("KJ") || upper.starts_with('J')) {
        return Cell::UserId(upper);
    }
    if alphanumeric && upper.len() == 10 && digits >= 9 {
        return Cell::Number(upper);
    }
    let with_zero = format!("0{upper}");
    if upper.len() == 9 && digits == 9 && OfficeNumber::parse(&with_zero).is_ok() {
        return Cell::Number(with_zero);
    }
    if upper.len() == 7 && digits == 7 {
        return Cell::PostalCode(format!("{}-{}", &upper[..3], &upper[3..]));
    }
    let text: String = cell.trim().to_owned();
    if PREFECTURES.iter().any(|prefecture| text.starts_with(prefecture.name)) || text.starts_with("架空県") {
        return Cell::Address(text);
    }
    // Figures alone are a running number of the sheet.
    if alphanumeric && digits == upper.len() { Cell::Nothing } else { Cell::Name(text) }
}

/// Half-width, without blanks and hyphens.
fn clean(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && !"-‐−ー―".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_columns_by_what_they_hold() {
        let mut offices = Vec::new();
        let text = "No\t事業所番号\t事業所名\tユーザーID\t郵便番号\t住所\n\
                    1\t９９７０００００１５\tさくらデイサービス\tKJ999970000015\t９９９-0001\t架空県架空市1-2\n\
                    2\t9970001013\tもみじ訪問介護\t\t9990002\t架空県架空市3\n\n合計ほか\n";
        let pasted = paste(&mut offices, text);
        assert_eq!(pasted, Pasted { added: 2, filled: 0, unread: vec!["合計ほか".into()] });
        let first = &offices[0];
        assert_eq!(
            [&first.number, &first.name, &first.user_id, &first.user_id_again, &first.postal_code, &first.address],
            ["9970000015", "さくらデイサービス", "KJ999970000015", "", "999-0001", "架空県架空市1-2"]
        );
        assert_eq!((offices[1].postal_code.as_str(), offices[1].user_id.as_str()), ("999-0002", ""));
    }

    #[test]
    fn a_user_id_that_comes_again_is_the_second_entry() {
        let mut offices =
            vec![Office { number: "9970000015".into(), name: "そのまま".into(), ..Office::default() }];
        assert_eq!(paste(&mut offices, "KJ999970000015\n").filled, 1);
        assert_eq!(paste(&mut offices, "9970000015,ほかの名前,KJ999970000015").filled, 1);
        let office = &offices[0];
        assert_eq!(
            [&office.user_id, &office.user_id_again, &office.name],
            ["KJ999970000015", "KJ999970000015", "そのまま"]
        );
        assert_eq!(offices.len(), 1);
    }

    #[test]
    fn gives_back_the_zero_that_a_spreadsheet_ate() {
        let body = "017000000";
        let number = format!("{body}{}", kokuho::check_digit::digit(body).unwrap());
        let mut offices = Vec::new();
        paste(&mut offices, &format!("{}\t北の家", &number[1..]));
        assert_eq!(offices[0].number, number);
        // Nine digits that fit no number are left for the clerk to see.
        assert_eq!(paste(&mut offices, "123456789\tどこか").unread, ["123456789\tどこか"]);
    }

    #[test]
    fn a_hundred_rows_are_a_hundred_offices() {
        let number = |index: usize| {
            let body = format!("99700{index:04}");
            format!("{body}{}", kokuho::check_digit::digit(&body).unwrap())
        };
        let rows: Vec<String> =
            (0..100).map(|index| format!("{0}\t事業所{index}\tKJ99{0}\tKJ99{0}\r\n", number(index))).collect();
        let text = rows.concat();
        let mut offices = Vec::new();
        assert_eq!(paste(&mut offices, &text), Pasted { added: 100, ..Pasted::default() });
        assert!(offices.iter().all(|office| office.user_id == office.user_id_again && !office.name.is_empty()));
        // Pasting the same once more changes nothing.
        let before = offices.clone();
        assert_eq!(paste(&mut offices, &text).filled, 100);
        assert_eq!(offices, before);
    }

    proptest::proptest! {
        #[test]
        fn never_loses_what_was_typed(text in "[0-9KJ９あ\\t,\\n-]{0,80}") {
            let typed = Office {
                number: "9970000015".into(), name: "名".into(), postal_code: "1".into(), address: "所".into(),
                user_id: "KJ".into(), user_id_again: "K".into(),
            };
            let mut offices = vec![typed.clone()];
            paste(&mut offices, &text);
            proptest::prop_assert_eq!(&offices[0], &typed);
        }
    }
}
