//! The member whose blocks are being appended.

use super::super::block::Encoded;
use super::super::digest::ContentHasher;
use super::super::plan::{Content, Member, Plan};
use super::super::progress::SavedMember;

pub(super) struct Current {
    blocks: u64,
    compressed: u64,
    crc32: crc32fast::Hasher,
    hash: ContentHasher,
}

impl Current {
    pub(super) fn new(content: &Content) -> Self {
        let hash = ContentHasher::new(&content.digest);
        Self { blocks: 0, compressed: 0, crc32: crc32fast::Hasher::new(), hash }
    }

    /// How many of its blocks are appended.
    pub(super) fn blocks(&self) -> u64 {
        self.blocks
    }

    /// The bytes that its blocks took.
    pub(super) fn compressed(&self) -> u64 {
        self.compressed
    }

    pub(super) fn add(&mut self, block: &Encoded, raw: &[u8]) {
        self.crc32.combine(&crc32fast::Hasher::new_with_initial_len(block.crc32, block.length));
        self.hash.update(raw);
        self.blocks += 1;
        self.compressed += block.body.len() as u64;
    }

    /// Whether all that was added is the planned content.
    pub(super) fn is(self, content: &Content) -> bool {
        self.crc32.finalize() == content.crc32 && self.hash.finish() == content.digest
    }

    pub(super) fn save(&self) -> SavedMember {
        SavedMember {
            blocks: self.blocks,
            compressed: self.compressed,
            crc32: self.crc32.clone().finalize(),
            hash: self.hash.save(),
        }
    }

    /// Takes a member up again; none if the saved state is not of this member.
    pub(super) fn restore(saved: &SavedMember, member: &Member, plan: &Plan) -> Option<Self> {
        let is_inside = (1..plan.blocks(member)).contains(&saved.blocks);
        let length = saved.blocks.checked_mul(plan.cuts().block_bytes)?;
        is_inside.then_some(Self {
            blocks: saved.blocks,
            compressed: saved.compressed,
            crc32: crc32fast::Hasher::new_with_initial_len(saved.crc32, length),
            hash: ContentHasher::restore(&member.content().digest, &saved.hash)?,
        })
    }
}
