//! Letters to operators.

use super::{facts, titled};
use crate::domain::outbox::MessageId;
use crate::domain::request::Request;
use crate::domain::status::Status;
use crate::letter::content::Content;

pub(super) fn failed(request: &Request, sentence: &str) -> Content {
    let mut content = titled("Failed, needs an operator", request);
    content.say("The workflow gave up on this request. Everything is kept as it stood.");
    content.say("What happened:");
    content.quote(sentence);
    let mut facts = facts(request);
    if let Status::Failed { cause, .. } = &request.status {
        facts.push(("Step", cause.state.clone()));
        facts.push(("Error", cause.error.clone()));
    }
    facts.push(("To look", format!("lockgate request show {}", request.id)));
    facts.push(("To go on", format!("lockgate request retry {}", request.id)));
    content.state(facts);
    content.say(match &request.status {
        Status::Failed { .. } => "Mend the cause, then let the request go on: it does so where it stood.",
        _ => "The request has gone on since.",
    });
    content
}

pub(super) fn undeliverable(request: &Request, message: MessageId, trouble: &str) -> Content {
    let mut content = titled("A letter could not be delivered", request);
    content.say("A letter about this request was given up: nobody tries again until you say so. The request itself goes on, whoever knows of it.");
    content.say("What is in the way:");
    content.quote(trouble);
    let mut facts = facts(request);
    facts.push(("Message", message.to_string()));
    facts.push(("To look", format!("lockgate outbox show {message}")));
    facts.push(("To try again", format!("lockgate outbox retry {message} --as <your address>")));
    content.state(facts);
    content.say(
        "Put the address or the mail server right, then have it tried again; or tell whom it was for by other means.",
    );
    content
}
