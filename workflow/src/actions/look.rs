//! Look: one frozen file, to somebody who may see the request, with the look on record.

use super::{ActionError, Caller, refused};
use crate::domain::access::Look;
use crate::domain::id::RequestId;
use crate::domain::manifest::{Manifest, Verified};
use crate::domain::permission::{Refusal, may_view};
use crate::domain::request::Request;
use crate::ports::Ports;
use crate::ports::object_store::{Area, ObjectVersion};
use crate::records;

/// A frozen file and where its bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The file.
    pub file: Verified,
    /// Its bytes, for as long as they are kept.
    pub object: ObjectVersion,
}

/// Answers the file at a place of the current round, counted from 0. Before everything is frozen there is none.
pub async fn run(ports: &Ports, caller: &Caller, (id, index): (RequestId, usize)) -> Result<Seen, ActionError> {
    let person = caller.person(ports).await?;
    let found = ports.requests.find(id).await?.ok_or(Refusal::NoSuchRequest);
    let request = found.and_then(|request| may_view(&person, &request).map(|_| request));
    let seen = match &request {
        Ok(request) => find(ports, request, index).await?.ok_or(Refusal::NoSuchItem),
        Err(refusal) => Err(refusal.clone()),
    };
    let look = match &seen {
        Ok(seen) => Look::File { request: id, path: seen.file.declared.path.to_string() },
        Err(refusal) => refused(Some(id), "look", refusal),
    };
    caller.log(ports, look).await?;
    Ok(seen?)
}

async fn find(ports: &Ports, request: &Request, index: usize) -> Result<Option<Seen>, ActionError> {
    let Some(frozen) = &request.round().frozen else { return Ok(None) };
    let manifest: Manifest<Verified> = records::get(ports, frozen).await?;
    Ok(manifest.files().get(index).map(|file| Seen {
        object: ObjectVersion {
            area: Area::Staging,
            key: file.staged_key.clone(),
            version: file.staged_version.clone(),
        },
        file: file.clone(),
    }))
}
