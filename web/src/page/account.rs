//! Who is signed in, and the way out.

use askama::Template;
use axum::routing::get;
use axum::{Extension, Router};

use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Account, account};
use crate::frame::{Frame, frame};

pub(super) fn routes() -> Router {
    Router::new().route("/account", get(show))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    groups: Vec<account::AccountViewerGroups>,
    verified: bool,
    audits: bool,
}

async fn show(Extension(visit): Extension<Visit>) -> Shown {
    let viewer = ask::<Account>(&visit, account::Variables {}).await?.viewer;
    let frame = frame!(viewer.head, "account");
    let (verified, audits) = (viewer.verified, viewer.more.audit.may);
    Ok(html(&AccountPage { frame, groups: viewer.groups, verified, audits }))
}
