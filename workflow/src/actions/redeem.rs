//! Redeem a ticket: say which object its holder may read now.

use super::{ActionError, Caller, refused};
use crate::domain::access::Look;
use crate::domain::digest::Digest;
use crate::domain::id::RequestId;
use crate::domain::permission::{Refusal, may_download};
use crate::domain::release::PublishedArchive;
use crate::ports::Ports;

/// Answers the archive that a ticket is for. The ticket has to be this caller's and alive, and the release not revoked;
/// the look is on the access log. A ticket may be redeemed often while it lives, so that a broken download can go on.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId, secret: &str) -> Result<PublishedArchive, ActionError> {
    let person = caller.person(ports).await?;
    let request = ports.requests.find(id).await?;
    let redeemed = request.as_ref().ok_or(Refusal::NoSuchRequest).and_then(|request| {
        let may = may_download(&person, request)?;
        request.redeem(&may, Digest::of(secret.as_bytes()), ports.clock.now()).cloned()
    });
    let look = match &redeemed {
        Ok(_) => Look::Download { request: id },
        Err(refusal) => refused(Some(id), "redeem", refusal),
    };
    caller.log(ports, look).await?;
    Ok(redeemed?)
}
