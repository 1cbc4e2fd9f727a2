//! Sign-in by the user pool: there with a challenge, back with a code that is changed for a token.
//!
//! What a browser has to bring back is in a cookie of its own: the state that the pool repeats, and the secret behind
//! the challenge. So a code that somebody else was given is of no use here.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use workflow::domain::access::{Access, Look};
use workflow::ports::{Kind, PortError, PortResult};

use super::entry::{Doorkeeper, Entered};
use super::page;

const COOKIE_NAME: &str = "__Host-lockgate-sign-in";

/// The way to the user pool's sign-in page and back.
pub(crate) struct Door {
    pub(crate) doorkeeper: Arc<Doorkeeper>,
    /// What people type to get here.
    pub(crate) url: String,
    /// The pool's sign-in pages.
    pub(crate) pool: String,
    /// As whom we speak to it.
    pub(crate) client: String,
    pub(crate) http: reqwest::Client,
}

impl Door {
    pub(crate) fn new(doorkeeper: Arc<Doorkeeper>, (url, pool, client): (&str, &str, &str)) -> Self {
        let (url, pool, client) = (url.to_owned(), pool.to_owned(), client.to_owned());
        Self { doorkeeper, url, pool, client, http: super::client::client() }
    }

    fn back(&self) -> String {
        format!("{}/sign-in/callback", self.url)
    }

    /// Changes a code for the pool's identity token.
    async fn token(&self, code: &str, secret: &str) -> PortResult<Option<String>> {
        #[derive(Deserialize)]
        struct Given {
            id_token: String,
        }
        let back = self.back();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.client),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", secret),
        ];
        let failed = |error: reqwest::Error| {
            PortError::new("user pool", "change a code", Kind::Transient).because(error.without_url())
        };
        let call = self.http.post(format!("{}/oauth2/token", self.pool)).form(&form);
        let answer = call.send().await.map_err(failed)?;
        if answer.status().is_client_error() {
            return Ok(None);
        }
        let given: Given = answer.error_for_status().map_err(failed)?.json().await.map_err(failed)?;
        Ok(Some(given.id_token))
    }
}

/// `/sign-in` and the way back from the pool.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new().route("/sign-in", get(leave)).route("/sign-in/callback", get(come_back)).with_state(door)
}

/// Sends a browser to the pool.
async fn leave(State(door): State<Arc<Door>>) -> Response {
    let ids = &door.doorkeeper.ports.ids;
    let (state, secret) = (hex::encode(ids.secret()), hex::encode(ids.secret()));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()));
    let query = [
        ("response_type", "code"),
        ("client_id", &door.client),
        ("redirect_uri", &door.back()),
        ("scope", "openid email profile"),
        ("state", &state),
        ("nonce", &state),
        ("code_challenge_method", "S256"),
        ("code_challenge", &challenge),
    ];
    let Ok(target) = reqwest::Url::parse_with_params(&format!("{}/oauth2/authorize", door.pool), query) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "The sign-in page's address is not set as it should be.")
            .into_response();
    };
    // The way back begins at another site: a strict cookie would not come along.
    let cookie = format!("{COOKIE_NAME}={state}.{secret}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
    go(target.as_str(), &[cookie])
}

/// What the pool sends back.
#[derive(Deserialize)]
struct Arrival {
    code: Option<String>,
    state: Option<String>,
}

/// Takes a browser in that comes from the pool.
async fn come_back(State(door): State<Arc<Door>>, headers: HeaderMap, Query(arrival): Query<Arrival>) -> Response {
    match enter(&door, &headers, arrival).await {
        Ok(Some(cookie)) => go("/", &[cookie, format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; Secure")]),
        Ok(None) => {
            let sentence = "You are not signed in: the sign-in did not begin in this browser, took too long, or your \
                            account has no verified address. Open this site again, or ask an operator.";
            (StatusCode::UNAUTHORIZED, sentence).into_response()
        }
        Err(error) => {
            tracing::error!(error = error.in_full(), "a sign-in failed");
            let sentence = "Signing in did not work just now. Open this site again in a minute.";
            (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
        }
    }
}

async fn enter(door: &Door, headers: &HeaderMap, arrival: Arrival) -> PortResult<Option<String>> {
    let Some((state, secret)) = kept(headers) else { return Ok(None) };
    let (Some(code), true) = (arrival.code, arrival.state.as_deref() == Some(&state)) else { return Ok(None) };
    let Some(token) = door.token(&code, &secret).await? else { return Ok(None) };
    let Some((entered, claims)) = door.doorkeeper.admit(&token).await? else { return Ok(None) };
    if claims.nonce.as_deref() != Some(&state) {
        return Ok(None);
    }
    record(door, &entered).await?;
    let cookie = http::open_session(&door.doorkeeper.ports, &page::settings(&door.url), entered.identity).await?;
    Ok(Some(cookie))
}

async fn record(door: &Door, entered: &Entered) -> PortResult<()> {
    let ports = &door.doorkeeper.ports;
    let person = Some(entered.person.who.email.clone());
    let access = Access {
        at: ports.clock.now(),
        person,
        system_user: None,
        origin: None,
        what: Look::SignIn { succeeded: true },
    };
    ports.access_log.append(&access).await
}

/// What the browser was given when it left.
fn kept(headers: &HeaderMap) -> Option<(String, String)> {
    let pairs = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut ours = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = ours.find(|(name, _)| *name == COOKIE_NAME)?;
    value.split_once('.').map(|(state, secret)| (state.to_owned(), secret.to_owned()))
}

fn go(target: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(CACHE_CONTROL, "no-store")]).into_response();
    if let Ok(target) = target.parse() {
        response.headers_mut().insert(LOCATION, target);
    }
    for cookie in cookies.iter().filter_map(|cookie| cookie.parse().ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
