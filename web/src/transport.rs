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

/// The API.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Runs a document and answers what the API answers over HTTP: an object with `data`, `errors` or both.
    async fn execute(&self, operation: Operation) -> Value;
}
