//! Which address is answered by what, and what surrounds all of them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{delete, get, post, put};
use tokio::sync::watch;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::face::{BadFace, Face, House};
use crate::problem::{self, say};
use crate::serve::ServeError;
use crate::settings::Settings;
use crate::{api, call, download, event, form, health, metric, notice, preview, session, upload, visit};

/// The most bytes of a body that no route says otherwise of: a page's form.
const BODY_BYTES: usize = 256 << 10;

/// Everything that a house answers over HTTP. `stopping` ends what would otherwise go on.
pub fn router(house: House, settings: Settings, stopping: watch::Receiver<bool>) -> Result<Router, ServeError> {
    let pages = house.pages.clone();
    let face =
        Face::new(house, settings, stopping).map_err(|error: BadFace| ServeError::Settings(error.to_string()))?;
    Ok(assemble(face, pages))
}

pub(crate) fn assemble(face: Arc<Face>, pages: Router) -> Router {
    let pages = pages.layer(from_fn_with_state(Arc::clone(&face), visit::admit));
    let forms = forms(&face, &pages);
    let quick = Router::new()
        .route("/graphql", post(api::ours).get(api::ours))
        .route("/predecessor/graphql", post(api::predecessor).get(api::predecessor))
        .route("/session", post(session::enter).delete(session::leave))
        .route("/sessions", delete(session::leave_everywhere))
        .route("/requests/{request}/files/{index}", get(preview::show))
        .route("/notices/sns", post(notice::take).layer(DefaultBodyLimit::max(notice::LARGEST)))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/version", get(health::version))
        .route("/metrics", get(metric::show))
        .fallback_service(pages)
        .layer(from_fn_with_state(Arc::clone(&face), call::hurry))
        .layer(DefaultBodyLimit::max(BODY_BYTES));
    // Transfers take as long as they take; each bounds by itself how long it may stand still.
    Router::new()
        .route(
            "/uploads/{upload}/{file}",
            put(upload::receive).head(upload::measure).layer(DefaultBodyLimit::disable()),
        )
        .route("/downloads/{request}/{secret}", get(download::send))
        .route("/events/{request}", get(event::follow))
        .merge(forms)
        .merge(quick)
        .layer(CsrfLayer::new().with_rejection_response(refuse_foreign))
        .layer(map_response(problem::word))
        .layer(from_fn_with_state(Arc::clone(&face), call::watch))
        .with_state(face)
}

/// The forms that may bring files along; whatever else is asked of their addresses, the pages answer.
fn forms(face: &Arc<Face>, pages: &Router) -> Router<Arc<Face>> {
    let hurried =
        pages.clone().layer(from_fn_with_state(Arc::clone(face), call::hurry)).layer(DefaultBodyLimit::max(BODY_BYTES));
    let take = {
        let pages = hurried.clone();
        move |State(face): State<Arc<Face>>, request: Request| form::take(face, pages.clone(), request)
    };
    let route = || post(take.clone()).fallback_service(hurried.clone());
    Router::new()
        .route("/submit", route())
        .route("/requests/{request}/resubmit", route())
        .layer(DefaultBodyLimit::disable())
}

/// What another site made a browser send.
fn refuse_foreign(_: ProtectionError) -> Response<Body> {
    let sentence =
        "This came from another site and was refused; nothing was changed. Open the page here and try again.";
    say(StatusCode::FORBIDDEN, sentence)
}
