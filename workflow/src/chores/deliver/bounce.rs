//! Bounce: a mail that had been taken came back after all.
//!
//! Whose letters it carried are on the operators' list again, each request says so, and its operators are told; a retry
//! writes to that person once more.

use jiff::Timestamp;

use super::note;
use crate::domain::audit::Actor;
use crate::domain::email::Email;
use crate::domain::outbox::MessageId;
use crate::ports::outbox::{Delivery, Posting, trouble_of_bounce};
use crate::ports::{PortResult, Ports};

/// A mail that came back, as the service knows it that had taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Whom it did not reach.
    pub to: Email,
    /// What the service answered as it took the mail.
    pub answer: String,
    /// From when on it can have been taken.
    pub since: Timestamp,
    /// Why it came back.
    pub why: String,
}

/// Records that a mail came back, for every message that it carried, and says how many those are: none if no such mail
/// is on record. Again: nothing.
pub async fn of_mail(ports: &Ports, bounce: &Bounce, by: &Actor) -> PortResult<usize> {
    let mut messages = 0;
    for id in ports.outbox.reached(&bounce.to, bounce.since).await? {
        let Some(posting) = ports.outbox.find(id).await? else { continue };
        if delivery_to(&posting, &bounce.to).is_some_and(|delivery| delivery.answer == bounce.answer) {
            come_back(ports, &posting, (&bounce.to, &bounce.why), by).await?;
            messages += 1;
        }
    }
    Ok(messages)
}

/// Records that the mail with one message came back from somebody, for every message that it carried, and says whether
/// it had reached them. Again: nothing.
pub async fn of_mail_with(ports: &Ports, id: MessageId, (to, why): (&Email, &str), by: &Actor) -> PortResult<bool> {
    let Some(posting) = ports.outbox.find(id).await? else { return Ok(false) };
    let Some(delivery) = delivery_to(&posting, to) else { return Ok(false) };
    for other in ports.outbox.reached(to, delivery.at).await? {
        let Some(posting) = ports.outbox.find(other).await? else { continue };
        // What one mail carried reached them at one instant.
        if delivery_to(&posting, to).is_some_and(|one| (one.at, &one.answer) == (delivery.at, &delivery.answer)) {
            come_back(ports, &posting, (to, why), by).await?;
        }
    }
    Ok(true)
}

async fn come_back(ports: &Ports, posting: &Posting, (to, why): (&Email, &str), by: &Actor) -> PortResult<()> {
    if delivery_to(posting, to).is_none_or(|delivery| delivery.came_back.is_some()) {
        return Ok(());
    }
    // Told before it is recorded: should it stop in between, they are told twice rather than never.
    if let Some(message) = &posting.message {
        note::undeliverable(ports, message, &trouble_of_bounce(to, why), by.clone()).await?;
    }
    ports.outbox.bounce(posting.id, to, why).await
}

fn delivery_to<'a>(posting: &'a Posting, to: &Email) -> Option<&'a Delivery> {
    posting.deliveries.iter().find(|delivery| delivery.to == *to)
}
