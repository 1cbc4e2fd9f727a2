//! Where a request stands in the drawn workflow.

use async_graphql::{Enum, SimpleObject};
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::verdict::{Tally, tally};

/// What kind of step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum StepKind {
    /// The request is received and admitted.
    Intake,
    /// Its files are frozen.
    Staging,
    /// People decide.
    Review,
    /// The archive is made.
    Release,
    /// How it ends.
    Outcome,
}

/// Where the request stands with regard to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum StepPlace {
    /// It is past it.
    Done,
    /// It is there.
    Current,
    /// It broke there and waits for an operator.
    Broken,
    /// It ended there.
    Stopped,
    /// It will come there.
    Ahead,
    /// It will not come there in this round.
    Skipped,
}

/// One step of the drawn workflow.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub(crate) struct WorkflowStep {
    /// What kind of step it is.
    pub(super) kind: StepKind,
    /// What people call it.
    pub(super) title: String,
    /// Where the request stands with regard to it.
    pub(super) place: StepPlace,
}

/// The steps of the current round, in order.
pub(super) fn steps(request: &Request) -> Vec<WorkflowStep> {
    let (reached, there) = position(request, &request.status);
    let later = if there == StepPlace::Stopped { StepPlace::Skipped } else { StepPlace::Ahead };
    let titles = titles(request);
    let last = titles.len() - 1;
    let place = |index: usize| match index {
        _ if index == last && there == StepPlace::Stopped => StepPlace::Done,
        _ if index < reached => StepPlace::Done,
        _ if index == reached => there,
        _ => later,
    };
    let step = |(index, (kind, title))| WorkflowStep { kind, title, place: place(index) };
    titles.into_iter().enumerate().map(step).collect()
}

fn titles(request: &Request) -> Vec<(StepKind, String)> {
    let mut titles = vec![(StepKind::Intake, "Received".to_owned()), (StepKind::Staging, "Files frozen".to_owned())];
    match request.policy() {
        Some(policy) => titles.extend(policy.stages.iter().map(|stage| (StepKind::Review, stage.title.to_string()))),
        None => titles.push((StepKind::Review, "Review".to_owned())),
    }
    titles.push((StepKind::Release, "Release".to_owned()));
    titles.push((StepKind::Outcome, outcome(&request.status).to_owned()));
    titles
}

fn outcome(status: &Status) -> &'static str {
    match status {
        Status::Released => "Released",
        Status::Revoked => "Revoked",
        Status::Rejecting { .. } | Status::Rejected => "Not released",
        Status::Returned => "Returned",
        Status::Withdrawn => "Withdrawn",
        Status::Expired => "Expired",
        Status::Received | Status::Queued | Status::Admitted | Status::Staging => "Outcome",
        Status::InReview { .. } | Status::Releasing | Status::Failed { .. } => "Outcome",
    }
}

/// The step that the request is at, and how.
fn position(request: &Request, status: &Status) -> (usize, StepPlace) {
    let stages = request.policy().map_or(1, |policy| policy.stages.len());
    match status {
        Status::Received | Status::Queued | Status::Admitted => (0, StepPlace::Current),
        Status::Staging => (1, StepPlace::Current),
        Status::InReview { stage, .. } => (2 + stage, StepPlace::Current),
        Status::Releasing => (2 + stages, StepPlace::Current),
        Status::Released | Status::Revoked => (3 + stages, StepPlace::Done),
        Status::Failed { resume_at, .. } => (position(request, resume_at).0, StepPlace::Broken),
        Status::Rejecting { .. } | Status::Rejected | Status::Returned | Status::Withdrawn | Status::Expired => {
            (stopped_at(request), StepPlace::Stopped)
        }
    }
}

/// The step at which a round ended that was not released.
fn stopped_at(request: &Request) -> usize {
    let round = request.round();
    if round.manifest.is_none() {
        return usize::from(round.declared.is_some());
    }
    let stages = request.policy().map(|policy| policy.stages.as_slice()).unwrap_or_default();
    let passed = stages.iter().take_while(|stage| tally(stage, round.number, &round.decisions) == Tally::Passed);
    2 + passed.count()
}
