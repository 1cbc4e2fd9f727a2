//! Runs the stories in `features/*.json`: a definition, an input, what its tasks answer, and what comes of it.
//!
//! Time is virtual: when no task is to be answered, the next timer fires. A task whose answer is null is never
//! answered. `invoked` lists what the tasks were asked with, `visited` the states, `seconds` how long it took.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    name: String,
    states: Value,
    start: String,
    timeout_seconds: Option<i64>,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    answers: VecDeque<Value>,
    output: Option<Value>,
    failure: Option<(Option<String>, Option<String>)>,
    timed_out: Option<bool>,
    invoked: Option<Vec<Value>>,
    visited: Option<Vec<String>>,
    seconds: Option<f64>,
}

/// A machine and the world around it.
struct Play {
    machine: Machine,
    answers: VecDeque<Value>,
    invoked: Vec<Value>,
    due: VecDeque<Event>,
    timers: BTreeMap<TimerId, jiff::Timestamp>,
    now: jiff::Timestamp,
}

impl Play {
    fn new(story: &Story) -> Self {
        let mut text = json!({"StartAt": story.start, "States": story.states});
        if let Some(seconds) = story.timeout_seconds {
            text["TimeoutSeconds"] = json!(seconds);
        }
        let definition = Definition::from_value(&text).unwrap_or_else(|flaws| panic!("{}: {flaws}", story.name));
        let machine = Machine::recording(Arc::new(definition));
        let (answers, timers) = (story.answers.clone(), BTreeMap::new());
        Self { machine, answers, invoked: Vec::new(), due: VecDeque::new(), timers, now: at(0) }
    }

    /// Applies an event and says what happens next.
    fn step(&mut self, event: &Event) -> Option<Event> {
        for effect in self.machine.apply(event).unwrap() {
            match effect {
                Effect::Invoke(invocation) => {
                    let answer = self.answer(invocation.task);
                    self.due.extend(answer);
                    self.invoked.push(invocation.parameters);
                }
                Effect::SetTimer { timer, at } => drop(self.timers.insert(timer, at)),
                Effect::ClearTimer { timer } => drop(self.timers.remove(&timer)),
                Effect::Finish(_) => self.timers.clear(),
            }
        }
        self.due.pop_front().or_else(|| self.fire())
    }

    fn answer(&mut self, task: TaskId) -> Option<Event> {
        let at = self.now;
        let answer = self.answers.pop_front().expect("an answer for each invocation");
        let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(error) = text("error") {
            return Some(Event::TaskFailed { at, task, error: Some(error), cause: text("cause"), phase: Phase::Run });
        }
        Some(Event::TaskSucceeded { at, task, output: answer.get("output")?.clone() })
    }

    fn fire(&mut self) -> Option<Event> {
        let (timer, due) = self.timers.iter().min_by_key(|(_, due)| **due).map(|(timer, due)| (*timer, *due))?;
        self.timers.remove(&timer);
        self.now = self.now.max(due);
        Some(Event::TimerFired { at: self.now, timer })
    }

    fn visited(&self) -> Vec<&str> {
        let entered = self.machine.history().iter().filter(|event| event.kind.ends_with("StateEntered"));
        entered.map(|event| event.details["name"].as_str().unwrap()).collect()
    }
}

fn run(story: &Story) {
    let name = &story.name;
    let mut play = Play::new(story);
    let mut next = Some(started(story.input.clone()));
    while let Some(event) = next {
        next = play.step(&event);
    }
    assert_eq!(play.machine.outcome(), Some(&story.outcome()), "{name}");
    assert!(play.answers.is_empty(), "{name}: {} answers too many", play.answers.len());
    if let Some(expected) = &story.invoked {
        assert_eq!(&play.invoked, expected, "{name}");
    }
    if let Some(expected) = &story.visited {
        assert_eq!(&play.visited(), expected, "{name}");
    }
    if let Some(expected) = story.seconds {
        assert!((play.now.duration_since(at(0)).as_secs_f64() - expected).abs() < 1e-6, "{name}: {}", play.now);
    }
}

impl Story {
    fn outcome(&self) -> Outcome {
        match (&self.output, &self.failure, self.timed_out) {
            (Some(output), None, None) => Outcome::Succeeded { output: output.clone() },
            (None, Some((error, cause)), None) => Outcome::Failed { error: error.clone(), cause: cause.clone() },
            (None, None, Some(true)) => Outcome::TimedOut,
            _ => panic!("{}: expects no single outcome", self.name),
        }
    }
}

macro_rules! features {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let stories: Vec<Story> =
                serde_json::from_str(include_str!(concat!("features/", stringify!($name), ".json"))).unwrap();
            assert!(!stories.is_empty());
            stories.iter().for_each(run);
        }
    )*};
}

features! { pass choice wait fail retry catch task timeout context intrinsic variable parallel map }
