//! What can go wrong while an archive is assembled.

use super::plan::{Member, PlanError};

/// Tells why an archive cannot be assembled. After any of these nothing more comes out of it.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The plan cannot be executed.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file's bytes are not those that were reviewed.
    #[error("the bytes under review changed: {name} no longer has the reviewed digest")]
    ContentChanged {
        /// The member, fit to be shown.
        name: String,
    },
    /// A file ended before, or went on after, the reviewed size.
    #[error("the bytes under review changed: {name} gave {found} bytes where {expected} were reviewed")]
    SizeChanged {
        /// The member, fit to be shown.
        name: String,
        /// How many bytes the read should have given.
        expected: u64,
        /// How many it gave.
        found: u64,
    },
    /// A block was appended that is not the next one.
    #[error("a block was appended out of order")]
    OutOfOrder,
    /// The archive was to be sealed before its last block was appended.
    #[error("the archive is not complete: {missing} members are missing")]
    Incomplete {
        /// How many members are not wholly appended.
        missing: u64,
    },
    /// An earlier failure has ended this archive.
    #[error("the archive was given up after an earlier failure")]
    GivenUp,
    /// The stored progress belongs to another plan, contradicts it, or was saved by another version.
    #[error("the stored progress does not belong to this plan; begin the archive anew")]
    StrangeProgress,
    /// The deflate library refused its input, which no input should make it do.
    #[error("the deflate library refused a block")]
    Encoder,
}

impl ArchiveError {
    pub(super) fn content_changed(member: &Member) -> Self {
        Self::ContentChanged { name: member.to_string() }
    }

    pub(super) fn size_changed(member: &Member, expected: u64, found: u64) -> Self {
        Self::SizeChanged { name: member.to_string(), expected, found }
    }
}
