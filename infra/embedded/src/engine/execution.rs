//! One execution in memory: its machine, and where its journal ends.

use std::sync::Arc;

use infra_asl::{Effect, Event, Invocation, Machine, Outcome, TaskToken, TimerId};
use jiff::{SignedDuration, Timestamp};
use workflow::domain::id::ExecutionName;

use super::Core;

/// One execution. Whoever holds its lock decides what happens next to it.
pub(super) struct Execution {
    name: ExecutionName,
    machine: Machine,
    /// Its number in the database; none before it has begun.
    number: Option<i64>,
    /// How many events its journal has.
    events: i64,
    /// When the last of them happened.
    last_at: Timestamp,
    timers: Vec<(TimerId, Timestamp)>,
    tokens: Vec<Arc<str>>,
}

impl Execution {
    /// One that has not begun.
    pub(super) fn new(name: ExecutionName, machine: Machine) -> Self {
        Self { name, machine, number: None, events: 0, last_at: Timestamp::MIN, timers: Vec::new(), tokens: Vec::new() }
    }

    /// One that was replayed from its journal.
    pub(super) fn replayed(
        name: ExecutionName,
        machine: Machine,
        (number, events, last_at): (i64, i64, Timestamp),
    ) -> Self {
        Self { number: Some(number), events, last_at, ..Self::new(name, machine) }
    }

    pub(super) fn name(&self) -> ExecutionName {
        self.name
    }

    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(super) fn has_begun(&self) -> bool {
        self.number.is_some()
    }

    /// Its number, and the number of the event that comes next.
    pub(super) fn place(&self) -> Option<(i64, i64)> {
        self.number.map(|number| (number, self.events))
    }

    /// When something happens that the clock says happens now: later than all before, whatever the clock did. No two
    /// events share a millisecond, which is what the definition sees of time: so a state that is entered later can be
    /// told from the one before.
    pub(super) fn instant(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX))
    }

    /// Takes note of its number: its first event is durable.
    pub(super) fn has_number(&mut self, number: i64) {
        self.number = Some(number);
        self.events = 1;
    }

    /// Takes note that one more event is durable.
    pub(super) fn has_journalled(&mut self) {
        self.events += 1;
    }

    /// Lets the machine take in an event; none if it is spent. What cannot have happened is a bug, and changes nothing.
    pub(super) fn apply(&mut self, event: &Event) -> Option<Vec<Effect>> {
        if !self.machine.awaits(event) {
            return None;
        }
        match self.machine.apply(event) {
            Ok(effects) => {
                self.last_at = event.at();
                Some(effects)
            }
            Err(illegal) => {
                tracing::error!(execution = %self.name, %illegal, "an event that cannot have happened: this is a bug");
                None
            }
        }
    }

    /// Keeps the engine's timers and tokens in step with what the machine asked for.
    pub(super) fn note(&mut self, core: &Core, effects: &[Effect]) {
        // Timers are the clock's business: what the events are ahead of it does not put them off.
        let ahead = self.last_at.duration_since(core.clock.now()).max(SignedDuration::ZERO);
        for effect in effects {
            match effect {
                Effect::SetTimer { timer, at } => {
                    let at = at.saturating_sub(ahead).unwrap_or(*at);
                    self.timers.push((*timer, at));
                    core.timers.set(at, self.name, *timer);
                }
                Effect::ClearTimer { timer } => self.clear(core, |set| set == *timer),
                Effect::Finish(_) => self.clear(core, |_| true),
                Effect::Invoke(invocation) => {
                    if let Some(token) = &invocation.token {
                        self.note_token(core, token);
                    }
                }
            }
        }
        self.forget_spent_tokens(core);
    }

    /// A timer that has fired is in no list any more.
    pub(super) fn has_fired(&mut self, timer: TimerId) {
        self.timers.retain(|(set, _)| *set != timer);
    }

    fn clear(&mut self, core: &Core, is_meant: impl Fn(TimerId) -> bool) {
        let name = self.name;
        self.timers.retain(|(timer, at)| {
            let is_meant = is_meant(*timer);
            if is_meant {
                core.timers.clear(*at, name, *timer);
            }
            !is_meant
        });
    }

    /// Lets whoever holds a token find its execution.
    pub(super) fn note_token(&mut self, core: &Core, token: &TaskToken) {
        let token: Arc<str> = token.reveal().into();
        core.tokens().insert(Arc::clone(&token), self.name);
        self.tokens.push(token);
    }

    fn forget_spent_tokens(&mut self, core: &Core) {
        let machine = &self.machine;
        self.tokens.retain(|token| {
            let is_open = machine.task_of(token).is_some();
            if !is_open {
                core.tokens().remove(token);
            }
            is_open
        });
    }
}

/// The steps that are asked for: one, unless branches run side by side.
pub(super) fn invocations_of(effects: Vec<Effect>) -> Vec<Invocation> {
    let invocations = effects.into_iter().filter_map(|effect| match effect {
        Effect::Invoke(invocation) => Some(*invocation),
        Effect::SetTimer { .. } | Effect::ClearTimer { .. } | Effect::Finish(_) => None,
    });
    invocations.collect()
}

/// How the execution ended, if it did.
pub(super) fn outcome_of(effects: &[Effect]) -> Option<&Outcome> {
    effects.iter().find_map(|effect| match effect {
        Effect::Finish(outcome) => Some(outcome),
        Effect::SetTimer { .. } | Effect::ClearTimer { .. } | Effect::Invoke(_) => None,
    })
}
