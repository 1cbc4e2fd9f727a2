//! What the predecessor's readers find in a request's row, under the names that it gave (wire contract D5).

use workflow::domain::decision::{Decision, Opinion};
use workflow::domain::outward::egress_status;
use workflow::domain::request::Request;

use crate::row::Row;

/// The row with its key and the predecessor's attributes. The task token is never among them.
pub(super) fn row(request: &Request) -> Row {
    let submitter = request.requesters.last().map(|who| who.email.to_string());
    let creator = request.notice().map(|notice| notice.creator.email.to_string());
    let asked_at = request.notice().map_or(request.received_at, |notice| notice.store_created_at);
    let stages = request.policy().map_or(2, |policy| policy.stages.len());
    let row = super::key(request.id)
        .text_if("swb_egress_store_id", request.store.as_ref().map(ToString::to_string))
        .text("project_id", request.project.to_string())
        .text("workspace_id", request.workspace.to_string())
        .text("egress_status", egress_status(request))
        .text("egress_store_name", request.title.to_string())
        .text_if("requested_by", creator.or_else(|| submitter.clone()))
        .text("requested_dt", asked_at.to_string())
        .text_if("updated_by", updated_by(request).or(submitter))
        .text("updated_dt", request.updated_at.to_string())
        .text("is_single_approval_enabled", (stages == 1).to_string())
        .text_if("current_reviewer_group", group(request))
        .number("download_count", request.grants.iter().map(|grants| grants.count).sum::<u32>());
    reviewers(notice(row, request), request)
}

fn notice(row: Row, request: &Request) -> Row {
    let Some(notice) = request.notice() else { return row };
    row.text("s3_swb_object_metadata_version", notice.submission.to_string())
        .text("s3_egress_store_bucket", notice.bucket.to_string())
        .text("s3_egress_store_bucket_path", &notice.folder)
        .text(
            "s3_egress_store_object_list_location",
            format!("arn:aws:s3:::{}/{}", notice.list_bucket, notice.list_key),
        )
}

fn reviewers(row: Row, request: &Request) -> Row {
    let (first, second) = latest(request);
    let row = reviewer(row, "ig_reviewer_1", first);
    reviewer(row, "rit_reviewer_2", second)
}

fn reviewer(row: Row, prefix: &str, decision: Option<&Decision>) -> Row {
    let Some(decision) = decision else { return row };
    let word = match decision.ballot.opinion {
        Opinion::Approve => "APPROVED",
        Opinion::Reject | Opinion::Return => "REJECTED",
    };
    row.text(&format!("{prefix}_name"), decision.by.name.to_string())
        .text(&format!("{prefix}_email"), decision.by.email.to_string())
        .text(&format!("{prefix}_dt"), decision.decided_at.to_string())
        .text(&format!("{prefix}_decision"), word)
        .text_if(&format!("{prefix}_reason"), decision.ballot.reason.as_ref().map(ToString::to_string))
}

/// The newest decisions of the current round: at the first stage, and at any later one.
fn latest(request: &Request) -> (Option<&Decision>, Option<&Decision>) {
    let first = request.policy().and_then(|policy| policy.stage(0)).map(|stage| &stage.id);
    let is_first = |decision: &&Decision| Some(&decision.ballot.stage) == first;
    let mut newest = request.round().decisions.iter().rev();
    (newest.clone().find(is_first), newest.find(|decision| !is_first(decision)))
}

fn updated_by(request: &Request) -> Option<String> {
    let (first, second) = latest(request);
    second.or(first).map(|decision| decision.by.email.to_string())
}

fn group(request: &Request) -> Option<String> {
    let entry = request.round().entry.as_ref()?;
    let stage = request.policy()?.stages.iter().find(|stage| stage.id == entry.stage)?;
    Some(stage.group.to_string())
}
