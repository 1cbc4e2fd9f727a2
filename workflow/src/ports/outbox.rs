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
    /// Whether it was held back when it was last in hand. Then nobody whom it has still to reach was written to about it.
    pub was_held: bool,
}

/// A line of the delivery log: a message reached somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Whom.
    pub to: Email,
    /// When.
    pub at: Timestamp,
    /// What the other side answered as it took the mail.
    pub answer: String,
    /// Why it came back all the same; none as long as nobody has heard so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_back: Option<String>,
}

/// What is in the way of a message whose mail came back, for operators.
pub fn trouble_of_bounce(to: &Email, why: &str) -> String {
    format!("{to}: it was taken, and came back: {why}")
}

/// How a message stands, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its name.
    pub id: MessageId,
    /// The message; none if what is stored cannot be read.
    pub message: Option<Message>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; none if it is settled or given up.
    pub next_at: Option<Timestamp>,
    /// What went wrong last.
    pub trouble: Option<String>,
    /// Whom it reached, in that order.
    pub deliveries: Vec<Delivery>,
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
    /// Claims messages that are due at `now`, oldest first, until `until`. A lease that ran out can be claimed again. A
    /// message that cannot be read keeps no other one from being claimed: it is given up, with that as its trouble.
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>>;

    /// Records that one mail with these messages reached somebody: all of them or none. Again: nothing.
    async fn deliver(&self, ids: &[MessageId], delivery: &Delivery) -> PortResult<()>;

    /// Which messages reached somebody from an instant on.
    async fn reached(&self, to: &Email, from: Timestamp) -> PortResult<Vec<MessageId>>;

    /// Records that the mail with this message that had reached somebody came back. The message is not done, then: it is
    /// given up once nothing else of it is due, and whoever has it retried has that person written to again. Again, or
    /// if it never reached them: nothing.
    async fn bounce(&self, id: MessageId, to: &Email, why: &str) -> PortResult<()>;

    /// Records that a message is done, unless a mail of it came back: then it is given up. Again: nothing.
    async fn settle(&self, id: MessageId) -> PortResult<()>;

    /// Ends the lease; the message is tried again at `next_at`, or given up if there is none.
    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()>;

    /// Ends the lease of a message that nothing was wrong with: some of those it is for have had enough mails for now.
    /// It is claimed again at `until`.
    async fn hold(&self, id: MessageId, until: Timestamp, why: &str) -> PortResult<()>;

    /// How messages stand, oldest first, those that cannot be read among them.
    async fn list(&self, drawer: Drawer, first: u32) -> PortResult<Vec<Posting>>;

    /// How many messages are in a drawer.
    async fn count(&self, drawer: Drawer) -> PortResult<u64> {
        Ok(self.list(drawer, u32::MAX).await?.len() as u64)
    }

    /// How one message stands; none if there is none of that name.
    async fn find(&self, id: MessageId) -> PortResult<Option<Posting>>;

    /// Makes a message that was given up due at `now`, as if it had never been tried. `Missing` if there is none of that
    /// name. Again: nothing.
    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()>;
}
