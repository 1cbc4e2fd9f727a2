//! Why there is no backup, or no house from one.

use std::io;
use std::path::PathBuf;

use workflow::ports::PortError;

use crate::database;
use crate::house::OpenError;

/// Why a backup was not taken, or not brought back. What was half-done is left under a name that nobody takes for whole.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something already.
    #[error("{} holds something already; it was left as it is. Name a folder that is not there yet.", .0.display())]
    Taken(PathBuf),
    /// Another backup is being taken.
    #[error("another backup is being taken; nothing was begun. Wait until it is done.")]
    Busy,
    /// The disk or the file system does not let it.
    #[error("{} could not be written or read: {source}. Nothing that was there was changed.", .path.display())]
    AtWork {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no backup.
    #[error("{} is no backup of ours: {problem}. Nothing was changed.", .path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The backup is not what was taken.
    #[error("the backup is damaged: {0}. Nothing was changed; use another backup.")]
    Damaged(String),
    /// The keys are others.
    #[error("{0}. Nothing was changed. Name the folder with the keys of this house, or ask for new keys.")]
    OtherKeys(String),
    /// The house cannot be opened.
    #[error(transparent)]
    House(#[from] OpenError),
    /// The database said no.
    #[error("the database of the backup cannot be used: {0}")]
    Database(#[from] database::Error),
    /// The database cannot be opened.
    #[error("the database of the backup cannot be opened: {0}")]
    Closed(#[from] database::OpenError),
    /// A port failed.
    #[error("{}", .0.in_full())]
    Port(#[from] PortError),
}
