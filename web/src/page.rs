//! The pages, one file each.

mod account;
mod audit;
mod decide;
mod files;
mod happened;
mod home;
mod look;
mod operate;
mod policies;
mod request;
mod requests;
mod sign_in;
mod submit;
mod write;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};

use crate::fault::{Fault, sign_in_first};
use crate::{Visit, asset};

/// All pages, with what they load. Every call has to carry a [`Visit`] in its extensions.
pub fn pages() -> Router {
    let guarded = Router::new()
        .merge(home::routes())
        .merge(requests::routes())
        .merge(request::routes())
        .merge(files::routes())
        .merge(look::routes())
        .merge(decide::routes())
        .merge(write::routes())
        .merge(submit::routes())
        .merge(operate::routes())
        .merge(policies::routes())
        .merge(audit::routes())
        .merge(happened::routes())
        .merge(account::routes())
        .layer(from_fn(signed_in));
    let open = Router::new().merge(sign_in::routes()).fallback(async || Fault::NotThere);
    asset::routes().merge(guarded.merge(open).layer(from_fn(kept_nowhere)))
}

/// Lets nobody further who is not signed in: a page is reached through the sign-in, a form says that nothing was done.
async fn signed_in(request: Request, next: Next) -> Response {
    let is_in = request.extensions().get::<Visit>().is_some_and(|visit| visit.session.person().is_some());
    if is_in {
        return next.run(request).await;
    }
    match request.method() {
        &Method::GET | &Method::HEAD => {
            sign_in_first(request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str))
        }
        _ => sign_in::ended(request).await,
    }
}

/// What a page shows stays in no cache.
async fn kept_nowhere(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A template as an answer.
pub(crate) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page, or why there is none.
type Shown = Result<Response, Fault>;

/// A field of a form that may be left empty.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
