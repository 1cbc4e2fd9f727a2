//! Retry a message: an operator has something delivered once more that was given up.

use super::administer::Hand;
use super::{ActionError, Caller, refused};
use crate::domain::deed::Deed;
use crate::domain::outbox::MessageId;
use crate::domain::permission::{Refusal, may_operate};
use crate::ports::{Kind, PortError, Ports};

/// Makes a message due now. Again: nothing but another entry of the access log.
pub async fn run(ports: &Ports, caller: &Caller, id: MessageId) -> Result<(), ActionError> {
    let person = caller.person(ports).await?;
    let retried = match may_operate(&person) {
        Ok(_) => retry(ports, caller, id).await,
        Err(refusal) => Err(refusal.into()),
    };
    if let Err(ActionError::Refused(refusal)) = &retried {
        caller.log(ports, refused(Some(id.request), "retry_message", refusal)).await?;
    }
    retried
}

async fn retry(ports: &Ports, caller: &Caller, id: MessageId) -> Result<(), ActionError> {
    if ports.outbox.find(id).await?.is_none() {
        return Err(Refusal::NoSuchItem.into());
    }
    Hand::from(caller).note(ports, Deed::MessageRetried { message: id }).await?;
    match ports.outbox.retry(id, ports.clock.now()).await {
        Err(PortError { kind: Kind::Missing, .. }) => Err(Refusal::NoSuchItem.into()),
        other => Ok(other?),
    }
}
