//! Why a house cannot be opened.

use std::io;
use std::path::PathBuf;

use workflow::ports::PortError;

use super::config::BadConfig;
use crate::source::BadSources;
use crate::{database, engine};

/// Why a data directory cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no data directory at {}; `lockgate init` makes one", .0.display())]
    Absent(PathBuf),
    /// There is something else.
    #[error("{} holds other files and no lockgate.toml; it was left as it is. Name an empty or a new directory.", .0.display())]
    Foreign(PathBuf),
    /// Another process has it.
    #[error(
        "the data directory {} is in use by {}; nothing was changed. Stop that process, or ask it through {}/control.sock.",
        .dir.display(), holder(*.pid), .dir.display()
    )]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// The process, if it is known.
        pid: Option<u32>,
    },
    /// A file or folder of it cannot be used.
    #[error("the data directory {} cannot be used", .dir.display())]
    Unusable {
        /// The directory.
        dir: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] BadConfig),
    /// `sources.toml` is wrong.
    #[error(transparent)]
    Sources(#[from] BadSources),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] database::OpenError),
    /// What the house knows of itself cannot be read.
    #[error("what the house knows of itself cannot be read")]
    Unknown(#[from] database::Error),
    /// The engine cannot be opened.
    #[error(transparent)]
    Engine(#[from] engine::OpenError),
    /// What a crash left behind cannot be put in order.
    #[error("what was left half-done could not be put in order: {}", .0.in_full())]
    Recovery(PortError),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
