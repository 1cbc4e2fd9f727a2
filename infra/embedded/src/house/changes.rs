//! What is committed, as it happens: whoever waits for it is told, and the log has a line for each event.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Notify, watch};
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::request_store::{Census, Commit, Page, Query};
use workflow::ports::{PortResult, Ports, RequestStore};

/// Tells of the commits of a house. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    commits: watch::Sender<u64>,
    errands: Arc<Notify>,
}

impl Changes {
    /// Counts commits from now on, for whoever waits for the next one.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Returns once something was put into the outbox, so that nobody waits for the next round of deliveries.
    pub(super) async fn errand(&self) {
        self.errands.notified().await;
    }

    /// Looks at every commit.
    pub(super) fn decorate(&self, mut ports: Ports) -> Ports {
        ports.requests = Arc::new(Watched { requests: ports.requests, changes: self.clone() });
        ports
    }

    fn note(&self, change: &Change) {
        let event = change.event();
        tracing::info!(
            request = %event.request,
            sequence = event.sequence,
            fact = event.fact.word(),
            status = event.status.as_str(),
            "committed"
        );
        self.commits.send_modify(|count| *count += 1);
        if !change.outbox().is_empty() {
            self.errands.notify_one();
        }
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

    async fn census(&self) -> PortResult<Census> {
        self.requests.census().await
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        let committed = self.requests.commit(change).await;
        if matches!(committed, Ok(Commit::Done)) {
            self.changes.note(change);
        }
        committed
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        self.requests.trail(id, after, first).await
    }
}
