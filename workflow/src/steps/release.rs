//! Release: carries out the frozen plan of the archive.

mod carry_out;
mod plan;

use super::{Order, StepError};
use crate::amend::amend;
use crate::chores::dispose;
use crate::domain::request::Request;
use crate::domain::slip::{Progress, Slip};
use crate::domain::status::Status;
use crate::ports::Ports;

/// Freezes the plan if there is none, writes as much of the archive as fits one call, and publishes it when it is whole.
/// Again, or at once: the same plan, hence the same bytes.
///
/// The stored decisions are counted once more before a byte moves: a status alone releases nothing.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let request = order.request(ports).await?;
    if request.status == Status::Releasing {
        if !request.has_every_approval() {
            return Err(StepError::NotApproved(request.id));
        }
        let request = take_over(ports, order, &request).await?;
        if carry_out::some(ports, order, &request).await? == Progress::More {
            return Ok(Slip { progress: Progress::More, ..order.slip.clone() });
        }
    }
    tidy_up(ports, &request).await?;
    Ok(Slip { progress: Progress::Done, ..order.slip.clone() })
}

/// Claims the release for this attempt, with the plan that is frozen or with a new one.
async fn take_over(ports: &Ports, order: &Order, request: &Request) -> Result<Request, StepError> {
    let claim = order.claim();
    let frozen = request.release.as_ref().map(|release| release.plan.clone());
    let fresh = match &frozen {
        Some(plan) if !plan::is_outdated(ports, plan).await? => None,
        Some(_) | None => Some(plan::freeze(ports, request).await?),
    };
    amend(ports, request.id, |request, now| {
        if request.status != Status::Releasing {
            return Ok(None);
        }
        let actor = order.actor();
        let is_as_it_was = request.release.as_ref().map(|release| &release.plan) == frozen.as_ref();
        let change = match &fresh {
            Some(plan) if is_as_it_was => request.plan_release(claim.clone(), plan.clone(), actor, now)?,
            Some(_) | None => request.claim(claim.clone(), actor, now)?,
        };
        Ok::<_, StepError>(Some(change))
    })
    .await
}

/// The archive holds the bytes now: staged copies and what rival attempts left are removed.
async fn tidy_up(ports: &Ports, request: &Request) -> Result<(), StepError> {
    for (assembly, owner) in ports.objects.assemblies().await? {
        if owner.is_some_and(|(id, _)| id == request.id) {
            ports.objects.abort(&assembly).await?;
        }
    }
    Ok(dispose::clear_staging(ports, request.id).await?)
}
