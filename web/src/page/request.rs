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
    call: String,
}

async fn show(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(arrival): Query<Arrival>) -> Shown {
    let data = ask::<Request>(&visit, request::Variables { id }).await?;
    let frame = frame!(data.viewer, "requests");
    let mut request = data.request.ok_or(Fault::NotThere)?;
    let files = draw(leaves!(std::mem::take(&mut request.round.files.nodes)));
    let page = &request.round.files.page_info;
    let more_files = page.end_cursor.clone().filter(|_| page.has_next_page);
    let total = request.round.files.total;
    let call = Uuid::new_v4().to_string();
    Ok(html(&RequestPage { frame, told: told(&arrival.did), request, files, total, more_files, call }))
}
