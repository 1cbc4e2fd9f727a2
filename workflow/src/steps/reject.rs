//! Reject: puts the data away of a round that is not released.

use super::{Order, StepError};
use crate::amend::amend;
use crate::chores::dispose;
use crate::domain::request::Request;
use crate::domain::slip::Slip;
use crate::domain::status::Status;
use crate::ports::Ports;
use crate::ports::object_store::Area;

/// Drops whatever an attempt at a release left, and lays down when the bytes are to be deleted: at once, if the policy
/// keeps nothing. Also for rounds that were returned, withdrawn or have expired. Again: nothing.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let request = order.request(ports).await?;
    if matches!(request.status, Status::Rejecting { .. }) {
        let claim = order.claim();
        let request = amend(ports, request.id, |request, now| {
            Ok::<_, StepError>(Some(request.claim(claim.clone(), order.actor(), now)?))
        })
        .await?;
        drop_release(ports, &request).await?;
        amend(ports, request.id, |request, now| {
            if !matches!(request.status, Status::Rejecting { .. }) {
                return Ok(None);
            }
            Ok::<_, StepError>(Some(request.finish_ending(&claim, order.actor(), now)?))
        })
        .await?;
    }
    dispose::due(ports, order.slip.request).await?;
    Ok(order.slip.clone())
}

/// Bytes that are not released are not in the release area, and not half in it.
async fn drop_release(ports: &Ports, request: &Request) -> Result<(), StepError> {
    for (assembly, owner) in ports.objects.assemblies().await? {
        if owner.is_some_and(|(id, _)| id == request.id) {
            ports.objects.abort(&assembly).await?;
        }
    }
    ports.objects.delete(&ports.objects.belongings(Area::Release, request.id).await?).await?;
    Ok(())
}
