use serde_json::Value;

use crate::evaluation::{Surroundings, derive, fraction};

/// Takes a number as a whole one, rounding to the nearest.
#[allow(clippy::cast_possible_truncation, reason = "a float is saturated into range, as AWS's own long is")]
pub(super) fn integer(value: &Value) -> Result<i64, String> {
    let number = value.as_i64().or_else(|| value.as_f64().map(|number| (number + 0.5).floor() as i64));
    number.ok_or_else(|| format!("expected a number, but got {value}"))
}

pub(super) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    let sum = integer(left)?.checked_add(integer(right)?);
    sum.map(Value::from).ok_or_else(|| "the sum is out of range".to_owned())
}

/// A number from `start` up to, not including, `end`. The same seed argument gives the same number.
pub(super) fn random(
    start: &Value,
    end: &Value,
    seed: Option<&Value>,
    around: &Surroundings<'_>,
) -> Result<Value, String> {
    let (start, end) = (integer(start)?, integer(end)?);
    if start >= end {
        return Err("the start must be less than the end".to_owned());
    }
    let fraction = match seed {
        Some(seed) => fraction(&derive(&[0; 32], b"random", &integer(seed)?.to_be_bytes())),
        None => around.chance.fraction(),
    };
    Ok(Value::from(within(start, end, fraction)))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a random number need not be exact beyond 53 bits, only within its bounds"
)]
fn within(start: i64, end: i64, fraction: f64) -> i64 {
    let span = (i128::from(end) - i128::from(start)) as f64;
    start.saturating_add((span * fraction).floor() as i64).clamp(start, end - 1)
}
