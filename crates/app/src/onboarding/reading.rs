//! Reads drafts that an earlier version or a person wrote: a field that they lack is as good as empty.

use onboarding::{Call, Draft, Office};
use serde::Serialize;
use serde_json::Value;

/// Reads a draft; fields that it lacks are empty.
///
/// # Errors
///
/// A text that is no JSON, or holds something else than a draft.
pub(crate) fn draft(text: &[u8]) -> Result<Draft, serde_json::Error> {
    let mut value: Value = serde_json::from_slice(text)?;
    complete(&mut value, &empty(&Draft::default()));
    for office in value.get_mut("offices").and_then(Value::as_array_mut).into_iter().flatten() {
        complete(office, &empty(&Office::default()));
    }
    for call in value.get_mut("calls").and_then(Value::as_object_mut).into_iter().flat_map(|calls| calls.values_mut()) {
        complete(call, &empty(&Call::default()));
    }
    serde_json::from_value(value)
}

fn empty(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Gives an object what `whole` has and it lacks.
fn complete(value: &mut Value, whole: &Value) {
    let (Some(value), Some(whole)) = (value.as_object_mut(), whole.as_object()) else { return };
    for (key, usual) in whole {
        complete(value.entry(key).or_insert_with(|| usual.clone()), usual);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_not_there_are_empty() {
        let text = r#"{"corporation":{"name":"さくら会"},"offices":[{"number":"9970000015"}],"calls":{"13":{"on":"R8.6.5"}},"later":1}"#;
        let draft = draft(text.as_bytes()).unwrap();
        assert_eq!((draft.corporation.name.as_str(), draft.corporation.email.as_str()), ("さくら会", ""));
        assert_eq!((draft.offices[0].number.as_str(), draft.offices[0].user_id_again.as_str()), ("9970000015", ""));
        assert_eq!((draft.calls["13"].on.as_str(), draft.calls["13"].person.as_str()), ("R8.6.5", ""));
        assert_eq!((draft.route, draft.first_claim.as_str()), (None, ""));
    }

    #[test]
    fn what_is_no_draft_is_refused() {
        for text in ["", "{", "[]", r#"{"offices":1}"#, r#"{"corporation":"x"}"#] {
            assert!(draft(text.as_bytes()).is_err(), "{text}");
        }
    }
}
