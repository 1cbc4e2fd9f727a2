//! People: whom the user pool does not tell apart by project, and who is shut out whatever it says.

use std::collections::BTreeSet;

use workflow::actions::administer::{self, Hand};
use workflow::domain::email::Email;
use workflow::domain::person::{Membership, Person, Scope, Who};
use workflow::domain::text::{Group, PersonName};
use workflow::ports::Ports;

use super::refused;
use crate::failure::Failure;

pub(super) async fn list(ports: &Ports) -> Result<String, Failure> {
    let lines = ports.people.all().await?.into_iter().map(|person| {
        let groups: Vec<String> = person.memberships.iter().map(ToString::to_string).collect();
        let state = if person.disabled { "; shut out" } else { "" };
        format!(
            "{}: {}{state}",
            person.who,
            if groups.is_empty() { "in no group".to_owned() } else { groups.join(" ") }
        )
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Enters somebody, or says anew to which projects groups of theirs are narrowed; they are let in again if they were shut
/// out. Whether they are in a group at all, the pool says.
pub(super) async fn enter(
    ports: &Ports,
    hand: &Hand,
    (email, name): (Email, Option<PersonName>),
    groups: &[String],
) -> Result<String, Failure> {
    let of_projects = memberships(groups)?;
    let known = ports.people.by_email(&email).await?;
    let mut person = match (known, name.clone()) {
        (Some(person), _) => person,
        (None, Some(name)) => newcomer(email, name),
        (None, None) => return Err(refused(format!("{email} is new here: say their name"))),
    };
    person.who.name = name.unwrap_or(person.who.name);
    person.disabled = false;
    let is_narrowed = |group: &Group| of_projects.iter().any(|membership| membership.group == *group);
    person.memberships.retain(|membership| membership.scope == Scope::Everywhere && !is_narrowed(&membership.group));
    person.memberships.extend(of_projects);
    administer::enter_person(ports, hand, &person).await?;
    Ok(format!("{} is in the directory.", person.who))
}

fn memberships(groups: &[String]) -> Result<BTreeSet<Membership>, Failure> {
    let read = |word: &String| match word.parse().map_err(refused)? {
        Membership { group, scope: Scope::Everywhere } => Err(refused(format!(
            "who is in {group} for every project, the user pool says: name projects, as in {group}@PROJECT"
        ))),
        of_projects @ Membership { .. } => Ok(of_projects),
    };
    groups.iter().map(read).collect()
}

/// Whoever enters them vouches for the address; their account is theirs once they come in with it.
fn newcomer(email: Email, name: PersonName) -> Person {
    let who = Who { name, identities: BTreeSet::new(), verified_emails: [email.clone()].into(), email };
    Person { who, memberships: BTreeSet::new(), disabled: false }
}

pub(super) async fn disable(ports: &Ports, hand: &Hand, email: &Email) -> Result<String, Failure> {
    let missing = || refused(format!("nobody of the address {email} is in the directory"));
    let person = ports.people.by_email(email).await?.ok_or_else(missing)?;
    let person = administer::shut_account(ports, hand, person).await?;
    Ok(format!("{} is shut out from now on, with every token that they hold.", person.who))
}
