//! What can go wrong with the database.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;
use workflow::ports::{Kind, PortError};

/// Why a job or a query has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database said no.
    #[error("the database could not do it")]
    Sqlite(#[from] rusqlite::Error),
    /// Something is stored that nobody of ours wrote.
    #[error("{what} in the database cannot be read")]
    Damaged {
        /// What, as a noun phrase.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The job itself found that it must not be done. Nothing of it stays.
    #[error("{sentence}")]
    Refused {
        /// What kind of refusal.
        kind: Kind,
        /// Why.
        sentence: String,
    },
    /// The flush failed: the job may have been written, and may not.
    #[error("the database could not be flushed, so nobody knows yet whether this was written")]
    Unknown(#[source] Arc<rusqlite::Error>),
    /// The writer stopped for good.
    #[error("the database has stopped writing after an error of the disk; nothing of this was written")]
    Broken,
    /// The database was opened for reading.
    #[error("the database is open for reading only")]
    ReadOnly,
    /// The job or query ended in a bug. Nothing of it stays.
    #[error("the work on the database ended in a bug; nothing of it was written")]
    Bug,
}

impl Error {
    /// A refusal by the job itself.
    pub fn refused(kind: Kind, sentence: impl Into<String>) -> Self {
        Self::Refused { kind, sentence: sentence.into() }
    }

    /// Something that cannot be read back.
    pub fn damaged(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Damaged { what, source: source.into() }
    }

    /// Tells what trying again can do.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused { kind, .. } => *kind,
            Self::Damaged { .. } => Kind::Corrupt,
            Self::Sqlite(error) => kind_of(error),
            Self::ReadOnly => Kind::Denied,
            Self::Unknown(_) | Self::Broken | Self::Bug => Kind::Transient,
        }
    }

    /// The error as a port tells it.
    pub fn during(self, port: &'static str, operation: impl Into<String>) -> PortError {
        PortError::new(port, operation, self.kind()).because(self)
    }
}

fn kind_of(error: &rusqlite::Error) -> Kind {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..) => Kind::Corrupt,
        rusqlite::Error::QueryReturnedNoRows => Kind::Missing,
        other => match other.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Kind::Corrupt,
            Some(ErrorCode::ConstraintViolation) => Kind::Conflict,
            _ => Kind::Transient,
        },
    }
}

/// Why a database cannot be opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none, and it was to be read.
    #[error("there is no database at {}; `lockgate init` makes one", .0.display())]
    Absent(PathBuf),
    /// It is a database of another program.
    #[error("{} is a database of another program; it was left as it is. Name another directory.", .0.display())]
    Foreign(PathBuf),
    /// A later release has written it.
    #[error(
        "{} was written by a later release (format {found}; this one knows up to {known}). It was left as it is. Use that release, or restore a backup.",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this release knows.
        known: i64,
    },
    /// An earlier release has written it, and it was to be read only.
    #[error(
        "{} was written by an earlier release (format {found}; this one needs {known}). It was left as it is. Start the server once: it brings the database up to date.",
        .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that this release needs.
        known: i64,
    },
    /// The disk or the file does not let it.
    #[error("the database cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// What a new database holds could not be written.
    #[error("the database cannot be filled")]
    Unfilled(#[from] Error),
    /// There is no thread for the writer.
    #[error("no thread could be started for the database")]
    NoThread(#[from] std::io::Error),
}
