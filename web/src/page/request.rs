//! One request: what it is about, where it stands, what was said, and what may be done.

use askama::Template;
use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Request, request};
use crate::fault::Fault;
use crate::frame::{Frame, frame};
use crate::tree::{Row, draw, leaves};

pub(super) fn routes() -> Router {
    Router::new().route("/requests/{id}", get(show))
}

/// What was just done, where a form led back here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Arrival {
    did: String,
}

/// What to say about what was just done. A closed list: an address cannot put words into the page.
fn told(did: &str) -> Option<&'static str> {
    Some(match did {
        "decided" => "Your decision is on record.",
        "commented" => "Your comment is on record. Everybody who may see this request can read it.",
        "withdrawn" => "The request is being taken back.",
        "submitted" => "The request was taken. Its files are frozen now; then the first reviewers are told.",
        "resubmitted" => "The next round has begun with the files that you sent.",
        "retried" => "The request goes on where it stood.",
        "aborted" => "The request is being ended.",
        "revoked" => "The release was called back. No link to it is good any more.",
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    told: Option<&'static str>,
    request: request::RequestRequest,
    files: Vec<Row>,
    total: u64,
    more_files: Option<String>,
    more_comments: Option<String>,
    more_events: Option<String>,
    audits: bool,
    undecidable: Option<String>,
    call: String,
}

async fn show(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(arrival): Query<Arrival>) -> Shown {
    let data = ask::<Request>(&visit, request::Variables { id }).await?;
    let (frame, audits) = (frame!(data.viewer.head, "requests"), data.viewer.more.audit.may);
    let mut request = data.request.ok_or(Fault::NotThere)?;
    let files = draw(leaves!(std::mem::take(&mut request.round.files.nodes)));
    let more_files =
        after(request.round.files.page_info.has_next_page, request.round.files.page_info.end_cursor.as_ref());
    let total = request.round.files.total;
    let more_comments = after(request.comments.page_info.has_next_page, request.comments.page_info.end_cursor.as_ref());
    let more_events = after(request.timeline.page_info.has_next_page, request.timeline.page_info.end_cursor.as_ref());
    let undecidable = undecidable(&request);
    let call = Uuid::new_v4().to_string();
    let told = told(&arrival.did);
    Ok(html(&RequestPage {
        frame,
        told,
        request,
        files,
        total,
        more_files,
        more_comments,
        more_events,
        audits,
        undecidable,
        call,
    }))
}

/// Why somebody who reviews cannot decide now. Whoever never decides here is not told so each time.
fn undecidable(request: &request::RequestRequest) -> Option<String> {
    use request::RefusalCode as Code;
    let refused = request.can.decide.refused.as_ref()?;
    let is_reviewers = matches!(
        refused.code,
        Code::DECIDED_ALREADY | Code::DECIDED_ELSEWHERE | Code::STAGE_CLOSED | Code::NO_VERIFIED_EMAIL
    );
    is_reviewers.then(|| crate::show::untried(&refused.sentence).to_owned())
}

/// Where the next page begins, if there is one.
fn after(has_next: bool, cursor: Option<&String>) -> Option<String> {
    cursor.filter(|_| has_next).cloned()
}
