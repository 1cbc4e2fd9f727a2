//! What can be asked.

mod audit;
mod filter;
mod policies;
mod requests;
mod stuck;
mod viewer;

use async_graphql::{ID, Object, Result};
use workflow::actions::{ActionError, view};

use crate::fault::fault_of;
use crate::request::RequestView;
use crate::{call, limits};
use audit::AuditPayload;
use filter::{RequestFilter, RequestListInput, RequestOrder};
use requests::RequestsPayload;

/// What can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Query;

/// What can be asked. Whatever it is, it is answered as far as the caller may see it.
#[Object]
impl Query {
    /// Who asks, what they may do, and what waits for them.
    #[graphql(complexity = "5 + child_complexity")]
    async fn viewer(&self, ctx: &async_graphql::Context<'_>) -> Result<viewer::Viewer> {
        Ok(viewer::Viewer(call(ctx)?.person().await?.clone()))
    }

    /// One request; none if there is none, or if it is not the caller's to see. That it was opened goes on record.
    #[graphql(complexity = "5 + child_complexity")]
    async fn request(&self, ctx: &async_graphql::Context<'_>, id: ID) -> Result<Option<RequestView>> {
        let call = call(ctx)?;
        call.person().await?;
        let Ok(id) = id.parse() else { return Ok(None) };
        match view::run(&call.ports, &call.caller, id).await {
            Ok((_, request)) => Ok(Some(request.into())),
            Err(ActionError::Refused(_)) => Ok(None),
            Err(error) => Err(fault_of(call, error).into()),
        }
    }

    /// A list of requests. Each list is kept in one order, from one index; further conditions are examined row by row,
    /// on at most 1,000 rows a page. Lists may lag behind a change for a moment; `request` does not.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn requests(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(desc = "Which list.")] list: RequestListInput,
        #[graphql(name = "where", desc = "Further conditions.")] filter: Option<RequestFilter>,
        #[graphql(desc = "The order that is expected; any but the list's own is refused.")] order: Option<RequestOrder>,
        #[graphql(default = 25, desc = "At most how many rows, up to 100.")] first: i32,
        #[graphql(desc = "From where on, as the page before named it.")] after: Option<String>,
    ) -> Result<RequestsPayload> {
        requests::answer(call(ctx)?, (list, filter, order), (first, after)).await
    }

    /// The audit chain of one request, for auditors and operators. That it was read goes on record.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn audit(
        &self,
        ctx: &async_graphql::Context<'_>,
        request: ID,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<AuditPayload> {
        audit::answer(call(ctx)?, request, (first, after)).await
    }

    /// The newest version of each policy; the house's own is named first.
    #[graphql(complexity = "10 + 2 * child_complexity")]
    async fn policies(&self, ctx: &async_graphql::Context<'_>) -> Result<Vec<crate::policy::PolicyView>> {
        policies::answer(call(ctx)?).await
    }

    /// What waits for an operator.
    #[graphql(complexity = "10 + child_complexity")]
    async fn stuck(&self, ctx: &async_graphql::Context<'_>) -> Result<stuck::StuckPayload> {
        stuck::answer(call(ctx)?).await
    }
}
