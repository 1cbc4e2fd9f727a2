//! The source area: the researchers' files by version, as the platform's buckets would have them.
//!
//! A key begins with its bucket. Buckets are kept here, version by version, or mapped to folders of the machine.

mod error;
mod list;
mod load;
mod mapped;
mod steady;
#[cfg(test)]
mod tests;
mod walk;

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use bytes::Bytes;
use workflow::domain::text::BucketName;
use workflow::ports::object_store::{Area, Measured, ObjectVersion};
use workflow::ports::{Kind, PortError, PortResult};

pub use error::LoadError;
pub use load::Loaded;
pub use mapped::{BadSources, Mapped};
pub(crate) use steady::SourceFile;

use crate::database::nanoseconds;
use crate::failure::{OfPort, blocking};
use crate::object_store::{
    Ground, PORT, State, StoredObject, copy, find_newest, find_row, insert_row, missing, read_range, remove_row,
};

/// The longest key in bytes: a path of 1,024, and what stands in front of it.
const LONGEST_KEY: usize = 2048;

/// The source area.
#[derive(Clone)]
pub struct SourceArea {
    ground: Ground,
    mapped: Mapped,
}

impl std::fmt::Debug for SourceArea {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceArea").field("mapped", &self.mapped).finish_non_exhaustive()
    }
}

impl SourceArea {
    /// Stands on `ground`, beside the folders that buckets are mapped to.
    pub fn new(ground: Ground, mapped: Mapped) -> Self {
        Self { ground, mapped }
    }

    /// Tells whether anything is known of a bucket: it is mapped, or something was brought into it.
    pub async fn knows(&self, bucket: &BucketName) -> PortResult<bool> {
        if self.mapped.has(bucket.as_str()) {
            return Ok(true);
        }
        // A range of keys: the character after `/` is `0`.
        let (from, to) = (format!("{bucket}/"), format!("{bucket}0"));
        let sql = "SELECT 1 FROM objects WHERE area = 'source' AND key >= ?1 AND key < ?2";
        let known = self.ground.database.read(move |c| Ok(c.prepare_cached(sql)?.exists([from, to])?)).await;
        known.map_err(|error| error.during(PORT, "look for a bucket"))
    }

    /// Stores a new version, durable when it returns. Again: another version.
    pub async fn store(
        &self,
        bucket: &BucketName,
        key: &str,
        mut bytes: impl Read + Send + 'static,
    ) -> PortResult<ObjectVersion> {
        let (object, _) = self.store_from(bucket, key, 0, move |file| copy(&mut bytes, file)).await?;
        Ok(object)
    }

    async fn store_from(
        &self,
        bucket: &BucketName,
        key: &str,
        size: u64,
        write: impl FnOnce(&mut File) -> std::io::Result<Measured> + Send + 'static,
    ) -> PortResult<(ObjectVersion, Measured)> {
        let object = self.name(bucket, key)?;
        self.ground.require_room(size, "bring a file in")?;
        let (path, disk) = (self.path_of(bucket.as_str(), &object.version), self.ground.disk.clone());
        let written = blocking(move || {
            let mut draft = disk.draft()?;
            let measured = write(draft.file())?;
            draft.publish(&path)?;
            Ok(measured)
        });
        let measured = written.await.of_port(PORT, || format!("store {}", object.key))?;
        self.enter(object.clone(), measured.clone(), State::Here).await?;
        Ok((object, measured))
    }

    /// Takes back versions that were stored and that nobody was told of.
    async fn take_back(&self, objects: Vec<ObjectVersion>) -> PortResult<()> {
        for object in objects {
            let bucket = object.key.split('/').next().unwrap_or_default();
            let (path, disk) = (self.path_of(bucket, &object.version), self.ground.disk.clone());
            let forgotten = self.ground.database.write(move |c| remove_row(c, &object)).await;
            forgotten.map_err(|error| error.during(PORT, "take back a source version"))?;
            blocking(move || disk.remove(&path)).await.of_port(PORT, || "take back a source version".to_owned())?;
        }
        Ok(())
    }

    /// Says that a key is deleted: its versions stay, its latest is none. Again: another marker.
    pub async fn mark_deleted(&self, bucket: &BucketName, key: &str) -> PortResult<ObjectVersion> {
        let object = self.name(bucket, key)?;
        self.enter(object.clone(), crate::object_store::measure_bytes(&[]), State::Marker).await?;
        Ok(object)
    }

    fn name(&self, bucket: &BucketName, key: &str) -> PortResult<ObjectVersion> {
        let operation = |why: &str| format!("store a version of {} ({why})", workflow::domain::path::show(key));
        if self.mapped.has(bucket.as_str()) {
            return Err(PortError::new(PORT, operation("its bucket is mapped to a folder"), Kind::Denied));
        }
        if key.is_empty() || key.len() > LONGEST_KEY || key.chars().any(char::is_control) {
            return Err(PortError::new(PORT, operation("this is no key"), Kind::Denied));
        }
        let version = self.ground.ids.name().simple().to_string();
        Ok(ObjectVersion { area: Area::Source, key: format!("{bucket}/{key}"), version })
    }

    async fn enter(&self, object: ObjectVersion, measured: Measured, state: State) -> PortResult<()> {
        let changed_at = nanoseconds(self.ground.clock.now());
        let row = StoredObject { object, owner: None, measured, state, changed_at };
        let entered = self.ground.database.write(move |c| insert_row(c, &row)).await;
        entered.map_err(|error| error.during(PORT, "enter a source version"))
    }

    fn path_of(&self, bucket: &str, version: &str) -> PathBuf {
        self.ground.root.join("source").join(bucket).join(version)
    }

    pub(crate) async fn latest(&self, key: &str) -> PortResult<Option<ObjectVersion>> {
        if let Some(mapped) = self.mapped.find(key) {
            let key = key.to_owned();
            return blocking(move || mapped.latest()).await.of_port(PORT, || format!("look for {key}"));
        }
        let wanted = key.to_owned();
        let newest = self.ground.database.read(move |c| find_newest(c, Area::Source, &wanted)).await;
        let newest = newest.map_err(|error| error.during(PORT, "find the latest source version"))?;
        Ok(newest.filter(|row| row.state == State::Here).map(|row| row.object))
    }

    pub(crate) async fn size(&self, object: &ObjectVersion) -> PortResult<u64> {
        self.open(object).await?.size().of_port(PORT, || format!("measure {}", object.key))
    }

    pub(crate) async fn read(&self, object: &ObjectVersion, from: u64, length: u64) -> PortResult<Bytes> {
        let opened = self.open(object).await?;
        blocking(move || read_range(opened.file(), from, length)).await.of_port(PORT, || format!("read {}", object.key))
    }

    /// Opens a version. `Missing` if there is none, or if the folder holds another one now.
    pub(crate) async fn open(&self, object: &ObjectVersion) -> PortResult<SourceFile> {
        let operation = || format!("open {}", object.key);
        if let Some(mapped) = self.mapped.find(&object.key) {
            let version = object.version.clone();
            let opened = blocking(move || mapped.open(&version)).await.of_port(PORT, operation)?;
            return opened.ok_or_else(|| missing(object));
        }
        let wanted = object.clone();
        let found = self.ground.database.read(move |c| find_row(c, &wanted)).await;
        let found = found.map_err(|error| error.during(PORT, "find a source version"))?;
        let row = found.filter(|row| row.state == State::Here).ok_or_else(|| missing(object))?;
        let bucket = object.key.split('/').next().unwrap_or_default();
        let path = self.path_of(bucket, &object.version);
        let opened = blocking(move || File::open(path)).await.of_port(PORT, operation)?;
        Ok(SourceFile::kept(opened, row.measured))
    }
}
