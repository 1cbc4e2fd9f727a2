//! A definition: parsed once, checked, and shared by all its executions.

mod choice;
mod fan;
mod field;
mod resource;
mod retry;
mod state;
mod task;
#[cfg(test)]
mod tests;
mod view;
mod wait;
mod workflow;

use serde_json::Value;

pub(crate) use choice::Choice;
pub(crate) use fan::{Fan, Limit, Split};
pub(crate) use field::{Fields, below};
pub use resource::{Pattern, Resource, Services, SyncVersion};
pub(crate) use retry::{Catcher, Retrier, applies};
pub(crate) use state::{Fail, Kind, Pass, Reason, ResultPath, Sieve, State, Then};
pub(crate) use task::Task;
pub use view::{ChoiceView, StateKind, StateView, Transition, TransitionLabel};
pub(crate) use wait::{Seconds, Until, Wait};
use workflow::Library;
pub(crate) use workflow::Workflow;

use crate::flaw::{Flaw, FlawKind, Flaws};

/// A parsed and checked definition. Shared by `Arc`: an execution holds none of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The definition's own states are the last; before them those inside its states.
    pub(crate) workflows: Vec<Workflow>,
    /// How many seconds an execution may take.
    pub(crate) timeout_seconds: Option<i64>,
    comment: Option<String>,
}

/// Seconds in a hundred years: no time in a definition is longer.
pub(crate) const SECONDS_MAX: i64 = 99_999_999;

impl Definition {
    /// Parses a definition whose tasks are functions (`lambda:invoke`, and plain function ARNs).
    ///
    /// # Errors
    /// Every field that is wrong, or that this machine does not have, with its JSON pointer.
    pub fn parse(text: &str) -> Result<Self, Flaws> {
        let value = serde_json::from_str(text).map_err(|error| {
            Flaws(vec![Flaw::new(FlawKind::Schema, "", format!("the definition is not JSON: {error}"))])
        })?;
        Self::from_value(&value)
    }

    /// As [`Definition::parse`], from JSON that was read already.
    ///
    /// # Errors
    /// As [`Definition::parse`].
    pub fn from_value(value: &Value) -> Result<Self, Flaws> {
        Self::for_services(value, Services::Functions)
    }

    /// As [`Definition::from_value`], for a caller that performs tasks of these services.
    ///
    /// # Errors
    /// As [`Definition::parse`].
    pub fn for_services(value: &Value, services: Services) -> Result<Self, Flaws> {
        let mut flaws = Vec::new();
        let definition = read(value, services, &mut flaws);
        match definition {
            Some(definition) if flaws.is_empty() => Ok(definition),
            _ => Err(Flaws(flaws)),
        }
    }

    /// What the definition says about itself.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The name of the state that an execution begins with.
    pub fn start(&self) -> &str {
        let root = self.workflows.last();
        root.and_then(|root| root.state(root.start)).map_or("", |state| state.name.as_str())
    }

    pub(crate) fn state(&self, (workflow, place): (usize, usize)) -> Option<&State> {
        self.workflows.get(workflow)?.state(place)
    }

    /// Walks over the states by name: the definition's own, then those inside `Map` and `Parallel` states.
    pub fn states(&self) -> impl Iterator<Item = StateView<'_>> {
        let workflows = self.workflows.iter().rev();
        workflows.flat_map(|workflow| workflow.states.iter().map(move |state| StateView::new(state, workflow)))
    }
}

fn read(value: &Value, services: Services, flaws: &mut Vec<Flaw>) -> Option<Definition> {
    let mut fields = Fields::open(value, String::new(), flaws)?;
    let comment = fields.text("Comment").map(str::to_owned);
    query_language(&mut fields);
    if let Some(version) = fields.text("Version").filter(|version| *version != "1.0") {
        fields.flaw(FlawKind::Schema, "Version", format!("version '{version}' is not known; the version is 1.0"));
    }
    let timeout_seconds = fields.whole("TimeoutSeconds", (1, SECONDS_MAX));
    let mut library = Library { services, workflows: Vec::new() };
    let workflow = Workflow::read(&mut fields, &mut library);
    fields.finish();
    library.workflows.push(workflow?);
    Some(Definition { workflows: library.workflows, timeout_seconds, comment })
}

/// `JSONPath` may be said; it is what is meant anyway.
pub(crate) fn query_language(fields: &mut Fields<'_, '_>) {
    if fields.text("QueryLanguage").is_some_and(|language| language != "JSONPath") {
        fields.flaw(FlawKind::Unsupported, "QueryLanguage", "only the query language JSONPath is supported");
    }
}
