//! `request`: look at requests and act on them.

mod act;
mod decide;
pub(crate) mod history;
mod list;
pub(crate) mod rest;
mod resubmit;
mod show;
mod stuck;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use workflow::actions::receive::Received;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request as Aggregate;

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::request::Shown;

pub(crate) use decide::current;
pub(crate) use history::trail;

/// What can be done with requests.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// List requests
    List(list::List),
    /// Show one request with its files and decisions
    Show(show::Show),
    /// Show everything that happened to a request
    History(history::History),
    /// Decide as a reviewer
    Decide(decide::Decide),
    /// Take a request back, as its requester
    Withdraw(act::Optional),
    /// Hand in the next round of a returned request, as its requester
    Resubmit(resubmit::Resubmit),
    /// Say something about a request
    Comment(act::Comment),
    /// Let a failed request go on, as an operator
    Retry(act::Optional),
    /// End a request, as an operator
    Abort(act::Required),
    /// Call a release back, as an operator
    Revoke(act::Required),
}

impl Request {
    pub(super) fn need(&self) -> Need {
        match self {
            Self::List(_) | Self::History(_) => Need::Reading,
            Self::Show(command) => command.need(),
            _ => Need::Writing,
        }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(desk, output).await,
            Self::Show(command) => command.run(desk, output).await,
            Self::History(command) => command.run(desk, output).await,
            Self::Decide(command) => command.run(desk, output).await,
            Self::Withdraw(command) => command.withdraw(desk, output).await,
            Self::Resubmit(command) => command.run(desk, output).await,
            Self::Comment(command) => command.run(desk, output).await,
            Self::Retry(command) => command.retry(desk, output).await,
            Self::Abort(command) => command.abort(desk, output).await,
            Self::Revoke(command) => command.revoke(desk, output).await,
        }
    }
}

/// Reads a request as the owner of the data directory.
pub(crate) async fn find(desk: &Desk, id: RequestId) -> Result<Aggregate, Failure> {
    let missing =
        || Failure::not_found(format!("There is no request {id}. 'lockgate request list' shows what there is."));
    desk.ports.requests.find(id).await?.ok_or_else(missing)
}

/// How long to wait for what an action set off.
#[derive(Debug, Clone, Copy, Args, Serialize, Deserialize)]
pub(crate) struct Patience {
    /// Wait until the request waits for people or is over, and answer it as it is then
    #[arg(long)]
    wait: bool,
}

impl Patience {
    /// Waits for the request that a notice led to.
    pub(super) async fn rest(self, desk: &Desk, received: &Received) -> Result<(), Failure> {
        match received {
            Received::Begun(id) | Received::NextRound(id) if self.wait => rest::rested(desk, *id).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Answers a request as it is after an action, or once it rests.
    pub(super) async fn answer(
        self,
        desk: &Desk,
        output: &Output,
        (done, request): (&str, &Aggregate),
    ) -> Result<(), Failure> {
        let shown = if self.wait { Shown::from(&rest::rested(desk, request.id).await?) } else { Shown::from(request) };
        output.answer(&shown, || format!("{done}\n{}", shown.line())).await;
        Ok(())
    }
}

/// Answers a request as it is after an action that sets nothing off.
async fn answer(output: &Output, done: &str, request: &Aggregate) {
    let shown = Shown::from(request);
    output.answer(&shown, || format!("{done}\n{}", shown.line())).await;
}
