//! Letters to operators.

use super::{facts, titled};
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
