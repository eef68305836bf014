use std::fmt;

use kokuho::{NumberError, OfficeNumber};
use unicode_normalization::UnicodeNormalization;

use crate::prefecture::{PRACTICE, Prefecture};

/// ユーザーID of the 電子請求受付システム: `KJ`, prefecture (2 digits), 事業所番号 (10 characters); features O05.
///
/// A wrong one keeps the relay from reaching 国保連 for that office（O06）, which shows only in the first claim window. So
/// every single wrong character is caught while it is typed: the prefecture must be that of the office number inside, and
/// that number must have its check digit and be the one typed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserId(String);

/// What is wrong with a user ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserIdError {
    /// Nothing was typed.
    #[error("no user id")]
    Empty,
    /// The old kind for ISDN lines: `J`, ten characters, one branch digit.
    #[error("user id of the old ISDN kind")]
    Isdn,
    /// Not 14 characters; holds how many there are.
    #[error("user id has {0} characters, expected 14")]
    Length(usize),
    /// Does not begin with `KJ`.
    #[error("user id does not begin with KJ")]
    Prefix,
    /// A character that may not stand there.
    #[error("character {found:?} at place {place} of the user id")]
    Character {
        /// Place from 1.
        place: usize,
        /// The character, as typed.
        found: char,
    },
    /// The two digits after `KJ` are no prefecture.
    #[error("{0} is no prefecture")]
    Prefecture(String),
    /// The two digits after `KJ` are another prefecture than that of the office number.
    #[error("prefecture {id} in the user id, {office} in the office number inside it")]
    PrefectureOfOffice {
        /// The two digits after `KJ`.
        id: String,
        /// The first two digits of the office number inside.
        office: String,
    },
    /// The office number inside has a wrong check digit.
    #[error("the office number inside has a wrong check digit")]
    CheckDigit,
    /// The office number inside is not the one typed beside it; holds the one inside.
    #[error("the user id belongs to office {0}")]
    OtherOffice(String),
}

impl UserId {
    /// Reads what a person typed or pasted for `office`. Full-width characters, blanks and hyphens are repaired, and so
    /// are letters where only digits may stand: O for 0, I and l for 1.
    ///
    /// # Errors
    ///
    /// Returns the first rule broken, so that the form can name it.
    pub fn parse(typed: &str, office: Option<&OfficeNumber>) -> Result<Self, UserIdError> {
        let chars: Vec<char> = typed.nfkc().filter(|c| !c.is_whitespace() && !"-‐−ー―".contains(*c)).collect();
        let upper: Vec<char> = chars.iter().map(char::to_ascii_uppercase).collect();
        match upper.as_slice() {
            [] => return Err(UserIdError::Empty),
            ['J', rest @ ..] if rest.len() == 11 && rest.iter().all(char::is_ascii_alphanumeric) => {
                return Err(UserIdError::Isdn);
            }
            ['K', 'J', ..] | ['K'] => {}
            _ => return Err(UserIdError::Prefix),
        }
        if upper.len() != 14 {
            return Err(UserIdError::Length(upper.len()));
        }
        let mut text = String::with_capacity(14);
        for (index, c) in upper.iter().enumerate() {
            text.push(match (index, digit_for(*c)) {
                (0 | 1, _) => *c,
                (_, Some(digit)) => digit,
                // The third character of an office number may be a capital letter.
                (6, None) if c.is_ascii_uppercase() => *c,
                _ => return Err(UserIdError::Character { place: index + 1, found: chars[index] }),
            });
        }
        // L may really stand third in an office number. Whether it is one or a 1 is told by the number beside it alone: by
        // the check digit, a slip elsewhere could make a wrong 1 look right.
        if upper[6] == 'L' && office.is_none_or(|office| office.as_str().as_bytes()[2] != b'1') {
            text.replace_range(6..7, "L");
        }
        let (prefecture, number) = (&text[2..4], &text[4..]);
        if Prefecture::find(prefecture).is_none() {
            return Err(UserIdError::Prefecture(prefecture.to_owned()));
        }
        match OfficeNumber::parse(number) {
            Ok(_) => {}
            Err(NumberError::Shape) => return Err(UserIdError::Character { place: 7, found: chars[6] }),
            Err(NumberError::CheckDigit | NumberError::Length(_)) => return Err(UserIdError::CheckDigit),
        }
        if prefecture != &number[..2] {
            let (id, office) = (prefecture.to_owned(), number[..2].to_owned());
            return Err(UserIdError::PrefectureOfOffice { id, office });
        }
        if office.is_some_and(|office| office.as_str() != number) {
            return Err(UserIdError::OtherOffice(number.to_owned()));
        }
        Ok(Self(text))
    }

    /// Returns the 14 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is one of a demonstration.
    pub fn is_practice(&self) -> bool {
        self.0[2..].starts_with(PRACTICE.code)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digit that is meant by a character where only a digit may stand.
fn digit_for(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        'O' => Some('0'),
        'I' | 'L' | '|' => Some('1'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(number: &str) -> OfficeNumber {
        OfficeNumber::parse(number).unwrap()
    }

    /// An office of each prefecture that cannot exist: zeros in the middle.
    fn offices() -> Vec<String> {
        crate::PREFECTURES
            .iter()
            .map(|prefecture| format!("{}7000000", prefecture.code))
            .chain(["99A000001".to_owned(), "13L000001".to_owned(), "997000001".to_owned()])
            .map(|body| format!("{body}{}", kokuho::check_digit::digit(&body).unwrap()))
            .collect()
    }

    fn id_of(office: &str) -> String {
        format!("KJ{}{office}", &office[..2])
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a table of cases reads better without borrows")]
    fn check(typed: &str, expected: Result<&str, UserIdError>) {
        let actual = UserId::parse(typed, Some(&office("9970000015")));
        assert_eq!(actual.as_ref().map(UserId::as_str), expected.as_ref().copied(), "typed {typed:?}");
    }

    #[test]
    fn repairs_what_is_surely_meant() {
        for typed in ["KJ999970000015", " ＫＪ９９９９７００００ ０１５ ", "kj99-997000001 5"] {
            check(typed, Ok("KJ999970000015"));
        }
        check("KJ9999700OOO15", Ok("KJ999970000015"));
        check("KJ99997oooo015", Ok("KJ999970000015"));
        check("KJ9999700000l5", Ok("KJ999970000015"));
        check("KJ9999700000I5", Ok("KJ999970000015"));
    }

    #[test]
    fn names_what_is_wrong() {
        check("", Err(UserIdError::Empty));
        check("J99700000151", Err(UserIdError::Isdn));
        check("Ｊ９９７０００００１５１", Err(UserIdError::Isdn));
        check("9970000015", Err(UserIdError::Prefix));
        check("JK999970000015", Err(UserIdError::Prefix));
        check("KJ99997000001", Err(UserIdError::Length(13)));
        check("KJ99997000001S", Err(UserIdError::Character { place: 14, found: 'S' }));
        check("KJ489970000015", Err(UserIdError::Prefecture("48".into())));
        check("KJ139970000015", Err(UserIdError::PrefectureOfOffice { id: "13".into(), office: "99".into() }));
        check("KJ999970000014", Err(UserIdError::CheckDigit));
        check("KJ999970001013", Err(UserIdError::OtherOffice("9970001013".into())));
    }

    #[test]
    fn every_valid_id_is_taken() {
        for number in offices() {
            let id = id_of(&number);
            assert_eq!(UserId::parse(&id, Some(&office(&number))).unwrap().as_str(), id);
            assert_eq!(UserId::parse(&id, None).unwrap().as_str(), id);
        }
    }

    /// Exhaustive: any one of the twelve characters replaced by any other letter or digit, small, capital or full-width,
    /// is refused or repaired to the right id; never taken as another one.
    #[test]
    fn every_single_slip_is_caught_or_repaired() {
        let slips: Vec<char> =
            ('0'..='9').chain('A'..='Z').chain('a'..='z').chain('０'..='９').chain('Ａ'..='Ｚ').chain(['|']).collect();
        for number in offices() {
            let (id, office) = (id_of(&number), office(&number));
            for place in 2..14 {
                for slip in &slips {
                    let typed: String =
                        id.chars().enumerate().map(|(index, c)| if index == place { *slip } else { c }).collect();
                    if let Ok(taken) = UserId::parse(&typed, Some(&office)) {
                        assert_eq!(taken.as_str(), id, "{typed}");
                    }
                    // Without the number beside it, a digit for a digit is caught too.
                    if slip.is_ascii_digit()
                        && id.as_bytes()[place].is_ascii_digit()
                        && let Ok(taken) = UserId::parse(&typed, None)
                    {
                        assert_eq!(taken.as_str(), id, "{typed}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_missing_doubled_or_swapped_character_is_caught() {
        for number in offices() {
            let (id, office) = (id_of(&number), office(&number));
            let chars: Vec<char> = id.chars().collect();
            for place in 0..14 {
                let mut fewer = chars.clone();
                fewer.remove(place);
                let mut more = chars.clone();
                more.insert(place, chars[place]);
                let mut swapped = chars.clone();
                swapped.swap(place, (place + 1).min(13));
                for typed in [fewer, more, swapped] {
                    let typed: String = typed.into_iter().collect();
                    if let Ok(taken) = UserId::parse(&typed, Some(&office)) {
                        assert_eq!(taken.as_str(), id, "{typed}");
                    }
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_is_stable(typed in ".{0,24}") {
            if let Ok(id) = UserId::parse(&typed, None) {
                proptest::prop_assert_eq!(UserId::parse(id.as_str(), None), Ok(id));
            }
        }
    }
}
