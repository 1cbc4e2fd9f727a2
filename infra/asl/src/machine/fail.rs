use jiff::SignedDuration;
use serde_json::Value;

use super::Outcome;
use super::history::details;
use super::payload::merge;
use super::run::{Flow, Run};
use super::scope::{Activity, later};
use super::turn::Turn;
use crate::definition::{Catcher, Retrier, State, Then, applies};
use crate::evaluation::Chance;
use crate::fault::Fault;

impl Run {
    /// Tries again, goes where a `Catch` leads, or ends the execution.
    pub(super) fn recover(&mut self, fault: &Fault, turn: &mut Turn<'_>) -> Flow {
        self.scope.assigned.clear();
        let Some(state) = turn.definition.state(self.scope.state()) else { return Flow::Parked };
        if let Some(outlet) = state.outlet() {
            if let Some(delay) = self.retry(outlet.retry, fault) {
                let alarm = self.set_timer(later(turn.at, delay), turn);
                self.scope.activity = Activity::BackingOff(alarm);
                return Flow::Parked;
            }
            self.note_given_up(state, turn);
            if let Some(flow) = self.catch(state, outlet.catch, fault, turn) {
                return flow;
            }
        }
        Flow::Over(Outcome::Failed { error: fault.error.clone(), cause: fault.cause.clone() })
    }

    /// How long to wait before the next attempt; nothing if there is none.
    fn retry(&mut self, rules: &[Retrier], fault: &Fault) -> Option<SignedDuration> {
        let (position, retrier) = rules.iter().enumerate().find(|(_, rule)| applies(&rule.errors, fault))?;
        self.scope.tries.resize(rules.len(), 0);
        let chance = Chance::new(&self.started.seed, self.count.total());
        let tries = self.scope.tries.get_mut(position)?;
        if i64::from(*tries) >= retrier.attempts_max {
            return None;
        }
        let delay = delay(retrier, *tries, &chance);
        *tries += 1;
        self.scope.retry_count += 1;
        Some(delay)
    }

    fn catch(&mut self, state: &State, rules: &[Catcher], fault: &Fault, turn: &mut Turn<'_>) -> Option<Flow> {
        let catcher = rules.iter().find(|rule| applies(&rule.errors, fault))?;
        let caught = details([
            ("Error", Some(Value::from(fault.error.as_deref().unwrap_or_default()))),
            ("Cause", Some(Value::from(fault.cause.as_deref().unwrap_or_default()))),
        ]);
        let assigned = self.assign(state, catcher.assign.as_ref(), &caught);
        Some(match assigned.and_then(|()| merge(&catcher.result_path, &self.scope.input, caught)) {
            Ok(output) => self.leave(state, output, Then::State(catcher.next), turn),
            Err(fault) => {
                let fault = fault.while_executing(&state.name, self.scope.entered_event);
                Flow::Over(Outcome::Failed { error: fault.error, cause: fault.cause })
            }
        })
    }
}

/// The wait before attempt `tries + 1`: it grows by the backoff rate, up to a limit; jitter takes a random part of it.
fn delay(retrier: &Retrier, tries: u32, chance: &Chance<'_>) -> SignedDuration {
    let growth = retrier.backoff_rate.powf(f64::from(tries));
    #[allow(clippy::cast_precision_loss, reason = "no interval is longer than years")]
    let (interval, longest) =
        (retrier.interval_seconds as f64, retrier.delay_seconds_max.unwrap_or(crate::definition::SECONDS_MAX) as f64);
    let seconds = (interval * growth).min(longest);
    let part = if retrier.full_jitter { chance.fraction() } else { 1.0 };
    SignedDuration::try_from_secs_f64((seconds * part * 1_000.0).round() / 1_000.0).unwrap_or(SignedDuration::MAX)
}
