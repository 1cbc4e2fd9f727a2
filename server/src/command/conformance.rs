//! `conformance`: hold the engine against recorded cases of the States Language.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::output::Output;
use crate::value;

/// Which cases.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Conformance {
    /// One case a line, as JSON
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    cases: PathBuf,
}

impl Conformance {
    pub(super) async fn run(&self, output: &Output) -> Result<(), Failure> {
        let unreadable = |error| Failure::unreachable(format!("{} cannot be read: {error}.", self.cases.display()));
        let cases = File::open(&self.cases).map_err(unreadable)?;
        let results = tokio::task::spawn_blocking(move || {
            let mut results = Vec::new();
            infra_asl::conformance::run(BufReader::new(cases), &mut results).map(|()| results)
        });
        let results = results.await.map_err(|error| Failure::bug(&error.to_string()))?.map_err(unreadable)?;
        output.raw(String::from_utf8_lossy(&results)).await;
        Ok(())
    }
}
