//! Rows: attributes by name.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, Outcome};

/// The attributes of a row.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// A row, on its way into a table or out of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row(pub(crate) Attributes);

impl Row {
    /// A row of a table whose key is `id` and `sort`.
    pub(crate) fn new(id: impl Into<String>, sort: impl Into<String>) -> Self {
        Self::default().text("id", id).text("sort", sort)
    }

    pub(crate) fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), text(value));
        self
    }

    pub(crate) fn text_if(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(crate) fn number(mut self, name: &str, value: impl Into<u64>) -> Self {
        self.0.insert(name.to_owned(), number(value));
        self
    }

    /// Adds a value as JSON.
    pub(crate) fn json(self, name: &str, value: &impl Serialize) -> Outcome<Self> {
        Ok(self.text(name, to_json(value)?))
    }

    pub(crate) fn get(&self, name: &'static str) -> Outcome<&str> {
        self.find(name).ok_or_else(|| Failure::damaged(name, "the row has no such attribute"))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub(crate) fn count(&self, name: &'static str) -> Outcome<u64> {
        let value = self.0.get(name).and_then(|value| value.as_n().ok()).and_then(|value| value.parse().ok());
        value.ok_or_else(|| Failure::damaged(name, "the row has no such number"))
    }

    /// Reads a value that was written as JSON.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &'static str) -> Outcome<T> {
        serde_json::from_str(self.get(name)?).map_err(|error| Failure::damaged(name, error))
    }

    /// Reads a value that was written as text.
    pub(crate) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(&self, name: &'static str) -> Outcome<T> {
        self.get(name)?.parse().map_err(|error| Failure::damaged(name, error))
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// A value as it is stored.
pub(crate) fn to_json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| Failure::damaged("a value of ours", error))
}
