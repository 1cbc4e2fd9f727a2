//! `schema`: what can be asked over GraphQL.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Which schema.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Schema {
    /// The schema of the predecessor, as its front end knows it
    #[arg(long)]
    predecessor: bool,
}

impl Schema {
    pub(super) async fn run(&self, output: &Output) -> Result<(), Failure> {
        let schema = if self.predecessor { http::predecessor_sdl() } else { http::sdl() };
        output.answer(&json!({ "schema": schema }), || schema.clone()).await;
        Ok(())
    }
}
