//! What the account's rules say of a call: a small part of IAM's own way of deciding, and a panic at whatever is not in
//! it.

use std::collections::BTreeSet;

use serde_json::Value;
use tests_emulated::cloud::Called;

/// The statements by which a call is allowed.
pub(crate) fn allowing<'a>(statements: &'a [Value], called: &Called) -> Vec<&'a Value> {
    assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"), "a role that denies is not known here");
    let allows = |statement: &&Value| {
        let fits = |name: &str, text: &str| words(&statement[name]).iter().any(|pattern| matches(pattern, text));
        fits("Action", &called.action) && fits("Resource", &called.resource) && holds(&statement["Condition"], called)
    };
    statements.iter().filter(allows).collect()
}

/// One word or a list of them.
pub(crate) fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// A star stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    (0..=text.len()).filter_map(|place| text.get(place..)).any(|end| matches(rest, end))
}

fn holds(condition: &Value, called: &Called) -> bool {
    let nothing = BTreeSet::new();
    let operators = condition.as_object().into_iter().flatten();
    operators.into_iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, allowed)| {
            let said = called.context.get(key.as_str()).unwrap_or(&nothing);
            let is_allowed = |value: &String| words(allowed).contains(&value.as_str());
            match operator.as_str() {
                "ForAllValues:StringEquals" => said.iter().all(is_allowed),
                "StringEquals" => !said.is_empty() && said.iter().all(is_allowed),
                other => panic!("nothing is known of the condition {other}"),
            }
        })
    })
}
