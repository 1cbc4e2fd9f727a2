//! Archives that tests make up: files in memory, assembled with or without interruptions.

use crate::domain::digest::Digest;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::*;

/// A file as a test makes it up: its path, its bytes, and the part size of its digest (none: plain SHA-256).
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    pub(super) part_size: Option<u64>,
    pub(super) method: Method,
}

impl File {
    pub(super) fn new(path: &str, bytes: impl Into<Vec<u8>>, method: Method) -> Self {
        Self { path: path.to_owned(), bytes: bytes.into(), part_size: None, method }
    }

    pub(super) fn content(&self) -> Content {
        let plain = Content::of(&self.bytes);
        match self.part_size {
            None => plain,
            Some(part_size) => {
                let kind = Digest::Sha256Parts { part_size, digest: [0; 32] };
                Content { digest: kind.same_kind_of(&self.bytes), ..plain }
            }
        }
    }
}

pub(super) const SMALL: Cuts = Cuts { block_bytes: 64, part_bytes: 100 };

pub(super) fn plan(files: &[File], cuts: Cuts) -> Arc<Plan> {
    let mut members: Vec<Member> = (0_u32..)
        .zip(files)
        .map(|(index, file)| Member::file(&file.path, index, file.content(), file.method))
        .collect();
    members.push(Member::document(MANIFEST_NAME, r#"{"files":[]}"#.repeat(10)));
    Arc::new(Plan::with_cuts(Timestamp::UNIX_EPOCH, members, cuts).unwrap())
}

pub(super) fn read(files: &[File], want: Want) -> Bytes {
    match want {
        Want::Nothing(bytes) => bytes,
        Want::Range { file, from, length } => {
            let (from, length) = (usize::try_from(from).unwrap(), usize::try_from(length).unwrap());
            Bytes::copy_from_slice(&files[file as usize].bytes[from..from + length])
        }
    }
}

/// Assembles an archive; after each part, `interrupt` says whether to put it down and take it up from its stored form.
pub(super) fn assemble(
    plan: &Arc<Plan>,
    files: &[File],
    mut interrupt: impl FnMut() -> bool,
) -> Result<(Vec<Part>, Sealed), ArchiveError> {
    let mut archive = Archive::open(Arc::clone(plan))?;
    let mut parts = Vec::new();
    let mut orders = archive.orders();
    while let Some(order) = orders.next() {
        let encoded = order.encode(read(files, order.want()?))?;
        let Some(part) = archive.append(&encoded)? else { continue };
        parts.push(part);
        let stored = archive.progress().unwrap().to_json().unwrap();
        if interrupt() {
            let plan = Arc::new(Plan::from_json(&plan.to_json().unwrap()).unwrap());
            archive = Archive::resume(plan, Progress::from_json(&stored).unwrap())?;
            orders = archive.orders();
        }
    }
    let (last, archive) = archive.seal()?;
    parts.push(last);
    Ok((parts, archive.seal().clone()))
}

pub(super) fn join(parts: &[Part]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.bytes.to_vec()).collect()
}

/// Bytes that no method shrinks.
pub(super) fn noise(length: usize) -> Vec<u8> {
    (0_u64..).flat_map(|counter| Sha256::digest(counter.to_le_bytes())).take(length).collect()
}
