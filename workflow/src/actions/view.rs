//! View: a request as one person may see it, with the look on record.

use super::{ActionError, Caller, refused};
use crate::domain::access::Look;
use crate::domain::id::RequestId;
use crate::domain::permission::{Refusal, may_view};
use crate::domain::person::Person;
use crate::domain::request::Request;
use crate::ports::Ports;

/// Answers a request to somebody who may see it, with who they are by the directory's word now.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId) -> Result<(Person, Request), ActionError> {
    let person = caller.person(ports).await?;
    let found = ports.requests.find(id).await?.ok_or(Refusal::NoSuchRequest);
    let seen = found.and_then(|request| may_view(&person, &request).map(|_| request));
    let look = match &seen {
        Ok(_) => Look::Request { request: id },
        Err(refusal) => refused(Some(id), "view", refusal),
    };
    caller.log(ports, look).await?;
    Ok((person, seen?))
}
