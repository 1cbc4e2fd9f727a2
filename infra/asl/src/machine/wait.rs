use jiff::Timestamp;
use serde_json::Value;

use super::run::{Flow, Run};
use super::scope::{Activity, after};
use super::turn::Turn;
use crate::definition::{Kind, Seconds, State, Until, Wait};
use crate::fault::Fault;
use crate::instant;
use crate::path::Path;

impl Run {
    /// Begins a wait.
    pub(super) fn wait(&mut self, state: &State, until: &Until, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let effective = self.effective(state)?;
        let at = self.until(state, until, &effective, turn.at)?;
        self.scope.activity = Activity::Waiting(self.set_timer(at, turn));
        Ok(Flow::Parked)
    }

    /// A wait is over.
    pub(super) fn waited(&mut self, turn: &mut Turn<'_>) -> Flow {
        self.scope.activity = Activity::Idle;
        let Some(state) = turn.definition.state(self.scope.state()) else { return Flow::Parked };
        let Kind::Wait(wait) = &state.kind else { return Flow::Parked };
        let left = self.leave_wait(state, wait, turn);
        left.unwrap_or_else(|fault| self.fault(fault, turn))
    }

    fn leave_wait(&mut self, state: &State, wait: &Wait, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let effective = self.effective(state)?;
        self.assign(state, wait.assign.as_ref(), &effective)?;
        self.leave_with(state, Some(effective), wait.then, turn)
    }

    fn until(&self, state: &State, until: &Until, input: &Value, now: Timestamp) -> Result<Timestamp, Fault> {
        let find = |path: &Path, field: &str| {
            let text = &path.text;
            let missing = || Fault::runtime(format!("The {field} parameter does not reference an input value: {text}"));
            self.surroundings(state).find(path, input).ok_or_else(missing)
        };
        match until {
            Until::Timestamp(at) => Ok(*at),
            Until::Seconds(Seconds::Fixed(seconds)) => Ok(after(now, *seconds)),
            Until::Seconds(Seconds::Path(path)) => Ok(after(now, seconds(path, &find(path, "SecondsPath")?)?)),
            Until::TimestampPath(path) => timestamp(path, &find(path, "TimestampPath")?),
        }
    }
}

fn seconds(path: &Path, value: &Value) -> Result<i64, Fault> {
    let text = &path.text;
    match value.as_i64() {
        Some(seconds) if seconds >= 0 => Ok(seconds),
        Some(_) => {
            Err(Fault::runtime(format!("The SecondsPath parameter references a negative value: {text} == {value}")))
        }
        None => Err(Fault::runtime(format!(
            "The SecondsPath parameter cannot be parsed as a long value: {text} == {value}"
        ))),
    }
}

fn timestamp(path: &Path, value: &Value) -> Result<Timestamp, Fault> {
    value.as_str().and_then(instant::parse).ok_or_else(|| {
        let text = &path.text;
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Fault::runtime(format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \
             {text} == {shown}"
        ))
    })
}
