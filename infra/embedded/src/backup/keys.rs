//! The keys of a house, apart from its backups.

use std::path::Path;

use super::error::BackupError;
use super::{begin, finish};
use crate::sealer::Keys;

/// Copies the keys of a house to a folder of their own, for its owner alone. Once is enough: they do not change.
pub fn export(dir: &Path, to: &Path) -> Result<String, BackupError> {
    let partial = begin(to)?;
    let key_id = copy(&dir.join("keys"), &partial)?;
    finish(&partial, to)?;
    Ok(key_id)
}

/// Copies keys, and answers the name of the signing key.
pub(super) fn copy(from: &Path, to: &Path) -> Result<String, BackupError> {
    let unusable =
        |error: std::io::Error| BackupError::OtherKeys(format!("There are no keys in {}: {error}", from.display()));
    let keys = Keys::open(from).map_err(unusable)?;
    for name in Keys::FILES {
        let at_work = |source| BackupError::AtWork { path: to.join(name), source };
        super::copy::copy_file(&from.join(name), &to.join(name)).map_err(at_work)?;
    }
    Ok(keys.key_id().to_owned())
}
