use std::path::Path;

/// Digits in a row from which a number could name an office, an insured person or a corporation.
const LONG_NUMBER: usize = 8;

/// Takes out of a log what could name a person, in case a line says more than it may: the home folder with the name of the
/// computer's user in it, and every long number.
pub fn redacted(text: &str, home: Option<&Path>) -> String {
    let mut text = text.to_owned();
    if let Some(home) = home.map(|home| home.to_string_lossy().into_owned()).filter(|home| home.len() > 1) {
        text = text.replace(&home, "~").replace(&home.replace('\\', "\\\\"), "~");
    }
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        out.push_str(if digits.len() < LONG_NUMBER { &digits } else { "<number>" });
        digits.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}
