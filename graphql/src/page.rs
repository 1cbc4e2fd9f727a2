//! Pages: how much of a list is answered at once, and from where.

use async_graphql::SimpleObject;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::PAGE;
use crate::refused::Refused;

/// Where a page ends.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether there may be more.
    pub(crate) has_next_page: bool,
    /// What to pass as `after` for the next page; none if there is nothing more.
    pub(crate) end_cursor: Option<String>,
}

impl PageInfo {
    pub(crate) fn ending_at(cursor: Option<String>) -> Self {
        Self { has_next_page: cursor.is_some(), end_cursor: cursor }
    }
}

/// How many rows are asked for: from 1 to the most that a page has.
pub(crate) fn rows(first: i32) -> usize {
    usize::try_from(first.clamp(1, PAGE)).unwrap_or(1)
}

/// Writes a place in a list as a cursor.
pub(crate) fn encode(place: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// Reads a cursor that a page named.
pub(crate) fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(bad_cursor)
}

pub(crate) fn bad_cursor() -> Refused {
    Refused::input("after", "`after` is no cursor that a page of this list named; leave it out to begin anew")
}
