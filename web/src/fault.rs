//! Why a page cannot be shown, and the plain page that says so.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use crate::page::html;

/// Why a page cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody is signed in any more.
    SignedOut,
    /// There is no such thing, or it is not for this person.
    NotThere,
    /// The API, or what it needs, does not answer now.
    Unavailable(Option<String>),
    /// The call was not one that a page makes.
    Unusable(String),
    /// A bug: it is in the log under this reference.
    Broken(Option<String>),
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    title: &'a str,
    sentences: &'a [&'a str],
    reference: Option<&'a str>,
}

impl Fault {
    /// What could not be read as the schema promises.
    pub(crate) fn broken(error: &serde_json::Error) -> Self {
        tracing::error!(%error, "an answer of the api does not fit its document");
        Self::Broken(None)
    }

    /// What the API answered instead of data.
    pub(crate) fn answered(error: &Value) -> Self {
        let text = |pointer: &str| error.pointer(pointer).and_then(Value::as_str);
        let reference = text("/extensions/correlationId").map(ToOwned::to_owned);
        match text("/extensions/code") {
            Some("UNAUTHENTICATED") => Self::SignedOut,
            Some("FORBIDDEN") => Self::NotThere,
            Some("UNAVAILABLE" | "RATE_LIMITED") => Self::Unavailable(reference),
            Some("TOO_LARGE") => Self::Unusable("What you sent is too large for one call.".to_owned()),
            code => {
                let message = text("/message").unwrap_or_default();
                tracing::error!(?code, message, "the api did not answer a page's document");
                Self::Broken(reference)
            }
        }
    }

    fn page(&self) -> (StatusCode, &'static str, [&str; 2], Option<&str>) {
        match self {
            Self::SignedOut => (
                StatusCode::UNAUTHORIZED,
                "Your session has ended",
                [
                    "Nothing was recorded and nothing was lost except what you had typed into the form.",
                    "Sign in again, open the request and repeat what you wanted to do.",
                ],
                None,
            ),
            Self::NotThere => (
                StatusCode::NOT_FOUND,
                "Not yours, or not there",
                [
                    "There is nothing at this address, or it is not yours to see. Nothing was changed.",
                    "If a mail brought you here, check that you are signed in as the person it was sent to.",
                ],
                None,
            ),
            Self::Unavailable(reference) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not available just now",
                [
                    "The service cannot answer at the moment. What was on record before is kept.",
                    "Wait a minute and load the page again; what you do twice by this is recorded once.",
                ],
                reference.as_deref(),
            ),
            Self::Unusable(sentence) => (
                StatusCode::BAD_REQUEST,
                "That cannot be used",
                [sentence, "Nothing was changed. Go back and correct it."],
                None,
            ),
            Self::Broken(reference) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something broke on our side",
                [
                    "The page could not be made. What was on record before is kept.",
                    "Load the page again. If it stays like this, tell an operator, and name the reference if there is one.",
                ],
                reference.as_deref(),
            ),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, title, sentences, reference) = self.page();
        let sentences = sentences.as_slice();
        (status, html(&FaultPage { title, sentences, reference })).into_response()
    }
}

/// Leads somebody who is not signed in to the page where they sign in, and from there back.
pub(crate) fn sign_in_first(back_to: &str) -> Response {
    Redirect::to(&format!("/sign-in?next={}", crate::show::encode(back_to))).into_response()
}
