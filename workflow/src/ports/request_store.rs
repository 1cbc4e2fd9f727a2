//! Requests, with their audit chains and what they put into the outbox.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::PortResult;
use crate::domain::audit::Event;
use crate::domain::change::{Alias, Change};
use crate::domain::email::Email;
use crate::domain::id::RequestId;
use crate::domain::request::Request;
use crate::domain::status::StatusWord;
use crate::domain::text::{Group, ProjectId, StoreId};
use jiff::Timestamp;

/// The ways in which requests can be listed: each has an index of its own, and there are no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Every request, newest first.
    All,
    /// What is not over, oldest first.
    Open,
    /// Of one status, oldest first.
    InStatus(StatusWord),
    /// Of one project, newest first.
    OfProject(ProjectId),
    /// Of one requester, newest first.
    OfRequester(Email),
    /// Of one store, newest first.
    OfStore(StoreId),
    /// In review at a stage of a group, oldest first.
    WaitingFor(Group),
    /// Where time asks for something by an instant, earliest first.
    DueBy(Timestamp),
}

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which list.
    pub pattern: Pattern,
    /// After which row, as a page before named it.
    pub after: Option<String>,
    /// At most how many rows.
    pub first: u32,
}

/// A page of a list. Lists are eventually right; [`RequestStore::find`] is always right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub requests: Vec<Request>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// It is durable: request, event, outbox, alias and hold.
    Done,
    /// The request has another version than the change expected. Nothing was written.
    Stale,
    /// The store's place is held by another open request. Nothing was written.
    StoreHeld,
    /// The notice was answered before. Nothing was written.
    NoticeAnswered,
}

/// How many requests stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Those that are not over, by status.
    pub open: BTreeMap<StatusWord, u64>,
    /// Since when the one that waits longest for a decision waits at its stage.
    pub waiting_since: Option<Timestamp>,
}

/// Requests, with their audit chains.
#[async_trait]
pub trait RequestStore: Send + Sync {
    /// The request as it is now.
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>>;

    /// The answer that a notice got: the request that holds it, and the notice as it came.
    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>>;

    /// A page of a list.
    async fn list(&self, query: &Query) -> PortResult<Page>;

    /// How many requests stand where. A store that keeps counts answers from them; this reads every open request.
    async fn census(&self) -> PortResult<Census> {
        let (mut census, mut after) = (Census::default(), None);
        loop {
            let page = self.list(&Query { pattern: Pattern::Open, after, first: 500 }).await?;
            for request in &page.requests {
                *census.open.entry(request.status.word()).or_default() += 1;
                let entered_at = request.round().entry.as_ref().map(|entry| entry.entered_at);
                census.waiting_since = [census.waiting_since, entered_at].into_iter().flatten().min();
            }
            after = page.next;
            if after.is_none() {
                return Ok(census);
            }
        }
    }

    /// Writes a change in one transaction, if the request still has the expected version. Again: `Done`, once the
    /// change itself is what is stored.
    async fn commit(&self, change: &Change) -> PortResult<Commit>;

    /// Events of a request's chain after a sequence number, in order, at most `first`.
    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>>;
}
