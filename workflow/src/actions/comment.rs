//! Comment: somebody who takes part says something.

use super::{ActionError, Caller, act, refused};
use crate::amend::time_of_change;
use crate::domain::audit::{Actor, Event, Fact};
use crate::domain::digest::Digest;
use crate::domain::id::RequestId;
use crate::domain::permission::{Refusal, may_comment};
use crate::domain::person::Person;
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::request_store::Commit;
use crate::ports::{Kind, PortError, Ports};

/// How many of the newest events are searched for an earlier call of the same name.
const REMEMBERED: u64 = 500;
/// How often a named comment is made again because the request moved meanwhile.
const TRIES: u32 = 64;

/// Records a comment and answers the request as it is then. Every call records one.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, text: Reason) -> Result<Request, ActionError> {
    act(ports, caller, ("comment", id), |person, request, now| {
        let may = may_comment(person, request)?;
        Ok(Some(request.comment(&may, (text.clone(), None), caller.actor(person), now)))
    })
    .await
}

/// Records a comment whose call has a name. The same call by the same person once more adds nothing and answers the
/// request as it is, as long as fewer than 500 things happened to the request in between.
pub async fn run_once(
    ports: &Ports,
    caller: &Caller,
    id: RequestId,
    (text, call): (Reason, Digest),
) -> Result<Request, ActionError> {
    let person = caller.person(ports).await?;
    for _ in 0..TRIES {
        let request = ports.requests.find(id).await?;
        let may =
            request.as_ref().ok_or(Refusal::NoSuchRequest).and_then(|r| may_comment(&person, r).map(|may| (r, may)));
        let (request, may) = match may {
            Ok(found) => found,
            Err(refusal) => {
                caller.log(ports, refused(Some(id), "comment", &refusal)).await?;
                return Err(refusal.into());
            }
        };
        if is_on_record(ports, request, (&person, call)).await? {
            return Ok(request.clone());
        }
        let change =
            request.comment(&may, (text.clone(), Some(call)), caller.actor(&person), time_of_change(ports, request));
        if ports.requests.commit(&change).await? == Commit::Done {
            return Ok(change.after().clone());
        }
    }
    let moved = PortError::new("request store", format!("comment on {id}"), Kind::Transient);
    Err(moved.because("it never stood still").into())
}

/// The events are read after the request, so a call that came in between makes the commit stale.
async fn is_on_record(
    ports: &Ports,
    request: &Request,
    (person, wanted): (&Person, Digest),
) -> Result<bool, PortError> {
    let after = request.version().saturating_sub(REMEMBERED);
    let events = ports.requests.trail(request.id, after, u32::try_from(REMEMBERED).unwrap_or(u32::MAX)).await?;
    let same = |event: &Event| match (&event.fact, &event.actor) {
        (Fact::Commented { call: Some(call), .. }, Actor::Person { who, .. }) => {
            *call == wanted && who.is_same_person(&person.who)
        }
        _ => false,
    };
    Ok(events.iter().any(same))
}
