//! The database: one `SQLite` file with one writer, which commits in groups, and readers that never wait for it.

mod error;
mod fact;
mod migration;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use crate::failure::blocking;

pub use error::{Error, OpenError};
pub(crate) use fact::{from_json, instant_of, nanoseconds, signed, to_json};
use reader::Readers;
use writer::Writer;

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Makes the file if there is none, and migrates an older one.
    ReadWrite,
    /// Changes nothing; for commands that look while a server runs, or while none does.
    ReadOnly,
}

/// The database of a house. Clones share the writer and the readers; when the last one goes, the writer finishes what
/// it was handed and closes the file.
#[derive(Clone)]
pub struct Database {
    writer: Option<Arc<Writer>>,
    readers: Arc<Readers>,
}

impl Database {
    /// Opens the database. A file that is no database of ours, or one of a newer version, is left alone.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, OpenError> {
        let writer = match mode {
            Mode::ReadWrite => Some(Arc::new(Writer::start(migration::open_to_write(path)?)?)),
            Mode::ReadOnly => None,
        };
        let readers = Arc::new(Readers::open(path)?);
        Ok(Self { writer, readers })
    }

    /// Runs a job in a transaction and returns once it is durable.
    ///
    /// Jobs that come at the same time share one flush. A job sees what the jobs before it wrote. If it gives an error,
    /// nothing of it stays. If the flush fails, the answer is [`Error::Unknown`]. The job runs also when whoever waits
    /// for it stops waiting. It must be short and do nothing but work on the database.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.run(job).await,
            None => Err(Error::ReadOnly),
        }
    }

    /// Runs a query on a connection that only reads. It sees every change that was acknowledged before it began, and
    /// one state of the database throughout.
    pub async fn read<T, F>(&self, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        Readers::run(&self.readers, query).await
    }

    /// Tells whether nothing can be written.
    pub fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// Counts the flushes since the database was opened: many jobs share one.
    pub fn commits(&self) -> u64 {
        self.writer.as_ref().map_or(0, |writer| writer.commits())
    }

    /// Tells whether the writer has stopped for good after an error of the disk.
    pub fn is_broken(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.is_broken())
    }

    /// Waits until the writer has stopped for good; a house then ends and recovers at its next start.
    pub async fn broken(&self) {
        match &self.writer {
            Some(writer) => writer.broken().await,
            None => std::future::pending().await,
        }
    }

    /// Leaves one file that has everything, for whoever copies the directory of a house that is closed. Others may go on
    /// reading and writing; what they write then is beside the file again.
    pub async fn fold_in(&self) -> Result<(), Error> {
        if self.writer.is_none() || self.is_broken() {
            return Ok(());
        }
        let path = self.readers.path().to_owned();
        let folded = blocking(move || {
            let connection = Connection::open(path)?;
            migration::set_up(&connection)?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        Ok(folded.await?)
    }

    /// Runs a query at once, where nothing else runs yet: it blocks.
    pub(crate) fn look<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        self.readers.query(query)
    }

    /// Says what to do when the disk is full, before the next job is run: to free a ballast, for instance. It is called
    /// on the writer's thread, each time.
    pub fn when_full(&self, make_room: impl Fn() + Send + 'static) {
        if let Some(writer) = &self.writer {
            writer.when_full(Box::new(make_room));
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("is_read_only", &self.is_read_only()).finish_non_exhaustive()
    }
}
