//! Policies.

use async_graphql::Result;

use crate::context::Context;
use crate::fault::fault;
use crate::policy::PolicyView;

pub(super) async fn answer(call: &Context) -> Result<Vec<PolicyView>> {
    call.person().await?;
    let policies = call.ports.policies.list().await.map_err(|error| fault(call, &error))?;
    let view = |(policy, projects)| PolicyView { policy, projects: Some(projects) };
    Ok(policies.into_iter().map(view).collect())
}
