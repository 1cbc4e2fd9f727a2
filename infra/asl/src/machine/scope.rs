use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{TaskId, TimerId};

/// Where an execution is. A branch of a `Parallel` or an item of a `Map` would be one more of these.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) id: u64,
    /// The scope whose state runs this one; none for the execution itself.
    pub(super) parent: Option<u64>,
    /// Which of its parent's workflows or items it is.
    pub(super) position: usize,
    /// The item of a `Map`.
    pub(super) item: Option<Value>,
    pub(super) workflow: usize,
    pub(super) place: usize,
    /// The state's raw input.
    pub(super) input: Value,
    pub(super) entered_at: Timestamp,
    /// The id of the `…StateEntered` event.
    pub(super) entered_event: u64,
    /// How often each `Retry` rule was used since the state was entered.
    pub(super) tries: Vec<u32>,
    pub(super) retry_count: u32,
    pub(super) activity: Activity,
    pub(super) variables: Map<String, Value>,
    /// What the state assigns; later states see it.
    pub(super) assigned: Map<String, Value>,
}

impl Scope {
    /// A scope that has entered nothing yet.
    pub(super) fn new(id: u64, workflow: usize, at: Timestamp) -> Self {
        Self {
            id,
            parent: None,
            position: 0,
            item: None,
            workflow,
            place: 0,
            input: Value::Null,
            entered_at: at,
            entered_event: 0,
            tries: Vec::new(),
            retry_count: 0,
            activity: Activity::Idle,
            variables: Map::new(),
            assigned: Map::new(),
        }
    }

    /// Where in the definition it is.
    pub(super) fn state(&self) -> (usize, usize) {
        (self.workflow, self.place)
    }

    /// Begins a state; variables stay.
    pub(super) fn enter(&mut self, place: usize, input: Value, (at, event): (Timestamp, u64)) {
        self.place = place;
        self.input = input;
        self.entered_at = at;
        self.entered_event = event;
        self.tries = Vec::new();
        self.retry_count = 0;
        self.activity = Activity::Idle;
    }
}

/// What a state is waiting for.
#[derive(Debug, Clone)]
pub(super) enum Activity {
    /// Nothing: it is being worked on, or the execution is over.
    Idle,
    /// A `Wait` state.
    Waiting(Alarm),
    /// The time between two attempts.
    BackingOff(Alarm),
    /// A task.
    Performing(Attempt),
    /// Scopes inside this one.
    Branching(Branching),
}

/// How far the scopes inside a `Map` or `Parallel` state are.
#[derive(Debug, Clone)]
pub(super) struct Branching {
    /// What is yet to begin, with its position.
    pub(super) waiting: VecDeque<(usize, Seedling)>,
    pub(super) results: Vec<Option<Value>>,
    pub(super) running: usize,
}

/// What a scope inside another begins with.
#[derive(Debug, Clone)]
pub(super) struct Seedling {
    pub(super) workflow: usize,
    pub(super) input: Value,
    pub(super) item: Option<Value>,
}

/// A task that is not answered yet.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) task: TaskId,
    /// Whether the history says that the task has started.
    pub(super) started: bool,
    /// Whether its token was handed out.
    pub(super) submitted: bool,
    pub(super) timeout: Option<Alarm>,
    pub(super) heartbeat: Option<Alarm>,
    pub(super) heartbeat_seconds: i64,
}

/// A timer and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alarm {
    pub(super) timer: TimerId,
    pub(super) at: Timestamp,
}

impl Activity {
    /// All timers that are set.
    pub(super) fn alarms(&self) -> Vec<Alarm> {
        match self {
            Self::Idle | Self::Branching(_) => Vec::new(),
            Self::Waiting(alarm) | Self::BackingOff(alarm) => vec![*alarm],
            Self::Performing(attempt) => attempt.timeout.into_iter().chain(attempt.heartbeat).collect(),
        }
    }

    pub(super) fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Performing(attempt) => Some(attempt),
            _ => None,
        }
    }
}

/// A later instant; the end of time if there is none.
pub(super) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    later(at, SignedDuration::from_secs(seconds))
}

pub(super) fn later(at: Timestamp, duration: SignedDuration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}
