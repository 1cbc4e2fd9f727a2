//! Why files cannot be brought in: sentences for whoever brings them.

use std::path::PathBuf;

use workflow::domain::path::BadPath;
use workflow::ports::PortError;

/// Why files cannot be brought in. Nothing was submitted then.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or folder cannot be read.
    #[error("{} cannot be read ({source}); nothing was submitted", .path.display())]
    Unreadable {
        /// What was named.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A name is not UTF-8.
    #[error(
        "the name \"{shown}\" is not UTF-8, so it would not mean the same elsewhere; nothing was submitted. Rename it and try again."
    )]
    NotUtf8 {
        /// The name, escaped.
        shown: String,
    },
    /// A name stands for no file and no folder.
    #[error(
        "{name} is a link, a device or a pipe; nothing was submitted. Put a copy of the file in its place, or take it away."
    )]
    NotAFile {
        /// The name.
        name: String,
    },
    /// Somebody keeps writing to a file.
    #[error(
        "{name} was changed each time it was read; nothing was submitted. Try again once it is no longer written to."
    )]
    Changing {
        /// The name.
        name: String,
    },
    /// A name cannot leave.
    #[error("{0}; nothing was submitted")]
    Name(#[from] BadPath),
    /// The files could not be kept.
    #[error("the files could not be kept; nothing was submitted")]
    Port(#[from] PortError),
}
