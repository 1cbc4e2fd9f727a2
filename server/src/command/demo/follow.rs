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
    seen: Vec<Event>,
}

impl<'a> Follower<'a> {
    /// Follows a request from its first event on.
    pub(super) fn new(desk: &'a Desk, output: &'a Output, id: RequestId) -> Self {
        Self { desk, output, id, seen: Vec::new() }
    }

    /// What has happened already, if it has.
    pub(super) fn find(&self, wanted: impl Fn(&Fact) -> bool) -> Option<&Event> {
        self.seen.iter().find(|event| wanted(&event.fact))
    }

    /// Prints what happens until something has, and answers that. A failure of the workflow ends it.
    pub(super) async fn until(&mut self, enough: impl Fn(&Fact) -> bool) -> Result<Event, Failure> {
        let mut changes = self.desk.house.changes();
        loop {
            changes.mark_unchanged();
            let last = self.seen.last().map_or(0, |event| event.sequence);
            for event in self.desk.ports.requests.trail(self.id, last, PAGE).await? {
                self.seen.push(event.clone());
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
