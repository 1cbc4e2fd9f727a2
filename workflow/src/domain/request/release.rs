//! Release: the plan is frozen, carried out and published.

use jiff::Timestamp;

use super::change::Claim;
use super::{NotMine, Request};
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::outbox::{Letter, Recipient};
use crate::domain::permission::{MayOperate, Refusal};
use crate::domain::policy::Audience;
use crate::domain::release::{PublishedArchive, RecordReference, Release};
use crate::domain::status::Happening;
use crate::domain::text::Reason;
use crate::domain::verdict::{Tally, tally};

impl Request {
    /// Tells whether every stage of the bound policy was passed in the current round, about the current manifest, by
    /// people of whom none is a requester and, unless the policy says otherwise, none decided twice.
    ///
    /// The release step asks this of the stored decisions before it moves a byte: the status alone is not believed.
    pub fn has_every_approval(&self) -> bool {
        let round = self.round();
        let (Some(policy), Some(manifest)) = (self.policy(), round.manifest.as_ref()) else { return false };
        let about_this = |d: &&crate::domain::decision::Decision| {
            d.ballot.manifest == manifest.digest && !self.is_of(&d.by) && d.ballot.round == round.number
        };
        let counted: Vec<_> = round.decisions.iter().filter(about_this).cloned().collect();
        let passed = policy.stages.iter().all(|stage| tally(stage, round.number, &counted) == Tally::Passed);
        let several = policy.one_person_may_decide_at_several_stages;
        let distinct = several
            || counted.iter().enumerate().all(|(i, a)| counted.iter().skip(i + 1).all(|b| !a.by.is_same_person(&b.by)));
        passed && distinct && counted.len() == round.decisions.len()
    }

    /// Claims the release for an attempt.
    pub fn claim(&self, claim: Claim, actor: Actor, at: Timestamp) -> Result<Change, NotMine> {
        self.require_newest(&claim)?;
        let (state, attempt) = (claim.state.clone(), claim.attempt);
        let mut draft = self.draft();
        draft.after.claim = Some(claim);
        Ok(draft.finish(actor, at, Fact::Claimed { state, attempt }))
    }

    /// Freezes the plan of the release: every attempt carries out this one.
    pub fn plan_release(
        &self,
        claim: Claim,
        plan: RecordReference,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_newest(&claim)?;
        let mut draft = self.draft();
        draft.after.claim = Some(claim);
        draft.after.release = Some(Release { plan: plan.clone(), assembly: None, progress: None, archive: None });
        Ok(draft.finish(actor, at, Fact::ReleasePlanned { plan }))
    }

    /// Records how far the plan was carried out.
    pub fn advance_release(
        &self,
        claim: &Claim,
        advance: Advance,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_claim(claim)?;
        let mut draft = self.draft();
        if let Some(release) = draft.after.release.as_mut() {
            release.assembly = advance.assembly;
            release.progress = advance.progress;
        }
        Ok(draft.finish(actor, at, Fact::ReleaseAdvanced { bytes: advance.bytes }))
    }

    /// Records that the archive is published.
    pub fn publish(
        &self,
        claim: &Claim,
        archive: PublishedArchive,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_claim(claim)?;
        let mut draft = self.moved(&Happening::Released)?;
        draft.after.claim = None;
        if let Some(release) = draft.after.release.as_mut() {
            release.archive = Some(archive.clone());
            release.assembly = None;
        }
        Ok(draft.finish(actor, at, Fact::Released { archive }))
    }

    /// Calls a release back: no ticket is good any longer.
    pub fn revoke(&self, _may: &MayOperate, reason: Reason, actor: Actor, at: Timestamp) -> Result<Change, Refusal> {
        let mut draft = self.moved(&Happening::Revoked)?;
        draft.after.tickets.clear();
        draft.tell(Recipient::Audience(Audience::Requester), Letter::Revoked { reason: reason.clone() });
        draft.tell(Recipient::Operators, Letter::Revoked { reason: reason.clone() });
        Ok(draft.finish(actor, at, Fact::Revoked { reason }))
    }
}

/// How far a release plan was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The assembly that is being written.
    pub assembly: Option<String>,
    /// The newest progress object.
    pub progress: Option<RecordReference>,
    /// Bytes of the archive so far.
    pub bytes: u64,
}
