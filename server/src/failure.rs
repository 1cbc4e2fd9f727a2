//! Why a command did not do what was asked: a sentence, a word for machines, and an exit code.

use serde::Serialize;
use workflow::actions::ActionError;
use workflow::domain::permission::Refusal;
use workflow::domain::text::BadText;
use workflow::ports::{Kind, PortError};

/// The kinds of failure. Their numbers are the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A rule said no.
    Refused = 1,
    /// The command makes no sense as it was typed.
    Usage = 2,
    /// What it is about is not there.
    NotFound = 3,
    /// Something else is in its place, or has moved meanwhile.
    Conflict = 4,
    /// Something could not be reached, read or written.
    Unreachable = 5,
    /// Lockgate itself is at fault.
    Bug = 70,
}

/// A failure of a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    pub(crate) sentence: String,
}

/// How a failure looks as JSON.
#[derive(Serialize)]
struct Shape<'a> {
    error: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    code: &'a str,
    sentence: &'a str,
    exit_code: u8,
}

impl Failure {
    pub(crate) fn refused(code: &'static str, sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, code, sentence: sentence.into() }
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, code: "USAGE", sentence: sentence.into() }
    }

    pub(crate) fn not_found(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::NotFound, code: "NOT_FOUND", sentence: sentence.into() }
    }

    pub(crate) fn conflict(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Conflict, code: "CONFLICT", sentence: sentence.into() }
    }

    pub(crate) fn unreachable(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Unreachable, code: "UNREACHABLE", sentence: sentence.into() }
    }

    pub(crate) fn bug(what: &str) -> Self {
        let sentence = format!(
            "This is a mistake in Lockgate, not in what you did: {what}. What was committed is safe. Please report it."
        );
        Self { exit: Exit::Bug, code: "BUG", sentence }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        self.exit as u8
    }

    /// What is written to the error stream.
    pub(crate) fn written(&self, as_json: bool) -> String {
        if !as_json {
            return self.sentence.clone();
        }
        let error = Fields { code: self.code, sentence: &self.sentence, exit_code: self.exit_code() };
        serde_json::to_string_pretty(&Shape { error }).unwrap_or_else(|_| self.sentence.clone())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match &refusal {
            Refusal::NoSuchRequest | Refusal::NoSuchItem => Exit::NotFound,
            other if other.is_stale() => Exit::Conflict,
            _ => Exit::Refused,
        };
        Self { exit, code: refusal.code(), sentence: refusal.to_string() }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        let (exit, code, advice) = match error.kind {
            Kind::Missing => (Exit::NotFound, "NOT_FOUND", "Nothing was changed."),
            Kind::Conflict => (Exit::Conflict, "CONFLICT", "What is there stays as it is."),
            Kind::Transient => (
                Exit::Unreachable,
                "TRANSIENT",
                "It may or may not have happened. Look at the request, then try again.",
            ),
            Kind::Denied => (Exit::Unreachable, "DENIED", "Nothing was changed. Check who owns the data directory."),
            Kind::Corrupt => {
                (Exit::Unreachable, "CORRUPT", "Nothing was changed. 'lockgate check' says how far it goes.")
            }
        };
        Self { exit, code, sentence: format!("{}. {advice}", error.in_full()) }
    }
}

impl From<ActionError> for Failure {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(refusal) => refusal.into(),
            ActionError::Port(error) => error.into(),
        }
    }
}

impl From<BadText> for Failure {
    fn from(bad: BadText) -> Self {
        Self::refused("BAD_INPUT", format!("This cannot be used: {bad}. Nothing was changed."))
    }
}
