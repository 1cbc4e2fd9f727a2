use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{TaskId, TimerId};
use crate::definition::Resource;
use crate::evaluation::derive;
use crate::seed::Seed;

/// What the caller has to do. Doing an effect twice must do no harm: after a restart it is asked for again.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Perform a task, and report with its [`TaskId`].
    Invoke(Box<Invocation>),
    /// Report [`TimerFired`](super::Event::TimerFired) at this instant, at once if it has passed.
    SetTimer {
        /// The timer.
        timer: TimerId,
        /// When it is due.
        at: Timestamp,
    },
    /// Forget a timer. One that fires all the same is ignored.
    ClearTimer {
        /// The timer.
        timer: TimerId,
    },
    /// The execution is over, and all its timers and tasks with it.
    Finish(Outcome),
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It reached an end.
    Succeeded {
        /// The output of the last state.
        output: Value,
    },
    /// A state failed and nothing caught it, or a `Fail` state was reached.
    Failed {
        /// The error's name.
        error: Option<String>,
        /// The reason, for people.
        cause: Option<String>,
    },
    /// It took longer than the definition's `TimeoutSeconds`.
    TimedOut,
    /// Somebody stopped it.
    Aborted {
        /// A name for the reason.
        error: Option<String>,
        /// The reason, for people.
        cause: Option<String>,
    },
}

/// One attempt to perform a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The attempt.
    pub task: TaskId,
    /// The name of the state.
    pub state: String,
    /// What is asked for.
    pub resource: Resource,
    /// What it is asked with: `Parameters`, filled.
    pub parameters: Value,
    /// What ends the task, if it waits for a token.
    pub token: Option<TaskToken>,
    /// How often the state was tried before.
    pub retry_count: u32,
    /// When the state was entered.
    pub entered_at: Timestamp,
}

impl Invocation {
    /// The function to invoke: a plain ARN, or `FunctionName` of `lambda:invoke`.
    pub fn function(&self) -> Option<&str> {
        match &self.resource {
            Resource::Function(arn) => Some(arn),
            _ => self.parameters.get("FunctionName")?.as_str(),
        }
    }

    /// What the function is given: all parameters of a plain ARN, or `Payload` of `lambda:invoke`.
    pub fn payload(&self) -> Value {
        match &self.resource {
            Resource::Function(_) => self.parameters.clone(),
            _ => self.parameters.get("Payload").cloned().unwrap_or_else(|| json!({})),
        }
    }

    /// Makes the task's raw result from what the function returned: `lambda:invoke` puts it in `Payload`.
    ///
    /// A task that waits for a token needs none of this: what was handed in with the token is its result.
    pub fn answer(&self, returned: Value) -> Value {
        match &self.resource {
            Resource::Function(_) => returned,
            _ => json!({"ExecutedVersion": "$LATEST", "Payload": returned, "StatusCode": 200}),
        }
    }
}

/// The secret that completes a task: whoever has it may end the wait.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskToken(String);

impl TaskToken {
    /// The same whenever the execution is replayed, and not to be guessed without its seed.
    pub(super) fn of(seed: &Seed, task: TaskId) -> Self {
        Self(URL_SAFE_NO_PAD.encode(derive(seed.bytes(), b"task token", &task.0.to_be_bytes())))
    }

    /// The token as it goes into a payload.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskToken(…)")
    }
}
