//! Where a request stands, as a word and as a sentence.

use std::sync::Arc;

use async_graphql::{Enum, Object};
use workflow::domain::request::Request;
use workflow::domain::status::{End, Status, StatusWord};

use crate::policy::StageView;
use crate::sentence::day;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "StatusWord", name = "StatusWord")]
pub(crate) enum Word {
    /// The ask is on record; nothing was done yet.
    Received,
    /// It waits behind an open request of the same store.
    Queued,
    /// The store is claimed and the policy bound.
    Admitted,
    /// Its files are being frozen.
    Staging,
    /// It waits for people.
    InReview,
    /// Everyone required approved; the archive is being made.
    Releasing,
    /// The archive is where it belongs.
    Released,
    /// It was released, and may no longer be downloaded.
    Revoked,
    /// It will not be released; its data is being put away.
    Rejecting,
    /// People said no.
    Rejected,
    /// It waits for its requester to submit again.
    Returned,
    /// It was taken back.
    Withdrawn,
    /// Time ran out.
    Expired,
    /// Something broke; it waits for an operator.
    Failed,
}

/// Where a request stands.
#[derive(Debug, Clone)]
pub(crate) struct StatusView(pub(super) Arc<Request>);

/// Where a request stands.
#[Object(name = "Status")]
impl StatusView {
    /// The word.
    async fn word(&self) -> Word {
        self.0.status.word().into()
    }

    /// What it means now, and who is awaited.
    async fn sentence(&self) -> String {
        sentence(&self.0)
    }

    /// Whether nothing will happen any more, save a revocation and deletions.
    async fn over(&self) -> bool {
        self.0.status.is_over()
    }

    /// The stage at which people are awaited, while they are.
    async fn stage(&self) -> Option<StageView> {
        match &self.0.status {
            Status::InReview { stage, .. } => self.0.policy()?.stage(*stage).map(StageView::from),
            _ => None,
        }
    }
}

fn sentence(request: &Request) -> String {
    match &request.status {
        Status::Received => "Received; work on it begins in a moment.".to_owned(),
        Status::Queued => "Waits until an earlier request of the same egress store is over.".to_owned(),
        Status::Admitted | Status::Staging => "The files are being frozen for review.".to_owned(),
        Status::InReview { stage, .. } => in_review(request, *stage),
        Status::Releasing => "Approved; the archive is being made.".to_owned(),
        Status::Released => "Released; it can be downloaded by those whom the policy names.".to_owned(),
        Status::Revoked => "The release was called back and can no longer be downloaded.".to_owned(),
        Status::Rejecting { end } => format!("Not released ({}); the files are being put away.", of_end(*end)),
        Status::Rejected => "Rejected; the reviewers' reasons are below.".to_owned(),
        Status::Returned => request.answer_by.map_or_else(
            || "Returned to the requester, who may submit again.".to_owned(),
            |by| format!("Returned to the requester, who may submit again until {}.", day(by)),
        ),
        Status::Withdrawn => "Withdrawn.".to_owned(),
        Status::Expired => "Expired: nobody answered in time.".to_owned(),
        Status::Failed { .. } => "Something broke on our side; an operator was told, and nothing is lost.".to_owned(),
    }
}

fn in_review(request: &Request, stage: usize) -> String {
    let title = request.policy().and_then(|policy| policy.stage(stage)).map(|stage| stage.title.to_string());
    let title = title.unwrap_or_else(|| "review".to_owned());
    if request.withdrawal.is_some() {
        return "It is being taken back.".to_owned();
    }
    match request.round().entry.as_ref().and_then(|entry| entry.deadline_at) {
        Some(deadline) => format!("Waits for a decision at {title}, until {}.", day(deadline)),
        None => format!("Waits for a decision at {title}."),
    }
}

fn of_end(end: End) -> &'static str {
    match end {
        End::Rejected => "rejected",
        End::Returned => "returned",
        End::Withdrawn => "withdrawn",
        End::Expired => "expired",
    }
}
