//! Taking a backup: a snapshot first, and then the way to where it is kept, however long that is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use workflow::ports::object_store::Measured;
use workflow::ports::{Clock, Sealer};

use super::copy::{copy_file, link};
use super::error::BackupError;
use super::manifest::{Entry, Manifest};
use super::snapshot::{self, DATABASE, Snapshot};
use super::{begin, finish};
use crate::failure::blocking;
use crate::object_store::ObjectStore;

/// What a house is set up by, beside the database.
pub(super) const SETTINGS: [&str; 2] = ["lockgate.toml", "sources.toml"];

/// What was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The manifest.
    pub manifest: Manifest,
    /// How long nothing could be deleted. Nothing else waited.
    pub paused_for: Duration,
    /// Files that share their bytes with those of the house, because the backup is on the same file system.
    pub shared: u64,
}

/// How a backup is taken.
pub(crate) struct Way<'a> {
    pub(crate) root: &'a Path,
    pub(crate) to: &'a Path,
    /// Whether every file is copied, also where a second name would do.
    pub(crate) copies: bool,
    pub(crate) epoch: u64,
}

pub(crate) async fn back_up(
    objects: &ObjectStore,
    (sealer, clock): (&dyn Sealer, &dyn Clock),
    way: Way<'_>,
) -> Result<Taken, BackupError> {
    let to = way.to.to_owned();
    let partial = blocking(move || begin(&to)).await?;
    let taken_at = clock.now();
    let snapshot = snapshot::take(objects, way.root).await?;
    let folder = snapshot.folder.clone();
    let taken = keep(snapshot, (way.root, &partial), way.copies).await;
    let cleared = blocking(move || snapshot::clear(&folder)).await;
    let (kept, missing, paused_for) = taken?;
    cleared?;
    let manifest = Manifest::new(taken_at, way.epoch, kept.entries, missing);
    manifest.write(&partial, sealer).await?;
    let to = way.to.to_owned();
    blocking(move || finish(&partial, &to)).await?;
    Ok(Taken { manifest, paused_for, shared: kept.shared })
}

#[derive(Default)]
struct Kept {
    entries: Vec<Entry>,
    shared: u64,
}

/// Brings a snapshot to where the backup is put together.
async fn keep(
    snapshot: Snapshot,
    (root, partial): (&Path, &Path),
    copies: bool,
) -> Result<(Kept, Vec<String>, Duration), BackupError> {
    let Snapshot { folder, files, mut missing, paused_for } = snapshot;
    let (root, partial) = (root.to_owned(), partial.to_owned());
    let kept = blocking(move || {
        let mut kept = Kept::default();
        keep_files((&folder, &partial), files, copies, (&mut kept, &mut missing))?;
        for name in SETTINGS.iter().filter(|name| root.join(name).exists()) {
            kept.entries.push(copied(&root, &partial, name)?.0);
        }
        kept.entries.push(copied(&folder, &partial, DATABASE)?.0);
        Ok::<_, BackupError>((kept, missing))
    });
    let (kept, missing) = kept.await?;
    Ok((kept, missing, paused_for))
}

fn keep_files(
    (folder, partial): (&Path, &Path),
    files: BTreeMap<String, Measured>,
    copies: bool,
    (kept, missing): (&mut Kept, &mut Vec<String>),
) -> Result<(), BackupError> {
    for (path, expected) in files {
        let (from, to) = (folder.join(&path), partial.join(&path));
        let is_shared = !copies && link(&from, &to).map_err(|source| BackupError::AtWork { path: from, source })?;
        if is_shared {
            kept.shared += 1;
        } else if copied(folder, partial, &path)?.1 != expected {
            // It is kept as it is: half of it may be better than nothing.
            missing.push(path.clone());
            continue;
        }
        kept.entries.push(Entry { path, size: expected.size, digest: expected.digest });
    }
    Ok(())
}

fn copied(from: &Path, to: &Path, path: &str) -> Result<(Entry, Measured), BackupError> {
    let at_work = |source| BackupError::AtWork { path: to.join(path), source };
    let measured = copy_file(&from.join(path), &to.join(path)).map_err(at_work)?;
    Ok((Entry { path: path.to_owned(), size: measured.size, digest: measured.digest }, measured))
}
