//! Whether a house could be opened with the settings that it has.

use std::path::Path;

use super::{Config, OpenError, Options, read_config, sender};
use crate::mailer::way;

/// Reads the settings of a data directory as the next start would, with the files that they name, and opens nothing.
pub fn check(dir: &Path, options: &Options) -> Result<Config, OpenError> {
    let config = read_config(dir, options)?;
    sender(&config)?;
    way::server(&config.mail, dir, &options.environment)?;
    Ok(config)
}
