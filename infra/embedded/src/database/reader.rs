//! Readers: a small pool of connections that only read, used on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::migration;
use super::{Error, OpenError};

/// As many queries run at once; more only share the same cores and page cache.
const MOST: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Absent(path.to_owned()));
        }
        let first = connect(path)?;
        migration::require_current(&first, path)?;
        Ok(Self { path: path.to_owned(), idle: Mutex::new(vec![first]), places: Arc::new(Semaphore::new(MOST)) })
    }

    pub(super) async fn run<T, F>(readers: &Arc<Self>, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&readers.places).acquire_owned().await else { return Err(Error::Bug) };
        let shared = Arc::clone(readers);
        let answer = tokio::task::spawn_blocking(move || {
            let answer = shared.query(query);
            drop(place);
            answer
        });
        answer.await.unwrap_or(Err(Error::Bug))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn query<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let answer = query_at_one_state(&mut connection, query);
        self.idle().push(connection);
        answer
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn query_at_one_state<T>(
    connection: &mut Connection,
    query: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    // Dropping the transaction ends it: there is nothing in it to be kept.
    let transaction = connection.transaction()?;
    query(&transaction)
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    migration::set_up(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}
