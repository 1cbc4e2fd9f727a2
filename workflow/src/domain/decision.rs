//! Decisions: what one person said at one stage of one round about one manifest, with a reason.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::id::RoundNumber;
use super::person::Who;
use super::text::{Reason, StageId};

/// What a reviewer can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// The files may leave.
    Approve,
    /// The files may not leave.
    Reject,
    /// The requester has to change something first.
    Return,
}

impl Opinion {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Return];

    /// The word that leaves the process.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Return => "return",
        }
    }

    /// What was done, as a past participle.
    pub fn participle(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Reject => "rejected",
            Self::Return => "returned",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.as_str() == word)
    }
}

impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reviewer hands in: an opinion, and what it is about. If what it is about has moved, it is refused as stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The round that the reviewer looked at.
    pub round: RoundNumber,
    /// The stage that the reviewer decides at.
    pub stage: StageId,
    /// The manifest that the reviewer looked at.
    pub manifest: Digest,
    /// What the reviewer says.
    pub opinion: Opinion,
    /// Why.
    pub reason: Option<Reason>,
}

/// A ballot that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was said, about what.
    #[serde(flatten)]
    pub ballot: Ballot,
    /// Who said it, as the directory knew them at that moment.
    pub by: Who,
    /// When it was committed.
    pub decided_at: Timestamp,
}
