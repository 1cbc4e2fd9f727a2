//! Receive: the platform gives notice that some files should leave.

use uuid::Uuid;

use crate::amend::time_of_change;
use crate::domain::id::RequestId;
use crate::domain::notice::Notice;
use crate::domain::policy::OpenRequests;
use crate::domain::request::Request;
use crate::domain::status::Status;
use crate::ports::intake::Quarantined;
use crate::ports::request_store::{Commit, Pattern, Query};
use crate::ports::{PortError, Ports};

/// How often a notice is looked at again because the store's requests moved meanwhile.
const TRIES: u32 = 16;

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A request began.
    Begun(RequestId),
    /// A request waits behind another one of the store.
    Queued(RequestId),
    /// The store's returned request has its next round.
    NextRound(RequestId),
    /// It was answered before, by this request: nothing was done.
    Known(RequestId),
    /// It could not be taken, and is kept with the reason.
    Quarantined {
        /// Under which name.
        id: Uuid,
        /// Why.
        reason: String,
    },
}

/// Takes a notice: repeated delivery is harmless for ever, and what cannot be taken is kept, never lost.
pub async fn run(ports: &Ports, body: &[u8]) -> Result<Received, PortError> {
    let text = String::from_utf8_lossy(body).into_owned();
    let notice = match Notice::parse(body) {
        Ok(notice) => notice,
        Err(bad) => return quarantine(ports, text, bad.to_string()).await,
    };
    for _ in 0..TRIES {
        if let Some((request, alias)) = ports.requests.find_alias(notice.id).await? {
            if alias.body == text {
                return Ok(Received::Known(request));
            }
            let reason = format!("a different notice with the id {} was taken before; that one stands", notice.id);
            return quarantine(ports, text, reason).await;
        }
        if let Some(received) = take(ports, &notice, &text).await? {
            return Ok(received);
        }
    }
    quarantine(ports, text, "the store's requests did not stand still; replay it".to_owned()).await
}

/// One attempt: a returned request of the store goes on, else a new one begins, else it queues or is refused. None if
/// something moved meanwhile.
async fn take(ports: &Ports, notice: &Notice, text: &str) -> Result<Option<Received>, PortError> {
    let others = others(ports, notice).await?;
    let is_held = others.iter().any(|request| request.holds_store);
    if let Some(returned) = others.iter().find(|request| !is_held && request.status == Status::Returned) {
        let change = returned.resubmit_by_notice(notice, text.to_owned(), time_of_change(ports, returned));
        let committed = match change {
            Ok(change) => ports.requests.commit(&change).await?,
            Err(_) => Commit::Stale,
        };
        return Ok((committed == Commit::Done).then_some(Received::NextRound(returned.id)));
    }
    if !is_held {
        let change = Request::receive(notice, text.to_owned(), ports.clock.now());
        match ports.requests.commit(&change).await? {
            Commit::Done => return Ok(Some(Received::Begun(notice.id))),
            Commit::Stale if ports.requests.find(notice.id).await?.is_some() => {
                let reason = format!("there is a request {} that this notice did not make; that one stands", notice.id);
                return Ok(Some(quarantine(ports, text.to_owned(), reason).await?));
            }
            Commit::Stale | Commit::NoticeAnswered => return Ok(None),
            Commit::StoreHeld => {}
        }
    }
    queue(ports, notice, text).await
}

/// The store's requests that are not over, newest first.
async fn others(ports: &Ports, notice: &Notice) -> Result<Vec<Request>, PortError> {
    let query = Query { pattern: Pattern::OfStore(notice.store.clone()), after: None, first: 100 };
    let mut page = ports.requests.list(&query).await?.requests;
    page.retain(|request| !request.status.is_over());
    Ok(page)
}

async fn queue(ports: &Ports, notice: &Notice, text: &str) -> Result<Option<Received>, PortError> {
    let policy = ports.policies.for_project(&notice.project).await?;
    if policy.open_requests_per_store == OpenRequests::Refuse {
        let reason = format!("egress store {} has an open request, and the policy takes one at a time", notice.store);
        return Ok(Some(quarantine(ports, text.to_owned(), reason).await?));
    }
    let Ok(change) = Request::receive_queued(notice, text.to_owned(), ports.clock.now()) else {
        return Ok(None);
    };
    let committed = ports.requests.commit(&change).await?;
    Ok((committed == Commit::Done).then_some(Received::Queued(notice.id)))
}

async fn quarantine(ports: &Ports, body: String, reason: String) -> Result<Received, PortError> {
    let id = ports.ids.name();
    ports.intake.quarantine(&Quarantined { id, at: ports.clock.now(), reason: reason.clone(), body }).await?;
    Ok(Received::Quarantined { id, reason })
}
