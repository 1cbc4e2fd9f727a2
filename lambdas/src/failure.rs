//! Why a part of the house gave no answer: what a state machine catches by name.

use lambda_runtime::Diagnostic;
use workflow::ports::{Kind, PortError};
use workflow::steps::StepError;

/// Why a function gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct Failure {
    /// The name that the definition catches.
    pub error: String,
    /// The reason, for people.
    pub cause: String,
}

impl Failure {
    pub(crate) fn new(error: &str, cause: impl Into<String>) -> Self {
        Self { error: error.to_owned(), cause: cause.into() }
    }

    /// What a function was given, or gives, cannot be read.
    pub(crate) fn illegible(what: &str, error: &serde_json::Error) -> Self {
        Self::new("Lockgate.Corrupt", format!("{what} cannot be read: {error}"))
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        Self::new(error.name(), error.to_string())
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        let name = match error.kind {
            Kind::Transient => "Lockgate.Transient",
            Kind::Conflict => "Lockgate.Conflict",
            Kind::Missing => "Lockgate.Missing",
            Kind::Denied => "Lockgate.Denied",
            Kind::Corrupt => "Lockgate.Corrupt",
        };
        Self::new(name, error.in_full())
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error, error_message: failure.cause }
    }
}
