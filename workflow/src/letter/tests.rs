//! What letters say, and what nobody can make them say.

mod hostile;
mod read;
mod wording;

use jiff::Timestamp;

use super::*;
use crate::domain::decision::Opinion;
use crate::domain::digest::Digest;
use crate::domain::id::RoundNumber;
use crate::domain::outbox::{Errand, Letter, Message, MessageId, Recipient};
use crate::domain::person::Person;
use crate::domain::policy::Policy;
use crate::domain::release::{Disposal, PublishedArchive, RecordReference, Release};
use crate::domain::request::tests::{Life, person};
use crate::domain::request::{Request, Withdrawal};
use crate::domain::status::{Cause, End, Status};
use crate::domain::text::{Reason, StageId, Title};

pub(crate) fn sender() -> Sender {
    let from = Email::parse("lockgate@trust.example").unwrap();
    Sender::new(from, Title::parse("Trust Data Gate").unwrap(), "https://gate.trust.example".parse().unwrap()).unwrap()
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

pub(crate) fn first_stage() -> StageId {
    StageId::parse("information_governance").unwrap()
}

pub(crate) fn message(request: &Request, sequence: u64, about: &Letter) -> Message {
    Message {
        id: MessageId { request: request.id, sequence, index: 0 },
        created_at: instant("2026-03-03T15:41:31Z"),
        errand: Errand::Tell { to: Recipient::Operators, about: about.clone() },
    }
}

/// A request in review at its first stage, with something to say for itself.
pub(crate) fn in_review() -> Life {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    life.request.purpose =
        Some(reason("Tables for the second paper.\n\nSee https://journal.example/guide for its rules."));
    life
}

fn iris() -> Person {
    person("iris", &["InformationGovernance"])
}

/// The request once its first stage said something that ends the round, and the round's data was put away.
fn ended(opinion: Opinion, end: End) -> Request {
    let mut life = in_review();
    life.decide(&iris(), opinion).unwrap();
    life.rule(instant("2026-03-04T10:00:00Z"));
    let mut request = life.request;
    request.status = end.status();
    request.answer_by = (end == End::Returned).then(|| instant("2026-04-01T09:00:00Z"));
    request.withdrawal = (end == End::Withdrawn).then(|| Withdrawal {
        by: request.requesters[0].clone(),
        reason: None,
        asked_at: instant("2026-03-04T10:00:00Z"),
    });
    let disposal = Disposal { due_at: instant("2026-03-18T10:00:00Z"), proof: None };
    request.rounds.last_mut().unwrap().disposal = Some(disposal);
    request
}

fn released() -> Request {
    let mut life = in_review();
    life.decide(&iris(), Opinion::Approve).unwrap();
    life.rule(instant("2026-03-04T10:00:00Z"));
    life.decide(&person("rita", &["TREAdmin"]), Opinion::Approve).unwrap();
    life.rule(instant("2026-03-05T10:00:00Z"));
    let archive = PublishedArchive {
        key: "k".into(),
        version: "v".into(),
        size: 12_345_678,
        digest: Digest::of(b"archive"),
        released_at: instant("2026-03-05T10:01:00Z"),
    };
    let plan = RecordReference { key: "p".into(), digest: Digest::of(b"plan") };
    let mut request = life.request;
    request.release = Some(Release { plan, assembly: None, progress: None, archive: Some(archive) });
    request.status = Status::Released;
    request
}

fn failed() -> Request {
    let mut request = in_review().request;
    let cause = Cause {
        state: "Stage".into(),
        error: "Lockgate.Missing".into(),
        sentence: "version 3 of tables/r.csv is gone from the source".into(),
    };
    request.status = Status::Failed { cause, resume_at: Box::new(Status::Staging) };
    request
}

fn end_letter(end: End, round: RoundNumber, why: Option<&str>) -> Letter {
    Letter::Ended { end, round, reason: why.map(reason) }
}

fn reviewer() -> Capacity {
    Capacity::reviewer(&Policy::parse(Policy::TWO_STAGE).unwrap().stages[0])
}

/// One of each letter, with a request for which it is written. The chain's end is a fixed one, so that what letters say
/// does not hang on how requests are stored.
pub(crate) fn every_letter() -> Vec<(&'static str, Request, Letter, Capacity)> {
    let mut letters = letters();
    for (_, request, ..) in &mut letters {
        request.head.hash = Digest::of(b"the end of the chain");
    }
    letters
}

fn letters() -> Vec<(&'static str, Request, Letter, Capacity)> {
    let (stage, round) = (first_stage(), 1);
    let expired = end_letter(End::Expired, 1, None);
    let withdrawn = end_letter(End::Withdrawn, 1, Some("wrong folder"));
    let failure = Letter::Failed { sentence: "version 3 of tables/r.csv is gone from the source".into() };
    vec![
        ("received", in_review().request, Letter::Received, Capacity::Requester),
        ("queued", queued(), Letter::Queued, Capacity::Requester),
        ("review_wanted", in_review().request, Letter::ReviewWanted { stage: stage.clone(), round }, reviewer()),
        ("reminder", in_review().request, Letter::Reminder { stage: stage.clone(), round, count: 2 }, reviewer()),
        ("escalation", in_review().request, Letter::Escalation { stage, round }, Capacity::Operator),
        ("released", released(), Letter::Released, Capacity::Requester),
        ("rejected", ended(Opinion::Reject, End::Rejected), end_letter(End::Rejected, 1, None), Capacity::Requester),
        ("returned", ended(Opinion::Return, End::Returned), end_letter(End::Returned, 1, None), Capacity::Requester),
        ("withdrawn", ended(Opinion::Approve, End::Withdrawn), withdrawn, Capacity::Requester),
        ("expired", in_review().request, expired.clone(), Capacity::Requester),
        ("expired_after_return", ended(Opinion::Return, End::Expired), expired, Capacity::Requester),
        ("revoked", released(), Letter::Revoked { reason: reason("a cell was too small") }, Capacity::Requester),
        ("failed", failed(), failure, Capacity::Operator),
        ("undeliverable", in_review().request, undeliverable(), Capacity::Operator),
        ("commented", in_review().request, Letter::Commented { text: reason("Which tables?") }, Capacity::Requester),
    ]
}

fn undeliverable() -> Letter {
    let message = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21.4.0".parse().unwrap();
    let trouble = "iris@trust.example: mailer: send it was not allowed: the mail server answered 550 no such mailbox";
    Letter::Undeliverable { message, trouble: trouble.into() }
}

fn queued() -> Request {
    let mut request = Life::begin().request;
    request.status = Status::Queued;
    request
}
