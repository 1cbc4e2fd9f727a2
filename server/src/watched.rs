//! A request store that says when something was committed, so that nobody has to look again and again.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::request_store::{Commit, Page, Query};
use workflow::ports::{PortResult, Ports, RequestStore};

/// Counts the commits of a house, for whoever waits for the next one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes(watch::Sender<u64>);

impl Changes {
    /// Waits for commits from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    /// Puts the counting behind every commit.
    pub(crate) fn decorate(&self, mut ports: Ports) -> Ports {
        ports.requests = Arc::new(Watched { requests: ports.requests, changes: self.clone() });
        ports
    }
}

struct Watched {
    requests: Arc<dyn RequestStore>,
    changes: Changes,
}

#[async_trait]
impl RequestStore for Watched {
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>> {
        self.requests.find(id).await
    }

    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>> {
        self.requests.find_alias(notice).await
    }

    async fn list(&self, query: &Query) -> PortResult<Page> {
        self.requests.list(query).await
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        let committed = self.requests.commit(change).await;
        self.changes.0.send_modify(|count| *count += 1);
        committed
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        self.requests.trail(id, after, first).await
    }
}
