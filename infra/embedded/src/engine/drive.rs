//! The loop: what happened is journalled, the machine says what follows, and that is done.

use std::sync::Arc;

use infra_asl::{Effect, Event, Identity, Invocation, Machine, Phase, Seed, Started, error_name};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, oneshot};
use workflow::domain::id::ExecutionName;
use workflow::ports::PortResult;

use super::execution::{Execution, invocations_of, outcome_of};
use super::steps::{self, StepFailure};
use super::{Core, Course, Shared, failed};
use crate::database::Error;

/// An execution with the steps that it asks for: none if it waits, or is over; several if branches run side by side.
struct Next {
    execution: Shared,
    invocations: Vec<Invocation>,
}

/// Begins an execution; returns once that is durable.
pub(super) async fn begin(core: &Arc<Core>, name: ExecutionName, input: Value) -> PortResult<()> {
    const OPERATION: &str = "begin an execution";
    match enter(core, name) {
        Ok(fresh) => run(core, OPERATION, start(Arc::clone(core), fresh, input)).await,
        // Somebody else begins it: it has begun once that is durable.
        Err(other) if other.lock().await.has_begun() => Ok(()),
        Err(_) => Err(failed(OPERATION, "another attempt to begin it failed")),
    }
}

/// Completes a task token; returns once that is durable.
pub(super) async fn wake(core: &Arc<Core>, token: &str) -> PortResult<()> {
    let name = core.tokens().get(token).copied();
    let Some(execution) = name.and_then(|name| core.execution(name)) else { return Ok(()) };
    let (core_too, token) = (Arc::clone(core), token.to_owned());
    let woken = async move {
        let succeeded = |execution: &mut Execution, at| {
            let task = execution.machine().task_of(&token)?;
            Some(Event::TaskSucceeded { at, task, output: json!({}) })
        };
        take(&core_too, execution, succeeded).await
    };
    run(core, "wake an execution", woken).await
}

/// Asks again for what an execution had asked for when the machine stopped.
pub(super) fn resume(core: &Arc<Core>, execution: Shared) {
    let core_too = Arc::clone(core);
    go_on(core, async move {
        let resumed = execution.lock().await;
        let invocations = invocations_of(resumed.machine().outstanding());
        drop(resumed);
        drive(&core_too, Next { execution, invocations }).await;
    });
}

/// Fires the timers that are due.
pub(super) fn fire_due(core: &Arc<Core>) {
    if core.course() != Course::Running {
        return;
    }
    for (_, name, timer) in core.timers.take_due(core.clock.now()) {
        let Some(execution) = core.execution(name) else { continue };
        let core_too = Arc::clone(core);
        go_on(core, async move {
            let fired = |execution: &mut Execution, at| {
                execution.has_fired(timer);
                Some(Event::TimerFired { at, timer })
            };
            if let Ok(next) = take(&core_too, execution, fired).await {
                drive(&core_too, next).await;
            }
        });
    }
}

/// Does some work and whatever it leads to, whoever waits for it: nobody who stops waiting leaves an execution between
/// its journal and its effects. Returns when the work itself is done.
async fn run(
    core: &Arc<Core>,
    operation: &'static str,
    work: impl Future<Output = Result<Next, Error>> + Send + 'static,
) -> PortResult<()> {
    let (reply, answer) = oneshot::channel();
    let core_too = Arc::clone(core);
    go_on(core, async move {
        // Whoever asked may have gone.
        match work.await {
            Ok(next) => {
                let _ = reply.send(Ok(()));
                drive(&core_too, next).await;
            }
            Err(error) => drop(reply.send(Err(error))),
        }
    });
    let result = answer.await.unwrap_or(Err(Error::Bug));
    result.map_err(|error| failed(operation, error))
}

fn go_on(core: &Core, work: impl Future<Output = ()> + Send + 'static) {
    let active = core.activity.enter();
    tokio::spawn(async move {
        work.await;
        drop(active);
    });
}

/// Takes the place of a name; gives the execution that has it already otherwise.
fn enter(core: &Core, name: ExecutionName) -> Result<OwnedMutexGuard<Execution>, Shared> {
    let mut executions = core.executions();
    if let Some(other) = executions.get(&name) {
        return Err(Arc::clone(other));
    }
    let execution = Execution::new(name, Machine::new(Arc::clone(&core.definition)));
    let shared = Arc::new(AsyncMutex::new(execution));
    let Ok(fresh) = Arc::clone(&shared).try_lock_owned() else { workflow::bug!("somebody holds a lock that is new") };
    executions.insert(name, shared);
    Ok(fresh)
}

async fn start(core: Arc<Core>, mut fresh: OwnedMutexGuard<Execution>, input: Value) -> Result<Next, Error> {
    let name = fresh.name();
    let event = Event::Started(Box::new(Started {
        at: core.clock.now(),
        execution: Identity { id: name.to_string(), name: name.to_string() },
        state_machine: Identity { id: core.digest.clone(), name: "egress".to_owned() },
        role: None,
        input,
        seed: Seed::new(core.ids.secret()),
    }));
    let begun = match core.course() {
        Course::Halted => Err(Error::Broken),
        Course::Running | Course::Stopping => core.journal.begin(name, &core.digest, &event).await,
    };
    let Ok(Some(number)) = begun else {
        core.executions().remove(&name);
        return begun.map(|_| nothing(&fresh));
    };
    fresh.has_number(number);
    let effects = fresh.apply(&event).unwrap_or_default();
    conclude(&core, &mut fresh, (effects, event)).await
}

/// Takes in what happened, if it still matters; gives the step that follows.
async fn take(
    core: &Core,
    shared: Shared,
    happened: impl FnOnce(&mut Execution, Timestamp) -> Option<Event>,
) -> Result<Next, Error> {
    let mut execution = shared.lock_owned().await;
    let Some(place) = execution.place() else { return Ok(nothing(&execution)) };
    let at = execution.instant(core.clock.now());
    let Some(event) = happened(&mut execution, at) else { return Ok(nothing(&execution)) };
    let Some(effects) = execution.apply(&event) else { return Ok(nothing(&execution)) };
    if core.course() == Course::Halted {
        return Err(Error::Broken);
    }
    // The last event of an execution needs no journal: it is the outcome that is kept.
    if outcome_of(&effects).is_none() {
        core.journal.append(place, &event).await.inspect_err(|error| halt(core, error))?;
        execution.has_journalled();
    }
    conclude(core, &mut execution, (effects, event)).await
}

/// Takes note of what was asked for; ends the execution if it is over.
async fn conclude(
    core: &Core,
    execution: &mut OwnedMutexGuard<Execution>,
    (effects, event): (Vec<Effect>, Event),
) -> Result<Next, Error> {
    if let (Some(outcome), Some((number, _))) = (outcome_of(&effects), execution.place()) {
        core.journal.end(number, outcome, event.at()).await.inspect_err(|error| halt(core, error))?;
        core.executions().remove(&execution.name());
    }
    execution.note(core, &effects);
    Ok(Next { invocations: invocations_of(effects), ..nothing(execution) })
}

fn nothing(execution: &OwnedMutexGuard<Execution>) -> Next {
    Next { execution: Arc::clone(OwnedMutexGuard::mutex(execution)), invocations: Vec::new() }
}

/// What is in memory may be ahead of the journal now: nothing may be done about it.
fn halt(core: &Core, error: &Error) {
    tracing::error!(%error, "the engine has stopped: what happens can no longer be written down");
    core.set_course(Course::Halted);
}

/// Runs the steps of an execution until it waits for something else, or is over.
async fn drive(core: &Arc<Core>, mut next: Next) {
    while let Some(invocation) = next.invocations.pop() {
        for beside in next.invocations.drain(..) {
            run_beside(core, Next { execution: Arc::clone(&next.execution), invocations: vec![beside] });
        }
        let Some(result) = perform(core, &invocation).await else { return };
        match take(core, next.execution, |_, at| Some(answer(&invocation, result, at))).await {
            Ok(following) => next = following,
            Err(_) => return,
        }
    }
}

/// Boxed, because a branch may have branches of its own.
fn run_beside(core: &Arc<Core>, next: Next) {
    let core_too = Arc::clone(core);
    let branch: futures_util::future::BoxFuture<'static, ()> = Box::pin(async move { drive(&core_too, next).await });
    go_on(core, branch);
}

/// Performs a task; none if the engine stops.
async fn perform(core: &Core, invocation: &Invocation) -> Option<Result<Value, StepFailure>> {
    let steps = core.steps.get()?;
    let _turn = core.calls.acquire().await.ok()?;
    if core.course() != Course::Running {
        return None;
    }
    Some(match invocation.function() {
        Some(function) => steps::call(steps.as_ref(), function, invocation.payload()).await,
        None => Err(StepFailure {
            error: error_name::RUNTIME.to_owned(),
            cause: format!("the state {} names no function", invocation.state),
        }),
    })
}

fn answer(invocation: &Invocation, result: Result<Value, StepFailure>, at: Timestamp) -> Event {
    let task = invocation.task;
    match result {
        Ok(output) if invocation.token.is_some() => Event::TaskSubmitted { at, task, output },
        Ok(output) => Event::TaskSucceeded { at, task, output: invocation.answer(output) },
        Err(StepFailure { error, cause }) => {
            Event::TaskFailed { at, task, error: Some(error), cause: Some(cause), phase: Phase::Run }
        }
    }
}
