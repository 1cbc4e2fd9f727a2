//! Deleting: the row says so first, then the bytes go, then the row proves it.

use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::{Kind, PortError, PortResult};

use super::location::folder_of;
use super::row::{self, State, Stored};
use super::{ObjectStore, PORT};
use crate::failure::{OfPort, blocking};

impl ObjectStore {
    pub(super) async fn delete_version(&self, object: &ObjectVersion) -> PortResult<()> {
        if object.area == Area::Source {
            return Err(PortError::new(PORT, format!("delete {} from the source", object.show()), Kind::Denied));
        }
        let wanted = object.clone();
        let found = self.read_rows("find a version", move |c| row::find(c, &wanted)).await?;
        match found.filter(|stored| stored.state != State::Deleted) {
            Some(stored) => self.remove(&stored).await,
            None => Ok(()),
        }
    }

    pub(super) async fn finish_deletions(&self) -> PortResult<()> {
        for stored in self.read_rows("list unfinished deletions", row::deleting).await? {
            self.remove(&stored).await?;
        }
        Ok(())
    }

    /// Deletes the versions of the source below a prefix, each with its row as the proof; counts them. They have to be
    /// the house's own: the platform's are only read.
    pub(crate) async fn delete_source(&self, prefix: &str) -> PortResult<u64> {
        let below = prefix.to_owned();
        let doomed = self.read_rows("list source versions", move |c| row::of_source(c, &below)).await?;
        for stored in &doomed {
            self.remove(stored).await?;
        }
        Ok(doomed.len() as u64)
    }

    async fn remove(&self, stored: &Stored) -> PortResult<()> {
        let _allowed = self.deletions.read().await;
        let alone = self.guard(stored.owner).write().await;
        let (row, now) = (stored.clone(), self.now());
        let begun = self.write_rows("begin a deletion", move |c| {
            row::set_state(c, &row.object.version, State::Deleting, now)?;
            row::is_shared(c, &row)
        });
        if !begun.await? {
            self.unlink(stored).await?;
        }
        let (version, now) = (stored.object.version.clone(), self.now());
        self.write_rows("finish a deletion", move |c| row::set_state(c, &version, State::Deleted, now)).await?;
        drop(alone);
        Ok(())
    }

    async fn unlink(&self, stored: &Stored) -> PortResult<()> {
        let (path, disk) = (self.path_of(stored), self.ground.disk.clone());
        let folder = folder_of(self.root(), stored.owner);
        let is_blob = stored.object.area != Area::Release && stored.owner.is_some();
        let removed = blocking(move || {
            disk.remove(&path)?;
            // The folders of a round and a request go with their last file.
            if is_blob && disk.remove_if_empty(&folder) {
                folder.parent().map(|request| disk.remove_if_empty(request));
            }
            Ok(())
        });
        removed.await.of_port(PORT, || format!("remove the bytes of {}", stored.object.show()))
    }
}
