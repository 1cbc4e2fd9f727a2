//! Deleting: the row says so first, then the bytes go, then the row proves it.

use rusqlite::Connection;
use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::{Kind, PortError, PortResult};

use super::location::{Owner, folder_of};
use super::row::{self, State, Stored};
use super::{ObjectStore, PORT};
use crate::failure::{OfPort, blocking};

/// So many versions are removed with one flush of each kind.
const AT_ONCE: usize = 500;

impl ObjectStore {
    pub(super) async fn delete_versions(&self, objects: &[ObjectVersion]) -> PortResult<()> {
        if let Some(object) = objects.iter().find(|object| object.area == Area::Source) {
            return Err(PortError::new(PORT, format!("delete {} from the source", object.show()), Kind::Denied));
        }
        for wanted in objects.chunks(AT_ONCE) {
            let wanted = wanted.to_vec();
            let find = move |c: &Connection| wanted.iter().map(|object| row::find(c, object)).collect();
            let found: Vec<Option<Stored>> = self.read_rows("find versions", find).await?;
            let there: Vec<Stored> = found.into_iter().flatten().filter(|row| row.state != State::Deleted).collect();
            self.remove_all(&there).await?;
        }
        Ok(())
    }

    pub(super) async fn finish_deletions(&self) -> PortResult<()> {
        self.remove_all(&self.read_rows("list unfinished deletions", row::deleting).await?).await
    }

    /// Deletes the versions of the source below a prefix, each with its row as the proof; counts them. They have to be
    /// the house's own: the platform's are only read.
    pub(crate) async fn delete_source(&self, prefix: &str) -> PortResult<u64> {
        let below = prefix.to_owned();
        let doomed = self.read_rows("list source versions", move |c| row::of_source(c, &below)).await?;
        self.remove_all(&doomed).await?;
        Ok(doomed.len() as u64)
    }

    async fn remove_all(&self, stored: &[Stored]) -> PortResult<()> {
        for of_owner in stored.chunk_by(|one, next| one.owner == next.owner) {
            for some in of_owner.chunks(AT_ONCE) {
                self.remove(some).await?;
            }
        }
        Ok(())
    }

    /// Removes versions of one owner.
    async fn remove(&self, stored: &[Stored]) -> PortResult<()> {
        let Some(owner) = stored.first().map(|first| first.owner) else { return Ok(()) };
        let _allowed = self.deletions.read().await;
        let alone = self.guard(owner).write().await;
        let unshared = self.begin_deletions(stored.to_vec()).await?;
        self.unlink(owner, &unshared).await?;
        let (versions, now) = (stored.iter().map(|row| row.object.version.clone()).collect::<Vec<_>>(), self.now());
        let finish = move |c: &Connection| versions.iter().try_for_each(|v| row::set_state(c, v, State::Deleted, now));
        self.write_rows("finish deletions", finish).await?;
        drop(alone);
        Ok(())
    }

    /// Says of all of them that they go, and answers those whose bytes nothing else needs.
    async fn begin_deletions(&self, stored: Vec<Stored>) -> PortResult<Vec<Stored>> {
        let now = self.now();
        let begin = move |c: &Connection| {
            stored.iter().try_for_each(|row| row::set_state(c, &row.object.version, State::Deleting, now))?;
            let is_unshared = |row: Stored| row::is_shared(c, &row).map(|is_shared| (!is_shared).then_some(row));
            stored.into_iter().filter_map(|row| is_unshared(row).transpose()).collect()
        };
        self.write_rows("begin deletions", begin).await
    }

    async fn unlink(&self, owner: Owner, stored: &[Stored]) -> PortResult<()> {
        let Some(first) = stored.first().map(|first| first.object.show()) else { return Ok(()) };
        let (paths, disk) = (stored.iter().map(|row| self.path_of(row)).collect::<Vec<_>>(), self.ground.disk.clone());
        let folder = owner.map(|_| folder_of(self.root(), owner));
        let removed = blocking(move || {
            disk.remove_all(&paths)?;
            // The folders of a round and a request go with their last file.
            if let Some(folder) = folder.filter(|folder| disk.remove_if_empty(folder)) {
                folder.parent().map(|request| disk.remove_if_empty(request));
            }
            Ok(())
        });
        removed.await.of_port(PORT, || format!("remove the bytes of {first} or one of those that go with it"))
    }
}
