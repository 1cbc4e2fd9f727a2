//! Whom a letter is for: looked up when it is delivered, so that who joined or left meanwhile is seen.

use super::task::{Draft, Task};
use crate::amend;
use crate::domain::email::Email;
use crate::domain::outbox::{Letter, Recipient};
use crate::domain::permission::may_decide;
use crate::domain::person::{OPERATORS, Person};
use crate::domain::policy::{Audience, Stage};
use crate::domain::request::Request;
use crate::domain::text::{Group, StageId};
use crate::letter::{Capacity, is_timely};
use crate::ports::{Kind, PortError, PortResult, Ports};

/// People, and why they get a letter.
#[derive(Debug, PartialEq, Eq)]
struct Addressees {
    capacity: Capacity,
    emails: Vec<Email>,
}

/// Finds out whom the letter of a task has still to reach. A letter whose moment has passed is for nobody; one that
/// would reach nobody goes to the operators, and says so; if there are none either, that is trouble.
pub(super) async fn find(ports: &Ports, task: &mut Task, to: &Recipient, about: Letter) -> PortResult<()> {
    let request = amend::find(ports, task.id().request).await?;
    if !is_timely(&request, &about) {
        return Ok(());
    }
    let mut found = meant(ports, &request, to).await?;
    if found.emails.is_empty() {
        found = stand_ins(ports, found.capacity).await?;
    }
    found.emails.retain(|email| !task.leased.delivered_to.contains(email));
    let checkpoint = None;
    task.letter = Some(Draft { request, about, capacity: found.capacity, addressees: found.emails, checkpoint });
    Ok(())
}

async fn meant(ports: &Ports, request: &Request, to: &Recipient) -> PortResult<Addressees> {
    Ok(match to {
        Recipient::Audience(Audience::Requester) => requesters(request),
        Recipient::Audience(Audience::Group(group)) if group.as_str() == OPERATORS => operators(ports).await?,
        Recipient::Audience(Audience::Group(group)) => {
            let members = ports.people.members(group, Some(&request.project)).await?;
            Addressees { capacity: Capacity::Member(group.clone()), emails: addresses(&members) }
        }
        Recipient::Reviewers(stage) => reviewers(ports, request, stage).await?,
        Recipient::Operators => operators(ports).await?,
        Recipient::Address(email) => Addressees { capacity: Capacity::Named, emails: vec![email.clone()] },
    })
}

/// Everyone who asked, the submitter first.
fn requesters(request: &Request) -> Addressees {
    let mut emails = Vec::new();
    for who in &request.requesters {
        if !emails.contains(&who.email) {
            emails.push(who.email.clone());
        }
    }
    Addressees { capacity: Capacity::Requester, emails }
}

/// The members of a stage's group who may decide now: permission says who that is.
async fn reviewers(ports: &Ports, request: &Request, id: &StageId) -> PortResult<Addressees> {
    let Some(stage) = stage_of(request, id) else {
        let missing = PortError::new("request store", format!("find stage {id} of {}", request.id), Kind::Missing);
        return Err(missing.because("the policy of the request has no such stage"));
    };
    let mut members = ports.people.members(&stage.group, Some(&request.project)).await?;
    members.retain(|person| may_decide(person, request).is_ok());
    Ok(Addressees { capacity: Capacity::reviewer(stage), emails: addresses(&members) })
}

fn stage_of<'a>(request: &'a Request, id: &StageId) -> Option<&'a Stage> {
    request.policy()?.stages.iter().find(|stage| stage.id == *id)
}

async fn operators(ports: &Ports) -> PortResult<Addressees> {
    let Ok(group) = Group::parse(OPERATORS) else { crate::bug!("the operators' group has no good name") };
    let members = ports.people.members(&group, None).await?;
    Ok(Addressees { capacity: Capacity::Operator, emails: addresses(&members) })
}

/// The operators in the place of people who are not there.
async fn stand_ins(ports: &Ports, meant: Capacity) -> PortResult<Addressees> {
    let instead_of = in_words(&meant);
    let found = operators(ports).await?;
    if found.emails.is_empty() {
        let nobody = PortError::new("people", format!("find {instead_of}, or an operator"), Kind::Transient);
        return Err(nobody.because("there is nobody; add somebody to the group, or an operator"));
    }
    Ok(Addressees { capacity: Capacity::StandIn { instead_of }, ..found })
}

fn in_words(capacity: &Capacity) -> String {
    match capacity {
        Capacity::Requester => "the requester".to_owned(),
        Capacity::Reviewer { stage, group } => {
            format!("those of the group {group} who may decide at the stage {stage}")
        }
        Capacity::Member(group) => format!("the group {group}"),
        Capacity::Operator | Capacity::StandIn { .. } => "the operators".to_owned(),
        Capacity::Named => "the named address".to_owned(),
    }
}

/// Everybody's address, once, in the order of the addresses.
fn addresses(people: &[Person]) -> Vec<Email> {
    let mut emails: Vec<_> =
        people.iter().filter(|person| !person.disabled).map(|person| person.who.email.clone()).collect();
    emails.sort();
    emails.dedup();
    emails
}
