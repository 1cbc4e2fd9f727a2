//! Errors that arise while a state runs: a name that `Retry` and `Catch` match, and a cause for people.

/// The error names that the States Language reserves.
pub mod error_name {
    /// Wildcard of `Retry` and `Catch`.
    pub const ALL: &str = "States.ALL";
    /// A task that ran longer than `TimeoutSeconds`, or missed its heartbeat.
    pub const TIMEOUT: &str = "States.Timeout";
    /// A task that missed its heartbeat; matched in `Retry` and `Catch`, reported as [`TIMEOUT`].
    pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
    /// Wildcard for every failure of a task but its timeouts.
    pub const TASK_FAILED: &str = "States.TaskFailed";
    /// A state that could not be processed; never caught.
    pub const RUNTIME: &str = "States.Runtime";
    /// A payload over 256 KiB; caught by name only.
    pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
    /// A `ResultPath` that cannot be applied to the state's input.
    pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
    /// A path in `Parameters` or `ResultSelector` that finds nothing.
    pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
    /// A `Choice` in which no rule matched and that has no `Default`.
    pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
    /// An intrinsic function that was given what it cannot work with.
    pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
}

/// A failure inside a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    /// The name that `Retry` and `Catch` may also match: a missed heartbeat is a timeout too.
    pub(crate) alias: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(error: &str, cause: impl Into<String>) -> Self {
        Self { error: Some(error.to_owned()), cause: Some(cause.into()), alias: None }
    }

    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        Self::new(error_name::RUNTIME, cause)
    }

    /// Says which state failed, as AWS does; `entered_event` is the id of its `…StateEntered` event.
    pub(crate) fn while_executing(mut self, state: &str, entered_event: u64) -> Self {
        let place = format!(
            "An error occurred while executing the state '{state}' (entered at the event id #{entered_event})."
        );
        self.cause = Some(match self.cause {
            Some(cause) => format!("{place} {cause}"),
            None => place,
        });
        self
    }
}
