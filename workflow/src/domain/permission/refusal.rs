//! Refusals: each displays as the sentence that the person reads.

use std::fmt;

use crate::domain::status::{IllegalTransition, StatusWord};
use crate::domain::text::{Group, ProjectId, StageId, Title};

/// Why something was not done. Nothing was changed when a refusal is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is none, or this person may not know of it: the two are not told apart.
    #[error("There is no such request, or it is not yours to see.")]
    NoSuchRequest,
    /// The account is shut.
    #[error("This account is disabled. Nothing was changed. Ask an operator if that is a mistake.")]
    Disabled,
    /// It is the person's own request.
    #[error(
        "This is your own request, so somebody else has to decide on it. Nothing was recorded. Another member of the group will find it in their list."
    )]
    OwnRequest,
    /// The person cannot be compared with the requester.
    #[error(
        "Your account has no verified e-mail address, so it cannot be told apart from the requester's. Nothing was recorded. Have your address verified and decide again."
    )]
    NoVerifiedEmail,
    /// The person is not in the stage's group.
    #[error(
        "Only members of {group} decide at the stage {stage}, as far as this project is concerned. Nothing was recorded."
    )]
    NotInGroup {
        /// The group.
        group: Group,
        /// The stage's title.
        stage: Title,
    },
    /// The person has decided at this stage.
    #[error("You have already decided at the stage {stage}. Your first decision stands; nothing was added.")]
    DecidedAlready {
        /// The stage's title.
        stage: Title,
    },
    /// The person has decided at another stage of this round.
    #[error(
        "You have already decided on this request at the stage {stage}; each stage needs somebody else. Nothing was recorded."
    )]
    DecidedElsewhere {
        /// That stage.
        stage: StageId,
    },
    /// Nobody can decide now.
    #[error("This request is {} and does not wait for a decision. Nothing was recorded.", in_words(*status))]
    NotInReview {
        /// Where it stands.
        status: StatusWord,
    },
    /// The stage has its result.
    #[error(
        "This stage has just been closed by another decision. Yours was not recorded. Reload the request to see where it stands."
    )]
    StageClosed,
    /// What was decided upon is no longer what it was.
    #[error(
        "{moved} since you looked at this request, so your decision was not recorded. Reload the request, look again, and decide on what it is now."
    )]
    Stale {
        /// What moved.
        moved: Moved,
    },
    /// A reason is missing or too short.
    #[error(
        "A reason of at least {least} characters is needed; it is what the requester and auditors read. Nothing was recorded. Add a reason and decide again."
    )]
    ReasonTooShort {
        /// The least number of characters.
        least: u32,
    },
    /// Only the requester may.
    #[error("Only the requester can do this. Nothing was changed.")]
    NotTheRequester,
    /// The person may read and no more.
    #[error("You can read this request but take no part in it. Nothing was changed.")]
    ReadsOnly,
    /// The policy does not name the person.
    #[error("The policy of this request does not name you among those who may download it.")]
    NotADownloader,
    /// There is nothing to download.
    #[error("This request is {}; only a released one can be downloaded.", in_words(*status))]
    NotReleased {
        /// Where it stands.
        status: StatusWord,
    },
    /// All tickets are used.
    #[error(
        "You have used all {limit} downloads that the policy allows you. Ask an operator if the file did not arrive."
    )]
    NoDownloadsLeft {
        /// How many there were.
        limit: u32,
    },
    /// A ticket is not good, no longer or not for this person.
    #[error("This download link has expired or is not yours. Open the request and ask for a new one.")]
    BadTicket,
    /// The person may not submit in that project.
    #[error("You are not a researcher of project {project}, so you cannot submit files of it. Nothing was taken.")]
    NotAResearcher {
        /// The project.
        project: ProjectId,
    },
    /// An upload is not there, has ended, or is somebody else's: the three are not told apart.
    #[error("There is no such upload, or it has ended, or it is not yours. Nothing was taken. Upload the files again.")]
    NoSuchUpload,
    /// Some files have not arrived whole.
    #[error(
        "{missing} of {files} files have not arrived whole, the first of them {first}. What arrived is kept. Send the rest and submit again."
    )]
    UploadUnfinished {
        /// How many are not there.
        missing: usize,
        /// How many there are.
        files: usize,
        /// The path of the first.
        first: String,
    },
    /// What was announced cannot become a request.
    #[error("These files cannot be taken: {problem}. Nothing was kept. Put that right and try again.")]
    UnusableFiles {
        /// What is wrong with them, as a clause.
        problem: String,
    },
    /// There is no such item for operators.
    #[error("There is nothing of that name any more. Nothing was changed. Reload the list.")]
    NoSuchItem,
    /// The person is no operator.
    #[error("Only operators can do this. Nothing was changed.")]
    NotAnOperator,
    /// The person is no auditor.
    #[error("Only auditors and operators can read this.")]
    NotAnAuditor,
    /// A withdrawal is on record already.
    #[error("This request is already being withdrawn. Nothing was added.")]
    WithdrawnAlready,
    /// It cannot happen to a request that stands where it stands.
    #[error("This cannot be done to a request that is {}. Nothing was changed.", in_words(.0.status))]
    NotNow(#[from] IllegalTransition),
}

/// What has moved since a reviewer looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The requester submitted again.
    Round,
    /// Another stage is being decided.
    Stage,
    /// The list of files is another one.
    Manifest,
}

impl Moved {
    /// The word that leaves the process.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Stage => "stage",
            Self::Manifest => "manifest",
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Round => "The requester has submitted again",
            Self::Stage => "The request has moved to another stage",
            Self::Manifest => "The list of files has changed",
        })
    }
}

impl Refusal {
    /// Tells a refusal that comes from somebody else having been faster, or from looking at something old.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. } | Self::StageClosed)
    }

    /// The word for this refusal that machines may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRequest => "NOT_FOUND",
            Self::Disabled => "DISABLED",
            Self::OwnRequest => "OWN_REQUEST",
            Self::NoVerifiedEmail => "NO_VERIFIED_EMAIL",
            Self::NotInGroup { .. } => "NOT_IN_GROUP",
            Self::DecidedAlready { .. } => "DECIDED_ALREADY",
            Self::DecidedElsewhere { .. } => "DECIDED_ELSEWHERE",
            Self::NotInReview { .. } => "NOT_IN_REVIEW",
            Self::StageClosed => "STAGE_CLOSED",
            Self::Stale { .. } => "STALE",
            Self::ReasonTooShort { .. } => "REASON_TOO_SHORT",
            Self::NotTheRequester => "NOT_THE_REQUESTER",
            Self::ReadsOnly => "READS_ONLY",
            Self::NotADownloader => "NOT_A_DOWNLOADER",
            Self::NotReleased { .. } => "NOT_RELEASED",
            Self::NoDownloadsLeft { .. } => "NO_DOWNLOADS_LEFT",
            Self::BadTicket => "BAD_TICKET",
            Self::NotAResearcher { .. } => "NOT_A_RESEARCHER",
            Self::NoSuchUpload => "NO_SUCH_UPLOAD",
            Self::UploadUnfinished { .. } => "UPLOAD_UNFINISHED",
            Self::UnusableFiles { .. } => "UNUSABLE_FILES",
            Self::NoSuchItem => "NO_SUCH_ITEM",
            Self::NotAnOperator => "NOT_AN_OPERATOR",
            Self::NotAnAuditor => "NOT_AN_AUDITOR",
            Self::WithdrawnAlready => "WITHDRAWN_ALREADY",
            Self::NotNow(_) => "NOT_NOW",
        }
    }
}

fn in_words(status: StatusWord) -> &'static str {
    match status {
        StatusWord::Received => "received and not yet being worked on",
        StatusWord::Queued => "waiting behind another request of the same store",
        StatusWord::Admitted => "admitted and about to be staged",
        StatusWord::Staging => "being staged",
        StatusWord::InReview => "in review",
        StatusWord::Releasing => "approved and being released",
        StatusWord::Released => "released",
        StatusWord::Revoked => "revoked",
        StatusWord::Rejecting => "being closed without release",
        StatusWord::Rejected => "rejected",
        StatusWord::Returned => "returned to its requester",
        StatusWord::Withdrawn => "withdrawn",
        StatusWord::Expired => "expired",
        StatusWord::Failed => "waiting for an operator after a failure",
    }
}
