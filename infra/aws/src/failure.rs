//! What can go wrong between us and the account.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata};
use workflow::ports::{Kind, PortError};

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The service said no, or did not answer.
    #[error("{text}")]
    Service {
        /// The service's word for it; empty if it did not answer.
        code: String,
        /// Everything that is known of it.
        text: String,
    },
    /// Something is stored that nobody of ours wrote.
    #[error("{what} cannot be read: {why}")]
    Damaged {
        /// What, as a noun phrase.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The adapter itself found that it must not be done. Nothing of it stays.
    #[error("{sentence}")]
    Refused {
        /// What kind of refusal.
        kind: Kind,
        /// Why.
        sentence: String,
    },
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn of<E>(error: E) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata,
    {
        let code = error.code().unwrap_or_default().to_owned();
        Self::Service { code, text: DisplayErrorContext(error).to_string() }
    }

    pub(crate) fn damaged(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Damaged { what, why: format!("{why}") }
    }

    pub(crate) fn refused(kind: Kind, sentence: impl Into<String>) -> Self {
        Self::Refused { kind, sentence: sentence.into() }
    }

    /// What may work in a moment.
    pub(crate) fn busy(sentence: &str) -> Self {
        Self::refused(Kind::Transient, sentence)
    }

    /// The service's word for what went wrong.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Service { code, .. } => code,
            Self::Damaged { .. } | Self::Refused { .. } => "",
        }
    }

    /// Tells whether a row was not as the write wanted it.
    pub(crate) fn is_unmet(&self) -> bool {
        self.code() == "ConditionalCheckFailedException"
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Refused { kind, .. } => *kind,
            Self::Damaged { .. } => Kind::Corrupt,
            Self::Service { code, .. } => match code.as_str() {
                "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "KMSAccessDeniedException" => {
                    Kind::Denied
                }
                _ if self.is_unmet() => Kind::Conflict,
                // Everything else may be the hour: an account that was set up wrongly is put right, too.
                _ => Kind::Transient,
            },
        }
    }

    /// The failure as a port tells it.
    pub(crate) fn during(self, port: &'static str, operation: impl Into<String>) -> PortError {
        PortError::new(port, operation, self.kind()).because(self)
    }
}

/// Takes a write that found the row not as it wanted it for one that had nothing to do.
pub(crate) fn unless_unmet(outcome: Outcome<()>) -> Outcome<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(failure) if failure.is_unmet() => Ok(false),
        Err(failure) => Err(failure),
    }
}
