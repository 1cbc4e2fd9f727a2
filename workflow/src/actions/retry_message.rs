//! Retry a message: an operator has something delivered once more that was given up.

use super::{ActionError, Caller, refused};
use crate::domain::outbox::MessageId;
use crate::domain::permission::{Refusal, may_operate};
use crate::ports::{Kind, PortError, Ports};

/// Makes a message due now. Again: nothing.
pub async fn run(ports: &Ports, caller: &Caller, id: MessageId) -> Result<(), ActionError> {
    let person = caller.person(ports).await?;
    let retried = match may_operate(&person) {
        Ok(_) => retry(ports, id).await,
        Err(refusal) => Err(refusal.into()),
    };
    if let Err(ActionError::Refused(refusal)) = &retried {
        caller.log(ports, refused(Some(id.request), "retry_message", refusal)).await?;
    }
    retried
}

async fn retry(ports: &Ports, id: MessageId) -> Result<(), ActionError> {
    match ports.outbox.retry(id, ports.clock.now()).await {
        Err(PortError { kind: Kind::Missing, .. }) => Err(Refusal::NoSuchItem.into()),
        other => Ok(other?),
    }
}
