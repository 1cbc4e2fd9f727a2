//! What is compared of an execution: the states with their payloads, what failed, the calls, and the end.

use serde_json::{Value, json};

use super::at;

/// What happened in an execution.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Trace {
    pub(crate) events: Vec<Value>,
    pub(crate) calls: Vec<Value>,
    pub(crate) end: Value,
}

/// Named in a payload, and different in each execution.
const OWN: [&str; 2] = ["token", "entered_at"];

impl Trace {
    /// Takes down an event of a history, if it is about a state or a failure.
    pub(crate) fn note(&mut self, kind: &str, details: &Value) {
        if kind.ends_with("StateEntered") {
            self.events.push(json!({ "entered": at(details, "name"), "input": plain(at(details, "input")) }));
        } else if kind.ends_with("StateExited") {
            self.events.push(json!({ "left": at(details, "name"), "output": plain(at(details, "output")) }));
        } else if kind.starts_with("Task") && (kind.ends_with("Failed") || kind.ends_with("TimedOut")) {
            self.events.push(json!({ "failed": at(details, "error") }));
        }
    }

    /// Takes down a call of a function.
    pub(crate) fn call(&mut self, function: &str, payload: &Value) {
        self.calls.push(json!({ "function": function, "payload": plain(payload.clone()) }));
    }

    /// The states in the order in which they were entered.
    pub(crate) fn visits(&self) -> Vec<&str> {
        self.events.iter().filter_map(|event| event["entered"].as_str()).collect()
    }

    /// Forgets what came before what.
    pub(crate) fn sort(&mut self) {
        self.events.sort_by_key(Value::to_string);
        self.calls.sort_by_key(Value::to_string);
    }

    /// Leaves out what has one of these names.
    pub(crate) fn leave_out(&mut self, names: &[String]) {
        let has = |name: &str| names.iter().any(|left_out| left_out == name);
        if has("events") {
            self.events.clear();
        }
        if has("end") {
            self.end = Value::Null;
        }
        for value in self.events.iter_mut().chain(&mut self.calls).chain([&mut self.end]) {
            strip(value, &has);
        }
    }

    /// The first difference of each kind, for people.
    pub(crate) fn beside(&self, other: &Self) -> Value {
        let first = |ours: &[Value], theirs: &[Value]| {
            let place = (0..ours.len().max(theirs.len())).find(|n| ours.get(*n) != theirs.get(*n))?;
            Some(json!({ "place": place, "ours": ours.get(place), "theirs": theirs.get(place) }))
        };
        json!({
            "events": first(&self.events, &other.events),
            "calls": first(&self.calls, &other.calls),
            "end": (self.end != other.end).then(|| json!({ "ours": self.end, "theirs": other.end })),
        })
    }
}

fn strip(value: &mut Value, has: &impl Fn(&str) -> bool) {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| !has(name));
            object.values_mut().for_each(|value| strip(value, has));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| strip(value, has)),
        _ => {}
    }
}

/// A payload without what is an execution's own, and with causes as what they are in writing.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(_) if OWN.contains(&name.as_str()) => (name, json!("…")),
                Value::String(text) if name == "Cause" => (name, cause(&text)),
                value => (name, plain(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        value => value,
    }
}

/// A function's failure in writing; of what a service says of its own failures the words are the service's.
pub(crate) fn cause(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!("words"))
}
