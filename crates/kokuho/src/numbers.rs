use std::fmt;

use crate::check_digit;

/// Why a text is not a number of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The length is wrong; holds the number of characters found.
    #[error("wrong length: {0} characters")]
    Length(usize),
    /// A character stands where it may not.
    #[error("a character that may not stand in this number")]
    Shape,
    /// The last digit does not fit the others.
    #[error("check digit does not fit")]
    CheckDigit,
}

macro_rules! text_number {
    ($name:ident) => {
        impl $name {
            /// Returns the characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            /// Takes the characters as [`Serialize`](serde::Serialize) wrote them.
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self)
            }
        }
    };
}

/// 事業所番号: ten characters, digits but for a capital letter that may stand third (総合事業; rules.md V9).
///
/// A file may hold a number whose check digit is wrong, so [`OfficeNumber::from_file`] keeps whatever stands there;
/// [`OfficeNumber::parse`] is for what a person types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfficeNumber(String);
text_number!(OfficeNumber);

impl OfficeNumber {
    /// Parses a number already in half-width characters and verifies its check digit.
    ///
    /// # Errors
    ///
    /// Returns the first rule broken, so that a form can name it.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let count = text.chars().count();
        if count != 10 {
            return Err(NumberError::Length(count));
        }
        let fits = text.bytes().enumerate().all(|(index, byte)| {
            byte.is_ascii_digit() || (index == 2 && byte.is_ascii_uppercase() && !b"IOQ".contains(&byte))
        });
        if !fits {
            return Err(NumberError::Shape);
        }
        if check_digit::is_valid(text) { Ok(Self(text.to_owned())) } else { Err(NumberError::CheckDigit) }
    }

    /// Keeps the number as it stands in a file, without outer blanks.
    pub fn from_file(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

/// 保険者番号 (or the number of a 公費負担者 where a notice carries it in its place), with leading zeros removed and
/// padded to six characters, so that `00990010`, `0000990010` and `990010` are one insurer (rules.md V8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InsurerNumber(String);
text_number!(InsurerNumber);

impl InsurerNumber {
    /// Normalises the number as it stands in a file.
    pub fn from_file(text: &str) -> Self {
        Self(format!("{:0>6}", text.trim().trim_start_matches('0')))
    }
}

/// 被保険者番号: ten characters; `H` first for 生活保護単独. No nation-wide check digit exists (rules.md §5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InsuredNumber(String);
text_number!(InsuredNumber);

impl InsuredNumber {
    /// Keeps the number as it stands in a file, right-aligned and zero-filled to ten characters.
    pub fn from_file(text: &str) -> Self {
        Self(format!("{:0>10}", text.trim()))
    }

    /// Returns whether the person is claimed on public funds alone（生活保護単独）.
    pub fn is_public_only(&self) -> bool {
        self.0.starts_with('H')
    }
}
