//! (to come)
use super::{Order, StepError};
use crate::domain::slip::Slip;
use crate::ports::Ports;
/// x
pub async fn run(_p: &Ports, o: &Order) -> Result<Slip, StepError> { Ok(o.slip.clone()) }
