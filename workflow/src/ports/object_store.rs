//! Files by version, in four areas.

use async_trait::async_trait;
use bytes::Bytes;

use super::PortResult;
use crate::domain::digest::Digest;
use crate::domain::id::{RequestId, RoundNumber};

/// Where objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// The researchers' files, read only. Its keys begin with the name of a bucket and `/`.
    Source,
    /// The frozen files of requests that are not over.
    Staging,
    /// Manifests, plans, proofs: immutable, never released.
    Records,
    /// Released archives.
    Release,
}

impl Area {
    /// The word for the area.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Staging => "staging",
            Self::Records => "records",
            Self::Release => "release",
        }
    }

    /// A key as errors and logs show it: the names that a researcher chose are no business of theirs, so the digest of
    /// the key stands for them.
    pub fn show_key(self, key: &str) -> String {
        let ours = match self {
            Self::Records | Self::Release => return key.to_owned(),
            Self::Staging => 3,
            Self::Source => 1,
        };
        let mut shown: Vec<&str> = key.splitn(ours + 1, '/').take(ours).collect();
        let digest = Digest::of(key.as_bytes()).hex();
        shown.push(digest.get(..12).unwrap_or(&digest));
        shown.join("/")
    }
}

/// One version of one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectVersion {
    /// Where.
    pub area: Area,
    /// Its key.
    pub key: String,
    /// Which of the versions under that key.
    pub version: String,
}

impl ObjectVersion {
    /// Its key as errors and logs show it.
    pub fn show(&self) -> String {
        self.area.show_key(&self.key)
    }
}

/// Where something is to be put, and whose it is: bytes are never shared between requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The area: not [`Area::Source`].
    pub area: Area,
    /// The request and round that it belongs to; none for what belongs to the house.
    pub owner: Option<(RequestId, RoundNumber)>,
    /// The key.
    pub key: String,
}

impl Place {
    /// Its key as errors and logs show it.
    pub fn show(&self) -> String {
        self.area.show_key(&self.key)
    }
}

/// What is known of a version without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Bytes.
    pub size: u64,
    /// The digest of the bytes.
    pub digest: Digest,
    /// The CRC-32 (IEEE) of the bytes.
    pub crc32: u32,
}

/// A part of an assembly that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// The CRC-32 of the bytes.
    pub crc32: u32,
}

/// Files by version.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The newest version under a key; none if there is none, or if the newest is a deletion.
    async fn latest(&self, area: Area, key: &str) -> PortResult<Option<ObjectVersion>>;

    /// The size in bytes of a version. `Missing` if it is not there.
    async fn size(&self, object: &ObjectVersion) -> PortResult<u64>;

    /// Reads `length` bytes from `from`, fewer at the end of the object. `Missing` if the version is not there.
    async fn read(&self, object: &ObjectVersion, from: u64, length: u64) -> PortResult<Bytes>;

    /// Puts a small object (at most some MiB), whole or not at all. Again with the same bytes: the version that is
    /// there. With other bytes under the same key: `Conflict`; what is there stays.
    async fn put(&self, place: &Place, bytes: Bytes) -> PortResult<ObjectVersion>;

    /// Copies a version of the source area to a place of the staging area and measures the bytes on the way. Later
    /// changes of the source do not reach the copy. Again: the copy that is there, with its measures.
    /// `Missing` if the source version is not there.
    async fn freeze(&self, source: &ObjectVersion, place: &Place) -> PortResult<(ObjectVersion, Measured)>;

    /// Begins an object that is put together from parts. It is nowhere to be read before it is complete. Every call
    /// begins another one.
    async fn begin(&self, place: &Place) -> PortResult<String>;

    /// Puts one part of an assembly: at least 5 MiB, but for the last one. Again: the newer bytes count.
    /// `Missing` if there is no such assembly (any longer).
    async fn put_part(&self, assembly: &str, number: u32, bytes: Bytes) -> PortResult<Part>;

    /// The parts of an assembly that are durable, in order. `Missing` if there is no such assembly.
    async fn parts(&self, assembly: &str) -> PortResult<Vec<Part>>;

    /// Publishes an assembly under its key, whole, if size and CRC-32 of all parts together are what is expected;
    /// otherwise `Corrupt`, and nothing is published. If something is under the key: the version that is there if its
    /// digest is the expected one, else `Conflict`.
    async fn complete(&self, assembly: &str, place: &Place, expected: &Measured) -> PortResult<ObjectVersion>;

    /// Drops an assembly and its parts. Again, or for one that is complete: nothing.
    async fn abort(&self, assembly: &str) -> PortResult<()>;

    /// Deletes versions for good; their bytes are gone when it returns, and some of them may be if it fails. Again:
    /// nothing.
    async fn delete(&self, objects: &[ObjectVersion]) -> PortResult<()>;

    /// All assemblies that were begun and neither completed nor aborted, with the owner of each.
    async fn assemblies(&self) -> PortResult<Vec<(String, Option<(RequestId, RoundNumber)>)>>;

    /// All versions in the staging or release area that belong to a request.
    async fn belongings(&self, area: Area, request: RequestId) -> PortResult<Vec<ObjectVersion>>;

    /// An address at which whoever has it gets the bytes of a version, under a name, for so many seconds; none where
    /// bytes leave through the house itself. Every call gives another one.
    async fn link(&self, _object: &ObjectVersion, _name: &str, _seconds: u64) -> PortResult<Option<String>> {
        Ok(None)
    }

    /// Ends every address that was given out for a version, at once. Again, or where none are given out: nothing.
    async fn bar(&self, _object: &ObjectVersion) -> PortResult<()> {
        Ok(())
    }
}
