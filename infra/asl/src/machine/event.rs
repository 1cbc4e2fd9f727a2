use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::seed::Seed;

/// What happened to an execution. The journal of an execution is a list of these, as JSON; their shape is stable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The execution begins. The first event, and only the first.
    Started(Box<Started>),
    /// The function that hands out a task token has returned: from now on only the token is waited for.
    TaskSubmitted {
        /// When it returned.
        at: Timestamp,
        /// The task.
        task: TaskId,
        /// What the function answered.
        output: Value,
    },
    /// A task is done.
    TaskSucceeded {
        /// When it was done.
        at: Timestamp,
        /// The task.
        task: TaskId,
        /// The raw result; for `lambda:invoke` see [`Invocation::answer`](crate::Invocation::answer).
        output: Value,
    },
    /// A task has failed.
    TaskFailed {
        /// When it failed.
        at: Timestamp,
        /// The task.
        task: TaskId,
        /// The name that `Retry` and `Catch` match.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// The reason, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
        /// How far the task had come.
        #[serde(default, skip_serializing_if = "Phase::is_run")]
        phase: Phase,
    },
    /// A task is alive: its `HeartbeatSeconds` begin anew.
    TaskHeartbeat {
        /// When it said so.
        at: Timestamp,
        /// The task.
        task: TaskId,
    },
    /// A timer that the machine had set has come due.
    TimerFired {
        /// When it fired; not before its time.
        at: Timestamp,
        /// The timer.
        timer: TimerId,
    },
    /// Somebody stopped the execution.
    Aborted {
        /// When it was stopped.
        at: Timestamp,
        /// A name for the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// The reason, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
}

/// All that an execution begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// When it began.
    pub at: Timestamp,
    /// `$$.Execution`
    pub execution: Identity,
    /// `$$.StateMachine`
    pub state_machine: Identity,
    /// `$$.Execution.RoleArn`, where there are roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The input of the first state.
    pub input: Value,
    /// The secret that tokens and chance are derived from.
    pub seed: Seed,
}

/// An id and a name, as the context object shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `Id`
    pub id: String,
    /// `Name`
    pub name: String,
}

/// How far a task had come when it failed; it decides only what the history says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It could not be scheduled.
    Schedule,
    /// It could not be started.
    Start,
    /// The call that hands out the token failed.
    Submit,
    /// It ran.
    #[default]
    Run,
}

impl Phase {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_run(&self) -> bool {
        *self == Self::Run
    }
}

/// One attempt of a task: a retry is a task of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u64);

/// One timer of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimerId(pub u64);

impl Event {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Started(started) => started.at,
            Self::TaskSubmitted { at, .. }
            | Self::TaskSucceeded { at, .. }
            | Self::TaskFailed { at, .. }
            | Self::TaskHeartbeat { at, .. }
            | Self::TimerFired { at, .. }
            | Self::Aborted { at, .. } => *at,
        }
    }

    /// The task that it is about.
    pub fn task(&self) -> Option<TaskId> {
        match self {
            Self::TaskSubmitted { task, .. }
            | Self::TaskSucceeded { task, .. }
            | Self::TaskFailed { task, .. }
            | Self::TaskHeartbeat { task, .. } => Some(*task),
            Self::Started(_) | Self::TimerFired { .. } | Self::Aborted { .. } => None,
        }
    }
}

/// An event that cannot have happened to this execution: the journal is damaged, or the caller is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEvent {
    /// The first event must be `Started`.
    #[error("the execution has not started: the first event must be `started`")]
    NotStarted,
    /// An execution starts once.
    #[error("the execution has started already")]
    StartedTwice,
    /// The machine never asked for this task.
    #[error("task {} was never asked for", .0.0)]
    UnknownTask(TaskId),
    /// The machine never set this timer.
    #[error("timer {} was never set", .0.0)]
    UnknownTimer(TimerId),
}
