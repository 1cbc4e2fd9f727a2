//! The conditions of `Choice` rules.

mod read;
mod show;
mod test;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(crate) use read::read;
pub(crate) use test::{Against, Quality, Relation, Test};

use crate::evaluation::Surroundings;
use crate::fault::Fault;
use crate::path::Path;

/// When a rule applies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test(Path, Test),
}

impl Condition {
    /// Whether the condition holds; an error if it compares what is not there.
    pub(crate) fn holds(&self, input: &Value, around: &Surroundings<'_>) -> Result<bool, Fault> {
        match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(input, around)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(input, around)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => Ok(!part.holds(input, around)?),
            Self::Test(variable, test) => test.holds(variable, input, around),
        }
    }

    /// The values that the condition compares with.
    pub(crate) fn literals(&self) -> Vec<&Value> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::literals).collect(),
            Self::Not(part) => part.literals(),
            Self::Test(_, Test::Compare(_, Against::Literal(value))) => vec![value],
            Self::Test(..) => Vec::new(),
        }
    }
}
