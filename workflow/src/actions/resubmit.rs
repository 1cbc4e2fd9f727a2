//! Resubmit: the requester of a returned request hands in the next round.

use super::{ActionError, Caller, act, submit};
use crate::amend::find;
use crate::domain::id::RequestId;
use crate::domain::manifest::{Declared, Manifest};
use crate::domain::permission::{Refusal, may_answer};
use crate::domain::request::Request;
use crate::domain::status::Happening;
use crate::ports::Ports;

/// Opens the next round with other files and answers the request as it is then.
pub async fn run(
    ports: &Ports,
    caller: &Caller,
    id: RequestId,
    manifest: Manifest<Declared>,
) -> Result<Request, ActionError> {
    let current = find(ports, id).await.map_err(|error| super::hide_missing(error.into()))?;
    let may = may_answer(&caller.person(ports).await?, &current);
    let Ok(_) = may.and_then(|_| current.status.next(&Happening::Resubmitted).map_err(Refusal::from)) else {
        return refuse(ports, caller, id).await;
    };
    let declared = submit::declare(ports, id, current.round().number + 1, &manifest).await?;
    act(ports, caller, ("resubmit", id), |person, request, now| {
        let may = may_answer(person, request)?;
        Ok(Some(request.resubmit(&may, declared.clone(), caller.actor(person), now)?))
    })
    .await
}

/// Says again why not, this time on the access log.
async fn refuse(ports: &Ports, caller: &Caller, id: RequestId) -> Result<Request, ActionError> {
    act(ports, caller, ("resubmit", id), |person, request, _| {
        may_answer(person, request)?;
        request.status.next(&Happening::Resubmitted)?;
        Ok(None)
    })
    .await
}
