//! Stage: freezes the manifest's versions where nobody can change them.

mod declare;
mod freeze;

use std::sync::Arc;

use super::{Order, StepError};
use crate::amend::amend;
use crate::archive::{ManifestDocument, ManifestFile, SCHEMA_VERSION};
use crate::domain::manifest::{Declared, Manifest, ManifestReference, Verified};
use crate::domain::release::RecordReference;
use crate::domain::request::{Claim, Request, StagingProgress};
use crate::domain::slip::{Progress, Slip};
use crate::domain::status::Status;
use crate::domain::text::Reason;
use crate::ports::Ports;
use crate::records;

/// Freezes as many files as fit one call. Again: what is frozen stays as it is, the rest follows.
///
/// What cannot be reviewed (names that collide, versions that are gone, too much of it) sends the round back to its
/// requester with a sentence; what is a fault of ours fails the step.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let request = order.request(ports).await?;
    let staging = matches!(request.status, Status::Admitted | Status::Staging);
    if !staging || request.withdrawal.is_some() {
        return Ok(done(order));
    }
    match declare::declared(ports, &request).await? {
        Ok((declared, reference)) => freeze_some(ports, order, &request, (declared, reference)).await,
        Err(unreviewable) => send_back(ports, order, &unreviewable).await,
    }
}

fn done(order: &Order) -> Slip {
    Slip { progress: Progress::Done, ..order.slip.clone() }
}

async fn send_back(ports: &Ports, order: &Order, sentence: &str) -> Result<Slip, StepError> {
    let text: String = sentence.chars().take(4000).collect();
    let reason = Reason::parse(text).map_err(|bad| StepError::Damaged(bad.to_string()))?;
    amend(ports, order.slip.request, |request, now| {
        request.require_run(order.slip.run)?;
        if !matches!(request.status, Status::Admitted | Status::Staging) {
            return Ok(None);
        }
        Ok::<_, StepError>(Some(request.send_back(reason.clone(), order.actor(), now)?))
    })
    .await?;
    Ok(done(order))
}

async fn freeze_some(
    ports: &Ports,
    order: &Order,
    request: &Request,
    (declared, reference): (Arc<Manifest<Declared>>, ManifestReference),
) -> Result<Slip, StepError> {
    let claim = order.claim();
    let request = amend(ports, request.id, |request, now| {
        Ok::<_, StepError>(Some(request.begin_staging(claim.clone(), reference.clone(), order.actor(), now)?))
    })
    .await?;
    let progress = request.round().staging.clone();
    let frozen = match freeze::some(ports, &request, &declared, &progress).await? {
        Ok(frozen) => frozen,
        Err(unreviewable) => return send_back(ports, order, &unreviewable).await,
    };
    let files = progress.files + u64::try_from(frozen.len()).unwrap_or(0);
    if files < reference.files {
        advance(ports, order, &request, (progress, frozen)).await?;
        return Ok(Slip { progress: Progress::More, ..order.slip.clone() });
    }
    finish(ports, order, &request, (declared, frozen)).await?;
    Ok(done(order))
}

async fn advance(
    ports: &Ports,
    order: &Order,
    request: &Request,
    (mut progress, frozen): (StagingProgress, Vec<Verified>),
) -> Result<(), StepError> {
    progress.files += u64::try_from(frozen.len()).unwrap_or(0);
    progress.bytes += frozen.iter().map(|file| file.declared.size).sum::<u64>();
    progress.chunks.push(records::put(ports, request, "staged", &frozen).await?);
    let claim = order.claim();
    amend(ports, request.id, |request, now| {
        Ok::<_, StepError>(Some(request.advance_staging(&claim, progress.clone(), order.actor(), now)?))
    })
    .await?;
    Ok(())
}

/// Everything is frozen: the lists of all calls become the manifest, which must be the declared one file by file.
async fn finish(
    ports: &Ports,
    order: &Order,
    request: &Request,
    (declared, last): (Arc<Manifest<Declared>>, Vec<Verified>),
) -> Result<(), StepError> {
    let mut files = Vec::with_capacity(declared.files().len());
    for chunk in &request.round().staging.chunks {
        files.extend(records::get::<Vec<Verified>>(ports, chunk).await?);
    }
    files.extend(last);
    let manifest = Manifest::verify(&declared, files).ok_or_else(|| {
        StepError::Damaged(format!("what was frozen of request {} is not what was declared", request.id))
    })?;
    let document = describe(request, &manifest);
    let bytes = manifest.bytes();
    let record = records::put(ports, request, "manifest", &document).await?;
    let frozen = records::put(ports, request, "frozen", &manifest).await?;
    let reference = reference(record, manifest.files().len(), bytes);
    let claim: Claim = order.claim();
    amend(ports, request.id, |request, now| {
        if request.status != Status::Staging {
            return Ok(None);
        }
        let lists = (reference.clone(), frozen.clone());
        Ok::<_, StepError>(Some(request.finish_staging(&claim, lists, order.actor(), now)?))
    })
    .await?;
    Ok(())
}

fn reference(record: RecordReference, files: usize, bytes: u64) -> ManifestReference {
    ManifestReference { key: record.key, digest: record.digest, files: u64::try_from(files).unwrap_or(u64::MAX), bytes }
}

/// The document that reviewers decide upon, and that travels in the archive byte for byte.
fn describe(request: &Request, manifest: &Manifest<Verified>) -> ManifestDocument {
    let describe_one = |file: &Verified| ManifestFile {
        path: file.declared.path.to_string(),
        size: file.declared.size,
        digest: file.digest,
        crc32: file.crc32,
        source_version: file.declared.source.version.clone(),
        submitted_as: file.declared.submitted_as.clone(),
    };
    ManifestDocument {
        schema_version: SCHEMA_VERSION,
        request_id: request.id.to_string(),
        round: request.round().number,
        files: manifest.files().iter().map(describe_one).collect(),
    }
}
