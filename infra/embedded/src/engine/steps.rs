//! What the engine calls.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::Value;

/// The error name of a step that ended in a bug.
pub const PANICKED: &str = "Lockgate.Panicked";

/// Why a step gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFailure {
    /// The name that the definition catches.
    pub error: String,
    /// The reason, for people.
    pub cause: String,
}

/// The steps, called by the names that the definition gives them.
#[async_trait]
pub trait Steps: Send + Sync {
    /// Runs a step. The engine may call it twice for one task, also at once.
    async fn call(&self, function: &str, payload: Value) -> Result<Value, StepFailure>;
}

/// Calls a step; its panic is its failure and nobody else's.
pub(super) async fn call(steps: &dyn Steps, function: &str, payload: Value) -> Result<Value, StepFailure> {
    match AssertUnwindSafe(steps.call(function, payload)).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it did not say why");
            tracing::error!(function, said, "a step panicked: this is a bug");
            Err(StepFailure {
                error: PANICKED.to_owned(),
                cause: format!("the step {function} ended in a bug: {said}"),
            })
        }
    }
}
