//! Reading files that somebody may be writing to.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Seek};
use std::os::unix::fs::MetadataExt;

use workflow::ports::object_store::Measured;

use crate::object_store::copy;

/// So often a file that changed while it was read is read anew.
const ATTEMPTS: u32 = 3;

/// What tells a file that was changed from one that was not: a change moves the time of the inode, whatever it does to
/// the size and to the time of modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// A name for the version of a file that has no other: another inode, size or time is another version.
    pub(crate) fn as_version(&self) -> String {
        let Self { inode, size, modified: (seconds, nanoseconds), .. } = self;
        format!("{inode:x}-{size:x}-{seconds:x}.{nanoseconds:09}")
    }
}

/// An open version of the source.
#[derive(Debug)]
pub(crate) struct SourceFile {
    file: File,
    nature: Nature,
}

#[derive(Debug)]
enum Nature {
    /// Nobody writes to it, and it was measured before.
    Kept(Measured),
    /// It is somebody else's file.
    Foreign(Stamp),
}

impl SourceFile {
    pub(crate) fn kept(file: File, measured: Measured) -> Self {
        Self { file, nature: Nature::Kept(measured) }
    }

    pub(crate) fn foreign(file: File) -> io::Result<Self> {
        let nature = Nature::Foreign(Stamp::of(&file.metadata()?));
        Ok(Self { file, nature })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn size(&self) -> io::Result<u64> {
        match &self.nature {
            Nature::Kept(measured) => Ok(measured.size),
            Nature::Foreign(_) => Ok(self.file.metadata()?.len()),
        }
    }

    /// Copies the version. What is no longer the version that was opened is an error.
    pub(crate) fn copy_to(self, target: &mut File) -> io::Result<Measured> {
        let measured = copy(&self.file, target)?;
        let sentence = match &self.nature {
            Nature::Kept(before) if *before != measured => "the stored file is damaged",
            Nature::Foreign(before) if *before != Stamp::of(&self.file.metadata()?) => {
                return Err(io::Error::other("the file was changed while it was copied"));
            }
            _ => return Ok(measured),
        };
        Err(io::Error::new(ErrorKind::InvalidData, sentence))
    }
}

/// Copies a file that may change under the reader: none if it changed during every attempt.
pub(crate) fn copy_steadily(
    mut open: impl FnMut() -> io::Result<File>,
    target: &mut File,
) -> io::Result<Option<Measured>> {
    for _ in 0..ATTEMPTS {
        let file = open()?;
        let before = Stamp::of(&file.metadata()?);
        target.set_len(0)?;
        target.rewind()?;
        let measured = copy(&file, target)?;
        // The name may stand for another file by now: then what was read is no state that the folder is in.
        let is_same = before == Stamp::of(&file.metadata()?) && before == Stamp::of(&open()?.metadata()?);
        if is_same && measured.size == before.size {
            return Ok(Some(measured));
        }
    }
    Ok(None)
}
