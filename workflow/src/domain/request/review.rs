//! Review: people decide, time passes, and both are tallied.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NotMine, Request};
use crate::domain::audit::{Actor, Fact};
use crate::domain::calendar::Calendar;
use crate::domain::change::Change;
use crate::domain::decision::{Ballot, Decision};
use crate::domain::digest::Digest;
use crate::domain::id::RunNumber;
use crate::domain::outbox::{Letter, Recipient};
use crate::domain::permission::{MayComment, MayDecide, Moved, Refusal};
use crate::domain::policy::{Silence, Stage};
use crate::domain::span::Span;
use crate::domain::status::Happening;
use crate::domain::text::{Reason, StageId};
use crate::domain::verdict::{Tally, tally};

/// A round's stay at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageEntry {
    /// The stage.
    pub stage: StageId,
    /// Since when.
    pub entered_at: Timestamp,
    /// Whether its reviewers were told.
    pub notified: bool,
    /// When it has to be decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// When reviewers are reminded next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    /// How often they were.
    pub reminders: u32,
    /// When somebody is told that it is getting late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_at: Option<Timestamp>,
}

/// The workflow's wait for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The run that waits.
    pub run: RunNumber,
    /// When the state was entered.
    pub entered_at: Timestamp,
    /// Which attempt of the run it is: later waits have larger numbers.
    pub attempt: u64,
    /// The task token, sealed: it never leaves the server.
    pub token: String,
}

impl Waiting {
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.run, self.attempt) > (other.run, other.attempt)
    }
}

impl StageEntry {
    /// Opens a stage: its deadline, reminders and escalation are instants from now on.
    pub(super) fn open(request: &Request, index: usize, at: Timestamp) -> Option<Self> {
        let policy = request.policy()?;
        let stage = policy.stage(index)?;
        let calendar = policy.calendar();
        let deadline_at = stage.deadline.map(|span| calendar.after(at, span));
        let remind_at = stage.remind_every.map(|span| calendar.after(at, span));
        let escalate_at = stage.escalate_to.as_ref().and(match stage.silence {
            Silence::Wait => deadline_at,
            Silence::Expire => deadline_at.map(|deadline| late(&calendar, at, deadline, stage.remind_every)),
        });
        Some(Self {
            stage: stage.id.clone(),
            entered_at: at,
            notified: false,
            deadline_at,
            remind_at,
            reminders: 0,
            escalate_at,
        })
    }

    /// The next instant at which time asks for something.
    pub(super) fn next_at(&self, silence: Silence) -> Option<Timestamp> {
        let deadline = self.deadline_at.filter(|_| silence == Silence::Expire);
        [deadline, self.remind_at, self.escalate_at].into_iter().flatten().min()
    }
}

/// One reminder period before the deadline, but not before half of the time is over.
fn late(calendar: &Calendar, start: Timestamp, deadline: Timestamp, period: Option<Span>) -> Timestamp {
    let half = start.saturating_add(deadline.duration_since(start) / 2).unwrap_or(deadline);
    period.map_or(half, |period| calendar.before(deadline, period).max(half)).min(deadline)
}

impl Request {
    /// Records what a reviewer said.
    ///
    /// The permission says who and at which stage; the ballot says what was seen. A stage that has its result takes no
    /// more decisions.
    pub fn decide(&self, may: &MayDecide, ballot: Ballot, actor: Actor, at: Timestamp) -> Result<Change, Refusal> {
        let stage = self.require_unmoved(may.stage(), &ballot)?;
        if !matches!(tally(stage, ballot.round, &self.round().decisions), Tally::Open { .. }) {
            return Err(Refusal::StageClosed);
        }
        let characters = ballot.reason.as_ref().map_or(0, |reason| reason.as_str().trim().chars().count());
        if characters < usize::try_from(stage.reason_at_least).unwrap_or(usize::MAX) {
            return Err(Refusal::ReasonTooShort { least: stage.reason_at_least });
        }
        let mut draft = self.moved(&Happening::Decided)?;
        let decision = Decision { ballot, by: may.who().clone(), decided_at: at };
        draft.after.round_mut().decisions.push(decision.clone());
        draft.after.news += 1;
        Ok(draft.finish(actor, at, Fact::Decided { decision: Box::new(decision) }))
    }

    fn require_unmoved(&self, stage: usize, ballot: &Ballot) -> Result<&Stage, Refusal> {
        let stale = |moved| Refusal::Stale { moved };
        if ballot.round != self.round().number {
            return Err(stale(Moved::Round));
        }
        let current = self.policy().and_then(|policy| policy.stage(stage)).ok_or(stale(Moved::Stage))?;
        if ballot.stage != current.id {
            return Err(stale(Moved::Stage));
        }
        if self.round().manifest.as_ref().is_none_or(|manifest| manifest.digest != ballot.manifest) {
            return Err(stale(Moved::Manifest));
        }
        Ok(current)
    }

    /// Records that somebody said something. Nothing else changes.
    pub fn comment(
        &self,
        may: &MayComment,
        (text, call): (Reason, Option<Digest>),
        actor: Actor,
        at: Timestamp,
    ) -> Change {
        let mut draft = self.draft();
        if !self.is_of(may.who()) {
            let to = Recipient::Audience(crate::domain::policy::Audience::Requester);
            draft.tell(to, Letter::Commented { text: text.clone() });
        }
        draft.finish(actor, at, Fact::Commented { text, call })
    }

    /// Records that the reviewers of the current stage are being told; none if they were.
    pub fn notify_reviewers(&self, run: RunNumber, actor: Actor, at: Timestamp) -> Result<Option<Change>, NotMine> {
        self.require_run(run)?;
        let round = self.round().number;
        let Some(entry) = self.round().entry.as_ref().filter(|entry| !entry.notified && self.withdrawal.is_none())
        else {
            return Ok(None);
        };
        let stage = entry.stage.clone();
        let mut draft = self.draft();
        if let Some(entry) = draft.after.round_mut().entry.as_mut() {
            entry.notified = true;
        }
        draft.tell(Recipient::Reviewers(stage.clone()), Letter::ReviewWanted { stage: stage.clone(), round });
        Ok(Some(draft.finish(actor, at, Fact::ReviewersNotified { stage })))
    }

    /// Records the token of the workflow's wait, unless a newer wait is on record; then none.
    pub fn wait(&self, waiting: Waiting, actor: Actor, at: Timestamp) -> Result<Option<Change>, NotMine> {
        self.require_run(waiting.run)?;
        if self.waiting.as_ref().is_some_and(|held| !waiting.is_newer_than(held)) {
            return Ok(None);
        }
        let entered_at = waiting.entered_at;
        let mut draft = self.draft();
        draft.after.waiting = Some(waiting);
        Ok(Some(draft.finish(actor, at, Fact::WaitBegan { entered_at })))
    }
}
