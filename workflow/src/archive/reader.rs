//! Reads an archive that may come from anyone, and takes nothing for granted.
//!
//! The headers that were read are made again from what they say: an archive passes only if every byte that is not
//! content is the byte that our writer would have written. Memory is bounded by the directory, which is limited.

mod content;
mod field;

use std::io::{self, BufReader, Read, Seek, SeekFrom};

pub(super) use content::read_member;
use field::Fields;

use super::header::{
    CENTRAL_FIXED, CENTRAL_SIGNATURE, DosTime, END, END_SIGNATURE, Entry, ZIP64_END, ZIP64_END_SIGNATURE,
    ZIP64_LOCATOR, write_end,
};
use super::name::{find_flaw, show};

/// A directory above this (some ten million files) is refused instead of held in memory.
const MOST_DIRECTORY_BYTES: u64 = 1 << 30;

/// What keeps an archive from being read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The medium: says nothing about the archive.
    Io(io::Error),
    /// The archive: the rest of a sentence that begins with what was read.
    Broken(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Says in what way an archive is broken.
pub(super) fn broken(sentence: impl Into<String>) -> Fault {
    Fault::Broken(sentence.into())
}

/// One member, as the directory lists it.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) crc32: u32,
    pub(super) size: u64,
    deflated: bool,
    descriptor: bool,
    time: DosTime,
    compressed: u64,
    offset: u64,
}

impl Listed {
    fn entry(&self) -> Entry<'_> {
        Entry {
            name: &self.name,
            deflated: self.deflated,
            descriptor: self.descriptor,
            time: self.time,
            crc32: self.crc32,
            compressed: self.compressed,
            size: self.size,
            offset: self.offset,
        }
    }
}

struct End {
    entries: u64,
    offset: u64,
    bytes: u64,
}

/// Reads the list of members, and checks that they fill the archive from its first byte to the directory.
pub(super) fn read_directory<R: Read + Seek>(reader: &mut R) -> Result<Vec<Listed>, Fault> {
    let end = read_end(reader)?;
    reader.seek(SeekFrom::Start(end.offset))?;
    let mut records = BufReader::new(reader.take(end.bytes));
    let mut members: Vec<Listed> = Vec::new();
    let mut offset = 0;
    for _ in 0..end.entries {
        let member = read_central(&mut records, end.offset)?;
        if member.offset != offset {
            return Err(broken(format!("has a gap or an overlap before {}", show(&member.name))));
        }
        offset += member.entry().length();
        if offset > end.offset {
            return Err(broken(format!("has no room for {}", show(&member.name))));
        }
        if let Some(last) = members.last() {
            check_neighbours(last, &member)?;
        }
        members.push(member);
    }
    if offset != end.offset || records.read(&mut [0])? > 0 {
        return Err(broken("holds bytes that belong to no member"));
    }
    Ok(members)
}

fn check_neighbours(last: &Listed, member: &Listed) -> Result<(), Fault> {
    if member.name <= last.name {
        return Err(broken(format!("lists {} twice or out of order", show(&member.name))));
    }
    if member.time != last.time {
        return Err(broken(format!("gives {} another time than the rest", show(&member.name))));
    }
    Ok(())
}

fn read_end<R: Read + Seek>(reader: &mut R) -> Result<End, Fault> {
    let length = reader.seek(SeekFrom::End(0))?;
    let longest = (ZIP64_END + ZIP64_LOCATOR + END) as u64;
    reader.seek(SeekFrom::Start(length.saturating_sub(longest)))?;
    let mut tail = Vec::new();
    reader.take(longest).read_to_end(&mut tail)?;
    let end = parse_end(&tail).ok_or_else(|| broken("is not a release archive, or was cut off"))?;
    let mut again = Vec::new();
    write_end(end.entries, end.offset, end.bytes, &mut again);
    let is_whole = end.offset.checked_add(end.bytes).and_then(|sum| sum.checked_add(again.len() as u64));
    if !tail.ends_with(&again) || is_whole != Some(length) {
        return Err(broken("has a damaged end, or bytes were added to it or cut from it"));
    }
    let is_countable = end.entries.checked_mul(CENTRAL_FIXED as u64).is_some_and(|least| least <= end.bytes);
    if end.bytes > MOST_DIRECTORY_BYTES || (end.entries > 0 && !is_countable) {
        return Err(broken("has a directory of an impossible size"));
    }
    Ok(end)
}

fn parse_end(tail: &[u8]) -> Option<End> {
    let (before, end) = tail.split_at_checked(tail.len().checked_sub(END)?)?;
    let mut fields = Fields::new(end);
    fields.expect(END_SIGNATURE)?;
    fields.skip(6)?;
    let entries = u64::from(fields.take_u16()?);
    let bytes = u64::from(fields.take_u32()?);
    let offset = u64::from(fields.take_u32()?);
    let wide = u64::from(u32::MAX);
    if entries < 0xffff && bytes < wide && offset < wide {
        return Some(End { entries, offset, bytes });
    }
    let mut fields = Fields::new(before.get(before.len().checked_sub(ZIP64_END + ZIP64_LOCATOR)?..)?);
    fields.expect(ZIP64_END_SIGNATURE)?;
    fields.skip(28)?;
    Some(End { entries: fields.take_u64()?, bytes: fields.take_u64()?, offset: fields.take_u64()? })
}

/// Reads one record, whose data must lie before `limit`.
fn read_central(reader: &mut impl Read, limit: u64) -> Result<Listed, Fault> {
    let cut_off = || broken("has a directory that is cut off or damaged");
    let mut record = Vec::new();
    reader.take(CENTRAL_FIXED as u64).read_to_end(&mut record)?;
    let mut fields = Fields::new(record.get(28..).ok_or_else(cut_off)?);
    let name_length = fields.take_u16().ok_or_else(cut_off)?;
    let extra_length = fields.take_u16().ok_or_else(cut_off)?;
    reader.take(u64::from(name_length) + u64::from(extra_length)).read_to_end(&mut record)?;
    let member = parse_central(&record, usize::from(name_length)).ok_or_else(cut_off)?;
    if let Some(flaw) = find_flaw(&member.name) {
        return Err(broken(format!("holds the unsafe name {}, which {flaw}", show(&member.name))));
    }
    // Also keeps the sums of offsets and sizes from running over.
    if member.compressed > limit || member.offset > limit {
        return Err(broken(format!("has no room for {}", show(&member.name))));
    }
    let mut again = Vec::new();
    member.entry().write_central(&mut again);
    let is_fitting = if member.deflated {
        member.descriptor || member.compressed < member.size
    } else {
        !member.descriptor && member.compressed == member.size
    };
    if again != record || !is_fitting {
        return Err(broken(format!("has a damaged or altered directory at {}", show(&member.name))));
    }
    Ok(member)
}

/// Takes a record apart. What it misreads shows when the record is made again.
fn parse_central(record: &[u8], name_length: usize) -> Option<Listed> {
    let mut fields = Fields::new(record);
    fields.expect(CENTRAL_SIGNATURE)?;
    fields.skip(4)?;
    let descriptor = fields.take_u16()? & (1 << 3) != 0;
    let deflated = fields.take_u16()? != 0;
    let time = DosTime { time: fields.take_u16()?, date: fields.take_u16()? };
    let crc32 = fields.take_u32()?;
    let compressed = fields.take_u32()?;
    let size = fields.take_u32()?;
    fields.skip(14)?;
    let offset = fields.take_u32()?;
    let name = std::str::from_utf8(fields.take(name_length)?).ok()?.to_owned();
    let mut extra = Fields::new(fields.rest());
    let _ = extra.skip(4);
    let mut widen = |value: u32| if value == u32::MAX { extra.take_u64() } else { Some(u64::from(value)) };
    let (size, compressed, offset) = (widen(size)?, widen(compressed)?, widen(offset)?);
    Some(Listed { name, crc32, size, deflated, descriptor, time, compressed, offset })
}
