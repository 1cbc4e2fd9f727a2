//! A request, as far as one person may see it.

mod can;
mod event;
mod file;
mod place;
mod round;
mod status;

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use workflow::domain::outward::egress_status;
use workflow::domain::permission::may_operate;
use workflow::domain::request::Request;
use workflow::domain::status::Status;

pub(crate) use can::{Can, Leave};
pub(crate) use event::audit_page;
pub(crate) use event::{AuditConnection, CommentConnection, TimelineConnection};
pub(crate) use round::{OpinionWord, RoundView};
pub(crate) use status::{StatusView, Word};

use crate::person::PersonView;
use crate::policy::PolicyView;
use crate::scalar::{DateTime, Long};
use crate::{call, limits};

/// A request that the caller may see.
#[derive(Debug, Clone)]
pub(crate) struct RequestView(pub(crate) Arc<Request>);

impl From<Request> for RequestView {
    fn from(request: Request) -> Self {
        Self(Arc::new(request))
    }
}

/// What broke, for operators.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Failure {
    /// The state of the workflow that failed.
    state: String,
    /// The error name, as the definition catches it.
    error: String,
    /// What happened.
    sentence: String,
}

/// A wish to end a request before it is released.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Withdrawal")]
pub(crate) struct WithdrawalView {
    /// Who has it.
    by: PersonView,
    /// Why.
    reason: Option<String>,
    /// Since when.
    asked_at: DateTime,
}

/// A release: one archive.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Release")]
pub(crate) struct ReleaseView {
    /// Bytes of the archive.
    size: Long,
    /// The digest of the archive.
    digest: String,
    /// When it was published.
    released_at: DateTime,
}

/// The viewer's downloads of a release.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Downloads {
    /// How many the policy allows.
    limit: u32,
    /// How many are left.
    left: u32,
    /// Until when a link that the viewer was given lives; asking again gives it anew without being counted.
    open_until: Option<DateTime>,
}

/// One ask to take a fixed set of files out, with all that happened to it.
#[Object(name = "Request")]
impl RequestView {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Counts its changes: it is another one whenever something happened.
    async fn version(&self) -> Long {
        self.0.version().into()
    }

    /// Where it stands.
    async fn status(&self) -> StatusView {
        StatusView(self.0.clone())
    }

    /// The predecessor's word for where it stands.
    async fn egress_status(&self) -> &'static str {
        egress_status(&self.0)
    }

    /// The project whose data it is.
    async fn project(&self) -> ID {
        ID(self.0.project.to_string())
    }

    /// The workspace that the files come from.
    async fn workspace(&self) -> ID {
        ID(self.0.workspace.to_string())
    }

    /// The platform's egress store, if the platform sent it.
    async fn store(&self) -> Option<ID> {
        self.0.store.as_ref().map(|store| ID(store.to_string()))
    }

    /// What it is called.
    async fn title(&self) -> &str {
        self.0.title.as_str()
    }

    /// What the files are for.
    async fn purpose(&self) -> Option<&str> {
        self.0.purpose.as_ref().map(workflow::domain::text::Reason::as_str)
    }

    /// Everyone who asked. None of them ever decides.
    async fn requesters(&self) -> Vec<PersonView> {
        self.0.requesters.iter().map(PersonView::from).collect()
    }

    /// Whether the viewer is among those who asked.
    async fn mine(&self, ctx: &async_graphql::Context<'_>) -> Result<bool> {
        Ok(self.0.is_of(&call(ctx)?.person().await?.who))
    }

    /// When it was taken.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// When time asks for something next: a deadline, a reminder, a deletion.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }

    /// Until when a returned request waits for its requester.
    async fn answer_by(&self) -> Option<DateTime> {
        self.0.answer_by.map(DateTime)
    }

    /// The policy, once it is bound.
    async fn policy(&self) -> Option<PolicyView> {
        self.0.policy().map(|policy| PolicyView { policy: policy.clone(), projects: None })
    }

    /// The current round.
    async fn round(&self) -> RoundView {
        RoundView { request: self.0.clone(), number: self.0.round().number }
    }

    /// All rounds, the oldest first.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn rounds(&self) -> Vec<RoundView> {
        let view =
            |round: &workflow::domain::request::Round| RoundView { request: self.0.clone(), number: round.number };
        self.0.rounds.iter().map(view).collect()
    }

    /// The wish to end it, once somebody who may has it.
    async fn withdrawal(&self) -> Option<WithdrawalView> {
        let view = |wish: &workflow::domain::request::Withdrawal| WithdrawalView {
            by: (&wish.by).into(),
            reason: wish.reason.as_ref().map(ToString::to_string),
            asked_at: wish.asked_at.into(),
        };
        self.0.withdrawal.as_ref().map(view)
    }

    /// What broke, for operators, while it waits for one.
    async fn failure(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Failure>> {
        let operates = may_operate(call(ctx)?.person().await?).is_ok();
        Ok(match &self.0.status {
            Status::Failed { cause, .. } if operates => {
                let (state, error, sentence) = (cause.state.clone(), cause.error.clone(), cause.sentence.clone());
                Some(Failure { state, error, sentence })
            }
            _ => None,
        })
    }

    /// The release, once the archive is where it belongs.
    async fn release(&self) -> Option<ReleaseView> {
        let archive = self.0.release.as_ref().and_then(|release| release.archive.as_ref());
        archive.map(|archive| ReleaseView {
            size: archive.size.into(),
            digest: archive.digest.to_string(),
            released_at: archive.released_at.into(),
        })
    }

    /// The viewer's downloads.
    async fn downloads(&self, ctx: &async_graphql::Context<'_>) -> Result<Downloads> {
        let call = call(ctx)?;
        let who = &call.person().await?.who;
        let now = call.ports.clock.now();
        let open = self.0.tickets.iter().find(|ticket| ticket.person.is_same_person(who) && ticket.expires_at > now);
        Ok(Downloads {
            limit: self.0.policy().map_or(0, |policy| policy.download.limit),
            left: self.0.downloads_left(who),
            open_until: open.map(|ticket| ticket.expires_at.into()),
        })
    }

    /// What the viewer may do about it now, and why not.
    #[graphql(complexity = "5 + child_complexity")]
    async fn can(&self) -> Can {
        Can(self.0.clone())
    }

    /// Where it stands in the drawn workflow: every step from its intake to its outcome, in order.
    async fn steps(&self) -> Vec<place::WorkflowStep> {
        place::steps(&self.0)
    }

    /// What people said, the oldest first.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn comments(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<CommentConnection> {
        event::comments(call(ctx)?, &self.0, (first, after)).await
    }

    /// What happened, as sentences, the oldest first.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn timeline(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<TimelineConnection> {
        event::timeline(call(ctx)?, &self.0, (first, after)).await
    }
}
