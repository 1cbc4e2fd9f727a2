//! The frozen plan of a release: every decision about the archive's bytes, made before the first of them.
//!
//! It is stored as an immutable object and executed by every attempt, so that rival attempts make the same bytes.

mod check;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use check::PlanError;

use super::header::{DosTime, Entry};
use super::method::{BLOCK_BYTES, Method};
use super::name::show;
use crate::domain::digest::Digest;

/// The folder in the archive under which the approved files lie.
pub const FILES: &str = "files/";

/// Names what turns a plan into bytes. It changes whenever our layout or a deflate library changes what comes out.
pub const ENCODER: &str = "lockgate-zip 1, libdeflate 1.26, zlib-rs 0.6";

const VERSION: u32 = 1;
/// Above the 5 MiB that S3 asks of every part but the last.
const LEAST_PART_BYTES: u64 = 8 * 1024 * 1024;
/// S3 takes 10,000 parts; some are left for what the estimate does not see.
const PARTS: u64 = 9_000;
const MEBIBYTE: u64 = 1024 * 1024;

/// What is known of a member's content before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// The digest that was reviewed.
    pub digest: Digest,
    /// The CRC-32 (IEEE), as zip archives carry it.
    pub crc32: u32,
}

impl Content {
    /// Measures bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, digest: Digest::of(bytes), crc32: crc32fast::hash(bytes) }
    }
}

/// Where the bytes of a member come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Source {
    File(u32),
    Document(#[serde(with = "base64_text")] Bytes),
}

/// One member of the archive: an approved file, or a document whose bytes are in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    name: String,
    size: u64,
    digest: Digest,
    crc32: u32,
    method: Method,
    source: Source,
}

impl Member {
    /// Plans an approved file: `path` is relative and appears under `files/`, `index` is its place in the manifest.
    pub fn file(path: &str, index: u32, content: Content, method: Method) -> Self {
        Self::new(format!("{FILES}{path}"), content, method, Source::File(index))
    }

    /// Plans a document at the root of the archive.
    pub fn document(name: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let content = Content::of(&bytes);
        Self::new(name.to_owned(), content, Method::for_document(content.size), Source::Document(bytes))
    }

    fn new(name: String, content: Content, method: Method, source: Source) -> Self {
        let Content { size, digest, crc32 } = content;
        // There is nothing to deflate in nothing.
        let method = if size == 0 { Method::Store } else { method };
        Self { name, size, digest, crc32, method, source }
    }

    /// The name in the archive.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known of the content.
    pub fn content(&self) -> Content {
        Content { size: self.size, digest: self.digest, crc32: self.crc32 }
    }

    pub(super) fn method(&self) -> Method {
        self.method
    }

    /// The place in the manifest, for an approved file.
    pub(super) fn file_index(&self) -> Option<u32> {
        match self.source {
            Source::File(index) => Some(index),
            Source::Document(_) => None,
        }
    }

    /// The bytes, for a document.
    pub(super) fn document_bytes(&self) -> Option<&Bytes> {
        match &self.source {
            Source::File(_) => None,
            Source::Document(bytes) => Some(bytes),
        }
    }
}

/// What all members come to. A plan that was cut or mixed up does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// How many members.
    pub members: u64,
    /// The bytes of all members, before deflating.
    pub bytes: u64,
}

impl Totals {
    fn of(members: &[Member]) -> Self {
        let bytes = members.iter().fold(0, |sum: u64, member| sum.saturating_add(member.size));
        Self { members: members.len() as u64, bytes }
    }
}

/// The sizes in which an archive is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuts {
    /// Bytes per block: what is read and deflated at once.
    pub block_bytes: u64,
    /// The least bytes of every part but the last.
    pub part_bytes: u64,
}

impl Cuts {
    /// Gives blocks of 4 MiB, and parts of 8 MiB or of as much as keeps the archive within 9,000 parts.
    fn for_bytes(bytes: u64) -> Self {
        let part_bytes = bytes.div_ceil(PARTS).next_multiple_of(MEBIBYTE).max(LEAST_PART_BYTES);
        Self { block_bytes: BLOCK_BYTES, part_bytes }
    }
}

/// The frozen plan of one archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    version: u32,
    encoder: String,
    written_at: Timestamp,
    cuts: Cuts,
    totals: Totals,
    members: Vec<Member>,
}

impl Plan {
    /// Makes a plan of members that are sorted by name. `written_at` is the time that every member carries.
    ///
    /// The same arguments make the same plan, and the same plan makes the same archive.
    pub fn new(written_at: Timestamp, members: Vec<Member>) -> Result<Self, PlanError> {
        let cuts = Cuts::for_bytes(Totals::of(&members).bytes);
        Self::with_cuts(written_at, members, cuts)
    }

    /// Makes a plan with other sizes than the usual.
    pub fn with_cuts(written_at: Timestamp, members: Vec<Member>, cuts: Cuts) -> Result<Self, PlanError> {
        let totals = Totals::of(&members);
        let plan = Self { version: VERSION, encoder: ENCODER.to_owned(), written_at, cuts, totals, members };
        plan.check()?;
        Ok(plan)
    }

    /// Reads a stored plan, and refuses one that this version would not have written.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_slice(bytes).map_err(|error| PlanError::Unreadable { source: error })?;
        plan.check()?;
        Ok(plan)
    }

    /// Gives the bytes to store. The same plan gives the same bytes.
    pub fn to_json(&self) -> Result<Vec<u8>, PlanError> {
        serde_json::to_vec(self).map_err(|error| PlanError::Unreadable { source: error })
    }

    /// The members in the order of the archive.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What all members come to.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The sizes in which the archive is read and written.
    pub fn cuts(&self) -> Cuts {
        self.cuts
    }

    /// Gives the SHA-256 of the stored form, to bind progress to this plan.
    pub(super) fn fingerprint(&self) -> Result<Digest, PlanError> {
        let mut sink = HashSink(Sha256::new());
        serde_json::to_writer(&mut sink, self).map_err(|error| PlanError::Unreadable { source: error })?;
        Ok(Digest::Sha256(sink.0.finalize().into()))
    }

    /// In how many blocks a member is read. An empty one has one empty block.
    pub(super) fn blocks(&self, member: &Member) -> u64 {
        member.size.div_ceil(self.cuts.block_bytes).max(1)
    }

    /// Whether sizes and CRC follow the data: only where the deflated size is not known when the header is written.
    pub(super) fn has_descriptor(&self, member: &Member) -> bool {
        matches!(member.method, Method::Deflate(_)) && self.blocks(member) > 1
    }

    /// Describes a member whose written size is known (or does not matter yet).
    pub(super) fn entry<'a>(&self, member: &'a Member, compressed: u64, offset: u64) -> Entry<'a> {
        let descriptor = self.has_descriptor(member);
        Entry {
            name: &member.name,
            // A block that does not shrink is stored, so equal sizes mean stored.
            deflated: descriptor || compressed != member.size,
            descriptor,
            time: DosTime::new(self.written_at),
            crc32: member.crc32,
            compressed,
            size: member.size,
            offset,
        }
    }
}

struct HashSink(Sha256);

impl std::io::Write for HashSink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show(&self.name))
    }
}

/// Carries a document's bytes as text.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
