//! Letters that tell how a round ended, with the reasons of everybody who decided.

use super::{amount, facts, show, stage_of, titled};
use crate::domain::id::RoundNumber;
use crate::domain::policy::Audience;
use crate::domain::request::{Request, Round};
use crate::domain::status::{End, Status};
use crate::domain::text::Reason;
use crate::letter::Occasion;
use crate::letter::content::Content;

pub(super) fn released(occasion: Occasion<'_>) -> Content {
    let request = occasion.request;
    let mut content = titled("Released", request);
    content.say("Your files were approved and released.");
    let mut facts = facts(request);
    facts.extend(amount(request.round()).map(|amount| ("Files", amount)));
    if let Some(archive) = request.release.as_ref().and_then(|release| release.archive.as_ref()) {
        facts.push(("Released", show::instant(request, archive.released_at)));
        facts.push(("Archive", show::bytes(archive.size)));
        facts.push(("Digest of the archive", archive.digest.to_string()));
    }
    facts.extend(evidence(occasion));
    content.state(facts);
    if request.status == Status::Revoked {
        content.say("The release was called back since then: the archive can no longer be downloaded.");
    } else {
        content.say(how_to_download(request));
    }
    reasons(&mut content, request, request.round());
    content
}

fn how_to_download(request: &Request) -> String {
    let Some(rule) = request.policy().map(|policy| &policy.download) else {
        return "The page of the request says who can download the archive.".to_owned();
    };
    if rule.by.contains(&Audience::Requester) {
        let times = if rule.limit == 1 { "once".to_owned() } else { format!("{} times", rule.limit) };
        return format!("You can download the archive {times}, on the page of the request.");
    }
    let groups = rule.by.iter().filter_map(|audience| match audience {
        Audience::Group(group) => Some(group.as_str()),
        Audience::Requester => None,
    });
    format!("These groups can download the archive and hand it on: {}.", groups.collect::<Vec<_>>().join(", "))
}

pub(super) fn ended(occasion: Occasion<'_>, (end, number): (End, RoundNumber), reason: Option<&Reason>) -> Content {
    let request = occasion.request;
    let round = request.rounds.iter().find(|round| round.number == number).unwrap_or(request.round());
    let mut content = titled(subject(end), request);
    content.say(first_sentence(end, round));
    if end == End::Returned {
        content.say(what_next(request, number));
    }
    if let Some(withdrawal) = request.withdrawal.as_ref().filter(|_| end == End::Withdrawn) {
        content.say(format!("It was taken back by {}.", show::person(&withdrawal.by)));
    }
    if let Some(reason) = reason {
        content.say("The reason:");
        content.quote(reason.as_str());
    }
    reasons(&mut content, request, round);
    let mut facts = facts(request);
    facts.extend(amount(round).map(|amount| ("Files", amount)));
    if let Some(kept) = round.disposal.as_ref() {
        facts.push(("Data is kept until", show::instant(request, kept.due_at)));
    }
    facts.extend(evidence(occasion));
    content.state(facts);
    content
}

fn subject(end: End) -> &'static str {
    match end {
        End::Rejected => "Not released",
        End::Returned => "Returned to you",
        End::Withdrawn => "Taken back",
        End::Expired => "Expired",
    }
}

fn first_sentence(end: End, round: &Round) -> &'static str {
    match end {
        End::Rejected => "Your request was rejected. No file was released.",
        End::Returned => "Your request was returned to you: something has to change first. No file was released.",
        End::Withdrawn => "The request was taken back. No file was released.",
        End::Expired if round.disposal.is_some() && was_returned(round) => {
            "The request was returned and not submitted again in time, so it has expired. No file was released."
        }
        End::Expired => {
            "The request was not decided in time, so it has expired. No file was released. You can submit it anew."
        }
    }
}

fn was_returned(round: &Round) -> bool {
    use crate::domain::decision::Opinion;
    round.ended_because.is_some() || round.decisions.iter().any(|decision| decision.ballot.opinion == Opinion::Return)
}

fn what_next(request: &Request, number: RoundNumber) -> String {
    if request.round().number > number {
        return "It has been submitted again since.".to_owned();
    }
    match request.answer_by {
        Some(by) => format!(
            "Change what the reasons ask for and submit again by {}. After that it expires.",
            show::instant(request, by)
        ),
        None => "Change what the reasons ask for and submit again.".to_owned(),
    }
}

pub(super) fn revoked(occasion: Occasion<'_>, reason: &Reason) -> Content {
    let request = occasion.request;
    let mut content = titled("Release called back", request);
    content.say(
        "The release of these files was called back. The archive can no longer be downloaded; do not use copies of it.",
    );
    content.say("The reason:");
    content.quote(reason.as_str());
    let mut facts = facts(request);
    facts.extend(evidence(occasion));
    content.state(facts);
    content
}

/// What everybody said who decided in a round. Its stages are closed, so a blind one hides nothing any more.
fn reasons(content: &mut Content, request: &Request, round: &Round) {
    for decision in &round.decisions {
        let (_, stage) = stage_of(request, &decision.ballot.stage);
        let name = show::one_line(decision.by.name.as_str());
        let said = format!("{stage}, {name}: {}", decision.ballot.opinion.participle());
        match &decision.ballot.reason {
            Some(reason) => {
                content.say(format!("{said}, with this reason:"));
                content.quote(reason.as_str());
            }
            None => content.say(format!("{said}, without a reason.")),
        }
    }
}

/// The end of the request's audit chain and the newest checkpoint: whoever keeps the letter can tell later that nothing
/// before it was rewritten.
fn evidence(occasion: Occasion<'_>) -> Vec<(&'static str, String)> {
    let head = occasion.request.head;
    let mut evidence = vec![("Audit chain", format!("event {}, {}", head.sequence, head.hash))];
    evidence.extend(
        occasion.checkpoint.map(|made| ("Newest checkpoint", format!("number {}, {}", made.number, made.digest))),
    );
    evidence
}
