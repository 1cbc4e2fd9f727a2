//! What the viewer may do about a request: the actions' own answers, asked beforehand.

use std::sync::Arc;

use async_graphql::{Object, Result, SimpleObject};
use workflow::actions::offer::{self, Offer};
use workflow::domain::request::Request;

use crate::call;
use crate::refused::Refused;

/// Whether something may be done, or the refusal that who tries it gets.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Leave {
    /// Whether it may be done.
    may: bool,
    /// Why not.
    refused: Option<Refused>,
}

impl Leave {
    pub(crate) fn none(refused: Refused) -> Self {
        Self { may: false, refused: Some(refused) }
    }
}

impl From<Offer> for Leave {
    fn from(offer: Offer) -> Self {
        Self { may: offer.is_ok(), refused: offer.err().map(Refused::from) }
    }
}

/// What the viewer may do about a request.
#[derive(Debug, Clone)]
pub(crate) struct Can(pub(super) Arc<Request>);

/// What the viewer may do about a request as it stands now. Each is what the mutation would answer.
#[Object]
impl Can {
    /// Decide at the current stage.
    async fn decide(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        Ok(offer::decide(call(ctx)?.person().await?, &self.0).into())
    }

    /// Take it back.
    async fn withdraw(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        let call = call(ctx)?;
        Ok(offer::withdraw(call.person().await?, &self.0, call.ports.clock.now()).into())
    }

    /// Submit the next round.
    async fn resubmit(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        Ok(offer::resubmit(call(ctx)?.person().await?, &self.0).into())
    }

    /// Comment.
    async fn comment(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        Ok(offer::comment(call(ctx)?.person().await?, &self.0).into())
    }

    /// Have a download granted.
    async fn download(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        let call = call(ctx)?;
        Ok(offer::grant_download(call.person().await?, &self.0, call.ports.clock.now()).into())
    }

    /// Let it go on after a failure.
    async fn retry(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        let call = call(ctx)?;
        Ok(offer::retry(call.person().await?, &self.0, call.ports.clock.now()).into())
    }

    /// End it.
    async fn abort(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        let call = call(ctx)?;
        Ok(offer::abort(call.person().await?, &self.0, call.ports.clock.now()).into())
    }

    /// Call the release back.
    async fn revoke(&self, ctx: &async_graphql::Context<'_>) -> Result<Leave> {
        let call = call(ctx)?;
        Ok(offer::revoke(call.person().await?, &self.0, call.ports.clock.now()).into())
    }
}
