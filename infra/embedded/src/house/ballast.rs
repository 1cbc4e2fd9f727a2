//! Room that is given up when the disk is full, so that what people decided can still be written.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

/// A file that takes up room.
#[derive(Debug, Clone)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    pub(super) fn new(path: &Path, bytes: u64) -> Self {
        Self { path: path.to_owned(), bytes }
    }

    /// Takes the room up (again). What is there of the right size stays.
    pub(super) fn load(&self) -> io::Result<()> {
        if self.bytes == 0 {
            return remove(&self.path);
        }
        if self.path.metadata().is_ok_and(|there| there.len() == self.bytes) {
            return Ok(());
        }
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        let taken = fallocate(&file, FallocateFlags::empty(), 0, self.bytes).map_err(io::Error::from);
        // A disk that is full already, or that cannot set room aside, has no ballast.
        if taken.is_err() {
            remove(&self.path)?;
        }
        taken
    }

    /// Gives the room up. Again: nothing.
    pub(super) fn drop_overboard(&self) {
        match remove(&self.path) {
            Ok(()) => tracing::error!("the disk is full: the ballast was given up; make room and start again"),
            Err(error) => tracing::error!(%error, "the disk is full, and the ballast cannot be removed"),
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
