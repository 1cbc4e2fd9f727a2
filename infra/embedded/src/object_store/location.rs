//! Where the bytes of an object are on disk.

use std::path::{Path, PathBuf};

use workflow::domain::digest::Digest;
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::object_store::Area;
use workflow::ports::{Kind, PortError, PortResult};

/// The request and round that something belongs to; none for the house.
pub(crate) type Owner = Option<(RequestId, RoundNumber)>;

/// The folder of everything that belongs to one round of one request, or to the house.
pub(crate) fn folder_of(root: &Path, owner: Owner) -> PathBuf {
    let blobs = root.join("blobs");
    match owner {
        Some((request, round)) => blobs.join(request.to_string()).join(round.to_string()),
        None => blobs.join("house"),
    }
}

/// The file of an object: released ones have the name that they were released under, all others that of their bytes.
pub(crate) fn file_of(root: &Path, area: Area, owner: Owner, key: &str, digest: &Digest) -> PathBuf {
    match area {
        Area::Release => root.join("release").join(key),
        Area::Source | Area::Staging | Area::Records => folder_of(root, owner).join(digest.hex()),
    }
}

/// Refuses keys that name no file below a folder.
pub(crate) fn check_key(area: Area, key: &str) -> PortResult<()> {
    let is_bad = |segment: &str| segment.is_empty() || segment == "." || segment == ".." || segment.len() > 255;
    if key.len() > 1024 || key.split('/').any(is_bad) || key.chars().any(char::is_control) {
        let operation = format!("use the key {}", workflow::domain::path::show(&area.show_key(key)));
        return Err(PortError::new("object store", operation, Kind::Denied));
    }
    Ok(())
}
