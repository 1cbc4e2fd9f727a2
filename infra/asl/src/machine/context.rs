use serde_json::{Value, json};

use super::TaskToken;
use super::run::Run;
use crate::definition::{Kind, State};
use crate::evaluation::{Chance, Surroundings};
use crate::instant;

/// Set in the evaluation numbers of task parameters, which must come out the same when a task is asked for again.
const OF_TASK: u64 = 1 << 63;

impl Run {
    /// What expressions of `state` see now.
    pub(super) fn surroundings<'a>(&'a self, state: &'a State) -> Surroundings<'a> {
        self.around(state, None, self.count.total())
    }

    /// What the parameters of a task see; its token only if it waits for one.
    pub(super) fn task_surroundings<'a>(
        &'a self,
        state: &'a State,
        task: super::TaskId,
        token: Option<&'a TaskToken>,
    ) -> Surroundings<'a> {
        self.around(state, token, OF_TASK | task.0)
    }

    fn around<'a>(&'a self, state: &'a State, token: Option<&'a TaskToken>, evaluation: u64) -> Surroundings<'a> {
        let chance = Chance::new(&self.started.seed, evaluation);
        Surroundings::new(move || self.context(state, token), vec![&self.scope.variables], chance)
    }

    fn context(&self, state: &State, token: Option<&TaskToken>) -> Value {
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
        context
    }
}
