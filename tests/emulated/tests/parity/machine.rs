//! Our side: the pure machine, whose time passes at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use infra_asl::{Definition, Effect, Event, Identity, Invocation, Machine, Outcome, Phase, Seed, Started, TimerId};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::case::{Case, Reply, Scripts, reply};
use super::executor::Begun;
use super::trace::{self, Trace};

/// Plays a case as the execution that the other side began is named.
pub(crate) fn play(case: &Case, begun: &Begun) -> Trace {
    let definition = Definition::parse(&case.definition()).unwrap_or_else(|flaws| panic!("{}: {flaws}", case.name));
    let mut world = World {
        scripts: case.scripts(),
        machine: Machine::recording(Arc::new(definition)),
        now: Timestamp::now(),
        due: VecDeque::new(),
        timers: BTreeMap::new(),
        calls: BTreeMap::new(),
        trace: Trace::default(),
    };
    world.due.push_back(start(case, begun, world.now));
    while let Some(event) = world.next() {
        world.happen(&event);
    }
    world.finish()
}

fn start(case: &Case, begun: &Begun, at: Timestamp) -> Event {
    let name_of = |arn: &str| arn.rsplit(':').next().unwrap().to_owned();
    Event::Started(Box::new(Started {
        at,
        execution: Identity { id: begun.execution.clone(), name: name_of(&begun.execution) },
        state_machine: Identity { id: begun.machine.clone(), name: name_of(&begun.machine) },
        role: Some(begun.role.clone()),
        input: case.input.clone(),
        seed: Seed::new([7; 32]),
    }))
}

struct World {
    scripts: Scripts,
    machine: Machine,
    now: Timestamp,
    due: VecDeque<Event>,
    timers: BTreeMap<TimerId, Timestamp>,
    calls: BTreeMap<String, usize>,
    trace: Trace,
}

impl World {
    /// What happens next: an answer, or else the earliest timer.
    fn next(&mut self) -> Option<Event> {
        if self.machine.outcome().is_some() {
            return None;
        }
        if let Some(event) = self.due.pop_front() {
            return Some(event);
        }
        let (timer, at) =
            self.timers.iter().map(|(timer, at)| (*timer, *at)).min_by_key(|(timer, at)| (*at, *timer))?;
        self.timers.remove(&timer);
        self.now = self.now.max(at);
        Some(Event::TimerFired { at: self.now, timer })
    }

    fn happen(&mut self, event: &Event) {
        for effect in self.machine.apply(event).unwrap() {
            match effect {
                Effect::Invoke(invocation) => self.invoke(&invocation),
                Effect::SetTimer { timer, at } => drop(self.timers.insert(timer, at)),
                Effect::ClearTimer { timer } => drop(self.timers.remove(&timer)),
                Effect::Finish(_) => {}
            }
        }
    }

    fn invoke(&mut self, invocation: &Invocation) {
        let function = invocation.function().unwrap().to_owned();
        self.trace.call(&function, &invocation.payload());
        let calls = self.calls.entry(function.clone()).or_default();
        let reply = reply(&self.scripts, &function, *calls);
        *calls += 1;
        let (at, task) = (self.now, invocation.task);
        let failed = |error: String, cause: String| Event::TaskFailed {
            at,
            task,
            error: Some(error),
            cause: Some(cause),
            phase: Phase::Run,
        };
        let submitted = Event::TaskSubmitted { at, task, output: Value::Null };
        self.due.extend(match reply {
            Reply::Answer(value) => vec![Event::TaskSucceeded { at, task, output: invocation.answer(value) }],
            Reply::Error(error, message) => {
                vec![failed(error.clone(), json!({ "errorType": error, "errorMessage": message }).to_string())]
            }
            Reply::Token(output) => vec![submitted, Event::TaskSucceeded { at, task, output }],
            Reply::TokenError(error, cause) => vec![submitted, failed(error, cause)],
            Reply::Silence if invocation.token.is_some() => vec![submitted],
            Reply::Silence => Vec::new(),
        });
    }

    fn finish(mut self) -> Trace {
        for event in self.machine.history() {
            self.trace.note(&event.kind, &event.details);
        }
        let failed = |status: &str, error: &Option<String>, cause: &Option<String>| json!({ "status": status, "error": error, "cause": cause.as_deref().map(trace::cause) });
        self.trace.end = match self.machine.outcome() {
            None => json!({ "status": "RUNNING" }),
            Some(Outcome::Succeeded { output }) => {
                json!({ "status": "SUCCEEDED", "output": trace::plain(output.clone()) })
            }
            Some(Outcome::Failed { error, cause }) => failed("FAILED", error, cause),
            Some(Outcome::TimedOut) => json!({ "status": "TIMED_OUT" }),
            Some(Outcome::Aborted { error, cause }) => failed("ABORTED", error, cause),
        };
        self.trace
    }
}
