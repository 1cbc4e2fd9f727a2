use serde_json::Value;

use super::Outcome;
use super::history::{EVENTS_MAX, details};
use super::payload::merge;
use super::run::{Flow, Run};
use super::turn::Turn;
use crate::definition::{Choice, Fail, Kind, Pass, Reason, State, Then};
use crate::fault::{Fault, error_name};
use crate::template::Template;

impl Run {
    /// Enters a state and works on it as far as that goes without the world outside.
    pub(super) fn enter(&mut self, place: usize, input: Value, turn: &mut Turn<'_>) -> Flow {
        if self.count.total() >= EVENTS_MAX {
            return too_many_events();
        }
        let definition = turn.definition;
        let Some(state) = definition.state((self.scope.workflow, place)) else { return Flow::Parked };
        let entered = kind_names(&state.kind).0;
        let entered_event = self.count.note(turn, entered, || about(state, "input", &input));
        self.scope.enter(place, input, (turn.at, entered_event));
        let worked = match &state.kind {
            Kind::Task(_) => return self.schedule(turn),
            Kind::Map(_) | Kind::Parallel(_) => return self.fork(turn),
            Kind::Choice(choice) => self.choose(state, choice, turn),
            Kind::Pass(pass) => self.pass(state, pass, turn),
            Kind::Wait(wait) => self.wait(state, &wait.until, turn),
            Kind::Succeed => self.leave_with(state, None, Then::End, turn),
            Kind::Fail(fail) => self.fail_state(state, fail),
        };
        worked.unwrap_or_else(|fault| self.fault(fault, turn))
    }

    /// An error of the state's own.
    pub(super) fn fault(&mut self, fault: Fault, turn: &mut Turn<'_>) -> Flow {
        let name = turn.definition.state(self.scope.state()).map_or("", |state| state.name.as_str());
        let fault = fault.while_executing(name, self.scope.entered_event);
        self.recover(&fault, turn)
    }

    fn choose(&mut self, state: &State, choice: &Choice, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let effective = self.effective(state)?;
        let around = self.surroundings(state);
        let mut next = choice.default.map(|default| (default, choice.assign.as_ref()));
        for rule in &choice.rules {
            if rule.condition.holds(&effective, &around)? {
                next = Some((rule.next, rule.assign.as_ref()));
                break;
            }
        }
        drop(around);
        let (next, assign) = next.ok_or_else(|| {
            Fault::new(error_name::NO_CHOICE_MATCHED, "No choice rule matched, and there is no Default.")
        })?;
        self.assign(state, assign, &effective)?;
        self.leave_with(state, Some(effective), Then::State(next), turn)
    }

    fn pass(&mut self, state: &State, pass: &Pass, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let effective = self.effective(state)?;
        let result = match (&pass.result, &pass.parameters) {
            (Some(result), _) => result.clone(),
            (None, Some(parameters)) => parameters.fill(&effective, &self.surroundings(state))?,
            (None, None) => effective,
        };
        self.assign(state, pass.assign.as_ref(), &result)?;
        let document = merge(&pass.result_path, &self.scope.input, result)?;
        self.leave_with(state, Some(document), pass.then, turn)
    }

    fn fail_state(&self, state: &State, fail: &Fail) -> Result<Flow, Fault> {
        let around = self.surroundings(state);
        let resolve = |reason: &Reason, field: &str| match reason {
            Reason::None => Ok(None),
            Reason::Text(text) => Ok(Some(text.clone())),
            Reason::From(expression) => match expression.evaluate(field, &self.scope.input, &around)? {
                Value::String(text) => Ok(Some(text)),
                _ => Err(Fault::runtime(format!("The {field} parameter does not reference a string"))),
            },
        };
        let error = resolve(&fail.error, "ErrorPath")?;
        let cause = resolve(&fail.cause, "CausePath")?;
        Ok(Flow::Over(Outcome::Failed { error, cause }))
    }

    /// Computes what the state assigns. All of the state still sees the variables as they were.
    pub(super) fn assign(&mut self, state: &State, assign: Option<&Template>, document: &Value) -> Result<(), Fault> {
        let Some(template) = assign else { return Ok(()) };
        let assigned = template.fill(document, &self.surroundings(state))?;
        if let Value::Object(assigned) = assigned {
            self.scope.assigned = assigned;
        }
        Ok(())
    }

    /// Leaves the state with `document`, or with its effective input.
    pub(super) fn leave_with(
        &mut self,
        state: &State,
        document: Option<Value>,
        then: Then,
        turn: &mut Turn<'_>,
    ) -> Result<Flow, Fault> {
        let document = document.map_or_else(|| self.effective(state), Ok)?;
        let output = self.output(state, &document)?;
        Ok(self.leave(state, output, then, turn))
    }

    /// Leaves the state with this output.
    pub(super) fn leave(&mut self, state: &State, output: Value, then: Then, turn: &mut Turn<'_>) -> Flow {
        let assigned = std::mem::take(&mut self.scope.assigned);
        self.count.note(turn, kind_names(&state.kind).1, || {
            let mut about = about(state, "output", &output);
            if let (false, Some(map)) = (assigned.is_empty(), about.as_object_mut()) {
                map.insert("assignedVariables".to_owned(), Value::Object(assigned.clone()));
                map.insert("assignedVariablesDetails".to_owned(), serde_json::json!({"truncated": false}));
            }
            about
        });
        self.scope.variables.extend(assigned);
        match then {
            Then::State(place) => Flow::Enter(place, output),
            Then::End => Flow::Over(Outcome::Succeeded { output }),
        }
    }
}

pub(super) fn too_many_events() -> Flow {
    let cause = format!("The execution reached the maximum number of history events ({EVENTS_MAX}).");
    Flow::Over(Outcome::Failed { error: Some(error_name::RUNTIME.to_owned()), cause: Some(cause) })
}

fn about(state: &State, direction: &str, payload: &Value) -> Value {
    details([("name", Some(Value::from(state.name.as_str()))), (direction, Some(payload.clone()))])
}

/// What the history calls the entry and the exit.
pub(super) fn kind_names(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Task(_) => ("TaskStateEntered", "TaskStateExited"),
        Kind::Choice(_) => ("ChoiceStateEntered", "ChoiceStateExited"),
        Kind::Pass(_) => ("PassStateEntered", "PassStateExited"),
        Kind::Wait(_) => ("WaitStateEntered", "WaitStateExited"),
        Kind::Map(_) => ("MapStateEntered", "MapStateExited"),
        Kind::Parallel(_) => ("ParallelStateEntered", "ParallelStateExited"),
        Kind::Succeed => ("SucceedStateEntered", "SucceedStateExited"),
        Kind::Fail(_) => ("FailStateEntered", "FailStateExited"),
    }
}
