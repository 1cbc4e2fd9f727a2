//! Replay what was quarantined: an operator has it taken once more.

use uuid::Uuid;

use super::administer::Hand;
use super::receive::{self, Received};
use super::{ActionError, Caller, refused};
use crate::domain::deed::Deed;
use crate::domain::permission::{Refusal, may_operate};
use crate::ports::Ports;

/// Takes something out of quarantine as if it came now, and answers what became of it. What still cannot be taken is
/// kept with the newer reason. Again: refused once it was taken, for it is no longer there.
pub async fn run(ports: &Ports, caller: &Caller, id: Uuid) -> Result<Received, ActionError> {
    let person = caller.person(ports).await?;
    let item = match may_operate(&person) {
        Ok(_) => ports.intake.find(id).await?.ok_or(Refusal::NoSuchItem),
        Err(refusal) => Err(refusal),
    };
    let item = match item {
        Ok(item) => item,
        Err(refusal) => {
            caller.log(ports, refused(None, "replay_quarantined", &refusal)).await?;
            return Err(refusal.into());
        }
    };
    Hand::from(caller).note(ports, Deed::QuarantineReplayed { item: id }).await?;
    let received = receive::run(ports, item.body.as_bytes()).await?;
    if !matches!(received, Received::Quarantined { .. }) {
        ports.intake.release(id).await?;
    }
    Ok(received)
}
