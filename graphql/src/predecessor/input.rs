//! What its clients send. Only which request, which token, what is said and why counts.

use async_graphql::InputObject;
use workflow::domain::decision::Opinion;
use workflow::domain::id::RequestId;
use workflow::domain::path::show;
use workflow::domain::text::Reason;

/// A decision, as its clients send it.
#[derive(Debug, Clone, InputObject)]
#[graphql(rename_fields = "snake_case")]
pub(crate) struct UpdateRequestInput {
    egress_request_id: String,
    pub(super) task_token: String,
    #[graphql(name = "ig_reviewer_1_name")]
    ig_name: Option<String>,
    #[graphql(name = "ig_reviewer_1_email")]
    ig_email: Option<String>,
    #[graphql(name = "ig_reviewer_1_dt")]
    ig_dt: Option<String>,
    #[graphql(name = "ig_reviewer_1_reason")]
    ig_reason: Option<String>,
    #[graphql(name = "ig_reviewer_1_decision")]
    ig_decision: Option<String>,
    #[graphql(name = "rit_reviewer_2_name")]
    rit_name: Option<String>,
    #[graphql(name = "rit_reviewer_2_email")]
    rit_email: Option<String>,
    #[graphql(name = "rit_reviewer_2_dt")]
    rit_dt: Option<String>,
    #[graphql(name = "rit_reviewer_2_reason")]
    rit_reason: Option<String>,
    #[graphql(name = "rit_reviewer_2_decision")]
    rit_decision: Option<String>,
}

/// A wish to download, as its clients send it.
#[derive(Debug, Clone, InputObject)]
#[graphql(rename_fields = "snake_case")]
pub(crate) struct DownloadDataInput {
    egress_request_id: String,
    workspace_id: String,
    download_count: String,
}

/// What is said at one stage.
pub(super) struct Said<'a> {
    decision: Option<&'a String>,
    reason: Option<&'a String>,
}

impl UpdateRequestInput {
    pub(super) fn request_id(&self) -> Option<RequestId> {
        self.egress_request_id.parse().ok()
    }

    /// The id as it was sent, safe to be shown.
    pub(super) fn shown_id(&self) -> String {
        show(&self.egress_request_id).trim_matches('\'').to_owned()
    }

    pub(super) fn first(&self) -> Said<'_> {
        Said { decision: self.ig_decision.as_ref(), reason: self.ig_reason.as_ref() }
    }

    pub(super) fn second(&self) -> Said<'_> {
        Said { decision: self.rit_decision.as_ref(), reason: self.rit_reason.as_ref() }
    }
}

impl DownloadDataInput {
    pub(super) fn request_id(&self) -> Option<RequestId> {
        self.egress_request_id.parse().ok()
    }
}

impl Said<'_> {
    pub(super) fn opinion(&self) -> Option<Opinion> {
        match self.decision?.as_str() {
            "APPROVED" => Some(Opinion::Approve),
            "REJECTED" => Some(Opinion::Reject),
            _ => None,
        }
    }

    pub(super) fn reason(&self) -> Option<Reason> {
        Reason::parse(self.reason?.replace("\r\n", "\n").trim()).ok()
    }
}
