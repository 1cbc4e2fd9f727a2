//! The documents inside an archive: what was released, and who decided that it may be.
//!
//! Both are written in canonical JSON, and a digest of one is the digest of those bytes.

use serde::{Deserialize, Serialize};

use crate::canonical::{CanonicalError, canonical};
use crate::domain::digest::Digest;

/// The version of both documents' shape.
pub const SCHEMA_VERSION: u32 = 1;

/// The list of approved files as it lies in the archive, as `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The request.
    pub request_id: String,
    /// The round of the request, from 1.
    pub round: u32,
    /// The files in path order.
    pub files: Vec<ManifestFile>,
}

/// One approved file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// The path below `files/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The digest of the bytes, as the reviewers saw it.
    pub digest: Digest,
    /// The CRC-32 (IEEE) of the bytes.
    pub crc32: u32,
    /// Which version of the source it was staged from.
    pub source_version: String,
    /// The name it was submitted under, where that had to be made portable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_as: Option<String>,
}

/// What was released on whose decision, as `release-record.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The request.
    pub request_id: String,
    /// The round of the request, from 1.
    pub round: u32,
    /// The project.
    pub project: String,
    /// The workspace that the files come from.
    pub workspace: String,
    /// The requester's e-mail address.
    pub requester_email: String,
    /// The policy that the request was bound to.
    pub policy: RecordedPolicy,
    /// The manifest that was decided upon.
    pub manifest: RecordedManifest,
    /// The decisions of the round in the order in which they were made.
    pub decisions: Vec<RecordedDecision>,
    /// The name and version of the software that prepared the release.
    pub released_by: String,
    /// When the plan of the archive was frozen (RFC 3339, UTC).
    pub prepared_at: String,
}

/// A policy as a record names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedPolicy {
    /// The policy's name.
    pub name: String,
    /// The policy's version.
    pub version: u32,
    /// The digest of the policy document.
    pub digest: Digest,
}

/// A manifest as a record names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedManifest {
    /// The SHA-256 of `manifest.json`.
    pub digest: Digest,
    /// How many files it lists.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
}

/// One person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedDecision {
    /// The stage's id.
    pub stage: String,
    /// The person's name.
    pub person_name: String,
    /// The person's verified e-mail address.
    pub person_email: String,
    /// What was decided.
    pub decision: String,
    /// Why, in the person's words.
    pub reason: String,
    /// When (RFC 3339, UTC).
    pub decided_at: String,
}

impl ManifestDocument {
    /// Gives the canonical bytes.
    pub fn to_json(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// Names this manifest, whose canonical bytes are `json`, as a record does.
    pub fn recorded(&self, json: &[u8]) -> RecordedManifest {
        RecordedManifest {
            digest: Digest::of(json),
            files: self.files.len() as u64,
            bytes: self.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.size)),
        }
    }
}

impl ReleaseRecord {
    /// Gives the canonical bytes.
    pub fn to_json(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }
}

#[cfg(test)]
mod tests;
