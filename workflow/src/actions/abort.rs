//! Abort: an operator ends a request that is not over.

use super::{ActionError, Caller, act, wake};
use crate::domain::id::RequestId;
use crate::domain::permission::{may_operate, may_view};
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Ends a request, also one that failed, and answers it as it is then. Its data is put away as for a withdrawal.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, reason: Reason) -> Result<Request, ActionError> {
    let request = act(ports, caller, ("abort", id), |person, request, now| {
        // Who may not know of the request is not told that it takes an operator.
        may_view(person, request)?;
        let may = may_operate(person)?;
        Ok(Some(request.abort(&may, reason.clone(), caller.actor(person), now)?))
    })
    .await?;
    wake(ports, &request).await;
    Ok(request)
}
