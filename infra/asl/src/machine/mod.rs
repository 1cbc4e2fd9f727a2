//! The machine: events in, effects out. It does nothing itself and knows no clock.

mod context;
mod effect;
mod enter;
mod event;
mod fail;
mod fan;
mod history;
mod payload;
mod run;
mod scope;
mod task;
#[cfg(test)]
mod tests;
mod turn;
mod wait;

use std::sync::Arc;

pub use effect::{Effect, Invocation, Outcome, TaskToken};
pub use event::{Event, Identity, IllegalEvent, Phase, Started, TaskId, TimerId};
pub use history::HistoryEvent;
use run::Run;
use turn::Turn;

use crate::definition::Definition;

/// One execution of a definition.
///
/// A caller journals each event, applies it, and performs the effects. Whether an event still matters is asked with
/// [`Machine::awaits`]: one that came too late (the task timed out, another attempt is under way, the execution is
/// over) is *spent*: it need not be journalled, and applying it changes nothing. An event that cannot have happened
/// at all is an [`IllegalEvent`].
#[derive(Debug, Clone)]
pub struct Machine {
    definition: Arc<Definition>,
    run: Option<Box<Run>>,
    record: Option<Vec<HistoryEvent>>,
}

impl Machine {
    /// An execution that has not started: it waits for [`Event::Started`].
    pub fn new(definition: Arc<Definition>) -> Self {
        Self { definition, run: None, record: None }
    }

    /// As [`Machine::new`], keeping a history in memory; for tests and for showing one execution.
    pub fn recording(definition: Arc<Definition>) -> Self {
        Self { definition, run: None, record: Some(Vec::new()) }
    }

    /// Rebuilds an execution from its journal; [`Machine::outstanding`] says what is still to be done.
    ///
    /// # Errors
    /// The first event that cannot have happened.
    pub fn replay<'a>(
        definition: Arc<Definition>,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, IllegalEvent> {
        let mut machine = Self::new(definition);
        for event in events {
            machine.apply(event)?;
        }
        Ok(machine)
    }

    /// Takes in one event and says what is to be done about it; nothing if the event is spent.
    ///
    /// # Errors
    /// An event that cannot have happened; the machine is then as it was.
    pub fn apply(&mut self, event: &Event) -> Result<Vec<Effect>, IllegalEvent> {
        let mut turn =
            Turn { definition: &self.definition, at: event.at(), effects: Vec::new(), record: self.record.as_mut() };
        match (&mut self.run, event) {
            (None, Event::Started(started)) => self.run = Some(Box::new(Run::start(started, &mut turn))),
            (None, _) => return Err(IllegalEvent::NotStarted),
            (Some(run), event) => {
                run.check(event)?;
                run.apply(event, &mut turn);
            }
        }
        Ok(turn.effects)
    }

    /// Whether applying `event` would change anything. False for what is spent, and for what cannot have happened.
    pub fn awaits(&self, event: &Event) -> bool {
        match &self.run {
            None => matches!(event, Event::Started(_)),
            Some(run) => run.awaits(event),
        }
    }

    /// What has to be done (again) after a restart: all effects that were asked for and are not answered.
    pub fn outstanding(&self) -> Vec<Effect> {
        self.run.as_ref().map_or_else(Vec::new, |run| run.outstanding(&self.definition))
    }

    /// How the execution ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.run.as_ref()?.outcome.as_ref()
    }

    /// The state that the execution is in; none before it starts and after it ends.
    pub fn current_state(&self) -> Option<&str> {
        let run = self.run.as_ref().filter(|run| run.outcome.is_none())?;
        let root = run.all_scopes().find(|scope| scope.parent.is_none())?;
        Some(self.definition.state(root.state())?.name.as_str())
    }

    /// The task that a token would end now; none if the token is spent or not of this execution.
    pub fn task_of(&self, token: &str) -> Option<TaskId> {
        self.run.as_ref()?.task_of(token)
    }

    /// The tokens that would end a task now: what is waited for from outside.
    pub fn tokens(&self) -> Vec<TaskToken> {
        self.run.as_ref().map_or_else(Vec::new, |run| run.tokens(&self.definition))
    }

    /// What Step Functions' history would say; empty unless made by [`Machine::recording`].
    pub fn history(&self) -> &[HistoryEvent] {
        self.record.as_deref().unwrap_or_default()
    }
}
