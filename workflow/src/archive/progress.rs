//! Where an unfinished archive stands, between two calls of the step that assembles it.

use serde::{Deserialize, Serialize};

use super::digest::{SavedHash, SavedSha256};
use crate::domain::digest::Digest;

/// One finished part, as the next call must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRecord {
    /// Counted from 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// The CRC-32 (IEEE) of the part.
    pub crc32: u32,
}

/// The state of an unfinished archive at the end of a part, to be stored as an immutable object.
///
/// Offsets, sizes and CRCs of finished members follow from the plan; only their deflated sizes are kept. The saved
/// hashes can hold up to 63 bytes of a file, so it is kept as guarded as the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Which plan this is progress of.
    pub(super) plan: Digest,
    /// The written sizes of the members that are done.
    pub(super) compressed: Vec<u64>,
    /// The member in whose midst the last part ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) open: Option<SavedMember>,
    /// Bytes of all parts.
    pub(super) size: u64,
    pub(super) crc32: u32,
    pub(super) sha256: SavedSha256,
    pub(super) parts: Vec<PartRecord>,
}

/// A member whose blocks are appended in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedMember {
    /// Blocks appended so far.
    pub(super) blocks: u64,
    pub(super) compressed: u64,
    pub(super) crc32: u32,
    pub(super) hash: SavedHash,
}

impl Progress {
    /// Gives the bytes to store.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads stored progress. [`super::Archive::resume`] says whether it fits a plan.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The parts that are done.
    pub fn parts(&self) -> &[PartRecord] {
        &self.parts
    }

    /// How many members are wholly in these parts, for people who wait.
    pub fn members_done(&self) -> u64 {
        self.compressed.len() as u64
    }

    /// The bytes of all parts so far.
    pub fn size(&self) -> u64 {
        self.size
    }
}
