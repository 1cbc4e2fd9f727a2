//! Files by version in one directory: the bytes under names of their own, and rows that say which versions there are.
//!
//! INVARIANT: a row is written after its bytes are durable, and says `deleting` before they go. A crash leaves at most
//! bytes that no row names; it never leaves a row without its bytes.

mod assembly;
mod blob;
mod deletion;
mod garbage;
mod location;
mod measure;
mod row;
mod survey;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Part, Place};
use workflow::ports::{self, Clock, Ids, Kind, PortError, PortResult};

use crate::database::{Database, Error, nanoseconds};
use crate::disk::Disk;
use crate::failure::{OfPort, blocking};
use crate::source::SourceArea;
use location::Owner;
pub(crate) use measure::{copy, file as measure_file, of as measure_bytes};
use row::Stored;
pub(crate) use row::{
    State, Stored as StoredObject, find as find_row, find_newest, here as rows_here, insert as insert_row,
    remove as remove_row,
};

pub use survey::Survey;

pub(crate) const PORT: &str = "object store";

/// Everybody who puts or deletes bytes of an owner meets at one of these.
const OWNER_LOCKS: usize = 64;

/// What the object store stands on.
#[derive(Clone)]
pub struct Ground {
    /// The data directory.
    pub root: PathBuf,
    /// Changes of files.
    pub disk: Disk,
    /// Rows.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Names of versions.
    pub ids: Arc<dyn Ids>,
    /// Bytes of the disk that stay free: staging stops above them, so that decisions can still be written.
    pub keep_free: u64,
}

impl Ground {
    /// Refuses to fill the last of the disk with so many bytes.
    pub(crate) fn require_room(&self, bytes: u64, operation: &str) -> PortResult<()> {
        let free = self.disk.free_bytes().of_port(PORT, || "measure the disk".to_owned())?;
        if free.saturating_sub(bytes) >= self.keep_free {
            return Ok(());
        }
        let (free, keep, needed) = (free >> 20, self.keep_free >> 20, bytes.div_ceil(1 << 20));
        let sentence = format!(
            "the disk has {free} MiB left; {needed} MiB are needed, and {keep} MiB have to stay free; make room on it"
        );
        Err(PortError::new(PORT, operation, Kind::Transient).because(sentence))
    }
}

/// Files by version.
#[derive(Clone)]
pub struct ObjectStore {
    ground: Arc<Ground>,
    source: SourceArea,
    owners: Arc<Vec<RwLock<()>>>,
    /// Whoever deletes shares; a backup that needs everything to stay is alone.
    deletions: Arc<RwLock<()>>,
}

impl std::fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectStore").field("root", &self.ground.root).finish_non_exhaustive()
    }
}

impl ObjectStore {
    /// Stands on `ground`. Nothing is changed before [`ObjectStore::recover`] is called.
    pub fn new(ground: Ground, source: SourceArea) -> Self {
        let owners = Arc::new((0..OWNER_LOCKS).map(|_| RwLock::new(())).collect());
        Self { ground: Arc::new(ground), source, owners, deletions: Arc::default() }
    }

    /// Finishes what a crash left half-done: deletions are completed, unfinished files go. Only for who has the
    /// directory alone.
    pub async fn recover(&self) -> PortResult<()> {
        let disk = self.ground.disk.clone();
        blocking(move || disk.remove_drafts()).await.of_port(PORT, || "remove unfinished files".to_owned())?;
        let (disk, stage) = (self.ground.disk.clone(), self.root().join(crate::backup::STAGE));
        blocking(move || disk.remove_folder(&stage))
            .await
            .of_port(PORT, || "remove an unfinished backup".to_owned())?;
        self.finish_deletions().await?;
        self.remove_lost_assemblies().await
    }

    /// Lets nothing be deleted as long as the answer lives: who wants to waits.
    pub(crate) async fn pause_deletions(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.deletions).write_owned().await
    }

    /// The source area, for bringing files in.
    pub fn source(&self) -> &SourceArea {
        &self.source
    }

    /// What the store stands on.
    pub(crate) fn ground(&self) -> Ground {
        Ground::clone(&self.ground)
    }

    pub(crate) fn database(&self) -> Database {
        self.ground.database.clone()
    }

    fn root(&self) -> &Path {
        &self.ground.root
    }

    fn now(&self) -> i64 {
        nanoseconds(self.ground.clock.now())
    }

    /// Guards the files of an owner: whoever puts shares, whoever removes is alone.
    fn guard(&self, owner: Owner) -> &RwLock<()> {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(owner);
        let place = usize::try_from(hash % OWNER_LOCKS as u64).unwrap_or(0);
        self.owners.get(place).unwrap_or_else(|| workflow::bug!("there are {OWNER_LOCKS} locks, and no number {place}"))
    }

    async fn read_rows<T: Send + 'static>(
        &self,
        operation: &str,
        query: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.ground.database.read(query).await.map_err(|error| error.during(PORT, operation))
    }

    async fn write_rows<T: Send + 'static>(
        &self,
        operation: &str,
        job: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.ground.database.write(job).await.map_err(|error| error.during(PORT, operation))
    }

    /// The version if its bytes are there.
    async fn find(&self, object: &ObjectVersion) -> PortResult<Option<Stored>> {
        let wanted = object.clone();
        let found = self.read_rows("find a version", move |c| row::find(c, &wanted)).await?;
        Ok(found.filter(|stored| stored.state == State::Here))
    }

    async fn find_here(&self, area: Area, key: &str) -> PortResult<Option<Stored>> {
        let key = key.to_owned();
        self.read_rows("find what is under a key", move |c| row::find_here(c, area, &key)).await
    }

    fn path_of(&self, stored: &Stored) -> PathBuf {
        file_of(self.root(), stored)
    }
}

/// The file of a version, whatever its area.
pub(crate) fn file_of(root: &Path, stored: &Stored) -> PathBuf {
    let Stored { object, owner, measured, .. } = stored;
    if object.area == Area::Source {
        let bucket = object.key.split('/').next().unwrap_or_default();
        return root.join("source").join(bucket).join(&object.version);
    }
    location::file_of(root, object.area, *owner, &object.key, &measured.digest)
}

pub(crate) fn missing(object: &ObjectVersion) -> PortError {
    let ObjectVersion { area, key, version } = object;
    PortError::new(
        PORT,
        format!("find version {version} of {} in {}", area.show_key(key), area.as_str()),
        Kind::Missing,
    )
}

pub(crate) fn read_range(file: &std::fs::File, from: u64, length: u64) -> std::io::Result<Bytes> {
    use std::os::unix::fs::FileExt;
    let rest = file.metadata()?.len().saturating_sub(from).min(length);
    let mut bytes = vec![0; usize::try_from(rest).map_err(std::io::Error::other)?];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes.into())
}

#[async_trait]
impl ports::ObjectStore for ObjectStore {
    async fn latest(&self, area: Area, key: &str) -> PortResult<Option<ObjectVersion>> {
        if area == Area::Source {
            return self.source.latest(key).await;
        }
        Ok(self.find_here(area, key).await?.map(|stored| stored.object))
    }

    async fn size(&self, object: &ObjectVersion) -> PortResult<u64> {
        if object.area == Area::Source {
            return self.source.size(object).await;
        }
        let stored = self.find(object).await?.ok_or_else(|| missing(object))?;
        Ok(stored.measured.size)
    }

    async fn read(&self, object: &ObjectVersion, from: u64, length: u64) -> PortResult<Bytes> {
        if object.area == Area::Source {
            return self.source.read(object, from, length).await;
        }
        let stored = self.find(object).await?.ok_or_else(|| missing(object))?;
        let path = self.path_of(&stored);
        blocking(move || read_range(&std::fs::File::open(path)?, from, length))
            .await
            .of_port(PORT, || format!("read {}", object.key))
    }

    async fn put(&self, place: &Place, bytes: Bytes) -> PortResult<ObjectVersion> {
        self.put_blob(place, bytes).await
    }

    async fn freeze(&self, source: &ObjectVersion, place: &Place) -> PortResult<(ObjectVersion, Measured)> {
        self.freeze_blob(source, place).await
    }

    async fn begin(&self, place: &Place) -> PortResult<String> {
        self.begin_assembly(place).await
    }

    async fn put_part(&self, assembly: &str, number: u32, bytes: Bytes) -> PortResult<Part> {
        self.put_assembly_part(assembly, number, bytes).await
    }

    async fn parts(&self, assembly: &str) -> PortResult<Vec<Part>> {
        Ok(self.assembly_parts(assembly).await?.into_iter().map(|kept| kept.part).collect())
    }

    async fn complete(&self, assembly: &str, place: &Place, expected: &Measured) -> PortResult<ObjectVersion> {
        self.complete_assembly(assembly, place, expected).await
    }

    async fn abort(&self, assembly: &str) -> PortResult<()> {
        self.drop_assembly(assembly).await
    }

    async fn delete(&self, objects: &[ObjectVersion]) -> PortResult<()> {
        self.delete_versions(objects).await
    }

    async fn assemblies(&self) -> PortResult<Vec<(String, Option<(RequestId, RoundNumber)>)>> {
        self.list_assemblies().await
    }

    async fn belongings(&self, area: Area, request: RequestId) -> PortResult<Vec<ObjectVersion>> {
        let rows = self.read_rows("list belongings", move |c| row::of_request(c, area, request)).await?;
        Ok(rows.into_iter().map(|stored| stored.object).collect())
    }
}
