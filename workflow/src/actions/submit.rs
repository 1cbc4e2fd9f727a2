//! Submit: a person asks for files to leave that are in the source area already.

use super::{ActionError, Caller, refused};
use crate::canonical::canonical;
use crate::domain::digest::Digest;
use crate::domain::id::RequestId;
use crate::domain::manifest::{Declared, Manifest, ManifestReference};
use crate::domain::permission::{Refusal, may_submit};
use crate::domain::request::{Ask, Request};
use crate::domain::text::{ProjectId, Reason, Title, WorkspaceId};
use crate::ports::object_store::{Area, Place};
use crate::ports::request_store::Commit;
use crate::ports::{Kind, PortError, Ports};
use bytes::Bytes;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The id, as the house made it.
    pub id: RequestId,
    /// The project whose data it is.
    pub project: ProjectId,
    /// The workspace that the files come from.
    pub workspace: WorkspaceId,
    /// What it is called.
    pub title: Title,
    /// What the files are for.
    pub purpose: Option<Reason>,
    /// The files.
    pub manifest: Manifest<Declared>,
}

/// Takes an ask by a person. Again with the same id: the request that is there, if it is the caller's.
pub async fn run(ports: &Ports, caller: &Caller, submission: Submission) -> Result<Request, ActionError> {
    let person = caller.person(ports).await?;
    let may = match may_submit(&person, &submission.project) {
        Ok(may) => may,
        Err(refusal) => {
            caller.log(ports, refused(None, "submit", &refusal)).await?;
            return Err(refusal.into());
        }
    };
    let declared = declare(ports, submission.id, 1, &submission.manifest).await?;
    let ask = Ask {
        id: submission.id,
        project: submission.project,
        workspace: submission.workspace,
        title: submission.title,
        purpose: submission.purpose,
        requester: may.who().clone(),
        declared,
    };
    let change = Request::submit(ask, caller.actor(&person), ports.clock.now());
    match ports.requests.commit(&change).await? {
        Commit::Done => Ok(change.after().clone()),
        Commit::Stale | Commit::StoreHeld | Commit::NoticeAnswered => {
            let existing = ports.requests.find(submission.id).await?.filter(|request| request.is_of(&person.who));
            Ok(existing.ok_or(Refusal::NoSuchRequest)?)
        }
    }
}

/// Puts the declared manifest of a round on record before the request that refers to it.
pub(super) async fn declare(
    ports: &Ports,
    id: RequestId,
    round: u32,
    manifest: &Manifest<Declared>,
) -> Result<ManifestReference, PortError> {
    let broken = |error| PortError::new("object store", "record a manifest", Kind::Corrupt).because(error);
    let bytes = canonical(manifest).map_err(|error| broken(error.to_string()))?;
    let digest = Digest::of(&bytes);
    let key = format!("{id}/r{round}/declared-{}.json", digest.hex());
    ports
        .objects
        .put(&Place { area: Area::Records, owner: Some((id, round)), key: key.clone() }, Bytes::from(bytes))
        .await?;
    let files = u64::try_from(manifest.files().len()).unwrap_or(u64::MAX);
    Ok(ManifestReference { key, digest, files, bytes: manifest.bytes() })
}
