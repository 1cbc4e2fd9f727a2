use serde_json::{Map, Value};

use super::history::{Count, details};
use super::scope::{Activity, Alarm, Scope, after};
use super::turn::Turn;
use super::{Effect, Event, IllegalEvent, Outcome, Started, TaskId, TaskToken, TimerId};
use crate::definition::Definition;

/// An execution that has started.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) started: Started,
    pub(super) scope: Scope,
    pub(super) outcome: Option<Outcome>,
    pub(super) count: Count,
    /// When the whole execution times out.
    deadline: Option<Alarm>,
    tasks: u64,
    timers: u64,
}

/// What comes after a state was worked on.
pub(super) enum Flow {
    Enter(usize, Value),
    /// Something must happen outside first.
    Parked,
    Over(Outcome),
}

impl Run {
    pub(super) fn start(started: &Started, turn: &mut Turn<'_>) -> Self {
        let place = turn.definition.workflow.start;
        let scope = Scope {
            place,
            input: Value::Null,
            entered_at: turn.at,
            entered_event: 0,
            tries: Vec::new(),
            retry_count: 0,
            activity: Activity::Idle,
            variables: Map::new(),
            assigned: Map::new(),
        };
        let started = started.clone();
        let input = started.input.clone();
        let mut run =
            Self { started, scope, outcome: None, count: Count::default(), deadline: None, tasks: 0, timers: 0 };
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
            Event::TimerFired { timer, .. } => self.alarms().iter().any(|alarm| alarm.timer == *timer),
            Event::TaskSubmitted { task, .. } => self.attempt(*task).is_some_and(|attempt| !attempt.submitted),
            Event::TaskHeartbeat { task, .. } => self.attempt(*task).is_some_and(|attempt| attempt.heartbeat.is_some()),
            Event::TaskSucceeded { task, .. } | Event::TaskFailed { task, .. } => self.attempt(*task).is_some(),
        }
    }

    pub(super) fn apply(&mut self, event: &Event, turn: &mut Turn<'_>) {
        if !self.awaits(event) {
            return;
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
            Activity::Idle => Flow::Parked,
            Activity::Waiting(_) => self.waited(turn),
            Activity::BackingOff(_) => self.schedule(turn),
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
                Flow::Parked => return,
                Flow::Over(outcome) => return self.finish(outcome, turn),
            }
        }
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
        let timers = self.alarms().into_iter().map(|alarm| Effect::SetTimer { timer: alarm.timer, at: alarm.at });
        self.invocation(definition).into_iter().chain(timers).collect()
    }

    fn alarms(&self) -> Vec<Alarm> {
        self.deadline.into_iter().chain(self.scope.activity.alarms()).collect()
    }

    fn attempt(&self, task: TaskId) -> Option<&super::scope::Attempt> {
        self.scope.activity.attempt().filter(|attempt| attempt.task == task)
    }

    pub(super) fn task_of(&self, token: &str) -> Option<TaskId> {
        let task = self.scope.activity.attempt()?.task;
        (TaskToken::of(&self.started.seed, task).reveal() == token).then_some(task)
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
