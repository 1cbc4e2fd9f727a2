//! Verdicts: what the workflow does next.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Opinion};
use super::id::RoundNumber;
use super::policy::Stage;

/// What the workflow does next. The definition's choice has exactly these branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// People have to look.
    Review,
    /// Everyone required approved.
    Release,
    /// Somebody said no.
    Reject,
    /// The requester has to change something.
    Return,
    /// It was taken back.
    Withdraw,
    /// Time ran out.
    Expire,
    /// This execution has grown old: the next run goes on, this one ends.
    Renew,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Review, Self::Release, Self::Reject, Self::Return, Self::Withdraw, Self::Expire, Self::Renew];

    /// The word that the definition compares.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Return => "return",
            Self::Withdraw => "withdraw",
            Self::Expire => "expire",
            Self::Renew => "renew",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// More people have to say something.
    Open {
        /// How many more approvals would pass it.
        wanted: u32,
    },
    /// Enough different people approved.
    Passed,
    /// Somebody said no.
    Rejected,
    /// Somebody wants something changed.
    Returned,
}

/// Counts the decisions of one stage of one round.
///
/// The first decision that is not an approval closes the stage: nothing leaves while one reviewer objects. Approvals
/// by one person count once, however often they are recorded.
pub fn tally(stage: &Stage, round: RoundNumber, decisions: &[Decision]) -> Tally {
    let here = || decisions.iter().filter(|d| d.ballot.stage == stage.id && d.ballot.round == round);
    if let Some(objection) = here().find(|d| d.ballot.opinion != Opinion::Approve) {
        return match objection.ballot.opinion {
            Opinion::Return => Tally::Returned,
            Opinion::Approve | Opinion::Reject => Tally::Rejected,
        };
    }
    let mut approvers: Vec<&Decision> = Vec::new();
    for decision in here() {
        if !approvers.iter().any(|other| other.by.is_same_person(&decision.by)) {
            approvers.push(decision);
        }
    }
    match stage.quorum.saturating_sub(u32::try_from(approvers.len()).unwrap_or(u32::MAX)) {
        0 => Tally::Passed,
        wanted => Tally::Open { wanted },
    }
}
