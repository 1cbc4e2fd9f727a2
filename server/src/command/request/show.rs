//! `request show`: one request, with its files and decisions.

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::manifest::{Manifest, Verified};
use workflow::domain::permission::may_know;
use workflow::domain::person::Person;
use workflow::domain::request::Request;
use workflow::ports::{PortResult, Ports};

use super::super::Need;
use super::find;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::object;
use crate::output::Output;
use crate::render::request::{Shown, ShownFile, files};
use crate::value;

/// Which request.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Show {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// Look as this person: only what they may see, and on the access log
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Option<Email>,
}

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    request: Shown,
    files: Vec<ShownFile>,
}

impl Show {
    pub(super) fn need(&self) -> Need {
        if self.person.is_some() { Need::Writing } else { Need::Reading }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let request = match &self.person {
            Some(email) => as_known_to(actions::view::run(&desk.ports, &desk.caller(email).await?, self.id).await?),
            None => find(desk, self.id).await?,
        };
        let files = files_of(&desk.ports, &request).await?;
        let page = Page { request: Shown::from(&request), files };
        output.answer(&page, || page.request.page(&page.files)).await;
        Ok(())
    }
}

/// The request without what a blind stage hides from this person while it is open.
fn as_known_to((person, request): (Person, Request)) -> Request {
    let mut known = request.clone();
    for round in &mut known.rounds {
        round.decisions.retain(|decision| may_know(&person, &request, decision));
    }
    known
}

/// The files that are or were decided upon in the current round; none before they are frozen.
async fn files_of(ports: &Ports, request: &Request) -> PortResult<Vec<ShownFile>> {
    let Some(frozen) = &request.round().frozen else { return Ok(Vec::new()) };
    let manifest: Manifest<Verified> = object::record(ports, &frozen.key, frozen.digest).await?;
    Ok(files(&manifest))
}
