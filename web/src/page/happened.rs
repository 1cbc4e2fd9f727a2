//! What was said about a request and what happened to it, page by page.

use askama::Template;
use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;

use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Comments, Timeline, comments, timeline};
use crate::fault::Fault;
use crate::frame::{Frame, frame};

pub(super) fn routes() -> Router {
    Router::new().route("/requests/{id}/comments", get(said)).route("/requests/{id}/timeline", get(happened))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

#[derive(Template)]
#[template(path = "comments.html")]
struct CommentsPage {
    frame: Frame,
    request: comments::CommentsRequest,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    frame: Frame,
    request: timeline::TimelineRequest,
    next: Option<String>,
}

async fn said(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(place): Query<Place>) -> Shown {
    let data = ask::<Comments>(&visit, comments::Variables { id, after: filled(&place.after) }).await?;
    let frame = frame!(data.viewer, "requests");
    let request = data.request.ok_or(Fault::NotThere)?;
    let page = &request.comments.page_info;
    let next = page.end_cursor.clone().filter(|_| page.has_next_page);
    Ok(html(&CommentsPage { frame, request, next }))
}

async fn happened(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(place): Query<Place>) -> Shown {
    let data = ask::<Timeline>(&visit, timeline::Variables { id, after: filled(&place.after) }).await?;
    let frame = frame!(data.viewer, "requests");
    let request = data.request.ok_or(Fault::NotThere)?;
    let page = &request.timeline.page_info;
    let next = page.end_cursor.clone().filter(|_| page.has_next_page);
    Ok(html(&TimelinePage { frame, request, next }))
}
