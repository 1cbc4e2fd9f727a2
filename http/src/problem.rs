//! What a route answers when it does not do what was asked: a status and a sentence.

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use workflow::actions::ActionError;
use workflow::domain::permission::Refusal;
use workflow::ports::{Kind, PortError};

/// Why a call was not answered as it wished.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The status and the sentence to read.
    Said(StatusCode, String),
    /// Nobody is signed in.
    SignIn,
    /// Try again after so many seconds.
    Later(StatusCode, String, u64),
    /// An action refused.
    Refused(Refusal),
    /// A port failed.
    Failed(PortError),
}

impl Problem {
    pub(crate) fn bad(sentence: impl Into<String>) -> Self {
        Self::Said(StatusCode::BAD_REQUEST, sentence.into())
    }

    pub(crate) fn missing(sentence: impl Into<String>) -> Self {
        Self::Said(StatusCode::NOT_FOUND, sentence.into())
    }

    /// There is no room now.
    pub(crate) fn busy() -> Self {
        let sentence = "There is more to do than can be done at once. Nothing was changed. Try again in a few seconds.";
        Self::Later(StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned(), 5)
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        Self::Failed(error)
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(refusal) => Self::Refused(refusal),
            ActionError::Port(error) => Self::Failed(error),
        }
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NoSuchRequest | Refusal::NoSuchUpload | Refusal::NoSuchItem => StatusCode::NOT_FOUND,
        Refusal::NotReleased { .. } | Refusal::NotNow(_) | Refusal::NotInReview { .. } => StatusCode::CONFLICT,
        other if other.is_stale() => StatusCode::CONFLICT,
        _ => StatusCode::FORBIDDEN,
    }
}

/// Marks an answer whose words are ours.
#[derive(Clone, Copy)]
struct Worded;

/// An answer of one sentence.
pub(crate) fn say(status: StatusCode, sentence: impl Into<String>) -> Response {
    let mut sentence = sentence.into();
    sentence.push('\n');
    let mut response = (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response();
    response.extensions_mut().insert(Worded);
    response
}

/// Gives words of ours to what the router and the extractors refuse by themselves.
pub(crate) async fn word(response: Response) -> Response {
    let said = response.headers().get(CONTENT_TYPE).map_or(b"text/plain".as_slice(), HeaderValue::as_bytes);
    let is_theirs = said.starts_with(b"text/plain") && response.extensions().get::<Worded>().is_none();
    let sentence = match response.status() {
        _ if !is_theirs => return response,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "This cannot be read; nothing was changed.",
        StatusCode::METHOD_NOT_ALLOWED => "This address is not for this method; nothing was changed.",
        StatusCode::PAYLOAD_TOO_LARGE => "This is larger than can be taken here; nothing was changed.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "This is not of the type that is taken here; nothing was changed.",
        _ => return response,
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    let mut worded = say(parts.status, sentence);
    worded.headers_mut().extend(parts.headers);
    worded
}

fn explain(error: &PortError) -> (StatusCode, &'static str) {
    tracing::error!(error = %error.in_full(), "a port failed");
    match error.kind {
        Kind::Missing => (StatusCode::NOT_FOUND, "This is not there any more. Go back and reload."),
        Kind::Transient => {
            let sentence = "This did not work just now. Reload to see what was done, and try again in a minute.";
            (StatusCode::SERVICE_UNAVAILABLE, sentence)
        }
        Kind::Conflict | Kind::Denied | Kind::Corrupt => {
            let sentence =
                "This did not work, and it is not your doing. Give the operators the reference of this answer.";
            (StatusCode::INTERNAL_SERVER_ERROR, sentence)
        }
    }
}

impl Problem {
    /// The status and the sentence. What is behind the failure of a port goes to the log.
    pub(crate) fn into_words(self) -> (StatusCode, String) {
        match self {
            Self::Said(status, sentence) | Self::Later(status, sentence, _) => (status, sentence),
            Self::SignIn => {
                let sentence = "You are not signed in, or your session has ended. Sign in and try again.";
                (StatusCode::UNAUTHORIZED, sentence.to_owned())
            }
            Self::Refused(refusal) => (status_of(&refusal), refusal.to_string()),
            Self::Failed(error) => {
                let (status, sentence) = explain(&error);
                (status, sentence.to_owned())
            }
        }
    }

    /// The header that says what to do about it, where there is one.
    fn hint(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::SignIn => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::Later(_, _, seconds) => Some((RETRY_AFTER, HeaderValue::from(*seconds))),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let hint = self.hint();
        let (status, sentence) = self.into_words();
        let mut response = say(status, sentence);
        response.headers_mut().extend(hint);
        response
    }
}
