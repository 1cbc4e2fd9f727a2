//! The audit chain: one event per change, each bound to the one before it.

mod fact;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use fact::Fact;

use super::digest::{Digest, of_canonical};
use super::id::{RequestId, RunNumber};
use super::person::Who;
use super::status::StatusWord;

/// Who or what made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    Person {
        /// Who.
        who: Box<Who>,
        /// The user of the machine on whose account the command line ran, where it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        system_user: Option<String>,
    },
    /// A step of the workflow.
    Step {
        /// The state of the definition.
        state: String,
        /// The run.
        run: RunNumber,
    },
    /// A chore.
    Chore {
        /// Its name.
        name: String,
    },
    /// The upstream platform.
    Platform,
}

impl Actor {
    /// A person who acts for themselves.
    pub fn person(who: Who) -> Self {
        Self::Person { who: Box::new(who), system_user: None }
    }

    /// A chore.
    pub fn chore(name: &str) -> Self {
        Self::Chore { name: name.to_owned() }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { who, system_user: None } => write!(f, "{who}"),
            Self::Person { who, system_user: Some(user) } => write!(f, "{who} (as system user {user})"),
            Self::Step { state, run } => write!(f, "step {state} of run {run}"),
            Self::Chore { name } => write!(f, "chore {name}"),
            Self::Platform => f.write_str("the platform"),
        }
    }
}

/// One event of a request's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The request.
    pub request: RequestId,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When it was committed.
    pub at: Timestamp,
    /// Who or what made the change.
    pub actor: Actor,
    /// What happened.
    pub fact: Fact,
    /// Where the request stood afterwards.
    pub status: StatusWord,
    /// The digest of the request as the change left it (without the chain's own head).
    pub state: Digest,
    /// The hash of the event before it; of 32 zero bytes for the first.
    pub previous: Digest,
    /// The hash of this event: SHA-256 of its canonical JSON without this field.
    pub hash: Digest,
}

/// The end of a chain: what the next event is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The sequence number of the last event; 0 before the first.
    pub sequence: u64,
    /// The hash of the last event.
    pub hash: Digest,
}

impl Head {
    /// The head of a chain without events.
    pub const NONE: Self = Self { sequence: 0, hash: Digest::Sha256([0; 32]) };
}

/// Everything of an event that its hash is made of.
#[derive(Serialize)]
struct Hashed<'a> {
    request: &'a RequestId,
    sequence: u64,
    at: Timestamp,
    actor: &'a Actor,
    fact: &'a Fact,
    status: StatusWord,
    state: Digest,
    previous: Digest,
}

impl Event {
    /// Binds the event to the chain by setting its hash.
    pub(crate) fn sealed(mut self) -> Self {
        self.hash = self.compute_hash();
        self
    }

    /// The hash that the event ought to have.
    pub fn compute_hash(&self) -> Digest {
        of_canonical(&Hashed {
            request: &self.request,
            sequence: self.sequence,
            at: self.at,
            actor: &self.actor,
            fact: &self.fact,
            status: self.status,
            state: self.state,
            previous: self.previous,
        })
    }

    /// The head of the chain that ends with this event.
    pub fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash }
    }
}

/// Says where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An event is missing, doubled or out of order.
    #[error("event {expected} of request {request} is missing; event {found} stands in its place")]
    Gap {
        /// The request.
        request: RequestId,
        /// The event that should have come.
        expected: u64,
        /// The event that came.
        found: u64,
    },
    /// An event was changed.
    #[error("event {sequence} of request {request} was changed after it was written")]
    Changed {
        /// The request.
        request: RequestId,
        /// The event.
        sequence: u64,
    },
    /// An event does not follow from the one before it.
    #[error("event {sequence} of request {request} does not follow from the one before it")]
    Unbound {
        /// The request.
        request: RequestId,
        /// The event.
        sequence: u64,
    },
    /// The chain ends before or after the head that the request holds.
    #[error("the events of request {request} end at {found}, but {expected} were written")]
    Cut {
        /// The request.
        request: RequestId,
        /// The sequence number in the request's head.
        expected: u64,
        /// The sequence number of the last event.
        found: u64,
    },
    /// The request row is not what its last event left.
    #[error("request {request} was changed after its last event")]
    Row {
        /// The request.
        request: RequestId,
    },
}

/// Checks a whole chain against the head that the request holds; the first bad event is named.
pub fn verify_chain(request: RequestId, events: &[Event], head: Head) -> Result<(), BrokenChain> {
    let mut last = Head::NONE;
    for event in events {
        let (expected, found) = (last.sequence + 1, event.sequence);
        if found != expected || event.request != request {
            return Err(BrokenChain::Gap { request, expected, found });
        }
        if event.hash != event.compute_hash() {
            return Err(BrokenChain::Changed { request, sequence: found });
        }
        if event.previous != last.hash {
            return Err(BrokenChain::Unbound { request, sequence: found });
        }
        last = event.head();
    }
    if last == head {
        return Ok(());
    }
    if last.sequence == head.sequence {
        return Err(BrokenChain::Row { request });
    }
    Err(BrokenChain::Cut { request, expected: head.sequence, found: last.sequence })
}
