use serde_json::{Value, json};

use super::case::{Case, WorkflowType};
use crate::{Definition, Flaw, FlawKind, Flaws, Pattern, Resource, Services};

/// Says whether the definition can be created; nothing if it asks for what the machine does not have.
pub(super) fn run(case: &Case) -> Option<Value> {
    let parsed = match &case.definition_text {
        Some(text) => Definition::parse(text),
        None => Definition::for_services(&case.definition, Services::All),
    };
    let messages = match parsed {
        Err(flaws) if flaws.iter().any(|flaw| flaw.kind == FlawKind::Unsupported) => return None,
        Err(flaws) => messages(&flaws),
        Ok(definition) if case.workflow == WorkflowType::Express => express(&definition),
        Ok(_) => Vec::new(),
    };
    if messages.is_empty() {
        return Some(json!({"status": "CREATED"}));
    }
    let message = format!("Invalid State Machine Definition: '{}'", messages.join(", "));
    Some(json!({"status": "CREATION_ERROR", "error": "InvalidDefinition", "cause": message}))
}

fn messages(flaws: &Flaws) -> Vec<String> {
    flaws.iter().map(|flaw| format!("{}: {flaw}", code(flaw))).collect()
}

fn code(flaw: &Flaw) -> &'static str {
    match flaw.kind {
        FlawKind::Transition => "MISSING_TRANSITION_TARGET",
        FlawKind::Schema | FlawKind::Unsupported => "SCHEMA_VALIDATION_FAILED",
    }
}

/// What a definition must not have if its executions live for minutes only.
fn express(definition: &Definition) -> Vec<String> {
    let message = |state: crate::StateView<'_>| {
        let what = match state.resource()? {
            Resource::Activity(_) => "Activity ARN",
            Resource::Service { pattern: Pattern::Finish(_), .. } => "'.sync' service integration",
            Resource::Service { pattern: Pattern::WaitForTaskToken, .. } => "'.waitForTaskToken' service integration ",
            _ => return None,
        };
        let code = "SCHEMA_VALIDATION_FAILED";
        let name = state.name();
        Some(format!("{code}: Express state machine does not support {what} at /States/{name}/Resource"))
    };
    definition.states().filter_map(message).collect()
}
