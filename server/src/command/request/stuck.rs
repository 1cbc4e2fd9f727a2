//! `request list --stuck`: what does not go on by itself, and why.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::domain::status::Status;

use crate::command::audit::Requests;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{instant, table};

/// Work that has not got on for so long needs a look; the sweep has tried by then.
const QUIET_FOR: SignedDuration = SignedDuration::from_mins(30);

#[derive(Serialize)]
struct Row {
    request: RequestId,
    status: &'static str,
    since: Timestamp,
    why: String,
    then: &'static str,
}

pub(super) async fn list(desk: &Desk, output: &Output) -> Result<(), Failure> {
    let (mut rows, mut requests) = (Vec::new(), Requests::new(desk, None));
    let held = desk.house.held_deadlines().is_some();
    while let Some(request) = requests.next().await? {
        rows.extend(look_at(&request, desk.ports.clock.now(), held));
    }
    let cells = |row: &Row| {
        vec![row.request.to_string(), row.status.to_owned(), instant(row.since), row.why.clone(), row.then.to_owned()]
    };
    let text = || match rows.as_slice() {
        [] => "Nothing is stuck.".to_owned(),
        rows => {
            table(&["request", "status", "since", "why", "what to do"], &rows.iter().map(cells).collect::<Vec<_>>())
        }
    };
    output.answer(&rows, text).await;
    Ok(())
}

fn look_at(request: &Request, now: Timestamp, held: bool) -> Option<Row> {
    let is_quiet = now.duration_since(request.updated_at) > QUIET_FOR;
    let is_late = request.due_at.is_some_and(|due| now.duration_since(due) > QUIET_FOR);
    let (why, then) = match &request.status {
        Status::Failed { cause, .. } => (format!("{}: {}", cause.state, cause.sentence), "request retry, or abort"),
        status if status.is_running() && request.waiting.is_none() && is_quiet => {
            ("its work does not get on".to_owned(), "see the log and 'check'")
        }
        _ if is_late && held => ("its time has come, and deadlines are held".to_owned(), "deadline release"),
        _ if is_late => ("its time has come, and nothing happened".to_owned(), "see the log and 'check'"),
        _ => return None,
    };
    Some(Row { request: request.id, status: request.status.word().as_str(), since: request.updated_at, why, then })
}
