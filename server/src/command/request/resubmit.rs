//! `request resubmit`: hand in the next round of a returned request.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;

use super::super::{source, submit};
use super::Patience;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::value;

/// The next round.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Resubmit {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// The requester
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// The files and folders: all of them, not only what has changed
    #[arg(value_name = "PATH", required = true, value_parser = value::path)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    patience: Patience,
}

impl Resubmit {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let declared = desk.house.objects().source().load_paths(&self.paths).await.map_err(source::complaint)?;
        let manifest = submit::manifest(declared)?;
        let request = actions::resubmit::run(&desk.ports, &caller, self.id, manifest).await?;
        self.patience.answer(desk, output, ("The next round is on record.", &request)).await
    }
}
