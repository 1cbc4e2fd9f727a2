//! Deleting the bytes of rounds that were not released, with proof.

use serde::{Deserialize, Serialize};

use crate::amend::{amend, find};
use crate::domain::audit::Actor;
use crate::domain::id::{RequestId, RoundNumber};
use crate::domain::manifest::{Manifest, Verified};
use crate::domain::request::Request;
use crate::domain::status::StatusWord;
use crate::ports::object_store::{Area, ObjectVersion};
use crate::ports::{PortError, Ports};
use crate::records;
use jiff::Timestamp;

/// The chore's name in the audit.
const NAME: &str = "dispose";

/// Proves that the bytes of a round were deleted: what there was, and when the last of it was gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionProof {
    /// The request.
    pub request: RequestId,
    /// The round.
    pub round: RoundNumber,
    /// The digest of the manifest that was decided upon, if it came so far.
    pub manifest: Option<String>,
    /// Every version that was deleted.
    pub deleted: Vec<Deleted>,
    /// When the last of them was gone.
    pub gone_at: Timestamp,
}

/// One version that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// Its key in the staging area.
    pub key: String,
    /// Its version.
    pub version: String,
}

/// Deletes the bytes of every round of a request whose time has come, and records the proof. Again: nothing.
pub async fn due(ports: &Ports, id: RequestId) -> Result<(), PortError> {
    let request = find(ports, id).await?;
    let now = ports.clock.now();
    let is_due = |round: &&crate::domain::request::Round| {
        round.disposal.as_ref().is_some_and(|disposal| disposal.proof.is_none() && disposal.due_at <= now)
    };
    for round in request.rounds.iter().filter(is_due) {
        delete_round(ports, &request, round.number).await?;
    }
    Ok(())
}

/// Deletes the staged copies of a round, by version, and nothing else.
///
/// Whatever was recorded as staged stays listed in the records, so that a process that dies in the middle proves the
/// whole of it when it is done.
async fn delete_round(ports: &Ports, request: &Request, round: RoundNumber) -> Result<(), PortError> {
    let doomed = staged_of(ports, request, round).await?;
    ports.objects.delete(&doomed).await?;
    let manifest = request.rounds.iter().find(|r| r.number == round).and_then(|r| r.manifest.as_ref());
    let proof = DeletionProof {
        request: request.id,
        round,
        manifest: manifest.map(|manifest| manifest.digest.to_string()),
        deleted: doomed.iter().map(|o| Deleted { key: o.key.clone(), version: o.version.clone() }).collect(),
        gone_at: ports.clock.now(),
    };
    let files = u64::try_from(proof.deleted.len()).unwrap_or(u64::MAX);
    let record = records::put(ports, request, "deletion-proof", &proof).await?;
    amend(ports, request.id, |request, now| {
        let actor = Actor::chore(NAME);
        Ok::<_, PortError>(request.prove_deletion(round, record.clone(), files, actor, now))
    })
    .await?;
    Ok(())
}

/// Everything that is or was staged for a round: the frozen list where there is one, and whatever else of the round is
/// in the staging area because a step died between copying and recording.
async fn staged_of(ports: &Ports, request: &Request, round: RoundNumber) -> Result<Vec<ObjectVersion>, PortError> {
    let mut objects = listed(ports, request, round).await?;
    let folder = request.staging_key(round, "");
    for object in ports.objects.belongings(Area::Staging, request.id).await? {
        if object.key.starts_with(&folder) {
            objects.push(object);
        }
    }
    objects.sort();
    objects.dedup();
    Ok(objects)
}

async fn listed(ports: &Ports, request: &Request, round: RoundNumber) -> Result<Vec<ObjectVersion>, PortError> {
    let Some(round) = request.rounds.iter().find(|r| r.number == round) else { return Ok(Vec::new()) };
    if let Some(frozen) = &round.frozen {
        let manifest: Manifest<Verified> = records::get(ports, frozen).await?;
        return Ok(manifest.files().iter().map(staged).collect());
    }
    let mut objects = Vec::new();
    for list in &round.staging.chunks {
        let files: Vec<Verified> = records::get(ports, list).await?;
        objects.extend(files.iter().map(staged));
    }
    Ok(objects)
}

fn staged(file: &Verified) -> ObjectVersion {
    ObjectVersion { area: Area::Staging, key: file.staged_key.clone(), version: file.staged_version.clone() }
}

/// Removes the staged copies of a request that was released: the archive holds them now. Again: nothing.
pub async fn clear_staging(ports: &Ports, id: RequestId) -> Result<(), PortError> {
    let request = find(ports, id).await?;
    if !matches!(request.status.word(), StatusWord::Released | StatusWord::Revoked) {
        return Ok(());
    }
    ports.objects.delete(&staged_of(ports, &request, request.round().number).await?).await
}
