//! Revoke: an operator calls a release back.

use super::{ActionError, Caller, act};
use crate::domain::id::RequestId;
use crate::domain::permission::{may_operate, may_view};
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Calls a release back and answers the request as it is then: from this commit on no ticket is good.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, reason: Reason) -> Result<Request, ActionError> {
    act(ports, caller, ("revoke", id), |person, request| {
        // Who may not know of the request is not told that it takes an operator.
        may_view(person, request)?;
        let may = may_operate(person)?;
        Ok(Some(request.revoke(&may, reason.clone(), caller.actor(person), ports.clock.now())?))
    })
    .await
}
