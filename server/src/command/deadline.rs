//! `deadline`: deadlines that are held, because the clock could not be believed.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::request_store::{Pattern, Query};

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{counted, instant, table};
use crate::value;

/// Requests that are listed at most.
const MOST: u32 = 1_000;

/// What can be done with deadlines.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deadline {
    /// Say whether deadlines are held, why, and whose come next
    List,
    /// Say that the clock is right, as an operator: deadlines are moved by the time they were held, and pass again
    Release(Release),
}

/// Who says so.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Release {
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

#[derive(Serialize)]
struct Standing {
    held_since: Option<Timestamp>,
    because: Option<String>,
    requests: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    request: RequestId,
    status: &'static str,
    due_at: Option<Timestamp>,
}

impl Deadline {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::List) { Need::Reading } else { Need::Writing }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List => list(desk, output).await,
            Self::Release(command) => command.run(desk, output).await,
        }
    }
}

async fn list(desk: &Desk, output: &Output) -> Result<(), Failure> {
    let query = Query { pattern: Pattern::DueBy(Timestamp::MAX), after: None, first: MOST };
    let page = desk.ports.requests.list(&query).await?;
    let row =
        |request: &Request| Row { request: request.id, status: request.status.word().as_str(), due_at: request.due_at };
    let held = desk.house.held_deadlines();
    let standing = Standing {
        held_since: held.as_ref().map(|held| held.since),
        because: held.map(|held| held.because),
        requests: page.requests.iter().map(row).collect(),
    };
    output.answer(&standing, || standing.text()).await;
    Ok(())
}

impl Standing {
    fn text(&self) -> String {
        let cells = |row: &Row| {
            vec![row.request.to_string(), row.status.to_owned(), row.due_at.map_or_else(String::new, instant)]
        };
        let rows = table(&["request", "status", "due"], &self.requests.iter().map(cells).collect::<Vec<_>>());
        match (self.held_since, &self.because) {
            (Some(since), Some(because)) => format!(
                "Deadlines are held since {}: {because}. Nothing expires and nobody is reminded. Set the clock right, then run 'lockgate deadline release'.\n{rows}",
                instant(since)
            ),
            _ => format!("Deadlines pass as they should.\n{rows}"),
        }
    }
}

impl Release {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let held = desk.house.held_deadlines();
        let moved = actions::give_time_back::run(&desk.ports, &caller).await?;
        desk.house.release_deadlines().await?;
        let document = serde_json::json!({ "was_held": held.is_some(), "requests": moved });
        let text = || match &held {
            None => "Nothing was held. Deadlines pass as they did.".to_owned(),
            Some(_) => format!("Deadlines pass again; those of {} were moved.", counted(moved, "request")),
        };
        output.answer(&document, text).await;
        Ok(())
    }
}
