//! Grant a download: leave for one person to move the bytes of one archive for a short while.

use super::{ActionError, Caller, act};
use crate::domain::digest::Digest;
use crate::domain::id::RequestId;
use crate::domain::permission::may_download;
use crate::ports::Ports;
use jiff::Timestamp;

/// A ticket as its holder gets it. Its secret is nowhere stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted {
    /// The request.
    pub request: RequestId,
    /// The secret, as hex.
    pub secret: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many more the person may have afterwards.
    pub left: u32,
}

/// Grants a ticket. The grant, its count and its audit event are one transaction. A person whose ticket still lives
/// gets another secret for it and is not counted again; the earlier secret is void.
pub async fn run(ports: &Ports, caller: &Caller, id: RequestId) -> Result<Granted, ActionError> {
    let secret = hex::encode(ports.ids.secret());
    let digest = Digest::of(secret.as_bytes());
    let person = caller.person(ports).await?;
    let request = act(ports, caller, ("grant_download", id), |person, request, now| {
        let may = may_download(person, request)?;
        Ok(Some(request.grant_download(&may, digest, caller.actor(person), now)?))
    })
    .await?;
    let expires_at = request.tickets.last().map_or(request.updated_at, |ticket| ticket.expires_at);
    Ok(Granted { request: id, secret, expires_at, left: request.downloads_left(&person.who) })
}
