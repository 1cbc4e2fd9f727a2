//! Putting and freezing: bytes get their name first, and their row after that.

use std::io::Write;

use bytes::Bytes;
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Place};
use workflow::ports::{Kind, PortError, PortResult};

use super::location::{check_key, file_of};
use super::row::{self, Inserted, State, Stored};
use super::{ObjectStore, PORT, measure};
use crate::disk::Draft;
use crate::failure::{OfPort, blocking};

impl ObjectStore {
    pub(super) async fn put_blob(&self, place: &Place, bytes: Bytes) -> PortResult<ObjectVersion> {
        check_place(place)?;
        let disk = self.ground.disk.clone();
        let written = blocking(move || {
            let mut draft = disk.draft()?;
            draft.write_all(&bytes)?;
            Ok((draft, measure::of(&bytes)))
        });
        let (draft, measured) = written.await.of_port(PORT, || format!("put {}", place.show()))?;
        let digest = measured.digest;
        let kept = self.publish(place, draft, measured).await?;
        if kept.measured.digest != digest {
            return Err(conflict(&place.show()));
        }
        Ok(kept.object)
    }

    pub(super) async fn freeze_blob(
        &self,
        source: &ObjectVersion,
        place: &Place,
    ) -> PortResult<(ObjectVersion, Measured)> {
        check_place(place)?;
        if let Some(kept) = self.find_here(place.area, &place.key).await? {
            return Ok((kept.object, kept.measured));
        }
        let opened = self.source.open(source).await?;
        let size = opened.size().of_port(PORT, || format!("measure {}", source.show()))?;
        self.ground.require_room(size, "freeze a file")?;
        let disk = self.ground.disk.clone();
        let copied = blocking(move || {
            let mut draft = disk.draft()?;
            let measured = opened.copy_to(draft.file())?;
            Ok((draft, measured))
        });
        let (draft, measured) = copied.await.of_port(PORT, || format!("freeze {}", source.show()))?;
        let kept = self.publish(place, draft, measured).await?;
        Ok((kept.object, kept.measured))
    }

    /// Gives the bytes their name, and then their row. What was under the key before stays, and is the answer.
    async fn publish(&self, place: &Place, draft: Draft, measured: Measured) -> PortResult<Stored> {
        let stored = self.describe(place, measured);
        let path = self.path_of(&stored);
        let shared = self.guard(place.owner).read().await;
        let named = if place.area == Area::Release {
            blocking(move || draft.publish_new(&path)).await
        } else {
            blocking(move || draft.publish(&path).map(|()| true)).await
        };
        let is_named = named.of_port(PORT, || format!("publish {}", place.show()))?;
        if !is_named && !self.is_file_of(&stored).await? {
            return Err(conflict(&place.show()));
        }
        let kept = self.enter(stored.clone()).await?;
        drop(shared);
        if kept.object != stored.object && !kept.shares_with(&stored) {
            self.remove_unless_named(&stored).await?;
        }
        Ok(kept)
    }

    /// A row for bytes that are about to be there.
    pub(super) fn describe(&self, place: &Place, measured: Measured) -> Stored {
        let version = self.ground.ids.name().simple().to_string();
        Stored {
            object: ObjectVersion { area: place.area, key: place.key.clone(), version },
            owner: place.owner,
            measured,
            state: State::Here,
            changed_at: self.now(),
        }
    }

    /// Writes the row, unless the key has one.
    async fn enter(&self, stored: Stored) -> PortResult<Stored> {
        let row = stored.clone();
        let operation = format!("enter {}", stored.object.show());
        Ok(match self.write_rows(&operation, move |c| row::insert_new(c, &row)).await? {
            Inserted::New => stored,
            Inserted::Other(other) => other,
        })
    }

    /// Tells whether the file that is under the name of `stored` has its bytes, by reading them. It is then durable.
    pub(super) async fn is_file_of(&self, stored: &Stored) -> PortResult<bool> {
        let (path, expected, disk) = (self.path_of(stored), stored.measured.clone(), self.ground.disk.clone());
        let compared = blocking(move || {
            let file = std::fs::File::open(&path)?;
            if file.metadata()?.len() != expected.size || measure::file(&file)? != expected {
                return Ok(false);
            }
            disk.sync_file(&path)?;
            path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder))?;
            Ok(true)
        });
        compared.await.of_port(PORT, || format!("compare {}", stored.object.show()))
    }

    async fn remove_unless_named(&self, stored: &Stored) -> PortResult<()> {
        let _alone = self.guard(stored.owner).write().await;
        let digest = stored.measured.digest;
        let row = stored.clone();
        let is_shared = self.read_rows("find who shares bytes", move |c| row::is_shared(c, &row)).await?;
        if stored.object.area == Area::Release || is_shared {
            return Ok(());
        }
        let object = &stored.object;
        let path = file_of(self.root(), object.area, stored.owner, &object.key, &digest);
        let disk = self.ground.disk.clone();
        blocking(move || disk.remove(&path)).await.of_port(PORT, || format!("remove the bytes of {}", object.show()))
    }
}

pub(super) fn check_place(place: &Place) -> PortResult<()> {
    if place.area == Area::Source {
        return Err(PortError::new(PORT, format!("put {} into the source", place.show()), Kind::Denied));
    }
    check_key(place.area, &place.key)
}

pub(super) fn conflict(shown: &str) -> PortError {
    PortError::new(PORT, format!("put {shown}, where something else is"), Kind::Conflict)
}
