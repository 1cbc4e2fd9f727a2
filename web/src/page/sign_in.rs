//! Coming in and going.

use askama::Template;
use axum::extract::{FromRequest, Query, Request};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::{filled, html};
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

#[derive(Template)]
#[template(path = "ended.html")]
struct EndedPage {
    typed: Option<String>,
    next: String,
}

/// What a form holds that took somebody time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    reason: String,
    text: String,
    purpose: String,
}

/// Says that the session has ended, gives back what was typed, and leads through the sign-in to where the form was.
pub(super) async fn ended(request: Request) -> Response {
    let next = place_of(request.uri().path());
    let words = Form::<Words>::from_request(request, &()).await.map(|Form(words)| words).unwrap_or_default();
    let typed = [&words.reason, &words.text, &words.purpose].into_iter().find_map(|words| filled(words));
    (StatusCode::UNAUTHORIZED, html(&EndedPage { typed, next })).into_response()
}

/// The page on which a form was, by the address that it was sent to.
fn place_of(path: &str) -> String {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("requests"), Some(id), Some(form @ ("decide" | "resubmit"))) => format!("/requests/{id}/{form}"),
        (Some("requests"), Some(id), _) => format!("/requests/{id}"),
        (Some(section @ ("submit" | "operate")), _, _) => format!("/{section}"),
        _ => "/".to_owned(),
    }
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
    use super::{place_of, within};

    #[test]
    fn whoever_signs_in_again_is_led_to_where_the_form_was() {
        let places = [
            ("/requests/7/decide", "/requests/7/decide"),
            ("/requests/7/decide/check", "/requests/7/decide"),
            ("/requests/7/comment", "/requests/7"),
            ("/operate/mail/1/retry", "/operate"),
            ("/sign-out", "/"),
        ];
        for (sent_to, place) in places {
            assert_eq!(place_of(sent_to), place);
        }
    }

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
