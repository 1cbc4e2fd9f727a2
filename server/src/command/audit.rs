//! `audit`: the trail of everything that happened, and whether it is whole.

mod checkpoint;
mod log;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use workflow::domain::audit::{Event, verify_chain};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request as Aggregate;
use workflow::ports::request_store::{Pattern, Query};

use super::{release, request};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{counted, number};
use crate::value;
use checkpoint::{Checkpoints, broken};

/// Requests that are read at once.
const PAGE: u32 = 200;

/// What can be done with the trail.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audit {
    /// Check that no event was changed, lost or put in: the first bad one is named
    Verify(Verify),
    /// Write events as JSON, one a line
    Export(Export),
    /// Show who looked, who was refused, who signed in, and what was changed beside requests, on one day
    Log(log::Log),
}

/// Whose trail, and whose signature.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Verify {
    /// One request [default: all]
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: Option<RequestId>,
    /// The public key that checkpoints are signed with, as PEM [default: the one in the directory]
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    key: Option<PathBuf>,
}

/// Whose trail, and where to.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Export {
    /// One request [default: all]
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: Option<RequestId>,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    to: Option<PathBuf>,
}

#[derive(Serialize)]
struct Verified {
    requests: u64,
    events: u64,
    checkpoints: u64,
}

impl Audit {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run(desk, output).await,
            Self::Export(command) => command.run(desk, output).await,
            Self::Log(command) => command.run(desk, output).await,
        }
    }
}

impl Verify {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let mut checkpoints = Checkpoints::read(&desk.ports, &self.public_key(desk).await?).await?;
        let mut verified = Verified { requests: 0, events: 0, checkpoints: checkpoints.count };
        let mut which = Requests::new(desk, self.id);
        while let Some(request) = which.next().await? {
            verified.requests += 1;
            verified.events += verify(desk, &request, &mut checkpoints).await?;
        }
        if self.id.is_none() {
            checkpoints.finish()?;
            checkpoints.hold_access_log(&desk.ports).await?;
        }
        output.answer(&verified, || verified.text()).await;
        Ok(())
    }

    async fn public_key(&self, desk: &Desk) -> Result<String, Failure> {
        match &self.key {
            Some(path) => release::read_key(path),
            None => Ok(desk.ports.sealer.public_key().await?),
        }
    }
}

impl Verified {
    fn text(&self) -> String {
        let (events, requests) = (counted(self.events, "event"), counted(self.requests, "request"));
        format!(
            "{events} of {requests} are as they were written, and as {} say.",
            counted(self.checkpoints, "checkpoint")
        )
    }
}

/// Checks the chain of one request, and answers how many events it has.
async fn verify(desk: &Desk, request: &Aggregate, checkpoints: &mut Checkpoints) -> Result<u64, Failure> {
    let events = request::trail(&desk.ports, request.id).await?;
    verify_chain(request.id, &events, request.head).map_err(|error| broken(&error.to_string()))?;
    checkpoints.hold(request.id, &events)?;
    Ok(u64::try_from(events.len()).unwrap_or(u64::MAX))
}

impl Export {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let mut lines = 0_u64;
        let mut file = self.to.as_ref().map(|path| create(path)).transpose()?;
        let mut which = Requests::new(desk, self.id);
        while let Some(request) = which.next().await? {
            let events = request::trail(&desk.ports, request.id).await?;
            lines += u64::try_from(events.len()).unwrap_or(0);
            let text = written(&events)?;
            match &mut file {
                Some(file) => append(file, &text)?,
                None if text.is_empty() => {}
                None => output.raw(text).await,
            }
        }
        if let Some(path) = &self.to {
            let document = serde_json::json!({ "file": path, "events": lines });
            output.answer(&document, || format!("{} events are in {}.", number(lines), path.display())).await;
        }
        Ok(())
    }
}

fn written(events: &[Event]) -> Result<String, Failure> {
    let line = |event| serde_json::to_string(event).map(|line| line + "\n");
    events.iter().map(line).collect::<Result<_, _>>().map_err(|error| Failure::bug(&error.to_string()))
}

fn create(path: &std::path::Path) -> Result<std::fs::File, Failure> {
    let created = std::fs::File::options().write(true).create_new(true).open(path);
    created.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::conflict(format!(
            "{} is there already and was left alone. Name another file with --to.",
            path.display()
        )),
        _ => Failure::unreachable(format!("{} cannot be written: {error}.", path.display())),
    })
}

fn append(file: &mut std::fs::File, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let written = file.write_all(text.as_bytes());
    written.map_err(|error| {
        Failure::unreachable(format!("The file cannot be written: {error}. What is in it is not everything."))
    })
}

/// One request, or all of them page by page.
pub(super) struct Requests<'a> {
    desk: &'a Desk,
    one: Option<RequestId>,
    page: std::vec::IntoIter<Aggregate>,
    next: Option<Query>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(desk: &'a Desk, one: Option<RequestId>) -> Self {
        let next = one.is_none().then_some(Query { pattern: Pattern::All, after: None, first: PAGE });
        Self { desk, one, page: Vec::new().into_iter(), next }
    }

    /// The next request. It is read anew, because lists are only eventually right.
    pub(super) async fn next(&mut self) -> Result<Option<Aggregate>, Failure> {
        if let Some(id) = self.one.take() {
            return request::find(self.desk, id).await.map(Some);
        }
        loop {
            if let Some(request) = self.page.next() {
                return request::find(self.desk, request.id).await.map(Some);
            }
            let Some(query) = self.next.take() else { return Ok(None) };
            let page = self.desk.ports.requests.list(&query).await?;
            self.next = page.next.map(|after| Query { after: Some(after), ..query });
            self.page = page.requests.into_iter();
        }
    }
}
