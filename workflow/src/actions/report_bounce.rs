//! Report a bounce: an operator says that a mail came back which the mail server had taken.

use super::administer::Hand;
use super::{ActionError, Caller, refused};
use crate::chores::deliver::bounce;
use crate::domain::audit::Actor;
use crate::domain::deed::Deed;
use crate::domain::email::Email;
use crate::domain::outbox::MessageId;
use crate::domain::permission::{Refusal, may_operate};
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Puts a message on the operators' list because its mail came back from somebody, with every other that the mail
/// carried. Again: nothing but another entry of
/// the access log.
pub async fn run(
    ports: &Ports,
    caller: &Caller,
    id: MessageId,
    (to, why): (&Email, &Reason),
) -> Result<(), ActionError> {
    let person = caller.person(ports).await?;
    let reported = match may_operate(&person) {
        Ok(_) => report(ports, (caller, &caller.actor(&person)), id, (to, why)).await,
        Err(refusal) => Err(refusal.into()),
    };
    if let Err(ActionError::Refused(refusal)) = &reported {
        caller.log(ports, refused(Some(id.request), "report_bounce", refusal)).await?;
    }
    reported
}

async fn report(
    ports: &Ports,
    (caller, by): (&Caller, &Actor),
    id: MessageId,
    (to, why): (&Email, &Reason),
) -> Result<(), ActionError> {
    let posting = ports.outbox.find(id).await?;
    if !posting.is_some_and(|posting| posting.deliveries.iter().any(|delivery| delivery.to == *to)) {
        return Err(Refusal::NoSuchItem.into());
    }
    Hand::from(caller).note(ports, Deed::MessageBounced { message: id, to: to.clone() }).await?;
    bounce::of_mail_with(ports, id, (to, why.as_str()), by).await?;
    Ok(())
}
