use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::history::{Count, EVENTS_MAX, details};
use super::scope::{Activity, Alarm, Attempt, Scope, after};
use super::turn::Turn;
use super::{Effect, Event, IllegalEvent, Outcome, Started, TaskId, TaskToken, TimerId};
use crate::definition::{Definition, Kind};

/// An execution that has started.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) started: Started,
    /// The scope that is worked on.
    pub(super) scope: Scope,
    /// All other scopes: those that run inside a state of it, or that it runs inside of.
    pub(super) others: BTreeMap<u64, Scope>,
    /// Scopes that can go on; empty between events.
    pub(super) ready: VecDeque<(u64, Flow)>,
    pub(super) outcome: Option<Outcome>,
    pub(super) count: Count,
    /// When the whole execution times out.
    deadline: Option<Alarm>,
    pub(super) scopes: u64,
    tasks: u64,
    timers: u64,
}

/// What comes after a state was worked on.
#[derive(Debug, Clone)]
pub(super) enum Flow {
    Enter(usize, Value),
    /// Something must happen outside first.
    Parked,
    Over(Outcome),
}

impl Run {
    pub(super) fn start(started: &Started, turn: &mut Turn<'_>) -> Self {
        let workflow = turn.definition.workflows.len().saturating_sub(1);
        let place = turn.definition.workflows.last().map_or(0, |root| root.start);
        let scope = Scope::new(0, workflow, turn.at);
        let started = started.clone();
        let input = started.input.clone();
        let mut run = Self {
            started,
            scope,
            others: BTreeMap::new(),
            ready: VecDeque::new(),
            outcome: None,
            count: Count::default(),
            deadline: None,
            scopes: 1,
            tasks: 0,
            timers: 0,
        };
        run.count.note(turn, "ExecutionStarted", || {
            details([("input", Some(input.clone())), ("roleArn", run.started.role.clone().map(Value::from))])
        });
        run.deadline = turn.definition.timeout_seconds.map(|seconds| run.set_timer(after(turn.at, seconds), turn));
        run.advance(Flow::Enter(place, input), turn);
        run
    }

    /// Refuses what cannot have happened.
    pub(super) fn check(&self, event: &Event) -> Result<(), IllegalEvent> {
        match (event, event.task()) {
            (Event::Started(_), _) => Err(IllegalEvent::StartedTwice),
            (Event::TimerFired { timer, .. }, _) if timer.0 >= self.timers => Err(IllegalEvent::UnknownTimer(*timer)),
            (_, Some(task)) if task.0 >= self.tasks => Err(IllegalEvent::UnknownTask(task)),
            _ => Ok(()),
        }
    }

    pub(super) fn awaits(&self, event: &Event) -> bool {
        if self.outcome.is_some() {
            return false;
        }
        match event {
            Event::Started(_) => false,
            Event::Aborted { .. } => true,
            Event::TimerFired { timer, .. } => self.alarms().any(|alarm| alarm.timer == *timer),
            Event::TaskSubmitted { task, .. } => self.attempt(*task).is_some_and(|attempt| !attempt.submitted),
            Event::TaskHeartbeat { task, .. } => self.attempt(*task).is_some_and(|attempt| attempt.heartbeat.is_some()),
            Event::TaskSucceeded { task, .. } | Event::TaskFailed { task, .. } => self.attempt(*task).is_some(),
        }
    }

    pub(super) fn apply(&mut self, event: &Event, turn: &mut Turn<'_>) {
        if !self.awaits(event) {
            return;
        }
        if let Some(scope) = self.scope_of(event) {
            self.activate(scope);
        }
        let flow = match event {
            Event::Started(_) => Flow::Parked,
            Event::Aborted { error, cause, .. } => {
                Flow::Over(Outcome::Aborted { error: error.clone(), cause: cause.clone() })
            }
            Event::TimerFired { timer, .. } => self.fire(*timer, turn),
            Event::TaskSubmitted { output, .. } => self.submitted(output, turn),
            Event::TaskHeartbeat { .. } => self.heartbeat(turn),
            Event::TaskSucceeded { output, .. } => self.succeeded(output, turn),
            Event::TaskFailed { error, cause, phase, .. } => self.failed((error, cause), *phase, turn),
        };
        self.advance(flow, turn);
    }

    fn fire(&mut self, timer: TimerId, turn: &mut Turn<'_>) -> Flow {
        if self.deadline.is_some_and(|alarm| alarm.timer == timer) {
            return Flow::Over(Outcome::TimedOut);
        }
        match &self.scope.activity {
            Activity::Idle | Activity::Branching(_) => Flow::Parked,
            Activity::Waiting(_) => self.waited(turn),
            Activity::BackingOff(_) => self.again(turn),
            Activity::Performing(attempt) => {
                let missed_heartbeat = attempt.heartbeat.is_some_and(|alarm| alarm.timer == timer);
                self.timed_out(missed_heartbeat, timer, turn)
            }
        }
    }

    /// Goes on until something outside must happen, or the execution is over.
    fn advance(&mut self, mut flow: Flow, turn: &mut Turn<'_>) {
        loop {
            flow = match flow {
                Flow::Enter(place, input) => self.enter(place, input, turn),
                Flow::Over(outcome) if self.scope.parent.is_some() && self.outlives(&outcome) => {
                    self.end_inner(outcome, turn)
                }
                Flow::Over(outcome) => return self.finish(outcome, turn),
                Flow::Parked => match self.ready.pop_front() {
                    None => return,
                    Some((scope, flow)) if self.activate(scope) => flow,
                    Some(_) => Flow::Parked,
                },
            }
        }
    }

    /// Whether the execution goes on although the active scope ended like this.
    fn outlives(&self, outcome: &Outcome) -> bool {
        self.count.total() < EVENTS_MAX && matches!(outcome, Outcome::Succeeded { .. } | Outcome::Failed { .. })
    }

    fn finish(&mut self, outcome: Outcome, turn: &mut Turn<'_>) {
        let reason = |error: &Option<String>, cause: &Option<String>| {
            details([("error", error.clone().map(Value::from)), ("cause", cause.clone().map(Value::from))])
        };
        let (kind, about) = match &outcome {
            Outcome::Succeeded { output } => ("ExecutionSucceeded", details([("output", Some(output.clone()))])),
            Outcome::Failed { error, cause } => ("ExecutionFailed", reason(error, cause)),
            Outcome::TimedOut => ("ExecutionTimedOut", details([])),
            Outcome::Aborted { error, cause } => ("ExecutionAborted", reason(error, cause)),
        };
        self.count.note(turn, kind, || about);
        self.others.clear();
        self.ready.clear();
        self.scope.activity = Activity::Idle;
        self.scope.input = Value::Null;
        self.scope.variables = Map::new();
        self.started.input = Value::Null;
        self.deadline = None;
        turn.effects.push(Effect::Finish(outcome.clone()));
        self.outcome = Some(outcome);
    }

    pub(super) fn outstanding(&self, definition: &Definition) -> Vec<Effect> {
        if let Some(outcome) = &self.outcome {
            return vec![Effect::Finish(outcome.clone())];
        }
        let mut run = self.clone();
        let mut effects = Vec::new();
        for scope in self.all_scopes().map(|scope| scope.id) {
            run.activate(scope);
            effects.extend(run.invocation(definition));
        }
        effects.extend(self.alarms().map(|alarm| Effect::SetTimer { timer: alarm.timer, at: alarm.at }));
        effects
    }

    pub(super) fn all_scopes(&self) -> impl Iterator<Item = &Scope> {
        std::iter::once(&self.scope).chain(self.others.values())
    }

    fn alarms(&self) -> impl Iterator<Item = Alarm> {
        self.deadline.into_iter().chain(self.all_scopes().flat_map(|scope| scope.activity.alarms()))
    }

    fn attempt(&self, task: TaskId) -> Option<&Attempt> {
        self.all_scopes().filter_map(|scope| scope.activity.attempt()).find(|attempt| attempt.task == task)
    }

    /// The scope that an event is about.
    fn scope_of(&self, event: &Event) -> Option<u64> {
        let concerned = |scope: &&Scope| match (event, event.task()) {
            (_, Some(task)) => scope.activity.attempt().is_some_and(|attempt| attempt.task == task),
            (Event::TimerFired { timer, .. }, _) => scope.activity.alarms().iter().any(|alarm| alarm.timer == *timer),
            _ => false,
        };
        self.all_scopes().find(concerned).map(|scope| scope.id)
    }

    /// Makes a scope the one that is worked on; false if it is gone.
    pub(super) fn activate(&mut self, id: u64) -> bool {
        if self.scope.id == id {
            return true;
        }
        let Some(scope) = self.others.remove(&id) else { return false };
        let before = std::mem::replace(&mut self.scope, scope);
        self.others.insert(before.id, before);
        true
    }

    pub(super) fn task_of(&self, token: &str) -> Option<TaskId> {
        let mut tasks = self.all_scopes().filter_map(|scope| Some(scope.activity.attempt()?.task));
        tasks.find(|task| TaskToken::of(&self.started.seed, *task).reveal() == token)
    }

    pub(super) fn tokens(&self, definition: &Definition) -> Vec<TaskToken> {
        let waits = |scope: &Scope| match definition.state(scope.state()).map(|state| &state.kind) {
            Some(Kind::Task(task)) => task.resource.has_token(),
            _ => false,
        };
        let waiting = self.all_scopes().filter(|scope| waits(scope));
        let attempts = waiting.filter_map(|scope| scope.activity.attempt());
        attempts.map(|attempt| TaskToken::of(&self.started.seed, attempt.task)).collect()
    }

    pub(super) fn next_task(&mut self) -> TaskId {
        self.tasks += 1;
        TaskId(self.tasks - 1)
    }

    pub(super) fn set_timer(&mut self, at: jiff::Timestamp, turn: &mut Turn<'_>) -> Alarm {
        let timer = TimerId(self.timers);
        self.timers += 1;
        turn.effects.push(Effect::SetTimer { timer, at });
        Alarm { timer, at }
    }

    /// Stops what the state was waiting for; `fired` needs no clearing.
    pub(super) fn settle(&mut self, fired: Option<TimerId>, turn: &mut Turn<'_>) -> Activity {
        let settled = std::mem::replace(&mut self.scope.activity, Activity::Idle);
        let open = settled.alarms().into_iter().filter(|alarm| Some(alarm.timer) != fired);
        turn.effects.extend(open.map(|alarm| Effect::ClearTimer { timer: alarm.timer }));
        settled
    }
}
