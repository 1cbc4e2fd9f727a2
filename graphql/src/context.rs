//! What one call comes with: the house, who asks, and the names under which it is known.

use std::fmt;
use std::sync::Arc;

use tokio::sync::OnceCell;
use workflow::actions::Caller;
use workflow::domain::person::Person;
use workflow::ports::Ports;

use crate::fault::{Fault, fault_of};

/// What one call comes with. The caller's identity was proven by whoever builds it.
#[derive(Clone)]
pub struct Context {
    /// The house.
    pub ports: Ports,
    /// Who asks.
    pub caller: Caller,
    /// The name that the caller gave the call, so that it can be sent again without being done again.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The name of the call in the log of the house; an answer that reports a fault names it too.
    pub correlation_id: String,
    /// What links begin with, as in `https://egress.example.org`; empty if they are paths on this host.
    pub public_url: String,
    person: Arc<OnceCell<Person>>,
}

impl Context {
    /// A call of a caller.
    pub fn new(ports: Ports, caller: Caller, correlation_id: impl Into<String>) -> Self {
        let person = Arc::new(OnceCell::new());
        Self {
            ports,
            caller,
            idempotency_key: None,
            correlation_id: correlation_id.into(),
            public_url: String::new(),
            person,
        }
    }

    /// The same call with the name that its caller gave it.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// The same call with what links begin with.
    #[must_use]
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        url.into().trim_end_matches('/').clone_into(&mut self.public_url);
        self
    }

    /// The caller as the directory knows them, asked once in a call. Actions ask again by themselves.
    pub(crate) async fn person(&self) -> Result<&Person, Fault> {
        let look_up = || async {
            let person = self.caller.person(&self.ports).await.map_err(|error| fault_of(self, error))?;
            if person.disabled { Err(Fault::disabled(self)) } else { Ok(person) }
        };
        self.person.get_or_try_init(look_up).await
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("correlation_id", &self.correlation_id).finish_non_exhaustive()
    }
}

/// The name that a caller gives a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Says that a name for a call cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an Idempotency-Key has 1 to 200 visible ASCII characters; nothing was done, send the call again with such a key or without one"
)]
pub struct BadIdempotencyKey;

impl IdempotencyKey {
    /// Takes 1 to 200 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, BadIdempotencyKey> {
        let is_usable = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_usable { Ok(Self(text.to_owned())) } else { Err(BadIdempotencyKey) }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
