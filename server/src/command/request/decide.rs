//! `request decide`: say what a reviewer says.

use clap::{ArgGroup, Args};
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::domain::permission::Refusal;
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::text::{Reason, StageId};

use super::{Patience, find};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::value;

/// A decision. What it is about is what `request show` shows now, unless it is named: then the decision is refused if
/// that has moved.
#[derive(Debug, Args, Serialize, Deserialize)]
#[command(group(ArgGroup::new("opinion").required(true).args(["approve", "reject", "send_back"])))]
pub(crate) struct Decide {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// The reviewer
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// The files may leave
    #[arg(long)]
    approve: bool,
    /// The files may not leave
    #[arg(long)]
    reject: bool,
    /// The requester has to change something first
    #[arg(long = "return")]
    send_back: bool,
    /// Why: the requester and auditors read it
    #[arg(long, value_name = "TEXT", value_parser = value::reason)]
    reason: Option<Reason>,
    /// The round that you looked at [default: the current one]
    #[arg(long, value_name = "N")]
    round: Option<RoundNumber>,
    /// The stage that you decide at [default: the current one]
    #[arg(long, value_name = "STAGE", value_parser = value::stage)]
    stage: Option<StageId>,
    /// The manifest that you looked at [default: the current one]
    #[arg(long, value_name = "DIGEST", value_parser = value::digest)]
    manifest: Option<Digest>,
    #[command(flatten)]
    patience: Patience,
}

impl Decide {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let ballot = self.ballot(desk).await?;
        let request = actions::decide::run(&desk.ports, &caller, self.id, ballot.clone()).await?;
        let done = format!(
            "{} {} round {} at the stage {} (manifest {}).",
            caller.who.name,
            ballot.opinion.participle(),
            ballot.round,
            ballot.stage,
            ballot.manifest
        );
        self.patience.answer(desk, output, (&done, &request)).await
    }

    /// The ballot. What was not named is as it is now.
    async fn ballot(&self, desk: &Desk) -> Result<Ballot, Failure> {
        let (stage, manifest) = match (&self.stage, self.manifest) {
            (Some(stage), Some(manifest)) => (stage.clone(), manifest),
            (stage, manifest) => {
                let current = current(&find(desk, self.id).await?)?;
                (stage.clone().unwrap_or(current.0), manifest.unwrap_or(current.1))
            }
        };
        let round = match self.round {
            Some(round) => round,
            None => find(desk, self.id).await?.round().number,
        };
        Ok(Ballot { round, stage, manifest, opinion: self.opinion(), reason: self.reason.clone() })
    }

    fn opinion(&self) -> Opinion {
        match (self.approve, self.reject) {
            (true, _) => Opinion::Approve,
            (false, true) => Opinion::Reject,
            (false, false) => Opinion::Return,
        }
    }
}

/// The stage and the manifest that a decision would be about now.
pub(crate) fn current(request: &Request) -> Result<(StageId, Digest), Failure> {
    let Status::InReview { stage, .. } = request.status else {
        return Err(Refusal::NotInReview { status: request.status.word() }.into());
    };
    let stage = request.policy().and_then(|policy| policy.stage(stage)).map(|stage| stage.id.clone());
    let manifest = request.round().manifest.as_ref().map(|manifest| manifest.digest);
    stage.zip(manifest).ok_or_else(|| Failure::bug("a request is in review without a stage or a manifest"))
}
