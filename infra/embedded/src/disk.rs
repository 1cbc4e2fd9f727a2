//! Durable changes of files, cut into strokes: a crash falls before a stroke or after it, never within.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::NamedTempFile;

/// One change of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A temporary file is made.
    Draft,
    /// What was written to a file is made durable.
    SyncFile,
    /// A file gets its name.
    Rename,
    /// The names within a folder are made durable.
    SyncFolder,
    /// A folder is made.
    MakeFolder,
    /// A file loses its name.
    Unlink,
}

/// Looks at a stroke before it is done, and may fail it: tests stop a house here.
pub type Watcher = dyn Fn(Stroke, &Path) -> io::Result<()> + Send + Sync;

/// How many folders are remembered as durable.
const FOLDERS_REMEMBERED: usize = 4096;

/// The disk. Every file is written under a temporary name, made durable, renamed, and its folder is made durable.
///
/// An error of a sync is final for the file: what was written may be lost although a second sync would succeed, so the
/// caller begins anew from the source.
#[derive(Clone)]
pub struct Disk {
    drafts: PathBuf,
    durable_folders: Arc<Mutex<HashSet<PathBuf>>>,
    watcher: Option<Arc<Watcher>>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("drafts", &self.drafts).finish_non_exhaustive()
    }
}

impl Disk {
    /// A disk whose unfinished files are in the folder `drafts`, which is made if it is not there.
    pub fn new(drafts: impl Into<PathBuf>, watcher: Option<Arc<Watcher>>) -> io::Result<Self> {
        let disk = Self { drafts: drafts.into(), durable_folders: Arc::default(), watcher };
        disk.make_folder(&disk.drafts)?;
        Ok(disk)
    }

    /// A disk that is only read from: nothing is made, and what would write fails.
    pub(crate) fn looking(drafts: impl Into<PathBuf>) -> Self {
        let denied = |_: Stroke, _: &Path| Err(io::ErrorKind::PermissionDenied.into());
        Self { drafts: drafts.into(), durable_folders: Arc::default(), watcher: Some(Arc::new(denied)) }
    }

    /// Removes what a crash left unfinished. Only for who has the folder alone.
    pub fn remove_drafts(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.drafts)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Begins a file, mode 0600. Dropped, it leaves nothing.
    pub(crate) fn draft(&self) -> io::Result<Draft> {
        self.about_to(Stroke::Draft, &self.drafts)?;
        Ok(Draft { file: NamedTempFile::new_in(&self.drafts)?, disk: self.clone() })
    }

    /// Writes a small file whole, in place of what has its name.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut draft = self.draft()?;
        draft.write_all(bytes)?;
        draft.publish(path)
    }

    /// Makes a folder (mode 0700) and those above it, and all of their names durable.
    pub(crate) fn make_folder(&self, path: &Path) -> io::Result<()> {
        if self.remembered().contains(path) {
            return Ok(());
        }
        if !path.is_dir() {
            if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
                self.make_folder(above)?;
            }
            self.about_to(Stroke::MakeFolder, path)?;
            match fs::DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        // Also for a folder that was there: whoever made it may have stopped before it was durable.
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            self.sync_folder(above)?;
        }
        let mut remembered = self.remembered();
        if remembered.len() >= FOLDERS_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(path.to_owned());
        Ok(())
    }

    /// Removes a file for good. One that is not there is no error.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        self.remove_all(&[path])
    }

    /// Removes files for good, with one flush of each folder. One that is not there is no error.
    pub(crate) fn remove_all(&self, paths: &[impl AsRef<Path>]) -> io::Result<()> {
        let paths = || paths.iter().map(AsRef::as_ref);
        for path in paths() {
            self.about_to(Stroke::Unlink, path)?;
            match fs::remove_file(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done?,
            }
        }
        let folders: BTreeSet<&Path> = paths().filter_map(Path::parent).collect();
        folders.into_iter().filter(|folder| folder.is_dir()).try_for_each(|folder| self.sync_folder(folder))
    }

    /// Removes a folder if there is nothing in it; otherwise nothing happens.
    pub(crate) fn remove_if_empty(&self, folder: &Path) -> bool {
        self.remembered().remove(folder);
        fs::remove_dir(folder).is_ok()
    }

    /// Removes a folder of files with all that is in it. One that is not there is no error.
    pub(crate) fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.remembered().remove(folder);
        self.about_to(Stroke::Unlink, folder)?;
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a durable file a second name if nothing has it; false if something does.
    pub(crate) fn link_new(&self, file: &Path, name: &Path) -> io::Result<bool> {
        let folder = name.parent().ok_or(io::ErrorKind::InvalidInput)?;
        self.make_folder(folder)?;
        self.about_to(Stroke::Rename, name)?;
        match fs::hard_link(file, name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(error),
        }
        self.sync_new_name(folder, name)?;
        Ok(true)
    }

    /// Takes the name back if it cannot be made durable: a second sync could not be believed.
    fn sync_new_name(&self, folder: &Path, name: &Path) -> io::Result<()> {
        let synced = self.sync_folder(folder);
        if synced.is_err() {
            let _ = fs::remove_file(name);
        }
        synced
    }

    /// Bytes that the disk has left for us.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.drafts)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    pub(crate) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.about_to(Stroke::SyncFolder, folder)?;
        File::open(folder)?.sync_all()
    }

    pub(crate) fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.about_to(Stroke::SyncFile, path)?;
        File::open(path)?.sync_all()
    }

    fn about_to(&self, stroke: Stroke, path: &Path) -> io::Result<()> {
        self.watcher.as_ref().map_or(Ok(()), |watcher| watcher(stroke, path))
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.durable_folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that has no name yet.
#[derive(Debug)]
pub(crate) struct Draft {
    file: NamedTempFile,
    disk: Disk,
}

impl Draft {
    /// The open file.
    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives the file its name, in place of what has it.
    pub(crate) fn publish(self, path: &Path) -> io::Result<()> {
        let folder = self.settle(path)?;
        self.disk.about_to(Stroke::Rename, path)?;
        self.file.persist(path).map_err(|failed| failed.error)?;
        self.disk.sync_folder(&folder)
    }

    /// Gives the file its name if nothing has it; false if something does, and then nothing was changed.
    pub(crate) fn publish_new(self, path: &Path) -> io::Result<bool> {
        let folder = self.settle(path)?;
        self.disk.about_to(Stroke::Rename, path)?;
        match self.file.persist_noclobber(path) {
            Ok(_) => {}
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(failed) => return Err(failed.error),
        }
        self.disk.sync_new_name(&folder, path)?;
        Ok(true)
    }

    fn settle(&self, path: &Path) -> io::Result<PathBuf> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        self.disk.make_folder(folder)?;
        self.disk.about_to(Stroke::SyncFile, path)?;
        self.file.as_file().sync_all()?;
        Ok(folder.to_owned())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests;
