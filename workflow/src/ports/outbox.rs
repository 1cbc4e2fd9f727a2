//! What has to be done outside, claimed by lease so that two deliverers do not do it twice.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PortResult;
use crate::domain::email::Email;
use crate::domain::outbox::{Message, MessageId};

/// A message that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The message.
    pub message: Message,
    /// How often it was tried before.
    pub attempts: u32,
    /// Whom it reached already.
    pub delivered_to: Vec<Email>,
}

/// How a message stands, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The message.
    pub message: Message,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; none if it is settled or given up.
    pub next_at: Option<Timestamp>,
    /// What went wrong last.
    pub trouble: Option<String>,
    /// Whom it reached.
    pub delivered_to: Vec<Email>,
    /// Whether it was given up: it waits for an operator.
    pub undeliverable: bool,
    /// Whether everything that it asks for is done.
    pub settled: bool,
}

/// Which messages an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawer {
    /// What is still to be done.
    Due,
    /// What was given up.
    Undeliverable,
    /// What is done.
    Settled,
}

/// The outbox. [`super::RequestStore::commit`] fills it.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Claims messages that are due at `now`, oldest first, until `until`. A lease that ran out can be claimed again.
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>>;

    /// Records that a message reached somebody. Again: nothing.
    async fn deliver(&self, id: MessageId, to: &Email, at: Timestamp) -> PortResult<()>;

    /// How many messages reached somebody from an instant on.
    async fn reached(&self, to: &Email, from: Timestamp) -> PortResult<u32>;

    /// Records that a message is done. Again: nothing.
    async fn settle(&self, id: MessageId) -> PortResult<()>;

    /// Ends the lease; the message is tried again at `next_at`, or given up if there is none.
    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()>;

    /// How messages stand, oldest first.
    async fn list(&self, drawer: Drawer, first: u32) -> PortResult<Vec<Posting>>;

    /// How many messages are in a drawer.
    async fn count(&self, drawer: Drawer) -> PortResult<u64> {
        Ok(self.list(drawer, u32::MAX).await?.len() as u64)
    }

    /// Makes a message that was given up due at `now`. `Missing` if there is none of that name. Again: nothing.
    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()>;
}
