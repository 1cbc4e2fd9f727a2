//! A state of the definition: one step, with its order as Step Functions hands it over.

use serde_json::Value;
use workflow::ports::Ports;
use workflow::steps::{self, Order};

use crate::failure::Failure;

/// Runs the step of a state.
pub(crate) async fn run(ports: &Ports, state: &str, event: Value) -> Result<Value, Failure> {
    let order: Order = serde_json::from_value(event).map_err(|error| Failure::illegible("the order", &error))?;
    match steps::run(state, ports, &order).await {
        Some(result) => serde_json::to_value(result?).map_err(|error| Failure::illegible("the slip", &error)),
        None => Err(Failure::new("Lockgate.Unknown", format!("this release has no step of the name {state}"))),
    }
}
