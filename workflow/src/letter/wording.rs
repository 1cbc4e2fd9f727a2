//! What each letter says.

mod outcome;
mod review;
mod trouble;

use super::content::{Block, Content};
use super::sender::Sender;
use super::show;
use super::{Capacity, Occasion};
use crate::domain::outbox::Letter;
use crate::domain::policy::Stage;
use crate::domain::request::{Request, Round};
use crate::domain::status::Status;
use crate::domain::text::StageId;

/// The letter without its footer.
pub(super) fn of(sender: &Sender, occasion: Occasion<'_>) -> Content {
    let request = occasion.request;
    let mut content = match occasion.about {
        Letter::Received => received(request),
        Letter::Queued if request.status == Status::Queued => queued(request),
        // Its turn has come meanwhile: what the requester needs is the receipt.
        Letter::Queued => received(request),
        Letter::ReviewWanted { stage, .. } => review::wanted(request, stage),
        Letter::Reminder { stage, count, .. } => review::reminder(request, stage, *count),
        Letter::Escalation { stage, .. } => review::escalation(request, stage),
        Letter::Released => outcome::released(occasion),
        Letter::Ended { end, round, reason } => outcome::ended(occasion, (*end, *round), reason.as_ref()),
        Letter::Revoked { reason } => outcome::revoked(occasion, reason),
        Letter::Failed { sentence } => trouble::failed(request, sentence),
        Letter::Undeliverable { message, trouble } => trouble::undeliverable(request, *message, trouble),
        Letter::Commented { text } => commented(request, text.as_str()),
    };
    content.blocks.push(Block::Link { label: "The request", url: sender.page_of(request.id) });
    content
}

fn received(request: &Request) -> Content {
    let mut content = titled("Received", request);
    content
        .say("Your request to take files out is on record. Nothing is asked of you now: you will be told how it ends.");
    content.state(facts(request));
    purpose(&mut content, request, "What you say the files are for:");
    content
}

fn queued(request: &Request) -> Content {
    let mut content = titled("Waiting its turn", request);
    content.say("Your request to take files out is on record. It waits for another request of the same egress store, and begins by itself when that one is over.");
    content.state(facts(request));
    content
}

fn commented(request: &Request, text: &str) -> Content {
    let mut content = titled("A word on your request", request);
    content.say("Somebody who takes part in the review wrote about your request. You can answer on its page.");
    content.quote(text);
    content.state(facts(request));
    content
}

/// A letter whose subject is an action and the request's title.
fn titled(action: &str, request: &Request) -> Content {
    Content::new(format!("{action}: {}", show::short(request.title.as_str())))
}

/// What every letter says of its request.
fn facts(request: &Request) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Title", show::one_line(request.title.as_str())), ("Project", request.project.to_string())];
    if request.rounds.len() > 1 {
        facts.push(("Round", request.round().number.to_string()));
    }
    facts
}

fn purpose(content: &mut Content, request: &Request, introduction: &str) {
    if let Some(purpose) = &request.purpose {
        content.say(introduction);
        content.quote(purpose.as_str());
    }
}

/// How much a round holds, as soon as that is known.
fn amount(round: &Round) -> Option<String> {
    let manifest = round.manifest.as_ref().or(round.declared.as_ref())?;
    Some(format!("{}, {}", show::count(manifest.files, "file"), show::bytes(manifest.bytes)))
}

/// The stage of an id, and what people call it.
fn stage_of<'a>(request: &'a Request, id: &'a StageId) -> (Option<&'a Stage>, String) {
    let stage = request.policy().and_then(|policy| policy.stages.iter().find(|stage| stage.id == *id));
    (stage, stage.map_or_else(|| id.to_string(), |stage| show::one_line(stage.title.as_str())))
}

/// Who sent a letter, and why to this person.
pub(super) fn footer(sender: &Sender, capacity: &Capacity) -> Vec<String> {
    let house = show::one_line(sender.house().as_str());
    let because = match capacity {
        Capacity::Requester => "You get this because you asked for these files.".to_owned(),
        Capacity::Reviewer { stage, group } => {
            format!(
                "You get this because you are in the group {group}, which decides at the stage {}.",
                show::one_line(stage)
            )
        }
        Capacity::Member(group) => format!("You get this because you are in the group {group}."),
        Capacity::Operator => "You get this because you are an operator.".to_owned(),
        Capacity::Named => "You get this because your address is named to be told.".to_owned(),
        Capacity::StandIn { instead_of } => format!(
            "This was meant for {}, but there is nobody who could act on it. You get it because you are an operator: see to it that there is somebody.",
            show::one_line(instead_of)
        ),
    };
    vec![because, format!("Sent by {house}. Nobody reads answers to this mail.")]
}
