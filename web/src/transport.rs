//! The way to the API: one document at a time, in process, on behalf of whoever looks.

use async_trait::async_trait;
use serde_json::Value;

/// One document of the schema and what it is to be run with.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The operation within the document.
    pub name: &'static str,
    /// The document.
    pub document: &'static str,
    /// The variables: an object, or null for none.
    pub variables: Value,
    /// Names the call, where a form was sent that may be sent twice: the same call once more changes nothing.
    pub call: Option<String>,
}

/// The beginning of a file that is being decided upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The path under which the file will leave.
    pub path: String,
    /// How large it is, in bytes.
    pub size: u64,
    /// The digest of all its bytes.
    pub digest: String,
    /// Its first bytes: as many as were asked for, or all.
    pub head: Vec<u8>,
}

/// Why a file is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct NotShown {
    /// What to tell the person.
    pub sentence: String,
}

/// The API.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Runs a document and answers what the API answers over HTTP: an object with `data`, `errors` or both.
    async fn execute(&self, operation: Operation) -> Value;

    /// The first bytes of a file of the current round, at most `at_most`. Each look is on the access log.
    async fn look(&self, request: &str, index: u32, at_most: usize) -> Result<Look, NotShown>;
}
