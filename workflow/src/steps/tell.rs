//! Tell: frees the egress store and puts the outcome on its way.

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::outward::upstream_status;
use crate::domain::slip::Slip;
use crate::ports::Ports;

/// Sets the platform's status, then tells the requester. Again: nothing.
///
/// The order is the platform's: data, status, mail. A store that is gone is left alone; the outcome is told all the
/// same.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let request = order.request(ports).await?;
    if !request.told {
        let mut upstream = None;
        if let Some(store) = &request.store {
            let status = upstream_status(&request.status);
            let freed = ports.egress_stores.free(store, request.id, status).await?;
            upstream = freed.then(|| status.as_str().to_owned());
        }
        amend(ports, request.id, |request, now| {
            Ok::<_, StepError>(request.tell(order.slip.run, upstream.clone(), order.actor(), now)?)
        })
        .await?;
    }
    Ok(order.slip.clone())
}
