//! The directory: who people are, and which groups they are in.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::email::Email;
use crate::domain::person::{Identity, Person};
use crate::domain::text::{Group, ProjectId};

/// The directory.
#[async_trait]
pub trait People: Send + Sync {
    /// The person of an account, as known now.
    async fn by_identity(&self, identity: &Identity) -> PortResult<Option<Person>>;

    /// The person whose address this is, as known now.
    async fn by_email(&self, email: &Email) -> PortResult<Option<Person>>;

    /// The members of a group as far as a project is concerned (every project if none is named), without those who
    /// are disabled.
    async fn members(&self, group: &Group, project: Option<&ProjectId>) -> PortResult<Vec<Person>>;

    /// Everybody, by address.
    async fn all(&self) -> PortResult<Vec<Person>>;

    /// Enters somebody, or replaces what is known of them (by address). Again: nothing.
    async fn save(&self, person: &Person) -> PortResult<()>;
}
