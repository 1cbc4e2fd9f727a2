use serde_json::Value;

use super::enter::too_many_events;
use super::history::{EVENTS_MAX, details};
use super::payload::{is_too_large, merge, too_large};
use super::run::{Flow, Run};
use super::scope::{Activity, Attempt, after};
use super::turn::Turn;
use super::{Effect, Invocation, Phase, TaskId, TaskToken, TimerId};
use crate::definition::{Definition, Kind, Resource, Seconds, State, Task};
use crate::fault::{Fault, error_name};

impl Run {
    /// Begins an attempt of the current task.
    pub(super) fn schedule(&mut self, turn: &mut Turn<'_>) -> Flow {
        self.scope.activity = Activity::Idle;
        let Some((state, task)) = current(turn.definition, self.scope.state()) else { return Flow::Parked };
        if self.count.total() >= EVENTS_MAX {
            return too_many_events();
        }
        match self.attempt_task(state, task, turn) {
            Ok(()) => Flow::Parked,
            Err(fault) => self.fault(fault, turn),
        }
    }

    fn attempt_task(&mut self, state: &State, task: &Task, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let id = self.next_task();
        let invocation = self.prepare(state, task, id)?;
        if is_too_large(&invocation.parameters) {
            return Err(too_large(&state.name));
        }
        let timeout = self.seconds(state, task.timeout.as_ref(), "TimeoutSecondsPath")?;
        let heartbeat = self.seconds(state, task.heartbeat.as_ref(), "HeartbeatSecondsPath")?;
        self.note_scheduled(task, &invocation.parameters, (timeout, heartbeat), turn);
        turn.effects.push(Effect::Invoke(Box::new(invocation)));
        let attempt = Attempt {
            task: id,
            started: false,
            submitted: false,
            timeout: timeout.map(|seconds| self.set_timer(after(turn.at, seconds), turn)),
            heartbeat: heartbeat.map(|seconds| self.set_timer(after(turn.at, seconds), turn)),
            heartbeat_seconds: heartbeat.unwrap_or_default(),
        };
        self.scope.activity = Activity::Performing(attempt);
        Ok(())
    }

    /// Makes the invocation; the same whenever it is made for the same attempt.
    fn prepare(&self, state: &State, task: &Task, id: TaskId) -> Result<Invocation, Fault> {
        let token = task.resource.has_token().then(|| TaskToken::of(&self.started.seed, id));
        let around = self.task_surroundings(state, id, token.as_ref());
        let effective = super::payload::sieve(&state.input_path, "InputPath", &self.scope.input, &around)?;
        let parameters = match &task.parameters {
            Some(template) => template.fill(&effective, &around)?,
            None => effective,
        };
        drop(around);
        Ok(Invocation {
            task: id,
            state: state.name.clone(),
            resource: task.resource.clone(),
            parameters,
            token,
            retry_count: self.scope.retry_count,
            entered_at: self.scope.entered_at,
        })
    }

    /// The effect that asks for the current task, unless only its token is waited for.
    pub(super) fn invocation(&self, definition: &Definition) -> Option<Effect> {
        let (state, task) = current(definition, self.scope.state())?;
        let attempt = self.scope.activity.attempt().filter(|attempt| !attempt.submitted)?;
        let invocation = self.prepare(state, task, attempt.task).ok()?;
        Some(Effect::Invoke(Box::new(invocation)))
    }

    fn seconds(&self, state: &State, seconds: Option<&Seconds>, field: &str) -> Result<Option<i64>, Fault> {
        let path = match seconds {
            None => return Ok(None),
            Some(Seconds::Fixed(seconds)) => return Ok(Some(*seconds)),
            Some(Seconds::Path(path)) => path,
        };
        let text = &path.text;
        let effective = self.effective(state)?;
        let value = self.surroundings(state).find(path, &effective).ok_or_else(|| {
            Fault::runtime(format!("The {field} parameter does not reference an input value: {text}"))
        })?;
        value.as_i64().filter(|seconds| *seconds > 0).map(Some).ok_or_else(|| {
            Fault::runtime(format!("The {field} parameter does not reference a positive integer: {text} == {value}"))
        })
    }

    /// The function that hands out the token has returned.
    pub(super) fn submitted(&mut self, output: &Value, turn: &mut Turn<'_>) -> Flow {
        let Some((_, task)) = current(turn.definition, self.scope.state()) else { return Flow::Parked };
        self.note_started(task, turn);
        if !matches!(task.resource, Resource::Function(_) | Resource::Activity(_)) {
            self.count.note(turn, "TaskSubmitted", || about_task(task, [("output", Some(output.clone()))]));
        }
        if let Activity::Performing(attempt) = &mut self.scope.activity {
            attempt.submitted = true;
        }
        Flow::Parked
    }

    pub(super) fn heartbeat(&mut self, turn: &mut Turn<'_>) -> Flow {
        let Activity::Performing(attempt) = &self.scope.activity else { return Flow::Parked };
        let (old, seconds) = (attempt.heartbeat, attempt.heartbeat_seconds);
        turn.effects.extend(old.map(|alarm| Effect::ClearTimer { timer: alarm.timer }));
        let alarm = self.set_timer(after(turn.at, seconds), turn);
        if let Activity::Performing(attempt) = &mut self.scope.activity {
            attempt.heartbeat = Some(alarm);
        }
        Flow::Parked
    }

    pub(super) fn succeeded(&mut self, output: &Value, turn: &mut Turn<'_>) -> Flow {
        let Some((state, task)) = current(turn.definition, self.scope.state()) else { return Flow::Parked };
        self.note_started(task, turn);
        self.settle(None, turn);
        if is_too_large(output) {
            let fault = too_large(&task.resource.to_string());
            return self.fail_task(task, &fault, "Failed", turn);
        }
        self.count.note(turn, &kind_name(task, "Succeeded"), || about_task(task, [("output", Some(output.clone()))]));
        self.result(state, output, turn).unwrap_or_else(|fault| self.fault(fault, turn))
    }

    /// What becomes of a result.
    pub(super) fn result(&mut self, state: &State, raw: &Value, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let Some(outlet) = state.outlet() else { return Ok(Flow::Parked) };
        self.assign(state, outlet.assign, raw)?;
        let result = match outlet.selector {
            Some(selector) => selector.fill(raw, &self.surroundings(state))?,
            None => raw.clone(),
        };
        let document = merge(outlet.result_path, &self.scope.input, result)?;
        self.leave_with(state, Some(document), outlet.then, turn)
    }

    pub(super) fn failed(
        &mut self,
        (error, cause): (&Option<String>, &Option<String>),
        phase: Phase,
        turn: &mut Turn<'_>,
    ) -> Flow {
        let Some((_, task)) = current(turn.definition, self.scope.state()) else { return Flow::Parked };
        let suffix = match phase {
            Phase::Schedule => "ScheduleFailed",
            Phase::Start => "StartFailed",
            Phase::Submit => "SubmitFailed",
            Phase::Run => "Failed",
        };
        if matches!(phase, Phase::Submit | Phase::Run) {
            self.note_started(task, turn);
        }
        self.settle(None, turn);
        let fault = Fault { error: error.clone(), cause: cause.clone(), alias: None };
        self.fail_task(task, &fault, suffix, turn)
    }

    /// The task took too long, or was silent for too long.
    pub(super) fn timed_out(&mut self, missed_heartbeat: bool, timer: TimerId, turn: &mut Turn<'_>) -> Flow {
        let Some((_, task)) = current(turn.definition, self.scope.state()) else { return Flow::Parked };
        self.note_started(task, turn);
        self.settle(Some(timer), turn);
        let alias = missed_heartbeat.then_some(error_name::HEARTBEAT_TIMEOUT);
        let fault = Fault { error: Some(error_name::TIMEOUT.to_owned()), cause: None, alias };
        self.fail_task(task, &fault, "TimedOut", turn)
    }

    fn fail_task(&mut self, task: &Task, fault: &Fault, suffix: &str, turn: &mut Turn<'_>) -> Flow {
        self.count.note(turn, &kind_name(task, suffix), || {
            let error = fault.error.clone().map(Value::from);
            about_task(task, [("error", error), ("cause", fault.cause.clone().map(Value::from))])
        });
        self.recover(fault, turn)
    }

    fn note_scheduled(
        &mut self,
        task: &Task,
        parameters: &Value,
        limits: (Option<i64>, Option<i64>),
        turn: &mut Turn<'_>,
    ) {
        let region = self.started.state_machine.id.split(':').nth(3).map(Value::from);
        let is_service = matches!(task.resource, Resource::Service { .. });
        self.count.note(turn, &kind_name(task, "Scheduled"), || {
            details([
                (if is_service { "parameters" } else { "input" }, Some(parameters.clone())),
                ("region", region.filter(|_| is_service)),
                ("resource", Some(Value::from(task.resource.action()))),
                ("resourceType", service(task)),
                ("timeoutInSeconds", limits.0.map(Value::from)),
                ("heartbeatInSeconds", limits.1.map(Value::from)),
            ])
        });
    }

    /// Nobody reports that a task starts; the history says so once something else is known of it.
    fn note_started(&mut self, task: &Task, turn: &mut Turn<'_>) {
        let Activity::Performing(attempt) = &mut self.scope.activity else { return };
        if !std::mem::replace(&mut attempt.started, true) {
            self.count.note(turn, &kind_name(task, "Started"), || about_task(task, []));
        }
    }
}

fn current(definition: &Definition, place: (usize, usize)) -> Option<(&State, &Task)> {
    let state = definition.state(place)?;
    match &state.kind {
        Kind::Task(task) => Some((state, task)),
        _ => None,
    }
}

fn kind_name(task: &Task, suffix: &str) -> String {
    let prefix = match task.resource {
        Resource::Function(_) => "LambdaFunction",
        Resource::Activity(_) => "Activity",
        Resource::Service { .. } => "Task",
    };
    format!("{prefix}{suffix}")
}

fn service(task: &Task) -> Option<Value> {
    match &task.resource {
        Resource::Service { service, .. } => Some(Value::from(service.as_str())),
        _ => None,
    }
}

/// Details of a task's event; those of a service say which service it is.
fn about_task<const N: usize>(task: &Task, entries: [(&str, Option<Value>); N]) -> Value {
    let mut about = details(entries);
    if let (Some(service), Some(map)) = (service(task), about.as_object_mut()) {
        map.insert("resource".to_owned(), Value::from(task.resource.action()));
        map.insert("resourceType".to_owned(), service);
    }
    about
}
