//! Policies by version, and which one applies to a project.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::policy::Policy;
use crate::domain::text::{PolicyName, ProjectId};

/// Policies by version.
#[async_trait]
pub trait Policies: Send + Sync {
    /// The newest version of the policy that applies to a project: its own, or else the house's.
    async fn for_project(&self, project: &ProjectId) -> PortResult<Policy>;

    /// One version, or the newest; none if there is none.
    async fn find(&self, name: &PolicyName, version: Option<u32>) -> PortResult<Option<Policy>>;

    /// The newest version of each policy, with the projects that it was assigned to; the house's own is named first.
    async fn list(&self) -> PortResult<Vec<(Policy, Vec<ProjectId>)>>;

    /// Publishes a version. Versions are immutable: `Conflict` if it is there with other content. Again: nothing.
    async fn publish(&self, policy: &Policy) -> PortResult<()>;

    /// Says that a policy applies to a project, or to the house. `Missing` if there is no such policy. Again: nothing.
    async fn assign(&self, name: &PolicyName, project: Option<&ProjectId>) -> PortResult<()>;
}
