//! Coming in and going.

use askama::Template;
use axum::extract::Query;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::html;
use crate::Visit;
use crate::session::{NotIn, SetCookie};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/sign-in", get(form).post(come_in))
        .route("/sign-out", post(go))
        .route("/sign-out-everywhere", post(go_everywhere))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    email: String,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    email: String,
    next: String,
    trouble: Option<String>,
    has_gone: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Arrival {
    next: String,
    gone: String,
}

async fn form(Query(arrival): Query<Arrival>) -> Response {
    let next = within(&arrival.next).to_owned();
    html(&SignInPage { email: String::new(), next, trouble: None, has_gone: arrival.gone == "yes" })
}

async fn come_in(Extension(visit): Extension<Visit>, Form(typed): Form<Typed>) -> Response {
    let next = within(&typed.next).to_owned();
    match visit.session.sign_in(typed.email.trim(), &typed.password).await {
        Ok(cookie) => (set(&cookie), Redirect::to(&next)).into_response(),
        Err(not_in) => turn_away(typed.email, next, not_in),
    }
}

fn turn_away(email: String, next: String, not_in: NotIn) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(seconds) = not_in.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let status = StatusCode::from_u16(not_in.status).unwrap_or(StatusCode::UNAUTHORIZED);
    let page = SignInPage { email, next, trouble: Some(not_in.sentence), has_gone: false };
    (status, headers, html(&page)).into_response()
}

async fn go(Extension(visit): Extension<Visit>) -> Response {
    (set(&visit.session.sign_out().await), Redirect::to("/sign-in?gone=yes")).into_response()
}

async fn go_everywhere(Extension(visit): Extension<Visit>) -> Response {
    (set(&visit.session.sign_out_everywhere().await), Redirect::to("/sign-in?gone=yes")).into_response()
}

fn set(cookie: &SetCookie) -> HeaderMap {
    HeaderValue::from_str(&cookie.0).map(|value| HeaderMap::from_iter([(SET_COOKIE, value)])).unwrap_or_default()
}

/// An address within these pages; the first page for any other.
fn within(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//");
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn nobody_is_led_to_another_site() {
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "", "/a\r\nb", "javascript:1"]
        {
            assert_eq!(within(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(within("/requests/1?after=x"), "/requests/1?after=x");
    }
}
