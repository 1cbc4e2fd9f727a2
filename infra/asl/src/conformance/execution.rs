use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::backend::Backend;
use super::case::{Call, Case};
use crate::{
    Definition, Effect, Event, FlawKind, Identity, Invocation, Machine, Outcome, Phase, Seed, Services, Started,
    TimerId,
};

/// Runs an execution to its end; nothing if its definition asks for what the machine does not have.
pub(super) fn run(case: &Case) -> Option<Value> {
    let definition = match Definition::for_services(&case.definition, Services::All) {
        Ok(definition) => definition,
        Err(flaws) if flaws.iter().any(|flaw| flaw.kind == FlawKind::Unsupported) => return None,
        Err(flaws) => return Some(json!({"status": "CREATION_ERROR", "cause": flaws.to_string()})),
    };
    let mut world = World::new(case, definition);
    world.happen(&start(case, world.now));
    while world.machine.outcome().is_none() {
        let Some(event) = world.next() else { break };
        world.happen(&event);
    }
    Some(world.report())
}

const MACHINE: &str = "arn:aws:states:us-east-1:111111111111:stateMachine:conformance";
const EXECUTION: &str = "arn:aws:states:us-east-1:111111111111:execution:conformance:case";

fn start(case: &Case, at: Timestamp) -> Event {
    Event::Started(Box::new(Started {
        at,
        execution: Identity { id: EXECUTION.to_owned(), name: "case".to_owned() },
        state_machine: Identity { id: MACHINE.to_owned(), name: "conformance".to_owned() },
        role: Some("arn:aws:iam::111111111111:role/conformance".to_owned()),
        input: case.input.clone(),
        seed: Seed::new([42; 32]),
    }))
}

/// The world outside the machine: a clock that jumps, timers, and tasks that are answered at once.
struct World {
    machine: Machine,
    backend: Backend,
    now: Timestamp,
    due: VecDeque<Event>,
    timers: BTreeMap<TimerId, Timestamp>,
}

impl World {
    fn new(case: &Case, definition: Definition) -> Self {
        Self {
            machine: Machine::recording(Arc::new(definition)),
            backend: Backend::new(&case.mocks),
            now: case.clock.unwrap_or(Timestamp::UNIX_EPOCH),
            due: VecDeque::new(),
            timers: BTreeMap::new(),
        }
    }

    fn happen(&mut self, event: &Event) {
        for effect in self.machine.apply(event).unwrap_or_default() {
            match effect {
                Effect::Invoke(invocation) => self.invoke(&invocation),
                Effect::SetTimer { timer, at } => {
                    self.timers.insert(timer, at);
                }
                Effect::ClearTimer { timer } => {
                    self.timers.remove(&timer);
                }
                Effect::Finish(_) => {}
            }
        }
    }

    fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.due.pop_front() {
            return Some(event);
        }
        let (timer, at) =
            self.timers.iter().min_by_key(|(timer, at)| (**at, **timer)).map(|(timer, at)| (*timer, *at))?;
        self.timers.remove(&timer);
        self.now = self.now.max(at);
        Some(Event::TimerFired { at: self.now, timer })
    }

    fn invoke(&mut self, invocation: &Invocation) {
        let Some(Call { submitted, outcome, .. }) = self.backend.take(&invocation.state, &invocation.parameters) else {
            return;
        };
        let (at, task) = (self.now, invocation.task);
        if let Some(output) = submitted {
            self.due.push_back(Event::TaskSubmitted { at, task, output });
        }
        if outcome.timeout || outcome.pending {
            return;
        }
        self.due.push_back(match outcome.returned {
            Some(output) => Event::TaskSucceeded { at, task, output },
            None => Event::TaskFailed {
                at,
                task,
                error: outcome.error,
                cause: outcome.cause.map(|cause| cause.as_str().map_or_else(|| cause.to_string(), str::to_owned)),
                phase: phase(outcome.phase.as_deref()),
            },
        });
    }

    fn report(&self) -> Value {
        let mut report = Map::new();
        match self.machine.outcome() {
            None => put(&mut report, "status", Some("RUNNING")),
            Some(Outcome::Succeeded { output }) => {
                put(&mut report, "status", Some("SUCCEEDED"));
                put(&mut report, "output", Some(output.clone()));
            }
            Some(Outcome::Failed { error, cause }) => {
                put(&mut report, "status", Some("FAILED"));
                put(&mut report, "error", error.clone());
                put(&mut report, "cause", cause.clone());
            }
            Some(Outcome::TimedOut) => put(&mut report, "status", Some("TIMED_OUT")),
            Some(Outcome::Aborted { .. }) => put(&mut report, "status", Some("ABORTED")),
        }
        // The records leave this event out: their ids have a gap where it was.
        let history = self.machine.history().iter().filter(|event| event.kind != "ParallelStateSucceeded");
        let history: Vec<_> = history.map(|event| json!({"type": event.kind, "details": event.details})).collect();
        put(&mut report, "history", Some(history));
        Value::Object(report)
    }
}

fn put(report: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        report.insert(key.to_owned(), value.into());
    }
}

fn phase(name: Option<&str>) -> Phase {
    match name {
        Some("schedule") => Phase::Schedule,
        Some("start") => Phase::Start,
        Some("submit") => Phase::Submit,
        _ => Phase::Run,
    }
}
