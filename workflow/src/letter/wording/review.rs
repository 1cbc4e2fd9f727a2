//! Letters that ask for a decision.

use super::{amount, facts, purpose, show, stage_of, titled};
use crate::domain::policy::{Silence, Stage};
use crate::domain::request::Request;
use crate::domain::text::StageId;
use crate::letter::content::Content;

pub(super) fn wanted(request: &Request, id: &StageId) -> Content {
    let (stage, title) = stage_of(request, id);
    let mut content = titled("Review wanted", request);
    content.say(format!("Files wait for your decision at the stage {title}."));
    describe(&mut content, request, stage, title);
    content
}

pub(super) fn reminder(request: &Request, id: &StageId, count: u32) -> Content {
    let (stage, title) = stage_of(request, id);
    let mut content = titled("Review still wanted", request);
    content.say(format!("Files still wait for your decision at the stage {title}. This is reminder {count}."));
    describe(&mut content, request, stage, title);
    content
}

pub(super) fn escalation(request: &Request, id: &StageId) -> Content {
    let (stage, title) = stage_of(request, id);
    let mut content = titled("Review getting late", request);
    content.say(format!("The stage {title} of this request is still open, and its time is running out. Somebody who may decide has to look."));
    describe(&mut content, request, stage, title);
    content
}

/// What a reviewer has to know before they look: whose files these are, what for, how many, since when and until when.
fn describe(content: &mut Content, request: &Request, stage: Option<&Stage>, title: String) {
    let entry = request.round().entry.as_ref();
    let mut facts = facts(request);
    facts.push(("Requested by", requesters(request)));
    facts.extend(amount(request.round()).map(|amount| ("Files", amount)));
    facts.push(("Stage", title));
    facts.extend(entry.map(|entry| ("Waits since", show::instant(request, entry.entered_at))));
    let deadline = entry.and_then(|entry| entry.deadline_at).map(|at| show::instant(request, at));
    facts.push(("Waits until", deadline.clone().unwrap_or_else(|| "there is no deadline".to_owned())));
    content.state(facts);
    purpose(content, request, "What the requester says the files are for:");
    let Some(stage) = stage else { return };
    if stage.quorum > 1 {
        content.say(format!("The stage is passed when {} different people have approved.", stage.quorum));
    }
    if deadline.is_some() {
        content.say(match stage.silence {
            Silence::Expire => "If the stage is not closed by then, the request expires and nothing is released.",
            Silence::Wait => "If the stage is not closed by then, the request goes on waiting.",
        });
    }
}

fn requesters(request: &Request) -> String {
    request.requesters.iter().map(show::person).collect::<Vec<_>>().join(", ")
}
