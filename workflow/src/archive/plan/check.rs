//! Refuses plans that cannot be executed, or not safely.

use std::collections::HashSet;

use super::{ENCODER, FILES, Member, Plan, Totals, VERSION};
use crate::archive::method::Method;
use crate::archive::name::{find_flaw, folders_of, show};

/// Smaller blocks would cost more per block than the headers of large members allow for.
const LEAST_BLOCK: u64 = 64 * 1024;
/// Larger blocks would break the promise of bounded memory.
const LARGEST_BLOCK: u64 = 1 << 30;

/// Tells why a plan cannot be made or executed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The stored bytes are not a plan.
    #[error("the stored plan cannot be read")]
    Unreadable {
        /// What the JSON reader found.
        source: serde_json::Error,
    },
    /// The plan was made by a version whose archives have other bytes.
    #[error("the plan was made for {planned:?} and this is {ENCODER:?}; its archive would have other bytes")]
    OtherEncoder {
        /// The encoder that the plan names.
        planned: String,
    },
    /// A member's name is not safe to unpack.
    #[error("the name {name} {flaw}")]
    UnsafeName {
        /// The name, fit to be shown.
        name: String,
        /// What is wrong with it.
        flaw: &'static str,
    },
    /// A name does not come after the one before it: out of order, or twice.
    #[error("the name {name} does not come after the name before it")]
    OutOfOrder {
        /// The name, fit to be shown.
        name: String,
    },
    /// A name is a file and a folder at once.
    #[error("the name {name} is used for a file and for a folder")]
    FileAndFolder {
        /// The name, fit to be shown.
        name: String,
    },
    /// What the plan says of a member contradicts itself.
    #[error("the plan of {name} contradicts itself")]
    Inconsistent {
        /// The name, fit to be shown.
        name: String,
    },
    /// The totals are not those of the members, or the sizes of blocks and parts are out of range.
    #[error("the plan does not add up")]
    DoesNotAddUp,
}

impl Plan {
    /// Checks all that the writer relies on.
    pub(in crate::archive) fn check(&self) -> Result<(), PlanError> {
        if self.version != VERSION || self.encoder != ENCODER {
            return Err(PlanError::OtherEncoder { planned: self.encoder.clone() });
        }
        let least_block = if self.totals.bytes < 1 << 30 { 1 } else { LEAST_BLOCK };
        let cuts_fit = (least_block..=LARGEST_BLOCK).contains(&self.cuts.block_bytes) && self.cuts.part_bytes > 0;
        if !cuts_fit || self.totals != Totals::of(&self.members) || self.totals.bytes == u64::MAX {
            return Err(PlanError::DoesNotAddUp);
        }
        self.members.iter().try_for_each(check_member)?;
        check_order(&self.members)?;
        check_folders(&self.members)
    }
}

fn check_member(member: &Member) -> Result<(), PlanError> {
    if let Some(flaw) = find_flaw(&member.name) {
        return Err(PlanError::UnsafeName { name: show(&member.name), flaw });
    }
    let method_fits = match member.method {
        Method::Store => true,
        Method::Deflate(level) => member.size > 0 && (1..=9).contains(&level),
    };
    let place_fits = member.name.starts_with(FILES) == member.file_index().is_some();
    let bytes_fit = member.document_bytes().is_none_or(|bytes| bytes.len() as u64 == member.size);
    let empty_fits = member.size > 0 || member.crc32 == 0;
    if method_fits && place_fits && bytes_fit && empty_fits {
        return Ok(());
    }
    Err(PlanError::Inconsistent { name: show(&member.name) })
}

fn check_order(members: &[Member]) -> Result<(), PlanError> {
    match members.windows(2).find_map(|pair| match pair {
        [first, second] if first.name >= second.name => Some(show(&second.name)),
        _ => None,
    }) {
        Some(name) => Err(PlanError::OutOfOrder { name }),
        None => Ok(()),
    }
}

fn check_folders(members: &[Member]) -> Result<(), PlanError> {
    let names: HashSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    match members.iter().flat_map(|member| folders_of(&member.name)).find(|folder| names.contains(folder)) {
        Some(name) => Err(PlanError::FileAndFolder { name: show(name) }),
        None => Ok(()),
    }
}
