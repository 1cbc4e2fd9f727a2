//! Where a request stands, and the one function that says what may happen next.

#[cfg(test)]
mod tests;
mod transition;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::RoundNumber;

pub use transition::{Happening, IllegalTransition};

/// Where a request stands. Statuses in `…ing` exist because moving data takes time and machines stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Status {
    /// The ask is on record; nothing was done yet.
    Received,
    /// It waits behind an open request of the same store.
    Queued,
    /// The store is claimed and the policy bound.
    Admitted,
    /// Its files are being frozen.
    Staging,
    /// It waits for people.
    InReview {
        /// Which stage, from 0.
        stage: usize,
        /// Which round, from 1.
        round: RoundNumber,
    },
    /// Everyone required approved; the archive is being made. Approved is not released.
    Releasing,
    /// The archive is where it belongs.
    Released,
    /// It was released, and may no longer be downloaded.
    Revoked,
    /// It will not be released; its data is being put away.
    Rejecting {
        /// How it will end.
        end: End,
    },
    /// People said no.
    Rejected,
    /// It waits for its requester to submit again.
    Returned,
    /// It was taken back.
    Withdrawn,
    /// Time ran out.
    Expired,
    /// Something broke; it waits for an operator.
    Failed {
        /// What broke.
        cause: Cause,
        /// Where it goes on.
        resume_at: Box<Status>,
    },
}

/// The ends of a round that is not released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// People said no.
    Rejected,
    /// The requester has to change something.
    Returned,
    /// It was taken back, by its requester or an operator.
    Withdrawn,
    /// Time ran out.
    Expired,
}

impl End {
    /// The status that the end leads to.
    pub fn status(self) -> Status {
        match self {
            Self::Rejected => Status::Rejected,
            Self::Returned => Status::Returned,
            Self::Withdrawn => Status::Withdrawn,
            Self::Expired => Status::Expired,
        }
    }
}

/// What broke: in which step, under which error name, and in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The state of the definition that failed.
    pub state: String,
    /// The error name, as the definition catches it.
    pub error: String,
    /// What happened, in words for an operator.
    pub sentence: String,
}

/// The statuses without their data: what lists filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented on `Status`")]
pub enum StatusWord {
    Received,
    Queued,
    Admitted,
    Staging,
    InReview,
    Releasing,
    Released,
    Revoked,
    Rejecting,
    Rejected,
    Returned,
    Withdrawn,
    Expired,
    Failed,
}

impl StatusWord {
    /// All of them, in the order of a request's life.
    pub const ALL: [Self; 14] = [
        Self::Received,
        Self::Queued,
        Self::Admitted,
        Self::Staging,
        Self::InReview,
        Self::Releasing,
        Self::Released,
        Self::Revoked,
        Self::Rejecting,
        Self::Rejected,
        Self::Returned,
        Self::Withdrawn,
        Self::Expired,
        Self::Failed,
    ];

    /// The word that leaves the process.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Admitted => "admitted",
            Self::Staging => "staging",
            Self::InReview => "in_review",
            Self::Releasing => "releasing",
            Self::Released => "released",
            Self::Revoked => "revoked",
            Self::Rejecting => "rejecting",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == word)
    }

    /// Tells whether nothing will happen any more, save a revocation and the deletion of what is kept.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Released | Self::Revoked | Self::Rejected | Self::Withdrawn | Self::Expired)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Status {
    /// The status without its data.
    pub fn word(&self) -> StatusWord {
        match self {
            Self::Received => StatusWord::Received,
            Self::Queued => StatusWord::Queued,
            Self::Admitted => StatusWord::Admitted,
            Self::Staging => StatusWord::Staging,
            Self::InReview { .. } => StatusWord::InReview,
            Self::Releasing => StatusWord::Releasing,
            Self::Released => StatusWord::Released,
            Self::Revoked => StatusWord::Revoked,
            Self::Rejecting { .. } => StatusWord::Rejecting,
            Self::Rejected => StatusWord::Rejected,
            Self::Returned => StatusWord::Returned,
            Self::Withdrawn => StatusWord::Withdrawn,
            Self::Expired => StatusWord::Expired,
            Self::Failed { .. } => StatusWord::Failed,
        }
    }

    /// Tells whether the request is over: see [`StatusWord::is_over`].
    pub fn is_over(&self) -> bool {
        self.word().is_over()
    }

    /// Tells whether a run of the definition is under way for the request.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Received
            | Self::Admitted
            | Self::Staging
            | Self::InReview { .. }
            | Self::Releasing
            | Self::Rejecting { .. } => true,
            Self::Queued
            | Self::Released
            | Self::Revoked
            | Self::Rejected
            | Self::Returned
            | Self::Withdrawn
            | Self::Expired
            | Self::Failed { .. } => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InReview { stage, round } => write!(f, "in review at stage {}, round {round}", stage + 1),
            Self::Failed { cause, .. } => write!(f, "failed in {}", cause.state),
            other => f.write_str(other.word().as_str()),
        }
    }
}
