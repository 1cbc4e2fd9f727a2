//! `config`: the settings.

use std::path::Path;

use clap::Subcommand;
use infra_embedded::house::{Config as Settings, OpenError, Options, check};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::face;
use crate::failure::Failure;
use crate::output::Output;

/// What can be done with the settings.
#[derive(Debug, Clone, Copy, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Config {
    /// Check the settings, as the next start would read them
    Check,
    /// Show the settings that hold, those of the environment included
    Show,
}

impl Config {
    pub(super) async fn run(self, dir: &Path, output: &Output) -> Result<(), Failure> {
        let path = dir.join("lockgate.toml");
        if !path.exists() {
            return Err(OpenError::Absent(dir.to_owned()).into());
        }
        let settings = Settings::read(&path, Options::default().environment).map_err(OpenError::from)?;
        match self {
            Self::Check => {
                check(dir, &Options::default())?;
                face::settings(dir, &settings)?;
                let text = || format!("{} can be used.", path.display());
                output.answer(&json!({ "file": path, "is_usable": true }), text).await;
            }
            Self::Show => {
                let text = toml::to_string(&settings).map_err(|error| Failure::bug(&error.to_string()))?;
                output.answer(&settings, || text).await;
            }
        }
        Ok(())
    }
}
