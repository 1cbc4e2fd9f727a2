//! Uploads: files that people bring by themselves, on their way into the source area.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PortResult;
use crate::domain::manifest::SourceVersion;
use crate::domain::path::SafePath;
use crate::domain::person::Who;
use crate::domain::text::ProjectId;

/// An upload as it was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its name.
    pub id: Uuid,
    /// Whose it is: nobody else puts bytes into it or submits it.
    pub by: Who,
    /// The project whose data it is.
    pub project: ProjectId,
    /// The files, in path order.
    pub files: Vec<Announced>,
    /// When it ends: what has not been submitted by then is forgotten.
    pub expires_at: Timestamp,
}

/// One file of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The path under which it will leave.
    pub path: SafePath,
    /// The name that it was announced under, where that had to be made portable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_as: Option<String>,
    /// Bytes.
    pub size: u64,
}

/// Files on their way in.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// Makes room for an upload and answers, for each of its files in order, the address to which the bytes are `PUT`:
    /// a path on this host, or a URL elsewhere. Again with the same upload: nothing is made, the addresses may be
    /// fresh ones. `Conflict` if there is another upload of that name.
    async fn create(&self, upload: &Upload) -> PortResult<Vec<String>>;

    /// The upload of a name; none if there is none, or if it has ended.
    async fn find(&self, id: Uuid) -> PortResult<Option<Upload>>;

    /// Appends bytes to a file, counted from 0 in the order of the upload, and answers how many are there. `from` says
    /// where they belong: bytes that are there already are passed over, so that a broken transfer goes on where it
    /// stopped. `Conflict` for a gap, or for more than was announced; `Missing` if there is no such file; `Denied`
    /// where bytes go straight to another address. A file is there once it has all its bytes, and then never changes.
    async fn append(&self, id: Uuid, file: u32, from: u64, bytes: Bytes) -> PortResult<u64>;

    /// For each file in order, the version in the source area that its bytes became; none for a file that is not
    /// there whole. `Missing` if there is no such upload.
    async fn arrived(&self, id: Uuid) -> PortResult<Vec<Option<SourceVersion>>>;
}
