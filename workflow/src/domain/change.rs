//! A change of a request, with the audit event that it carries: the only thing a request store commits.

use super::audit::Event;
use super::id::RequestId;
use super::outbox::Message;
use super::request::Request;
use super::text::StoreId;

/// A change that the aggregate made. Its parts cannot be put together anywhere else, so that no write lacks its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(in crate::domain) expected: u64,
    pub(in crate::domain) after: Request,
    pub(in crate::domain) event: Event,
    pub(in crate::domain) outbox: Vec<Message>,
    pub(in crate::domain) hold: Hold,
    pub(in crate::domain) alias: Option<Alias>,
}

/// What a change does to the place of the one open request that a store may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    Keep,
    /// It takes the place, which must be free.
    Take(StoreId),
    /// It leaves the place.
    Free(StoreId),
}

/// A notice that a change answers: the same notice is answered once, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The notice's own id.
    pub notice: RequestId,
    /// The notice, byte for byte.
    pub body: String,
}

impl Change {
    /// The version that the stored request must have: 0 if there must be none.
    pub fn expected(&self) -> u64 {
        self.expected
    }

    /// The request as it will be.
    pub fn after(&self) -> &Request {
        &self.after
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// What has to be done outside because of it.
    pub fn outbox(&self) -> &[Message] {
        &self.outbox
    }

    /// What it does to the place of the store's open request.
    pub fn hold(&self) -> &Hold {
        &self.hold
    }

    /// The notice that it answers, if it is the first to.
    pub fn alias(&self) -> Option<&Alias> {
        self.alias.as_ref()
    }
}
