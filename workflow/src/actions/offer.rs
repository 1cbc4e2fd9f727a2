//! What a person is offered to do about a request as it stands: each asks what the action itself would be told, and
//! answers the refusal that it would get. Nothing is changed or logged by asking.

use jiff::Timestamp;

use crate::domain::audit::Actor;
use crate::domain::digest::Digest;
use crate::domain::permission::{Refusal, may_answer, may_comment, may_decide, may_download, may_operate};
use crate::domain::person::Person;
use crate::domain::request::Request;
use crate::domain::status::Happening;
use crate::domain::text::Reason;
use crate::domain::verdict::{Tally, tally};

/// Whether a person may do something now.
pub type Offer = Result<(), Refusal>;

/// To decide at the current stage.
pub fn decide(person: &Person, request: &Request) -> Offer {
    let may = may_decide(person, request)?;
    let stage = request.policy().and_then(|policy| policy.stage(may.stage()));
    let round = request.round();
    match stage.map(|stage| tally(stage, round.number, &round.decisions)) {
        Some(Tally::Passed | Tally::Rejected | Tally::Returned) => Err(Refusal::StageClosed),
        Some(Tally::Open { .. }) | None => Ok(()),
    }
}

/// To take it back.
pub fn withdraw(person: &Person, request: &Request, now: Timestamp) -> Offer {
    let may = may_answer(person, request)?;
    request.withdraw(&may, None, actor(person), now).map(drop)
}

/// To submit the next round.
pub fn resubmit(person: &Person, request: &Request) -> Offer {
    may_answer(person, request)?;
    request.status.next(&Happening::Resubmitted)?;
    Ok(())
}

/// To comment.
pub fn comment(person: &Person, request: &Request) -> Offer {
    may_comment(person, request).map(drop)
}

/// To have a download granted.
pub fn grant_download(person: &Person, request: &Request, now: Timestamp) -> Offer {
    let may = may_download(person, request)?;
    request.grant_download(&may, Digest::of(&[]), actor(person), now).map(drop)
}

/// To let it go on after a failure.
pub fn retry(person: &Person, request: &Request, now: Timestamp) -> Offer {
    let may = may_operate(person)?;
    request.resume(&may, None, actor(person), now).map(drop)
}

/// To end it.
pub fn abort(person: &Person, request: &Request, now: Timestamp) -> Offer {
    let may = may_operate(person)?;
    request.abort(&may, a_reason()?, actor(person), now).map(drop)
}

/// To call the release back.
pub fn revoke(person: &Person, request: &Request, now: Timestamp) -> Offer {
    let may = may_operate(person)?;
    request.revoke(&may, a_reason()?, actor(person), now).map(drop)
}

fn actor(person: &Person) -> Actor {
    Actor::person(person.who.clone())
}

/// Some reason: whether the one that is given later will do is asked then.
fn a_reason() -> Result<Reason, Refusal> {
    Reason::parse("-").map_err(|bad| crate::bug!("a dash is no reason: {bad}"))
}
