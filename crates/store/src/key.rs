use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// The key of the database: 256 bits that the caller drew from a secure random source.
///
/// Never printed: `Debug` shows no digit of it, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Key([u8; Key::LENGTH]);

/// Why a text is not a [`Key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A character is no hexadecimal digit.
    #[error("a character that is no hexadecimal digit")]
    Shape,
    /// The number of digits is wrong; holds the number found.
    #[error("{0} digits, expected 64")]
    Length(usize),
}

impl Key {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Takes random bytes as a key.
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Parses 64 hexadecimal digits in either case. Blanks and hyphens between them are skipped, because the printed
    /// recovery key is set in groups.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError`], which names no digit of the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
        let count = digits.chars().count();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError::Shape);
        }
        let mut key = Self([0; Self::LENGTH]);
        hex::decode_to_slice(digits.as_bytes(), &mut key.0).map_err(|_| KeyError::Length(count))?;
        Ok(key)
    }

    /// Returns the key as 64 lower-case hexadecimal digits, for the keychain and the recovery sheet.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[track_caller]
    fn check(text: &str, expected: Result<&str, KeyError>) {
        let actual = Key::parse(text).map(|key| key.to_hex().to_string());
        assert_eq!(actual, expected.map(str::to_owned));
    }

    #[test]
    fn parses_what_it_writes() {
        check(TEXT, Ok(TEXT));
        check(&TEXT.to_uppercase(), Ok(TEXT));
    }

    #[test]
    fn skips_the_grouping_of_the_recovery_sheet() {
        check("00112233-44556677 8899aabb-ccddeeff\n00112233-44556677-8899aabb-ccddeeff ", Ok(TEXT));
    }

    #[test]
    fn refuses_other_texts() {
        check("", Err(KeyError::Length(0)));
        check(&TEXT[2..], Err(KeyError::Length(62)));
        check(&TEXT[1..], Err(KeyError::Length(63)));
        check(&format!("{TEXT}00"), Err(KeyError::Length(66)));
        check(&TEXT.replace('a', "g"), Err(KeyError::Shape));
        check(&TEXT.replace('0', "０"), Err(KeyError::Shape));
    }

    #[test]
    fn shows_no_digit() {
        assert_eq!(format!("{:?}", Key::from_bytes([0x5a; 32])), "Key(…)");
    }
}
