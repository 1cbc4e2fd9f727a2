//! Which address is answered by what, and what surrounds all of them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response};
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
    let files = (Arc::clone(&face), after_files(&face, &pages));
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
        .merge(quick)
        .layer(from_fn_with_state(files, take_files))
        .layer(DefaultBodyLimit::disable())
        .layer(CsrfLayer::new().with_rejection_response(refuse_foreign))
        .layer(map_response(problem::word))
        .layer(from_fn_with_state(Arc::clone(&face), call::watch))
        .with_state(face)
}

/// The pages as a form that brought its files along is passed on to them.
fn after_files(face: &Arc<Face>, pages: &Router) -> Router {
    pages.clone().layer(from_fn_with_state(Arc::clone(face), call::hurry)).layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// Takes the forms that may bring files along; whatever else is asked goes on. This is no route, because the pages have
/// routes of the same addresses, and would be handed the parts of an address twice.
async fn take_files(State((face, pages)): State<(Arc<Face>, Router)>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    let may_bring = path == "/submit" || (path.starts_with("/requests/") && path.ends_with("/resubmit"));
    if may_bring && request.method() == Method::POST {
        return form::take(face, pages, request).await;
    }
    next.run(request).await
}

/// What another site made a browser send.
fn refuse_foreign(_: ProtectionError) -> Response<Body> {
    let sentence =
        "This came from another site and was refused; nothing was changed. Open the page here and try again.";
    say(StatusCode::FORBIDDEN, sentence)
}
