//! What can be done. Each mutation calls one action and answers what became of it.

mod input;
mod payload;
mod upload;

use async_graphql::{ID, Object, Result};
use workflow::actions;
use workflow::domain::id::RequestId;
use workflow::domain::outbox::MessageId;
use workflow::domain::permission::Refusal;

use crate::call;
use crate::limits::MUTATION;
use crate::refused::Refused;
use input::{
    AbortInput, CommentInput, CreateUploadInput, DecideInput, ResubmitInput, RetryInput, RevokeInput, SubmitInput,
    WithdrawInput,
};
use payload::{
    AbortPayload, Aborted, CommentPayload, Commented, CreateUploadPayload, DecidePayload, DownloadGranted,
    GrantDownloadPayload, MessageRetried, ReplayPayload, Replayed, ResubmitPayload, Retried, RetryMessagePayload,
    RetryPayload, RevokePayload, Revoked, SubmitPayload, WithdrawPayload, Withdrawn, outcome,
};

pub use payload::download_path;
pub(crate) use payload::link;

/// What can be done.
#[derive(Debug, Clone, Copy)]
pub struct Mutation;

/// A refusal, or what was read.
macro_rules! read {
    ($payload:ident, $reading:expr) => {
        match $reading {
            Ok(read) => read,
            Err(refused) => return Ok($payload::Refused(refused)),
        }
    };
}
pub(crate) use read;

/// What can be done. A refusal is an answer and has changed nothing; an error says that something did not work.
#[Object]
impl Mutation {
    /// Announces files of a project and answers where the bytes of each are `PUT`. With an `Idempotency-Key`, the same
    /// call again answers the same upload.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn create_upload(
        &self,
        ctx: &async_graphql::Context<'_>,
        input: CreateUploadInput,
    ) -> Result<CreateUploadPayload> {
        upload::create(call(ctx)?, input).await
    }

    /// Submits the files of an upload. The same upload again, or the same `Idempotency-Key`: the same request.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn submit(&self, ctx: &async_graphql::Context<'_>, input: SubmitInput) -> Result<SubmitPayload> {
        upload::submit(call(ctx)?, input).await
    }

    /// Says what the caller thinks of what they looked at. The same decision again is answered, not added.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn decide(&self, ctx: &async_graphql::Context<'_>, input: DecideInput) -> Result<DecidePayload> {
        let call = call(ctx)?;
        let id = read!(DecidePayload, input::request_id(&input.request));
        let ballot = read!(DecidePayload, input.ballot());
        let result = actions::decide::run(&call.ports, &call.caller, id, ballot).await;
        payload::decided(call, id, result).await
    }

    /// Takes a request of the caller's back. Again: refused, for it is being taken back.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn withdraw(&self, ctx: &async_graphql::Context<'_>, input: WithdrawInput) -> Result<WithdrawPayload> {
        let call = call(ctx)?;
        let id = read!(WithdrawPayload, input::request_id(&input.request));
        let reason = read!(WithdrawPayload, input::optional_reason("reason", input.reason));
        let result = actions::withdraw::run(&call.ports, &call.caller, id, reason).await;
        outcome!(call, result, WithdrawPayload, |request| Withdrawn { request })
    }

    /// Opens the next round of a returned request with the files of an upload. Again: refused, for it is under way.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn resubmit(&self, ctx: &async_graphql::Context<'_>, input: ResubmitInput) -> Result<ResubmitPayload> {
        upload::resubmit(call(ctx)?, input).await
    }

    /// Says something about a request. With an `Idempotency-Key`, the same call again adds nothing.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn comment(&self, ctx: &async_graphql::Context<'_>, input: CommentInput) -> Result<CommentPayload> {
        let call = call(ctx)?;
        let id = read!(CommentPayload, input::request_id(&input.request));
        let text = read!(CommentPayload, input::reason("text", &input.text));
        let result = match &call.idempotency_key {
            Some(key) => {
                let named = (text, input::call_digest(key));
                actions::comment::run_once(&call.ports, &call.caller, id, named).await
            }
            None => actions::comment::run(&call.ports, &call.caller, id, text).await,
        };
        outcome!(call, result, CommentPayload, |request| Commented { request })
    }

    /// Answers a link for the caller alone, under which the released archive can be had for a short while. Again while
    /// the link lives: another link, which is not counted; the earlier one is void.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn grant_download(&self, ctx: &async_graphql::Context<'_>, request: ID) -> Result<GrantDownloadPayload> {
        let call = call(ctx)?;
        let id = read!(GrantDownloadPayload, input::request_id(&request));
        let result = actions::grant_download::run(&call.ports, &call.caller, id).await;
        let reading = payload::reading(call, result)?;
        let granted = read!(GrantDownloadPayload, reading);
        Ok(GrantDownloadPayload::DownloadGranted(DownloadGranted::of(call, &granted)))
    }

    /// Lets a request that broke go on where it stood; for operators. Again: refused, for it goes on.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn retry(&self, ctx: &async_graphql::Context<'_>, input: RetryInput) -> Result<RetryPayload> {
        let call = call(ctx)?;
        let id = read!(RetryPayload, input::request_id(&input.request));
        let reason = read!(RetryPayload, input::optional_reason("reason", input.reason));
        let result = actions::retry::run(&call.ports, &call.caller, id, reason).await;
        outcome!(call, result, RetryPayload, |request| Retried { request })
    }

    /// Ends a request that is not over; for operators. Again: refused, for it is being ended.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn abort(&self, ctx: &async_graphql::Context<'_>, input: AbortInput) -> Result<AbortPayload> {
        let call = call(ctx)?;
        let id = read!(AbortPayload, input::request_id(&input.request));
        let reason = read!(AbortPayload, input::reason("reason", &input.reason));
        let result = actions::abort::run(&call.ports, &call.caller, id, reason).await;
        outcome!(call, result, AbortPayload, |request| Aborted { request })
    }

    /// Calls a release back; for operators. From then on no link is good. Again: refused, for it was called back.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn revoke(&self, ctx: &async_graphql::Context<'_>, input: RevokeInput) -> Result<RevokePayload> {
        let call = call(ctx)?;
        let id = read!(RevokePayload, input::request_id(&input.request));
        let reason = read!(RevokePayload, input::reason("reason", &input.reason));
        let result = actions::revoke::run(&call.ports, &call.caller, id, reason).await;
        outcome!(call, result, RevokePayload, |request| Revoked { request })
    }

    /// Has something taken once more that was quarantined; for operators. Again: refused once it was taken.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn replay_quarantined(&self, ctx: &async_graphql::Context<'_>, id: ID) -> Result<ReplayPayload> {
        let call = call(ctx)?;
        // A name that is none is told apart from one that is not there only by who may operate.
        let id = id.parse().unwrap_or_default();
        let result = actions::replay_quarantined::run(&call.ports, &call.caller, id).await;
        let received = read!(ReplayPayload, payload::reading(call, result)?);
        Ok(ReplayPayload::Replayed(Replayed::from(received)))
    }

    /// Has a message delivered once more that was given up; for operators. Again: nothing more.
    #[graphql(complexity = "MUTATION + child_complexity")]
    async fn retry_message(&self, ctx: &async_graphql::Context<'_>, id: ID) -> Result<RetryMessagePayload> {
        let call = call(ctx)?;
        let none = MessageId { request: RequestId::new(uuid::Uuid::nil()), sequence: 0, index: 0 };
        let name = id.parse().unwrap_or(none);
        let result = actions::retry_message::run(&call.ports, &call.caller, name).await;
        read!(RetryMessagePayload, payload::reading(call, result)?);
        Ok(RetryMessagePayload::MessageRetried(MessageRetried { id }))
    }
}

/// A request id that is none is refused like one of a request that is not there.
fn not_found() -> Refused {
    Refusal::NoSuchRequest.into()
}
