//! Opening the file to write, and bringing an older one up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::OpenError;
use crate::policies;

/// "LKGT": says in the file's header whose database it is.
const APPLICATION: i64 = 0x4C4B_4754;

/// Every step from one format to the next, in order. A step that was released is never changed.
const STEPS: [&str; 7] = [
    include_str!("001_requests.sql"),
    include_str!("002_objects.sql"),
    include_str!("003_executions.sql"),
    include_str!("004_sign_in.sql"),
    include_str!("005_house.sql"),
    include_str!("006_delivery.sql"),
    include_str!("007_bounces.sql"),
];

/// The format that this release reads and writes.
fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Opens or makes the file, and migrates it in one transaction.
pub(super) fn open_to_write(path: &Path) -> Result<Connection, OpenError> {
    if path.metadata().is_ok_and(|file| file.len() > 0) {
        // Whoever opens a file to write and closes it again moves what its owner wrote last: one that is not ours, or
        // not yet, is only looked at.
        let looking = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        looking.busy_timeout(Duration::from_secs(10))?;
        require_ours(&looking, path)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    require_ours(&connection, path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // In WAL, anything less than FULL loses the last commits when the power goes.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// What every connection of ours keeps to.
pub(super) fn set_up(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A page that the disk cannot read is an error, not a signal that ends the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Refuses a database that a reader could not make sense of.
pub(super) fn require_current(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let found = require_ours(connection, path)?;
    let known = newest();
    if found < known {
        return Err(OpenError::Older { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Gives the format of a database of ours; 0 if it is new.
fn require_ours(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = application == 0 && found == 0 && tables == 0;
    if application != APPLICATION && !is_new {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    if found > newest() {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: newest() });
    }
    Ok(found)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = require_ours(&transaction, path)?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    if found == 0 {
        policies::seed(&transaction)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    if found < newest() {
        transaction.pragma_update(None, "user_version", newest())?;
    }
    Ok(transaction.commit()?)
}
