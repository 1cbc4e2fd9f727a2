//! Waiting until a request waits for people or is over.

use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::domain::status::Status;

use super::find;
use crate::desk::Desk;
use crate::failure::Failure;

/// Waits until nothing is under way for a request any more, and answers it as it is then.
pub(crate) async fn rested(desk: &Desk, id: RequestId) -> Result<Request, Failure> {
    let mut changes = desk.house.changes();
    loop {
        changes.mark_unchanged();
        desk.house.rest_if_alone().await;
        let request = find(desk, id).await?;
        if rests(&request) || changes.changed().await.is_err() {
            return Ok(request);
        }
    }
}

/// Tells whether a request waits for somebody, or for nothing.
fn rests(request: &Request) -> bool {
    match &request.status {
        Status::Queued | Status::Failed { .. } => true,
        Status::InReview { .. } => is_waiting(request),
        Status::Returned => request.told,
        status => status.is_over() && request.told,
    }
}

/// The wait of this stage has begun, and the last tally saw everything that people did.
fn is_waiting(request: &Request) -> bool {
    let entry = request.round().entry.as_ref();
    let begun =
        entry.zip(request.waiting.as_ref()).is_some_and(|(entry, waiting)| waiting.entered_at >= entry.entered_at);
    begun && !request.has_unseen_news()
}
