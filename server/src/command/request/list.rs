//! `request list`: one of the lists that the house keeps.

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::domain::email::Email;
use workflow::domain::permission::may_view;
use workflow::domain::status::StatusWord;
use workflow::domain::text::{Group, ProjectId, StoreId};
use workflow::ports::request_store::{Pattern, Query};

use super::stuck;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::request::{Shown, list};
use crate::value;

/// Which list.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct List {
    #[command(flatten)]
    which: Which,
    /// Only what this person may see
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Option<Email>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    first: u32,
    /// Go on after a page: what it named as "next"
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
}

#[derive(Debug, Args, Serialize, Deserialize)]
#[group(multiple = false)]
struct Which {
    /// What is not over
    #[arg(long)]
    open: bool,
    /// What goes on only if an operator sees to it, and why
    #[arg(long)]
    stuck: bool,
    /// Of one status
    #[arg(long, value_parser = value::status())]
    status: Option<StatusWord>,
    /// Of one project
    #[arg(long, value_parser = value::project)]
    project: Option<ProjectId>,
    /// Of one requester
    #[arg(long, value_name = "EMAIL", value_parser = value::email)]
    requester: Option<Email>,
    /// Of one egress store
    #[arg(long, value_parser = value::store)]
    store: Option<StoreId>,
    /// Waiting for a group
    #[arg(long, value_name = "GROUP", value_parser = value::group)]
    waiting_for: Option<Group>,
}

/// A page of a list.
#[derive(Serialize)]
struct Page {
    requests: Vec<Shown>,
    next: Option<String>,
}

impl List {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        if self.which.stuck {
            return stuck::list(desk, output).await;
        }
        let query = Query { pattern: self.which.pattern(), after: self.after.clone(), first: self.first };
        let mut page = desk.ports.requests.list(&query).await?;
        if let Some(email) = &self.person {
            let person = desk.person(email).await?;
            page.requests.retain(|request| may_view(&person, request).is_ok());
        }
        let page = Page { requests: page.requests.iter().map(Shown::from).collect(), next: page.next };
        let more = page.next.as_ref().map_or_else(String::new, |next| format!("There are more: --after {next}\n"));
        output.answer(&page, || list(&page.requests) + &more).await;
        Ok(())
    }
}

impl Which {
    fn pattern(&self) -> Pattern {
        let project = || self.project.clone().map(Pattern::OfProject);
        let requester = || self.requester.clone().map(Pattern::OfRequester);
        let store = || self.store.clone().map(Pattern::OfStore);
        let group = || self.waiting_for.clone().map(Pattern::WaitingFor);
        let one = self.status.map(Pattern::InStatus).or_else(project).or_else(requester).or_else(store).or_else(group);
        one.unwrap_or(if self.open { Pattern::Open } else { Pattern::All })
    }
}
