use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::Seed;

mod chance;
mod feature;
mod heartbeat;
mod limit;
mod property;
mod wait_for_token;

/// An instant some seconds into the tests' day.
pub(super) fn at(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

pub(super) fn definition(states: &Value, start: &str) -> Arc<Definition> {
    Arc::new(Definition::from_value(&json!({"StartAt": start, "States": states})).unwrap())
}

pub(super) fn started(input: Value) -> Event {
    Event::Started(Box::new(Started {
        at: at(0),
        execution: Identity { id: "execution-1".to_owned(), name: "one".to_owned() },
        state_machine: Identity { id: "machine-1".to_owned(), name: "machine".to_owned() },
        role: None,
        input,
        seed: Seed::new([7; 32]),
    }))
}

/// The invocation among some effects.
pub(super) fn invocation(effects: &[Effect]) -> Invocation {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Invoke(invocation) => Some(*invocation.clone()),
        _ => None,
    });
    found.expect("an invocation")
}

/// The timers that some effects set, with the seconds until they are due.
pub(super) fn timers(effects: &[Effect]) -> Vec<(TimerId, i64)> {
    let set = effects.iter().filter_map(|effect| match effect {
        Effect::SetTimer { timer, at: due } => Some((*timer, due.duration_since(at(0)).as_secs())),
        _ => None,
    });
    set.collect()
}
