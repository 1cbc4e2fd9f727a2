//! What a request's record, and its operators, learn of a message that somebody did not get.

use crate::amend::amend;
use crate::domain::audit::Actor;
use crate::domain::outbox::{Errand, Letter, Message};
use crate::ports::{Kind, PortError, PortResult, Ports};

/// Has the request say that a message was not delivered, and the operators told.
pub(super) async fn undeliverable(ports: &Ports, message: &Message, trouble: &str, by: Actor) -> PortResult<()> {
    if !is_worth_it(message) {
        return Ok(());
    }
    let id = message.id;
    let noted = amend(ports, id.request, |request, now| {
        Ok(Some(request.note_undeliverable(id, shorten(trouble), by.clone(), now)))
    });
    match noted.await {
        Err(PortError { kind: Kind::Missing, .. }) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Tells whether operators are told. That they could not be told is not told: there would be no end to it.
fn is_worth_it(message: &Message) -> bool {
    !matches!(message.errand, Errand::Tell { about: Letter::Undeliverable { .. }, .. })
}

/// As much of what went wrong as a letter and an event hold.
fn shorten(trouble: &str) -> String {
    const LONGEST: usize = 2_000;
    match trouble.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", trouble.get(..end).unwrap_or_default()),
        None => trouble.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox::Recipient;

    #[test]
    fn that_operators_could_not_be_told_is_not_told() {
        let id = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21.1.0".parse().unwrap();
        let created_at = "2026-03-03T15:30:00Z".parse().unwrap();
        let run = Message { id, created_at, errand: Errand::BeginRun { run: 1 } };
        assert!(is_worth_it(&run));
        let about = Letter::Undeliverable { message: id, trouble: "refused".into() };
        let told = Message { errand: Errand::Tell { to: Recipient::Operators, about }, ..run };
        assert!(!is_worth_it(&told));
    }
}
