//! The scalars that GraphQL does not bring.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::Timestamp;

/// An instant in RFC 3339, in UTC, as in `2026-03-03T15:41:31Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// An instant in RFC 3339, in UTC, as in `2026-03-03T15:41:31Z`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map(Self).map_err(|_| not("an RFC 3339 instant")),
            _ => Err(not("an RFC 3339 instant")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A whole number from 0 to 2^53 - 1: counts and sizes in bytes that outgrow `Int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Long(pub(crate) u64);

/// The largest number that every reader of JSON keeps exactly.
const LARGEST: u64 = (1 << 53) - 1;

/// A whole number from 0 to 2^53 - 1: counts and sizes in bytes that outgrow `Int`.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            _ => None,
        }
        .filter(|number| *number <= LARGEST)
        .map(Self)
        .ok_or_else(|| not("a whole number from 0 to 9007199254740991"))
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.min(LARGEST))
    }
}

impl From<u64> for Long {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// A whole number that came by a way that knows none past 2^31, and writes `5.0`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is what is asked for first")]
fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number);
    is_whole.then_some(number as u64)
}

fn not<T: async_graphql::InputType>(what: &str) -> InputValueError<T> {
    InputValueError::custom(format!("this is not {what}"))
}
