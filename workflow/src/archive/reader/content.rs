//! Reads one member's content in small pieces.

use std::io::{Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};

use super::{Fault, Listed, broken};

const PIECE: usize = 64 * 1024;

/// Hands the content of a member to `sink` piece by piece, and checks its headers, size and CRC.
///
/// At most the listed size comes out, however much a hostile stream could expand to.
pub(in crate::archive) fn read_member<R: Read + Seek>(
    reader: &mut R,
    member: &Listed,
    mut sink: impl FnMut(&[u8]),
) -> Result<(), Fault> {
    let entry = member.entry();
    let mut header = Vec::new();
    entry.write_local(&mut header);
    reader.seek(SeekFrom::Start(member.offset))?;
    expect(reader, &header)?;

    let mut crc32 = crc32fast::Hasher::new();
    let mut size = 0;
    let mut measure = |piece: &[u8]| {
        size += piece.len() as u64;
        crc32.update(piece);
        sink(piece);
    };
    if member.deflated {
        inflate(reader, member, &mut measure)?;
    } else {
        copy(reader, member.compressed, &mut measure)?;
    }
    if size != member.size || crc32.finalize() != member.crc32 {
        return Err(broken("is damaged: its bytes do not have the CRC-32 that the archive lists"));
    }

    let mut descriptor = Vec::new();
    entry.write_descriptor(&mut descriptor);
    expect(reader, &descriptor)
}

fn expect(reader: &mut impl Read, expected: &[u8]) -> Result<(), Fault> {
    let mut found = Vec::new();
    reader.take(expected.len() as u64).read_to_end(&mut found)?;
    if found == expected { Ok(()) } else { Err(broken("has a damaged or altered header")) }
}

fn copy(reader: &mut impl Read, length: u64, sink: &mut impl FnMut(&[u8])) -> Result<(), Fault> {
    let mut piece = vec![0; PIECE];
    let mut left = reader.take(length);
    loop {
        let count = left.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        sink(piece.get(..count).unwrap_or_default());
    }
}

fn inflate(reader: &mut impl Read, member: &Listed, sink: &mut impl FnMut(&[u8])) -> Result<(), Fault> {
    let bad = || broken("is damaged: its deflated bytes cannot be read");
    let mut decompress = Decompress::new(false);
    let mut piece = vec![0; PIECE];
    let mut left = reader.take(member.compressed);
    let mut out = Vec::with_capacity(PIECE);
    loop {
        let count = left.read(&mut piece)?;
        let mut input = piece.get(..count).unwrap_or_default();
        loop {
            out.clear();
            let before = decompress.total_in();
            let status = decompress.decompress_vec(input, &mut out, FlushDecompress::None).map_err(|_| bad())?;
            let taken = usize::try_from(decompress.total_in() - before).unwrap_or(usize::MAX);
            input = input.get(taken..).unwrap_or_default();
            sink(&out);
            if decompress.total_out() > member.size {
                return Err(bad());
            }
            if status == Status::StreamEnd {
                // The stream must end with the last byte that is listed for it.
                return if decompress.total_in() == member.compressed { Ok(()) } else { Err(bad()) };
            }
            if taken == 0 && out.is_empty() {
                break;
            }
        }
        if count == 0 || !input.is_empty() {
            return Err(bad());
        }
    }
}
