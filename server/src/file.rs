//! Small files that people name: read no further than they may be long.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("{} cannot be read: {source}", .path.display())]
    Failed { path: PathBuf, source: io::Error },
    #[error("{} is longer than {most} bytes, so it is not what is needed here", .path.display())]
    TooLong { path: PathBuf, most: usize },
    #[error("{} is not text", .path.display())]
    NotText { path: PathBuf },
}

/// Reads a text of at most so many bytes.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String, Unread> {
    let bytes = read_start(path, most.saturating_add(1))?;
    if bytes.len() > most {
        return Err(Unread::TooLong { path: path.to_owned(), most });
    }
    String::from_utf8(bytes).map_err(|_| Unread::NotText { path: path.to_owned() })
}

/// Reads the first bytes of a file, at most so many.
pub(crate) fn read_start(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|source| Unread::Failed { path: path.to_owned(), source })
}
