//! Rulings: decisions, policy and time together say what the workflow does next.

use jiff::Timestamp;

use super::change::Draft;
use super::{NotMine, Request};
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::id::RunNumber;
use crate::domain::outbox::{Letter, Recipient};
use crate::domain::policy::{Silence, Stage};
use crate::domain::request::StageEntry;
use crate::domain::span::{Span, Unit};
use crate::domain::status::{End, Happening, IllegalTransition, Status};
use crate::domain::verdict::{Tally, Verdict, tally};

/// After so many tallies an execution is renewed: engines limit how long a history may grow.
const LAPS: u32 = 1_000;
/// After so many days an execution is renewed: AWS ends one after a year.
const DAYS: i64 = 300;
/// The longest wait in seconds that the definition's timeout can name.
const LONGEST_WAIT: i64 = 99_999_999;

/// The longest wait in seconds while deadlines are held: an operator may let them pass again at any time.
const LONGEST_HELD_WAIT: i64 = 3_600;

/// The instant of a tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Whether deadlines are held: then time alone brings nothing about.
    pub is_held: bool,
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

impl Request {
    /// Tells whether people did something that no tally has seen.
    pub fn has_unseen_news(&self) -> bool {
        self.news > self.tallied
    }

    /// Says what the workflow does next, from the decisions, the policy and the time.
    ///
    /// A ruling without a change repeats what is on record, so that a tally may run twice.
    pub fn rule(&self, run: RunNumber, lap: u32, actor: Actor, moment: impl Into<Moment>) -> Result<Ruling, NotMine> {
        let moment = moment.into();
        self.require_run(run)?;
        match &self.status {
            Status::Releasing => Ok(Ruling::recorded(Verdict::Release)),
            Status::Released | Status::Revoked => Ok(Ruling::recorded(Verdict::Release)),
            Status::Rejecting { end } => Ok(Ruling::recorded(verdict_of(*end))),
            Status::Rejected => Ok(Ruling::recorded(Verdict::Reject)),
            Status::Returned => Ok(Ruling::recorded(Verdict::Return)),
            Status::Withdrawn => Ok(Ruling::recorded(Verdict::Withdraw)),
            Status::Expired => Ok(Ruling::recorded(Verdict::Expire)),
            _ if self.withdrawal.is_some() => Ok(self.end(End::Withdrawn, actor, moment.at)?),
            Status::InReview { stage, .. } => Ok(self.rule_stage(*stage, lap, actor, moment)?),
            other => Err(other
                .next(&Happening::StagePassed)
                .err()
                .map_or_else(|| crate::bug!("a status outside review lets a stage pass"), NotMine::Illegal)),
        }
    }

    fn rule_stage(&self, index: usize, lap: u32, actor: Actor, moment: Moment) -> Result<Ruling, IllegalTransition> {
        let at = moment.at;
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
            Tally::Open { .. } if moment.is_due(entry.deadline_at) && stage.silence == Silence::Expire => {
                self.end(End::Expired, actor, at)
            }
            Tally::Open { .. } => Ok(self.go_on(stage, lap, actor, moment)),
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
    fn go_on(&self, stage: &Stage, lap: u32, actor: Actor, moment: Moment) -> Ruling {
        let at = moment.at;
        let entry = self.round().entry.as_ref();
        if lap >= LAPS || at.duration_since(self.run_began_at).as_hours() >= DAYS * 24 {
            let mut draft = self.draft();
            let run = draft.begin_run();
            let change = draft.finish(actor, at, Fact::Renewed { run });
            return Ruling { verdict: Verdict::Renew, wait_for: 1, change: Some(change) };
        }
        let change = if entry.is_some_and(|e| moment.is_due(e.escalate_at)) {
            Some(self.escalate(stage, actor, at))
        } else if entry.is_some_and(|e| moment.is_due(e.remind_at)) {
            Some(self.remind(stage, actor, at))
        } else {
            self.note_news(stage, actor, at)
        };
        let after = change.as_ref().map_or(self, |change| change.after());
        Ruling { verdict: Verdict::Review, wait_for: moment.bound(after.seconds_to_wait(at)), change }
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
        draft.avoid_days_off();
        shift(&mut draft.after.answer_by);
        draft.finish(actor, at, Fact::DeadlinesExtended { seconds })
    }

    /// Gives people the time back for which deadlines were held since an instant; a deadline in working days does not
    /// come to lie on a day off. None if it was given back already, or if no deadline passed meanwhile.
    pub fn give_time_back(&self, held_since: Timestamp, actor: Actor, at: Timestamp) -> Option<Change> {
        if self.extended_for == Some(held_since) || (self.round().entry.is_none() && self.answer_by.is_none()) {
            return None;
        }
        // Who was asked while deadlines were held was asked by the clock of then.
        let from = self.round().entry.as_ref().map_or(held_since, |entry| entry.entered_at.max(held_since));
        let seconds = u64::try_from(at.duration_since(from).as_secs()).ok().filter(|seconds| *seconds > 0)?;
        let mut extended = self.clone();
        extended.extended_for = Some(held_since);
        Some(extended.extend_deadlines(seconds, actor, at))
    }
}

impl Ruling {
    fn recorded(verdict: Verdict) -> Self {
        Self { verdict, wait_for: 1, change: None }
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { at, is_held: false }
    }
}

impl Moment {
    fn is_due(&self, instant: Option<Timestamp>) -> bool {
        !self.is_held && instant.is_some_and(|instant| instant <= self.at)
    }

    /// Seconds to wait, where nothing that is due can be the reason to wait for a second only.
    fn bound(&self, seconds: u64) -> u64 {
        if self.is_held { LONGEST_HELD_WAIT.unsigned_abs() } else { seconds }
    }
}

impl Draft {
    /// Moves what the policy counts in working days from a day off to the next working day.
    fn avoid_days_off(&mut self) {
        let Some(policy) = self.after.policy.clone() else { return };
        let Some(entry) = self.after.round_mut().entry.as_mut() else { return };
        let Some(stage) = policy.stages.iter().find(|stage| stage.id == entry.stage) else { return };
        let calendar = policy.calendar();
        let settle = |instant: &mut Option<Timestamp>, span: Option<Span>| {
            if span.is_some_and(|span| span.unit == Unit::WorkingDay) {
                *instant = instant.map(|at| calendar.on_working_day(at));
            }
        };
        settle(&mut entry.deadline_at, stage.deadline);
        settle(&mut entry.remind_at, stage.remind_every);
        settle(&mut entry.escalate_at, stage.deadline);
    }

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
