//! The workflow's steps, as the engine calls them.

use async_trait::async_trait;
use serde_json::Value;
use tracing::Instrument as _;
use workflow::ports::Ports;
use workflow::steps::{self, Order};

use crate::engine::{StepFailure, Steps};

/// Calls the steps of the workflow in this process.
pub(super) struct WorkflowSteps {
    ports: Ports,
}

impl WorkflowSteps {
    pub(super) fn new(ports: Ports) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Steps for WorkflowSteps {
    async fn call(&self, function: &str, payload: Value) -> Result<Value, StepFailure> {
        let order: Order = serde_json::from_value(payload).map_err(|error| illegible(function, &error))?;
        let span = tracing::info_span!("step", state = function, request = %order.slip.request, run = order.slip.run);
        match steps::run(function, &self.ports, &order).instrument(span).await {
            Some(Ok(slip)) => serde_json::to_value(slip).map_err(|error| illegible(function, &error)),
            Some(Err(error)) => {
                let (name, request) = (error.name(), order.slip.request);
                tracing::warn!(%request, step = function, error = name, retries = order.retries, "a step failed");
                Err(StepFailure { error: name.to_owned(), cause: error.to_string() })
            }
            None => Err(StepFailure {
                error: "Lockgate.Unknown".to_owned(),
                cause: format!("this release has no step of the name {function}"),
            }),
        }
    }
}

fn illegible(function: &str, error: &serde_json::Error) -> StepFailure {
    StepFailure {
        error: "Lockgate.Corrupt".to_owned(),
        cause: format!("what the step {function} was given, or gave, cannot be read: {error}"),
    }
}
