//! The request: one ask to take a fixed set of files out, with all that happened to it.

mod change;
mod download;
mod ending;
mod intake;
mod release;
mod review;
mod ruling;
mod staging;
#[cfg(test)]
pub(crate) mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use change::{Claim, Superseded};
pub use intake::{Ask, Submission};
pub use release::Advance;
pub use review::{StageEntry, Waiting};
pub use ruling::{Moment, Ruling};
pub use staging::{NotMine, StagingProgress};

use super::audit::Head;
use super::decision::Decision;
use super::digest::Digest;
use super::id::{ExecutionName, RequestId, RoundNumber, RunNumber};
use super::manifest::ManifestReference;
use super::notice::Notice;
use super::person::Who;
use super::policy::Policy;
use super::release::{Disposal, Grants, RecordReference, Release, Ticket};
use super::status::Status;
use super::text::{ProjectId, Reason, StoreId, Title, WorkspaceId};

/// The longest key in bytes that every object store takes.
const LONGEST_KEY: usize = 1024;

/// One ask, its rounds and where it stands. Every change is made by a method and comes with its audit event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The project whose data it is.
    pub project: ProjectId,
    /// The workspace that the files come from.
    pub workspace: WorkspaceId,
    /// The upstream store, if the platform sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// What it is called.
    pub title: Title,
    /// What the files are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Reason>,
    /// Everyone who asked: the store's creator and the submitter may be two people. None of them ever decides.
    pub requesters: Vec<Who>,
    /// When it was taken.
    pub received_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// The newest run of the definition.
    pub run: RunNumber,
    /// When it was begun.
    pub run_began_at: Timestamp,
    /// The policy, once it is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Box<Policy>>,
    /// Its rounds; the last is the current one.
    pub rounds: Vec<Round>,
    /// The step that is doing work which takes several commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The workflow's wait for people, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// Counts what people did that a tally has to see.
    pub news: u64,
    /// How much of that the last tally saw.
    pub tallied: u64,
    /// The wish to end it, once somebody who may has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The release, from the moment its plan is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Tickets that have not ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
    /// How many tickets each person had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grants>,
    /// Until when a returned request waits for its requester.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Timestamp>,
    /// The hold of deadlines, by the instant at which it began, whose time was given back last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_for: Option<Timestamp>,
    /// Whether the outcome of the current round was put on its way.
    pub told: bool,
    /// Whether it holds its store's place of the one open request.
    pub holds_store: bool,
    /// When time asks for something next: a deadline, a reminder, a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The end of its audit chain. The sequence number is the version of the row.
    pub head: Head,
}

/// One submission of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Counts from 1.
    pub number: RoundNumber,
    /// How it came.
    pub submission: Submission,
    /// When it came.
    pub opened_at: Timestamp,
    /// What was declared, once it is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<ManifestReference>,
    /// How far it is frozen.
    #[serde(default)]
    pub staging: StagingProgress,
    /// What is being decided upon, once everything is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestReference>,
    /// Where its files are frozen, once everything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<RecordReference>,
    /// The stage that it is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<StageEntry>,
    /// What people said.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// Why it ended, where no reviewer's reason says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<Reason>,
    /// What becomes of its bytes, once it ended without release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposal: Option<Disposal>,
}

/// A wish to end a request before it is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Who has it.
    pub by: Who,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Since when.
    pub asked_at: Timestamp,
}

impl Request {
    /// The version of the row: how many changes were made.
    pub fn version(&self) -> u64 {
        self.head.sequence
    }

    /// The current round.
    pub fn round(&self) -> &Round {
        match self.rounds.last() {
            Some(round) => round,
            None => crate::bug!("request {} has no round", self.id),
        }
    }

    pub(super) fn round_mut(&mut self) -> &mut Round {
        match self.rounds.last_mut() {
            Some(round) => round,
            None => crate::bug!("a request has no round"),
        }
    }

    /// The policy that is bound, if one is.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }

    /// The name of the newest execution.
    pub fn execution(&self) -> ExecutionName {
        ExecutionName { request: self.id, run: self.run }
    }

    /// Tells whether somebody is among those who asked.
    pub fn is_of(&self, who: &Who) -> bool {
        self.requesters.iter().any(|requester| requester.is_same_person(who))
    }

    /// The notice of the current round, if the platform sent it.
    pub fn notice(&self) -> Option<&Notice> {
        match &self.round().submission {
            Submission::Notice(notice) => Some(notice),
            Submission::Files(_) => None,
        }
    }

    /// The key in the staging area of a path of a round. A path that is too long for a key beside what stands in front
    /// of it is named by its digest, with a character that no path holds.
    pub fn staging_key(&self, round: RoundNumber, path: &str) -> String {
        let key = format!("{}/{}/r{round}/{path}", self.workspace, self.id);
        if key.len() <= LONGEST_KEY {
            return key;
        }
        format!("{}/{}/r{round}/:{}", self.workspace, self.id, Digest::of(path.as_bytes()).hex())
    }

    /// The key of the archive in the release area.
    pub fn release_key(&self) -> String {
        format!("approved_egress/{}/{}/egress_data.zip", self.workspace, self.id)
    }

    /// A key in the records area.
    pub fn record_key(&self, name: &str) -> String {
        format!("{}/r{}/{name}", self.id, self.round().number)
    }
}
