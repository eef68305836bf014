//! Values of arguments. What could only find nothing is refused, because silence would look like an answer.

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Reads a 事業所番号: ten digits, or letters among them where a municipality numbers its own offices（総合事業）.
pub fn office(text: &str) -> Result<String, &'static str> {
    let known = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    known.then(|| text.to_owned()).ok_or("事業所番号は10けたで書いてください。")
}

/// Reads a month: `YYYY-MM`.
pub fn month(text: &str) -> Result<String, &'static str> {
    let known = text.len() == 7 && chrono::NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").is_ok();
    known.then(|| text.to_owned()).ok_or("月は、2026-06 のように西暦と月で書いてください。")
}

/// Reads one of the words of [`app::choices`].
pub fn one_of(words: impl IntoIterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// Says in Japanese which value was refused and why; `None` for errors about anything else.
pub fn refusal(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let (argument, value) = (text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?);
    let why = match (error.kind(), error.get(ContextKind::ValidValue)) {
        (ErrorKind::InvalidValue, Some(ContextValue::Strings(words))) => {
            format!("使えるのは、{} です。", words.join("、"))
        }
        (ErrorKind::ValueValidation, _) => std::error::Error::source(error)?.to_string(),
        _ => return None,
    };
    Some(format!("「{value}」は {argument} に使えません。{why}"))
}
