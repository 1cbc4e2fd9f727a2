//! Whether a letter still says something that is so.

use crate::domain::id::RoundNumber;
use crate::domain::outbox::Letter;
use crate::domain::request::Request;
use crate::domain::status::Status;
use crate::domain::text::StageId;
use crate::domain::verdict::{Tally, tally};

/// Tells whether a letter's moment has not passed. A letter that asks for something is late when nobody can do it any
/// longer; a letter that tells what happened is never late.
pub fn is_timely(request: &Request, about: &Letter) -> bool {
    match about {
        Letter::ReviewWanted { stage, round } | Letter::Escalation { stage, round } => waits_at(request, stage, *round),
        Letter::Reminder { stage, round, count } => {
            let is_newest = request.round().entry.as_ref().is_some_and(|entry| entry.reminders == *count);
            is_newest && waits_at(request, stage, *round)
        }
        Letter::Received
        | Letter::Queued
        | Letter::Released
        | Letter::Ended { .. }
        | Letter::Revoked { .. }
        | Letter::Failed { .. }
        | Letter::Undeliverable { .. }
        | Letter::Commented { .. } => true,
    }
}

/// Tells whether a round waits for people at a stage: it is there, nobody has taken it back, and more people have to
/// say something.
fn waits_at(request: &Request, stage: &StageId, number: RoundNumber) -> bool {
    let Status::InReview { stage: index, round } = request.status else { return false };
    let Some(current) = request.policy().and_then(|policy| policy.stage(index)) else { return false };
    round == number
        && current.id == *stage
        && request.withdrawal.is_none()
        && matches!(tally(current, number, &request.round().decisions), Tally::Open { .. })
}
