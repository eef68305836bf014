//! The second factor（2段階認証）: six digits that an app on a telephone shows anew every 30 seconds (TOTP, RFC 6238), and
//! recovery codes for the day on which the telephone is lost.

use rand::Rng;
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, TOTP};

use crate::password::{self, TokenHash};

/// Seconds of a time step.
const STEP: i64 = 30;
/// Steps before and after the present one whose codes count too: clocks of telephones are a little off.
const SKEW: i64 = 1;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Recovery codes of one second factor.
const RECOVERY_CODES: usize = 10;

/// Makes a secret.
pub(crate) fn secret() -> Vec<u8> {
    rand::rng().random::<[u8; SECRET_BYTES]>().to_vec()
}

/// Returns the secret as a person types it, in base 32, and as the address that apps read from a QR code.
pub(crate) fn shown(secret: &[u8], corporation_number: &str, login_id: &str) -> (String, String) {
    let text = totp(secret).get_secret_base32();
    // Number and ID are digits, small letters and hyphens: nothing has to be escaped.
    let uri = format!(
        "otpauth://totp/Todoke:{corporation_number}-{login_id}?secret={text}&issuer=Todoke&algorithm=SHA1&digits=6&period={STEP}"
    );
    (text, uri)
}

/// Returns the time step whose code `code` is, at the real time `now` in Unix seconds.
pub(crate) fn step_of(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let (totp, code) = (totp(secret), typed(code));
    let present = now.div_euclid(STEP);
    (present - SKEW..=present + SKEW).find(|step| {
        let expected = totp.generate(u64::try_from(step * STEP).unwrap_or_default());
        // Hashes are compared, so that the time taken tells nothing of the digits.
        Sha256::digest(expected) == Sha256::digest(&code)
    })
}

/// Makes the recovery codes, and their hashes.
pub(crate) fn recovery_codes() -> Vec<(String, TokenHash)> {
    let codes = std::iter::repeat_with(|| password::grouped(3)).take(RECOVERY_CODES);
    codes.map(|code| (code.clone(), recovery_hash(&code))).collect()
}

/// Hashes a recovery code as it was typed, with or without its hyphens. It has 59 random bits, so that a slow hash would
/// add nothing.
pub(crate) fn recovery_hash(code: &str) -> TokenHash {
    Sha256::digest(typed(code).to_lowercase()).into()
}

/// Takes blanks and hyphens out.
fn typed(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn totp(secret: &[u8]) -> TOTP {
    TOTP::new_unchecked(Algorithm::SHA1, 6, 1, STEP.unsigned_abs(), secret.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, now: i64, expected: Option<i64>) {
        // The secret of appendix B of RFC 6238; its codes have eight digits, of which the last six are ours.
        assert_eq!(step_of(b"12345678901234567890", code, now), expected, "{code} at {now}");
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        check("287082", 59, Some(1));
        check("081804", 1_111_111_109, Some(37_037_036));
        check("050471", 1_111_111_111, Some(37_037_037));
        check("005924", 1_234_567_890, Some(41_152_263));
        check("279037", 2_000_000_000, Some(66_666_666));
    }

    #[test]
    fn a_code_counts_half_a_minute_longer_and_no_more() {
        check("28 70 82", 59, Some(1));
        check("287082", 60 + 29, Some(1));
        check("287082", 60 + 30, None);
        check("287083", 59, None);
        check("", 59, None);
    }

    #[test]
    fn recovery_codes_differ_and_are_read_without_hyphens() {
        let codes = recovery_codes();
        assert_eq!(codes.iter().map(|(_, hash)| hash).collect::<std::collections::HashSet<_>>().len(), RECOVERY_CODES);
        let (code, hash) = &codes[0];
        assert_eq!(recovery_hash(&code.replace('-', " ").to_uppercase()), *hash);
    }
}
