//! Follows a request: a line for each event of its trail, as it happens.

use std::time::Duration;

use workflow::domain::audit::{Event, Fact};
use workflow::domain::id::RequestId;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::event;

/// Events that are read at once.
const PAGE: u32 = 100;
/// How long nothing may happen before the demo gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// Follows one request.
pub(super) struct Follower<'a> {
    desk: &'a Desk,
    output: &'a Output,
    id: RequestId,
    last: u64,
}

impl<'a> Follower<'a> {
    /// Follows a request from its first event on.
    pub(super) fn new(desk: &'a Desk, output: &'a Output, id: RequestId) -> Self {
        Self { desk, output, id, last: 0 }
    }

    /// Prints what happens until something has, and answers that. A failure of the workflow ends it.
    pub(super) async fn until(&mut self, enough: impl Fn(&Fact) -> bool) -> Result<Event, Failure> {
        let mut changes = self.desk.house.changes().subscribe();
        loop {
            changes.mark_unchanged();
            for event in self.desk.ports.requests.trail(self.id, self.last, PAGE).await? {
                self.last = event.sequence;
                self.output.line(event::line(&event)).await;
                if let Fact::Failed { cause } = &event.fact {
                    return Err(Failure::refused(
                        "FAILED",
                        format!("The workflow failed in {}: {}", cause.state, cause.sentence),
                    ));
                }
                if enough(&event.fact) {
                    return Ok(event);
                }
            }
            let changed = tokio::time::timeout(PATIENCE, changes.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return Err(Failure::bug(&format!("nothing happened to request {} any more", self.id)));
            }
        }
    }
}
