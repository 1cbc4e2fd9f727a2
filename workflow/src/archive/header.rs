//! Encodes the records of a zip: local headers, descriptors, the central directory and its ends.
//!
//! The writer makes them and the verifier makes them again: an archive is sound only if both agree on every byte.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// From this value on a 32-bit field cannot hold it.
const LIMIT: u64 = 0xffff_ffff;
/// Made by version 3.0 of the format's common tool, on a system with Unix modes.
const MADE_BY: u16 = 0x031e;
/// A plain file that its owner may write and everyone may read.
const MODE: u32 = 0o100_644 << 16;
const UTF8: u16 = 1 << 11;
const DESCRIPTOR: u16 = 1 << 3;
const ZIP64_EXTRA: u16 = 0x0001;

pub(super) const CENTRAL_FIXED: usize = 46;
pub(super) const END: usize = 22;
pub(super) const ZIP64_LOCATOR: usize = 20;
pub(super) const ZIP64_END: usize = 56;

pub(super) const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
pub(super) const END_SIGNATURE: u32 = 0x0605_4b50;
pub(super) const ZIP64_LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
pub(super) const ZIP64_END_SIGNATURE: u32 = 0x0606_4b50;
const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const DESCRIPTOR_SIGNATURE: u32 = 0x0807_4b50;

/// A moment as zip files carry it: UTC, even seconds, from 1980 to 2107.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DosTime {
    pub(super) time: u16,
    pub(super) date: u16,
}

impl DosTime {
    /// Rounds down to even seconds; what lies outside the years that the format knows becomes the nearest moment.
    pub(super) fn new(timestamp: Timestamp) -> Self {
        let earliest = DateTime::constant(1980, 1, 1, 0, 0, 0, 0);
        let latest = DateTime::constant(2107, 12, 31, 23, 59, 58, 0);
        let moment = timestamp.to_zoned(TimeZone::UTC).datetime().clamp(earliest, latest);
        let bits = |value: i8| u16::from(value.unsigned_abs());
        let years = moment.year().abs_diff(1980);
        Self {
            time: bits(moment.hour()) << 11 | bits(moment.minute()) << 5 | bits(moment.second()) >> 1,
            date: years << 9 | bits(moment.month()) << 5 | bits(moment.day()),
        }
    }
}

/// One member of an archive, as its headers describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) deflated: bool,
    /// Whether sizes and CRC follow the data instead of preceding it. Never for what is stored.
    pub(super) descriptor: bool,
    pub(super) time: DosTime,
    pub(super) crc32: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
}

impl Entry<'_> {
    /// Whether the local header speaks of 64-bit sizes.
    ///
    /// With a descriptor this must be known before the data: so by the most that a deflated file of this size can take.
    fn has_wide_sizes(&self) -> bool {
        let largest = if self.descriptor { deflate_bound(self.size) } else { self.size.max(self.compressed) };
        largest >= LIMIT
    }

    fn version_needed(&self) -> u16 {
        if self.has_wide_sizes() || self.offset >= LIMIT { 45 } else { 20 }
    }

    fn write_common(&self, out: &mut Vec<u8>) {
        let flags = if self.descriptor { UTF8 | DESCRIPTOR } else { UTF8 };
        let method: u16 = if self.deflated { 8 } else { 0 };
        for value in [self.version_needed(), flags, method, self.time.time, self.time.date] {
            put16(out, value);
        }
    }

    fn write_name_lengths(&self, extra: u16, out: &mut Vec<u8>) {
        // INVARIANT: names are checked to be at most 4,096 bytes.
        put16(out, u16::try_from(self.name.len()).unwrap_or(u16::MAX));
        put16(out, extra);
    }

    /// Appends the header that precedes the data.
    pub(super) fn write_local(&self, out: &mut Vec<u8>) {
        let (crc32, compressed, size) =
            if self.descriptor { (0, 0, 0) } else { (self.crc32, self.compressed, self.size) };
        let wide = self.has_wide_sizes();
        put32(out, LOCAL_SIGNATURE);
        self.write_common(out);
        put32(out, crc32);
        put32(out, if wide { u32::MAX } else { narrow(compressed) });
        put32(out, if wide { u32::MAX } else { narrow(size) });
        self.write_name_lengths(if wide { 20 } else { 0 }, out);
        out.extend_from_slice(self.name.as_bytes());
        if wide {
            put16(out, ZIP64_EXTRA);
            put16(out, 16);
            put64(out, size);
            put64(out, compressed);
        }
    }

    /// Gives the length of the header that precedes the data.
    pub(super) fn local_length(&self) -> u64 {
        30 + self.name.len() as u64 + if self.has_wide_sizes() { 20 } else { 0 }
    }

    /// Appends what follows the data, which is nothing where the local header has told all.
    pub(super) fn write_descriptor(&self, out: &mut Vec<u8>) {
        if !self.descriptor {
            return;
        }
        put32(out, DESCRIPTOR_SIGNATURE);
        put32(out, self.crc32);
        if self.has_wide_sizes() {
            put64(out, self.compressed);
            put64(out, self.size);
        } else {
            put32(out, narrow(self.compressed));
            put32(out, narrow(self.size));
        }
    }

    /// Gives the length of what follows the data.
    pub(super) fn descriptor_length(&self) -> u64 {
        match (self.descriptor, self.has_wide_sizes()) {
            (false, _) => 0,
            (true, false) => 16,
            (true, true) => 24,
        }
    }

    /// Gives the bytes that the member takes in front of the central directory.
    pub(super) fn length(&self) -> u64 {
        self.local_length() + self.compressed + self.descriptor_length()
    }

    /// Appends the record of the central directory.
    pub(super) fn write_central(&self, out: &mut Vec<u8>) {
        // Only the fields that overflow, in this order.
        let wide: Vec<u64> =
            [self.size, self.compressed, self.offset].into_iter().filter(|value| *value >= LIMIT).collect();
        let extra = if wide.is_empty() { 0_u16 } else { 4 + 8 * u16::try_from(wide.len()).unwrap_or(0) };
        put32(out, CENTRAL_SIGNATURE);
        put16(out, MADE_BY);
        self.write_common(out);
        put32(out, self.crc32);
        put32(out, narrow(self.compressed));
        put32(out, narrow(self.size));
        self.write_name_lengths(extra, out);
        // No comment, first disk, no internal attributes.
        out.extend_from_slice(&[0; 6]);
        put32(out, MODE);
        put32(out, narrow(self.offset));
        out.extend_from_slice(self.name.as_bytes());
        if extra > 0 {
            put16(out, ZIP64_EXTRA);
            put16(out, extra - 4);
            for value in wide {
                put64(out, value);
            }
        }
    }
}

/// Appends the end of an archive: the 64-bit records where a 32-bit field cannot hold the truth, and the plain one.
pub(super) fn write_end(entries: u64, directory_offset: u64, directory_bytes: u64, out: &mut Vec<u8>) {
    if has_wide_end(entries, directory_offset, directory_bytes) {
        put32(out, ZIP64_END_SIGNATURE);
        put64(out, ZIP64_END as u64 - 12);
        put16(out, MADE_BY);
        put16(out, 45);
        out.extend_from_slice(&[0; 8]);
        put64(out, entries);
        put64(out, entries);
        put64(out, directory_bytes);
        put64(out, directory_offset);
        put32(out, ZIP64_LOCATOR_SIGNATURE);
        put32(out, 0);
        put64(out, directory_offset + directory_bytes);
        put32(out, 1);
    }
    let few = u16::try_from(entries).unwrap_or(u16::MAX);
    put32(out, END_SIGNATURE);
    out.extend_from_slice(&[0; 4]);
    put16(out, few);
    put16(out, few);
    put32(out, narrow(directory_bytes));
    put32(out, narrow(directory_offset));
    put16(out, 0);
}

/// Whether the end of an archive needs the 64-bit records.
pub(super) fn has_wide_end(entries: u64, directory_offset: u64, directory_bytes: u64) -> bool {
    entries >= 0xffff || directory_offset >= LIMIT || directory_bytes >= LIMIT
}

/// Gives the most bytes that a deflated file can take: stored blocks cost 5 bytes in 65,535, and some per block of ours.
fn deflate_bound(size: u64) -> u64 {
    size.saturating_add(size / 4_096).saturating_add(64)
}

/// A value too large for the field becomes all ones, which sends the reader to the 64-bit field.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests;
