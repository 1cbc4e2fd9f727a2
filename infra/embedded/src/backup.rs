//! Backups of a house that is at work, and bringing a house back from one.
//!
//! A backup is a folder: the database as it was at one instant, every file that it names, and a signed manifest with
//! their digests. The keys are not in it; they are exported once and kept apart.
//!
//! INVARIANT: a folder has its name only once it is whole. Whatever is interrupted leaves a folder that ends in
//! `.partial`, which the next attempt clears away.

mod copy;
mod error;
mod keys;
mod manifest;
mod reconcile;
mod restore;
mod snapshot;
mod take;

use std::path::{Path, PathBuf};

pub(crate) use copy::files_below;
pub use error::BackupError;
pub use keys::export as export_keys;
pub use manifest::Manifest;
pub use reconcile::Findings;
pub use restore::{Keys, Order, Restored, restore};
pub(crate) use snapshot::STAGE;
pub use take::Taken;
pub(crate) use take::{Way, back_up};

/// Where a folder is put together until it is whole.
fn partial(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    folder.with_file_name(name)
}

/// Makes the place where a folder is put together, without what an interrupted attempt left there.
fn begin(folder: &Path) -> Result<PathBuf, BackupError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let at_work = |source| BackupError::AtWork { path: folder.to_owned(), source };
    let is_free = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(at_work(error)),
    };
    if !is_free {
        return Err(BackupError::Taken(folder.to_owned()));
    }
    let partial = partial(folder);
    match std::fs::remove_dir_all(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at_work(error)),
        _ => {}
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&partial).map_err(at_work)?;
    Ok(partial)
}

/// Gives a whole folder its name, once all of it is durable.
fn finish(partial: &Path, folder: &Path) -> Result<(), BackupError> {
    let publish = || {
        rustix::fs::syncfs(std::fs::File::open(partial)?)?;
        // An empty folder of that name gives way; one that came to hold something does not.
        std::fs::rename(partial, folder)?;
        folder.parent().map_or(Ok(()), |above| std::fs::File::open(above)?.sync_all())
    };
    publish().map_err(|source| BackupError::AtWork { path: folder.to_owned(), source })
}
