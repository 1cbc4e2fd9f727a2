//! Tally: reads decisions, policy and time, and says what comes next.

use std::sync::Mutex;

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::request::Moment;
use crate::domain::slip::Slip;
use crate::ports::Ports;

/// Computes the verdict and commits what it changes. Again: the same verdict from what is on record.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let ruled = Mutex::new(None);
    amend(ports, order.slip.request, |request, now| {
        let moment = Moment { at: now, is_held: ports.clock.held_since().is_some() };
        let mut ruling = request.rule(order.slip.run, order.slip.lap, order.actor(), moment)?;
        let change = ruling.change.take();
        if let Ok(mut slot) = ruled.lock() {
            *slot = Some((ruling.verdict, ruling.wait_for));
        }
        Ok::<_, StepError>(change)
    })
    .await?;
    let Ok(Some((verdict, wait_for))) = ruled.into_inner() else {
        crate::bug!("a tally of request {} ended without a ruling", order.slip.request)
    };
    Ok(Slip { verdict, wait_for, lap: order.slip.lap + 1, ..order.slip.clone() })
}
