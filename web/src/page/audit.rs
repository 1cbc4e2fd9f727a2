//! The audit chain of one request.

use askama::Template;
use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;

use super::write::refused;
use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Audit, audit};
use crate::frame::{Frame, frame};

pub(super) fn routes() -> Router {
    Router::new().route("/requests/{id}/audit", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    id: String,
    events: Vec<audit::AuditAuditOnAuditConnectionNodes>,
    next: Option<String>,
}

async fn show(Extension(visit): Extension<Visit>, Path(id): Path<String>, Query(place): Query<Place>) -> Shown {
    let data = ask::<Audit>(&visit, audit::Variables { id: id.clone(), after: filled(&place.after) }).await?;
    let frame = frame!(data.viewer, "requests");
    Ok(match data.audit {
        audit::AuditAudit::AuditConnection(page) => {
            let next = page.page_info.end_cursor.filter(|_| page.page_info.has_next_page);
            html(&AuditPage { frame, id, events: page.nodes, next })
        }
        audit::AuditAudit::Refused(no) => refused(no.sentence, "", format!("/requests/{}", crate::show::encode(&id))),
    })
}
