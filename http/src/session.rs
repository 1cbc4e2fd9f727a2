//! Sessions: how somebody comes in with a password, is known by a cookie, and goes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use workflow::domain::access::{Access, Look};
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::person::Identity;
use workflow::ports::sessions::Session;
use workflow::ports::{PortError, Ports};

use crate::authentication::Visitor;
use crate::call::Call;
use crate::cookie;
use crate::face::Face;
use crate::password::Busy;
use crate::problem::Problem;
use crate::settings::Settings;

/// How exactly the last use of a session is kept: writing down each use would cost a flush each.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// Why somebody did not come in.
#[derive(Debug)]
pub(crate) enum NotIn {
    /// Address and password do not belong together, or the account is shut: the two are not told apart.
    Wrong,
    /// They tried too often; the next try is allowed after so many seconds.
    TooOften(u64),
    /// Too many people come in just now.
    Busy,
    /// A port failed.
    Failed(PortError),
}

impl From<PortError> for NotIn {
    fn from(error: PortError) -> Self {
        Self::Failed(error)
    }
}

impl From<NotIn> for Problem {
    fn from(not_in: NotIn) -> Self {
        match not_in {
            NotIn::Wrong => {
                let sentence = "The e-mail address and the password do not belong together, or the account is \
                                disabled. You are not signed in. Try again, or ask an operator for a new password.";
                Self::Said(StatusCode::UNAUTHORIZED, sentence.to_owned())
            }
            NotIn::TooOften(seconds) => {
                let sentence = format!(
                    "There were too many tries to sign in. You are not signed in. Wait {seconds} seconds and try again."
                );
                Self::Later(StatusCode::TOO_MANY_REQUESTS, sentence, seconds)
            }
            NotIn::Busy => Self::busy(),
            NotIn::Failed(error) => Self::Failed(error),
        }
    }
}

/// The session that a call came with, if it is alive. Its use is written down.
pub(crate) async fn find(face: &Face, headers: &HeaderMap) -> Result<Option<Session>, PortError> {
    let Some(token) = cookie::token(&face.settings, headers) else { return Ok(None) };
    let token = Digest::of(token.as_bytes());
    let now = face.ports.clock.now();
    let found = face.ports.sessions.find(&token).await?;
    let Some(session) = found.filter(|session| is_alive(face, session, now)) else { return Ok(None) };
    if !is_within(session.seen_at, SEEN_EVERY, now) {
        face.ports.sessions.touch(&token, now).await?;
    }
    Ok(Some(session))
}

fn is_alive(face: &Face, session: &Session, now: Timestamp) -> bool {
    session.expires_at > now && is_within(session.seen_at, face.settings.sessions.idle, now)
}

fn is_within(since: Timestamp, span: Duration, now: Timestamp) -> bool {
    since.checked_add(span).is_ok_and(|end| end > now)
}

/// Signs somebody in and answers the token of a new session. The session before, if any, ends. The try is on the access
/// log whatever comes of it; of a flood that is turned away unseen, the beginning is.
pub(crate) async fn sign_in(
    face: &Face,
    from: IpAddr,
    (email, password): (&str, &str),
    before: Option<&Session>,
) -> Result<String, NotIn> {
    let email = Email::parse(email.trim()).ok();
    let result = prove(face, from, email.as_ref(), password).await;
    face.counters.count_sign_in(match &result {
        Ok(_) => "succeeded",
        Err(NotIn::TooOften(_)) => "throttled",
        Err(_) => "failed",
    });
    let turned_away = matches!(result, Err(NotIn::TooOften(_) | NotIn::Busy));
    if !turned_away || face.throttle.may_record(from) {
        log(face, from, email, result.is_ok()).await?;
    }
    let identity = result?;
    if let Some(before) = before {
        face.ports.sessions.close(&before.token).await?;
    }
    open(face, identity).await
}

/// Finds whose account it is, if the password is right and the directory knows the person.
async fn prove(face: &Face, from: IpAddr, email: Option<&Email>, password: &str) -> Result<Identity, NotIn> {
    face.throttle.count(from, email.map_or("", Email::folded)).map_err(NotIn::TooOften)?;
    let account = match email {
        Some(email) => face.ports.sessions.account(email).await?,
        None => None,
    };
    let stored = account.as_ref().map(|account| account.password.as_str());
    let is_right = face.passwords.is_right(password, stored).await.map_err(|Busy| NotIn::Busy)?;
    let account = account.filter(|_| is_right).ok_or(NotIn::Wrong)?;
    let person = face.ports.people.by_identity(&account.identity).await?;
    person.filter(|person| !person.disabled).map(|_| account.identity).ok_or(NotIn::Wrong)
}

async fn log(face: &Face, from: IpAddr, person: Option<Email>, succeeded: bool) -> Result<(), PortError> {
    let at = face.ports.clock.now();
    let access = Access { at, person, origin: Some(from.to_string()), what: Look::SignIn { succeeded } };
    face.ports.access_log.append(&access).await
}

async fn open(face: &Face, identity: Identity) -> Result<String, NotIn> {
    Ok(begin(&face.ports, &face.settings, identity).await?)
}

async fn begin(ports: &Ports, settings: &Settings, identity: Identity) -> Result<String, PortError> {
    let token = hex::encode(ports.ids.secret());
    let now = ports.clock.now();
    let expires_at = now.checked_add(settings.sessions.at_most).unwrap_or(Timestamp::MAX);
    let digest = Digest::of(token.as_bytes());
    let session = Session { token: digest, identity, opened_at: now, seen_at: now, expires_at };
    ports.sessions.open(&session).await?;
    Ok(token)
}

/// Opens a session for an account that was proven elsewhere, and answers the cookie that carries it. Every call opens
/// another one.
pub async fn open_session(ports: &Ports, settings: &Settings, identity: Identity) -> Result<String, PortError> {
    let token = begin(ports, settings, identity).await?;
    Ok(cookie::keep(settings, &token).0)
}

/// What a client without pages sends to come in.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

/// `POST /session`: comes in.
pub(crate) async fn enter(
    State(face): State<Arc<Face>>,
    call: Call,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Problem> {
    let before = find(&face, &headers).await?;
    let typed = (credentials.email.as_str(), credentials.password.as_str());
    let token = sign_in(&face, call.from, typed, before.as_ref()).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::keep(&face.settings, &token).0)]).into_response())
}

/// `DELETE /session`: goes. Again: nothing.
pub(crate) async fn leave(State(face): State<Arc<Face>>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(session) = find(&face, &headers).await? {
        face.ports.sessions.close(&session.token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::forget(&face.settings).0)]).into_response())
}

/// `DELETE /sessions`: ends all sessions of whoever calls.
pub(crate) async fn leave_everywhere(State(face): State<Arc<Face>>, visitor: Visitor) -> Result<Response, Problem> {
    close_all(&face, &visitor).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::forget(&face.settings).0)]).into_response())
}

/// Ends all sessions of a person, whatever account they came in with.
pub(crate) async fn close_all(face: &Face, visitor: &Visitor) -> Result<(), PortError> {
    for identity in &visitor.caller.who.identities {
        face.ports.sessions.close_all(Some(identity)).await?;
    }
    Ok(())
}
