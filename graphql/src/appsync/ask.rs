//! What one resolver asks, and what stands in the way of an answer.

use async_graphql::ServerError;
use serde_json::{Map, Value};

use crate::fault::Code;

/// What one resolver asks.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The type that the field belongs to.
    pub parent: String,
    /// The field.
    pub field: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// The object that the field is one of, as its resolver answered it; null for a root field.
    pub source: Value,
}

/// Why there is no answer: what `AppSync` shows as `message` and `errorType`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Trouble {
    /// What is wrong, for people.
    pub sentence: String,
    /// The code of [`Code`].
    pub code: String,
}

impl Trouble {
    pub(super) fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: code.as_str().to_owned() }
    }

    pub(super) fn of(error: ServerError) -> Self {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        let code = code.cloned().and_then(|code| code.into_json().ok());
        let code = code.as_ref().and_then(Value::as_str).unwrap_or(Code::Internal.as_str()).to_owned();
        Self { sentence: error.message, code }
    }

    /// The object that a field belongs to is not there, or is not the caller's to see, any more.
    pub(super) fn gone() -> Self {
        Self::new(Code::Forbidden, "This is not there any more, or not yours to see. Reload to see where things stand.")
    }
}
