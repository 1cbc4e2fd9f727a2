//! Assembles the archive block by block, and can be put down and taken up again at the end of every part.

mod current;

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::block::{Encoded, Orders, Place, Proof};
use super::digest::SavedSha256;
use super::error::ArchiveError;
use super::header::write_end;
use super::plan::{Member, Plan};
use super::progress::{PartRecord, Progress};
use crate::domain::digest::Digest;
use current::Current;

/// A finished piece of the archive. All but the last have at least the planned size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Counted from 1.
    pub number: u32,
    /// The bytes.
    pub bytes: Bytes,
    /// The CRC-32 (IEEE) of the bytes.
    pub crc32: u32,
}

/// An archive: open while blocks are appended, sealed once it is exactly what was planned.
#[derive(Debug)]
pub struct Archive<State> {
    state: State,
}

/// An archive that blocks are appended to.
pub struct Open {
    plan: Arc<Plan>,
    fingerprint: Digest,
    compressed: Vec<u64>,
    current: Option<Current>,
    /// Where the next member begins, or the one in `current` began.
    offset: u64,
    pending: Vec<u8>,
    size: u64,
    crc32: u32,
    sha256: Sha256,
    parts: Vec<PartRecord>,
    given_up: bool,
}

/// What a complete archive is, to be compared with what was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Bytes of the whole archive.
    pub size: u64,
    /// The CRC-32 (IEEE) of the whole archive.
    pub crc32: u32,
    /// The SHA-256 of the whole archive.
    pub sha256: [u8; 32],
    /// All parts, the last included.
    pub parts: Vec<PartRecord>,
}

impl Archive<Open> {
    /// Begins an archive.
    pub fn open(plan: Arc<Plan>) -> Result<Self, ArchiveError> {
        plan.check()?;
        let fingerprint = plan.fingerprint()?;
        Ok(Self { state: Open::new(plan, fingerprint) })
    }

    /// Takes an archive up again. What follows is byte for byte what would have followed without the interruption.
    pub fn resume(plan: Arc<Plan>, progress: Progress) -> Result<Self, ArchiveError> {
        let mut archive = Self::open(plan)?;
        archive.state.restore(progress).ok_or(ArchiveError::StrangeProgress)?;
        Ok(archive)
    }

    /// Gives what is still to be read and encoded, in the order in which it must be appended.
    pub fn orders(&self) -> Orders {
        Orders::from(Arc::clone(&self.state.plan), self.state.place())
    }

    /// Appends the next block, and gives a part when enough has come together.
    ///
    /// A member is compared with the plan as soon as its last block is here. After an error nothing more comes out.
    pub fn append(&mut self, block: &Encoded) -> Result<Option<Part>, ArchiveError> {
        if self.state.given_up {
            return Err(ArchiveError::GivenUp);
        }
        let appended = self.state.append(block);
        self.state.given_up = appended.is_err();
        appended
    }

    /// Gives the state to store; none unless the last thing that happened was a part handed out (or nothing at all).
    pub fn progress(&self) -> Option<Progress> {
        self.state.progress()
    }

    /// Ends the archive with its last part, which holds the central directory.
    pub fn seal(mut self) -> Result<(Part, Archive<Sealed>), ArchiveError> {
        if self.state.given_up {
            return Err(ArchiveError::GivenUp);
        }
        let missing = self.state.plan.totals().members - self.state.compressed.len() as u64;
        if missing > 0 {
            return Err(ArchiveError::Incomplete { missing });
        }
        self.state.write_directory();
        let last = self.state.cut();
        let Open { size, crc32, sha256, parts, .. } = self.state;
        let state = Sealed { size, crc32, sha256: sha256.finalize().into(), parts };
        Ok((last, Archive { state }))
    }
}

impl Archive<Sealed> {
    /// What the archive is.
    pub fn seal(&self) -> &Sealed {
        &self.state
    }
}

impl Open {
    fn new(plan: Arc<Plan>, fingerprint: Digest) -> Self {
        Self {
            plan,
            fingerprint,
            compressed: Vec::new(),
            current: None,
            offset: 0,
            pending: Vec::new(),
            size: 0,
            crc32: 0,
            sha256: Sha256::new(),
            parts: Vec::new(),
            given_up: false,
        }
    }

    fn place(&self) -> Place {
        Place { member: self.compressed.len(), block: self.current.as_ref().map_or(0, Current::blocks) }
    }

    fn append(&mut self, block: &Encoded) -> Result<Option<Part>, ArchiveError> {
        if block.place != self.place() {
            return Err(ArchiveError::OutOfOrder);
        }
        let plan = Arc::clone(&self.plan);
        let member = plan.members().get(block.place.member).ok_or(ArchiveError::OutOfOrder)?;
        let blocks = plan.blocks(member);
        if blocks == 1 {
            self.append_whole(member, block)?;
        } else {
            self.append_piece(member, block, blocks)?;
        }
        Ok((self.pending.len() as u64 >= plan.cuts().part_bytes).then(|| self.cut()))
    }

    /// Appends a member that is one block: it is checked before anything of it is written.
    fn append_whole(&mut self, member: &Member, block: &Encoded) -> Result<(), ArchiveError> {
        let content = member.content();
        match block.proof {
            Proof::Whole(digest) if digest == content.digest && block.crc32 == content.crc32 => {}
            _ => return Err(ArchiveError::content_changed(member)),
        }
        let compressed = block.body.len() as u64;
        self.plan.entry(member, compressed, self.offset).write_local(&mut self.pending);
        self.pending.extend_from_slice(&block.body);
        self.finish_member(member, compressed);
        Ok(())
    }

    fn append_piece(&mut self, member: &Member, block: &Encoded, blocks: u64) -> Result<(), ArchiveError> {
        let Proof::Raw(raw) = &block.proof else { return Err(ArchiveError::OutOfOrder) };
        let mut current = self.current.take().unwrap_or_else(|| self.begin_member(member));
        current.add(block, raw);
        self.pending.extend_from_slice(&block.body);
        if current.blocks() < blocks {
            self.current = Some(current);
            return Ok(());
        }
        let compressed = current.compressed();
        if !current.is(&member.content()) {
            return Err(ArchiveError::content_changed(member));
        }
        self.plan.entry(member, compressed, self.offset).write_descriptor(&mut self.pending);
        self.finish_member(member, compressed);
        Ok(())
    }

    fn begin_member(&mut self, member: &Member) -> Current {
        let content = member.content();
        self.plan.entry(member, content.size, self.offset).write_local(&mut self.pending);
        Current::new(&content)
    }

    fn finish_member(&mut self, member: &Member, compressed: u64) {
        self.offset += self.plan.entry(member, compressed, self.offset).length();
        self.compressed.push(compressed);
    }

    fn write_directory(&mut self) {
        let before = self.pending.len();
        let mut offset = 0;
        for (member, compressed) in self.plan.members().iter().zip(&self.compressed) {
            let entry = self.plan.entry(member, *compressed, offset);
            entry.write_central(&mut self.pending);
            offset += entry.length();
        }
        let directory_bytes = (self.pending.len() - before) as u64;
        write_end(self.plan.totals().members, offset, directory_bytes, &mut self.pending);
    }

    fn cut(&mut self) -> Part {
        let bytes = Bytes::from(std::mem::take(&mut self.pending));
        let number = self.parts.last().map_or(1, |last| last.number + 1);
        let mut whole = crc32fast::Hasher::new_with_initial_len(self.crc32, self.size);
        let mut own = crc32fast::Hasher::new();
        own.update(&bytes);
        whole.combine(&own);
        let crc32 = own.finalize();
        self.crc32 = whole.finalize();
        self.sha256.update(&bytes);
        self.size += bytes.len() as u64;
        self.parts.push(PartRecord { number, size: bytes.len() as u64, crc32 });
        Part { number, bytes, crc32 }
    }

    fn progress(&self) -> Option<Progress> {
        (self.pending.is_empty() && !self.given_up).then(|| Progress {
            plan: self.fingerprint,
            compressed: self.compressed.clone(),
            open: self.current.as_ref().map(Current::save),
            size: self.size,
            crc32: self.crc32,
            sha256: SavedSha256::save(&self.sha256),
            parts: self.parts.clone(),
        })
    }

    /// Takes stored progress up; none if it is not progress of this plan.
    fn restore(&mut self, progress: Progress) -> Option<()> {
        if progress.plan != self.fingerprint || progress.compressed.len() > self.plan.members().len() {
            return None;
        }
        for (member, compressed) in self.plan.members().iter().zip(&progress.compressed) {
            let length = self.plan.entry(member, *compressed, self.offset).length();
            self.offset = self.offset.checked_add(length)?;
        }
        let mut written = self.offset;
        if let Some(open) = &progress.open {
            let member = self.plan.members().get(progress.compressed.len())?;
            let current = Current::restore(open, member, &self.plan)?;
            let header = self.plan.entry(member, member.content().size, self.offset).local_length();
            written = written.checked_add(header)?.checked_add(current.compressed())?;
            self.current = Some(current);
        }
        let in_parts = progress.parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.size))?;
        if written != progress.size || in_parts != progress.size {
            return None;
        }
        self.compressed = progress.compressed;
        self.size = progress.size;
        self.crc32 = progress.crc32;
        self.sha256 = progress.sha256.restore()?;
        self.parts = progress.parts;
        Some(())
    }
}

#[cfg(test)]
mod tests;
