//! The slip that travels through the workflow's state: which request, which run, and what comes next.
//!
//! It never holds file lists, people or secrets: a request of 100,000 files has the same slip as one of three.

use serde::{Deserialize, Serialize};

use super::id::{RequestId, RunNumber};
use super::verdict::Verdict;

/// Input and output of every step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// The request.
    pub request: RequestId,
    /// The run of the request that this execution is.
    pub run: RunNumber,
    /// Whether a looping step has to be called again.
    #[serde(default)]
    pub progress: Progress,
    /// What the last tally said.
    #[serde(default = "review")]
    pub verdict: Verdict,
    /// Seconds until the next tally is due by time.
    #[serde(default = "one")]
    pub wait_for: u64,
    /// Counts the tallies of this execution.
    #[serde(default)]
    pub lap: u32,
}

/// Whether a looping step is through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It has to be called again.
    #[default]
    More,
    /// It is through.
    Done,
}

impl Slip {
    /// The slip with which a run begins.
    pub fn first(request: RequestId, run: RunNumber) -> Self {
        Self { request, run, progress: Progress::More, verdict: Verdict::Review, wait_for: 1, lap: 0 }
    }
}

fn review() -> Verdict {
    Verdict::Review
}

fn one() -> u64 {
    1
}
