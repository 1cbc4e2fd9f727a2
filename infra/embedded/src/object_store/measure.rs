//! Copies bytes and measures them on the way.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest as _, Sha256};
use workflow::domain::digest::Digest;
use workflow::ports::object_store::Measured;

/// The only memory that a copy takes, however large the file is.
const BUFFER_BYTES: usize = 256 * 1024;

/// Size, SHA-256 and CRC-32 of bytes that pass by.
#[derive(Default)]
pub(crate) struct Measure {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
    size: u64,
}

impl Measure {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub(crate) fn finish(self) -> Measured {
        let digest = Digest::Sha256(self.sha256.finalize().into());
        Measured { size: self.size, digest, crc32: self.crc32.finalize() }
    }
}

/// Measures bytes in memory.
pub(crate) fn of(bytes: &[u8]) -> Measured {
    let mut measure = Measure::default();
    measure.update(bytes);
    measure.finish()
}

/// Reads to the end, and hands on and measures what was read.
pub(crate) fn each(
    mut from: impl Read,
    measure: &mut Measure,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        measure.update(bytes);
        take(bytes)?;
    }
}

/// Copies to the end. Long runs of zeros become holes.
pub(crate) fn copy(from: impl Read, to: &mut File) -> io::Result<Measured> {
    let mut measure = Measure::default();
    each(from, &mut measure, |bytes| {
        if bytes.len() == BUFFER_BYTES && bytes.iter().all(|byte| *byte == 0) {
            to.seek(SeekFrom::Current(i64::try_from(bytes.len()).unwrap_or(0))).map(drop)
        } else {
            to.write_all(bytes)
        }
    })?;
    let measured = measure.finish();
    // A hole at the very end is only there once the file has its length.
    to.set_len(measured.size)?;
    Ok(measured)
}

/// Measures a file by reading all of it.
pub(crate) fn file(file: &File) -> io::Result<Measured> {
    let mut measure = Measure::default();
    each(file, &mut measure, |_| Ok(()))?;
    Ok(measure.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_with_holes_is_the_same_bytes() {
        let mut bytes = vec![0; 3 * BUFFER_BYTES];
        bytes[BUFFER_BYTES + 7] = 1;
        let mut target = tempfile::NamedTempFile::new().unwrap();
        let measured = copy(bytes.as_slice(), target.as_file_mut()).unwrap();
        assert_eq!(measured, of(&bytes));
        assert_eq!(std::fs::read(target.path()).unwrap(), bytes);
        assert_eq!(file(&File::open(target.path()).unwrap()).unwrap(), measured);
    }
}
