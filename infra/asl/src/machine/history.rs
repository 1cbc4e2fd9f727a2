use jiff::Timestamp;
use serde_json::{Map, Value};

use super::turn::Turn;

/// One entry of an execution's history, as Step Functions would show it.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Counts from 1.
    pub id: u64,
    /// Such as `TaskStateEntered`.
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// Names, inputs, outputs, errors.
    pub details: Value,
}

/// As Step Functions: an execution with more events than this fails. It also ends loops that never wait.
pub(super) const EVENTS_MAX: u64 = 25_000;

/// Notes events in a history; counts them even if nobody records them, as causes name their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct Count(u64);

impl Count {
    pub(super) fn note(&mut self, turn: &mut Turn<'_>, kind: &str, details: impl FnOnce() -> Value) -> u64 {
        self.0 += 1;
        if let Some(record) = turn.record.as_deref_mut() {
            record.push(HistoryEvent { id: self.0, kind: kind.to_owned(), at: turn.at, details: details() });
        }
        self.0
    }

    pub(super) fn total(&self) -> u64 {
        self.0
    }
}

/// Details without what is absent.
pub(super) fn details<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}
