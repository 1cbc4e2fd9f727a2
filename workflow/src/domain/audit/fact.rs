//! What an event says happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::decision::Decision;
use crate::domain::digest::Digest;
use crate::domain::id::{RequestId, RoundNumber, RunNumber};
use crate::domain::manifest::ManifestReference;
use crate::domain::outbox::MessageId;
use crate::domain::person::Who;
use crate::domain::release::{PublishedArchive, RecordReference};
use crate::domain::status::{Cause, End};
use crate::domain::text::{Reason, StageId, StoreId};

/// What happened, in the past participle, with what an auditor would ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The ask was taken.
    Received {
        /// The platform's notice, if one brought it.
        notice: Option<RequestId>,
    },
    /// It was put behind an open request of its store.
    Queued {
        /// The store.
        store: StoreId,
    },
    /// Its store came free.
    Dequeued {
        /// The run that was begun.
        run: RunNumber,
    },
    /// The store was claimed and the policy bound.
    Admitted {
        /// The policy, as `name v1`.
        policy: String,
        /// The digest of the policy.
        digest: Digest,
    },
    /// Freezing began.
    StagingBegan {
        /// What was declared.
        declared: ManifestReference,
    },
    /// Some files were frozen.
    FilesStaged {
        /// How many so far.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Every file is frozen.
    Staged {
        /// What reviewers will decide upon.
        manifest: ManifestReference,
    },
    /// Reviewers were told.
    ReviewersNotified {
        /// Of which stage.
        stage: StageId,
    },
    /// The workflow began to wait for people.
    WaitBegan {
        /// When the state was entered.
        entered_at: Timestamp,
    },
    /// A reviewer decided.
    Decided {
        /// What.
        decision: Box<Decision>,
    },
    /// Decisions were counted, and more are wanted.
    Tallied {
        /// At which stage.
        stage: StageId,
    },
    /// A stage was passed.
    StagePassed {
        /// Which.
        stage: StageId,
    },
    /// The last stage was passed.
    Approved {
        /// Which.
        stage: StageId,
    },
    /// Reviewers were reminded.
    Reminded {
        /// Of which stage.
        stage: StageId,
        /// For the how manieth time.
        count: u32,
    },
    /// It got late, and somebody was told.
    Escalated {
        /// Of which stage.
        stage: StageId,
    },
    /// The round will not be released.
    Ending {
        /// How it will end.
        end: End,
        /// Why, where no reviewer's reason says it.
        reason: Option<Reason>,
    },
    /// Its data was put away.
    Ended {
        /// How it ended.
        end: End,
        /// When the bytes are to be deleted.
        delete_at: Timestamp,
    },
    /// Bytes were deleted.
    Deleted {
        /// The proof.
        proof: RecordReference,
        /// How many files.
        files: u64,
    },
    /// An attempt took work over.
    Claimed {
        /// The state of the definition.
        state: String,
        /// Which attempt.
        attempt: u64,
    },
    /// The plan of the release was frozen.
    ReleasePlanned {
        /// The plan.
        plan: RecordReference,
    },
    /// Part of the plan was carried out.
    ReleaseAdvanced {
        /// Bytes of the archive so far.
        bytes: u64,
    },
    /// The archive was published.
    Released {
        /// The archive.
        archive: PublishedArchive,
    },
    /// The outcome was put on its way.
    Told {
        /// What the upstream platform was told, if there is one.
        upstream: Option<String>,
    },
    /// The requester wants it back, or an operator ends it.
    WithdrawalAsked {
        /// Why.
        reason: Option<Reason>,
    },
    /// It was taken back while nothing was running.
    Withdrawn {
        /// Why.
        reason: Option<Reason>,
    },
    /// A returned request waited too long.
    Expired,
    /// The requester submitted again.
    Resubmitted {
        /// The round that began.
        round: RoundNumber,
        /// The platform's notice, if one brought it.
        notice: Option<RequestId>,
    },
    /// Somebody said something.
    Commented {
        /// What.
        text: Reason,
        /// Names the call, where its caller did: the same call once more adds nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<Digest>,
    },
    /// A download was granted.
    DownloadGranted {
        /// To whom.
        to: Box<Who>,
        /// For the how manieth time.
        count: u32,
        /// When the ticket ends.
        expires_at: Timestamp,
    },
    /// The release was called back.
    Revoked {
        /// Why.
        reason: Reason,
    },
    /// A step gave up.
    Failed {
        /// What broke.
        cause: Cause,
    },
    /// An operator let it go on.
    Resumed {
        /// The run that was begun.
        run: RunNumber,
        /// Why.
        reason: Option<Reason>,
    },
    /// The next run took over from an execution that had grown old.
    Renewed {
        /// The run that was begun.
        run: RunNumber,
    },
    /// The house was brought back from a backup: what was granted before is worth nothing, and what was under way
    /// begins anew.
    Restored {
        /// When the backup was taken.
        taken_at: Timestamp,
    },
    /// A letter about the request could not be delivered; the operators are told.
    Undeliverable {
        /// Which message.
        message: MessageId,
        /// What is in the way.
        trouble: String,
    },
    /// Deadlines were moved, because the house was not there to watch them.
    DeadlinesExtended {
        /// By how many seconds.
        seconds: u64,
    },
}

impl Fact {
    /// The word for it, as it is stored.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Queued { .. } => "queued",
            Self::Dequeued { .. } => "dequeued",
            Self::Admitted { .. } => "admitted",
            Self::StagingBegan { .. } => "staging_began",
            Self::FilesStaged { .. } => "files_staged",
            Self::Staged { .. } => "staged",
            Self::ReviewersNotified { .. } => "reviewers_notified",
            Self::WaitBegan { .. } => "wait_began",
            Self::Decided { .. } => "decided",
            Self::Tallied { .. } => "tallied",
            Self::StagePassed { .. } => "stage_passed",
            Self::Approved { .. } => "approved",
            Self::Reminded { .. } => "reminded",
            Self::Escalated { .. } => "escalated",
            Self::Ending { .. } => "ending",
            Self::Ended { .. } => "ended",
            Self::Deleted { .. } => "deleted",
            Self::Claimed { .. } => "claimed",
            Self::ReleasePlanned { .. } => "release_planned",
            Self::ReleaseAdvanced { .. } => "release_advanced",
            Self::Released { .. } => "released",
            Self::Told { .. } => "told",
            Self::WithdrawalAsked { .. } => "withdrawal_asked",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired => "expired",
            Self::Resubmitted { .. } => "resubmitted",
            Self::Commented { .. } => "commented",
            Self::DownloadGranted { .. } => "download_granted",
            Self::Revoked { .. } => "revoked",
            Self::Failed { .. } => "failed",
            Self::Resumed { .. } => "resumed",
            Self::Renewed { .. } => "renewed",
            Self::Restored { .. } => "restored",
            Self::Undeliverable { .. } => "undeliverable",
            Self::DeadlinesExtended { .. } => "deadlines_extended",
        }
    }
}
