//! Endings: rounds that are not released, outcomes that are told, failures and what operators do about them.

use jiff::Timestamp;

use super::change::{Claim, Draft};
use super::{NotMine, Request, Withdrawal};
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::id::RunNumber;
use crate::domain::outbox::{Letter, MessageId, Recipient};
use crate::domain::permission::{MayAnswer, MayOperate, Refusal};
use crate::domain::person::Who;
use crate::domain::policy::{Audience, Silence};
use crate::domain::release::{Disposal, RecordReference};
use crate::domain::status::{Cause, End, Happening, IllegalTransition, Status};
use crate::domain::text::Reason;

impl Request {
    /// Takes a request back. What runs is told to end; what does not run ends at once.
    pub fn withdraw(
        &self,
        may: &MayAnswer,
        reason: Option<Reason>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        self.ask_to_end(may.who(), reason, actor, at)
    }

    /// Ends a request on an operator's word.
    pub fn abort(&self, may: &MayOperate, reason: Reason, actor: Actor, at: Timestamp) -> Result<Change, Refusal> {
        if matches!(self.status, Status::Failed { .. }) {
            return Ok(self.abandon(may.who(), reason, actor, at)?);
        }
        self.ask_to_end(may.who(), Some(reason), actor, at)
    }

    fn ask_to_end(&self, by: &Who, reason: Option<Reason>, actor: Actor, at: Timestamp) -> Result<Change, Refusal> {
        if self.withdrawal.is_some() {
            return Err(Refusal::WithdrawnAlready);
        }
        if let Ok(mut draft) = self.moved(&Happening::Withdrawn) {
            draft.note_withdrawal(by, reason.clone(), at);
            draft.free_store();
            draft.after.answer_by = None;
            draft.after.told = true;
            let round = self.round().number;
            let ended = Letter::Ended { end: End::Withdrawn, round, reason: reason.clone() };
            draft.tell(Recipient::Audience(Audience::Requester), ended);
            return Ok(draft.finish(actor, at, Fact::Withdrawn { reason }));
        }
        self.status.next(&Happening::Ending(End::Withdrawn))?;
        let mut draft = self.draft();
        draft.note_withdrawal(by, reason.clone(), at);
        draft.after.news += 1;
        Ok(draft.finish(actor, at, Fact::WithdrawalAsked { reason }))
    }

    fn abandon(&self, by: &Who, reason: Reason, actor: Actor, at: Timestamp) -> Result<Change, IllegalTransition> {
        let mut draft = self.moved(&Happening::Abandoned)?;
        draft.note_withdrawal(by, Some(reason.clone()), at);
        draft.begin_run();
        Ok(draft.finish(actor, at, Fact::Ending { end: End::Withdrawn, reason: Some(reason) }))
    }

    /// Records that the data of a round that is not released was put away, and when its bytes are to be deleted.
    pub fn finish_ending(&self, claim: &Claim, actor: Actor, at: Timestamp) -> Result<Change, NotMine> {
        self.require_claim(claim)?;
        let mut draft = self.moved(&Happening::Ended)?;
        let Status::Rejecting { end } = self.status else { crate::bug!("a request that ends was not ending") };
        let delete_at = self.policy().map_or(at, |policy| policy.calendar().after(at, policy.keep_rejected_for));
        draft.after.claim = None;
        draft.after.release = None;
        draft.after.round_mut().disposal = Some(Disposal { due_at: delete_at, proof: None });
        if end == End::Returned {
            draft.after.answer_by = self.policy().map(|policy| policy.calendar().after(at, policy.returned_for));
        }
        Ok(draft.finish(actor, at, Fact::Ended { end, delete_at }))
    }

    /// Records the proof that the bytes of a round are gone.
    pub fn prove_deletion(
        &self,
        round: u32,
        proof: RecordReference,
        files: u64,
        actor: Actor,
        at: Timestamp,
    ) -> Option<Change> {
        let mut draft = self.draft();
        let kept = draft.after.rounds.iter_mut().find(|r| r.number == round)?.disposal.as_mut()?;
        if kept.proof.is_some() {
            return None;
        }
        kept.proof = Some(proof.clone());
        Some(draft.finish(actor, at, Fact::Deleted { proof, files }))
    }

    /// Puts the outcome on its way and lets the store's next request in; none if that was done.
    pub fn tell(
        &self,
        run: RunNumber,
        upstream: Option<String>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Option<Change>, NotMine> {
        self.require_run(run)?;
        if self.told {
            return Ok(None);
        }
        let mut draft = self.draft();
        draft.after.told = true;
        draft.after.waiting = None;
        draft.free_store();
        let reason =
            self.round().ended_because.clone().or_else(|| self.withdrawal.as_ref().and_then(|w| w.reason.clone()));
        let requester = Recipient::Audience(Audience::Requester);
        let round = self.round().number;
        match &self.status {
            Status::Released | Status::Revoked => draft.tell(requester, Letter::Released),
            Status::Rejected => draft.tell(requester, Letter::Ended { end: End::Rejected, round, reason }),
            Status::Returned => draft.tell(requester, Letter::Ended { end: End::Returned, round, reason }),
            Status::Withdrawn => draft.tell(requester, Letter::Ended { end: End::Withdrawn, round, reason }),
            Status::Expired => draft.tell(requester, Letter::Ended { end: End::Expired, round, reason }),
            running => {
                crate::bug!("request {} is {running} and its outcome was to be told", self.id);
            }
        }
        Ok(Some(draft.finish(actor, at, Fact::Told { upstream })))
    }

    /// Ends a returned request that waited too long for its requester.
    pub fn expire(&self, actor: Actor, at: Timestamp) -> Result<Change, IllegalTransition> {
        let mut draft = self.moved(&Happening::Expired)?;
        draft.after.answer_by = None;
        draft.free_store();
        let ended = Letter::Ended { end: End::Expired, round: self.round().number, reason: None };
        draft.tell(Recipient::Audience(Audience::Requester), ended);
        Ok(draft.finish(actor, at, Fact::Expired))
    }

    /// Records that a step gave up: the request waits for an operator and goes on where it stood.
    pub fn fail(&self, run: RunNumber, cause: Cause, actor: Actor, at: Timestamp) -> Result<Change, NotMine> {
        self.require_run(run)?;
        let mut draft = self.moved(&Happening::Failed(cause.clone()))?;
        draft.after.claim = None;
        draft.after.waiting = None;
        draft.tell(Recipient::Operators, Letter::Failed { sentence: cause.sentence.clone() });
        Ok(draft.finish(actor, at, Fact::Failed { cause }))
    }

    /// Records that a letter about the request could not be delivered, and has the operators told. Nothing else changes.
    pub fn note_undeliverable(&self, message: MessageId, trouble: String, actor: Actor, at: Timestamp) -> Change {
        let mut draft = self.draft();
        draft.tell(Recipient::Operators, Letter::Undeliverable { message, trouble: trouble.clone() });
        draft.finish(actor, at, Fact::Undeliverable { message, trouble })
    }

    /// Lets a failed request go on where it stood, in the next run.
    pub fn resume(
        &self,
        _may: &MayOperate,
        reason: Option<Reason>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        let mut draft = self.moved(&Happening::Resumed)?;
        let run = draft.begin_run();
        Ok(draft.finish(actor, at, Fact::Resumed { run, reason }))
    }

    /// Begins another run for a request that is over but whose outcome never got on its way.
    pub fn tell_again(&self, actor: Actor, at: Timestamp) -> Change {
        let mut draft = self.draft();
        let run = draft.begin_run();
        draft.finish(actor, at, Fact::Resumed { run, reason: None })
    }

    /// Records that the house was brought back from a backup: tickets, claims and waits of before are worth nothing, and
    /// what was under way goes on in the next run. None if there is nothing of that.
    pub fn restore(&self, taken_at: Timestamp, actor: Actor, at: Timestamp) -> Option<Change> {
        let is_running = self.status.is_running();
        if !is_running && self.tickets.is_empty() && self.waiting.is_none() {
            return None;
        }
        let mut draft = self.draft();
        draft.after.tickets.clear();
        draft.after.claim = None;
        draft.after.waiting = None;
        if is_running {
            draft.begin_run();
        }
        Some(draft.finish(actor, at, Fact::Restored { taken_at }))
    }

    /// When time asks for something next: in review the stage's next instant, afterwards an answer or a deletion.
    pub(super) fn next_due_at(&self) -> Option<Timestamp> {
        let review = self.round().entry.as_ref().zip(self.policy()).and_then(|(entry, policy)| {
            let stage = policy.stages.iter().find(|stage| stage.id == entry.stage);
            entry.next_at(stage.map_or(Silence::Wait, |stage| stage.silence))
        });
        let deletions =
            self.rounds.iter().filter_map(|r| r.disposal.as_ref().filter(|d| d.proof.is_none()).map(|d| d.due_at));
        review.into_iter().chain(self.answer_by).chain(deletions).min()
    }
}

impl Draft {
    fn note_withdrawal(&mut self, by: &Who, reason: Option<Reason>, at: Timestamp) {
        self.after.withdrawal = Some(Withdrawal { by: by.clone(), reason, asked_at: at });
    }
}
