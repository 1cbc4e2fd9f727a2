//! What waits for an operator: requests that broke, notices that could not be taken, messages that were given up.

use async_graphql::{ID, Object, Result, SimpleObject, Union};
use workflow::domain::outbox::{Errand, Letter};
use workflow::domain::permission::may_operate;
use workflow::ports::intake::Quarantined;
use workflow::ports::outbox::{Drawer, Posting};

use super::filter::{RequestFilter, RequestListInput};
use super::requests::{self, RequestsPayload};
use crate::context::Context;
use crate::fault::fault;
use crate::page;
use crate::refused::Refused;
use crate::scalar::{DateTime, Long};
use crate::{call, limits};

/// What waits for an operator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stuck;

/// What waits for an operator, or why it is not shown.
#[derive(Debug, Clone, Union)]
pub(crate) enum StuckPayload {
    /// The lists.
    Stuck(Stuck),
    /// The refusal.
    Refused(Refused),
}

/// Something that came in and could not be taken. It is kept until it is replayed.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Quarantined")]
pub(crate) struct QuarantinedView {
    /// Its name.
    id: ID,
    /// When it came.
    at: DateTime,
    /// Why it could not be taken.
    reason: String,
    /// Bytes.
    size: Long,
}

/// A message that was given up.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UndeliverableMessage {
    /// Its name.
    id: ID,
    /// The request that it is about.
    request: ID,
    /// What it asks for, as a word.
    errand: String,
    /// When it was made; null if it cannot be read.
    created_at: Option<DateTime>,
    /// How often it was tried.
    attempts: u32,
    /// What went wrong last.
    trouble: Option<String>,
    /// Whom it reached.
    delivered_to: Vec<String>,
}

/// Deadlines that are held: time brings nothing about until an operator says that the clock is right.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct HeldDeadlines {
    /// The last instant at which the clock was believed.
    since: DateTime,
    /// What was found, as a clause.
    because: String,
}

pub(super) async fn answer(call: &Context) -> Result<StuckPayload> {
    Ok(match may_operate(call.person().await?) {
        Ok(_) => StuckPayload::Stuck(Stuck),
        Err(refusal) => StuckPayload::Refused(refusal.into()),
    })
}

/// What waits for an operator.
#[Object]
impl Stuck {
    /// Why deadlines are held, if they are: nothing expires meanwhile, and nobody is reminded.
    #[allow(clippy::unused_async, reason = "a field is answered by a future, whether it waits or not")]
    async fn held_deadlines(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<HeldDeadlines>> {
        let held = call(ctx)?.ports.clock.held();
        Ok(held.map(|held| HeldDeadlines { since: held.since.into(), because: held.because }))
    }

    /// Requests that broke and wait to be retried or aborted, the oldest first.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn failed(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<RequestsPayload> {
        let list = RequestListInput::in_status(crate::request::Word::Failed);
        requests::answer(call(ctx)?, (list, None::<RequestFilter>, None), (first, after)).await
    }

    /// What came in and could not be taken, the oldest first.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn quarantined(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
    ) -> Result<Vec<QuarantinedView>> {
        let call = call(ctx)?;
        let items = call.ports.intake.list(count(first)).await.map_err(|error| fault(call, &error))?;
        Ok(items.into_iter().map(QuarantinedView::from).collect())
    }

    /// Messages that were given up, the oldest first.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn undeliverable(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
    ) -> Result<Vec<UndeliverableMessage>> {
        let call = call(ctx)?;
        let postings = call.ports.outbox.list(Drawer::Undeliverable, count(first)).await;
        let postings = postings.map_err(|error| fault(call, &error))?;
        Ok(postings.into_iter().map(UndeliverableMessage::from).collect())
    }
}

fn count(first: i32) -> u32 {
    u32::try_from(page::rows(first)).unwrap_or(1)
}

impl From<Quarantined> for QuarantinedView {
    fn from(item: Quarantined) -> Self {
        let size = u64::try_from(item.body.len()).unwrap_or(u64::MAX);
        Self { id: ID(item.id.to_string()), at: item.at.into(), reason: item.reason, size: size.into() }
    }
}

impl From<Posting> for UndeliverableMessage {
    fn from(posting: Posting) -> Self {
        let message = posting.message.as_ref();
        Self {
            id: ID(posting.id.to_string()),
            request: ID(posting.id.request.to_string()),
            errand: message.map_or("nothing that can be read", |message| errand(&message.errand)).to_owned(),
            created_at: message.map(|message| message.created_at.into()),
            attempts: posting.attempts,
            trouble: posting.trouble,
            delivered_to: posting.deliveries.iter().map(|delivery| delivery.to.to_string()).collect(),
        }
    }
}

fn errand(errand: &Errand) -> &'static str {
    match errand {
        Errand::BeginRun { .. } => "begin the workflow",
        Errand::FreeStore { .. } => "let the next request of the store in",
        Errand::Tell { about, .. } => match about {
            Letter::Received | Letter::Queued => "tell the requester that it was received",
            Letter::ReviewWanted { .. } => "ask the reviewers",
            Letter::Reminder { .. } => "remind the reviewers",
            Letter::Escalation { .. } => "say that it is getting late",
            Letter::Released => "tell the requester that it was released",
            Letter::Ended { .. } => "tell the requester how it ended",
            Letter::Revoked { .. } => "say that the release was called back",
            Letter::Failed { .. } => "tell the operators what broke",
            Letter::Undeliverable { .. } => "tell the operators what could not be delivered",
            Letter::Commented { .. } => "pass on a comment",
        },
    }
}
