//! What a backup holds, with digests, and the signature over that.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use workflow::canonical::canonical;
use workflow::domain::digest::Digest;
use workflow::ports::Sealer;

use super::error::BackupError;

/// The form that this release writes and reads.
const FORMAT: u32 = 1;
/// The files of the manifest.
const NAME: &str = "manifest.json";
const SIGNATURE: &str = "manifest.signature.json";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The release that took it.
    pub release: String,
    /// The instant whose state it is.
    pub taken_at: Timestamp,
    /// How often the house had been brought back from a backup before.
    pub epoch: u64,
    /// Every file but the manifest's own, by path.
    pub files: Vec<Entry>,
    /// Files that the database names and that were not there, or were not what they should be: damage that the backup
    /// found and has in it.
    pub missing: Vec<String>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path in the backup, as in the data directory.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub digest: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
struct Signed {
    key_id: String,
    signature: String,
}

impl Manifest {
    pub(super) fn new(taken_at: Timestamp, epoch: u64, mut files: Vec<Entry>, missing: Vec<String>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self { format: FORMAT, release: env!("CARGO_PKG_VERSION").to_owned(), taken_at, epoch, files, missing }
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Writes the manifest and its signature.
    pub(super) async fn write(&self, folder: &Path, sealer: &dyn Sealer) -> Result<(), BackupError> {
        let path = folder.join(NAME);
        let at_work = |source| BackupError::AtWork { path: path.clone(), source };
        let bytes = canonical(self).map_err(|error| at_work(std::io::Error::other(error)))?;
        let signature = sealer.sign(&bytes).await?;
        let signed = Signed { key_id: signature.key_id, signature: hex::encode(signature.bytes) };
        let signed = serde_json::to_vec_pretty(&signed).map_err(|error| at_work(error.into()))?;
        std::fs::write(&path, bytes).map_err(at_work)?;
        std::fs::write(folder.join(SIGNATURE), signed).map_err(at_work)
    }

    /// Reads the manifest of a backup. With the keys of the house its signature is checked, too.
    pub(super) fn read(folder: &Path, keys: Option<&crate::sealer::Keys>) -> Result<Self, BackupError> {
        let foreign = |problem: String| BackupError::Foreign { path: folder.to_owned(), problem };
        let unread = |error: std::io::Error| foreign(format!("its {NAME} cannot be read ({error})"));
        let bytes = std::fs::read(folder.join(NAME)).map_err(unread)?;
        if let Some(keys) = keys {
            let signed = std::fs::read(folder.join(SIGNATURE)).map_err(unread)?;
            check(&bytes, &signed, keys)?;
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| foreign(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(foreign(format!("it has the form {}, and this release knows form {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }
}

fn check(bytes: &[u8], signed: &[u8], keys: &crate::sealer::Keys) -> Result<(), BackupError> {
    let damaged = |_| BackupError::Damaged("the signature of its manifest cannot be read".to_owned());
    let signed: Signed = serde_json::from_slice(signed).map_err(damaged)?;
    if signed.key_id != keys.key_id() {
        return Err(BackupError::OtherKeys("These are not the keys of the house that took this backup".to_owned()));
    }
    let is_good = hex::decode(&signed.signature).is_ok_and(|signature| keys.has_signed(bytes, &signature));
    if is_good { Ok(()) } else { Err(BackupError::Damaged("its manifest is not the one that was signed".to_owned())) }
}
