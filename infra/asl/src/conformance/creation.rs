use serde_json::{Value, json};

use super::case::{Case, WorkflowType};
use crate::{Definition, Flaw, FlawKind, Flaws, Pattern, Resource, Services};

/// Says whether the definition can be created; nothing if it asks for what the machine does not have.
pub(super) fn run(case: &Case) -> Option<Value> {
    let messages = match parse(case) {
        Err(flaws) if is_unsupported(&flaws) => return None,
        Err(flaws) => flaws.iter().map(|flaw| format!("{}: {flaw}", code(flaw))).collect(),
        Ok(definition) if case.workflow == WorkflowType::Express => express(&definition),
        Ok(_) => Vec::new(),
    };
    if messages.is_empty() {
        return Some(json!({"status": "CREATED"}));
    }
    let message = format!("Invalid State Machine Definition: '{}'", messages.join(", "));
    Some(json!({"status": "CREATION_ERROR", "error": "InvalidDefinition", "cause": message}))
}

/// Lists what is wrong with the definition; nothing if it asks for what the machine does not have.
pub(super) fn validate(case: &Case) -> Option<Value> {
    if case.definition_text.as_ref().is_some_and(|text| text.trim().is_empty()) {
        let message = "Definition must be a valid JSON object";
        let diagnostic = json!({"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": message});
        return Some(json!({"status": "FAIL", "diagnostics": [diagnostic]}));
    }
    match parse(case) {
        Ok(_) => Some(json!({"status": "OK", "diagnostics": []})),
        Err(flaws) if is_unsupported(&flaws) => None,
        Err(flaws) => {
            let diagnostics: Vec<_> = flaws.iter().map(diagnostic).collect();
            Some(json!({"status": "FAIL", "diagnostics": diagnostics}))
        }
    }
}

fn parse(case: &Case) -> Result<Definition, Flaws> {
    match &case.definition_text {
        Some(text) => Definition::parse(text),
        None => Definition::for_services(&case.definition, Services::All),
    }
}

fn is_unsupported(flaws: &Flaws) -> bool {
    flaws.iter().any(|flaw| flaw.kind == FlawKind::Unsupported)
}

fn diagnostic(flaw: &Flaw) -> Value {
    let location = if flaw.pointer.is_empty() { "/" } else { &flaw.pointer };
    json!({"severity": "ERROR", "code": code(flaw), "location": location, "message": flaw.message})
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
