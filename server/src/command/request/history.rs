//! `request history`: everything that happened, from the audit trail.

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::domain::audit::Event;
use workflow::domain::id::RequestId;
use workflow::ports::{PortResult, Ports};

use super::find;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::event;
use crate::value;

/// Events that are read at once.
const PAGE: u32 = 500;

/// Which request.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct History {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
}

impl History {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        find(desk, self.id).await?;
        let events = trail(&desk.ports, self.id).await?;
        let text = || events.iter().map(|event| event::dated_line(event) + "\n").collect();
        output.answer(&events, text).await;
        Ok(())
    }
}

/// The whole trail of a request.
pub(crate) async fn trail(ports: &Ports, id: RequestId) -> PortResult<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.sequence);
        let page = ports.requests.trail(id, after, PAGE).await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}
