//! Comment: somebody who takes part says something.

use super::{ActionError, Caller, act};
use crate::domain::id::RequestId;
use crate::domain::permission::may_comment;
use crate::domain::request::Request;
use crate::domain::text::Reason;
use crate::ports::Ports;

/// Records a comment and answers the request as it is then. Every call records one.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, text: Reason) -> Result<Request, ActionError> {
    act(ports, caller, ("comment", id), |person, request| {
        let may = may_comment(person, request)?;
        Ok(Some(request.comment(&may, text.clone(), caller.actor(person), ports.clock.now())))
    })
    .await
}
