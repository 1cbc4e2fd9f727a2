//! Withdraw: the requester takes a request back.

use super::{ActionError, Caller, act, wake};
use crate::domain::id::RequestId;
use crate::domain::permission::may_answer;
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Takes a request back and answers it as it is then: what runs is told to end, what waits ends at once.
pub async fn run(
    ports: &Ports,
    caller: &Caller,
    id: RequestId,
    reason: Option<Reason>,
) -> Result<Request, ActionError> {
    let request = act(ports, caller, ("withdraw", id), |person, request, now| {
        let may = may_answer(person, request)?;
        Ok(Some(request.withdraw(&may, reason.clone(), caller.actor(person), now)?))
    })
    .await?;
    wake(ports, &request).await;
    Ok(request)
}
