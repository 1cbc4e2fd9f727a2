//! How an account that the user pool vouches for becomes a person of the directory.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Authenticator, Proof};
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Person, Scope, Who};
use workflow::domain::text::{Group, PersonName};
use workflow::ports::{PortResult, Ports};

use super::keys::Prover;
use super::token::{self, Claims};

/// Lets people in by the pool's tokens.
pub struct Doorkeeper {
    /// The house.
    pub ports: Ports,
    /// Who proves tokens.
    pub prover: Arc<Prover>,
}

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) person: Person,
    pub(crate) identity: Identity,
    pub(crate) claimed: BTreeSet<Group>,
}

impl Doorkeeper {
    /// Proves a token and enters its person; none if it proves nothing, or nobody whom the directory may know.
    pub(crate) async fn admit(&self, bearer: &str) -> PortResult<Option<(Entered, Claims)>> {
        let claims = match self.prover.prove(bearer, self.ports.clock.now()).await? {
            Ok(claims) => claims,
            Err(bad) => {
                tracing::warn!(%bad, "a token proves nothing");
                return Ok(None);
            }
        };
        let entered = enter(&self.ports, &claims).await?;
        Ok(entered.filter(|entered| !entered.person.disabled).map(|entered| (entered, claims)))
    }
}

/// Enters an account, or brings up to date what the pool says of it: its groups. They count everywhere, unless operators
/// narrowed them to projects, and that stays. An account without a verified address is nobody.
pub(crate) async fn enter(ports: &Ports, claims: &Claims) -> PortResult<Option<Entered>> {
    let identity = Identity { issuer: claims.issuer.clone(), subject: claims.subject.clone() };
    let email = claims.verified_email.clone().and_then(|email| Email::parse(email).ok());
    let known = match (ports.people.by_identity(&identity).await?, &email) {
        (Some(person), _) => Some(person),
        (None, Some(email)) => ports.people.by_email(email).await?,
        (None, None) => None,
    };
    let before = known.clone();
    let Some(mut person) = known.or_else(|| newcomer(email.as_ref()?, claims)) else { return Ok(None) };
    let claimed: BTreeSet<Group> = claims.groups.iter().filter_map(|group| Group::parse(group.clone()).ok()).collect();
    person.who.identities.insert(identity.clone());
    person.who.verified_emails.extend(email);
    person.memberships.retain(|membership| membership.scope != Scope::Everywhere);
    person.take_on(claimed.iter().cloned());
    if before.as_ref() != Some(&person) {
        ports.people.save(&person).await?;
    }
    Ok(Some(Entered { person, identity, claimed }))
}

fn newcomer(email: &Email, claims: &Claims) -> Option<Person> {
    let name = claims.name.clone().and_then(|name| PersonName::parse(name).ok());
    let name = name.or_else(|| PersonName::parse(email.as_str().to_owned()).ok())?;
    let who = Who { name, email: email.clone(), identities: BTreeSet::new(), verified_emails: BTreeSet::new() };
    Some(Person { who, memberships: BTreeSet::new(), disabled: false })
}

#[async_trait]
impl Authenticator for Doorkeeper {
    async fn authenticate(&self, bearer: &str) -> PortResult<Proof> {
        if !token::looks_like_one(bearer) {
            return Ok(Proof::Absent);
        }
        let admitted = self.admit(bearer).await?;
        Ok(admitted.map_or(Proof::Bad, |(entered, _)| Proof::Good {
            identity: entered.identity,
            claimed: Some(entered.claimed),
        }))
    }
}
