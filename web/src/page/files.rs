//! The files of a request's current round, page by page.

use askama::Template;
use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;

use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Files, files};
use crate::fault::Fault;
use crate::frame::{Frame, frame};
use crate::tree::{Row, draw, leaves};

pub(super) fn routes() -> Router {
    Router::new().route("/requests/{id}/files", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

#[derive(Template)]
#[template(path = "files.html")]
struct FilesPage {
    frame: Frame,
    request: files::FilesRequest,
    files: Vec<Row>,
    next: Option<String>,
}

async fn show(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(place): Query<Place>) -> Shown {
    let data = ask::<Files>(&visit, files::Variables { id, after: filled(&place.after) }).await?;
    let frame = frame!(data.viewer, "requests");
    let mut request = data.request.ok_or(Fault::NotThere)?;
    let files = draw(leaves!(std::mem::take(&mut request.round.files.nodes)));
    let page = &request.round.files.page_info;
    let next = page.end_cursor.clone().filter(|_| page.has_next_page);
    Ok(html(&FilesPage { frame, request, files, next }))
}
