//! The transition function.

use super::{Cause, End, Status, StatusWord};
use crate::domain::id::RoundNumber;

/// What happens to a request, as far as its status is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The store has an open request already.
    Queued,
    /// The store came free.
    Dequeued,
    /// The store was claimed and the policy bound.
    Admitted,
    /// Freezing began.
    StagingBegan,
    /// Every file is frozen.
    Staged {
        /// The round whose files they are.
        round: RoundNumber,
    },
    /// A reviewer decided.
    Decided,
    /// A stage was passed and is not the last.
    StagePassed,
    /// The last stage was passed.
    Approved,
    /// The archive was published.
    Released,
    /// The release was called back.
    Revoked,
    /// The round will not be released.
    Ending(End),
    /// Its data was put away.
    Ended,
    /// The requester submitted again.
    Resubmitted,
    /// It was taken back while nothing was running.
    Withdrawn,
    /// Time ran out while nothing was running.
    Expired,
    /// A step gave up.
    Failed(Cause),
    /// An operator lets it go on.
    Resumed,
    /// An operator gives a failed request up.
    Abandoned,
}

/// Says that something cannot happen to a request that stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{happening} cannot happen to a request that is {status}")]
pub struct IllegalTransition {
    /// Where the request stands.
    pub status: StatusWord,
    /// What should have happened.
    pub happening: &'static str,
}

impl Happening {
    /// The happening's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Dequeued => "dequeued",
            Self::Admitted => "admitted",
            Self::StagingBegan => "staging began",
            Self::Staged { .. } => "staged",
            Self::Decided => "decided",
            Self::StagePassed => "stage passed",
            Self::Approved => "approved",
            Self::Released => "released",
            Self::Revoked => "revoked",
            Self::Ending(_) => "ending",
            Self::Ended => "ended",
            Self::Resubmitted => "resubmitted",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Failed(_) => "failed",
            Self::Resumed => "resumed",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Status {
    /// Says where a request stands after something happened to it, or that it cannot happen.
    ///
    /// Every pair is written out, so that a new status or a new happening does not compile until each has been
    /// thought of.
    pub fn next(&self, happening: &Happening) -> Result<Self, IllegalTransition> {
        let next = match self {
            Self::Received => from_received(happening),
            Self::Queued => from_queued(happening),
            Self::Admitted => from_admitted(happening),
            Self::Staging => from_staging(happening),
            Self::InReview { stage, round } => from_review(*stage, *round, happening),
            Self::Releasing => from_releasing(happening),
            Self::Released => from_released(happening),
            Self::Rejecting { end } => from_rejecting(*end, happening),
            Self::Returned => from_returned(happening),
            Self::Failed { resume_at, .. } => from_failed(resume_at, happening),
            Self::Revoked | Self::Rejected | Self::Withdrawn | Self::Expired => from_the_end(happening),
        };
        match (next, happening) {
            (Some(Next::To(status)), _) => Ok(status),
            (Some(Next::Fail), Happening::Failed(cause)) => {
                Ok(Self::Failed { cause: cause.clone(), resume_at: Box::new(self.clone()) })
            }
            (Some(Next::Fail) | None, _) => Err(IllegalTransition { status: self.word(), happening: happening.name() }),
        }
    }
}

enum Next {
    To(Status),
    Fail,
}

use Happening as H;
use Next::{Fail, To};

fn from_received(happening: &H) -> Option<Next> {
    match happening {
        H::Queued => Some(To(Status::Queued)),
        H::Admitted => Some(To(Status::Admitted)),
        H::Failed(_) => Some(Fail),
        H::Ending(end) => Some(To(Status::Rejecting { end: *end })),
        H::Dequeued | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed | H::Approved | H::Released => {
            None
        }
        H::Revoked | H::Ended | H::Resubmitted | H::Withdrawn | H::Expired | H::Resumed | H::Abandoned => None,
    }
}

fn from_queued(happening: &H) -> Option<Next> {
    match happening {
        H::Dequeued => Some(To(Status::Received)),
        H::Withdrawn => Some(To(Status::Withdrawn)),
        H::Queued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed | H::Approved => {
            None
        }
        H::Released | H::Revoked | H::Ending(_) | H::Ended | H::Resubmitted | H::Expired | H::Failed(_) => None,
        H::Resumed | H::Abandoned => None,
    }
}

fn from_admitted(happening: &H) -> Option<Next> {
    match happening {
        H::StagingBegan => Some(To(Status::Staging)),
        H::Ending(end) => Some(To(Status::Rejecting { end: *end })),
        H::Failed(_) => Some(Fail),
        H::Queued | H::Dequeued | H::Admitted | H::Staged { .. } | H::Decided | H::StagePassed | H::Approved => None,
        H::Released | H::Revoked | H::Ended | H::Resubmitted | H::Withdrawn | H::Expired | H::Resumed => None,
        H::Abandoned => None,
    }
}

fn from_staging(happening: &H) -> Option<Next> {
    match happening {
        H::Staged { round } => Some(To(Status::InReview { stage: 0, round: *round })),
        H::Ending(end) => Some(To(Status::Rejecting { end: *end })),
        H::Failed(_) => Some(Fail),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Decided | H::StagePassed | H::Approved => None,
        H::Released | H::Revoked | H::Ended | H::Resubmitted | H::Withdrawn | H::Expired | H::Resumed => None,
        H::Abandoned => None,
    }
}

fn from_review(stage: usize, round: RoundNumber, happening: &H) -> Option<Next> {
    match happening {
        H::Decided => Some(To(Status::InReview { stage, round })),
        H::StagePassed => Some(To(Status::InReview { stage: stage + 1, round })),
        H::Approved => Some(To(Status::Releasing)),
        H::Ending(end) => Some(To(Status::Rejecting { end: *end })),
        H::Failed(_) => Some(Fail),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Released | H::Revoked => None,
        H::Ended | H::Resubmitted | H::Withdrawn | H::Expired | H::Resumed | H::Abandoned => None,
    }
}

fn from_releasing(happening: &H) -> Option<Next> {
    match happening {
        H::Released => Some(To(Status::Released)),
        H::Failed(_) => Some(Fail),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Revoked | H::Ending(_) | H::Ended | H::Resubmitted | H::Withdrawn | H::Expired => None,
        H::Resumed | H::Abandoned => None,
    }
}

fn from_released(happening: &H) -> Option<Next> {
    match happening {
        H::Revoked => Some(To(Status::Revoked)),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Released | H::Ending(_) | H::Ended | H::Resubmitted | H::Withdrawn | H::Expired => None,
        H::Failed(_) | H::Resumed | H::Abandoned => None,
    }
}

fn from_rejecting(end: End, happening: &H) -> Option<Next> {
    match happening {
        H::Ended => Some(To(end.status())),
        H::Failed(_) => Some(Fail),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Released | H::Revoked | H::Ending(_) | H::Resubmitted | H::Withdrawn | H::Expired => None,
        H::Resumed | H::Abandoned => None,
    }
}

fn from_returned(happening: &H) -> Option<Next> {
    match happening {
        H::Resubmitted => Some(To(Status::Received)),
        H::Withdrawn => Some(To(Status::Withdrawn)),
        H::Expired => Some(To(Status::Expired)),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Released | H::Revoked | H::Ending(_) | H::Ended | H::Failed(_) | H::Resumed => None,
        H::Abandoned => None,
    }
}

fn from_failed(resume_at: &Status, happening: &H) -> Option<Next> {
    match happening {
        H::Resumed => Some(To(resume_at.clone())),
        H::Abandoned => Some(To(Status::Rejecting { end: End::Withdrawn })),
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Released | H::Revoked | H::Ending(_) | H::Ended | H::Resubmitted | H::Withdrawn => None,
        H::Expired | H::Failed(_) => None,
    }
}

fn from_the_end(happening: &H) -> Option<Next> {
    match happening {
        H::Queued | H::Dequeued | H::Admitted | H::StagingBegan | H::Staged { .. } | H::Decided | H::StagePassed => {
            None
        }
        H::Approved | H::Released | H::Revoked | H::Ending(_) | H::Ended | H::Resubmitted | H::Withdrawn => None,
        H::Expired | H::Failed(_) | H::Resumed | H::Abandoned => None,
    }
}
