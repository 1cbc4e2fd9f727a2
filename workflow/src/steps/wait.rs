//! Wait: leaves the workflow's token where a decision finds it.

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::request::{Request, Waiting};
use crate::domain::slip::Slip;
use crate::domain::status::Status;
use crate::ports::sealer::TokenContext;
use crate::ports::{Kind, PortError, Ports};

/// Stores the token, then compares what people did with what the last tally saw.
///
/// No wake-up is lost: a decision that was committed before the token wakes nobody, but then this step sees it and
/// wakes the token itself; a decision that is committed after the token finds it. A token of an older wait never
/// replaces a newer one.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let token = order
        .token
        .as_deref()
        .ok_or_else(|| StepError::Port(PortError::new("orchestrator", "hand over a task token", Kind::Missing)))?;
    let context = TokenContext { request: order.slip.request, run: order.slip.run };
    let waiting = Waiting {
        run: order.slip.run,
        entered_at: order.entered_at,
        attempt: order.attempt(),
        token: ports.sealer.seal(token, context).await?,
    };
    let request = amend(ports, order.slip.request, |request, now| {
        Ok::<_, StepError>(request.wait(waiting.clone(), order.actor(), now)?)
    })
    .await?;
    if is_needed_at_once(&request, &waiting) {
        ports.orchestrator.wake(token).await?;
    }
    Ok(order.slip.clone())
}

fn is_needed_at_once(request: &Request, mine: &Waiting) -> bool {
    let is_mine = request.waiting.as_ref().is_none_or(|held| (held.run, held.attempt) == (mine.run, mine.attempt));
    is_mine && (request.has_unseen_news() || !matches!(request.status, Status::InReview { .. }))
}
