//! The predecessor's words for where a request stands (wire contract D7).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::request::Request;
use super::status::Status;

/// The status of the platform's egress store, as far as we ever set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpstreamStatus {
    /// Free: the researcher may submit, and may end the workspace.
    Pending,
    /// A request is under way.
    Processing,
    /// Released.
    Processed,
}

impl UpstreamStatus {
    /// The word that the platform stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Processing => "PROCESSING",
            Self::Processed => "PROCESSED",
        }
    }

    /// Reads the platform's word; none for a word that is not among those we set.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Processing, Self::Processed].into_iter().find(|status| status.as_str() == word)
    }
}

impl fmt::Display for UpstreamStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the platform's store says once our last step about it was done.
pub fn upstream_status(status: &Status) -> UpstreamStatus {
    match status {
        Status::Received | Status::Queued | Status::Withdrawn | Status::Expired => UpstreamStatus::Pending,
        Status::Rejecting { .. } | Status::Rejected | Status::Returned => UpstreamStatus::Pending,
        Status::Admitted | Status::Staging | Status::InReview { .. } | Status::Releasing => UpstreamStatus::Processing,
        Status::Failed { .. } => UpstreamStatus::Processing,
        Status::Released | Status::Revoked => UpstreamStatus::Processed,
    }
}

/// The predecessor's `egress_status`: its front end lets the second reviewer act on `IGAPPROVED`, and the last word of
/// approval appears only once the bytes are where they belong.
pub fn egress_status(request: &Request) -> &'static str {
    word(&request.status, request.policy().map_or(2, |policy| policy.stages.len()))
}

fn word(status: &Status, stages: usize) -> &'static str {
    match status {
        Status::Received | Status::Queued | Status::Admitted | Status::Staging => "PROCESSING",
        Status::InReview { stage: 0, .. } => "PROCESSING",
        Status::InReview { .. } => "IGAPPROVED",
        Status::Releasing if stages > 1 => "IGAPPROVED",
        Status::Releasing => "PROCESSING",
        Status::Released | Status::Revoked if stages > 1 => "RITAPPROVED",
        Status::Released | Status::Revoked => "IGAPPROVED",
        Status::Rejecting { .. } | Status::Rejected | Status::Returned => "REJECTED",
        Status::Withdrawn | Status::Expired => "REJECTED",
        Status::Failed { resume_at, .. } => word(resume_at, stages),
    }
}
