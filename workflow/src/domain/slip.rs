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
    /// Counts the steps of this execution: later attempts at anything have larger numbers, whatever the clock says.
    #[serde(default)]
    pub turn: u64,
    /// What a state gave up with, on the way to the step that records it.
    #[serde(default, skip_serializing)]
    pub failure: Option<Failure>,
}

/// What a state gave up with, in the engine's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Failure {
    /// The error name.
    pub error: String,
    /// What the engine knows about it; of a step's own error, JSON with the field `errorMessage`.
    #[serde(default)]
    pub cause: String,
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
        Self {
            request,
            run,
            progress: Progress::More,
            verdict: Verdict::Review,
            wait_for: 1,
            lap: 0,
            turn: 0,
            failure: None,
        }
    }
}

fn review() -> Verdict {
    Verdict::Review
}

fn one() -> u64 {
    1
}
