//! A request in the predecessor's words.

use async_graphql::{Result, SimpleObject};
use workflow::domain::decision::{Decision, Opinion};
use workflow::domain::outward::egress_status;
use workflow::domain::permission::may_know;
use workflow::domain::person::Person;
use workflow::domain::request::Request;

use super::proof::Seen;
use crate::context::Context;
use crate::fault::fault;

/// A request, with every field that the predecessor had. Where files are stored is nobody's business: those fields are
/// there and empty.
#[derive(Debug, Clone, Default, SimpleObject)]
#[graphql(name = "Request", rename_fields = "snake_case")]
pub(crate) struct RequestView {
    egress_request_id: String,
    egress_store_name: String,
    swb_egress_store_id: String,
    project_id: String,
    workspace_id: String,
    requested_by: String,
    requested_dt: String,
    updated_by: String,
    updated_dt: String,
    egress_status: String,
    #[graphql(name = "s3_egress_store_bucket")]
    s3_egress_store_bucket: String,
    #[graphql(name = "s3_egress_store_bucket_path")]
    s3_egress_store_bucket_path: String,
    #[graphql(name = "s3_egress_store_object_list_location")]
    s3_egress_store_object_list_location: String,
    #[graphql(name = "s3_swb_object_metadata_version")]
    s3_swb_object_metadata_version: String,
    #[graphql(name = "s3_staging_object_metadata_version")]
    s3_staging_object_metadata_version: Option<String>,
    task_token: Option<String>,
    current_reviewer_group: Option<String>,
    download_count: Option<String>,
    is_single_approval_enabled: Option<String>,
    #[graphql(flatten)]
    first: First,
    #[graphql(flatten)]
    second: Second,
}

macro_rules! reviewers {
    ($($(#[$doc:meta])* $name:ident: $who:literal $email:literal $dt:literal $reason:literal $decision:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, SimpleObject)]
        pub(crate) struct $name {
            #[graphql(name = $who)]
            name: Option<String>,
            #[graphql(name = $email)]
            email: Option<String>,
            #[graphql(name = $dt)]
            dt: Option<String>,
            #[graphql(name = $reason)]
            reason: Option<String>,
            #[graphql(name = $decision)]
            decision: Option<String>,
        }

        impl $name {
            fn of(decision: Option<&Decision>) -> Self {
                let Some(decision) = decision else { return Self::default() };
                Self {
                    name: Some(decision.by.name.to_string()),
                    email: Some(decision.by.email.to_string()),
                    dt: Some(decision.decided_at.to_string()),
                    reason: decision.ballot.reason.as_ref().map(ToString::to_string),
                    decision: Some(word(decision.ballot.opinion).to_owned()),
                }
            }
        }
    )*};
}

reviewers! {
    /// What was said at the first stage.
    First: "ig_reviewer_1_name" "ig_reviewer_1_email" "ig_reviewer_1_dt" "ig_reviewer_1_reason" "ig_reviewer_1_decision";
    /// What was said at the second stage, or later.
    Second: "rit_reviewer_2_name" "rit_reviewer_2_email" "rit_reviewer_2_dt" "rit_reviewer_2_reason" "rit_reviewer_2_decision";
}

impl RequestView {
    pub(super) async fn of(call: &Context, person: &Person, request: Request) -> Result<Self> {
        let task_token = match Seen::of(&request, person) {
            Some(seen) => Some(seen.prove(call).await.map_err(|error| fault(call, &error))?),
            None => None,
        };
        Ok(Self { task_token, ..Self::plain(person, &request) })
    }

    fn plain(person: &Person, request: &Request) -> Self {
        let notice = request.notice();
        let requester = request.requesters.first().map(|who| who.email.to_string()).unwrap_or_default();
        let creator = notice.map_or_else(|| requester.clone(), |notice| notice.creator.email.to_string());
        let asked_at = notice.map_or(request.received_at, |notice| notice.store_created_at);
        let stages = request.policy().map_or(2, |policy| policy.stages.len());
        let (first, second) = latest(person, request);
        Self {
            egress_request_id: request.id.to_string(),
            egress_store_name: request.title.to_string(),
            swb_egress_store_id: request.store.as_ref().map(ToString::to_string).unwrap_or_default(),
            project_id: request.project.to_string(),
            workspace_id: request.workspace.to_string(),
            requested_by: creator,
            requested_dt: asked_at.to_string(),
            updated_by: updated_by(request, (first, second), requester),
            updated_dt: request.updated_at.to_string(),
            egress_status: egress_status(request).to_owned(),
            s3_swb_object_metadata_version: notice.map(|notice| notice.submission.to_string()).unwrap_or_default(),
            current_reviewer_group: group(request),
            download_count: Some(request.grants_of(&person.who).to_string()),
            is_single_approval_enabled: Some((stages == 1).to_string()),
            first: First::of(first),
            second: Second::of(second),
            ..Self::default()
        }
    }
}

/// The newest decisions of the current round that the person may know of: at the first stage, and at any later one.
fn latest<'a>(person: &Person, request: &'a Request) -> (Option<&'a Decision>, Option<&'a Decision>) {
    let first = request.policy().and_then(|policy| policy.stage(0)).map(|stage| &stage.id);
    let known = || request.round().decisions.iter().rev().filter(|decision| may_know(person, request, decision));
    let is_first = |decision: &&Decision| Some(&decision.ballot.stage) == first;
    (known().find(is_first), known().find(|decision| !is_first(decision)))
}

fn updated_by(request: &Request, (first, second): (Option<&Decision>, Option<&Decision>), requester: String) -> String {
    let submitter = request.notice().map_or(requester, |notice| notice.submitter.email.to_string());
    second.or(first).map_or(submitter, |decision| decision.by.email.to_string())
}

fn group(request: &Request) -> Option<String> {
    let entry = request.round().entry.as_ref()?;
    let stage = request.policy()?.stages.iter().find(|stage| stage.id == entry.stage)?;
    Some(stage.group.to_string())
}

/// The predecessor knew two words.
fn word(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::Approve => "APPROVED",
        Opinion::Reject | Opinion::Return => "REJECTED",
    }
}
