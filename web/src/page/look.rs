//! A look into one file.

use askama::Template;
use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};

use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Look, look};
use crate::fault::Fault;
use crate::frame::{Frame, frame};
use crate::glance::{Glance, glance};

/// How much of a file is read for a look.
const HEAD_BYTES: usize = 256 * 1024;

pub(super) fn routes() -> Router {
    Router::new().route("/requests/{id}/look/{index}", get(show))
}

#[derive(Template)]
#[template(path = "look.html")]
struct LookPage {
    frame: Frame,
    request: look::LookRequest,
    index: u32,
    previous: Option<u32>,
    next: Option<u32>,
    path: String,
    size: u64,
    digest: String,
    shown: u64,
    small: u64,
    glance: Glance,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct NotShownPage {
    title: &'static str,
    sentence: String,
    typed: Option<String>,
    back: String,
}

async fn show(Extension(visit): Extension<Visit>, Path((id, index)): Path<(String, u32)>) -> Shown {
    let data = ask::<Look>(&visit, look::Variables { id }).await?;
    let frame = frame!(data.viewer, "requests");
    let request = data.request.ok_or(Fault::NotThere)?;
    let seen = match visit.transport.look(&request.id, index, HEAD_BYTES).await {
        Ok(seen) => seen,
        Err(refused) => {
            let back = format!("/requests/{}", request.id);
            let title = "This file is not shown";
            return Ok(html(&NotShownPage { title, sentence: refused.sentence, typed: None, back }));
        }
    };
    let shown = u64::try_from(seen.head.len()).unwrap_or(u64::MAX);
    let small = request.policy.as_ref().map_or(0, |policy| u64::try_from(policy.small_counts_below).unwrap_or(0));
    let glance = glance(&seen.path, (&seen.head, shown >= seen.size), small);
    let files = request.round.reviewed.as_ref().map_or(0, |amount| amount.files);
    let next = index.checked_add(1).filter(|next| u64::from(*next) < files);
    let previous = index.checked_sub(1);
    let (path, size, digest) = (seen.path, seen.size, seen.digest);
    Ok(html(&LookPage { frame, request, index, previous, next, path, size, digest, shown, small, glance }))
}
