//! The groups of a user pool: who may review is often known there before they first come.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::UserType;
use std::collections::BTreeSet;
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Membership, Person, Scope, Who};
use workflow::domain::text::{Group, PersonName};

use crate::failure::{Failure, Outcome};

/// A user pool.
#[derive(Debug, Clone)]
pub(super) struct UserPool {
    client: Client,
    id: String,
}

impl UserPool {
    pub(super) fn new(client: Client, id: &str) -> Self {
        Self { client, id: id.to_owned() }
    }

    /// The users of a group; none for a group that the pool does not have. Users without an address are left out:
    /// nobody can be told anything.
    pub(super) async fn members(&self, group: &Group) -> Outcome<Vec<Person>> {
        let call = self.client.list_users_in_group().user_pool_id(&self.id).group_name(group.as_str());
        let mut pages = call.into_paginator().items().send();
        let mut members = Vec::new();
        while let Some(user) = pages.next().await {
            match user.map_err(Failure::of) {
                Ok(user) => members.extend(self.person(&user, group)),
                Err(failure) if failure.code() == "ResourceNotFoundException" => break,
                Err(failure) => return Err(failure),
            }
        }
        Ok(members)
    }

    fn person(&self, user: &UserType, group: &Group) -> Option<Person> {
        let attribute = |name: &str| {
            let mut all = user.attributes().iter();
            all.find(|attribute| attribute.name() == name).and_then(|attribute| attribute.value())
        };
        let email = Email::parse(attribute("email")?).ok()?;
        let name = attribute("name").unwrap_or(email.as_str()).to_owned();
        let subject = attribute("sub").or(user.username())?.to_owned();
        let is_verified = attribute("email_verified") == Some("true");
        let who = Who {
            name: PersonName::parse(name).ok()?,
            identities: BTreeSet::from([Identity { issuer: self.issuer(), subject }]),
            verified_emails: is_verified.then(|| email.clone()).into_iter().collect(),
            email,
        };
        let membership = Membership { group: group.clone(), scope: Scope::Everywhere };
        Some(Person { who, memberships: BTreeSet::from([membership]), disabled: !user.enabled() })
    }

    /// The issuer of the pool's tokens. The name of a pool begins with its region.
    fn issuer(&self) -> String {
        let region = self.id.split('_').next().unwrap_or_default();
        format!("https://cognito-idp.{region}.amazonaws.com/{}", self.id)
    }
}
