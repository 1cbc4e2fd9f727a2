//! Administer: what the people who run a house change in it, beside requests. Whether they may is asked by whoever
//! calls; each change is on the access log before it happens.

use super::Caller;
use crate::domain::access::{Access, Look};
use crate::domain::deed::Deed;
use crate::domain::digest::of_canonical;
use crate::domain::email::Email;
use crate::domain::person::Person;
use crate::domain::policy::Policy;
use crate::domain::text::{PolicyName, ProjectId};
use crate::ports::{PortResult, Ports};

/// On whose account a house is administered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hand {
    /// Who, if somebody of the directory is known to do it.
    pub person: Option<Email>,
    /// The user of the machine on whose account the command line ran, where it did.
    pub system_user: Option<String>,
    /// From where: a network address, or `command line`.
    pub origin: Option<String>,
}

impl Hand {
    /// Puts on record what is about to be done. Whoever does it must not, if this fails.
    pub async fn note(&self, ports: &Ports, deed: Deed) -> PortResult<()> {
        let access = Access {
            at: ports.clock.now(),
            person: self.person.clone(),
            system_user: self.system_user.clone(),
            origin: self.origin.clone(),
            what: Look::Changed(deed),
        };
        ports.access_log.append(&access).await
    }
}

impl From<&Caller> for Hand {
    fn from(caller: &Caller) -> Self {
        Self {
            person: Some(caller.who.email.clone()),
            system_user: caller.system_user.clone(),
            origin: caller.origin.clone(),
        }
    }
}

/// Publishes a version of a policy. Again: nothing but another entry.
pub async fn publish_policy(ports: &Ports, hand: &Hand, policy: &Policy) -> PortResult<()> {
    hand.note(ports, Deed::PolicyPublished { policy: policy.label(), digest: of_canonical(policy) }).await?;
    ports.policies.publish(policy).await
}

/// Says that a policy applies to a project, or to the house. Again: nothing but another entry.
pub async fn assign_policy(
    ports: &Ports,
    hand: &Hand,
    policy: &PolicyName,
    project: Option<&ProjectId>,
) -> PortResult<()> {
    hand.note(ports, Deed::PolicyAssigned { policy: policy.clone(), project: project.cloned() }).await?;
    ports.policies.assign(policy, project).await
}

/// Enters somebody into the directory, or replaces what is known of them. Again: nothing but another entry.
pub async fn enter_person(ports: &Ports, hand: &Hand, person: &Person) -> PortResult<()> {
    let groups = person.memberships.iter().map(ToString::to_string).collect();
    hand.note(ports, Deed::PersonEntered { email: person.who.email.clone(), groups }).await?;
    ports.people.save(person).await
}

/// Shuts somebody's account, and answers the person as they are then. Again: nothing but another entry.
pub async fn shut_account(ports: &Ports, hand: &Hand, mut person: Person) -> PortResult<Person> {
    hand.note(ports, Deed::AccountShut { email: person.who.email.clone() }).await?;
    person.disabled = true;
    ports.people.save(&person).await?;
    Ok(person)
}
