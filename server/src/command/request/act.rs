//! Acts that need no more than a reason: withdraw, comment, retry, abort, revoke.

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::text::Reason;

use super::{Patience, answer};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::value;

/// An act whose reason may be left out.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Optional {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// Who acts
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = value::reason)]
    reason: Option<Reason>,
    #[command(flatten)]
    patience: Patience,
}

/// An act that needs a reason.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Required {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// Who acts
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = value::reason)]
    reason: Reason,
    #[command(flatten)]
    patience: Patience,
}

/// Something that somebody says.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Comment {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// Who says it
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// What
    #[arg(value_name = "TEXT", value_parser = value::reason)]
    text: Reason,
}

impl Optional {
    pub(super) async fn withdraw(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let request = actions::withdraw::run(&desk.ports, &caller, self.id, self.reason.clone()).await?;
        self.patience.answer(desk, output, ("The wish to withdraw it is on record.", &request)).await
    }

    pub(super) async fn retry(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let request = actions::retry::run(&desk.ports, &caller, self.id, self.reason.clone()).await?;
        self.patience.answer(desk, output, ("It goes on where it stood.", &request)).await
    }
}

impl Required {
    pub(super) async fn abort(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let request = actions::abort::run(&desk.ports, &caller, self.id, self.reason.clone()).await?;
        self.patience.answer(desk, output, ("Its end is on record.", &request)).await
    }

    pub(super) async fn revoke(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let request = actions::revoke::run(&desk.ports, &caller, self.id, self.reason.clone()).await?;
        self.patience
            .answer(desk, output, ("The release is called back: no ticket is good any longer.", &request))
            .await
    }
}

impl Comment {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let request = actions::comment::run(&desk.ports, &caller, self.id, self.text.clone()).await?;
        answer(output, "The comment is on record.", &request).await;
        Ok(())
    }
}
