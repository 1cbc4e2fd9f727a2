//! A decision: the form, the last page that says what it will do, and its answer.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Decide, Deliberation, decide, deliberation};
use crate::fault::Fault;
use crate::frame::{Frame, frame};
use crate::tree::{Leaf, Row, draw};
use crate::word::{Moved, Opinion, StepKind, StepPlace};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/requests/{id}/decide", get(form).post(record))
        .route("/requests/{id}/decide/check", post(check))
}

/// What a reviewer says, and what they had before them when they said it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Saying {
    opinion: String,
    reason: String,
    round: i64,
    stage: String,
    digest: String,
}

#[derive(Template)]
#[template(path = "decide.html")]
struct FormPage {
    frame: Frame,
    request: deliberation::DeliberationRequest,
    said: Saying,
    opinions: &'static [Opinion],
    trouble: Option<String>,
    field: Option<&'static str>,
    files: Vec<Row>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct LastPage {
    frame: Frame,
    request: deliberation::DeliberationRequest,
    opinion: Opinion,
    said: Saying,
    outcome: String,
    files: Vec<Row>,
}

#[derive(Template)]
#[template(path = "stale.html")]
struct StalePage {
    id: String,
    title: &'static str,
    sentence: String,
    reason: Option<String>,
    is_closed: bool,
    can_decide: bool,
}

async fn deliberate(visit: &Visit, id: String) -> Result<(Frame, deliberation::DeliberationRequest), Fault> {
    let data = ask::<Deliberation>(visit, deliberation::Variables { id }).await?;
    let frame = frame!(data.viewer, "requests");
    Ok((frame, data.request.ok_or(Fault::NotThere)?))
}

/// Draws the files that are decided upon.
fn drawn(request: &mut deliberation::DeliberationRequest) -> Vec<Row> {
    let nodes = std::mem::take(&mut request.round.files.nodes);
    draw(nodes.into_iter().map(|file| {
        let (index, path, size, digest) = (file.index, file.path, file.size, file.digest);
        Leaf { index, path, size, content: file.content, digest, submitted_as: None }
    }))
}

async fn form(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(said): Query<Saying>) -> Shown {
    let (frame, request) = deliberate(&visit, id).await?;
    Ok(ask_again(frame, request, said, None))
}

/// Shows the form, with what is wrong about what was typed.
fn ask_again(
    frame: Frame,
    mut request: deliberation::DeliberationRequest,
    said: Saying,
    wrong: Option<(&'static str, String)>,
) -> axum::response::Response {
    let files = drawn(&mut request);
    let (field, trouble) = wrong.unzip();
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, html(&FormPage { frame, request, said, opinions: Opinion::ALL, trouble, field, files })).into_response()
}

async fn check(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(said): Form<Saying>) -> Shown {
    let (frame, mut request) = deliberate(&visit, id).await?;
    if let Some(moved) = moved(&said, &request) {
        let sentence = explain(moved).to_owned();
        return Ok(stale(request.id, moved, sentence, &said.reason, request.can.decide.may));
    }
    if let Some(refused) = &request.can.decide.refused {
        let wrong = Some(("", refused.sentence.clone()));
        return Ok(ask_again(frame, request, said, wrong));
    }
    let Some(opinion) = Opinion::parse(&said.opinion) else {
        let wrong =
            Some(("opinion", "Choose what you say: approve, return or reject. Your reason was kept.".to_owned()));
        return Ok(ask_again(frame, request, said, wrong));
    };
    let stage = request.round.stage.as_ref().and_then(|entry| entry.stage.as_ref());
    let least = stage.map_or(0, |stage| stage.reason_at_least);
    let length = i64::try_from(said.reason.trim().chars().count()).unwrap_or(i64::MAX);
    if length < least {
        let sentence =
            format!("Give a reason of at least {least} characters; this one has {length}. Your choice was kept.");
        return Ok(ask_again(frame, request, said, Some(("reason", sentence))));
    }
    let outcome = foresee(opinion, &request);
    let files = drawn(&mut request);
    Ok(html(&LastPage { frame, request, opinion, said, outcome, files }))
}

/// What is no longer as the reviewer saw it.
fn moved(said: &Saying, request: &deliberation::DeliberationRequest) -> Option<Moved> {
    let stage = request.round.stage.as_ref().and_then(|entry| entry.stage.as_ref());
    if said.round != request.round.number {
        return Some(Moved::Round);
    }
    if stage.is_none_or(|stage| stage.id != said.stage) {
        return Some(Moved::Stage);
    }
    (request.round.manifest_digest.as_deref() != Some(said.digest.as_str())).then_some(Moved::Manifest)
}

fn explain(moved: Moved) -> &'static str {
    match moved {
        Moved::Closed => "Somebody else's decision closed this stage while you were deciding.",
        Moved::Manifest => "The list of files is no longer the one that you looked at.",
        Moved::Round => {
            "The requester submitted again while you were deciding: this is another round with files of its own."
        }
        Moved::Stage => "The request moved on to another stage while you were deciding.",
    }
}

/// Says what a decision leads to.
fn foresee(opinion: Opinion, request: &deliberation::DeliberationRequest) -> String {
    let stage = request.round.stage.as_ref().and_then(|entry| entry.stage.as_ref());
    match opinion {
        Opinion::Reject => {
            let kept = request.policy.as_ref().map_or("as long as the policy says", |policy| &policy.keep_rejected_for);
            let disposed = crate::show::disposed(kept);
            format!("The request ends here. Nothing leaves; its staged files are {disposed}, and the requester is told your reason. This cannot be undone.")
        }
        Opinion::Return => "The request goes back to its requester, who is told your reason and can submit changed files as the next round. Nothing leaves.".to_owned(),
        Opinion::Approve => {
            let quorum = stage.map_or(1, |stage| stage.quorum);
            let id = stage.map(|stage| stage.id.as_str()).unwrap_or_default();
            let is_here = |decision: &&deliberation::DeliberationRequestRoundDecisions| {
                decision.stage == id && decision.opinion == Opinion::Approve
            };
            let had = request.round.decisions.iter().filter(is_here).count();
            let missing = quorum - i64::try_from(had).unwrap_or(0) - 1;
            if stage.is_some_and(|stage| stage.blind) && quorum > 1 {
                return format!("Your approval counts towards the {quorum} that this stage needs. Decisions are shown to the others only once the stage has closed.");
            }
            if missing > 0 {
                return format!("This stage needs {quorum} approvals; after yours, {missing} more will be awaited.");
            }
            let mut ahead = request.steps.iter().filter(|step| step.place == StepPlace::Ahead && step.kind == StepKind::Review);
            match ahead.next() {
                Some(step) => format!("This stage is then complete, and the request goes on to the next: {}. Nothing leaves yet.", step.title),
                None => "This was the last stage: exactly these files are then released, and the requester can download them.".to_owned(),
            }
        }
    }
}

async fn record(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(said): Form<Saying>) -> Shown {
    let opinion = Opinion::parse(&said.opinion)
        .ok_or_else(|| Fault::Unusable("The decision did not say what it was.".to_owned()))?;
    let input = decide::DecideInput {
        manifest_digest: said.digest.clone(),
        opinion,
        reason: filled(&said.reason),
        request: id.clone(),
        round: said.round,
        stage: said.stage.clone(),
    };
    match ask::<Decide>(&visit, decide::Variables { input }).await?.decide {
        decide::DecideDecide::Decided(decided) => {
            Ok(Redirect::to(&format!("/requests/{}?did=decided", decided.request.id)).into_response())
        }
        decide::DecideDecide::Stale(answer) => {
            let (_, request) = deliberate(&visit, id).await?;
            Ok(stale(request.id, answer.moved, answer.sentence, &said.reason, request.can.decide.may))
        }
        decide::DecideDecide::Refused(refused) => {
            let (frame, request) = deliberate(&visit, id).await?;
            let field = if refused.field.as_deref() == Some("reason") { "reason" } else { "" };
            Ok(ask_again(frame, request, said, Some((field, refused.sentence))))
        }
    }
}

fn stale(id: String, moved: Moved, sentence: String, reason: &str, can_decide: bool) -> axum::response::Response {
    let is_closed = moved == Moved::Closed;
    let title = if is_closed { "Somebody decided before you" } else { "What you looked at has changed" };
    let page = StalePage { id, title, sentence, reason: filled(reason), is_closed, can_decide };
    (StatusCode::CONFLICT, html(&page)).into_response()
}
