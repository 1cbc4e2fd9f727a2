//! Seal: signed checkpoints over the ends of all chains, bound to each other and kept outside the request store.
//!
//! Whoever can write the store can rewrite a chain; they cannot rewrite a checkpoint that is kept elsewhere without the
//! signing key. The threat model says who can and who cannot forge.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::canonical::canonical;
use crate::domain::audit::Head;
use crate::domain::digest::{Digest, of_canonical};
use crate::domain::id::RequestId;
use crate::ports::object_store::{Area, Place};
use crate::ports::request_store::{Pattern, Query};
use crate::ports::{Kind, PortError, Ports};
use crate::records;

/// Requests that are read in one page.
const PAGE: u32 = 500;

/// A checkpoint: what the ends of all chains were at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Counts from 1.
    pub number: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The digest of the checkpoint before it; of 32 zero bytes for the first.
    pub previous: Digest,
    /// The end of every chain, by request.
    pub heads: Vec<(RequestId, Head)>,
    /// The closed days of the access log.
    pub segments: Vec<(jiff::civil::Date, Digest)>,
}

/// A checkpoint with its signature, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedCheckpoint {
    /// What is signed, in its canonical form.
    pub checkpoint: Checkpoint,
    /// Names the key.
    pub key_id: String,
    /// The signature over the canonical form, in hex.
    pub signature: String,
}

/// Makes the next checkpoint, unless nothing has changed since the last one; then none.
pub async fn run(ports: &Ports) -> Result<Option<Checkpoint>, PortError> {
    let last = newest(ports).await?;
    let at = ports.clock.now();
    let today = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let checkpoint = Checkpoint {
        number: last.as_ref().map_or(1, |signed| signed.checkpoint.number + 1),
        at,
        previous: last.as_ref().map_or(Head::NONE.hash, |signed| of_canonical(&signed.checkpoint)),
        heads: heads(ports).await?,
        segments: ports.access_log.segments(today).await?,
    };
    let is_same = |signed: &SignedCheckpoint| {
        signed.checkpoint.heads == checkpoint.heads && signed.checkpoint.segments == checkpoint.segments
    };
    if (checkpoint.heads.is_empty() && checkpoint.segments.is_empty()) || last.as_ref().is_some_and(is_same) {
        return Ok(None);
    }
    store(ports, &checkpoint).await?;
    Ok(Some(checkpoint))
}

async fn heads(ports: &Ports) -> Result<Vec<(RequestId, Head)>, PortError> {
    let mut heads = Vec::new();
    let mut after = None;
    loop {
        let page = ports.requests.list(&Query { pattern: Pattern::All, after, first: PAGE }).await?;
        heads.extend(page.requests.iter().map(|request| (request.id, request.head)));
        after = page.next;
        if after.is_none() {
            heads.sort_by_key(|(id, _)| *id);
            return Ok(heads);
        }
    }
}

async fn store(ports: &Ports, checkpoint: &Checkpoint) -> Result<(), PortError> {
    let broken = |error| PortError::new("sealer", "sign a checkpoint", Kind::Corrupt).because(error);
    let message = canonical(checkpoint).map_err(|error| broken(error.to_string()))?;
    let signature = ports.sealer.sign(&message).await?;
    let signed = SignedCheckpoint {
        checkpoint: checkpoint.clone(),
        key_id: signature.key_id,
        signature: hex::encode(signature.bytes),
    };
    let bytes = canonical(&signed).map_err(|error| broken(error.to_string()))?;
    let place = Place { area: Area::Records, owner: None, key: key(checkpoint.number) };
    ports.objects.put(&place, Bytes::from(bytes)).await?;
    Ok(())
}

fn key(number: u64) -> String {
    format!("checkpoints/{number:08}.json")
}

/// The checkpoint of a number; none if it was not made.
pub async fn read(ports: &Ports, number: u64) -> Result<Option<SignedCheckpoint>, PortError> {
    let Some(object) = ports.objects.latest(Area::Records, &key(number)).await? else { return Ok(None) };
    let bytes = records::read_whole(ports, &object).await?;
    let damaged =
        |error| PortError::new("object store", format!("read checkpoint {number}"), Kind::Corrupt).because(error);
    serde_json::from_slice(&bytes).map(Some).map_err(|error| damaged(error.to_string()))
}

/// The newest checkpoint. Numbers have no gaps, so it is found by doubling and halving.
pub async fn newest(ports: &Ports) -> Result<Option<SignedCheckpoint>, PortError> {
    let exists =
        async |number: u64| Ok::<_, PortError>(ports.objects.latest(Area::Records, &key(number)).await?.is_some());
    let mut above = 1;
    while exists(above).await? {
        above *= 2;
    }
    let mut below = above / 2;
    while below + 1 < above {
        let middle = below.midpoint(above);
        if exists(middle).await? { below = middle } else { above = middle }
    }
    if below == 0 { Ok(None) } else { read(ports, below).await }
}
