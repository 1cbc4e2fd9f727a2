//! Garbage: bytes that a crash left without a row.
//!
//! Only what belongs to requests that are over, or unknown, is removed. A request that goes on comes back to its bytes
//! by itself; and if the rows were restored from an older backup, what they do not know yet is not lost.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::PortResult;

use super::location::folder_of;
use super::{ObjectStore, PORT, row};
use crate::failure::{OfPort, blocking};

impl ObjectStore {
    /// The requests that have bytes.
    pub async fn owners(&self) -> PortResult<Vec<RequestId>> {
        let folder = self.root().join("blobs");
        let names =
            blocking(move || names_in(&folder)).await.of_port(PORT, || "list the owners of bytes".to_owned())?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Removes the bytes of a request that no row names; counts them. The caller knows that the request is over, or
    /// that there is none of that name. Again: nothing.
    pub async fn remove_unnamed(&self, request: RequestId) -> PortResult<u64> {
        let operation = || format!("remove unnamed bytes of {request}");
        let folder = self.root().join("blobs").join(request.to_string());
        let rounds = blocking(move || names_in(&folder)).await.of_port(PORT, operation)?;
        let mut removed = 0;
        for round in rounds.iter().filter_map(|name| name.parse().ok()) {
            removed += self.remove_unnamed_of((request, round)).await?;
        }
        Ok(removed)
    }

    async fn remove_unnamed_of(&self, owner: (RequestId, RoundNumber)) -> PortResult<u64> {
        // Whoever puts holds this lock from the name to the row: what has no row now is nobody's.
        let alone = self.guard(Some(owner)).write().await;
        let named = self.read_rows("list named bytes", move |c| row::digests_of(c, owner)).await?;
        let named: HashSet<String> = named.iter().map(workflow::domain::digest::Digest::hex).collect();
        let (folder, disk) = (folder_of(self.root(), Some(owner)), self.ground.disk.clone());
        let removed = blocking(move || {
            let mut removed = 0;
            for file in unnamed_in(&folder, &named)? {
                disk.remove(&file)?;
                removed += 1;
            }
            if disk.remove_if_empty(&folder) {
                folder.parent().map(|request| disk.remove_if_empty(request));
            }
            Ok(removed)
        });
        let removed = removed.await.of_port(PORT, || "remove unnamed bytes".to_owned())?;
        drop(alone);
        Ok(removed)
    }
}

fn unnamed_in(folder: &Path, named: &HashSet<String>) -> std::io::Result<Vec<PathBuf>> {
    let names = names_in(folder)?.into_iter().filter(|name| !named.contains(name));
    Ok(names.map(|name| folder.join(name)).collect())
}

/// The names in a folder; none if there is no such folder.
pub(super) fn names_in(folder: &Path) -> std::io::Result<Vec<String>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
