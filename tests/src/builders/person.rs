//! People, a trait at a time.

use std::collections::BTreeSet;

use workflow::domain::person::{Identity, Membership, Person, Scope, Who};
use workflow::domain::text::PersonName;

use super::{email, group, project};

/// A person who is being described.
#[derive(Debug, Clone)]
pub struct PersonBuilder {
    person: Person,
}

impl PersonBuilder {
    pub(super) fn new(address: &str) -> Self {
        let who = Who {
            name: PersonName::parse(address).unwrap(),
            email: email(address),
            identities: [Identity { issuer: "lockgate".to_owned(), subject: address.to_lowercase() }].into(),
            verified_emails: [email(address)].into(),
        };
        Self { person: Person { who, memberships: BTreeSet::new(), disabled: false } }
    }

    /// Makes them a member of a group, whatever the project.
    #[must_use]
    pub fn in_group(mut self, name: &str) -> Self {
        self.person.memberships.insert(Membership { group: group(name), scope: Scope::Everywhere });
        self
    }

    /// Makes them a member of a group as far as some projects are concerned.
    #[must_use]
    pub fn in_group_of(mut self, name: &str, projects: &[&str]) -> Self {
        let scope = Scope::Projects(projects.iter().map(|name| project(name)).collect());
        self.person.memberships.insert(Membership { group: group(name), scope });
        self
    }

    /// Gives them another account.
    #[must_use]
    pub fn with_identity(mut self, issuer: &str, subject: &str) -> Self {
        self.person.who.identities.insert(Identity { issuer: issuer.to_owned(), subject: subject.to_owned() });
        self
    }

    /// Gives them another verified address.
    #[must_use]
    pub fn with_verified(mut self, address: &str) -> Self {
        self.person.who.verified_emails.insert(email(address));
        self
    }

    /// Takes every account away.
    #[must_use]
    pub fn without_identities(mut self) -> Self {
        self.person.who.identities.clear();
        self
    }

    /// Shuts them out.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.person.disabled = true;
        self
    }

    /// The person.
    pub fn build(self) -> Person {
        self.person
    }
}
