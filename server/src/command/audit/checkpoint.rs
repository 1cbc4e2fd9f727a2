//! Checkpoints: what was signed about the ends of all chains, held against what is there now.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use workflow::archive::verify_signature;
use workflow::canonical::canonical;
use workflow::chores::seal::{self, Checkpoint, SignedCheckpoint};
use workflow::domain::audit::{Event, Head};
use workflow::domain::digest::{Digest, of_canonical};
use workflow::domain::id::RequestId;
use workflow::ports::Ports;

use crate::failure::Failure;

/// What the checkpoints say of each request: its ends, each with the number of the checkpoint.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    pub(super) count: u64,
    heads: BTreeMap<RequestId, Vec<(u64, Head)>>,
    segments: BTreeMap<jiff::civil::Date, (u64, Digest)>,
}

impl Checkpoints {
    /// Reads all checkpoints and checks that each is signed and bound to the one before it.
    pub(super) async fn read(ports: &Ports, key_pem: &str) -> Result<Self, Failure> {
        let mut checkpoints = Self::default();
        let mut previous = Head::NONE.hash;
        while let Some(signed) = seal::read(ports, checkpoints.count + 1).await? {
            check(&signed, previous, key_pem)?;
            previous = of_canonical(&signed.checkpoint);
            checkpoints.take(signed.checkpoint);
        }
        Ok(checkpoints)
    }

    fn take(&mut self, checkpoint: Checkpoint) {
        self.count = checkpoint.number;
        for (request, head) in checkpoint.heads {
            self.heads.entry(request).or_default().push((checkpoint.number, head));
        }
        for (day, digest) in checkpoint.segments {
            self.segments.entry(day).or_insert((checkpoint.number, digest));
        }
    }

    /// Checks that a chain still has the ends that were signed, and lets go of the request.
    pub(super) fn hold(&mut self, request: RequestId, events: &[Event]) -> Result<(), Failure> {
        for (number, head) in self.heads.remove(&request).unwrap_or_default() {
            if !events.iter().any(|event| event.head() == head) {
                return Err(broken(&format!(
                    "event {} of request {request} is not the one that checkpoint {number} was made of",
                    head.sequence
                )));
            }
        }
        Ok(())
    }

    /// Checks that nothing is left over: every request that was signed is still there.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        match self.heads.iter().next() {
            Some((request, heads)) => {
                let number = heads.first().map_or(0, |(number, _)| *number);
                Err(broken(&format!("request {request} is in checkpoint {number}, and is there no longer")))
            }
            None => Ok(()),
        }
    }

    /// Checks that the closed days of the access log are as they were signed.
    pub(super) async fn hold_access_log(&self, ports: &Ports) -> Result<(), Failure> {
        let today = ports.clock.now().to_zoned(TimeZone::UTC).date();
        let tomorrow = today.saturating_add(1.day());
        let segments: BTreeMap<_, _> = ports.access_log.segments(tomorrow).await?.into_iter().collect();
        for (day, (number, digest)) in &self.segments {
            if segments.get(day) != Some(digest) {
                return Err(broken(&format!(
                    "the access log of {day} is not the one that checkpoint {number} was made of"
                )));
            }
        }
        Ok(())
    }
}

fn check(signed: &SignedCheckpoint, previous: Digest, key_pem: &str) -> Result<(), Failure> {
    let number = signed.checkpoint.number;
    if signed.checkpoint.previous != previous {
        return Err(broken(&format!("checkpoint {number} does not follow from the one before it")));
    }
    let message = canonical(&signed.checkpoint).map_err(|error| Failure::bug(&error.to_string()))?;
    let signature = hex::decode(&signed.signature).unwrap_or_default();
    verify_signature(key_pem, &message, &signature)
        .map_err(|error| broken(&format!("checkpoint {number} is not signed as it should be: {error}")))
}

/// What was found.
pub(super) fn broken(what: &str) -> Failure {
    let sentence = format!(
        "The audit trail is not whole: {what}. Nothing was changed. Keep the data directory as it is and compare it with a backup."
    );
    Failure::refused("BROKEN_TRAIL", sentence)
}
