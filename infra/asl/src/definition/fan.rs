use serde_json::Value;

use super::retry::{Catcher, Retrier, catchers, retriers};
use super::state::{ResultPath, Then, assign, result_path, then};
use super::workflow::{Library, Names};
use super::{Fields, SECONDS_MAX, Workflow};
use crate::flaw::FlawKind;
use crate::path::Path;
use crate::template::Template;

/// A state that runs workflows inside it: `Parallel` and `Map`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fan {
    pub(crate) split: Split,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) assign: Option<Template>,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) then: Then,
}

/// What runs inside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Split {
    /// Each of these workflows once, with the same input.
    Branches { workflows: Vec<usize>, parameters: Option<Template> },
    /// One workflow for each item of a list.
    Items { workflow: usize, path: Option<Path>, selector: Option<Template>, limit: Limit },
}

/// How many items may be worked on at once; zero is no limit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Limit {
    Fixed(i64),
    Path(Path),
}

/// Reads the fields of a `Parallel` state.
pub(super) fn parallel(fields: &mut Fields<'_, '_>, names: &Names<'_>, library: &mut Library) -> Option<Fan> {
    if !fields.has("Branches") {
        fields.flaw(FlawKind::Schema, "", "These fields are required: [Branches]");
    }
    let list = fields.list("Branches");
    let pointer = fields.pointer("Branches");
    let mut workflows = Vec::new();
    for (position, value) in list.into_iter().flatten().enumerate() {
        workflows.extend(inner(fields, value, format!("{pointer}/{position}"), library));
    }
    if list.is_some_and(Vec::is_empty) {
        fields.flaw(FlawKind::Schema, "Branches", "Expected a list of at least one branch");
    }
    let parameters = fields.template("Parameters");
    let fan = rest(fields, names, Split::Branches { workflows, parameters })?;
    let complete =
        matches!(&fan.split, Split::Branches { workflows, .. } if Some(workflows.len()) == list.map(Vec::len));
    complete.then_some(fan)
}

/// Reads the fields of a `Map` state.
pub(super) fn map(fields: &mut Fields<'_, '_>, names: &Names<'_>, library: &mut Library) -> Option<Fan> {
    let field = if fields.has("Iterator") { "Iterator" } else { "ItemProcessor" };
    if !fields.has(field) {
        fields.flaw(FlawKind::Schema, "", "These fields are required: [ItemProcessor]");
    }
    let value = fields.value(field);
    let pointer = fields.pointer(field);
    let workflow = value.and_then(|value| inner(fields, value, pointer, library));
    let path = fields.path("ItemsPath");
    let selector = fields.template("ItemSelector").or_else(|| fields.template("Parameters"));
    let fixed = fields.whole("MaxConcurrency", (0, SECONDS_MAX)).map(Limit::Fixed);
    let limit = fixed.or(fields.reference("MaxConcurrencyPath").map(Limit::Path)).unwrap_or(Limit::Fixed(0));
    let fan = rest(fields, names, Split::Items { workflow: workflow.unwrap_or_default(), path, selector, limit });
    workflow.and(fan)
}

fn rest(fields: &mut Fields<'_, '_>, names: &Names<'_>, split: Split) -> Option<Fan> {
    let result_selector = fields.template("ResultSelector");
    let result_path = result_path(fields);
    let assign = assign(fields);
    let retry = retriers(fields);
    let catch = catchers(fields, names);
    let then = then(fields, names);
    Some(Fan { split, result_selector, result_path: result_path?, assign, retry: retry?, catch: catch?, then: then? })
}

/// Reads a workflow inside a state, and says where the definition keeps it.
fn inner(fields: &mut Fields<'_, '_>, value: &Value, pointer: String, library: &mut Library) -> Option<usize> {
    let mut inner = Fields::open(value, pointer, fields.flaws)?;
    inner.text("Comment");
    super::query_language(&mut inner);
    processor(&mut inner);
    let workflow = Workflow::read(&mut inner, library);
    inner.finish();
    library.workflows.push(workflow?);
    Some(library.workflows.len() - 1)
}

/// `ProcessorConfig`: items run inside this execution, not as executions of their own.
fn processor(fields: &mut Fields<'_, '_>) {
    let Some(config) = fields.value("ProcessorConfig") else { return };
    let pointer = fields.pointer("ProcessorConfig");
    let Some(mut config) = Fields::open(config, pointer, fields.flaws) else { return };
    if config.text("Mode").is_some_and(|mode| mode != "INLINE") {
        config.flaw(FlawKind::Unsupported, "Mode", "distributed maps are not supported; use the mode INLINE");
    }
    config.text("ExecutionType");
    config.finish();
}
