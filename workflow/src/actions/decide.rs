//! Decide: the decision is committed first, then the workflow is woken.

use super::{ActionError, Caller, act, wake};
use crate::domain::decision::{Ballot, Decision};
use crate::domain::id::RequestId;
use crate::domain::permission::{Refusal, may_decide, may_view};
use crate::domain::person::Person;
use crate::domain::request::Request;
use crate::domain::verdict::{Tally, tally};
use crate::ports::Ports;

/// Records what a reviewer says and answers the request as it is then.
///
/// An honest decision is made again, not refused, when somebody else decided or commented meanwhile. The same ballot
/// by the same person once more: the decision that is on record.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, ballot: Ballot) -> Result<Request, ActionError> {
    let request = act(ports, caller, ("decide", id), |person, request, now| {
        may_view(person, request)?;
        if is_on_record(person, request, &ballot) {
            return Ok(None);
        }
        refuse_closed(request, &ballot)?;
        let may = may_decide(person, request)?;
        let change = request.decide(&may, ballot.clone(), caller.actor(person), now)?;
        Ok(Some(change))
    })
    .await?;
    wake(ports, &request).await;
    Ok(request)
}

fn is_on_record(person: &Person, request: &Request, ballot: &Ballot) -> bool {
    let same = |d: &Decision| d.ballot == *ballot && d.by.is_same_person(&person.who);
    request.rounds.iter().flat_map(|round| &round.decisions).any(same)
}

/// Who is late for a stage of the current round hears that it has closed, wherever the request stands by now.
fn refuse_closed(request: &Request, ballot: &Ballot) -> Result<(), Refusal> {
    let round = request.round();
    let stage = request.policy().and_then(|policy| policy.stages.iter().find(|stage| stage.id == ballot.stage));
    let is_open = |stage| matches!(tally(stage, round.number, &round.decisions), Tally::Open { .. });
    match stage {
        Some(stage) if ballot.round == round.number && !is_open(stage) => Err(Refusal::StageClosed),
        Some(_) | None => Ok(()),
    }
}
