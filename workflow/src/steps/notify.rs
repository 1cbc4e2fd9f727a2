//! Notify: puts the notice to the current stage's reviewers on its way.

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::slip::Slip;
use crate::ports::Ports;

/// Tells the reviewers of the current stage, once for each time the stage is entered. Again: nothing.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    amend(ports, order.slip.request, |request, now| {
        Ok::<_, StepError>(request.notify_reviewers(order.slip.run, order.actor(), now)?)
    })
    .await?;
    Ok(order.slip.clone())
}
