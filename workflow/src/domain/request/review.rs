//! Review: people decide, time passes, and both are tallied.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::Draft;
use super::{NotMine, Request};
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::decision::{Ballot, Decision};
use crate::domain::digest::Digest;
use crate::domain::id::RunNumber;
use crate::domain::outbox::{Letter, Recipient};
use crate::domain::permission::{MayComment, MayDecide, Moved, Refusal};
use crate::domain::policy::{Silence, Stage};
use crate::domain::status::{End, Happening, IllegalTransition, Status};
use crate::domain::text::{Reason, StageId};
use crate::domain::verdict::{Tally, Verdict, tally};

/// After so many tallies an execution is renewed: engines limit how long a history may grow.
const LAPS: u32 = 1_000;
/// After so many days an execution is renewed: AWS ends one after a year.
const DAYS: i64 = 300;
/// The longest wait in seconds that the definition's timeout can name.
const LONGEST_WAIT: i64 = 99_999_999;

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
    /// Counts the attempts at it.
    pub attempt: u64,
    /// The task token, sealed: it never leaves the server.
    pub token: String,
}

impl Waiting {
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.run, self.entered_at, self.attempt) > (other.run, other.entered_at, other.attempt)
    }
}

/// What a tally found: what the workflow does next, and the change that records it, if there is something to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What the workflow does next.
    pub verdict: Verdict,
    /// Seconds until time asks for the next tally.
    pub wait_for: u64,
    /// The change.
    pub change: Option<Change>,
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
            Silence::Expire => deadline_at.map(|deadline| late(at, deadline, remind_at)),
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
fn late(start: Timestamp, deadline: Timestamp, first_reminder: Option<Timestamp>) -> Timestamp {
    let whole = deadline.duration_since(start);
    let half = start.saturating_add(whole / 2).unwrap_or(deadline);
    let period = first_reminder.map_or(whole / 2, |first| first.duration_since(start));
    deadline.saturating_sub(period).unwrap_or(half).max(half).min(deadline)
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

    /// Tells whether people did something that no tally has seen.
    pub fn has_unseen_news(&self) -> bool {
        self.news > self.tallied
    }

    /// Says what the workflow does next, from the decisions, the policy and the time.
    ///
    /// A ruling without a change repeats what is on record, so that a tally may run twice.
    pub fn rule(&self, run: RunNumber, lap: u32, actor: Actor, at: Timestamp) -> Result<Ruling, NotMine> {
        self.require_run(run)?;
        match &self.status {
            Status::Releasing => Ok(Ruling::recorded(Verdict::Release)),
            Status::Released | Status::Revoked => Ok(Ruling::recorded(Verdict::Release)),
            Status::Rejecting { end } => Ok(Ruling::recorded(verdict_of(*end))),
            Status::Rejected => Ok(Ruling::recorded(Verdict::Reject)),
            Status::Returned => Ok(Ruling::recorded(Verdict::Return)),
            Status::Withdrawn => Ok(Ruling::recorded(Verdict::Withdraw)),
            Status::Expired => Ok(Ruling::recorded(Verdict::Expire)),
            _ if self.withdrawal.is_some() => Ok(self.end(End::Withdrawn, actor, at)?),
            Status::InReview { stage, .. } => Ok(self.rule_stage(*stage, lap, actor, at)?),
            other => Err(other
                .next(&Happening::StagePassed)
                .err()
                .map_or_else(|| crate::bug!("a status outside review lets a stage pass"), NotMine::Illegal)),
        }
    }

    fn rule_stage(&self, index: usize, lap: u32, actor: Actor, at: Timestamp) -> Result<Ruling, IllegalTransition> {
        let (Some(policy), Some(entry)) = (self.policy(), &self.round().entry) else {
            crate::bug!("request {} is in review without a policy or a stage", self.id)
        };
        let Some(stage) = policy.stage(index) else {
            crate::bug!("request {} is at a stage that its policy does not have", self.id)
        };
        match tally(stage, self.round().number, &self.round().decisions) {
            Tally::Rejected => self.end(End::Rejected, actor, at),
            Tally::Returned => self.end(End::Returned, actor, at),
            Tally::Passed if index + 1 == policy.stages.len() => self.approve(stage, actor, at),
            Tally::Passed => self.pass(stage, index + 1, actor, at),
            Tally::Open { .. } if is_due(entry.deadline_at, at) && stage.silence == Silence::Expire => {
                self.end(End::Expired, actor, at)
            }
            Tally::Open { .. } => Ok(self.go_on(stage, lap, actor, at)),
        }
    }

    fn approve(&self, stage: &Stage, actor: Actor, at: Timestamp) -> Result<Ruling, IllegalTransition> {
        let mut draft = self.moved(&Happening::Approved)?;
        draft.see_news();
        draft.after.waiting = None;
        draft.after.round_mut().entry = None;
        let change = draft.finish(actor, at, Fact::Approved { stage: stage.id.clone() });
        Ok(Ruling { verdict: Verdict::Release, wait_for: 1, change: Some(change) })
    }

    fn pass(&self, stage: &Stage, next: usize, actor: Actor, at: Timestamp) -> Result<Ruling, IllegalTransition> {
        let mut draft = self.moved(&Happening::StagePassed)?;
        draft.see_news();
        let entry = StageEntry::open(&draft.after, next, at);
        draft.after.round_mut().entry = entry;
        let change = draft.finish(actor, at, Fact::StagePassed { stage: stage.id.clone() });
        Ok(Ruling { verdict: Verdict::Review, wait_for: change.after().seconds_to_wait(at), change: Some(change) })
    }

    fn end(&self, end: End, actor: Actor, at: Timestamp) -> Result<Ruling, IllegalTransition> {
        let mut draft = self.moved(&Happening::Ending(end))?;
        draft.see_news();
        draft.after.waiting = None;
        draft.after.round_mut().entry = None;
        let reason = self.withdrawal.as_ref().filter(|_| end == End::Withdrawn).and_then(|w| w.reason.clone());
        let change = draft.finish(actor, at, Fact::Ending { end, reason });
        Ok(Ruling { verdict: verdict_of(end), wait_for: 1, change: Some(change) })
    }

    /// The stage stays open: an old execution is renewed; who is due to be reminded or told is; news is marked as seen.
    fn go_on(&self, stage: &Stage, lap: u32, actor: Actor, at: Timestamp) -> Ruling {
        let entry = self.round().entry.as_ref();
        if lap >= LAPS || at.duration_since(self.run_began_at).as_hours() >= DAYS * 24 {
            let mut draft = self.draft();
            let run = draft.begin_run();
            let change = draft.finish(actor, at, Fact::Renewed { run });
            return Ruling { verdict: Verdict::Renew, wait_for: 1, change: Some(change) };
        }
        let change = if entry.is_some_and(|e| is_due(e.escalate_at, at)) {
            Some(self.escalate(stage, actor, at))
        } else if entry.is_some_and(|e| is_due(e.remind_at, at)) {
            Some(self.remind(stage, actor, at))
        } else {
            self.note_news(stage, actor, at)
        };
        let after = change.as_ref().map_or(self, |change| change.after());
        Ruling { verdict: Verdict::Review, wait_for: after.seconds_to_wait(at), change }
    }

    fn note_news(&self, stage: &Stage, actor: Actor, at: Timestamp) -> Option<Change> {
        self.has_unseen_news().then(|| {
            let mut draft = self.draft();
            draft.see_news();
            draft.finish(actor, at, Fact::Tallied { stage: stage.id.clone() })
        })
    }

    fn remind(&self, stage: &Stage, actor: Actor, at: Timestamp) -> Change {
        let round = self.round().number;
        let mut draft = self.draft();
        draft.see_news();
        let next_at = self.policy().zip(stage.remind_every).map(|(policy, span)| policy.calendar().after(at, span));
        let mut count = 1;
        if let Some(entry) = draft.after.round_mut().entry.as_mut() {
            entry.reminders += 1;
            entry.remind_at = next_at;
            count = entry.reminders;
        }
        let stage = stage.id.clone();
        draft.tell(Recipient::Reviewers(stage.clone()), Letter::Reminder { stage: stage.clone(), round, count });
        draft.finish(actor, at, Fact::Reminded { stage, count })
    }

    fn escalate(&self, stage: &Stage, actor: Actor, at: Timestamp) -> Change {
        let round = self.round().number;
        let mut draft = self.draft();
        draft.see_news();
        if let Some(entry) = draft.after.round_mut().entry.as_mut() {
            entry.escalate_at = None;
        }
        if let Some(audience) = stage.escalate_to.clone() {
            draft.tell(Recipient::Audience(audience), Letter::Escalation { stage: stage.id.clone(), round });
        }
        draft.finish(actor, at, Fact::Escalated { stage: stage.id.clone() })
    }

    /// Seconds until time asks for the next tally of a request in review.
    pub fn seconds_to_wait(&self, now: Timestamp) -> u64 {
        let seconds = self.due_at.map_or(LONGEST_WAIT, |due| {
            let gap = due.duration_since(now);
            gap.as_secs() + i64::from(gap.subsec_nanos() > 0)
        });
        u64::try_from(seconds.clamp(1, LONGEST_WAIT)).unwrap_or(1)
    }

    /// Moves every instant at which time asks for something, because nobody was there to watch the clock.
    pub fn extend_deadlines(&self, seconds: u64, actor: Actor, at: Timestamp) -> Change {
        let mut draft = self.draft();
        let by = jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
        let shift = |instant: &mut Option<Timestamp>| {
            *instant = instant.map(|i| i.saturating_add(by).unwrap_or(Timestamp::MAX));
        };
        if let Some(entry) = draft.after.round_mut().entry.as_mut() {
            shift(&mut entry.deadline_at);
            shift(&mut entry.remind_at);
            shift(&mut entry.escalate_at);
        }
        shift(&mut draft.after.answer_by);
        draft.finish(actor, at, Fact::DeadlinesExtended { seconds })
    }
}

impl Ruling {
    fn recorded(verdict: Verdict) -> Self {
        Self { verdict, wait_for: 1, change: None }
    }
}

impl Draft {
    fn see_news(&mut self) {
        self.after.tallied = self.after.news;
    }
}

fn verdict_of(end: End) -> Verdict {
    match end {
        End::Rejected => Verdict::Reject,
        End::Returned => Verdict::Return,
        End::Withdrawn => Verdict::Withdraw,
        End::Expired => Verdict::Expire,
    }
}

fn is_due(instant: Option<Timestamp>, now: Timestamp) -> bool {
    instant.is_some_and(|instant| instant <= now)
}
