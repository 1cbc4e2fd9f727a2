//! The plan of the archive: every decision about its bytes, frozen before the first of them.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::super::StepError;
use crate::archive::{
    Content, ENVELOPE_NAME, MANIFEST_NAME, Member, Method, Plan, PlanError, RECORD_NAME, RecordedDecision,
    RecordedManifest, RecordedPolicy, ReleaseRecord, SAMPLE_BYTES, SCHEMA_VERSION, Statement,
};
use crate::domain::decision::Decision;
use crate::domain::manifest::{Manifest, ManifestReference, Verified};
use crate::domain::policy::Policy;
use crate::domain::release::RecordReference;
use crate::domain::request::Request;
use crate::ports::object_store::{Area, ObjectVersion};
use crate::ports::{PortError, Ports};
use crate::records;
use jiff::Timestamp;

/// So many files are looked into at once.
const AT_ONCE: usize = 16;

/// Makes the plan and puts it on record. Two attempts at once may make two; the request refers to the first only.
pub(super) async fn freeze(ports: &Ports, request: &Request) -> Result<RecordReference, StepError> {
    let (Some(policy), Some(reference), Some(frozen)) =
        (request.policy(), &request.round().manifest, &request.round().frozen)
    else {
        return Err(StepError::NotApproved(request.id));
    };
    let written_at = ports.clock.now();
    let manifest: Manifest<Verified> = records::get(ports, frozen).await?;
    let mut members = files(ports, &manifest).await?;
    members.extend(documents(ports, request, (policy, reference), written_at).await?);
    let plan = Plan::new(written_at, members).map_err(|error| StepError::Damaged(error.to_string()))?;
    let bytes = plan.to_json().map_err(|error| StepError::Damaged(error.to_string()))?;
    Ok(records::put_bytes(ports, request, "plan", bytes).await?)
}

/// Tells whether a frozen plan was made by software that writes other bytes: then it has to be made again.
pub(super) async fn is_outdated(ports: &Ports, plan: &RecordReference) -> Result<bool, StepError> {
    let bytes = records::get_bytes(ports, &plan.key, plan.digest).await?;
    Ok(matches!(Plan::from_json(&bytes), Err(PlanError::OtherEncoder { .. })))
}

async fn files(ports: &Ports, manifest: &Manifest<Verified>) -> Result<Vec<Member>, StepError> {
    let plan_one = async |(index, file): (u32, &Verified)| {
        let path = file.declared.path.as_str();
        let sample = ports.objects.read(&staged(file), 0, u64::try_from(SAMPLE_BYTES).unwrap_or(0)).await?;
        let content = Content { size: file.declared.size, digest: file.digest, crc32: file.crc32 };
        let method = Method::choose(path, content.size, Some(&sample));
        Ok::<_, PortError>(Member::file(path, index, content, method))
    };
    Ok(stream::iter((0..).zip(manifest.files())).map(plan_one).buffered(AT_ONCE).try_collect().await?)
}

pub(super) fn staged(file: &Verified) -> ObjectVersion {
    ObjectVersion { area: Area::Staging, key: file.staged_key.clone(), version: file.staged_version.clone() }
}

/// The three documents at the root: the manifest as it was decided upon, the record, and its signed statement.
async fn documents(
    ports: &Ports,
    request: &Request,
    (policy, reference): (&Policy, &ManifestReference),
    written_at: Timestamp,
) -> Result<[Member; 3], StepError> {
    let damaged = |error: String| StepError::Damaged(error);
    let manifest = records::get_bytes(ports, &reference.key, reference.digest).await?;
    let record = describe(request, (policy, reference), written_at);
    let json = record.to_json().map_err(|error| damaged(error.to_string()))?;
    let unsigned = Statement::new(&record, &json).unsigned().map_err(|error| damaged(error.to_string()))?;
    let signature = ports.sealer.sign(unsigned.message()).await?;
    let envelope = unsigned.sign_with(&signature.key_id, &signature.bytes);
    let envelope = envelope.to_json().map_err(|error| damaged(error.to_string()))?;
    Ok([
        Member::document(MANIFEST_NAME, manifest),
        Member::document(ENVELOPE_NAME, envelope),
        Member::document(RECORD_NAME, json),
    ])
}

fn describe(request: &Request, (policy, reference): (&Policy, &ManifestReference), at: Timestamp) -> ReleaseRecord {
    ReleaseRecord {
        schema_version: SCHEMA_VERSION,
        request_id: request.id.to_string(),
        round: request.round().number,
        project: request.project.to_string(),
        workspace: request.workspace.to_string(),
        requester_email: request.requesters.first().map(|who| who.email.to_string()).unwrap_or_default(),
        policy: RecordedPolicy { name: policy.name.to_string(), version: policy.version, digest: policy.digest() },
        manifest: RecordedManifest { digest: reference.digest, files: reference.files, bytes: reference.bytes },
        decisions: request.round().decisions.iter().map(note).collect(),
        released_by: concat!("lockgate ", env!("CARGO_PKG_VERSION")).to_owned(),
        prepared_at: at.to_string(),
    }
}

fn note(decision: &Decision) -> RecordedDecision {
    RecordedDecision {
        stage: decision.ballot.stage.to_string(),
        person_name: decision.by.name.to_string(),
        person_email: decision.by.email.to_string(),
        decision: decision.ballot.opinion.to_string(),
        reason: decision.ballot.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        decided_at: decision.decided_at.to_string(),
    }
}
