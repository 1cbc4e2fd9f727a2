//! The pages and the HTTP API behind a function URL.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{House, Profile};
use tokio::sync::watch;

use super::entry::Doorkeeper;
use super::sign_in::{self, Door};
use crate::failure::Failure;

/// A function answers at most 6 MiB at once.
const PREVIEW_BYTES: u64 = 3 << 20;

/// How the face is shown behind the distribution.
pub(crate) fn settings(url: &str) -> http::Settings {
    http::Settings {
        url: Some(url.to_owned()),
        profile: Profile::Network,
        proxies: 1,
        preview_bytes: PREVIEW_BYTES,
        ..http::Settings::default()
    }
}

/// Everything that the house answers over HTTP. Sign-in is the user pool's; events cannot be followed where an answer
/// has to end.
pub(crate) fn router(doorkeeper: Arc<Doorkeeper>, door: Arc<Door>) -> Result<Router, Failure> {
    let url = door.url.clone();
    let mut house = House::new(doorkeeper.ports.clone());
    house.authenticators = vec![doorkeeper];
    let (_, stopping) = watch::channel(false);
    let all = http::router(house, settings(&url), stopping);
    let all = all.map_err(|error| Failure::new("Lockgate.Settings", error.to_string()))?;
    let own = Router::new().route("/events/{request}", get(|| async { StatusCode::NOT_FOUND }));
    Ok(own.merge(sign_in::routes(door)).fallback_service(all))
}

/// Nothing but the API.
pub(crate) fn api_only(all: Router) -> Router {
    all.layer(from_fn(only_the_api))
}

async fn only_the_api(call: Request, next: Next) -> Response {
    match call.uri().path() {
        "/graphql" | "/predecessor/graphql" => next.run(call).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
