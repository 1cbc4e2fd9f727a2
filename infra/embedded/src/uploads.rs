//! Files on their way in: each grows under `uploads/` of the data directory, and moves to the source area once it is whole.

mod row;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::Connection;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;
use workflow::domain::manifest::SourceVersion;
use workflow::domain::text::BucketName;
use workflow::ports::uploads::{Announced, Upload};
use workflow::ports::{Kind, PortError, PortResult, uploads as port};

use crate::database::{Error, nanoseconds};
use crate::failure::{OfPort, blocking};
use crate::object_store::Ground;
use crate::source::SourceArea;
use row::Progress;

const PORT: &str = "uploads";
/// The bucket of the source area that holds what people brought by themselves.
const BUCKET: &str = "uploads";
/// Everybody who appends to one upload meets at one of these.
const LOCKS: usize = 16;

/// Uploads on one machine.
///
/// An upload that ended is forgotten when the next one begins; what became a version of the source area stays.
#[derive(Clone)]
pub struct Uploads {
    ground: Ground,
    source: SourceArea,
    locks: Arc<[Mutex<()>; LOCKS]>,
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploads").finish_non_exhaustive()
    }
}

impl Uploads {
    /// Stands on `ground`; whole files go to `source`.
    pub fn new(ground: Ground, source: SourceArea) -> Self {
        Self { ground, source, locks: Arc::new([const { Mutex::const_new(()) }; LOCKS]) }
    }

    async fn turn(&self, id: Uuid) -> MutexGuard<'_, ()> {
        let place = usize::try_from(id.as_u128() % LOCKS as u128).unwrap_or(0);
        match self.locks.get(place) {
            Some(lock) => lock.lock().await,
            None => workflow::bug!("there are {LOCKS} locks, and no number {place}"),
        }
    }

    fn folder(&self, id: Uuid) -> PathBuf {
        self.ground.root.join("uploads").join(id.to_string())
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: &str,
        query: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.ground.database.read(query).await.map_err(|error| error.during(PORT, operation))
    }

    async fn write<T: Send + 'static>(
        &self,
        operation: &str,
        job: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.ground.database.write(job).await.map_err(|error| error.during(PORT, operation))
    }

    /// Forgets what ended, bytes first.
    async fn forget_ended(&self) -> PortResult<()> {
        let now = nanoseconds(self.ground.clock.now());
        for id in self.read("list ended uploads", move |c| row::ended(c, now)).await? {
            let _turn = self.turn(id).await;
            let folder = self.folder(id);
            let removed = blocking(move || std::fs::remove_dir_all(folder)).await;
            if let Err(error) = removed
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error).of_port(PORT, || format!("remove what came of upload {id}"));
            }
            self.write("forget an upload", move |c| row::forget(c, id)).await?;
        }
        Ok(())
    }

    /// Writes what is new of `bytes`, durable when it returns.
    async fn put(&self, (id, file): (Uuid, u32), at: u64, bytes: Bytes) -> PortResult<()> {
        self.ground.require_room(bytes.len() as u64, "append to a file")?;
        let (folder, disk) = (self.folder(id), self.ground.disk.clone());
        let written = blocking(move || {
            disk.make_folder(&folder)?;
            let path = folder.join(file.to_string());
            let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            opened.write_all_at(&bytes, at)?;
            opened.sync_all()?;
            disk.sync_folder(&folder)
        });
        written.await.of_port(PORT, || format!("append to file {file} of upload {id}"))
    }

    /// Makes a whole file a version of the source area.
    async fn arrive(&self, (id, file): (Uuid, u32), announced: &Announced) -> PortResult<()> {
        let bucket = BucketName::parse(BUCKET).unwrap_or_else(|bad| workflow::bug!("no bucket name: {bad}"));
        let path = self.folder(id).join(file.to_string());
        let whole = path.clone();
        let opened = blocking(move || File::open(whole)).await.of_port(PORT, || format!("open file {file} of {id}"))?;
        let stored = self.source.store(&bucket, &format!("{id}/{}", announced.path), opened).await?;
        let version = SourceVersion { key: stored.key, version: stored.version };
        self.write("record that a file arrived", move |c| row::arrive(c, (id, file), &version)).await?;
        let disk = self.ground.disk.clone();
        blocking(move || disk.remove(&path)).await.of_port(PORT, || format!("remove file {file} of upload {id}"))
    }
}

#[async_trait]
impl port::Uploads for Uploads {
    async fn create(&self, upload: &Upload) -> PortResult<Vec<String>> {
        self.forget_ended().await?;
        let entered = upload.clone();
        self.write("create an upload", move |c| row::create(c, &entered)).await?;
        Ok((0..upload.files.len()).map(|file| format!("/uploads/{}/{file}", upload.id)).collect())
    }

    async fn find(&self, id: Uuid) -> PortResult<Option<Upload>> {
        let found = self.read("find an upload", move |c| row::find(c, id)).await?;
        Ok(found.filter(|upload| upload.expires_at > self.ground.clock.now()))
    }

    async fn append(&self, id: Uuid, file: u32, from: u64, bytes: Bytes) -> PortResult<u64> {
        let _turn = self.turn(id).await;
        let operation = || format!("append to file {file} of upload {id}");
        let missing = || PortError::new(PORT, operation(), Kind::Missing);
        let upload = self.find(id).await?.ok_or_else(missing)?;
        let announced = upload.files.get(usize::try_from(file).unwrap_or(usize::MAX)).ok_or_else(missing)?;
        let progress = self.read("find a file", move |c| row::progress(c, id, file)).await?.ok_or_else(missing)?;
        let Some(fresh) = fresh(&progress, announced.size, from, &bytes) else {
            return Err(PortError::new(PORT, operation(), Kind::Conflict));
        };
        let received = progress.received + u64::try_from(fresh.len()).unwrap_or(u64::MAX);
        if !fresh.is_empty() || (announced.size == 0 && !progress.arrived) {
            self.put((id, file), progress.received, fresh).await?;
            self.write("record how much arrived", move |c| row::advance(c, (id, file), received)).await?;
        }
        if received == announced.size && !progress.arrived {
            self.arrive((id, file), announced).await?;
        }
        Ok(received)
    }

    async fn arrived(&self, id: Uuid) -> PortResult<Vec<Option<SourceVersion>>> {
        let missing = || PortError::new(PORT, format!("find upload {id}"), Kind::Missing);
        self.read("list what arrived", move |c| row::arrived(c, id)).await?.ok_or_else(missing)
    }
}

/// The bytes that are not there yet; none for a gap, or for more than was announced.
fn fresh(progress: &Progress, size: u64, from: u64, bytes: &Bytes) -> Option<Bytes> {
    let end = from.checked_add(u64::try_from(bytes.len()).ok()?)?;
    if from > progress.received || end > size {
        return None;
    }
    let known = usize::try_from(progress.received - from).ok()?;
    Some(bytes.slice(known.min(bytes.len())..))
}
