use serde_json::{Value, json};

use super::TaskToken;
use super::run::Run;
use super::scope::Scope;
use crate::definition::{Kind, State};
use crate::evaluation::{Chance, Surroundings};
use crate::instant;

/// Set in the evaluation numbers of task parameters, which must come out the same when a task is asked for again.
const OF_TASK: u64 = 1 << 63;

/// Set in those of the items of a `Map`.
const OF_ITEM: u64 = 1 << 62;

impl Run {
    /// What expressions of `state` see now.
    pub(super) fn surroundings<'a>(&'a self, state: &'a State) -> Surroundings<'a> {
        self.around(state, None, (self.count.total(), self.item()))
    }

    /// What the selector of a `Map` sees for one item.
    pub(super) fn item_surroundings<'a>(&'a self, state: &'a State, item: (usize, &'a Value)) -> Surroundings<'a> {
        let position = u64::try_from(item.0).unwrap_or_default();
        self.around(state, None, (OF_ITEM | position << 32 | self.count.total(), Some(item)))
    }

    /// What the parameters of a task see, and its token.
    pub(super) fn task_surroundings<'a>(
        &'a self,
        state: &'a State,
        task: super::TaskId,
        token: Option<&'a TaskToken>,
    ) -> Surroundings<'a> {
        self.around(state, token, (OF_TASK | task.0, self.item()))
    }

    fn around<'a>(
        &'a self,
        state: &'a State,
        token: Option<&'a TaskToken>,
        (evaluation, item): (u64, Option<(usize, &'a Value)>),
    ) -> Surroundings<'a> {
        let chance = Chance::new(&self.started.seed, evaluation);
        let variables = self.lineage().map(|scope| &scope.variables).collect();
        Surroundings::new(move || self.context(state, token, item), variables, chance)
    }

    /// The active scope and those that it is inside of, innermost first.
    fn lineage(&self) -> impl Iterator<Item = &Scope> {
        std::iter::successors(Some(&self.scope), |scope| self.others.get(&scope.parent?))
    }

    /// The item of the innermost `Map` around the active scope.
    fn item(&self) -> Option<(usize, &Value)> {
        self.lineage().find_map(|scope| Some((scope.position, scope.item.as_ref()?)))
    }

    fn context(&self, state: &State, token: Option<&TaskToken>, item: Option<(usize, &Value)>) -> Value {
        let started = &self.started;
        let mut context = json!({
            "Execution": {
                "Id": started.execution.id,
                "Input": started.input,
                "Name": started.execution.name,
                "RedriveCount": 0,
                "RoleArn": started.role,
                "StartTime": instant::show(started.at),
            },
            "State": {
                "EnteredTime": instant::show(self.scope.entered_at),
                "Name": state.name,
            },
            "StateMachine": {"Id": started.state_machine.id, "Name": started.state_machine.name},
        });
        if let (Kind::Task(_), Some(about)) = (&state.kind, context.get_mut("State").and_then(Value::as_object_mut)) {
            about.insert("RetryCount".to_owned(), Value::from(self.scope.retry_count));
        }
        if let (Some(token), Some(map)) = (token, context.as_object_mut()) {
            map.insert("Task".to_owned(), json!({"Token": token.reveal()}));
        }
        if let (Some((position, value)), Some(map)) = (item, context.as_object_mut()) {
            map.insert("Map".to_owned(), json!({"Item": {"Index": position, "Value": value}}));
        }
        context
    }
}
