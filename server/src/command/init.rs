//! `init`: make a data directory.

use std::path::Path;

use clap::Args;
use infra_embedded::House;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Where the public key of a house is, within its directory.
pub(crate) const PUBLIC_KEY: &str = "keys/signing-key.pub.pem";

/// It needs no more than the directory.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Init {}

impl Init {
    pub(super) async fn run(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        House::init(dir)?;
        let (config, key) = (dir.join("lockgate.toml"), dir.join(PUBLIC_KEY));
        let document = json!({ "directory": dir, "configuration": config, "public_key": key });
        let text = || {
            format!(
                "The data directory {} is ready.\n  configuration  {}\n  public key     {}\n\nEnter people with 'lockgate person add', then start it with 'lockgate serve'.",
                dir.display(),
                config.display(),
                key.display()
            )
        };
        output.answer(&document, text).await;
        Ok(())
    }
}
