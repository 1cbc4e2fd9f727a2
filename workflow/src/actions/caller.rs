//! Who asks: proven by an authenticator of the house, and looked up in the directory each time.

use std::collections::BTreeSet;

use super::ActionError;
use crate::domain::audit::Actor;
use crate::domain::permission::Refusal;
use crate::domain::person::{Person, Who};
use crate::domain::text::Group;
use crate::ports::{PortError, Ports};

/// Somebody whose identity an authenticator has proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub who: Who,
    /// The groups that their token claims, where a token carries groups: then only memberships that the directory and
    /// the token both name count.
    pub claimed: Option<BTreeSet<Group>>,
    /// The user of the machine on whose account the command line ran, where it did.
    pub system_user: Option<String>,
    /// From where: a network address, or `command line`.
    pub origin: Option<String>,
}

impl Caller {
    /// The person as the directory knows them at this moment.
    pub async fn person(&self, ports: &Ports) -> Result<Person, ActionError> {
        let mut person = self.look_up(ports).await?.ok_or(Refusal::Disabled)?;
        if let Some(claimed) = &self.claimed {
            person.memberships.retain(|membership| claimed.contains(&membership.group));
        }
        Ok(person)
    }

    async fn look_up(&self, ports: &Ports) -> Result<Option<Person>, PortError> {
        for identity in &self.who.identities {
            if let Some(person) = ports.people.by_identity(identity).await? {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }

    /// The caller as the audit names them.
    pub fn actor(&self, person: &Person) -> Actor {
        Actor::Person { who: Box::new(person.who.clone()), system_user: self.system_user.clone() }
    }
}
