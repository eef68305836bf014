//! Check digits: modulus 10, weights 2, 1, 2, 1 … from the rightmost digit of the body (rules.md §5).

/// Letters that may stand in a number, in order of their value from 10 (`A`) to 32 (`Z`); I, O and Q are never used.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// Returns the check digit for a body of ASCII digits and capital letters, or `None` when it holds anything else.
pub fn digit(body: impl AsRef<[u8]>) -> Option<char> {
    let mut sum = 0_u32;
    for (index, byte) in body.as_ref().iter().rev().enumerate() {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => 10 + LETTERS.iter().position(|letter| letter == byte)? as u32,
        };
        let product = if index % 2 == 0 { value * 2 } else { value };
        sum += product / 10 + product % 10;
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Returns whether the last character of `number` is the check digit of the characters before it.
pub fn is_valid(number: impl AsRef<[u8]>) -> bool {
    match number.as_ref() {
        [body @ .., last] if !body.is_empty() => digit(body) == Some(char::from(*last)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_fictitious_numbers() {
        for number in ["9970000015", "9970001013", "990010", "990028", "12990016", "33120015"] {
            assert!(is_valid(number), "{number}");
        }
    }

    #[test]
    fn refuses_each_other_last_digit() {
        for last in "012346789".chars() {
            assert!(!is_valid(format!("997000001{last}")), "{last}");
        }
        assert!(!is_valid("") && !is_valid("0") && !is_valid("99é5"));
    }
}
