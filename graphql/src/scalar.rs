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
            Value::Number(number) => number.as_u64().filter(|number| *number <= LARGEST).map(Self),
            _ => None,
        }
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

fn not<T: async_graphql::InputType>(what: &str) -> InputValueError<T> {
    InputValueError::custom(format!("this is not {what}"))
}
