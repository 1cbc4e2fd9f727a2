//! Give time back: an operator says that the clock is right again, and deadlines are moved by what they were held for.

use super::{ActionError, Caller, refused};
use crate::amend::amend;
use crate::domain::permission::may_operate;
use crate::ports::request_store::{Pattern, Query};
use crate::ports::{PortError, Ports};
use jiff::Timestamp;

/// Requests that are read in one page.
const PAGE: u32 = 100;

/// Moves the deadlines of every request by the time for which they were held, and counts the requests. The house lets
/// time pass again afterwards. Again, also after half of them: what was moved already is not moved twice. If nothing is
/// held: nothing.
pub async fn run(ports: &Ports, caller: &Caller) -> Result<u64, ActionError> {
    let person = caller.person(ports).await?;
    if let Err(refusal) = may_operate(&person) {
        caller.log(ports, refused(None, "give_time_back", &refusal)).await?;
        return Err(refusal.into());
    }
    let Some(since) = ports.clock.held_since() else { return Ok(0) };
    let (mut moved, mut after) = (0, None);
    loop {
        let query = Query { pattern: Pattern::DueBy(Timestamp::MAX), after, first: PAGE };
        let page = ports.requests.list(&query).await?;
        for request in &page.requests {
            let before = request.version();
            let request = amend(ports, request.id, |request, now| {
                Ok::<_, PortError>(request.give_time_back(since, caller.actor(&person), now))
            });
            moved += u64::from(request.await?.version() != before);
        }
        after = page.next;
        if after.is_none() {
            return Ok(moved);
        }
    }
}
