//! Identifiers of requests, runs and rounds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::text::BadText;

/// Names one request: the notice's UUID, or one of ours (version 7). It has one spelling, lower case with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(Uuid);

impl RequestId {
    /// Takes a UUID that the house made.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID inside.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl FromStr for RequestId {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let bad = || BadText::new("the request id", "is not a UUID of the form 8-4-4-4-12");
        if text.len() != 36 {
            return Err(bad());
        }
        Uuid::try_parse(text).map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl TryFrom<String> for RequestId {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        text.parse()
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> String {
        id.to_string()
    }
}

/// Counts the executions of the definition for one request, from 1.
pub type RunNumber = u32;

/// Counts the submissions of one request, from 1: a resubmission is the next round.
pub type RoundNumber = u32;

/// Names one run of one request towards an engine: `<request>-<run>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionName {
    /// The request that runs.
    pub request: RequestId,
    /// Which of its runs.
    pub run: RunNumber,
}

impl fmt::Display for ExecutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.request, self.run)
    }
}

impl FromStr for ExecutionName {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let bad = || BadText::new("the execution name", "is not of the form <request>-<run>");
        let (request, run) = text.rsplit_once('-').ok_or_else(bad)?;
        Ok(Self { request: request.parse()?, run: run.parse().map_err(|_| bad())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_has_one_spelling() {
        let id: RequestId = "5B0C3A1E-0F53-4F0E-8F0E-3D4B9A6C7E21".parse().unwrap();
        assert_eq!(id.to_string(), "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21");
        assert!("5b0c3a1e0f534f0e8f0e3d4b9a6c7e21".parse::<RequestId>().is_err());
        assert!("{5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21}".parse::<RequestId>().is_err());
    }

    #[test]
    fn an_execution_name_round_trips() {
        let name: ExecutionName = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21-12".parse().unwrap();
        assert_eq!(name.run, 12);
        assert_eq!(name.to_string().parse::<ExecutionName>().unwrap(), name);
    }
}
