//! What a house stands on: its directory, its lock, its database, its disk.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::ballast::Ballast;
use super::lock::{Lock, Taken};
use super::{Config, OpenError, Options};
use crate::database::{self, Database, Mode};
use crate::disk::Disk;
use crate::object_store::{Ground, ObjectStore};
use crate::source::{Mapped, SourceArea};

pub(super) fn lay_ground(
    dir: &Path,
    config: &Config,
    (disk, database): (Disk, Database),
    options: &Options,
) -> Result<ObjectStore, OpenError> {
    let ground = Ground {
        root: dir.to_owned(),
        disk,
        database,
        clock: Arc::clone(&options.clock),
        ids: Arc::clone(&options.ids),
        keep_free: u64::from(config.disk.keep_free) << 20,
    };
    let source = SourceArea::new(ground.clone(), Mapped::read(&dir.join("sources.toml"))?);
    Ok(ObjectStore::new(ground, source))
}

/// How often the house was brought back from a backup.
pub(super) fn read_epoch(connection: &rusqlite::Connection) -> Result<u64, database::Error> {
    Ok(connection.query_row("SELECT epoch FROM house", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn read_config(dir: &Path, options: &Options) -> Result<Config, OpenError> {
    let path = dir.join("lockgate.toml");
    if !path.exists() {
        return Err(OpenError::Absent(dir.to_owned()));
    }
    Ok(Config::read(&path, options.environment.clone())?)
}

pub(super) fn take_lock(dir: &Path) -> Result<Lock, OpenError> {
    Lock::take(&dir.join("lock")).map_err(|taken| match taken {
        Taken::By(pid) => OpenError::InUse { dir: dir.to_owned(), pid },
        Taken::Failed(source) => OpenError::Unusable { dir: dir.to_owned(), source },
    })
}

/// Opens the database. The file is made first, so that it is for its owner alone from the beginning; `SQLite` gives the
/// files beside it the same mode.
pub(super) fn open_database(dir: &Path) -> Result<Database, OpenError> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = dir.join("lockgate.db");
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    made.map_err(|source| OpenError::Unusable { dir: dir.to_owned(), source })?;
    Ok(Database::open(&path, Mode::ReadWrite)?)
}

pub(super) fn load_ballast(dir: &Path, config: &Config, database: &Database) {
    let ballast = Ballast::new(&dir.join("ballast"), u64::from(config.disk.ballast) << 20);
    if let Err(error) = ballast.load() {
        tracing::warn!(%error, "there is no room for the ballast: make some on the disk");
    }
    database.when_full(move || ballast.drop_overboard());
}

pub(super) fn holds_something(dir: &Path) -> io::Result<bool> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(dir)?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}
