//! What a row holds of a release, and of data that was put away.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::person::{Identity, Who};

/// An immutable object in the records area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordReference {
    /// Its key.
    pub key: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// A release from the moment its plan is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The frozen plan.
    pub plan: RecordReference,
    /// The assembly that is being written, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assembly: Option<String>,
    /// How far the plan was carried out: the newest progress object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<RecordReference>,
    /// The archive, once it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<PublishedArchive>,
}

/// An archive that is where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedArchive {
    /// The key in the release area.
    pub key: String,
    /// The version in the release area.
    pub version: String,
    /// Bytes.
    pub size: u64,
    /// The digest of the bytes.
    pub digest: Digest,
    /// When it was published.
    pub released_at: Timestamp,
}

/// Leave for one person to download the archive for a short while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The digest of the ticket's secret: whoever reads the row cannot use the ticket.
    pub secret: Digest,
    /// Who may use it.
    pub person: Who,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// How often somebody was granted a download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Whom the count belongs to.
    pub person: BTreeSet<Identity>,
    /// How many tickets they had.
    pub count: u32,
}

/// What becomes of the bytes of a round that was not released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposal {
    /// When the bytes are to be deleted.
    pub due_at: Timestamp,
    /// The proof of deletion, once they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<RecordReference>,
}
