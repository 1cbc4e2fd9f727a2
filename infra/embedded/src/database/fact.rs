//! How facts are spelt in columns.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Error;

/// An instant as a column holds it: nanoseconds since 1970. What lies beyond the year 2262 counts as that year's end.
pub(crate) fn nanoseconds(instant: Timestamp) -> i64 {
    let exact = instant.as_nanosecond();
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// A count as a column holds it: `SQLite` has no unsigned numbers.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The instant that a column holds.
pub(crate) fn instant_of(nanoseconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).map_err(|e| Error::damaged("an instant", e))
}

/// A value as a column holds it.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::damaged("a value that was to be put", e))
}

/// The value that a column holds.
pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::damaged(what, e))
}
