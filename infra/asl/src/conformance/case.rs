use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One case, without what is expected of it.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) definition: Value,
    pub(super) definition_text: Option<String>,
    #[serde(default)]
    pub(super) input: Value,
    pub(super) clock: Option<jiff::Timestamp>,
    #[serde(default, rename = "type")]
    pub(super) workflow: WorkflowType,
    #[serde(default)]
    pub(super) mocks: Mocks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Execution,
    Creation,
    Validate,
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum WorkflowType {
    #[default]
    Standard,
    Express,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Mocks {
    #[serde(default)]
    pub(super) states: BTreeMap<String, Vec<Call>>,
    #[serde(default)]
    pub(super) order_unsure: bool,
}

/// One recorded call of a task.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Call {
    pub(super) params: Option<Value>,
    pub(super) submitted: Option<Value>,
    pub(super) outcome: Answer,
}

/// What became of a call; nothing of all this: no answer came before the execution ended.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answer {
    #[serde(default, rename = "return", deserialize_with = "present")]
    pub(super) returned: Option<Value>,
    pub(super) error: Option<String>,
    pub(super) cause: Option<Value>,
    pub(super) phase: Option<String>,
    #[serde(default)]
    pub(super) timeout: bool,
    #[serde(default)]
    pub(super) pending: bool,
}

/// Tells a result of null from no result.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
