//! Answers tasks from the recorded calls.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Call, Mocks};

/// The recorded calls that were not used yet, by state.
pub(super) struct Backend {
    calls: BTreeMap<String, Vec<Call>>,
    order_unsure: bool,
}

impl Backend {
    pub(super) fn new(mocks: &Mocks) -> Self {
        Self { calls: mocks.states.clone(), order_unsure: mocks.order_unsure }
    }

    /// Takes the first unused call with these parameters, or else the first unused one.
    pub(super) fn take(&mut self, state: &str, parameters: &Value) -> Option<Call> {
        let calls = self.calls.get_mut(state)?;
        let fits = |call: &Call| call.params.as_ref().is_some_and(|params| matches(params, parameters));
        let position = calls.iter().position(fits).or(if self.order_unsure { None } else { Some(0) })?;
        (position < calls.len()).then(|| calls.remove(position))
    }
}

const OPEN: &str = "{{any:";

/// Whether a value is the recorded one, where `{{any:…}}` stands for anything.
pub(super) fn matches(recorded: &Value, actual: &Value) -> bool {
    match (recorded, actual) {
        (Value::String(recorded), _) if is_placeholder(recorded) => true,
        (Value::String(recorded), Value::String(actual)) => recorded == actual || text_matches(recorded, actual),
        (Value::Object(_) | Value::Array(_), Value::String(text)) => {
            serde_json::from_str::<Value>(text).is_ok_and(|parsed| !parsed.is_string() && matches(recorded, &parsed))
        }
        (Value::Object(recorded), Value::Object(actual)) => {
            recorded.len() == actual.len()
                && recorded.iter().all(|(key, value)| actual.get(key).is_some_and(|other| matches(value, other)))
        }
        (Value::Array(recorded), Value::Array(actual)) => {
            recorded.len() == actual.len() && recorded.iter().zip(actual).all(|(left, right)| matches(left, right))
        }
        (Value::Number(recorded), Value::Number(actual)) => recorded.as_f64() == actual.as_f64(),
        _ => recorded == actual,
    }
}

fn is_placeholder(text: &str) -> bool {
    text.starts_with(OPEN) && text.find("}}").is_some_and(|end| end + 2 == text.len())
}

/// Whether the fixed parts of the recorded text occur in order.
fn text_matches(recorded: &str, actual: &str) -> bool {
    let Some((head, mut tail)) = recorded.split_once(OPEN) else { return false };
    let Some(mut rest) = actual.strip_prefix(head) else { return false };
    while let Some((_, after)) = tail.split_once("}}") {
        let Some((part, next)) = after.split_once(OPEN) else { return rest.ends_with(after) };
        let Some(found) = rest.find(part) else { return false };
        rest = rest.get(found + part.len()..).unwrap_or_default();
        tail = next;
    }
    false
}
