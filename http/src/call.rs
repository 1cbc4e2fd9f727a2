//! One call from beginning to end: it gets a reference, a place among the calls that are answered, a line in the log,
//! and an answer also when the code that should have given one panicked.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::face::Face;
use crate::problem::{Problem, say};
use crate::{client, header};

/// What is known of a call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its name in the log and in its answer.
    pub(crate) reference: String,
    /// Where it came from.
    pub(crate) from: IpAddr,
}

impl Call {
    /// The call that a request is part of. Every request has gone through [`watch`].
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let nameless = || Self { reference: String::new(), from: Ipv4Addr::UNSPECIFIED.into() };
        extensions.get::<Self>().cloned().unwrap_or_else(nameless)
    }

    fn new(face: &Face, request: &Request) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let peer = peer.unwrap_or_else(|| (Ipv4Addr::UNSPECIFIED, 0).into());
        let from = client::address(peer, request.headers(), face.settings.proxies);
        Self { reference: face.ports.ids.name().to_string(), from }
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Watches over a call.
///
/// The log has the route, never the address that was called: that may hold a ticket. It has no header either.
pub(crate) async fn watch(State(face): State<Arc<Face>>, mut request: Request, next: Next) -> Response {
    let began_at = Instant::now();
    let call = Call::new(&face, &request);
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("call", reference = %call.reference, %method, route, from = %call.from);
    request.extensions_mut().insert(call.clone());
    let answered = answer(&face, request, next).instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|| explain_panic(&call));
    header::protect(&face.settings, response.headers_mut());
    if let Ok(reference) = HeaderValue::from_str(&call.reference) {
        response.headers_mut().insert("x-request-id", reference);
    }
    let status = response.status().as_u16();
    face.counters.count_call(&route, status);
    let milliseconds = u64::try_from(began_at.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status, milliseconds, "answered"));
    response
}

/// Answers, if there is room; none if the code that should have answered panicked.
async fn answer(face: &Face, request: Request, next: Next) -> Option<Response> {
    let Ok(_place) = Arc::clone(&face.room.calls).try_acquire_owned() else {
        return Some(Problem::busy().into_response());
    };
    AssertUnwindSafe(next.run(request)).catch_unwind().await.ok()
}

fn explain_panic(call: &Call) -> Response {
    tracing::error!(reference = %call.reference, "the code of a route panicked");
    let sentence = format!(
        "Something went wrong here, and it is not your doing. Reload to see what was done. Give the operators the \
         reference {}.",
        call.reference
    );
    say(StatusCode::INTERNAL_SERVER_ERROR, sentence)
}

/// Ends a call that takes too long.
pub(crate) async fn hurry(State(face): State<Arc<Face>>, request: Request, next: Next) -> Response {
    let Ok(response) = tokio::time::timeout(face.settings.answer_within, next.run(request)).await else {
        let sentence = "This took too long and was given up. Reload to see what was done, and try again.";
        return Problem::Later(StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned(), 10).into_response();
    };
    response
}
