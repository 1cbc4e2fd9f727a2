//! The policies, readable.

use askama::Template;
use axum::routing::get;
use axum::{Extension, Router};

use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Policies, policies};
use crate::frame::{Frame, frame};

pub(super) fn routes() -> Router {
    Router::new().route("/policies", get(show))
}

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    frame: Frame,
    policies: Vec<policies::PoliciesPolicies>,
}

async fn show(Extension(visit): Extension<Visit>) -> Shown {
    let data = ask::<Policies>(&visit, policies::Variables {}).await?;
    let frame = frame!(data.viewer, "policies");
    Ok(html(&PoliciesPage { frame, policies: data.policies }))
}
