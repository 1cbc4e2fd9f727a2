//! Revoke: an operator calls a release back.

use super::{ActionError, Caller, act};
use crate::domain::id::RequestId;
use crate::domain::permission::{may_operate, may_view};
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;
use crate::ports::object_store::{Area, ObjectVersion};

/// Calls a release back and answers the request as it is then: from this commit on no ticket is good, and addresses
/// that were given out are barred.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, reason: Reason) -> Result<Request, ActionError> {
    let revoked = act(ports, caller, ("revoke", id), |person, request, now| {
        // Who may not know of the request is not told that it takes an operator.
        may_view(person, request)?;
        let may = may_operate(person)?;
        Ok(Some(request.revoke(&may, reason.clone(), caller.actor(person), now)?))
    })
    .await?;
    if let Some(archive) = revoked.release.as_ref().and_then(|release| release.archive.as_ref()) {
        let (key, version) = (archive.key.clone(), archive.version.clone());
        // What is committed stands; an address that could not be barred ends by itself within a minute.
        let _ = ports.objects.bar(&ObjectVersion { area: Area::Release, key, version }).await;
    }
    Ok(revoked)
}
