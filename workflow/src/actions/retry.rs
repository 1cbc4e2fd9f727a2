//! Retry: an operator lets a failed request go on where it stood.

use super::{ActionError, Caller, act};
use crate::domain::id::RequestId;
use crate::domain::permission::{may_operate, may_view};
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Begins the next run of a failed request and answers the request as it is then.
pub async fn run(
    ports: &Ports,
    caller: &Caller,
    id: RequestId,
    reason: Option<Reason>,
) -> Result<Request, ActionError> {
    act(ports, caller, ("retry", id), |person, request, now| {
        // Who may not know of the request is not told that it takes an operator.
        may_view(person, request)?;
        let may = may_operate(person)?;
        Ok(Some(request.resume(&may, reason.clone(), caller.actor(person), now)?))
    })
    .await
}
