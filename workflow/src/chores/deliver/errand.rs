//! Errands that are not letters: runs are begun, stores let the next request in.

use super::NAME;
use crate::amend::time_of_change;
use crate::domain::audit::Actor;
use crate::domain::id::{ExecutionName, RequestId, RunNumber};
use crate::domain::slip::Slip;
use crate::domain::status::Status;
use crate::domain::text::StoreId;
use crate::ports::request_store::{Commit, Pattern, Query};
use crate::ports::{Kind, PortError, PortResult, Ports};

/// Requests that are read in one page.
const PAGE: u32 = 100;
/// How often a queued request is looked at again because it moved meanwhile.
const TRIES: u32 = 16;

/// Begins a run. Again: nothing.
pub(super) async fn begin(ports: &Ports, request: RequestId, run: RunNumber) -> PortResult<()> {
    ports.orchestrator.begin(ExecutionName { request, run }, &Slip::first(request, run)).await
}

/// Lets the oldest queued request of a store in, if the store has no open one. Again, or when somebody else was faster:
/// nothing.
pub(super) async fn free(ports: &Ports, store: &StoreId) -> PortResult<()> {
    for queued in queue(ports, store).await? {
        if let_in(ports, queued).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// The store's queued requests, oldest first.
async fn queue(ports: &Ports, store: &StoreId) -> PortResult<Vec<RequestId>> {
    let mut queued = Vec::new();
    let mut after = None;
    loop {
        let pattern = Pattern::OfStore(store.clone());
        let page = ports.requests.list(&Query { pattern, after, first: PAGE }).await?;
        queued.extend(page.requests.into_iter().filter(|request| request.status == Status::Queued));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    queued.sort_by_key(|request| (request.received_at, request.id));
    Ok(queued.into_iter().map(|request| request.id).collect())
}

/// Lets one request in. True if the store has its open request now, this one or another.
async fn let_in(ports: &Ports, id: RequestId) -> PortResult<bool> {
    for _ in 0..TRIES {
        let Some(request) = ports.requests.find(id).await? else { return Ok(false) };
        // Somebody else was faster: they let it in, or it was taken back.
        let Ok(change) = request.dequeue(Actor::chore(NAME), time_of_change(ports, &request)) else {
            return Ok(request.holds_store);
        };
        match ports.requests.commit(&change).await? {
            Commit::Done | Commit::StoreHeld => return Ok(true),
            Commit::Stale | Commit::NoticeAnswered => {}
        }
    }
    let moving = PortError::new("request store", format!("commit {id}"), Kind::Transient);
    Err(moving.because("it never stood still"))
}
