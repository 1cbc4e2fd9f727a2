//! Carrying out a plan: blocks are read and deflated side by side, appended in order, and put as parts.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::super::{Order, StepError};
use super::plan::staged;
use crate::amend::amend;
use crate::archive::{self, Archive, ArchiveError, Encoded, Open, Plan, Want};
use crate::domain::manifest::{Manifest, Verified};
use crate::domain::release::PublishedArchive;
use crate::domain::request::{Advance, Request};
use crate::domain::slip::Progress;
use crate::domain::status::Status;
use crate::ports::object_store::{Area, Measured, Place};
use crate::ports::{Kind, PortError, Ports, workers};
use crate::records;

/// So many blocks of 4 MiB are in memory at once.
const AT_ONCE: usize = 3;
/// After so many parts a call of the step ends: at 8 MiB each, about 4 GiB of archive.
const PARTS: u32 = 512;

/// One attempt's work: the archive as far as it is written, and the assembly that its parts go to.
struct Work {
    archive: Archive<Open>,
    assembly: String,
    manifest: Manifest<Verified>,
}

/// Writes more of the archive, and publishes it when it is whole.
pub(super) async fn some(ports: &Ports, order: &Order, request: &Request) -> Result<Progress, StepError> {
    if request.status != Status::Releasing {
        return Ok(Progress::Done);
    }
    let mut work = take_up(ports, request).await?;
    let mut parts = 0;
    let orders = work.archive.orders();
    let manifest = work.manifest.clone();
    let mut blocks = stream::iter(orders).map(|block| encode(ports, &manifest, block)).buffered(AT_ONCE);
    while let Some(block) = blocks.next().await {
        let Some(part) = work.archive.append(&block?).map_err(failed)? else { continue };
        put(ports, &work.assembly, part).await?;
        parts += 1;
        if parts >= PARTS {
            drop(blocks);
            return pause(ports, order, request, &work).await;
        }
    }
    drop(blocks);
    publish(ports, order, request, work).await
}

/// Takes up where the last recorded call ended, if its parts are all there; else begins anew.
async fn take_up(ports: &Ports, request: &Request) -> Result<Work, StepError> {
    let (Some(release), Some(frozen)) = (&request.release, &request.round().frozen) else {
        return Err(StepError::Damaged(format!("request {} has nothing to release", request.id)));
    };
    let plan = records::get_bytes(ports, &release.plan.key, release.plan.digest).await?;
    let plan = Arc::new(Plan::from_json(&plan).map_err(|error| StepError::Damaged(error.to_string()))?);
    let manifest = records::get(ports, frozen).await?;
    if let (Some(assembly), Some(progress)) = (&release.assembly, &release.progress) {
        let progress = records::get_bytes(ports, &progress.key, progress.digest).await?;
        let progress =
            archive::Progress::from_json(&progress).map_err(|error| StepError::Damaged(error.to_string()))?;
        if has_parts(ports, assembly, &progress).await? {
            let archive = Archive::resume(plan, progress).map_err(failed)?;
            return Ok(Work { archive, assembly: assembly.clone(), manifest });
        }
    }
    let assembly = ports.objects.begin(&place(request)).await?;
    Ok(Work { archive: Archive::open(plan).map_err(failed)?, assembly, manifest })
}

async fn has_parts(ports: &Ports, assembly: &str, progress: &archive::Progress) -> Result<bool, PortError> {
    match ports.objects.parts(assembly).await {
        Ok(parts) => Ok(progress.parts().iter().all(|wanted| {
            parts.iter().any(|p| p.number == wanted.number && p.size == wanted.size && p.crc32 == wanted.crc32)
        })),
        Err(error) if error.kind == Kind::Missing => Ok(false),
        Err(error) => Err(error),
    }
}

fn place(request: &Request) -> Place {
    Place { area: Area::Release, owner: Some((request.id, request.round().number)), key: request.release_key() }
}

async fn encode(ports: &Ports, manifest: &Manifest<Verified>, block: archive::Order) -> Result<Encoded, StepError> {
    let raw = match block.want().map_err(failed)? {
        Want::Nothing(bytes) => bytes,
        Want::Range { file, from, length } => read(ports, manifest, (file, from, length)).await?,
    };
    let encoded = workers::run(&*ports.workers, move || block.encode(raw)).await;
    let stopping = || PortError::new("workers", "encode a block", Kind::Transient).because("the house is stopping");
    encoded.ok_or_else(stopping)?.map_err(failed)
}

async fn read(
    ports: &Ports,
    manifest: &Manifest<Verified>,
    (file, from, length): (u32, u64, u64),
) -> Result<Bytes, StepError> {
    let index = usize::try_from(file).unwrap_or(usize::MAX);
    let strange = || StepError::Damaged("the plan of the release names a file that the manifest does not have".into());
    let file = manifest.files().get(index).ok_or_else(strange)?;
    Ok(ports.objects.read(&staged(file), from, length).await?)
}

async fn put(ports: &Ports, assembly: &str, part: archive::Part) -> Result<(), StepError> {
    let stored = ports.objects.put_part(assembly, part.number, part.bytes).await?;
    if stored.crc32 == part.crc32 {
        return Ok(());
    }
    Err(PortError::new("object store", format!("put part {}", part.number), Kind::Transient)
        .because("what arrived is not what was sent")
        .into())
}

/// Records how far this call came. Only parts that are durable are in it.
async fn pause(ports: &Ports, order: &Order, request: &Request, work: &Work) -> Result<Progress, StepError> {
    let Some(progress) = work.archive.progress() else { crate::bug!("an archive has no progress right after a part") };
    let bytes = progress.to_json().map_err(|error| StepError::Damaged(error.to_string()))?;
    let advance = Advance {
        assembly: Some(work.assembly.clone()),
        progress: Some(records::put_bytes(ports, request, "progress", bytes).await?),
        bytes: progress.size(),
    };
    let claim = order.claim();
    amend(ports, request.id, |request, now| {
        Ok::<_, StepError>(Some(request.advance_release(&claim, advance.clone(), order.actor(), now)?))
    })
    .await?;
    Ok(Progress::More)
}

/// Publishes the archive, whole or not at all, then records it. If the process dies in between, the next attempt makes
/// the same bytes, finds them published, and records them.
async fn publish(ports: &Ports, order: &Order, request: &Request, work: Work) -> Result<Progress, StepError> {
    let (last, sealed) = work.archive.seal().map_err(failed)?;
    put(ports, &work.assembly, last).await?;
    let sealed = sealed.seal();
    let measured = Measured {
        size: sealed.size,
        digest: crate::domain::digest::Digest::Sha256(sealed.sha256),
        crc32: sealed.crc32,
    };
    let object = ports.objects.complete(&work.assembly, &place(request), &measured).await?;
    let archive = PublishedArchive {
        key: object.key,
        version: object.version,
        size: measured.size,
        digest: measured.digest,
        released_at: ports.clock.now(),
    };
    let claim = order.claim();
    amend(ports, request.id, |request, now| {
        if request.status != Status::Releasing {
            return Ok(None);
        }
        Ok::<_, StepError>(Some(request.publish(&claim, archive.clone(), order.actor(), now)?))
    })
    .await?;
    Ok(Progress::Done)
}

fn failed(error: ArchiveError) -> StepError {
    match error {
        ArchiveError::ContentChanged { .. } | ArchiveError::SizeChanged { .. } => StepError::Damaged(format!(
            "The staged files are not what was decided upon, so nothing was released ({error}). The request is kept for \
             an operator."
        )),
        other => StepError::Damaged(format!("The archive cannot be written: {other}. Nothing was released.")),
    }
}
