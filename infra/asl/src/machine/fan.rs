//! Scopes inside a state: the branches of a `Parallel`, the items of a `Map`.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::enter::kind_names;
use super::history::details;
use super::run::{Flow, Run};
use super::scope::{Activity, Branching, Scope, Seedling};
use super::turn::Turn;
use super::{Effect, Outcome};
use crate::definition::{Fan, Kind, Limit, Split, State};
use crate::fault::Fault;
use crate::path::Path;

impl Run {
    /// Tries the current state again, after a delay.
    pub(super) fn again(&mut self, turn: &mut Turn<'_>) -> Flow {
        match turn.definition.state(self.scope.state()).map(|state| &state.kind) {
            Some(Kind::Map(_) | Kind::Parallel(_)) => self.fork(turn),
            _ => self.schedule(turn),
        }
    }

    /// Begins the scopes inside the current state.
    pub(super) fn fork(&mut self, turn: &mut Turn<'_>) -> Flow {
        self.scope.activity = Activity::Idle;
        let Some(state) = turn.definition.state(self.scope.state()) else { return Flow::Parked };
        let (Kind::Map(fan) | Kind::Parallel(fan)) = &state.kind else { return Flow::Parked };
        match self.split(state, fan) {
            Ok((seedlings, limit)) => self.begin(state, seedlings, limit, turn),
            Err(fault) => self.fault(fault, turn),
        }
    }

    fn begin(&mut self, state: &State, seedlings: Vec<Seedling>, limit: usize, turn: &mut Turn<'_>) -> Flow {
        let length = matches!(state.kind, Kind::Map(_)).then(|| Value::from(seedlings.len()));
        self.count.note(turn, &named(state, "Started"), || details([("length", length)]));
        let results = vec![None; seedlings.len()];
        let waiting: VecDeque<_> = seedlings.into_iter().enumerate().collect();
        let first = if limit == 0 { waiting.len() } else { limit.min(waiting.len()) };
        self.scope.activity = Activity::Branching(Branching { waiting, results, running: 0 });
        for _ in 0..first {
            self.begin_next(state, turn);
        }
        self.join_if_done(state, turn)
    }

    /// Begins the next scope that waits, if there is one.
    fn begin_next(&mut self, state: &State, turn: &mut Turn<'_>) {
        let Activity::Branching(branching) = &mut self.scope.activity else { return };
        let Some((position, seedling)) = branching.waiting.pop_front() else { return };
        branching.running += 1;
        let place = turn.definition.workflows.get(seedling.workflow).map_or(0, |workflow| workflow.start);
        let mut scope = Scope::new(self.scopes, seedling.workflow, turn.at);
        scope.parent = Some(self.scope.id);
        scope.position = position;
        scope.item = seedling.item;
        self.scopes += 1;
        if scope.item.is_some() {
            self.note_iteration(state, position, "Started", turn);
        }
        self.ready.push_back((scope.id, Flow::Enter(place, seedling.input)));
        self.others.insert(scope.id, scope);
    }

    fn note_iteration(&mut self, state: &State, position: usize, suffix: &str, turn: &mut Turn<'_>) {
        let about = || json!({"name": state.name, "index": position});
        self.count.note(turn, &format!("MapIteration{suffix}"), about);
    }

    /// The active scope, which is inside another, is over.
    pub(super) fn end_inner(&mut self, outcome: Outcome, turn: &mut Turn<'_>) -> Flow {
        let (id, position, is_item) = (self.scope.id, self.scope.position, self.scope.item.is_some());
        let Some(parent) = self.scope.parent else { return Flow::Parked };
        if !self.activate(parent) {
            return Flow::Parked;
        }
        self.others.remove(&id);
        let Some(state) = turn.definition.state(self.scope.state()) else { return Flow::Parked };
        if is_item {
            let suffix = if matches!(outcome, Outcome::Succeeded { .. }) { "Succeeded" } else { "Failed" };
            self.note_iteration(state, position, suffix, turn);
        }
        match outcome {
            Outcome::Succeeded { output } => {
                if let Activity::Branching(branching) = &mut self.scope.activity {
                    branching.running = branching.running.saturating_sub(1);
                    if let Some(result) = branching.results.get_mut(position) {
                        *result = Some(output);
                    }
                }
                self.begin_next(state, turn);
                self.join_if_done(state, turn)
            }
            Outcome::Failed { error, cause } => {
                self.abort_inner(self.scope.id, turn);
                self.recover(&Fault { error, cause, alias: None }, turn)
            }
            Outcome::TimedOut | Outcome::Aborted { .. } => Flow::Parked,
        }
    }

    fn join_if_done(&mut self, state: &State, turn: &mut Turn<'_>) -> Flow {
        let Activity::Branching(branching) = &mut self.scope.activity else { return Flow::Parked };
        if branching.running > 0 || !branching.waiting.is_empty() {
            return Flow::Parked;
        }
        let results: Value = std::mem::take(&mut branching.results).into_iter().flatten().collect();
        self.scope.activity = Activity::Idle;
        self.count.note(turn, &named(state, "Succeeded"), || json!({}));
        self.result(state, &results, turn).unwrap_or_else(|fault| self.fault(fault, turn))
    }

    /// Ends all scopes inside the scope `root`, innermost first.
    fn abort_inner(&mut self, root: u64, turn: &mut Turn<'_>) {
        let inner: Vec<_> =
            self.others.values().filter(|scope| scope.parent == Some(root)).map(|scope| scope.id).collect();
        for id in inner {
            self.abort_inner(id, turn);
            let Some(scope) = self.others.remove(&id) else { continue };
            let alarms = scope.activity.alarms().into_iter();
            turn.effects.extend(alarms.map(|alarm| Effect::ClearTimer { timer: alarm.timer }));
            if let Some(state) = turn.definition.state(scope.state()) {
                self.count.note(turn, &named(state, "Aborted"), || json!({}));
            }
            if let (true, Some(state)) = (scope.item.is_some(), turn.definition.state(self.scope.state())) {
                self.note_iteration(state, scope.position, "Aborted", turn);
            }
        }
    }

    /// Says in the history that a `Map` or `Parallel` has failed for good.
    pub(super) fn note_given_up(&mut self, state: &State, turn: &mut Turn<'_>) {
        if matches!(self.scope.activity, Activity::Branching(_)) {
            self.scope.activity = Activity::Idle;
            self.count.note(turn, &named(state, "Failed"), || json!({}));
        }
    }

    /// What is to run inside the state, and how much of it at once.
    fn split(&self, state: &State, fan: &Fan) -> Result<(Vec<Seedling>, usize), Fault> {
        let effective = self.effective(state)?;
        match &fan.split {
            Split::Branches { workflows, parameters } => {
                let input = match parameters {
                    Some(template) => template.fill(&effective, &self.surroundings(state))?,
                    None => effective,
                };
                let seedling = |workflow: &usize| Seedling { workflow: *workflow, input: input.clone(), item: None };
                Ok((workflows.iter().map(seedling).collect(), 0))
            }
            Split::Items { workflow, path, selector, limit } => {
                let limit = self.limit(state, limit, &effective)?;
                let mut seedlings = Vec::new();
                for (position, item) in self.items(state, path.as_ref(), &effective)?.into_iter().enumerate() {
                    let input = match selector {
                        Some(template) => {
                            template.fill(&effective, &self.item_surroundings(state, (position, &item)))?
                        }
                        None => item.clone(),
                    };
                    seedlings.push(Seedling { workflow: *workflow, input, item: Some(item) });
                }
                Ok((seedlings, limit))
            }
        }
    }

    fn items(&self, state: &State, path: Option<&Path>, effective: &Value) -> Result<Vec<Value>, Fault> {
        let text = path.map_or("$", |path| path.text.as_str());
        let found = match path {
            Some(path) => self.surroundings(state).find(path, effective),
            None => Some(effective.clone()),
        };
        match found {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(Fault::runtime(format!("Reference path \"{text}\" must point to array."))),
        }
    }

    fn limit(&self, state: &State, limit: &Limit, effective: &Value) -> Result<usize, Fault> {
        let path = match limit {
            Limit::Fixed(limit) => return Ok(usize::try_from(*limit).unwrap_or_default()),
            Limit::Path(path) => path,
        };
        let text = &path.text;
        let value = self.surroundings(state).find(path, effective).ok_or_else(|| {
            Fault::runtime(format!("The MaxConcurrencyPath field does not reference an input value: {text}"))
        })?;
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        shown.parse().map_err(|_| {
            Fault::runtime(format!(
                "The MaxConcurrencyPath field refers to value \"{shown}\" which is not a valid integer: {text}"
            ))
        })
    }
}

/// What the history calls something about a state of this type.
fn named(state: &State, suffix: &str) -> String {
    kind_names(&state.kind).0.replace("Entered", suffix)
}
