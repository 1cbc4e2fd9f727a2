//! Who calls. An authenticator proves an identity; who that is, the directory says, each time.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use workflow::actions::Caller;
use workflow::domain::person::Identity;
use workflow::domain::text::Group;
use workflow::ports::sessions::{KeyScope, Session};
use workflow::ports::{PortError, PortResult};

use crate::call::Call;
use crate::face::Face;
use crate::problem::Problem;
use crate::{key, session};

/// What an authenticator found in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing that it knows: another one is asked.
    Absent,
    /// Something that proves nothing: forged, expired, revoked. The call is nobody's.
    Bad,
    /// An account.
    Good {
        /// Which.
        identity: Identity,
        /// The groups that a token claims, where one does.
        claimed: Option<BTreeSet<Group>>,
    },
}

/// Proves who calls by what a bearer token says.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Looks at a bearer token.
    async fn authenticate(&self, bearer: &str) -> PortResult<Proof>;
}

/// Somebody who called and was recognised.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    /// The session they came with, if it was not a key.
    pub(crate) session: Option<Session>,
    /// What the key they came with is good for.
    pub(crate) scopes: BTreeSet<KeyScope>,
}

/// Whoever called: recognised or not.
#[derive(Debug, Clone)]
pub(crate) struct Guest(pub(crate) Option<Visitor>);

/// An account that was proven, before anybody has asked whose it is.
struct Proven {
    identity: Identity,
    claimed: Option<BTreeSet<Group>>,
    session: Option<Session>,
    scopes: BTreeSet<KeyScope>,
}

/// Finds out who calls. A bearer token counts before a cookie; a bad one makes the call nobody's.
pub(crate) async fn recognise(face: &Face, headers: &HeaderMap, from: IpAddr) -> Result<Option<Visitor>, PortError> {
    let proven = match bearer(headers) {
        Some(bearer) => by_bearer(face, bearer).await?,
        None => by_session(face, headers).await?,
    };
    let Some(proven) = proven else { return Ok(None) };
    let person = face.ports.people.by_identity(&proven.identity).await?;
    let Some(person) = person.filter(|person| !person.disabled) else { return Ok(None) };
    let caller = Caller { who: person.who, claimed: proven.claimed, system_user: None, origin: Some(from.to_string()) };
    Ok(Some(Visitor { caller, session: proven.session, scopes: proven.scopes }))
}

/// The bearer token of a call. What is there and cannot be read is an empty one, which nobody has.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let value = values.next()?;
    let token = value.to_str().ok().filter(|_| values.next().is_none()).and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    Some(token.unwrap_or_default())
}

async fn by_bearer(face: &Face, bearer: &str) -> Result<Option<Proven>, PortError> {
    if let Some((id, secret)) = key::parts(bearer) {
        let key = face.ports.sessions.key(id).await?;
        let good = key.filter(|key| key::is_good(key, secret, face.ports.clock.now()));
        return Ok(good.map(|key| Proven { identity: key.identity, claimed: None, session: None, scopes: key.scopes }));
    }
    for authenticator in &face.authenticators {
        match authenticator.authenticate(bearer).await? {
            Proof::Absent => {}
            Proof::Bad => return Ok(None),
            Proof::Good { identity, claimed } => {
                return Ok(Some(Proven { identity, claimed, session: None, scopes: [KeyScope::Act].into() }));
            }
        }
    }
    Ok(None)
}

async fn by_session(face: &Face, headers: &HeaderMap) -> Result<Option<Proven>, PortError> {
    let session = session::find(face, headers).await?;
    Ok(session.map(|session| Proven {
        identity: session.identity.clone(),
        claimed: None,
        session: Some(session),
        scopes: [KeyScope::Act].into(),
    }))
}

impl FromRequestParts<Arc<Face>> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, face: &Arc<Face>) -> Result<Self, Problem> {
        let call = Call::of(&parts.extensions);
        let visitor = recognise(face, &parts.headers, call.from).await?;
        Ok(Self(visitor.filter(|visitor| visitor.scopes.contains(&KeyScope::Act))))
    }
}

impl FromRequestParts<Arc<Face>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, face: &Arc<Face>) -> Result<Self, Problem> {
        let Guest(visitor) = Guest::from_request_parts(parts, face).await?;
        visitor.ok_or(Problem::SignIn)
    }
}
