//! The state of a house at one instant: the database, and a second name for every file that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use workflow::ports::object_store::Measured;

use super::copy::{copy_file, link};
use super::error::BackupError;
use crate::database::Error;
use crate::failure::blocking;
use crate::object_store::{ObjectStore, file_of, rows_here};

/// The folder of the data directory in which a snapshot stands while a backup is taken.
pub(crate) const STAGE: &str = "backup";
/// The name of the database.
pub(super) const DATABASE: &str = "lockgate.db";

/// A state of a house that stays while the house goes on.
pub(super) struct Snapshot {
    pub(super) folder: PathBuf,
    /// Every file that the database names and that is there, by path, with what it has to be.
    pub(super) files: BTreeMap<String, Measured>,
    /// Those that are not there.
    pub(super) missing: Vec<String>,
    /// How long nothing could be deleted.
    pub(super) paused_for: Duration,
}

/// Takes a snapshot. Nothing is deleted meanwhile, so that the files that the database names are there; everything else
/// goes on.
pub(super) async fn take(objects: &ObjectStore, root: &Path) -> Result<Snapshot, BackupError> {
    let (root, folder) = (root.to_owned(), root.join(STAGE));
    let began_at = Instant::now();
    let paused = objects.pause_deletions().await;
    let taken = blocking(move || {
        clear(&folder)?;
        let target = folder.join(DATABASE);
        super::copy::make_room(&target).map_err(|source| at_work(&target, source))?;
        copy_database(&root.join(DATABASE), &target)?;
        let (files, missing) = link_all(&root, &folder, named_by(&target, &root)?)?;
        Ok::<_, BackupError>((folder, files, missing))
    });
    let (folder, files, missing) = taken.await?;
    drop(paused);
    Ok(Snapshot { folder, files, missing, paused_for: began_at.elapsed() })
}

/// Takes the snapshot away. Again: nothing.
pub(super) fn clear(folder: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at_work(folder, error)),
        _ => Ok(()),
    }
}

/// Copies the database in one read transaction: neither does it wait for the writer, nor the writer for it.
fn copy_database(from: &Path, to: &Path) -> Result<(), BackupError> {
    let copy = || {
        let from = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        from.busy_timeout(Duration::from_secs(10))?;
        let mut target = Connection::open(to)?;
        Backup::new(&from, &mut target)?.step(-1)?;
        // What is copied is in the form of a log beside the file; a backup is one file.
        target.pragma_update(None, "journal_mode", "DELETE")
    };
    copy().map_err(|error: rusqlite::Error| Error::from(error).into())
}

/// Every file that a database names, by its path in the data directory.
pub(super) fn named_by(database: &Path, root: &Path) -> Result<BTreeMap<String, Measured>, BackupError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(Error::from)?;
    let rows = rows_here(&connection)?;
    let name = |row: crate::object_store::StoredObject| {
        let path = file_of(root, &row);
        let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        (path, row.measured)
    };
    Ok(rows.into_iter().map(name).collect())
}

type Linked = (BTreeMap<String, Measured>, Vec<String>);

fn link_all(root: &Path, folder: &Path, named: BTreeMap<String, Measured>) -> Result<Linked, BackupError> {
    let (mut files, mut missing) = (BTreeMap::new(), Vec::new());
    for (path, measured) in named {
        let (from, to) = (root.join(&path), folder.join(&path));
        let size = from.metadata().map(|file| file.len()).ok();
        if size != Some(measured.size) {
            missing.push(path);
            continue;
        }
        if !link(&from, &to).map_err(|source| at_work(&from, source))? {
            copy_file(&from, &to).map_err(|source| at_work(&from, source))?;
        }
        files.insert(path, measured);
    }
    Ok((files, missing))
}

fn at_work(path: &Path, source: std::io::Error) -> BackupError {
    BackupError::AtWork { path: path.to_owned(), source }
}
