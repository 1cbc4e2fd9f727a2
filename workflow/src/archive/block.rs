//! Encodes one block of one member: pure work that may run on any core, in any order.

use std::sync::Arc;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor};

use super::error::ArchiveError;
use super::method::Method;
use super::plan::{Member, Plan};
use crate::domain::digest::Digest;

/// The most bytes that one stored block of a deflate stream holds.
const STORED_BLOCK: usize = 0xffff;

/// The next block to encode, and what to read for it.
#[derive(Debug, Clone)]
pub struct Order {
    plan: Arc<Plan>,
    place: Place,
}

/// A block's place: which member, and which of its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) member: usize,
    pub(super) block: u64,
}

/// What an [`Order`] wants before it can be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Nothing: these are the bytes.
    Nothing(Bytes),
    /// A range of an approved file. Never empty.
    Range {
        /// The file's place in the manifest.
        file: u32,
        /// The first byte.
        from: u64,
        /// How many bytes.
        length: u64,
    },
}

impl Order {
    fn member(&self) -> Result<&Member, ArchiveError> {
        self.plan.members().get(self.place.member).ok_or(ArchiveError::OutOfOrder)
    }

    fn range(&self, member: &Member) -> (u64, u64) {
        let block_bytes = self.plan.cuts().block_bytes;
        let from = self.place.block.saturating_mul(block_bytes);
        (from, block_bytes.min(member.content().size.saturating_sub(from)))
    }

    /// Says what to read. The bytes then go to [`Order::encode`].
    pub fn want(&self) -> Result<Want, ArchiveError> {
        let member = self.member()?;
        let (from, length) = self.range(member);
        let bounds = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        Ok(match (member.document_bytes(), member.file_index()) {
            (Some(bytes), _) => Want::Nothing(bytes.slice(bounds(from)..bounds(from + length))),
            (None, Some(file)) if length > 0 => Want::Range { file, from, length },
            _ => Want::Nothing(Bytes::new()),
        })
    }

    /// Encodes the bytes that were read. The same bytes always give the same block.
    pub fn encode(&self, raw: Bytes) -> Result<Encoded, ArchiveError> {
        let member = self.member()?;
        let (_, length) = self.range(member);
        if raw.len() as u64 != length {
            return Err(ArchiveError::size_changed(member, length, raw.len() as u64));
        }
        let blocks = self.plan.blocks(member);
        let crc32 = crc32fast::hash(&raw);
        if blocks == 1 {
            let digest = member.content().digest.same_kind_of(&raw);
            let body = deflate_whole(member.method(), raw)?;
            return Ok(Encoded { place: self.place, crc32, length, body, proof: Proof::Whole(digest) });
        }
        let body = match member.method() {
            Method::Store => raw.clone(),
            Method::Deflate(level) => deflate_block(&raw, level, self.place.block + 1 == blocks)?,
        };
        Ok(Encoded { place: self.place, crc32, length, body, proof: Proof::Raw(raw) })
    }
}

/// A block that is ready to be appended.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub(super) place: Place,
    pub(super) crc32: u32,
    /// Bytes before encoding.
    pub(super) length: u64,
    pub(super) body: Bytes,
    pub(super) proof: Proof,
}

/// What shows that the bytes are the reviewed ones.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// The digest of a member that is one block.
    Whole(Digest),
    /// The bytes themselves, for a digest that goes on from block to block.
    Raw(Bytes),
}

/// Gives the orders of an archive in sequence, so that a caller can read and encode ahead of what is appended.
#[derive(Debug, Clone)]
pub struct Orders {
    plan: Arc<Plan>,
    next: Place,
}

impl Orders {
    pub(super) fn from(plan: Arc<Plan>, next: Place) -> Self {
        Self { plan, next }
    }
}

impl Iterator for Orders {
    type Item = Order;

    fn next(&mut self) -> Option<Order> {
        let order = Order { plan: Arc::clone(&self.plan), place: self.next };
        self.next = self.next.following(&self.plan)?;
        Some(order)
    }
}

impl Place {
    /// Gives the place after this one; none if there is no such member.
    pub(super) fn following(self, plan: &Plan) -> Option<Self> {
        let member = plan.members().get(self.member)?;
        let block = self.block + 1;
        Some(if block < plan.blocks(member) {
            Self { block, ..self }
        } else {
            Self { member: self.member + 1, block: 0 }
        })
    }
}

/// Deflates a member that is one block; what does not shrink stays as it is.
fn deflate_whole(method: Method, raw: Bytes) -> Result<Bytes, ArchiveError> {
    let Method::Deflate(level) = method else { return Ok(raw) };
    let level = CompressionLvl::new(i32::from(level)).map_err(|_| ArchiveError::Encoder)?;
    // One byte less than the raw bytes: what does not fit is not worth deflating.
    let mut body = vec![0; raw.len().saturating_sub(1)];
    match Compressor::new(level).deflate_compress(&raw, &mut body) {
        Ok(length) => {
            body.truncate(length);
            Ok(Bytes::from(body))
        }
        Err(libdeflater::CompressionError::InsufficientSpace) => Ok(raw),
    }
}

/// Deflates one of several blocks on its own, so that it ends on a whole byte and the next can simply follow.
fn deflate_block(raw: &[u8], level: u8, is_last: bool) -> Result<Bytes, ArchiveError> {
    let flush = if is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut body = Vec::with_capacity(stored_length(raw.len()));
    let mut compress = Compress::new(Compression::new(u32::from(level)), false);
    let status = compress.compress_vec(raw, &mut body, flush).map_err(|_| ArchiveError::Encoder)?;
    // A flush is complete only where room is left; without room, storing is as short.
    let is_complete = match status {
        Status::StreamEnd => is_last,
        Status::Ok => !is_last && compress.total_in() == raw.len() as u64 && body.len() < body.capacity(),
        Status::BufError => false,
    };
    if !is_complete || body.len() >= stored_length(raw.len()) {
        body = store_block(raw, is_last);
    }
    Ok(Bytes::from(body))
}

fn stored_length(length: usize) -> usize {
    length + 5 * length.div_ceil(STORED_BLOCK)
}

/// Writes bytes as stored blocks of a deflate stream.
fn store_block(raw: &[u8], is_last: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(stored_length(raw.len()));
    let mut chunks = raw.chunks(STORED_BLOCK).peekable();
    while let Some(chunk) = chunks.next() {
        out.push(u8::from(is_last && chunks.peek().is_none()));
        // INVARIANT: a chunk is at most 65,535 bytes.
        let length = u16::try_from(chunk.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out
}

#[cfg(test)]
mod tests;
