//! Faults: what the API answers when it could not do its work. Refusals are data; faults are errors.

use async_graphql::{Error, ErrorExtensions};
use workflow::actions::ActionError;
use workflow::domain::permission::Refusal;
use workflow::ports::{Kind, PortError};

use crate::context::Context;

/// The closed list of codes that errors carry in `extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The document is no valid document of this schema, or its variables do not fit.
    InvalidDocument,
    /// The document asks for more than one call may: depth, complexity, directives.
    TooComplex,
    /// Nobody is signed in.
    Unauthenticated,
    /// This account may not use the API.
    Forbidden,
    /// The call is larger than a call may be.
    TooLarge,
    /// There were too many calls.
    RateLimited,
    /// It did not work this time; the same call later can.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::InvalidDocument,
        Self::TooComplex,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::TooLarge,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The word that leaves the process.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidDocument => "INVALID_DOCUMENT",
            Self::TooComplex => "TOO_COMPLEX",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::TooLarge => "TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A fault, ready to be answered: it holds nothing of what caused it.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    code: Code,
    sentence: String,
    correlation_id: String,
}

impl Fault {
    pub(crate) fn disabled(context: &Context) -> Self {
        Self {
            code: Code::Forbidden,
            sentence: Refusal::Disabled.to_string(),
            correlation_id: context.correlation_id.clone(),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::new(fault.sentence).extend_with(|_, extensions| {
            extensions.set("code", fault.code.as_str());
            extensions.set("correlationId", fault.correlation_id);
        })
    }
}

/// What a port met goes to the log in full; the caller reads a sentence and the name to ask about.
pub(crate) fn fault(context: &Context, error: &PortError) -> Fault {
    let correlation_id = context.correlation_id.clone();
    tracing::error!(correlation_id, error = error.in_full(), "a port failed");
    let (code, sentence) = match error.kind {
        Kind::Transient => (
            Code::Unavailable,
            "This did not work just now. Reload to see where things stand, and try again.".to_owned(),
        ),
        Kind::Conflict | Kind::Missing | Kind::Denied | Kind::Corrupt => (
            Code::Internal,
            format!(
                "Something is wrong on our side, and it is on record as {correlation_id}. Reload to see where things stand, and tell an operator if it happens again."
            ),
        ),
    };
    Fault { code, sentence, correlation_id }
}

/// The fault of an error where a refusal has no place to be data.
pub(crate) fn fault_of(context: &Context, error: ActionError) -> Fault {
    match error {
        ActionError::Port(port) => fault(context, &port),
        ActionError::Refused(refusal) => Fault {
            code: Code::Forbidden,
            sentence: refusal.to_string(),
            correlation_id: context.correlation_id.clone(),
        },
    }
}
